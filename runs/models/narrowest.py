"""Where a current along an axis is narrowest: what is lost layer by layer, and in which regions."""

from dataclasses import dataclass

import numpy as np

from coble.lattices.graph.edges import in_parts
from coble.models.structures.stack_views import cut_of, views_of


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
    carried : float array (n_region, n_layer)
        Part of the current of each layer that each region carries.
    """

    height_A: np.ndarray
    lost: np.ndarray
    carried: np.ndarray


def narrowest(lattice, solution, layer_A):
    """What the exact current of a network loses in layers of about `layer_A` [Å]; a `Narrowest`.

    Parameters
    ----------
    lattice : Lattice
    solution : coble.kmc.network.exact.NetworkSolution
    layer_A : float
    """
    n_layer, n = max(1, round(lattice.length / layer_A)), lattice.n_region
    parts, z = lattice.parts, lattice.z
    lost, carried = np.zeros((2, n * n_layer))
    for edges in in_parts(lattice):
        step, tension = edges.step_A, solution.tension_of(edges)
        flux = solution.bonds_of(edges) * tension
        middle = np.mod(edges.of_source(z[edges.rows]) + step / 2, lattice.length)  # of a bond; each stands twice
        layer = np.minimum((middle / lattice.length * n_layer).astype(np.intp), n_layer - 1)
        here, there = edges.of_source(lattice.region[edges.rows]).astype(np.intp), lattice.region[edges.target]
        own, power = parts[here, there], flux * tension
        for region, part in ((here, own), (there, 1 - own)):
            index = region * n_layer + layer
            lost += np.bincount(index, power * part, minlength=len(lost))
            carried += np.bincount(index, flux * step * part, minlength=len(carried))
    lost, carried = lost.reshape(n, n_layer), carried.reshape(n, n_layer)
    whole = carried.sum(axis=0)
    return Narrowest(
        np.linspace(0, lattice.length, n_layer + 1),
        lost / lost.sum() if lost.sum() else lost,
        np.divide(carried, whole, out=np.zeros_like(carried), where=whole != 0),
    )


def narrowest_of(case, lattice, solution):
    """Where the current through a stack is narrowest, as plain numbers, dict.

    `edges_nm` of the layers of the stack, `lost` in each by region, `at_nm` the middle of the narrowest, how many
    `times_mean` is lost there, the part that each region has `carried` there, the minimum `cut` by region with its
    `cut_nm`, and `views` of the current.  Of a stack that is mirrored, both halves are one.
    """
    found = narrowest(lattice, solution, case.structure.voxel_nm * 10)
    edges, lost, carried = found.height_A / 10, found.lost, found.carried
    mirrored = lattice.notes["along_axis"] != "periodic"
    if mirrored:
        half = lost.shape[1] // 2
        edges, lost = edges[: half + 1], lost[:, :half] + lost[:, : half - 1 : -1]
    each = lost.sum(axis=0)
    layer = int(each.argmax())
    at_nm = float(edges[layer] + edges[layer + 1]) / 2
    cut = cut_of(lattice, solution, 10 * at_nm, mirrored)
    return {
        "at_nm": at_nm,
        "times_mean": float(each.max() / each.mean()),
        "edges_nm": edges.tolist(),
        "lost": {name: lost[k].tolist() for k, name in enumerate(lattice.regions)},
        "carried": {name: float(carried[k, layer]) for k, name in enumerate(lattice.regions)},
        "cut": cut.parts,
        "cut_nm": cut.reach_nm,
        "views": views_of(lattice, solution, 10 * at_nm, mirrored, cut),
    }
