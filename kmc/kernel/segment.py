"""A driven segment: one graph with its rates, and the replicas that run on it.

The segment is what replicas share (edges, tables); a replica is one kernel with its own random stream,
`SeedSequence(seed, spawn_key=key)`, so its numbers do not depend on who else runs, or where.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from coble.kmc.digits import rounded
from coble.kmc.kernel._kernel import BinKernel, Exit, GroupKernel, ScoreKernel
from coble.kmc.kernel.lowering import initial_codes, kernel_tables, neighbours_of, occupied_sites

MOST_GROUPS = 64  # of equally full sites, each filled with its number; where there are more, every site by chance
CHUNK_EVENTS = 20_000  # between looks at the stop flag: 1 to 60 ms; 200 000 would save less than 1 %
LEAST_ACCEPTANCE = 0.15  # below it rejected draws may cost more than the upkeep of groups (in a tubule from 0.07 down)


class Stopped(Exception):
    """The stop flag was raised in the middle of a block."""


@dataclass(frozen=True)
class Block:
    """What happened during one block.

    Attributes
    ----------
    duration : float
        Simulated time [s].
    hops : int64 array (n_path, n_class)
        Carrier hops by path class and class of edge.
    rates : float array (n_path, n_class) or None
        Mean rates of all hops that could happen at the times of the looks [1/s].
    """

    duration: float
    hops: np.ndarray
    rates: np.ndarray | None = None


@dataclass(frozen=True)
class EndState:
    """How a replica ended.

    Attributes
    ----------
    time_s : float
        Simulated.
    occupied : bool array (n_site,)
        Where the atoms are.
    hop_rate_1_s : float array (n_site,)
        Rate at which the carrier of a site leaves it.
    """

    time_s: float
    occupied: np.ndarray
    hop_rate_1_s: np.ndarray


class Segment:
    """A periodic lattice gas under an axial field, ready to be run.

    Parameters
    ----------
    graph : Lattice or UniformLattice
    rates : RateTable or ClassRates
    field_kT_per_A : float
        Work of the field on an atom per axial length [k_B T/Å].
    tracked : bool
        Follow every atom's axial displacement.
    scored : bool
        Keep what `coble.kmc.estimates.likelihood_ratio` needs: replicas run on a `ScoreKernel`.
    start : float array (n_site,), optional
        Mean occupancies with which replicas start, where equilibrium is too far from what the field leads to.
    """

    def __init__(self, graph, rates, *, field_kT_per_A=0.0, tracked=False, scored=False, start=None):
        self.graph, self.rates, self.field_kT_per_A, self.tracked = graph, rates, field_kT_per_A, tracked
        self.scored, self.starts_at = scored, start
        self.group, full = rates.groups(graph)  # sites that are equally full at equilibrium
        # Of each group; rounded, as a number that is whole but for its last bit is to be whole on every machine.
        self.mean_atoms = rounded(np.bincount(self.group, minlength=len(full)) * full)
        n_atom, spare = int(np.rint(self.mean_atoms).sum()), int((self.mean_atoms % 1 > 0).sum())
        if start is not None:
            spare += int(6 * np.sqrt(graph.n_site)) + 1  # every site is filled by chance
        atoms = self.mean_atoms.sum()
        self.mean_carriers = min(atoms, graph.n_site - atoms)
        self.tables = kernel_tables(graph, rates, n_atom, field_kT_per_A=field_kT_per_A, spare=spare)
        self.neighbours = neighbours_of(graph)

    def start(self, seed, key):
        """A replica with its atoms placed at random: each region holds its equilibrium number, on the average.

        A number that is not whole is rounded up or down by chance, so that its mean over replicas and episodes is
        right: nine vacancies where 9.35 belong carry 4 % too little.

        Parameters
        ----------
        seed : int
        key : tuple of int
            Spawn key; its first entries are the numbers of the replica and of its episode.
        """
        placing, running, rounding = np.random.SeedSequence(seed, spawn_key=key).spawn(3)
        lots = np.random.Generator(np.random.SFC64(rounding)).random(len(self.mean_atoms))
        rng = np.random.Generator(np.random.SFC64(placing))
        if self.starts_at is not None:
            occupied = rng.random(self.graph.n_site) < self.starts_at
        elif len(self.mean_atoms) > MOST_GROUPS:
            occupied = rng.random(self.graph.n_site) < self.rates.site_occupancy(self.graph)
        else:
            occupied = self._placed(np.floor(self.mean_atoms + lots).astype(int), rng)
        # SFC64: 15 % more events per second than PCG64DXSM on a lattice that fits into the cache.
        return Replica(self, occupied, np.random.SFC64(running))

    def _placed(self, numbers, rng):
        """So many atoms of every group on sites chosen at random, bool array (n_site,)."""
        most_are_full = 2 * numbers > [len(sites) for sites in self._members]
        occupied = most_are_full.take(self.group)
        for sites, number, full in zip(self._members, numbers, most_are_full, strict=True):
            few = len(sites) - number if full else number  # choosing the fewer of the two takes 1 ms, not 30
            if few:
                occupied[rng.choice(sites, few, replace=False, shuffle=False)] = not full
        return occupied

    @cached_property
    def _members(self):
        """Sites of every group, list of uint32 arrays."""
        return [np.flatnonzero(self.group == group).astype(np.uint32) for group in range(len(self.mean_atoms))]


class Replica:
    """One lattice gas on a segment."""

    def __init__(self, segment, occupied, bit_generator):
        self.segment = segment
        tables = segment.tables
        tracking = {}
        if segment.tracked:
            steps = segment.graph.steps[segment.graph.step_of_class] * tables.atom_direction
            tracking = {"step_of_particle": steps, "carrier_is_particle": tables.atoms_carry}
        self.started_on = occupied
        codes = initial_codes(segment.graph, occupied, tables)
        if segment.scored:
            self.kernel = ScoreKernel(segment.neighbours, codes, tables, bit_generator, **tracking)
            return
        if not tables.wide:
            self.kernel = BinKernel(segment.neighbours, codes, tables, bit_generator, **tracking)
        if tables.wide or self.kernel.acceptance < LEAST_ACCEPTANCE:
            self.kernel = GroupKernel(segment.neighbours, codes, tables, bit_generator, **tracking)

    @property
    def occupied(self):
        """Where the atoms are now, bool array (n_site,)."""
        return occupied_sites(self.kernel.codes, self.segment.tables)

    def end(self):
        """How things are now, an `EndState`: it holds no kernel, and so can be sent to other processes."""
        rate = self.kernel.propensities() * self.kernel.quantum
        return EndState(float(self.kernel.time), self.occupied, rate)

    @property
    def event_rate(self):
        """Events per simulated time at this moment [1/s]."""
        return self.kernel.total_propensity * self.kernel.quantum

    def run(self, duration, should_stop=lambda: False, looks=0):
        """Advance by `duration` [s] and return the block, with so many looks at the rates of all hops on the way.

        Raises
        ------
        Stopped
            When `should_stop()` turns true before the end; the counts so far stay in the kernel.
        """
        kernel, rates = self.kernel, []
        start, before = kernel.time, kernel.hops
        for part in range(1, max(looks, 1) + 1):
            until = start + duration * part / max(looks, 1)
            while kernel.advance(until, CHUNK_EVENTS) == Exit.REACHED_EVENTS:
                if should_stop():
                    raise Stopped
            if looks:
                rates.append(kernel.hop_rates())
        return Block(duration, kernel.hops - before, np.mean(rates, axis=0) * kernel.quantum if looks else None)

    def run_events(self, number, should_stop=lambda: False):
        """Execute `number` events.

        Raises
        ------
        Stopped
            When `should_stop()` turns true before the end.
        """
        for begin in range(0, number, CHUNK_EVENTS):
            self.kernel.advance(max_events=min(CHUNK_EVENTS, number - begin))
            if should_stop():
                raise Stopped
