"""From hop counters to axial conductances, path by path."""

from math import sinh

import numpy as np

from coble.kmc.kernel.lowering import path_classes


def sinh_correction(steps_A, field_kT_per_A):
    """Linear-response part of a hop count: (x/2) / sinh(x/2) for each step class, x = field × step.

    In an ideal exclusion gas the uniform state stays stationary under the field, and the net number of hops of a
    class is proportional to sinh(x/2): dividing by sinh(x/2) / (x/2) gives its linear response exactly.
    """
    half = np.asarray(steps_A) * field_kT_per_A / 2
    distinct, place = np.unique(half, return_inverse=True)  # numpy.sinh of an array differs between processors
    return np.array([each / sinh(each) if each else 1.0 for each in distinct.tolist()])[place].reshape(half.shape)


def path_conductance(hops, duration, segment):
    """Axial conductance carried by each region in one block [Å/s].

    The net axial displacement of the atoms in each path class, a hop between two regions giving half to each (but see
    `Lattice.thin`), per time, per length, per field.

    Parameters
    ----------
    hops : int64 array (n_path, n_class), or (1, n_class) of a wide lattice
    duration : float
        [s]
    segment : Segment

    Returns
    -------
    float array (n_region,)
        c D A of each region, [Å/s].
    """
    graph, field = segment.graph, segment.field_kT_per_A
    steps = _class_steps_A(segment)
    linear = steps * sinh_correction(steps, field)
    way = _by_path(hops, graph, linear)
    return (way[:, None] * _shares(graph)).sum(axis=0) / (duration * graph.length * field)


def _shares(graph):
    """What each region gets of a hop in each path class, float array (n_path, n_region); see `Lattice.parts`."""
    paths, parts = path_classes(graph.n_region), graph.parts
    found = np.zeros((len(paths.pairs), graph.n_region))
    for path, (a, b) in enumerate(paths.pairs):
        found[path, a], found[path, b] = (1.0, 1.0) if a == b else (parts[a, b], parts[b, a])
    return found


def net_displacement(hops, segment):
    """Net axial displacement of the atoms in each path class [Å], float array (n_path,)."""
    return _by_path(hops, segment.graph, _class_steps_A(segment))


def hops_by_region(hops, graph):
    """Hops that touched each region, a hop between two regions counted in both; int array (n_region,)."""
    paths = path_classes(graph.n_region)
    return _by_path(hops, graph, np.ones(graph.n_class, dtype=np.int64)) @ (paths.share > 0).astype(np.int64)


def hops_by_path_and_step(hops, graph):
    """Hops by path class and axial step, int64 array (n_path, n_step)."""
    paths, steps = path_classes(graph.n_region), len(graph.steps)
    if not graph.wide and graph.n_class == steps:
        return hops
    found = np.zeros((len(paths.pairs), steps), dtype=np.int64)
    if graph.wide:
        np.add.at(found, (paths.index[tuple(graph.class_regions.T)], graph.step_of_class), hops[0])
    else:
        np.add.at(found.T, graph.step_of_class, hops.T)
    return found


def _class_steps_A(segment):
    """Axial step of an atom for a carrier's hop of each class [Å]."""
    return segment.graph.steps_A[segment.graph.step_of_class] * segment.tables.atom_direction


def _by_path(hops, graph, weight):
    """Hops times the weight of their class, summed by path class; no product of matrices, whose order varies."""
    if not graph.wide:
        return (hops * weight).sum(axis=1)
    paths = path_classes(graph.n_region)
    of_class = paths.index[tuple(graph.class_regions.T)]
    found = np.bincount(of_class, hops[0] * weight, minlength=len(paths.pairs))
    return found.astype(np.asarray(weight).dtype)
