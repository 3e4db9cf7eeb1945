"""Wide edges, whose class stands beside them: bit for bit as the twins, and as narrow edges where both can be."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from random_gases import STREAMS, random_arguments, state_of, twins
from wide_gases import random_wide_arguments, widened

from coble.kmc.kernel._kernel import BinKernel, GroupKernel, ScoreKernel
from coble.kmc.kernel.lowering import NeighbourTable, RateRangeError, whole_tables

GROUPS = [GroupKernel, ScoreKernel]


@pytest.mark.parametrize("which", GROUPS)
@pytest.mark.parametrize("first", range(0, 120, 40))
def test_random_gases(which, first):
    events = 0
    for seed in range(first, first + 40):
        kernel, twin = twins(random_wide_arguments(seed), seed, STREAMS[seed % 2], which)
        for _ in range(3):
            assert kernel.advance(max_events=50).name == twin.advance(max_events=50)
            assert state_of(kernel) == state_of(twin)
            np.testing.assert_array_equal(kernel.hop_rates(), twin.hop_rates())
            if which is ScoreKernel:
                assert kernel.path_propensities().tolist() == twin.path_propensities()
                assert kernel.kept_path_propensities().tolist() == twin.path_propensities()
                np.testing.assert_array_equal(kernel.exposure, twin.exposure)
        events += kernel.n_event
    assert events > 2000


@pytest.mark.parametrize("which", GROUPS)
def test_hundreds_of_classes(which):
    arguments = random_wide_arguments(1, n_site=300, unary=False, most=np.arange(1, 40, dtype=np.uint64))
    kernel, twin = twins(arguments, 3, which=which)
    kernel.advance(max_events=1000), twin.advance(max_events=1000)
    assert state_of(kernel) == state_of(twin)
    assert np.count_nonzero(kernel.hops) > 200 and kernel.hops.shape == (1, arguments[2].n_step)


@pytest.mark.parametrize("seed", range(20))
def test_the_same_gas_on_narrow_and_on_wide_edges(seed):
    narrow = random_arguments(seed, n_site=100, unary=False)
    wide = widened(narrow)
    steps = {"step_of_particle": np.arange(narrow[2].n_step) - 1}
    along = np.tile(np.arange(narrow[2].n_step), wide[2].n_step // narrow[2].n_step)
    kernels = [ScoreKernel(*narrow, np.random.SFC64(seed), **steps)]
    kernels.append(ScoreKernel(*wide, np.random.SFC64(seed), step_of_particle=along - 1))
    for kernel in kernels:
        kernel.advance(max_events=500)
    for what in ("time", "total_propensity", "n_event", "n_draw", "n_undone"):
        assert getattr(kernels[0], what) == getattr(kernels[1], what)
    for what in ("codes", "exposure", "displacements", "squared_steps", "particles"):
        np.testing.assert_array_equal(*(getattr(kernel, what) for kernel in kernels))
    by_path_and_step = np.zeros_like(kernels[0].hops)
    np.add.at(by_path_and_step, (wide[2].path, along), kernels[1].hops[0])
    np.testing.assert_array_equal(by_path_and_step, kernels[0].hops)


def test_kept_propensities_are_those_of_a_kernel_made_anew():
    for seed in range(10):
        neighbours, codes, tables = random_wide_arguments(seed, n_site=200, unary=True)
        kernel = ScoreKernel(neighbours, codes, tables, np.random.SFC64(seed))
        kernel.advance(max_events=20_000)
        anew = ScoreKernel(neighbours, kernel.codes, tables, np.random.SFC64(seed))
        for what in ("kept_propensities", "path_propensities", "kept_path_propensities"):
            np.testing.assert_array_equal(getattr(kernel, what)(), getattr(anew, what)())
        assert kernel.total_propensity == anew.total_propensity
        assert kernel.hops.sum() + kernel.exchanges.sum() == kernel.n_event


@pytest.mark.parametrize("which", GROUPS)
def test_restored_and_pickled_kernels_go_on_bit_for_bit(which):
    neighbours, codes, tables = random_wide_arguments(5, n_site=120, unary=True)
    steps = {"step_of_particle": np.arange(tables.n_step) << 21}
    first = which(neighbours, codes, tables, np.random.SFC64(2), **steps)
    first.advance(max_events=1000)
    second = which(neighbours, codes, tables, np.random.SFC64(9), **steps)
    second.restore(first.state())
    others = [second, pickle.loads(pickle.dumps(first))]
    for kernel in (first, *others):
        kernel.set_codes([3], [kernel.codes[3] ^ 1])
        kernel.advance(max_events=500)
        kernel.replace_tables(replace(tables, rate=tables.rate[::-1].copy(), quantum=0.5))
        kernel.advance(max_events=500)
    for kernel in others:
        assert state_of(kernel) == state_of(first)
        np.testing.assert_array_equal(kernel.displacements, first.displacements)


def test_packed_steps_wrap_instead_of_overflowing():
    """Three whole numbers of 21 bits in one step: their sum is exact, and squares are those modulo 2^64."""
    neighbours, codes, tables = random_wide_arguments(4, n_site=30, unary=False)
    cells = np.random.default_rng(1).integers(-1, 2, (tables.n_step, 3))
    packed = cells @ (1 << np.array([0, 21, 42]))
    one, three = (GroupKernel(neighbours, codes, tables, np.random.SFC64(1), step_of_particle=packed) for _ in "12")
    one.advance(max_events=3000)
    three.restore(one.state())
    np.testing.assert_array_equal(three.squared_steps, one.squared_steps)
    apart = []
    for axis in range(3):
        steps = np.ascontiguousarray(cells[:, axis])
        kernel = GroupKernel(neighbours, codes, tables, np.random.SFC64(1), step_of_particle=steps)
        kernel.advance(max_events=3000)
        apart.append(kernel.displacements)
    assert np.any(apart[2]) and np.any(one.squared_steps)
    np.testing.assert_array_equal(np.array(apart).T @ (1 << np.array([0, 21, 42])), one.displacements)


# --- What cannot be is refused, and nothing crashes ---


def given(**changes):
    neighbours, codes, tables = random_wide_arguments(6, n_site=30, unary=False)
    for name, value in changes.items():
        if name in vars(tables):
            tables = replace(tables, **{name: value(getattr(tables, name))})
        else:
            neighbours = replace(neighbours, **{name: value(getattr(neighbours, name))})
    return neighbours, codes, tables


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bond_class": lambda it: it[:-1]}, "bond_class must be uint32 of shape"),
        ({"bond_class": lambda it: it.astype(np.int64)}, "bond_class must be uint32"),
        ({"bond_class": lambda it: it + np.uint32(1)}, "reverse|class"),
        ({"bond_class": np.zeros_like}, "an edge lacks its reverse"),
        ({"edge": lambda it: np.roll(it, 1)}, "an edge lacks its reverse"),
        ({"reverse_class": lambda it: None}, "wide edges need reverse_class"),
        ({"reverse_class": lambda it: it[:-1]}, "reverse"),
        ({"reverse_class": lambda it: it - 1}, "reverse_class must hold classes below"),
        ({"reverse_class": lambda it: np.roll(it, 1)}, "the reverse of the reverse"),
        ({"reverse_class": lambda it: it.astype(float)}, "reverse_class must hold classes below"),
        ({"rate": lambda it: it[:-1], "n_step": lambda it: it - 1, "path": lambda it: it[:-1]}, "classes, but tables"),
        ({"rate": lambda it: it[:-1]}, "path must have the shape"),
        ({"path": lambda it: it + np.uint8(3)}, "every path class must be below n_path"),
        ({"path": lambda it: it[:, None]}, "path must have the shape"),
        ({"n_step": lambda it: it + 1}, "rate must be given for"),
        ({"counted": np.ones_like}, "do not go with counted neighbours"),
        ({"unary": lambda it: it[:-1]}, "shape"),
        ({"bond_class": lambda it: None}, "tables of rates by class and edges with classes beside them go together"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        GroupKernel(*given(**changes), np.random.SFC64(1))


def test_types_that_do_not_fit_are_refused():
    neighbours, codes, tables = given()
    for name in ("rate", "path"):
        with pytest.raises(ValueError, match="dtype"):
            GroupKernel(neighbours, codes, replace(tables, **{name: getattr(tables, name).astype(np.int32)}), None)


def test_bins_refuse_wide_edges():
    with pytest.raises(ValueError, match="use GroupKernel for wide ones"):
        BinKernel(*given(), np.random.SFC64(1))


def test_a_narrow_table_may_name_reverse_classes():
    """Two classes without a step, each its own reverse: n_class - 1 - class would be wrong."""
    edge = np.array([1, 0, 2 | 1 << 27, 1 | 1 << 27], dtype=np.uint32)[[0, 1, 2, 3]]
    rows = np.array([0, 1, 3, 4], dtype=np.uint32)
    rate = np.zeros((2, 2, 2), dtype=np.uint64)
    rate[:, 1, 0] = 3, 1000
    _, _, tables = random_arguments(0)
    tables = replace(tables, rate=rate, path=np.zeros((2, 2), np.uint8), n_step=2, n_path=1)
    tables = replace(tables, unary=np.zeros(2, np.uint64), counted=np.zeros(2, bool), gain=np.zeros((2, 2), np.uint16))
    for which in (BinKernel, GroupKernel):
        arguments = NeighbourTable(rows, edge, reverse_class=np.arange(2)), [1, 0, 0], tables
        kernel, twin = twins(arguments, 1, which=which)
        kernel.advance(max_events=300), twin.advance(max_events=300)
        assert state_of(kernel) == state_of(twin)


# --- Whole numbers ---


def test_rates_by_class_are_rounded_as_others_are():
    rate, codes = np.array([1e3, 2.5e2, 0.0, 7.0]), np.zeros(2)
    wide = whole_tables(rate, codes, np.zeros(4, np.uint8), 100, 8, True)
    narrow = np.zeros((4, 2, 2))
    narrow[:, 1, 0] = rate
    narrow = whole_tables(narrow, codes, np.zeros((2, 2), np.uint8), 100, 8, True)
    np.testing.assert_array_equal(wide.rate, narrow.rate[:, 1, 0])
    assert wide.quantum == narrow.quantum and wide.n_step == 4 and wide.wide and not narrow.wide


@pytest.mark.parametrize("names", [["3 to 7", "1 to 2"], lambda bond: ["3 to 7", "1 to 2"][bond]])
def test_rates_too_far_apart_are_named(names):
    with pytest.raises(RateRangeError, match=r"a rate of 1e-18 1/s \(1 to 2\).* beside one of 1 1/s \(3 to 7\)"):
        whole_tables(np.array([1.0, 1e-18]), np.zeros(2), np.zeros(2, np.uint8), 10, 8, True, names=names)
    with pytest.raises(RateRangeError, match="hops along bonds of class 1"):
        whole_tables(np.array([1.0, 1e-18]), np.zeros(2), np.zeros(2, np.uint8), 10, 8, True)
