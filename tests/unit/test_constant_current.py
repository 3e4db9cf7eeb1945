"""Constant current: the root's potential against its closed form, shares of regions, counts to the last atom."""

import json
from dataclasses import replace
from math import atanh, log

import numpy as np
import pytest
from cases import GROWS
from tubes import MODEL, A, tube

from coble import CaseError, parse_case
from coble.kinds.growth.figures import plot_voltage
from coble.kinds.growth.result import as_dict
from coble.kinds.growth.setup import prepare
from coble.kinds.growth.state.steps import _steady
from coble.kmc.constants import ELEMENTARY_CHARGE_C
from coble.kmc.growth.current import Feed, limiting_j, root_occupancy, root_potential_kT
from coble.kmc.growth.growth import Growth
from coble.lattices import Region


def test_potential_of_a_half_full_channel_is_an_artanh():
    for j in (-1.9, -0.3, 0.0, 0.7, 1.99):
        assert root_potential_kT(j, 0.5) == pytest.approx(2 * atanh(j / 2), abs=1e-12)
        assert root_occupancy(j, 0.5) == pytest.approx(0.5 + j / 4)


@pytest.mark.parametrize("x", [0.2, 0.5, 0.9])
def test_potential_goes_with_the_occupancy_up_to_the_limits(x):
    for j in np.linspace(limiting_j(x, plates=False), limiting_j(x), 9)[1:-1]:
        rho = root_occupancy(j, x)
        assert root_potential_kT(j, x) == pytest.approx(log(rho * (1 - x) / ((1 - rho) * x)), abs=1e-12)
    assert root_occupancy(limiting_j(x), x) == pytest.approx(1.0)
    assert root_occupancy(limiting_j(x, plates=False), x) == pytest.approx(0.0)
    assert root_potential_kT(limiting_j(x) + 0.1, x) == np.inf
    assert root_potential_kT(limiting_j(x, plates=False) - 0.1, x) == -np.inf


def one_way(length_A, seed, x=0.5):
    """A bare channel without metal, its far end at coexistence, its root fed.

    Returns
    -------
    growth : Growth
    g : float
        Linear conductance dJ/d(eU/k_BT) between the root, at one potential, and the far reservoir [1/s].
    """
    found = tube(15.0, length_A, replace(MODEL, channel_occupancy=x))
    graph = found.graph
    channel = graph.region == Region.INTERFACE
    height = np.unique(graph.height[channel])
    root, far = (channel & (graph.height == end) for end in height[[0, -1]])
    feed = Feed(np.flatnonzero(root), np.full(root.sum(), x / (1 - x)), seed)
    occupied = channel & (np.random.default_rng(seed).random(graph.n_site) < x)
    rates = replace(found.mobilities, bulk=0.0, metal_surface=0.0)
    growth = Growth(graph, A, found.model, rates, far, occupied, np.random.SFC64(seed), overpotential_V=0.0, feed=feed)
    return growth, conductance(graph.subgraph(channel), root[channel], far[channel], rates.surface, x)


def conductance(graph, root, far, bond, x):
    """Of a channel of equal bonds [1/s], from its root to a reservoir one bond off its far end."""
    matrix = np.zeros((graph.n_site, graph.n_site))
    for a, b in zip(graph.sources(), graph.target, strict=True):
        matrix[a, [a, b]] += [bond, -bond]
    matrix[far, far] += bond
    inner = ~root
    to_root = matrix[np.ix_(inner, root)].sum(axis=1)
    inside = np.linalg.solve(matrix[np.ix_(inner, inner)], -to_root)
    return float(matrix[np.ix_(root, root)].sum() + to_root @ inside)


@pytest.mark.parametrize(("x", "j"), [(0.5, 1.0), (0.5, -1.0), (0.5, 1.7), (0.3, 1.5)])
def test_the_root_s_potential_is_that_of_the_channel(x, j):
    """A fed root has the mean occupancy of the exclusion process, which is linear in the current."""
    growth, g = one_way(40.0, 1, x)
    feed = growth.feed
    feed.start(0.0, j * g, 0.0)
    growth.run(100 / g)
    rho, accepted, began = [], feed.done.accepted, growth.time
    for k in range(20):
        before = (feed.done.looks, feed.done.full_sum)
        growth.run(100 * (k + 2) / g)
        rho.append((feed.done.full_sum - before[1]) / (feed.done.looks - before[0]) / len(feed.sites))
    # A root of a few sites is full by chance now and then, and refuses: what it accepted is the current.
    carried = (feed.done.accepted - accepted) / (growth.time - began) / g
    assert 0.7 * abs(j) < abs(carried) <= abs(j) + 0.01
    error = np.std(rho, ddof=1) / np.sqrt(len(rho))
    assert error < 0.025
    assert abs(np.mean(rho) - root_occupancy(carried, x)) < 4 * error
    assert feed.potential_kT(np.mean(rho) * len(feed.sites)) == pytest.approx(
        root_potential_kT(carried, x), abs=4 * error / (np.mean(rho) * (1 - np.mean(rho)))
    )


def test_beyond_the_limit_the_root_refuses_and_every_atom_is_counted():
    growth, g = one_way(40.0, 2)
    before = growth.n_atom
    growth.feed.start(0.0, 20.0 * g, 0.0)
    growth.run(200 / g)
    first, start = growth.feed.done.accepted, growth.time
    growth.run(1500 / g)
    done = growth.feed.done
    assert done.refused > 100
    assert growth.n_atom - before == growth.inserted_minus_removed
    accepted = (done.accepted - first) / (growth.time - start)
    assert accepted == pytest.approx(limiting_j(0.5) * g, rel=0.03)
    assert (done.accepted + done.refused) == pytest.approx(20.0 * g * growth.time, abs=1.5)


def test_at_rest_nothing_comes_or_goes():
    growth, _ = one_way(40.0, 3)
    growth.set_overpotential(None)
    growth.feed.start(0.0, 0.0, 1e-9)
    before = growth.n_atom
    growth.run(1e-7)
    assert growth.n_atom == before and growth.inserted_minus_removed == 0
    assert growth.feed.done.looks >= 99 and growth.feed.done.accepted == 0


def test_two_regions_at_a_root_share_one_potential():
    """Atoms of a full share go by weights of their sites: against all ways of placing them."""
    x = np.array([0.5] * 3 + [0.9] * 2)
    feed = Feed(np.arange(5), x / (1 - x), 1)
    odds = {k: 0.0 for k in range(4)}
    for ways in range(32):
        full = np.array([ways >> i & 1 for i in range(5)], dtype=bool)
        if full.sum() == 3:
            odds[int(full[:3].sum())] += float(np.prod(np.where(full, x, 1 - x)))
    total, n = sum(odds.values()), 4000
    shares = np.array([feed._shared(3) for _ in range(n)])
    assert (shares.sum(axis=1) == 3).all()
    for k, weight in odds.items():
        wanted = weight / total
        assert abs((shares[:, 0] == k).mean() - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / n) + 1e-12
    assert feed.potential_kT(x.sum()) == pytest.approx(0.0, abs=1e-9)


def test_a_feed_goes_on_from_its_state():
    feed, other = (Feed(np.arange(8), np.ones(8), 7) for _ in range(2))
    feed.start(0.0, 2.0, 0.0)
    full = np.zeros(8, dtype=bool)
    for _ in range(7):
        full = feed.act(full)
    other.restore(feed.state)
    mine, its = full, full
    for _ in range(5):
        assert feed.next_s == other.next_s
        mine, its = feed.act(mine), other.act(its)
        np.testing.assert_array_equal(mine, its)


CURRENT = (
    GROWS
    + """\
depth_nm = 8.0
metal_to_nm = 2.0
records = 30
frames = 3
"""
)
STEPS = """
[[growth.step]]
current_pA = 80.0
until_front_nm = 2.8
[[growth.step]]
overpotential_V = 0.02
time_s = 4e-8
[[growth.step]]
rest = true
time_s = 3e-8
[[growth.step]]
current_pA = -80.0
charge_fC = 0.01
"""

STEPPED = CURRENT + STEPS


def stopped_after(text, events):
    """A run to its end, or cut after so many events."""
    run = prepare(parse_case(text))
    run.run(lambda: run.growth.kernel.n_event >= events)
    return run


def kept(run):
    """The state of a run as a checkpoint keeps it, its working time left out."""
    arrays, plain = run.state()
    return {name: np.array(array).tolist() for name, array in arrays.items()}, {**plain, "seconds": 0.0}


@pytest.fixture(scope="module")
def stepped():
    return stopped_after(STEPPED, np.inf)


def test_charge_is_atoms_to_the_last(stepped):
    content = as_dict(stepped)
    series = content["series"]
    gained = np.array(series["atoms"]) - series["atoms"][0]
    np.testing.assert_array_equal(gained, series["inserted_minus_removed"])
    np.testing.assert_allclose(series["charge_fC"], gained * ELEMENTARY_CHARGE_C * 1e15, rtol=1e-15)
    assert content["reason"] == "charge reached charge_fC = 0.01 fC"
    assert content["limiting_current_pA"] is None and content["fit"]["b_nm2_s"] is None
    assert set(series["wall_lithiation"]) == {None}


def test_steps_follow_each_other(stepped):
    series = stepped.series
    volts, atoms = np.array(series.overpotential_V), np.array(series.inserted_minus_removed)
    assert max(series.front_nm) >= 2.8
    assert 0.02 in volts and volts[-1] < 0
    assert atoms.max() - atoms[-1] >= round(0.01e-15 / ELEMENTARY_CHARGE_C)


def test_a_run_of_steps_that_is_cut_goes_on_bit_for_bit(stepped):
    for part in (0.2, 0.6, 0.9):
        cut = stopped_after(STEPPED, part * stepped.growth.kernel.n_event)
        other = prepare(parse_case(STEPPED))
        arrays, plain = cut.state()
        other.restore({name: np.array(value) for name, value in arrays.items()}, json.loads(json.dumps(plain)))
        other.run()
        assert kept(other) == kept(stepped)


def test_the_current_is_what_was_asked_for():
    run = stopped_after(CURRENT + "current_pA = 70.0\nuntil_front_nm = 2.6\n", np.inf)
    seconds = run.series.time_s[-1]
    assert run.reason == "tip reached until_front_nm = 2.6 nm"
    assert run.series.inserted_minus_removed[-1] == pytest.approx(70e-12 * seconds / ELEMENTARY_CHARGE_C, abs=1)


def test_a_packing_has_currents_and_charges_per_area():
    shape = 'shape = "square-array"\n[[wall]]'
    text = CURRENT.replace("[[wall]]", shape).replace("8.0", "5.0") + "current_mA_cm2 = 6e5\nuntil_front_nm = 2.3\n"
    run = stopped_after(text, np.inf)
    area_cm2 = (3.5e-7) ** 2  # a tubule of 2.5 nm with walls of 1 nm, half of each its own
    series = as_dict(run)["series"]
    current_A = series["inserted_minus_removed"][-1] * ELEMENTARY_CHARGE_C / series["time_s"][-1]
    assert current_A / area_cm2 == pytest.approx(600.0, rel=2 / series["inserted_minus_removed"][-1])
    per_area = np.array(series["charge_fC"]) * 1e-15 / 3.6 / area_cm2
    np.testing.assert_allclose(series["charge_mAh_cm2"], per_area, rtol=1e-3)
    assert plot_voltage(as_dict(run)).get_xlabel() == "charge given by the electrolyte [mAh/cm²]"


def test_cycles_turn_the_current():
    run = stopped_after(CURRENT + "current_pA = 90.0\nuntil_front_nm = 2.6\nuntil_left_nm = 1.2\ncycles = 2\n", np.inf)
    assert run.reason == "all 2 cycles done" and run.half_cycles == 4
    gained = np.array(run.series.atoms) - run.series.atoms[0]
    np.testing.assert_array_equal(gained, run.series.inserted_minus_removed)
    assert min(run.series.overpotential_V) < 0 < max(run.series.overpotential_V)


def test_a_channel_that_is_too_long_stops_at_its_limiting_current():
    run = stopped_after(CURRENT + "current_pA = 300.0\nuntil_front_nm = 7.0\n", np.inf)
    assert run.reason.startswith("limiting current: ")
    assert 0 < as_dict(run)["limiting_current_pA"] < 0.81 * 300.0
    assert run.growth.n_atom - run.series.atoms[0] == run.growth.inserted_minus_removed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("current_pA = 50.0\noverpotential_V = 0.1\n", "growth.overpotential_V: must not be given beside current_pA"),
        ("current_pA = 0.0\n", "growth.current_pA: must be > 0"),
        ("current_mA_cm2 = 1.0\n", "growth.current_mA_cm2: needs a packing"),
        ("until_V = 0.1\n", "growth.until_V: belongs to current_pA"),
        ("current_pA = 50.0\nslip_1_s = 1e3\n", "growth.slip_1_s: must be left out with current_pA"),
        ("current_pA = -50.0\nmetal_to_nm = 0\n", "growth.metal_to_nm: must be > 0 nm unless"),
        ("[[growth.step]]\ncurrent_pA = 50.0\n", "growth.step[1].time_s: a step must have one end"),
        ("[[growth.step]]\ntime_s = 1e-6\n", "growth.step[1].current_pA: a step must have one of"),
        (
            "[[growth.step]]\ncurrent_pA = 9.0\nuntil_front_nm = 3.0\n[[growth.step]]\nrest = true\ntime_s = 1e-8\n"
            "[[growth.step]]\ncurrent_pA = 9.0\nuntil_front_nm = 2.5\n",
            "growth.step[3].until_front_nm: must be beyond the tip, which is at 3 nm then, got 2.5",
        ),
        ("[[growth.step]]\nrest = true\nuntil_V = 0.1\n", "growth.step[1].until_V: a rest must end by time_s"),
        ("[[growth.step]]\ncurrent_pA = 5.0\nuntil_V = -0.1\n", "growth.step[1].until_V: must be > 0 V"),
        ("current_pA = 5.0\nuntil_V = -0.1\n", "growth.until_V: must be > 0 V"),
        ("current_pA = -5.0\nuntil_V = 0.1\n", "growth.until_V: must be < 0 V"),
        ("[[growth.step]]\ncurrent_pA = -5.0\nuntil_front_nm = 3.0\n", "growth.step[1].until_front_nm: is an end of"),
        (
            "[[growth.step]]\ncurrent_pA = 5.0\nuntil_front_nm = 200.0\n",
            "growth.step[1].until_front_nm: must be at most",
        ),
        ("[[growth.step]]\ncurrent_pA = 'a'\ntime_s = 1e-6\n", "growth.step[1].current_pA: must be a number"),
        ("[[growth.step]]\nrest = false\ntime_s = 1e-6\n", "growth.step[1].rest: must be true"),
        ("[[growth.step]]\ncurrent_pa = 5.0\ntime_s = 1e-6\n", "growth.step[1].current_pa: unknown key"),
        ("current_pA = 5.0\n[[growth.step]]\nrest = true\ntime_s = 1e-6\n", "growth.step: must not be given beside"),
    ],
)
def test_bad_input_is_told_with_its_place(text, said):
    head = GROWS + ("" if "metal_to_nm" in text else "metal_to_nm = 2.0\n")
    with pytest.raises(CaseError) as error:
        parse_case(head + text)
    assert said in str(error.value)


def test_a_limit_is_said_of_a_channel_that_falls_evenly():
    z = np.arange(8) + 0.5
    even, full = 1 - 0.5 * z / 8, np.where(z < 2, 0.9, 0.5)
    assert _steady(even, 8.0, True) and not _steady(full, 8.0, True)
    assert _steady(0.5 * z / 8, 8.0, False) and not _steady(np.where(z < 1, 0.1, 0.5), 8.0, False)
    assert not _steady(even, 1.5, True)
