"""Where a current along an axis is narrowest: what is lost layer by layer, and in which regions."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Narrowest:
    """The layers of a stack by what the current loses in them.

    Attributes
    ----------
    height_A : float array (n_layer + 1,)
        Edges of the layers [Å].
    lost : float array (n_region, n_layer)
        Part of the driving energy that is lost in each region and layer; all together 1.  In a uniform conductor every
        layer loses the same.
    """

    height_A: np.ndarray
    lost: np.ndarray


def narrowest(lattice, solution, layer_A):
    """What the exact current of a network loses in layers of about `layer_A` [Å]; a `Narrowest`.

    Parameters
    ----------
    lattice : Lattice
    solution : coble.kmc.network.exact.NetworkSolution
    layer_A : float
    """
    n_layer = max(1, round(lattice.length / layer_A))
    source, target = lattice.sources(), lattice.target
    step = lattice.steps_A[lattice.step_class]
    power = solution.flux * (step + solution.potential[target] - solution.potential[source])
    middle = np.mod(lattice.z[source] + step / 2, lattice.length)  # of a bond; each stands twice
    layer = np.minimum((middle / lattice.length * n_layer).astype(int), n_layer - 1)
    share = lattice.parts[lattice.region[source], lattice.region[target]]
    lost = np.zeros((lattice.n_region, n_layer))
    np.add.at(lost, (lattice.region[source], layer), power * share)
    np.add.at(lost, (lattice.region[target], layer), power * (1 - share))
    edges = np.linspace(0, lattice.length, n_layer + 1)
    return Narrowest(edges, lost / lost.sum() if lost.sum() else lost)


def narrowest_of(case, lattice, solution):
    """Where the current through a stack is narrowest, as plain numbers, dict.

    `edges_nm` of the layers of the stack, `lost` in each by region, `at_nm` the middle of the narrowest, and how many
    `times_mean` is lost there.  Of a stack that is mirrored, both halves are one.
    """
    found = narrowest(lattice, solution, case.structure.voxel_nm * 10)
    edges, lost = found.height_A / 10, found.lost
    if lattice.notes["along_axis"] != "periodic":
        half = lost.shape[1] // 2
        edges, lost = edges[: half + 1], lost[:, :half] + lost[:, : half - 1 : -1]
    each = lost.sum(axis=0)
    layer = int(each.argmax())
    return {
        "at_nm": float(edges[layer] + edges[layer + 1]) / 2,
        "times_mean": float(each.max() / each.mean()),
        "edges_nm": edges.tolist(),
        "lost": {name: lost[k].tolist() for k, name in enumerate(lattice.regions)},
    }
