"""Metal that grows and shrinks: bond energies, mobilities, and the tables that follow from them.

Atoms of metal bind to first and second metal neighbours, and to the channel, the first shell of the bore:

    E = 4 ε₁ + 3 ε₂ - ε₁ (n₁ + χ m₁) - ε₂ (n₂ + χ m₂),

with n₁, n₂ metal atoms and m₁, m₂ channel sites, full or empty, as first and second neighbours.  An atom at a kink has
E = 0, so metal coexists with its kinks at μ = 0.  The wetting χ is adhesion over cohesion: Young's equation reads
cos θ = 2 χ - 1, and from χ = 1 on metal wets the wall completely.  On channel and wall sites E is
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

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.kernel.codes import Codes, codes_for
from coble.kmc.kernel.lowering import NeighbourTable, neighbours_of, whole_tables
from coble.lattices import Lattice, Region, shell

WELL_COORDINATED = 6  # first neighbours, channel sites included, from which on a metal site counts as bulk
PATHS = ("bulk", "metal surface", "interface", "surface", "wall")
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
    temperature_K : float
    wetting : float
        χ: a metal atom's bond to a channel site over its bond to a metal neighbour.
    channel_occupancy, wall_occupancy : float
        x at coexistence with metal, in (0, 1).
    """

    first_eV: float
    second_eV: float
    temperature_K: float
    wetting: float = 0.5
    channel_occupancy: float = 0.5
    wall_occupancy: float = 0.99

    @property
    def kT_eV(self):
        """Thermal energy [eV]."""
        return BOLTZMANN_EV_K * self.temperature_K

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
    surface: float
    wall: float

    def array(self):
        return np.array([self.bulk, self.metal_surface, self.interface, self.surface, self.wall])


@dataclass(frozen=True)
class Sites:
    """A graph whose sites are sorted into classes, with their neighbours and codes.

    Attributes
    ----------
    graph : Lattice
    site_class : int array (n_site,)
    kind, wet_first, wet_second : int arrays (n_class,)
        `Region` of each class; if it is metal, how many first and second neighbours of its sites are channel sites.
    root : bool array (n_class,)
        Whether its sites touch the electrolyte.
    frozen : int array (n_class,)
        Class of the same sites when nothing hops from them or to them: a copy that counts alike for channel and wall
        sites, one that counts nothing for all empty metal sites; at the root the class itself.
    codes : Codes
    neighbours : NeighbourTable
    """

    graph: Lattice
    site_class: np.ndarray
    kind: np.ndarray
    wet_first: np.ndarray
    wet_second: np.ndarray
    root: np.ndarray
    frozen: np.ndarray
    codes: Codes
    neighbours: NeighbourTable

    def code(self, occupied):
        """Code of every site, uint16 array (n_site,), from a bool array of sites that hold an atom."""
        counted = occupied & (self.graph.region == Region.BULK)
        first = _beside(self.neighbours.indptr, self.graph.target, counted)
        second = _beside(self.neighbours.second_indptr, self.neighbours.second, counted)
        return self.codes.of(self.site_class, occupied, first, second)


def _beside(indptr, target, chosen):
    """How many neighbours of every site are chosen, int array (n_site,)."""
    n = len(indptr) - 1
    return csr_matrix((np.ones(len(target), dtype=np.int64), target, indptr), shape=(n, n)) @ chosen.astype(np.int64)


def classify(graph, lattice_constant_A, root=None):
    """Sort the sites of a bore and its wall into classes whose atoms obey the same rates.

    Parameters
    ----------
    graph : Lattice
        BULK, INTERFACE (the channel) and WALL sites.
    lattice_constant_A : float
        Of the metal [Å]; its second neighbours are that far apart.
    root : bool array (n_site,), optional
        Sites that exchange atoms with the electrolyte; none when left out.

    Returns
    -------
    Sites
    """
    metal, channel = graph.region == Region.BULK, graph.region == Region.INTERFACE
    indptr, second = shell(graph, lattice_constant_A, metal | channel)
    wet = [
        np.where(metal, beside, 0)
        for beside in (_beside(graph.indptr, graph.target, channel), _beside(indptr, second, channel))
    ]
    root = np.zeros(graph.n_site, dtype=bool) if root is None else root
    keys, site_class = np.unique(np.column_stack([graph.region, *wet, root]), axis=0, return_inverse=True)
    (kind, wet_first, wet_second, root), site_class = keys.T, site_class.ravel()
    table = neighbours_of(graph)
    codes = codes_for(
        site_class,
        counted=kind == Region.BULK,
        counts_first=kind != Region.WALL,
        counts_second=kind != Region.WALL,
        first_degree=_beside(graph.indptr, graph.target, metal),
        second_degree=_beside(indptr, second, metal),
    )
    neighbours = NeighbourTable(table.indptr, table.edge, indptr, second)
    # Copies of classes for frozen sites; all empty metal sites share one, which counts nothing.
    sleepers = np.flatnonzero((kind != Region.BULK) & (root == 0))
    void = np.flatnonzero((kind == Region.BULK) & (root == 0))
    frozen = np.arange(len(kind) + len(sleepers) + bool(len(void)))
    frozen[sleepers] = frozen[len(kind) : len(kind) + len(sleepers)]
    frozen[void] = frozen[-1]
    known = np.concatenate([np.arange(len(kind)), sleepers, void[:1]])
    of_class = (values[known] for values in (kind, wet_first, wet_second, root.astype(bool)))
    codes = codes.with_copies(sleepers).with_blank(len(void[:1]))
    return Sites(graph, site_class, *of_class, frozen, codes, neighbours)


def _region(sites, first):
    """Index into `PATHS` of every code with `first` counted first neighbours, the hopping atom left out.

    A channel site is covered by metal among its first or second neighbours: an eighth to a third of the shell, the
    outermost sites, have metal sites among their second neighbours only.
    """
    codes = sites.codes
    kind = sites.kind[codes.site_class]
    metal = np.where(first + sites.wet_first[codes.site_class] >= WELL_COORDINATED, 0, 1)
    channel = np.where(first + codes.second > 0, 2, 3)
    return np.select([kind == Region.BULK, kind == Region.INTERFACE], [metal, channel], 4)


def energies(sites, model, first):
    """Energy of an atom at every code [k_B T], with `first` counted first neighbours; float array."""
    codes, kT = sites.codes, model.kT_eV
    kind = sites.kind[codes.site_class]
    missing_first = 4 - first - model.wetting * sites.wet_first[codes.site_class]
    missing_second = 3 - codes.second - model.wetting * sites.wet_second[codes.site_class]
    bonds = (missing_first * model.first_eV + missing_second * model.second_eV) / kT
    x = occupancies(sites, model)
    return np.where(kind == Region.BULK, bonds, -np.log(x / (1 - x)))


def occupancies(sites, model):
    """Occupancy at coexistence with metal of the channel and wall sites behind every code."""
    kind = sites.kind[sites.codes.site_class]
    return np.where(kind == Region.WALL, model.wall_occupancy, model.channel_occupancy)


def exchange_rates(sites, model, mobilities, overpotential_V):
    """Rates at which sites at the root take atoms from the electrolyte and give them back.

    The electrolyte holds atoms at μ = eU.  A channel or wall site is filled at Γ ρ and emptied at Γ (1 - ρ), with ρ
    its occupancy at that μ and Γ its hop rate, so that the contact resists like one bond more.  A metal site is filled
    or emptied at A, the slower of the two at A exp(-|E - μ| / k_B T).

    Parameters
    ----------
    overpotential_V : float
        U [V]; positive plates, negative strips.

    Returns
    -------
    float array (n_code,)
        [1/s]
    """
    codes, mu = sites.codes, overpotential_V / model.kT_eV
    kind, root = sites.kind[codes.site_class], sites.root[codes.site_class]
    region = _region(sites, codes.first)
    fall = energies(sites, model, codes.first) - mu  # of an atom that leaves
    x = occupancies(sites, model)
    filled = 1 / (1 + np.exp(fall))
    channel = np.where(codes.full, 1 - filled, filled) / (x * (1 - x))
    metal = np.exp(-np.maximum(np.where(codes.full, -fall, fall), 0.0))
    return root * mobilities.array()[region] * np.where(kind == Region.BULK, metal, channel)


def hop_rates(sites, model, mobilities):
    """Rate and path of every hop.

    Returns
    -------
    rate : float array (n_code, n_code)
        [1/s], from a full to an empty code.
    path : uint8 array (n_code, n_code)
        Index into `PATH_PAIRS`.
    """
    codes, x = sites.codes, occupancies(sites, model)
    metal = sites.kind[codes.site_class] == Region.BULK
    # Rows: where the atom is.  Columns: where it goes, and there a metal atom is its own first neighbour no more.
    first_there = codes.first[None, :] - metal[:, None]
    rise = energies(sites, model, first_there) - energies(sites, model, codes.first)[:, None]
    here, there = _region(sites, codes.first)[:, None], _region(sites, first_there)
    a = mobilities.array()
    with np.errstate(divide="ignore", invalid="ignore"):
        mobility = np.where((a[here] > 0) & (a[there] > 0), 2 / (1 / a[here] + 1 / a[there]), 0.0)
    downhill = np.exp(-np.maximum(rise, 0.0))
    never_blocked = 1 / (x[:, None] * (1 - x[None, :]))
    rate = mobility * np.where(metal[:, None] | metal[None, :], downhill, never_blocked)
    awake = ~np.isin(np.arange(len(sites.kind)), sites.frozen[sites.frozen != np.arange(len(sites.kind))])
    moves, takes = (awake[codes.site_class] & full for full in (codes.full, ~codes.full))
    rate[~(moves[:, None] & takes[None, :]) | (first_there < 0)] = 0.0
    return rate, _PATH_INDEX[here, there]


def bond_tables(sites, model, mobilities, overpotential_V=0.0):
    """What the kernel reads; `overpotential_V` is that of the electrolyte at the root [V], None for none.

    Rates too small beside the largest to be whole numbers of quanta are dropped: an atom that leaves a complete
    crystal for nowhere.  `Tables.dropped_below` says up to which rate.
    """
    rate, path = hop_rates(sites, model, mobilities)
    codes = sites.codes
    none = overpotential_V is None
    own = np.zeros(codes.n_code) if none else exchange_rates(sites, model, mobilities, overpotential_V)
    tables = whole_tables(
        rate[None],
        own,
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
