"""bcc crystals in an orthogonal cell whose third edge is the tube axis.

A crystal knows its cell, its basis, and who neighbours whom: for every basis site, the cell shift and basis
index of its 8 first and 6 second neighbours.  Straining a crystal changes its lengths, never its neighbours.
"""

from dataclasses import dataclass, replace

import numpy as np

# Cell edges x, y, z for each tube axis z, as crystal directions [lattice constants].  With [110] the walls of a square
# bore are (1-10) and (001), as the paper observed.
DIRECTIONS = {
    "110": ((-1, 1, 0), (0, 0, 1), (1, 1, 0)),
    "100": ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
    "111": ((1, -1, 0), (1, 1, -2), (0.5, 0.5, 0.5)),
}
# Sites of these cells, in sixths of their edges.
BASIS = {
    "110": ((0, 0, 0), (3, 3, 0), (3, 0, 3), (0, 3, 3)),
    "100": ((0, 0, 0), (3, 3, 3)),
    "111": ((0, 0, 0), (0, 2, 2), (0, 4, 4), (3, 1, 4), (3, 3, 0), (3, 5, 2)),
}


@dataclass(frozen=True)
class Neighbours:
    """One coordination shell.

    Attributes
    ----------
    to : int array (n_basis, n_neighbour)
        Basis index of each neighbour.
    shift : int array (n_basis, n_neighbour, 3)
        Cell shift to each neighbour, in cells.
    """

    to: np.ndarray
    shift: np.ndarray


@dataclass(frozen=True)
class Crystal:
    """A periodic arrangement of Li positions.

    Attributes
    ----------
    lengths : float array (3,)
        Edges of the orthogonal cell [Å].
    basis : float array (n_basis, 3)
        Fractional positions in [0, 1).
    planes : int
        Atomic planes per cell along the axis, equally spaced.
    first, second : Neighbours
        The 8 first (a√3/2) and 6 second (a) neighbours of bcc.
    lattice_constant : float
        Cubic lattice constant of the unstrained crystal [Å].
    axis : str
        Tube axis: "110", "100" or "111".
    """

    lengths: np.ndarray
    basis: np.ndarray
    planes: int
    first: Neighbours
    second: Neighbours
    lattice_constant: float
    axis: str

    @property
    def density(self):
        """Sites per volume [Å⁻³]."""
        return len(self.basis) / float(np.prod(self.lengths))

    def stretched(self, lengths):
        """The same crystal with other cell edges [Å]: same neighbours, other distances."""
        return replace(self, lengths=np.asarray(lengths, dtype=float))


def bcc(lattice_constant, axis="110"):
    """A bcc crystal with its cell's third edge along `axis`.

    Parameters
    ----------
    lattice_constant : float
        Cubic lattice constant [Å].
    axis : {"110", "100", "111"}
        Crystal direction along the tube.

    Returns
    -------
    Crystal

    Raises
    ------
    ValueError
        For an unknown axis or a lattice constant that is not positive.
    """
    if axis not in DIRECTIONS:
        raise ValueError(f"axis must be one of {', '.join(DIRECTIONS)}, got {axis!r}")
    if not lattice_constant > 0:
        raise ValueError(f"lattice constant must be > 0 Å, got {lattice_constant!r}")
    lengths = lattice_constant * np.linalg.norm(DIRECTIONS[axis], axis=1)
    basis = np.array(BASIS[axis]) / 6
    planes = len(np.unique(basis[:, 2]))
    first = _shell(lengths, basis, lattice_constant * np.sqrt(3) / 2)
    second = _shell(lengths, basis, lattice_constant)
    return Crystal(lengths, basis, planes, first, second, lattice_constant, axis)


def _shell(lengths, basis, distance):
    """Neighbours at `distance` [Å] of every basis site, in a fixed order."""
    reach = [int(np.ceil(distance / edge)) for edge in lengths]
    shifts = np.stack(np.meshgrid(*[np.arange(-r, r + 1) for r in reach], indexing="ij"), -1).reshape(-1, 3)
    to, shift = [], []
    for origin in basis:
        vectors = (basis[None] + shifts[:, None] - origin) * lengths
        at_cell, at_basis = np.nonzero(np.isclose(np.linalg.norm(vectors, axis=2), distance, rtol=1e-6))
        to.append(at_basis)
        shift.append(shifts[at_cell])
    return Neighbours(np.array(to), np.array(shift))
