"""Boxes and distances of exported structures, by hand."""

from types import SimpleNamespace

import numpy as np

from coble.lattices import REGIONS, Region
from coble.structures.cuts import off_axis_nm
from coble.structures.export import VACANCIES, frames, structure_of


def test_five_angstrom_of_vacuum_on_either_side(plate):
    (atoms,) = frames(plate, "last", atoms=(*REGIONS, VACANCIES))
    np.testing.assert_allclose(atoms.positions.min(axis=0), 5.0)
    np.testing.assert_allclose(atoms.cell.lengths() - atoms.positions.max(axis=0), 5.0)


def test_the_nearest_bore_may_be_an_image():
    """A bore at 0 and one at (40, 50) Å in a box of 100 Å that is open along the axis."""
    positions = np.array([[95.0, 0.0, 3.0], [10.0, -2.0, 0.0], [45.0, 52.0, 9.0], [60.0, -48.0, 0.0]])
    sites = SimpleNamespace(
        positions=positions,
        cell=np.array([100.0, 100.0, 0.0]),
        shape=SimpleNamespace(centres=[(0.0, 0.0), (40.0, 50.0)]),
    )
    expected = [0.5, np.hypot(1.0, 0.2), np.hypot(0.5, 0.2), np.hypot(2.0, 0.2)]
    np.testing.assert_allclose(off_axis_nm(sites), expected)


def test_the_crystal_takes_the_place_of_the_wall_and_alone_is_frozen(plate):
    n_site = structure_of(plate).n_site
    (atoms,), (model,) = frames(plate, "last", wall="case"), frames(plate, "last")
    is_host = atoms.arrays["site"] >= n_site
    np.testing.assert_array_equal(atoms.get_tags()[is_host], Region.WALL)
    assert (model.get_tags() == Region.WALL).any() and not (atoms.get_tags()[~is_host] == Region.WALL).any()
    np.testing.assert_array_equal(atoms.constraints[0].index, np.flatnonzero(is_host))
