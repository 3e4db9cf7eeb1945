"""Crystals, and the clipping of crystals to columns."""

import numpy as np
import pytest

from coble.lattices import Region, bcc, build_box
from coble.lattices.crystals import DIRECTIONS
from coble.lattices.tubules.commensurate import LARGEST_CLASS_COUNT, LARGEST_STRAIN, axial_fit

LITHIUM_A = (2 * 21.6) ** (1 / 3)
AXES = sorted(DIRECTIONS)


def vectors(crystal, neighbours):
    """From every basis site to its neighbours, float array (n_basis, n_neighbour, 3) [Å]."""
    there = crystal.basis[neighbours.to] + neighbours.shift
    return (there - crystal.basis[:, None]) * crystal.lengths


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize(("shell", "number", "distance"), [("first", 8, np.sqrt(3) / 2), ("second", 6, 1.0)])
def test_coordination_shells(axis, shell, number, distance):
    crystal = bcc(LITHIUM_A, axis)
    steps = vectors(crystal, getattr(crystal, shell))
    assert steps.shape == (len(crystal.basis), number, 3)
    np.testing.assert_allclose(np.linalg.norm(steps, axis=2), distance * LITHIUM_A, rtol=1e-12)
    np.testing.assert_allclose(steps.sum(axis=1), 0, atol=1e-9)
    for around in steps:
        assert len(np.unique(np.round(around, 6), axis=0)) == number
        np.testing.assert_allclose(around.T @ around, np.eye(3) * (around**2).sum() / 3, atol=1e-9)  # cubic


@pytest.mark.parametrize("axis", AXES)
def test_density_is_two_sites_per_cube(axis):
    assert bcc(LITHIUM_A, axis).density == pytest.approx(1 / 21.6, rel=1e-12)


@pytest.mark.parametrize(
    ("axis", "planes", "spacing"),
    [("110", 2, LITHIUM_A / np.sqrt(2)), ("100", 2, LITHIUM_A / 2), ("111", 3, LITHIUM_A / (2 * np.sqrt(3)))],
)
def test_planes_are_equally_spaced(axis, planes, spacing):
    crystal = bcc(LITHIUM_A, axis)
    heights = np.unique(np.round(crystal.basis[:, 2] * crystal.lengths[2], 6))
    assert crystal.lengths[2] / crystal.planes == pytest.approx(spacing)
    np.testing.assert_allclose(np.diff(heights), spacing, rtol=1e-6)
    assert crystal.planes >= planes


def test_110_planes_of_lithium_as_in_the_paper():
    crystal = bcc(LITHIUM_A, "110")
    assert crystal.lengths[2] / crystal.planes == pytest.approx(2.481, abs=5e-4)


def test_stretched_keeps_neighbours_and_changes_density():
    crystal = bcc(LITHIUM_A, "110")
    longer = crystal.stretched(crystal.lengths * [1, 1, 1.02])
    assert longer.first is crystal.first
    assert longer.density == pytest.approx(crystal.density / 1.02)


@pytest.mark.parametrize(
    ("constant", "axis", "message"),
    [(3.5, "112", "axis must be one of 110, 100, 111, got '112'"), (0.0, "110", "lattice constant must be > 0")],
)
def test_refused_crystals(constant, axis, message):
    with pytest.raises(ValueError, match=message):
        bcc(constant, axis)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("cells", [(2, 2, 2), (2, 3, 4)])
def test_box_is_the_crystal(axis, cells):
    crystal = bcc(LITHIUM_A, axis)
    graph = build_box(crystal, cells)
    assert graph.faults() == []
    assert graph.n_site == np.prod(cells) * len(crystal.basis) == graph.count(Region.BULK)
    assert (np.diff(graph.indptr) == 8).all()
    np.testing.assert_allclose(graph.cell, crystal.lengths * cells)
    vector = graph.positions[graph.target] - graph.positions[graph.sources()]
    vector -= graph.cell * np.round(vector / graph.cell)
    np.testing.assert_allclose(np.linalg.norm(vector, axis=1), LITHIUM_A * np.sqrt(3) / 2, rtol=1e-9)


@pytest.mark.parametrize(
    ("axis", "cells"),
    [
        *(("100", c) for c in [(2, 2, 1), (1, 2, 2), (1, 1, 1)]),
        *(("110", c) for c in [(2, 2, 1), (2, 1, 2), (1, 1, 1)]),
    ],
)
def test_box_one_cell_long_joins_images_by_two_bonds(axis, cells):
    graph = build_box(bcc(LITHIUM_A, axis), cells)
    assert graph.faults() == []
    assert (np.diff(graph.indptr) == 8).all()
    assert len(np.unique(np.stack([graph.sources(), graph.target]), axis=1).T) < graph.n_edge


def test_box_shorter_than_two_bonds_is_found_out():
    """One cell along [111] is one bond long: every site would neighbour itself."""
    with pytest.raises(ValueError, match=r"cells \(2, 2, 1\) make a box in which a site is its own neighbour"):
        build_box(bcc(LITHIUM_A, "111"), (2, 2, 1))


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("density", [1.65e-2, 4.0e-2, 5.3e-2])
@pytest.mark.parametrize("at_least", [20.0, 1500.0, 10_000.0])
def test_axial_fit_keeps_its_promises(axis, density, at_least):
    metal, wall = bcc(LITHIUM_A, axis), bcc((2 / density) ** (1 / 3), "100")
    reach = max(metal.lattice_constant, wall.lattice_constant) * np.sqrt(3) / 2
    n_metal, n_wall = axial_fit(metal, wall, at_least, reach)
    length = n_metal * metal.lengths[2]
    assert at_least <= length < 1.15 * at_least + 20.0
    assert abs(length / n_wall / wall.lengths[2] - 1) <= LARGEST_STRAIN
    unit = length / np.lcm(n_metal * metal.planes, n_wall * wall.planes)
    assert 2 * int(reach / unit) + 1 <= LARGEST_CLASS_COUNT


def test_axial_fit_says_when_there_is_none():
    metal, wall = bcc(3.5, "110"), bcc(0.9, "100")  # its planes are too dense for 31 classes within reach
    with pytest.raises(ValueError, match="no common period of metal and wall from 20 Å up"):
        axial_fit(metal, wall, 20.0, 60.0)
