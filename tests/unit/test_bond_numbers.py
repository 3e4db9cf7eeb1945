"""Rates of metal with bonds, code by code and by hand; mobilities from diffusivities."""

from math import exp, log

import numpy as np
import pytest
from tubes import LITHIUM, A, tube

from coble.kmc.rates.bonds import PATH_PAIRS, BondModel, Mobilities, classify, exchange_rates, hop_rates
from coble.lattices import Region

MODEL = BondModel(0.03, 0.06, 300.0, wetting=0.5, channel_occupancy=0.3, wall_occupancy=0.8)
MOBILITIES = Mobilities(bulk=1.0, metal_surface=2.0, interface=4.0, surface=12.0, wall=6.0)


@pytest.fixture(scope="module")
def tubule():
    return tube(16.0, 20.0, MODEL, wall="LiC6", thickness_A=6.0)


@pytest.fixture(scope="module")
def sites(tubule):
    return classify(tubule.graph, A, tubule.root)


def code(sites, kind, *, full, first=None, second=None, wet_first=None, root=False):
    """A code of an awake site that is like this."""
    codes = sites.codes
    of_class = codes.site_class
    awake = np.isin(np.arange(len(sites.kind)), sites.site_class)
    fits = (sites.kind[of_class] == kind) & (codes.full == full) & (sites.root[of_class] == root) & awake[of_class]
    wanted = ((codes.first, first), (codes.second, second), (sites.wet_first[of_class], wet_first))
    for values, value in wanted:
        if value is not None:
            fits &= values == value
    return int(np.flatnonzero(fits)[0])


def test_bonds_of_channel_and_wall_have_the_harmonic_mean_over_the_chance_that_they_are_open(sites):
    rate, path = hop_rates(sites, MODEL, MOBILITIES)
    bare = [code(sites, Region.INTERFACE, full=full, first=0, second=0) for full in (True, False)]
    wall = [code(sites, Region.WALL, full=full) for full in (True, False)]
    assert rate[bare[0], wall[1]] == pytest.approx(2 / (1 / 12 + 1 / 6) / (0.3 * 0.2))
    assert rate[wall[0], bare[1]] == pytest.approx(2 / (1 / 12 + 1 / 6) / (0.8 * 0.7))
    assert rate[bare[0], bare[1]] == pytest.approx(12 / (0.3 * 0.7))
    assert PATH_PAIRS[path[bare[0], wall[1]]] == ("surface", "wall")


@pytest.mark.parametrize(("first", "second"), [(1, 0), (0, 1), (1, 1)])
def test_a_channel_is_covered_by_metal_of_either_shell(sites, first, second):
    rate, path = hop_rates(sites, MODEL, MOBILITIES)
    here, there = (code(sites, Region.INTERFACE, full=full, first=first, second=second) for full in (True, False))
    assert PATH_PAIRS[path[here, there]] == ("interface", "interface")
    assert rate[here, there] == pytest.approx(4 / (0.3 * 0.7))


@pytest.mark.parametrize(("first", "name"), [(5, "metal surface"), (6, "bulk"), (7, "bulk")])
def test_six_first_neighbours_make_bulk(sites, first, name):
    """The atom that hops is a first neighbour of where it goes, and does not count there."""
    rate, path = hop_rates(sites, MODEL, MOBILITIES)
    here = code(sites, Region.BULK, full=True, first=first, second=3, wet_first=0)
    there = code(sites, Region.BULK, full=False, first=first + 1, second=3, wet_first=0)
    assert PATH_PAIRS[path[here, there]] == (name, name)
    assert rate[here, there] == pytest.approx({"bulk": 1.0, "metal surface": 2.0}[name]), "no step of energy"


def test_energies_of_metal_by_hand(sites):
    """From 6 first and 4 second neighbours to 3 and 2: ΔE = 3 ε₁ + 2 ε₂; down again without a barrier."""
    rate, _ = hop_rates(sites, MODEL, MOBILITIES)
    deep = {full: code(sites, Region.BULK, full=full, first=6 + (not full), second=4, wet_first=0) for full in (0, 1)}
    high = {full: code(sites, Region.BULK, full=full, first=3 + (not full), second=2, wet_first=0) for full in (0, 1)}
    mean = 2 / (1 / 1 + 1 / 2)
    assert rate[deep[1], high[0]] == pytest.approx(mean * exp(-(3 * 0.03 + 2 * 0.06) / MODEL.kT_eV))
    assert rate[high[1], deep[0]] == pytest.approx(mean)


@pytest.mark.parametrize("drive", [log(2.0), 0.0, -log(3.0)])
def test_the_electrolyte_fills_at_the_occupancy_of_its_potential(sites, drive):
    """ρ / (1 - ρ) = x / (1 - x) · exp(eU / kT); a bare site is filled at Γ ρ and emptied at Γ (1 - ρ)."""
    found = exchange_rates(sites, MODEL, MOBILITIES, drive * MODEL.kT_eV)
    odds = 0.3 / 0.7 * exp(drive)
    rho, gamma = odds / (1 + odds), 12 / (0.3 * 0.7)
    empty, full = (code(sites, Region.INTERFACE, full=f, first=0, second=0, root=True) for f in (False, True))
    assert found[empty] == pytest.approx(gamma * rho)
    assert found[full] == pytest.approx(gamma * (1 - rho))
    assert found[code(sites, Region.INTERFACE, full=True, first=0, second=0)] == 0, "away from the root"


def test_mobilities_follow_from_diffusivities(tubule):
    """Bulk needs a vacancy, the terrace of a (110) face an adatom; bare channel over covered is D over D."""
    found, kT, per_a2 = tubule.mobilities, MODEL.kT_eV, 1e16 / A**2
    assert found.bulk == pytest.approx(LITHIUM.bulk.value_cm2_s * per_a2 * exp((4 * 0.03 + 3 * 0.06) / kT))
    assert found.metal_surface == pytest.approx(LITHIUM.surface.value_cm2_s * per_a2 * exp((2 * 0.03 + 0.06) / kT))
    ratio = LITHIUM.surface.value_cm2_s / LITHIUM.interface.value_cm2_s
    assert found.surface / found.interface == pytest.approx(ratio) and ratio > 2
