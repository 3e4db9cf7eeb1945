"""Memory that was freed goes back to the system.

The C library keeps what arrays of up to 32 MB took, piece by piece for every thread: with two walls of 10⁶ sites in
memory some 200 MB.
"""

import ctypes
from functools import cache


@cache
def _trim():
    """What gives memory back; nothing where the C library is not that of GNU."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda _: None


def give_back():
    """Give back all that is free; takes a few hundredths of a second at most."""
    _trim()(0)
