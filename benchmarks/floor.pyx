# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The floor: the draws and the memory accesses of one event of a lattice gas, and nothing else."""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from numpy.random cimport bitgen_t

from kmc.kernel.draws cimport Words, below, standard_exponential, start


cdef inline int64_t wrapped(int64_t site, int64_t n_site) noexcept nogil:
    return site - n_site if site >= n_site else site + n_site if site < 0 else site


cdef inline uint32_t read(const uint8_t *carries, const int64_t *offset, int64_t i, int64_t n_site,
                          int64_t reach) noexcept nogil:
    """Carriers beside site i."""
    cdef uint32_t found = 0
    cdef int e
    if reach <= i < n_site - reach:
        for e in range(8):
            found += carries[i + offset[e]]
    else:
        for e in range(8):
            found += carries[wrapped(i + offset[e], n_site)]
    return found


def advance(uint8_t[::1] carries, uint32_t[::1] carrier, const int64_t[:, ::1] offset, bit_generator, int64_t n_event):
    """Move `n_event` carriers: one exponential, a carrier and a neighbour, 16 sites read, three values written.

    Returns
    -------
    (float, int)
        Sum of the exponentials, and of the carriers that were read: so that neither is optimised away.
    """
    cdef Words words
    cdef uint64_t u
    cdef int64_t n_site = carries.shape[0], n_carrier = carrier.shape[0], i, j, k, done
    cdef int64_t reach = max(abs(o) for o in list(offset[0]) + list(offset[1]))
    cdef const int64_t *from_basis[2]
    cdef uint8_t *site = &carries[0]
    cdef double time = 0.0
    cdef int64_t seen = 0
    from_basis[0], from_basis[1] = &offset[0, 0], &offset[1, 0]
    words.rng, words.used = <bitgen_t *> PyCapsule_GetPointer(bit_generator.capsule, "BitGenerator"), 0
    with bit_generator.lock, nogil:
        start(&words)
        for done in range(n_event):
            time += standard_exponential(&words)
            while True:
                u = below(&words, 8 * n_carrier)
                k = u >> 3
                i = carrier[k]
                j = wrapped(i + from_basis[i & 1][u & 7], n_site)
                if not site[j]:
                    break
            seen += read(site, from_basis[i & 1], i, n_site, reach)
            seen += read(site, from_basis[j & 1], j, n_site, reach)
            site[i] = 0
            site[j] = 1
            carrier[k] = <uint32_t> j
    return time, seen
