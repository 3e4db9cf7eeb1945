"""Tips of a design whose walls fill: the response of their lanes, and the atoms that they take."""

import numpy as np
import pytest

from coble import parse_case
from coble.kinds.design.filling import filling_factor, wall_response
from coble.kinds.design.packings import packing_of_case
from coble.kinds.design.run import design
from coble.kmc.growth.law import response
from coble.kmc.rates.site_energies import SiteEnergies, site_energies

CASE = """
[tubule]
shape = "hexagonal-array"
inner_width_nm = 100.0
wall_thickness_nm = 10.0
[[wall]]
name = "LiC6"
{wall}
[design]
tubules = 1000
samples = 1000
"""
CURVE = "ocv_V = [[0.0, 0.8], [0.5, 0.15], [1.0, 0.0]]\n"
KT = 8.617333e-5 * 300


def case_of(wall=""):
    return parse_case(CASE.format(wall=wall))


def test_lanes_of_one_energy_respond_as_equal_sites_do():
    """At V_k the site is full with x at coexistence; the curve ends at metal."""
    for volts in (-0.02, 0.0, 0.05):
        x = 1 / (1 + np.exp(-volts / KT))
        one = SiteEnergies((volts,), (1.0,), 0.0, 300.0)
        for drive in (-1.5, 0.01, 1.934):
            assert one.response(drive * one.kT_eV) == pytest.approx(response(x, drive), rel=1e-6)


def test_lanes_respond_linearly_to_a_small_drive():
    sites = site_energies(((0.0, 0.8), (0.5, 0.15), (1.0, 0.0)), 300.0)
    assert sites.response(1e-4) == pytest.approx(1e-4 / sites.kT_eV, rel=1e-2)
    assert sites.response(0.05) < 0.05 / sites.kT_eV, "fewer sites are empty there"


def test_a_tip_that_has_to_fill_its_wall_is_slower():
    case, stays_full, drive = case_of(CURVE), case_of(), 0.05 / KT
    porosity = packing_of_case(case).porosity(100.0, 10.0)
    held = 1.65e22 / case.metal_material.concentration_cm3 * (1 - porosity) / porosity
    section, half = case.wall[0], case_of(f"{CURVE}lithiation = 0.5\n").wall[0]
    factor, of_half, none = (
        filling_factor(case, case.walls[0], each, porosity, drive) for each in (section, half, stays_full.wall[0])
    )
    assert 1 / (1 + 1.05 * held) < factor < 1 / (1 + 0.9 * held)
    assert of_half / factor == pytest.approx((1 + held) / (1 + held / 2), rel=0.01) and none == 1.0
    assert wall_response(stays_full, stays_full.wall[0], drive) == response(0.99, drive)
    # The two paths of LiC6, each with its own response, then slower by what the wall takes.
    plain, fills = (design(each).walls[0] for each in (stays_full, case))
    interface, both = plain.interface_growth_nm2_s.value, plain.growth_nm2_s.value
    wall = (both - interface) * wall_response(case, section, drive) / response(0.99, drive)
    assert fills.interface_growth_nm2_s.value == pytest.approx(factor * interface, rel=1e-9)
    assert fills.growth_nm2_s.value == pytest.approx(factor * (interface + wall), rel=1e-6)
