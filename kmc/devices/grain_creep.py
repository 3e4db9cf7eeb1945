"""Diffusional creep of a grain: hops under stress, and the exact answer.

Under uniaxial tension S the sources and sinks in the faces (`coble.lattices.tubules.grain`) hold atoms at
μ = -σ_nn Ω, with σ_nn the deviatoric part of the stress: 2S/3 on the two faces that it pulls, -S/3 on the other four.
The hydrostatic part shifts every μ alike and moves nothing.  Atoms pass from the sides to the ends; each brings the
volume Ω, so a grain of edge d lengthens at

    ε̇ = J Ω / d³,

J the atoms per time that reach both ends.  In the continuum

    ε̇ = (S Ω / k_B T) [F_i D_i δ / d³ + F_b D_b / d²],

the first term along the interface (Coble), the second through the metal (Nabarro and Herring), and the two are equal at
d* = F_i D_i δ / (F_b D_b).  The factors belong to the geometry alone, that of patches a third as wide as their faces.

Where all sites have the same equilibrium occupancy x the mean occupancies obey the one-body equations at any stress
(duality, `coble.kmc.network.exact`), so the network's conductance G gives J = G (ρ_side - ρ_end) / x (1 - x) exactly:
linear in S for S Ω << k_B T and as a tanh beyond, the occupancies ρ being between 0 and 1.

What is left out: the grain keeps its shape (small strains), and its neighbours do not take part.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix, diags_array
from scipy.sparse.linalg import cg

from coble.kmc.digits import exp
from coble.kmc.estimates.estimate import Estimate
from coble.kmc.kernel._kernel import Exit, GroupKernel
from coble.kmc.kernel.lowering import PATHS, neighbours_of, whole_tables
from coble.kmc.kernel.segment import CHUNK_EVENTS, Stopped
from coble.kmc.network.continuum import RegionTransport
from coble.kmc.network.exact import NotConverged, bond_conductance
from coble.kmc.rates.calibration import calibrate
from coble.kmc.rates.table import rate_table
from coble.lattices import REGIONS, Region
from coble.lattices.tubules.grain import END, SIDE, flat_face

# Atoms at a surface reach a quarter of a lattice constant beyond their centres; bulk so thick conducts as eight
# bonds per surface atom.  So much resists between a reservoir at the surface and the atoms there.
CONTACT_BONDS = 8.0
# F_i, F_b of a cube with patches a third as wide as its faces, by finite differences; a test computes them again.
SHEET_FACTOR, BODY_FACTOR = 7.363, 1.402
TOLERANCE = 1e-8  # of the residual


def conductances(lattice_constant_A, metal, interface, width_A):
    """Bond conductances [1/s] of grains, calibrated on a flat face, dict of Region → float.

    Parameters
    ----------
    lattice_constant_A : float
        Of the metal [Å].
    metal, interface : (diffusivity_cm2_s, concentration_cm3, occupancy)
    width_A : float
        δ of the interface [Å].
    """
    face = flat_face(lattice_constant_A)
    bulk = face.subgraph(face.region == Region.BULK)
    plane = face.cell[1] * lattice_constant_A / 2  # cross-section of a plane of atoms
    planes = len(np.unique(bulk.xy[bulk.column, 0]))
    # A bond lies between two planes, so as many planes conduct as there are gaps between them.
    regions = {
        Region.BULK: RegionTransport(Region.BULK, *metal[:2], (planes - 1) * plane, metal[2]),
        Region.INTERFACE: RegionTransport(Region.INTERFACE, *interface[:2], 2 * face.cell[1] * width_A, interface[2]),
    }
    found = calibrate(face, regions, dict.fromkeys(regions, lattice_constant_A))
    return {kind: each.bond_conductance for kind, each in found.items()}


@dataclass(frozen=True)
class GrainSolution:
    """Attributes
    ----------
    potential : float array (n_site,)
        h: 0 in the reservoirs of the sides, 1 in those of the ends; harmonic in between.
    conductance : float
        G [1/s]: atoms per time from sides to ends per k_B T.
    event_rate : float
        Events at equilibrium, hops and exchanges [1/s].
    """

    potential: np.ndarray
    conductance: float
    event_rate: float


def solve(grain, bonds):
    """The exact answer: the resistor network of the grain between its reservoirs.

    Parameters
    ----------
    grain : Grain
    bonds : dict of Region → float
        Bond conductances [1/s].

    Raises
    ------
    NotConverged
        When conjugate gradients do not reach the tolerance.
    """
    graph, n = grain.graph, grain.graph.n_site
    bond = bond_conductance(graph, bonds)
    matrix = csr_matrix((bond, graph.target.astype(np.int32), graph.indptr), shape=(n, n))
    contact = np.where(grain.patch > 0, CONTACT_BONDS * _by_kind(bonds)[graph.region], 0.0)
    diagonal = np.asarray(matrix.sum(axis=1)).ravel() + contact
    at_end = contact * (grain.patch == END)
    laplacian = diags_array(diagonal) - matrix
    potential, left = cg(laplacian, at_end, rtol=TOLERANCE, maxiter=20_000, M=diags_array(1 / diagonal))
    if left:
        raise NotConverged(f"conjugate gradients did not reach {TOLERANCE:g} in {left} iterations")
    return GrainSolution(potential, float((at_end * (1 - potential)).sum()), float(bond.sum() + 2 * contact.sum()))


def continuum_rate(edge_A, tension_kT, *, sheet_A3_s=0.0, bulk_A2_s=0.0):
    """ε̇ of the continuum in linear response [1/s].

    Parameters
    ----------
    edge_A : float
        d [Å].
    tension_kT : float
        S Ω / k_B T.
    sheet_A3_s : float
        D_i δ [Å³/s].
    bulk_A2_s : float
        D_b [Å²/s].
    """
    return tension_kT * (SHEET_FACTOR * sheet_A3_s / edge_A**3 + BODY_FACTOR * bulk_A2_s / edge_A**2)


def continuum_crossover(sheet_A3_s, bulk_A2_s):
    """d* [Å], where both terms are equal."""
    return SHEET_FACTOR * sheet_A3_s / (BODY_FACTOR * bulk_A2_s)


def crossover(edge, strain_rate):
    """d* = A / B from the fit ε̇ = A / d³ + B / d², by weighted least squares.

    Parameters
    ----------
    edge : float array (n,)
    strain_rate : list of Estimate

    Returns
    -------
    Estimate
        In units of `edge`.
    """
    edge = np.asarray(edge)
    weight = np.array([edge_i**-3 / each.stderr for edge_i, each in zip(edge, strain_rate, strict=True)])
    design = np.column_stack([np.ones_like(edge), edge]) * weight[:, None]
    covariance = np.linalg.inv(design.T @ design)
    a, b = covariance @ design.T @ (weight * edge**3 * [each.value for each in strain_rate])
    slope = np.array([1 / b, -a / b**2])
    stderr = float(np.sqrt(slope @ covariance @ slope))
    return Estimate(float(a / b), stderr, min(each.n_eff for each in strain_rate), "least squares")


def _by_kind(values):
    found = np.zeros(len(Region))
    for kind, value in values.items():
        found[kind] = value
    return found


def held_occupancies(occupancy, tension_kT):
    """Occupancies of the reservoirs at the ends and at the sides under a tension S Ω / k_B T."""
    vacant = (1 - occupancy) / occupancy
    return tuple(1 / (1 + vacant * exp(part * tension_kT)) for part in (2 / 3, -1 / 3))


def saturation(occupancy, tension_kT):
    """J over G S Ω / k_B T: 1 in linear response, less where occupancies come near 0 and 1."""
    end, side = held_occupancies(occupancy, tension_kT)
    return (side - end) / (occupancy * (1 - occupancy) * tension_kT)


class StressedGrain:
    """A grain between its reservoirs, ready to be run.

    Site classes are a kind and a patch (none, end, side); class c has the codes 2c and 2c + 1.

    Parameters
    ----------
    grain : Grain
    bonds : dict of Region → float
        Bond conductances [1/s].
    occupancy : float
        x of all sites at equilibrium.
    tension_kT : float
        S Ω / k_B T.
    """

    def __init__(self, grain, bonds, occupancy, tension_kT):
        self.grain, self.occupancy, self.tension_kT = grain, occupancy, tension_kT
        self.solution = solve(grain, bonds)
        self.held = held_occupancies(occupancy, tension_kT)
        self.neighbours = neighbours_of(grain.graph)
        self.site_class = (grain.graph.region * 3 + grain.patch).astype(np.uint8)
        self.tables = self._tables(bonds)

    @property
    def flow(self):
        """J, atoms per time that reach the ends, as the network gives it [1/s]."""
        return self.solution.conductance * self.tension_kT * saturation(self.occupancy, self.tension_kT)

    def _tables(self, bonds):
        x = self.occupancy
        kind = np.repeat([Region.BULK, Region.INTERFACE], 3)
        patch = np.tile([0, END, SIDE], 2)
        rates = rate_table(bonds, dict.fromkeys(bonds, x))
        rate = np.zeros((1, 2 * len(kind), 2 * len(kind)))
        rate[0, 1::2, 0::2] = rates.hop[np.ix_(kind, kind)]
        path = np.repeat(np.repeat(PATHS.index[np.ix_(kind, kind)], 2, axis=0), 2, axis=1)
        unary = np.zeros(2 * len(kind))
        for which, held in zip((END, SIDE), self.held, strict=True):
            strength = np.where(patch == which, CONTACT_BONDS * _by_kind(bonds)[kind], 0.0) / (x * (1 - x))
            unary[0::2] += strength * held
            unary[1::2] += strength * (1 - held)
        present = np.repeat(np.isin(np.arange(len(kind)), self.site_class), 2)
        rate *= present[None, :, None] * present[None, None, :]
        graph = self.grain.graph
        tables = whole_tables(
            rate,
            unary * present,
            np.ascontiguousarray(path),
            graph.n_site,
            graph.most_neighbours,
            True,
            kinds=[REGIONS[k] for k in kind],
        )
        return replace(tables, n_step=len(graph.steps))

    def start(self, seed, key):
        """A kernel whose sites are filled at random with the mean occupancies of the steady state.

        Parameters
        ----------
        seed : int
        key : tuple of int
            Spawn key of its random stream.
        """
        placing, running = np.random.SeedSequence(seed, spawn_key=key).spawn(2)
        end, side = self.held
        mean = side + (end - side) * self.solution.potential
        occupied = np.random.Generator(np.random.SFC64(placing)).random(len(mean)) < mean
        return GroupKernel(self.neighbours, 2 * self.site_class + occupied, self.tables, np.random.SFC64(running))

    def duration(self, error):
        """How long to count until the flow is known within a relative standard error `error` [s].

        Near equilibrium the variance of the atoms passed is 2 G t.
        """
        return 2 * self.solution.conductance / (error * self.flow) ** 2

    def run(self, seed, key, duration, blocks, should_stop=lambda: False):
        """Count what passes.

        An atom that has come from a side to where the potential is h counts for h, one that left through an end for 1.
        In a steady state this counts the same as atoms at the ends, with any h; with the harmonic one it does so at any
        moment, blocks are uncorrelated, and the coming and going at the contacts is not in the scatter.

        Parameters
        ----------
        seed : int
        key : tuple of int
        duration : float
            [s]
        blocks : int

        Returns
        -------
        flow : float array (blocks,)
            Atoms per time in each block [1/s].
        to_ends, from_sides : int
            Atoms that went out at the ends and came in at the sides, less those that went the other way.
        n_event : int

        Raises
        ------
        Stopped
            When `should_stop()` turns true before the end.
        """
        kernel = self.start(seed, key)
        h = self.solution.potential
        passed = np.empty(blocks + 1)
        for block in range(blocks + 1):  # the first one lasts no time
            while kernel.advance(duration * block / blocks, CHUNK_EVENTS) == Exit.REACHED_EVENTS:
                if should_stop():
                    raise Stopped
            inside = h @ (kernel.codes & 1)
            passed[block] = inside + self._net(kernel, END)
        counts = self._net(kernel, END), -self._net(kernel, SIDE)
        return np.diff(passed) / (duration / blocks), *counts, kernel.n_event

    @staticmethod
    def _net(kernel, patch):
        """Atoms that left through the patches, less those that came."""
        by_class = kernel.exchanges.reshape(2, 3, 2)[:, patch].sum(axis=0)
        return int(by_class[1] - by_class[0])
