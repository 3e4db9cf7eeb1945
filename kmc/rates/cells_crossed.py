"""A lattice whose steps are the cells that edges cross: followed atoms then keep their whole path in one number.

The kernel adds one whole number of 64 bits per hop to a followed atom.  Three whole numbers of cells fit into it,
21 bits each.  With where the atom stands they give its displacement in space, round any number of cells.
"""

from dataclasses import replace

import numpy as np

from coble.kmc.rates.class_rates import ClassRates
from coble.lattices.graph.packing import MOST_STEPS, pack

BITS = 21
HALF = 1 << (BITS - 1)


def packed(cells):
    """Three whole numbers, each less than 2^20 in size, as one: int64 array (n,) from (n, 3)."""
    a, b, c = np.asarray(cells, dtype=np.int64).T
    return a + (b << BITS) + (c << (2 * BITS))


def unpacked(number):
    """The inverse of `packed`, int64 array (n, 3); it undoes sums, too."""
    left, found = np.asarray(number, dtype=np.int64), []
    for _ in range(3):
        low = ((left + HALF) & (2 * HALF - 1)) - HALF
        found.append(low)
        left = (left - low) >> BITS
    return np.stack(found, axis=-1)


def in_cells(lattice, rates):
    """The same lattice with the cells that each edge crosses, packed, as its steps; and the same rates.

    Parameters
    ----------
    lattice : Lattice
        With `shift`.
    rates : RateTable or ClassRates

    Returns
    -------
    lattice : Lattice
        Narrow where its classes allow it.
    rates : ClassRates
    """
    hop, old, back = _few_classes(lattice, rates)
    steps = np.unique(packed(lattice.shift))
    steps = np.unique(np.concatenate([steps, -steps]))
    step = np.searchsorted(steps, packed(lattice.shift))
    keys, classes = np.unique(old * len(steps) + step, return_inverse=True)
    n_region, narrow = lattice.n_region, hop.ndim == 3 and len(keys) <= MOST_STEPS
    pairs = np.zeros((len(keys), 2), dtype=np.int64)
    if hop.ndim == 3 and not narrow:  # a class of a wide lattice also fixes the regions of both ends
        here, there = (lattice.region[ends].astype(np.int64) for ends in (lattice.sources(), lattice.target))
        keys, classes = np.unique(((old * len(steps) + step) * n_region + here) * n_region + there, return_inverse=True)
        keys, pair = np.divmod(keys, n_region**2)
        pairs = np.stack(np.divmod(pair, n_region), axis=1)
        hop = hop[keys // len(steps), pairs[:, 0], pairs[:, 1]]
    else:
        hop = hop[keys // len(steps)]
    old_of, step_of = np.divmod(keys, len(steps))
    whole = ((back[old_of] * len(steps) + len(steps) - 1 - step_of) * n_region + pairs[:, 1]) * n_region + pairs[:, 0]
    own = ((old_of * len(steps) + step_of) * n_region + pairs[:, 0]) * n_region + pairs[:, 1]
    found = replace(
        lattice,
        edge=pack(lattice.target, classes if narrow else 0),
        steps=steps,
        class_step=step_of,
        reverse_class=np.searchsorted(own, whole),
        bond_class=None if narrow else classes.astype(np.uint32),
    )
    return found, ClassRates(hop, rates.site_occupancy(lattice))


def _few_classes(lattice, rates):
    """Classes of edges that differ in their rates, or in those of their reverse; with their rates.

    Returns
    -------
    hop : float array (n_class, n_region, n_region) or (n_class,)
    classes : int array (n_edge,)
    back : int array (n_class,)
        Class of the reverse of each.
    """
    hop, old, back = rates.class_hops(lattice), lattice.classes.astype(np.int64), lattice.reverse_of_class
    if len(hop) == 1:
        return hop, np.zeros_like(old), np.zeros(1, dtype=np.int64)
    flat = hop.reshape(len(hop), -1)
    ends = lattice.class_regions if lattice.wide else np.zeros((len(hop), 0))
    _, first, group = np.unique(np.hstack([flat, flat[back], ends]), axis=0, return_index=True, return_inverse=True)
    group = group.ravel()
    return hop[first], group[old], group[back[first]]
