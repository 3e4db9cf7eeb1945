"""What percolates along the axis: against the eye in small lattices, and against copies of the cell in random ones."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

import coble
from coble.lattices import Region, bcc, build_tubule, make_shape, stuck
from coble.lattices.graph.percolation import break_of, clusters, percolating_regions

LITHIUM_A = (2 * 21.6) ** (1 / 3)


def winds(lattice, chosen, copies=12):
    """Sites that reach another copy of themselves, from the clusters of many cells laid end to end, bool (n_site,)."""
    n = lattice.n_site
    source, target = lattice.sources()[chosen].astype(int), lattice.target[chosen].astype(int)
    rise = lattice.shift[chosen, 2].astype(int)
    cell = np.arange(copies)[:, None]
    ends = (source + n * cell).ravel(), (target + n * ((cell + rise) % copies)).ravel()
    graph = coo_matrix((np.ones(len(ends[0])), ends), shape=(n * copies,) * 2)
    label = connected_components(graph, directed=False)[1].reshape(copies, n)
    # in a ring of cells a site winds k times round before it is back; with 12 cells k = 1 to 4, 6 leave their mark
    return (label[1:] == label[0]).any(axis=0)


@pytest.mark.parametrize("seed", range(30))
def test_random_lattices_against_copies_of_the_cell(seed):
    rng = np.random.default_rng(seed)
    lattice = coble.Lattice.from_atoms(bulk("Po", "sc", a=3.0) * (2, 2, 4), 3.1)
    kept = rng.random(lattice.n_edge) < rng.uniform(0.2, 0.7)
    kept |= kept[lattice.reverse_edges()]
    found = clusters(lattice, kept)
    np.testing.assert_array_equal(found.site_percolates, winds(lattice, kept))
    assert (break_of(lattice, kept) is None) == found.percolates.any()


def test_random_lattices_are_of_both_sorts():
    """The test above sees lattices that percolate, and such that do not."""
    lattice = coble.Lattice.from_atoms(bulk("Po", "sc", a=3.0) * (2, 2, 4), 3.1)
    reverse = lattice.reverse_edges()
    both = set()
    for seed in range(30):
        rng = np.random.default_rng(seed)
        kept = rng.random(lattice.n_edge) < rng.uniform(0.2, 0.7)
        both.add(bool(clusters(lattice, kept | kept[reverse]).percolates.any()))
    assert both == {True, False}


def test_a_helix_that_closes_after_two_periods_percolates():
    atoms = Atoms("Li2", positions=[[0, 0, 0], [2, 0, 0]], cell=[9, 9, 3], pbc=(False, False, True))
    lattice = coble.Lattice.from_atoms(atoms, bonds=[(0, 1, (0, 0, 1)), (1, 0, (0, 0, 1))])
    found = clusters(lattice)
    assert found.site_percolates.all() and stuck(lattice) == []


def test_a_loop_that_comes_back_does_not():
    """Down one chain and up the other: every plane is crossed, and yet nothing gets through."""
    z = [0.0, 2, 4, 6, 8, 10]
    atoms = Atoms("Li12", [(x, 0, h) for x in (0.0, 2.0) for h in z], cell=[9, 9, 12], pbc=(False, False, True))
    up = [(k, k + 1, (0, 0, 0)) for k in range(5)]
    other = [(6 + k, 6 + (k + 1) % 6, (0, 0, int(k == 5))) for k in range(6) if k != 2]
    with pytest.raises(
        ValueError, match=r"the longest cluster of bonds reaches 10 of 12 Å along z, from site"
    ) as error:
        coble.Lattice.from_atoms(atoms, bonds=up + other)
    assert "it breaks" not in str(error.value)


@pytest.mark.parametrize(("axis", "gap"), [("x", "x = 4 and 7 Å"), ("y", "y = 4 and 7 Å"), ("z", "z = 4 and 7 Å")])
def test_the_break_is_named_in_the_frame_of_the_atoms(axis, gap):
    k = "xyz".index(axis)
    positions, cell = np.zeros((4, 3)), np.full(3, 30.0)
    positions[:, k], cell[k] = [2, 4, 7, 9], 9.0
    with pytest.raises(ValueError, match=gap):
        coble.Lattice.from_atoms(Atoms("Li4", positions, cell=cell, pbc=True), 2.5, axis=axis)


def test_regions_by_themselves():
    """Planks along the axis: one whole, one with a hole in it, and a plane across."""
    atoms = bulk("Po", "sc", a=3.0) * (4, 1, 5)
    layer, height = np.rint(atoms.positions[:, 0] / 3).astype(int), np.rint(atoms.positions[:, 2] / 3).astype(int)
    names = np.where(layer == 0, "whole", np.where((layer == 1) & (height != 2), "broken", "rest"))
    lattice = coble.Lattice.from_atoms(atoms, 3.1, regions=names)
    assert percolating_regions(lattice) == {"whole": True, "broken": False, "rest": True}
    assert "The region broken does not percolate along z by itself." in stuck(lattice)


def test_sites_that_no_current_reaches_are_counted():
    positions = [(0, 0, 0), (0, 0, 2), (0, 0, 4), (6, 0, 1), (6, 0, 3)]
    atoms = Atoms("Li5", positions, cell=[20, 20, 6], pbc=(False, False, True))
    lattice = coble.Lattice.from_atoms(atoms, 2.5)
    assert stuck(lattice) == ["2 sites lie in 1 cluster that no current along z reaches (3, 4)."]
    np.testing.assert_array_equal(clusters(lattice).site_percolates, [True, True, True, False, False])


def test_bonds_to_a_sites_own_image_are_said():
    said = stuck(coble.Lattice.from_atoms(bulk("Cu"), 2.8))
    assert len(said) == 1 and said[0].startswith("12 edges lead from a site to its own periodic image")


def test_closed_edges_do_not_count():
    lattice = coble.Lattice.from_atoms(bulk("Po", "sc", a=3.0) * (1, 1, 4), 3.1)
    up = lattice.steps[lattice.step_class]
    source, target = lattice.sources(), lattice.target
    closed = (up != 0) & (np.minimum(source, target) == 1) & (np.maximum(source, target) == 2)
    assert break_of(lattice, ~closed) == "it breaks between z = 3 and 6 Å"
    assert stuck(lattice, ~closed) == ["No chain of bonds crosses the cell along z: it breaks between z = 3 and 6 Å."]


def test_a_tubule_percolates_and_an_open_one_does_not():
    graph = build_tubule(make_shape("single", 24.0, 12.0), bcc(LITHIUM_A, "110"), wall_density=0.04)
    assert percolating_regions(graph) == {"bulk": True, "interface": True, "wall": True}
    alone = graph.subgraph(graph.region == Region.INTERFACE)
    assert clusters(alone).percolates.tolist() == [True]
