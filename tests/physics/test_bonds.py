"""Metal with bonds: energies, detailed balance, and the Boltzmann distribution of a system counted state by state."""

from itertools import combinations

import numpy as np
import pytest
from checks import assert_within, mean_and_error
from clusters import KT, MOBILITIES, MODEL, A, cluster, energies_kT

from coble.kmc.kernel._kernel import GroupKernel
from coble.kmc.rates.bonds import PATH_PAIRS, PATHS, BondModel, Mobilities, bond_tables, classify, hop_rates
from coble.lattices import Region, bcc, build_box, build_tubule, make_shape, shell


@pytest.mark.parametrize(("channel", "wall", "n_atom"), [(3, 0, 4), (1, 2, 5), (0, 0, 5)])
def test_every_hop_between_all_states_is_balanced(channel, wall, n_atom):
    """π(s) k(s → s') = π(s') k(s' → s), with π from the bonds and k from the codes of each state."""
    graph = cluster(channel, wall)
    sites = classify(graph, A)
    rate, path = hop_rates(sites, MODEL, MOBILITIES)
    site = np.arange(graph.n_site)
    states = np.array([np.isin(site, atoms) for atoms in combinations(site, n_atom)])
    energy, code = energies_kT(graph, states), np.array([sites.code(state) for state in states]).astype(int)
    bits, row = states @ (1 << site), np.full(1 << graph.n_site, -1)
    row[bits] = np.arange(len(states))
    checked = 0
    for i, j in zip(graph.sources().astype(int), graph.target.astype(int), strict=True):
        here = np.flatnonzero(states[:, i] & ~states[:, j])
        there = row[bits[here] ^ (1 << i | 1 << j)]
        forth, back = (code[here, i], code[here, j]), (code[there, j], code[there, i])
        np.testing.assert_allclose(rate[forth], rate[back] * np.exp(energy[here] - energy[there]), rtol=1e-12)
        np.testing.assert_array_equal(path[forth], path[back])
        checked += len(here)
    assert checked > 500


def test_the_kernel_samples_the_boltzmann_distribution():
    """Mean energy and mean number of metal atoms in time, against the sum over all states; a control is off."""
    graph = cluster()
    sites = classify(graph, A)
    tables = bond_tables(sites, MODEL, MOBILITIES)
    states = [np.isin(np.arange(12), atoms) for atoms in combinations(range(12), 5)]
    energies = energies_kT(graph, states)
    metal = np.array([s[graph.region == Region.BULK].sum() for s in states])
    weight = np.exp(-energies)
    weight /= weight.sum()
    number = {s.tobytes(): k for k, s in enumerate(states)}
    kernel = GroupKernel(sites.neighbours, sites.code(states[0]), tables, np.random.SFC64(4))
    kernel.advance(until=20.0)
    blocks = []
    for _ in range(200):
        seen = []
        for _ in range(60):
            kernel.advance(until=kernel.time + 0.5)
            seen.append(number[(kernel.codes % 2 == 1).tobytes()])
        blocks.append((energies[seen].mean(), metal[seen].mean()))
    blocks = np.array(blocks)
    spread = np.sqrt(weight @ energies**2 - (weight @ energies) ** 2)
    assert_within(*mean_and_error(blocks[:, 0]), weight @ energies, at_most=0.02, scale=spread)
    assert_within(*mean_and_error(blocks[:, 1]), weight @ metal, at_most=0.02, scale=1.0)
    # A bond a tenth weaker would be seen.
    weaker = np.exp(-energies_kT(graph, states, BondModel(0.9 * 1.1 * KT, 0.7 * KT, 300.0, 0.8, 0.3)))
    value, error = mean_and_error(blocks[:, 1])
    assert abs(value - weaker @ metal / weaker.sum()) > 4 * error


def test_the_kept_state_after_a_million_events_on_a_tubule():
    graph = build_tubule(make_shape("single", 25.0, 8.0), bcc(A, "110"), wall_density=4e-2, segment=30.0).opened()
    assert graph.faults() == []
    sites = classify(graph, A)
    tables = bond_tables(sites, BondModel(0.05, 0.05, 300.0), MOBILITIES)
    half = graph.z < 15.0
    kernel = GroupKernel(sites.neighbours, sites.code(half), tables, np.random.SFC64(2))
    kernel.advance(max_events=1_000_000)
    np.testing.assert_array_equal(kernel.codes, sites.code(kernel.codes % 2 == 1))
    np.testing.assert_array_equal(kernel.kept_propensities(), kernel.propensities())
    assert int(kernel.kept_propensities().astype(object).sum()) == kernel.total_propensity
    seen = {PATH_PAIRS[n] for n in np.flatnonzero(kernel.hops.sum(axis=1))}
    assert {("metal surface", "metal surface"), ("interface", "interface"), ("wall", "wall")} <= seen


def test_a_kink_has_no_energy():
    """Half of the neighbours of each shell: the energy at which metal coexists with channel and wall."""
    sites = classify(build_box(bcc(A), (3, 3, 3)), A)
    rate, _ = hop_rates(sites, BondModel(0.1, 0.2, 300.0), Mobilities(*[1.0] * 5))
    first, second = np.array([4, 0]), np.array([3, 0])
    kink, lone = sites.codes.of(np.array([0, 0]), np.array([True, False]), first, second)
    beside = sites.codes.of(np.array([0]), np.array([False]), np.array([1]), np.array([0]))[0]
    assert rate[kink, beside] == pytest.approx(np.exp(-(4 * 0.1 + 3 * 0.2) / KT))
    assert rate[kink, lone] == 0.0  # a neighbour that does not count the atom beside it cannot be


def test_the_slowest_hops_are_left_out_and_said():
    sites = classify(build_box(bcc(A), (4, 4, 4)), A)
    strong = bond_tables(sites, BondModel(0.3, 0.3, 300.0), MOBILITIES)
    assert 0 < strong.dropped_below < 1e-9
    rate, _ = hop_rates(sites, BondModel(0.3, 0.3, 300.0), MOBILITIES)
    kept = rate >= strong.dropped_below
    np.testing.assert_allclose(strong.rate[0][kept] * strong.quantum, rate[kept], rtol=1e-4)
    assert not strong.rate[0][~kept].any()
    assert bond_tables(sites, BondModel(0.01, 0.01, 300.0), MOBILITIES).dropped_below == 0.0


def test_paths_of_hops():
    assert PATH_PAIRS[: len(PATHS)] == tuple((path, path) for path in PATHS)
    assert len(PATH_PAIRS) == 15


def test_second_neighbours_of_a_periodic_box():
    graph = build_box(bcc(A), (3, 3, 3))
    indptr, target = shell(graph, A, np.ones(graph.n_site, dtype=bool))
    assert set(np.diff(indptr)) == {6}
    source = np.repeat(np.arange(graph.n_site), 6)
    assert {(i, j) for i, j in zip(source, target, strict=True)} == {
        (j, i) for i, j in zip(source, target, strict=True)
    }


def test_an_open_tubule_has_two_ends():
    graph = build_tubule(make_shape("single", 20.0, 8.0), bcc(A, "110"), wall_density=4e-2, segment=30.0)
    opened = graph.opened()
    assert opened.faults() == []
    assert graph.cell[2] > 0 and opened.cell[2] == 0
    rise = np.abs(opened.positions[opened.target, 2] - opened.positions[opened.sources(), 2])
    assert rise.max() < 4.0
    lost = np.diff(graph.indptr) - np.diff(opened.indptr)
    z = graph.z
    assert lost[(z > 4) & (z < graph.length - 4)].max() == 0 and lost.sum() > 0
