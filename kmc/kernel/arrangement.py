"""How `BinKernel` keeps the sites of a table of neighbours: region by region, in classes, with the own region first.

Rates differ by the regions of both ends, and a draw under the largest rate of a site is in vain where most of its edges
lead into a slower region.  So the edges of every row stand in two parts, those to the own region before all others, and
sites stand in classes: region, number of own edges, and whether there are others.  A draw under the largest rate of a
part accepts half of what is drawn in a tubule, where one power of two for all accepts an eighth.

Sites are renumbered, region after region, so that the few of an interface share cache lines.
"""

from dataclasses import dataclass

import numpy as np

from coble.kmc.kernel.row_types import CLASS_BIT, find_row_types, offsets_of
from coble.lattices.graph._rows import placed_rows
from coble.lattices.graph.packing import AT_ONCE, SITE_BITS


@dataclass(frozen=True)
class SiteClasses:
    """Classes of sites whose edges are drawn alike.

    Attributes
    ----------
    region : int array (n_class,)
    own : int array (n_class,)
        Edges to the own region, which come first in the row.
    others : int array (n_class,)
        Most edges after them.
    leads_to : bool array (n_class, n_region)
        Regions to which edges of the second part lead.
    number : int array (n_class,)
        Of sites.
    """

    region: np.ndarray
    own: np.ndarray
    others: np.ndarray
    leads_to: np.ndarray
    number: np.ndarray

    def largest(self, rate):
        """Largest rates along the edges of both parts of each class, uint64 array (2, n_class).

        Parameters
        ----------
        rate : uint64 array (n_bond_class, n_code, n_code)
        """
        n_region = self.leads_to.shape[1]
        out = rate[:, 1::2, 0::2].max(axis=0)[:n_region, :n_region]
        return np.array([out.diagonal()[self.region], (out[self.region] * self.leads_to).max(axis=1)])


@dataclass(frozen=True)
class Arrangement:
    """Rows of all sites as the kernel reads them.

    Attributes
    ----------
    site : uint32 array (n_site,) or None
        Which site stands at each place; None where every one stands at its number.
    place : uint32 array (n_site,) or None
        The inverse.
    classes : SiteClasses
    row_type : uint16 array (n_site,) or None
        Type of the row at each place; None where there are no types.
    rows : uint32 array (n_type, 1 + most neighbours), or (n_word,) where there are no types
        Number of edges and class, then the edges; those of types less the place.  None for a uniform lattice.
    first : uint32 array (n_site,) or None
        Where the row of each place begins, where there are no types.
    """

    site: np.ndarray | None
    place: np.ndarray | None
    classes: SiteClasses
    row_type: np.ndarray | None
    rows: np.ndarray | None
    first: np.ndarray | None

    def arrays(self):
        """All that it holds for sites and edges."""
        held = (self.site, self.place, self.row_type, self.rows, self.first)
        return [array for array in held if array is not None]

    def offsets(self):
        """What to add to the place of a site of each type to get its neighbours, int32 array (n_type, most)."""
        return offsets_of(self.rows, SITE_BITS)


def arranged(indptr, edge, region):
    """The arrangement of a table of neighbours.

    Parameters
    ----------
    indptr : uint32 array (n_site + 1,)
    edge : uint32 array (n_edge,)
    region : uint8 array (n_site,)

    Returns
    -------
    Arrangement
    """
    site = place = None
    own, outside = np.diff(indptr), np.zeros((2, 0), dtype=np.int64)
    if (region[1:] != region[:-1]).any():
        site = np.argsort(region, kind="stable").astype(np.uint32)
        place = np.empty_like(site)
        place[site] = np.arange(len(site), dtype=np.uint32)
        region = region[site]
        indptr, edge, own, outside = placed_rows(indptr, edge, site, place, region)
    degree = np.diff(indptr)
    site_class, classes = _classes(degree, region, own, outside)
    header = degree | site_class << np.uint32(CLASS_BIT)
    found = find_row_types(indptr, edge, header)
    if found is not None:
        return Arrangement(site, place, classes, *found, None)
    first = indptr[:-1] + np.arange(len(degree), dtype=np.uint32)
    return Arrangement(site, place, classes, None, np.insert(edge, indptr[:-1].astype(np.int64), header), first)


def by_region_alone(region, degree):
    """The arrangement of a uniform lattice, whose rows stay as they are: one class for each region, without own edges.

    Parameters
    ----------
    region : uint8 array (n_site,)
    degree : int
        Neighbours of a site.
    """
    number = _numbers(region)
    each = np.arange(len(number))
    there = np.broadcast_to(number > 0, (len(number),) * 2)
    classes = SiteClasses(each, np.zeros_like(each), np.full_like(each, degree), there, number)
    return Arrangement(None, None, classes, None, None, None)


def _classes(degree, region, own, outside):
    """Class of every place, uint32 array (n_site,), and the `SiteClasses`."""
    mixed, most = np.flatnonzero(own < degree), int(own.max(initial=0)) + 1
    key = (region * np.uint32(most) + own) * np.uint32(2)
    key[mixed] += np.uint32(1)
    number = _numbers(key)
    known = np.flatnonzero(number)
    site_class = (np.cumsum(number > 0, dtype=np.uint32) - np.uint32(1))[key]
    others = np.zeros(len(known), dtype=np.int64)
    np.maximum.at(others, site_class[mixed], (degree - own)[mixed])
    leads_to = np.zeros((len(known), int(region.max(initial=0)) + 1), dtype=bool)
    leads_to[site_class[outside[0]], outside[1]] = True
    return site_class, SiteClasses(known // 2 // most, known // 2 % most, others, leads_to, number[known])


def _numbers(values):
    """How often each number stands in an array, in parts: `np.bincount` takes eight bytes for each."""
    found = np.zeros(int(values.max(initial=0)) + 1, dtype=np.int64)
    for low in range(0, len(values), AT_ONCE):
        found += np.bincount(values[low : low + AT_ONCE], minlength=len(found))
    return found
