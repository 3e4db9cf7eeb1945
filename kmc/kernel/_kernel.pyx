# cython: language_level=3
# cython: freethreading_compatible=True
# The module keeps nothing that changes, and every kernel is one thread's at a time, as it had to be before: `advance`
# has always run without the GIL.  Threads that share no kernel may share tables and neighbours, which are only read.
"""The event loop: rejection-free kinetic Monte Carlo on a lattice, by a pair-state table.

Every site has a code: an even number when it holds no carrier, the next odd number when it does.  A carrier on
site i hops to an empty neighbour j at rate[step class][code i][code j], a whole number of quanta; the sum over its
neighbours, plus unary[code], is the site's propensity.  A unary event adds or removes the carrier (a reservoir).
Where energies depend on the neighbourhood, the code also holds how many counted carriers (atoms of metal) are first
and second neighbours, and an arrival beside a site is an addition to its code.
The kernel knows no physics: mechanisms, energies and fields are in the tables.  Propensities are whole numbers, so
sums never drift, and an event of rate zero cannot be chosen.  Every step of the clock executes one event.

Two ways to choose it, both composition-rejection (Slepoy, Thompson & Plimpton, J. Chem. Phys. 128, 205101 (2008)),
with a cost that does not depend on the number of sites:

`BinKernel`
    Carriers stand in bins by their code.  One random number draws a bin, a member, one of its edges, and a height
    uniformly under the largest rate of the bin; all are drawn again if the height is not below the hop's own rate.
    Nothing is kept per site but its code; only the total propensity is updated.  For lattices on which most edges of a
    carrier are open to it.
`GroupKernel`
    Propensities are kept, and active sites stand in groups: group g holds those in (2^(g-1), 2^g].  Less than half
    of the draws are rejected whatever the rates.  For reservoirs, for energies, and for rates of all sizes.
`ScoreKernel`
    The same, event for event, that also integrates the propensity of every path class over time: with the hops of the
    class, that is the score of its rate.  A class of its own, so that it costs nothing where it is not asked for.

Limits: 2^27 sites, 32 step classes; for bins 256 codes; for groups 2^16 codes and 127 neighbours of a site.  Sums stay
below 2^63 (`coble.kmc.kernel.lowering` sees to it).  Time in s.
"""

import numpy as np

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from numpy.random cimport bitgen_t

from coble.kmc.kernel.states import check_tables, check_total, checked_codes, checked_exposure, checked_state

from kmc.kernel.draws cimport AHEAD, Words, below, multiply_high, standard_exponential, start

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define coble_prefetch(p) __builtin_prefetch(p)
    #else
    #define coble_prefetch(p) ((void)0)
    #endif
    #if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)
    #include <intrin.h>
    #endif
    /* Of a number that is not zero.  COBLE_PORTABLE: see draws.pxd. */
    static inline int coble_highest_bit(uint64_t m) {
    #if defined(__GNUC__) && !defined(COBLE_PORTABLE)
        return 63 - __builtin_clzll(m);
    #elif defined(_MSC_VER) && defined(_M_X64) && !defined(COBLE_PORTABLE)
        unsigned long bit;
        _BitScanReverse64(&bit, m);
        return (int)bit;
    #else
        int bit = 0;
        for (int half = 32; half; half >>= 1)
            if (m >> half) { m >>= half; bit += half; }
        return bit;
    #endif
    }
    static inline int coble_group_of(uint64_t p) { return p <= 1 ? 0 : 1 + coble_highest_bit(p - 1); }
    #define COBLE_TEXT_OF(x) #x
    #define COBLE_TEXT(x) COBLE_TEXT_OF(x)
    #if defined(__clang__)
    #define COBLE_COMPILER "Clang " __clang_version__
    #elif defined(__GNUC__)
    #define COBLE_COMPILER "GCC " __VERSION__
    #elif defined(_MSC_VER)
    #define COBLE_COMPILER "MSVC " COBLE_TEXT(_MSC_FULL_VER)
    #else
    #define COBLE_COMPILER "unknown"
    #endif
    #if defined(__OPTIMIZE__) || (defined(_MSC_VER) && !defined(__clang__) && !defined(_DEBUG))
    #define COBLE_OPTIMISED 1
    #else
    #define COBLE_OPTIMISED 0
    #endif
    #ifdef __FAST_MATH__
    #define COBLE_FAST_MATH 1
    #else
    #define COBLE_FAST_MATH 0
    #endif
    #ifdef CYTHON_TRACE_NOGIL
    #define COBLE_TRACED CYTHON_TRACE_NOGIL
    #else
    #define COBLE_TRACED 0
    #endif
    """
    const char *_COMPILER "COBLE_COMPILER"
    bint _OPTIMISED "COBLE_OPTIMISED"
    bint _FAST_MATH "COBLE_FAST_MATH"
    bint _TRACED "COBLE_TRACED"
    unsigned int _CYTHON "CYTHON_HEX_VERSION"
    void prefetch "coble_prefetch"(const void *p) noexcept nogil
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
    N_KIND = 128
    MOST_NEIGHBOURS = 32  # of a site of a uniform lattice
    CACHED_BYTES = 1 << 21  # of codes and lists: up to here looking ahead costs more time than it saves
    MOST_BESIDE = 127  # neighbours of a site: twice as many and one are a byte
    CLOSE = 8  # sites that mostly share a cache line


def build():
    """How this module was compiled: compiler, Cython, and whether optimised, with fast math, with line tracing."""
    return {
        "compiler": _COMPILER.decode(),
        "cython": ".".join(str(_CYTHON >> shift & 0xFF) for shift in (24, 16, 8)),
        "optimised": bool(_OPTIMISED),
        "fast_math": bool(_FAST_MATH),
        "traced": bool(_TRACED),
    }


cdef class _Kernel:
    """What both kernels share: lattice, tables, clock, counters, tracked particles.

    Parameters
    ----------
    neighbours : `coble.kmc.kernel.lowering.NeighbourTable` or `coble.kmc.kernel.lowering.NeighbourOffsets`
        Edges as packed uint32: neighbour in the low 27 bits, step class in the high 5.
    code : uint8 or uint16 array (n_site,)
        Initial code of every site (copied).
    tables : `coble.kmc.kernel.lowering.Tables`
        rate (n_step or 1, n_code, n_code), unary (n_code,), path (n_code, n_code), n_path, n_step, quantum [1/s]; for
        groups also counted (n_code,) and gain (2, n_code).
    bit_generator : numpy.random.BitGenerator
        The kernel's own: it draws words before it uses them.
    step_of_particle : int64 array (n_step,), optional
        Axial displacement of the tracked particle for a carrier hop of each class; tracking is on when given.
    carrier_is_particle : bool
        False when carriers are vacancies and the tracked particles are what they swap with.
    """

    cdef readonly double quantum
    cdef readonly object bit_generator
    cdef readonly int64_t n_event
    cdef readonly int64_t n_draw  # selections, rejected ones included
    cdef readonly int64_t n_undone  # hops that took back the last one of both of their sites; only when tracking
    cdef object _held  # keeps the arrays behind the pointers alive
    cdef const uint32_t *_indptr  # NULL: a uniform lattice
    cdef const uint32_t *_edge
    cdef const uint32_t *_packed
    cdef uint32_t _degree, _basis_mask, _reach
    cdef int64_t _n_site
    cdef const uint64_t *_rate
    cdef const uint64_t *_unary
    cdef const uint8_t *_path
    cdef uint32_t _n_code, _n_step
    cdef size_t _step_stride  # between the rates of two step classes; 0 when all have the same
    cdef int64_t[:, ::1] _hops
    cdef int64_t[::1] _exchanges
    cdef uint32_t[:, ::1] _tracked  # particle on every site, and the other site of the last hop to or from it
    cdef int64_t[::1] _moved
    cdef int64_t[::1] _squared
    cdef const int64_t[::1] _step_of_particle
    cdef bint _tracking
    cdef bint _carrier_is_particle
    cdef uint64_t _total  # sum of all propensities
    cdef double _time, _time_error, _wait
    cdef bint _pending
    cdef bint _failed
    cdef Words _words
    cdef bint _started  # the first words are drawn

    def __init__(self, neighbours, code, tables, bit_generator, *, step_of_particle=None, carrier_is_particle=True):
        cdef const uint32_t[::1] indptr, edge
        cdef const uint32_t[:, ::1] packed
        check_tables(tables)
        cdef const uint64_t[:, :, ::1] rate = tables.rate
        cdef const uint64_t[::1] unary = tables.unary
        cdef const uint8_t[:, ::1] path = tables.path
        code = checked_codes(code, neighbours.n_site_of(len(code)), rate.shape[1], np.uint16)
        self._n_site = len(code)
        if neighbours.n_step > tables.n_step:
            raise ValueError(f"edges of {neighbours.n_step} step classes, but tables for {tables.n_step}")
        if step_of_particle is not None and len(step_of_particle) != tables.n_step:
            raise ValueError(f"step_of_particle must have {tables.n_step} entries, got {len(step_of_particle)}")
        if hasattr(neighbours, "offset"):
            packed = neighbours.packed
            self._indptr, self._edge, self._packed = NULL, NULL, &packed[0, 0]
            self._basis_mask, self._degree = packed.shape[0] - 1, packed.shape[1]
            self._reach = np.abs(neighbours.offset).max()
        else:
            indptr, edge = neighbours.indptr, neighbours.edge
            self._indptr, self._edge, self._packed = &indptr[0], &edge[0] if len(edge) else NULL, NULL
            packed = None
        self._held = (neighbours, tables, packed)
        self._rate, self._unary, self._path = &rate[0, 0, 0], &unary[0], &path[0, 0]
        self._n_step, self._n_code = tables.n_step, rate.shape[1]
        self._step_stride = rate.shape[1] * rate.shape[1] if rate.shape[0] > 1 else 0
        self.quantum = tables.quantum
        self.bit_generator = bit_generator
        self._words.rng = <bitgen_t *> PyCapsule_GetPointer(bit_generator.capsule, "BitGenerator")
        self._hops = np.zeros((tables.n_path, self._n_step), dtype=np.int64)
        self._exchanges = np.zeros(self._n_code, dtype=np.int64)
        self._tracking = step_of_particle is not None
        self._carrier_is_particle = carrier_is_particle
        if self._tracking:
            self._step_of_particle = step_of_particle
            self._tracked = np.repeat(np.arange(self._n_site, dtype=np.uint32), 2).reshape(-1, 2)
            self._moved = np.zeros(self._n_site, dtype=np.int64)
            self._squared = np.zeros(self._n_site, dtype=np.int64)
        self._start(code)

    def _start(self, code):
        raise TypeError("use BinKernel or GroupKernel")

    # ---- what can be seen ------------------------------------------------------------------------------

    @property
    def n_site(self):
        return self._n_site

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
        """Code of every site, uint8 or uint16 array (n_site,)."""
        return np.array(self._all_codes())

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
    def particles(self):
        """Number of the tracked particle on every site, uint32 array (n_site,); None when not tracking."""
        return np.array(self._tracked[:, 0]) if self._tracking else None

    @property
    def squared_steps(self):
        """Sum of the squared axial steps of every tracked particle [axial units²]; None when not tracking."""
        return np.array(self._squared) if self._tracking else None

    @property
    def drawn_ahead(self):
        """Random words drawn from the bit generator and not used yet, in order, uint64 array."""
        unused = [self._words.word[(self._words.used + k) % AHEAD] for k in range(AHEAD if self._started else 0)]
        return np.array(unused, dtype=np.uint64)

    def propensities(self):
        """Propensity of every site, computed from the codes, uint64 array (n_site,)."""
        cdef uint64_t[::1] found = np.zeros(self._n_site, dtype=np.uint64)
        cdef int64_t i
        with nogil:
            for i in range(self._n_site):
                found[i] = self._propensity(<uint32_t> i)
        return np.asarray(found)

    def nbytes(self):
        """Memory [bytes] held for sites, edges, tables and the lists of carriers."""
        neighbours, tables, _ = self._held
        held = [tables.rate, tables.path, self._all_codes(), *neighbours.arrays()]
        if self._tracking:
            held += [self._tracked, self._moved, self._squared]
        return sum(np.asarray(array).nbytes for array in held) + self._list_bytes()

    # ---- the loop --------------------------------------------------------------------------------------

    def advance(self, double until=float("inf"), int64_t max_events=9223372036854775807):
        """Execute events until the clock reaches `until` [s] or `max_events` more have happened.

        The clock stops exactly at `until`.  The event that was due later stays due, so the trajectory does not
        depend on how a run is cut into calls.  The GIL is released: threads run side by side.

        Returns
        -------
        Exit

        Raises
        ------
        ValueError
            When `until` is not a number or `max_events` is negative; at the first call also when codes do not count
            what is beside their sites.
        """
        cdef Exit reason
        if not self._started:
            self._check_counts()
        if until != until or max_events < 0:
            raise ValueError(f"until must be a number and max_events >= 0, got {until!r} and {max_events!r}")
        with self.bit_generator.lock, nogil:
            if not self._started:
                start(&self._words)
                self._started = True
            reason = self._advance(until, max_events)
        if reason == OUT_OF_MEMORY:
            raise MemoryError("no memory for the groups of active sites")
        return reason

    cdef Exit _advance(self, double until, int64_t max_events) noexcept nogil:
        cdef int64_t done = 0
        cdef double corrected, later
        while True:
            # Here: the kept sums agree with the codes; _wait, if pending, was drawn for this state.
            if not self._pending:
                if self._total == 0:
                    if until < 1e300:
                        self._time, self._time_error = until, 0.0
                    return NO_EVENT_POSSIBLE
                self._wait = standard_exponential(&self._words) / (<double> self._total * self.quantum)
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

    cdef void _execute(self) noexcept nogil:
        """Choose one event with probability propensity / total, and carry it out."""

    def _check_counts(self):
        """Raise `ValueError` unless every code has room for the counted carriers that can be beside its site."""

    cdef size_t _list_bytes(self):
        return 0

    def _all_codes(self):
        raise NotImplementedError

    cdef uint64_t _propensity(self, uint32_t i) noexcept nogil:
        """From scratch: everything that can happen at site i."""
        return 0

    cdef inline const uint32_t *_row(self, uint32_t i, uint32_t *buffer, uint32_t *degree) noexcept nogil:
        """The packed edges of site i: a place in the table, or `buffer` filled from the offsets."""
        cdef const uint32_t *packed
        cdef int32_t j, n = <int32_t> self._n_site
        cdef uint32_t k, d = self._degree, step
        if self._indptr != NULL:
            degree[0] = self._indptr[i + 1] - self._indptr[i]
            return self._edge + self._indptr[i]
        packed = self._packed + (i & self._basis_mask) * d
        for k in range(d):
            buffer[k] = i + packed[k]
        if i < self._reach or i + self._reach >= <uint32_t> n:  # some neighbours lie across the boundary
            for k in range(d):
                step = (packed[k] + (1 << (SITE_BITS - 1))) & ~<uint32_t> SITE_MASK  # offsets lie within ± 2^26
                j = <int32_t> (buffer[k] - step)
                buffer[k] = step | <uint32_t> (j + n if j < 0 else j - n if j >= n else j)
        degree[0] = d
        return buffer

    cdef inline const uint32_t *_relative_row(
        self, uint32_t i, uint32_t *buffer, uint32_t *degree, uint32_t *base
    ) noexcept nogil:
        """The packed edges of site i, less `base`: far from the boundary the offsets serve as they stand."""
        if self._indptr == NULL and i >= self._reach and i + self._reach < <uint32_t> self._n_site:
            base[0], degree[0] = i, self._degree
            return self._packed + (i & self._basis_mask) * self._degree
        base[0] = 0
        return self._row(i, buffer, degree)

    cdef inline uint64_t _rate_of(self, uint32_t step, uint32_t from_code, uint32_t to_code) noexcept nogil:
        return self._rate[step * self._step_stride + <size_t> from_code * self._n_code + to_code]

    cdef inline void _record(self, uint32_t i, uint32_t j, uint32_t step, uint8_t path) noexcept nogil:
        """Count a hop from i to j, and move the tracked particles."""
        cdef uint32_t particle
        self._hops[path, step] += 1
        if self._tracking:
            # Nothing has touched either site since they last swapped: this hop can only be that one's reverse.
            self.n_undone += self._tracked[i, 1] == j and self._tracked[j, 1] == i
            self._tracked[i, 1], self._tracked[j, 1] = j, i
            particle = self._tracked[i, 0]
            self._tracked[i, 0] = self._tracked[j, 0]
            self._tracked[j, 0] = particle
            if not self._carrier_is_particle:
                particle = self._tracked[i, 0]
            self._moved[particle] += self._step_of_particle[step]
            self._squared[particle] += self._step_of_particle[step] * self._step_of_particle[step]

    cdef inline void _record_exchange(self, uint32_t i, uint32_t code) noexcept nogil:
        """Count a carrier that comes or goes."""
        self._exchanges[code] += 1
        if self._tracking:
            self._tracked[i, 1] = i


# ---- bins by code ------------------------------------------------------------------------------------------


cdef struct Bin:
    uint32_t *site
    uint32_t size
    uint32_t capacity
    uint64_t most  # largest rate of any hop from this code
    uint32_t edge_bits  # edges are drawn below 2^edge_bits, the power of two that holds the largest row
    uint64_t weight  # of one member: most × 2^edge_bits


cdef struct Candidate:  # what a word leads to when it is used for a draw
    uint32_t bin, place, edge
    uint32_t i, j  # the hop's two ends


cdef class BinKernel(_Kernel):
    """Carriers in bins by code; see the module.  Refuses unary events and counts."""

    cdef uint8_t[::1] _codes
    cdef uint8_t *_code
    cdef Bin _bin[N_KIND]  # one for each odd code
    cdef uint32_t _n_bin
    cdef Candidate _candidate[AHEAD]  # of word number k, at k modulo AHEAD
    cdef readonly bint looks_ahead  # prefetches what the coming words will lead to
    cdef uint64_t _seen  # words that _look_ahead has gone past
    cdef const int32_t[:, ::1] _lines  # by basis site: offsets to sites on each cache line that holds neighbours
    cdef uint64_t _weight  # sum over bins of size × weight of one member
    cdef object _changes
    cdef const uint64_t *_change  # change of the total when a site of code a toggles beside one of code b

    def __cinit__(self):
        for b in range(N_KIND):
            self._bin[b].site = NULL
            self._bin[b].size = 0
            self._bin[b].capacity = 0

    def __dealloc__(self):
        for b in range(N_KIND):
            free(self._bin[b].site)

    def _start(self, code):
        neighbours, tables, _ = self._held
        if tables.unary.any() or tables.counted.any():
            raise ValueError("BinKernel has neither unary events nor counts of neighbours: use GroupKernel")
        self._codes = np.array(code, dtype=np.uint8)
        self._code = &self._codes[0]
        cdef const uint64_t[:, :, ::1] changes = _changes_of_total(np.broadcast_to(
            tables.rate, (self._n_step, self._n_code, self._n_code)))
        self._changes = changes
        self._change = &changes[0, 0, 0]
        self._n_bin = self._n_code // 2
        degree = neighbours.degrees_by_code(np.asarray(self._codes), self._n_code)
        for b in range(self._n_bin):
            self._bin[b].most = tables.rate[:, 2 * b + 1].max()
            self._bin[b].edge_bits = max(0, int(degree[b]) - 1).bit_length()
            self._bin[b].weight = self._bin[b].most << self._bin[b].edge_bits
        for b in range(self._n_bin):
            self._reserve(b, np.count_nonzero(np.asarray(self._codes) == 2 * b + 1))
        cdef int64_t i
        with nogil:
            for i in range(self._n_site):
                if self._code[i] & 1:
                    self._total += self._propensity(<uint32_t> i)
                    self._append(self._code[i] >> 1, <uint32_t> i)
        if self._failed:
            raise MemoryError("no memory for the lists of carriers")
        if self._indptr == NULL and self._n_site + self._list_bytes() > CACHED_BYTES:
            self.looks_ahead = True
            self._lines = _lines_of(neighbours.offset)

    def _all_codes(self):
        return self._codes

    cdef uint64_t _propensity(self, uint32_t i) noexcept nogil:
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t degree, e
        cdef uint8_t code_i = self._code[i]
        cdef uint64_t propensity = self._unary[code_i]
        cdef const uint32_t *row
        if code_i & 1:
            row = self._row(i, buffer, &degree)
            for e in range(degree):
                propensity += self._rate_of(row[e] >> SITE_BITS, code_i, self._code[row[e] & SITE_MASK])
        return propensity

    @property
    def acceptance(self):
        """Part of the draws that are not rejected, in the present state."""
        return <double> self._total / <double> self._weight if self._weight else 1.0

    cdef size_t _list_bytes(self):
        cdef size_t total = 0
        for b in range(self._n_bin):
            total += self._bin[b].capacity * sizeof(uint32_t)
        return total

    cdef void _execute(self) noexcept nogil:
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t b, i, j, e, degree, base, edge, place
        cdef uint64_t u, slot
        cdef const uint32_t *row
        cdef uint8_t code_i, code_j
        cdef Bin *chosen
        while True:
            self.n_draw += 1
            u = below(&self._words, self._weight)
            if self.looks_ahead:
                self._look_ahead()
            b = 0
            while u >= self._bin[b].size * self._bin[b].weight:
                u -= self._bin[b].size * self._bin[b].weight
                b += 1
            chosen = &self._bin[b]
            slot = u / chosen.most
            place = <uint32_t> (slot >> chosen.edge_bits)
            e = <uint32_t> slot & ((1 << chosen.edge_bits) - 1)
            i = chosen.site[place]
            row = self._relative_row(i, buffer, &degree, &base)
            if e >= degree:
                continue
            edge = row[e] + base
            j = edge & SITE_MASK
            code_i, code_j = 2 * b + 1, self._code[j]
            if u - slot * chosen.most < self._rate_of(edge >> SITE_BITS, code_i, code_j):
                break
        self._record(i, j, edge >> SITE_BITS, self._path[code_i * self._n_code + code_j])
        self._total += self._gain(row, degree, base, code_i)
        self._code[i] = code_i - 1
        row = self._relative_row(j, buffer, &degree, &base)
        self._total += self._gain(row, degree, base, code_j)
        self._code[j] = code_j + 1
        if code_j >> 1 == b:
            chosen.site[place] = j
        else:
            chosen.size -= 1
            chosen.site[place] = chosen.site[chosen.size]
            self._weight -= chosen.weight
            self._append(code_j >> 1, j)

    cdef void _look_ahead(self) noexcept nogil:
        """Bring what the coming words will make a draw read into the cache, in three steps.

        Every word is taken for a draw, in the state as it is now: where that is wrong, only time is lost.
        At 10⁷ sites 3 to 4 times the hops per second, at 10⁶ 1.2 to 1.4 times.
        """
        cdef uint64_t u, low
        cdef uint32_t b, k
        cdef Bin *bin
        cdef Candidate *c
        while self._seen != self._words.used:
            # The word drawn last, to be used in AHEAD words: where the list names the carrier.
            c = &self._candidate[self._seen % AHEAD]
            u = multiply_high(self._words.word[self._seen % AHEAD], self._weight, &low)
            b = 0
            while u >= self._bin[b].size * self._bin[b].weight:
                u -= self._bin[b].size * self._bin[b].weight
                b += 1
            bin = &self._bin[b]
            u = u / bin.most
            c.bin, c.place, c.edge = b, <uint32_t> (u >> bin.edge_bits), <uint32_t> u & ((1 << bin.edge_bits) - 1)
            prefetch(bin.site + c.place)
            # A word to be used in half as many: the code of the site to which the carrier would go.
            c = &self._candidate[(self._seen + AHEAD // 2) % AHEAD]
            bin = &self._bin[c.bin]
            if c.place < bin.size and c.edge < self._degree:
                c.i = bin.site[c.place]
                c.j = (c.i + self._packed[(c.i & self._basis_mask) * self._degree + c.edge]) & SITE_MASK
                if c.j >= <uint32_t> self._n_site:  # across the boundary
                    c.j = c.i
                prefetch(self._code + c.j)
            # A word to be used in a quarter as many: when that site is empty, the neighbours of both.
            c = &self._candidate[(self._seen + AHEAD // 4) % AHEAD]
            if self._code[c.j] & 1 == 0:
                for k in range(<uint32_t> self._lines.shape[1]):
                    prefetch(self._code + <int64_t> c.i + self._lines[c.i & self._basis_mask, k])
                    prefetch(self._code + <int64_t> c.j + self._lines[c.j & self._basis_mask, k])
            self._seen += 1

    cdef inline uint64_t _gain(self, const uint32_t *row, uint32_t degree, uint32_t base, uint8_t code) noexcept nogil:
        """Change of the total when the site with this row and this code toggles."""
        cdef const uint64_t *change = self._change + code * self._n_step * self._n_code
        cdef uint64_t gain = 0
        cdef uint32_t e, edge
        for e in range(degree):
            edge = row[e] + base
            gain += change[(edge >> SITE_BITS) * self._n_code + self._code[edge & SITE_MASK]]
        return gain

    cdef void _append(self, uint32_t b, uint32_t site) noexcept nogil:
        """Put a carrier at the end of a bin."""
        cdef Bin *bin = &self._bin[b]
        if bin.size == bin.capacity:
            self._reserve(b, bin.capacity + bin.capacity // 4 + 16)
            if self._failed:
                return
        bin.site[bin.size] = site
        bin.size += 1
        self._weight += bin.weight

    cdef void _reserve(self, uint32_t b, uint32_t capacity) noexcept nogil:
        """Make room for this many carriers in a bin."""
        cdef uint32_t *grown = <uint32_t *> realloc(self._bin[b].site, max(capacity, 1) * sizeof(uint32_t))
        if grown == NULL:
            self._failed = True
            return
        self._bin[b].site, self._bin[b].capacity = grown, capacity


def _lines_of(offset):
    """By basis site, one offset for each run of close ones, int32 array; shorter rows repeat their first."""
    rows = []
    for row in np.sort(offset, axis=1).tolist():
        last, kept = row[0], [row[0]]
        for one in row:
            if one - last > CLOSE:
                last = one
                kept.append(one)
        rows.append(kept)
    most = max(map(len, rows))
    return np.array([row + [row[0]] * (most - len(row)) for row in rows], dtype=np.int32)


def _changes_of_total(rate):
    """What the total propensity gains over one edge when the site at its start toggles.

    An edge of step class s from a site of code a to one of code b carries rate[s][a][b] when a holds a carrier and b
    does not, and the reverse edge's rate[-s][b][a] in the opposite case.

    Returns
    -------
    uint64 array (n_code, n_step, n_code)
        By the code of the site, the step class, and the code of its neighbour; differences modulo 2^64.
    """
    bond = rate + rate[::-1].transpose(0, 2, 1)
    toggled = np.arange(rate.shape[1]) ^ 1
    return np.ascontiguousarray((bond[:, toggled] - bond).transpose(1, 0, 2))


# ---- groups by propensity ----------------------------------------------------------------------------------


cdef struct Entry:
    uint64_t propensity
    uint32_t site


cdef struct Group:
    Entry *entry
    uint32_t size
    uint32_t capacity


cdef struct Site:
    uint16_t code
    uint8_t beside  # carriers on its neighbours
    uint8_t mark  # while a change is under way: 1 when touched, and 2 more for each touched carrier beside it


SITE = np.dtype([("code", np.uint16), ("beside", np.uint8), ("mark", np.uint8)])


cdef class GroupKernel(_Kernel):
    """Kept propensities in groups by powers of two; see the module."""

    cdef object _sites
    cdef Site *_site
    cdef const uint8_t *_counted  # by code: does a carrier here count among its neighbours' neighbours?
    cdef const uint16_t *_gain_first  # by code: what a counted carrier that arrives beside the site adds to it
    cdef const uint16_t *_gain_second
    cdef const uint32_t *_second_indptr  # second neighbours, for counts only: nobody hops there
    cdef const uint32_t *_second
    cdef object _acts_held
    cdef const uint8_t *_acts  # by code: may the propensity be other than zero?
    # Sites whose codes a change has touched so far, the codes they had, a choice of them, and a choice of one's edges.
    cdef object _lists
    cdef uint32_t *_touched
    cdef uint32_t *_former
    cdef uint32_t *_chosen
    cdef uint32_t *_found
    cdef uint32_t _n_touched
    cdef uint8_t[::1] _group_of_site  # group + 1, or 0 when inactive
    cdef uint32_t[::1] _slot  # place of an active site in its group
    cdef Group _group[N_GROUP]
    cdef uint64_t _occupied_groups  # bit g: group g is not empty
    cdef uint64_t _weight  # Σ_g size_g 2^g

    def __cinit__(self):
        for g in range(N_GROUP):
            self._group[g].entry = NULL
            self._group[g].size = 0
            self._group[g].capacity = 0

    def __dealloc__(self):
        for g in range(N_GROUP):
            free(self._group[g].entry)

    def _start(self, code):
        neighbours, tables, _ = self._held
        cdef const uint32_t[::1] indptr, second
        self._count_by(tables)
        if tables.gain[1].any():
            indptr, second = neighbours.second_indptr, neighbours.second
            self._second_indptr, self._second = &indptr[0], &second[0] if len(second) else NULL
        most = neighbours.degrees_by_code(np.asarray(code), self._n_code).max(initial=0)
        if most > MOST_BESIDE:
            raise ValueError(f"a site has {most} neighbours, at most {MOST_BESIDE}")
        self._sites = np.zeros(self._n_site, dtype=SITE)
        self._sites["code"] = code
        cdef uint8_t[::1] raw = self._sites.view(np.uint8)
        self._site = <Site *> &raw[0]
        self._count_beside()
        cdef uint32_t[:, ::1] lists = np.zeros((4, 3 + 2 * neighbours.most_neighbours()), dtype=np.uint32)
        self._lists = lists
        self._touched, self._former, self._chosen, self._found = &lists[0, 0], &lists[1, 0], &lists[2, 0], &lists[3, 0]
        self._group_of_site = np.zeros(self._n_site, dtype=np.uint8)
        self._slot = np.zeros(self._n_site, dtype=np.uint32)
        cdef int64_t i
        with nogil:
            for i in range(self._n_site):
                self._set(<uint32_t> i, self._propensity(<uint32_t> i))
        if self._failed:
            raise MemoryError("no memory for the groups of active sites")

    def _check_counts(self):
        cdef uint32_t i
        if not self._held[1].counted.any():
            return
        for i in range(<uint32_t> self._n_site):
            if not self._has_room(i):
                raise ValueError(f"the code of site {i}, {self._site[i].code}, does not go with its neighbours")

    cdef bint _has_room(self, uint32_t i) noexcept nogil:
        """Whether the code of a site counts what is beside it, and stays in the tables whoever comes or goes."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t degree, code = self._site[i].code
        cdef int64_t first = self._gain_first[code], second = self._gain_second[code], low = code, high = code
        cdef const uint32_t *row = self._row(i, buffer, &degree)
        self._widen(row, degree, first, &low, &high)
        if self._second_indptr != NULL:
            row = self._second + self._second_indptr[i]
            self._widen(row, self._second_indptr[i + 1] - self._second_indptr[i], second, &low, &high)
        return (0 <= low and high < self._n_code and self._gain_first[low] == first and self._gain_first[high] == first
                and self._gain_second[low] == second and self._gain_second[high] == second)

    cdef void _widen(
        self, const uint32_t *row, uint32_t degree, int64_t gain, int64_t *low, int64_t *high
    ) noexcept nogil:
        """Lowest and highest code of a site as the counted carriers of a row come and go."""
        cdef uint32_t e, code
        for e in range(degree):
            code = self._site[row[e] & SITE_MASK].code
            if self._counted[code | 1]:
                low[0] -= gain * (code & 1)
                high[0] += gain * (~code & 1)

    cdef void _count_beside(self) noexcept nogil:
        """Carriers on the neighbours of every site, from scratch."""
        cdef uint32_t i
        for i in range(<uint32_t> self._n_site):
            self._site[i].beside = 0
        for i in range(<uint32_t> self._n_site):
            if self._site[i].code & 1:
                self._count_neighbours(i, 1)

    cdef inline void _count_neighbours(self, uint32_t i, uint8_t more) noexcept nogil:
        """The neighbours of site i have one carrier more beside them, or (modulo 2^8) one less."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t e, degree
        cdef const uint32_t *row = self._row(i, buffer, &degree)
        for e in range(degree):
            self._site[row[e] & SITE_MASK].beside += more

    def _count_by(self, tables):
        """Point to what the tables say of counts; `_held` keeps them alive."""
        cdef const uint8_t[::1] counted = tables.counted.view(np.uint8)
        cdef const uint16_t[:, ::1] gain = tables.gain
        cdef const uint8_t[::1] acts = ((np.arange(self._n_code) % 2 == 1) | (tables.unary > 0)).astype(np.uint8)
        self._acts_held, self._acts = acts, &acts[0]
        self._counted, self._gain_first, self._gain_second = &counted[0], &gain[0, 0], &gain[1, 0]

    def set_codes(self, sites, code):
        """Give sites other codes, from outside: the clock goes on, and the next event is drawn anew.

        Parameters
        ----------
        sites : int array (n,)
        code : uint16 array (n,)
            No neighbour's count is changed: for sites whose carriers nobody counts, or that stay as full as they were.

        Raises
        ------
        ValueError
            For a site or a code that does not exist.
        """
        cdef const uint32_t[::1] site = np.ascontiguousarray(sites, dtype=np.uint32)
        cdef const uint16_t[::1] new_code = np.ascontiguousarray(code, dtype=np.uint16)
        cdef Py_ssize_t k, n = site.shape[0]
        if n != new_code.shape[0] or (n and (np.max(site) >= self._n_site or np.max(new_code) >= self._n_code)):
            raise ValueError(f"need one code below {self._n_code} for each site below {self._n_site}")
        with nogil:
            for k in range(n):
                if (self._site[site[k]].code ^ new_code[k]) & 1:
                    self._count_neighbours(site[k], 1 if new_code[k] & 1 else 0xFF)
                self._touch(site[k], new_code[k])
                self._update_propensities()
        self._pending = False
        if self._failed:
            raise MemoryError("no memory for the groups of active sites")

    def replace_tables(self, tables):
        """Go on with other rates, path classes and quantum for the same codes; the next event is drawn anew."""
        neighbours, former, packed = self._held
        check_tables(tables)
        if tables.rate.shape != former.rate.shape or tables.n_path != former.n_path or tables.n_step != former.n_step:
            raise ValueError(f"tables of the same shape are needed: {former.rate.shape}, got {tables.rate.shape}")
        if (tables.counted != former.counted).any() or (tables.gain != former.gain).any():
            raise ValueError("tables for the same codes are needed: counted or gain differ")
        cdef const uint64_t[:, :, ::1] rate = tables.rate
        cdef const uint64_t[::1] unary = tables.unary
        cdef const uint8_t[:, ::1] path = tables.path
        cdef int64_t i
        self._held = (neighbours, tables, packed)
        self._rate, self._unary, self._path = &rate[0, 0, 0], &unary[0], &path[0, 0]
        self._count_by(tables)
        self.quantum = tables.quantum
        with nogil:
            for i in range(self._n_site):
                self._set(<uint32_t> i, 0)
            for i in range(self._n_site):
                self._set(<uint32_t> i, self._propensity(<uint32_t> i))
        self._pending = False
        if self._failed:
            raise MemoryError("no memory for the groups of active sites")

    def state(self):
        """All that is needed to go on bit for bit, as a dict of arrays and plain values; see `restore`."""
        cdef uint32_t k
        order = np.empty(sum(self._group[g].size for g in range(N_GROUP)), dtype=np.uint32)
        cdef uint32_t[::1] site = order
        cdef Py_ssize_t n = 0
        for g in range(N_GROUP):
            for k in range(self._group[g].size):
                site[n] = self._group[g].entry[k].site
                n += 1
        state = {
            "codes": self.codes,
            "order": order,  # of the sites in their groups, which decides what a draw selects
            "clock": np.array([self._time, self._time_error, self._wait]),
            "numbers": np.array([self._pending, self.n_event, self.n_draw, self._started], dtype=np.int64),
            "hops": self.hops,
            "exchanges": self.exchanges,
            "drawn_ahead": self.drawn_ahead,
            "random": self.bit_generator.state,
        }
        if self._tracking:
            state |= {"tracked": np.array(self._tracked), "moved": np.array(self._moved),
                      "squared": np.array(self._squared), "undone": np.array(self.n_undone)}
        return state

    def restore(self, state):
        """Go back to where `state` was taken, on a kernel of the same lattice and tables.

        Raises
        ------
        ValueError
            When the state cannot be one of this kernel, which then stays as it was.
        KeyError
            For what the state lacks.
        """
        cdef int64_t i
        cdef Py_ssize_t n
        found = checked_state(
            state,
            n_site=self._n_site,
            n_code=self._n_code,
            hops=(self._hops.shape[0], self._hops.shape[1]),
            tracked=self._tracking,
        )
        cdef const uint32_t[::1] order = found["order"]
        former = self.codes
        try:
            self._sites["code"] = found["codes"]
            self._check_counts()
            propensities = self.propensities()
            check_total(propensities)
            left_out = np.setdiff1d(np.flatnonzero(propensities), found["order"])
            if len(left_out):
                raise ValueError(f"order lacks {len(left_out)} sites at which something can happen")
            _set_random(self.bit_generator, state["random"])
        except ValueError:
            self._sites["code"] = former
            raise
        with nogil:
            for i in range(self._n_site):
                self._set(<uint32_t> i, 0)
        self._count_beside()
        for n in range(order.shape[0]):
            self._set(order[n], self._propensity(order[n]))
        if self._failed:
            raise MemoryError("no memory for the groups of active sites")
        self._time, self._time_error, self._wait = found["clock"]
        self._pending, self.n_event, self.n_draw, self._started = found["numbers"]
        np.asarray(self._hops)[:] = found["hops"]
        np.asarray(self._exchanges)[:] = found["exchanges"]
        if self._tracking:
            for mine, name in ((self._tracked, "tracked"), (self._moved, "moved"), (self._squared, "squared")):
                np.asarray(mine)[:] = found[name]
            self.n_undone = found["undone"]
        self._words.used = 0
        for n, word in enumerate(found["drawn_ahead"]):
            self._words.word[n] = word
        if (self.kept_propensities() != propensities).any():
            raise ValueError("the propensities that were kept are not those of the codes")

    def __reduce__(self):
        """For pickle: made anew from lattice and tables, and restored."""
        neighbours, tables, _ = self._held
        steps = {"step_of_particle": np.array(self._step_of_particle)} if self._tracking else {}
        steps["carrier_is_particle"] = bool(self._carrier_is_particle)
        return _restored, (type(self), (neighbours, self.codes, tables, self.bit_generator), steps, self.state())

    def kept_propensities(self):
        """Propensity of every site as kept by the loop, uint64 array (n_site,)."""
        cdef uint64_t[::1] kept = np.zeros(self._n_site, dtype=np.uint64)
        cdef uint32_t k
        for g in range(N_GROUP):
            for k in range(self._group[g].size):
                kept[self._group[g].entry[k].site] = self._group[g].entry[k].propensity
        return np.asarray(kept)

    def _all_codes(self):
        return self._sites["code"]

    cdef uint64_t _propensity(self, uint32_t i) noexcept nogil:
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t degree, e
        cdef uint16_t code_i = self._site[i].code
        cdef uint64_t propensity = self._unary[code_i]
        cdef const uint32_t *row
        if code_i & 1:
            row = self._row(i, buffer, &degree)
            for e in range(degree):
                propensity += self._rate_of(row[e] >> SITE_BITS, code_i, self._site[row[e] & SITE_MASK].code)
        return propensity

    cdef size_t _list_bytes(self):
        cdef size_t total = self._n_site * 7
        for g in range(N_GROUP):
            total += self._group[g].capacity * sizeof(Entry)
        return total

    cdef void _execute(self) noexcept nogil:
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef const uint32_t *row
        cdef uint64_t u, w, mask, rest
        cdef Entry *chosen
        cdef int g
        while True:
            self.n_draw += 1
            u = below(&self._words, self._weight)
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
        cdef uint16_t code_i = self._site[i].code
        if rest < self._unary[code_i]:
            self._record_exchange(i, code_i)
            self._toggle(i)
            self._update_propensities()
            return
        rest -= self._unary[code_i]
        cdef uint32_t degree, j, step, e = 0
        cdef uint64_t rate
        row = self._row(i, buffer, &degree)
        while True:  # rest < Σ of the rates of the edges from e on, so one of them holds it
            rate = self._rate_of(row[e] >> SITE_BITS, code_i, self._site[row[e] & SITE_MASK].code)
            if rest < rate:
                break
            rest -= rate
            e += 1
        j, step = row[e] & SITE_MASK, row[e] >> SITE_BITS
        self._expect_row(j)
        self._record(i, j, step, self._path[<size_t> code_i * self._n_code + self._site[j].code])
        if self._counted[code_i] or self._counted[self._site[j].code + 1]:
            if self._second_indptr != NULL:
                prefetch(self._second + self._second_indptr[i])
                prefetch(self._second + self._second_indptr[j])
            self._toggle(i)
            self._toggle(j)
            self._update_propensities()
        else:
            self._hop(i, j)

    # A change goes in two steps: all codes first, then every propensity that depends on them, once.  Site by site, the
    # six sites beside both ends of a hop would be done twice: 1.4 times as long.
    # An adatom's hop touches 22 sites and changes some 14 propensities, and no branch could be foreseen.  So lists are
    # filled without branches: an entry is written in any case, and stays when the end of the list moves past it
    # (1.2 times as fast).  What the second step reads is asked for in the first (1.15 times).

    cdef inline void _expect_row(self, uint32_t i) noexcept nogil:
        """Bring the edges of a site into the cache."""
        if self._indptr != NULL:
            prefetch(self._edge + self._indptr[i])

    cdef void _toggle(self, uint32_t i) noexcept nogil:
        """Add or remove the carrier at i, and tell the neighbours."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint16_t code = self._site[i].code
        cdef uint16_t sign = 0xFFFF if code & 1 else 1  # modulo 2^16: minus or plus one
        cdef uint32_t degree
        cdef const uint32_t *row
        self._touch(i, code ^ 1)
        if not self._counted[code | 1]:
            self._count_neighbours(i, <uint8_t> sign)
            return
        row = self._row(i, buffer, &degree)
        self._recount(row, degree, self._gain_first, sign, <uint8_t> sign)
        if self._second_indptr != NULL:
            row = self._second + self._second_indptr[i]
            degree = self._second_indptr[i + 1] - self._second_indptr[i]
            self._recount(row, degree, self._gain_second, sign, 0)

    cdef inline void _touch(self, uint32_t i, uint16_t code) noexcept nogil:
        """Give a site another code; `_update_propensities` is to follow."""
        cdef Site *site = &self._site[i]
        self._touched[self._n_touched], self._former[self._n_touched] = i, site.code
        self._n_touched += 1 - site.mark
        site.mark, site.code = 1, code

    cdef inline void _recount(
        self, const uint32_t *row, uint32_t degree, const uint16_t *gain_of, uint16_t sign, uint8_t more
    ) noexcept nogil:
        """Touch those sites of a row whose codes count the carrier that comes or goes."""
        cdef Site *sites = self._site
        cdef Site *site
        cdef uint32_t *touched = self._touched
        cdef uint32_t *former = self._former
        cdef uint32_t e, k
        cdef uint16_t gain
        cdef size_t n = self._n_touched
        for e in range(degree):
            k = row[e] & SITE_MASK
            site = &sites[k]
            gain = gain_of[site.code]
            touched[n], former[n] = k, site.code
            n += <uint8_t> (gain != 0) > site.mark
            site.mark |= gain != 0
            site.beside += more
            site.code += sign * gain
            prefetch(&self._slot[k])
            prefetch(&self._group_of_site[k])
            self._expect_row(k)
        self._n_touched = <uint32_t> n

    cdef void _update_propensities(self) noexcept nogil:
        """Propensities of all touched sites, then of the untouched carriers beside them."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef Site *sites = self._site
        cdef Site *site
        cdef uint32_t *touched = self._touched
        cdef uint32_t *former = self._former
        cdef uint32_t *chosen = self._chosen
        cdef const uint8_t *acts = self._acts
        cdef const uint32_t *row
        cdef const uint64_t *rate
        cdef uint16_t code
        cdef uint32_t i, degree, edge
        cdef size_t n, e, n_chosen = 0, n_touched = self._n_touched, stride = self._step_stride
        cdef uint64_t propensity
        for n in range(n_touched):
            i = touched[n]
            chosen[n_chosen] = i
            n_chosen += acts[sites[i].code] | acts[former[n]]
        for n in range(n_chosen):
            i = chosen[n]
            code = sites[i].code
            propensity = self._unary[code]
            if code & 1:
                row = self._row(i, buffer, &degree)
                rate = self._rate + <size_t> code * self._n_code
                for e in range(degree):  # no question asked: the rate to a full site is zero
                    edge = row[e]
                    site = &sites[edge & SITE_MASK]
                    propensity += rate[(edge >> SITE_BITS) * stride + site.code]
                    site.mark += (site.mark & 1) << 1
            self._put(i, propensity)
        # Here the marks say how many of the carriers beside a touched site are touched: nobody needs to look for others
        # where that is all of them, and beside most sites it is.
        n_chosen = 0
        for n in range(n_touched):
            site = &sites[touched[n]]
            chosen[n_chosen] = n
            n_chosen += (2 * site.beside > site.mark) & ~(site.code & former[n])
        for n in range(n_chosen):
            self._change_beside(touched[chosen[n]], former[chosen[n]])
        for n in range(n_touched):
            sites[touched[n]].mark = 0
        self._n_touched = 0

    cdef inline void _change_beside(self, uint32_t i, uint16_t old_code) noexcept nogil:
        """Propensities of the untouched carriers beside site i, which had this code."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef Site *sites = self._site
        cdef Site *site
        cdef uint32_t *found = self._found
        cdef uint16_t code = sites[i].code, code_k
        cdef uint32_t k, degree, edge
        cdef size_t n, e, n_found = 0
        cdef const uint32_t *row = self._row(i, buffer, &degree)
        for e in range(degree):
            edge = row[e]
            found[n_found] = edge
            site = &sites[edge & SITE_MASK]
            n_found += (site.code & 1) > site.mark
        for n in range(n_found):
            k = found[n] & SITE_MASK
            code_k = sites[k].code
            self._change(k, self._rate_to(found[n], code_k, code) - self._rate_to(found[n], code_k, old_code))

    cdef void _hop(self, uint32_t i, uint32_t j) noexcept nogil:
        """Both toggles at once when nobody counts the carrier: it keeps its place in the group."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint16_t full_i = self._site[i].code, empty_j = self._site[j].code, code_k
        cdef uint16_t empty_i = full_i - 1, full_j = empty_j + 1
        cdef uint32_t e, k, degree
        cdef const uint32_t *row
        cdef uint64_t propensity_j = self._unary[full_j]
        # Carriers next to i may now hop to i, at the rate of the reversed step.
        self._site[i].code = empty_i
        row = self._row(i, buffer, &degree)
        for e in range(degree):
            k = row[e] & SITE_MASK
            code_k = self._site[k].code
            self._site[k].beside -= 1
            if code_k & 1:
                self._change(k, self._rate_to(row[e], code_k, empty_i))
        # Those next to j may not hop to j any more; the empty neighbours of j are where its carrier may go.
        row = self._row(j, buffer, &degree)
        for e in range(degree):
            k = row[e] & SITE_MASK
            code_k = self._site[k].code
            self._site[k].beside += 1
            if code_k & 1:
                self._change(k, 0 - self._rate_to(row[e], code_k, empty_j))
            else:
                propensity_j += self._rate_of(row[e] >> SITE_BITS, full_j, code_k)
        self._site[j].code = full_j
        self._replace(i, self._unary[empty_i], j, propensity_j)

    cdef inline uint64_t _rate_to(self, uint32_t packed, uint16_t code_k, uint16_t code) noexcept nogil:
        """Rate at which a carrier of code_k at the end of an edge hops back along it to a site of this code."""
        return self._rate_of(self._n_step - 1 - (packed >> SITE_BITS), code_k, code)

    # ---- groups of active sites ------------------------------------------------------------------------

    cdef inline void _change(self, uint32_t site, uint64_t difference) noexcept nogil:
        """Add `difference` (modulo 2^64) to a site's propensity."""
        cdef int held = self._group_of_site[site]
        if difference != 0:
            if held != 0:
                difference += self._group[held - 1].entry[self._slot[site]].propensity
            self._put(site, difference)

    cdef inline void _put(self, uint32_t site, uint64_t propensity) noexcept nogil:
        """`_set`, with the two common cases first: the site stays in its group, or stays out of all."""
        cdef int held = self._group_of_site[site]
        cdef Entry *entry
        if held != 0 and propensity != 0 and group_of(propensity) == held - 1:
            entry = &self._group[held - 1].entry[self._slot[site]]
            self._total += propensity - entry.propensity
            entry.propensity = propensity
        elif held != 0 or propensity != 0:
            self._set(site, propensity)

    cdef inline void _replace(
        self, uint32_t i, uint64_t propensity_i, uint32_t j, uint64_t propensity_j
    ) noexcept nogil:
        """Set both; the common case, j taking over the place of i in its group, is one write."""
        cdef int held = self._group_of_site[i]
        cdef uint32_t slot
        cdef Entry *entry
        if (propensity_i == 0 and held != 0 and self._group_of_site[j] == 0 and propensity_j != 0
                and group_of(propensity_j) == held - 1):
            slot = self._slot[i]
            entry = &self._group[held - 1].entry[slot]
            self._total += propensity_j - entry.propensity
            entry.propensity = propensity_j
            entry.site = j
            self._slot[j] = slot
            self._group_of_site[j] = held
            self._group_of_site[i] = 0
        else:
            self._set(i, propensity_i)
            self._set(j, propensity_j)

    cdef void _set(self, uint32_t site, uint64_t propensity) noexcept nogil:
        """Give a site this propensity, moving it between groups."""
        cdef int held = self._group_of_site[site]
        cdef Entry *entry
        if held != 0 and propensity != 0 and group_of(propensity) == held - 1:
            entry = &self._group[held - 1].entry[self._slot[site]]
            self._total += propensity - entry.propensity
            entry.propensity = propensity
            return
        if held != 0:
            self._take_out(site, held - 1)
        if propensity != 0:
            self._append(site, propensity)

    cdef inline void _take_out(self, uint32_t site, int g) noexcept nogil:
        """Take a site out of group g: the last of the group fills the gap."""
        cdef Group *group = &self._group[g]
        cdef Entry *entry = &group.entry[self._slot[site]]
        cdef Entry *last
        group.size -= 1
        last = &group.entry[group.size]
        self._total -= entry.propensity
        self._weight -= (<uint64_t> 1) << g
        self._slot[last.site] = self._slot[site]
        entry[0] = last[0]
        if group.size == 0:
            self._occupied_groups ^= (<uint64_t> 1) << g
        self._group_of_site[site] = 0

    cdef inline void _append(self, uint32_t site, uint64_t propensity) noexcept nogil:
        """Put an inactive site at the end of its group."""
        cdef int g = group_of(propensity)
        cdef Group *group = &self._group[g]
        cdef Entry *entry
        cdef uint32_t slot = group.size
        if slot == group.capacity:
            self._grow(group)
            if self._failed:
                return
        entry = &group.entry[slot]
        entry.propensity, entry.site = propensity, site
        self._slot[site] = slot
        group.size = slot + 1
        self._occupied_groups |= (<uint64_t> 1) << g
        self._weight += (<uint64_t> 1) << g
        self._total += propensity
        self._group_of_site[site] = g + 1

    cdef void _grow(self, Group *group) noexcept nogil:
        """Make room in a group; not inline, as it is rare."""
        cdef uint32_t capacity = group.capacity + group.capacity // 2 + 16
        cdef Entry *grown = <Entry *> realloc(group.entry, capacity * sizeof(Entry))
        if grown == NULL:
            self._failed = True
            return
        group.entry, group.capacity = grown, capacity


def _restored(kernel, arguments, steps, state):
    """A kernel as it was when it was pickled."""
    found = kernel(*arguments, **steps)
    found.restore(state)
    return found


def _set_random(bit_generator, state):
    """Give a bit generator a state; raise `ValueError` for one that is none, and change nothing then."""
    former = bit_generator.state
    try:
        bit_generator.state = state
        if str(bit_generator.state) != str(state):
            raise ValueError("it is not what the generator would keep")
    except (ArithmeticError, IndexError, KeyError, TypeError, ValueError) as error:
        bit_generator.state = former
        raise ValueError(f"random: no state of {type(bit_generator).__name__} ({error})") from None


# ---- scores ------------------------------------------------------------------------------------------------


cdef class ScoreKernel(GroupKernel):
    """A `GroupKernel` that also keeps, for every path class c, its total propensity R_c and ∫ R_c dt.

    The totals are whole numbers of quanta, kept by differences: a site that takes another code changes the rates of
    its own edges, there and back, and no others.  The integral grows by R_c × waiting time before every change.
    """

    cdef uint64_t[::1] _path_total  # by path class
    cdef double[::1] _exposure  # up to _since
    cdef double _since, _since_error  # the clock then

    def _start(self, code):
        GroupKernel._start(self, code)
        self._path_total = self.path_propensities()
        self._exposure = np.zeros(self._hops.shape[0])

    @property
    def exposure(self):
        """∫ R_c dt so far: the hops expected of each path class on this trajectory, float array (n_path,)."""
        totals = np.asarray(self._path_total).astype(float)
        return np.asarray(self._exposure) + totals * self.quantum * self._elapsed()

    def path_propensities(self):
        """Total propensity of every path class, computed from the codes, uint64 array (n_path,)."""
        cdef uint64_t[::1] found = np.zeros(self._hops.shape[0], dtype=np.uint64)
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t degree, e, i
        cdef uint16_t code_i, code_k
        cdef const uint32_t *row
        for i in range(<uint32_t> self._n_site):
            code_i = self._site[i].code
            row = self._row(i, buffer, &degree)
            for e in range((code_i & 1) * degree):
                code_k = self._site[row[e] & SITE_MASK].code
                found[self._path_of(code_i, code_k)] += self._rate_of(row[e] >> SITE_BITS, code_i, code_k)
        return np.asarray(found)

    def kept_path_propensities(self):
        """Total propensity of every path class as kept by the loop, uint64 array (n_path,)."""
        return np.array(self._path_total)

    def set_codes(self, sites, code):
        """See `GroupKernel.set_codes`."""
        self._expose()
        GroupKernel.set_codes(self, sites, code)

    def replace_tables(self, tables):
        """See `GroupKernel.replace_tables`."""
        self._expose()
        GroupKernel.replace_tables(self, tables)
        self._path_total = self.path_propensities()

    def state(self):
        """See `GroupKernel.state`."""
        exposed_until = np.array([self._since, self._since_error])
        return GroupKernel.state(self) | {"exposure": np.array(self._exposure), "exposed_until": exposed_until}

    def restore(self, state):
        """See `GroupKernel.restore`."""
        exposure, since = checked_exposure(state, self._hops.shape[0])
        GroupKernel.restore(self, state)
        np.asarray(self._exposure)[:] = exposure
        self._since, self._since_error = since
        self._path_total = self.path_propensities()

    cdef void _execute(self) noexcept nogil:
        self._expose()
        GroupKernel._execute(self)

    cdef inline void _expose(self) noexcept nogil:
        """Integrate up to now: what follows changes the rates."""
        cdef double elapsed = self._elapsed()
        cdef Py_ssize_t c
        for c in range(self._path_total.shape[0]):
            self._exposure[c] += <double> self._path_total[c] * self.quantum * elapsed
        self._since, self._since_error = self._time, self._time_error

    cdef inline double _elapsed(self) noexcept nogil:
        """Since the integral was last brought up to date; the clock's rounding counts where waits are short."""
        return (self._time - self._since) - (self._time_error - self._since_error)

    cdef void _hop(self, uint32_t i, uint32_t j) noexcept nogil:
        cdef uint16_t code_i = self._site[i].code, code_j = self._site[j].code
        self._recount_paths(i, code_i, code_i - 1)
        self._site[i].code = code_i - 1
        self._recount_paths(j, code_j, code_j + 1)
        self._site[i].code = code_i
        GroupKernel._hop(self, i, j)

    cdef void _update_propensities(self) noexcept nogil:
        """One touched site after the other, from the codes as they were: so every difference is that of one site."""
        cdef uint32_t n, i
        cdef uint16_t new_code
        for n in range(self._n_touched):
            i = self._touched[n]
            new_code = self._site[i].code
            self._site[i].code = <uint16_t> self._former[n]
            self._former[n] = new_code
        for n in range(self._n_touched):
            i = self._touched[n]
            new_code = <uint16_t> self._former[n]
            self._former[n] = self._site[i].code
            self._recount_paths(i, self._site[i].code, new_code)
            self._site[i].code = new_code
        GroupKernel._update_propensities(self)

    cdef inline uint8_t _path_of(self, uint32_t from_code, uint32_t to_code) noexcept nogil:
        return self._path[<size_t> from_code * self._n_code + to_code]

    cdef void _recount_paths(self, uint32_t i, uint16_t old_code, uint16_t new_code) noexcept nogil:
        """What the totals gain when site i, and no other, takes a new code; modulo 2^64."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t e, degree, step
        cdef uint16_t code_k
        cdef const uint32_t *row = self._row(i, buffer, &degree)
        for e in range(degree):  # no question asked: other rates than from full to empty are zero
            step = row[e] >> SITE_BITS
            code_k = self._site[row[e] & SITE_MASK].code
            self._path_total[self._path_of(old_code, code_k)] -= self._rate_of(step, old_code, code_k)
            self._path_total[self._path_of(code_k, old_code)] -= self._rate_to(row[e], code_k, old_code)
            self._path_total[self._path_of(new_code, code_k)] += self._rate_of(step, new_code, code_k)
            self._path_total[self._path_of(code_k, new_code)] += self._rate_to(row[e], code_k, new_code)
