"""Site graphs of tubules: sound, of the right density, periodic, and their faults are found."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_graphs import box, chain, graph_of, ladder, random_graph, ring

from coble.lattices import SHAPES, Region, bcc, build_tubule, make_shape
from coble.lattices.crystals import DIRECTIONS
from coble.lattices.graph.packing import pack

LITHIUM_A = (2 * 21.6) ** (1 / 3)
WALL_DENSITY = {"LiC6": 1.65e-2, "Li9Al4": 4.0e-2, "Li22Si5": 5.3e-2, "inert": 0.0}  # [Å⁻³]


def tubule(name, axis="110", wall="Li9Al4", W=200.0, w=100.0, **more):
    pore = more.pop("pore", "polygonal")
    shape = make_shape(name, W, w, pore=pore)
    return build_tubule(shape, bcc(LITHIUM_A, axis), wall_density=WALL_DENSITY[wall], **{"segment": 5.0, **more})


def span(graph, edges=slice(None)):
    """Vector of every edge, to the nearest image [Å]."""
    vector = graph.positions[graph.target[edges]] - graph.positions[graph.sources()[edges]]
    cell = np.where(graph.cell > 0, graph.cell, np.inf)
    return vector - np.where(graph.cell > 0, graph.cell, 0) * np.round(vector / cell)


def fold(points, cell):
    """Points in units of the cell, in [-½, ½]."""
    return points / cell - np.round(points / cell)


def folded_in_wall(shape, x, y):
    return shape.in_wall(*(fold(np.column_stack([x, y]), shape.period) * shape.period).T)


def bore_sites(graph):
    return graph.count(Region.BULK) + graph.count(Region.INTERFACE)


# --- Invariants over all shapes, axes and walls ---


@pytest.mark.parametrize("wall", WALL_DENSITY)
@pytest.mark.parametrize("axis", DIRECTIONS)
@pytest.mark.parametrize("name", SHAPES)
def test_graph_is_sound_and_has_the_right_density(name, axis, wall):
    graph = tubule(name, axis, wall)
    assert graph.faults() == []
    assert len(graph.steps) <= 31
    metal = bore_sites(graph) / (graph.shape.bore_area * graph.length / 21.6)
    assert metal == pytest.approx(1, abs=0.01)
    expected = graph.shape.wall_area * graph.length * WALL_DENSITY[wall]
    assert graph.count(Region.WALL) == pytest.approx(expected, rel=0.01)
    assert abs(graph.notes["wall_axial_strain"]) <= 0.06


@pytest.mark.parametrize("axis", DIRECTIONS)
@pytest.mark.parametrize("name", SHAPES)
def test_bonds_are_as_long_as_they_should_be(name, axis):
    graph = tubule(name, axis, "LiC6", W=60.0, w=30.0)
    a_wall = (2 / WALL_DENSITY["LiC6"]) ** (1 / 3)
    length = np.linalg.norm(span(graph), axis=1)
    here, there = graph.region[graph.sources()], graph.region[graph.target]
    metal = (here != Region.WALL) & (there != Region.WALL)
    wall = (here == Region.WALL) & (there == Region.WALL)
    np.testing.assert_allclose(length[metal], LITHIUM_A * np.sqrt(3) / 2, rtol=1e-6)
    np.testing.assert_allclose(length[wall], a_wall * np.sqrt(3) / 2, rtol=0.1)  # strained
    exchange = ~metal & ~wall
    assert exchange.any()
    assert set(here[exchange]) | set(there[exchange]) == {Region.INTERFACE, Region.WALL}
    assert length[exchange].max() <= a_wall * np.sqrt(3) / 2 + 1e-9
    assert length[exchange].min() >= 1.5  # closer ones would overlap
    assert np.diff(graph.indptr)[graph.region == Region.BULK].min() == 8


@pytest.mark.parametrize("axis", DIRECTIONS)
def test_shell_is_where_a_neighbour_position_lies_outside(axis):
    """The definition, from distances alone."""
    graph = tubule("single", axis, "inert", W=40.0, w=10.0)
    radius = graph.shape.inner_width / 2
    crystal = bcc(LITHIUM_A, axis)
    around = np.concatenate([crystal.first.shift, crystal.second.shift], axis=1)
    to = np.concatenate([crystal.first.to, crystal.second.to], axis=1)
    # The basis site of a graph site, by its fractional position.
    fraction = (graph.positions / crystal.lengths) % 1.0
    offset = (fraction[:, None] - crystal.basis + 0.5) % 1.0 - 0.5
    basis = np.abs(offset).max(axis=2).argmin(axis=1)
    step = (crystal.basis[to] + around - crystal.basis[:, None]) * crystal.lengths
    outside = np.hypot(*np.moveaxis(graph.positions[:, None, :2] + step[basis][..., :2], -1, 0)) >= radius
    np.testing.assert_array_equal(outside.any(axis=1), graph.region == Region.INTERFACE)


@pytest.mark.parametrize("axis", DIRECTIONS)
@pytest.mark.parametrize("W", [30.0, 50.0, 100.0, 300.0])
def test_shell_of_a_round_bore_is_one_piece(axis, W):
    graph = tubule("single", axis, "inert", W=W, filling="empty")
    assert len(np.unique(graph.components(Region.SURFACE))) == 1


def test_slab_has_two_shells():
    graph = tubule("slab")
    assert graph.notes["shells"] == 2
    assert len(np.unique(graph.components(Region.INTERFACE))) == 2
    left = graph.positions[graph.region == Region.INTERFACE, 0] < 0
    assert left.sum() == (~left).sum() > 0


@pytest.mark.parametrize("name", SHAPES)
def test_empty_filling_leaves_the_shell_bare(name):
    full, empty = tubule(name, W=80.0, w=40.0), tubule(name, W=80.0, w=40.0, filling="empty")
    assert empty.faults() == []
    assert set(np.unique(empty.region)) == {Region.SURFACE, Region.WALL}
    assert empty.count(Region.SURFACE) == full.count(Region.INTERFACE)
    assert empty.count(Region.WALL) == full.count(Region.WALL)
    np.testing.assert_allclose(
        empty.positions[empty.region == Region.SURFACE], full.positions[full.region == Region.INTERFACE]
    )


@pytest.mark.parametrize(
    ("name", "pore"), [("square-array", "polygonal"), ("hexagonal-array", "polygonal"), ("hexagonal-array", "round")]
)
def test_arrays_are_periodic_across_the_cell(name, pore):
    graph = tubule(name, wall="Li9Al4", W=80.0, w=40.0, pore=pore)
    raw = graph.positions[graph.target] - graph.positions[graph.sources()]
    for axis in range(2):
        crosses = np.abs(raw[:, axis]) > graph.cell[axis] / 2
        assert crosses.any(), f"no bond crosses the cell along {'xy'[axis]}"
    assert np.linalg.norm(span(graph), axis=1).max() < 4.0
    # A wall site deep in the wall has its full coordination, also at the edge of the cell.
    x, y = graph.positions[:, :2].T
    deep = graph.region == Region.WALL
    for angle in np.arange(8) * np.pi / 4:
        deep &= folded_in_wall(graph.shape, x + 6 * np.cos(angle), y + 6 * np.sin(angle))
    at_edge = deep & (np.abs(fold(graph.positions[:, :2], graph.cell[:2])).max(axis=1) > 0.48)
    assert at_edge.sum() > 10
    assert (np.diff(graph.indptr)[at_edge] == 8).all()
    assert len(np.unique(graph.components(Region.WALL))) == 1


def test_bores_of_the_hexagonal_array_are_separate_and_alike():
    graph = tubule("hexagonal-array", wall="inert")
    first, second = (graph.count(kind) for kind in (Region.BULK, Region.INTERFACE)), np.bincount(graph.bore)
    assert second[0] == second[1]
    assert sum(first) == second.sum()
    assert (graph.bore[graph.sources()] == graph.bore[graph.target]).all()


def test_slab_width_and_segment_are_rounded_up_to_whole_cells():
    graph = tubule("slab", segment=7.0)
    crystal = bcc(LITHIUM_A, "110")
    assert graph.shape.width >= 50.0
    assert graph.shape.width / crystal.lengths[1] == pytest.approx(round(graph.shape.width / crystal.lengths[1]))
    assert graph.length >= 7.0
    assert graph.length / crystal.lengths[2] == pytest.approx(graph.notes["metal_cells"])


def test_same_input_same_graph():
    one, two = tubule("hexagonal-array", W=60.0), tubule("hexagonal-array", W=60.0)
    for name in ("xy", "column", "height", "region", "indptr", "edge", "steps"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_unknown_filling_is_refused():
    with pytest.raises(ValueError, match="filling must be 'metal' or 'empty', got 'gas'"):
        tubule("single", filling="gas")


# --- The graph itself ---


@pytest.fixture(scope="module")
def small():
    return tubule("single", W=30.0, w=10.0)


def test_reverse_edges(small):
    reverse = small.reverse_edges()
    source = small.sources()
    np.testing.assert_array_equal(source[reverse], small.target)
    np.testing.assert_array_equal(small.target[reverse], source)
    np.testing.assert_array_equal(small.steps[small.step_class[reverse]], -small.steps[small.step_class])
    np.testing.assert_array_equal(reverse[reverse], np.arange(small.n_edge))


@pytest.mark.parametrize("graph", [ring(2), box("bcc", 2, "110")], ids=["two-site ring", "box"])
def test_reverse_edges_of_double_bonds(graph):
    reverse = graph.reverse_edges()
    np.testing.assert_array_equal(np.sort(reverse), np.arange(graph.n_edge))
    np.testing.assert_array_equal(graph.steps[graph.step_class[reverse]], -graph.steps[graph.step_class])


def test_steps_round_any_loop_are_whole_periods(small):
    height = small.height.astype(int)
    period = round(small.length / small.unit)
    rise = height[small.target] - height[small.sources()]
    assert ((rise - small.steps[small.step_class]) % period == 0).all()


@pytest.mark.parametrize("kind", [Region.BULK, Region.INTERFACE, Region.WALL])
def test_subgraph_keeps_the_edges_among_its_sites(small, kind):
    keep = small.region == kind
    part = small.subgraph(keep)
    old = np.flatnonzero(keep)
    inside = keep[small.sources()] & keep[small.target]

    def triples(source, graph, chosen):
        columns = source[chosen].tolist(), graph.target[chosen].tolist(), graph.step_class[chosen].tolist()
        return set(zip(*columns, strict=True))

    renamed = replace(part, edge=pack(old[part.target], part.step_class))
    assert triples(old[part.sources()], renamed, slice(None)) == triples(small.sources(), small, inside)
    assert part.n_site == small.count(kind) == part.count(kind)
    part.reverse_edges()


def test_subgraph_of_nothing_and_of_all(small):
    assert small.subgraph(np.zeros(small.n_site, bool)).n_edge == 0
    whole = small.subgraph(np.ones(small.n_site, bool))
    np.testing.assert_array_equal(whole.target, small.target)
    np.testing.assert_array_equal(whole.indptr, small.indptr)


def test_components_count_pieces():
    graph = graph_of(5, [(0, 1, 1), (2, 3, 1)], kind=[Region.BULK] * 4 + [Region.WALL])
    np.testing.assert_array_equal(graph.components(Region.BULK), [0, 0, 1, 1])


# --- What is broken is found ---


def without_edge(graph):
    """One directed edge dropped, its reverse left."""
    edge = graph.n_edge // 2
    indptr = graph.indptr.copy()
    indptr[graph.sources()[edge] + 1 :] -= 1
    return replace(graph, indptr=indptr, edge=np.delete(graph.edge, edge))


def with_flipped_step(graph):
    """One edge climbs where it should fall."""
    step_class = graph.step_class.copy()
    edge = np.flatnonzero(graph.steps[step_class] > 0)[7]
    step_class[edge] = len(graph.steps) - 1 - step_class[edge]
    return replace(graph, edge=pack(graph.target, step_class))


def with_flipped_bond(graph):
    """A bond whose two edges agree with each other but not with the positions."""
    step_class = graph.step_class.copy()
    edge = np.flatnonzero(graph.steps[step_class] > 0)[7]
    back = graph.reverse_edges()[edge]
    step_class[[edge, back]] = step_class[[back, edge]]
    return replace(graph, edge=pack(graph.target, step_class))


def with_self_bond(graph):
    target = graph.target.copy()
    target[0] = 0
    return replace(graph, edge=pack(target, graph.step_class))


def with_lopsided_steps(graph):
    return replace(graph, steps=graph.steps + np.eye(1, len(graph.steps), 0, dtype=int)[0])


def with_cut_shell(graph):
    """Two gaps, which cut the shell into two half pipes."""
    angle = np.degrees(np.arctan2(graph.positions[:, 1], graph.positions[:, 0])) % 180
    return graph.subgraph(~((graph.region == Region.INTERFACE) & (np.abs(angle - 90) < 20)))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (without_edge, "have no reverse edge"),
        (with_flipped_step, "have no reverse edge"),
        (with_flipped_step, "an axial step differs from the positions by"),
        (with_flipped_bond, "an axial step differs from the positions by"),
        (with_self_bond, "are bound to themselves"),
        (with_lopsided_steps, "steps are not symmetric about zero"),
        (with_cut_shell, "the interface falls into 2 pieces, expected 1"),
    ],
)
def test_damage_is_found(small, damage, words):
    assert small.faults() == []
    assert any(words in fault for fault in damage(small).faults()), damage(small).faults()


@pytest.mark.parametrize("make", [without_edge, with_flipped_step])
def test_reverse_edges_refuses_damage(small, make):
    with pytest.raises(ValueError, match="have no reverse edge"):
        make(small).reverse_edges()


# --- The small graphs of the other tests are sound too ---


@pytest.mark.parametrize(
    ("graph", "degree"),
    [
        (ring(5), 2),
        (ladder(4), 3),
        (box("sc", 3), 6),
        (box("square", 4), 4),
        (box("fcc", 2), 12),
        (box("bcc", 3), 8),
    ],
    ids=["ring", "ladder", "sc", "square", "fcc", "bcc"],
)
def test_helper_graphs_are_sound(graph, degree):
    assert (np.diff(graph.indptr) == degree).all()
    assert [fault for fault in graph.faults() if "falls into" not in fault] == []


def test_helper_chain_and_random_graphs_are_sound():
    assert (np.diff(chain(4).indptr) == [1, 2, 2, 1]).all()
    for seed in range(20):
        rng = np.random.default_rng(seed)
        random_graph(rng, int(rng.integers(1, 9)), int(rng.integers(0, 30)), [-2, -1, 0, 1, 2], 3).reverse_edges()


# --- Size ---

FULL_CROSS_SECTION = """
import resource, sys, time
from coble.lattices import bcc, build_tubule, make_shape

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started = time.process_time()
graph = build_tubule(make_shape("single", 1000.0, 100.0), bcc(3.5088, "110"), wall_density=4.0e-2, segment=20.0)
taken = time.process_time() - started
unit = 2**20 if sys.platform == "darwin" else 2**10  # of ru_maxrss: bytes or kibibytes
print(graph.n_site, taken, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / unit)
"""


def test_full_cross_section_of_the_paper_is_quick_and_small():
    """One repeat of W = 100 nm, w = 10 nm, Li9Al4: in a process of its own, to see its memory alone."""
    root = Path(__file__).parents[2]
    script = [sys.executable, "-c", FULL_CROSS_SECTION]
    printed = subprocess.run(script, cwd=root, capture_output=True, text=True, check=True).stdout
    n_site, seconds, mebibytes = map(float, printed.split())
    assert 1.0e6 < n_site < 1.4e6
    assert seconds < 10
    assert mebibytes < 1000
