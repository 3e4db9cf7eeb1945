"""Hops that are undone at once, against what a lone walker does."""

import numpy as np
import pytest
from checks import assert_within, mean_and_error
from gas import gas
from small_graphs import box, ring

from coble.kmc.estimates.tracer import trace
from coble.kmc.network.continuum import RegionTransport
from coble.kmc.rates.table import rate_table
from coble.lattices import Region

NEIGHBOURS = {"sc": 6, "square": 4, "fcc": 12, "bcc": 8}
EVENTS = 100_000


def undone_share(graph, rate, filled, seed=5):
    """Undone hops over hops in batches of one run, mean and standard error."""
    occupied = np.zeros(graph.n_site, dtype=bool)
    occupied[:filled] = True
    model = gas(graph, 1.0)
    model.rate[:] = rate
    kernel = model.kernel(occupied, seed, step_of_particle=graph.steps)
    undone = [kernel.n_undone]
    for _ in range(20):
        kernel.advance(max_events=EVENTS // 20)
        undone.append(kernel.n_undone)
    return mean_and_error(np.diff(undone) / (EVENTS // 20))


def hop(graph, up=1.0, level=1.0):
    """Rates of a gas of one kind: `up` along the axis, either way, and `level` across it."""
    rate = np.zeros((len(graph.steps), 2, 2))
    rate[:, 1, 0] = np.where(graph.steps == 0, level, up)
    return rate


@pytest.mark.parametrize("lone", ["atom", "vacancy"])
@pytest.mark.parametrize("lattice", NEIGHBOURS)
def test_a_lone_walker_undoes_one_hop_in_z(lattice, lone):
    graph = box(lattice, 4)
    share = undone_share(graph, hop(graph), 1 if lone == "atom" else graph.n_site - 1)
    assert_within(*share, 1 / NEIGHBOURS[lattice], at_most=0.03)


def test_on_a_ring_every_second_hop():
    assert_within(*undone_share(ring(50), hop(ring(50)), 1), 1 / 2)


def test_fast_bonds_flicker():
    """A walker hops along a bond with probability w/W, and back with the same: Σ (w/W)² over its bonds."""
    graph = box("sc", 4)
    share = undone_share(graph, hop(graph, up=10.0), 1)
    assert_within(*share, 2 * (10 / 24) ** 2 + 4 * (1 / 24) ** 2)
    doubled = undone_share(graph, hop(graph, up=20.0), 1)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*doubled, 2 * (10 / 24) ** 2 + 4 * (1 / 24) ** 2)


def test_of_tracers():
    """bcc with 0.5 % of vacancies: one hop in eight, all but those where two of them meet."""
    graph, occupancy = box("bcc", 14), 0.995
    region = RegionTransport(Region.BULK, 1.0, 1.0, 1.0, occupancy)
    rates = rate_table({Region.BULK: 1.0}, {Region.BULK: occupancy})
    found = trace(graph, region, rates, seed=3, replicas=8, workers=2, hops_per_atom=30).undone
    assert_within(found.value, found.stderr, 1 / 8, at_most=0.01)
