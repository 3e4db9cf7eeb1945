# What all kernels share: lattice, tables, clock, counters, tracked particles.


cdef class _Kernel:
    """What both kernels share: lattice, tables, clock, counters, tracked particles.

    Parameters
    ----------
    neighbours : `coble.kmc.kernel.lowering.NeighbourTable` or `coble.kmc.kernel.lowering.NeighbourOffsets`
        Edges as packed uint32: neighbour in the low 27 bits, class in the high 5; wide ones have their class beside.
    code : uint8 or uint16 array (n_site,)
        Initial code of every site (copied).
    tables : `coble.kmc.kernel.lowering.Tables`
        rate (n_class or 1, n_code, n_code), unary (n_code,), path (n_code, n_code), n_path, quantum [1/s]; for groups
        also counted (n_code,) and gain (2, n_code).  For wide edges rate (n_class,) and path (n_class,).
    bit_generator : numpy.random.BitGenerator
        The kernel's own: it draws words before it uses them.
    step_of_particle : int64 array (n_class,), optional
        Displacement of the tracked particle for a carrier hop of each class; tracking is on when given.
    carrier_is_particle : bool
        False when carriers are vacancies and the tracked particles are what they swap with.
    """

    cdef readonly double quantum
    cdef readonly object bit_generator
    cdef readonly int64_t n_event
    cdef readonly int64_t n_draw  # selections, rejected ones included
    cdef readonly int64_t n_undone  # hops that took back the last one of both of their sites; only when tracking
    cdef object _held, _pointed_to  # keep the arrays behind the pointers alive
    cdef object _place  # of every site among those that are kept, and the inverse; None: at their numbers
    cdef object _site_at
    cdef const uint32_t *_indptr  # NULL: a uniform lattice
    cdef const uint32_t *_edge
    cdef const uint32_t *_bond_class  # of every edge; NULL: it stands in the edge
    cdef const uint32_t *_reverse  # by class: that of the reverse edge
    cdef const uint32_t *_packed
    cdef uint32_t _degree, _basis_mask, _reach
    cdef int64_t _n_site
    cdef const uint64_t *_rate
    cdef const uint64_t *_unary
    cdef const uint8_t *_path
    cdef uint32_t _n_code, _n_class
    cdef Py_ssize_t _n_path
    cdef size_t _class_stride  # between the rates of two classes; 0 when all have the same
    cdef int64_t[:, ::1] _hops
    cdef int64_t[::1] _exchanges
    cdef uint32_t[:, ::1] _tracked  # particle on every site, and the other site of the last hop to or from it
    cdef int64_t[:, ::1] _walked  # by particle: its displacement and the sum of its squared steps
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
        cdef const uint32_t[::1] indptr, edge, bond_class, reverse
        cdef const uint32_t[:, ::1] packed
        check_tables(tables)
        code = checked_codes(code, neighbours.n_site_of(len(code)), len(tables.unary), np.uint16)
        self._n_site = len(code)
        if neighbours.wide != tables.wide:
            raise ValueError("tables of rates by class and edges with classes beside them go together, and only they")
        if neighbours.n_step > tables.n_step:
            raise ValueError(f"edges of {neighbours.n_step} step classes, but tables for {tables.n_step}")
        reverse = neighbours.reverse(tables.n_step)
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
            if neighbours.wide and len(edge):
                bond_class = neighbours.bond_class
                self._bond_class = &bond_class[0]
            packed = None
        self._reverse = &reverse[0]
        self._held = (neighbours, tables, (packed, reverse))
        self._n_class, self._n_code, self._n_path = tables.n_step, len(tables.unary), tables.n_path
        self._class_stride = self._n_code * self._n_code if len(tables.rate) > 1 else 0
        self._point_to(tables)
        self.bit_generator = bit_generator
        self._words.rng = <bitgen_t *> PyCapsule_GetPointer(bit_generator.capsule, "BitGenerator")
        self._hops = np.zeros((1 if tables.wide else self._n_path, self._n_class), dtype=np.int64)
        self._exchanges = np.zeros(self._n_code, dtype=np.int64)
        self._tracking = step_of_particle is not None
        self._carrier_is_particle = carrier_is_particle
        if self._tracking:
            self._step_of_particle = step_of_particle
            self._tracked = np.repeat(np.arange(self._n_site, dtype=np.uint32), 2).reshape(-1, 2)
            self._walked = np.zeros((self._n_site, 2), dtype=np.int64)
        self._start(code)

    def _start(self, code):
        raise TypeError("use BinKernel or GroupKernel")

    def _point_to(self, tables):
        """Use the rates, path classes and quantum of these tables, which are kept alive."""
        cdef const uint64_t[::1] rate = tables.rate.reshape(-1), unary = tables.unary
        cdef const uint8_t[::1] path = tables.path.reshape(-1)
        self._rate, self._unary, self._path = &rate[0], &unary[0], &path[0]
        self._pointed_to = rate, unary, path
        self.quantum = tables.quantum

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
        return self._by_site(self._all_codes())

    def codes_of(self, sites):
        """Codes of some sites, array (n,), from their numbers; all are not copied."""
        return np.asarray(self._all_codes())[sites if self._place is None else self._place[sites]]

    def _by_site(self, kept):
        """A copy of an array of the places, in the order of the sites."""
        return np.array(kept) if self._place is None else np.asarray(kept)[self._place]

    @property
    def hops(self):
        """Carrier hops so far by path class and class of edge, int64 array (n_path, n_class), wide (1, n_class)."""
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
        return self._by_site(self._walked[:, 0]) if self._tracking else None

    @property
    def particles(self):
        """Number of the tracked particle on every site, uint32 array (n_site,); None when not tracking."""
        if not self._tracking:
            return None
        found = self._by_site(self._tracked[:, 0])
        return found if self._site_at is None else self._site_at[found]

    @property
    def squared_steps(self):
        """Sum of the squared axial steps of every tracked particle [axial units²]; None when not tracking."""
        return self._by_site(self._walked[:, 1]) if self._tracking else None

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
        return self._by_site(found)

    def hop_rates(self):
        """Sum of the rates of all hops that can happen now, in quanta, by path class and class of edge, as `hops`.

        Its mean over time is that of the hops, without the scatter of counting them.
        """
        cdef uint64_t[:, ::1] found = np.zeros((self._hops.shape[0], self._n_class), dtype=np.uint64)
        with nogil:
            self._sum_rates(found)
        return np.asarray(found)

    def nbytes(self):
        """Memory [bytes] held for sites, edges, tables and the lists of carriers."""
        neighbours, tables, _ = self._held
        held = [tables.rate, tables.path, self._all_codes(), *neighbours.arrays(), *self._rearranged()]
        if self._tracking:
            held += [self._tracked, self._walked]
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
            self._prepare()
        if until != until or max_events < 0:
            raise ValueError(f"until must be a number and max_events >= 0, got {until!r} and {max_events!r}")
        with self.bit_generator.lock, nogil:
            if not self._started:
                start(&self._words)
                self._started = True
            reason = self._advance(until, max_events)
        if reason == OUT_OF_MEMORY:
            raise MemoryError("no memory for the lists of carriers")
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

    def _prepare(self):
        """What is to be done before the first event."""

    cdef size_t _list_bytes(self):
        return 0

    cdef void _sum_rates(self, uint64_t[:, ::1] found) noexcept nogil:
        """Add up the rates of all hops that can happen now."""

    def _rearranged(self):
        """Arrays of neighbours beside those of the table, which kernels on the same neighbours share."""
        return []

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

    cdef inline uint32_t _class_of(self, const uint32_t *edge) noexcept nogil:
        """Class of an edge of a row."""
        return edge[0] >> SITE_BITS if self._bond_class == NULL else self._bond_class[edge - self._edge]

    cdef inline uint64_t _rate_of(self, uint32_t bond, uint32_t from_code, uint32_t to_code) noexcept nogil:
        """Rate of a hop along an edge of this class; zero unless it leads from a full to an empty site."""
        if self._bond_class == NULL:
            return self._rate[bond * self._class_stride + <size_t> from_code * self._n_code + to_code]
        return self._rate[bond] if from_code & ~to_code & 1 else 0

    cdef inline uint8_t _path_of(self, uint32_t bond, uint32_t from_code, uint32_t to_code) noexcept nogil:
        """Path class of a hop."""
        return self._path[<size_t> from_code * self._n_code + to_code if self._bond_class == NULL else bond]

    cdef inline void _expect_particle(self, uint32_t i) noexcept nogil:
        """Bring into the cache where the particle of a site has been: it is far from those of other sites."""
        prefetch(&self._walked[self._tracked[i, 0], 0])

    cdef inline void _record(
        self, uint32_t i, uint32_t j, uint32_t bond, uint32_t code_i, uint32_t code_j
    ) noexcept nogil:
        """Count a hop from i to j, and move the tracked particles."""
        cdef uint32_t particle
        cdef uint64_t step
        self._hops[0 if self._bond_class != NULL else self._path_of(bond, code_i, code_j), bond] += 1
        if self._tracking:
            # Nothing has touched either site since they last swapped: this hop can only be that one's reverse.
            self.n_undone += self._tracked[i, 1] == j and self._tracked[j, 1] == i
            self._tracked[i, 1], self._tracked[j, 1] = j, i
            particle = self._tracked[i, 0]
            self._tracked[i, 0] = self._tracked[j, 0]
            self._tracked[j, 0] = particle
            if not self._carrier_is_particle:
                particle = self._tracked[i, 0]
            step = <uint64_t> self._step_of_particle[bond]  # without a sign: what overflows wraps, and is not undefined
            self._walked[particle, 0] = <int64_t> (<uint64_t> self._walked[particle, 0] + step)
            self._walked[particle, 1] = <int64_t> (<uint64_t> self._walked[particle, 1] + step * step)

    cdef inline void _record_exchange(self, uint32_t i, uint32_t code) noexcept nogil:
        """Count a carrier that comes or goes."""
        self._exchanges[code] += 1
        if self._tracking:
            self._tracked[i, 1] = i
