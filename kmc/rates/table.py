"""Hop rates of an exclusion gas whose regions differ in mobility and in equilibrium occupancy.

A site of kind i is occupied with probability x_i at equilibrium: a site energy μ - k_B T ln[x/(1-x)].  An atom on
it hops to an empty neighbour of kind j at k_ij, and detailed balance, k_ij x_i (1-x_j) = k_ji x_j (1-x_i), holds
because both sides are the bond's conductance g_ij.
"""

from dataclasses import dataclass

import numpy as np

from coble.kmc.network.exact import harmonic_table
from coble.kmc.rates.class_rates import conductances, edge_conductance, edge_rates
from coble.lattices import REGIONS


@dataclass(frozen=True)
class RateTable:
    """Hop rates between regions, without field; the interface is that of `coble.kmc.rates.class_rates.ClassRates`.

    Attributes
    ----------
    hop : float array (n_region, n_region)
        k_ij [1/s] for an atom in region i and an empty neighbour in region j.
    occupancy : float array (n_region,)
        Equilibrium occupancy of each region; ½ for regions that are absent.
    """

    hop: np.ndarray
    occupancy: np.ndarray

    def class_hops(self, lattice):
        """Rates by class of edge [1/s]: (1, n_region, n_region), one for all classes; (n_class,) of a wide lattice."""
        return self.hop[tuple(lattice.class_regions.T)] if lattice.wide else self.hop[None]

    def groups(self, lattice):
        """Sites that are equally full: number of the group of every site, and occupancy of every group."""
        return lattice.region, self.occupancy

    def site_occupancy(self, lattice):
        """Equilibrium occupancy of every site, float array (n_site,)."""
        return self.occupancy[lattice.region]

    def edge_rates(self, lattice):
        """Rate of an atom along every directed edge [1/s], float array (n_edge,)."""
        return edge_rates(self, lattice)

    def edge_conductance(self, lattice):
        """Conductance of every directed edge [1/s], float array (n_edge,)."""
        return edge_conductance(self, lattice)

    def conductances(self, lattice):
        """The same some edges at a time: yields `coble.lattices.graph.edges.Edges` and float arrays [1/s]."""
        return conductances(self, lattice)

    def kept(self, keep):
        """The rates of `lattice.subgraph(keep)`."""
        return self

    def imbalance(self, lattice=None):
        """Largest relative violation of detailed balance over all pairs of regions."""
        x = self.occupancy
        forward = self.hop * x[:, None] * (1 - x[None, :])
        scale = np.maximum(forward, forward.T)
        return float(np.max(np.abs(forward - forward.T) / np.where(scale > 0, scale, 1.0)))


def rate_table(bond_conductance, occupancy, exchange=None, regions=REGIONS):
    """Rates from bond conductances.

    Parameters
    ----------
    bond_conductance : dict of int → float
        g of the bonds inside each region [1/s].
    occupancy : dict of int → float
        Equilibrium occupancy of each region, in (0, 1).
    exchange : dict of (int, int) → float, optional
        Factors on the bonds between two regions; see `coble.kmc.network.exact.bond_conductance`.
    regions : tuple of str
        Names of the regions.

    Raises
    ------
    ValueError
        For an occupancy outside (0, 1) or a negative conductance.
    """
    for kind, x in occupancy.items():
        if not 0 < x < 1:
            raise ValueError(f"occupancy of the {regions[kind]} must lie between 0 and 1, got {x!r}")
    for kind, g in bond_conductance.items():
        if not g >= 0:
            raise ValueError(f"bond conductance of the {regions[kind]} must be >= 0 1/s, got {g!r}")
    x = np.full(len(regions), 0.5)
    for kind, value in occupancy.items():
        x[kind] = value
    return RateTable(harmonic_table(bond_conductance, exchange, len(regions)) / (x[:, None] * (1 - x[None, :])), x)
