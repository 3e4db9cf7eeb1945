"""Slopes of tracers on the way to their correlation factor: a gas that never forgets, and what looking changes."""

import numpy as np
from checks import assert_within
from small_graphs import ring

import coble.kmc.estimates.tracer
from coble.kmc.estimates.tracer import trace
from coble.kmc.network.continuum import RegionTransport
from coble.kmc.rates.table import rate_table
from coble.lattices import Region, bcc, build_box


def traced(graph, occupancy, **settings):
    region = RegionTransport(Region.BULK, 1.0, 1.0, 1.0, occupancy)
    rates = rate_table({Region.BULK: 1.0}, {Region.BULK: occupancy})
    return trace(graph, region, rates, seed=3, workers=2, **settings)


def test_looking_on_the_way_changes_nothing(monkeypatch):
    """With two times alone the same digits: earlier ones are looks at the same trajectory."""
    dense = build_box(bcc(3.5), (12, 12, 12))
    found = traced(dense, 0.9, replicas=4, hops_per_atom=12)
    monkeypatch.setattr(coble.kmc.estimates.tracer, "LAGS", 2)
    plain = traced(dense, 0.9, replicas=4, hops_per_atom=12)
    np.testing.assert_array_equal(plain.squares, found.squares)
    assert plain.correlation_factor == found.correlation_factor
    assert plain.diffusivity_cm2_s == found.diffusivity_cm2_s


def test_a_single_file_has_no_plateau():
    """<x²> = ((1-c)/c) a √(4Γa²t/π), t = n / 2Γ(1-c) after n hops of an atom: the slope falls as 1/√n."""
    plateau = traced(ring(3000), 0.5, replicas=24, hops_per_atom=120).plateau
    for (start, _), (end, slope) in zip(plateau[1:-1], plateau[2:], strict=True):
        assert_within(slope.value, slope.stderr, 2 / np.sqrt(np.pi) / (end**0.5 + start**0.5), at_most=0.1)
    before, factor = (slope for _, slope in plateau[-2:])
    assert (before.value - factor.value) / np.hypot(before.stderr, factor.stderr) > 4  # as a report judges it
