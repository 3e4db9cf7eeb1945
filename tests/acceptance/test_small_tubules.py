"""Tubules of 20 nm: every shape, axis, filling and wall against the exact network and the continuum."""

import numpy as np
import pytest
from checks import assert_within

from coble import Case
from coble.kinds.discriminate.run import discriminate
from coble.kmc.constants import BOLTZMANN_EV_K, ELEMENTARY_CHARGE_C
from coble.lattices import Region

TUBULE = {"inner_width_nm": 20.0, "wall_thickness_nm": 10.0}
THIN = {"inner_width_nm": 20.0, "wall_thickness_nm": 5.0}
WALLS = ("LiC6", "LiC6-optimistic", "Li9Al4", "Li22Si5")


def walls(*names):
    return [{"name": name} for name in names]


def assert_shares_agree(found, at_most=0.01):
    """Every measured share within 4 standard errors of the exact one, and each of them small enough."""
    assert set(found.paths) == set(found.exact_shares)
    for kind, path in found.paths.items():
        assert path.share.stderr <= at_most, (kind, path.share)
        assert abs(path.share.sigmas_from(found.exact_shares[kind])) <= 4, (kind, path.share, found.exact_shares[kind])
    assert found.reason == "target error met"
    assert sum(path.share.value for path in found.paths.values()) == pytest.approx(1)


# --- Walls ---


@pytest.mark.parametrize("name", WALLS)
def test_shares_within_error_of_the_exact_ones(answer, name):
    found = answer(tubule=TUBULE, wall=walls(*WALLS))[name]
    assert_shares_agree(found)
    assert_within(found.kappa_mS_cm.value, found.kappa_mS_cm.stderr, found.exact_kappa_mS_cm)
    assert sum(path.control.value for path in found.paths.values()) == pytest.approx(1)


def test_shares_of_another_wall_are_told_apart(answer):
    """The same check fails with the exact shares of another wall, and with those of half the width."""
    found = answer(tubule=TUBULE, wall=walls(*WALLS))
    thin = answer(tubule=THIN, wall=walls("Li9Al4"))
    share = found["Li9Al4"].paths[Region.INTERFACE].share
    for other in (found["LiC6"], found["Li22Si5"], thin["Li9Al4"]):
        assert abs(share.sigmas_from(other.exact_shares[Region.INTERFACE])) > 6


def test_routes_and_cut_say_the_same_as_the_shares(answer):
    found = answer(tubule=TUBULE, wall=walls(*WALLS))["Li9Al4"]
    assert sum(route.share for route in found.routes) == pytest.approx(1, abs=0.02)
    assert sum(found.cut.values()) == pytest.approx(1)
    assert found.routes[0].regions[0] == "interface"
    assert max(found.cut, key=found.cut.get) == "interface"


# --- Slab: eq. (3) of the paper ---


def equation_3(D_b, c_b, D_i, c_i, width_cm, delta_cm, temperature_K):
    """κ_b (1 + 2 D_i c_i δ / (D_b c_b w)) [mS/cm], κ_b = e² c_b D_b / k_B T."""
    kappa_b = ELEMENTARY_CHARGE_C * c_b * D_b / (BOLTZMANN_EV_K * temperature_K)  # e²/k_B T with k_B T in eV is e/V
    return 1e3 * kappa_b * (1 + 2 * D_i * c_i * delta_cm / (D_b * c_b * width_cm))


@pytest.mark.parametrize("concentration", [None, 1.65e22])
def test_slab_is_equation_3(answer, concentration):
    """κ of wall and interface, with the metal's own density in the interface; with the wall's density it is the
    equation as the paper prints it."""
    interface = {} if concentration is None else {"concentration_cm3": concentration}
    found = answer(tubule={**TUBULE, "shape": "slab"}, interface=interface, wall=walls("LiC6"))["LiC6"]
    law = equation_3(1e-8, 1.65e22, 2e-7, concentration or 1e24 / 21.6, 10e-7, 2e-8, 300.0)
    if concentration is not None:  # as printed: the densities cancel
        kappa_b = equation_3(1e-8, 1.65e22, 0, 0, 10e-7, 2e-8, 300.0)
        assert law == pytest.approx(kappa_b * (1 + 2 * 2e-7 * 2e-8 / (1e-8 * 10e-7)))
    assert found.formula_kappa_mS_cm == pytest.approx(law, rel=1e-6)
    assert found.exact_kappa_mS_cm == pytest.approx(law, rel=0.03)
    assert_within(found.kappa_mS_cm.value, found.kappa_mS_cm.stderr, found.exact_kappa_mS_cm)
    assert_shares_agree(found)


# --- Axes and shapes ---

AXES = ("110", "100", "111")


@pytest.fixture(scope="module")
def by_axis(answer):
    return {axis: answer(tubule={**THIN, "axis": axis}, wall=walls("Li9Al4"))["Li9Al4"] for axis in AXES}


@pytest.mark.parametrize("axis", AXES)
def test_shares_on_every_axis(by_axis, axis):
    assert_shares_agree(by_axis[axis])


def test_axes_agree(by_axis):
    for one, other in (("110", "100"), ("110", "111"), ("100", "111")):
        for kind in (Region.BULK, Region.INTERFACE, Region.WALL):
            a, b = by_axis[one], by_axis[other]
            assert a.exact_shares[kind] == pytest.approx(b.exact_shares[kind], abs=0.005)
            difference = a.paths[kind].share.value - b.paths[kind].share.value
            assert abs(difference) <= 4 * np.hypot(a.paths[kind].share.stderr, b.paths[kind].share.stderr)


@pytest.mark.parametrize("shape", ["square-array", "hexagonal-array"])
def test_arrays(answer, shape):
    found = answer(tubule={**THIN, "shape": shape}, wall=walls("LiC6"))["LiC6"]
    assert_shares_agree(found)
    for kind, share in found.formula_shares.items():
        assert found.exact_shares[kind] == pytest.approx(share, abs=0.01)


# --- Regions that are not there ---


def test_empty_bore_has_surface_and_wall_only(answer):
    found = answer(tubule={**THIN, "filling": "empty"}, wall=walls("LiC6"))["LiC6"]
    assert set(found.paths) == {Region.SURFACE, Region.WALL}
    assert found.graph.count(Region.BULK) == found.graph.count(Region.INTERFACE) == 0
    assert_shares_agree(found)
    # Free surface and interface differ by their D alone.
    filled = answer(tubule=THIN, wall=walls("LiC6"))["LiC6"]
    bare, covered = (f[k] / f[Region.WALL] for f, k in (
        (found.formula_shares, Region.SURFACE), (filled.formula_shares, Region.INTERFACE)
    ))  # fmt: skip
    assert bare / covered == pytest.approx(7.1e-7 / 2e-7, rel=0.01)


def test_inert_wall_has_interface_and_metal_only(answer):
    found = answer(tubule=THIN, wall=walls("inert"))["inert"]
    assert set(found.paths) == {Region.INTERFACE, Region.BULK}
    assert found.graph.count(Region.WALL) == 0
    assert found.verdict.dominant == Region.INTERFACE
    assert_shares_agree(found)


def test_empty_bore_in_an_inert_wall_has_one_path(answer):
    found = answer(tubule={**THIN, "filling": "empty"}, wall=walls("inert"))["inert"]
    assert set(found.paths) == {Region.SURFACE}
    share = found.paths[Region.SURFACE].share
    assert (share.value, share.stderr, share.low, share.high) == (1, 0, 1, 1)
    assert found.verdict.dominant == Region.SURFACE


# --- Width ---

WIDTHS_NM = (20.0, 40.0, 100.0)
FAST_METAL = 4e-9  # cm²/s: makes interface and bulk equal at W = 40 nm, so that the ratio is well known everywhere


@pytest.fixture(scope="module")
def by_width(answer):
    case = {"metal": {"diffusivity_cm2_s": FAST_METAL}, "wall": walls("inert")}
    return [answer(0.02, tubule={"inner_width_nm": W, "segment_nm": 1.0}, **case)["inert"] for W in WIDTHS_NM]


@pytest.mark.parametrize("number", range(3), ids=[f"{W:g} nm" for W in WIDTHS_NM])
def test_exact_interface_to_bulk_falls_as_one_over_width(by_width, number):
    """4 D_i δ / (D_m W) for a cylinder."""
    shares = by_width[number].exact_shares
    law = 4 * 2e-7 * 2e-8 / (FAST_METAL * WIDTHS_NM[number] * 1e-7)
    assert shares[Region.INTERFACE] / shares[Region.BULK] == pytest.approx(law, rel=0.03)


def test_measured_interface_to_bulk_falls_as_one_over_width(by_width):
    """The exponent of W, by weighted least squares through ln(ratio), is -1 within error."""
    share = [found.paths[Region.INTERFACE].share for found in by_width]
    value, stderr = (np.array([getattr(s, name) for s in share]) for name in ("value", "stderr"))
    ratio, weight = np.log(value / (1 - value)), (value * (1 - value) / stderr) ** 2
    x = np.log(WIDTHS_NM) - np.average(np.log(WIDTHS_NM), weights=weight)
    exponent, error = (weight * x * ratio).sum() / (weight * x**2).sum(), (weight * x**2).sum() ** -0.5
    assert_within(exponent, error, -1, at_most=0.1)
    for found in by_width:
        assert_shares_agree(found, at_most=0.02)


def test_narrowest_bore_that_is_accepted():
    """Three lattice constants wide: a metal core of 25 sites, which has no vacancy of its own at equilibrium."""
    case = Case(tubule={"inner_width_nm": 1.06, "wall_thickness_nm": 1.0}, wall=walls("inert"))
    found = discriminate(case, workers=2, target_error=0.1)["inert"]
    assert found.verdict.dominant == Region.INTERFACE
    assert found.paths[Region.INTERFACE].lost_if_off.value == pytest.approx(1, abs=0.1)


def test_sodium_interface_and_bulk_are_nearly_equal(answer):
    tubule = {"inner_width_nm": 100.0, "segment_nm": 1.0}
    found = answer(0.02, tubule=tubule, metal={"species": "Na"}, wall=walls("inert"))["inert"]
    ratio = found.exact_shares[Region.INTERFACE] / found.exact_shares[Region.BULK]
    assert ratio == pytest.approx(1.6, rel=0.05)
    assert_shares_agree(found, at_most=0.02)
