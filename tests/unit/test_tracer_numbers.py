"""Tracers: Haven ratio, diffusivity, times and groups by hand."""

from dataclasses import replace

import numpy as np
import pytest

from coble.kmc.estimates.tracer import GROUPS, LAGS, trace
from coble.kmc.network.continuum import RegionTransport
from coble.kmc.rates.table import rate_table
from coble.lattices import Region, bcc, build_box


def test_haven_ratio_is_the_correlation_factor_over_what_the_current_needs():
    """bcc of a = 3.5 Å with bonds g: an atom that hops freely has D = g a² / x, with x the occupancy."""
    a, g, x = 3.5, 2.0, 0.25
    graph = build_box(bcc(a, "100"), (8, 8, 8))
    region = RegionTransport(Region.BULK, 3.0, 1e20, 50.0, x)
    found = trace(graph, region, rate_table({Region.BULK: g}, {Region.BULK: x}), seed=3, hops_per_atom=9.0)
    n_atom = x * graph.n_site
    free = g * a**2 / x
    collective = 1e20 * 1e-24 * 3.0 * 1e16 * 50.0 * graph.length / n_atom
    factor = found.correlation_factor.value
    assert 0.5 < factor < 1.1
    assert found.haven_ratio.value == pytest.approx(factor * free / collective)
    assert found.diffusivity_cm2_s.value == pytest.approx(3.0 * found.haven_ratio.value)
    times = [hops for hops, _ in found.plateau]
    assert times == pytest.approx([9.0 / 3**k for k in range(LAGS)][::-1], abs=1 / n_atom)
    assert found.squares.shape == (2, 2, GROUPS) and (found.squares > 0).all()
    steps = found.squares[1].sum(axis=1) / (a / 2 / graph.unit) ** 2
    np.testing.assert_allclose(steps, 2 / 3 * 9.0 * n_atom, atol=1)  # every hop has the same axial step


def test_finer_axial_units_of_a_wall_change_nothing():
    """Walls behind which axial units are finer share their tracers with others: whichever is first, all is the same."""
    graph = build_box(bcc(3.5, "110"), (6, 6, 8))
    finer = replace(graph, steps=7 * graph.steps, height=7 * graph.height.astype(np.uint16), unit=graph.unit / 7)
    region, rates = (
        RegionTransport(Region.BULK, 3.0, 1e20, 50.0, 0.75),
        rate_table({Region.BULK: 2.0}, {Region.BULK: 0.75}),
    )
    plain, found = (trace(each, region, rates, seed=3, hops_per_atom=9.0) for each in (graph, finer))
    np.testing.assert_array_equal(found.squares, plain.squares)
    for name in ("correlation_factor", "haven_ratio", "diffusivity_cm2_s", "plateau", "undone"):
        assert getattr(found, name) == getattr(plain, name), name
