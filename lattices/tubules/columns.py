"""A crystal clipped to a region of the cross-section, as columns along the axis.

Which region a site lies in depends on x and y only, so all work on regions and neighbours is done on columns and
repeated along the axis.  Site `iz` of column `c` is number c * n_cells + iz of its block.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Columns:
    """The columns of one clipped crystal.

    Attributes
    ----------
    xy : float array (n_column, 2)
        [Å], relative to the origin of the clip.
    plane : int array (n_column,)
        Atomic plane of the column's first site, in [0, planes per cell).
    n_cells : int
        Cells along the axis.
    at_boundary : bool array (n_column,)
        True where a first or second neighbour position lies outside the region.
    source, target : int32 arrays (n_bond,)
        Bonded columns, both directions, sorted by source.
    shift : int32 array (n_bond,)
        Cells along the axis from the source's site to the target's.
    rise : int array (n_bond,)
        Planes along the axis from the source's site to the target's.
    """

    xy: np.ndarray
    plane: np.ndarray
    n_cells: int
    at_boundary: np.ndarray
    source: np.ndarray
    target: np.ndarray
    shift: np.ndarray
    rise: np.ndarray

    @property
    def n_site(self):
        return len(self.plane) * self.n_cells

    def select(self, keep):
        """The columns where `keep` holds, with the bonds among them."""
        number = np.cumsum(keep, dtype=np.int32) - np.int32(1)
        stays = keep[self.source] & keep[self.target]
        return Columns(
            self.xy[keep],
            self.plane[keep],
            self.n_cells,
            self.at_boundary[keep],
            number[self.source[stays]],
            number[self.target[stays]],
            self.shift[stays],
            self.rise[stays],
        )


def clip(crystal, inside, extent, n_cells, *, wrap=(0, 0), origin=(0.0, 0.0)):
    """Columns of `crystal` whose position lies inside a region.

    Parameters
    ----------
    crystal : Crystal
    inside : callable (x, y) -> bool array
        The region, coordinates in Å.
    extent : ((x_low, x_high), (y_low, y_high))
        A box that holds the region [Å].
    n_cells : int
        Cells along the axis.
    wrap : (int, int)
        Whole cells after which the crystal repeats along x and y; 0 where it does not.
    origin : (float, float)
        Where the crystal's origin is put [Å]; for a wrapped direction the lower edge of the box.
    """
    cells = []
    for dim in range(2):
        if wrap[dim]:
            cells.append(np.arange(wrap[dim]))
        else:  # two cells of margin, so that every neighbour position has a place in the grid
            low, high = ((edge - origin[dim]) / crystal.lengths[dim] for edge in extent[dim])
            cells.append(np.arange(int(np.floor(low)) - 2, int(np.ceil(high)) + 3))
    n_basis = len(crystal.basis)
    shape = (len(cells[0]), len(cells[1]), n_basis)
    x = origin[0] + (cells[0][:, None, None] + crystal.basis[None, None, :, 0]) * crystal.lengths[0]
    y = origin[1] + (cells[1][None, :, None] + crystal.basis[None, None, :, 1]) * crystal.lengths[1]
    x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
    taken = inside(x, y)
    ix, iy, b = np.nonzero(taken)
    number = np.full(shape, -1, dtype=np.int32)
    number[taken] = np.arange(len(b))

    def look_up(neighbours):
        """Column number (-1 outside) of every neighbour of every column."""
        jx = ix[:, None] + neighbours.shift[b, :, 0]
        jy = iy[:, None] + neighbours.shift[b, :, 1]
        if wrap[0]:
            jx %= wrap[0]
        if wrap[1]:
            jy %= wrap[1]
        return number[jx, jy, neighbours.to[b]]

    first, second = look_up(crystal.first), look_up(crystal.second)
    plane = np.rint(crystal.basis[:, 2] * crystal.planes).astype(np.int32)
    source, k = np.nonzero(first >= 0)
    shift = crystal.first.shift[b[source], k, 2].astype(np.int32)
    rise = plane[crystal.first.to[b[source], k]] - plane[b[source]] + shift * crystal.planes
    return Columns(
        xy=np.stack([x[taken], y[taken]], axis=1),
        plane=plane[b],
        n_cells=n_cells,
        at_boundary=(first < 0).any(axis=1) | (second < 0).any(axis=1),
        source=source.astype(np.int32),
        target=first[source, k],
        shift=shift,
        rise=rise,
    )
