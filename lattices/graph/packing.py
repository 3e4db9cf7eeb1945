"""Edges as the kernel reads them: a neighbour and a class in 32 bits, in compressed rows."""

import numpy as np

SITE_BITS = 27  # a packed edge: the neighbour in the low bits, the step class above
MOST_SITES = 1 << SITE_BITS
MOST_STEPS = 1 << (32 - SITE_BITS)
SITE_MASK = np.uint32(MOST_SITES - 1)  # the neighbour's bits of an edge
AT_ONCE = 1 << 20  # sites, where a temporary array as long as the graph would raise the peak of memory


def pack(target, step_class):
    """Edges as uint32: neighbour in the low 27 bits, step class in the high 5."""
    return np.asarray(target).astype(np.uint32) | (np.asarray(step_class).astype(np.uint32) << np.uint32(SITE_BITS))


def refuse_too_many(n_site, steps):
    """Raise ValueError for more sites or step classes than a packed edge can name."""
    if n_site > MOST_SITES:
        raise ValueError(f"at most {MOST_SITES:,} sites, got {n_site:,}")
    if len(steps) > MOST_STEPS:
        raise ValueError(f"at most {MOST_STEPS} axial step classes, got {len(steps)}")


def starts(degree):
    """Where the rows of compressed edges start, uint32 array (n_site + 1,), from their lengths."""
    indptr = np.zeros(len(degree) + 1, dtype=np.uint32)
    np.cumsum(degree, out=indptr[1:])
    return indptr
