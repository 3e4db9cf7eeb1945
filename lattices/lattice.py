"""The lattice: positions, regions, neighbours in compressed rows, and the axial step of every edge.

Nothing here knows a rate.  Axial positions are whole multiples of one unit, so that the steps round any loop add
up to exactly zero or to whole periods, and a displacement is an integer.

A site of bcc holds about 42 bytes: 32 for its edges, packed as the kernel reads them, 4 for where its row starts, 4
for its column and height, from which positions are made when asked for, and 2 for what it is.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy  # its parts are imported when they are used: those of graphs take longer than to read a case

from coble.lattices.atoms.from_atoms import lattice_fields
from coble.lattices.graph.edges import subgraph
from coble.lattices.graph.packing import AT_ONCE, MOST_SITES, SITE_BITS, refuse_too_many, starts
from coble.lattices.graph.percolation import break_of
from coble.lattices.graph.regions import MOST_REGIONS, REGIONS
from coble.lattices.graph.soundness import faults
from coble.lattices.shapes import Shape


@dataclass(frozen=True)
class Lattice:
    """Sites and directed edges (every edge has its reverse).

    Every edge has a class.  Up to 32 classes stand in the high bits of the edges (a narrow lattice).  More need
    `bond_class`, an array of their own (a wide lattice); there a class also fixes the regions of both ends.

    Attributes
    ----------
    xy : float array (n_column, 2)
        Columns of sites along the tube axis [Å].
    column : int array (n_site,)
        The column that each site stands in.
    height : int array (n_site,)
        Axial position in units of `unit`.
    region : uint8 array (n_site,)
        Index of each site's region into `regions`; in tubules a `Region`.
    bore : int8 array (n_site,)
        Which bore the site lies in; -1 in the wall.
    indptr : uint32 array (n_site + 1,)
        Row i holds the edges indptr[i]:indptr[i+1].
    edge : uint32 array (n_edge,)
        Neighbour and step class of each edge; see `pack`.
    steps : int64 array (n_step,)
        Axial steps in units of `unit`, ascending and symmetric about zero.
    unit : float
        Axial unit [Å].
    cell : float array (3,) or (3, 3)
        Edges of the periodic box [Å], 0 where it is open; or its three vectors as rows.
    shape : Shape or None
        The cross-section that was filled, with its exact areas.
    notes : dict
        What the builder decided (whole cells, strain of the wall, dropped sites).  Arrays in it have one entry a site.
    regions : tuple of str
        Names of the regions; those of a tubule unless given.
    class_step : int array (n_class,) or None
        Index into `steps` of each class; None where every class is one step.
    reverse_class : int array (n_class,) or None
        Class of the reverse of an edge of each class; None where it is n_class - 1 - class.
    bond_class : uint32 array (n_edge,) or None
        Class of every edge of a wide lattice.
    shift : int8 array (n_edge, 3) or None
        Cells that an edge crosses: its vector is that from source to target plus shift @ `vectors`.
    frozen : ase.Atoms or None
        Atoms that do not move, for the export.
    thin : tuple of int
        Regions without thickness, as sheets between voxels: a bond from one to another region is the other's alone.

    Raises
    ------
    ValueError
        For more than 2^27 sites, 22 regions, or 32 classes in the edges themselves.
    """

    xy: np.ndarray
    column: np.ndarray
    height: np.ndarray
    region: np.ndarray
    bore: np.ndarray
    indptr: np.ndarray
    edge: np.ndarray
    steps: np.ndarray
    unit: float
    cell: np.ndarray
    shape: Shape | None = None
    notes: dict = field(default_factory=dict)
    regions: tuple[str, ...] = REGIONS
    class_step: np.ndarray | None = None
    reverse_class: np.ndarray | None = None
    bond_class: np.ndarray | None = field(default=None, repr=False)
    shift: np.ndarray | None = field(default=None, repr=False)
    frozen: Any = field(default=None, repr=False)
    thin: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        refuse_too_many(self.n_site, () if self.wide else range(self.n_class))
        if len(self.regions) > MOST_REGIONS:
            raise ValueError(f"at most {MOST_REGIONS} regions, got {len(self.regions)}")

    @classmethod
    def from_atoms(
        cls,
        atoms: Any,
        cutoff: float | dict | str | None = None,
        regions: Any = None,
        axis: str = "z",
        bonds: Any = None,
        frozen: Any = None,
    ) -> "Lattice":
        """A lattice whose sites are atoms: any structure that ASE builds or reads.

        Sites are numbered as the atoms are.  Atoms of species X, and those whose value in an array `occupancy` is 0,
        are empty sites, all others full: `notes["occupied"]`.

        Parameters
        ----------
        atoms : ase.Atoms
            In a cell of any form, periodic along the transport axis; across it, as `atoms.pbc` says.
        cutoff : float, dict or "natural"
            Longest bond [Å]; for each pair of regions, as ``{"bulk-bulk": 3.0, "bulk-wall": 3.4}``, in either order
            (other pairs have no bonds); or the sum of ASE's natural cut-offs of both atoms.  Bonds up to 1e-6 Å longer
            count.
        regions : str, array (n_site,) or dict, optional
            "tags", "symbols" or the name of another array of the atoms; a value for each site; a dict from names to
            indices of sites; or a dict from tags to names.  One region, bulk, unless given.
        axis : {"x", "y", "z"}
            The first, second or third vector of the cell is the period along the transport axis.  The axis itself is
            normal to the other two vectors where those are periodic, so that crossing them is no step.
        bonds : sequence of (int, int, (int, int, int)), or int array (n_bond, 5), optional
            Instead of a cut-off: site, site, and the cells along the three vectors in which the second lies seen from
            the first.  Each bond once.
        frozen : ase.Atoms, bool array (n_atom,) or str, optional
            Atoms that do not move, for the export, in the frame of `atoms`.  A mask, or the name of an array, takes
            them from `atoms`; sites are then numbered as the atoms that are left.

        Returns
        -------
        Lattice
            The axis is its third; `coble.lattices.given_positions` goes back.  Planes of sites closer than 1e-3 Å are
            one.  Narrow where the bonds have at most 32 different axial steps, else wide.  Cells that edges cross are
            counted in the order of its own `vectors`: for axis "x" the second, third and first of `atoms`.

        Raises
        ------
        ValueError
            For sites closer than 0.5 Å, a site without a bond, a site in no region or in two, an unknown region, a
            bond that is listed twice or leads to no site, a cell without volume, an open transport axis, bonds that do
            not go all the way along it (the message says where they break), more than 22 regions or 2^27 sites.
        """
        found = cls(**lattice_fields(atoms, cutoff, regions, axis, bonds, frozen))
        if where := break_of(found):
            raise ValueError(f"no chain of bonds crosses the cell along {axis}: {where}")
        return found

    @property
    def n_site(self) -> int:
        return len(self.region)

    @property
    def n_region(self) -> int:
        """Number of regions, those without sites included."""
        return len(self.regions)

    @property
    def present(self) -> tuple[int, ...]:
        """Indices of the regions that have sites."""
        return tuple(np.flatnonzero(np.bincount(self.region)).tolist())

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
    def wide(self) -> bool:
        """Whether classes stand beside the edges, not in them."""
        return self.bond_class is not None

    @property
    def n_class(self) -> int:
        """Number of classes of edges."""
        return len(self.steps if self.class_step is None else self.class_step)

    @property
    def classes(self) -> np.ndarray:
        """Class of every edge, uint8 or uint32 array (n_edge,)."""
        if self.bond_class is not None:
            return self.bond_class
        return (self.edge >> np.uint32(SITE_BITS)).astype(np.uint8)

    @property
    def step_class(self) -> np.ndarray:
        """Index of each edge into `steps`, int array (n_edge,); the reverse edge has len(steps) - 1 - index."""
        return self.classes if self.class_step is None else self.class_step[self.classes]

    @property
    def step_of_class(self) -> np.ndarray:
        """Index of each class into `steps`, int array (n_class,)."""
        return np.arange(len(self.steps)) if self.class_step is None else self.class_step

    @property
    def reverse_of_class(self) -> np.ndarray:
        """Class of the reverse of an edge of each class, int array (n_class,)."""
        return np.arange(self.n_class)[::-1] if self.reverse_class is None else self.reverse_class

    @cached_property
    def class_regions(self) -> np.ndarray:
        """Regions of source and target of every class of a wide lattice, uint8 array (n_class, 2)."""
        classes, edge = np.unique(self.classes, return_index=True)
        found = np.zeros((self.n_class, 2), dtype=np.uint8)
        found[classes, 0] = self.region[np.searchsorted(self.indptr, edge, side="right") - 1]
        found[classes, 1] = self.region[self.target[edge]]
        return found

    @property
    def parts(self) -> np.ndarray:
        """Part of a bond that is its source's, by the regions of both ends, float array (n_region, n_region)."""
        found = np.full((self.n_region, self.n_region), 0.5)
        for index in self.thin:
            thick = [other for other in range(self.n_region) if other not in self.thin]
            found[index, thick], found[thick, index] = 0.0, 1.0
        return found

    @property
    def vectors(self) -> np.ndarray:
        """Vectors of the periodic box [Å], float array (3, 3), one a row; zeros where it is open."""
        return np.diag(self.cell) if self.cell.ndim == 1 else self.cell

    @property
    def length(self) -> float:
        """Period along the axis [Å]."""
        return float(self.vectors[2, 2])

    @property
    def facts(self) -> dict:
        """What `notes` say of the whole lattice, for result files: all but the arrays."""
        return {name: value for name, value in self.notes.items() if not isinstance(value, np.ndarray)}

    @property
    def hop_vectors_A(self) -> np.ndarray:
        """Vector of every edge [Å], float array (n_edge, 3); needs `shift`."""
        positions = self.positions
        return positions[self.target] - positions[self.sources()] + self.shift @ self.vectors

    @property
    def steps_A(self) -> np.ndarray:
        """Axial step of each class [Å]."""
        return self.steps * self.unit

    def sources(self) -> np.ndarray:
        """Source site of every edge, uint32 array (n_edge,)."""
        return np.repeat(np.arange(self.n_site, dtype=np.uint32), np.diff(self.indptr))

    def count(self, kind: int) -> int:
        """Number of sites of a kind."""
        return int(np.count_nonzero(self.region == kind))

    def subgraph(self, keep: np.ndarray) -> "Lattice":
        """The graph of the sites where `keep` (bool array) holds, and of the edges among them."""
        return subgraph(self, keep)

    def _of_edges(self, chosen):
        """What wide and general lattices hold for each edge, of some edges: keywords of `replace`."""
        return {name: values[chosen] for name in ("bond_class", "shift") if (values := getattr(self, name)) is not None}

    def opened(self) -> "Lattice":
        """The same sites without the edges that cross the axial period: a tubule with two ends."""
        source = self.sources()
        height = self.height.astype(np.int64)
        stays = height[self.target] - height[source] == self.steps[self.step_class]
        degree = np.bincount(source[stays], minlength=self.n_site)
        cell = self.cell * (np.array([1, 1, 0]) if self.cell.ndim == 1 else np.array([[1], [1], [0]]))
        return replace(self, indptr=starts(degree), edge=self.edge[stays], cell=cell, **self._of_edges(stays))

    def reverse_edges(self) -> np.ndarray:
        """Index of the reverse of every edge; ValueError when one is missing."""
        source, target, here = self.sources(), self.target, self.classes
        there = self.reverse_of_class[here]
        crossed = () if self.shift is None else tuple(self.shift.T)  # two bonds of a small box may join the same sites
        # transposing sorts by target and then source, in a tenth of the time of a sort
        number = scipy.sparse.csr_matrix(
            (np.arange(self.n_edge), target.astype(np.int32), self.indptr), shape=(self.n_site,) * 2
        )
        by_target = number.tocsc()
        forward, backward = by_target.tocsr().data, by_target.data
        again = (source[forward[1:]] == source[forward[:-1]]) & (target[forward[1:]] == target[forward[:-1]])
        if again.any():
            forward = np.lexsort((*crossed, here, target, source))
            backward = np.lexsort((*(-each for each in crossed), there, source, target))
        same = (
            (source[forward] == target[backward])
            & (target[forward] == source[backward])
            & (here[forward] == there[backward])
        )
        for each in crossed:
            same &= each[forward] == -each[backward]
        if not same.all():
            raise ValueError(f"{int((~same).sum())} of {self.n_edge} edges have no reverse edge")
        reverse = np.empty(self.n_edge, dtype=np.int64)
        reverse[forward] = backward
        return reverse

    def components(self, kind: int | None = None) -> np.ndarray:
        """Label of the connected component of every site, or of every site of `kind` by edges among that kind."""
        part = self if kind is None else self.subgraph(self.region == kind)
        matrix = scipy.sparse.csr_matrix(
            (np.ones(part.n_edge, dtype=np.int8), part.target, part.indptr), shape=(part.n_site,) * 2
        )
        return scipy.sparse.csgraph.connected_components(matrix, directed=False)[1]

    def faults(self) -> list[str]:
        """What is wrong with the graph, one sentence each; an empty list when nothing is.

        Checked: reverse edges, steps that agree with positions, no site bound to itself; in a tubule also one
        connected shell (interface or surface) per bore, and a wall that is joined to it.
        """
        return faults(self)
