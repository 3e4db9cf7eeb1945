"""Sites numbered brick by brick: the same lattice, with neighbours near each other."""

import numpy as np
import pytest
from ase.build import bulk

from coble.lattices import Lattice, Region, bcc, build_tubule, make_shape
from coble.lattices.graph.numbering import in_bricks

BRICK_A = 7.0


@pytest.fixture(scope="module")
def tubule():
    return build_tubule(make_shape("single", 14.0, 8.0), bcc(3.5, "111"), wall_density=1.65e-2, segment=30.0)


def edges_of(lattice):
    """Ends, as sites' positions, vectors and classes of all edges, in an order of their own."""
    ends = np.hstack([lattice.positions[lattice.sources()], lattice.positions[lattice.target]])
    found = np.column_stack([np.round(ends, 6), lattice.step_class])
    return found[np.lexsort(found.T)]


def test_it_is_the_same_lattice(tubule):
    found = in_bricks(tubule, BRICK_A)
    np.testing.assert_array_equal(edges_of(found), edges_of(tubule))
    for kind in Region:
        here, there = (np.round(each.positions[each.region == kind], 6) for each in (tubule, found))
        assert set(map(tuple, here)) == set(map(tuple, there))
    assert found.faults() == tubule.faults()
    assert not np.array_equal(found.positions, tubule.positions)


def test_arrays_of_notes_and_of_bonds_go_along():
    atoms = bulk("Li", cubic=True) * (3, 3, 3)
    lattice = Lattice.from_atoms(atoms, cutoff=3.1)
    marked = lattice.notes["occupied"].copy()
    marked[::3] = False
    lattice.notes["occupied"] = marked
    found = in_bricks(lattice, BRICK_A)
    kept = {tuple(place) for place in np.round(lattice.positions[marked], 6)}
    assert {tuple(place) for place in np.round(found.positions[found.notes["occupied"]], 6)} == kept
    for each in (lattice, found):
        np.testing.assert_allclose(np.linalg.norm(each.hop_vectors_A, axis=1), 3.49 * 3**0.5 / 2, atol=1e-6)


def test_sites_of_a_brick_stand_together(tubule):
    """Each brick is one run of numbers, and most neighbours are at most some bricks away; before, few are."""
    found = in_bricks(tubule, BRICK_A)
    brick = np.unique(np.floor(found.positions / BRICK_A), axis=0, return_inverse=True)[1].ravel()
    assert (np.diff(brick) != 0).sum() == brick.max()
    across = [abs(each.sources().astype(int) - each.target.astype(int)) for each in (found, tubule)]
    assert np.median(across[0]) < 0.5 * np.median(across[1])
