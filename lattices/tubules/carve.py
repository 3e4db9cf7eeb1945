"""A solid carved out of metal sites: particles in a bore, or a whole tubule that stands free in space.

What is left is where metal may be; sites of metal that lost a first or second neighbour to the solid are the channel
along its surface.  The solid itself takes no metal.
"""

from dataclasses import replace

import numpy as np

from coble.lattices.graph.coordination import touching
from coble.lattices.graph.regions import Region
from coble.lattices.tubules.tubule import build_box


def carve(block, solid, lattice_constant_A):
    """The sites of a block outside a solid; BULK sites beside it become INTERFACE.

    Parameters
    ----------
    block : Lattice
    solid : bool array (n_site,)
        Sites inside the solid; none of the wall's.
    lattice_constant_A : float
        Of the metal [Å]; its second neighbours are that far apart.

    Returns
    -------
    Lattice
    """
    beside = np.zeros(block.n_site, dtype=bool)
    source, target = touching(block, lattice_constant_A)
    beside[source[solid[target]]] = True
    kind = np.where(beside & (block.region == Region.BULK), Region.INTERFACE, block.region).astype(np.uint8)
    return replace(block, region=kind).subgraph(~solid)


def free_standing(shape, metal, length, space, side="inside"):
    """A tubule in free space, open at both ends of the axis; beyond its far end the bores lead into the open.

    Parameters
    ----------
    shape : Shape
        Round tubules, which end across the axis.
    metal : Crystal
    length : float
        Of the tubule, from 0 up [Å].
    space : float
        Least free space round the tubule and beyond its end [Å]; the space goes on periodically across the axis.
    side : {"inside", "outside"}
        Where metal is measured.  "inside": in the bores.  "outside": on the tubule's outer surface, in the first layer
        of metal sites beside the channel there; the bores are closed.

    Returns
    -------
    Lattice
        `bore` is -1 where metal is not measured.  The middle of the shape is at x = y = 0.
    """
    low, high = np.array(shape.wall_extent).T
    cells = np.ceil([*(high - low + 2 * space), length + space] / metal.lengths - 1e-9).astype(int)
    block = build_box(metal, tuple(cells.tolist())).opened()
    x0, y0 = np.rint(cells[:2] / 2 - (low + high) / 2 / metal.lengths[:2]) * metal.lengths[:2]  # on an atom
    block = replace(block, xy=block.xy - [x0, y0])
    x, y, z = block.positions.T
    closed = side == "outside" and _bore_of(shape, x, y) >= 0
    graph = carve(block, (shape.in_wall(x, y) | closed) & (z < length), metal.lattice_constant)
    if side == "outside":
        channel = graph.region == Region.INTERFACE
        bore = np.where(channel, 0, -1)
        bore[graph.sources()[channel[graph.target]]] = 0
    else:
        x, y, z = graph.positions.T
        bore = np.where(z < length, _bore_of(shape, x, y), -1)
    return replace(graph, bore=bore.astype(np.int8), shape=shape)


def _bore_of(shape, x, y):
    """Number of the bore that holds (x, y), -1 where none does, int array."""
    found = np.full(np.shape(x), -1)
    for number, (cx, cy) in enumerate(shape.centres):
        found[shape.in_bore(x - cx, y - cy)] = number
    return found
