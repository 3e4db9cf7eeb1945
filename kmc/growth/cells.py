"""The channel behind the tip of a plug in cells: made as the metal grows, taken apart when it recedes.

Root and tip stay site by site; between them the covered channel is cells of whole axial periods of the crystal.  What
the cells' resistance is comes from the network of the channel's own sites: one period of it has a resistance R, and
what is left of the whole between two fine ends is that of the two joints, so that the mean current from root to tip is
that of the sites.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

from coble.kmc.digits import SOLVED_BITS, rounded
from coble.kmc.growth.grading import Channel, merged, onto_sites
from coble.kmc.kernel.cells import NO_CELLS
from coble.lattices import Region

PURPOSE = 5  # first entry of the spawn key of its random streams, beside those of `coble.kinds.growth.setup`
ROOT_ROWS = 4  # that stay site by site
FIRST_ROWS = 2  # of a new cell
TRIAL_ROWS = 8  # of the network that gives the resistances: what the ends do has faded there
LEAST_ROWS = 3 * TRIAL_ROWS  # of a channel in cells: such a network has three parts


class Rows:
    """The channel of one bore by axial periods.

    Parameters
    ----------
    graph : Lattice
    period : int
        Axial period of the crystal, in units of the graph.

    Attributes
    ----------
    sites : list of int arrays
        Channel sites of every whole row.
    row : int array (n_site,)
        Row of every channel site, -1 elsewhere.
    """

    def __init__(self, graph, period):
        self.graph, self.period_A = graph, period * graph.unit
        channel = graph.region == Region.INTERFACE
        self.row = np.where(channel, graph.height.astype(np.int64) // period, -1)
        order = np.argsort(self.row, kind="stable")
        order = order[np.searchsorted(self.row[order], 0) :]
        self.sites = np.split(order, np.flatnonzero(np.diff(self.row[order])) + 1)
        self.per_row = len(self.sites[1])
        self._whole = next(
            (k for k in range(1, len(self.sites)) if len(self.sites[k]) != self.per_row), len(self.sites)
        )
        source = graph.sources()
        inner = channel[source] & channel[graph.target]
        self._source, self._target = source[inner], graph.target[inner]
        step = self.row[self._target] - self.row[self._source]
        if np.abs(step).max(initial=0) > 1:
            raise ValueError("a hop in the channel is longer than a period of the crystal")
        beyond = lambda way: np.unique(self._source[step == way])  # noqa: E731
        self._up, self._down = beyond(1), beyond(-1)

    @property
    def n_row(self):
        """Rows from the root on that are alike."""
        return self._whole

    def last_before(self, k):
        """Sites of row k - 1 that have neighbours in row k."""
        return self._up[self.row[self._up] == k - 1]

    def first_after(self, k):
        """Sites of row k that have neighbours in row k - 1."""
        return self._down[self.row[self._down] == k]

    def resistance(self, n, cells=None):
        """Between the first and the last of n rows, in units of one over the rate of a bond.

        Parameters
        ----------
        n : int
        cells : (first, end, half, between), optional
            Rows in cells: resistances between the centre of the first cell, or the last, and the plane beside it, and
            between these two centres.
        """
        keep = (self.row[self._source] < n) & (self.row[self._target] < n)
        here, there, rate = self._source[keep], self._target[keep], np.ones(keep.sum())
        sites, index = np.concatenate(self.sites[:n]), np.full(self.graph.n_site, -1)
        if cells is not None:
            first, end, half, between = cells
            inside = lambda site: (self.row[site] >= first) & (self.row[site] < end)  # noqa: E731
            out = ~inside(here) & ~inside(there)
            here, there, rate = here[out], there[out], rate[out]
            sites = sites[~inside(sites)]
        index[sites] = np.arange(len(sites))
        a, b, size = index[here], index[there], len(sites)
        if cells is not None:  # two more nodes, the centres of the first cell and of the last
            for node, plane in ((size, self.last_before(first)), (size + 1, self.first_after(end))):
                ends, centre = index[plane], np.full(len(plane), node)
                a, b = np.concatenate([a, ends, centre]), np.concatenate([b, centre, ends])
                rate = np.concatenate([rate, np.full(2 * len(ends), 1 / half / len(ends))])
            a, b = np.concatenate([a, [size, size + 1]]), np.concatenate([b, [size + 1, size]])
            rate, size = np.concatenate([rate, [1 / between] * 2]), size + 2
        full = np.bincount(a, rate, minlength=size)
        matrix = (coo_matrix((full, (np.arange(size),) * 2)) - coo_matrix((rate, (a, b)), shape=(size, size))).tocsr()
        fixed = np.full(size, np.nan)
        fixed[index[self.sites[0]]], fixed[index[self.sites[n - 1]]] = 1.0, 0.0
        free = np.isnan(fixed)
        mean = np.where(free, 0.0, fixed)
        mean[free] = spsolve(matrix[free].tocsc()[:, free], -(matrix[free] @ mean))
        return 1 / float((matrix @ mean)[index[self.sites[0]]].sum())

    def joints(self):
        """Resistance of a row, and of the joint of cells with the fine rows beside them [1 / rate of a bond].

        Rounded: a sparse solver sums in an order that hangs on the machine.
        """
        n = TRIAL_ROWS
        whole = self.resistance(3 * n)
        row = (whole - self.resistance(2 * n)) / n
        half = row * FIRST_ROWS / 2
        for _ in range(30):  # in series, so the difference is what the joints lack
            missing = whole - self.resistance(3 * n, (n, 2 * n, half, (n - FIRST_ROWS) * row))
            half += missing / 2
            if abs(missing) < 1e-14 * whole:
                break
        return tuple(rounded(each, SOLVED_BITS) for each in (row, half - row * FIRST_ROWS / 2))


@dataclass
class GradedChannel:
    """Cells between the root and the tip of a growing plug.

    Parameters
    ----------
    rows : Rows
    fine_A : float
        How far behind the tip the channel stays site by site.
    rate : float
        Of a hop in the covered channel to an empty site [1/s].
    seed : int
    lengths : list of int
        Rows of every cell, from the root on.
    way_A : float
        Net axial way of the atoms that crossed links which are gone.
    n_crossed, n_released : int
        Such crossings, and cells that were taken apart.
    left_out : float
        Bound of what the metal along the cells would carry, over what the channel carries.
    """

    rows: Rows
    fine_A: float
    rate: float
    seed: int
    lengths: list = field(default_factory=list)
    way_A: float = 0.0
    n_crossed: int = 0
    n_released: int = 0
    left_out: float = 0.0

    KEPT = ("lengths", "way_A", "n_crossed", "n_released")

    def __post_init__(self):
        row, joint = self.rows.joints()
        self._channel = Channel(conductance=self.rate / row, sites=self.rows.per_row)
        self._joint, self._at = joint / self.rate, None

    @property
    def end(self):
        """First row after the cells."""
        return ROOT_ROWS + sum(self.lengths)

    @property
    def sites(self):
        """Sites that are in cells, cell by cell: list of int arrays."""
        ends = ROOT_ROWS + np.cumsum([0, *self.lengths])
        return [np.concatenate(self.rows.sites[a:b]) for a, b in zip(ends[:-1], ends[1:], strict=True)]

    @property
    def planes(self):
        """Sites of the fine planes beside the first cell, on the root's side, and beside the last: two int arrays."""
        return self.rows.last_before(ROOT_ROWS), self.rows.first_after(self.end)

    def said(self):
        """What is graded, and what that leaves out, as a dict of plain values."""
        ends = [ROOT_ROWS, self.end]
        from_nm, to_nm = (row * self.rows.period_A / 10 for row in ends)
        return {
            "fine_nm": self.fine_A / 10,
            "cells": len(self.lengths),
            "from_nm": from_nm,
            "to_nm": to_nm,
            "left_out": self.left_out,
        }

    def inside(self, end=None):
        """Bool array (n_site,): sites that are in cells, or that were when these ended before row `end`."""
        row = self.rows.row
        return (row >= ROOT_ROWS) & (row < (self.end if end is None else end))

    def atoms(self, kernel):
        """Atoms in every cell, list of int."""
        return kernel.cells.atoms[: len(self.lengths)].tolist()

    def follow(self, growth, tip_A):
        """Make and take apart cells so that they end about `fine_A` behind the tip; none while metal is stripped."""
        wanted = int((tip_A - self.fine_A) / self.rows.period_A)
        wanted = min(wanted, self.rows.n_row - 1) if growth.direction >= 0 else 0
        atoms, _ = self.atoms(growth.kernel), self._heights()  # before the cells are others
        if self.end + FIRST_ROWS <= wanted and growth.direction > 0:
            while self.end + FIRST_ROWS <= wanted:
                atoms.append(self._taken(growth))
                # The first cell stays short, as the last one is: what the joints are hangs on the cells beside them.
                self.lengths, atoms = _grown(self.lengths, atoms)
        elif self.lengths and wanted + FIRST_ROWS < self.end:
            while self.lengths and wanted + FIRST_ROWS < self.end:
                self._release(growth, atoms.pop())
        else:
            return
        self.install(growth, atoms)

    def _taken(self, growth):
        """Freeze the next rows; how many atoms they held."""
        sites = np.concatenate(self.rows.sites[self.end : self.end + FIRST_ROWS])
        occupied = growth.occupied
        held = int(occupied[sites].sum())
        occupied[sites] = False
        self._give(growth, sites, occupied, True)
        return held

    def _release(self, growth, atoms):
        """Take the last cell apart: its atoms go to its sites, each choice as likely."""
        sites, occupied = self.sites[-1], growth.occupied
        stream = np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(PURPOSE, self.n_released)))
        occupied[sites] = onto_sites(atoms, len(sites), np.random.Generator(stream))
        self._give(growth, sites, occupied, False)
        self.lengths, self.n_released = self.lengths[:-1], self.n_released + 1

    def _give(self, growth, sites, occupied, frozen):
        growth.frozen[sites] = frozen
        growth.kernel.set_codes(sites, growth.codes_of(occupied)[sites])

    def install(self, growth, atoms=None):
        """Give the kernel the cells, at its quantum."""
        kernel = growth.kernel
        atoms = self.atoms(kernel) if atoms is None else atoms
        self.way_A, self.n_crossed = self.way(kernel), self.crossings(kernel)
        if not self.lengths:
            kernel.set_cells(NO_CELLS)
            return
        root, tip = self.planes
        self._at = self._places()
        joints = {"root_resistance": self._joint, "plane_resistance": self._joint}
        kernel.set_cells(self._channel.cells(self.lengths, atoms, kernel.quantum, root_plane=root, plane=tip, **joints))

    def way(self, kernel):
        """Net axial way of all atoms that crossed links so far [Å]."""
        crossed = kernel.crossings
        if not len(crossed):
            return self.way_A
        link, at = kernel.cells.link, self._heights()
        return self.way_A + float(((crossed[:, 0] - crossed[:, 1]) * (at[link[:, 1]] - at[link[:, 0]])).sum())

    def _heights(self):
        """Of all holders that the kernel has [Å]; found anew after a restart."""
        if self._at is None:
            self._at = self._places()
        return self._at

    def _places(self):
        """Height of every holder [Å]."""
        z, period = self.rows.graph.z, self.rows.period_A
        ends = ROOT_ROWS + np.cumsum([0, *self.lengths])
        return np.concatenate([(ends[:-1] + ends[1:]) / 2 * period, [z[plane].mean() for plane in self.planes]])

    def crossings(self, kernel):
        """Crossings of links so far."""
        return self.n_crossed + int(kernel.crossings.sum())

    def profile(self, kernel, occupied):
        """Occupancy of the sites that are in cells, 0 elsewhere.

        Along a cell it has the slope between the cells, or planes, beside it: a cell's mean at all of its heights would
        be a staircase, and what is fitted to that misses the tip's occupancy by 0.01.

        Parameters
        ----------
        kernel : coble.kmc.kernel.GradedKernel
        occupied : bool or float array (n_site,)
            How full the sites are that are in no cell.

        Returns
        -------
        float array (n_site,)
            Its mean over a cell is that cell's atoms over its sites.
        """
        found, graph = np.zeros(self.rows.graph.n_site), self.rows.graph
        if not self.lengths:
            return found
        root, tip = ((occupied[plane].mean(), graph.z[plane].mean()) for plane in self.planes)
        cells = self.sites
        full = np.array(self.atoms(kernel)) / [len(sites) for sites in cells]
        z = np.array([graph.z[sites].mean() for sites in cells])
        beside, at = np.r_[root[0], full, tip[0]], np.r_[root[1], z, tip[1]]
        slope = (beside[2:] - beside[:-2]) / (at[2:] - at[:-2])
        for sites, mean, middle, rise in zip(cells, full, z, slope, strict=True):
            way = graph.z[sites] - middle
            most = min(mean, 1 - mean) / np.abs(way).max()  # no site is fuller than full
            found[sites] = mean + np.clip(rise, -most, most) * way
        return found

    def dealt(self, kernel, number):
        """Bool array (n_site,): atoms of cells on sites of theirs, at random, for a picture of this number."""
        found = np.zeros(self.rows.graph.n_site, dtype=bool)
        rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(PURPOSE, 0, number))))
        for sites, atoms in zip(self.sites, self.atoms(kernel), strict=True):
            found[sites] = onto_sites(atoms, len(sites), rng)
        return found


def _grown(lengths, atoms):
    """Cells with one more at the end, of which the atoms stand there already; all but the first in a binary counter."""
    later, held = merged([*lengths[1:], FIRST_ROWS], atoms[1:]) if lengths else ([], [])
    return [FIRST_ROWS, *later], [atoms[0], *held]
