# Carriers in bins by the class of their site.


cdef struct Part:
    uint64_t most  # largest rate along an edge of the part
    uint64_t inverse  # (2^64 - 1) // most


cdef struct Bin:
    uint32_t *site
    uint32_t *row  # of each site: where it stands in the rows; NULL: they are not kept
    uint32_t size
    uint32_t capacity
    uint64_t weight  # of one member: most × number of edges, over both parts
    uint64_t inverse
    uint64_t own_weight  # of the first part
    Part part[2]  # edges to the own region, and those after them
    uint32_t own  # number of the first
    uint32_t n_site  # of the class
    uint8_t code


cdef struct Candidate:  # what a word leads to when it is used for a draw
    uint64_t drawn  # the number below the weight of all
    uint64_t rest  # height under the largest rate of the part
    uint32_t sizes  # of the bins, as numbered in the kernel, for which the following holds
    uint32_t bin, place, edge
    uint32_t i, to  # the carrier's site, and its packed edge to the other


cdef class BinKernel(_Kernel):
    """Carriers in bins by the class of their site; see the module.  Refuses unary events and counts."""

    cdef uint8_t[::1] _codes
    cdef uint8_t *_code
    cdef Bin *_bin
    cdef uint32_t _n_bin
    cdef const uint32_t[::1] _bin_of_class
    cdef Candidate _candidate[AHEAD]  # of word number k, at k modulo AHEAD
    cdef const uint16_t *_row_type  # of every place; NULL: a uniform lattice, or rows too unlike
    cdef const uint32_t *_first  # where the row of a place begins; NULL: a uniform lattice, or row types
    cdef const uint32_t *_rows  # edges and class of the site, then its edges; those of types less the place
    cdef size_t _type_stride
    cdef bint _keeps_rows  # beside the carriers: one thing less to wait for
    cdef uint32_t _relative  # all bits where rows are less the place, which is to be added; else none
    cdef object _arrangement
    cdef readonly bint looks_ahead  # prefetches what the coming words will lead to; known when the first event was
    cdef uint64_t _seen  # words that _look_ahead has gone past
    cdef const int32_t[:, ::1] _lines  # by basis site or row type: offsets to each cache line that holds neighbours
    cdef uint32_t _sizes  # how often the sizes of bins have changed
    cdef uint64_t _weight  # sum over bins of size × weight of one member
    cdef object _changes
    cdef const uint64_t *_change  # change of the total when a site of code a toggles beside one of code b

    def __dealloc__(self):
        cdef uint32_t b
        for b in range(self._n_bin):
            free(self._bin[b].site)
            free(self._bin[b].row)
        free(self._bin)

    def _start(self, code):
        neighbours, tables, _ = self._held
        if tables.wide:
            raise ValueError("BinKernel reads classes in the edges only: use GroupKernel for wide ones")
        if tables.unary.any() or tables.counted.any():
            raise ValueError("BinKernel has neither unary events nor counts of neighbours: use GroupKernel")
        code = np.array(code, dtype=np.uint8)
        self._arrangement = arrangement = neighbours.arranged(code >> 1)
        self._place, self._site_at = arrangement.place, arrangement.site
        self._codes = code if self._place is None else code[self._site_at]
        self._code = &self._codes[0]
        self._sizes = 1  # no candidate is known yet
        self._point_to_rows(arrangement)
        cdef const uint64_t[:, :, ::1] changes = _changes_of_total(np.broadcast_to(
            tables.rate, (self._n_class, self._n_code, self._n_code)), neighbours.reverse(self._n_class))
        self._changes = changes
        self._change = &changes[0, 0, 0]
        self._make_bins(arrangement.classes, tables.rate)
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t degree, base, site_class
        cdef int64_t i
        cdef const uint32_t *row
        with nogil:
            for i in range(self._n_site):
                if self._code[i] & 1:
                    self._total += self._propensity(<uint32_t> i)
                    row = self._site_row(<uint32_t> i, buffer, &degree, &base, &site_class)
                    self._append(self._bin_of_class[site_class], <uint32_t> i, row)
        if self._failed:
            raise MemoryError("no memory for the lists of carriers")

    def _point_to_rows(self, arrangement):
        """Use the rows of an arrangement, which is kept alive."""
        cdef const uint16_t[::1] row_type
        cdef const uint32_t[::1] first, words
        if arrangement.rows is None or not self._n_site:
            return
        words = arrangement.rows.reshape(-1)
        self._rows = &words[0]
        if arrangement.row_type is None:
            first = arrangement.first
            self._first = &first[0]
        else:
            row_type = arrangement.row_type
            self._relative = 0xFFFFFFFF
            self._row_type, self._type_stride = &row_type[0], arrangement.rows.shape[1]

    def _make_bins(self, classes, rate):
        """A bin for each class of sites, those first that are drawn most often now, with room for their carriers."""
        number = np.zeros(len(classes.region), dtype=np.int64)
        cdef int64_t[::1] carriers = number
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t degree, base, site_class, b, k
        cdef int64_t i
        with nogil:
            for i in range(self._n_site):
                if self._code[i] & 1:
                    self._site_row(<uint32_t> i, buffer, &degree, &base, &site_class)
                    carriers[site_class] += 1
        most = classes.largest(rate)
        own = most[0] * classes.own.astype(np.uint64)
        weight = own + most[1] * classes.others.astype(np.uint64)
        order = sorted(range(len(number)), key=lambda c: (-int(weight[c]) * int(number[c]), c))
        self._bin = <Bin *> calloc(len(order) + 1, sizeof(Bin))
        if self._bin == NULL:
            raise MemoryError("no memory for the lists of carriers")
        self._n_bin = len(order)
        for b, c in enumerate(order):
            self._bin[b].weight, self._bin[b].inverse = weight[c], _inverse(weight[c])
            self._bin[b].own_weight, self._bin[b].own = own[c], classes.own[c]
            self._bin[b].code, self._bin[b].n_site = 2 * classes.region[c] + 1, classes.number[c]
            for k in range(2):
                self._bin[b].part[k].most, self._bin[b].part[k].inverse = most[k][c], _inverse(most[k][c])
            self._reserve(&self._bin[b], number[c])
        self._bin_of_class = np.argsort(order).astype(np.uint32)

    def _prepare(self):
        """Look ahead where the sites that most draws lead to (those of the bins of nine tenths) are not cached."""
        cdef double bytes_of_site = 1 + (2 if self._row_type != NULL else 0) + (24 if self._tracking else 0)
        cdef double held = 0 if self._row_type == NULL else self._arrangement.rows.nbytes, weight = 0
        cdef uint32_t b
        if self._first != NULL:
            self._keep_rows()
            return
        for b in range(self._n_bin):
            if weight < 0.9 * <double> self._weight:
                held += self._bin[b].n_site * bytes_of_site + self._bin[b].size * sizeof(uint32_t)
                weight += <double> self._bin[b].size * <double> self._bin[b].weight
        if held > CACHED_BYTES:
            self.looks_ahead = True
            self._lines = _lines_of(self._held[0].offset if self._row_type == NULL else self._arrangement.offsets())
        elif self._rows != NULL:
            self._keep_rows()

    def _keep_rows(self):
        """Keep the rows of all carriers beside them."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t b, k, degree, base, site_class
        cdef const uint32_t *row
        self._keeps_rows = True
        for b in range(self._n_bin):
            self._reserve(&self._bin[b], self._bin[b].capacity)
            if self._failed:
                raise MemoryError("no memory for the lists of carriers")
            for k in range(self._bin[b].size):
                row = self._site_row(self._bin[b].site[k], buffer, &degree, &base, &site_class)
                self._write(&self._bin[b], k, self._bin[b].site[k], row)

    def _all_codes(self):
        return self._codes

    def _rearranged(self):
        return self._arrangement.arrays()

    cdef void _sum_rates(self, uint64_t[:, ::1] found) noexcept nogil:
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t b, k, e, edge, degree, base
        cdef uint8_t code_j
        cdef const uint32_t *row
        cdef Bin *bin
        for b in range(self._n_bin):
            bin = &self._bin[b]
            for k in range(bin.size):
                row = self._carrier_row(bin, k, buffer, &degree, &base)
                for e in range(degree):
                    edge = row[e] + base
                    code_j = self._code[edge & SITE_MASK]
                    if code_j & 1 == 0:
                        found[self._path_of(0, bin.code, code_j), edge >> SITE_BITS] += self._rate_of(
                            edge >> SITE_BITS, bin.code, code_j)

    cdef uint64_t _propensity(self, uint32_t i) noexcept nogil:
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t degree, base, site_class, e, edge
        cdef uint8_t code_i = self._code[i]
        cdef uint64_t propensity = 0
        cdef const uint32_t *row
        if code_i & 1:
            row = self._site_row(i, buffer, &degree, &base, &site_class)
            for e in range(degree):
                edge = row[e] + base
                propensity += self._rate_of(edge >> SITE_BITS, code_i, self._code[edge & SITE_MASK])
        return propensity

    @property
    def acceptance(self):
        """Part of the draws that are not rejected, in the present state."""
        return <double> self._total / <double> self._weight if self._weight else 1.0

    cdef size_t _list_bytes(self):
        cdef size_t total = 0
        cdef uint32_t b
        for b in range(self._n_bin):
            total += self._bin[b].capacity * sizeof(uint32_t) * (2 if self._keeps_rows else 1)
        return total

    cdef void _execute(self) noexcept nogil:
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t i, j, degree, base, site_class, edge, b
        cdef const uint32_t *row
        cdef uint8_t code_i, code_j
        cdef uint64_t u
        cdef Candidate c
        cdef Candidate *known
        cdef Bin *bin
        while True:
            self.n_draw += 1
            u = below(&self._words, self._weight)
            if self.looks_ahead:
                known = &self._candidate[(self._words.used - 1) % AHEAD]
                if known.drawn == u and known.sizes == self._sizes:
                    c.bin, c.place, c.edge, c.rest = known.bin, known.place, known.edge, known.rest
                else:
                    self._aim(u, &c)
                self._look_ahead()
            else:
                self._aim(u, &c)
            bin = &self._bin[c.bin]
            i = bin.site[c.place]
            row = self._carrier_row(bin, c.place, buffer, &degree, &base)
            if c.edge >= degree:
                continue
            edge = row[c.edge] + base
            j = edge & SITE_MASK
            code_i, code_j = bin.code, self._code[j]
            if c.rest < self._rate_of(edge >> SITE_BITS, code_i, code_j):
                break
        self._record(i, j, edge >> SITE_BITS, code_i, code_j)
        self._total += self._gain(row, degree, base, code_i)
        self._code[i] = code_i - 1
        row = self._site_row(j, buffer, &degree, &base, &site_class)
        self._total += self._gain(row, degree, base, code_j)
        self._code[j] = code_j + 1
        b = self._bin_of_class[site_class]
        if b == c.bin:
            self._write(bin, c.place, j, row)
        else:
            self._sizes += 1
            bin.size -= 1
            bin.site[c.place] = bin.site[bin.size]
            if bin.row != NULL:
                bin.row[c.place] = bin.row[bin.size]
            self._weight -= bin.weight
            self._append(b, j, row)

    cdef inline void _aim(self, uint64_t u, Candidate *c) noexcept nogil:
        """The bin, member, edge and height that stand for a number below the weight of all."""
        cdef Bin *bin = self._bin
        cdef uint64_t weight = bin.size * bin.weight
        cdef int part
        c.drawn, c.sizes = u, self._sizes
        while u >= weight:
            u -= weight
            bin += 1
            weight = bin.size * bin.weight
        c.bin = <uint32_t> (bin - self._bin)
        c.place = <uint32_t> quotient(u, bin.weight, bin.inverse, &u)
        part = u >= bin.own_weight
        c.edge = 0
        if part:
            u -= bin.own_weight
            c.edge = bin.own
        c.edge += <uint32_t> quotient(u, bin.part[part].most, bin.part[part].inverse, &c.rest)

    cdef void _look_ahead(self) noexcept nogil:
        """Bring what the coming words will make a draw read into the cache, in four steps.

        Every word is taken for a draw, in the state as it is now: where that is wrong, only time is lost.
        At 10⁷ sites by offsets 3 to 4 times the hops per second, at 10⁶ 1.2 to 1.4 times; through a table at 10⁶, with
        row types, 7 times, and 4 times with tracked particles.  To ask only for the neighbours of a hop that would be
        accepted makes 1.1 times of it, and 1.3 times where three draws out of four are rejected.  Where most draws
        lead to a small interface it costs a third.
        """
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef const uint32_t *row
        cdef const int32_t *from_i
        cdef const int32_t *from_j
        cdef uint64_t low
        cdef uint32_t i, j, k, degree, base, site_class, n_line = <uint32_t> self._lines.shape[1]
        cdef Bin *bin
        cdef Candidate *c
        while self._seen != self._words.used:
            # The word drawn last, to be used in AHEAD words: where the list names the carrier.
            c = &self._candidate[self._seen % AHEAD]
            self._aim(multiply_high(self._words.word[self._seen % AHEAD], self._weight, &low), c)
            prefetch(self._bin[c.bin].site + c.place)
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
            row = self._site_row(c.i, buffer, &degree, &base, &site_class)
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
            bin = &self._bin[c.bin]
            if self._code[j] & 1 == 0 and c.rest < self._rate_of(c.to >> SITE_BITS, bin.code, self._code[j]):
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

    cdef inline const uint32_t *_site_row(
        self, uint32_t i, uint32_t *buffer, uint32_t *degree, uint32_t *base, uint32_t *site_class
    ) noexcept nogil:
        """The packed edges of a site, less `base`, and its class.

        They are those of its type, or its own, or the offsets where they serve as they stand.
        """
        cdef const uint32_t *row
        if self._row_type != NULL:
            row = self._rows + self._row_type[i] * self._type_stride
            base[0] = i
        elif self._first != NULL:
            row = self._rows + self._first[i]
            base[0] = 0
        else:
            site_class[0] = self._code[i] >> 1
            if i >= self._reach and i + self._reach < <uint32_t> self._n_site:
                base[0], degree[0] = i, self._degree
                return self._packed + (i & self._basis_mask) * self._degree
            base[0] = 0
            return self._row(i, buffer, degree)
        degree[0], site_class[0] = row[0] & ((1 << CLASS_BIT) - 1), row[0] >> CLASS_BIT
        return row + 1

    cdef inline const uint32_t *_carrier_row(
        self, Bin *bin, uint32_t place, uint32_t *buffer, uint32_t *degree, uint32_t *base
    ) noexcept nogil:
        """The same of the site of a carrier."""
        cdef const uint32_t *row
        cdef uint32_t site_class
        if bin.row == NULL:
            return self._site_row(bin.site[place], buffer, degree, base, &site_class)
        row = self._rows + bin.row[place]
        base[0], degree[0] = bin.site[place] & self._relative, row[0] & ((1 << CLASS_BIT) - 1)
        return row + 1

    cdef inline uint64_t _gain(self, const uint32_t *row, uint32_t degree, uint32_t base, uint8_t code) noexcept nogil:
        """Change of the total when the site with this row and this code toggles."""
        cdef const uint64_t *change = self._change + code * self._n_class * self._n_code
        cdef uint64_t gain = 0
        cdef uint32_t e, edge
        for e in range(degree):
            edge = row[e] + base
            gain += change[(edge >> SITE_BITS) * self._n_code + self._code[edge & SITE_MASK]]
        return gain

    cdef inline void _write(self, Bin *bin, uint32_t place, uint32_t site, const uint32_t *row) noexcept nogil:
        """Let a carrier of a bin stand on a site, whose edges begin here."""
        bin.site[place] = site
        if bin.row != NULL:
            bin.row[place] = <uint32_t> (row - 1 - self._rows)

    cdef void _append(self, uint32_t b, uint32_t site, const uint32_t *row) noexcept nogil:
        """Put a carrier at the end of a bin."""
        cdef Bin *bin = &self._bin[b]
        if bin.size == bin.capacity:
            self._reserve(bin, bin.capacity + bin.capacity // 4 + 16)
            if self._failed:
                return
        self._write(bin, bin.size, site, row)
        bin.size += 1
        self._weight += bin.weight

    cdef void _reserve(self, Bin *bin, uint32_t capacity) noexcept nogil:
        """Make room for this many carriers in a bin."""
        cdef size_t size = max(capacity, 1) * sizeof(uint32_t)
        cdef uint32_t *site = <uint32_t *> realloc(bin.site, size)
        cdef uint32_t *row = NULL
        if site != NULL:
            bin.site = site
            if self._keeps_rows:
                row = <uint32_t *> realloc(bin.row, size)
                bin.row = bin.row if row == NULL else row
        if site == NULL or (self._keeps_rows and row == NULL):
            self._failed = True
            return
        bin.capacity = capacity


def _inverse(divisor):
    """What `quotient` takes beside a divisor; anything for 0, by which nothing is divided."""
    return ((1 << 64) - 1) // int(divisor) if divisor else 0


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
