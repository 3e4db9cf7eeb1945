"""Regions of a tubule, and how many a lattice may have."""

from enum import IntEnum


class Region(IntEnum):
    """What a site is.  INTERFACE and SURFACE are the same shell of the bore: under metal, or bare."""

    BULK = 0
    INTERFACE = 1
    WALL = 2
    SURFACE = 3


REGIONS = tuple(kind.name.lower() for kind in Region)  # of a tubule
MOST_REGIONS = 22  # their pairs, 253, are path classes, which the kernel holds in a byte
