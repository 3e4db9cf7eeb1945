"""Checks of a design, made from the content of result.json alone."""

from coble.render.lights import compared


def checks(content):
    """What sampled tubules hold is what the integral over them says; they are the same for all walls."""
    if not content["walls"]:
        return
    both = [(wall["matrix"]["sampled"]["state_of_charge"], wall["matrix"]) for wall in content["walls"]]
    mean = {part: _mean([sampled[part] for sampled, _ in both]) for part in ("value", "stderr")}
    expected = sum(matrix["state_of_charge"] for _, matrix in both) / len(both)
    yield compared("state of charge of the sampled tubules against the integral over them", mean, expected)


def _mean(values):
    return None if None in values else sum(values) / len(values)
