# The sites of a kernel that keeps propensities: their codes, and what is counted beside them.
#
# All of a site is one number, which an event reads once and writes once (1.05 times as fast as three): its code, the
# number of carriers on its neighbours, and a mark while a change is under way, which is 1 when the site is touched, and
# 2 more for each touched carrier beside it.


cdef enum:
    CODE = 0xFFFF
    ONE_BESIDE = 1 << 16
    TOUCHED = 1 << 24


LOW_HALF = 0 if sys.byteorder == "little" else 1  # of two 16-bit numbers: the one that holds the code


cdef class _Sites(_Groups):
    """Codes that count what is beside their sites."""

    cdef object _sites
    cdef uint32_t *_site
    cdef object _counts_held  # keeps the next three alive
    cdef const uint8_t *_counted  # by code: does a carrier here count among its neighbours' neighbours?
    cdef const uint32_t *_arrival  # by code: what a counted carrier that arrives beside the site adds to it
    cdef const uint32_t *_arrival_second
    cdef const uint32_t *_second_indptr  # second neighbours, for counts only: nobody hops there
    cdef const uint32_t *_second

    def _make_sites(self, code):
        """Keep the codes, and count from scratch."""
        neighbours, tables, _ = self._held
        cdef const uint32_t[::1] indptr, second
        cdef uint32_t[::1] site = np.array(code, dtype=np.uint32)
        if tables.gain[1].any():
            indptr, second = neighbours.second_indptr, neighbours.second
            self._second_indptr, self._second = &indptr[0], &second[0] if len(second) else NULL
        most = neighbours.degrees_by_code(np.asarray(code), self._n_code).max(initial=0)
        if most > MOST_BESIDE:
            raise ValueError(f"a site has {most} neighbours, at most {MOST_BESIDE}")
        self._sites, self._site = np.asarray(site), &site[0]
        self._count_beside()

    def _count_by(self, tables):
        """Point to what the tables say of counts."""
        words = tables.gain + np.where(tables.gain > 0, TOUCHED, 0) + np.array([[ONE_BESIDE], [0]])
        cdef const uint8_t[::1] counted = tables.counted.view(np.uint8)
        cdef const uint32_t[:, ::1] arrivals = words.astype(np.uint32)
        self._counts_held = counted, arrivals
        self._counted, self._arrival, self._arrival_second = &counted[0], &arrivals[0, 0], &arrivals[1, 0]

    def _prepare(self):
        self._check_counts()

    def _check_counts(self):
        """Raise `ValueError` unless every code has room for the counted carriers that can be beside its site."""
        cdef uint32_t i
        if not self._held[1].counted.any():
            return
        for i in range(<uint32_t> self._n_site):
            if not self._has_room(i):
                raise ValueError(f"the code of site {i}, {self._site[i] & CODE}, does not go with its neighbours")

    cdef bint _has_room(self, uint32_t i) noexcept nogil:
        """Whether the code of a site counts what is beside it, and stays in the tables whoever comes or goes."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t degree, code = self._site[i] & CODE
        cdef int64_t first = self._arrival[code] & CODE, second = self._arrival_second[code] & CODE
        cdef int64_t low = code, high = code
        cdef const uint32_t *row = self._row(i, buffer, &degree)
        self._widen(row, degree, first, &low, &high)
        if self._second_indptr != NULL:
            row = self._second + self._second_indptr[i]
            self._widen(row, self._second_indptr[i + 1] - self._second_indptr[i], second, &low, &high)
        return (0 <= low and high < self._n_code
                and self._arrival[low] == self._arrival[code] and self._arrival[high] == self._arrival[code]
                and self._arrival_second[low] == self._arrival_second[code]
                and self._arrival_second[high] == self._arrival_second[code])

    cdef void _widen(
        self, const uint32_t *row, uint32_t degree, int64_t gain, int64_t *low, int64_t *high
    ) noexcept nogil:
        """Lowest and highest code of a site as the counted carriers of a row come and go."""
        cdef uint32_t e, code
        for e in range(degree):
            code = self._site[row[e] & SITE_MASK] & CODE
            if self._counted[code | 1]:
                low[0] -= gain * (code & 1)
                high[0] += gain * (~code & 1)

    cdef void _count_beside(self) noexcept nogil:
        """Carriers on the neighbours of every site, from scratch."""
        cdef uint32_t i
        for i in range(<uint32_t> self._n_site):
            self._site[i] &= CODE
        for i in range(<uint32_t> self._n_site):
            if self._site[i] & 1:
                self._count_neighbours(i, ONE_BESIDE)

    cdef inline void _count_neighbours(self, uint32_t i, uint32_t more) noexcept nogil:
        """The neighbours of site i have one carrier more beside them, or (modulo 2^32) one less."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t e, degree
        cdef const uint32_t *row = self._row(i, buffer, &degree)
        for e in range(degree):
            self._site[row[e] & SITE_MASK] += more

    cdef inline uint16_t _code_of(self, uint32_t i) noexcept nogil:
        return <uint16_t> self._site[i]

    cdef inline void _set_code(self, uint32_t i, uint16_t code) noexcept nogil:
        """Give a site a code, and nothing else."""
        self._site[i] = (self._site[i] & ~<uint32_t> CODE) | code

    def _all_codes(self):
        return self._sites.view(np.uint16)[LOW_HALF::2]
