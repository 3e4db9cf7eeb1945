"""Grains: what they are made of, and that those of different size are similar."""

import numpy as np
import pytest

from coble.lattices import Region
from coble.lattices.tubules.grain import END, SIDE, cubic_grain, flat_face

A = 3.5


@pytest.mark.parametrize("cells", [6, 12])
def test_cube_holds_its_planes_of_atoms(cells):
    grain = cubic_grain(A, cells)
    planes = 2 * cells + 1
    even, odd = cells + 1, cells  # atoms in a row of an even and of an odd plane
    assert grain.graph.n_site == even**3 + odd**3
    assert grain.edge_A == planes * A / 2
    assert grain.graph.n_site * A**3 / 2 == pytest.approx(grain.edge_A**3, rel=0.02)
    assert grain.graph.faults() == []


@pytest.mark.parametrize("cells", [6, 12, 18])
def test_patches_are_a_third_as_wide_as_the_face(cells):
    grain = cubic_grain(A, cells)
    row = cells // 3 + 1
    assert np.count_nonzero(grain.patch == END) == 2 * row**2
    assert np.count_nonzero(grain.patch == SIDE) == 4 * row**2
    points = grain.graph.positions - grain.graph.positions.mean(axis=0)
    ends = points[grain.patch == END]
    assert np.unique(np.abs(ends[:, 2]).round(6)).tolist() == [cells * A / 2]
    assert np.abs(ends[:, :2]).max() == pytest.approx(cells * A / 6)


def test_interface_is_two_planes_all_over_and_connected():
    grain = cubic_grain(A, 6)
    from_face = 6 * A / 2 - np.abs(grain.graph.positions - grain.graph.positions.mean(axis=0)).max(axis=1)
    assert np.array_equal(grain.graph.region == Region.INTERFACE, from_face < 0.6 * A)
    shell = grain.shell()
    assert shell.graph.components().max() == 0
    assert np.count_nonzero(shell.patch) == np.count_nonzero(grain.patch)
    assert grain.without_interface().graph.count(Region.INTERFACE) == 0


def test_flat_face_has_two_layers():
    face = flat_face(A)
    assert len(np.unique(face.components(Region.INTERFACE))) == 2
    assert face.count(Region.INTERFACE) == 4 * 4 * 4  # two planes of 4 x 4 atoms on each of two faces


@pytest.mark.parametrize("cells", [0, 5, 7])
def test_grains_that_are_not_similar_are_refused(cells):
    with pytest.raises(ValueError, match=f"multiple of 6, got {cells}"):
        cubic_grain(A, cells)
