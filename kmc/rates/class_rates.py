"""Hop rates of any lattice: one for every class of its edges, and an equilibrium occupancy for every site."""

from dataclasses import dataclass, replace

import numpy as np

from coble.lattices.graph.edges import for_all, in_parts


@dataclass(frozen=True)
class ClassRates:
    """Hop rates by class of edge, without field.

    Detailed balance, k_ij x_i (1 - x_j) = k_ji x_j (1 - x_i), holds on every bond; both sides are its conductance.

    Attributes
    ----------
    hop : float array (n_class, n_region, n_region) or (n_class,)
        Rate of an atom from an edge's source to its empty target [1/s]; the second form is that of wide lattices, where
        a class fixes the regions of both ends.
    occupancy : float array (n_site,)
        Equilibrium occupancy of every site.
    """

    hop: np.ndarray
    occupancy: np.ndarray

    def class_hops(self, lattice):
        """Rates by class of edge [1/s], as `hop`."""
        return self.hop

    def groups(self, lattice):
        """Sites that are equally full: number of the group of every site, and occupancy of every group."""
        occupancy, group = np.unique(self.occupancy, return_inverse=True)
        return group, occupancy

    def site_occupancy(self, lattice):
        """Equilibrium occupancy of every site, float array (n_site,)."""
        return self.occupancy

    def edge_rates(self, lattice):
        """Rate of an atom along every directed edge [1/s], float array (n_edge,)."""
        return edge_rates(self, lattice)

    def edge_conductance(self, lattice):
        """Conductance of every directed edge [1/s], float array (n_edge,)."""
        return edge_conductance(self, lattice)

    def conductances(self, lattice):
        """The same some edges at a time: yields `coble.lattices.graph.edges.Edges` and float arrays [1/s]."""
        return conductances(self, lattice)

    def imbalance(self, lattice):
        """Largest relative violation of detailed balance over all bonds."""
        forward = self.edge_conductance(lattice)
        back = forward[lattice.reverse_edges()]
        scale = np.maximum(forward, back)
        return float(np.max(np.abs(forward - back) / np.where(scale > 0, scale, 1.0), initial=0.0))

    def kept(self, keep):
        """The rates of `lattice.subgraph(keep)`; `keep` is a bool array (n_site,)."""
        return replace(self, occupancy=self.occupancy[keep])


def edge_rates(rates, lattice):
    """Rate of an atom along every directed edge [1/s], from rates by class."""
    hop = rates.class_hops(lattice)
    return for_all(lattice, lambda edges: _of_edges(hop, edges))


def edge_conductance(rates, lattice):
    """Conductance of every directed edge [1/s]: its rate × occupancy of the source × vacancy of the target."""
    found = np.empty(lattice.n_edge)
    for edges, conductance in conductances(rates, lattice):
        found[edges.part] = conductance
    return found


def conductances(rates, lattice):
    """The same some edges at a time: yields `coble.lattices.graph.edges.Edges` and their conductances."""
    hop, x = rates.class_hops(lattice), rates.site_occupancy(lattice)
    for edges in in_parts(lattice):
        yield edges, _of_edges(hop, edges) * edges.of_source(x[edges.rows]) * (1 - x[edges.target])


def _of_edges(hop, edges):
    """Rates of some edges."""
    if hop.ndim == 1:
        return hop[edges.classes]
    region = edges.lattice.region
    classes = edges.classes if len(hop) > 1 else 0
    return hop[classes, edges.of_source(region[edges.rows]), region[edges.target]]
