# cython: language_level=3
"""The event loop: rejection-free kinetic Monte Carlo on a site graph, by a pair-state table.

Every site has a code: an even number when it holds no carrier, the next odd number when it does.  A carrier on
site i hops to an empty neighbour j at rate[step class][code i][code j], a whole number of quanta; the sum over its
neighbours, plus unary[code], is the site's propensity.  A unary event adds or removes the carrier (a reservoir).
The kernel knows no physics: mechanisms, energies and fields are in the tables.

Selection is composition-rejection (Slepoy, Thompson & Plimpton, J. Chem. Phys. 128, 205101 (2008)).  Active sites
stand in groups: group g holds the propensities in (2^(g-1), 2^g].  One whole number drawn below Σ_g size_g 2^g picks
the group, the member, and, by what remains, the event: it is taken back and drawn again when what remains is not
below the member's propensity, which happens for less than half of the draws.  Its cost does not depend on the
number of sites, propensities are whole numbers and never drift, and an event of rate zero cannot be chosen.

Limits: 2^27 sites, 32 step classes, 128 kinds of site.  Σ_g size_g 2^g must stay below 2^64 (`kmc.lowering` sees to
it).  Time in s.
"""

import numpy as np

cimport cython
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from numpy.random cimport bitgen_t

from kmc.draws cimport below, standard_exponential

cdef extern from *:
    """
    static inline int coble_group_of(uint64_t p) { return p <= 1 ? 0 : 64 - __builtin_clzll(p - 1); }
    static inline int coble_highest_bit(uint64_t m) { return 63 - __builtin_clzll(m); }
    """
    int group_of "coble_group_of"(uint64_t propensity) noexcept nogil
    int highest_bit "coble_highest_bit"(uint64_t mask) noexcept nogil


cpdef enum Exit:
    REACHED_TIME = 0
    REACHED_EVENTS = 1
    NO_EVENT_POSSIBLE = 2
    OUT_OF_MEMORY = 3


cdef enum:
    SITE_BITS = 27
    SITE_MASK = (1 << 27) - 1
    N_GROUP = 64


cdef struct Entry:
    uint64_t propensity
    uint32_t site


cdef struct Group:
    Entry *entry
    uint32_t size
    uint32_t capacity


cdef class Kernel:
    """A lattice gas that can be advanced.

    Parameters
    ----------
    indptr : uint32 array (n_site + 1,)
        Row i of `edge` is edge[indptr[i]:indptr[i+1]].
    edge : uint32 array (n_edge,)
        Neighbour in the low 27 bits, step class in the high 5.
    code : uint8 array (n_site,)
        Initial code of every site (copied).
    rate : uint64 array (n_step, n_code, n_code)
        Propensity of a hop, by step class, code of the carrier's site, code of the empty neighbour.
    unary : uint64 array (n_code,)
        Propensity of adding (even code) or removing (odd code) a carrier.
    path : uint8 array (n_code, n_code)
        Path class of a hop, for the counters.
    n_path : int
    quantum : float
        Rate of one unit of propensity [1/s].
    bit_generator : numpy.random.BitGenerator
    step_of_particle : int64 array (n_step,), optional
        Axial displacement of the tracked particle for a carrier hop of each class; tracking is on when given.
    carrier_is_particle : bool
        False when carriers are vacancies and the tracked particles are what they swap with.
    """

    cdef readonly double quantum
    cdef readonly object bit_generator
    cdef readonly int64_t n_event
    cdef readonly int64_t n_draw
    cdef const uint32_t[::1] _indptr
    cdef const uint32_t[::1] _edge
    cdef const uint64_t[:, :, ::1] _rate
    cdef const uint64_t[::1] _unary
    cdef const uint8_t[:, ::1] _path
    cdef uint16_t[::1] _cell  # low byte: code; high byte: group + 1, or 0 when inactive
    cdef uint32_t[::1] _slot  # place of an active site in its group
    cdef int64_t[:, ::1] _hops
    cdef int64_t[::1] _exchanges
    cdef uint32_t[::1] _particle
    cdef int64_t[::1] _moved
    cdef int64_t[::1] _squared
    cdef const int64_t[::1] _step_of_particle
    cdef bint _tracking
    cdef bint _carrier_is_particle
    cdef Group _group[N_GROUP]
    cdef uint64_t _occupied_groups  # bit g: group g is not empty
    cdef uint64_t _weight  # Σ_g size_g 2^g
    cdef uint64_t _total  # Σ propensities
    cdef double _time, _time_error, _wait
    cdef bint _pending
    cdef bint _failed
    cdef bitgen_t *_rng

    def __cinit__(self):
        for g in range(N_GROUP):
            self._group[g].entry = NULL
            self._group[g].size = 0
            self._group[g].capacity = 0

    def __dealloc__(self):
        for g in range(N_GROUP):
            free(self._group[g].entry)

    def __init__(self, indptr, edge, code, rate, unary, path, n_path, quantum, bit_generator, *,
                 step_of_particle=None, carrier_is_particle=True):
        cdef Py_ssize_t n_site = len(code)
        self._indptr, self._edge = indptr, edge
        self._rate, self._unary, self._path = rate, unary, path
        self.quantum = quantum
        self.bit_generator = bit_generator
        self._rng = <bitgen_t *> PyCapsule_GetPointer(bit_generator.capsule, "BitGenerator")
        self._cell = np.asarray(code, dtype=np.uint16).copy()
        self._slot = np.zeros(n_site, dtype=np.uint32)
        self._hops = np.zeros((n_path, rate.shape[0]), dtype=np.int64)
        self._exchanges = np.zeros(len(unary), dtype=np.int64)
        self._tracking = step_of_particle is not None
        self._carrier_is_particle = carrier_is_particle
        if self._tracking:
            self._step_of_particle = step_of_particle
            self._particle = np.arange(n_site, dtype=np.uint32)
            self._moved = np.zeros(n_site, dtype=np.int64)
            self._squared = np.zeros(n_site, dtype=np.int64)
        with nogil:
            self._activate_all()
        if self._failed:
            raise MemoryError("no memory for the groups of active sites")

    # ---- what can be seen ------------------------------------------------------------------------------

    @property
    def n_site(self):
        return self._cell.shape[0]

    @property
    def time(self):
        """Simulated time [s]."""
        return self._time

    @property
    def total_propensity(self):
        """Sum of all propensities, in quanta: an exact whole number."""
        return self._total

    @property
    def codes(self):
        """Code of every site, uint8 array (n_site,)."""
        return (np.asarray(self._cell) & 0xFF).astype(np.uint8)

    @property
    def hops(self):
        """Hops so far, int64 array (n_path, n_step): carrier hops by path class and step class."""
        return np.array(self._hops)

    @property
    def exchanges(self):
        """Unary events so far, int64 array (n_code,), by the code of the site before the event."""
        return np.array(self._exchanges)

    @property
    def displacements(self):
        """Axial displacement of every tracked particle [axial units], int64 array; None when not tracking.

        Particle p started on site p; entries of sites that held no particle at the start stay zero.
        """
        return np.array(self._moved) if self._tracking else None

    @property
    def squared_steps(self):
        """Sum of the squared axial steps of every tracked particle [axial units²]; None when not tracking."""
        return np.array(self._squared) if self._tracking else None

    def propensities(self):
        """Propensity of every site as kept by the loop, uint64 array (n_site,)."""
        cdef uint64_t[::1] kept = np.zeros(self.n_site, dtype=np.uint64)
        cdef uint32_t k
        for g in range(N_GROUP):
            for k in range(self._group[g].size):
                kept[self._group[g].entry[k].site] = self._group[g].entry[k].propensity
        return np.asarray(kept)

    def nbytes(self):
        """Memory [bytes] held for sites, edges, tables and groups."""
        held = [self._indptr, self._edge, self._rate, self._cell, self._slot]
        if self._tracking:
            held += [self._particle, self._moved, self._squared]
        total = sum(np.asarray(array).nbytes for array in held)
        for g in range(N_GROUP):
            total += self._group[g].capacity * sizeof(Entry)
        return total

    # ---- the loop --------------------------------------------------------------------------------------

    def advance(self, double until=float("inf"), int64_t max_events=9223372036854775807):
        """Execute events until the clock reaches `until` [s] or `max_events` more have happened.

        The clock stops exactly at `until`.  The event that was due later stays due, so the trajectory does not
        depend on how a run is cut into calls.  The GIL is released: threads run side by side.

        Returns
        -------
        Exit
        """
        cdef Exit reason
        with self.bit_generator.lock, nogil:
            reason = self._advance(until, max_events)
        if reason == OUT_OF_MEMORY:
            raise MemoryError("no memory for the groups of active sites")
        return reason

    cdef Exit _advance(self, double until, int64_t max_events) noexcept nogil:
        cdef int64_t done = 0
        cdef double corrected, later
        while True:
            # Here: groups, weight and total agree with the codes; _wait, if pending, was drawn for this state.
            if not self._pending:
                if self._total == 0:
                    if until < 1e300:
                        self._time, self._time_error = until, 0.0
                    return NO_EVENT_POSSIBLE
                self._wait = standard_exponential(self._rng) / (<double> self._total * self.quantum)
                self._pending = True
            corrected = self._wait - self._time_error  # Kahan: 1e10 waiting times must add up to the last digit
            later = self._time + corrected
            if later > until:
                if until > self._time:
                    self._wait -= until - self._time
                    self._time, self._time_error = until, 0.0
                return REACHED_TIME
            if done == max_events:
                return REACHED_EVENTS
            self._time_error = (later - self._time) - corrected
            self._time = later
            self._pending = False
            self._execute()
            if self._failed:
                return OUT_OF_MEMORY
            done += 1
            self.n_event += 1

    cdef inline void _execute(self) noexcept nogil:
        """Choose one event with probability propensity / total, and carry it out."""
        cdef uint64_t u, w, mask, rest
        cdef Entry *chosen
        cdef int g
        while True:
            self.n_draw += 1
            u = below(self._rng, self._weight)
            mask = self._occupied_groups
            while True:  # u < Σ of the weights of the groups in mask, so one of them holds it
                g = highest_bit(mask)
                w = (<uint64_t> self._group[g].size) << g
                if u < w:
                    break
                u -= w
                mask ^= (<uint64_t> 1) << g
            chosen = &self._group[g].entry[u >> g]
            rest = u & (((<uint64_t> 1) << g) - 1)
            if rest < chosen.propensity:
                break
        cdef uint32_t i = chosen.site
        cdef uint8_t code_i = self._cell[i] & 0xFF
        if rest < self._unary[code_i]:
            self._toggle(i, code_i)
            return
        rest -= self._unary[code_i]
        cdef uint32_t e = self._indptr[i], packed, step
        cdef uint64_t rate
        while True:  # rest < Σ of the rates of the edges from e on, so one of them holds it
            packed = self._edge[e]
            step = packed >> SITE_BITS
            rate = self._rate[step, code_i, self._cell[packed & SITE_MASK] & 0xFF]
            if rest < rate:
                break
            rest -= rate
            e += 1
        self._hop(i, packed & SITE_MASK, step)

    cdef inline void _hop(self, uint32_t i, uint32_t j, uint32_t step) noexcept nogil:
        """Move the carrier from i to j: only the propensities of their neighbours change."""
        cdef uint8_t full_i = self._cell[i] & 0xFF, empty_j = self._cell[j] & 0xFF
        cdef uint8_t empty_i = full_i - 1, full_j = empty_j + 1
        cdef uint32_t last = self._rate.shape[0] - 1
        cdef uint32_t e, k, class_e, swapped
        cdef uint8_t code_k
        cdef uint64_t propensity_j = self._unary[full_j]
        self._hops[self._path[full_i, empty_j], step] += 1
        if self._tracking:
            swapped = self._particle[i]
            self._particle[i] = self._particle[j]
            self._particle[j] = swapped
            if not self._carrier_is_particle:
                swapped = self._particle[i]
            self._moved[swapped] += self._step_of_particle[step]
            self._squared[swapped] += self._step_of_particle[step] * self._step_of_particle[step]
        # Carriers next to i may now hop to i, at the rate of the reversed step.
        self._cell[i] = (self._cell[i] & 0xFF00) | empty_i
        for e in range(self._indptr[i], self._indptr[i + 1]):
            k = self._edge[e] & SITE_MASK
            code_k = self._cell[k] & 0xFF
            if code_k & 1:
                self._change(k, self._rate[last - (self._edge[e] >> SITE_BITS), code_k, empty_i])
        # Those next to j may not hop to j any more; the empty neighbours of j are where its carrier may go.
        for e in range(self._indptr[j], self._indptr[j + 1]):
            k = self._edge[e] & SITE_MASK
            class_e = self._edge[e] >> SITE_BITS
            code_k = self._cell[k] & 0xFF
            if code_k & 1:
                self._change(k, 0 - self._rate[last - class_e, code_k, empty_j])
            else:
                propensity_j += self._rate[class_e, full_j, code_k]
        self._cell[j] = (self._cell[j] & 0xFF00) | full_j
        self._replace(i, self._unary[empty_i], j, propensity_j)

    cdef void _toggle(self, uint32_t i, uint8_t code_i) noexcept nogil:
        """Add or remove a carrier at i (a reservoir's event)."""
        cdef uint8_t empty_i = code_i & 0xFE, new_code = code_i ^ 1
        cdef uint32_t last = self._rate.shape[0] - 1
        cdef uint32_t e, k, class_e
        cdef uint8_t code_k
        cdef uint64_t rate, propensity_i = self._unary[new_code]
        self._exchanges[code_i] += 1
        for e in range(self._indptr[i], self._indptr[i + 1]):
            k = self._edge[e] & SITE_MASK
            class_e = self._edge[e] >> SITE_BITS
            code_k = self._cell[k] & 0xFF
            if code_k & 1:
                rate = self._rate[last - class_e, code_k, empty_i]
                self._change(k, 0 - rate if new_code & 1 else rate)
            elif new_code & 1:
                propensity_i += self._rate[class_e, new_code, code_k]
        self._cell[i] = (self._cell[i] & 0xFF00) | new_code
        self._set(i, propensity_i)

    # ---- groups of active sites ------------------------------------------------------------------------

    cdef inline void _change(self, uint32_t site, uint64_t difference) noexcept nogil:
        """Add `difference` (modulo 2^64) to a site's propensity."""
        cdef int held = self._cell[site] >> 8
        if difference == 0:
            return
        if held == 0:
            self._set(site, difference)
            return
        cdef Entry *entry = &self._group[held - 1].entry[self._slot[site]]
        cdef uint64_t propensity = entry.propensity + difference
        if propensity != 0 and group_of(propensity) == held - 1:
            entry.propensity = propensity
            self._total += difference
        else:
            self._set(site, propensity)

    cdef inline void _replace(self, uint32_t i, uint64_t propensity_i, uint32_t j, uint64_t propensity_j) noexcept nogil:
        """Set both; the common case, j taking over the place of i in its group, is one write."""
        cdef int held = self._cell[i] >> 8
        cdef uint32_t slot
        cdef Entry *entry
        if (propensity_i == 0 and held != 0 and self._cell[j] >> 8 == 0 and propensity_j != 0
                and group_of(propensity_j) == held - 1):
            slot = self._slot[i]
            entry = &self._group[held - 1].entry[slot]
            self._total += propensity_j - entry.propensity
            entry.propensity = propensity_j
            entry.site = j
            self._slot[j] = slot
            self._cell[j] |= <uint16_t> (held << 8)
            self._cell[i] &= 0x00FF
        else:
            self._set(i, propensity_i)
            self._set(j, propensity_j)

    cdef void _set(self, uint32_t site, uint64_t propensity) noexcept nogil:
        """Give a site this propensity, moving it between groups."""
        cdef int held = self._cell[site] >> 8, g
        cdef Group *group
        cdef Entry *grown
        cdef Entry *entry
        cdef uint32_t slot, capacity
        if held != 0:
            g = held - 1
            group = &self._group[g]
            slot = self._slot[site]
            if propensity != 0 and group_of(propensity) == g:
                self._total += propensity - group.entry[slot].propensity
                group.entry[slot].propensity = propensity
                return
            # Take it out: the last of its group fills the gap.
            self._total -= group.entry[slot].propensity
            self._weight -= (<uint64_t> 1) << g
            group.size -= 1
            if slot != group.size:
                group.entry[slot] = group.entry[group.size]
                self._slot[group.entry[slot].site] = slot
            if group.size == 0:
                self._occupied_groups &= ~((<uint64_t> 1) << g)
            self._cell[site] &= 0x00FF
        if propensity == 0:
            return
        g = group_of(propensity)
        group = &self._group[g]
        if group.size == group.capacity:
            capacity = group.capacity + group.capacity // 2 + 16
            grown = <Entry *> realloc(group.entry, capacity * sizeof(Entry))
            if grown == NULL:
                self._failed = True
                return
            group.entry, group.capacity = grown, capacity
        entry = &group.entry[group.size]
        entry.propensity, entry.site = propensity, site
        self._slot[site] = group.size
        group.size += 1
        self._occupied_groups |= (<uint64_t> 1) << g
        self._weight += (<uint64_t> 1) << g
        self._total += propensity
        self._cell[site] |= <uint16_t> ((g + 1) << 8)

    cdef void _activate_all(self) noexcept nogil:
        """Compute every propensity from the codes, in the order of the sites."""
        cdef Py_ssize_t i
        cdef uint32_t e, packed
        cdef uint8_t code_i
        cdef uint64_t propensity
        for i in range(self._cell.shape[0]):
            code_i = self._cell[i] & 0xFF
            propensity = self._unary[code_i]
            if code_i & 1:
                for e in range(self._indptr[i], self._indptr[i + 1]):
                    packed = self._edge[e]
                    propensity += self._rate[packed >> SITE_BITS, code_i, self._cell[packed & SITE_MASK] & 0xFF]
            self._set(<uint32_t> i, propensity)
