"""Error bars that mean what they say: coverage of the 95 % intervals, and one long run against the exact share.

All regions have the same occupancy, so the network is exact for the interacting gas; the diffusivities make the
three paths carry comparable parts.  The exact total is that of the open system; with N sites and a fixed number of
atoms it is N/(N-1) times larger.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from checks import assert_within

import coble.kmc.estimates.measure
from coble import Case
from coble.kmc.kernel.segment import Segment
from coble.lattices import Region

FEW, MANY = 64, 400  # runs, and those of --all-seeds; benchmarks/error_bars.py has these for the validation page
FIELD = 0.2 / 2.48  # k_B T/Å: 0.2 k_B T per axial step
REGIONS = (Region.BULK, Region.INTERFACE, Region.WALL)


def equal_occupancies(x):
    return Case(
        tubule={"inner_width_nm": 6.0, "wall_thickness_nm": 2.0, "segment_nm": 1.0},
        metal={"diffusivity_cm2_s": 4e-8, "vacancy_fraction": round(1 - x, 6)},
        interface={"occupancy": x},
        wall=[{
            "name": "test", "diffusivity_cm2_s": 7e-8, "concentration_cm3": 3e22, "vacancy_fraction": round(1 - x, 6),
        }],
    )  # fmt: skip


@pytest.fixture(scope="module")
def half_filled(prepare):
    return prepare(equal_occupancies(0.5))


@pytest.fixture(scope="module")
def nearly_filled(prepare):
    """The default vacancy fraction of metal and wall, everywhere."""
    return prepare(equal_occupancies(0.99))


def many_short_runs(prepared, runs):
    """Measurements of 32 short blocks each, list of `runs` Measured."""
    segment = Segment(prepared.graph, prepared.rates, field_kT_per_A=FIELD)
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 1000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 1000)
        found = list(
            pool.map(
                lambda seed: coble.kmc.estimates.measure.measure(segment, seed=seed, target_error=1.0), range(runs)
            )
        )
    assert {m.n_block for m in found} == {32}  # before the error is believed
    assert {m.reason for m in found} == {"target error met"}
    return found


@pytest.fixture(scope="module")
def half_filled_runs(half_filled, seeds):
    return many_short_runs(half_filled, seeds(FEW, MANY))


@pytest.fixture(scope="module")
def nearly_filled_runs(nearly_filled, seeds):
    return many_short_runs(nearly_filled, seeds(FEW, MANY))


def coverage(estimates, exact):
    """Part of the 95 % intervals that hold the exact value, and mean square of its distance in errors, ± its error."""
    inside = [e.low <= exact <= e.high for e in estimates]
    square = np.array([e.sigmas_from(exact) ** 2 for e in estimates])
    return np.mean(inside), square.mean(), square.std() / np.sqrt(len(square))


def assert_calibrated(estimates, exact):
    inside, square, error = coverage(estimates, exact)
    rms, freedom = np.sqrt(square), estimates[0].n_eff - 1
    runs = len(estimates)
    assert freedom == 31
    # 2.75 and 2.8 standard errors: with 400 runs 0.95 ± 0.03 and 1 ± 0.1.
    held = f"{inside:.1%} of the 95 % intervals hold the exact value, rms z {rms:.2f}"
    assert abs(inside - 0.95) <= 2.75 * np.sqrt(0.95 * 0.05 / runs), held
    assert abs(rms - 1) <= 2.8 / np.sqrt(2 * runs), f"rms z {rms:.2f}"
    assert abs(square - freedom / (freedom - 2)) <= 3 * error, f"rms z {rms:.2f} is not that of Student's distribution"


@pytest.mark.parametrize("kind", REGIONS, ids=lambda kind: kind.name.lower())
def test_coverage_of_shares(half_filled, half_filled_runs, kind):
    assert 0.1 < half_filled.exact.shares[kind] < 0.7
    assert_calibrated([m.share(kind) for m in half_filled_runs], half_filled.exact.shares[kind])


def test_coverage_of_the_total(half_filled, half_filled_runs):
    n = half_filled.graph.n_site
    assert_calibrated([m.total for m in half_filled_runs], half_filled.exact.total * n / (n - 1))


@pytest.mark.parametrize("kind", REGIONS, ids=lambda kind: kind.name.lower())
def test_coverage_with_few_vacancies(nearly_filled, nearly_filled_runs, kind):
    """With x = 0.99 the number of vacancies in a region, and with it its conductance, drifts for longer than a run
    lasts: blocks of one long run are not independent, whatever a lag test says (rms z 1.2 was seen)."""
    assert_calibrated([m.share(kind) for m in nearly_filled_runs], nearly_filled.exact.shares[kind])


def test_value_moved_by_a_tenth_is_told_apart(half_filled, half_filled_runs):
    for exact, estimates in (
        (half_filled.exact.total, [m.total for m in half_filled_runs]),
        (half_filled.exact.shares[Region.WALL], [m.share(Region.WALL) for m in half_filled_runs]),
    ):
        with pytest.raises(AssertionError, match="rms z"):
            assert_calibrated(estimates, 1.1 * exact)


def test_half_the_error_is_told_apart(half_filled, half_filled_runs):
    """Intervals from standard errors that are too small by a half hold too little."""
    exact = half_filled.exact.shares[Region.WALL]
    inside = [abs(s.value - exact) < s.half_width / 2 for s in (m.share(Region.WALL) for m in half_filled_runs)]
    assert np.mean(inside) < 0.8


def test_long_run_is_exact(half_filled):
    """3e7 hops: every share within 4 standard errors of 0.002."""
    segment = Segment(half_filled.graph, half_filled.rates, field_kT_per_A=FIELD)
    found = coble.kmc.estimates.measure.measure(segment, seed=11, workers=2, target_error=0.0, max_events=3e7)
    assert found.reason == "event limit reached" and found.n_event >= 3e7
    for kind, share in found.shares().items():
        assert share.stderr < 0.002
        assert_within(share.value, share.stderr, half_filled.exact.shares[kind], at_most=0.02)
    n = half_filled.graph.n_site
    assert_within(found.total.value, found.total.stderr, half_filled.exact.total * n / (n - 1), at_most=0.01)
