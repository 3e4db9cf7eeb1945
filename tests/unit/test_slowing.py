"""Slower hops on the metal's surface and the bare wall: what stays, what is measured, and how the factor follows."""

import json

import numpy as np
import pytest
from cases import GROWS

from coble import CaseError, parse_case
from coble.kinds.growth.result import as_dict
from coble.kinds.growth.setup import prepare
from coble.kmc.growth import slowing
from coble.kmc.rates.bonds import PATH_PAIRS, bond_tables

SLOWED = (
    GROWS
    + """\
depth_nm = 16.0
metal_to_nm = 6.0
until_front_nm = 9.8
graded = "auto"
surface_slowing = "auto"
growth_error = 0.1
records = 20
frames = 0
"""
)


@pytest.fixture(scope="module", autouse=True)
def short_stretches():
    """So that a short run has some."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slowing, "SLOW_LOOKS", 4)
        yield


@pytest.fixture(scope="module")
def grown(short_stretches):
    run = prepare(parse_case(SLOWED))
    run.run()
    return run


def test_only_hops_on_bare_surfaces_are_slower_and_by_one_factor(grown):
    growth = grown.growth
    plain, slow = (bond_tables(growth.sites, growth.model, growth.mobilities, 0.1, s) for s in (1.0, 4.0))
    among = np.isin(plain.path, [PATH_PAIRS.index((path,) * 2) for path in ("metal surface", "surface")])
    rates, others = slow.rate[0] * slow.quantum, plain.rate[0] * plain.quantum
    many = others > 1e5 * max(slow.quantum, plain.quantum)  # rounded to whole numbers
    assert (among & many).sum() > 1000 and (~among & many).sum() > 1000
    np.testing.assert_allclose(rates[among & many] * 4, others[among & many], rtol=1e-4)
    np.testing.assert_allclose(rates[~among & many], others[~among & many], rtol=1e-4)
    np.testing.assert_allclose(slow.unary * slow.quantum, plain.unary * plain.quantum, rtol=1e-4)


def test_stretches_with_and_without_follow_each_other(grown):
    said = as_dict(grown)["slowing"]
    assert 1 < said["factor"] <= 16 and said["compared"] >= 3 and said["growth_error"] == 0.1
    assert said["speed_lower_by_stderr"] > 0
    assert "stretches with it and as many without" in as_dict(grown)["accelerated"]
    np.testing.assert_array_equal(
        np.array(grown.series.atoms) - grown.series.atoms[0], grown.series.inserted_minus_removed
    )


def test_a_run_that_is_cut_goes_on_bit_for_bit(grown):
    def kept(run):
        arrays, plain = run.state()
        return {name: np.array(value).tolist() for name, value in arrays.items()}, {**plain, "seconds": 0.0}

    cut = prepare(parse_case(SLOWED))
    cut.run(lambda: cut.growth.kernel.n_event >= 0.6 * grown.growth.kernel.n_event)
    other = prepare(parse_case(SLOWED))
    arrays, plain = cut.state()
    other.restore({name: np.array(value) for name, value in arrays.items()}, json.loads(json.dumps(plain)))
    other.run()
    assert kept(other) == kept(grown)


class Kernel:
    """A channel that is as full as asked for."""

    def __init__(self, rng):
        self.rng, self.mean = rng, 0.5

    def codes_of(self, sites):
        return (self.rng.random(len(sites), dtype=np.float32) < self.mean).astype(np.uint16)


class Tip:
    """A tip whose potential rises with the factor as if c were `c_A`."""

    direction, time = 1, 0.0

    def __init__(self, rng, c_A, void_nm=0.0):
        self.kernel, self.c_A, self.void_nm = Kernel(rng), c_A, void_nm

    def ends_nm(self):
        return self.void_nm, 10.0


def expected():
    """A slowing that expects c = 1.4 Å."""
    return slowing.Slowing(
        error=0.02,
        fixed=None,
        first_c_A=1.4,
        drive=0.48,
        occupancy=0.5,
        settling_s=0.0,
        channel=np.arange(4000),
        z=np.linspace(90.0, 100.0, 4000),
    )


@pytest.mark.parametrize("void_nm", [0.0, 1.0])
def test_nothing_is_slowed_while_a_void_parts_metal_and_root(void_nm):
    its, tip = expected(), Tip(np.random.default_rng(1), 1.4, void_nm)
    factors = {its.look(tip, 100.0) for _ in range(5 * (slowing.PLAIN_LOOKS + slowing.SLOW_LOOKS))}
    assert (max(factors) > 1) == (not void_nm)


@pytest.mark.parametrize("times", [0.3, 1.0, 2.0])
def test_the_factor_follows_the_measured_potential(times):
    """A resistance unlike the expected one is found, and the factor keeps the error at the wanted one."""
    its = expected()
    tip, length_A = Tip(np.random.default_rng(1), 1.4 * times), 100.0
    errors = []
    while its.pairs < 600:
        tip.kernel.mean = 0.5 + 0.48 * (its.now - 1) * tip.c_A / length_A
        before = its.pairs
        its.look(tip, length_A)
        if its.pairs > before:
            errors.append((its.factor - 1) * tip.c_A / length_A)
    c, error = its.c_A()
    assert error < 0.1 * 1.4 and abs(c - tip.c_A) < 4 * error
    assert its.factor == pytest.approx(1 + 0.02 * length_A / (c + error), rel=0.2)
    mean, stderr = its.measured()
    assert stderr < 0.002 and abs(mean - np.mean(errors)) < 4 * stderr


def test_nothing_is_slowed_while_metal_is_stripped():
    text = SLOWED.replace("9.8", "6.6") + "until_left_nm = 5.6\ncycles = 1\n"
    run = prepare(parse_case(text))
    seen = []
    run.run(lambda: bool(seen.append((run.growth.direction, run.growth.slowed))))
    assert run.reason == "the cycle is done"
    assert max(factor for way, factor in seen if way > 0) > 1
    assert {factor for way, factor in seen[-20:] if way < 0} == {1.0}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("current_pA = 10.0\n", "growth.surface_slowing: must be 1 with a drive that changes"),
        ("slip_1_s = 1e4\n", "growth.surface_slowing: must be 1 with slip"),
        ("obstacle_fraction = 0.2\n", "growth.surface_slowing: must be 1 with free space or obstacles"),
    ],
)
def test_what_slower_hops_do_not_go_with_is_refused(keys, said):
    with pytest.raises(CaseError) as error:
        parse_case(SLOWED.replace('graded = "auto"\n', "") + keys)
    assert said in str(error.value)


@pytest.mark.parametrize("value", ['"some"', "0.5", "40", "true"])
def test_a_factor_is_auto_or_from_1_to_16(value):
    with pytest.raises(CaseError, match="growth.surface_slowing"):
        parse_case(SLOWED.replace('surface_slowing = "auto"', f"surface_slowing = {value}"))
