"""Codes that count neighbours: the kernel against its twin and against counts from scratch."""

import numpy as np
import pytest
from counting_gases import codes_from_scratch, random_counting_arguments
from random_gases import STREAMS, state_of, twins

from kmc._kernel import BinKernel, GroupKernel
from kmc.codes import Codes
from kmc.lowering import NeighbourTable


@pytest.mark.parametrize("first", range(0, 300, 50))
@pytest.mark.parametrize("stream", STREAMS)
def test_random_gases(stream, first):
    counted_hops = 0
    for seed in range(first, first + 50):
        arguments, graph, codes = random_counting_arguments(seed)
        kernel, twin = twins(arguments, seed, stream)
        assert state_of(kernel) == state_of(twin)
        for _ in range(4):
            assert kernel.advance(max_events=40).name == twin.advance(max_events=40)
            assert state_of(kernel) == state_of(twin)
            expected = codes_from_scratch(arguments[0], graph, codes, graph.kind, kernel.codes % 2 == 1)
            np.testing.assert_array_equal(kernel.codes, expected)
        if arguments[2].counted.any():
            counted_hops += int(kernel.hops.sum())
    assert counted_hops > 500


def test_a_long_run_keeps_what_a_rebuild_finds():
    for seed in range(40):
        arguments, graph, codes = random_counting_arguments(1000 + seed)
        kernel = GroupKernel(*arguments, np.random.SFC64(seed))
        kernel.advance(max_events=50_000)
        expected = codes_from_scratch(arguments[0], graph, codes, graph.kind, kernel.codes % 2 == 1)
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
        expected = codes_from_scratch(arguments[0], graph, codes, graph.kind, kernel.codes % 2 == 1)
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
