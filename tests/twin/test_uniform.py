"""Uniform lattices in the kernels: offsets against neighbours written out, against the twins, and at the limits."""

import subprocess
import sys

import numpy as np
import pytest
from gas import KERNELS, lowered_kernel
from random_gases import (
    CLOSER,
    STREAMS,
    arguments_for,
    from_scratch,
    random_tables,
    random_uniform_lattice,
    state_of,
    twins,
)
from small_graphs import ladder

from coble.kmc.kernel._kernel import BinKernel, GroupKernel
from coble.kmc.kernel.arrangement import CLASS_BIT, Arrangement, by_region_alone
from coble.kmc.kernel.lowering import NeighbourTable, Tables, kernel_tables, neighbours_of
from coble.kmc.rates.table import rate_table
from coble.lattices import SITE_BITS, Region, UniformLattice, bcc, uniform_lattice


def everything(kernel):
    """The state, and the tracked particles."""
    return state_of(kernel), kernel.displacements.tolist(), kernel.squared_steps.tolist(), kernel.n_draw


@pytest.fixture
def in_table_order(monkeypatch):
    """Rows of tables stay as they are, as those of a uniform lattice do, so that both draw the same edges."""

    def arranged(table, region):
        degree = np.diff(table.indptr)
        header = degree | region.astype(np.uint32) << np.uint32(CLASS_BIT)
        rows = np.insert(table.edge, table.indptr[:-1].astype(np.int64), header)
        first = table.indptr[:-1] + np.arange(len(degree), dtype=np.uint32)
        return Arrangement(None, None, by_region_alone(region, int(degree[0])).classes, None, rows, first)

    monkeypatch.setattr(NeighbourTable, "arranged", arranged)


# --- Offsets, neighbours written out, and the twin: one trajectory ---


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("first", range(0, 80, 20))
def test_random_uniform_lattices(first, which, in_table_order):
    """Up to 32 neighbours and 32 step classes, sites of any kind."""
    n_event = 0
    for seed in range(first, first + 20):
        rng = np.random.default_rng(seed)
        lattice, n_kind = random_uniform_lattice(rng), int(rng.integers(1, 4))
        graph = lattice.graph()
        graph.reverse_edges()
        has_unary = which is GroupKernel and bool(rng.integers(2))
        tables = random_tables(rng, len(lattice.steps), n_kind, 3, has_unary, CLOSER[seed % 2])
        codes = rng.integers(0, 2 * n_kind, lattice.n_site)
        tracking = {"step_of_particle": lattice.steps}
        offsets, twin = twins(arguments_for(lattice, codes, tables), seed, STREAMS[seed % 2], which, **tracking)
        written = which(*arguments_for(graph, codes, tables), STREAMS[seed % 2](seed), **tracking)
        for _ in range(4):
            assert offsets.advance(max_events=30).name == twin.advance(max_events=30)
            written.advance(max_events=30)
            assert state_of(offsets) == state_of(twin)
            assert everything(offsets) == everything(written)
            expected = from_scratch(graph, Tables(*tables, 1.0, True), offsets.codes)
            np.testing.assert_array_equal(offsets.propensities(), expected)
        n_event += offsets.n_event
    assert n_event > 1200


RATES = rate_table({Region.BULK: 1.0}, {Region.BULK: 0.5})
SIZES = [(2, 2, 2), (3, 2, 2), (2, 2, 5), (4, 3, 2), (5, 6, 7), (17, 9, 11)]


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("axis", ["100", "110"])
@pytest.mark.parametrize("cells", SIZES)
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_offsets_and_their_graph_give_one_trajectory(axis, cells, part, which):
    """Bit for bit, in a field, carried by atoms or by vacancies, however it is cut."""
    lattice = uniform_lattice(bcc(2.0, axis), cells)
    graph, n = lattice.graph(), int(part * lattice.n_site)
    tables = kernel_tables(lattice, RATES, n, field_kT_per_A=0.3)
    written_out = kernel_tables(graph, RATES, n, field_kT_per_A=0.3)
    assert tables.quantum == written_out.quantum
    np.testing.assert_array_equal(tables.rate, written_out.rate)
    occupied = np.random.default_rng(3).permutation(lattice.n_site) < n
    steps = lattice.steps * tables.atom_direction
    how = {"which": which, "step_of_particle": steps, "carrier_is_particle": tables.atoms_carry}
    one, two = (lowered_kernel(lat, tables, occupied, 7, **how) for lat in (lattice, graph))
    assert everything(one) == everything(two)
    for events in (1, 10, 1000, 10_000):
        assert one.advance(max_events=events) == two.advance(max_events=events)
        assert everything(one) == everything(two)
    until = one.time * 1.1
    assert one.advance(until=until) == two.advance(until=until)
    assert everything(one) == everything(two)
    assert one.n_event > 11_011
    assert one.nbytes() < two.nbytes()


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("axis", ["100", "110"])
@pytest.mark.parametrize("cells", SIZES[:4])
def test_crystals_against_the_twin(axis, cells, which):
    """Sites of three kinds."""
    lattice, rng = uniform_lattice(bcc(2.0, axis), cells), np.random.default_rng(4)
    tables = random_tables(rng, len(lattice.steps), 3, 3, which is GroupKernel, CLOSER[0])
    codes = rng.integers(0, 6, lattice.n_site)
    kernel, twin = twins(arguments_for(lattice, codes, tables), 5, which=which)
    for _ in range(4):
        assert kernel.advance(max_events=100).name == twin.advance(max_events=100)
        assert state_of(kernel) == state_of(twin)
    assert kernel.n_event == 400


@pytest.mark.parametrize("filled", [0.01, 0.5])
def test_looking_ahead_changes_nothing(filled, in_table_order):
    """Only a large uniform lattice looks ahead; its written-out neighbours do not.  Sites of three kinds."""
    lattice, rng = uniform_lattice(bcc(2.0, "110"), (70, 80, 100)), np.random.default_rng(7)
    assert lattice.n_site > 1 << 21
    tables = random_tables(rng, len(lattice.steps), 3, 3, False, CLOSER[0])
    codes = 2 * rng.integers(0, 3, lattice.n_site) + (rng.random(lattice.n_site) < filled)
    ends = (codes[:1000] | 1, codes[-1000:] | 1)  # many carriers beside the boundary
    codes[:1000], codes[-1000:] = ends
    one, two, cut = (
        BinKernel(*arguments_for(gas, codes, tables), np.random.SFC64(3)) for gas in (lattice, lattice.graph(), lattice)
    )
    for kernel in (one, two):
        assert kernel.advance(max_events=300_000).name == "REACHED_EVENTS"
    while cut.n_event < one.n_event:
        cut.advance(until=cut.time + 0.1 * one.time, max_events=min(7777, one.n_event - cut.n_event))
    for other in (two, cut):
        assert (one.time, one.total_propensity, one.n_draw) == (other.time, other.total_propensity, other.n_draw)
        np.testing.assert_array_equal(one.codes, other.codes)
        np.testing.assert_array_equal(one.hops, other.hops)
        np.testing.assert_array_equal(one.drawn_ahead, other.drawn_ahead)
    assert one.total_propensity == sum(one.propensities().tolist())


# --- What is kept, after many events ---


@pytest.mark.parametrize("which", KERNELS)
def test_rebuilt_after_millions_of_events(which, seeds):
    n_event = seeds(4_000_000, 10_000_000)
    lattice = uniform_lattice(bcc(2.0, "110"), (25, 25, 40))
    assert lattice.n_site == 100_000
    n = lattice.n_site // 2
    tables = kernel_tables(lattice, RATES, n, field_kT_per_A=0.2)
    occupied = np.random.default_rng(5).permutation(lattice.n_site) < n
    kernel = lowered_kernel(lattice, tables, occupied, 6, which=which)
    kernel.advance(max_events=n_event)
    codes = kernel.codes
    expected = from_scratch(lattice.graph(), tables, codes)
    np.testing.assert_array_equal(kernel.propensities(), expected)
    assert kernel.total_propensity == sum(expected.tolist())
    rebuilt = which(neighbours_of(lattice), codes, tables, np.random.SFC64(0))
    np.testing.assert_array_equal(rebuilt.propensities(), expected)
    assert rebuilt.total_propensity == kernel.total_propensity
    if which is GroupKernel:
        np.testing.assert_array_equal(kernel.kept_propensities(), expected)
        assert kernel.n_draw < 2.1 * kernel.n_event
    else:
        assert kernel.acceptance == rebuilt.acceptance
        assert kernel.acceptance == float(kernel.total_propensity) / float(n * int(tables.rate.max()) * 8)
    assert codes.sum() == n
    hops = kernel.hops.sum(axis=0)
    assert hops.sum() == kernel.n_event == n_event
    down, level, up = hops / np.exp(0.1 * lattice.steps_A)
    assert (np.array([down, level / 2, up]) / (up + down)).tolist() == pytest.approx([0.5, 0.5, 0.5], abs=1e-3)


# --- Limits ---


@pytest.mark.parametrize("axis", ["100", "110"])
def test_packed_offsets_lead_to_the_packed_edges(axis):
    lattice = uniform_lattice(bcc(2.0, axis), (5, 6, 7))
    offsets, table = neighbours_of(lattice), neighbours_of(lattice.graph())
    assert (offsets.offset.dtype, offsets.step_class.dtype, offsets.packed.dtype) == (np.int32, np.uint32, np.uint32)
    reach, n_basis = np.abs(offsets.offset).max(), len(offsets.offset)
    for site in range(reach, lattice.n_site - reach):
        there = np.uint32(site) + offsets.packed[site % n_basis]
        np.testing.assert_array_equal(there, table.edge[table.indptr[site] : table.indptr[site + 1]])


def test_longest_rows_by_code():
    lattice = uniform_lattice(bcc(2.0, "110"), (2, 2, 2))
    codes = np.zeros(lattice.n_site, dtype=np.uint8)
    codes[3] = 5
    assert neighbours_of(lattice).degrees_by_code(codes, 8).tolist() == [8, 0, 8, 0]
    graph = ladder(4, rungs=[(0, 4, 0), (0, 5, 1)])
    codes = (2 * graph.region + 1).astype(np.uint8)
    assert neighbours_of(graph).degrees_by_code(codes, 8).tolist() == [3, 4, 0, 0]


def made_of(n_neighbour, n_step=2, n_site=100):
    """Offsets ±1, ±2, ... on one basis site; edges of the last class and the first."""
    up = np.arange(1, n_neighbour // 2 + 1)
    classes = np.repeat([n_step - 1, 0], len(up)).astype(np.uint8)
    steps = np.arange(n_step) - n_step // 2
    return UniformLattice(n_site, np.concatenate([up, -up])[None], classes[None], steps, 1.0, float(n_site))


def test_neighbours_steps_and_sites_at_the_limits():
    neighbours_of(made_of(32))
    with pytest.raises(ValueError, match="at most 32 neighbours in a uniform lattice, got 34"):
        neighbours_of(made_of(34))
    assert neighbours_of(made_of(2, 32)).packed.tolist() == [[(31 << SITE_BITS) + 1, (1 << 32) - 1]]
    with pytest.raises(ValueError, match="at most 32 axial step classes, got 33"):
        neighbours_of(made_of(2, 33))
    neighbours_of(made_of(2, n_site=1 << SITE_BITS))
    with pytest.raises(ValueError, match="at most 134,217,728 sites, got 134,217,729"):
        neighbours_of(made_of(2, n_site=(1 << SITE_BITS) + 1))


def up_and_down(n_up, n_down):
    """Whole-number tables of two step classes, one kind."""
    rate = np.zeros((2, 2, 2), dtype=np.uint64)
    rate[:, 1, 0] = n_down, n_up
    return Tables(rate, np.zeros(2, np.uint64), np.zeros((2, 2), np.uint8), 1.0, True)


def test_largest_lattice():
    """2^27 sites: carriers at both ends, neighbours of each other, and in the middle, have their ways and take one."""
    lattice = uniform_lattice(bcc(2.0, "100"), (4, 4096, 4096))
    n = lattice.n_site
    assert n == 1 << SITE_BITS
    starts = np.array([0, n // 2, n - 1])
    codes = np.zeros(n, dtype=np.uint8)
    codes[starts] = 1
    kernel = BinKernel(neighbours_of(lattice), codes, up_and_down(2, 1), np.random.SFC64(1))
    assert kernel.total_propensity == 3 * (4 * 2 + 4 * 1) - (2 + 1)
    kernel.advance(max_events=1)
    now = np.flatnonzero(kernel.codes)
    ((left,), (reached,)) = np.setdiff1d(starts, now), np.setdiff1d(now, starts)
    assert reached in (left + lattice.offset[left % 2]) % n


def test_offsets_too_far_to_be_told_from_a_step_class_are_refused():
    """The kernel takes offsets to lie within ± 2^26; a flat box of 2^27 sites has longer ones."""
    lattice = uniform_lattice(bcc(2.0, "100"), (2, 8192, 4096))
    assert lattice.n_site == 1 << SITE_BITS
    assert np.abs(lattice.offset).max() > 1 << (SITE_BITS - 1)
    with pytest.raises(ValueError, match="offset|too flat|67,108,864"):
        neighbours_of(lattice)


MANY_KINDS = """
import sys
import numpy as np
from coble.kmc.kernel import _kernel
from coble.kmc.kernel import reference
from coble.kmc.kernel.lowering import Tables, neighbours_of
from coble.lattices import UniformLattice

name, n_kind = sys.argv[1], int(sys.argv[2])
rng, n_code = np.random.default_rng(1), 2 * n_kind
chain = UniformLattice(600, np.array([[1, -1]]), np.array([[1, 0]], np.uint8), np.array([-1, 1]), 1.0, 600.0)
rate = np.zeros((2, n_code, n_code), np.uint64)
rate[:, 1::2, ::2] = rng.integers(1, 5, (2, n_kind, n_kind))
tables = Tables(rate, np.zeros(n_code, np.uint64), np.zeros((n_code, n_code), np.uint8), 1.0, True)
codes = (2 * (np.arange(600) % n_kind) + (rng.random(600) < 0.5)).astype(np.uint8)
arguments = neighbours_of(chain), codes, tables
try:
    kernel = getattr(_kernel, name)(*arguments, np.random.SFC64(1))
except ValueError as error:
    print("refused:", error)
else:
    twin = getattr(reference, "Reference" + name)(*arguments, np.random.SFC64(1))
    kernel.advance(max_events=300)
    twin.advance(max_events=300)
    print("same" if (kernel.codes.tolist(), kernel.time) == (twin.code, twin.time) else "different")
"""


@pytest.mark.parametrize("which", KERNELS)
@pytest.mark.parametrize("n_kind", [64, 128])
def test_many_kinds(which, n_kind, tmp_path):
    """Up to 128 kinds run, or are refused; in a process of its own, which may crash."""
    script = [sys.executable, "-c", MANY_KINDS, which.__name__, str(n_kind)]
    done = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr}"
    assert done.stdout.strip() == "same" or (n_kind > 64 and done.stdout.startswith("refused: "))
