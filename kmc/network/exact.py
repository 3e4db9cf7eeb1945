"""The exact answer: the resistor network of the graph, solved as one sparse linear system.

A periodic segment under a uniform field.  Every bond carries a conductance g [1/s]: the rate at which it would
exchange atoms at equilibrium, k_ij x_i (1 - x_j).  The potentials ψ [Å] that the field leaves uncompensated solve

    Σ_j g_ij (z_ij + ψ_j - ψ_i) = 0   at every site i,

and the bond carries g_ij (z_ij + ψ_j - ψ_i) per unit of field.  For an exclusion gas whose sites all have the same
equilibrium occupancy this is exact at any density, in linear response: the mean occupancies of the interacting
gas obey the one-body equations (duality; Liggett, Interacting Particle Systems, ch. VIII).  With occupancies that
differ between regions it is an upper bound, and the network without the bonds between unequal sites is a lower one:
both follow from the variational formula for the conductance of a reversible lattice gas.  `bounds` gives both.
"""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from coble.kmc.network._bonds import Bonds
from coble.kmc.network.coarse_space import coarse_solver
from coble.kmc.network.gradients import NotConverged, conjugate_gradients
from coble.lattices import Region
from coble.lattices.graph.edges import for_all

TUBULE = len(Region)  # regions of a tubule
RELATIVE_TOLERANCE = 1e-6  # of the residual; shares are then good to 1e-8 (1e-4 already gives them to 1e-6)
RESPONSE_TOLERANCE = 1e-10  # derivatives of small currents need more: coefficients of control are good to 1e-6
FINEST = 1e-12  # of the potentials where conductances lie far apart
ROUNDING = 1e-13  # sources below this part of the gross current are rounding: by symmetry ψ = 0 there


@dataclass(frozen=True)
class NetworkSolution:
    """Currents in the network per unit of field.

    Attributes
    ----------
    graph : Lattice
    conductance : float array (n_region, n_region) or (n_edge,)
        Of the bonds, by the regions of both ends, or of each [1/s].
    potential : float array (n_site,)
        ψ [Å].
    path : dict of Region → float
        Axial conductance carried by each region, c D A [Å/s]; a bond between two regions gives half to each.
    control : dict of Region → float
        ∂ ln(total) / ∂ ln(D of the region); they sum to 1.
    power : float array (n_region, n_region)
        Dissipation by pairs of regions [Å/s]; sums to the total.
    """

    graph: object = field(repr=False)
    conductance: np.ndarray = field(repr=False)
    potential: np.ndarray = field(repr=False)
    path: dict
    control: dict
    power: np.ndarray = field(repr=False)

    @property
    def flux(self):
        """Net current of every directed edge per field of k_B T/Å [Å/s], float array (n_edge,); antisymmetric.

        Made anew each time: on the paper's tubules it takes twice the memory of the lattice.
        """
        return for_all(self.graph, lambda edges: self.bonds_of(edges) * self.tension_of(edges))

    @property
    def bonds(self):
        """All bonds with their conductances, `coble.kmc.network._bonds.Bonds`."""
        return Bonds(self.graph, self.conductance)

    def bonds_of(self, edges):
        """Conductance of some `coble.lattices.graph.edges.Edges` [1/s]."""
        return _of_edges(self.conductance, edges)

    def tension_of(self, edges):
        """What drives each of some edges [Å]: its axial step, and the difference of potentials."""
        return edges.step_A + self.potential[edges.target] - edges.of_source(self.potential[edges.rows])

    @property
    def total(self):
        """Axial conductance of all paths together [Å/s]."""
        return sum(self.path.values())

    @property
    def shares(self):
        return {kind: value / self.total for kind, value in self.path.items()}


def bond_conductance(graph, by_kind, exchange=None):
    """Conductance of every directed edge [1/s]: that of its region, or the harmonic mean of the two it joins.

    (The arithmetic mean would inflate the axial conductance by 30 to 60 %.)

    Parameters
    ----------
    graph : Lattice
    by_kind : dict of Region → float
        Bond conductance inside each region [1/s]; 0 switches a region off.
    exchange : dict of (Region, Region) → float, optional
        Factors by which bonds between two regions are better, or worse, than the harmonic mean.
    """
    table = harmonic_table(by_kind, exchange, graph.n_region)
    return for_all(graph, lambda edges: _of_edges(table, edges))


def axial_currents(graph, solution):
    """Current along the axis that meets every site, float array (n_site,): every bond counts at both of its ends.

    Parameters
    ----------
    graph : Lattice
    solution : NetworkSolution
    """
    return solution.bonds.by_sites(solution.potential)


def harmonic_table(by_kind, exchange=None, n_region=TUBULE):
    """Bond conductance for every pair of regions, float array (n_region, n_region) [1/s]."""
    g = np.zeros(n_region)
    for kind, value in by_kind.items():
        g[kind] = value
    total = g[:, None] + g[None, :]
    table = np.where(total > 0, 2 * g[:, None] * g[None, :] / np.where(total > 0, total, 1), 0.0)
    for (a, b), factor in (exchange or {}).items():
        table[a, b] *= factor
        table[b, a] = table[a, b]
    return table


def potentials(graph, conductance, part=None, tolerance=RELATIVE_TOLERANCE, coarse=False):
    """Solve for ψ [Å] at every site.

    Parameters
    ----------
    graph : Lattice
    conductance : float array (n_region, n_region) or (n_edge,)
        Of the bonds, by the regions of both ends, or of each [1/s].
    part : float array (n_edge,), optional
        What part of each edge's field drives.
    tolerance : float
        Of the residual, relative.
    coarse : bool
        Precondition by a coarse grid, too, which needs the conductance of every edge: for wide crooked lattices.

    Raises
    ------
    NotConverged
        When conjugate gradients do not reach the tolerance.
    """
    bonds = Bonds(graph, conductance)
    diagonal, source = bonds.sums(part)
    floor = ROUNDING * np.linalg.norm(diagonal) * float(graph.steps_A[-1])
    if np.linalg.norm(source) <= floor:
        return np.zeros(graph.n_site)
    solver = coarse_solver(graph, conductance) if coarse else None
    return conjugate_gradients(bonds, diagonal, source, tolerance, floor, solver)


def solve(graph, by_kind, exchange=None):
    """The exact currents of a graph whose regions have the bond conductances `by_kind` [1/s].

    `exchange` is that of `bond_conductance`.

    Returns
    -------
    NetworkSolution
    """
    # ∂ ln g_ij / ∂ ln g_i of a harmonic mean is g_j / (g_i + g_j); inside a region the two halves add up to one.
    weight = np.full((graph.n_region, graph.n_region), 0.5)
    for i, g_i in by_kind.items():
        for j, g_j in by_kind.items():
            if g_i + g_j > 0:
                weight[i, j] = g_j / (g_i + g_j)
    conductance = harmonic_table(by_kind, exchange, graph.n_region)
    return _currents(graph, conductance, potentials(graph, conductance), tuple(by_kind), weight)


def solve_bonds(graph, conductance, fine=True):
    """The exact currents of a graph of which the conductance of every bond is known.

    Parameters
    ----------
    graph : Lattice
    conductance : float array (n_edge,)
        Of every directed edge, the same both ways [1/s].
    fine : bool
        Whether the slowest bonds must be seen beside the fastest; see `fine_potentials`.

    Returns
    -------
    NetworkSolution
        `control` gives half of a bond between two regions to each.
    """
    halves = np.full((graph.n_region, graph.n_region), 0.5)
    psi = fine_potentials(graph, conductance) if fine else potentials(graph, conductance, coarse=True)
    return _currents(graph, conductance, psi, graph.present, halves)


def fine_potentials(graph, conductance):
    """ψ of every site [Å], so fine that the slowest bonds are seen beside the fastest: for rates that are given.

    Where conjugate gradients do not come so far, as fine as for calibrated regions.
    """
    some = conductance[conductance > 0]
    spread = float(some.min() / some.max()) if len(some) else 1.0
    try:
        return potentials(graph, conductance, tolerance=float(np.clip(1e-3 * spread, FINEST, RELATIVE_TOLERANCE)))
    except NotConverged:
        return potentials(graph, conductance)


def _currents(graph, conductance, psi, kinds, weight):
    """The currents and the dissipation, summed by pairs of regions."""
    # Each bond stands twice in the list of edges, hence the halves.
    carried, power = (sums / (2 * graph.length) for sums in Bonds(graph, conductance).by_regions(psi))
    carried = ((carried + carried.T) * graph.parts).sum(axis=1)
    path = {kind: float(carried[kind]) for kind in kinds}
    total = power.sum()
    control = {kind: float(2 * (weight[kind] * power[kind]).sum() / total) if total else 0.0 for kind in kinds}
    return NetworkSolution(graph, conductance, psi, path, control, power)


def _of_edges(conductance, edges):
    """Conductance of some edges, from that of each, or a table by regions."""
    region = edges.lattice.region
    if conductance.ndim == 1:
        return conductance[edges.part]
    return conductance[edges.of_source(region[edges.rows]), region[edges.target]]


def responses(graph, by_kind, exchange=None):
    """How the current of every path answers to every class of bonds: exact derivatives, by adjoint solves.

    The current of path p is J_p = Σ g z_p τ / 2L over directed edges, with z_p the axial step, or half of it where a
    bond joins p to another region, and τ the tension under the whole field.  With τ_p the tension when only the field
    z_p drives, ∂J_p / ∂ ln g = Σ g τ_p τ / 2L over the bonds of the class.

    Returns
    -------
    current : dict of Region → float
        J_p [Å/s].
    slope : dict of Region → float array (4, 4)
        ∂J_p / ∂ ln g of the bonds between each pair of kinds [Å/s]; symmetric, both directions in each entry.
    """
    conductance = bond_conductance(graph, by_kind, exchange)
    source, target = graph.sources(), graph.target
    here, there = graph.region[source], graph.region[target]
    step = graph.steps_A[graph.step_class]
    n = graph.n_region
    pair = here.astype(np.int64) * n + there
    part = {kind: (here == kind) * 0.5 + (there == kind) * 0.5 for kind in by_kind}
    drop = {}
    for kind, own in part.items():
        psi = potentials(graph, conductance, own, RESPONSE_TOLERANCE)
        drop[kind] = step * own + psi[target] - psi[source]
    tension = sum(drop.values())  # the parts add up to the whole field
    current, slope = {}, {}
    for kind, own in drop.items():
        current[kind] = float((conductance * step * part[kind] * tension).sum() / (2 * graph.length))
        by_pair = np.bincount(pair, conductance * own * tension, minlength=n * n)
        table = by_pair.reshape(n, -1) / (2 * graph.length)
        slope[kind] = np.where(np.eye(n) > 0, table, table + table.T)
    return current, slope


def without(graph, by_kind, kind):
    """Total conductance [Å/s] when the region `kind` is switched off."""
    remaining = {k: (0.0 if k == kind else g) for k, g in by_kind.items()}
    if not any(remaining.values()):
        return 0.0
    return solve(graph, remaining).total


def isolated(graph, kind):
    """Axial conductance of one region by itself with unit bonds, exchange closed [Å]; exact by symmetry."""
    part = graph.subgraph(graph.region == kind)
    return solve(part, {kind: 1.0}).total


def bounds(solution, alone, occupancy=None):
    """Rigorous lower and upper bound of the total conductance of the interacting gas [Å/s].

    Parameters
    ----------
    solution : NetworkSolution
        Of the whole graph.
    alone : dict of Region → float
        Conductance of each region with its exchange bonds cut [Å/s].
    occupancy : dict of Region → float, optional
        Of each region; where all are equal the network is exact, and both bounds are its total.
    """
    if occupancy and len(set(occupancy.values())) == 1:
        return solution.total, solution.total
    return min(sum(alone.values()), solution.total), solution.total


def lower_bound(graph, by_kind, occupancy, exchange=None):
    """Lower bound of the total conductance [Å/s], where the regions by themselves are not known to conduct.

    The network without the bonds that join sites of unequal occupancy: what is left is exact.

    Parameters
    ----------
    graph : Lattice
    by_kind : dict of Region → float
        Bond conductance inside each region [1/s].
    occupancy : dict of Region → float
    exchange : dict of (Region, Region) → float, optional
        As in `bond_conductance`.
    """
    cut = {(a, b): 0.0 for a, b in combinations(by_kind, 2) if occupancy[a] != occupancy[b]}
    return solve(graph, by_kind, (exchange or {}) | cut).total
