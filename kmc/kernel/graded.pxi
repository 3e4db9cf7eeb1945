# Cells that hold many atoms beside sites that hold one.


cdef enum:
    _CELL = 0  # roles of holders, as in `coble.kmc.kernel.cells`
    _CONTACT = 2


cdef class GradedKernel(GroupKernel):
    """A `GroupKernel` of which some atoms are in cells, see `coble.kmc.kernel.cells.Cells`; without cells the same.

    Before every event one draw tells whether it is a crossing of a link or an event of the sites: probabilities are
    propensities over their sum, as for sites.  There are few links, so one is found by going through them.
    """

    cdef object _cells_held
    cdef int64_t[::1] _atoms  # by holder
    cdef int64_t[::1] _room  # by holder: atoms that it can hold
    cdef uint8_t[::1] _role  # by holder
    cdef uint32_t[::1] _contact  # sites of the holders that are planes of sites, of each the full ones first
    cdef uint32_t[::1] _contact_from  # by holder: where its sites begin
    cdef uint32_t[::1] _contact_holder  # by place in _contact
    cdef uint32_t[::1] _contact_place  # by site: place in _contact, and 1; 0 for sites that are in none
    cdef uint32_t[:, ::1] _link  # two holders of every link
    cdef uint64_t[:, ::1] _factor  # by link and direction
    cdef uint8_t[::1] _shift  # by link
    cdef uint64_t[:, ::1] _crossing  # propensity by link and direction
    cdef int64_t[:, ::1] _crossed
    cdef uint32_t[::1] _links_from  # by holder: where its links begin
    cdef uint32_t[::1] _links_of
    cdef uint32_t _n_link
    cdef uint64_t _total_crossing
    cdef int64_t _n_crossed  # since the start of the kernel, of links that are gone, too

    def _start(self, code):
        GroupKernel._start(self, code)
        self.set_cells(NO_CELLS)

    def set_cells(self, cells):
        """Go on with other cells; the next event is drawn anew, and crossings are counted from 0.

        Parameters
        ----------
        cells : coble.kmc.kernel.cells.Cells
            Atoms of holders that are planes of sites are those that are on the sites.

        Raises
        ------
        ValueError
            When the cells cannot be, or give too many quanta.
        """
        cdef uint32_t h, n
        cells = checked_cells(cells, self._n_site)
        full = (self._all_codes()[cells.contact] & 1).astype(bool)
        owner = np.repeat(np.arange(cells.n_holder, dtype=np.uint32), np.diff(cells.contact_from))
        order = np.lexsort((np.arange(len(owner)), ~full, owner))  # the full ones first, else as they came
        contact, atoms = cells.contact[order], cells.atoms.copy()
        planes = cells.role == CONTACT
        atoms[planes] = np.bincount(owner[full], minlength=cells.n_holder)[planes]
        check_total(np.concatenate([self.propensities(), cells.most_propensity()]))
        place = np.zeros(self._n_site, dtype=np.uint32)
        place[contact] = 1 + np.arange(len(contact), dtype=np.uint32)
        self._total -= self._total_crossing
        self._total_crossing = 0
        self._cells_held = cells
        self._atoms, self._room, self._role = atoms, cells.room, cells.role
        self._contact, self._contact_from, self._contact_holder = contact, cells.contact_from, owner
        self._contact_place = place
        self._link, self._factor, self._shift = cells.link, cells.factor, cells.shift
        self._n_link = len(cells.link)
        self._crossing = np.zeros((self._n_link, 2), dtype=np.uint64)
        self._crossed = np.zeros((self._n_link, 2), dtype=np.int64)
        self._links_from, self._links_of = cells.links_of_holders()
        for h in range(cells.n_holder):
            self._refresh(h)
        self._pending = False

    @property
    def cells(self):
        """The `Cells` as they are now."""
        return self._cells_held.at(np.array(self._atoms), np.array(self._contact))

    @property
    def crossings(self):
        """Atoms that crossed every link, there and back, since `set_cells`, int64 array (n_link, 2)."""
        return np.array(self._crossed)

    def crossing_propensities(self):
        """Propensity of every link, there and back, as kept by the loop, uint64 array (n_link, 2)."""
        return np.array(self._crossing)

    def set_codes(self, sites, code):
        """See `GroupKernel.set_codes`."""
        cdef uint32_t i
        GroupKernel.set_codes(self, sites, code)
        for i in np.asarray(sites, dtype=np.uint32):
            self._settle(i)

    def state(self):
        """See `GroupKernel.state`."""
        state = GroupKernel.state(self)
        state["numbers"][1] -= self._n_crossed  # those of the sites
        numbers = {f"cells_{name}": value for name, value in self.cells.arrays().items()}
        return state | numbers | {"crossings": self.crossings, "crossed": np.array(self._n_crossed)}

    def restore(self, state):
        """See `GroupKernel.restore`."""
        cells = checked_cells(Cells.of({n[6:]: v for n, v in state.items() if n.startswith("cells_")}), self._n_site)
        crossings = whole_numbers("crossings", state["crossings"], np.int64, cells.link.shape, 2**62)
        crossed = int(whole_numbers("crossed", state["crossed"], np.int64, (), 2**62))
        if crossings.sum() > crossed:
            raise ValueError(f"crossings add up to more than the {crossed} that there were")
        GroupKernel.restore(self, state)
        pending = self._pending
        self.set_cells(cells)
        if (np.asarray(self._contact) != cells.contact).any() or (np.asarray(self._atoms) != cells.atoms).any():
            raise ValueError("cells: the full sites of a plane must stand first, and be as many as its atoms")
        np.asarray(self._crossed)[:] = crossings
        self._pending, self._n_crossed, self.n_event = pending, crossed, self.n_event + crossed

    cdef void _execute(self) noexcept nogil:
        cdef uint64_t u
        if self._n_link:
            u = below(&self._words, self._total)
            if u < self._total_crossing:
                self._cross(u)
                return
        GroupKernel._execute(self)

    cdef void _cross(self, uint64_t u) noexcept nogil:
        """One atom crosses the link, and in the direction, that holds u."""
        cdef uint32_t k = 0
        cdef int way
        while True:  # u < the propensity of the links from k on, so one of them holds it
            if u < self._crossing[k, 0]:
                way = 0
                break
            u -= self._crossing[k, 0]
            if u < self._crossing[k, 1]:
                way = 1
                break
            u -= self._crossing[k, 1]
            k += 1
        self._crossed[k, way] += 1
        self._n_crossed += 1
        self._change_atoms(self._link[k, way], -1)
        self._change_atoms(self._link[k, 1 - way], 1)

    cdef void _change_atoms(self, uint32_t h, int64_t more) noexcept nogil:
        """An atom leaves a holder (-1), or comes (+1): in a plane of sites, any of those that can is as likely."""
        cdef uint32_t i
        cdef int64_t n = self._atoms[h]
        if self._role[h] == _CELL:
            self._atoms[h] = n + more
            self._refresh(h)
        elif self._role[h] == _CONTACT:
            if more > 0:
                n += <int64_t> below(&self._words, <uint64_t> (self._room[h] - n))
            else:
                n = <int64_t> below(&self._words, <uint64_t> n)
            i = self._contact[self._contact_from[h] + n]
            if self._tracking:
                self._tracked[i, 1] = i
            self._toggle(i)
            self._update_propensities()

    cdef void _toggle(self, uint32_t i) noexcept nogil:
        GroupKernel._toggle(self, i)
        self._settle(i)

    cdef void _hop(self, uint32_t i, uint32_t j) noexcept nogil:
        GroupKernel._hop(self, i, j)
        self._settle(i)
        self._settle(j)

    cdef inline void _settle(self, uint32_t i) noexcept nogil:
        """Give a site of a plane its place among the full ones, or the empty ones, if it is not there."""
        cdef uint32_t place = self._contact_place[i], h, border, other
        if place == 0:
            return
        place -= 1
        h = self._contact_holder[place]
        border = self._contact_from[h] + <uint32_t> self._atoms[h]
        if (place < border) == (self._site[i] & 1):
            return
        if self._site[i] & 1:
            self._atoms[h] += 1
        else:
            self._atoms[h] -= 1
            border -= 1
        other = self._contact[border]
        self._contact[border], self._contact[place] = i, other
        self._contact_place[i], self._contact_place[other] = border + 1, place + 1
        self._refresh(h)

    cdef void _refresh(self, uint32_t h) noexcept nogil:
        """Propensities of the links of a holder."""
        cdef uint32_t n, k
        cdef int way
        cdef uint64_t found, low, pairs
        for n in range(self._links_from[h], self._links_from[h + 1]):
            k = self._links_of[n]
            for way in range(2):
                pairs = <uint64_t> self._atoms[self._link[k, way]]
                pairs *= <uint64_t> (self._room[self._link[k, 1 - way]] - self._atoms[self._link[k, 1 - way]])
                found = multiply_high(self._factor[k, way], pairs << self._shift[k], &low)
                self._total += found - self._crossing[k, way]
                self._total_crossing += found - self._crossing[k, way]
                self._crossing[k, way] = found
