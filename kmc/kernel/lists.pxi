# Kept propensities: of every site, summed in parts of blocks and in blocks; the blocks stand in groups.
#
# Group g holds the blocks whose sums lie in (2^(g-1), 2^g].  With the sites themselves in groups, a hop of an adatom
# moves 16 of them between groups, four accesses to memory each.  Of blocks it moves two or three; metal that grows is
# 1.25 to 1.4 times as fast.  Blocks of 64 sites: 0.95; of 512 and 1024: as fast.


cdef enum:
    PART_BITS = 4  # sites of a part
    BLOCK_BITS = 8  # sites of a block; `coble.kmc.kernel.states.BLOCK`


cdef struct Block:
    uint64_t sum  # of the propensities of its sites
    uint32_t slot  # its place in its group
    uint8_t group  # that of the sum when blocks were last sorted, and 1; 0: in none, as the sum was zero
    uint8_t changed  # since then


cdef struct Group:
    uint32_t *block  # room for all: a byte for each site in all groups together, and nothing is allocated on the way
    uint32_t size


cdef class _Groups(_Kernel):
    """The propensity of every site, and how one is drawn."""

    cdef object _sums  # keeps the arrays behind the pointers alive
    cdef uint64_t *_kept  # by site
    cdef uint64_t *_part  # sum by part of a block
    cdef Block *_block
    cdef uint32_t *_changed  # blocks whose sums have changed since they were last sorted, in that order
    cdef uint32_t _n_changed, _n_block
    cdef Group _group[N_GROUP]
    cdef uint64_t _occupied_groups  # bit g: group g is not empty
    cdef uint64_t _weight  # Σ_g size_g 2^g

    cdef _make_lists(self):
        self._n_block = <uint32_t> max(1, (self._n_site + (1 << BLOCK_BITS) - 1) >> BLOCK_BITS)
        cdef uint64_t[::1] kept = np.zeros(<size_t> self._n_block << BLOCK_BITS, dtype=np.uint64)
        cdef uint64_t[::1] part = np.zeros(<size_t> self._n_block << (BLOCK_BITS - PART_BITS), dtype=np.uint64)
        cdef uint64_t[:, ::1] block = np.zeros((self._n_block, sizeof(Block) // 8), dtype=np.uint64)
        cdef uint32_t[::1] changed = np.zeros(self._n_block + 1, dtype=np.uint32)
        cdef uint32_t[:, ::1] groups = np.zeros((N_GROUP, self._n_block), dtype=np.uint32)
        self._sums = kept, part, block, changed, groups
        self._kept, self._part, self._block, self._changed = &kept[0], &part[0], <Block *> &block[0, 0], &changed[0]
        for g in range(N_GROUP):
            self._group[g].block, self._group[g].size = &groups[g, 0], 0

    def kept_propensities(self):
        """Propensity of every site as kept by the loop, uint64 array (n_site,)."""
        return np.array(self._sums[0][: self._n_site])

    cdef size_t _list_bytes(self):
        return sum(np.asarray(array).nbytes for array in self._sums)

    cdef inline uint32_t _select(self, uint64_t *rest) noexcept nogil:
        """Draw a site with probability propensity / total, and a number uniformly below its propensity."""
        cdef uint64_t u, w, mask
        cdef size_t b, k
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
            b = self._group[g].block[u >> g]
            u &= ((<uint64_t> 1) << g) - 1
            if u < self._block[b].sum:
                break
        k = b << (BLOCK_BITS - PART_BITS)
        while u >= self._part[k]:
            u -= self._part[k]
            k += 1
        k <<= PART_BITS
        while u >= self._kept[k]:
            u -= self._kept[k]
            k += 1
        rest[0] = u
        return <uint32_t> k

    cdef inline void _change(self, uint32_t site, uint64_t difference) noexcept nogil:
        """Add `difference` (modulo 2^64) to a site's propensity; `_sort_blocks` is to follow."""
        cdef uint32_t b = site >> BLOCK_BITS
        cdef Block *block = &self._block[b]
        self._kept[site] += difference
        self._part[site >> PART_BITS] += difference
        block.sum += difference
        self._total += difference
        self._changed[self._n_changed] = b
        self._n_changed += <uint8_t> (difference != 0) > block.changed
        block.changed |= difference != 0

    cdef inline void _put(self, uint32_t site, uint64_t propensity) noexcept nogil:
        """Give a site this propensity; `_sort_blocks` is to follow."""
        self._change(site, propensity - self._kept[site])

    cdef void _sort_blocks(self) noexcept nogil:
        """Give every block that has changed its place in the group of its sum, in the order in which they changed."""
        cdef Block *block
        cdef uint32_t n, b
        cdef uint8_t group
        for n in range(self._n_changed):
            b = self._changed[n]
            block = &self._block[b]
            block.changed = 0
            group = 1 + group_of(block.sum) if block.sum else 0
            if group != block.group:
                if block.group:
                    self._take_out(block)
                if group:
                    self._append(b, group)
        self._n_changed = 0

    cdef inline void _take_out(self, Block *block) noexcept nogil:
        """Take a block out of its group: the last of the group fills the gap."""
        cdef int g = block.group - 1
        cdef Group *group = &self._group[g]
        cdef uint32_t last
        group.size -= 1
        last = group.block[group.size]
        group.block[block.slot] = last
        self._block[last].slot = block.slot
        self._weight -= (<uint64_t> 1) << g
        if group.size == 0:
            self._occupied_groups ^= (<uint64_t> 1) << g
        block.group = 0

    cdef inline void _append(self, uint32_t b, uint8_t group_and_1) noexcept nogil:
        """Put a block at the end of a group."""
        cdef int g = group_and_1 - 1
        cdef Group *group = &self._group[g]
        group.block[group.size] = b
        self._block[b].slot, self._block[b].group = group.size, group_and_1
        group.size += 1
        self._occupied_groups |= (<uint64_t> 1) << g
        self._weight += (<uint64_t> 1) << g
