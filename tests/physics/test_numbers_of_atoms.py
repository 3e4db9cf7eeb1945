"""Numbers of atoms that are not whole: right on the average, so small regions carry what they should."""

import numpy as np
import pytest
from checks import assert_within

from coble.kmc.estimates.measure import durations, measure
from coble.kmc.kernel.segment import Segment
from coble.kmc.network import exact as network
from coble.kmc.rates.table import rate_table
from coble.lattices import Region, bcc, build_box

VACANCIES = 9.32  # that belong into 1792 sites


@pytest.fixture
def segment():
    graph = build_box(bcc(3.509), (7, 8, 8))
    assert graph.n_site == 1792
    occupancy = 1 - VACANCIES / graph.n_site
    return Segment(graph, rate_table({Region.BULK: 1.0}, {Region.BULK: occupancy}), field_kT_per_A=0.1)


def relative_conductance(segment, target_error):
    """Measurement of a segment; its conductance over that of the network, and the error of that."""
    exact = network.solve(segment.graph, {Region.BULK: 1.0}).total
    error_of = lambda found: found.total.stderr / exact  # noqa: E731
    found = measure(segment, seed=2, replicas=2, workers=2, target_error=target_error, error_of=error_of)
    return found, found.total.value / exact, found.total.stderr / exact


def test_the_mean_number_is_that_of_the_occupancy(segment):
    vacancies = np.array([(~segment.start(3, (0, episode)).started_on).sum() for episode in range(2000)])
    assert set(vacancies) == {9, 10}
    assert_within(vacancies.mean(), vacancies.std() / np.sqrt(2000), VACANCIES, at_most=0.002)


def test_few_vacancies_carry_what_belongs_to_them(segment):
    _, value, stderr = relative_conductance(segment, 0.006)
    assert_within(value, stderr, 1.0, at_most=0.008)


def test_rounded_numbers_are_noticed(segment):
    segment.mean_atoms = np.rint(segment.mean_atoms)
    _, value, stderr = relative_conductance(segment, 0.006)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(value, stderr, 1.0, at_most=0.008)
    assert_within(value, stderr, 9 / VACANCIES, at_most=0.008)


def test_a_region_with_less_than_one_vacancy_still_moves():
    """0.3 of a vacancy: most episodes have none, and the others set the duration of a block."""
    graph = build_box(bcc(3.509), (3, 5, 5))
    few = Segment(graph, rate_table({Region.BULK: 1.0}, {Region.BULK: 1 - 0.3 / graph.n_site}), field_kT_per_A=0.1)
    assert few.start(1, (0, 0)).event_rate == 0 < min(durations(few, 1))
    found, value, stderr = relative_conductance(few, 0.1)
    moved = np.concatenate(found.conductance).sum(axis=1) != 0
    assert 0.15 < moved.mean() < 0.45
    assert_within(value, stderr, 1.0, at_most=0.1)
