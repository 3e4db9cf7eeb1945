# Active sites in groups: group g holds those with propensities in (2^(g-1), 2^g].


cdef struct Entry:
    uint64_t propensity
    uint32_t site


cdef struct Group:
    Entry *entry
    uint32_t size
    uint32_t capacity


cdef class _Groups(_Kernel):
    """The propensity of every active site, in the groups, and how one is drawn."""

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

    cdef _make_lists(self):
        self._group_of_site = np.zeros(self._n_site, dtype=np.uint8)
        self._slot = np.zeros(self._n_site, dtype=np.uint32)

    def kept_propensities(self):
        """Propensity of every site as kept by the loop, uint64 array (n_site,)."""
        cdef uint64_t[::1] kept = np.zeros(self._n_site, dtype=np.uint64)
        cdef uint32_t k
        for g in range(N_GROUP):
            for k in range(self._group[g].size):
                kept[self._group[g].entry[k].site] = self._group[g].entry[k].propensity
        return np.asarray(kept)

    cdef size_t _list_bytes(self):
        cdef size_t total = self._n_site * 7
        for g in range(N_GROUP):
            total += self._group[g].capacity * sizeof(Entry)
        return total

    cdef inline uint32_t _select(self, uint64_t *rest) noexcept nogil:
        """Draw a site with probability propensity / total, and a number uniformly below its propensity."""
        cdef uint64_t u, w, mask
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
            rest[0] = u & (((<uint64_t> 1) << g) - 1)
            if rest[0] < chosen.propensity:
                return chosen.site

    cdef inline void _change(self, uint32_t site, uint64_t difference) noexcept nogil:
        """Add `difference` (modulo 2^64) to a site's propensity."""
        cdef int held = self._group_of_site[site]
        if difference != 0:
            if held != 0:
                difference += self._group[held - 1].entry[self._slot[site]].propensity
            self._put(site, difference)

    cdef inline void _put(self, uint32_t site, uint64_t propensity) noexcept nogil:
        """Give a site this propensity; the two common cases, that it stays in its group or out of all, at once."""
        cdef int held = self._group_of_site[site]
        cdef Entry *entry
        if held != 0 and propensity != 0 and group_of(propensity) == held - 1:
            entry = &self._group[held - 1].entry[self._slot[site]]
            self._total += propensity - entry.propensity
            entry.propensity = propensity
        elif held != 0 or propensity != 0:
            self._move(site, held, propensity)

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
        """Give a site this propensity, in its group or in another."""
        self._put(site, propensity)

    cdef void _move(self, uint32_t site, int held, uint64_t propensity) noexcept nogil:
        """Give a site this propensity in another group than the one that holds it, which is held - 1; 0: none does."""
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
