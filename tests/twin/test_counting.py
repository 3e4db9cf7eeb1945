"""Codes that count neighbours: the kernel against its twin and against counts from scratch."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from counting_gases import codes_from_scratch, random_counting_arguments
from random_gases import STREAMS, state_of, twins

from coble.kmc.kernel._kernel import BinKernel, GroupKernel
from coble.kmc.kernel.codes import Codes
from coble.kmc.kernel.lowering import NeighbourTable


@pytest.mark.parametrize("first", range(0, 300, 50))
@pytest.mark.parametrize("stream", STREAMS)
def test_random_gases(stream, first, seeds):
    """Every gas with one of the streams, and with --all-seeds with each."""
    counted_hops, (start, step) = 0, seeds((STREAMS.index(stream), len(STREAMS)), (0, 1))
    for seed in range(first + start, first + 50, step):
        arguments, graph, codes = random_counting_arguments(seed)
        kernel, twin = twins(arguments, seed, stream)
        assert state_of(kernel) == state_of(twin)
        for _ in range(4):
            assert kernel.advance(max_events=40).name == twin.advance(max_events=40)
            assert state_of(kernel) == state_of(twin)
            expected = codes_from_scratch(arguments[0], graph, codes, graph.region, kernel.codes % 2 == 1)
            np.testing.assert_array_equal(kernel.codes, expected)
        if arguments[2].counted.any():
            counted_hops += int(kernel.hops.sum())
    assert counted_hops > 500


def test_larger_gases():
    """Of several blocks of sites; state and all, and once more from the state."""
    moved = 0
    for seed in range(6):
        arguments, _, _ = random_counting_arguments(seed, n_site=600 + 300 * seed)
        kernel, twin = twins(arguments, seed, np.random.SFC64)
        for _ in range(2):
            kernel.advance(max_events=200), twin.advance(max_events=200)
            assert state_of(kernel) == state_of(twin)
            order = [block for group in twin.groups for block in group]
            assert kernel.state()["order"].tolist() == order
        moved += order != sorted(order) and len(order) > 2
        again = GroupKernel(*arguments, np.random.SFC64(99))
        again.restore(kernel.state())
        again.advance(max_events=200), twin.advance(max_events=200)
        assert state_of(again) == state_of(twin)
    assert moved >= 3


def test_a_long_run_keeps_what_a_rebuild_finds():
    for seed in range(40):
        arguments, graph, codes = random_counting_arguments(1000 + seed)
        kernel = GroupKernel(*arguments, np.random.SFC64(seed))
        kernel.advance(max_events=50_000)
        expected = codes_from_scratch(arguments[0], graph, codes, graph.region, kernel.codes % 2 == 1)
        np.testing.assert_array_equal(kernel.codes, expected)
        rebuilt = GroupKernel(arguments[0], expected, arguments[2], np.random.SFC64(seed))
        np.testing.assert_array_equal(kernel.kept_propensities(), rebuilt.kept_propensities())
        assert kernel.total_propensity == rebuilt.total_propensity


def test_a_wrong_gain_is_seen():
    """The negative control: a second neighbour that is not told of an arrival leaves a wrong code behind."""
    for seed in range(1000):
        arguments, graph, codes = random_counting_arguments(seed)
        second = arguments[0].second
        if len(second) < 8 or not codes.most_second.any() or not codes.counted.all():
            continue
        forgetful = second.copy()
        forgetful[0] = forgetful[-1]
        broken = NeighbourTable(arguments[0].indptr, arguments[0].edge, arguments[0].second_indptr, forgetful)
        kernel = GroupKernel(broken, *arguments[1:], np.random.SFC64(seed))
        kernel.advance(max_events=1000)
        expected = codes_from_scratch(arguments[0], graph, codes, graph.region, kernel.codes % 2 == 1)
        if not np.array_equal(kernel.codes, expected):
            return
    pytest.fail("no wrong code in 1000 gases")


def test_bins_refuse_counts():
    for seed in range(100):
        arguments, _, codes = random_counting_arguments(seed)
        if codes.counted.any() and codes.n_code < 256:
            with pytest.raises(ValueError, match="BinKernel has neither unary events nor counts"):
                BinKernel(*arguments, np.random.SFC64(1))
            return
    pytest.fail("no gas that counts")


def test_codes_know_what_they_say():
    codes = Codes(np.array([8, 4, 0]), np.array([6, 0, 0]), np.array([True, False, False]))
    assert codes.n_code == 2 * (9 * 7 + 5 + 1)
    site_class, first, second = np.array([0, 0, 1, 2]), np.array([8, 3, 4, 0]), np.array([6, 2, 0, 0])
    found = codes.of(site_class, np.array([True, False, True, False]), first, second)
    np.testing.assert_array_equal(codes.site_class[found], site_class)
    np.testing.assert_array_equal(codes.first[found], first)
    np.testing.assert_array_equal(codes.second[found], second)
    np.testing.assert_array_equal(codes.full[found], [True, False, True, False])
    np.testing.assert_array_equal(codes.gain[:, found], [[14, 14, 2, 0], [2, 2, 0, 0]])
    np.testing.assert_array_equal(codes.counted_codes[found], [True, False, False, False])


def test_too_many_codes():
    many = np.full(600, 8)
    with pytest.raises(ValueError, match="600 classes of sites need 75,600 codes, at most 65,536"):
        Codes(many, np.full(600, 6), np.ones(600, dtype=bool))


# --- State, other tables, other codes ---


def test_going_on_from_a_state_is_bit_exact():
    undone = 0
    for seed in range(60):
        arguments, _, _ = random_counting_arguments(seed)
        stream, steps = STREAMS[seed % 2], {"step_of_particle": np.arange(arguments[2].n_step)}
        whole, first, second = (GroupKernel(*arguments, stream(seed), **steps) for _ in range(3))
        cut = seed * 7 % 300
        if seed % 3:
            whole.advance(max_events=300)
            first.advance(max_events=cut)
        else:  # a wait that is cut by time is part of the state
            scale = 10 / (float(whole.total_propensity) * whole.quantum or 1.0)
            for kernel in (whole, first):
                kernel.advance(until=scale)
            whole.advance(max_events=300 - cut)
        if seed % 2:  # also on a kernel that has drawn words and moved carriers of its own
            second.advance(max_events=1 + seed % 23)
        second.restore(first.state())
        assert state_of(second) == state_of(first)
        second.advance(max_events=300 - cut)
        assert state_of(second) == state_of(whole)
        np.testing.assert_array_equal(second.displacements, whole.displacements)
        np.testing.assert_array_equal(second.squared_steps, whole.squared_steps)
        np.testing.assert_array_equal(second.particles, whole.particles)
        assert second.n_undone == whole.n_undone
        undone += first.n_undone
    assert undone > 100


def test_the_state_of_another_lattice_is_refused():
    kernels = [GroupKernel(*random_counting_arguments(seed)[0], np.random.SFC64(1)) for seed in (1, 2)]
    with pytest.raises(ValueError, match="the state is that of another lattice"):
        kernels[0].restore(kernels[1].state())


def test_other_tables_and_other_codes_make_a_wait_void():
    """A wait that was drawn for the former rates holds no more."""
    void = 0
    for seed in range(40):
        (neighbours, start, tables), _, _ = random_counting_arguments(seed)
        for change in (
            lambda kernel, t=tables: kernel.replace_tables(t),
            lambda kernel: kernel.set_codes([0], kernel.codes[:1]),
        ):
            kernel = GroupKernel(neighbours, start, tables, np.random.SFC64(seed))
            kernel.advance(until=1e-30)
            pending = bool(kernel.state()["numbers"][0])
            change(kernel)
            assert not kernel.state()["numbers"][0]
            void += pending
    assert void > 20


def test_other_tables_are_those_of_a_new_kernel():
    for seed in range(40):
        (neighbours, start, tables), _, codes = random_counting_arguments(seed)
        rng = np.random.default_rng(seed)
        arrays = {name: np.array(getattr(tables, name)) for name in ("path", "counted", "gain")}  # none is shared
        rate, unary = rng.permuted(tables.rate, axis=0), tables.unary[::-1].copy()
        other = replace(tables, rate=rate, unary=unary, quantum=3.0, **arrays)
        kernel = GroupKernel(neighbours, start, tables, np.random.SFC64(seed))
        kernel.advance(max_events=100)
        time = kernel.time
        kernel.replace_tables(other)
        fresh = GroupKernel(neighbours, kernel.codes, other, np.random.SFC64(seed))
        np.testing.assert_array_equal(kernel.kept_propensities(), fresh.kept_propensities())
        assert kernel.total_propensity == fresh.total_propensity and kernel.time == time
        kernel.advance(max_events=100)
        np.testing.assert_array_equal(kernel.kept_propensities(), kernel.propensities())


def test_the_quantum_of_other_tables_sets_the_clock():
    """A quantum four times as large: the same events in a quarter of the time, to the last digit."""
    moved = 0
    for seed in range(20):
        (neighbours, start, tables), _, _ = random_counting_arguments(seed)
        one, other = (GroupKernel(neighbours, start, tables, np.random.SFC64(seed)) for _ in range(2))
        other.replace_tables(replace(tables, quantum=4 * tables.quantum))
        assert other.quantum == 4 * one.quantum
        for kernel in (one, other):
            kernel.advance(max_events=50)
        assert one.n_event == other.n_event and one.time == 4 * other.time
        moved += one.n_event
    assert moved > 500


def test_other_tables_are_read_alone():
    """Nothing of the former tables is read any more: they may be freed, or here, overwritten."""
    for seed in range(40):
        (neighbours, start, tables), graph, codes = random_counting_arguments(seed)
        kernel = GroupKernel(neighbours, start, tables, np.random.SFC64(seed))
        kernel.replace_tables(deepcopy(tables))
        for array in (tables.rate, tables.unary, tables.path, tables.gain):
            array[...] = 1
        tables.counted[...] ^= True
        kernel.advance(max_events=200)
        expected = codes_from_scratch(neighbours, graph, codes, graph.region, kernel.codes % 2 == 1)
        np.testing.assert_array_equal(kernel.codes, expected)
        np.testing.assert_array_equal(kernel.kept_propensities(), kernel.propensities())


def test_recoded_sites_are_those_of_a_new_kernel():
    for seed in range(40):
        arguments, graph, codes = random_counting_arguments(seed)
        kernel = GroupKernel(*arguments, np.random.SFC64(seed))
        kernel.advance(max_events=50)
        rng = np.random.default_rng(seed)
        sites = rng.choice(graph.n_site, rng.integers(0, graph.n_site + 1), replace=False)
        new = rng.integers(0, codes.n_code, len(sites))
        kernel.set_codes(sites, new)
        expected = kernel.codes
        assert expected[sites].tolist() == new.tolist()
        fresh = GroupKernel(arguments[0], expected, arguments[2], np.random.SFC64(seed))
        np.testing.assert_array_equal(kernel.kept_propensities(), fresh.kept_propensities())
    with pytest.raises(ValueError, match="need one code below"):
        kernel.set_codes([0], [codes.n_code])


def test_carriers_that_are_recoded_are_seen_by_their_neighbours():
    hops = 0
    for seed in range(100):
        arguments, graph, codes = random_counting_arguments(seed)
        kernel = GroupKernel(*arguments, np.random.SFC64(seed))
        kernel.advance(max_events=20)
        sites = np.flatnonzero(~codes.counted[graph.region])
        kernel.set_codes(sites, kernel.codes[sites] ^ 1)
        hops -= int(kernel.hops.sum())
        kernel.advance(max_events=1000)
        hops += int(kernel.hops.sum())
        np.testing.assert_array_equal(kernel.kept_propensities(), kernel.propensities())
    assert hops > 10_000


def test_too_many_neighbours():
    star = NeighbourTable(np.array([0, 128], dtype=np.uint32), np.zeros(128, dtype=np.uint32))
    tables = random_counting_arguments(1)[0][2]
    with pytest.raises(ValueError, match="a site has 128 neighbours, at most 127"):
        GroupKernel(star, [0], tables, np.random.SFC64(1))
