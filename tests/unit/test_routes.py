"""Routes and the limiting cut, on networks whose currents can be told by hand, and on a tubule."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from small_graphs import along_axis, graph_of, ladder, ring

from coble.kmc.network.exact import solve
from coble.kmc.network.routes import Route, coarse_network, limiting_cut, routes
from coble.lattices import Region, bcc, build_tubule, make_shape


def network_of(graph, by_kind):
    return coarse_network(graph, solve(graph, by_kind))


def assert_conserves_current(network, tolerance):
    """What enters a node leaves it; the first slab and its image one period on count as one."""
    inner = [node for node in network if 0 < node[1] < network.graph["slabs"]]
    assert inner or network.graph["slabs"] == 1
    for node in inner:
        entering = sum(data["current"] for *_, data in network.in_edges(node, data=True))
        leaving = sum(data["current"] for *_, data in network.out_edges(node, data=True))
        assert entering == pytest.approx(leaving, abs=tolerance), node


def flow_at(network, slab):
    """Current between two slabs."""
    return sum(data["current"] for a, b, data in network.edges(data=True) if (a[1], b[1]) == (slab, slab + 1))


# --- Two lanes that never meet ---


def two_lanes(n=20):
    """Two rings side by side without rungs."""
    bonds = [(side * n + i, side * n + (i + 1) % n, 1) for side in range(2) for i in range(n)]
    positions = [*along_axis(n), *(along_axis(n) + [1, 0, 0])]
    return graph_of(2 * n, bonds, kind=[Region.INTERFACE] * n + [Region.WALL] * n, positions=positions, cell=[0, 0, n])


@pytest.mark.parametrize("ratio", [1.0, 3.0, 0.1])
def test_two_lanes_share_by_their_conductance(ratio):
    network = network_of(two_lanes(), {Region.INTERFACE: ratio, Region.WALL: 1.0})
    found = {route.regions: route.share for route in routes(network)}
    wall = 1 / (1 + ratio)
    assert found == pytest.approx({("interface",): 1 - wall, ("wall",): wall}, abs=1e-6)
    assert limiting_cut(network) == pytest.approx({"interface": 1 - wall, "wall": wall}, abs=1e-6)
    assert network.graph["slabs"] == 4
    for slab in range(4):
        assert flow_at(network, slab) == pytest.approx(1)


def test_widest_route_comes_first():
    found = routes(network_of(two_lanes(), {Region.INTERFACE: 1.0, Region.WALL: 4.0}))
    assert [route.regions for route in found] == [("wall",), ("interface",)]
    assert str(found[0]) == "wall: 80.0 %"
    assert str(Route(("interface", "wall"), 0.25)) == "interface → wall: 25.0 %"


def test_lanes_at_one_potential_need_no_rungs():
    """The rungs of a ladder carry nothing, so they change no route."""
    network = network_of(ladder(20, Region.INTERFACE, Region.BULK), {Region.INTERFACE: 2.0, Region.BULK: 1.0})
    found = {route.regions: route.share for route in routes(network)}
    assert found == pytest.approx({("interface",): 2 / 3, ("bulk",): 1 / 3}, abs=2e-3)


def test_narrow_streams_are_left_out():
    network = network_of(two_lanes(), {Region.INTERFACE: 1.0, Region.WALL: 1e-4})
    assert [route.regions for route in routes(network)] == [("interface",)]
    assert set(limiting_cut(network)) == {"interface"}


# --- Lanes in series ---


def in_series(n=20):
    """A ring: interface in the lower half, wall in the upper."""
    return ring(n, [Region.INTERFACE] * (n // 2) + [Region.WALL] * (n - n // 2))


@pytest.mark.parametrize(("slow", "fast"), [(Region.WALL, Region.INTERFACE), (Region.INTERFACE, Region.WALL)])
def test_series_is_one_route_through_both_and_cut_in_the_slower(slow, fast):
    network = network_of(in_series(), {slow: 1.0, fast: 5.0})
    (route,) = routes(network)
    assert route.share == pytest.approx(1)
    assert {"interface", "wall"} == set(route.regions)
    assert set(limiting_cut(network)) == {slow.name.lower()}
    assert_conserves_current(network, 1e-6)


def test_detour_round_a_gap():
    """Lane one is interrupted half-way: its current crosses to the other lane and comes back."""
    n = 30
    bonds = [(i, (i + 1) % n, 1) for i in range(n) if i != 14]  # interface, cut between 14 and 15
    bonds += [(n + i, n + (i + 1) % n, 1) for i in range(n)]  # wall
    bonds += [(i, n + i, 0) for i in range(n)]
    positions = [*along_axis(n), *(along_axis(n) + [1, 0, 0])]
    kind = [Region.INTERFACE] * n + [Region.WALL] * n
    graph = graph_of(2 * n, bonds, kind=kind, positions=positions, cell=[0, 0, n])
    network = network_of(graph, {Region.INTERFACE: 10.0, Region.WALL: 1.0})
    found = routes(network)
    assert sum(route.share for route in found) == pytest.approx(1, abs=0.01)
    assert {"interface", "wall"} <= set(found[0].regions)
    assert ("interface",) not in [route.regions for route in found]
    assert set(limiting_cut(network)) == {"wall"}  # all of it must pass the gap
    assert_conserves_current(network, 0.01)


# --- A tubule ---


@pytest.fixture(scope="module", params=["single", "slab", "square-array"])
def tubule(request):
    shape = make_shape(request.param, 40.0, 20.0)
    graph = build_tubule(shape, bcc(3.509), wall_density=0.0165, segment=20.0)
    return graph, solve(graph, {Region.BULK: 0.05, Region.INTERFACE: 1.0, Region.WALL: 0.2})


def test_routes_and_cut_of_a_tubule_sum_to_one(tubule):
    network = coarse_network(*tubule)
    found = routes(network)
    assert sum(route.share for route in found) == pytest.approx(1, abs=0.01)
    assert all(0 < route.share <= 1 for route in found)
    assert sum(limiting_cut(network).values()) == pytest.approx(1)
    assert_conserves_current(network, 0.01)


def test_every_slab_of_a_tubule_passes_all_current(tubule):
    network = coarse_network(*tubule)
    for slab in range(network.graph["slabs"]):
        assert flow_at(network, slab) == pytest.approx(1, abs=0.01)


def test_straight_routes_carry_the_shares_of_the_paths(tubule):
    """Exchange between regions is a small part, so the routes within one region are close to its share."""
    graph, solution = tubule
    straight = {route.regions[0]: route.share for route in routes(coarse_network(graph, solution))
                if len(route.regions) == 1}  # fmt: skip
    for kind, share in solution.shares.items():
        assert straight.get(kind.name.lower(), 0.0) == pytest.approx(share, abs=0.1)


def test_period_of_one_slab():
    graph = build_tubule(make_shape("single", 20.0, 10.0), bcc(3.509), wall_density=0.0165, segment=1.0)
    network = network_of(graph, {Region.BULK: 0.05, Region.INTERFACE: 1.0, Region.WALL: 0.2})
    assert network.graph["slabs"] == max(1, int(graph.length / 5.0))
    assert sum(route.share for route in routes(network)) == pytest.approx(1, abs=0.02)
    assert sum(limiting_cut(network).values()) == pytest.approx(1)


def test_routes_as_wide_as_each_other_have_one_order():
    """That in which streams stand in the network: not that of a set, which changes from process to process."""
    network, names = nx.DiGraph(slabs=1), [f"lane {k}" for k in range(12)]
    for name in names:
        network.add_edge((name, 0), (name, 1), current=1 / 12, capacity=1.0)
    assert [route.regions for route in routes(network)] == [(name,) for name in names]


def test_streams_alike_by_symmetry_are_alike_to_the_last_bit():
    """Four lanes with a solver's rounding between them."""
    n = 20
    bonds = [(lane * n + i, lane * n + (i + 1) % n, 1) for lane in range(4) for i in range(n)]
    positions = np.concatenate([along_axis(n) + [lane, 0, 0] for lane in range(4)])
    kinds = np.repeat(list(Region)[:4], n)
    solution = solve(
        graph_of(4 * n, bonds, kind=kinds, positions=positions, cell=[0, 0, n]), dict.fromkeys(Region, 1.0)
    )
    noise = 1e-13 * np.random.default_rng(2).standard_normal(4 * n)
    network = coarse_network(solution.graph, replace(solution, potential=solution.potential + noise))
    assert {data["current"] for *_, data in network.edges(data=True)} == {0.25}


@pytest.mark.parametrize("noise", [0.0, 1e-16, -1e-16])
def test_of_cuts_that_conduct_as_little_it_is_the_one_next_to_the_tip(noise):
    """Two lanes change their conductances from slab to slab; between them nothing limits.  Last bits do not choose."""
    network = nx.DiGraph(slabs=2)
    for slab, (a, b) in enumerate([(0.3 + noise, 0.7), (0.8, 0.2 - noise)]):
        network.add_edge(("a", slab), ("a", slab + 1), current=0.5, capacity=a)
        network.add_edge(("b", slab), ("b", slab + 1), current=0.5, capacity=b)
    for here, there in (("a", "b"), ("b", "a")):
        network.add_edge((here, 1), (there, 1), current=0.0, capacity=9.0)
    assert limiting_cut(network) == pytest.approx({"a": 0.8, "b": 0.2})
