"""Rules and tables of barriers, and the Arrhenius law behind them."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest
from small_graphs import box, graph_of

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.rates.arrhenius import arrhenius
from coble.kmc.rates.balance import Unbalanced
from coble.kmc.rates.barriers import (
    BarrierFault,
    BarrierRule,
    BarrierTable,
    rule_rates,
    shells_of,
    table_rates,
    with_reverse,
)
from coble.kmc.rates.own_rates import own_rates
from coble.lattices import Lattice
from coble.lattices.bond_names import class_in_words, given_shift

T = 600.0
KT = BOLTZMANN_EV_K * T


# --- Two of three ---


@pytest.mark.parametrize("left_out", ["rate_1_s", "prefactor_1_s", "barrier_eV"])
def test_two_numbers_give_the_third(left_out):
    whole = {"rate_1_s": 1e13 * exp(-0.3 / KT), "prefactor_1_s": 1e13, "barrier_eV": 0.3}
    found = arrhenius(T, **{name: value for name, value in whole.items() if name != left_out})
    assert vars(found) == pytest.approx(whole, rel=1e-12)
    assert vars(arrhenius(T, **whole)) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rate_1_s": 1.0}, "give two of rate_1_s, prefactor_1_s and barrier_eV, got only rate_1_s"),
        ({}, "got none"),
        ({"prefactor_1_s": 1e13, "barrier_eV": -0.1}, "barrier_eV must be at least 0 eV, got -0.1"),
        ({"prefactor_1_s": 1e13, "barrier_eV": float("nan")}, "barrier_eV must be at least 0 eV, got nan"),
        ({"prefactor_1_s": 0.0, "barrier_eV": 0.1}, "prefactor_1_s must be positive and finite, got 0.0"),
        ({"prefactor_1_s": 1e13, "rate_1_s": 1e14}, "rate_1_s must not be larger than prefactor_1_s"),
        ({"prefactor_1_s": 1e13, "rate_1_s": 1e12, "barrier_eV": 0.3}, "but rate_1_s is 1e\\+12"),
        ({"prefactor_1_s": 1e13, "barrier_eV": 60.0}, "lets nothing pass"),
        ({"rate_1_s": 1e13, "barrier_eV": 60.0}, "no prefactor gives"),
    ],
)
def test_numbers_that_cannot_be(given, message):
    with pytest.raises(ValueError, match=message):
        arrhenius(T, **given)


# --- Rules ---


def crystal(lattice, regions=("a", "b"), region=None, scale=(1.0, 1.0, 1.0)):
    """A periodic box with the cells that its bonds cross, stretched along the axes."""
    graph = box(lattice, 4)
    return framed(graph, regions, region, scale)


def framed(graph, regions, region=None, scale=(1.0, 1.0, 1.0)):
    """A graph with regions, and with the shifts by which every bond is as short as can be."""
    way = graph.positions[graph.target] - graph.positions[graph.sources()]
    shift = -np.rint(np.divide(way, graph.cell, out=np.zeros_like(way), where=graph.cell > 0)).astype(np.int8)
    return replace(
        graph,
        xy=graph.xy * scale[:2],
        unit=graph.unit * scale[2],
        cell=graph.cell * scale,
        shift=shift,
        region=graph.region if region is None else np.asarray(region, dtype=np.uint8),
        regions=regions,
    )


def rule(*between, **numbers):
    """A rule with the usual prefactor."""
    return BarrierRule(between, **{"prefactor_1_s": 1e13, "barrier_eV": 0.3} | numbers)


def barriers_of(rate):
    """Barriers [eV] at that prefactor."""
    return -KT * np.log(rate / 1e13)


def test_one_rule_for_all_bonds():
    lattice = crystal("fcc")
    rate = rule_rates(lattice, [rule("a", "a")], T)
    assert rate == pytest.approx(np.full(lattice.n_edge, 1e13 * exp(-0.3 / KT)))
    found = own_rates(lattice, rate, temperature_K=T)
    assert np.array_equal(found.rates.occupancy, np.full(lattice.n_site, 0.5))
    assert not found.lattice.wide
    assert found.lattice.n_class == len(lattice.steps)


def test_a_direction_is_cartesian_and_has_no_sense():
    lattice = crystal("fcc", scale=(1.8, 1.8, 1.8))
    rate = rule_rates(lattice, [rule("a", "a"), rule("a", "a", barrier_eV=0.2, direction=(-2, 2, 0))], T)
    vectors = lattice.hop_vectors_A
    along = np.isclose(np.abs(vectors @ [1, -1, 0]), 1.8 * 2) & np.isclose(vectors[:, 2], 0)
    assert 2 * lattice.n_site == along.sum()
    assert barriers_of(rate) == pytest.approx(np.where(along, 0.2, 0.3))


def test_a_class_is_a_shell_of_equal_length():
    lattice = crystal("sc", scale=(1.0, 1.0, 1.3))
    rate = rule_rates(lattice, [rule("a", "a", shell=1, barrier_eV=0.5), rule("a", "a", shell=0)], T)
    upright = np.abs(lattice.hop_vectors_A[:, 2]) > 0.5
    assert barriers_of(rate) == pytest.approx(np.where(upright, 0.5, 0.3))
    assert shells_of(np.array([2.505, 2.0, 2.001, 2.5, 3.0])).tolist() == [1, 0, 0, 1, 2]


def test_rules_leave_other_bonds_alone():
    lattice = crystal("sc", region=np.arange(64) // 32)  # the upper half along x
    rate = rule_rates(lattice, [rule("a", "a"), rule("a", "b", barrier_eV=0.4)], T)
    here, there = lattice.region[lattice.sources()], lattice.region[lattice.target]
    assert np.array_equal(np.isnan(rate), here == 1)
    assert barriers_of(rate[(here == 0) & (there == 1)]) == pytest.approx(0.4)


def test_the_way_back_follows_from_occupancies():
    lattice = crystal("sc", region=np.arange(64) // 32)
    rules = [rule("a", "a"), rule("b", "b"), rule("a", "b", barrier_eV=0.4)]
    x = {0: 0.9, 1: 0.2}
    found = own_rates(lattice, with_reverse(lattice, rule_rates(lattice, rules, T), x), temperature_K=T, occupancy=x)
    assert found.rates.occupancy == pytest.approx(np.where(lattice.region == 0, 0.9, 0.2))
    assert found.rates.imbalance(found.lattice) < 1e-9
    given = [*rules, rule("b", "a", barrier_eV=0.4 - KT * np.log(36))]
    again = own_rates(lattice, rule_rates(lattice, given, T), temperature_K=T, occupancy={0: 0.9})
    assert again.rates.occupancy == pytest.approx(found.rates.occupancy)
    with pytest.raises(ValueError, match="barrier from 'b' to 'a' is missing.*or the occupancies"):
        with_reverse(lattice, rule_rates(lattice, rules, T), {0: 0.9})


def test_bonds_without_a_rule_are_named():
    lattice = crystal("sc", region=np.arange(64) // 32)
    rate = rule_rates(lattice, [rule("a", "a")], T)
    with pytest.raises(ValueError, match=r"hops have no rate, the first from site \d+ \('a'\) to site \d+ \('b'\)"):
        own_rates(lattice, rate, temperature_K=T)


@pytest.mark.parametrize(
    ("rules", "index", "message"),
    [
        ([rule("a", "c")], 0, "no region 'c', there are 'a', 'b'"),
        ([rule("a", "a"), rule("a", "b")], 1, "no bond leads from 'a' to 'b'"),
        ([rule("a", "a"), rule("a", "a")], 1, "two rules for one bond: between 'a' and 'a', and between"),
        (
            [rule("a", "a", direction=(1, 0, 0)), rule("a", "a", shell=0)],
            1,
            r"two rules for one bond: between 'a' and 'a' along \[1, 0, 0\], and between 'a' and 'a' of class 0",
        ),
        ([rule("a", "a", direction=(1, 0, 0), shell=0)], 0, "a direction or a class, not both"),
        ([rule("a", "a", direction=(1, 1, 0))], 0, "no bond of this pair has this direction"),
        ([rule("a", "a", direction=(0, 0, 0))], 0, "three numbers, not all 0"),
        ([rule("a", "a", shell=1)], 0, "have the classes 0 to 0"),
        ([rule("a", "a", barrier_eV=-0.3)], 0, "barrier_eV must be at least 0 eV, got -0.3"),
    ],
)
def test_rules_that_cannot_be(rules, index, message):
    with pytest.raises(BarrierFault, match=message) as caught:
        rule_rates(crystal("sc"), rules, T)
    assert caught.value.index == index


# --- Tables ---


def table(rows, prefactor=1e13):
    """A table from rows (i, j, shift along the axis, forward, backward)."""
    i, j, shift, forward, backward = (np.array(column) for column in zip(*rows, strict=True))
    cells = np.column_stack([np.zeros((len(i), 2), dtype=int), shift])
    return BarrierTable(i, j, cells, forward, backward, np.full(len(i), prefactor))


def ring():
    """Four sites round the periodic axis, and two of them bound twice, by bonds of different cells."""
    graph = graph_of(
        4,
        [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 1), (0, 2, 2), (0, 2, -2)],
        positions=np.column_stack([np.zeros((4, 2)), np.arange(4)]),
        cell=[0, 0, 4],
    )
    shift = np.zeros((graph.n_edge, 3), dtype=np.int8)
    height = graph.height.astype(int)
    shift[:, 2] = (graph.steps[graph.step_class] - height[graph.target] + height[graph.sources()]) // 4
    return replace(graph, shift=shift, regions=("a",))


ROWS = [(0, 1, 0, 0.30, 0.35), (1, 2, 0, 0.4, 0.3), (2, 3, 0, 0.2, 0.2), (0, 3, -1, 0.25, 0.2)]
ROWS += [(0, 2, 0, 0.5, 0.45), (2, 0, 1, 0.55, 0.6)]


def test_a_table_sets_both_directions_of_every_bond():
    lattice = ring()
    rate = table_rates(lattice, table(ROWS), T)
    expected = {(i, j, s): f for i, j, s, f, _ in ROWS} | {(j, i, -s): b for i, j, s, _, b in ROWS}
    edges = zip(lattice.sources().tolist(), lattice.target.tolist(), lattice.shift[:, 2].tolist(), strict=True)
    assert barriers_of(rate) == pytest.approx([expected[edge] for edge in edges])
    partly = table_rates(lattice, table(ROWS[:3]), T)
    assert np.isnan(partly).sum() == 6


def test_energies_of_a_table():
    rows = [(0, 1, 0, 0.30, 0.35), (1, 2, 0, 0.4, 0.3), (2, 3, 0, 0.2, 0.2), (0, 3, -1, 0.25, 0.2)]
    rows += [(0, 2, 0, 0.5, 0.45), (2, 0, 1, 0.55, 0.6)]
    found = own_rates(ring(), table_rates(ring(), table(rows), T), temperature_K=T)
    assert found.energy_eV == pytest.approx([0.05, 0.0, 0.1, 0.1], abs=1e-12)


@pytest.mark.parametrize(
    ("change", "index", "message"),
    [
        ({1: (1, 9, 0, 0.4, 0.3)}, 1, "no site 9: sites are numbered 0 to 3"),
        ({2: (-1, 3, 0, 0.4, 0.3)}, 2, "no site -1"),
        ({3: (0, 3, 0, 0.2, 0.2)}, 3, r"sites 0 and 3 with shift \(0, 0, 0\) is no bond of the lattice"),
        ({3: (0, 3, 500, 0.2, 0.2)}, 3, r"shift \(0, 0, 500\) is no bond"),
        ({1: (0, 1, 0, 0.30, 0.35)}, 1, r"sites 0 and 1 with shift \(0, 0, 0\) stands twice"),
        ({4: (1, 0, 0, 0.30, 0.35)}, 4, "sites 1 and 0 .* stands twice"),
        ({0: (0, 1, 0, -0.3, 0.35)}, 0, "forward_eV must be at least 0 eV, got -0.3"),
        ({0: (0, 1, 0, 0.3, float("nan"))}, 0, "backward_eV must be at least 0 eV, got nan"),
        ({5: (2, 0, 1, 0.55, 80.0)}, 5, "nothing passes at 600 K"),
    ],
)
def test_tables_that_cannot_be(change, index, message):
    rows = [change.get(row, values) for row, values in enumerate(ROWS)]
    with pytest.raises(BarrierFault, match=message) as caught:
        table_rates(ring(), table(rows), T)
    assert caught.value.index == index


def test_prefactors_of_a_table_must_be_positive():
    with pytest.raises(BarrierFault, match=r"prefactor_1_s must be positive and finite, got 0\.0"):
        table_rates(ring(), table(ROWS, prefactor=0.0), T)


def test_a_class_is_named_by_its_first_bond():
    lattice = ring()
    names = [class_in_words(lattice, number) for number in range(lattice.n_class)]
    assert [float(step) for step in lattice.steps] == [-2, -1, 1, 2]
    assert names[3] == "site 0 (a) to site 2 (a) and 1 more"
    assert names[2] == "site 0 (a) to site 1 (a) and 3 more"
    found = own_rates(lattice, table_rates(lattice, table(ROWS), T), temperature_K=T).lattice
    ends = {class_in_words(found, number) for number in range(found.n_class)}
    assert "site 3 (a) to site 0 (a) in cell (0, 0, +1)" in ends
    assert len(ends) == 12
    assert class_in_words(lattice, 1, here=5) == "bonds of class 1"


@pytest.mark.parametrize("axis", "xyz")
def test_bonds_are_named_and_cycles_wind_as_the_structure_was_given(axis):
    ase = pytest.importorskip("ase")
    at = np.zeros((3, 3))
    at[:, "xyz".index(axis)] = [0.5, 3.0, 8.0]  # the last lies outside the cell of 6 Å
    cell = np.where(np.eye(3) > 0, 9.0, 0.0)
    cell["xyz".index(axis), "xyz".index(axis)] = 6.0
    atoms = ase.Atoms("Li3", positions=at + 1.0, cell=cell, pbc=True)
    over = [0, 0, 0]
    over["xyz".index(axis)] = 1
    bonds = [(0, 1, 0, 0, 0), (1, 2, 0, 0, 0), (2, 0, *over)]
    lattice = Lattice.from_atoms(atoms, bonds=bonds, axis=axis)
    rate = np.full(lattice.n_edge, 1.0)
    shifts = {tuple(given_shift(lattice, edge).tolist()) for edge in range(lattice.n_edge)}
    assert shifts == {(0, 0, 0), tuple(over), tuple(-each for each in over)}
    rate[(lattice.sources() == 0) & (lattice.target == 1)] = 2.0
    with pytest.raises(Unbalanced) as caught:
        own_rates(lattice, rate, temperature_K=T)
    assert caught.value.sites == (0, 1, 2)
    assert caught.value.winds == tuple(over)
    assert f"+1 along {'abc'['xyz'.index(axis)]}" in str(caught.value)
