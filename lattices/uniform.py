"""A uniform lattice without a table of neighbours: one crystal, periodic, every site BULK.

The neighbour of site i is i plus an offset that depends on the basis index only, modulo the number of sites.  That
is a helical boundary: leaving the box along one edge, one comes back one row further on the next.  The lattice is
the same everywhere, and no site needs a list: 1 byte of state is all that a site holds.
"""

from dataclasses import dataclass

import numpy as np

from coble.lattices.graph.packing import pack, refuse_too_many
from coble.lattices.graph.regions import REGIONS, Region
from coble.lattices.lattice import Lattice


@dataclass(frozen=True)
class UniformLattice:
    """A helically periodic crystal.

    Attributes
    ----------
    n_site : int
    offset : int64 array (n_basis, n_neighbour)
        Site number of each neighbour less that of the site, modulo n_site.
    step_class : uint8 array (n_basis, n_neighbour)
        Index into `steps`.
    steps : int64 array (n_class,)
        Axial step of each class in units of `unit`.
    unit : float
        Axial unit [Å].
    length : float
        Extent along the axis [Å].

    Raises
    ------
    ValueError
        For more than 2^27 sites or more than 32 step classes.
    """

    n_site: int
    offset: np.ndarray
    step_class: np.ndarray
    steps: np.ndarray
    unit: float
    length: float

    def __post_init__(self):
        refuse_too_many(self.n_site, self.steps)

    @property
    def region(self):
        """A view of one byte, uint8 array (n_site,)."""
        return np.broadcast_to(np.uint8(Region.BULK), self.n_site)

    regions, wide, class_step, reverse_class = REGIONS, False, None, None

    @property
    def n_region(self):
        return len(self.regions)

    @property
    def n_class(self):
        return len(self.steps)

    @property
    def step_of_class(self):
        """Index of each class into `steps`."""
        return np.arange(self.n_class)

    @property
    def reverse_of_class(self):
        """Class of the reverse of an edge of each class."""
        return np.arange(self.n_class)[::-1]

    @property
    def most_neighbours(self):
        return self.offset.shape[1]

    @property
    def steps_A(self):
        return self.steps * self.unit

    def graph(self):
        """The same lattice with its neighbours written out, edge for edge (positions are left at zero)."""
        n_basis, degree = self.offset.shape
        basis = np.arange(self.n_site) % n_basis
        target = (np.arange(self.n_site)[:, None] + self.offset[basis]) % self.n_site
        return Lattice(
            xy=np.zeros((1, 2)),
            column=np.zeros(self.n_site, dtype=np.uint8),
            height=np.zeros(self.n_site, dtype=np.uint8),
            region=np.full(self.n_site, Region.BULK, dtype=np.uint8),
            bore=np.zeros(self.n_site, dtype=np.int8),
            indptr=np.arange(self.n_site + 1, dtype=np.uint32) * np.uint32(degree),
            edge=pack(target, self.step_class[basis]).ravel(),
            steps=self.steps,
            unit=self.unit,
            cell=np.array([0.0, 0.0, self.length]),
        )


def uniform_lattice(crystal, cells):
    """A uniform lattice of whole cells.

    Parameters
    ----------
    crystal : Crystal
        With 1, 2 or 4 basis sites: axis "100" or "110".
    cells : (int, int, int)
        Along x, y and the axis; at least 2 each.

    Raises
    ------
    ValueError
        For a basis that is not a power of two, or fewer than 2 cells along an edge.
    """
    n_basis = len(crystal.basis)
    if n_basis & (n_basis - 1):
        raise ValueError(f"the cell must hold 1, 2 or 4 sites, got {n_basis} (axis {crystal.axis})")
    if min(cells) < 2:
        raise ValueError(f"at least 2 cells along every edge, got {cells}")
    _, ny, nz = cells
    to, shift = crystal.first.to, crystal.first.shift
    cell_offset = (shift[..., 0] * ny + shift[..., 1]) * nz + shift[..., 2]
    offset = cell_offset * n_basis + to - np.arange(n_basis)[:, None]
    plane = np.rint(crystal.basis[:, 2] * crystal.planes).astype(np.int64)
    rise = plane[to] - plane[:, None] + shift[..., 2] * crystal.planes
    steps = np.unique(np.concatenate([rise.ravel(), -rise.ravel()]))
    return UniformLattice(
        n_site=int(np.prod(cells)) * n_basis,
        offset=offset,
        step_class=np.searchsorted(steps, rise).astype(np.uint8),
        steps=steps,
        unit=crystal.lengths[2] / crystal.planes,
        length=nz * crystal.lengths[2],
    )
