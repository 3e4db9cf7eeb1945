"""The paper's numbers: diffusivities, path shares and conductivities in closed form."""

import numpy as np
import pytest

from coble.kmc.constants import BOLTZMANN_EV_K, CM2_IN_A2, ELEMENTARY_CHARGE_C, PER_CM3_IN_PER_A3
from coble.kmc.network.continuum import (
    conductivity_mS_cm,
    regions_of,
    shares,
    siemens_metre,
    wall_and_interface_conductivity_mS_cm,
)
from coble.kmc.rates.materials import METALS, PAPER_WALLS, WALLS, Diffusivity
from coble.lattices import Region, make_shape

LITHIUM = METALS["Li"]
DELTA_A = 2.0


def of_the_paper(wall, W_nm=100, w_nm=10, name="single", interface_cm3=None, **more):
    shape = make_shape(name, 10.0 * W_nm, 10.0 * w_nm)
    wall, c = WALLS[wall], LITHIUM.concentration_cm3
    inside = (wall.diffusivity.value_cm2_s, wall.concentration_cm3, 0.99) if wall.diffusivity else None
    shell = LITHIUM.interface.value_cm2_s, interface_cm3 or c, 0.5, DELTA_A
    return regions_of(shape, (LITHIUM.bulk.value_cm2_s, c, 0.99), shell, inside, **more)


# --- Materials ---


def test_lithium():
    assert LITHIUM.atomic_volume_A3 == pytest.approx(21.6)
    assert LITHIUM.lattice_constant_A == pytest.approx(3.509, abs=5e-4)
    assert LITHIUM.concentration_cm3 == pytest.approx(4.63e22, rel=1e-3)
    assert LITHIUM.surface.at(300.0) == pytest.approx(7.10e-7, rel=2e-3)
    assert METALS["Na"].atomic_volume_A3 == pytest.approx(39.49, rel=1e-3)


@pytest.mark.parametrize(
    ("temperature", "surface", "interface", "bulk"),
    [
        (298.15, 6.7e-7, 1.84e-7, 3.5e-11),
        (300.0, 7.1e-7, 2.0e-7, 4.0e-11),
        (313.15, 1.08e-6, 3.5e-7, 9.5e-11),
        (328.15, 1.66e-6, 6.3e-7, 2.3e-10),
        (353.15, 3.1e-6, 1.5e-6, 8.8e-10),
    ],
)
def test_diffusivities_of_lithium_with_temperature(temperature, surface, interface, bulk):
    for diffusivity, value in ((LITHIUM.surface, surface), (LITHIUM.interface, interface), (LITHIUM.bulk, bulk)):
        assert diffusivity.at(temperature) == pytest.approx(value, rel=0.04)


def test_activation_energies_of_the_fits():
    assert LITHIUM.surface.activation_energy_eV == pytest.approx(0.2557, abs=5e-4)
    assert LITHIUM.interface.activation_energy_eV == pytest.approx(0.348, abs=5e-4)


def test_sodium_interface_carries_little_more_than_the_bulk():
    """4 D_i δ / (D W) = 1.5 at W = 100 nm."""
    sodium = METALS["Na"]
    assert 4 * sodium.interface.at(300.0) * 0.2 / (sodium.bulk.at(300.0) * 100) == pytest.approx(1.64, abs=0.005)


def test_no_activation_energy_no_other_temperature():
    known_at_300 = Diffusivity(1e-8, None)
    assert known_at_300.at(300.0) == 1e-8
    with pytest.raises(ValueError, match="no activation energy to carry D from 300 K to 310 K"):
        known_at_300.at(310.0)


def test_every_number_names_its_source():
    for wall in WALLS.values():
        assert (wall.diffusivity is None) == (wall.concentration_cm3 == 0)
        assert wall.diffusivity is None or wall.diffusivity.source
    for metal in METALS.values():
        assert metal.bulk.source
        assert metal.interface.source
        assert metal.surface.source


# --- Path shares ---

WALL_TO_INTERFACE = {  # W, w in nm → LiC6 conservative, optimistic, Li9Al4, Li22Si5
    (100, 10): (0.98, 9.8, 0.238, 0.003),
    (100, 20): (2.14, 21, 0.519, 0.007),
    (100, 28): (3.20, 32, 0.776, 0.010),
    (200, 50): (5.57, 56, 1.35, 0.018),
    (100, 60): (8.57, 86, 2.08, 0.028),
    (30, 50): (12.0, 120, 2.90, 0.038),
    (60, 60): (10.7, 107, 2.60, 0.034),
}
BULK_TO_INTERFACE = {(100, 10): 0.0249, (200, 50): 0.0499, (30, 50): 0.0074, (60, 60): 0.0149}


@pytest.mark.parametrize("wall", range(4), ids=PAPER_WALLS)
@pytest.mark.parametrize(("W", "w"), WALL_TO_INTERFACE)
def test_wall_to_interface(W, w, wall):
    share = shares(of_the_paper(PAPER_WALLS[wall], W, w))
    ratio = share[Region.WALL] / share[Region.INTERFACE]
    assert ratio == pytest.approx(WALL_TO_INTERFACE[W, w][wall], rel=0.02, abs=6e-4)


@pytest.mark.parametrize(("W", "w"), BULK_TO_INTERFACE)
def test_bulk_to_interface(W, w):
    share = shares(of_the_paper("Li9Al4", W, w))
    assert share[Region.BULK] / share[Region.INTERFACE] == pytest.approx(BULK_TO_INTERFACE[W, w], rel=0.015)


@pytest.mark.parametrize(("name", "ratio"), [("single", 40), ("slab", 20)])
def test_interface_to_bulk_of_cylinder_and_slab(name, ratio):
    share = shares(of_the_paper("inert", name=name))
    assert share[Region.INTERFACE] / share[Region.BULK] == pytest.approx(ratio, rel=1e-3)
    assert set(share) == {Region.BULK, Region.INTERFACE}


def test_verdict_of_the_paper_design():
    """The interface carries 97 % beside Li22Si5 and 79 % beside Li9Al4; with LiC6 wall and interface tie."""
    interface = {wall: shares(of_the_paper(wall))[Region.INTERFACE] for wall in PAPER_WALLS}
    assert interface["Li22Si5"] == pytest.approx(0.97, abs=0.005)
    assert interface["Li9Al4"] == pytest.approx(0.79, abs=0.005)
    assert interface["LiC6"] == pytest.approx(0.50, abs=0.005)
    assert interface["LiC6-optimistic"] == pytest.approx(0.092, abs=0.002)


def test_bare_bore_has_a_surface_and_no_metal():
    regions = of_the_paper("LiC6", bare=True)
    assert list(regions) == [Region.WALL, Region.SURFACE]
    assert regions[Region.SURFACE].area_A2 == pytest.approx(np.pi * 1000 * DELTA_A)


# --- Conductivities ---


@pytest.mark.parametrize(
    ("wall", "alone", "both"),
    [("LiC6-optimistic", 10.23, 11.0), ("LiC6", 1.023, 1.84), ("Li9Al4", 0.248, 2.23), ("Li22Si5", 0.00329, 2.63)],
)
def test_conductivity_of_the_mixed_conductor(wall, alone, both):
    """κ = (e² c D_b / k_B T) (1 + 2 D_i δ / (D_b w)) for a slab, with the wall's own c in the interface, as printed."""
    c = WALLS[wall].concentration_cm3
    regions = of_the_paper(wall, name="slab", interface_cm3=c)
    area = regions[Region.WALL].area_A2
    kappa = conductivity_mS_cm(siemens_metre(regions[Region.WALL].flux_conductance, 300.0), area)
    assert kappa == pytest.approx(alone, rel=2e-3)
    assert wall_and_interface_conductivity_mS_cm(regions, area, 300.0) == pytest.approx(both, rel=4e-3)
    D_b, D_i = WALLS[wall].diffusivity.value_cm2_s, LITHIUM.interface.value_cm2_s
    eq3 = kappa * (1 + 2 * D_i * DELTA_A / (D_b * 100.0))
    assert wall_and_interface_conductivity_mS_cm(regions, area, 300.0) == pytest.approx(eq3, rel=1e-12)


def test_interface_of_the_metal_conducts_alike_along_every_wall():
    for wall in PAPER_WALLS:
        regions = of_the_paper(wall, name="slab")
        along = siemens_metre(regions[Region.INTERFACE].flux_conductance, 300.0)
        assert conductivity_mS_cm(along, regions[Region.WALL].area_A2) == pytest.approx(2.30, abs=0.01)


def test_conductance_in_si_units():
    """By hand: e² c D A / (k_B T), all in SI."""
    region = of_the_paper("Li9Al4")[Region.WALL]
    e, kT = ELEMENTARY_CHARGE_C, BOLTZMANN_EV_K * 300.0 * ELEMENTARY_CHARGE_C
    by_hand = e**2 * 4.0e28 * 1e-13 * (region.area_A2 * 1e-20) / kT
    assert siemens_metre(region.flux_conductance, 300.0) == pytest.approx(by_hand, rel=1e-12)
    assert region.flux_conductance == pytest.approx(4.0e22 * PER_CM3_IN_PER_A3 * 1e-9 * CM2_IN_A2 * region.area_A2)
    assert region.name == "wall"
