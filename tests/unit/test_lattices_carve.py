"""Tubules in free space: what is carved away, where the channel runs, which sites are measured."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from coble.lattices import Region, bcc, build_box, build_tubule, carve, free_standing, make_shape

A = 3.509
LITHIUM = bcc(A, "110")
LENGTH, SPACE = 30.0, 12.0


def standing(side="inside", name="single"):
    return free_standing(make_shape(name, 20.0, 6.0), LITHIUM, LENGTH, SPACE, side)


def test_what_lies_beside_the_solid_is_channel():
    """A sphere in a periodic box: exactly its sites go, exactly those within a lattice constant of them are channel."""
    block = build_box(LITHIUM, (9, 12, 9))
    centre = block.cell / 2 + 0.3
    inside = np.linalg.norm(block.positions - centre, axis=1) < 8.0
    left = carve(block, inside, A)
    assert left.n_site == block.n_site - inside.sum() and left.faults() == []
    np.testing.assert_allclose(left.positions, block.positions[~inside])
    apart, _ = cKDTree(block.positions[inside]).query(left.positions)
    np.testing.assert_array_equal(left.region == Region.INTERFACE, apart < A + 0.1)
    assert carve(block, np.zeros_like(inside), A).count(Region.INTERFACE) == 0


@pytest.mark.parametrize("side", ["inside", "outside"])
@pytest.mark.parametrize("name", ["single", "double", "triple"])
def test_the_middle_of_the_shape_is_the_origin(name, side):
    """Nothing is left where the shape has its wall, in a box that reaches as far to either side."""
    graph = standing(side, name)
    x, y, z = graph.positions.T
    assert not graph.shape.in_wall(x, y)[z < LENGTH].any()
    low, high = np.array(graph.shape.wall_extent).T
    space = np.minimum(low - graph.positions.min(axis=0)[:2], graph.positions.max(axis=0)[:2] - high)
    assert (space > SPACE - A).all()


@pytest.mark.parametrize("name", ["single", "double"])
def test_the_bore_is_that_of_a_straight_tubule(name):
    """About as many sites of metal and of channel per length, away from root and mouth; bores side by side share the
    one crystal of the block, so their axes need not run through an atom."""
    shape = make_shape(name, 20.0, 6.0)
    graph, straight = standing(name=name), build_tubule(shape, LITHIUM, segment=20.0)
    assert graph.faults() == []
    middle = (graph.z >= 5.0) & (graph.z < 5.0 + 4 * LITHIUM.lengths[2]) & (graph.bore >= 0)
    tolerance = 0.06 if name == "single" else 0.2
    for kind in (Region.BULK, Region.INTERFACE):
        wanted = straight.count(kind) / straight.length * 4 * LITHIUM.lengths[2]
        assert np.count_nonzero(middle & (graph.region == kind)) == pytest.approx(wanted, rel=tolerance)
    assert set(np.unique(graph.bore)) == set(range(-1, len(shape.centres)))


def test_the_mouth_is_open_and_the_outside_is_reached():
    """From the bore one comes out at the mouth, and nowhere else."""
    graph = standing()
    assert len(np.unique(graph.subgraph(graph.region >= 0).components(Region.BULK))) == 1
    below = graph.subgraph(graph.z < LENGTH - 1)
    inside = below.bore[below.sources()] == 0
    assert not (below.bore[below.target[inside]] == -1).any()
    assert graph.z.max() >= LENGTH + SPACE - LITHIUM.lengths[2]


def test_outside_the_first_layer_is_measured_and_the_bore_is_closed():
    graph = standing("outside")
    radius = np.hypot(graph.positions[:, 0], graph.positions[:, 1])
    wall = graph.z < LENGTH
    assert radius[wall].min() >= 16.0
    measured = (graph.region == Region.BULK) & (graph.bore == 0)
    assert radius[measured & (graph.z < LENGTH - A)].max() < 16.0 + 2.5 * A
    assert (graph.bore[graph.region == Region.INTERFACE] == 0).all()
    beside = np.zeros(graph.n_site, dtype=bool)
    beside[graph.sources()[(graph.region == Region.INTERFACE)[graph.target]]] = True
    np.testing.assert_array_equal(measured, beside & (graph.region == Region.BULK))
