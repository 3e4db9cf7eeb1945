"""Classes of edges by a label: how a rate of a direction, of a length or of one pair of sites enters a lattice."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coble.lattices.graph.packing import MOST_SITES, MOST_STEPS, pack

if TYPE_CHECKING:
    from coble.lattices.lattice import Lattice


def labelled(lattice: "Lattice", label: np.ndarray) -> "Lattice":
    """The same lattice with its edges sorted into classes by a label as well as by their axial step.

    Parameters
    ----------
    lattice : "Lattice"
    label : int array (n_edge,)
        Any whole number of every directed edge; edges with the same rates have the same.

    Returns
    -------
    Lattice
        Narrow where 32 classes suffice.  In a wide one a class also fixes the regions of both ends.
    """
    step, reverse = lattice.step_class.astype(np.int64), lattice.reverse_edges()
    _, dense = ranked(label)
    key = np.column_stack([step, dense, dense[reverse]])
    first, classes = _classes(key)
    wide = len(first) > MOST_STEPS
    if wide:
        region = lattice.region.astype(np.int64)
        key = np.column_stack([key, region[lattice.sources()], region[lattice.target]])
        first, classes = _classes(key)
    return replace(
        lattice,
        edge=pack(lattice.target, 0 if wide else classes),
        bond_class=classes.astype(np.uint32) if wide else None,
        class_step=step[first],
        reverse_class=classes[reverse[first]],
    )


def _classes(key):
    """One edge of every class, and the class of every edge, from integer keys (n_edge, n_key)."""
    number = np.zeros(len(key), dtype=np.int64)
    for column in key.T:  # one after the other: sorting rows takes ten times as long
        _, dense = ranked(column)
        _, number = ranked(number * (int(dense.max(initial=0)) + 1) + dense)
    first = np.empty(int(number.max(initial=-1)) + 1, dtype=np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    return first, number


def ranked(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values of an integer array in ascending order, and the index of each value into them, int64."""
    values = np.asarray(values).astype(np.int64)
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if high - low >= MOST_SITES:
        return np.unique(values, return_inverse=True)
    seen = np.zeros(high - low + 1, dtype=bool)  # a third of the time that sorting takes
    values -= low
    seen[values] = True
    rank = np.cumsum(seen) - 1
    return np.flatnonzero(seen) + low, rank[values]
