"""The site graph: positions, kinds, neighbours in compressed rows, and the axial step of every edge.

Nothing here knows a rate.  Axial positions are whole multiples of one unit, so that the steps round any loop add
up to exactly zero or to whole periods, and a displacement is an integer.
"""

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from lattices.shapes import Shape


class Kind(IntEnum):
    """What a site is.  INTERFACE and SURFACE are the same shell of the bore: under metal, or bare."""

    METAL = 0
    INTERFACE = 1
    WALL = 2
    SURFACE = 3


KINDS = tuple(kind.name.lower() for kind in Kind)


@dataclass(frozen=True)
class SiteGraph:
    """Sites and directed edges (every edge has its reverse).

    Attributes
    ----------
    positions : float array (n_site, 3)
        [Å]; the third axis is the tube axis.
    kind : uint8 array (n_site,)
        A `Kind` for each site.
    bore : int16 array (n_site,)
        Which bore the site lies in; -1 in the wall.
    indptr : int64 array (n_site + 1,)
        Row i holds the edges indptr[i]:indptr[i+1].
    target : uint32 array (n_edge,)
        The neighbour that each edge leads to.
    step_class : uint8 array (n_edge,)
        Index into `steps`; the reverse edge has class len(steps) - 1 - class.
    steps : int64 array (n_class,)
        Axial step of each class in units of `unit`, ascending and symmetric about zero.
    unit : float
        Axial unit [Å].
    cell : float array (3,)
        Edges of the periodic box [Å]; 0 where it is open.
    shape : Shape or None
        The cross-section that was filled, with its exact areas.
    notes : dict
        What the builder decided (whole cells, strain of the wall, dropped sites).
    """

    positions: np.ndarray
    kind: np.ndarray
    bore: np.ndarray
    indptr: np.ndarray
    target: np.ndarray
    step_class: np.ndarray
    steps: np.ndarray
    unit: float
    cell: np.ndarray
    shape: Shape | None = None
    notes: dict = field(default_factory=dict)

    @property
    def n_site(self):
        return len(self.kind)

    @property
    def n_edge(self):
        return len(self.target)

    @property
    def length(self):
        """Period along the axis [Å]."""
        return float(self.cell[2])

    @property
    def steps_A(self):
        """Axial step of each class [Å]."""
        return self.steps * self.unit

    def sources(self):
        """Source site of every edge, uint32 array (n_edge,)."""
        return np.repeat(np.arange(self.n_site, dtype=np.uint32), np.diff(self.indptr))

    def count(self, kind):
        """Number of sites of a kind."""
        return int(np.count_nonzero(self.kind == kind))

    def subgraph(self, keep):
        """The graph of the sites where `keep` (bool array) holds, and of the edges among them."""
        number = np.cumsum(keep, dtype=np.int64) - 1
        source = self.sources()
        stays = keep[source] & keep[self.target]
        degree = np.bincount(number[source[stays]], minlength=int(keep.sum()))
        return SiteGraph(
            positions=self.positions[keep],
            kind=self.kind[keep],
            bore=self.bore[keep],
            indptr=np.concatenate([[0], np.cumsum(degree)]),
            target=number[self.target[stays]].astype(np.uint32),
            step_class=self.step_class[stays],
            steps=self.steps,
            unit=self.unit,
            cell=self.cell,
            shape=self.shape,
            notes=self.notes,
        )

    def opened(self):
        """The same sites without the edges that cross the axial period: a tubule with two ends."""
        source = self.sources()
        rise = self.positions[self.target, 2] - self.positions[source, 2]
        stays = np.abs(rise - self.steps_A[self.step_class]) < self.length / 2
        degree = np.bincount(source[stays], minlength=self.n_site)
        return replace(
            self,
            indptr=np.concatenate([[0], np.cumsum(degree)]),
            target=self.target[stays],
            step_class=self.step_class[stays],
            cell=self.cell * [1, 1, 0],
        )

    def reverse_edges(self):
        """Index of the reverse of every edge; ValueError when one is missing."""
        source, n_class = self.sources(), len(self.steps)
        forward = np.lexsort((self.step_class, self.target, source))
        backward = np.lexsort((n_class - 1 - self.step_class, source, self.target))
        same = (
            (source[forward] == self.target[backward])
            & (self.target[forward] == source[backward])
            & (self.step_class[forward] == n_class - 1 - self.step_class[backward])
        )
        if not same.all():
            raise ValueError(f"{int((~same).sum())} of {self.n_edge} edges have no reverse edge")
        reverse = np.empty(self.n_edge, dtype=np.int64)
        reverse[forward] = backward
        return reverse

    def components(self, kind):
        """Label of the connected component of every site of `kind`, by edges among that kind."""
        part = self.subgraph(self.kind == kind)
        matrix = csr_matrix((np.ones(part.n_edge, dtype=np.int8), part.target, part.indptr), shape=(part.n_site,) * 2)
        return connected_components(matrix, directed=False)[1]

    def faults(self):
        """What is wrong with the graph, one sentence each; an empty list when nothing is.

        Checked: reverse edges, steps that agree with positions, no site bound to itself, one connected shell
        (interface or surface) per bore, a wall that is joined to it.
        """
        found = []
        try:
            self.reverse_edges()
        except ValueError as error:
            found.append(str(error))
        if not np.array_equal(self.steps, -self.steps[::-1]):
            found.append(f"steps are not symmetric about zero: {self.steps.tolist()}")
        source = self.sources()
        if (source == self.target).any():
            found.append(f"{int((source == self.target).sum())} sites are bound to themselves")
        rise = self.positions[self.target, 2] - self.positions[source, 2]
        miss = rise - self.steps_A[self.step_class]
        if self.length:
            miss -= self.length * np.round(miss / self.length)
        worst = float(np.abs(miss).max(initial=0.0))
        if worst > 1e-6:
            found.append(f"an axial step differs from the positions by {worst:.2g} Å")
        ends = set(np.unique(self.kind[self.target[self.kind[source] == Kind.WALL]]).tolist())
        if ends and not ends & {Kind.INTERFACE, Kind.SURFACE}:
            found.append("no edge joins the wall to the bore")
        for kind in (Kind.INTERFACE, Kind.SURFACE):
            if not self.count(kind):
                continue
            bores = self.bore[self.kind == kind]
            labels = self.components(kind)
            pieces = len(np.unique(labels * (bores.max() + 1) + bores))
            expected = self.notes.get("shells", len(np.unique(bores)))
            if pieces != expected:
                found.append(f"the {kind.name.lower()} falls into {pieces} pieces, expected {expected}")
        return found
