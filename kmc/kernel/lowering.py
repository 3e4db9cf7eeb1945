"""Lowering: from sites, rates and a field to the whole-number tables that the kernel reads.

Codes.  A site of region k has code 2k when it holds no carrier and 2k + 1 when it does.  Carriers are the atoms, or the
vacancies where those are fewer: a hop is the same event either way, but each carrier costs memory and updates.

Quantum.  Rates become whole multiples of one quantum, the largest rate over a power of two, as fine as keeps the
sum of all propensities below 2^63.  So the more carriers, the narrower the range of rates: see `widest_range`.
"""

from dataclasses import dataclass, replace
from functools import cache, cached_property, partial

import numpy as np

from coble.kmc.kernel.row_types import find_row_types, offsets_of
from coble.lattices import SITE_BITS, Region
from coble.lattices.bond_names import class_in_words
from coble.lattices.packing import AT_ONCE

SITE_MASK = (1 << SITE_BITS) - 1
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


@dataclass(frozen=True)
class NeighbourTable:
    """Edges of any graph: row i is edge[indptr[i]:indptr[i+1]], each a neighbour and a class in one uint32.

    Second neighbours, needed for counts only, are second[second_indptr[i]:second_indptr[i+1]].
    Wide edges have their class in `bond_class`, uint32 array (n_edge,), where it alone says the rate of a hop.
    The class of the reverse edge is `reverse_class`, int array (n_class,); n_class - 1 - class when left out, which
    only narrow ones may.
    """

    indptr: np.ndarray
    edge: np.ndarray
    second_indptr: np.ndarray | None = None
    second: np.ndarray | None = None
    bond_class: np.ndarray | None = None
    reverse_class: np.ndarray | None = None

    def __post_init__(self):
        """Raise `ValueError` for rows that do not fit together: the kernel looks at no bounds."""
        n_site = len(self.indptr) - 1
        for indptr, target in ((self.indptr, self.edge), (self.second_indptr, self.second)):
            if indptr is None:
                continue
            if len(indptr) != n_site + 1 or indptr[0] != 0 or indptr[-1] != len(target) or _falls(indptr):
                raise ValueError(f"rows of neighbours must divide all {len(target)} edges among {n_site} sites")
            if len(target) and (target & np.uint32(SITE_MASK)).max() >= n_site:
                raise ValueError(f"a neighbour has a number beyond the {n_site} sites")
        if self.reverse_class is not None:
            _check_involution(self.reverse_class)
        if self.wide:
            self._check_classes()

    def _check_classes(self):
        """Raise `ValueError` unless every wide edge has its reverse: the kernel adds and subtracts what they carry."""
        there = self.bond_class
        if self.reverse_class is None:
            raise ValueError("wide edges need reverse_class")
        if there.shape != self.edge.shape or there.dtype != np.uint32:
            raise ValueError(f"bond_class must be uint32 of shape {self.edge.shape}, got {there.dtype} {there.shape}")
        back = self.reverse(self.n_step)
        balance = 0  # of hashes: zero when edges and their reverses are the same, in whatever order
        for low in range(0, len(self.indptr) - 1, AT_ONCE):
            indptr = self.indptr[low : low + AT_ONCE + 1]
            part = slice(indptr[0], indptr[-1])
            source = np.repeat(np.arange(low, low + len(indptr) - 1, dtype=np.uint64), np.diff(indptr))
            target = (self.edge[part] & np.uint32(SITE_MASK)).astype(np.uint64)
            balance += int(_hashes(source, target, there[part]).sum())
            balance -= int(_hashes(target, source, back[there[part]]).sum())
        if balance % (1 << 64):
            raise ValueError("an edge lacks its reverse, or that has another class than reverse_class says")

    @property
    def wide(self):
        """Whether classes stand beside the edges."""
        return self.bond_class is not None

    def reverse(self, n_class):
        """Class of the reverse of each class, uint32 array (n_class,).

        Raises
        ------
        ValueError
            When another number of them was given.
        """
        if self.reverse_class is None:
            return np.arange(n_class, dtype=np.uint32)[::-1].copy()
        if len(self.reverse_class) != n_class:
            raise ValueError(f"reverse_class has {len(self.reverse_class)} entries for {n_class} classes of edges")
        return np.ascontiguousarray(self.reverse_class, dtype=np.uint32)

    def n_site_of(self, n_code):
        """Number of sites; `n_code` codes are given."""
        return len(self.indptr) - 1

    @cached_property
    def n_step(self):
        """Classes that the edges have, at least; with their reverses where those are given."""
        most = 0 if self.reverse_class is None else len(self.reverse_class)
        if not len(self.edge):
            return most
        return max(most, int(self.bond_class.max() if self.wide else self.edge.max() >> SITE_BITS) + 1)

    @cached_property
    def row_types(self):
        """Type of every site and the rows of the types, or None; see `find_row_types`."""
        return find_row_types(self.indptr, self.edge)

    @property
    def type_offsets(self):
        """What to add to the number of a site of each type to get its neighbours, int32 array (n_type, most)."""
        return offsets_of(self.row_types[1], SITE_BITS)

    def arrays(self):
        """All that it holds."""
        found = vars(self).get("row_types") or ()  # nothing until a kernel has asked for them
        held = (self.indptr, self.edge, self.second_indptr, self.second, self.bond_class, *found)
        return [array for array in held if array is not None]

    def most_neighbours(self):
        """Longest row of first and of second neighbours together."""
        rows = [indptr for indptr in (self.indptr, self.second_indptr) if indptr is not None and len(indptr) > 1]
        return sum(int(np.diff(indptr).max()) for indptr in rows)

    def degrees_by_code(self, codes, n_code):
        """Longest row among the sites of each pair of codes (empty, full), 0 where there are none; (n_code / 2,)."""
        longest = np.zeros(n_code // 2, dtype=np.uint32)
        for low in range(0, len(codes), AT_ONCE):
            part = slice(low, low + AT_ONCE)
            np.maximum.at(longest, codes[part] >> 1, np.diff(self.indptr[low : low + AT_ONCE + 1]))
        return longest


@dataclass(frozen=True)
class NeighbourOffsets:
    """Edges of a uniform lattice: what to add to a site's number to get its neighbours.

    Attributes
    ----------
    offset : int32 array (n_basis, degree)
        Modulo the number of sites.
    step_class : uint32 array (n_basis, degree)
    """

    offset: np.ndarray
    step_class: np.ndarray
    wide = False

    def reverse(self, n_class):
        """Class of the reverse of each class, uint32 array (n_class,)."""
        return np.arange(n_class, dtype=np.uint32)[::-1].copy()

    def n_site_of(self, n_code):
        """Number of sites: a uniform lattice has as many as there are codes, which its offsets must not exceed.

        Raises
        ------
        ValueError
            When an offset leads once round the lattice, or the sites are not whole cells.
        """
        if not n_code or n_code % len(self.offset) or np.abs(self.offset.astype(np.int64)).max(initial=0) >= n_code:
            raise ValueError(f"{n_code} sites are no box of this uniform lattice")
        return n_code

    @cached_property
    def n_step(self):
        """Classes that the edges have, at least."""
        return int(self.step_class.max(initial=0)) + 1

    @property
    def packed(self):
        """Added to a site's number, modulo 2^32, this gives the packed edge, wherever no boundary is crossed."""
        return self.offset.astype(np.uint32) + (self.step_class << np.uint32(SITE_BITS))

    def arrays(self):
        """All that it holds."""
        return [self.offset, self.step_class]

    def most_neighbours(self):
        """Neighbours of a site."""
        return self.offset.shape[1]

    def degrees_by_code(self, codes, n_code):
        """See `NeighbourTable`."""
        there = np.zeros(n_code // 2, dtype=bool)
        for low in range(0, len(codes), AT_ONCE):
            there |= np.bincount(codes[low : low + AT_ONCE] >> 1, minlength=n_code // 2) > 0
        return there * self.offset.shape[1]


def _check_involution(reverse):
    """Raise `ValueError` unless the reverse of the reverse of every class is that class."""
    numbers = np.arange(len(reverse))
    if reverse.dtype.kind not in "iu" or reverse.ndim != 1 or (reverse < 0).any() or (reverse >= len(reverse)).any():
        raise ValueError(f"reverse_class must hold classes below {len(reverse)}")
    if (reverse[reverse] != numbers).any():
        raise ValueError("the reverse of the reverse of a class must be that class")


def _hashes(source, target, bond):
    """A number for each edge, as good as random, uint64 array: multiplied and mixed like in SplitMix64."""
    x = (source << np.uint64(32) | target) + (bond.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ x >> np.uint64(shift)) * np.uint64(factor)
    return x ^ x >> np.uint64(31)


def _falls(indptr):
    """Whether a later entry is smaller than an earlier one; they are unsigned."""
    return bool((indptr[1:] < indptr[:-1]).any())


def neighbours_of(lattice):
    """Edges of a `Lattice` or a `UniformLattice` as the kernel reads them.

    Raises
    ------
    ValueError
        For a uniform lattice with more than 32 neighbours, or so flat that an offset reaches 2^26.
    """
    if hasattr(lattice, "offset"):
        if lattice.most_neighbours > 32:
            raise ValueError(f"at most 32 neighbours in a uniform lattice, got {lattice.most_neighbours}")
        farthest = int(np.abs(lattice.offset).max(initial=0))
        if farthest >= min(1 << (SITE_BITS - 1), lattice.n_site):
            raise ValueError(
                f"the box is too flat: an offset of {farthest:,} sites among {lattice.n_site:,}; at most 2^26"
            )
        return NeighbourOffsets(lattice.offset.astype(np.int32), lattice.step_class.astype(np.uint32))
    reverse = lattice.reverse_of_class if lattice.wide else lattice.reverse_class
    return NeighbourTable(lattice.indptr, lattice.edge, bond_class=lattice.bond_class, reverse_class=reverse)


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
    hop, work = rates.class_hops(graph), field_kT_per_A * graph.steps_A[graph.step_of_class]
    if (
        not atoms_carry
    ):  # a vacancy at i takes the atom of its neighbour j: the rate is the atom's, the step is reversed
        work = -work
        hop = hop[graph.reverse_of_class] if len(hop) > 1 else hop
        hop = hop if graph.wide else hop.transpose(0, 2, 1)
    n_code = 2 * graph.n_region
    limits = {"n_carrier": n_carrier, "degree": graph.most_neighbours, "atoms_carry": atoms_carry}
    if graph.wide:
        return _wide_tables(graph, hop * np.exp(work / 2), limits)
    rate = np.zeros((graph.n_class, n_code, n_code))
    rate[:, 1::2, 0::2] = hop * np.exp(work / 2)[:, None, None]
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
