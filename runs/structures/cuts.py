"""Cuts through a tubule, to look inside or to take less of it.  Lengths in nm, angles in degrees.

A cut is a text, a name and numbers after colons: `z:0:5`.  It becomes a function of where sites are; several cuts
leave what all of them leave.  The origin is that of the case: the middle of the cross-section, at the root.
"""

from math import inf

import numpy as np

from coble.models.tubules.tubule import NM
from coble.render.meant import near

SLAB_NM = 1.0
SHELL_NM = 0.5  # to either side of a bore's edge
QUARTER = (90.0, 360.0)  # what is left when a quarter is taken out

CUTS = {
    "x:A:B": "from A to B across the tubule; either may be left out",
    "y:A:B": "the same along the other direction across it",
    "z:A:B": "from A to B along the axis, the root at 0",
    "slab[:T]": f"|y| < T/2, a slice along the axis; alone, T = {SLAB_NM:g}",
    "wedge[:A:B]": "azimuth from A to B degrees; alone, 90:360, takes a quarter out",
    "shell[:A:B]": f"A to B away from the axis of the nearest bore; alone, its edge ± {SHELL_NM:g}",
}


HOW_MANY = {"slab": (0, 1), "wedge": (0, 2), "shell": (0, 2)}  # numbers; else two
ENDS = {"wedge": (0.0, 360.0)}  # where A or B is left out; else there is none


def cut_of(text):
    """The cut that a text describes.

    Parameters
    ----------
    text : str
        One of `CUTS`.

    Returns
    -------
    callable (sites) -> bool array (n,)
        Which of them the cut leaves; `sites` has `positions` [Å], `cell` and `shape`, as a `Lattice` has.

    Raises
    ------
    ValueError
        For another name, or other numbers than the name asks for.
    """
    name, *words = text.split(":")
    forms = {form.partition("[")[0].partition(":")[0]: form for form in CUTS}
    if name not in forms:
        close = near(name, forms)
        advice = f"did you mean '{forms[close]}'?" if close else f"there are {', '.join(CUTS)}"
        raise ValueError(f"cut {text!r}: unknown, {advice}")
    given = ((), (0.0,), ENDS.get(name, (-inf, inf)))[min(len(words), 2)]
    try:
        numbers = [float(word) if word else end for word, end in zip(words, given, strict=True)]
    except ValueError:
        numbers = [np.nan]
    if len(words) not in HOW_MANY.get(name, (2,)) or np.isnan(numbers).any():
        raise ValueError(f"cut {text!r}: must be {forms[name]}, with numbers for A, B and T")
    if len(numbers) == 2 and not numbers[0] < numbers[1] or name == "slab" and numbers and not numbers[0] > 0:
        raise ValueError(f"cut {text!r}: would leave nothing")
    if name in "xyz":
        return lambda sites: _between(_points_nm(sites)[:, "xyz".index(name)], *numbers)
    return {"slab": _slab, "wedge": _wedge, "shell": _shell}[name](*numbers)


def _points_nm(sites):
    return sites.positions / NM


def _between(values, low, high):
    return (values >= low) & (values < high)


def _slab(thickness=SLAB_NM):
    return lambda sites: np.abs(_points_nm(sites)[:, 1]) < thickness / 2


def _wedge(low=QUARTER[0], high=QUARTER[1]):
    def leaves(sites):
        x, y, _ = _points_nm(sites).T
        return (np.degrees(np.arctan2(y, x)) - low) % 360 < high - low

    return leaves


def _shell(low=None, high=None):
    def leaves(sites):
        if sites.shape is None:
            raise ValueError("cut 'shell': must be another: a structure of your own has no bore")
        edge = sites.shape.inner_width / 2 / NM
        ends = (edge - SHELL_NM, edge + SHELL_NM) if high is None else (low, high)
        return _between(off_axis_nm(sites), *ends)

    return leaves


def off_axis_nm(sites):
    """Distance of every site from the axis of the nearest bore [nm], periodic images of the bores included."""
    apart = sites.positions[:, None, :2] - np.array(sites.shape.centres)
    box = sites.cell[:2]
    apart -= box * np.rint(apart / np.where(box > 0, box, 1.0))
    return np.linalg.norm(apart, axis=2).min(axis=1) / NM
