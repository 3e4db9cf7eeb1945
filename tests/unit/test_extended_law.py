"""Terms of the growth law: the tip's potential, storage of the channel, a wall that fills."""

from math import erf, exp, pi, sqrt

import numpy as np
import pytest
from cases import GROWS
from scipy.integrate import solve_ivp

from coble import parse_case
from coble.kinds.growth import law_terms
from coble.kinds.growth.law_terms import extended_law, terms_of, tip_potential_kT
from coble.kinds.growth.setup import prepare
from coble.kmc.growth.extended_law import Terms, front_factor
from coble.kmc.growth.law import response


@pytest.mark.parametrize("number", [0.0, 1e-5, 2e-4, 0.05, 0.4, 2.0])
def test_a_front_that_is_fed_through_what_it_stores(number):
    """Against its differential equation in s = z / L: u'' + 2 λ² s u' = 0, u(1) = 0, u'(1) = -2 λ² / St, u(0) = 1."""
    factor = front_factor(number)
    rate = factor * number  # 2 λ²

    def slopes(s, state):
        return [state[1], -rate * s * state[1]]

    # From the tip back to the root: the gradient at the tip feeds it; at the root it must have risen to 1.
    found = solve_ivp(slopes, (1.0, 0.0), [0.0, -factor], rtol=1e-10, atol=1e-12)
    assert found.y[0, -1] == pytest.approx(1.0, abs=1e-7)


def test_a_little_storage_costs_a_third_of_itself():
    assert front_factor(0.02) == pytest.approx(1 - 0.02 / 3, abs=1e-4)
    lam = sqrt(front_factor(0.3) * 0.3 / 2)
    assert sqrt(pi) * lam * exp(lam**2) * erf(lam) == pytest.approx(0.3)
    with pytest.raises(ValueError, match="number must be at least 0"):
        front_factor(-0.1)


def test_without_terms_the_law_is_the_law():
    assert Terms(0.5, 1.9).factor == 1.0
    assert Terms(0.3, 0.2, wall=2.0).factor == 1.0, "a wall that is full takes nothing"


@pytest.mark.parametrize("x", [0.2, 0.5, 0.9])
def test_the_tip_s_potential_leaves_the_rest_of_the_gradient(x):
    drive, tip = 1.9, 0.3
    rho = lambda u: x / (x + (1 - x) * np.exp(-u))  # noqa: E731
    terms = Terms(x, drive, tip)
    assert terms.gradient == pytest.approx((rho(drive) - rho(tip)) / (rho(drive) - x), rel=1e-12)
    assert response(x, drive) * terms.gradient == pytest.approx((rho(drive) - rho(tip)) / (x * (1 - x)), rel=1e-12)
    assert Terms(x, drive, drive).factor == pytest.approx(0.0, abs=1e-12)


def test_a_wall_that_fills_takes_its_atoms():
    """An empty wall of as many atoms as the metal halves the speed; one that is half full takes half as many."""
    assert Terms(0.5, 1.0, wall=1.0, ahead_lithiation=0.0).factor == pytest.approx(0.5)
    assert Terms(0.5, 1.0, wall=1.0, ahead_lithiation=0.5).factor == pytest.approx(1 / 1.5)
    beyond = Terms(0.5, 1.0, wall=1.0, ahead_lithiation=0.0, root_lithiation=1.1)
    assert beyond.factor == pytest.approx(front_factor(0.1 / 2) / 2)


def test_the_channel_stores_up_to_its_root():
    """At 50 mV, x = ½ and 0.4 channel sites a metal site, as for W = 4 nm, about 5 % less: docs/growth.md."""
    terms = Terms(0.5, 1.934, channel=0.4)
    rho = 1 / (1 + exp(-1.934))
    assert terms.storage == pytest.approx(front_factor(0.4 * (rho - 0.5)), rel=1e-12)
    assert 0.93 < terms.storage < 0.96
    tip = Terms(0.5, 1.934, tip=0.1, channel=0.4)
    assert tip.taken == pytest.approx(1 + 0.4 * (1 / (1 + exp(-0.1)) - 0.5))
    assert tip.factor == pytest.approx(tip.gradient * tip.storage)


def test_the_tip_s_potential_is_read_from_the_channel():
    """A channel whose occupancy falls in a parabola from 0.85 at the root to 0.6 at the tip, 10 to 14 nm away."""
    front = np.linspace(10.0, 14.0, 5)
    part = (np.arange(20) + 0.5) / front[:, None]
    channel = np.where(part < 1, 0.85 - 0.2 * part - 0.05 * part**2, 0.5)
    assert tip_potential_kT(front, channel, 0.5) == pytest.approx(np.log(0.6 / 0.4), abs=1e-9)
    assert tip_potential_kT(front, channel, 0.6) == pytest.approx(0.0, abs=1e-9)
    assert tip_potential_kT(np.array([2.0]), channel[:1], 0.5) is None


def test_a_result_has_the_law_with_its_terms():
    run = prepare(parse_case(f"{GROWS}depth_nm = 12.0\nuntil_front_nm = 5.0\nrecords = 40\nframes = 0\n"))
    run.run()
    found, b, kT = extended_law(run), run.law["b_nm2_s"], run.growth.model.kT_eV
    terms = terms_of(run.growth, found["tip_V"] / kT)
    assert 0.2 < terms.channel < 1.2 and terms.wall == 0 and terms.drive == pytest.approx(0.1 / kT)
    assert found["b_stored_nm2_s"] == pytest.approx(b * terms_of(run.growth).storage) and found["b_stored_nm2_s"] < b
    assert found["b_extended_nm2_s"] == pytest.approx(b * terms.factor, rel=1e-12)
    with pytest.MonkeyPatch.context() as patch:  # a wall that the metal does not wet, and too little drive for it
        patch.setattr(law_terms, "tip_potential_kT", lambda *_: terms.drive + 0.1)
        beyond = extended_law(run)
    assert beyond["tip_V"] == pytest.approx(0.1 + 0.1 * kT) and beyond["b_extended_nm2_s"] is None
    assert beyond["b_stored_nm2_s"] == found["b_stored_nm2_s"]
    strips = f"{GROWS}overpotential_V = -0.1\nmetal_to_nm = 3.0\ntime_s = 1e-9\nrecords = 10\nframes = 0\n"
    assert extended_law(prepare(parse_case(strips))) == {}
