"""Diffusion measured with the kernel: collective and tracer, against exact numbers."""

import numpy as np
import pytest
from checks import assert_within, mean_and_error
from gas import KERNELS, gas, lowered_kernel
from small_graphs import box, graph_of, ring

from coble.kmc.kernel._kernel import BinKernel, GroupKernel
from coble.kmc.kernel.lowering import kernel_tables
from coble.kmc.rates.table import rate_table
from coble.lattices import Region, bcc, uniform_lattice

LATTICES = [("bcc", "100"), ("bcc", "110"), ("bcc", "111"), ("sc", "100"), ("fcc", "100"), ("square", "100")]
A_SQUARED = {"bcc": 4.0, "fcc": 4.0, "sc": 1.0, "square": 1.0}  # a² of the boxes of `small_graphs`


def collective_blocks(kernel, steps, duration, n_block):
    """Net axial displacement of all carriers in every block, and what it would square to without memory."""
    counts = []
    for _ in range(n_block + 1):
        counts.append(kernel.hops)
        kernel.advance(until=kernel.time + duration)
    counts = np.diff(np.sum(counts, axis=1), axis=0)
    return counts @ steps, counts @ steps**2


def random_occupation(graph, n_carrier, seed):
    return np.isin(np.arange(graph.n_site), np.random.default_rng(seed).choice(graph.n_site, n_carrier, replace=False))


# --- Collective diffusion (V3; (1-c) × lone walker at any density) ---


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("part", [None, 0.5, 0.9])
@pytest.mark.parametrize(("lattice", "axis"), LATTICES)
def test_collective_diffusion(lattice, axis, part, which):
    """<X²> / (2 t n) = Γ a² (N - n) / (N - 1), from one walker to many."""
    graph, rate = box(lattice, 3, axis), 2.5
    n = 1 if part is None else round(part * graph.n_site)
    kernel = gas(graph, rate).kernel(random_occupation(graph, n, 1), 10, which=which, stream=np.random.SFC64)
    events_per_time = n * (graph.n_site - n) / (graph.n_site - 1) * rate * (graph.n_edge / graph.n_site)
    moved, unit = collective_blocks(kernel, graph.steps_A, 30 / events_per_time, 6000)
    duration = kernel.time / 6001
    exact = rate * A_SQUARED[lattice] * (graph.n_site - n) / (graph.n_site - 1)
    assert_within(*mean_and_error(moved**2 / (2 * duration * n)), exact, at_most=0.02)
    # Collective correlation factor 1, whatever the density.
    assert_within(*mean_and_error(moved**2 / unit.mean()), 1, at_most=0.02)


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("part", [None, 0.5, 0.9])
@pytest.mark.parametrize(("axis", "cells"), [("100", (3, 3, 3)), ("110", (2, 3, 2)), ("100", (2, 2, 2))])
def test_collective_diffusion_on_a_uniform_lattice(axis, cells, part, which):
    """The same law holds with helical boundaries, in the tables of `kernel_tables`: Γ = g / (x (1-x))."""
    lattice, g, x = uniform_lattice(bcc(2.0, axis), cells), 2.5, 0.4
    n_site = lattice.n_site
    n = 1 if part is None else round(part * n_site)
    tables = kernel_tables(lattice, rate_table({Region.BULK: g}, {Region.BULK: x}), n)
    kernel = lowered_kernel(lattice, tables, random_occupation(lattice, n, 1), 10, which=which)
    rate = g / (x * (1 - x))
    events_per_time = n * (n_site - n) / (n_site - 1) * rate * 8
    moved, unit = collective_blocks(kernel, lattice.steps_A, 30 / events_per_time, 6000)
    duration = kernel.time / 6001
    exact = rate * A_SQUARED["bcc"] * (n_site - n) / (n_site - 1)
    assert_within(*mean_and_error(moved**2 / (2 * duration * n)), exact, at_most=0.02)
    assert_within(*mean_and_error(moved**2 / unit.mean()), 1, at_most=0.02)


def test_faster_walker_is_told_apart():
    graph = box("sc", 3)
    kernel = gas(graph, 2.0).kernel(np.arange(27) == 5, 11)
    moved, _ = collective_blocks(kernel, graph.steps_A, 2.0, 12_000)
    measured = mean_and_error(moved**2 / (2 * kernel.time / 12_001))
    assert_within(*measured, 2.0)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*measured, 1.0)


def alternating_ring(n_pair, g):
    """A ring whose bonds alternate; the two kinds of bond are step classes of their own."""
    bonds = [(i, (i + 1) % (2 * n_pair), 2 + i % 2) for i in range(2 * n_pair)]
    model = gas(graph_of(2 * n_pair, bonds, steps=[-1, -1, 1, 1]), 1.0)
    model.rate[:, 1, 0] = g[1], g[0], g[0], g[1]
    return model


@pytest.mark.parametrize("g", [(1.0, 1.0), (1.0, 5.0), (1.0, 20.0)])
@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize("which", KERNELS)
def test_alternating_chain(g, n, which):
    """D = a² 2 g₁ g₂ / (g₁ + g₂): the collective factor is far below one, and stays exact at finite density."""
    model, exact = alternating_ring(4, g), 2 * g[0] * g[1] / sum(g)
    kernel = model.kernel(np.arange(8) < n, 12, which=which, stream=np.random.SFC64)
    duration = 30.0  # hops back and forth on a fast bond change X² by less than a hundredth
    moved, _ = collective_blocks(kernel, model.graph.steps, duration, 3000)
    exact *= (8 - n) / 7
    assert_within(*mean_and_error(moved**2 / (2 * duration * n)), exact, at_most=0.03)
    if g[0] != g[1]:
        arithmetic = exact * sum(g) ** 2 / (4 * g[0] * g[1])
        with pytest.raises(AssertionError, match="sigma"):
            assert_within(*mean_and_error(moved**2 / (2 * duration * n)), arithmetic)


# --- Tracer correlation factors (V5, V6) ---


def one_vacancy_cosine(graph):
    """<cos θ> between successive hops of an atom, one vacancy on this periodic graph: the exact walk.

    The tracer sits on site 0.  State k: it has just hopped along the reverse of edge k of site 0, so the vacancy
    stands where edge k leads.  The vacancy walks over the other sites until it comes back onto site 0.
    """
    n, degree = graph.n_site, int(graph.indptr[1])
    here, there = graph.sources().astype(int), graph.target.astype(int)
    back = np.full(graph.n_edge, -1)
    back[graph.reverse_edges()] = np.arange(graph.n_edge)
    walk, arrives = np.zeros((n, n)), np.zeros((n, degree))
    stays_away = (here != 0) & (there != 0)
    np.add.at(walk, (here[stays_away], there[stays_away]), 1 / degree)
    comes = there == 0
    np.add.at(arrives, (here[comes], back[comes]), 1 / degree)
    reached = np.linalg.solve(np.eye(n) - walk, arrives)[there[:degree]]
    step = graph.steps_A[graph.step_class[:degree]]
    return float(-(step @ reached @ step) / (step @ step))


def correlation_factor(cosine):
    return (1 + cosine) / (1 - cosine)


V5 = {3: 0.7430065, 4: 0.7341935, 5: 0.7308907, 6: 0.7293758, 8: 0.7281347, 10: 0.7276810}  # bcc, 2 n³ sites


@pytest.mark.parametrize("n", V5)
def test_exact_one_vacancy_factor_of_bcc(n):
    assert correlation_factor(one_vacancy_cosine(box("bcc", n))) == pytest.approx(V5[n], abs=1e-7)


@pytest.mark.parametrize(
    ("lattice", "sizes", "exact"),
    [("bcc", (7, 9), 0.727194), ("sc", (9, 12), 0.653109), ("fcc", (6, 7), 0.781451), ("square", (24, 36), 0.466942)],
)
def test_one_vacancy_factors_tend_to_the_known_ones(lattice, sizes, exact):
    """f(N) = f + const / N, to the next order."""
    one, two = (box(lattice, n) for n in sizes)
    f, g = (correlation_factor(one_vacancy_cosine(graph)) for graph in (one, two))
    assert (g * two.n_site - f * one.n_site) / (two.n_site - one.n_site) == pytest.approx(exact, abs=5e-5)


def one_vacancy_factor(graph, hops_per_atom, n_block, seed, which):
    """Tracer correlation factor measured with one vacancy: per block Σ z² of the atoms over that without memory."""
    n = graph.n_site
    tracking = {"step_of_particle": -graph.steps, "carrier_is_particle": False}
    kernel = gas(graph, 1.0).kernel(np.arange(n) == 0, seed, which=which, stream=np.random.SFC64, **tracking)
    block, samples = int(hops_per_atom * (n - 1)), []
    before, hops = kernel.displacements, kernel.hops.sum(axis=0)
    for _ in range(n_block):
        kernel.advance(max_events=block)
        now, hops_now = kernel.displacements, kernel.hops.sum(axis=0)
        samples.append(((now - before) ** 2).sum() / ((hops_now - hops) @ graph.steps**2))
        before, hops = now, hops_now
    return mean_and_error(samples)


def finite_factor(cosine, hops):
    """f after `hops` hops of each atom, successive directions correlated as cosine^k: f + 2 cos.. / hops."""
    return correlation_factor(cosine) - 2 * cosine / (hops * (1 - cosine) ** 2)


TORI = [("bcc", "100", 3), ("bcc", "100", 4), ("bcc", "110", 3), ("sc", "100", 4), ("fcc", "100", 3)]


@pytest.mark.parametrize(
    ("lattice", "axis", "n", "which"),
    [
        *((*torus, GroupKernel) for torus in [*TORI, ("square", "100", 8)]),
        *((*torus, BinKernel) for torus in TORI[1:4]),
    ],
)
def test_one_vacancy_tracer_factor(lattice, axis, n, which):
    graph = box(lattice, n, axis)
    hops, samples = 100, int(110_000 / graph.n_site)
    value, stderr = one_vacancy_factor(graph, hops, samples, 13, which)
    exact = finite_factor(one_vacancy_cosine(graph), hops)
    assert_within(value, stderr, exact, at_most=0.005)
    if axis == "100" and lattice == "bcc":
        assert abs(value / V5[n] - 1) < 4 * 0.005
    with pytest.raises(AssertionError, match="sigma"):  # the free law
        assert_within(value, stderr, 1.0)


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize(
    ("occupancy", "exact", "uncertainty", "runs"), [(0.5, 0.8864, 5e-4, 40), (0.9, 0.7627, 3e-4, 30)]
)
def test_tracer_factor_of_dense_bcc(occupancy, exact, uncertainty, runs, which):
    """f(ρ) of atoms that only exclude each other: the slope between 20 and 60 hops per atom."""
    graph = box("bcc", 10)
    n = round(occupancy * graph.n_site)
    model = gas(graph, 1.0)
    samples = []
    for seed in range(runs):
        occupied = random_occupation(graph, n, 100 + seed)
        kernel = model.kernel(occupied, 200 + seed, which=which, stream=np.random.SFC64, step_of_particle=graph.steps)
        seen = []
        for _ in range(2):
            kernel.advance(max_events=20 * n if not seen else 40 * n)
            seen.append([(kernel.displacements**2).sum(), kernel.squared_steps.sum()])
        (z1, s1), (z2, s2) = seen
        samples.append((z2 - z1) / (s2 - s1))
    value, stderr = mean_and_error(samples)
    assert_within(value, float(np.hypot(stderr, uncertainty)), exact, at_most=0.012)


# --- Single file ---


@pytest.mark.parametrize("which", KERNELS)
def test_single_file(which):
    """<x²> = ((1-c)/c) a √(4 Γ a² t / π): atoms that cannot pass each other; the free law fails."""
    graph, c, time = ring(3000), 0.5, 100.0
    samples = []
    for seed in range(18):
        occupied = random_occupation(graph, 1500, seed)
        tracking = {"step_of_particle": graph.steps, "stream": np.random.SFC64}
        kernel = gas(graph, 1.0).kernel(occupied, seed, which=which, **tracking)
        kernel.advance(until=time)
        samples.append((kernel.displacements[occupied] ** 2).mean())
    law = (1 - c) / c * np.sqrt(4 * time / np.pi)
    assert_within(*mean_and_error(samples), law, at_most=0.025)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*mean_and_error(samples), 2 * time * (1 - c))
