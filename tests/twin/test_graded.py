"""Cells beside sites: the kernel against its twin, bit for bit, and a restart against a run that went on."""

import numpy as np
import pytest
from counting_gases import random_counting_arguments
from random_gases import STREAMS, TWIN, arguments_for, random_arguments, random_tables, state_of
from small_graphs import chain

from coble.kmc.kernel._kernel import GradedKernel, GroupKernel
from coble.kmc.kernel.cells import CELL, CONTACT, MOST_ROOM, NO_CELLS, RESERVOIR, cells
from coble.kmc.kernel.graded_reference import ReferenceGradedKernel

TWIN[GradedKernel] = ReferenceGradedKernel


def random_cells(rng, n_site, quantum):
    """Up to six cells, reservoirs and planes of sites that share no site, with links between random pairs."""
    sites, holders = rng.permutation(n_site), []
    for _ in range(int(rng.integers(2, 7))):
        role, room = int(rng.integers(0, 3)), int(rng.choice([1, 2, 5, 1000, 2**20]))
        if role == CONTACT:
            n = int(rng.integers(0, len(sites) + 1))
            plane, sites = sites[:n], sites[n:]
            if n:
                holders.append((CONTACT, 0, n, plane))
        else:
            holders.append((role, int(rng.integers(0, room + 1)), room, ()))
    links = []
    for _ in range(int(rng.integers(0, 2 * len(holders) + 1))):
        i, j = rng.integers(0, len(holders), 2)
        if i != j:
            both = rng.choice([0.0, 2.0**20, 2.0**30, 2.0**34], 2)
            links.append((i, j, *(quantum * both / (holders[i][2] * holders[j][2]))))
    return cells(holders, links, quantum)


def gas_of(seed):
    """Every other gas counts neighbours."""
    return random_counting_arguments(seed)[0] if seed % 2 else random_arguments(seed)


def seen(kernel):
    """All that can be seen, links included; events are those of the sites and the crossings."""
    crossings = np.asarray(kernel.crossings)
    found = state_of(kernel) | {"crossings": crossings.tolist()}
    found["links"] = np.asarray(kernel.crossing_propensities()).tolist()
    del found["events"], found["total"]
    return found


@pytest.mark.parametrize("first", range(0, 100, 25))
@pytest.mark.parametrize("stream", STREAMS)
def test_random_gases_with_cells(stream, first):
    crossed = hops = 0
    for seed in range(first, first + 25):
        arguments, rng = gas_of(seed), np.random.default_rng(seed)
        some = random_cells(rng, len(arguments[1]), arguments[2].quantum)
        kernel, twin = GradedKernel(*arguments, stream(seed)), ReferenceGradedKernel(*arguments, stream(seed))
        kernel.set_cells(some)
        twin.set_cells(some)
        assert seen(kernel) == seen(twin)
        for _ in range(4):
            assert kernel.advance(max_events=40).name == twin.advance(max_events=40)
            assert seen(kernel) == seen(twin)
            assert kernel.total_propensity == twin._total()
            assert kernel.cells.atoms.tolist() == twin.atoms
        np.testing.assert_array_equal(kernel.kept_propensities(), kernel.propensities())
        crossed, hops = crossed + kernel.crossings.sum(), hops + kernel.hops.sum()
    assert crossed > 500 and hops > 500


def test_without_cells_it_is_the_other_kernel():
    for seed in range(40):
        arguments = gas_of(seed)
        plain, graded = GroupKernel(*arguments, np.random.SFC64(seed)), GradedKernel(*arguments, np.random.SFC64(seed))
        assert plain.advance(max_events=500) == graded.advance(max_events=500)
        assert state_of(plain) == state_of(graded)


@pytest.mark.parametrize("first", range(0, 100, 50))
def test_a_restart_goes_on_bit_for_bit(first):
    crossed = 0
    for seed in range(first, first + 50):
        arguments, rng = gas_of(seed), np.random.default_rng(seed)
        kernel = GradedKernel(*arguments, np.random.SFC64(seed))
        kernel.set_cells(random_cells(rng, len(arguments[1]), arguments[2].quantum))
        kernel.advance(max_events=100)
        other = GradedKernel(*arguments, np.random.SFC64(0))
        other.restore(kernel.state())
        kernel.advance(max_events=100)
        other.advance(max_events=100)
        assert seen(kernel) == seen(other)
        assert (kernel.n_event, kernel.n_draw) == (other.n_event, other.n_draw)
        crossed += kernel.crossings.sum()
    assert crossed > 500


def _small():
    rng = np.random.default_rng(1)
    return arguments_for(chain(6), np.zeros(6), random_tables(rng, 3, 1, 3, False))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"atoms": np.array([9, 0])}, "more atoms than room"),
        ({"room": np.array([MOST_ROOM + 1, 2])}, "room must lie between"),
        ({"role": np.array([7, 0], dtype=np.uint8)}, "roles must lie between"),
        ({"contact": np.array([4, 9], dtype=np.uint32)}, "sites must lie between"),
        ({"contact": np.array([4, 4], dtype=np.uint32)}, "a site is in two planes"),
        ({"contact_from": np.array([0, 2, 2], dtype=np.uint32)}, "other sites than room"),
        ({"link": np.array([[0, 2]], dtype=np.uint32)}, "links must lie between"),
        ({"link": np.array([[1, 1]], dtype=np.uint32)}, "from a holder to itself"),
        ({"shift": np.array([63], dtype=np.uint8)}, "shift is too large"),
    ],
)
def test_cells_that_cannot_be_are_refused(change, said):
    kernel = GradedKernel(*_small(), np.random.SFC64(1))
    good = cells([(CELL, 2, 5, ()), (CONTACT, 0, 2, [4, 5])], [(0, 1, 2.0**30, 2.0**30)], 1.0)
    kernel.set_cells(good)
    with pytest.raises(ValueError, match=said):
        kernel.set_cells(type(good)(**{**good.arrays(), **change}))
    np.testing.assert_array_equal(kernel.cells.atoms, [2, 0])


def test_too_slow_a_link_is_refused():
    with pytest.raises(ValueError, match="too slow beside a quantum"):
        cells([(RESERVOIR, 2, 5, ()), (CELL, 0, 2, ())], [(0, 1, 1e-9, 1e-9)], 1.0)


def test_a_kernel_begins_without_cells():
    kernel = GradedKernel(*_small(), np.random.SFC64(1))
    assert kernel.cells.n_holder == NO_CELLS.n_holder == 0
    assert kernel.crossings.shape == (0, 2)
