"""A contact in series with the root: U of the cell is U of the root, I R / A, and what charge transfer takes."""

from math import pi, sinh

import numpy as np
import pytest
from cases import GROWS

from coble import CaseError, parse_case
from coble.kinds.growth.setup import prepare
from coble.kmc.constants import ELEMENTARY_CHARGE_C
from coble.kmc.growth.contact import Contact
from coble.kmc.growth.current import Feed

CURRENT_A = 70e-12
AREA_CM2 = pi * (2.5e-7 / 2 + 1e-7) ** 2  # bore and wall
OHM_CM2 = 0.02 * AREA_CM2 / CURRENT_A  # 20 mV


def run_of(more):
    run = prepare(parse_case(f"{GROWS}depth_nm = 8.0\nrecords = 30\nframes = 0\ncurrent_pA = 70.0\n{more}\n"))
    run.run()
    return run


@pytest.fixture(scope="module")
def bare():
    return run_of("until_front_nm = 2.6")


def test_the_cell_s_potential_is_the_root_s_and_current_times_resistance_over_area(bare):
    run = run_of(f"until_front_nm = 2.6\ncontact_ohm_cm2 = {OHM_CM2!r}")
    np.testing.assert_array_equal(run.growth.kernel.codes, bare.growth.kernel.codes, "a contact stores nothing")
    more = np.array(run.series.overpotential_V) - bare.series.overpotential_V
    atoms, time = (np.diff(values) for values in (run.series.inserted_minus_removed, run.series.time_s))
    accepted = atoms * ELEMENTARY_CHARGE_C / time
    np.testing.assert_allclose(more[1:], accepted * OHM_CM2 / AREA_CM2, rtol=1e-9)
    whole_A = atoms.sum() * ELEMENTARY_CHARGE_C / time.sum()
    assert whole_A == pytest.approx(CURRENT_A, abs=ELEMENTARY_CHARGE_C / time.sum())
    assert np.average(more[1:], weights=time) == pytest.approx(0.02 * whole_A / CURRENT_A, rel=1e-9)


def test_a_voltage_limit_is_that_of_the_cell(bare):
    """A contact that takes 0.6 V ends a run whose root is far from it."""
    assert max(bare.series.overpotential_V) < 0.3
    run = run_of(f"until_front_nm = 5.0\nuntil_V = 0.5\ncontact_ohm_cm2 = {30 * OHM_CM2!r}")
    assert run.reason == "overpotential reached until_V = 0.5 V"


def test_a_contact_adds_to_the_root_of_either_sign():
    feed = Feed(np.arange(4), np.ones(4), 1, Contact(ohm=2e9))
    feed.done.looks = 100
    for current_A in (-1e-11, 0.0, 1e-11):
        assert feed.potential_V(0.025, 2.0, current_A) == pytest.approx(2e9 * current_A, abs=1e-12)


def test_charge_transfer_takes_what_butler_and_volmer_say():
    """I = I₀ [exp(e η / 2 k_BT) - exp(-e η / 2 k_BT)], solved for η; a resistance k_BT / e I₀ at small currents."""
    kT, exchange = 0.025852, 3e-12
    contact = Contact(ohm=1e9, exchange_A=exchange)
    for current_A in (-4e-10, -2e-12, 0.0, 1e-13, 5e-12, 4e-10):
        eta = contact.drop_V(kT, current_A) - 1e9 * current_A
        assert exchange * (np.exp(eta / 2 / kT) - np.exp(-eta / 2 / kT)) == pytest.approx(current_A, rel=1e-9)
    assert Contact(exchange_A=exchange).drop_V(kT, 1e-16) == pytest.approx(kT * 1e-16 / exchange, rel=1e-6)
    # Tafel: a decade of current takes 2 ln 10 k_BT / e.
    decade = contact.drop_V(kT, 1e-6) - contact.drop_V(kT, 1e-7) - 1e9 * 9e-7
    assert decade == pytest.approx(2 * np.log(10) * kT, rel=1e-6)


def test_a_run_has_the_overpotential_of_its_charge_transfer(bare):
    """As much as the current's 70 pA and the exchange current of bore and wall demand; the trajectory stays."""
    i0_mA_cm2 = 1e3 * CURRENT_A / AREA_CM2 / (2 * sinh(0.5))  # η = k_BT / e
    run = run_of(f"until_front_nm = 2.6\nexchange_mA_cm2 = {i0_mA_cm2!r}")
    np.testing.assert_array_equal(run.growth.kernel.codes, bare.growth.kernel.codes)
    more, time = np.array(run.series.overpotential_V) - bare.series.overpotential_V, np.diff(run.series.time_s)
    accepted = np.diff(run.series.inserted_minus_removed) * ELEMENTARY_CHARGE_C / time
    kT = run.growth.model.kT_eV
    wanted = 2 * kT * np.arcsinh(accepted * 1e3 / AREA_CM2 / (2 * i0_mA_cm2))
    np.testing.assert_allclose(more[1:], wanted, rtol=1e-9)
    assert np.average(more[1:], weights=time) == pytest.approx(kT, rel=0.03)


def test_a_contact_needs_a_current():
    with pytest.raises(CaseError, match=r"growth\.contact_ohm_cm2: belongs to a constant current"):
        parse_case(f"{GROWS}contact_ohm_cm2 = 0.1\n")
    with pytest.raises(CaseError, match=r"growth\.exchange_mA_cm2: belongs to a constant current"):
        parse_case(f"{GROWS}exchange_mA_cm2 = 0.1\n")
    with pytest.raises(CaseError, match=r"growth\.contact_ohm_cm2: must be 0 or between"):
        parse_case(f"{GROWS}contact_ohm_cm2 = -0.1\ncurrent_pA = 1.0\n")
