"""Uniform lattices: the offsets are a bcc crystal, periodic in a helical way, whatever its size."""

import re
from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from coble.lattices import Region, bcc, build_box, uniform_lattice

LITHIUM_A = (2 * 21.6) ** (1 / 3)
AXES = ("100", "110")
SIZES = [(2, 2, 2), (2, 2, 3), (2, 3, 2), (3, 2, 2), (2, 5, 4), (5, 4, 3), (6, 6, 6)]


def heights(crystal, cells):
    """Axial position of every site in units."""
    plane = np.rint(crystal.basis[:, 2] * crystal.planes).astype(int)
    cell = np.arange(np.prod(cells)) % cells[2]
    return (cell[:, None] * crystal.planes + plane).ravel()


def common_neighbours(graph):
    """Number of paths of two bonds from each site to each, sorted, with the number of sites that have such a row."""
    ones = np.ones(graph.n_edge, dtype=int)
    bonds = csr_matrix((ones, graph.target, graph.indptr), shape=(graph.n_site,) * 2)
    rows = -np.sort(-(bonds @ bonds).toarray(), axis=1)
    return np.unique(rows, axis=0, return_counts=True)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("cells", SIZES)
def test_graph_is_sound(axis, cells):
    crystal = bcc(LITHIUM_A, axis)
    lattice = uniform_lattice(crystal, cells)
    graph = lattice.graph()
    assert lattice.n_site == graph.n_site == np.prod(cells) * len(crystal.basis) == graph.count(Region.BULK)
    assert (np.diff(graph.indptr) == 8).all()
    assert graph.n_edge == 8 * graph.n_site
    placed = replace(graph, height=heights(crystal, cells))
    assert placed.faults() == []
    reverse, source = graph.reverse_edges(), graph.sources()
    np.testing.assert_array_equal(np.sort(reverse), np.arange(graph.n_edge))
    np.testing.assert_array_equal(source[reverse], graph.target)
    np.testing.assert_array_equal(graph.steps[graph.step_class[reverse]], -graph.steps[graph.step_class])
    assert len(np.unique(graph.components(Region.BULK))) == 1
    assert np.abs(lattice.offset).max() < lattice.n_site


@pytest.mark.parametrize("axis", AXES)
def test_steps_and_lengths_are_those_of_the_box(axis):
    crystal, cells = bcc(LITHIUM_A, axis), (3, 4, 5)
    lattice, box = uniform_lattice(crystal, cells), build_box(crystal, cells)
    assert lattice.n_site == box.n_site
    assert lattice.length == pytest.approx(box.length) == pytest.approx(lattice.graph().length)
    np.testing.assert_allclose(lattice.steps_A, box.steps_A)
    np.testing.assert_allclose(lattice.graph().steps_A, lattice.steps_A)
    for graph in (lattice.graph(), box):
        climbs = np.sort(graph.steps_A[graph.step_class].reshape(-1, 8), axis=1)
        a = LITHIUM_A / 2 if axis == "100" else LITHIUM_A / np.sqrt(2)
        expected = [-a] * 4 + [a] * 4 if axis == "100" else [-a] * 2 + [0] * 4 + [a] * 2
        np.testing.assert_allclose(climbs, np.tile(expected, (graph.n_site, 1)), atol=1e-9)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("cells", [(5, 5, 5), (6, 5, 7)])
def test_neighbours_of_neighbours_are_those_of_bcc(axis, cells):
    """8 paths back, 4 to each of 6 second neighbours, 2 to each of 12 third, 1 to each of 8 fifth; at the edges too."""
    crystal = bcc(LITHIUM_A, axis)
    for graph in (uniform_lattice(crystal, cells).graph(), build_box(crystal, cells)):
        ((row,), (number,)) = common_neighbours(graph)
        assert row[:28].tolist() == [8] + [4] * 6 + [2] * 12 + [1] * 8 + [0]
        assert number == graph.n_site


def test_damaged_offset_is_found():
    """What the checks above would say of a wrong offset, and of a wrong class."""
    lattice = uniform_lattice(bcc(LITHIUM_A, "110"), (3, 4, 5))
    offset, step_class = lattice.offset.copy(), lattice.step_class.copy()
    offset[1, 3] += len(offset)
    step_class[2, 0] = 2 - step_class[2, 0] if step_class[2, 0] != 1 else 0
    for damaged in (replace(lattice, offset=offset), replace(lattice, step_class=step_class)):
        with pytest.raises(ValueError, match="have no reverse edge"):
            damaged.graph().reverse_edges()


@pytest.mark.parametrize("axis", AXES)
def test_size_of_what_is_held_does_not_depend_on_the_number_of_sites(axis):
    lattice = uniform_lattice(bcc(LITHIUM_A, axis), (64, 512, 1024 if axis == "110" else 2048))
    assert lattice.n_site == 1 << 27
    assert lattice.region.shape == (1 << 27,)
    assert lattice.region.strides == (0,)
    assert lattice.region[0] == lattice.region[-1] == Region.BULK
    held = [getattr(lattice, field.name) for field in fields(lattice)]
    assert sum(array.nbytes for array in held if isinstance(array, np.ndarray)) < 1000


@pytest.mark.parametrize(
    ("axis", "cells", "message"),
    [
        ("111", (4, 4, 4), "the cell must hold 1, 2 or 4 sites, got 6 (axis 111)"),
        *(
            ("110", c, f"at least 2 cells along every edge, got {c}")
            for c in [(1, 2, 2), (2, 1, 2), (2, 2, 1), (0, 3, 3)]
        ),
    ],
)
def test_refused_lattices(axis, cells, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        uniform_lattice(bcc(LITHIUM_A, axis), cells)
