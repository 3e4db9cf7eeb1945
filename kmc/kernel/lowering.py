"""Lowering: from sites, rates and a field to the whole-number tables that the kernel reads.

Codes.  A site of region k has code 2k when it holds no carrier and 2k + 1 when it does.  Carriers are the atoms, or the
vacancies where those are fewer: a hop is the same event either way, but each carrier costs memory and updates.

Quantum.  Rates become whole multiples of one quantum, the largest rate over a power of two, as fine as keeps the
sum of all propensities below 2^63.  So the more carriers, the narrower the range of rates: see `widest_range`.
"""

from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from coble.kmc.digits import exp_of_each
from coble.kmc.kernel.neighbours import NeighbourOffsets, NeighbourTable, neighbours_of  # noqa: F401 (lowered, too)
from coble.lattices import Region
from coble.lattices.bond_names import class_in_words

WORST_ROUNDING = 1e-4  # refuse a table whose smallest rate would be rounded by more than this part


class RateRangeError(ValueError):
    """A rate is too small, next to the largest, to be a whole number of quanta."""


@dataclass(frozen=True)
class PathClasses:
    """Path classes of hops: one per region, and one per pair of regions for the hops between them.

    Attributes
    ----------
    pairs : tuple of (int, int)
        The regions that each class joins; a hop between two regions gives half of its displacement to each.
    index : uint8 array (n_region, n_region)
        Class of a hop from region to region.
    """

    pairs: tuple
    index: np.ndarray

    @property
    def share(self):
        """Part of each class that belongs to each region, float array (n_path, n_region); rows sum to one."""
        part = np.zeros((len(self.pairs), len(self.index)))
        for row, (a, b) in zip(part, self.pairs, strict=True):
            row[a] += 0.5
            row[b] += 0.5
        return part


@cache
def path_classes(n_region):
    """The path classes of a lattice with so many regions, a `PathClasses`."""
    pairs = [(k, k) for k in range(n_region)] + [(a, b) for a in range(n_region) for b in range(a + 1, n_region)]
    index = np.zeros((n_region, n_region), dtype=np.uint8)
    for number, (a, b) in enumerate(pairs):
        index[a, b] = index[b, a] = number
    return PathClasses(tuple(pairs), index)


PATHS = path_classes(len(Region))  # of a tubule


@dataclass(frozen=True)
class Tables:
    """What the kernel reads; see `coble.kmc.kernel._kernel`.

    Attributes
    ----------
    rate : uint64 array (n_class, n_code, n_code)
        By class of edge; without a field one stands for all: (1, n_code, n_code).  For wide edges (n_class,).
    unary : uint64 array (n_code,)
    path : uint8 array (n_code, n_code)
        Path class of a hop between two codes; for wide edges (n_class,), by class of edge.
    quantum : float
        [1/s]
    atoms_carry : bool
        True when carriers are atoms, False when they are vacancies.
    n_path : int
        Number of path classes.
    n_step : int
        Number of classes of edges; len(rate) when left out.
    dropped_below : float
        Hops slower than this are left out [1/s]; 0 when there are none.
    counted : bool array (n_code,)
        Codes of carriers that count among the neighbours of their neighbours; none when left out.
    gain : uint16 array (2, n_code)
        What a counted carrier that arrives as a first, or as a second neighbour adds to a site's code.
    """

    rate: np.ndarray
    unary: np.ndarray
    path: np.ndarray
    quantum: float
    atoms_carry: bool
    n_path: int = len(PATHS.pairs)
    n_step: int = 0
    dropped_below: float = 0.0
    counted: np.ndarray = None
    gain: np.ndarray = None

    def __post_init__(self):
        object.__setattr__(self, "n_step", self.n_step or len(self.rate))
        if self.counted is None:
            object.__setattr__(self, "counted", np.zeros(len(self.unary), dtype=bool))
            object.__setattr__(self, "gain", np.zeros((2, len(self.unary)), dtype=np.uint16))

    @property
    def wide(self):
        """Whether the class of an edge alone says the rate."""
        return np.ndim(self.rate) == 1

    @property
    def atom_direction(self):
        """+1 when atoms move with the carrier's step, -1 when they move against it."""
        return 1 if self.atoms_carry else -1


def _bits(n_carrier, ways_out):
    """Binary digits of the largest rate in quanta: so many carriers, all with so many ways out, stay below 2^63."""
    return 62 - (max(n_carrier, 1) - 1).bit_length() - (max(ways_out, 1) - 1).bit_length()


def widest_range(n_carrier, degree):
    """Largest over smallest rate that a table of hops can hold: 10^14 for one carrier, 10^8 for 10^6, on bcc.

    Parameters
    ----------
    n_carrier : int
        Most sites that can be active at once.
    degree : int
        Most neighbours of a site.
    """
    return 2.0 ** _bits(n_carrier, degree) * 2 * WORST_ROUNDING


def whole_tables(rate, unary, path, n_carrier, degree, atoms_carry, *, kinds=None, names=None, drop_slowest=False):
    """Round float rates [1/s] to whole numbers of quanta.

    Parameters
    ----------
    rate : float array (n_class, n_code, n_code)
        For wide edges (n_class,).
    unary : float array (n_code,)
    path : uint8 array (n_code, n_code)
        For wide edges (n_class,).
    n_carrier : int
        Most sites that can be active at once.
    degree : int
        Most neighbours of a site.
    atoms_carry : bool
    kinds : sequence of str, optional
        Names of the kinds of site where kind k has the codes 2k and 2k + 1: for the message of an error.
    names : callable or sequence of str, optional
        Name of the bonds of each class, for the same: "hops from site 3 to site 7".  Where a class does not fix the
        regions of both ends, they are arguments, too.
    drop_slowest : bool
        Leave out rates that would be rounded by more than one part in 10⁴.

    Raises
    ------
    RateRangeError
        When there are such rates, and they are not to be left out.
    """
    largest = max(rate.max(), unary.max(initial=0.0))
    if not np.isfinite(largest) or largest <= 0:
        raise RateRangeError(f"no hop is possible: the largest rate is {largest!r} 1/s")
    ways_out = degree + bool(unary.any())
    quantum = largest / 2.0 ** _bits(n_carrier, ways_out)
    least = 0.5 / WORST_ROUNDING * quantum
    dropped = drop_slowest and any(((table > 0) & (table < least)).any() for table in (rate, unary))
    if dropped:
        rate, unary = (np.where(table < least, 0.0, table) for table in (rate, unary))
    smallest = min(table[table > 0].min(initial=np.inf) for table in (rate, unary))
    if smallest < least:
        slow, fast = (f"{value:.3g} 1/s ({_whose(value, rate, kinds, names)})" for value in (smallest, largest))
        raise RateRangeError(
            f"a rate of {slow} cannot be represented beside one of {fast}: rates are whole multiples of one quantum, "
            f"and with {n_carrier:,} carriers a table spans at most {np.log10(widest_range(n_carrier, ways_out)):.1f} "
            "orders of magnitude; bring the diffusivities closer together, switch the slow path off (it carries next "
            "to nothing) or use fewer sites"
        )
    return Tables(
        rate=np.rint(rate / quantum).astype(np.uint64),
        unary=np.rint(unary / quantum).astype(np.uint64),
        path=path,
        quantum=quantum,
        atoms_carry=atoms_carry,
        dropped_below=least if dropped else 0.0,
    )


def _whose(value, rate, kinds, names):
    """What has this rate, in words."""
    found = np.argwhere(rate == value)
    if not len(found):
        return "to or from a reservoir"
    bond, *codes = found[0].tolist()
    if names is not None:
        return names(bond, *(code // 2 for code in codes)) if callable(names) else names[bond]
    if rate.ndim == 1:
        return f"hops along bonds of class {bond}"
    here, there = codes
    if not kinds:
        return f"hops from code {here} to code {there}"
    here, there = kinds[here // 2], kinds[there // 2]
    return f"hops in the {here}" if here == there else f"hops between {here} and {there}"


def kernel_tables(graph, rates, n_atom, *, field_kT_per_A=0.0, spare=0):
    """Tables for a transport run, biased by a uniform axial field.

    Parameters
    ----------
    graph : Lattice or UniformLattice
    rates : RateTable or ClassRates
    n_atom : int
        Atoms in the box; the carriers are the atoms or the vacancies, whichever are fewer.
    field_kT_per_A : float
        Work of the field on an atom per axial length [k_B T/Å].
    spare : int
        By how much the number of carriers may be larger.

    Returns
    -------
    Tables
    """
    atoms_carry = 2 * n_atom <= graph.n_site
    n_carrier = min((n_atom if atoms_carry else graph.n_site - n_atom) + spare, graph.n_site)
    hop, work = rates.class_hops(graph), field_kT_per_A * graph.steps_A
    if not atoms_carry:  # a vacancy at i takes the atom of its neighbour j, at the rate of the atom: steps are reversed
        work = -work
        hop = hop[graph.reverse_of_class] if len(hop) > 1 else hop
        hop = hop if graph.wide else hop.transpose(0, 2, 1)
    driven = exp_of_each(work / 2)[graph.step_of_class]
    n_code = 2 * graph.n_region
    limits = {"n_carrier": n_carrier, "degree": graph.most_neighbours, "atoms_carry": atoms_carry}
    if graph.wide:
        return _wide_tables(graph, hop * driven, limits)
    rate = np.zeros((graph.n_class, n_code, n_code))
    rate[:, 1::2, 0::2] = hop * driven[:, None, None]
    paths = path_classes(graph.n_region)
    path = np.ascontiguousarray(np.repeat(np.repeat(paths.index, 2, axis=0), 2, axis=1))
    names = None if graph.class_step is None else partial(class_in_words, graph)
    tables = whole_tables(rate, np.zeros(n_code), path, **limits, kinds=graph.regions, names=names)
    return replace(tables, n_path=len(paths.pairs))


def _wide_tables(graph, rate, limits):
    """Tables of rates by class alone [1/s]; hops are counted by class, which says the path as well."""
    path, codes = np.zeros(len(rate), dtype=np.uint8), np.zeros(2 * graph.n_region)
    return replace(whole_tables(rate, codes, path, **limits, names=partial(class_in_words, graph)), n_path=1)


def initial_codes(graph, occupied, tables):
    """Code of every site, uint8 array (n_site,), from a bool array of sites that hold an atom."""
    codes = 2 * graph.region
    codes += occupied if tables.atoms_carry else ~occupied
    return codes


def occupied_sites(codes, tables):
    """The inverse of `initial_codes`: where the atoms are, bool array (n_site,)."""
    return ((codes & 1) == 1) == tables.atoms_carry
