"""The exact network: textbook conductors, the master equation of small gases, bounds, and the calibration."""

from math import comb

import numpy as np
import pytest
from gas import MasterEquation, gas
from small_graphs import box, graph_of, ladder, ring, slanted_ladder

from coble.kmc.network import exact as network
from coble.kmc.network import gradients
from coble.kmc.network.continuum import regions_of, shares
from coble.kmc.network.exact import (
    bond_conductance,
    bounds,
    isolated,
    lower_bound,
    potentials,
    responses,
    solve,
    without,
)
from coble.kmc.rates.calibration import calibrate
from coble.kmc.rates.materials import METALS, WALLS
from coble.kmc.rates.table import rate_table
from coble.lattices import SHAPES, Region, bcc, build_box, build_tubule, make_shape

LITHIUM = METALS["Li"]
UNIT = {Region.BULK: 1.0}


def diffusivity(graph, by_kind=UNIT):
    """D of a lone walker: axial conductance × length per site."""
    return solve(graph, by_kind).total * graph.length / graph.n_site


# --- Homogeneous lattices and slabs (V3, V4) ---


@pytest.mark.parametrize(
    ("lattice", "axis", "a"),
    [("bcc", axis, 2) for axis in ("100", "110", "111")] + [("sc", "100", 1), ("square", "100", 1), ("fcc", "100", 2)],
)
def test_lone_walker_on_a_lattice(lattice, axis, a):
    """D = Γ a², for every axis."""
    assert diffusivity(box(lattice, 3, axis)) == pytest.approx(a**2, rel=1e-12)


def slab(plane, n):
    """n layers cut out of a periodic bcc crystal of lattice constant 2; the axis lies in the layers."""
    if plane == "100":
        graph = build_box(bcc(2.0, "100"), (5, 3, 2))
        level, period = graph.positions[:, 0], 10
    elif plane == "110 along [1-10]":
        graph = build_box(bcc(2.0, "110"), (3, 3, 2))
        level, period = graph.positions[:, 0] / np.sqrt(2), 6
    elif plane == "110 along [001]":
        graph = build_box(bcc(2.0, "100"), (6, 6, 2))
        level, period = (graph.positions[:, 0] + graph.positions[:, 1]) / 2, 6
    else:  # (1-11), which holds [110]
        graph = build_box(bcc(2.0, "110"), (3, 6, 2))
        level, period = graph.positions[:, 1] - np.sqrt(2) * graph.positions[:, 0], 12
    return graph.subgraph(np.rint(level).astype(int) % period < n)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("plane", "law"),
    [
        ("100", lambda n: (n - 1) / n),
        ("111", lambda n: (n - 1) / n),
        ("110 along [1-10]", lambda n: 1),
        ("110 along [001]", lambda n: 1 - 1 / (2 * n)),
    ],
)
def test_slabs_of_n_layers(plane, law, n):
    graph = slab(plane, n)
    if graph.n_edge:
        assert diffusivity(graph) / 4 == pytest.approx(law(n), rel=1e-9)
    else:
        assert law(n) == 0


# --- Layers and chains (V15) ---


@pytest.mark.parametrize("g", [(1.0, 3.0), (1.0, 1e5), (2.0, 0.0)])
def test_layers_in_parallel_add(g):
    graph = box("sc", 4)
    graph.region[:] = np.where(graph.positions[:, 0] < 1, Region.WALL, Region.BULK)
    solution = solve(graph, {Region.BULK: g[0], Region.WALL: g[1]})
    area = {Region.BULK: 12, Region.WALL: 4}
    assert solution.total == pytest.approx(12 * g[0] + 4 * g[1], rel=1e-9)
    assert solution.path == pytest.approx({Region.BULK: 12 * g[0], Region.WALL: area[Region.WALL] * g[1]})
    assert solution.shares[Region.BULK] == pytest.approx(12 * g[0] / solution.total)
    assert without(graph, {Region.BULK: g[0], Region.WALL: g[1]}, Region.WALL) == pytest.approx(12 * g[0])


@pytest.mark.parametrize("g", [(1.0, 3.0), (1.0, 1e3)])
def test_layers_in_series_share_the_tension(g):
    graph = box("sc", 4)
    graph.region[:] = np.where(graph.positions[:, 2] < 1, Region.WALL, Region.BULK)
    solution = solve(graph, {Region.BULK: g[0], Region.WALL: g[1]})
    assert solution.total == pytest.approx(16 * 4 / (3 / g[0] + 1 / g[1]), rel=1e-9)


@pytest.mark.parametrize("g", [(1.0, 1.0), (1.0, 4.0), (1.0, 1e4)])
def test_alternating_chain(g):
    """D = a² 2 g₁ g₂ / (g₁ + g₂); each bond carries the same current."""
    graph = ring(10)
    even = np.minimum(graph.sources(), graph.target) % 2 == 0
    even[(graph.sources() % 9 == 0) & (graph.target % 9 == 0)] = False  # the bond that closes the ring, 9 → 0
    conductance = np.where(even, g[0], g[1])
    psi = potentials(graph, conductance)
    flux = conductance * (graph.steps_A[graph.step_class] + psi[graph.target] - psi[graph.sources()])
    np.testing.assert_allclose(np.abs(flux), 2 * g[0] * g[1] / sum(g), rtol=1e-5)


def test_regions_that_do_not_conduct():
    graph = ladder(4)
    assert solve(graph, {Region.BULK: 0.0, Region.INTERFACE: 0.0}).total == 0
    assert without(graph, {Region.BULK: 1.0}, Region.BULK) == 0.0
    cut = graph_of(3, [(0, 1, 1), (1, 2, 1)], positions=[[0, 0, i] for i in range(3)])
    assert solve(cut, UNIT).total == pytest.approx(0, abs=1e-9)


def test_solver_that_stops_early_says_so(monkeypatch):
    monkeypatch.setattr(gradients, "MOST", 1)
    graph = ring(4, [0, 0, 1, 1])
    with pytest.raises(network.NotConverged, match="in 1 iterations"):
        solve(graph, {Region.BULK: 1.0, Region.INTERFACE: 2.0})


# --- What any solution obeys ---


def small_tubule(name="single", wall="LiC6", W=40.0, w=20.0, **more):
    density = WALLS[wall].concentration_cm3 * 1e-24
    shape = make_shape(name, W, w)
    return build_tubule(shape, bcc(LITHIUM.lattice_constant_A), wall_density=density, **{"segment": 5.0, **more})


CONDUCTANCES = [
    {Region.BULK: 1.0, Region.INTERFACE: 1.0, Region.WALL: 1.0},
    {Region.BULK: 1e-4, Region.INTERFACE: 1.0, Region.WALL: 0.05},
    {Region.BULK: 0.3, Region.INTERFACE: 0.0, Region.WALL: 7.0},
]


@pytest.fixture(scope="module", params=range(len(CONDUCTANCES)))
def solved(request):
    graph, by_kind = small_tubule(), CONDUCTANCES[request.param]
    return graph, by_kind, solve(graph, by_kind)


def test_current_is_conserved_at_every_site(solved):
    graph, _, solution = solved
    into = np.bincount(graph.target, solution.flux, minlength=graph.n_site)
    gross = np.bincount(graph.target, np.abs(solution.flux), minlength=graph.n_site)
    assert np.abs(into).max() <= 1e-4 * gross.max()
    np.testing.assert_allclose(solution.flux[graph.reverse_edges()], -solution.flux, atol=1e-12)


def test_current_through_every_plane_is_the_total(solved):
    graph, _, solution = solved
    height, step = graph.positions[:, 2], graph.steps_A[graph.step_class]
    for cut in (np.arange(round(graph.length / graph.unit)) + 0.5) * graph.unit:
        z = height[graph.sources()]
        through = ((z < cut) & (z + step > cut)) | ((z < cut + graph.length) & (z + step > cut + graph.length))
        assert solution.flux[through].sum() == pytest.approx(solution.total, rel=1e-4)


def test_control_coefficients_sum_to_one_and_are_derivatives(solved):
    graph, by_kind, solution = solved
    assert sum(solution.control.values()) == pytest.approx(1, abs=1e-9)
    for kind, g in by_kind.items():
        up, down = (solve(graph, {**by_kind, kind: g * np.exp(sign * 1e-3)}).total for sign in (1, -1))
        derivative = (np.log(up) - np.log(down)) / 2e-3
        assert solution.control[kind] == pytest.approx(derivative, abs=2e-6)


EXCHANGES = [(Region.INTERFACE, Region.WALL), (Region.BULK, Region.INTERFACE)]


@pytest.mark.parametrize("kind", [Region.BULK, Region.INTERFACE, Region.WALL])
def test_responses_are_derivatives(kind):
    """Of the current of each path in a tubule whose regions exchange along the way, against differences."""
    graph = small_tubule()
    empty = graph.z < graph.length / 2
    graph = graph.subgraph(~(empty & (graph.region == Region.BULK)))  # so that atoms must change paths
    by_kind, exchange = (
        {Region.BULK: 3.0, Region.INTERFACE: 1.0, Region.WALL: 0.2},
        {EXCHANGES[0]: 0.3, EXCHANGES[1]: 2.0},
    )
    current, slope = responses(graph, by_kind, exchange)
    whole = solve(graph, by_kind, exchange)
    assert current == pytest.approx(whole.path, rel=1e-5)
    for pair in EXCHANGES:
        up, down = (solve(graph, by_kind, exchange | {pair: exchange[pair] * np.exp(h)}).path for h in (1e-2, -1e-2))
        assert slope[kind][pair] == pytest.approx((up[kind] - down[kind]) / 2e-2, abs=1e-4 * whole.total), pair
        assert slope[kind][pair] == slope[kind][pair[::-1]]
    every = sum(slope[kind][a, b] for a in Region for b in Region if a <= b)
    assert every == pytest.approx(current[kind], rel=1e-4)  # all rates twice as fast: twice the current


def test_shares_sum_to_one_and_total_lies_above_the_isolated_regions(solved):
    graph, by_kind, solution = solved
    alone = {kind: g * isolated(graph, kind) for kind, g in by_kind.items()}
    low, high = bounds(solution, alone)
    assert sum(solution.shares.values()) == pytest.approx(1)
    assert low <= high * (1 + 1e-9)
    assert high == solution.total


def test_conductance_is_that_of_a_dense_solution():
    """The same equations by a dense pseudo-inverse."""
    graph = small_tubule(W=20.0, w=10.0)
    by_kind = CONDUCTANCES[1]
    g, n, step = bond_conductance(graph, by_kind), graph.n_site, graph.steps_A[graph.step_class]
    laplacian, drive = np.zeros((n, n)), np.zeros(n)
    np.add.at(laplacian, (graph.sources(), graph.target), -g)
    laplacian[np.diag_indices(n)] = -laplacian.sum(axis=1)
    np.add.at(drive, graph.sources(), g * step)
    psi = np.linalg.lstsq(laplacian, drive, rcond=1e-12)[0]
    tension = step + psi[graph.target] - psi[graph.sources()]
    assert solve(graph, by_kind).total == pytest.approx((g * tension**2).sum() / 2 / graph.length, rel=1e-8)


# --- Duality: the network against the whole interacting gas ---


def linear_response(graph, conductance, occupancy):
    """Exact axial conductance of the interacting gas, every number of carriers by its equilibrium weight.

    The stationary current of each sector at fields of ±F, divided by 2F and by the period.
    """
    F, n = 5e-4, graph.n_site
    rates = rate_table(conductance, occupancy)
    x = np.array([rates.occupancy[kind] for kind in graph.region])
    up, down = (MasterEquation(gas(graph, rates.hop, field=sign * F)) for sign in (1, -1))
    weight = np.where(up.occupied, x, 1 - x).prod(axis=1)
    total = 0.0
    for k in range(1, n):
        flow = up.displacement_rate(up.stationary(k)) - down.displacement_rate(down.stationary(k))
        total += weight[up.sector(k)].sum() * flow / (2 * F)
    return total / graph.length


SMALL = {
    "two regions in series": ring(8, [Region.BULK] * 3 + [Region.INTERFACE] * 5),
    "ladder": ladder(4),
    "ladder with a third region": ladder(4),
    "shunted ring": graph_of(
        7,
        [(i, (i + 1) % 5, 1) for i in range(5)] + [(5, 0, 1), (5, 2, -1), (6, 3, 0), (6, 4, 1)],
        kind=[0, 0, 1, 1, 2, 2, 1],
        positions=[[0, 0, i] for i in (0, 1, 2, 3, 4, 4, 3)],
        cell=[0, 0, 5],
    ),
}
SMALL["ladder with a third region"].region[5:7] = Region.WALL
UNEQUAL_BONDS = {Region.BULK: 0.2, Region.INTERFACE: 3.0, Region.WALL: 1.0}


@pytest.mark.parametrize("occupancy", [0.5, 0.9])
@pytest.mark.parametrize("name", SMALL)
def test_network_is_exact_at_equal_occupancies(name, occupancy):
    same = dict.fromkeys(UNEQUAL_BONDS, occupancy)
    exact = linear_response(SMALL[name], UNEQUAL_BONDS, same)
    assert solve(SMALL[name], UNEQUAL_BONDS).total == pytest.approx(exact, rel=1e-6)


def test_network_with_one_bond_kind_doubled_is_told_apart():
    same = dict.fromkeys(UNEQUAL_BONDS, 0.5)
    exact = linear_response(SMALL["ladder"], UNEQUAL_BONDS, same)
    for kind in (Region.BULK, Region.INTERFACE):
        wrong = solve(SMALL["ladder"], {**UNEQUAL_BONDS, kind: 2 * UNEQUAL_BONDS[kind]}).total
        assert abs(wrong / exact - 1) > 0.01


def test_fixed_number_of_carriers_conducts_by_its_own_factor():
    """With n carriers on N sites x (1-x) becomes n (N-n) / (N (N-1)); their binomial mean is x (1-x) again."""
    graph, F = SMALL["ladder"], 5e-4
    hop = rate_table(UNEQUAL_BONDS, dict.fromkeys(UNEQUAL_BONDS, 0.5)).hop  # g / (x (1-x)), x = ½
    up, down = (MasterEquation(gas(graph, hop, field=sign * F)) for sign in (1, -1))
    exact = solve(graph, UNEQUAL_BONDS).total
    for n in (1, 3, 4):
        flow = up.displacement_rate(up.stationary(n)) - down.displacement_rate(down.stationary(n))
        factor = n * (8 - n) / (8 * 7) / 0.25
        assert flow / (2 * F) / graph.length == pytest.approx(factor * exact, rel=1e-6)
    assert sum(comb(8, n) * n * (8 - n) / 56 for n in range(9)) / 2**8 == pytest.approx(0.25)


@pytest.mark.parametrize(
    "occupancy",
    [
        {Region.BULK: 0.9, Region.INTERFACE: 0.5},
        {Region.BULK: 0.99, Region.INTERFACE: 0.5},
        {Region.BULK: 0.3, Region.INTERFACE: 0.8},
        {Region.BULK: 0.02, Region.INTERFACE: 0.98},
    ],
)
def test_bounds_hold_the_interacting_gas(occupancy):
    """The slanted rungs carry, so that the bounds differ."""
    graph = slanted_ladder()
    conductance = {Region.BULK: 0.5, Region.INTERFACE: 3.0}
    exact = linear_response(graph, conductance, occupancy)
    alone = {kind: g * isolated(graph, kind) for kind, g in conductance.items()}
    low, high = bounds(solve(graph, conductance), alone)
    assert low == pytest.approx(3.5)
    assert high > low * 1.01, "bounds that coincide test nothing"
    assert low < exact < high
    assert exact < high * (1 - 1e-4), "the occupancies differ by too little to test anything"
    assert bounds(solve(graph, conductance), alone, occupancy) == (low, high)
    assert lower_bound(graph, conductance, occupancy) == pytest.approx(low)


@pytest.mark.parametrize("occupancy", [0.5, 0.9])
def test_bounds_meet_at_equal_occupancies(occupancy):
    """There the network is exact, however much the bonds between the regions carry."""
    graph, conductance = slanted_ladder(), {Region.BULK: 0.5, Region.INTERFACE: 3.0}
    same = dict.fromkeys(conductance, occupancy)
    exact = linear_response(graph, conductance, same)
    low, high = bounds(solve(graph, conductance), conductance, same)
    assert low == high == pytest.approx(exact, rel=1e-6)
    assert lower_bound(graph, conductance, same, {(Region.BULK, Region.INTERFACE): 1.0}) == pytest.approx(
        exact, rel=1e-6
    )


def test_lower_bound_keeps_the_bonds_between_equal_sites():
    """Metal and wall are 90 % full, the interface half: what is cut is the interface, on either side of its rungs."""
    graph = SMALL["ladder with a third region"]
    occupancy = {Region.BULK: 0.9, Region.INTERFACE: 0.5, Region.WALL: 0.9}
    low = lower_bound(graph, UNEQUAL_BONDS, occupancy)
    high = solve(graph, UNEQUAL_BONDS).total
    assert low < linear_response(graph, UNEQUAL_BONDS, occupancy) < high
    kept = graph.subgraph(graph.region != Region.INTERFACE), graph.subgraph(graph.region == Region.INTERFACE)
    assert low == pytest.approx(sum(solve(part, UNEQUAL_BONDS).total for part in kept))


# --- The bond between two regions ---


def test_bonds_between_regions_take_the_harmonic_mean():
    graph = ring(4, [Region.BULK, Region.BULK, Region.WALL, Region.WALL])
    g = bond_conductance(graph, {Region.BULK: 1.0, Region.WALL: 3.0})
    of_pair = {(int(i), int(j)): value for i, j, value in zip(graph.sources(), graph.target, g, strict=True)}
    assert (of_pair[0, 1], of_pair[2, 3]) == (1.0, 3.0)
    assert of_pair[1, 2] == of_pair[2, 1] == of_pair[3, 0] == of_pair[0, 3] == 1.5


def test_bonds_to_a_closed_or_absent_region_are_closed():
    graph = ring(4, [Region.BULK, Region.BULK, Region.WALL, Region.WALL])
    for by_kind in ({Region.BULK: 1.0, Region.WALL: 0.0}, {Region.BULK: 1.0}):
        g = bond_conductance(graph, by_kind)
        assert (g > 0).sum() == 2


# --- Calibration ---

TABLE = {  # Γ a² / D of the shell of a round bore, R = 5, 10, 50 nm
    ("110", 5): 1.07,
    ("110", 10): 1.05,
    ("110", 50): 1.04,
    ("100", 5): 1.29,
    ("100", 10): 1.28,
    ("100", 50): 1.27,
    ("111", 5): 1.00,
    ("111", 10): 0.985,
    ("111", 50): 0.977,
}


@pytest.mark.parametrize(("axis", "radius_nm"), TABLE)
def test_calibration_factor_of_the_shell(axis, radius_nm):
    a = LITHIUM.lattice_constant_A
    shape = make_shape("single", 20.0 * radius_nm, 20.0)
    graph = build_tubule(shape, bcc(a, axis), filling="empty", segment=5.0)
    regions = regions_of(shape, None, (2e-7, LITHIUM.concentration_cm3, 0.5, 2.0), bare=True)
    (found,) = calibrate(graph, regions, {Region.SURFACE: a}).values()
    assert found.factor == pytest.approx(TABLE[axis, radius_nm], rel=0.02)


def of_the_paper(graph, wall):
    """Regions of a filled tubule at 300 K, and lattice constants for the printed factor."""
    c, a = LITHIUM.concentration_cm3, LITHIUM.lattice_constant_A
    inside = wall.diffusivity.value_cm2_s, wall.concentration_cm3, 0.99
    regions = regions_of(graph.shape, (4e-11, c, 0.99), (2e-7, c, 0.5, 2.0), inside)
    return regions, {Region.BULK: a, Region.INTERFACE: a, Region.WALL: (2e24 / wall.concentration_cm3) ** (1 / 3)}


@pytest.mark.parametrize("wall", ["LiC6", "LiC6-optimistic", "Li9Al4", "Li22Si5"])
@pytest.mark.parametrize("name", SHAPES)
def test_calibrated_tubule_conducts_like_the_continuum(name, wall):
    graph = small_tubule(name, wall, W=100.0, w=100.0)
    regions, constants = of_the_paper(graph, WALLS[wall])
    found = calibrate(graph, regions, constants)
    for kind, region in regions.items():
        alone = found[kind].bond_conductance * isolated(graph, kind)
        assert alone == pytest.approx(region.flux_conductance, rel=1e-6)
        assert found[kind].alone == region.flux_conductance
    by_kind = {kind: bonds.bond_conductance for kind, bonds in found.items()}
    solution, alone = solve(graph, by_kind), sum(region.flux_conductance for region in regions.values())
    assert 1 - 1e-9 <= solution.total / alone < 1.05
    for kind, share in shares(regions).items():
        assert solution.shares[kind] == pytest.approx(share, abs=0.02)
    if name == "single":
        assert solution.total / alone < 1.03


def test_arithmetic_mean_at_the_boundary_would_be_wrong():
    """Why the harmonic mean: on a round tubule the arithmetic one adds tens of per cent."""
    graph = small_tubule(wall="Li9Al4", W=100.0, w=50.0)  # its exchange edges climb
    regions, constants = of_the_paper(graph, WALLS["Li9Al4"])
    g = np.zeros(len(Region))
    for kind, bonds in calibrate(graph, regions, constants).items():
        g[kind] = bonds.bond_conductance
    here, there = graph.region[graph.sources()], graph.region[graph.target]
    conductance, step = (g[here] + g[there]) / 2, graph.steps_A[graph.step_class]
    psi = potentials(graph, conductance)
    total = (conductance * (step + psi[graph.target] - psi[graph.sources()]) ** 2).sum() / 2 / graph.length
    assert total > 1.2 * sum(region.flux_conductance for region in regions.values())


def test_calibration_factor_of_bulk_metal_tends_to_one():
    graph = build_box(bcc(LITHIUM.lattice_constant_A), (3, 3, 2))
    shape = make_shape("slab", *graph.cell[:2])  # only its areas are used
    regions = regions_of(shape, (4e-11, LITHIUM.concentration_cm3, 0.99), (2e-7, 1e22, 0.5, 2.0))
    metal = regions[Region.BULK]
    box_area = graph.cell[0] * graph.cell[1]
    region = type(metal)(Region.BULK, 4e-11, LITHIUM.concentration_cm3, box_area, 0.99)
    found = calibrate(graph, {Region.BULK: region}, {Region.BULK: LITHIUM.lattice_constant_A})
    assert found[Region.BULK].factor == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("sites", ["none", "no path"])
def test_region_without_a_path_is_refused(sites):
    graph = ladder(4) if sites == "none" else graph_of(4, [(0, 1, 1), (2, 3, 1)], kind=[Region.WALL] * 4)
    regions = regions_of(make_shape("single", 10.0, 5.0), (1e-9, 1e22, 0.9), (1e-9, 1e22, 0.5, 2.0), (1e-9, 1e22, 0.9))
    with pytest.raises(ValueError, match="the wall has no connected path along the axis: make the tubule larger"):
        calibrate(graph, {Region.WALL: regions[Region.WALL]}, {Region.WALL: 3.5})
