"""How a page shows the atoms of metal that grows or shrinks."""

import numpy as np

from coble.kinds.kind import AtomsView

BEYOND_NM = 2.0  # of the tip: farther ahead there are only atoms of the channel in equilibrium


def cuts(content):
    """The part of the tubule that the metal has reached, a half of it, and ever thinner slices; at last its end."""
    width, end = content["provenance"]["case"]["tubule"]["inner_width_nm"], _end_nm(content)
    until = [f"z::{end:g}"] if end else []
    yield [*until, "y:0:"]
    for thickness in (width / 2, width / 4, 1.0, 0.5):
        yield [*until, f"slab:{thickness:g}"]
    tip = _farthest_nm(content)
    for length in (20.0, 10.0, 5.0):  # round where the metal ends
        yield [f"z:{max(tip - length, 0):.4g}:{tip + BEYOND_NM:.4g}", "slab:0.5"]


def _farthest_nm(content):
    """The farthest that the tip was [nm]."""
    return max(content["series"]["front_nm"])


def _end_nm(content):
    """Where to cut the tubule: a little beyond the farthest tip; None when metal may be outside of it."""
    growth = content["provenance"]["case"]["growth"]
    return None if growth["space_nm"] else float(f"{_farthest_nm(content) + BEYOND_NM:.3g}")


def label(content, structure, number):
    """When a frame was taken, and where the tip was."""
    time, series = structure.times_s[number], content["series"]
    front = np.interp(time, series["time_s"], series["front_nm"])
    return f"frame {number}, t = {time * 1e6:.3g} µs, tip at {front:.1f} nm"


def view():
    """The `AtomsView` of growth."""
    return AtomsView(cuts, label, True, lambda content: content["run"]["sites"])
