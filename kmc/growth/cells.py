"""The channel of a growing plug in cells: behind its tip, where metal covers it, and ahead of it, where it is bare.

Root and tip stay site by site.  Behind the tip cells are made as the metal grows, and taken apart when it recedes;
ahead of it they are split and taken apart as the metal comes near.  The cells ahead end at the closed end of the
tubule, so they carry no steady current: they hold what the bare channel stores.
"""

from dataclasses import dataclass, field

import numpy as np

from coble.kmc.growth.grading import Channel, as_cells, doubling, merged, onto_sites, refined
from coble.kmc.growth.kept import Kept
from coble.kmc.growth.rows import FIRST_ROWS, TRIAL_ROWS, Rows
from coble.kmc.kernel.cells import CELL, NO_CELLS

PURPOSE = 5  # first entry of the spawn key of its random streams, beside those of `coble.kinds.growth.setup`
ROOT_ROWS = 4  # that stay site by site
LEAST_ROWS = 3 * TRIAL_ROWS  # of a channel in cells: the network that gives its resistances has three parts
SLACK_ROWS = 2 * FIRST_ROWS  # by which cells may be farther ahead than they have to be


@dataclass
class GradedChannel(Kept):
    """Cells between the root and the tip of a growing plug, and between the tip and the closed end.

    Parameters
    ----------
    rows : Rows
    fine_A : float
        How far behind the tip, and ahead of it, the channel stays site by site.
    rate, bare_rate : float
        Of a hop in the covered channel to an empty site, and in the bare one [1/s].
    seed : int
    lengths, ahead : list of int
        Rows of every cell behind the tip, from the root on, and of every cell ahead, from the tip on.
    way_A : float
        Net axial way behind the tip of the atoms that crossed links which are gone, and of those that cells took or
        gave: an atom of a cell counts as one in its middle.  Ahead of the tip no way counts: it carries nothing from
        the root.
    n_crossed, n_released : int
        Such crossings, and cells that were taken apart.
    left_out : float
        Bound of what the metal along the cells would carry, over what the channel carries.
    """

    rows: Rows
    fine_A: float
    rate: float
    bare_rate: float
    seed: int
    lengths: list = field(default_factory=list)
    ahead: list = field(default_factory=list)
    way_A: float = 0.0
    n_crossed: int = 0
    n_released: int = 0
    left_out: float = 0.0

    KEPT = ("lengths", "ahead", "way_A", "n_crossed", "n_released")

    def __post_init__(self):
        self._covered, alike = self.rows.joints(), (self.rows.mobility == 1).all()
        self._bare = self._covered if alike else self.rows.joints(covered=False)  # half a second at W = 30 nm
        self._at = None

    @property
    def ends(self):
        """First row after the cells behind the tip, and first row of those ahead."""
        return ROOT_ROWS + sum(self.lengths), self.rows.n_row - sum(self.ahead)

    @property
    def sites(self):
        """Sites that are in cells, cell by cell from the root on: list of int arrays."""
        return [*self._sites_behind(), *self._sites_ahead()]

    def _sites_behind(self):
        return self._parts(ROOT_ROWS, self.lengths)

    def _sites_ahead(self):
        found = self._parts(self.ends[1], self.ahead)
        if found:  # the last one has the end of the tubule, too
            found[-1] = np.concatenate([found[-1], *self.rows.sites[self.rows.n_row :]])
        return found

    def _parts(self, first, lengths):
        ends = first + np.cumsum([0, *lengths])
        return [np.concatenate(self.rows.sites[a:b]) for a, b in zip(ends[:-1], ends[1:], strict=True)]

    @property
    def planes(self):
        """Sites of the fine planes beside the cells behind the tip, on the root's side and on the tip's, and of the one
        before those ahead: three int arrays."""
        end, ahead = self.ends
        return self.rows.last_before(ROOT_ROWS), self.rows.first_after(end), self.rows.last_before(ahead)

    def said(self):
        """What is graded, and what that leaves out, as a dict of plain values."""
        nm = self.rows.period_A / 10
        return {
            "fine_nm": self.fine_A / 10,
            "cells": len(self.lengths) + len(self.ahead),
            "from_nm": ROOT_ROWS * nm if self.lengths else None,
            "to_nm": self.ends[0] * nm if self.lengths else None,
            "ahead_from_nm": self.ends[1] * nm if self.ahead else None,
            "left_out": self.left_out,
        }

    def inside(self, ends=None):
        """Bool array (n_site,): sites that are in cells, or that were when `ends` were the rows where they end."""
        row, (end, ahead) = self.rows.row, self.ends if ends is None else ends
        return (row >= ROOT_ROWS) & (row < end) | (row >= ahead) & (ahead < self.rows.n_row)

    def atoms(self, kernel):
        """Atoms in every cell, in the order of `sites`, list of int."""
        return kernel.cells.atoms[kernel.cells.role == CELL].tolist()

    # ---- making cells, and taking them apart -----------------------------------------------------------

    def follow(self, growth, tip_A, filled_A):
        """Make and take apart cells so that they end about `fine_A` behind the tip, and begin as far ahead of it.

        Behind the tip they end where the bore is no longer filled, if that comes first: there the channel feeds metal
        that the wall has drawn ahead of the tip (narrow bores that wet well).  None are there while metal is stripped.
        """
        self._heights()  # those of the cells that the kernel has, before they are others
        before = self.lengths, self.ahead
        n, atoms = len(self.lengths), self.atoms(growth.kernel)
        behind, ahead = atoms[:n], atoms[n:]
        last = int(min(tip_A - self.fine_A, filled_A) / self.rows.period_A) if growth.direction >= 0 else 0
        last = min(last, self.rows.n_row - 1)
        first = int((tip_A + self.fine_A) / self.rows.period_A)
        # Cells are taken apart first: a row is in one at most.
        behind, ahead = self._shorter(growth, last, behind), self._shorter_ahead(growth, first, ahead)
        if growth.direction > 0:
            behind = self._longer(growth, last, behind)
        ahead = self._longer_ahead(growth, first, ahead)
        if (self.lengths, self.ahead) != before:
            self.install(growth, [*behind, *ahead])

    def _shorter(self, growth, last, atoms):
        """Take cells apart until they end about row `last`; atoms in those that are left."""
        while self.lengths and last + FIRST_ROWS < self.ends[0]:
            self.way_A += self._release(growth, self._sites_behind()[-1], atoms[-1], self._rng())
            self.lengths, atoms = self.lengths[:-1], atoms[:-1]
        return atoms

    def _longer(self, growth, last, atoms):
        """Make cells as far as row `last`; atoms in all of them."""
        while (end := self.ends[0]) + FIRST_ROWS <= last:
            new = [np.concatenate(self.rows.sites[end : end + FIRST_ROWS])]
            held, moved = self._taken(growth, new)
            before, atoms = self._moment([*self._sites_behind(), *new], [*atoms, *held]), [*atoms, *held]
            # The first cell stays short, as the last one is: what the joints are hangs on the cells beside them.
            self.lengths, atoms = _grown(self.lengths, atoms)
            self.way_A += moved + self._moment(self._sites_behind(), atoms) - before
        return atoms

    def _shorter_ahead(self, growth, first, atoms):
        """Take cells ahead apart until they begin at row `first`; atoms in those that are left."""
        extra = sum(map(len, self.rows.sites[self.rows.n_row :]))
        while self.ahead and self.ends[1] < first:
            rng = self._rng()
            self._release(growth, self._sites_ahead()[0], atoms[0], rng)
            self.ahead, atoms = refined(self.ahead[1:], atoms[1:], self.rows.per_row, rng, extra, FIRST_ROWS)
        return atoms

    def _longer_ahead(self, growth, first, atoms):
        """Make cells from about row `first` to the closed end; atoms in all of them."""
        if not self.ahead and first + SLACK_ROWS <= self.rows.n_row:
            self.ahead = doubling(self.rows.n_row - first, FIRST_ROWS)[::-1]
            atoms, _ = self._taken(growth, self._sites_ahead())
        while self.ahead and (start := self.ends[1]) - first > SLACK_ROWS:
            held, _ = self._taken(growth, [np.concatenate(self.rows.sites[start - FIRST_ROWS : start])])
            far, atoms = merged([*self.ahead[::-1], FIRST_ROWS], [*atoms[::-1], *held])
            self.ahead, atoms = far[::-1], atoms[::-1]
        return atoms

    def _rng(self):
        """Of the next cell that is taken apart."""
        stream = np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(PURPOSE, self.n_released)))
        self.n_released += 1
        return np.random.Generator(stream)

    def _taken(self, growth, parts):
        """Freeze the sites of new cells; how many atoms each held, list of int, and their way to its middle [Å]."""
        occupied, sites = growth.occupied, np.concatenate(parts)
        held = [int(occupied[part].sum()) for part in parts]
        moved = self._moment(parts, held) - float(self.rows.graph.z[sites[occupied[sites]]].sum())
        occupied[sites] = False
        self._give(growth, sites, occupied, True)
        return held, moved

    def _release(self, growth, sites, atoms, rng):
        """Take a cell apart: its atoms go to its sites, each choice as likely; their way from its middle [Å]."""
        occupied = growth.occupied
        occupied[sites] = onto_sites(atoms, len(sites), rng)
        self._give(growth, sites, occupied, False)
        return float(self.rows.graph.z[sites[occupied[sites]]].sum()) - self._moment([sites], [atoms])

    def _moment(self, parts, atoms):
        """Σ of the heights of all atoms of some cells [Å]."""
        return float(sum(n * self.rows.graph.z[part].mean() for part, n in zip(parts, atoms, strict=True)))

    def _give(self, growth, sites, occupied, frozen):
        growth.frozen[sites] = frozen
        growth.kernel.set_codes(sites, growth.codes_of(occupied)[sites])

    def install(self, growth, atoms=None):
        """Give the kernel the cells, at its quantum."""
        kernel = growth.kernel
        atoms = self.atoms(kernel) if atoms is None else atoms
        self.way_A, self.n_crossed = self.way(kernel), self.crossings(kernel)
        self._at, (root, tip, beyond) = self._places(), self.planes
        n, chains = len(self.lengths), []
        if self.lengths:
            row, joint = (each / self.rate for each in self._covered)
            ends = {"root_plane": root, "plane": tip, "root_resistance": joint, "plane_resistance": joint}
            chains.append(Channel(1 / row, self.rows.per_row).chain(self.lengths, atoms[:n], **ends))
        if self.ahead:
            row, joint = (each / self.bare_rate for each in self._bare)
            ends = {"root_plane": beyond, "root_resistance": joint, "rooms": list(map(len, self._sites_ahead()))}
            chains.append(Channel(1 / row, self.rows.per_row).chain(self.ahead, atoms[n:], **ends))
        kernel.set_cells(as_cells(chains, kernel.quantum) if chains else NO_CELLS)

    def restore(self, state):
        """Go back to a state; the kernel, which keeps the cells themselves, is to go back to its own."""
        super().restore(state)
        self._at = None

    # ---- what can be seen ------------------------------------------------------------------------------

    def way(self, kernel):
        """Net axial way of the atoms behind the tip so far [Å]."""
        crossed = kernel.crossings
        if not len(crossed):
            return self.way_A
        link, at = kernel.cells.link, self._heights()
        return self.way_A + float(((crossed[:, 0] - crossed[:, 1]) * (at[link[:, 1]] - at[link[:, 0]])).sum())

    def _heights(self):
        """Of all holders that the kernel has [Å]."""
        if self._at is None:
            self._at = self._places()
        return self._at

    def _places(self):
        """Height of every holder [Å], as `install` orders them; those ahead of the tip have one, so no way counts."""
        z, (root, tip, _) = self.rows.graph.z, self.planes
        behind = [float(z[part].mean()) for part in (*self._sites_behind(), root, tip)] if self.lengths else []
        return np.array(behind + [0.0] * (len(self.ahead) + 1))

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
        z, found = self.rows.graph.z, np.zeros(self.rows.graph.n_site)
        beside = lambda plane: (occupied[plane].mean(), z[plane].mean())  # noqa: E731
        atoms, (root, tip, beyond) = self.atoms(kernel), self.planes
        behind, ahead = self._sites_behind(), self._sites_ahead()
        if behind:
            _slope(found, z, behind, atoms[: len(behind)], beside(root), beside(tip))
        if ahead:  # nothing flows through the closed end, so the last cell is as full as what would be behind it
            held = atoms[len(behind) :]
            mirror = (held[-1] / len(ahead[-1]), 2 * self.rows.graph.z.max() - z[ahead[-1]].mean())
            _slope(found, z, ahead, held, beside(beyond), mirror)
        return found

    def dealt(self, kernel, number):
        """Bool array (n_site,): atoms of cells on sites of theirs, at random, for a picture of this number."""
        found = np.zeros(self.rows.graph.n_site, dtype=bool)
        rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=(PURPOSE, 0, number))))
        for sites, atoms in zip(self.sites, self.atoms(kernel), strict=True):
            found[sites] = onto_sites(atoms, len(sites), rng)
        return found


def _slope(found, z, cells, atoms, before, after):
    """Give sites in cells their occupancies, from those of the cells and of what is before and after them.

    Parameters
    ----------
    found : float array (n_site,)
        What is written to.
    z : float array (n_site,)
        [Å]
    cells : list of int arrays
        Sites.
    atoms : list of int
    before, after : (occupancy, height [Å])
    """
    full = np.array(atoms) / [len(sites) for sites in cells]
    middles = np.array([z[sites].mean() for sites in cells])
    beside, at = np.r_[before[0], full, after[0]], np.r_[before[1], middles, after[1]]
    slope = (beside[2:] - beside[:-2]) / (at[2:] - at[:-2])
    for sites, mean, middle, rise in zip(cells, full, middles, slope, strict=True):
        way = z[sites] - middle
        most = min(mean, 1 - mean) / np.abs(way).max()  # no site is fuller than full
        found[sites] = mean + np.clip(rise, -most, most) * way


def _grown(lengths, atoms):
    """Cells with one more at the end, of which the atoms stand there already; all but the first in a binary counter."""
    later, held = merged([*lengths[1:], FIRST_ROWS], atoms[1:]) if lengths else ([], [])
    return [FIRST_ROWS, *later], [atoms[0], *held]
