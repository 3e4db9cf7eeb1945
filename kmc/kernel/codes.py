"""Codes with counts: how a site's class, its carrier and its metal neighbours become one number.

A site of class c that sees f counted first neighbours and s counted second neighbours has the code

    base_c + 2 [f (most_second_c + 1) + s] + (1 if it holds a carrier),

so that the arrival of a neighbour is an addition, whatever else the code says.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

MOST_CODES = 1 << 16


@dataclass(frozen=True)
class Codes:
    """The codes of the classes of sites.

    Attributes
    ----------
    most_first, most_second : int arrays (n_class,)
        Most counted neighbours of each shell that a site of the class can have; 0 for classes that do not count.
    counted : bool array (n_class,)
        Classes whose carriers are counted by their neighbours.

    Raises
    ------
    ValueError
        When 16 bits do not hold the codes.
    """

    most_first: np.ndarray
    most_second: np.ndarray
    counted: np.ndarray

    def __post_init__(self):
        if self.n_code > MOST_CODES:
            raise ValueError(f"{len(self.counted)} classes of sites need {self.n_code:,} codes, at most {MOST_CODES:,}")

    def with_copies(self, classes):
        """The same with copies of some classes appended, in this order."""
        chosen = np.concatenate([np.arange(len(self.counted)), np.asarray(classes, dtype=np.int64)])
        return Codes(self.most_first[chosen], self.most_second[chosen], self.counted[chosen])

    def with_blank(self, n):
        """The same with n classes appended that count nothing and that nobody counts."""
        nothing = np.zeros(n, dtype=np.int64)
        most = (np.concatenate([known, nothing]) for known in (self.most_first, self.most_second))
        return Codes(*most, np.concatenate([self.counted, nothing.astype(bool)]))

    @cached_property
    def base(self):
        """First code of every class, and the number of codes, int array (n_class + 1,)."""
        return np.concatenate([[0], np.cumsum(2 * (self.most_first + 1) * (self.most_second + 1))])

    @property
    def n_code(self):
        return int(self.base[-1])

    def of(self, site_class, occupied, first, second):
        """Code of every site, uint16 array (n_site,), from its class, occupancy and counted neighbours.

        A shell that a site's class does not count is left out.
        """
        first = np.where(self.most_first[site_class] > 0, first, 0)
        second = np.where(self.most_second[site_class] > 0, second, 0)
        count = first * (self.most_second[site_class] + 1) + second
        return (self.base[site_class] + 2 * count + occupied).astype(np.uint16)

    @cached_property
    def site_class(self):
        """Class of every code, int array (n_code,)."""
        return np.repeat(np.arange(len(self.counted)), np.diff(self.base))

    @cached_property
    def full(self):
        """Whether a code holds a carrier, bool array (n_code,)."""
        return np.arange(self.n_code) % 2 == 1

    @cached_property
    def first(self):
        """Counted first neighbours of every code, int array (n_code,)."""
        return self._count // (self.most_second[self.site_class] + 1)

    @cached_property
    def second(self):
        """Counted second neighbours of every code, int array (n_code,)."""
        return self._count % (self.most_second[self.site_class] + 1)

    @property
    def _count(self):
        return (np.arange(self.n_code) - self.base[self.site_class]) // 2

    @property
    def counted_codes(self):
        """Codes of carriers that are counted, bool array (n_code,)."""
        return self.counted[self.site_class] & self.full

    @property
    def gain(self):
        """What a counted neighbour adds to each code, as first and as second neighbour, uint16 array (2, n_code)."""
        width = self.most_second[self.site_class] + 1
        first = np.where(self.most_first[self.site_class] > 0, 2 * width, 0)
        second = np.where(self.most_second[self.site_class] > 0, 2, 0)
        return np.array([first, second], dtype=np.uint16)


def codes_for(site_class, counted, counts_first, counts_second, first_degree, second_degree):
    """Codes as wide as the classes of a graph need them.

    Parameters
    ----------
    site_class : int array (n_site,)
    counted, counts_first, counts_second : bool arrays (n_class,)
        Whose carriers are counted, and which classes count first and second neighbours.
    first_degree, second_degree : int arrays (n_site,)
        Neighbours of each site that belong to counted classes.
    """
    most = []
    for counts, degree in ((counts_first, first_degree), (counts_second, second_degree)):
        largest = np.zeros(len(counted), dtype=np.int64)
        np.maximum.at(largest, site_class, degree)
        most.append(np.where(counts, largest, 0))
    return Codes(*most, np.asarray(counted))
