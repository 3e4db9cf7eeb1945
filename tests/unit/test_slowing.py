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
depth_nm = 20.0
metal_to_nm = 6.0
until_front_nm = 13.0
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
        patch.setattr(slowing, "SLOWED_LONGER", 1)
        yield


@pytest.fixture(scope="module")
def grown(short_stretches):
    run = prepare(parse_case(SLOWED))
    run.run()
    return run


def test_only_hops_on_bare_surfaces_are_slower_and_by_one_factor(grown):
    growth = grown.growth
    plain, slow = (bond_tables(growth.sites, growth.model, growth.mobilities, 0.1, s) for s in (1.0, 4.0))
    among = plain.path == PATH_PAIRS.index(("metal surface", "metal surface"))
    rates, others = slow.rate[0] * slow.quantum, plain.rate[0] * plain.quantum
    many = others > 1e5 * max(slow.quantum, plain.quantum)  # rounded to whole numbers
    assert (among & many).sum() > 1000 and (~among & many).sum() > 1000
    np.testing.assert_allclose(rates[among & many] * 4, others[among & many], rtol=1e-4)
    np.testing.assert_allclose(rates[~among & many], others[~among & many], rtol=1e-4)
    np.testing.assert_allclose(slow.unary * slow.quantum, plain.unary * plain.quantum, rtol=1e-4)


def test_stretches_with_and_without_follow_each_other(grown):
    said = as_dict(grown)["slowing"]
    assert 1 < said["factor"] <= 16 and said["compared"] >= 5 and said["growth_error"] == 0.1
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


LENGTH_A, SITES, LOOK_S, CONDUCTANCE = 100.0, 4000, 1e-3, 1e7


class Tip:
    """A tip between a channel of length L and metal that takes what comes through a resistance of s c / G.

    A change of s takes `follows` looks to reach the channel, as the one of a real channel does.
    """

    direction, time, current_1_s = 1, 0.0, 0.0

    def __init__(self, rng, c_A, void_nm=0.0, follows=0.0):
        self.kernel, self.rng, self.c_A, self.void_nm, self.follows = self, rng, c_A, void_nm, follows
        self.metal, self.part, self.atoms = np.arange(2), c_A / (LENGTH_A + c_A), 0.0

    def ends_nm(self):
        return self.void_nm, 10.0

    def go_on(self, s):
        """For a look: the tip's occupancy above that of metal, and the atoms that come."""
        steady = s * self.c_A / (LENGTH_A + s * self.c_A)
        before, self.part = self.part, self.part + (steady - self.part) / (1 + self.follows)
        way = 0.48 / (s * self.c_A)  # current over conductance, of a part of 1
        self.near = 0.5 + 0.48 * self.part + slowing.LOOKED_AT_A / 2 * way * self.part
        self.atoms += self.rng.poisson(CONDUCTANCE * way * (before + self.part) / 2 * LOOK_S)
        self.time += LOOK_S

    @property
    def inserted_minus_removed(self):
        return int(self.atoms)

    def codes_of(self, sites):
        if sites is self.metal:
            return np.ones(int(self.atoms), dtype=np.uint16)
        return (self.rng.random(len(sites), dtype=np.float32) < self.near).astype(np.uint16)


def expected(plain_atoms=0.0):
    """A slowing that expects c = 1.4 Å."""
    return slowing.Slowing(
        error=0.02,
        fixed=None,
        first_c_A=1.4,
        conductance=CONDUCTANCE,
        settling_s=0.0,
        plain_atoms=plain_atoms,
        channel=np.arange(SITES),
        z=np.linspace(90.0, 100.0, SITES),
    )


@pytest.mark.parametrize("void_nm", [0.0, 1.0])
def test_nothing_is_slowed_while_a_void_parts_metal_and_root(void_nm):
    its, tip, factors = expected(), Tip(np.random.default_rng(1), 1.4, void_nm), set()
    for _ in range(30 * slowing.PLAIN_LOOKS):
        tip.go_on(its.now)
        factors.add(its.look(tip, LENGTH_A))
    assert (max(factors) > 1) == (not void_nm)


@pytest.mark.parametrize("follows", [0.0, 6.0])
@pytest.mark.parametrize("times", [0.3, 1.0, 2.0])
def test_the_factor_follows_the_measured_resistance(times, follows):
    """A resistance unlike the expected one is found, also where the channel follows later than stretches last."""
    its = expected(plain_atoms=300.0)
    tip, errors = Tip(np.random.default_rng(1), 1.4 * times, follows=follows), []
    while its.pairs < 400:
        tip.go_on(its.now)
        before, factor = its.pairs, its.factor
        its.look(tip, LENGTH_A)
        if its.pairs > before:
            errors.append((factor - 1) * tip.c_A / LENGTH_A)
    found, its_error = its.measured_c_A()
    assert its_error < 0.2 * 1.4 and abs(found - tip.c_A) < 4 * its_error
    c, error = its.c_A()  # nearer to what was expected, as that has its weight
    assert error < 0.2 * 1.4 and abs(c - tip.c_A) < 4 * error
    assert min(found, 1.4) <= c <= max(found, 1.4) and error < its_error
    assert its.wanted(LENGTH_A) == pytest.approx(1 + 0.02 * LENGTH_A / (c + error), rel=0.2)
    mean, stderr = its.measured()
    assert stderr < 0.004 and abs(mean - np.mean(errors)) < 4 * stderr


def test_stretches_last_until_the_face_has_followed():
    """In atoms of metal: those without take at least what the width asks for, those with it five times as many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slowing, "SLOWED_LONGER", 5)
        its, tip, taken, since = expected(plain_atoms=400.0), Tip(np.random.default_rng(1), 1.4), {}, 0
        while its.pairs < 3:
            slow = its.slow
            tip.go_on(its.now)
            its.look(tip, LENGTH_A)
            if its.slow != slow:
                taken.setdefault(slow, []).append(tip.inserted_minus_removed - since)
                since = tip.inserted_minus_removed
    assert 400 <= min(taken[False]) <= max(taken[False]) < 800
    assert 2000 <= min(taken[True]) <= max(taken[True]) < 2400
    assert slowing.plain_nm(10.0) == pytest.approx(8 * slowing.plain_nm(5.0))


def test_nothing_is_slowed_while_metal_is_stripped():
    text = SLOWED.replace("13.0", "6.6") + "until_left_nm = 5.6\ncycles = 1\n"
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
        ("[bonds]\nwetting = 0.95\n", "growth.surface_slowing: must be 1 with wetting > 0.9: metal runs ahead"),
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
