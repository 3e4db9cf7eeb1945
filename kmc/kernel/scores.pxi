# Propensities of path classes, integrated over time.


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
        self._exposure = np.zeros(self._n_path)

    @property
    def exposure(self):
        """∫ R_c dt so far: the hops expected of each path class on this trajectory, float array (n_path,)."""
        totals = np.asarray(self._path_total).astype(float)
        return np.asarray(self._exposure) + totals * self.quantum * self._elapsed()

    def path_propensities(self):
        """Total propensity of every path class, computed from the codes, uint64 array (n_path,)."""
        cdef uint64_t[::1] found = np.zeros(self._n_path, dtype=np.uint64)
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t bond, degree, e, i
        cdef uint16_t code_i, code_k
        cdef const uint32_t *row
        for i in range(<uint32_t> self._n_site):
            code_i = self._code_of(i)
            row = self._row(i, buffer, &degree)
            for e in range((code_i & 1) * degree):
                code_k = self._code_of(row[e] & SITE_MASK)
                bond = self._class_of(row + e)
                found[self._path_of(bond, code_i, code_k)] += self._rate_of(bond, code_i, code_k)
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
        exposure, since = checked_exposure(state, self._n_path)
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
        cdef uint16_t code_i = self._code_of(i), code_j = self._code_of(j)
        self._recount_paths(i, code_i, code_i - 1)
        self._site[i] -= 1
        self._recount_paths(j, code_j, code_j + 1)
        self._site[i] += 1
        GroupKernel._hop(self, i, j)

    cdef void _update_propensities(self) noexcept nogil:
        """One touched site after the other, from the codes as they were: so every difference is that of one site."""
        cdef uint32_t n, i
        cdef uint16_t new_code
        for n in range(self._n_touched):
            i = self._touched[n]
            new_code = self._code_of(i)
            self._set_code(i, <uint16_t> self._former[n])
            self._former[n] = new_code
        for n in range(self._n_touched):
            i = self._touched[n]
            new_code = <uint16_t> self._former[n]
            self._former[n] = self._code_of(i)
            self._recount_paths(i, self._code_of(i), new_code)
            self._set_code(i, new_code)
        GroupKernel._update_propensities(self)

    cdef void _recount_paths(self, uint32_t i, uint16_t old_code, uint16_t new_code) noexcept nogil:
        """What the totals gain when site i, and no other, takes a new code; modulo 2^64."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t e, degree, there, back
        cdef uint16_t code_k
        cdef const uint32_t *row = self._row(i, buffer, &degree)
        for e in range(degree):  # no question asked: other rates than from full to empty are zero
            there = self._class_of(row + e)
            back = self._reverse[there]
            code_k = self._code_of(row[e] & SITE_MASK)
            self._path_total[self._path_of(there, old_code, code_k)] -= self._rate_of(there, old_code, code_k)
            self._path_total[self._path_of(back, code_k, old_code)] -= self._rate_of(back, code_k, old_code)
            self._path_total[self._path_of(there, new_code, code_k)] += self._rate_of(there, new_code, code_k)
            self._path_total[self._path_of(back, code_k, new_code)] += self._rate_of(back, code_k, new_code)
