"""A cubic grain of bcc metal with a patch of sources and sinks of atoms in the middle of each face.

The grain is carved out of a crystal: its two outermost planes of atoms, which touch what is outside, are INTERFACE, the
rest is BULK.  A patch is a square a third as wide as the face, so grains of different size are similar, and only the
size of an atom tells them apart.  Faces held at one chemical potential up to their edges would not do: most of the
current would pass over the edges, between sites a bond apart whatever the size.
"""

from dataclasses import dataclass, replace

import numpy as np

from coble.lattices.crystals import bcc
from coble.lattices.graph.regions import Region
from coble.lattices.lattice import Lattice
from coble.lattices.tubules.carve import carve
from coble.lattices.tubules.tubule import build_box

PATCH_CELLS = 6  # the cells along an edge are a multiple of it: patches then hold n/3 + 1 of the n + 1 atoms in a row
END, SIDE = 1, 2  # patches of the faces normal to the axis, and of the other four


@dataclass(frozen=True)
class Grain:
    """Attributes
    ----------
    graph : Lattice
        BULK and INTERFACE sites, open on all sides; the third axis is the axis of stress.
    patch : uint8 array (n_site,)
        END, SIDE or 0: the patch that a site belongs to.
    edge_A : float
        Edge of the cube that holds as much as the grain's planes of atoms [Å]: half a cell more than between the
        outermost ones.
    """

    graph: Lattice
    patch: np.ndarray
    edge_A: float

    def shell(self):
        """The interface alone, without the metal inside."""
        keep = self.graph.region == Region.INTERFACE
        return replace(self, graph=self.graph.subgraph(keep), patch=self.patch[keep])

    def without_interface(self):
        """The same sites, all of them BULK."""
        return replace(self, graph=replace(self.graph, region=np.full_like(self.graph.region, Region.BULK)))


def cubic_grain(lattice_constant_A, cells):
    """A cube with faces {100}.

    Parameters
    ----------
    lattice_constant_A : float
        Of the metal [Å].
    cells : int
        Lattice constants along an edge, a multiple of 6.

    Raises
    ------
    ValueError
        For another number of cells.
    """
    if cells < PATCH_CELLS or cells % PATCH_CELLS:
        raise ValueError(f"cells along the edge of a grain must be a multiple of {PATCH_CELLS}, got {cells}")
    block = build_box(bcc(lattice_constant_A, "100"), (cells + 2,) * 3).opened()
    outside = ((_places(block, lattice_constant_A) < 2) | (_places(block, lattice_constant_A) > 2 * cells + 2)).any(
        axis=1
    )
    graph = carve(block, outside, lattice_constant_A)
    from_centre = np.abs(_places(graph, lattice_constant_A) - 2 - cells)
    patch = np.zeros(graph.n_site, dtype=np.uint8)
    for axis in range(3):
        on_face = from_centre[:, axis] == cells
        in_middle = (np.delete(from_centre, axis, axis=1) <= cells // 3).all(axis=1)
        patch[on_face & in_middle] = END if axis == 2 else SIDE
    return Grain(graph, patch, (cells + 0.5) * lattice_constant_A)


def _places(graph, lattice_constant_A):
    """Positions in half lattice constants, int array (n_site, 3)."""
    return np.rint(graph.positions * (2 / lattice_constant_A)).astype(np.int64)


def flat_face(lattice_constant_A):
    """A plate of metal between two {100} faces, periodic along them: on it an interface is matched to its D δ.

    Returns
    -------
    Lattice
        Its two INTERFACE layers have a perimeter of twice `cell[1]`.
    """
    block = build_box(bcc(lattice_constant_A, "100"), (8, 4, 4))
    x = _places(block, lattice_constant_A)[:, 0]
    return carve(block, x < 2, lattice_constant_A)
