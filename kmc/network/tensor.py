"""Diffusion tensors of a lone walker, exactly: one sparse linear system for every direction.

A walker among sites with weights π_i (they sum to one) that hops along directed edges e, from i to j, at k_e by the
vectors d_e, with detailed balance: g_e = π_i k_e is the same for an edge and its reverse.  The corrector ψ [Å] solves

    Σ_e g_e (d_e + ψ_j - ψ_i) = 0   at every site i,

and the diffusion tensor is D = ½ Σ_e g_e τ_e ⊗ τ_e with τ_e = d_e + ψ_j - ψ_i.  That is the bare ½ Σ g d ⊗ d less
what hops back and forth undo, written as a sum of squares: it stays exact where the two nearly cancel.  x + ψ is a
martingale, so that a walker's displacement corrected by ψ has no memory (Kipnis and Varadhan 1986).

The same sum with the conductances k_ij x_i (1 - x_j) of an exclusion gas is its collective transport: exact when all
sites are equally full, an upper bound otherwise (see `coble.kmc.network.exact`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import cg, splu

from coble.kmc.network.gradients import NotConverged

FEW, MOST_DIRECT = 1_500, 20_000  # states up to which the system is always factorised, and up to which it can be
TOLERANCE = 1e-10  # of the residual of conjugate gradients
ROUNDING = 1e-14  # sources below this part of the gross current are rounding: by symmetry ψ = 0 there


@dataclass(frozen=True)
class Corrected:
    """A diffusion tensor and what it was made from.

    Attributes
    ----------
    tensor : float array (3, 3)
        D [Å²/s].
    bare : float array (3, 3)
        ½ Σ g d ⊗ d [Å²/s]: D if no hop remembered the one before.
    corrector : float array (n_state, 3)
        ψ [Å].
    """

    tensor: np.ndarray
    bare: np.ndarray
    corrector: np.ndarray

    def turned(self, rotation):
        """The same in another frame: rows of positions @ `rotation`, float array (3, 3), are positions there."""
        tensors = (rotation.T @ each @ rotation for each in (self.tensor, self.bare))
        return Corrected(*tensors, self.corrector @ rotation)


def corrected(n_state, source, target, conductance, vector):
    """The tensor of a network of states.

    Parameters
    ----------
    n_state : int
    source, target : int array (n_edge,)
        Every edge stands there with its reverse.
    conductance : float array (n_edge,)
        g of every directed edge [1/s].
    vector : float array (n_edge, 3)
        d of every directed edge [Å].

    Returns
    -------
    Corrected

    Raises
    ------
    NotConverged
        When conjugate gradients, which take large networks, do not reach their tolerance.
    """
    source, target = np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64)
    adjacency = csr_matrix((conductance, (source, target)), shape=(n_state, n_state))
    drift = np.stack([np.bincount(source, conductance * vector[:, a], minlength=n_state) for a in range(3)], axis=1)
    label = connected_components(adjacency, directed=False)[1]
    free = np.ones(n_state, dtype=bool)
    free[np.unique(label, return_index=True)[1]] = False  # ψ is defined up to a constant in every piece: 0 at one site
    corrector = np.zeros((n_state, 3))
    if free.any():
        diagonal = np.asarray(adjacency.sum(axis=1)).ravel()
        laplacian = (diags(diagonal) - adjacency)[free][:, free]
        floor = ROUNDING * np.linalg.norm(diagonal) * float(np.abs(vector).max(initial=0.0))
        corrector[free] = _solved(laplacian.tocsc(), drift[free], floor)
    tension = vector + corrector[target] - corrector[source]
    square = lambda each: 0.5 * np.einsum("e,ea,eb->ab", conductance, each, each)  # noqa: E731
    return Corrected(square(tension), square(vector), corrector)


def _solved(matrix, right, floor):
    """Solution for every column of `right`; those smaller than `floor` are nothing."""
    n, found = len(right), np.zeros_like(right)
    columns = np.flatnonzero(np.linalg.norm(right, axis=0) > floor)
    if not len(columns):
        return found
    if n > FEW:
        jacobi = diags(1 / matrix.diagonal())
        for column in columns:
            found[:, column], left = cg(matrix, right[:, column], rtol=TOLERANCE, atol=floor, maxiter=20_000, M=jacobi)
            if left and n > MOST_DIRECT:
                raise NotConverged(f"conjugate gradients did not reach {TOLERANCE:g} in {left} iterations")
            if left:
                break
        else:
            return found
    scale = 1 / np.sqrt(matrix.diagonal())  # rates may lie many decades apart
    factors = splu((diags(scale) @ matrix @ diags(scale)).tocsc())
    found[:, columns] = scale[:, None] * factors.solve(scale[:, None] * right[:, columns])
    return found


def lone_carrier(lattice, rates, *, vacancy=False):
    """Diffusion of one atom alone in a lattice, or of one vacancy alone.

    Parameters
    ----------
    lattice : Lattice
        With `shift`, as `Lattice.from_atoms` makes it.
    rates : RateTable or ClassRates
    vacancy : bool
        Whether the walker is a vacancy; it hops at the rate of the atom that it swaps with.

    Returns
    -------
    Corrected

    Raises
    ------
    ValueError
        For a lattice that does not know which cells its edges cross.
    """
    x = rates.site_occupancy(lattice)
    conductance, full = rates.edge_conductance(lattice), x if vacancy else 1 - x
    weight = (1 - x) / x if vacancy else x / (1 - x)  # of the walker on each site
    source, target = lattice.sources(), lattice.target
    return corrected(
        lattice.n_site,
        source,
        target,
        conductance / (full[source] * full[target]) / weight.sum(),
        hop_vectors_A(lattice),
    )


def collective(lattice, rates, n_atom):
    """Collective diffusion per atom, by the network: exact when all sites are equally full, else an upper bound.

    Parameters
    ----------
    lattice : Lattice
    rates : RateTable or ClassRates
    n_atom : float
        Number of atoms in the box.

    Returns
    -------
    Corrected
        With D_σ, the mean square of the summed displacement of all atoms over 2 N t [Å²/s].
    """
    conductance = rates.edge_conductance(lattice) / n_atom
    return corrected(lattice.n_site, lattice.sources(), lattice.target, conductance, hop_vectors_A(lattice))


def hop_vectors_A(lattice):
    """Vector of every edge [Å], float array (n_edge, 3); ValueError for a lattice without `shift`."""
    if lattice.shift is None:
        raise ValueError("the lattice must know which cells its edges cross (shift): make it with Lattice.from_atoms")
    return lattice.hop_vectors_A
