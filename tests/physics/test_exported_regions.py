"""Density and coordination of what is exported, region by region, are the model's: counted by ASE, from a file."""

import ase.io
import numpy as np
import pytest
from ase.neighborlist import neighbor_list
from command import OK, invoke

from coble.kmc.rates.materials import METALS, WALLS
from coble.lattices import Region

A = METALS["Li"].lattice_constant_A
FIRST, SECOND = A * 3**0.5 / 2, A
R, W = 25.0, 20.0  # Å: the bore's radius and the wall's thickness


@pytest.fixture(scope="module")
def sites(shares, tmp_path_factory):
    """Every site of a tubule, full or empty, through the command and a file."""
    out = tmp_path_factory.mktemp("sites") / "all.extxyz"
    found = invoke("export", shares, "--atoms", "bulk,interface,wall,vacancies", "--out", out)
    assert found.exit_code == OK, found.output
    return ase.io.read(out)


def off_axis(atoms):
    """Distance from the middle of the box, which is that of the tubule [Å]."""
    return np.linalg.norm((atoms.positions - atoms.cell.lengths() / 2)[:, :2], axis=1)


def neighbours(atoms, distance):
    """How many others are at this distance of every atom."""
    i, d = neighbor_list("id", atoms, distance + 0.05)
    return np.bincount(i[np.abs(d - distance) < 0.01], minlength=len(atoms))


def test_metal_is_bcc_with_two_atoms_per_cell(sites):
    assert pytest.approx(3.509, abs=5e-4) == A
    bore = sites[sites.get_tags() != Region.WALL]
    core = off_axis(bore) < 15.0
    assert core.sum() / (np.pi * 15.0**2 * bore.cell[2, 2]) == pytest.approx(2 / A**3, rel=0.03)
    assert len(bore) / (np.pi * R**2 * bore.cell[2, 2]) == pytest.approx(2 / A**3, rel=0.03)
    assert set(neighbours(bore, FIRST)[core]) == {8} and set(neighbours(bore, SECOND)[core]) == {6}
    nearest = neighbor_list("d", bore, 1.05 * SECOND)
    assert set(np.round(nearest, 2)) == {round(FIRST, 2), round(SECOND, 2)}


def test_interface_is_what_lacks_a_first_or_second_neighbour(sites):
    bore = sites[sites.get_tags() != Region.WALL]
    complete = (neighbours(bore, FIRST) == 8) & (neighbours(bore, SECOND) == 6)
    np.testing.assert_array_equal(complete, bore.get_tags() == Region.BULK)
    assert off_axis(bore)[~complete].min() > R - A - 0.1


def test_wall_has_its_own_lattice_and_density(sites):
    wall = sites[sites.get_tags() == Region.WALL]
    density = WALLS["LiC6"].concentration_cm3 * 1e-24
    r = off_axis(wall)
    assert r.min() > R - 0.5 and r.max() < R + W + 0.5
    area = np.pi * ((R + W) ** 2 - R**2)
    assert len(wall) / (area * wall.cell[2, 2]) == pytest.approx(density, rel=0.03)
    middle = (r > R + 6.0) & (r < R + W - 6.0)
    a_wall = (2 / density) ** (1 / 3)
    i = neighbor_list("i", wall, 0.933 * a_wall)  # between the first shell and the second, strained by up to 6 %
    assert set(np.bincount(i, minlength=len(wall))[middle]) == {8}


def test_occupancies_are_those_of_the_case(sites, discriminated):
    section = discriminated.case
    for kind, expected in (
        (Region.BULK, 1 - section.metal.vacancy_fraction),
        (Region.INTERFACE, section.interface.occupancy),
        (Region.WALL, 1 - section.wall[0].vacancy_fraction),
    ):
        held = sites.arrays["occupancy"][sites.get_tags() == kind]
        error = (expected * (1 - expected) / len(held)) ** 0.5
        assert abs(held.mean() - expected) < 4 * error + 1 / len(held), kind.name


def test_metal_that_has_grown(plate):
    """Off a frame of growth: atoms only where sites are, the plug's inside complete."""
    atoms = ase.io.read(plate / "trajectory.extxyz")
    metal = atoms[np.isin(atoms.get_tags(), (Region.BULK, Region.INTERFACE))]
    first = neighbours(metal, FIRST)
    core = metal.get_tags() == Region.BULK
    z = metal.positions[:, 2] - 5.0
    deep = core & (z > 4.0) & (z < 15.0)
    assert deep.sum() > 50 and first.max() <= 8
    assert first[deep].mean() > 7.0  # some of the channel's sites are empty, some are obstacles
