"""Hop rates of an exclusion gas whose regions differ in mobility and in equilibrium occupancy.

A site of kind i is occupied with probability x_i at equilibrium: a site energy μ - k_B T ln[x/(1-x)].  An atom on
it hops to an empty neighbour of kind j at k_ij, and detailed balance, k_ij x_i (1-x_j) = k_ji x_j (1-x_i), holds
because both sides are the bond's conductance g_ij.
"""

from dataclasses import dataclass

import numpy as np

from coble.kmc.network.exact import harmonic_table
from coble.lattices import Region


@dataclass(frozen=True)
class RateTable:
    """Hop rates between kinds of site, without field.

    Attributes
    ----------
    hop : float array (4, 4)
        k_ij [1/s] for an atom on kind i and an empty neighbour of kind j.
    occupancy : float array (4,)
        Equilibrium occupancy of each kind; ½ for kinds that are absent.
    """

    hop: np.ndarray
    occupancy: np.ndarray

    def imbalance(self):
        """Largest relative violation of detailed balance over all pairs of kinds."""
        x = self.occupancy
        forward = self.hop * x[:, None] * (1 - x[None, :])
        scale = np.maximum(forward, forward.T)
        return float(np.max(np.abs(forward - forward.T) / np.where(scale > 0, scale, 1.0)))


def rate_table(bond_conductance, occupancy, exchange=None):
    """Rates from bond conductances.

    Parameters
    ----------
    bond_conductance : dict of Region → float
        g of the bonds inside each region [1/s].
    occupancy : dict of Region → float
        Equilibrium occupancy of each region, in (0, 1).
    exchange : dict of (Region, Region) → float, optional
        Factors on the bonds between two regions; see `coble.kmc.network.exact.bond_conductance`.

    Raises
    ------
    ValueError
        For an occupancy outside (0, 1) or a negative conductance.
    """
    for kind, x in occupancy.items():
        if not 0 < x < 1:
            raise ValueError(f"occupancy of the {Region(kind).name.lower()} must lie between 0 and 1, got {x!r}")
    for kind, g in bond_conductance.items():
        if not g >= 0:
            raise ValueError(f"bond conductance of the {Region(kind).name.lower()} must be >= 0 1/s, got {g!r}")
    x = np.full(len(Region), 0.5)
    for kind, value in occupancy.items():
        x[kind] = value
    return RateTable(harmonic_table(bond_conductance, exchange) / (x[:, None] * (1 - x[None, :])), x)
