"""Tracers: the correlation factor of bcc, and diffusivities that are meant as those of tracers."""

import pytest
from checks import assert_within

from coble import Case
from coble.kinds.discriminate.run import discriminate
from coble.kmc.constants import CM2_IN_A2, PER_CM3_IN_PER_A3
from coble.kmc.estimates.tracer import trace
from coble.kmc.network import exact as network
from coble.kmc.network.continuum import RegionTransport
from coble.kmc.rates.table import rate_table
from coble.lattices import Region, bcc, build_box

DILUTE_BCC = 0.7272  # correlation factor of a lone vacancy
A = 3.509


@pytest.fixture(scope="module")
def dilute():
    """bcc with 0.15 % of vacancies: the tracers, and the bond conductance."""
    graph, g, occupancy = build_box(bcc(A), (18, 13, 13)), 1e9, 0.9985
    assert graph.n_site > 10_000
    area = graph.cell[0] * graph.cell[1]
    conducts = g * network.isolated(graph, Region.BULK)
    per_cm3 = occupancy * 2 / A**3 / PER_CM3_IN_PER_A3
    diffusivity = conducts / (occupancy * 2 / A**3 * area) / CM2_IN_A2
    region = RegionTransport(Region.BULK, diffusivity, per_cm3, area, occupancy)
    rates = rate_table({Region.BULK: g}, {Region.BULK: occupancy})
    return trace(graph, region, rates, seed=3, replicas=24, workers=2, hops_per_atom=15), g


def test_correlation_factor_of_dilute_vacancies(dilute):
    """0.7272 within 1 %; the collective factor is 1, so the Haven ratio is the same number."""
    found, _ = dilute
    assert_within(found.correlation_factor.value, found.correlation_factor.stderr, DILUTE_BCC, at_most=0.004)
    assert found.correlation_factor.value == pytest.approx(DILUTE_BCC, rel=0.01)
    assert found.haven_ratio.value == pytest.approx(found.correlation_factor.value, rel=1e-6)


def test_slopes_between_earlier_times_stand_on_a_plateau(dilute):
    """Each time three times the one before; the last slope is the result, and the earlier ones agree with it."""
    found, _ = dilute
    hops, slopes = zip(*found.plateau, strict=True)
    assert hops[-1] == pytest.approx(15, rel=1e-4) and hops[0] == pytest.approx(15 / 3**5, rel=2e-3)
    assert slopes[-1] is found.correlation_factor
    late = [slope for hops, slope in found.plateau if hops > 1]
    assert len(late) == 3
    for slope in late:
        assert_within(slope.value, slope.stderr, DILUTE_BCC, at_most=0.01)


def test_free_walk_is_told_apart(dilute):
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(dilute[0].correlation_factor.value, dilute[0].correlation_factor.stderr, 1.0)


def test_tracer_diffusivity_is_f_times_vacancies_times_rate(dilute):
    """D* = f x_v Γ a²; the bond conducts g = Γ x (1 - x), so D* = f g a² / x."""
    found, g = dilute
    law = g * A**2 / 0.9985 / CM2_IN_A2
    assert found.diffusivity_cm2_s.value == pytest.approx(found.correlation_factor.value * law, rel=1e-3)


# --- matching = "tracer" ---

TUBULE = {"inner_width_nm": 20.0, "wall_thickness_nm": 5.0}
GIVEN = {Region.BULK: 4e-11, Region.INTERFACE: 2e-7, Region.WALL: 1e-8}  # cm²/s


def case(**run):
    return Case(tubule=TUBULE, wall=[{"name": "LiC6"}], run=run)


@pytest.fixture(scope="module")
def matched():
    return discriminate(case(matching="tracer"), workers=2, quick=True, target_error=0.01)["LiC6"]


@pytest.fixture(scope="module")
def conducting(answer):
    return answer(tubule=TUBULE, wall=[{"name": "LiC6"}])["LiC6"]


@pytest.mark.parametrize("kind", GIVEN, ids=lambda kind: kind.name.lower())
def test_tracer_diffusivity_is_the_one_given(matched, kind):
    """The user gave D of tracers, so D of tracers is what comes out."""
    found = matched.tracer[kind].diffusivity_cm2_s
    assert_within(found.value, found.stderr, GIVEN[kind], at_most=0.08)


@pytest.mark.parametrize("kind", GIVEN, ids=lambda kind: kind.name.lower())
def test_haven_ratio_lies_near_the_correlation_factor(matched, kind):
    """Below 1 by correlations; metal and wall, of nearly filled bcc, near 0.73."""
    ratio = matched.tracer[kind].haven_ratio
    assert 0.6 < ratio.value < 0.9 and ratio.stderr < 0.06
    if kind != Region.INTERFACE:
        assert_within(ratio.value, ratio.stderr, 0.73, at_most=0.02)


def test_conductance_is_larger_by_the_haven_ratio(matched, conducting):
    """Given D of tracers, the flux of every path is 1/H of what it is given D of conductance."""
    for kind in (Region.INTERFACE, Region.WALL):
        ratio = matched.tracer[kind].haven_ratio.value
        one, other = matched.paths[kind].conductance_S_m, conducting.paths[kind].conductance_S_m
        factor = one.value / other.value
        stderr = factor * ((one.stderr / one.value) ** 2 + (other.stderr / other.value) ** 2) ** 0.5
        assert_within(factor, stderr, 1 / ratio, at_most=0.1)
    # The exact solutions, without noise: each path by its own factor, but for the bonds between paths.
    parts = conducting.exact_shares, matched.exact_shares
    totals = conducting.exact_kappa_mS_cm, matched.exact_kappa_mS_cm
    for kind in (Region.INTERFACE, Region.WALL):
        path = [share[kind] / (1 - share[Region.BULK]) * total for share, total in zip(parts, totals, strict=True)]
        assert path[1] / path[0] == pytest.approx(1 / matched.tracer[kind].haven_ratio.value, rel=0.02)


def test_shares_within_error_of_the_exact_ones(matched):
    for kind, path in matched.paths.items():
        assert path.share.stderr <= 0.01
        assert abs(path.share.sigmas_from(matched.exact_shares[kind])) <= 4


def test_calibration_is_printed_for_the_given_diffusivities(matched, conducting):
    assert matched.calibration == conducting.calibration
