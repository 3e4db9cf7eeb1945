"""Which sites are neighbours: bonds by cut-off or from a list, each with the periodic cells that it crosses.

A bond (i, j, shift) joins site i to the image of site j that lies `shift` cells on.  It stands once, in the direction
whose shift is positive (the first that is not zero), or else from the lower number to the higher.  So a site may be
bound to its own image, and two bonds may join the same sites through different images.
"""

from itertools import product

import numpy as np
import scipy  # its parts are imported when they are used: this one takes a tenth of a second

from coble.lattices.graph.packing import AT_ONCE

OVERLAP_A = 0.5  # sites closer than this are one site twice
TIE_A = 1e-6  # bonds this much longer than the cut-off count, so that equal bonds fare alike
MOST_EDGES = 1 << 32
MOST_CELLS = 127  # that a bond may cross
NAMED = 5  # sites that a message names


def pairs_within(positions, cell, periodic, reach):
    """All pairs of sites closer than `reach`, every image apart.

    Parameters
    ----------
    positions : float array (n_site, 3)
        [Å], in any cell.
    cell : float array (3, 3)
        Vectors as rows [Å]; of any length where it is open, but of non-zero volume.
    periodic : bool array (3,)
    reach : float
        [Å].

    Returns
    -------
    source, target : int array (n_bond,)
    shift : int8 array (n_bond, 3)
    distance : float array (n_bond,)
        [Å].

    Raises
    ------
    ValueError
        For more than 2^32 edges, or positions so far apart that a bond crosses more than 127 cells.
    """
    n_site = len(positions)
    inverse = np.linalg.inv(cell)
    volume = abs(np.linalg.det(cell))
    if periodic.all() and n_site * (n_site / volume) * 4.18879 * reach**3 > MOST_EDGES:
        raise ValueError(f"a cut-off of {reach:g} Å gives more than {MOST_EDGES:,} edges")
    part = positions @ inverse
    home = np.where(periodic, np.floor(part), 0.0)
    part -= home
    margin = reach * np.linalg.norm(inverse, axis=0)
    images = np.where(periodic, np.ceil(margin), 0).astype(int)
    points, number, crossed = [positions - home @ cell], [np.arange(n_site)], [np.zeros((n_site, 3), dtype=np.int16)]
    for shift in product(*(range(-k, k + 1) for k in images)):
        if shift > (0, 0, 0):
            moved = part + shift
            near = np.flatnonzero((~periodic | ((moved >= -margin) & (moved <= 1 + margin))).all(axis=1))
            points.append(points[0][near] + np.asarray(shift) @ cell)
            number.append(near)
            crossed.append(np.broadcast_to(np.array(shift, dtype=np.int16), (len(near), 3)))
    points, number, crossed = map(np.concatenate, (points, number, crossed))
    pairs = scipy.spatial.cKDTree(points).query_pairs(reach, output_type="ndarray")
    pairs = pairs[pairs[:, 0] < n_site]  # the rest are pairs of images
    source, there = pairs[:, 0].copy(), pairs[:, 1].copy()
    del pairs
    distance = np.empty(len(source))
    for low in range(0, len(source), AT_ONCE):
        some = slice(low, low + AT_ONCE)
        distance[some] = np.linalg.norm(points[there[some]] - points[source[some]], axis=1)
    target = number[there]
    shift = crossed[there]
    if home.any():
        home = home.astype(np.int64)
        shift = shift - home[target] + home[source]
    if np.abs(shift).max(initial=0) > MOST_CELLS:
        raise ValueError(f"a bond crosses more than {MOST_CELLS} cells: fold the sites into one cell first")
    return source, target, shift.astype(np.int8), distance


def cutoffs(cutoff, atoms, region, regions):
    """What a cut-off means.

    Parameters
    ----------
    cutoff : float, dict or "natural"
        As in `Lattice.from_atoms`.
    atoms : ase.Atoms
        The sites.
    region : int array (n_site,)
    regions : tuple of str

    Returns
    -------
    reach : float
        The longest bond [Å].
    longest : callable
        From arrays of sources and targets to the longest bond that each pair may have [Å].

    Raises
    ------
    ValueError
        For an unknown region, a pair of regions twice, or a cut-off that is no positive number.
    """
    if isinstance(cutoff, str):
        if cutoff != "natural":
            raise ValueError(
                f"cutoff: {cutoff!r} is none; give a number [Å], a number per pair of regions, or 'natural'"
            )
        from ase.neighborlist import natural_cutoffs

        radius = np.array(natural_cutoffs(atoms))
        return 2 * float(radius.max()), lambda i, j: radius[i] + radius[j]
    if not isinstance(cutoff, dict):
        reach = _positive(cutoff, "cutoff")
        return reach, lambda i, j: reach
    table = np.full((len(regions), len(regions)), -1.0)
    for pair, value in cutoff.items():
        a, b = _pair(pair, regions)
        if table[a, b] >= 0:
            raise ValueError(f"cutoff: the pair {regions[a]}-{regions[b]} stands twice")
        table[a, b] = table[b, a] = _positive(value, f"cutoff of {pair}")
    if not cutoff:
        raise ValueError("cutoff: give at least one pair of regions")
    return float(table.max()), lambda i, j: table[region[i], region[j]]


def _positive(value, what):
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if isinstance(value, bool) or not 0 < number < np.inf:
        raise ValueError(f"{what}: a positive length [Å], got {value!r}")
    return number


def _pair(pair, regions):
    """Indices of two regions, from "a-b" or ("a", "b"); a name may itself hold a hyphen."""
    if isinstance(pair, str):
        words = pair.split("-")
        ways = [("-".join(words[:k]), "-".join(words[k:])) for k in range(1, len(words))]
    else:
        ways = [tuple(map(str, pair))]
    for way in ways:
        if len(way) == 2 and all(name in regions for name in way):
            return regions.index(way[0]), regions.index(way[1])
    unknown = [name for name in (ways[0] if ways else (pair,)) if name not in regions]
    said = f"no region is called {unknown[0]!r}" if ways and len(ways[0]) == 2 and unknown else "not two regions a-b"
    raise ValueError(f"cutoff {pair!r}: {said}; regions are {', '.join(regions)}")


def listed(bonds, n_site, periodic):
    """A list of bonds as arrays, checked.

    Parameters
    ----------
    bonds : sequence of (int, int, (int, int, int)), or int array (n_bond, 5)
        Each bond once.
    n_site : int
    periodic : bool array (3,)

    Returns
    -------
    source, target : int array (n_bond,)
    shift : int8 array (n_bond, 3)

    Raises
    ------
    ValueError
        For a bond that is none, a site out of range, a bond across an open side, and a pair that stands twice.
    """
    rows = _rows(bonds)
    for column in (0, 1):
        wrong = np.flatnonzero((rows[:, column] < 0) | (rows[:, column] >= n_site))
        if len(wrong):
            site = rows[wrong[0], column]
            raise ValueError(f"bond {wrong[0]}: site {site} does not exist; sites are 0 to {n_site - 1}")
    source, target, shift = rows[:, 0], rows[:, 1], rows[:, 2:]
    wrong = np.flatnonzero((np.abs(shift) > MOST_CELLS).any(axis=1))
    if len(wrong):
        raise ValueError(f"bond {wrong[0]}: it crosses more than {MOST_CELLS} cells")
    wrong = np.flatnonzero((shift[:, ~periodic] != 0).any(axis=1))
    if len(wrong):
        raise ValueError(f"bond {wrong[0]}: it crosses a side of the cell that is open")
    wrong = np.flatnonzero((source == target) & ~shift.any(axis=1))
    if len(wrong):
        raise ValueError(f"bond {wrong[0]}: site {source[wrong[0]]} is bound to itself in the same cell")
    once = rows.copy()
    sign = np.sign(shift[:, 0])
    for k in (1, 2):
        sign = np.where(sign == 0, np.sign(shift[:, k]), sign)
    back = np.where(sign == 0, source > target, sign < 0)
    once[back] = np.column_stack([target[back], source[back], -shift[back]])
    order = np.lexsort(once.T)
    same = np.flatnonzero((once[order[1:]] == once[order[:-1]]).all(axis=1))
    if len(same):
        a, b = sorted(order[same[0] : same[0] + 2].tolist())
        i, j, *cells = once[a].tolist()
        raise ValueError(
            f"bonds {a} and {b} are the same, sites {i} and {j} with shift {tuple(cells)}: "
            "give each bond once, in one direction"
        )
    return once[:, 0], once[:, 1], once[:, 2:].astype(np.int8)


def _rows(bonds):
    """Bonds as integers, one a row."""
    if not isinstance(bonds, np.ndarray):
        bonds = list(bonds)
        for number, bond in enumerate(bonds):
            if len(bond) != 5 and not (len(bond) == 3 and np.size(bond[2]) == 3):
                raise ValueError(f"bond {number}: (site, site, (cells along a, b, c)) is wanted, got {bond!r}")
        bonds = np.array([bond if len(bond) == 5 else (bond[0], bond[1], *bond[2]) for bond in bonds]).reshape(-1, 5)
    if bonds.ndim != 2 or bonds.shape[1] != 5:
        raise ValueError(f"bonds: an array of shape (n_bond, 5) is wanted, got {bonds.shape}")
    whole = np.asarray(bonds, dtype=float)
    wrong = np.flatnonzero((whole != np.round(whole)).any(axis=1))
    if len(wrong):
        raise ValueError(f"bond {wrong[0]}: sites and shifts are whole numbers, got {whole[wrong[0]].tolist()}")
    return whole.astype(np.int64)


def refuse_overlaps(source, target, distance):
    """Raise ValueError for two sites in one place."""
    close = np.flatnonzero(distance < OVERLAP_A)
    if len(close):
        at = close[np.argmin(distance[close])]
        more = f"; so do {len(close) - 1} more pairs" if len(close) > 1 else ""
        pair = f"sites {source[at]} and {target[at]} overlap"
        if source[at] == target[at]:
            pair = f"site {source[at]} overlaps with its own periodic image"
        raise ValueError(f"{pair}: they are {distance[at]:.3g} Å apart, less than {OVERLAP_A} Å{more}")


def refuse_isolated(degree):
    """Raise ValueError for sites without a bond; `degree` is an int array (n_site,)."""
    alone = np.flatnonzero(degree == 0)
    if len(alone):
        which = ", ".join(map(str, alone[:NAMED])) + (", …" if len(alone) > NAMED else "")
        some = f"site {which} has no bond" if len(alone) == 1 else f"{len(alone)} sites have no bond ({which})"
        raise ValueError(f"{some}: bonds must be longer, or these sites left out")


def directed(source, target, shift, n_site):
    """Both directions of every bond, sorted by source and then target: source, target, shift."""
    shift = np.concatenate([shift, -shift])
    source, target = np.concatenate([source, target]), np.concatenate([target, source])
    order = np.argsort(source * n_site + target, kind="stable")
    return source[order], target[order], shift[order]
