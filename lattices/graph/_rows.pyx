# cython: language_level=3
# cython: freethreading_compatible=True
"""Compressed rows of edges, gone through once: what takes NumPy many passes over arrays as long as all edges."""

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from coble.lattices.graph.packing import SITE_BITS, SITE_MASK


def check_rows(
    const uint32_t[::1] indptr, const uint32_t[::1] edge, Py_ssize_t n_site, uint32_t site_mask=SITE_MASK
):
    """Raise `ValueError` for rows that do not fit together: no loop over them looks at bounds."""
    cdef Py_ssize_t i
    cdef uint32_t most = 0
    cdef bint falls = False
    if indptr.shape[0] == n_site + 1 and indptr[0] == 0 and indptr[n_site] == edge.shape[0]:
        with nogil:
            for i in range(n_site):
                falls |= indptr[i + 1] < indptr[i]
            for i in range(edge.shape[0]):
                most = max(most, edge[i] & site_mask)
    else:
        falls = True
    if falls:
        raise ValueError(f"rows of neighbours must divide all {edge.shape[0]} edges among {n_site} sites")
    if edge.shape[0] and most >= n_site:
        raise ValueError(f"a neighbour has a number beyond the {n_site} sites")


def repeat_rows(
    const uint32_t[::1] indptr,
    uint32_t[::1] edge,
    Py_ssize_t start,
    Py_ssize_t n_cells,
    const int32_t[::1] source,
    const int32_t[::1] target,
    const int32_t[::1] shift,
    const uint32_t[::1] step_class,
    int site_bits=SITE_BITS,
):
    """Write the bonds between columns of sites, repeated along the axis, to where the rows of the sites begin.

    Parameters
    ----------
    indptr, edge : uint32 arrays
        The rows; `edge` is written to.
    start : int
        Number of the first site of the first column.
    n_cells : int
        Sites of a column.
    source, target : int32 arrays (n_bond,)
        Bonded columns, both directions, sorted by source.
    shift : int32 array (n_bond,)
        Cells along the axis from the source's site to the target's.
    step_class : uint32 array (n_bond,)
    """
    cdef Py_ssize_t first = 0, last, bond, cell, place, reached
    with nogil:
        while first < source.shape[0]:
            last = first
            while last < source.shape[0] and source[last] == source[first]:
                last += 1
            for cell in range(n_cells):
                place = indptr[start + source[first] * n_cells + cell]
                for bond in range(first, last):
                    reached = ((cell + shift[bond]) % n_cells + n_cells) % n_cells
                    reached += start + target[bond] * n_cells
                    edge[place] = <uint32_t> reached | step_class[bond] << site_bits
                    place += 1
            first = last


def kept_rows(
    const uint32_t[::1] indptr, const uint32_t[::1] edge, const uint8_t[::1] keep, uint32_t site_mask=SITE_MASK
):
    """The rows of the sites where `keep` is 1, with the edges among them, renumbered.

    Returns
    -------
    indptr : uint32 array (n_kept + 1,)
    edge : uint32 array (n_kept_edge,)

    Raises
    ------
    ValueError
        For rows that do not fit together.
    """
    check_rows(indptr, edge, keep.shape[0])
    cdef Py_ssize_t n_site = keep.shape[0], site, e, n_kept = 0, n_edge = 0
    cdef uint32_t[::1] number = np.empty(n_site, dtype=np.uint32)
    with nogil:
        for site in range(n_site):
            number[site] = <uint32_t> n_kept
            n_kept += keep[site]
    cdef uint32_t[::1] starts = np.zeros(n_kept + 1, dtype=np.uint32)
    with nogil:
        for site in range(n_site):
            if keep[site]:
                for e in range(indptr[site], indptr[site + 1]):
                    n_edge += keep[edge[e] & site_mask]
                starts[number[site] + 1] = <uint32_t> n_edge
    cdef uint32_t[::1] found = np.empty(n_edge, dtype=np.uint32)
    with nogil:
        n_edge = 0
        for site in range(n_site):
            if keep[site]:
                for e in range(indptr[site], indptr[site + 1]):
                    if keep[edge[e] & site_mask]:
                        found[n_edge] = number[edge[e] & site_mask] | (edge[e] & ~site_mask)
                        n_edge += 1
    return np.asarray(starts), np.asarray(found)


def placed_rows(
    const uint32_t[::1] indptr,
    const uint32_t[::1] edge,
    const uint32_t[::1] site,
    const uint32_t[::1] place,
    const uint8_t[::1] region,
    uint32_t site_mask=SITE_MASK,
):
    """The rows by place, with the edges to the own region first in every row, else in their order.

    Parameters
    ----------
    indptr, edge : uint32 arrays
    site, place : uint32 arrays (n_site,)
        Which site stands at each place, and the inverse.
    region : uint8 array (n_site,)
        By place.

    Returns
    -------
    indptr, edge : uint32 arrays
        As they came, for places.
    own : uint32 array (n_site,)
        Edges to the own region, by place.
    outside : int64 array (2, n)
        Place and region of the other end, of every edge to another region.
    """
    cdef Py_ssize_t n_site = site.shape[0], here, e, first, last, n_outside = 0
    cdef uint32_t target
    cdef uint32_t[::1] starts = np.zeros(n_site + 1, dtype=np.uint32), own = np.zeros(n_site, dtype=np.uint32)
    cdef uint32_t[::1] found = np.empty(edge.shape[0], dtype=np.uint32)
    with nogil:
        for here in range(n_site):
            for e in range(indptr[site[here]], indptr[site[here] + 1]):
                own[here] += region[place[edge[e] & site_mask]] == region[here]
            starts[here + 1] = starts[here] + indptr[site[here] + 1] - indptr[site[here]]
            n_outside += starts[here + 1] - starts[here] - own[here]
    cdef int64_t[:, ::1] outside = np.empty((2, n_outside), dtype=np.int64)
    with nogil:
        n_outside = 0
        for here in range(n_site):
            first, last = starts[here], starts[here] + own[here]
            for e in range(indptr[site[here]], indptr[site[here] + 1]):
                target = place[edge[e] & site_mask]
                if region[target] == region[here]:
                    found[first] = target | (edge[e] & ~site_mask)
                    first += 1
                else:
                    found[last] = target | (edge[e] & ~site_mask)
                    last += 1
                    outside[0, n_outside], outside[1, n_outside] = here, region[target]
                    n_outside += 1
    return np.asarray(starts), np.asarray(found), np.asarray(own), np.asarray(outside)


def row_types(const uint32_t[::1] indptr, const uint32_t[::1] edge, const uint32_t[::1] header, Py_ssize_t most):
    """Types of rows that are the same, counted from their sites, in the order of their first sites.

    Parameters
    ----------
    indptr, edge : uint32 arrays
    header : uint32 array (n_site,)
        What else the sites of one type have in common.
    most : int
        Types, at most 2^16.

    Returns
    -------
    row_type : uint16 array (n_site,)
    first : int64 array (n_type,)
        The first site of each; None for both when there are more types than `most`.
    """
    cdef Py_ssize_t n_site = header.shape[0], site, n_type = 0, size = 1
    cdef uint64_t code, slot
    cdef int64_t known
    while size < 4 * most:
        size *= 2
    cdef int64_t[::1] table = np.full(size, -1, dtype=np.int64), first = np.empty(most, dtype=np.int64)
    cdef uint64_t[::1] codes = np.empty(most, dtype=np.uint64)
    cdef uint16_t[::1] found = np.empty(n_site, dtype=np.uint16)
    with nogil:
        for site in range(n_site):
            code = _hash(indptr, edge, header[site], site)
            slot = code & (size - 1)
            known = table[slot]
            while known >= 0 and not (codes[known] == code and _same(indptr, edge, header, first[known], site)):
                slot = (slot + 1) & (size - 1)
                known = table[slot]
            if known < 0:
                if n_type == most:
                    break
                known = table[slot] = n_type
                first[n_type], codes[n_type] = site, code
                n_type += 1
            found[site] = <uint16_t> known
        else:
            site = n_site
    return (np.asarray(found), np.asarray(first)[:n_type].copy()) if site == n_site else (None, None)


cdef inline uint64_t _hash(
    const uint32_t[::1] indptr, const uint32_t[::1] edge, uint32_t header, Py_ssize_t site
) noexcept nogil:
    """A number for a row, as good as random: multiplied and mixed like in SplitMix64."""
    cdef uint64_t x = header
    cdef Py_ssize_t e
    for e in range(indptr[site], indptr[site + 1]):
        x = (x ^ <uint32_t> (edge[e] - <uint32_t> site)) * 0x9E3779B97F4A7C15ULL
        x ^= x >> 29
    return x ^ x >> 32


cdef inline bint _same(
    const uint32_t[::1] indptr, const uint32_t[::1] edge, const uint32_t[::1] header, Py_ssize_t a, Py_ssize_t b
) noexcept nogil:
    """Whether two sites have the same row, counted from each."""
    cdef Py_ssize_t k, degree = indptr[a + 1] - indptr[a]
    if header[a] != header[b] or indptr[b + 1] - indptr[b] != degree:
        return False
    for k in range(degree):
        if edge[indptr[a] + k] - <uint32_t> a != edge[indptr[b] + k] - <uint32_t> b:
            return False
    return True
