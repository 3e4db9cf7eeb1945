# Carriers in bins by their code.


cdef struct Bin:
    uint32_t *site
    uint32_t size
    uint32_t capacity
    uint64_t most  # largest rate from this code to any site that there is: 1.9 times for tracers of one region
    uint32_t edge_bits  # edges are drawn below 2^edge_bits, the power of two that holds the largest row
    uint64_t weight  # of one member: most × 2^edge_bits


cdef struct Candidate:  # what a word leads to when it is used for a draw
    uint64_t rest  # height under the largest rate of the bin
    uint32_t bin, place, edge
    uint32_t i, to  # the carrier's site, and its packed edge to the other


cdef class BinKernel(_Kernel):
    """Carriers in bins by code; see the module.  Refuses unary events and counts."""

    cdef uint8_t[::1] _codes
    cdef uint8_t *_code
    cdef Bin _bin[N_KIND]  # one for each odd code
    cdef uint32_t _n_bin
    cdef Candidate _candidate[AHEAD]  # of word number k, at k modulo AHEAD
    cdef const uint16_t *_row_type  # of every site; NULL: a uniform lattice, or rows too unlike
    cdef const uint32_t *_type_rows  # by type: length, then edges less the number of the site
    cdef size_t _type_stride
    cdef object _types_held
    cdef readonly bint looks_ahead  # prefetches what the coming words will lead to; known when the first event was
    cdef uint64_t _seen  # words that _look_ahead has gone past
    cdef const int32_t[:, ::1] _lines  # by basis site or row type: offsets to each cache line that holds neighbours
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
        if tables.wide:
            raise ValueError("BinKernel reads classes in the edges only: use GroupKernel for wide ones")
        if tables.unary.any() or tables.counted.any():
            raise ValueError("BinKernel has neither unary events nor counts of neighbours: use GroupKernel")
        self._codes = np.array(code, dtype=np.uint8)
        self._code = &self._codes[0]
        cdef const uint64_t[:, :, ::1] changes = _changes_of_total(np.broadcast_to(
            tables.rate, (self._n_class, self._n_code, self._n_code)), neighbours.reverse(self._n_class))
        self._changes = changes
        self._change = &changes[0, 0, 0]
        self._n_bin = self._n_code // 2
        degree = neighbours.degrees_by_code(np.asarray(self._codes), self._n_code)
        empty = 2 * np.flatnonzero(degree)
        for b in range(self._n_bin):
            self._bin[b].most = tables.rate[:, 2 * b + 1, empty].max(initial=0)
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

    def _prepare(self):
        neighbours = self._held[0]
        cdef const uint16_t[::1] row_type
        cdef const uint32_t[:, ::1] rows
        cdef size_t held = self._n_site + self._list_bytes()
        if self._indptr == NULL:
            offsets = neighbours.offset
        elif neighbours.row_types is None:
            return
        else:
            row_type, rows = neighbours.row_types
            self._types_held = row_type, rows
            self._row_type, self._type_rows, self._type_stride = &row_type[0], &rows[0, 0], rows.shape[1]
            offsets = neighbours.type_offsets
            held += 2 * self._n_site + rows.nbytes
        if self._tracking:
            held += self._tracked.nbytes + self._walked.nbytes
        if held > CACHED_BYTES:
            self.looks_ahead = True
            self._lines = _lines_of(offsets)

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
        self._record(i, j, edge >> SITE_BITS, code_i, code_j)
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
        """Bring what the coming words will make a draw read into the cache, in four steps.

        Every word is taken for a draw, in the state as it is now: where that is wrong, only time is lost.
        At 10⁷ sites by offsets 3 to 4 times the hops per second, at 10⁶ 1.2 to 1.4 times; through a table at 10⁶, with
        row types, 7 times, and 4 times with tracked particles.  To ask only for the neighbours of a hop that would be
        accepted makes 1.1 times of it, and 1.3 times where three draws out of four are rejected.
        """
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef const uint32_t *row
        cdef const int32_t *from_i
        cdef const int32_t *from_j
        cdef uint64_t u, slot, low
        cdef uint32_t b, i, j, k, degree, base, n_line = <uint32_t> self._lines.shape[1]
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
            slot = u / bin.most
            c.rest, c.bin, c.place = u - slot * bin.most, b, <uint32_t> (slot >> bin.edge_bits)
            c.edge = <uint32_t> slot & ((1 << bin.edge_bits) - 1)
            prefetch(bin.site + c.place)
            # A word to be used in three quarters as many: the carrier's row.
            if self._row_type != NULL or self._tracking:
                c = &self._candidate[(self._seen + 3 * AHEAD // 4) % AHEAD]
                bin = &self._bin[c.bin]
                if c.place < bin.size:
                    i = bin.site[c.place]
                    if self._row_type != NULL:
                        prefetch(self._row_type + i)
                    if self._tracking:
                        prefetch(&self._tracked[i, 0])
            # In half as many: the site to which the carrier would go.
            c = &self._candidate[(self._seen + AHEAD // 2) % AHEAD]
            bin = &self._bin[c.bin]
            if c.place < bin.size:
                c.i = bin.site[c.place]
            row = self._relative_row(c.i, buffer, &degree, &base)
            c.to = row[c.edge] + base if c.edge < degree else c.i
            j = c.to & SITE_MASK
            prefetch(self._code + j)
            if self._row_type != NULL:
                prefetch(self._row_type + j)
            if self._tracking:
                prefetch(&self._tracked[j, 0])
            # In a quarter as many: when it is to go there, the neighbours of both, and the particle that is to move.
            c = &self._candidate[(self._seen + AHEAD // 4) % AHEAD]
            j = c.to & SITE_MASK
            if self._code[j] & 1 == 0 and c.rest < self._rate_of(c.to >> SITE_BITS, 2 * c.bin + 1, self._code[j]):
                from_i = &self._lines[self._type_of(c.i), 0]
                from_j = &self._lines[self._type_of(j), 0]
                for k in range(n_line):
                    prefetch(self._code + <int64_t> c.i + from_i[k])
                    prefetch(self._code + <int64_t> j + from_j[k])
                if self._tracking:
                    prefetch(&self._walked[self._tracked[c.i if self._carrier_is_particle else j, 0], 0])
            self._seen += 1

    cdef inline uint32_t _type_of(self, uint32_t i) noexcept nogil:
        """Row type of a site, or its basis site."""
        return i & self._basis_mask if self._row_type == NULL else self._row_type[i]

    cdef inline const uint32_t *_relative_row(
        self, uint32_t i, uint32_t *buffer, uint32_t *degree, uint32_t *base
    ) noexcept nogil:
        """The packed edges of site i, less `base`: those of its type, or the offsets where they serve as they stand."""
        cdef const uint32_t *row
        if self._indptr == NULL:
            if i >= self._reach and i + self._reach < <uint32_t> self._n_site:
                base[0], degree[0] = i, self._degree
                return self._packed + (i & self._basis_mask) * self._degree
        elif self._row_type != NULL:
            row = self._type_rows + self._row_type[i] * self._type_stride
            base[0], degree[0] = i, row[0]
            return row + 1
        base[0] = 0
        return self._row(i, buffer, degree)

    cdef inline uint64_t _gain(self, const uint32_t *row, uint32_t degree, uint32_t base, uint8_t code) noexcept nogil:
        """Change of the total when the site with this row and this code toggles."""
        cdef const uint64_t *change = self._change + code * self._n_class * self._n_code
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
    """One offset for each run of close ones in every row, int32 array; shorter rows repeat their first."""
    rows = np.sort(offset, axis=1).astype(np.int32)
    each, place = np.arange(len(rows)), np.zeros(len(rows), dtype=np.int64)
    kept = np.repeat(rows[:, :1], max(rows.shape[1], 1), axis=1)
    for column in rows.T[1:]:
        far = column - kept[each, place] > CLOSE
        place += far
        kept[each[far], place[far]] = column[far]
    return np.ascontiguousarray(kept[:, :place.max(initial=0) + 1])


def _changes_of_total(rate, reverse):
    """What the total propensity gains over one edge when the site at its start toggles.

    An edge of class c from a site of code a to one of code b carries rate[c][a][b] when a holds a carrier and b does
    not, and the reverse edge's rate[reverse[c]][b][a] in the opposite case.

    Returns
    -------
    uint64 array (n_code, n_class, n_code)
        By the code of the site, the class, and the code of its neighbour; differences modulo 2^64.
    """
    bond = rate + rate[reverse].transpose(0, 2, 1)
    toggled = np.arange(rate.shape[1]) ^ 1
    return np.ascontiguousarray((bond[:, toggled] - bond).transpose(1, 0, 2))
