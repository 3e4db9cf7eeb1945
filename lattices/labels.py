"""Classes of edges by a label: how a rate of a direction, of a length or of one pair of sites enters a lattice."""

from dataclasses import replace

import numpy as np

from coble.lattices.lattice import MOST_STEPS, Lattice, pack


def labelled(lattice: Lattice, label: np.ndarray) -> Lattice:
    """The same lattice with its edges sorted into classes by a label as well as by their axial step.

    Parameters
    ----------
    lattice : Lattice
    label : int array (n_edge,)
        Any whole number of every directed edge; edges with the same rates have the same.

    Returns
    -------
    Lattice
        Narrow where 32 classes suffice.  In a wide one a class also fixes the regions of both ends.
    """
    step, reverse = lattice.step_class.astype(np.int64), lattice.reverse_edges()
    _, dense = np.unique(label, return_inverse=True)
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
        _, dense = np.unique(column, return_inverse=True)
        _, number = np.unique(number * (int(dense.max(initial=0)) + 1) + dense, return_inverse=True)
    _, first = np.unique(number, return_index=True)
    return first, number
