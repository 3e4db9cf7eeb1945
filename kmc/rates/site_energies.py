"""Site energies of a wall, from its open-circuit curve.

An atom on a site of potential V_k against the metal has the energy -e V_k; at the potential V of the wall, which is
minus the overpotential, the site is full with probability

    f_k(V) = 1 / (1 + exp[e (V - V_k) / k_B T]).

With w_k sites of potential V_k for each atom that the wall holds where its curve ends, its lithiation is

    θ(V) = Σ_k w_k f_k(V).

So w is the curve with the step f taken out of it (deconvolution).  Two linear programs find it: the least misfit that
any w ≥ 0 has, and then the fewest sites within it.  Many w have nearly the fewest, and last bits would choose among
them.  So a site that fills early counts up to a hundredth more, and one w is the best on every machine.  Σ w is 1 or a
little more, because the last sites to be filled are in part empty where the curve ends.  Sites that do not interact
fill over 4 k_BT/e at least, by Nernst's equation, so a curve that is flatter, or that ends at once, has a misfit that
no w removes.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from coble.kmc.constants import BOLTZMANN_EV_K

WORST_MISFIT = 0.01  # of the lithiation
GOOD_MISFIT = 0.003  # not to be bettered at the price of more sites
SAMPLE_KT, SPACING_KT = 1 / 3, 1 / 2  # between potentials at which the curve is met, and between those of sites
BEYOND_KT = 6.0  # above the curve's start the wall is empty
LEAST_WEIGHT = 1e-4  # of a potential that is kept
PREFERENCE = 0.01  # part of a site by which the first to fill counts more than the last
DIGITS = 9  # of the programs' numbers and of weights: fewer than are uncertain, so they are the same on every machine


@dataclass(frozen=True)
class SiteEnergies:
    """Sites of a wall by their potential.

    Attributes
    ----------
    potential_V : tuple of float
        V_k against the metal [V], falling: the first sites are the first to be filled.
    weight : tuple of float
        w_k, sites per atom that the wall holds where its curve ends.
    end_V : float
        Potential where the lithiation is 1 [V].
    temperature_K : float
    misfit : float
        Largest difference from the curve, as a lithiation.
    """

    potential_V: tuple
    weight: tuple
    end_V: float
    temperature_K: float
    misfit: float = 0.0

    @property
    def kT_eV(self):
        """Thermal energy [eV]."""
        return BOLTZMANN_EV_K * self.temperature_K

    @property
    def sites_per_atom(self):
        """Σ w: sites per atom that the wall holds where its curve ends."""
        return float(sum(self.weight))

    @property
    def energy_kT(self):
        """Energy of an atom on a site of each potential [k_B T], 0 for metal at a kink; float array (n,)."""
        return -np.array(self.potential_V) / self.kT_eV

    def filled(self, potential_V):
        """f_k: filled part of the sites of each potential, at a potential of the wall [V]; float array (n,)."""
        return 1 / (1 + np.exp(self.energy_kT + potential_V / self.kT_eV))

    def lithiation(self, potential_V):
        """θ in equilibrium at a potential against the metal [V]; above 1 beyond the curve's end."""
        return float(np.dot(self.weight, self.filled(potential_V)))

    def potential_at(self, lithiation):
        """Potential against the metal at which the wall has a lithiation [V]; infinite for 0.

        Raises
        ------
        ValueError
            For a lithiation that is not between 0 and the one at which all sites are full.
        """
        from scipy.optimize import brentq  # a third of a second, and only walls that fill have use for it

        if lithiation == 0:
            return np.inf
        if not 0 < lithiation < self.sites_per_atom:
            raise ValueError(f"lithiation must lie between 0 and {self.sites_per_atom:.4g}, got {lithiation!r}")
        far = 60 * self.kT_eV
        low, high = min(self.potential_V) - far, max(self.potential_V) + far
        return brentq(lambda volts: self.lithiation(volts) - lithiation, low, high, xtol=1e-12)

    @property
    def open_sites(self):
        """Mean of f (1 - f) over all sites where the curve ends: what a bond's conductance is of its attempt rate."""
        f = self.filled(self.end_V)
        return float(np.dot(self.weight, f * (1 - f))) / self.sites_per_atom

    def response(self, overpotential_V):
        """What carriers make of a drive that ends at metal, as `coble.kmc.growth.law.response` of equal sites.

        Lanes side by side, each with its own response; over the conductance where the curve ends.
        """
        more = self.lithiation(-overpotential_V) - self.lithiation(0.0)
        return more / (self.sites_per_atom * self.open_sites)

    def counts(self, n_site):
        """How many of so many sites have each potential, int array (n,): rounded, with the right sum."""
        ends = np.cumsum(self.weight) / self.sites_per_atom
        return np.diff(np.rint(ends * n_site).astype(int), prepend=0)


@lru_cache(maxsize=16)
def site_energies(curve, temperature_K):
    """Sites that fill along an open-circuit curve.

    Parameters
    ----------
    curve : tuple of (lithiation, potential [V])
        Lithiation rises from 0 to 1, the potential against the metal falls; joined by straight lines.
    temperature_K : float

    Returns
    -------
    SiteEnergies
        With the least misfit, or with the fewest sites for a misfit of 0.003.

    Raises
    ------
    ValueError
        Where no such sites follow the curve to 1 % of the lithiation: it is flatter, or ends faster, than a site fills.
    """
    kT = BOLTZMANN_EV_K * temperature_K
    lithiation, potential = np.array(curve, dtype=float).T
    first, last = potential[0], potential[-1]
    at = np.unique(np.concatenate([np.arange(last, first + BEYOND_KT * kT, SAMPLE_KT * kT), potential]))
    wanted = np.round(np.interp(at, potential[::-1], lithiation[::-1], right=0.0), DIGITS)
    of_sites = np.arange(last, first + BEYOND_KT * kT / 2, SPACING_KT * kT)[::-1]
    step = np.round(1 / (1 + np.exp((at[:, None] - of_sites) / kT)), DIGITS)
    misfit = round(_least_misfit(step, wanted), DIGITS)
    if misfit > WORST_MISFIT:
        raise ValueError(
            f"at {temperature_K:g} K no sites follow it to {WORST_MISFIT:g} of the lithiation, {misfit:.2g} is best: "
            f"they fill over 4 k_BT/e = {4 * kT:.2g} V at least; let it begin or end more gently, or be less flat"
        )
    # Within the misfit, but for the rounding of the program's solver.
    weight = _fewest_sites(step, wanted, min(max(1.02 * misfit, GOOD_MISFIT), WORST_MISFIT))
    kept = weight > LEAST_WEIGHT
    found = SiteEnergies(tuple(of_sites[kept].tolist()), tuple(weight[kept].tolist()), float(last), temperature_K)
    left = max(abs(found.lithiation(volts) - there) for volts, there in zip(at, wanted, strict=True))
    return replace(found, misfit=float(left))


def _least_misfit(step, wanted):
    """Least largest |step w - wanted| over all w ≥ 0."""
    n, slack = step.shape[1], -np.ones((len(wanted), 1))
    bounds = np.block([[step, slack], [-step, slack]])
    return _solved(np.r_[np.zeros(n), 1.0], bounds, np.r_[wanted, -wanted])[-1]


def _fewest_sites(step, wanted, misfit):
    """w ≥ 0 of the least sum with |step w - wanted| up to the misfit, float array (n,)."""
    bounds, n = np.r_[step, -step], step.shape[1]
    cost = 1 + PREFERENCE * np.arange(n)[::-1] / n
    return np.round(_solved(cost, bounds, np.r_[wanted + misfit, misfit - wanted]), DIGITS)


def _solved(cost, bounds, limits):
    from scipy.optimize import linprog

    found = linprog(cost, A_ub=bounds, b_ub=limits, bounds=(0, None), method="highs")
    if not found.success:
        raise ValueError(f"no sites were found for the curve: {found.message}")
    return found.x
