"""Axial positions as whole multiples of one unit: planes of a crystal found again through the noise of a file.

First a grid is looked for on which all planes lie, exactly and then less and less so.  Where there is none, as in a
disordered structure, the period is cut into very many parts.
"""

from dataclasses import dataclass

import numpy as np

SAME_PLANE_A = 1e-3  # planes closer than this are one
TOLERANCES_A = (1e-10, 1e-8, 1e-6, 1e-4, SAME_PLANE_A)  # of a grid; noise of arithmetic, of files, of relaxations
COARSE = 30  # a grid says something only where its unit is so many tolerances long
MOST_PARTS = 20_000  # of one repeat of a grid
MOST_PLANES = 20_000
FIRST = 8  # planes that rule out most grids
SMOOTH = 720_720  # = lcm(1, …, 16): repeats, halves and thirds of a cell are whole numbers of its parts


@dataclass(frozen=True)
class Heights:
    """Heights in whole units.

    Attributes
    ----------
    height : int64 array (n_site,)
        In [0, n_unit).
    cells : int64 array (n_site,)
        Periods by which each site was moved down to get there.
    n_unit : int
        Units in a period.
    offset : float
        Height of zero [Å].
    """

    height: np.ndarray
    cells: np.ndarray
    n_unit: int
    offset: float


def whole_heights(z: np.ndarray, length: float, finest: float = 1e-4) -> Heights:
    """Heights as whole multiples of a unit that divides the period.

    Parameters
    ----------
    z : float array (n_site,)
        Heights [Å], of any cell.
    length : float
        Period [Å].
    finest : float
        Longest unit [Å] where the planes lie on no grid.
    """
    folded = z % length
    folded[folded >= length] = 0.0
    ordered = np.sort(folded)
    widest = int(np.argmax(np.diff(ordered, append=ordered[0] + length))) + 1  # a plane may lie across the period
    ordered = np.concatenate([ordered[widest:], ordered[:widest] + length])
    for tolerance in TOLERANCES_A:
        planes = _planes(ordered, tolerance)
        if len(planes) <= MOST_PLANES and (grid := _grid(planes, length, tolerance)):
            n_unit, offset = grid
            return _counted((z - offset) * (n_unit / length), n_unit, offset)
    planes = np.sort(planes % length)
    n_unit = SMOOTH * int(np.ceil(length / finest / SMOOTH)) if finest <= 1e-4 else int(np.ceil(length / finest))
    at = np.searchsorted(planes, folded)
    below, above = planes[at - 1], planes[at % len(planes)]
    away_below, away_above = np.abs(_nearest(folded - below, length)), np.abs(_nearest(above - folded, length))
    plane = np.where(away_below < away_above, below, above)
    return _counted((z - _nearest(z - plane, length)) * (n_unit / length), n_unit, 0.0)


def _nearest(difference, length):
    return difference - length * np.round(difference / length)


def _counted(parts, n_unit, offset):
    whole = np.rint(parts).astype(np.int64)
    cells = whole // n_unit
    return Heights(whole - cells * n_unit, cells, n_unit, float(offset))


def _planes(ordered, tolerance):
    """Middles of the planes in ascending heights; heights that follow each other without a gap are no plane."""
    first = np.concatenate([[True], np.diff(ordered) > tolerance])
    start = np.flatnonzero(first)
    count = np.diff(start, append=len(ordered))
    span = ordered[start + count - 1] - ordered[start]
    middle = np.add.reduceat(ordered, start) / count
    flat = span <= tolerance
    if flat.all():
        return middle
    loose = ordered[~flat[np.cumsum(first) - 1]]
    return np.sort(np.concatenate([middle[flat], loose]))


def _grid(planes, length, tolerance):
    """Units in a period and height of zero [Å] of the coarsest grid that all planes lie on, or None."""
    repeats = 1
    for number in range(len(planes), 1, -1):
        if len(planes) % number == 0:
            again = planes.reshape(number, -1) - np.arange(number)[:, None] * (length / number)
            if np.ptp(again, axis=0).max() <= 2 * tolerance:
                planes, length, repeats = again.mean(axis=0), length / number, number
                break
    parts = np.arange(1, max(2, min(MOST_PARTS, int(length / COARSE / tolerance)) + 1))
    allowed = 2 * tolerance * parts / length
    few = _misses(planes[:FIRST], parts[:, None], length)
    for k in np.flatnonzero(np.ptp(few, axis=1) <= allowed):
        misses = _misses(planes, parts[k], length)
        if np.ptp(misses) <= allowed[k]:
            unit = length / parts[k]
            offset = planes[0] + unit * misses.mean()
            offset -= unit * np.round(offset / unit)
            return repeats * int(parts[k]), 0.0 if abs(offset) <= tolerance else offset
    return None


def _misses(planes, parts, length):
    """How far planes lie from a grid that starts at the first of them, in its units."""
    along = (planes - planes[0]) * (parts / length)
    return along - np.round(along)
