"""What rate control says in words, made from the content of result.json alone."""

from coble.models.tubules.freezing import frozen
from coble.render.names import first_of, shape_name
from coble.render.numbers import listed, with_error

LEAST = 0.05  # coefficient of a class that is named


def headline(content):
    """The classes of hops that control the first result."""
    what, by_class = next(iter(content["control"].items()))
    there = [(name, each) for name, each in by_class.items() if each["value"] is not None]
    counts = [(n, e) for n, e in there if abs(e["value"]) > max(LEAST, 2 * (e["stderr"] or 0))]
    parts = [
        f"{name.replace('-', '–')} ({with_error(each) if each['stderr'] else format(each['value'], '+.2f')})"
        for name, each in sorted(counts, key=lambda x: -abs(x[1]["value"]))
    ]
    if not parts:
        return f"No class of hops controls the {what} beyond the errors."
    return f"Degree of rate control: the {what} is controlled by hops of {listed(parts)}."


def sentences(content):
    """Whose rates these are: the first wall of the case, and its tubule."""
    case = content["provenance"]["case"]
    if "tubule" in case:
        tubule, name = case["tubule"], case["wall"][0]["name"]
        sizes = f"W = {tubule['inner_width_nm']:g} nm, w = {tubule['wall_thickness_nm']:g} nm"
        walls = [wall["name"] for wall in case["wall"]]
        said = f"Case: wall {name}; {shape_name(tubule['shape'])}, {sizes}; {case['conditions']['temperature_K']:g} K."
        yield said + first_of(walls).replace("  ", " ")


def unreached(content):
    """Classes of hops whose rates were not varied."""
    if missing := content.get("not_reached"):
        yield f"hops of {listed(missing)}"


def accelerated(content):
    """What was made faster than hop by hop."""
    if not content["settings"]:
        return "Nothing was simulated hop by hop."
    ahead_nm = content["provenance"]["case"].get("growth", {}).get("ahead_nm")
    return frozen(ahead_nm) if ahead_nm else "Nothing: every hop was simulated, none rejected."
