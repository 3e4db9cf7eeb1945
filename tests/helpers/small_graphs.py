"""Small site graphs, made from plain lists and plain numpy."""

from itertools import product

import numpy as np

from coble.lattices import Lattice, Region, bcc, build_box
from coble.lattices.graph.packing import pack, starts

# Neighbour vectors, one of each pair ±, in the units in which the sites below are whole numbers.
NEIGHBOURS = {
    "sc": [(1, 0, 0), (0, 1, 0), (0, 0, 1)],
    "square": [(0, 1, 0), (0, 0, 1)],
    "fcc": [(1, 1, 0), (1, -1, 0), (1, 0, 1), (1, 0, -1), (0, 1, 1), (0, 1, -1)],
}


def graph_of(n_site, bonds, *, kind=None, positions=None, cell=None, steps=None, unit=1.0):
    """A graph from undirected bonds.

    Parameters
    ----------
    bonds : list of (site, site, class) or (site, site, step)
        The step class of the bond walked forward when `steps` is given, else the axial step itself.
    steps : list of int, optional
        Axial step of each class; default: the steps found among the bonds, both ways.
    positions, cell : arrays, optional
        Where the sites are; the default fits no step, and an axial period of one site per unit.
    unit : float
        Of which every axial position is a whole multiple.
    """
    bonds = np.asarray(bonds, dtype=np.int64).reshape(-1, 3)
    if steps is None:
        steps = np.unique(np.concatenate([bonds[:, 2], -bonds[:, 2]]))
        bonds = np.column_stack([bonds[:, :2], np.searchsorted(steps, bonds[:, 2])])
    last = len(steps) - 1
    source = np.concatenate([bonds[:, 0], bonds[:, 1]])
    order = np.argsort(source, kind="stable")
    degree = np.bincount(source, minlength=n_site)
    positions = np.zeros((n_site, 3)) if positions is None else np.asarray(positions, dtype=float).reshape(-1, 3)
    return Lattice(
        xy=positions[:, :2],
        column=np.arange(n_site),
        height=np.rint(positions[:, 2] / unit).astype(np.int64),
        region=np.asarray(np.zeros(n_site) if kind is None else kind, dtype=np.uint8),
        bore=np.zeros(n_site, dtype=np.int8),
        indptr=starts(degree),
        edge=pack(
            np.concatenate([bonds[:, 1], bonds[:, 0]])[order],
            np.concatenate([bonds[:, 2], last - bonds[:, 2]])[order],
        ),
        steps=np.asarray(steps, dtype=np.int64),
        unit=unit,
        cell=np.array([0.0, 0.0, float(n_site)]) if cell is None else np.asarray(cell, dtype=float),
    )


def along_axis(n):
    """Positions of n sites one apart on the axis."""
    return np.column_stack([np.zeros(n), np.zeros(n), np.arange(n)])


def chain(n, kind=None):
    """n sites in a row, open at both ends."""
    return graph_of(n, [(i, i + 1, 1) for i in range(n - 1)], kind=kind, positions=along_axis(n))


def ring(n, kind=None):
    """n sites in a row, periodic along the axis; two sites are joined by two bonds."""
    return graph_of(n, [(i, (i + 1) % n, 1) for i in range(n)], kind=kind, positions=along_axis(n))


def ladder(n, left=Region.INTERFACE, right=Region.BULK, rungs=None):
    """Two rings of n sites, each of its own kind, joined by n level rungs unless `rungs` are given."""
    bonds = [(side * n + i, side * n + (i + 1) % n, 1) for side in range(2) for i in range(n)]
    bonds += [(i, n + i, 0) for i in range(n)] if rungs is None else rungs
    positions = np.concatenate([along_axis(n), along_axis(n) + [1, 0, 0]])
    return graph_of(2 * n, bonds, kind=[left] * n + [right] * n, positions=positions, cell=[0, 0, n])


def slanted_ladder():
    """Two rings of four joined by two slanted rungs, one each way, so that they carry current in a field."""
    return ladder(4, rungs=[(0, 5, 1), (6, 3, 1)])


def box(lattice, n, axis="100"):
    """n³ cubic cells of a lattice (n² squares), periodic in all directions, every site BULK.

    bcc is built by `lattices`, with the tube axis `axis`; sc, fcc and square are built here, axis [100].
    """
    if lattice == "bcc":
        return build_box(bcc(2.0, axis), (n, n, n))
    if lattice == "fcc":  # whole numbers are half edges of the cubic cell
        sites = np.array([s for s in product(range(2 * n), repeat=3) if sum(s) % 2 == 0])
        period = np.array([2 * n] * 3)
    else:
        period = np.array([1 if lattice == "square" else n, n, n])
        sites = np.array(list(product(*map(range, period))))
    place = {tuple(site): i for i, site in enumerate(sites)}
    bonds = [
        (i, place[tuple((site + vector) % period)], vector[2])
        for i, site in enumerate(sites)
        for vector in NEIGHBOURS[lattice]
    ]
    return graph_of(len(sites), bonds, positions=sites, cell=period)


def random_graph(rng, n_site, n_bond, steps, n_kind):
    """Bonds between random pairs of sites, double bonds and isolated sites included."""
    first = rng.integers(0, n_site, n_bond)
    second = (first + rng.integers(1, n_site, n_bond)) % n_site if n_site > 1 else first[:0]
    classes = rng.integers(0, len(steps), len(second))
    bonds = np.column_stack([first[: len(second)], second, classes])
    return graph_of(n_site, bonds, kind=rng.integers(0, n_kind, n_site), steps=steps)
