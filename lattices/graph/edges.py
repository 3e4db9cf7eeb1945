"""Edges of a lattice some at a time: temporary arrays stay in the cache, and raise no peak of memory."""

from dataclasses import dataclass, replace

import numpy as np

from coble.lattices.graph._rows import kept_rows
from coble.lattices.graph.packing import SITE_BITS, SITE_MASK

ROWS = 1 << 14  # sites whose edges are looked at together


@dataclass(frozen=True)
class Edges:
    """The edges of some sites of a lattice.

    Attributes
    ----------
    lattice : Lattice
    rows : slice
        The sites.
    part : slice
        The edges, among all.
    degree : uint32 array
        Number of edges of every site.
    """

    lattice: object
    rows: slice
    part: slice
    degree: np.ndarray

    @property
    def source(self):
        """Site that each edge leaves, uint32 array."""
        return self.of_source(np.arange(self.rows.start, self.rows.stop, dtype=np.uint32))

    def of_source(self, values):
        """The value of its source for each edge, from those of the sites of these rows."""
        return np.repeat(values, self.degree)

    @property
    def target(self):
        """Site that each edge leads to, uint32 array."""
        return self.lattice.edge[self.part] & SITE_MASK

    @property
    def classes(self):
        """Class of each edge."""
        if self.lattice.wide:
            return self.lattice.bond_class[self.part]
        return (self.lattice.edge[self.part] >> np.uint32(SITE_BITS)).astype(np.uint8)

    @property
    def step_class(self):
        """Index of each edge into the lattice's steps."""
        return self.classes if self.lattice.class_step is None else self.lattice.class_step[self.classes]

    @property
    def step_A(self):
        """Axial step of each edge [Å]."""
        return self.lattice.steps_A[self.step_class]


def in_parts(lattice):
    """All edges of a lattice, some rows after others: yields `Edges`."""
    indptr = lattice.indptr
    for low in range(0, lattice.n_site, ROWS):
        bounds = indptr[low : low + ROWS + 1]
        part = slice(int(bounds[0]), int(bounds[-1]))
        yield Edges(lattice, slice(low, low + len(bounds) - 1), part, np.diff(bounds))


def for_all(lattice, of):
    """What a function of some `Edges` returns, of all edges: float array (n_edge,)."""
    found = np.empty(lattice.n_edge)
    for edges in in_parts(lattice):
        found[edges.part] = of(edges)
    return found


def subgraph(lattice, keep):
    """The lattice of the sites where `keep` (bool array) holds, and of the edges among them."""
    keep = np.ascontiguousarray(keep, dtype=bool)
    indptr, edge = kept_rows(lattice.indptr, lattice.edge, keep.view(np.uint8))
    beside = {name: values for name in ("bond_class", "shift") if (values := getattr(lattice, name)) is not None}
    if beside:
        stays = np.concatenate([e.of_source(keep[e.rows]) & keep[e.target] for e in in_parts(lattice)])
        beside = {name: values[stays] for name, values in beside.items()}
    return replace(lattice, **of_sites(lattice, keep), indptr=indptr, edge=edge, **beside)


def of_sites(lattice, chosen):
    """What a lattice has of some sites beside their edges, by field: `chosen` is a mask, or their numbers in order."""
    notes = {name: value[chosen] if isinstance(value, np.ndarray) else value for name, value in lattice.notes.items()}
    return {name: getattr(lattice, name)[chosen] for name in ("column", "height", "region", "bore")} | {"notes": notes}
