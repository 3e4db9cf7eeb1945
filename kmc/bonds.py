"""Metal that grows and shrinks: bond energies, mobilities, and the tables that follow from them.

Atoms of metal bind to first and second metal neighbours and to the channel, the first shell of the bore:

    E = - ε₁ (first neighbours) - ε₂ (second neighbours) - w (channel sites beside it) + 4 ε₁ + 3 ε₂,

so that an atom at a kink has E = 0 and metal coexists with kinks at μ = 0.  On channel and wall sites E is
- k_B T ln[x / (1 - x)], with x the site's occupancy at coexistence.  An atom hops at

    A exp[- max(0, ΔE) / k_B T],

the barrier standing above the higher of the two ends; between channel and wall sites at A / [x_i (1 - x_j)], so that A
is the conductance of the bond.  Detailed balance holds hop by hop.  A is the harmonic mean of the mobilities of the two
ends, which depend on where the site is and on what surrounds it, the hopping atom left out.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.sparse import csr_matrix

from kmc.codes import Codes, codes_for
from kmc.constants import BOLTZMANN_EV_K
from kmc.lowering import NeighbourTable, neighbours_of, whole_tables
from lattices import Kind, SiteGraph, shell

WELL_COORDINATED = 6  # first neighbours, channel sites included, from which on a metal site counts as bulk
PATHS = ("bulk", "metal surface", "interface", "bare surface", "wall")
# Classes of hops: inside each path, and between two of them.
PATH_PAIRS = tuple((a, a) for a in PATHS) + tuple(combinations(PATHS, 2))
_PATH_INDEX = np.array(
    [[next(n for n, pair in enumerate(PATH_PAIRS) if set(pair) == {a, b}) for b in PATHS] for a in PATHS], np.uint8
)


@dataclass(frozen=True)
class BondModel:
    """Energies [eV] and the temperature [K].

    Attributes
    ----------
    first_eV, second_eV : float
        ε₁, ε₂: energy of a bond to a first and to a second metal neighbour.  Second neighbours are needed: without
        them an atom on a (100) face costs nothing.
    wetting_eV : float
        w: energy gained per channel site beside a metal atom.
    temperature_K : float
    channel_occupancy, wall_occupancy : float
        x at coexistence with metal, in (0, 1).
    """

    first_eV: float
    second_eV: float
    temperature_K: float
    wetting_eV: float = 0.0
    channel_occupancy: float = 0.5
    wall_occupancy: float = 0.99

    @property
    def kink_eV(self):
        """Energy of an atom at a kink below that of a lone one [eV]."""
        return 4 * self.first_eV + 3 * self.second_eV


@dataclass(frozen=True)
class Mobilities:
    """Hop rates A [1/s] inside each of `PATHS`, in their order."""

    bulk: float
    metal_surface: float
    interface: float
    bare_surface: float
    wall: float

    def array(self):
        return np.array([self.bulk, self.metal_surface, self.interface, self.bare_surface, self.wall])


@dataclass(frozen=True)
class Sites:
    """A graph whose sites are sorted into classes, with their neighbours and codes.

    Attributes
    ----------
    graph : SiteGraph
    site_class : int array (n_site,)
    kind, wet : int arrays (n_class,)
        `Kind` of each class, and how many channel sites its sites have beside them.
    codes : Codes
    neighbours : NeighbourTable
    """

    graph: SiteGraph
    site_class: np.ndarray
    kind: np.ndarray
    wet: np.ndarray
    codes: Codes
    neighbours: NeighbourTable

    def code(self, occupied):
        """Code of every site, uint16 array (n_site,), from a bool array of sites that hold an atom."""
        counted = occupied & (self.graph.kind == Kind.METAL)
        first = _beside(self.neighbours.indptr, self.graph.target, counted)
        second = _beside(self.neighbours.second_indptr, self.neighbours.second, counted)
        return self.codes.of(self.site_class, occupied, np.where(self.graph.kind == Kind.WALL, 0, first), second)


def _beside(indptr, target, chosen):
    """How many neighbours of every site are chosen, int array (n_site,)."""
    n = len(indptr) - 1
    return csr_matrix((np.ones(len(target), dtype=np.int64), target, indptr), shape=(n, n)) @ chosen.astype(np.int64)


def classify(graph, lattice_constant_A):
    """Sort the sites of a bore and its wall into classes whose atoms obey the same rates.

    Parameters
    ----------
    graph : SiteGraph
        METAL, INTERFACE (the channel) and WALL sites.
    lattice_constant_A : float
        Of the metal [Å]; its second neighbours are that far apart.

    Returns
    -------
    Sites
    """
    metal = graph.kind == Kind.METAL
    wet = np.where(metal, _beside(graph.indptr, graph.target, graph.kind == Kind.INTERFACE), 0)
    keys, site_class = np.unique(np.column_stack([graph.kind, wet]), axis=0, return_inverse=True)
    kind, site_class = keys[:, 0], site_class.ravel()
    table = neighbours_of(graph)
    indptr, second = shell(graph, lattice_constant_A, metal)
    codes = codes_for(
        site_class,
        counted=kind == Kind.METAL,
        counts_first=kind != Kind.WALL,
        counts_second=kind == Kind.METAL,
        first_degree=_beside(graph.indptr, graph.target, metal),
        second_degree=_beside(indptr, second, metal),
    )
    return Sites(graph, site_class, kind, keys[:, 1], codes, NeighbourTable(table.indptr, table.edge, indptr, second))


def _region(kind, first, wet):
    """Index into `PATHS` of a site with these counts, the hopping atom left out."""
    metal = np.where(first + wet >= WELL_COORDINATED, 0, 1)
    channel = np.where(first > 0, 2, 3)
    return np.select([kind == Kind.METAL, kind == Kind.INTERFACE], [metal, channel], 4)


def hop_rates(sites, model, mobilities):
    """Rate and path of every hop.

    Returns
    -------
    rate : float array (n_code, n_code)
        [1/s], from a full to an empty code.
    path : uint8 array (n_code, n_code)
        Index into `PATH_PAIRS`.
    """
    codes, kT = sites.codes, BOLTZMANN_EV_K * model.temperature_K
    kind, wet = sites.kind[codes.site_class], sites.wet[codes.site_class]
    metal = kind == Kind.METAL
    occupancy = np.where(kind == Kind.WALL, model.wall_occupancy, model.channel_occupancy)

    def energy(first):
        bonds = (4 - first) * model.first_eV + (3 - codes.second) * model.second_eV - wet * model.wetting_eV
        return np.where(metal, bonds, -kT * np.log(occupancy / (1 - occupancy)))

    # Rows: where the atom is.  Columns: where it goes, and there a metal atom is its own first neighbour no more.
    first_there = codes.first[None, :] - metal[:, None]
    rise = energy(first_there) - energy(codes.first)[:, None]
    here, there = _region(kind, codes.first, wet)[:, None], _region(kind, first_there, wet)
    a = mobilities.array()
    with np.errstate(divide="ignore", invalid="ignore"):
        mobility = np.where((a[here] > 0) & (a[there] > 0), 2 / (1 / a[here] + 1 / a[there]), 0.0)
    downhill = np.exp(-np.maximum(rise, 0.0) / kT)
    exchange = 1 / (occupancy[:, None] * (1 - occupancy[None, :]))
    rate = mobility * np.where(metal[:, None] | metal[None, :], downhill, exchange)
    rate[~(codes.full[:, None] & ~codes.full[None, :]) | (first_there < 0)] = 0.0
    return rate, _PATH_INDEX[here, there]


def bond_tables(sites, model, mobilities):
    """What the kernel reads.

    Rates too small beside the largest to be whole numbers of quanta are dropped: an atom that leaves a complete
    crystal for nowhere.  `Tables.dropped_below` says up to which rate.
    """
    rate, path = hop_rates(sites, model, mobilities)
    codes = sites.codes
    tables = whole_tables(
        rate[None],
        np.zeros(codes.n_code),
        path,
        sites.graph.n_site,
        sites.graph.most_neighbours,
        True,
        drop_slowest=True,
    )
    return replace(
        tables,
        n_path=len(PATH_PAIRS),
        n_step=len(sites.graph.steps),
        counted=codes.counted_codes,
        gain=codes.gain,
    )
