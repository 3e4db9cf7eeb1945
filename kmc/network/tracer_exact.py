"""Diffusion of a tagged atom by one vacancy in a periodic box, exactly.

Tagged atom and vacancy together are a walker: its states are the pairs of their sites, it hops when the vacancy does,
and its vector is that of the tagged atom: zero unless the vacancy swaps with it.  So the diffusion tensor of that
walker (`coble.kmc.network.tensor`) is that of the tagged atom, with every return of the vacancy, also round the box.
Where the box is made of equal cells only the tagged atom's place within its cell counts: `cells` says of how many.

The correlation factor of an endless crystal is the limit of large boxes; what is missing falls off as 1 / sites.
"""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from coble.kmc.network.tensor import corrected, hop_vectors_A

SAME_A = 0.01  # sites closer than this are the same place [Å]
ALIKE = 1e-9  # relative difference of rates up to which bonds are alike


def one_vacancy(lattice, rates, cells=(1, 1, 1)):
    """Tracer diffusion with one vacancy in the box.

    Parameters
    ----------
    lattice : Lattice
        With `shift`.
    rates : RateTable or ClassRates
        Of which the ratios of occupancies count, and not their size.
    cells : (int, int, int)
        Equal cells of which the box is made, along each of its vectors; (1, 1, 1) is always right, and slower.

    Returns
    -------
    Corrected
        `tensor` is D* of the atoms, `bare` what it would be if hops were uncorrelated, with the blocking by other
        atoms; `tensor / bare` in a direction is the correlation factor.

    Raises
    ------
    ValueError
        When the box is not made of so many cells.
    """
    place = _Cells(lattice, cells)
    n, source, target = lattice.n_site, lattice.sources().astype(np.int64), lattice.target.astype(np.int64)
    x = rates.site_occupancy(lattice)
    conductance = rates.edge_conductance(lattice) / (x[source] * x[target])  # of the vacancy, up to a factor
    weight = ((1 - x) / x).sum() * (n - 1) * place.n_basis / n
    vector = hop_vectors_A(lattice)
    parts = []
    for kind, tagged in enumerate(place.home):  # the tagged atom stands in the home cell; the vacancy anywhere else
        away = source != tagged
        start, end, swaps = source[away], target[away], target[away] == tagged
        state_from = kind * n + start
        # After a swap the tagged atom stands where the vacancy was: shift the picture until that is the home cell.
        state_to = np.where(swaps, place.relative(start, end), kind * n + end)
        hop = np.where(swaps[:, None], -vector[away], 0.0)
        parts.append((state_from, state_to, conductance[away] / weight, hop))
    source, target, conductance, hop = map(np.concatenate, zip(*parts, strict=True))
    used, index = np.unique(np.concatenate([source, target]), return_inverse=True)
    found = corrected(len(used), index[: len(source)], index[len(source) :], conductance, hop)
    return found


class _Cells:
    """Sites of a box by cell and by place in the cell.

    Attributes
    ----------
    n_basis : int
        Places in a cell.
    home : int array (n_basis,)
        The sites of the home cell.
    """

    def __init__(self, lattice, cells):
        self.cells = np.asarray(cells, dtype=np.int64)
        self.n_basis, left = divmod(lattice.n_site, int(self.cells.prod()))
        fractional, near = _fractional(lattice)
        fractional, near = fractional * self.cells, near * self.cells.max()
        self.cell = np.floor(fractional + near).astype(np.int64)
        inside = fractional - self.cell
        self.cell %= self.cells
        home = np.flatnonzero(~self.cell.any(axis=1))
        far, self.basis = cKDTree(inside[home]).query(inside)
        number = np.ravel_multi_index(tuple(self.cell.T), tuple(self.cells))
        full = np.bincount(number * self.n_basis + self.basis, minlength=lattice.n_site)
        if left or len(home) != self.n_basis or far.max() > near or not (full == 1).all():
            raise ValueError(f"the box is not made of {' × '.join(map(str, cells))} equal cells")
        self.site = np.empty((*cells, self.n_basis), dtype=np.int64)
        self.site[(*self.cell.T, self.basis)] = np.arange(lattice.n_site)
        self.home = self.site[0, 0, 0]

    def relative(self, tagged, vacancy):
        """State of a tagged atom and a vacancy anywhere, with the tagged atom's cell moved home, int array."""
        cell = (self.cell[vacancy] - self.cell[tagged]) % self.cells
        return self.basis[tagged] * len(self.cell) + self.site[(*cell.T, self.basis[vacancy])]


def _fractional(lattice):
    """Positions in units of the box's vectors, float array (n_site, 3), and how near there is the same place.

    Where the box is open a vector stands in that is longer than the box.
    """
    vectors, positions = np.array(lattice.vectors, dtype=float), lattice.positions
    for axis in np.flatnonzero(~vectors.any(axis=1)):
        normal = np.linalg.svd(vectors[vectors.any(axis=1)])[2][-1]
        vectors[axis] = normal * (2 * np.ptp(positions @ normal) + 10.0)
    longest = np.linalg.norm(vectors, axis=1).max()
    return positions @ np.linalg.inv(vectors), SAME_A / longest


def equal_cells(lattice, rates):
    """Of how many equal cells a box is made along each of its vectors, (int, int, int): for `one_vacancy`.

    Cells are equal when a shift by one of them leaves sites, bonds and rates as they are.
    """
    fractional, near = _fractional(lattice)
    fractional = fractional - np.floor(fractional)
    fractional[fractional >= 1] = 0.0
    tree = cKDTree(fractional, boxsize=1.0)
    x, g, vector = rates.site_occupancy(lattice), rates.edge_conductance(lattice), hop_vectors_A(lattice)
    ends = lattice.sources().astype(np.int64), lattice.target.astype(np.int64)
    scale = g.max() * np.array([1.0, *np.abs(vector).max(axis=0).clip(1.0)])
    weights = [g, *(g * vector.T)]

    def bonds(number):
        shape = (lattice.n_site,) * 2
        return [csr_matrix((each, (number[ends[0]], number[ends[1]])), shape=shape) for each in weights]

    there = bonds(np.arange(lattice.n_site))

    def made_of(axis, number):
        moved = fractional.copy()
        moved[:, axis] = (moved[:, axis] + 1 / number) % 1.0
        far, place = tree.query(moved)
        if far.max() > near or len(np.unique(place)) < len(place) or np.abs(x[place] - x).max() > ALIKE:
            return False
        return all(
            abs(one - other).max() <= ALIKE * most for one, other, most in zip(bonds(place), there, scale, strict=True)
        )

    found = [1, 1, 1]
    for axis in np.flatnonzero(lattice.vectors.any(axis=1)):
        counts = [number for number in range(lattice.n_site, 1, -1) if lattice.n_site % number == 0]
        found[axis] = next((number for number in counts if made_of(axis, number)), 1)
    return tuple(found)
