"""Random draws from a NumPy bit generator, as inline functions.

Each takes whole 64-bit words from the stream, in order, so that the Python twin can repeat it with `random_raw`.
"""

from libc.math cimport log
from libc.stdint cimport uint64_t
from numpy.random cimport bitgen_t

cdef extern from *:
    """
    /* COBLE_PORTABLE forces plain C, so that tests can compare it with what the compiler offers. */
    #if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)
    #include <intrin.h>
    #endif
    static inline uint64_t coble_multiply_high(uint64_t a, uint64_t b, uint64_t *low) {
    #if defined(__SIZEOF_INT128__) && !defined(COBLE_PORTABLE)
        unsigned __int128 product = (unsigned __int128)a * b;
        *low = (uint64_t)product;
        return (uint64_t)(product >> 64);
    #elif defined(_MSC_VER) && defined(_M_X64) && !defined(COBLE_PORTABLE)
        uint64_t high;
        *low = _umul128(a, b, &high);
        return high;
    #else
        uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
        uint64_t lowest = a0 * b0;
        uint64_t middle = a1 * b0 + (lowest >> 32);  /* below 2^64: (2^32 - 1)^2 + 2^32 - 1 */
        uint64_t other = a0 * b1 + (uint32_t)middle;
        *low = other << 32 | (uint32_t)lowest;
        return a1 * b1 + (middle >> 32) + (other >> 32);
    #endif
    }
    """
    uint64_t multiply_high "coble_multiply_high"(uint64_t a, uint64_t b, uint64_t *low) noexcept nogil


cdef enum:
    AHEAD = 16  # words drawn before they are used, a power of two; 32 are no faster


cdef struct Words:
    bitgen_t *rng
    uint64_t word[AHEAD]  # drawn but not used yet; number k of the stream stands at k modulo AHEAD
    uint64_t used


cdef inline void start(Words *words) noexcept nogil:
    """Draw the first words."""
    cdef int k
    for k in range(AHEAD):
        words.word[k] = words.rng.next_uint64(words.rng.state)


cdef inline uint64_t next_word(Words *words) noexcept nogil:
    """The next word of the stream; one more is drawn ahead in its place."""
    cdef uint64_t *place = &words.word[words.used & (AHEAD - 1)]
    cdef uint64_t word = place[0]
    place[0] = words.rng.next_uint64(words.rng.state)
    words.used += 1
    return word


cdef inline double standard_exponential(Words *words) noexcept nogil:
    """An exponential draw of mean 1; 1 - u lies in (0, 1], so the logarithm is finite."""
    cdef uint64_t word = next_word(words)
    return -log(1.0 - <double>(word >> 11) * (1.0 / 9007199254740992.0))


cdef inline uint64_t below(Words *words, uint64_t n) noexcept nogil:
    """A uniform integer in [0, n), exact (Lemire, ACM Trans. Model. Comput. Simul. 29, 3 (2019))."""
    cdef uint64_t low, threshold
    cdef uint64_t high = multiply_high(next_word(words), n, &low)
    if low < n:
        threshold = (0 - n) % n
        while low < threshold:
            high = multiply_high(next_word(words), n, &low)
    return high


cdef inline uint64_t quotient(uint64_t u, uint64_t divisor, uint64_t inverse, uint64_t *rest) noexcept nogil:
    """u // divisor for u < 2^63 and inverse = (2^64 - 1) // divisor, which may find one too few; and what is left."""
    cdef uint64_t low, found = multiply_high(u, inverse, &low)
    rest[0] = u - found * divisor
    if rest[0] >= divisor:
        rest[0] -= divisor
        found += 1
    return found
