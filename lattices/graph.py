"""The site graph: positions, kinds, neighbours in compressed rows, and the axial step of every edge.

Nothing here knows a rate.  Axial positions are whole multiples of one unit, so that the steps round any loop add
up to exactly zero or to whole periods, and a displacement is an integer.

A site of bcc holds about 42 bytes: 32 for its edges, packed as the kernel reads them, 4 for where its row starts, 4
for its column and height, from which positions are made when asked for, and 2 for what it is.
"""

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from coble.lattices.shapes import Shape


class Region(IntEnum):
    """What a site is.  INTERFACE and SURFACE are the same shell of the bore: under metal, or bare."""

    BULK = 0
    INTERFACE = 1
    WALL = 2
    SURFACE = 3


REGIONS = tuple(kind.name.lower() for kind in Region)

SITE_BITS = 27  # a packed edge: the neighbour in the low bits, the step class above
MOST_SITES = 1 << SITE_BITS
MOST_STEPS = 1 << (32 - SITE_BITS)


AT_ONCE = 1 << 20  # sites, where a temporary array as long as the graph would raise the peak of memory


def pack(target, step_class):
    """Edges as uint32: neighbour in the low 27 bits, step class in the high 5."""
    return np.asarray(target).astype(np.uint32) | (np.asarray(step_class).astype(np.uint32) << np.uint32(SITE_BITS))


def refuse_too_many(n_site, steps):
    """Raise ValueError for more sites or step classes than a packed edge can name."""
    if n_site > MOST_SITES:
        raise ValueError(f"at most {MOST_SITES:,} sites, got {n_site:,}")
    if len(steps) > MOST_STEPS:
        raise ValueError(f"at most {MOST_STEPS} axial step classes, got {len(steps)}")


def starts(degree):
    """Where the rows of compressed edges start, uint32 array (n_site + 1,), from their lengths."""
    indptr = np.zeros(len(degree) + 1, dtype=np.uint32)
    np.cumsum(degree, out=indptr[1:])
    return indptr


@dataclass(frozen=True)
class SiteGraph:
    """Sites and directed edges (every edge has its reverse).

    Attributes
    ----------
    xy : float array (n_column, 2)
        Columns of sites along the tube axis [Å].
    column : int array (n_site,)
        The column that each site stands in.
    height : int array (n_site,)
        Axial position in units of `unit`.
    kind : uint8 array (n_site,)
        A `Region` for each site.
    bore : int8 array (n_site,)
        Which bore the site lies in; -1 in the wall.
    indptr : uint32 array (n_site + 1,)
        Row i holds the edges indptr[i]:indptr[i+1].
    edge : uint32 array (n_edge,)
        Neighbour and step class of each edge; see `pack`.
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

    Raises
    ------
    ValueError
        For more than 2^27 sites or more than 32 step classes.
    """

    xy: np.ndarray
    column: np.ndarray
    height: np.ndarray
    kind: np.ndarray
    bore: np.ndarray
    indptr: np.ndarray
    edge: np.ndarray
    steps: np.ndarray
    unit: float
    cell: np.ndarray
    shape: Shape | None = None
    notes: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse_too_many(self.n_site, self.steps)

    @property
    def n_site(self) -> int:
        return len(self.kind)

    @property
    def n_edge(self) -> int:
        return len(self.edge)

    @property
    def most_neighbours(self) -> int:
        """Length of the longest row."""
        return max(
            (int(np.diff(self.indptr[a : a + AT_ONCE]).max(initial=0)) for a in range(0, self.n_site, AT_ONCE - 1)),
            default=0,
        )

    @property
    def positions(self) -> np.ndarray:
        """Where the sites are [Å], float array (n_site, 3); the third axis is the tube axis.  Made anew each time."""
        found = np.empty((self.n_site, 3))
        found[:, :2] = self.xy[self.column]
        found[:, 2] = self.z
        return found

    @property
    def z(self) -> np.ndarray:
        """Axial position of every site [Å]."""
        return self.height * self.unit

    @property
    def target(self) -> np.ndarray:
        """The neighbour that each edge leads to, uint32 array (n_edge,).  Made anew each time."""
        return self.edge & np.uint32(MOST_SITES - 1)

    @property
    def step_class(self) -> np.ndarray:
        """Index of each edge into `steps`, uint8 array (n_edge,); the reverse edge has class len(steps) - 1 - class."""
        return (self.edge >> np.uint32(SITE_BITS)).astype(np.uint8)

    @property
    def length(self) -> float:
        """Period along the axis [Å]."""
        return float(self.cell[2])

    @property
    def steps_A(self) -> np.ndarray:
        """Axial step of each class [Å]."""
        return self.steps * self.unit

    def sources(self) -> np.ndarray:
        """Source site of every edge, uint32 array (n_edge,)."""
        return np.repeat(np.arange(self.n_site, dtype=np.uint32), np.diff(self.indptr))

    def count(self, kind: int) -> int:
        """Number of sites of a kind."""
        return int(np.count_nonzero(self.kind == kind))

    def subgraph(self, keep: np.ndarray) -> "SiteGraph":
        """The graph of the sites where `keep` (bool array) holds, and of the edges among them."""
        number = np.cumsum(keep, dtype=np.int64) - 1
        source, target = self.sources(), self.target
        stays = keep[source] & keep[target]
        degree = np.bincount(number[source[stays]], minlength=int(keep.sum()))
        return replace(
            self,
            column=self.column[keep],
            height=self.height[keep],
            kind=self.kind[keep],
            bore=self.bore[keep],
            indptr=starts(degree),
            edge=pack(number[target[stays]], self.step_class[stays]),
        )

    def opened(self) -> "SiteGraph":
        """The same sites without the edges that cross the axial period: a tubule with two ends."""
        source = self.sources()
        height = self.height.astype(np.int64)
        stays = height[self.target] - height[source] == self.steps[self.step_class]
        degree = np.bincount(source[stays], minlength=self.n_site)
        return replace(self, indptr=starts(degree), edge=self.edge[stays], cell=self.cell * [1, 1, 0])

    def reverse_edges(self) -> np.ndarray:
        """Index of the reverse of every edge; ValueError when one is missing."""
        source, target, step_class, last = self.sources(), self.target, self.step_class, len(self.steps) - 1
        forward = np.lexsort((step_class, target, source))
        backward = np.lexsort((last - step_class, source, target))
        same = (
            (source[forward] == target[backward])
            & (target[forward] == source[backward])
            & (step_class[forward] == last - step_class[backward])
        )
        if not same.all():
            raise ValueError(f"{int((~same).sum())} of {self.n_edge} edges have no reverse edge")
        reverse = np.empty(self.n_edge, dtype=np.int64)
        reverse[forward] = backward
        return reverse

    def components(self, kind: int | None = None) -> np.ndarray:
        """Label of the connected component of every site, or of every site of `kind` by edges among that kind."""
        part = self if kind is None else self.subgraph(self.kind == kind)
        matrix = csr_matrix((np.ones(part.n_edge, dtype=np.int8), part.target, part.indptr), shape=(part.n_site,) * 2)
        return connected_components(matrix, directed=False)[1]

    def faults(self) -> list[str]:
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
        source, target = self.sources(), self.target
        if (source == target).any():
            found.append(f"{int((source == target).sum())} sites are bound to themselves")
        miss = self.z[target] - self.z[source] - self.steps_A[self.step_class]
        if self.length:
            miss -= self.length * np.round(miss / self.length)
        worst = float(np.abs(miss).max(initial=0.0))
        if worst > 1e-6:
            found.append(f"an axial step differs from the positions by {worst:.2g} Å")
        ends = set(np.unique(self.kind[target[self.kind[source] == Region.WALL]]).tolist())
        if ends and not ends & {Region.INTERFACE, Region.SURFACE}:
            found.append("no edge joins the wall to the bore")
        for kind in (Region.INTERFACE, Region.SURFACE):
            if not self.count(kind):
                continue
            bores = self.bore[self.kind == kind]
            labels = self.components(kind)
            pieces = len(np.unique(labels * (bores.max() + 1) + bores))
            expected = self.notes.get("shells", len(np.unique(bores)))
            if pieces != expected:
                found.append(f"the {kind.name.lower()} falls into {pieces} pieces, expected {expected}")
        return found
