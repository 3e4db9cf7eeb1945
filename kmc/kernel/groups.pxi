# Kept propensities: what an event changes, and where a run can be taken up again.


cdef class GroupKernel(_Sites):
    """Kept propensities, of which blocks stand in groups by powers of two; see the module."""

    cdef size_t _row_bytes  # of the rates from one code, in bytes: 1.01 times as fast as an index
    cdef bint _one_table  # the class of an edge does not matter to a rate
    cdef object _acts_held
    cdef const uint8_t *_acts  # by code: may the propensity be other than zero?
    # Sites whose codes a change has touched so far, the codes they had, two choices of them, and one of a site's edges.
    cdef object _lists
    cdef uint32_t *_touched
    cdef uint32_t *_former
    cdef uint32_t *_chosen
    cdef uint32_t *_not_full
    cdef uint32_t *_found
    cdef uint32_t _n_touched

    def _start(self, code):
        neighbours, tables, _ = self._held
        self._one_table = not tables.wide and len(tables.rate) == 1
        self._row_bytes = 8 * self._n_code
        self._count_by(tables)
        self._make_sites(code)
        cdef uint32_t[:, ::1] lists = np.zeros((5, 3 + 2 * neighbours.most_neighbours()), dtype=np.uint32)
        self._lists = lists
        self._touched, self._former, self._chosen = &lists[0, 0], &lists[1, 0], &lists[2, 0]
        self._not_full, self._found = &lists[3, 0], &lists[4, 0]
        self._make_lists()
        cdef int64_t i
        with nogil:
            for i in range(self._n_site):
                self._put(<uint32_t> i, self._propensity(<uint32_t> i))
            self._sort_blocks()

    def _count_by(self, tables):
        """See `_Sites`; and what may happen by the code."""
        _Sites._count_by(self, tables)
        cdef const uint8_t[::1] acts = ((np.arange(self._n_code) % 2 == 1) | (tables.unary > 0)).astype(np.uint8)
        self._acts_held, self._acts = acts, &acts[0]

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
                if (self._site[site[k]] ^ new_code[k]) & 1:
                    self._count_neighbours(site[k], ONE_BESIDE if new_code[k] & 1 else <uint32_t> -ONE_BESIDE)
                self._touch(site[k], new_code[k])
                self._update_propensities()
        self._pending = False

    def replace_tables(self, tables):
        """Go on with other rates, path classes and quantum for the same codes; the next event is drawn anew."""
        neighbours, former, packed = self._held
        check_tables(tables)
        if tables.rate.shape != former.rate.shape or tables.n_path != former.n_path or tables.n_step != former.n_step:
            raise ValueError(f"tables of the same shape are needed: {former.rate.shape}, got {tables.rate.shape}")
        if (tables.counted != former.counted).any() or (tables.gain != former.gain).any():
            raise ValueError("tables for the same codes are needed: counted or gain differ")
        cdef int64_t i
        self._held = (neighbours, tables, packed)
        self._point_to(tables)
        self._count_by(tables)
        with nogil:
            for i in range(self._n_site):
                self._put(<uint32_t> i, 0)
            self._sort_blocks()
            for i in range(self._n_site):
                self._put(<uint32_t> i, self._propensity(<uint32_t> i))
            self._sort_blocks()
        self._pending = False

    def state(self):
        """All that is needed to go on bit for bit, as a dict of arrays and plain values; see `restore`."""
        cdef uint32_t k
        order = np.empty(sum(self._group[g].size for g in range(N_GROUP)), dtype=np.uint32)
        cdef uint32_t[::1] block = order
        cdef Py_ssize_t n = 0
        for g in range(N_GROUP):
            for k in range(self._group[g].size):
                block[n] = self._group[g].block[k]
                n += 1
        state = {
            "codes": self.codes,
            "order": order,  # of the blocks in their groups, which decides what a draw selects
            "clock": np.array([self._time, self._time_error, self._wait]),
            "numbers": np.array([self._pending, self.n_event, self.n_draw, self._started], dtype=np.int64),
            "hops": self.hops,
            "exchanges": self.exchanges,
            "drawn_ahead": self.drawn_ahead,
            "random": self.bit_generator.state,
        }
        if self._tracking:
            state |= {"tracked": np.array(self._tracked), "moved": self.displacements,
                      "squared": self.squared_steps, "undone": np.array(self.n_undone)}
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
        cdef int64_t i, low
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
            self._all_codes()[:] = found["codes"]
            self._check_counts()
            propensities = self.propensities()
            check_total(propensities)
            left_out = np.setdiff1d(np.flatnonzero(propensities) >> BLOCK_BITS, found["order"])
            if len(left_out):
                raise ValueError(f"order lacks {len(left_out)} blocks of sites at which something can happen")
            _set_random(self.bit_generator, state["random"])
        except ValueError:
            self._all_codes()[:] = former
            raise
        with nogil:
            for i in range(self._n_site):
                self._put(<uint32_t> i, 0)
            self._sort_blocks()
            self._count_beside()
            for n in range(order.shape[0]):
                low = <int64_t> order[n] << BLOCK_BITS
                for i in range(low, min(low + (1 << BLOCK_BITS), self._n_site)):
                    self._put(<uint32_t> i, self._propensity(<uint32_t> i))
            self._sort_blocks()
        self._time, self._time_error, self._wait = found["clock"]
        self._pending, self.n_event, self.n_draw, self._started = found["numbers"]
        np.asarray(self._hops)[:] = found["hops"]
        np.asarray(self._exchanges)[:] = found["exchanges"]
        if self._tracking:
            np.asarray(self._tracked)[:] = found["tracked"]
            np.asarray(self._walked)[:] = np.stack([found["moved"], found["squared"]], axis=1)
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

    cdef uint64_t _propensity(self, uint32_t i) noexcept nogil:
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t degree, e
        cdef uint16_t code_i = self._code_of(i)
        cdef uint64_t propensity = self._unary[code_i]
        cdef const uint32_t *row
        if code_i & 1:
            row = self._row(i, buffer, &degree)
            for e in range(degree):
                propensity += self._rate_along(row + e, code_i, self._code_of(row[e] & SITE_MASK))
        return propensity

    cdef void _sum_rates(self, uint64_t[:, ::1] found) noexcept nogil:
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t i, e, bond, degree
        cdef uint16_t code_i, code_j
        cdef const uint32_t *row
        for i in range(<uint32_t> self._n_site):
            code_i = self._code_of(i)
            if code_i & 1:
                row = self._row(i, buffer, &degree)
                for e in range(degree):
                    code_j, bond = self._code_of(row[e] & SITE_MASK), self._class_of(row + e)
                    if code_j & 1 == 0:
                        found[0 if self._bond_class != NULL else self._path_of(bond, code_i, code_j), bond] += (
                            self._rate_of(bond, code_i, code_j))

    cdef void _execute(self) noexcept nogil:
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef const uint32_t *row
        cdef uint64_t rest
        cdef uint32_t i = self._select(&rest)
        cdef uint16_t code_i = self._code_of(i), code_j
        if self._tracking:
            self._expect_particle(i)
        if rest < self._unary[code_i]:
            self._record_exchange(i, code_i)
            self._toggle(i)
            self._update_propensities()
            return
        rest -= self._unary[code_i]
        cdef uint32_t degree, j, bond, e = 0
        cdef uint64_t rate
        row = self._row(i, buffer, &degree)
        while True:  # rest < Σ of the rates of the edges from e on, so one of them holds it
            rate = self._rate_along(row + e, code_i, self._code_of(row[e] & SITE_MASK))
            if rest < rate:
                break
            rest -= rate
            e += 1
        j = row[e] & SITE_MASK
        self._expect_row(j)
        bond, code_j = self._class_of(row + e), self._code_of(j)
        if self._counted[code_i] or self._counted[code_j + 1]:
            if self._second_indptr != NULL:
                prefetch(self._second + self._second_indptr[i])
                prefetch(self._second + self._second_indptr[j])
            self._toggle(i)
            self._toggle(j)
            self._update_propensities()
        else:
            self._hop(i, j)
        self._record(i, j, bond, code_i, code_j)

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
        cdef uint16_t code = self._code_of(i)
        cdef uint32_t sign = 0 - <uint32_t> (code & 1)  # (x ^ sign) - sign: x, or minus x when it leaves
        cdef uint32_t degree
        cdef const uint32_t *row
        self._touch(i, code ^ 1)
        if not self._counted[code | 1]:
            self._count_neighbours(i, (ONE_BESIDE ^ sign) - sign)
            return
        row = self._row(i, buffer, &degree)
        self._recount(row, degree, self._arrival, sign)
        if self._second_indptr != NULL:
            row = self._second + self._second_indptr[i]
            degree = self._second_indptr[i + 1] - self._second_indptr[i]
            self._recount(row, degree, self._arrival_second, sign)

    cdef inline void _touch(self, uint32_t i, uint16_t code) noexcept nogil:
        """Give a site another code; `_update_propensities` is to follow."""
        cdef uint32_t site = self._site[i]
        self._touched[self._n_touched], self._former[self._n_touched] = i, site & CODE
        self._n_touched += ~site >> 24 & 1
        self._site[i] = (site & ~<uint32_t> CODE) | TOUCHED | code

    cdef inline void _recount(
        self, const uint32_t *row, uint32_t degree, const uint32_t *arrival_of, uint32_t sign
    ) noexcept nogil:
        """Touch those sites of a row whose codes count the carrier that comes or goes."""
        # Stores to a site could change any other number, for all that the compiler knows: what stands in a local
        # variable is read once.
        cdef uint32_t *sites = self._site
        cdef uint32_t *touched = self._touched
        cdef uint32_t *former = self._former
        cdef const uint32_t *indptr = self._indptr
        cdef const uint32_t *edge = self._edge
        cdef uint64_t *kept = self._kept
        cdef uint32_t e, k, site, arrival
        cdef size_t n = self._n_touched
        for e in range(degree):
            k = row[e] & SITE_MASK
            site = sites[k]
            arrival = arrival_of[site & CODE]
            touched[n], former[n] = k, site & CODE
            n += (arrival & ~site) >> 24
            sites[k] = (site + ((arrival & (TOUCHED - 1)) ^ sign) - sign) | (arrival & TOUCHED)
            prefetch(kept + k)
            if indptr != NULL:
                prefetch(edge + indptr[k])
        self._n_touched = <uint32_t> n

    cdef void _update_propensities(self) noexcept nogil:
        """Propensities of all touched sites, then of the untouched carriers beside them."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t *sites = self._site
        cdef uint32_t *touched = self._touched
        cdef uint32_t *former = self._former
        cdef uint32_t *chosen = self._chosen
        cdef uint32_t *not_full = self._not_full  # before and after
        cdef const uint8_t *acts = self._acts
        cdef const uint32_t *row
        cdef const uint64_t *rate
        cdef uint16_t code
        cdef uint32_t i, degree, site
        cdef size_t n, e, n_chosen = 0, n_not_full = 0, n_touched = self._n_touched
        cdef uint64_t propensity
        for n in range(n_touched):
            i = touched[n]
            site = sites[i]
            chosen[n_chosen] = i
            n_chosen += acts[site & CODE] | acts[former[n]]
            not_full[n_not_full] = <uint32_t> n
            n_not_full += ~(site & former[n]) & 1
        for n in range(n_chosen):
            i = chosen[n]
            site = sites[i]
            code = site & CODE
            propensity = self._unary[code]
            if code & 1:
                row = self._row(i, buffer, &degree)
                degree *= (site >> 16 & 0xFF) < degree  # one in five has no empty neighbour: 1.02 times as fast
                rate = <const uint64_t *> (<const char *> self._rate + code * self._row_bytes)
                if self._one_table:  # a loop of its own: 1.06 times as fast
                    for e in range(degree):  # no question asked: the rate to a full site is zero
                        site = sites[row[e] & SITE_MASK]
                        propensity += rate[site & CODE]
                        sites[row[e] & SITE_MASK] = site + ((site & TOUCHED) << 1)
                else:
                    for e in range(degree):
                        site = sites[row[e] & SITE_MASK]
                        propensity += self._rate_along(row + e, code, site & CODE)
                        sites[row[e] & SITE_MASK] = site + ((site & TOUCHED) << 1)
            self._put(i, propensity)
        # Here the marks say how many of the carriers beside a touched site are touched: nobody needs to look for others
        # where that is all of them, and beside most sites it is.
        n_chosen = 0
        for n in range(n_not_full):
            e = not_full[n]
            site = sites[touched[e]]
            chosen[n_chosen] = <uint32_t> e
            n_chosen += 2 * (site >> 16 & 0xFF) > site >> 24  # carriers beside it, and twice the touched ones and 1
        for n in range(n_chosen):
            self._change_beside(touched[chosen[n]], former[chosen[n]])
        for n in range(n_touched):
            sites[touched[n]] &= TOUCHED - 1
        self._n_touched = 0
        self._sort_blocks()

    cdef inline void _change_beside(self, uint32_t i, uint16_t old_code) noexcept nogil:
        """Propensities of the untouched carriers beside site i, which had this code."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint32_t *sites = self._site
        cdef uint32_t *found = self._found
        cdef uint16_t code = sites[i] & CODE, code_k
        cdef uint32_t k, degree, site
        cdef size_t n, e, n_found = 0
        cdef const uint32_t *row = self._row(i, buffer, &degree)
        for e in range(degree):
            found[n_found] = <uint32_t> e
            site = sites[row[e] & SITE_MASK]
            n_found += (site & 1) > site >> 24
        for n in range(n_found):
            e = found[n]
            k = row[e] & SITE_MASK
            code_k = sites[k] & CODE
            self._change(k, self._rate_back(row + e, code_k, code) - self._rate_back(row + e, code_k, old_code))

    cdef void _hop(self, uint32_t i, uint32_t j) noexcept nogil:
        """Both toggles at once when nobody counts the carrier."""
        cdef uint32_t buffer[MOST_NEIGHBOURS]
        cdef uint16_t full_i = self._code_of(i), empty_j = self._code_of(j), code_k
        cdef uint16_t empty_i = full_i - 1, full_j = empty_j + 1
        cdef uint32_t e, k, degree
        cdef const uint32_t *row
        cdef uint64_t propensity_j = self._unary[full_j]
        # Carriers next to i may now hop to i, at the rate of the reversed step.
        self._site[i] -= 1
        row = self._row(i, buffer, &degree)
        for e in range(degree):
            k = row[e] & SITE_MASK
            code_k = self._code_of(k)
            self._site[k] -= ONE_BESIDE
            if code_k & 1:
                self._change(k, self._rate_back(row + e, code_k, empty_i))
        # Those next to j may not hop to j any more; the empty neighbours of j are where its carrier may go.
        row = self._row(j, buffer, &degree)
        for e in range(degree):
            k = row[e] & SITE_MASK
            code_k = self._code_of(k)
            self._site[k] += ONE_BESIDE
            if code_k & 1:
                self._change(k, 0 - self._rate_back(row + e, code_k, empty_j))
            else:
                propensity_j += self._rate_along(row + e, full_j, code_k)
        self._site[j] += 1
        self._put(i, self._unary[empty_i])
        self._put(j, propensity_j)
        self._sort_blocks()

    cdef inline uint64_t _rate_along(self, const uint32_t *edge, uint16_t code, uint16_t code_k) noexcept nogil:
        """Rate at which a carrier of this code hops along an edge to a site of code_k."""
        if self._one_table:
            return self._rate[<size_t> code * self._n_code + code_k]
        return self._rate_of(self._class_of(edge), code, code_k)

    cdef inline uint64_t _rate_back(self, const uint32_t *edge, uint16_t code_k, uint16_t code) noexcept nogil:
        """Rate at which a carrier of code_k at the end of an edge hops back along it to a site of this code."""
        if self._one_table:
            return self._rate[<size_t> code_k * self._n_code + code]
        return self._rate_of(self._reverse[self._class_of(edge)], code_k, code)


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
