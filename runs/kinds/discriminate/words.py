"""The verdict in words, made from the content of result.json alone."""

from coble.kmc.estimates.measure import INTERRUPTED
from coble.render.names import LABELS, phrase
from coble.render.numbers import listed


def headline(content):
    """The verdict in one sentence."""
    walls = content["walls"]
    if not walls:
        return "Interrupted before anything was measured."
    if len(walls) == 1:
        return walls[0]["verdict"]["sentence"]
    names = {}
    for wall in walls:
        names.setdefault(wall["verdict"]["dominant"], []).append(wall["name"])
    undecided = names.pop(None, [])
    parts = [f"{phrase(path)} in {listed(found)}" for path, found in names.items()]
    ranged = ", at the stated numbers" if any(wall.get("knowledge") for wall in walls) else ""
    if not parts:
        return f"Undecided: no path carries more than half of the current in {listed(undecided)}{ranged}."
    said = f"Most of the current is carried by {', by '.join(parts)}{ranged}."
    return said + (f" {listed(undecided)} {'is' if len(undecided) == 1 else 'are'} undecided." if undecided else "")


def sentences(content):
    """The verdict of every wall, where there are several."""
    return [wall["verdict"]["sentence"] for wall in content["walls"]] if len(content["walls"]) > 1 else []


def unreached(content):
    """Walls that were not begun, the accuracy that a wall has not, and its paths that were not switched off."""
    walls, settings = content["walls"], content["provenance"]["settings"]
    for wall in walls:
        if wall["run"]["reason"] == INTERRUPTED:
            yield f"{wall['name']}: the requested accuracy"
        left = [LABELS[path] for path, found in wall["paths"].items() if found["lost_if_off"] is None]
        if left and len(wall["paths"]) > 1 and not settings.get("quick"):
            yield f"{wall['name']}: a run without {listed(left)}"
    for wall in content["provenance"]["case"].get("wall", [])[len(walls) :]:
        yield f"wall {wall['name']}"
