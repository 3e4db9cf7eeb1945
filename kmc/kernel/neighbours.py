"""Neighbours as the kernel reads them: a table of edges, or the offsets of a uniform lattice.

The event loop looks at no bounds, so everything that comes from outside is checked here.
"""

from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import numpy as np

from coble.kmc.kernel.arrangement import arranged, by_region_alone
from coble.lattices import SITE_BITS
from coble.lattices.graph._rows import check_rows
from coble.lattices.graph.edges import in_parts
from coble.lattices.graph.packing import AT_ONCE, SITE_MASK

ARRANGING = Lock()  # replicas that start side by side in threads wait for the first, which does it for all


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
            if indptr is not None:
                check_rows(indptr, target, n_site)
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
            target = (self.edge[part] & SITE_MASK).astype(np.uint64)
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

    def arranged(self, region):
        """The `Arrangement` of these rows for sites of these regions, uint8 array (n_site,); the last one is kept."""
        with ARRANGING:
            known = vars(self).get("_arranged")
            if known is None or not np.array_equal(known[0], region):
                known = region, arranged(self.indptr, self.edge, region)
                vars(self)["_arranged"] = known
        return known[1]

    def arrays(self):
        """All that it holds."""
        held = (self.indptr, self.edge, self.second_indptr, self.second, self.bond_class)
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

    def arranged(self, region):
        """The `Arrangement` for sites of these regions: as they stand."""
        return by_region_alone(region, self.offset.shape[1])

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


def neighbours_of(lattice):
    """Edges of a `Lattice` or a `UniformLattice` as the kernel reads them.

    Raises
    ------
    ValueError
        For a uniform lattice with more than 32 neighbours, or so flat that an offset reaches 2^26; for a site that is
        bound to its own image, where nothing can hop.
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
    if lattice.shift is not None:  # others have no room for such bonds
        for edges in in_parts(lattice):
            own = np.flatnonzero(edges.target == edges.source)
            if len(own):
                raise ValueError(f"site {edges.target[own[0]]} is bound to its own image: repeat the cell")
    reverse = lattice.reverse_of_class if lattice.wide else lattice.reverse_class
    return NeighbourTable(lattice.indptr, lattice.edge, bond_class=lattice.bond_class, reverse_class=reverse)
