# cython: language_level=3
# cython: freethreading_compatible=True
# The module keeps nothing that changes, and every kernel is one thread's at a time, as it had to be before: `advance`
# has always run without the GIL.  Threads that share no kernel may share tables and neighbours, which are only read.
"""The event loop: rejection-free kinetic Monte Carlo on a lattice, by a pair-state table.

Every site has a code: an even number when it holds no carrier, the next odd number when it does.  A carrier on
site i hops to an empty neighbour j at rate[class][code i][code j], a whole number of quanta; the sum over its
neighbours, plus unary[code], is the site's propensity.  A unary event adds or removes the carrier (a reservoir).
Where energies depend on the neighbourhood, the code also holds how many counted carriers (atoms of metal) are first
and second neighbours, and an arrival beside a site is an addition to its code.
The kernel knows no physics: mechanisms, energies and fields are in the tables.  Propensities are whole numbers, so
sums never drift, and an event of rate zero cannot be chosen.  Every step of the clock executes one event.

Two ways to choose it, both composition-rejection (Slepoy, Thompson & Plimpton, J. Chem. Phys. 128, 205101 (2008)),
with a cost that does not depend on the number of sites:

`BinKernel`
    Carriers stand in bins by the class of their site: region, number of edges to the own region, and whether there are
    others.  One random number draws a bin, a member, one of its edges, and a height uniformly under the largest rate of
    that part of the edges; all are drawn again if the height is not below the hop's own rate.  Nothing is kept per site
    but its code and the type of its row; only the total propensity is updated.  For lattices on which an edge in five
    or more of a carrier is open to it.
`GroupKernel`
    Propensities are kept, and summed in blocks of sites.  Blocks stand in groups: group g holds those with sums in
    (2^(g-1), 2^g].  Less than half of the draws are rejected whatever the rates; in a block the sums of its parts lead
    to the site.  For reservoirs, for energies, and for rates of all sizes.
`ScoreKernel`
    The same, event for event, that also integrates the propensity of every path class over time: with the hops of the
    class, that is the score of its rate.  A class of its own, so that it costs nothing where it is not asked for.
`GradedKernel`
    The same as `GroupKernel`, with cells of many atoms beside the sites.

Every edge has a class (its axial step, and what else its rates hang on), and its reverse has the reverse class.  Up to
32 classes stand in the edges themselves.  Wide edges have theirs in an array beside them, and there the class alone
says the rate: for barriers of every bond's own.  Only groups read them.

Limits: 2^27 sites; for bins 256 codes; for groups 2^16 codes and 127 neighbours of a site.  Sums stay below 2^63
(`coble.kmc.kernel.lowering` sees to it).  Time in s.
"""

import sys

import numpy as np

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from numpy.random cimport bitgen_t

from coble.kmc.kernel.cells import CONTACT, NO_CELLS, Cells, checked_cells
from coble.kmc.kernel.states import (
    check_tables, check_total, checked_codes, checked_exposure, checked_state, whole_numbers,
)

from kmc.kernel.draws cimport AHEAD, Words, below, multiply_high, quotient, standard_exponential, start

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define coble_prefetch(p) __builtin_prefetch(p)
    #else
    #define coble_prefetch(p) ((void)0)
    #endif
    #if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)
    #include <intrin.h>
    #endif
    /* Of a number that is not zero.  COBLE_PORTABLE: see draws.pxd. */
    static inline int coble_highest_bit(uint64_t m) {
    #if defined(__GNUC__) && !defined(COBLE_PORTABLE)
        return 63 - __builtin_clzll(m);
    #elif defined(_MSC_VER) && defined(_M_X64) && !defined(COBLE_PORTABLE)
        unsigned long bit;
        _BitScanReverse64(&bit, m);
        return (int)bit;
    #else
        int bit = 0;
        for (int half = 32; half; half >>= 1)
            if (m >> half) { m >>= half; bit += half; }
        return bit;
    #endif
    }
    static inline int coble_group_of(uint64_t p) { return p <= 1 ? 0 : 1 + coble_highest_bit(p - 1); }
    #define COBLE_TEXT_OF(x) #x
    #define COBLE_TEXT(x) COBLE_TEXT_OF(x)
    #if defined(__clang__)
    #define COBLE_COMPILER "Clang " __clang_version__
    #elif defined(__GNUC__)
    #define COBLE_COMPILER "GCC " __VERSION__
    #elif defined(_MSC_VER)
    #define COBLE_COMPILER "MSVC " COBLE_TEXT(_MSC_FULL_VER)
    #else
    #define COBLE_COMPILER "unknown"
    #endif
    #if defined(__OPTIMIZE__) || (defined(_MSC_VER) && !defined(__clang__) && !defined(_DEBUG))
    #define COBLE_OPTIMISED 1
    #else
    #define COBLE_OPTIMISED 0
    #endif
    #ifdef __FAST_MATH__
    #define COBLE_FAST_MATH 1
    #else
    #define COBLE_FAST_MATH 0
    #endif
    #ifdef CYTHON_TRACE_NOGIL
    #define COBLE_TRACED CYTHON_TRACE_NOGIL
    #else
    #define COBLE_TRACED 0
    #endif
    """
    const char *_COMPILER "COBLE_COMPILER"
    bint _OPTIMISED "COBLE_OPTIMISED"
    bint _FAST_MATH "COBLE_FAST_MATH"
    bint _TRACED "COBLE_TRACED"
    unsigned int _CYTHON "CYTHON_HEX_VERSION"
    void prefetch "coble_prefetch"(const void *p) noexcept nogil
    int group_of "coble_group_of"(uint64_t propensity) noexcept nogil
    int highest_bit "coble_highest_bit"(uint64_t mask) noexcept nogil


cpdef enum Exit:
    REACHED_TIME = 0
    REACHED_EVENTS = 1
    NO_EVENT_POSSIBLE = 2
    OUT_OF_MEMORY = 3


cdef enum:
    SITE_BITS = 27
    SITE_MASK = (1 << 27) - 1
    N_GROUP = 64
    MOST_NEIGHBOURS = 32  # of a site of a uniform lattice
    CACHED_BYTES = 1 << 21  # of codes and lists: up to here looking ahead costs more time than it saves
    MOST_BESIDE = 127  # neighbours of a site: twice as many and one are a byte
    CLASS_BIT = 16  # of the first word of a row: below it the number of edges
    CLOSE = 8  # sites that mostly share a cache line


def build():
    """How this module was compiled: compiler, Cython, and whether optimised, with fast math, with line tracing."""
    return {
        "compiler": _COMPILER.decode(),
        "cython": ".".join(str(_CYTHON >> shift & 0xFF) for shift in (24, 16, 8)),
        "optimised": bool(_OPTIMISED),
        "fast_math": bool(_FAST_MATH),
        "traced": bool(_TRACED),
    }


include "base.pxi"
include "bins.pxi"
include "lists.pxi"
include "sites.pxi"
include "groups.pxi"
include "scores.pxi"
include "graded.pxi"
