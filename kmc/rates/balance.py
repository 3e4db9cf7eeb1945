"""Detailed balance: site energies from hop rates, or the shortest cycle that has none.

Rates k_ij of an exclusion gas are in detailed balance where sites have energies E_i with

    k_B T ln(k_ij / k_ji) = E_i - E_j    on every bond.

Round a cycle the left sides add up to its affinity.  One affinity that is not zero drives a current for ever, and no
energies exist.  Energies belong to sites, not to their periodic images: a cycle that closes only through the periodic
boundary must have none either (Kolmogorov's criterion; Schnakenberg, Rev. Mod. Phys. 48, 571, 1976).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import lsqr

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.digits import exp_of_each
from coble.kmc.rates.cycles import Bonds, forest, shortest_cycle

TOLERANCE_EV = 1e-3  # affinities below it are rounding of tables of barriers
ROUNDING_EV = 1e-11  # affinities below it are rounding of floating-point numbers
MOST_SUSPECTS = 2000  # bonds from which the shortest cycle is looked for
MOST_ITERATIONS = 5000  # of least squares
SOLVED_DIGITS = 9  # of their energies in eV: more would hang on the machine, whose sums have an order of their own
SHOWN = 12  # sites of a cycle in a message


class Unbalanced(ValueError):
    """Rates without site energies.

    Attributes
    ----------
    sites : tuple of int
        Of the shortest cycle that violates detailed balance, in the order in which the rates drive atoms round it.
    edges : tuple of int
        Its directed edges: the first leads from the first site to the second, the last back to the first.
    affinity_eV : float
        k_B T ln of the product of its rates over that of the reverse ones, positive [eV].
    winds : tuple of int or None
        How often the cycle winds round the box along each cell vector; None where that is not known.
    """

    def __init__(self, sites, edges, affinity_eV, winds, tolerance_eV):
        self.sites, self.edges, self.affinity_eV, self.winds = sites, edges, affinity_eV, winds
        shown = [*map(str, sites)]
        if len(shown) > SHOWN:
            shown[SHOWN - 2 : -1] = [f"({len(shown) - SHOWN + 1} more)"]
        times = ", ".join(f"{n:+d} along {axis}" for axis, n in zip("abc", winds or (), strict=False) if n)
        super().__init__(
            f"detailed balance is violated round the sites {' → '.join([*shown, str(sites[0])])}: affinity "
            f"{affinity_eV:.4g} eV, at most {tolerance_eV:g} eV (balance_tolerance_eV). "
            + (f"The cycle winds round the periodic box ({times}). " if times else "")
            + "Forward minus backward barriers must add up to zero round every cycle"
        )


@dataclass(frozen=True)
class Balanced:
    """Rates in detailed balance, and the energies that they imply.

    Attributes
    ----------
    rate : float array (n_edge,)
        Of every directed edge [1/s].
    energy_eV : float array (n_site,)
        Site energies [eV]; the lowest of each component is 0.
    component : int array (n_site,)
        Sites that conducting bonds join have the same number; only within it energies can be compared.
    reconciled_max_eV, reconciled_rms_eV : float
        By how much differences of energy along bonds were changed [eV]; 0 where rates are as given.  Half of it is
        the change of each of the two barriers.
    """

    rate: np.ndarray
    energy_eV: np.ndarray
    component: np.ndarray
    reconciled_max_eV: float
    reconciled_rms_eV: float


def balanced(n_site, source, target, rate, reverse, *, temperature_K, shift=None, tolerance_eV=TOLERANCE_EV):
    """Site energies from rates, and rates that fit them exactly.

    Affinities up to the tolerance are removed by least squares over all bonds.  The geometric mean of a bond's two
    rates stays: half of the change goes to each.

    Parameters
    ----------
    n_site : int
    source, target : int arrays (n_edge,)
        Directed edges, each with its reverse; a site bound to its own image is an edge, too.
    rate : float array (n_edge,)
        Of a lone atom along each edge [1/s]; 0 in both directions closes a bond.
    reverse : int array (n_edge,)
        Index of the reverse of every edge.
    temperature_K : float
    shift : int array (n_edge, 3), optional
        Cells that each edge crosses, for the message.
    tolerance_eV : float

    Returns
    -------
    Balanced

    Raises
    ------
    Unbalanced
        For a cycle with a larger affinity.
    ValueError
        For rates that are negative, not finite, or zero in one direction only.
    """
    refuse_bad_rates(source, target, rate, reverse)
    kT = BOLTZMANN_EV_K * temperature_K
    opened = np.flatnonzero(rate > 0)
    number = np.full(len(rate), -1)
    number[opened] = np.arange(len(opened))
    bonds = Bonds(
        n_site,
        source[opened].astype(np.int64),
        target[opened].astype(np.int64),
        kT * (np.log(rate[opened]) - np.log(rate[reverse[opened]])),
        number[reverse[opened]],
    )
    tree = forest(bonds)
    worst = float(np.abs(tree.mismatch).max(initial=0.0))
    energy, rest = tree.potential, np.zeros(len(opened))
    if worst > ROUNDING_EV:
        energy, rest = _least_squares(bonds, tree)
    if worst > tolerance_eV:
        suspects = np.argsort(-np.abs(rest), kind="stable")[:MOST_SUSPECTS]
        cycle = shortest_cycle(bonds, tree, tolerance_eV, suspects.tolist())
        winds = None if shift is None else tuple(shift[opened[cycle]].astype(int).sum(axis=0).tolist())
        affinity = float(bonds.drop[cycle].sum())
        sites = tuple(bonds.source[cycle].tolist())
        raise Unbalanced(sites, tuple(opened[cycle].tolist()), affinity, winds, tolerance_eV)
    lowest = np.full(int(tree.component.max(initial=-1)) + 1, np.inf)
    np.minimum.at(lowest, tree.component, energy)
    fitted = np.array(rate, dtype=float)
    if worst > ROUNDING_EV:
        mean = np.sqrt(rate[opened]) * np.sqrt(rate[reverse[opened]])
        fitted[opened] = mean * exp_of_each((energy[bonds.source] - energy[bonds.target]) / (2 * kT))
    return Balanced(
        fitted,
        energy - lowest[tree.component],
        tree.component,
        float(np.abs(rest).max(initial=0.0)),
        float(np.sqrt(np.mean(rest**2))) if len(rest) else 0.0,
    )


def refuse_bad_rates(source, target, rate, reverse):
    """Raise ValueError for rates that are negative, not finite, or zero in one direction only."""
    bad = np.flatnonzero(~(np.isfinite(rate) & (rate >= 0)))
    if len(bad):
        e = bad[0]
        raise ValueError(f"the rate from site {source[e]} to site {target[e]} must be at least 0 1/s, got {rate[e]!r}")
    one_way = np.flatnonzero((rate > 0) & (rate[reverse] == 0))
    if len(one_way):
        i, j = source[one_way[0]], target[one_way[0]]
        raise ValueError(
            f"the rate from site {i} to site {j} is {rate[one_way[0]]:.3g} 1/s, but back it is 0: a hop must have its "
            "reverse, or both must be 0"
        )


def _least_squares(bonds, tree):
    """Energies [eV] nearest to all drops, and what is left of every drop."""
    once = np.flatnonzero(np.arange(len(bonds.drop)) < bonds.reverse)
    row = np.arange(len(once))
    signs = np.concatenate([np.ones(len(once)), -np.ones(len(once))])
    ends = np.concatenate([bonds.source[once], bonds.target[once]])
    incidence = csr_matrix((signs, (np.tile(row, 2), ends)), shape=(len(once), bonds.n_site))
    change = lsqr(incidence, tree.mismatch[once], atol=1e-14, btol=1e-14, iter_lim=MOST_ITERATIONS)[0]
    energy = np.round(tree.potential + change, SOLVED_DIGITS)
    change = energy - tree.potential
    return energy, tree.mismatch - (change[bonds.source] - change[bonds.target])
