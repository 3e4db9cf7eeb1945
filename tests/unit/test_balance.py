"""Detailed balance: energies come back, small misfits are spread, and large ones are refused with a shortest cycle."""

import re
from dataclasses import replace

import numpy as np
import pytest
from small_graphs import graph_of

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.rates.balance import Unbalanced, balanced
from coble.kmc.rates.own_rates import own_rates

T = 300.0
KT = BOLTZMANN_EV_K * T


def directed(bonds):
    """Directed edges of undirected bonds (site, site, shift along the axis): source, target, shift, reverse."""
    bonds = np.asarray(bonds, dtype=np.int64).reshape(-1, 3)
    n = len(bonds)
    shift = np.zeros((2 * n, 3), dtype=np.int8)
    shift[:, 2] = np.concatenate([bonds[:, 2], -bonds[:, 2]])
    source, target = np.concatenate([bonds[:, 0], bonds[:, 1]]), np.concatenate([bonds[:, 1], bonds[:, 0]])
    return source, target, shift, np.roll(np.arange(2 * n), n)


def solved(n_site, bonds, forward_eV, backward_eV, **options):
    """`balanced` of barriers of undirected bonds."""
    source, target, shift, reverse = directed(bonds)
    rate = 1e13 * np.exp(-np.concatenate([forward_eV, backward_eV]) / KT)
    return balanced(n_site, source, target, rate, reverse, temperature_K=T, shift=shift, **options), rate


def ladder_of(n):
    """Two rings of n sites round the periodic axis, with rungs: its shortest cycles are squares, or wind."""
    bonds = [(side * n + i, side * n + (i + 1) % n, int(i == n - 1)) for side in range(2) for i in range(n)]
    return bonds + [(i, n + i, 0) for i in range(n)]


def random_balanced(seed, n_site=12, n_bond=24):
    """Bonds between random sites, self-bonds and double bonds included, with barriers in detailed balance."""
    rng = np.random.default_rng(seed)
    tree = [(int(rng.integers(0, i)), i, 0) for i in range(1, n_site)]
    more = [(int(a), int(b), int(s)) for a, b, s in rng.integers((0, 0, -1), (n_site, n_site, 2), (n_bond, 3))]
    bonds = sorted({(a, b, s) for a, b, s in tree + more if a < b or (a == b and s > 0)})
    energy = rng.normal(0.0, 0.1, n_site)
    saddle = rng.uniform(0.5, 0.9, len(bonds))
    i, j, _ = np.array(bonds).T
    return bonds, energy, saddle - energy[i], saddle - energy[j]


@pytest.mark.parametrize("seed", range(20))
def test_energies_come_back(seed):
    bonds, energy, forward, backward = random_balanced(seed)
    found, rate = solved(len(energy), bonds, forward, backward)
    assert found.energy_eV == pytest.approx(energy - energy.min(), abs=1e-12)
    assert np.array_equal(found.rate, rate)
    assert found.reconciled_max_eV == found.reconciled_rms_eV == 0


def test_parts_that_no_bond_joins_have_energies_of_their_own():
    found, _ = solved(5, [(0, 1, 0), (2, 3, 0)], [0.3, 0.5], [0.4, 0.4])
    assert found.component.tolist() == [0, 0, 1, 1, 2]
    assert found.energy_eV == pytest.approx([0.1, 0.0, 0.0, 0.1, 0.0], abs=1e-12)  # E_i - E_j = backward - forward


def test_closed_bonds_join_nothing_and_bonds_of_one_way_are_refused():
    source, target, shift, reverse = directed([(0, 1, 0), (1, 2, 0)])
    rate = np.array([1.0, 0.0, 2.0, 0.0])
    assert balanced(3, source, target, rate, reverse, temperature_K=T).component.tolist() == [0, 0, 1]
    rate[3] = 5.0
    with pytest.raises(ValueError, match="from site 2 to site 1 is 5 1/s, but back it is 0"):
        balanced(3, source, target, rate, reverse, temperature_K=T)
    for bad in (-1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="from site 0 to site 1 must be at least 0"):
            balanced(3, source, target, np.array([bad, 1, 1, 1]), reverse, temperature_K=T)


# --- Tables that are broken ---


def shortest_length(bonds, broken):
    """Bonds of the shortest cycle through one bond, by plain search for the way back without it."""
    i, j, _ = bonds[broken]
    reached, distance = {j}, 0
    while i not in reached:
        reached |= {b if a in reached else a for k, (a, b, _) in enumerate(bonds) if k != broken and {a, b} & reached}
        distance += 1
        if distance > len(bonds):
            return None
    return distance + 1


@pytest.mark.parametrize("seed", range(60))
def test_one_bond_perturbed_is_found(seed):
    bonds, energy, forward, backward = random_balanced(seed, n_bond=10)
    rng = np.random.default_rng([seed, 1])
    broken, change = int(rng.integers(len(bonds))), float(rng.choice([-1, 1]) * rng.uniform(2e-3, 0.5))
    forward[broken] -= change
    expected = shortest_length(bonds, broken)
    if expected is None:  # a bond that no cycle contains is in balance with any barriers
        assert solved(len(energy), bonds, forward, backward)[0].reconciled_max_eV == 0
        return
    with pytest.raises(Unbalanced) as caught:
        solved(len(energy), bonds, forward, backward)
    error = caught.value
    assert {broken, broken + len(bonds)} & set(error.edges), "the cycle does not contain the bond that was changed"
    assert error.affinity_eV == pytest.approx(abs(change), abs=1e-9)
    assert len(error.sites) == expected
    source, target, shift, _ = directed(bonds)
    edges = list(error.edges)
    assert np.array_equal(source[edges], error.sites)
    assert np.array_equal(target[edges], np.roll(error.sites, -1))
    assert error.winds == tuple(shift[edges].astype(int).sum(axis=0).tolist())
    assert (broken in edges) == (change > 0), "the rates drive atoms the other way round"


def test_a_cycle_that_winds_round_the_box_is_named():
    bonds = ladder_of(6)
    forward, backward = np.full(18, 0.4), np.full(18, 0.4)
    backward[:12] += 0.01  # every bond along the axis, as a field would: all squares balance
    with pytest.raises(Unbalanced) as caught:
        solved(12, bonds, forward, backward)
    error = caught.value
    assert error.winds == (0, 0, 1)
    assert len(error.sites) == 6
    assert error.affinity_eV == pytest.approx(0.06, abs=1e-9)
    assert re.search(r"0\.06 eV, at most 0\.001 eV.*winds round the periodic box \(\+1 along c\)", str(error))


def test_a_site_bound_to_its_own_image_must_hop_both_ways_alike():
    with pytest.raises(Unbalanced) as caught:
        solved(1, [(0, 0, 1)], [0.30], [0.35])
    assert (caught.value.sites, caught.value.winds) == ((0,), (0, 0, 1))
    assert caught.value.affinity_eV == pytest.approx(0.05, abs=1e-9)
    assert solved(1, [(0, 0, 1)], [0.3], [0.3])[0].energy_eV.tolist() == [0.0]


def test_a_local_cycle_is_said_not_to_wind():
    bonds = ladder_of(40)
    forward = np.full(120, 0.4)
    forward[17] += 0.02
    with pytest.raises(Unbalanced, match="affinity 0.02 eV") as caught:
        solved(80, bonds, forward, np.full(120, 0.4))
    assert sorted(caught.value.sites) == [17, 18, 57, 58]
    assert caught.value.winds == (0, 0, 0)
    assert "winds" not in str(caught.value)


def test_of_two_broken_bonds_the_shorter_cycle_is_told():
    n = 30
    bonds = [*ladder_of(n), (3, n + 4, 0)]  # one diagonal makes two triangles
    forward, backward = np.full(len(bonds), 0.4), np.full(len(bonds), 0.4)
    forward[20] += 0.3
    forward[-1] += 0.01
    with pytest.raises(Unbalanced) as caught:
        solved(2 * n, bonds, forward, backward)
    assert len(caught.value.sites) == 3
    assert caught.value.affinity_eV == pytest.approx(0.01, abs=1e-9)


def test_long_cycles_are_shortened_in_the_message():
    bonds = [(i, (i + 1) % 50, int(i == 49)) for i in range(50)]
    with pytest.raises(Unbalanced, match=r"\(39 more\) → \d+ → \d+: affinity 0.5 eV") as caught:
        solved(50, bonds, np.full(50, 0.4), np.full(50, 0.41))
    assert len(caught.value.sites) == 50


# --- Small misfits ---


@pytest.mark.parametrize("seed", range(20))
def test_rounded_barriers_are_reconciled(seed):
    bonds, energy, forward, backward = random_balanced(seed)
    rounded = np.round(forward, 4), np.round(backward, 4)
    found, rate = solved(len(energy), bonds, *rounded)
    n = len(bonds)
    i, j, _ = np.array(bonds).T
    drop = rounded[1] - rounded[0]
    incidence = np.zeros((n, len(energy)))
    np.add.at(incidence, (np.arange(n), i), 1.0)
    np.add.at(incidence, (np.arange(n), j), -1.0)
    best = np.linalg.lstsq(incidence, drop, rcond=None)[0]
    assert found.energy_eV == pytest.approx(best - best.min(), abs=1e-9)
    left = drop - incidence @ best
    assert found.reconciled_max_eV == pytest.approx(np.abs(left).max(), abs=1e-9)
    assert found.reconciled_rms_eV == pytest.approx(np.sqrt(np.mean(left**2)), abs=1e-9)
    forward_rate, backward_rate = found.rate[:n], found.rate[n:]
    assert forward_rate * backward_rate == pytest.approx(rate[:n] * rate[n:], rel=1e-12)
    assert KT * np.log(forward_rate / backward_rate) == pytest.approx(
        found.energy_eV[i] - found.energy_eV[j], abs=1e-12
    )
    assert 0 < found.reconciled_max_eV < 1e-4


def test_the_tolerance_is_that_of_an_affinity():
    triangle = [(0, 1, 0), (1, 2, 0), (2, 0, 0)]
    forward, backward = [0.4] * 3, [0.4, 0.4, 0.4009]
    assert solved(3, triangle, forward, backward)[0].reconciled_max_eV == pytest.approx(0.0003, abs=1e-9)
    with pytest.raises(Unbalanced, match="at most 0.0005 eV"):
        solved(3, triangle, forward, backward, tolerance_eV=5e-4)
    assert solved(3, triangle, forward, [0.4, 0.4, 0.43], tolerance_eV=0.1)[0].reconciled_max_eV == pytest.approx(0.01)


# --- Occupancies ---


def lattice_with(energy, region, bonds, names=("a", "b", "c"), forward=0.4):
    """A lattice of inner bonds and the rates of its edges, all saddles at one height."""
    lattice = replace(graph_of(len(energy), [(i, j, 0) for i, j in bonds], kind=region), regions=names)
    rate = 1e13 * np.exp(-(forward - np.asarray(energy)[lattice.sources()]) / KT)
    return lattice, rate


def test_one_stated_occupancy_sets_all_others():
    energy = np.array([0.0, 0.0, 0.05, 0.08])
    lattice, rate = lattice_with(energy, [0, 0, 1, 1], [(0, 1), (1, 2), (2, 3)])
    found = own_rates(lattice, rate, temperature_K=T, occupancy={0: 0.9})
    x = found.rates.occupancy
    assert x[:2] == pytest.approx([0.9, 0.9])
    assert -KT * np.log(x / (1 - x)) == pytest.approx(energy - KT * np.log(9), abs=1e-9)
    assert found.rates.imbalance(found.lattice) < 1e-9
    both = own_rates(lattice, rate, temperature_K=T, occupancy={0: 0.9, 1: float(x[2:].mean())})
    assert both.rates.occupancy == pytest.approx(x, abs=1e-12)


def test_occupancies_that_contradict_the_barriers_are_refused():
    lattice, rate = lattice_with([0.0, 0.1], [0, 1], [(0, 1)])
    would = 1 / (1 + np.exp(0.1 / KT))
    with pytest.raises(ValueError, match=rf"with 0.5 in 'a' .* give {would:.4g} in 'b', but 0.5 is stated"):
        own_rates(lattice, rate, temperature_K=T, occupancy={0: 0.5, 1: 0.5})
    for bad in (0.0, 1.0, -0.1):
        with pytest.raises(ValueError, match="'b' must lie between 0 and 1"):
            own_rates(lattice, rate, temperature_K=T, occupancy={1: bad})


def test_without_a_statement_half_of_each_part_is_full():
    energy = np.array([0.0, 0.03, 0.06, 0.0, 0.02])
    lattice, rate = lattice_with(energy, [0, 0, 1, 2, 2], [(0, 1), (1, 2), (3, 4)])
    x = own_rates(lattice, rate, temperature_K=T).rates.occupancy
    assert [x[:3].mean(), x[3:].mean()] == pytest.approx([0.5, 0.5])
    x = own_rates(lattice, rate, temperature_K=T, occupancy={2: 0.2}, mean=0.1).rates.occupancy
    assert [x[:3].mean(), x[3:].mean()] == pytest.approx([0.1, 0.2])


# --- Classes ---


@pytest.mark.parametrize(("n_rate", "n_class"), [(1, 1), (5, 9), (16, 31), (300, 600)])
def test_edges_are_sorted_by_their_rates(n_rate, n_class):
    """Level bonds inside one region: but for one rate in a narrow lattice, the two senses are classes of their own."""
    rng = np.random.default_rng(n_class)
    n = 900
    bonds = [(i, (i + 1) % n) for i in range(n)]
    lattice, _ = lattice_with(np.zeros(n), np.zeros(n, dtype=int), bonds)
    barrier = rng.uniform(0.3, 0.4, n_rate)[rng.permutation(np.arange(n) % n_rate)]
    source, target = lattice.sources().astype(int), lattice.target.astype(int)
    bond = np.where((source + 1) % n == target, source, target)
    rate = 1e13 * np.exp(-barrier[bond] / KT)
    found = own_rates(lattice, rate, temperature_K=T)
    assert found.lattice.n_class == n_class
    assert found.lattice.wide == (n_class > 32)
    assert np.array_equal(found.lattice.reverse_of_class, np.arange(n_class)[::-1]), "as the kernel takes it to be"
    assert found.rates.edge_rates(found.lattice) == pytest.approx(rate, rel=1e-8)
    assert found.rates.imbalance(found.lattice) < 1e-9
