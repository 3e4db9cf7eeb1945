"""What will not move is said before a run: its numbers against closed forms, and its words."""

from dataclasses import replace

import numpy as np
import pytest
from small_graphs import graph_of

from coble.kmc.network.driven import events_for_shares
from coble.kmc.rates.class_rates import ClassRates
from coble.kmc.rates.idle import duration_text, idle, percent_text
from coble.kmc.rates.own_rates import own_rates
from coble.lattices import bcc, build_box
from coble.models.host import hosts_of

NAMES = ("octahedral", "tetrahedral")


def conducting(bonds, region, heights, period, names=NAMES):
    """A lattice with sites of one energy, half full, and the conductance of every bond; bonds (i, j, step, rate)."""
    n = len(region)
    positions = np.column_stack([np.arange(n), np.zeros(n), heights])
    lattice = graph_of(n, [bond[:3] for bond in bonds], kind=region, positions=positions, cell=[0, 0, period])
    lattice = replace(lattice, regions=names)
    rate_of = {(i, j, s): rate for i, j, s, rate in bonds} | {(j, i, -s): rate for i, j, s, rate in bonds}
    edges = zip(lattice.sources(), lattice.target, lattice.steps[lattice.step_class], strict=True)
    rate = np.array([rate_of[tuple(map(int, edge))] for edge in edges])
    found = own_rates(lattice, rate, temperature_K=300.0)
    return found.lattice, found.rates


def side_pockets(fast, n=6):
    """A ring of octahedral sites, each with a tetrahedral one beside it."""
    bonds = [(i, (i + 1) % n, 1, 1.0) for i in range(n)] + [(i, n + i, 0, fast) for i in range(n)]
    return conducting(bonds, [0] * n + [1] * n, [*range(n)] * 2, n)


def in_series(fast, n=6):
    """Octahedral and tetrahedral sites in turn along the axis, every other bond fast."""
    bonds = [(i, (i + 1) % n, 1, fast if i % 2 else 1.0) for i in range(n)]
    return conducting(bonds, [0, 1] * (n // 2), range(n), n)


@pytest.mark.parametrize("fast", [1e3, 1e6])
def test_hops_into_side_pockets_are_idle(fast):
    found = idle(*side_pockets(fast))
    assert [each.name for each in found.classes] == ["octahedral–tetrahedral"]
    assert found.events == pytest.approx(fast / (1 + fast))
    assert found.classes[0].control == pytest.approx(0, abs=1e-9)
    assert found.events_needed == pytest.approx(2e4 * (1 + fast))
    assert found.closed == ("tetrahedral",)


@pytest.mark.parametrize("fast", [1e3, 1e6])
def test_fast_hops_in_series_with_slow_ones_are_idle(fast):
    found = idle(*in_series(fast), relative_error=0.05)
    assert [each.name for each in found.classes] == [f"octahedral–tetrahedral at 1e{np.log10(fast / 4):.0f} 1/s"]
    assert found.events == pytest.approx(fast / (1 + fast))
    assert found.classes[0].control == pytest.approx(1 / (1 + fast), rel=1e-4)
    assert found.events_needed == pytest.approx(800 * (1 + fast), rel=3 / fast), "of slow hops 2 / 0.05² are needed"


def test_nothing_is_idle_where_all_hops_carry():
    lattice = build_box(bcc(2.0, "100"), (3, 3, 3))
    hop = np.ones((lattice.n_class, lattice.n_region, lattice.n_region))
    found = idle(lattice, ClassRates(hop, np.full(lattice.n_site, 0.5)))
    assert found.classes == ()
    assert found.events_needed == pytest.approx(2e4)
    assert found.sentences() == []
    moderate = idle(*side_pockets(50.0))
    assert moderate.classes == ()


def test_sites_that_are_cut_off_are_counted():
    n = 4
    bonds = [(i, (i + 1) % n, 1, 1.0) for i in range(n)] + [(4, 5, 1, 1.0), (5, 6, 1, 0.0)]
    found = idle(*conducting(bonds, [0] * 4 + [1, 1, 0], [0, 1, 2, 3, 0, 1, 2], n))
    assert found.cut_off == {"octahedral": 1, "tetrahedral": 2}
    assert found.closed == ("tetrahedral",)
    assert found.sentences() == [
        "1 sites of 'octahedral' are cut off: no chain of hops leads to what conducts",
        "2 sites of 'tetrahedral' are cut off: no chain of hops leads to what conducts",
        "'tetrahedral' does not percolate along the axis by itself",
    ]


def test_nothing_conducts():
    found = idle(*conducting([(0, 1, 1, 1.0)], [0, 1], [0, 1], 4))
    assert found.events_needed == np.inf
    assert found.classes == ()
    assert found.cut_off == {}
    assert found.closed == NAMES


def test_sentences():
    found = idle(*side_pockets(3332.3))
    first, *others = found.sentences(events_per_s=1e3)
    assert first == (
        "class octahedral–tetrahedral takes 99.97 % of the events and limits no net current; 1 % error of D needs "
        "at least 7e07 events, 19 h"
    )
    assert others == ["'tetrahedral' does not percolate along the axis by itself"]
    assert found.sentences()[0].endswith("needs at least 7e07 events")


def test_numbers_in_words():
    assert [percent_text(part) for part in (0.995, 0.9997, 0.9999996, 1.0)] == [
        "99.5 %",
        "99.97 %",
        "99.99996 %",
        "100.00 %",
    ]
    assert [duration_text(each) for each in (3.21, 90, 7000, 14 * 3600, 3e5, 1e9)] == [
        "3.2 s",
        "2 min",
        "117 min",
        "14 h",
        "3 days",
        "32 years",
    ]


def test_lengths_tell_classes_apart():
    n = 6
    lattice, rates = side_pockets(1e4)
    shift = np.zeros((lattice.n_edge, 3), dtype=np.int8)
    height = lattice.height.astype(int)
    step = lattice.steps[lattice.step_class]
    shift[:, 2] = (step - height[lattice.target] + height[lattice.sources()]) // n
    lattice = replace(lattice, shift=shift, region=np.zeros_like(lattice.region), regions=("a",))
    hop = np.zeros((lattice.n_class, 1, 1))
    hop[lattice.classes, 0, 0] = np.where(step == 0, 1e4, 1.0)
    xy = np.array(lattice.xy)
    xy[:n] = 0.0
    xy[n:] = 2.5, 0.0
    found = idle(replace(lattice, xy=xy), ClassRates(hop, np.full(2 * n, 0.5)))
    assert [each.name for each in found.classes] == ["a of 2.5 Å"]


def test_events_until_shares_are_known(discriminated):
    """The error of a run is what its events should leave, within the factor that is promised."""
    case, (wall,) = discriminated.case, discriminated.walls
    (host,) = hosts_of(case)
    conductance = host.rates.edge_conductance(host.graph)
    seen = max(path.share.stderr for path in wall.paths.values())
    needed = events_for_shares(host.graph, conductance, host.solve(), host.field_kT_per_A, seen)
    assert 0.5 < needed / wall.measurement.n_event < 1.5
