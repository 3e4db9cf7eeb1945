"""Metal that grows into a tubule and out of it, from an electrolyte at its root.

A `Growth` is one tubule with its kernel, its clock and the numbers that are read from it.  Bare channel and wall
sites far ahead of the metal are in equilibrium and carry no net current, so their hops may be left out: they are
frozen until the metal comes near.  Hops between frozen sites cancel in pairs (detailed balance), so the
equilibrium of every site stays what it is; what is lost is the time that the frozen part would take to follow a
change of the potential at the tip.  A channel in cells is not frozen: cells hold it there, too.  The empty bore there
is frozen in any case: lone atoms would wander over the wall, to the tubule's end and back, and take most of the events.
"""

from math import inf

import numpy as np

from coble.kmc.kernel._kernel import Exit, GradedKernel, GroupKernel
from coble.kmc.kernel.states import n_block_of
from coble.kmc.rates.bonds import PATH_PAIRS, PATHS, bond_tables, classify
from coble.lattices import Region

CHUNK_EVENTS = 100_000  # at most, between looks at the stop flag and at how far the metal reaches: 50 ms
CHUNK_PER_SITE = 1.0  # the same where there are many: a look takes 20 ns a site, 26 % of the time at 2e6 sites
LONGEST_CHUNK = 4_000_000  # 3 s, which Ctrl-C waits
LOOK_EVENTS = 10  # per awake site, between looks at how far the metal reaches
SLIP_LOOK_EVENTS = 2  # the same with slip: a lone atom in the way of the plug is soon gone
TABLES_KEPT = 3  # one takes some MB
CHANNEL_BIN_A = 10.0  # bins of the occupancy of the channel
PROFILE_A = 2.5  # about the bins of the profile of metal along the axis, which are whole planes of atoms
SOLID = 0.1  # part of a bin up to which its atoms are lone ones, which stand all over the bare wall
FILLED = 0.5  # part of a plane that holds metal; a film one atom thick is 0.44 of it at W = 2.5 nm


class Growth:
    """A tubule with an electrolyte at its root.

    Parameters
    ----------
    graph : Lattice
        Open at both ends; BULK, INTERFACE (the channel) and WALL sites.  Its metal is measured bore by bore; METAL
        sites in no bore (-1) are outside.
    lattice_constant_A : float
    model : BondModel
    mobilities : Mobilities
    root : bool array (n_site,)
        Sites that exchange atoms with the electrolyte.
    occupied : bool array (n_site,)
        Where atoms are at the start.
    bit_generator : numpy.random.BitGenerator
    overpotential_V : float
        U [V] of the electrolyte; positive plates.  None: it has none, and leaves the root alone.
    ahead_A : float or None
        How far ahead of the metal channel, wall and empty bore stay awake; None, or no metal at the start: everywhere.
    slip : Slip, optional
        Slip of the whole plug, which competes with diffusion.
    feed : Feed, optional
        Of a root that may be fed at a constant current.
    graded : coble.kmc.growth.cells.GradedChannel, optional
        Holds the channel far behind the tip, and far ahead of it, in cells.  They are made as the run goes on.
    slowing : coble.kmc.growth.slowing.Slowing, optional
        Of the hops among the metal's surface sites.
    level : int array (n_site,), optional
        Site energies of a wall that fills, by index into the model's `wall_sites`.
    marked : bool array (n_site,), optional
        Atoms whose axial displacement is followed, by where they start; all when left out.
    """

    def __init__(
        self,
        graph,
        lattice_constant_A,
        model,
        mobilities,
        root,
        occupied,
        bit_generator,
        *,
        overpotential_V=0.0,
        ahead_A=None,
        slip=None,
        feed=None,
        graded=None,
        slowing=None,
        level=None,
        marked=None,
    ):
        self.graph, self.model, self.mobilities, self.slip = graph, model, mobilities, slip
        self.feed, self.graded, self.slowing, self.slowed = feed, graded, slowing, 1.0
        self.sites = classify(graph, lattice_constant_A, root, level)
        self.metal = np.flatnonzero(graph.region == Region.BULK)
        self.ahead_A = ahead_A if occupied[self.metal].any() else None
        self.n_bore = int(graph.bore.max()) + 1
        self._in_bores = self.metal[graph.bore[self.metal] >= 0]
        widest = round(2 * PROFILE_A / graph.unit)
        plane = int(np.diff(np.unique(graph.height[self._in_bores])).min(initial=widest))
        per_bin = plane * max(1, round(PROFILE_A / (plane * graph.unit)))
        self.bin_A = per_bin * graph.unit
        along = graph.height[self._in_bores].astype(np.int64) // per_bin
        shape = (self.n_bore, int(along.max()) + 1)
        self._bin = np.ravel_multi_index((graph.bore[self._in_bores], along), shape)
        count = lambda bins: np.bincount(bins, minlength=shape[0] * shape[1]).reshape(shape)  # noqa: E731
        self.sites_per_bin = count(self._bin)
        # Up to so many atoms in a bin do not count as solid: lone ones stand on the bare wall.  A film counts.
        film = count(self._bin[self.sites.wet_first[self.sites.site_class[self._in_bores]] > 0])
        self._few = np.maximum(3, np.minimum(SOLID * self.sites_per_bin, 0.25 * film))
        self.channel = np.flatnonzero(graph.region == Region.INTERFACE)
        self._channel_bin = (graph.z[self.channel] / CHANNEL_BIN_A).astype(np.int64)
        self._channel_sites = np.maximum(np.bincount(self._channel_bin), 1)  # in every bin
        self._bored = np.flatnonzero(graph.bore >= 0)
        self._bore = graph.bore[self._bored].astype(np.int64)
        self.marked = occupied.copy() if marked is None else occupied & marked  # atoms have the numbers of these sites
        self.overpotential_V = overpotential_V
        self._made = {}
        self.chunk_left = 0  # events until the next look at the metal
        code = self.sites.code(occupied)
        tables = self._tables()
        self.dropped_below = tables.dropped_below  # hops slower than this are left out [1/s]; 0: none
        kernel = GradedKernel if graded else GroupKernel
        self.kernel = kernel(
            self.sites.neighbours, code, tables, bit_generator, step_of_particle=graph.steps, carrier_is_particle=True
        )
        self.frozen = np.zeros(graph.n_site, dtype=bool)
        can_freeze = self.sites.frozen[self.sites.site_class] != self.sites.site_class
        can_freeze &= ~occupied | (graph.region != Region.BULK)
        self._toggle_frozen(can_freeze & self._asleep(solid_up_to(self, self.profile())))

    # ---- running ---------------------------------------------------------------------------------------

    def run(self, until, should_stop=lambda: False, max_events=np.inf):
        """Advance to a time [s]; returns the kernel's reason for stopping, or None when asked to stop.

        Events come in chunks.  Before each, `should_stop` is asked, frozen sites thaw, slip takes its rate.  A chunk
        that a time or `max_events` cuts is ended by the next call: the trajectory does not depend on the cuts.
        """
        left = max_events
        while left > 0:
            if not self.chunk_left:
                if should_stop():
                    return None
                self._begin_chunk()
            before = self.kernel.n_event
            slip_s, feed_s = (each.next_s if each else inf for each in (self.slip, self.feed))
            reason = self.kernel.advance(min(slip_s, feed_s, until), int(min(self.chunk_left, left)))
            done = self.kernel.n_event - before
            left, self.chunk_left = left - done, self.chunk_left - done
            if min(slip_s, feed_s) < until and reason != Exit.REACHED_EVENTS:
                if slip_s < feed_s:
                    self._slip()
                    self.chunk_left = 0
                else:
                    self._feed()
            elif reason != Exit.REACHED_EVENTS:
                return reason
        return Exit.REACHED_EVENTS

    def _begin_chunk(self):
        """Wake the sites that the metal has come near, take the rate of slip, and count the events until the next."""
        thaw = self.frozen.any()
        profile = self.profile() if thaw or self.slowing or self.graded else None
        tip_A = solid_up_to(self, profile) if profile is not None else None
        if thaw:
            thaws = self.frozen & ~self._asleep(tip_A)
            self._toggle_frozen(thaws & ~self.graded.inside() if self.graded else thaws)
        if self.slowing:
            self.slow(self.slowing.look(self, tip_A))
        if self.graded:
            self.graded.follow(self, tip_A, filled_up_to(self, profile))
        each = SLIP_LOOK_EVENTS if self.slip else LOOK_EVENTS  # few awake sites: the tip would soon be far away
        most = min(max(CHUNK_EVENTS, CHUNK_PER_SITE * self.graph.n_site), LONGEST_CHUNK)
        self.chunk_left = max(1, int(min(most, each * np.count_nonzero(~self.frozen))))
        if self.slip:
            self.slip.look(self.time, self.occupied, self.direction)

    @property
    def direction(self):
        """Which way the electrolyte drives atoms: +1 in, -1 out, or 0."""
        return int(np.sign(self.overpotential_V if self.overpotential_V is not None else self.feed.rate_1_s))

    def _feed(self):
        """Look at the root, or give it an atom, or take one."""
        sites, codes = self.feed.sites, self.kernel.codes_of(self.feed.sites)
        full = (codes & 1) == 1
        changed = np.flatnonzero(self.feed.act(full) != full)
        if len(changed):
            self.kernel.set_codes(sites[changed], codes[changed] ^ 1)

    def _slip(self):
        """Let the plug slip, if it still can, and draw the next wait."""
        direction = self.direction
        moved = self.slip.move(self.occupied, direction)
        self.slip.draw()
        if moved is None:
            return
        source, target = moved
        state, occupied, before = self.kernel.state(), self.occupied, self.n_atom
        particle, was = state["tracked"][:, 0], state["tracked"][:, 0].copy()
        occupied[self.metal] = False
        occupied[target] = True
        # Particles: those that move keep their numbers; the others are dealt to the sites that are left.
        left_over = np.setdiff1d(self.metal, target, assume_unique=True)
        particle[target] = was[source]
        particle[left_over] = was[np.setdiff1d(self.metal, source, assume_unique=True)]
        state["tracked"][self.metal, 1] = self.metal  # no hop is undone across a slip
        state["moved"][was[source]] += direction * self.slip.period
        if direction > 0:
            occupied[self.slip.metal[self.slip.first_period]] = True
        self.frozen[target] = False
        state["codes"] = self.codes_of(occupied)
        state["order"] = np.arange(n_block_of(self.graph.n_site), dtype=np.uint32)
        state["numbers"][0] = 0  # the wait that was drawn is void
        self.kernel.restore(state)
        self.slip.n_slip += 1
        self.slip.atoms_in += self.n_atom - before

    def set_overpotential(self, overpotential_V):
        """Change the electrolyte's potential U [V], None for none of its own; everything else goes on."""
        if overpotential_V != self.overpotential_V:
            self.overpotential_V, self.chunk_left = overpotential_V, 0
            self._take_tables()

    def slow(self, factor):
        """Make hops among the metal's surface sites slower by a factor."""
        if factor != self.slowed:
            self.slowed = factor
            self._take_tables()

    def _tables(self):
        """Tables of this overpotential and factor; those of the last few are kept."""
        key = self.overpotential_V, self.slowed
        if key not in self._made:
            if len(self._made) == TABLES_KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[key] = bond_tables(self.sites, self.model, self.mobilities, *key)
        return self._made[key]

    def _take_tables(self):
        self.kernel.replace_tables(self._tables())
        if self.graded:
            self.graded.install(self)  # at the new quantum

    def _asleep(self, tip_A):
        """Sites that are too far ahead, bool array (n_site,); in strides, so that they seldom change.

        A channel in cells never is: it is in cells ahead of the tip, too.
        """
        z = self.graph.z
        if self.ahead_A is None:
            return np.zeros(len(z), dtype=bool)
        asleep = z > (np.ceil(tip_A / self.ahead_A) + 1) * self.ahead_A
        if self.graded:
            asleep[self.channel] = False
        return asleep

    def _toggle_frozen(self, sites):
        """Freeze those of these sites that hop, and free the others; `sites` is a bool array (n_site,)."""
        chosen = np.flatnonzero(sites)
        if len(chosen):
            self.frozen[chosen] ^= True
            self.kernel.set_codes(chosen, self.codes_of(self.occupied)[chosen])

    def codes_of(self, occupied):
        """Code of every site, frozen or awake, uint16 array (n_site,)."""
        codes, awake = self.sites.code(occupied), self.sites.site_class
        base, frozen = self.sites.codes.base, self.sites.frozen[awake]
        count = np.where(self.graph.region == Region.BULK, 0, codes - base[awake])
        return np.where(self.frozen, base[frozen] + count, codes).astype(np.uint16)

    # ---- what can be seen ------------------------------------------------------------------------------

    @property
    def time(self):
        """Simulated time [s]."""
        return self.kernel.time

    @property
    def occupied(self):
        """Where the atoms are that are on sites, bool array (n_site,)."""
        return (self.kernel.codes & 1) == 1

    def pictured(self, number):
        """Where atoms are in picture `number`, those of cells on sites of theirs at random; bool array (n_site,)."""
        return self.occupied | self.graded.dealt(self.kernel, number) if self.graded else self.occupied

    @property
    def n_atom(self):
        """Atoms in the tubule: bore, channel and wall."""
        in_cells = sum(self.graded.atoms(self.kernel)) if self.graded else 0
        return int(np.count_nonzero(self.occupied)) + in_cells

    @property
    def inserted_minus_removed(self):
        """Atoms that the electrolyte has given, less those that it has taken."""
        exchanges = self.kernel.exchanges
        slipped_in = self.slip.atoms_in if self.slip else 0
        fed = self.feed.done.accepted if self.feed else 0
        return int(exchanges[0::2].sum() - exchanges[1::2].sum()) + slipped_in + fed

    def wall_lithiation(self):
        """Occupied part of the wall's sites, of a wall that fills over that at its curve's end; None without any."""
        wall = self.graph.region == Region.WALL
        whole = self.model.wall_sites.sites_per_atom if self.model.wall_sites else 1.0
        return float(self.occupied[wall].mean()) * whole if wall.any() else None

    @property
    def root_full(self):
        """Atoms on the sites that are fed."""
        return int((self.kernel.codes_of(self.feed.sites) & 1).sum())

    def profile(self):
        """Filled part of every bore along the axis, float array (n_bore, n_bin), in bins of `bin_A`: whole planes of
        atoms, as many in each."""
        return self._held() / np.maximum(self.sites_per_bin, 1)

    def _held(self):
        """Atoms of every bore along the axis, int array (n_bore, n_bin)."""
        held = np.bincount(self._bin[self.occupied[self._in_bores]], minlength=self.sites_per_bin.size)
        return held.reshape(self.sites_per_bin.shape)

    def ends_by_bore_nm(self):
        """Where the metal of every bore starts and ends [nm], float array (n_bore, 2): the empty stretch on the root's
        side of its middle, and the far end; zeros where no bin is half full: lone atoms, or a thin film.

        Rough ends count by how full they are, so both move smoothly.  Lone atoms do not count: on 140 nm of bare wall
        they would add up to more than half a nanometre.
        """
        found = np.zeros((self.n_bore, 2))
        every = self.profile()
        for ends, profile in zip(found, np.where(every * self.sites_per_bin > self._few, every, 0.0), strict=True):
            if profile.max() > 0.5:
                middle = int(np.searchsorted(np.cumsum(profile), profile.sum() / 2)) + 1
                ends[:] = (1 - profile[:middle]).sum(), middle + profile[middle:].sum()
        return found * self.bin_A / 10

    def ends_nm(self):
        """Where the metal starts and ends [nm], the mean over the bores."""
        return tuple(self.ends_by_bore_nm().mean(axis=0).tolist())

    def filled(self, behind_A=PROFILE_A, ends_nm=None):
        """Filled part of the bores between the ends of their metal, a bin off its start and `behind_A` off the tip; 1
        where there is less, 0 without metal.  `ends_nm` is what `ends_by_bore_nm` says, by who has asked it already.
        """
        full = there = 0
        ends_nm = self.ends_by_bore_nm() if ends_nm is None else ends_nm
        for ends, held, sites in zip(ends_nm.tolist(), self._held(), self.sites_per_bin, strict=True):
            start, end = round(ends[0] * 10 / self.bin_A), round((ends[1] * 10 - behind_A) / self.bin_A)
            inner = slice(start + 1, max(end, start + 1))
            full, there = full + held[inner].sum(), there + sites[inner].sum()
        return float(full / there) if there else float(ends_nm[:, 1].mean() > 0)

    def atoms_by_bore(self):
        """Atoms in every bore, its channel included, int array (n_bore,)."""
        occupied = self.occupied
        found = np.bincount(self._bore[occupied[self._bored]], minlength=self.n_bore)
        found[0] += self.n_atom - np.count_nonzero(occupied)  # cells are in the only bore
        return found

    def atoms_outside(self):
        """Metal atoms that are in no bore."""
        return int(np.count_nonzero(self.occupied[self.metal[self.graph.bore[self.metal] < 0]]))

    def largest_piece(self):
        """Metal atoms in the largest connected piece of metal."""
        full = self.occupied & (self.graph.region == Region.BULK)
        return int(np.bincount(self.graph.subgraph(full).components(Region.BULK)).max()) if full.any() else 0

    def channel_occupancy(self):
        """Occupied part of the channel along the axis, float array, in bins of `CHANNEL_BIN_A`."""
        held = self.occupied
        if self.graded:
            held = held + self.graded.profile(self.kernel, held)
        return np.bincount(self._channel_bin, held[self.channel]) / self._channel_sites

    def crystal(self):
        """Is the metal one crystal?  Part of its atoms in the largest connected piece, and how many have 0, 1, ... 8
        metal atoms as first neighbours; how far the heights of its columns scatter [nm], lone atoms ahead left out,
        0 for none.

        Returns
        -------
        dict
            in_largest_piece : float, first_neighbours : list of int, roughness_nm : float.
        """
        full = self.occupied & (self.graph.region == Region.BULK)
        if not full.any():
            return {"in_largest_piece": 0.0, "first_neighbours": [0] * 9, "roughness_nm": 0.0}
        first = self.sites.codes.first[self.kernel.codes[full]]
        top = np.full(len(self.graph.xy), -np.inf)
        solid = full & (self.graph.z < solid_up_to(self, self.profile()))
        np.maximum.at(top, self.graph.column[solid], self.graph.z[solid])
        return {
            "in_largest_piece": self.largest_piece() / int(full.sum()),
            "first_neighbours": np.bincount(first, minlength=9).tolist(),
            "roughness_nm": float(top[np.isfinite(top)].std()) / 10 if solid.any() else 0.0,
        }

    def displacements(self):
        """Net axial way of all atoms by path [Å], dict of name → float; a hop between two paths gives each one half."""
        way = (self.kernel.hops @ self.graph.steps) * self.graph.unit  # of whole numbers, so what cancels is 0
        found = dict.fromkeys(PATHS, 0.0)
        for (a, b), value in zip(PATH_PAIRS, way, strict=True):
            found[a] += value / 2
            found[b] += value / 2
        if self.graded:
            found["interface"] += self.graded.way(self.kernel)
        return found

    def hops(self):
        """Hops by path, dict of name → int; those between two paths under "a|b"."""
        counts = self.kernel.hops.sum(axis=1)
        return {a if a == b else f"{a}|{b}": int(n) for (a, b), n in zip(PATH_PAIRS, counts, strict=True) if n}

    def marker_displacement_nm(self):
        """Median axial displacement of the marked atoms that are in the metal [nm].

        None when fewer than half of them are: the marks are gone, and those that are left came back from the channel.
        """
        atoms = self.kernel.particles[self.metal[self.occupied[self.metal]]]
        atoms = atoms[self.marked[atoms]]
        if 2 * len(atoms) < np.count_nonzero(self.marked) or not len(atoms):
            return None
        return float(np.median(self.kernel.displacements[atoms])) * self.graph.unit / 10


def solid_up_to(growth, profile):
    """Height [Å] up to which there is more than lone atoms, by `Growth.profile`."""
    solid = np.flatnonzero((profile * growth.sites_per_bin > growth._few).any(axis=0))
    return (solid[-1] + 1) * growth.bin_A if len(solid) else 0.0


def filled_up_to(growth, profile):
    """Height [Å] up to which metal fills every bore, from the root on: as far as half of each plane holds it."""
    open_bins = np.flatnonzero((profile < FILLED).any(axis=0))
    return (open_bins[0] if len(open_bins) else profile.shape[1]) * growth.bin_A
