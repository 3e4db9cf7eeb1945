"""Numbers of growing metal, by hand: ways of paths, currents, speeds and B, and what a slip does to the clock."""

from types import SimpleNamespace

import numpy as np
import pytest
from cases import GROWS

from kmc.bonds import PATH_PAIRS, PATHS
from kmc.growth import Growth
from runs import parse_case
from runs.plating import FIT_BLOCKS, Series, speed_and_b
from runs.plating_setup import prepare

ELEMENTARY_CHARGE_C = 1.602176634e-19
SLIPS = GROWS + 'depth_nm = 6.0\nmetal_to_nm = 2.0\nuntil_front_nm = 5.9\nslip_1_s = 1e7\nwithout = ["interface"]\n'


def test_a_hop_between_two_paths_gives_each_one_half():
    hops = np.zeros((len(PATH_PAIRS), 3), dtype=np.int64)
    hops[PATH_PAIRS.index(("bulk", "interface"))] = [1, 9, 4]
    hops[PATH_PAIRS.index(("interface", "wall"))] = [2, 0, 0]
    hops[PATH_PAIRS.index(("wall", "wall"))] = [0, 0, 5]
    stands_for = SimpleNamespace(
        kernel=SimpleNamespace(hops=hops), graph=SimpleNamespace(steps_A=np.array([-2.0, 0.0, 2.0]))
    )
    expected = {"bulk": 3.0, "interface": 3.0 - 2.0, "wall": 10.0 - 2.0}
    assert Growth.displacements(stands_for) == dict.fromkeys(PATHS, 0.0) | expected


def test_currents_are_ways_between_records_over_the_part_that_atoms_cross():
    """A record holds what happened since the one before, over the tip (plating) or the void (stripping) of its time."""
    series = Series(
        time_s=[0.0, 1.0, 3.0, 4.0],
        front_nm=[2.0, 4.0, 5.0, 8.0],
        void_nm=[0.5, 1.0, 1.5, 2.0],
        overpotential_V=[0.1, 0.1, 0.1, -0.1],
    )
    series.way_A = {"wall": [0.0, 80.0, 280.0, 300.0]}
    found = series.current_A()
    atoms_s = [0.0, 80 / 40 / 1, 200 / 50 / 2, 20 / 20 / 1]
    np.testing.assert_allclose(found["wall"], np.array(atoms_s) * ELEMENTARY_CHARGE_C, rtol=1e-12)
    series.way_A = {"bulk": [0.0, 1.0, 1.0, 1.0]}  # the tip at the root: over 1 nm
    series.front_nm[1] = 0.0
    np.testing.assert_allclose(series.current_A()["bulk"], np.array([0, 0.1, 0, 0]) * ELEMENTARY_CHARGE_C)


def test_speed_and_b_of_the_law_itself():
    """L² = L₀² + 2 B t with B = 7 nm²/s and L₀ = 2 nm, from 2 to 12 nm in 10 s."""
    time = np.linspace(0.0, 10.0, 5 * FIT_BLOCKS + 1)
    length = np.sqrt(4.0 + 2 * 7.0 * time)
    speed, b = speed_and_b(time, length)
    assert speed.value == pytest.approx(1.0)
    assert b.value == pytest.approx(7.0) and b.stderr < 1e-9
    assert speed_and_b(time[:FIT_BLOCKS], length[:FIT_BLOCKS]) == (None, None)
    assert speed_and_b(time[: FIT_BLOCKS + 1], length[: FIT_BLOCKS + 1])[1].value == pytest.approx(7.0)


def test_a_wait_that_was_drawn_before_a_slip_is_void():
    run = prepare(parse_case(SLIPS))
    growth = run.growth
    growth.kernel.advance(until=1e-9)
    assert growth.kernel.state()["numbers"][0] == 1, "a wait is pending"
    before = growth.n_atom
    growth._slip()
    assert growth.slip.n_slip == 1 and growth.n_atom > before
    assert growth.kernel.state()["numbers"][0] == 0
