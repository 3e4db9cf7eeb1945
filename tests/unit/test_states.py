"""What kernels are made from and go back to: checked before it is used, and nothing changes when it is refused."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from counting_gases import random_counting_arguments

from coble.kmc.kernel._kernel import BinKernel, GroupKernel, ScoreKernel
from coble.kmc.kernel.lowering import NeighbourOffsets, NeighbourTable, initial_codes, kernel_tables, neighbours_of
from coble.kmc.rates.table import RateTable
from coble.lattices import Region, bcc, build_box

BOX = build_box(bcc(3.5, "100"), (4, 4, 4))
RATES = RateTable(np.ones((len(Region),) * 2), np.full(len(Region), 0.5))
OCCUPIED = np.arange(BOX.n_site) % 3 == 0
TABLES = kernel_tables(BOX, RATES, int(OCCUPIED.sum()))
CODES = initial_codes(BOX, OCCUPIED, TABLES)
KERNELS = [BinKernel, GroupKernel, ScoreKernel]
STEPS = {"step_of_particle": BOX.steps.astype(np.int64), "carrier_is_particle": TABLES.atoms_carry}


def made(kernel=GroupKernel, codes=CODES, tables=TABLES, neighbours=None, **steps):
    return kernel(neighbours or neighbours_of(BOX), codes, tables, np.random.SFC64(1), **steps)


def put(place, value):
    codes = CODES.astype(np.int64)
    codes[place] = value
    return codes


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"codes": put(3, -1)}, "codes must lie between 0 and 7, got -1"),
        ({"codes": put(3, 8)}, "a site has code 8, but the tables end at 7"),
        ({"codes": CODES[:-1]}, "codes must be whole numbers of shape"),
        ({"codes": CODES.astype(float)}, "codes must be whole numbers"),
        ({"codes": CODES.reshape(2, -1)}, "codes must be whole numbers of shape"),
        ({"tables": replace(TABLES, unary=TABLES.unary[:-1])}, "unary must have the shape"),
        ({"tables": replace(TABLES, path=TABLES.path[:4])}, "path must have the shape"),
        ({"tables": replace(TABLES, path=TABLES.path + np.uint8(100))}, "every path class must be below n_path"),
        ({"tables": replace(TABLES, rate=TABLES.rate[0])}, "rate must have the shape"),
        ({"tables": replace(TABLES, gain=TABLES.gain[:1])}, "gain must have the shape"),
        ({"tables": replace(TABLES, quantum=np.nan)}, "quantum must be > 0"),
        ({"tables": replace(TABLES, n_step=1, rate=TABLES.rate[:1])}, "step classes, but tables for 1"),
        ({"step_of_particle": np.zeros(1, np.int64)}, "step_of_particle must have"),
    ],
)
def test_what_a_kernel_is_made_from_is_checked(kernel, wrong, words):
    with pytest.raises(ValueError, match=words):
        made(kernel, **wrong)


@pytest.mark.parametrize(
    ("indptr", "edge"),
    [([0, 2, 1, 2], [1, 0]), ([1, 1, 1, 2], [1, 0]), ([0, 1, 2, 9], [1, 0]), ([0, 1, 2, 2], [1, 3])],
)
def test_rows_of_neighbours_fit_together(indptr, edge):
    rows = np.array(indptr, np.uint32), np.array(edge, np.uint32)
    with pytest.raises(ValueError, match="neighbour"):
        NeighbourTable(*rows)
    with pytest.raises(ValueError, match="neighbour"):
        NeighbourTable(np.array([0, 0, 0, 0], np.uint32), np.zeros(0, np.uint32), *rows)


def test_offsets_stay_inside_the_lattice():
    far = NeighbourOffsets(np.array([[1, -1, 70, -70]], np.int32), np.zeros((1, 4), np.uint32))
    with pytest.raises(ValueError, match="64 sites are no box"):
        made(GroupKernel, CODES[:64], neighbours=far)


def test_codes_that_do_not_count_what_is_beside_them_are_refused_before_the_first_event():
    refused = 0
    for seed in range(40):
        (neighbours, codes, tables), _, _ = random_counting_arguments(seed)
        wrong = np.random.default_rng(seed).integers(0, len(tables.unary), len(codes))
        kernel = GroupKernel(neighbours, wrong, tables, np.random.SFC64(seed))
        try:
            kernel.advance(max_events=2000)
        except ValueError as error:
            assert "does not go with its neighbours" in str(error)
            refused += 1
    assert refused > 10


@pytest.mark.parametrize("kernel", [GroupKernel, ScoreKernel])
def test_a_state_that_is_refused_changes_nothing(kernel):
    first, second = made(kernel, **STEPS), made(kernel, **STEPS)
    for each in (first, second):
        each.advance(max_events=500)
    good = first.state()
    for name, value in good.items():
        damages = [value[:-1], value.astype("U8"), -1 - value.astype(float)] if np.ndim(value) else [None, {}]
        for bad in damages:
            with pytest.raises(ValueError):
                first.restore(good | {name: bad})
    first.advance(max_events=500)
    second.advance(max_events=500)
    np.testing.assert_array_equal(first.codes, second.codes)
    assert first.time == second.time and first.bit_generator.random_raw() == second.bit_generator.random_raw()


@pytest.mark.parametrize("kernel", [GroupKernel, ScoreKernel])
def test_a_kernel_that_was_pickled_goes_on_bit_for_bit(kernel):
    first = made(kernel, **STEPS)
    first.advance(max_events=300)
    second = pickle.loads(pickle.dumps(first))
    for each in (first, second):
        each.advance(max_events=300)
    assert type(second) is kernel and first.time == second.time
    np.testing.assert_array_equal(first.codes, second.codes)
    np.testing.assert_array_equal(first.displacements, second.displacements)
