"""Lowered gases at work: equilibrium, currents in a field against exact answers, atoms or vacancies as carriers."""

import numpy as np
import pytest
from checks import assert_within, mean_and_error
from gas import KERNELS, MasterEquation, gas, lowered_kernel, some_of
from small_graphs import box, ladder, slanted_ladder

from coble.kmc.kernel._kernel import BinKernel, GroupKernel
from coble.kmc.kernel.lowering import PATHS, initial_codes, kernel_tables, occupied_sites
from coble.kmc.network.exact import solve
from coble.kmc.rates.table import RateTable, rate_table
from coble.lattices import Region, bcc, build_tubule, make_shape, uniform_lattice


def blocks_of(kernel, duration, n_block):
    """Hops in every block of equal time, int array (n_block, n_path, n_step); the first block is thrown away."""
    seen = []
    for _ in range(n_block + 1):
        kernel.advance(until=kernel.time + duration)
        seen.append(kernel.hops)
    return np.diff(seen, axis=0)


def atom_steps(graph, tables):
    """Axial displacement of the atom for a carrier hop of each class [Å]."""
    return graph.steps_A * tables.atom_direction


# --- Equilibrium: regions of different occupancy, no field ---

OCCUPANCY = {Region.BULK: 0.9, Region.INTERFACE: 0.5, Region.WALL: 0.7}
CONDUCTANCE = {Region.BULK: 0.3, Region.INTERFACE: 1.0, Region.WALL: 0.5}


@pytest.fixture(scope="module")
def tubule():
    """Its exchange edges climb."""
    return build_tubule(make_shape("single", 24.0, 12.0), bcc(3.5, "100"), wall_density=1.65e-2, segment=5.0)


def start_at_equilibrium(graph, rates, which, field=0.0, seed=0):
    """A kernel whose regions hold their equilibrium numbers, and its tables."""
    numbers = {kind: round(x * graph.count(kind)) for kind, x in OCCUPANCY.items()}
    occupied = some_of(np.random.default_rng(seed), graph, numbers)
    tables = kernel_tables(graph, rates, int(occupied.sum()), field_kT_per_A=field)
    return lowered_kernel(graph, tables, occupied, seed, which=which), tables


@pytest.mark.parametrize("which", KERNELS)
def test_no_field_no_displacement_in_any_path_class(tubule, which):
    rates = rate_table(CONDUCTANCE, OCCUPANCY)
    kernel, tables = start_at_equilibrium(tubule, rates, which)
    hops = blocks_of(kernel, 8.0, 200)
    steps = atom_steps(tubule, tables)
    seen = 0
    for path in range(len(PATHS.pairs)):
        moved, gross = hops[:, path] @ steps, (hops[:, path] @ np.abs(steps)).mean()
        if gross == 0:
            continue
        assert_within(*mean_and_error(moved), 0, at_most=0.02, scale=gross)
        seen += 1
    assert seen == 5  # three regions, metal-interface, interface-wall
    # Forward and backward hops of each step class balance one by one.
    for step in range(len(tubule.steps) // 2):
        forward, backward = hops[:, :, step].sum(axis=1), hops[:, :, len(tubule.steps) - 1 - step].sum(axis=1)
        assert_within(*mean_and_error(forward - backward), 0, at_most=0.01, scale=forward.mean())


def test_field_is_noticed_by_the_same_test(tubule):
    rates = rate_table(CONDUCTANCE, OCCUPANCY)
    kernel, tables = start_at_equilibrium(tubule, rates, GroupKernel, field=0.05)
    moved = blocks_of(kernel, 8.0, 40).sum(axis=1) @ atom_steps(tubule, tables)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*mean_and_error(moved), 0, at_most=1, scale=np.abs(moved).mean())


def region_occupancies(graph, rates, which, n_block):
    """Mean occupancy of every region, in blocks, from the equilibrium numbers on."""
    kernel, tables = start_at_equilibrium(graph, rates, which, seed=3)
    kernel.advance(until=50.0)
    samples = []
    for _ in range(n_block):
        kernel.advance(until=kernel.time + 20.0)
        occupied = occupied_sites(kernel.codes, tables)
        samples.append([occupied[graph.region == kind].mean() for kind in OCCUPANCY])
    return np.array(samples)


@pytest.mark.parametrize("which", KERNELS)
def test_regions_keep_their_equilibrium_occupancy(tubule, which):
    samples = region_occupancies(tubule, rate_table(CONDUCTANCE, OCCUPANCY), which, n_block=220)
    for column, x in zip(samples.T, OCCUPANCY.values(), strict=True):
        assert_within(*mean_and_error(column), x, at_most=0.006)


def test_regions_out_of_balance_are_noticed(tubule):
    rates = rate_table(CONDUCTANCE, OCCUPANCY)
    hop = rates.hop.copy()
    hop[Region.INTERFACE, Region.WALL] *= 2
    samples = region_occupancies(tubule, RateTable(hop, rates.occupancy), GroupKernel, n_block=40)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*mean_and_error(samples[:, 2]), OCCUPANCY[Region.WALL])


# --- In a field, against the master equation of the atoms ---


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize(("n_atom", "lowered_for"), [(2, 2), (4, 4), (4, 5), (6, 6)])
def test_small_driven_gas_carried_by_atoms_or_vacancies(n_atom, lowered_for, which):
    """Currents by path class; with four atoms on eight sites, both ways of carrying."""
    graph, field = ladder(4), 0.8
    rates = rate_table({Region.BULK: 0.5, Region.INTERFACE: 2.0}, {Region.BULK: 0.8, Region.INTERFACE: 0.4})
    whole = MasterEquation(gas(graph, rates.hop, field=field, path=PATHS.index))
    exact = whole.displacement_rates(whole.stationary(n_atom))
    tables = kernel_tables(graph, rates, lowered_for, field_kT_per_A=field)
    assert tables.atoms_carry == (2 * lowered_for <= 8)
    kernel = lowered_kernel(graph, tables, np.arange(8) < n_atom, 20 + n_atom, which=which)
    duration = 5 * whole.relaxation_time(n_atom)
    measured = blocks_of(kernel, duration, 12_000) @ atom_steps(graph, tables) / duration
    for path in np.flatnonzero(exact):
        assert_within(*mean_and_error(measured[:, path]), exact[path], at_most=0.03, scale=exact.sum() / 4)
    total = mean_and_error(measured.sum(axis=1))
    assert_within(*total, exact.sum(), at_most=0.01)
    with pytest.raises(AssertionError, match="sigma"):
        assert_within(*total, -exact.sum())


def test_atoms_and_vacancies_as_carriers_give_the_same_currents(tubule):
    """Half of the sites of a whole tubule filled, so that either may carry; one in bins, the other in groups."""
    n_atom, found = tubule.n_site // 2, []
    rates = rate_table(CONDUCTANCE, dict.fromkeys(OCCUPANCY, 0.5))
    for lowered_for, which in ((n_atom, BinKernel), (n_atom + 1 + tubule.n_site % 2, GroupKernel)):
        occupied = np.random.default_rng(5).permutation(tubule.n_site) < n_atom
        tables = kernel_tables(tubule, rates, lowered_for, field_kT_per_A=0.1)
        kernel = lowered_kernel(tubule, tables, occupied, 30, which=which)
        kernel.advance(until=20.0)
        moved = blocks_of(kernel, 4.0, 80) @ atom_steps(tubule, tables)
        found.append((tables.atoms_carry, moved @ PATHS.share))
    assert [atoms for atoms, _ in found] == [True, False]
    for kind in CONDUCTANCE:
        (one, error_one), (two, error_two) = (mean_and_error(moved[:, kind]) for _, moved in found)
        total = abs(sum(moved.sum(axis=1).mean() for _, moved in found)) / 2
        assert_within(one - two, float(np.hypot(error_one, error_two)), 0, at_most=0.02, scale=total)


def test_codes_of_both_ways_of_carrying_hold_the_same_atoms(tubule):
    occupied = np.random.default_rng(6).random(tubule.n_site) < 0.5
    rates = rate_table(CONDUCTANCE, OCCUPANCY)
    for n_atom in (10, tubule.n_site - 10):
        tables = kernel_tables(tubule, rates, n_atom)
        np.testing.assert_array_equal(occupied_sites(initial_codes(tubule, occupied, tables), tables), occupied)


# --- In a field, against the network: equal occupancies, any density, any ratio of the rates (V8, V35) ---


def layered_box(ratio):
    """A bcc crystal, three of its eight layers a faster region; both carry along the layers."""
    graph = box("bcc", 4, "100")
    graph.region[:] = np.where(graph.positions[:, 0] < 2.5, Region.INTERFACE, Region.BULK)
    return graph, {Region.BULK: 1.0, Region.INTERFACE: float(ratio)}


def measured_conductance(
    graph, by_kind, field=0.3, occupancy=0.5, seed=40, events=1_000_000, n_block=200, burn_in=20, which=GroupKernel
):
    """Axial conductance by region, in blocks, in units in which the network's answer is exact.

    The number of atoms is fixed, so the chance that a hop is open is n (N-n) / (N (N-1)) and not x (1-x); and a hop
    along the field is more frequent by 2 sinh(x/2) than one against it, where linear response says x.
    """
    n = round(occupancy * graph.n_site)
    rates = rate_table(by_kind, dict.fromkeys(by_kind, occupancy))
    tables = kernel_tables(graph, rates, n, field_kT_per_A=field)
    occupied = np.random.default_rng(seed).permutation(graph.n_site) < n
    kernel = lowered_kernel(graph, tables, occupied, seed, which=which)
    duration = events / n_block / (kernel.total_propensity * kernel.quantum)
    kernel.advance(until=burn_in * duration)
    work = field * graph.steps_A
    linear = np.where(work == 0, 1, work / 2 / np.where(work == 0, 1, np.sinh(work / 2)))
    moved = blocks_of(kernel, duration, n_block) @ (atom_steps(graph, tables) * linear) @ PATHS.share
    ensemble = n * (graph.n_site - n) / (graph.n_site * (graph.n_site - 1)) / (occupancy * (1 - occupancy))
    return moved / (duration * graph.length * field * ensemble)


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("ratio", [1, 10, 1000, 1e5])
def test_conductances_equal_those_of_the_network(ratio, which):
    """Mean of independent starts: far slower layers exchange no atoms during a run."""
    graph, by_kind = layered_box(ratio)
    short = {"events": 30_000, "n_block": 4, "burn_in": 1, "which": which}
    runs = [measured_conductance(graph, by_kind, seed=40 + i, **short).mean(axis=0) for i in range(40)]
    exact, measured = solve(graph, by_kind), np.array(runs)
    for kind in by_kind:
        assert_within(*mean_and_error(measured[:, kind]), exact.path[kind], at_most=0.01, scale=exact.total)
    assert_within(*mean_and_error(measured.sum(axis=1)), exact.total, at_most=0.01)


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("occupancy", [0.2, 0.5, 0.8])
@pytest.mark.parametrize(("axis", "cells"), [("100", (3, 4, 5)), ("110", (2, 2, 2))])
def test_conductance_of_a_uniform_lattice(axis, cells, occupancy, which):
    """g a² per site and length², whatever the boundaries: the network of its graph agrees."""
    lattice, by_kind = uniform_lattice(bcc(2.0, axis), cells), {Region.BULK: 1.5}
    exact = 1.5 * 2.0**2 * lattice.n_site / lattice.length
    assert solve(lattice.graph(), by_kind).total == pytest.approx(exact, rel=1e-9)
    measured = measured_conductance(lattice, by_kind, occupancy=occupancy, which=which)
    assert_within(*mean_and_error(measured.sum(axis=1)), exact, at_most=0.01)
    assert not measured[:, [Region.INTERFACE, Region.WALL, Region.SURFACE]].any()


@pytest.mark.parametrize("kind", [Region.BULK, Region.INTERFACE])
def test_network_with_one_region_doubled_is_told_apart(kind):
    graph, by_kind = layered_box(3)
    measured = measured_conductance(graph, by_kind, events=400_000)
    with pytest.raises(AssertionError, match="sigma"):
        exact = solve(graph, {**by_kind, kind: 2 * by_kind[kind]}).total
        assert_within(*mean_and_error(measured.sum(axis=1)), exact)


@pytest.mark.parametrize(("occupancy", "which"), [(0.2, GroupKernel), (0.8, GroupKernel), (0.8, BinKernel)])
def test_conductance_of_a_crooked_tubule(tubule, occupancy, which):
    """A real graph: shell, metal and wall, at equal occupancies and small field."""
    exact = solve(tubule, CONDUCTANCE)
    few = {"events": 1_000_000, "n_block": 100}  # blocks of ten hops a site
    measured = measured_conductance(tubule, CONDUCTANCE, field=0.1, occupancy=occupancy, which=which, **few)
    for kind in CONDUCTANCE:
        assert_within(*mean_and_error(measured[:, kind]), exact.path[kind], at_most=0.015, scale=exact.total)
    assert_within(*mean_and_error(measured.sum(axis=1)), exact.total, at_most=0.02)


@pytest.mark.parametrize("which", KERNELS)
def test_einstein_and_field_agree(which):
    """V19: <X²> / (2 t L) without field is the conductance in linear response."""
    graph = slanted_ladder()
    by_kind = {Region.BULK: 0.5, Region.INTERFACE: 3.0}
    exact = solve(graph, by_kind).total * 4 * (4 * 4 / (8 * 7)) / 0.25  # × L, four atoms on eight sites
    rates = rate_table(by_kind, dict.fromkeys(by_kind, 0.5))
    tables = kernel_tables(graph, rates, 4)
    kernel = lowered_kernel(graph, tables, np.arange(8) % 2 == 0, 50, which=which)
    duration = 40.0
    moved = blocks_of(kernel, duration, 12_000).sum(axis=1) @ atom_steps(graph, tables)
    assert_within(*mean_and_error(moved**2 / (2 * duration)), exact, at_most=0.02)
    with pytest.raises(AssertionError, match="sigma"):  # rungs left out
        assert_within(*mean_and_error(moved**2 / (2 * duration)), exact * 3.5 / 3.7449)
