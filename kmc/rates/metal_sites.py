"""Sites of a bore and its wall, sorted into classes of equal rates, with their codes and neighbours."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from coble.kmc.kernel.codes import Codes, codes_for
from coble.kmc.kernel.lowering import NeighbourTable, neighbours_of
from coble.lattices import Lattice, Region, shell


@dataclass(frozen=True)
class Sites:
    """A graph whose sites are sorted into classes, with their neighbours and codes.

    Attributes
    ----------
    graph : Lattice
    site_class : int array (n_site,)
    kind, wet_first, wet_second : int arrays (n_class,)
        `Region` of each class; if it is metal, how many first and second neighbours of its sites are channel sites.
    root : bool array (n_class,)
        Whether its sites touch the electrolyte.
    level : int array (n_class,)
        Which of the wall's site energies they have; 0 elsewhere.
    frozen : int array (n_class,)
        Class of the same sites when nothing hops from them or to them: a copy that counts alike for channel and wall
        sites, one that counts nothing for all empty metal sites; at the root the class itself.
    codes : Codes
    neighbours : NeighbourTable
    """

    graph: Lattice
    site_class: np.ndarray
    kind: np.ndarray
    wet_first: np.ndarray
    wet_second: np.ndarray
    root: np.ndarray
    level: np.ndarray
    frozen: np.ndarray
    codes: Codes
    neighbours: NeighbourTable

    def code(self, occupied):
        """Code of every site, uint16 array (n_site,), from a bool array of sites that hold an atom."""
        counted = occupied & (self.graph.region == Region.BULK)
        first = _beside(self.neighbours.indptr, self.graph.target, counted)
        second = _beside(self.neighbours.second_indptr, self.neighbours.second, counted)
        return self.codes.of(self.site_class, occupied, first, second)


def _beside(indptr, target, chosen):
    """How many neighbours of every site are chosen, int array (n_site,)."""
    n = len(indptr) - 1
    return csr_matrix((np.ones(len(target), dtype=np.int64), target, indptr), shape=(n, n)) @ chosen.astype(np.int64)


def metal_beside(graph, lattice_constant_A):
    """Metal sites among the first and second neighbours of every site, int array (n_site,)."""
    metal = graph.region == Region.BULK
    indptr, second = shell(graph, lattice_constant_A, metal | (graph.region == Region.INTERFACE))
    return _beside(graph.indptr, graph.target, metal) + _beside(indptr, second, metal)


def classify(graph, lattice_constant_A, root=None, level=None):
    """Sort the sites of a bore and its wall into classes whose atoms obey the same rates.

    Parameters
    ----------
    graph : Lattice
        BULK, INTERFACE (the channel) and WALL sites.
    lattice_constant_A : float
        Of the metal [Å]; its second neighbours are that far apart.
    root : bool array (n_site,), optional
        Sites that exchange atoms with the electrolyte; none when left out.
    level : int array (n_site,), optional
        Which of the model's `wall_sites` each wall site is; 0 elsewhere, and everywhere when left out.

    Returns
    -------
    Sites
    """
    metal, channel = graph.region == Region.BULK, graph.region == Region.INTERFACE
    indptr, second = shell(graph, lattice_constant_A, metal | channel)
    wet = [
        np.where(metal, beside, 0)
        for beside in (_beside(graph.indptr, graph.target, channel), _beside(indptr, second, channel))
    ]
    root = np.zeros(graph.n_site, dtype=bool) if root is None else root
    level = np.zeros(graph.n_site, dtype=int) if level is None else level
    keys, site_class = np.unique(np.column_stack([graph.region, *wet, root, level]), axis=0, return_inverse=True)
    (kind, wet_first, wet_second, root, level), site_class = keys.T, site_class.ravel()
    table = neighbours_of(graph)
    codes = codes_for(
        site_class,
        counted=kind == Region.BULK,
        counts_first=kind != Region.WALL,
        counts_second=kind != Region.WALL,
        first_degree=_beside(graph.indptr, graph.target, metal),
        second_degree=_beside(indptr, second, metal),
    )
    neighbours = NeighbourTable(table.indptr, table.edge, indptr, second)
    # Copies of classes for frozen sites; all empty metal sites share one, which counts nothing.
    sleepers = np.flatnonzero((kind != Region.BULK) & (root == 0))
    void = np.flatnonzero((kind == Region.BULK) & (root == 0))
    frozen = np.arange(len(kind) + len(sleepers) + bool(len(void)))
    frozen[sleepers] = frozen[len(kind) : len(kind) + len(sleepers)]
    frozen[void] = frozen[-1]
    known = np.concatenate([np.arange(len(kind)), sleepers, void[:1]])
    of_class = (values[known] for values in (kind, wet_first, wet_second, root.astype(bool), level))
    codes = codes.with_copies(sleepers).with_blank(len(void[:1]))
    return Sites(graph, site_class, *of_class, frozen, codes, neighbours)
