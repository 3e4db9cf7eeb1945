"""Rates of 1 and of 10⁻¹² in one table: the rarest event comes as often, and after as long, as it should.

A carrier descends a staircase.  On step k it may flicker, at rate 10⁻³ᵏ, to a landing that sends it back at rate 1, or
go down, a thousand times more slowly; from the last step it returns to the first at 10⁻¹², the only way out.  So
each rate competes with the next, and every number can be counted although the slowest is 10¹² times below the fastest.
"""

import numpy as np
import pytest
from checks import assert_within, mean_and_error
from gas import KERNELS, gas
from small_graphs import graph_of

STEPS = 5  # of the staircase; the landings are of one more kind
SLOWER = 1e-3  # each step's rates below those of the one before
RARE = SLOWER ** (STEPS - 1)
DESCENTS = 3000


def staircase(rare=RARE):
    """Path class k: down from step k; class STEPS + k: flickers from step k."""
    landings = range(STEPS, 2 * STEPS - 1)
    bonds = [(k, (k + 1) % STEPS, 0) for k in range(STEPS)] + [(k, landing, 0) for k, landing in enumerate(landings)]
    graph = graph_of(2 * STEPS - 1, bonds, kind=[*range(STEPS), *([STEPS] * len(landings))], steps=[0])
    hop, path = np.zeros((STEPS + 1, STEPS + 1)), np.full((STEPS + 1, STEPS + 1), 2 * STEPS)
    for k in range(STEPS):
        hop[k, (k + 1) % STEPS] = SLOWER ** (k + 1) if k < STEPS - 1 else rare
        path[k, (k + 1) % STEPS] = k
        if k < STEPS - 1:
            hop[k, STEPS], path[k, STEPS] = SLOWER**k, STEPS + k
    hop[STEPS, :STEPS] = 1.0
    return gas(graph, hop, path=path)


@pytest.fixture(scope="module", params=KERNELS)
def descents(request):
    """Hops by path class, and the time of every descent."""
    model = staircase()
    kernel = model.kernel(np.arange(model.graph.n_site) == 0, 3, which=request.param)
    assert kernel.hops.shape[0] == 2 * STEPS + 1
    ends = [0.0]
    while len(ends) <= DESCENTS:
        kernel.advance(until=kernel.time + 0.1 / RARE)  # a descent takes 30 times as long
        number = int(kernel.hops[STEPS - 1].sum())
        ends += [kernel.time] * (number + 1 - len(ends))
    return kernel.hops.sum(axis=1), np.array(ends)


def test_whole_numbers_keep_the_rarest_rate():
    tables = staircase().tables()
    assert tables.rate[0, 2 * STEPS - 1, 0] * tables.quantum == pytest.approx(1e-12, rel=1e-4)
    assert tables.rate[0, 1, 2 * STEPS] * tables.quantum == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("step", range(STEPS - 1))
def test_flickers_before_the_way_down(descents, step):
    """1000 on average, from a geometric distribution."""
    hops, _ = descents
    mean = hops[STEPS + step] / hops[step]
    error = np.sqrt((1 + 1 / SLOWER) / SLOWER / hops[step])
    assert_within(mean, error, 1 / SLOWER, at_most=0.03)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(mean, error, 2 / SLOWER)


def expected_time(rare=RARE):
    """Of one descent: a thousand stays at every step, each as long as its flickers are slow, and the last one."""
    flickers = 1 / SLOWER
    return sum((1 + flickers) / (SLOWER**k + SLOWER ** (k + 1)) + flickers for k in range(STEPS - 1)) + 1 / rare


def test_time_of_a_descent(descents):
    _, ends = descents
    mean, error = mean_and_error(np.diff(ends))
    assert_within(mean, error, expected_time(), at_most=0.02)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(mean, error, expected_time(rare=2 * RARE))
