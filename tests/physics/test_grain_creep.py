"""Creep of grains: hops against the network, the network against the continuum, and laws of size and tension."""

import numpy as np
import pytest
from checks import assert_within, mean_and_error
from scipy.sparse import csr_matrix, diags_array
from scipy.sparse.linalg import cg

from coble.kmc.constants import CM2_IN_A2
from coble.kmc.devices.grain_creep import (
    BODY_FACTOR,
    SHEET_FACTOR,
    StressedGrain,
    conductances,
    continuum_crossover,
    continuum_rate,
    crossover,
    held_occupancies,
    saturation,
    solve,
)
from coble.kmc.estimates.estimate import Estimate, exactly, lag_correlation, log_slope
from coble.kmc.kernel.segment import Stopped
from coble.lattices import Region
from coble.lattices.tubules.grain import cubic_grain

A = 3.5
SHELL, BULK = {Region.INTERFACE: 1.0}, {Region.BULK: 1.0}
BOTH = {Region.BULK: 0.3, Region.INTERFACE: 1.0}


def grain_of(bonds, cells):
    grain = cubic_grain(A, cells)
    return grain if bonds is BOTH else grain.shell() if bonds is SHELL else grain.without_interface()


# --- The continuum, by finite differences on squares and cubes: an eighth of the grain ---


def _between_reservoirs(n, pair, bond, node, contact, value):
    matrix = csr_matrix((np.append(bond, bond), np.hstack([pair, pair[::-1]])), shape=(n, n))
    diagonal = np.asarray(matrix.sum(axis=1)).ravel() + np.bincount(node, contact, minlength=n)
    diagonal[diagonal == 0] = 1.0
    potential, left = cg(
        diags_array(diagonal) - matrix,
        np.bincount(node, contact * value, minlength=n),
        rtol=1e-8,
        M=diags_array(1 / diagonal),
    )
    assert left == 0
    return 8 * float((contact * value * (1 - potential[node])).sum())


def _along(grid, axis):
    n = grid.shape[axis]
    return np.stack([np.take(grid, range(n - 1), axis).ravel(), np.take(grid, range(1, n), axis).ravel()])


def body_factor(n):
    """Cubes of edge 1 / 2n; patches touch the outer faces of cubes."""
    grid, third = np.arange(n**3).reshape(n, n, n), n // 3
    pair = np.hstack([_along(grid, axis) for axis in range(3)])
    node = np.concatenate([np.take(grid, n - 1, axis)[:third, :third].ravel() for axis in range(3)])
    edge = 1 / (2 * n)
    value = np.repeat([0.0, 0.0, 1.0], third**2)
    return _between_reservoirs(n**3, pair, np.full(pair.shape[1], edge), node, np.full(len(node), 2 * edge), value)


def sheet_factor(n):
    """Squares on three quarters of faces; a patch is held up to its rim."""
    grid, third = np.arange(3 * n * n).reshape(3, n, n), n // 3
    patch = np.zeros((3, n, n), dtype=bool)
    patch[:, :third, :third] = True
    face_of, patch = np.arange(3 * n * n) // n**2, patch.ravel()
    others = {0: [1, 2], 1: [0, 2], 2: [0, 1]}
    rim = lambda face, towards: np.take(grid[face], n - 1, others[face].index(towards))  # noqa: E731
    over = [np.stack([rim(f, g), rim(g, f)]) for f, g in ((0, 1), (0, 2), (1, 2))]
    pair = np.hstack([_along(grid[face], axis) for face in range(3) for axis in range(2)] + over)
    held = patch[pair]
    free, touching = pair[:, ~held.any(axis=0)], pair[:, held[0] ^ held[1]]
    node = np.where(patch[touching[0]], touching[1], touching[0])
    value = (face_of[node] == 2).astype(float)
    return _between_reservoirs(3 * n * n, free, np.ones(free.shape[1]), node, np.full(len(node), 2.0), value)


@pytest.mark.parametrize(
    ("factor", "sizes", "known"), [(sheet_factor, (48, 96), 7.363), (body_factor, (18, 36), 1.402)]
)
def test_factors_of_the_continuum(factor, sizes, known):
    coarse, fine = map(factor, sizes)
    assert 2 * fine - coarse == pytest.approx(known, rel=5e-3)  # the error goes as the grid's spacing
    assert known in (SHEET_FACTOR, BODY_FACTOR)


# --- The network ---


def test_bonds_are_calibrated_on_a_flat_face():
    density = 2 / A**3 * 1e24
    bonds = conductances(A, (4e-11, density, 0.5), (2e-7, density, 0.5), 2.0)
    assert bonds[Region.BULK] == pytest.approx(4e-11 * CM2_IN_A2 / A**2)  # D / a²
    assert bonds[Region.INTERFACE] == pytest.approx(2e-7 * CM2_IN_A2 * 2.0 * 2 / A**3)  # c D δ per square


@pytest.mark.parametrize(
    ("bonds", "cells", "per_unit", "known", "within"),
    # Per c D δ = g, and per c D d = 2 g d / a.
    [(SHELL, (18, 36), lambda d: 1.0, SHEET_FACTOR, 0.01), (BULK, (18, 24), lambda d: 2 * d / A, BODY_FACTOR, 0.04)],
)
def test_network_comes_near_the_continuum(bonds, cells, per_unit, known, within):
    grains = [grain_of(bonds, n) for n in cells]
    d = np.array([grain.edge_A for grain in grains])
    found = np.array([solve(grain, bonds).conductance / per_unit(grain.edge_A) for grain in grains])
    extrapolated = np.polyfit(1 / d, found, 1)[1]
    assert extrapolated == pytest.approx(known, rel=within)


@pytest.mark.parametrize(("bonds", "exponent"), [(SHELL, -3), (BULK, -2)])
def test_exact_exponents(bonds, exponent):
    grains = [grain_of(bonds, cells) for cells in (12, 18, 24)]
    rates = [exactly(solve(grain, bonds).conductance / grain.edge_A**3) for grain in grains]
    assert log_slope(np.log([grain.edge_A for grain in grains]), rates).value == pytest.approx(exponent, abs=0.06)


def test_conductance_lies_between_those_of_better_and_worse_bonds():
    """Rayleigh: better bonds never lower a conductance."""
    both = solve(grain_of(BOTH, 12), BOTH).conductance
    interface_alone = solve(grain_of(SHELL, 12), SHELL).conductance
    worse, better = (solve(grain_of(BULK, 12), {Region.BULK: BOTH[kind]}).conductance for kind in sorted(BOTH))
    assert max(interface_alone, worse) < both < better


# --- Hops ---


def measured(stressed, error, seed=7, key=(0,)):
    flow, *_ = stressed.run(seed, key, stressed.duration(error), 64)
    return mean_and_error(flow)


@pytest.mark.parametrize(
    ("bonds", "occupancy", "tension_kT"),
    [(SHELL, 0.5, 1.0), (SHELL, 0.5, 6.0), (SHELL, 0.9, 1.0), (BULK, 0.5, 1.0), (BOTH, 0.5, 1.0), (BULK, 0.5, -1.0)],
)
def test_hops_give_the_network_at_any_tension(bonds, occupancy, tension_kT):
    stressed = StressedGrain(grain_of(bonds, 6), bonds, occupancy, tension_kT)
    assert_within(*measured(stressed, 0.03), stressed.flow)


@pytest.mark.parametrize(
    "wrong", [{**BOTH, Region.INTERFACE: 2.0}, {**BOTH, Region.BULK: 0.6}], ids=["interface", "bulk"]
)
def test_doubled_rate_is_told_apart(wrong):
    grain = grain_of(BOTH, 6)
    stressed = StressedGrain(grain, BOTH, 0.5, 1.0)
    stressed.tables = StressedGrain(grain, wrong, 0.5, 1.0).tables
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*measured(stressed, 0.015), stressed.flow)


def test_counts_at_the_reservoirs_agree_and_blocks_are_independent():
    stressed = StressedGrain(grain_of(SHELL, 6), SHELL, 0.5, 2.0)
    duration = stressed.duration(0.02)
    flow, to_ends, from_sides, n_event = stressed.run(3, (0,), duration, 128)
    mean, error = mean_and_error(flow)
    assert error == pytest.approx(0.02 * stressed.flow, rel=0.3)  # as planned
    correlation, spread = lag_correlation([flow])
    assert abs(correlation) < 4 * spread
    assert abs(to_ends - from_sides) <= stressed.grain.graph.n_site  # what is inside changes by no more
    for count in (to_ends, from_sides):
        assert count / duration == pytest.approx(mean, abs=4 * error)
    assert n_event == pytest.approx(duration * stressed.solution.event_rate, rel=0.1)


def test_stops_when_asked():
    stressed = StressedGrain(grain_of(SHELL, 6), SHELL, 0.5, 1.0)
    with pytest.raises(Stopped):
        stressed.run(1, (0,), stressed.duration(1e-3), 4, lambda: True)


# --- Laws ---


def test_tension_shifts_occupancies_by_its_deviatoric_parts():
    end, side = held_occupancies(0.3, 0.6)
    odds = lambda x: np.log(x / (1 - x))  # noqa: E731
    assert odds(end) - odds(0.3) == pytest.approx(-0.4)  # atoms are drawn to the ends
    assert odds(side) - odds(0.3) == pytest.approx(0.2)
    assert saturation(0.5, 1e-4) == pytest.approx(1.0, abs=1e-6)
    assert saturation(0.5, 0.4) < 1


def test_crossover_is_found_where_theory_puts_it():
    edge = np.array([40.0, 60.0, 90.0, 130.0])
    sheet, bulk = 3e5, 4e3
    rates = [continuum_rate(d, 0.1, sheet_A3_s=sheet, bulk_A2_s=bulk) for d in edge]
    found = crossover(edge, [Estimate(rate, 0.01 * rate, 60) for rate in rates])
    assert found.value == pytest.approx(continuum_crossover(sheet, bulk))
    rng = np.random.default_rng(5)
    noisy = [
        crossover(edge, [Estimate(rate * (1 + 0.01 * rng.standard_normal()), 0.01 * rate, 60) for rate in rates]).value
        for _ in range(400)
    ]
    assert np.std(noisy) == pytest.approx(found.stderr, rel=0.2)
