"""Row types: sites whose edges lead to the same neighbours, counted from the site, share one row.

A uniform gas has a few dozen types, a tubule ten to twenty thousand: two bytes for each site, and rows that stay in the
cache, take the place of four bytes for each edge.
"""

import numpy as np

MOST_TYPES = 1 << 16
CLASS_BIT = 16  # of the first word of a row: below it the number of edges, from it on the class of the site
DEGREE_MASK = (1 << CLASS_BIT) - 1
AT_ONCE = 1 << 17  # sites, where temporary arrays would raise the peak of memory


def find_row_types(indptr, edge, header):
    """The types of the rows of a table of neighbours.

    Parameters
    ----------
    indptr : uint32 array (n_site + 1,)
    edge : uint32 array (n_edge,)
    header : uint32 array (n_site,)
        What else belongs to the row: its length, and what sites of one type shall have in common.

    Returns
    -------
    row_type : uint16 array (n_site,)
    rows : uint32 array (n_type, 1 + most neighbours)
        The header, then the edges less the number of the site, modulo 2^32: the order is that of the table.

    None when rows are so unlike that this saves nothing: more than a type for every four sites, or more than 2^16.
    """
    degree, n_site = np.diff(indptr), len(indptr) - 1
    parts = range(0, n_site, AT_ONCE)
    code = np.zeros(n_site, dtype=np.uint64)
    known, first = code[:0], np.zeros(0, dtype=np.int64)
    for low in parts:
        part = code[low : low + AT_ONCE]
        part[:] = _hashes(indptr, edge, degree, header, low)
        new, place = np.unique(part, return_index=True)
        known, chosen = np.unique(np.concatenate([known, new]), return_index=True)
        first = np.concatenate([first, low + place])[chosen]
        if len(known) > min(MOST_TYPES, n_site / 4):
            return None
    order = np.argsort(first)  # types in the order of their first sites: close sites have close rows
    number, first = np.argsort(order).astype(np.uint16), first[order]
    row_type = np.empty(n_site, dtype=np.uint16)
    for low in parts:
        row_type[low : low + AT_ONCE] = number[np.searchsorted(known, code[low : low + AT_ONCE])]
    rows = np.zeros((len(first), 1 + int(degree.max(initial=0))), dtype=np.uint32)
    rows[:, 0] = header[first]
    for k in range(rows.shape[1] - 1):
        longer = degree[first] > k
        rows[longer, 1 + k] = edge[indptr[first[longer]] + k] - first[longer].astype(np.uint32)
    same = all(_agree(indptr, edge, degree, header, low, row_type, rows) for low in parts)
    return (row_type, rows) if same else None  # two rows with one hash: once in 10^8 lattices


def offsets_of(rows, site_bits):
    """What to add to a site's number to get its neighbours, int32 array (n_type, most); shorter rows repeat one."""
    half = 1 << (site_bits - 1)
    found = ((rows[:, 1:] + np.uint32(half)) & np.uint32(2 * half - 1)).astype(np.int32) - half
    beyond = np.arange(found.shape[1]) >= rows[:, :1] & np.uint32(DEGREE_MASK)
    return np.where(beyond, found[:, :1], found)


def _columns(indptr, edge, degree, low):
    """Edge number k, less the site's number, of a part of the sites, and which of them have one; k after k."""
    part = slice(low, low + AT_ONCE)
    number = np.arange(low, low + len(degree[part]), dtype=np.uint32)
    for k in range(int(degree[part].max(initial=0))):
        longer = degree[part] > k
        yield edge[indptr[:-1][part][longer] + k] - number[longer], longer


def _hashes(indptr, edge, degree, header, low):
    """A number for the row of each site of a part, as good as random."""
    found = header[low : low + AT_ONCE] + np.uint64(0x9E3779B97F4A7C15)  # no row hashes to zero, as zero would remain
    for column, longer in _columns(indptr, edge, degree, low):
        x = (found[longer] ^ column) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ x >> np.uint64(32)) * np.uint64(0xD6E8FEB86659FD93)
        found[longer] = x ^ x >> np.uint64(29)
    return found


def _agree(indptr, edge, degree, header, low, row_type, rows):
    """Whether every site of a part has the row of its type."""
    of = row_type[low : low + AT_ONCE]
    columns = enumerate(_columns(indptr, edge, degree, low), 1)
    same = all(np.array_equal(column, rows[of[longer], k]) for k, (column, longer) in columns)
    return same and np.array_equal(header[low : low + AT_ONCE], rows[of, 0])
