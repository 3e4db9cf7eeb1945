"""Random gases on wide edges: hundreds of classes, each with a rate of its own."""

import numpy as np
from random_gases import PROPENSITIES

from coble.kmc.kernel.lowering import NeighbourTable, Tables


def random_wide_arguments(seed, *, n_site=None, most=PROPENSITIES, unary=None):
    """Neighbours, codes and tables of 2 to 40 sites with up to 5 bonds each, some of them double; 1 to 3 kinds.

    Half of the bonds have two classes of their own, one there and one back; the others share classes, some of which
    are their own reverse.  There are classes without a bond.
    """
    rng = np.random.default_rng(seed)
    n_site = int(rng.integers(2, 41)) if n_site is None else n_site
    n_bond, n_kind, n_path = int(rng.integers(0, 5 * n_site)), int(rng.integers(1, 4)), 3
    ends = rng.integers(0, n_site, (n_bond, 2))
    ends = ends[ends[:, 0] != ends[:, 1]]
    n_bond = len(ends)
    n_class = 2 * n_bond + 8
    reverse = np.arange(n_class)
    n_own = n_class - 4  # the last ones are their own reverse
    reverse[:n_own] = np.arange(n_own) ^ 1
    label = rng.permutation(n_class)  # so that nothing hangs on their order
    reverse = label[reverse[np.argsort(label)]]
    there = np.where(rng.random(n_bond) < 0.5, label[2 * np.arange(n_bond)], rng.integers(0, n_class, n_bond))
    source, target = np.concatenate([ends, ends[:, ::-1]]).T
    bond_class = np.concatenate([there, reverse[there]])
    order = np.lexsort((rng.random(len(source)), source))
    indptr = np.zeros(n_site + 1, dtype=np.uint32)
    np.cumsum(np.bincount(source, minlength=n_site), out=indptr[1:])
    edge, bond_class = target[order].astype(np.uint32), bond_class[order].astype(np.uint32)
    neighbours = NeighbourTable(indptr, edge, bond_class=bond_class, reverse_class=reverse)
    rate = rng.choice(most, n_class)
    own = rng.choice(most, 2 * n_kind) * np.uint64(rng.integers(2) if unary is None else unary)
    path = rng.integers(0, n_path, n_class).astype(np.uint8)
    codes = (2 * rng.integers(0, n_kind, n_site) + (rng.random(n_site) < rng.random())).astype(np.uint8)
    return neighbours, codes, Tables(rate, own, path, float(rng.uniform(0.1, 10)), True, n_path=n_path)


def widened(arguments):
    """The same gas of a narrow graph on wide edges: a class for each pair of kinds and class; without unary events."""
    neighbours, codes, tables = arguments
    target, step = neighbours.edge & ((1 << 27) - 1), neighbours.edge >> 27
    source, kind = np.repeat(np.arange(len(codes)), np.diff(neighbours.indptr)), codes.astype(np.int64) // 2
    n_class, n_kind = tables.n_step, len(tables.unary) // 2
    here, there, along = np.mgrid[:n_kind, :n_kind, :n_class].reshape(3, -1)
    number = np.arange(len(here)).reshape(n_kind, n_kind, n_class)
    wide = NeighbourTable(
        neighbours.indptr,
        target.astype(np.uint32),
        bond_class=number[kind[source], kind[target], step].astype(np.uint32),
        reverse_class=number[there, here, neighbours.reverse(n_class)[along]],
    )
    rate = np.broadcast_to(tables.rate, (n_class, *tables.rate.shape[1:]))[along, 2 * here + 1, 2 * there]
    path = tables.path[2 * here + 1, 2 * there]
    return wide, codes, Tables(rate, tables.unary, path, tables.quantum, tables.atoms_carry, n_path=tables.n_path)
