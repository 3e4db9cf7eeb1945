"""Rows shared by sites of one type: nothing but memory and time depends on them, nor on looking ahead."""

import numpy as np
import pytest
from random_gases import random_arguments, state_of, twins
from small_graphs import box

from coble.kmc.kernel import arrangement
from coble.kmc.kernel._kernel import BinKernel
from coble.kmc.kernel.lowering import Tables, initial_codes, kernel_tables, neighbours_of
from coble.kmc.kernel.row_types import find_row_types, offsets_of
from coble.kmc.rates.table import RateTable, rate_table
from coble.lattices import SITE_BITS, Region, bcc, build_box, build_tubule, make_shape

EACH = {kind: 1.0 for kind in Region}


def no_types(indptr, edge, header):
    """In place of `find_row_types`: as where rows are too unlike."""


def lattices():
    yield box("bcc", 6, "100")
    yield build_box(bcc(3.5, "110"), (5, 4, 7))
    yield build_tubule(make_shape("single", 40.0, 8.0), bcc(3.5, "111"), wall_density=1.65e-2, segment=400.0)


def test_every_site_finds_its_own_edges():
    for lattice in lattices():
        degree = np.diff(lattice.indptr)
        row_type, rows = find_row_types(lattice.indptr, lattice.edge, degree)
        assert len(rows) < lattice.n_site / 4 and len(np.unique(rows, axis=0)) == len(rows)
        number = np.arange(lattice.n_site, dtype=np.uint32)
        np.testing.assert_array_equal(rows[row_type, 0], np.diff(lattice.indptr))
        there = np.arange(rows.shape[1] - 1) < rows[row_type, :1]
        found = rows[row_type, 1:] + number[:, None]
        np.testing.assert_array_equal(found[there], lattice.edge)
        targets = (offsets_of(rows, SITE_BITS)[row_type] + number[:, None].astype(np.int64))[there]
        np.testing.assert_array_equal(targets, lattice.target)


def test_rows_that_are_too_unlike_have_no_types():
    for seed in range(20):
        neighbours = random_arguments(seed, n_site=60)[0]
        if len(neighbours.edge) > 100:
            degree = np.diff(neighbours.indptr)
            assert find_row_types(neighbours.indptr, neighbours.edge, degree) is None


def test_rows_of_several_parts_and_isolated_sites():
    for n_site in (1 << 17, (1 << 17) + 5):
        indptr = np.minimum(np.arange(n_site + 1), 2 * (n_site // 4)).astype(np.uint32)  # the second half is alone
        edge = np.arange(indptr[-1], dtype=np.uint32) ^ np.uint32(1)
        row_type, rows = find_row_types(indptr, edge, np.diff(indptr))
        assert sorted(rows[:, 0]) == [0, 1, 1]
        bound = np.diff(indptr) > 0
        np.testing.assert_array_equal((rows[row_type, 1] + np.arange(n_site, dtype=np.uint32))[bound], edge)


def in_quarters(*cells):
    """A box with four regions, one beside the other."""
    lattice = build_box(bcc(3.5, "100"), cells)
    lattice.region[:] = 4 * lattice.positions[:, 0] / (3.5 * cells[0])
    return lattice


def test_as_the_twin():
    for seed in range(2):
        lattice, rng = in_quarters(12, 6, 6), np.random.default_rng(seed)
        rates = rate_table(EACH, {kind: part for kind, part in zip(Region, (0.5, 0.4, 0.6, 0.3), strict=True)})
        occupied = rng.random(lattice.n_site) < 0.4
        tables = kernel_tables(lattice, rates, int(occupied.sum()), field_kT_per_A=0.1)
        arguments = neighbours_of(lattice), initial_codes(lattice, occupied, tables), tables
        assert arguments[0].arranged(lattice.region).row_type is not None
        kernel, twin = twins(arguments, seed, np.random.SFC64, BinKernel)
        for _ in range(4):
            kernel.advance(max_events=50), twin.advance(max_events=50)
            assert state_of(kernel) == state_of(twin)


@pytest.mark.parametrize("filling", [0.01, 0.5, 0.97])
@pytest.mark.parametrize("tracked", [True, False])
def test_looking_ahead_changes_nothing(filling, tracked, monkeypatch):
    lattice = build_box(bcc(3.5, "100"), (36,) * 3 if tracked else (72,) * 3)
    rates = RateTable(np.full((len(Region),) * 2, 1.0), np.full(len(Region), 0.5))
    occupied = np.random.default_rng(3).random(lattice.n_site) < filling
    tables = kernel_tables(lattice, rates, int(occupied.sum()), field_kT_per_A=0.2)
    codes = initial_codes(lattice, occupied, tables)
    steps = {}
    if tracked:
        steps = {"step_of_particle": lattice.steps, "carrier_is_particle": tables.atoms_carry}
    kernels = [BinKernel(neighbours_of(lattice), codes, tables, np.random.SFC64(1), **steps)]
    monkeypatch.setattr(arrangement, "find_row_types", no_types)
    kernels.append(BinKernel(neighbours_of(lattice), codes, tables, np.random.SFC64(1), **steps))
    for kernel in kernels:
        for _ in range(5):
            kernel.advance(max_events=20_000)
    assert [kernel.looks_ahead for kernel in kernels] == [True, False]
    for what in ("time", "total_propensity", "n_draw", "n_undone"):
        assert getattr(kernels[0], what) == getattr(kernels[1], what)
    for what in ("codes", "hops", "drawn_ahead", "displacements", "squared_steps", "particles"):
        np.testing.assert_array_equal(*(getattr(kernel, what) for kernel in kernels))


def test_looking_ahead_where_sites_have_different_rates_and_rows(monkeypatch):
    """Bins that empty and fill, and edges of both parts."""
    lattice = in_quarters(40, 40, 40)
    n_kind = len(Region)
    rng = np.random.default_rng(5)
    rate = np.zeros((len(lattice.steps), 2 * n_kind, 2 * n_kind), dtype=np.uint64)
    rate[:, 1::2, 0::2] = rng.integers(0, 9, (len(lattice.steps), n_kind, n_kind))
    rate[:, 1::2, 0::2] += np.uint64(1)
    tables = Tables(rate, np.zeros(2 * n_kind, np.uint64), np.zeros((2 * n_kind,) * 2, np.uint8), 1.0, True, n_path=1)
    codes = 2 * lattice.region + (rng.random(lattice.n_site) < 0.3)
    kernels = []
    steps = np.arange(len(lattice.steps))
    for _ in range(2):
        kernels.append(BinKernel(neighbours_of(lattice), codes, tables, np.random.SFC64(2), step_of_particle=steps))
        kernels[-1].advance(max_events=50_000)
        monkeypatch.setattr(arrangement, "find_row_types", no_types)
    assert [kernel.looks_ahead for kernel in kernels] == [True, False]
    assert state_of(kernels[0]) == state_of(kernels[1])
