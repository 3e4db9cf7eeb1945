"""From hop counters to axial conductances, path by path."""

import numpy as np

from coble.kmc.kernel.lowering import PATHS


def sinh_correction(steps_A, field_kT_per_A):
    """Linear-response part of a hop count: (x/2) / sinh(x/2) for each step class, x = field × step.

    In an ideal exclusion gas the uniform state stays stationary under the field, and the net number of hops of a
    class is proportional to sinh(x/2): dividing by sinh(x/2) / (x/2) gives its linear response exactly.
    """
    half = np.asarray(steps_A) * field_kT_per_A / 2
    return np.where(half == 0, 1.0, half / np.where(half == 0, 1.0, np.sinh(half)))


def path_conductance(hops, duration, segment):
    """Axial conductance carried by each kind of region in one block [Å/s].

    The net axial displacement of the atoms in each path class, a hop between two regions giving half to each, per
    time, per length, per field.

    Parameters
    ----------
    hops : int64 array (n_path, n_step)
    duration : float
        [s]
    segment : Segment

    Returns
    -------
    float array (4,)
        c D A of each kind, [Å/s].
    """
    graph, field = segment.graph, segment.field_kT_per_A
    linear = graph.steps_A * segment.tables.atom_direction * sinh_correction(graph.steps_A, field)
    return (hops @ linear) @ PATHS.share / (duration * graph.length * field)


def net_displacement(hops, segment):
    """Net axial displacement of the atoms in each path class [Å], float array (n_path,)."""
    return hops @ (segment.graph.steps_A * segment.tables.atom_direction)


def hops_by_kind(hops):
    """Hops that touched each kind, a hop between two kinds counted in both; int array (4,)."""
    touches = PATHS.share > 0
    return hops.sum(axis=1) @ touches.astype(np.int64)
