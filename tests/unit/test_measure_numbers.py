"""What block series, waits, scores, probabilities, bonds and quanta are, from numbers made by hand."""

from math import exp, inf, pi, sinh, sqrt
from types import SimpleNamespace

import numpy as np
import pytest
from small_graphs import slanted_ladder

from coble.kmc.devices.cell import Packing, wall_range_nm
from coble.kmc.devices.tubule_matrix import mean_over
from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.likelihood_ratio import control
from coble.kmc.estimates.measure import PathSeries
from coble.kmc.estimates.mechanisms import NONE, Observable
from coble.kmc.estimates.mechanisms import rank_mechanisms as rank
from coble.kmc.estimates.verdict import dominant_path
from coble.kmc.estimates.waiting_times import waiting_times
from coble.kmc.kernel.lowering import PATHS, kernel_tables
from coble.kmc.kernel.observables import path_conductance, sinh_correction
from coble.kmc.rates.calibration import bond_of
from coble.kmc.rates.table import rate_table
from coble.lattices import Region


def test_shares_agree_where_totals_do_not():
    """Half of the current in two replicas of which one conducts twice as much: that is no disagreement of shares."""
    rng = np.random.default_rng(5)
    conductance = []
    for mean in (10.0, 20.0):
        total = mean * (1 + 0.1 * rng.standard_normal(40))
        part = total * (0.5 + 0.02 * rng.standard_normal(40))
        rows = np.zeros((40, len(Region)))
        rows[:, Region.INTERFACE], rows[:, Region.WALL] = part, total - part
        conductance.append(rows)
    series = PathSeries((Region.INTERFACE, Region.WALL), conductance)
    assert series.share(Region.WALL).value == pytest.approx(0.5, abs=0.01)
    assert series.agreement(Region.WALL)[0] > 0.05
    conductance[0][:, Region.WALL] *= 1.3
    assert series.agreement(Region.WALL)[0] < 1e-6


def test_waits_are_compared_with_the_rate_before_them():
    """A clock that goes 1.4 times as far as the rates say."""

    class Clock:
        time = 0.0

        def advance(self, max_events):
            self.time += 1.4 / replica.event_rate
            replica.event_rate = 6.0 / replica.event_rate  # 2 and 3 alternately

    replica = SimpleNamespace(kernel=Clock(), event_rate=2.0)
    found = waiting_times(replica, 100)
    assert found.mean.value == pytest.approx(1.4) and found.number == 100
    assert found.mean_s == pytest.approx(1.4 * (1 / 2 + 1 / 3) / 2)


def test_control_of_four_blocks():
    """Cov(J, S) / <J> with the covariance of a sample: 5 / 3 over 2.5."""
    found = control([1.0, 2.0, 3.0, 4.0], [-1.5, -0.5, 0.5, 1.5])
    assert found.value == pytest.approx(5 / 3 / 2.5)


def test_none_of_these_is_uniform_over_the_whole_range():
    """From -1 to 3: a density of 1/4 against that of a normal distribution of σ = 0.1 at 2.5 σ."""
    observable = Observable("x", "x", -1.0, 3.0, 0.0)
    found = rank([observable], {"one": {"x": Estimate(0.0, 0.0, inf)}}, {"x": Estimate(0.25, 0.1, inf)})
    normal = exp(-(2.5**2) / 2) / (0.1 * sqrt(2 * pi))
    assert found.probability[NONE] == pytest.approx(0.25 / (0.25 + normal))


@pytest.mark.parametrize(("stderr", "said"), [(0.04, "0.99)"), (0.02, "> 0.999)")])
def test_a_probability_is_above_0999_only_where_it_is(stderr, said):
    """0.6 ± 0.04 of 1,000 blocks is more than half with probability 0.9937."""
    shares = {Region.WALL: Estimate(0.6, stderr, 1000), Region.INTERFACE: Estimate(0.4, stderr, 1000)}
    assert f"{said}." in dominant_path("X", shares, {}).sentence


def test_bond_that_a_printed_factor_stands_for():
    """g = factor · D / a², D in Å²/s."""
    assert bond_of(1.25, 4e-8, 3.5) == pytest.approx(1.25 * 4e8 / 3.5**2)


def test_a_spare_carrier_costs_a_bit_where_carriers_fill_a_power_of_two():
    """Sums stay below 2^63 also when the number of atoms is rounded up."""
    graph = slanted_ladder()
    rates = rate_table({Region.BULK: 0.5, Region.INTERFACE: 3.0}, {Region.BULK: 0.5, Region.INTERFACE: 0.5})
    known = kernel_tables(graph, rates, 2).quantum
    assert kernel_tables(graph, rates, 2, spare=1).quantum == 2 * known
    assert kernel_tables(graph, rates, 3, spare=1).quantum == kernel_tables(graph, rates, 3).quantum == 2 * known


def test_linear_response_of_a_net_number_of_hops():
    """Net hops go as sinh(x / 2), x the work of a step: 7 net hops of 3 Å in 2 s, along 10 Å, under ½ kT/Å."""
    np.testing.assert_allclose(sinh_correction([-3.0, 0.0, 3.0], 0.5), [0.75 / sinh(0.75), 1.0, 0.75 / sinh(0.75)])
    hops = np.zeros((len(PATHS.pairs), 3), dtype=np.int64)
    hops[PATHS.index[Region.WALL, Region.WALL]] = [1, 99, 8]
    hops[PATHS.index[Region.BULK, Region.INTERFACE]] = [0, 5, 2]
    steps = {"steps_A": np.array([-3.0, 0.0, 3.0]), "step_of_class": np.arange(3)}
    graph = SimpleNamespace(**steps, length=10.0, wide=False, n_region=4, parts=np.full((4, 4), 0.5))
    for direction in (1, -1):
        segment = SimpleNamespace(graph=graph, field_kT_per_A=0.5, tables=SimpleNamespace(atom_direction=direction))
        found = path_conductance(hops, 2.0, segment)
        per_hop = direction * 3.0 * 0.75 / sinh(0.75) / (2.0 * 10.0 * 0.5)
        assert found[Region.WALL] == pytest.approx(7 * per_hop)
        assert found[Region.BULK] == found[Region.INTERFACE] == pytest.approx(per_hop) and found[Region.SURFACE] == 0


@pytest.mark.parametrize("densest", [1.0, 0.7])
def test_any_wall_will_do_where_both_conduct_enough(densest):
    """Also where bores without walls leave room between them."""
    assert wall_range_nm(Packing("pores", 2, densest, 1.0), 9.0, 300.0, 100.0, 1.0) == (0.0, inf)


def test_mean_over_samples_has_the_error_of_a_mean():
    found = mean_over([1.0, 2.0, 3.0, 6.0], lambda each: 2 * each)
    assert found.value == 6.0 and found.n_eff == 4
    assert found.stderr == pytest.approx(2 * np.std([1.0, 2.0, 3.0, 6.0], ddof=1) / 2)
