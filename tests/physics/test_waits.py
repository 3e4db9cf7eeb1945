"""Waiting times are exponential with mean 1 over the total propensity, on both kernels."""

import numpy as np
import pytest
from checks import assert_within
from scipy.stats import chi2

from coble.kmc.estimates import waiting_times as waits
from coble.kmc.estimates.waiting_times import EDGES, waiting_times
from coble.kmc.kernel._kernel import BinKernel, GroupKernel
from coble.kmc.kernel.segment import Segment
from coble.kmc.rates.table import rate_table
from coble.lattices import Region, bcc, build_box


def driven(mixed=False):
    """A gas under a field, of vacancies in one metal; or of atoms on fast sites strewn among slow ones."""
    graph = build_box(bcc(3.509), (8, 8, 8))
    rates, occupancy = {Region.BULK: 1e9}, {Region.BULK: 0.95}
    if mixed:
        graph.region[np.random.default_rng(1).random(graph.n_site) < 0.9] = Region.WALL
        rates[Region.WALL], occupancy = 3e6, {Region.BULK: 0.5, Region.WALL: 0.5}
    return Segment(graph, rate_table(rates, occupancy), field_kT_per_A=0.03)


@pytest.mark.parametrize(("segment", "kernel"), [(driven(), BinKernel), (driven(mixed=True), GroupKernel)])
def test_waits_are_exponential(segment, kernel, monkeypatch):
    monkeypatch.setattr("coble.kmc.kernel.segment.LEAST_ACCEPTANCE", 0.0 if kernel is BinKernel else 2.0)
    found = []
    for seed in range(5):
        replica = segment.start(seed, (0, 0))
        assert type(replica.kernel) is kernel
        found.append(waiting_times(replica))
    counts = sum(each.counts for each in found)
    expected = 100_000 * -np.diff(np.exp(-EDGES))
    assert chi2.sf(((counts - expected) ** 2 / expected).sum(), len(counts)) > 1e-3
    assert all(each.number == 20_000 for each in found)
    mean, stderr = (
        np.mean([each.mean.value for each in found]),
        np.linalg.norm([each.mean.stderr for each in found]) / 5,
    )
    assert_within(mean, stderr, 1.0, at_most=0.005)
    assert min(each.probability for each in found) > 1e-3
    assert found[0].mean_s == pytest.approx(1 / segment.start(0, (0, 0)).event_rate, rel=0.2)


def test_a_clock_that_is_five_percent_off_is_noticed(monkeypatch):
    judged = waits._judged
    monkeypatch.setattr(waits, "_judged", lambda times: judged(1.05 * times))
    found = waiting_times(driven().start(0, (0, 0)))
    assert found.mean.sigmas_from(1.0) > 4 and found.probability < 1e-4


def test_equal_waits_are_noticed(monkeypatch):
    """A clock that adds the mean wait each time is right on the average, and wrong."""
    judged = waits._judged
    monkeypatch.setattr(waits, "_judged", lambda times: judged(np.ones_like(times)))
    assert waiting_times(driven().start(0, (0, 0))).probability < 1e-10


def test_nothing_is_measured_where_nothing_moves():
    graph = build_box(bcc(3.509), (1, 1, 1))  # two sites, hence two atoms
    full = Segment(graph, rate_table({Region.BULK: 1e9}, {Region.BULK: 1 - 1e-12}), field_kT_per_A=0.03)
    assert waiting_times(full.start(0, (0, 0))) is None
