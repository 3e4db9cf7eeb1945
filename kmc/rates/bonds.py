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

A wall that fills has sites of many energies (`coble.kmc.rates.site_energies`).  Its atoms hop, inside it and to the
channel, at Γ exp[- max(0, ΔE) / k_B T] (Metropolis), so that no rate is above its attempt rate however deep a site is.
Γ is the harmonic mean of A / [x (1 - x)] at both ends; in the wall the mean of x (1 - x) over its sites, where its
open-circuit curve ends, takes that place: there bonds of equal sites have the conductance A on average.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.digits import rounded
from coble.kmc.kernel.lowering import whole_tables
from coble.kmc.rates.metal_sites import classify  # noqa: F401 (from here, too)
from coble.kmc.rates.site_energies import SiteEnergies
from coble.lattices import Region

WELL_COORDINATED = 6  # first neighbours, channel sites included, from which on a metal site counts as bulk
PATHS = ("bulk", "metal surface", "interface", "surface", "wall")
SLOWED = "metal surface"  # where atoms cross the tip many times before they are built in
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
    wall_sites : SiteEnergies, optional
        Of a wall that fills along an open-circuit curve, instead of `wall_occupancy`.
    """

    first_eV: float
    second_eV: float
    temperature_K: float
    wetting: float = 0.5
    channel_occupancy: float = 0.5
    wall_occupancy: float = 0.99
    wall_sites: SiteEnergies | None = None

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
    alone = -np.log(x / (1 - x))
    if model.wall_sites:
        alone = np.where(kind == Region.WALL, model.wall_sites.energy_kT[sites.level[codes.site_class]], alone)
    return np.where(kind == Region.BULK, bonds, alone)


def occupancies(sites, model):
    """Occupancy at coexistence with metal of the channel and wall sites behind every code; not of walls that fill."""
    kind = sites.kind[sites.codes.site_class]
    return np.where(kind == Region.WALL, model.wall_occupancy, model.channel_occupancy)


def _attempts(sites, model):
    """What a lone atom on the channel and wall sites behind every code tries, over the conductance A of a bond."""
    x = occupancies(sites, model)
    attempts = 1 / (x * (1 - x))
    if model.wall_sites:
        wall = sites.kind[sites.codes.site_class] == Region.WALL
        attempts = np.where(wall, 1 / model.wall_sites.open_sites, attempts)
    return attempts


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
    filled = 1 / (1 + np.exp(fall))
    channel = np.where(codes.full, 1 - filled, filled) * _attempts(sites, model)
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
    awake = ~np.isin(np.arange(len(sites.kind)), sites.frozen[sites.frozen != np.arange(len(sites.kind))])
    # Rows: where the atom is.  Columns: where it goes, and there a metal atom is its own first neighbour no more.
    row, column = (np.flatnonzero(awake[codes.site_class] & full) for full in (codes.full, ~codes.full))
    first_there = codes.first - np.array([[0], [1]])  # seen by an atom that was none of metal, and by one that was
    seen = metal.astype(np.intp)
    here, there = _region(sites, codes.first), _region(sites, first_there)
    path = _PATH_INDEX[here[:, None], there[seen]]
    # All else is of those alone that hop at all, a quarter of the pairs.
    seen, here = np.ix_(seen[row], column), here[row, None]
    rise = energies(sites, model, first_there)[seen] - energies(sites, model, codes.first)[row, None]
    downhill = np.exp(-np.maximum(rise, 0.0))
    never_blocked = 1 / (x[row, None] * (1 - x[column]))
    a, of_metal = mobilities.array(), metal[row, None] | metal[column]
    hops = _harmonic(a[:, None], a)[here, there[seen]] * np.where(of_metal, downhill, never_blocked)
    if model.wall_sites:
        wall, attempts = sites.kind[codes.site_class] == Region.WALL, _attempts(sites, model)
        fills = (wall[row, None] | wall[column]) & ~of_metal
        bounded = _harmonic(a[here] * attempts[row, None], a[there[seen]] * attempts[column]) * downhill
        hops = np.where(fills, bounded, hops)
    hops[first_there[seen] < 0] = 0.0
    rate = np.zeros(path.shape)
    rate[np.ix_(row, column)] = hops
    return rate, path


def _harmonic(a, b):
    """Harmonic mean; 0 where one of the two is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((a > 0) & (b > 0), 2 / (1 / a + 1 / b), 0.0)


def bond_tables(sites, model, mobilities, overpotential_V=0.0, slowing=1.0):
    """What the kernel reads; `overpotential_V` is that of the electrolyte at the root [V], None for none.

    Hops among the metal's surface sites are slower by the factor `slowing`, there and back, so every equilibrium stays.

    Rates too small beside the largest to be whole numbers of quanta are dropped: an atom that leaves a complete
    crystal for nowhere.  `Tables.dropped_below` says up to which rate.  The others are rounded to nine digits, as
    exponentials of arrays differ between processors.
    """
    rate, path = hop_rates(sites, model, mobilities)
    if slowing != 1:
        rate = np.where(path == PATH_PAIRS.index((SLOWED, SLOWED)), rate / slowing, rate)
    codes = sites.codes
    none = overpotential_V is None
    own = np.zeros(codes.n_code) if none else exchange_rates(sites, model, mobilities, overpotential_V)
    tables = whole_tables(
        rounded(rate)[None],
        rounded(own),
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
