"""Checks of what is known of a wall, made from the content of result.json alone."""

from coble.render.lights import AMBER, compared, stated
from coble.render.numbers import rounded

LARGEST_ERROR = 0.01  # of a share that is interpolated; the probabilities then move by about as much


def checks_of_knowledge(name, wall):
    """Yields `Check`; none without knowledge.

    Parameters
    ----------
    name : str
    wall : dict
        One of `walls` in result.json.
    """
    known = wall.get("knowledge")
    if not known:
        return
    total = sum(known["probability"].values())
    yield stated(f"{name}: probabilities over the prior sum to 1", abs(total - 1) < 1e-6, f"{total:.9g}")
    error = known["interpolation_error"]
    said = f"at most {rounded(100 * error, 1)} % of the current"
    yield stated(f"{name}: shares over the prior need no further solve", error < LARGEST_ERROR, said, AMBER)
    if found := known["checked"]:
        n, rms = found["points"], found["rms_z"]
        what = f"{name}: shares at points of the prior, root mean square of {n}"
        yield compared(what, {"value": rms, "stderr": (2 * n) ** -0.5}, 1.0, "σ")
