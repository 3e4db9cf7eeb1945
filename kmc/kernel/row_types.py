"""Row types: sites whose edges lead to the same neighbours, counted from the site, share one row.

A uniform gas has a few dozen types, a tubule ten to twenty thousand: two bytes for each site, and rows that stay in the
cache, take the place of four bytes for each edge.
"""

import numpy as np

from coble.lattices.graph._rows import row_types

MOST_TYPES = 1 << 16
CLASS_BIT = 16  # of the first word of a row: below it the number of edges, from it on the class of the site
DEGREE_MASK = (1 << CLASS_BIT) - 1


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
    degree = np.diff(indptr)
    row_type, first = row_types(indptr, edge, header, min(MOST_TYPES, len(header) // 4))
    if row_type is None:
        return None
    rows = np.zeros((len(first), 1 + int(degree.max(initial=0))), dtype=np.uint32)
    rows[:, 0] = header[first]
    for k in range(rows.shape[1] - 1):
        longer = degree[first] > k
        rows[longer, 1 + k] = edge[indptr[first[longer]] + k] - first[longer].astype(np.uint32)
    return row_type, rows


def offsets_of(rows, site_bits):
    """What to add to a site's number to get its neighbours, int32 array (n_type, most); shorter rows repeat one."""
    half = 1 << (site_bits - 1)
    found = ((rows[:, 1:] + np.uint32(half)) & np.uint32(2 * half - 1)).astype(np.int32) - half
    beyond = np.arange(found.shape[1]) >= rows[:, :1] & np.uint32(DEGREE_MASK)
    return np.where(beyond, found[:, :1], found)
