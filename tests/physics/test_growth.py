"""Metal that grows from an electrolyte: equilibrium, conservation, and the laws of tip and void."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from checks import assert_within, mean_and_error
from clusters import KT, MOBILITIES, cluster, energies_kT
from clusters import MODEL as CLUSTER_MODEL
from clusters import A as CLUSTER_A
from scipy.optimize import brentq
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import spsolve
from scipy.special import erf
from tubes import LITHIUM, MODEL, SHELL_A, A, tube

from coble.kmc.constants import CM2_IN_A2
from coble.kmc.growth.growth import Growth
from coble.kmc.kernel._kernel import GroupKernel
from coble.kmc.rates.bonds import PATH_PAIRS, PATHS, Mobilities, bond_tables, classify, exchange_rates, hop_rates
from coble.kmc.rates.materials import METALS
from coble.lattices import Region, bcc, build_tubule, make_shape


def occupancy_at(overpotential_V, x, kT=MODEL.kT_eV):
    """Langmuir: occupancy at U of a site that is filled with probability x at U = 0."""
    return 1 / (1 + np.exp(-overpotential_V / kT) * (1 - x) / x)


# --- All states of a small system (grand canonical) ---

STATES = ((np.arange(1 << 12)[:, None] >> np.arange(12)) & 1).astype(bool)


def rooted_cluster(channel, wall):
    """The cluster with an electrolyte at a corner of the cube, a channel site, and a wall site if there is one."""
    graph = cluster(channel, wall)
    root = np.isin(np.arange(graph.n_site), [7, 9, graph.n_site - 1])
    return graph, root, classify(graph, CLUSTER_A, root)


@cache
def counted(channel, wall):
    """The rooted cluster, and energies [k_B T] and codes of all its states."""
    graph, root, sites = rooted_cluster(channel, wall)
    code = np.array([sites.code(s) for s in STATES]).astype(int)
    return graph, root, sites, energies_kT(graph, STATES, CLUSTER_MODEL), code


def free_energies(energy, overpotential_V):
    """(H - μN) / k_B T of all states."""
    return energy - STATES.sum(axis=1) * overpotential_V / KT


@pytest.mark.parametrize("overpotential_V", [-0.03, 0.0, 0.03])
@pytest.mark.parametrize(("channel", "wall"), [(3, 0), (1, 2)])
def test_every_hop_and_every_exchange_is_balanced(channel, wall, overpotential_V):
    """π(s) k(s → s') = π(s') k(s' → s) between all 4096 states, with π of the reservoir at μ = eU."""
    graph, root, sites, energy, code = counted(channel, wall)
    rate, _ = hop_rates(sites, CLUSTER_MODEL, MOBILITIES)
    exchange = exchange_rates(sites, CLUSTER_MODEL, MOBILITIES, overpotential_V)
    free = free_energies(energy, overpotential_V)
    number = np.arange(len(STATES))

    def balanced(here, there, forth, back):
        assert (forth > 0).all()
        np.testing.assert_allclose(forth * np.exp(free[there] - free[here]), back, rtol=1e-11)

    for i, j in zip(graph.sources().astype(int), graph.target.astype(int), strict=True):
        here = number[STATES[:, i] & ~STATES[:, j]]
        there = here ^ (1 << i | 1 << j)
        balanced(here, there, rate[code[here, i], code[here, j]], rate[code[there, j], code[there, i]])
    for i in np.flatnonzero(root):
        here = number[~STATES[:, i]]
        there = here ^ 1 << i
        balanced(here, there, exchange[code[here, i]], exchange[code[there, i]])
    assert not exchange[code[:, ~root]].any()


@pytest.mark.parametrize("overpotential_V", [-0.03, 0.0, 0.03])
def test_the_kernel_samples_the_grand_canonical_distribution(overpotential_V):
    """Mean number of atoms and mean energy in time, against the sum over all states; control: 5 mV away."""
    _, _, sites, energy, _ = counted(3, 0)
    number = STATES.sum(axis=1)

    def exact(u, values):
        weight = np.exp(-free_energies(energy, u))
        weight /= weight.sum()
        mean = weight @ values
        return mean, np.sqrt(weight @ values**2 - mean**2)

    tables = bond_tables(sites, CLUSTER_MODEL, MOBILITIES, overpotential_V)
    kernel = GroupKernel(sites.neighbours, sites.code(STATES[0b11111]), tables, np.random.SFC64(4))
    kernel.advance(until=20.0)
    blocks = []
    for _ in range(100):
        seen = []
        for _ in range(100):
            kernel.advance(until=kernel.time + 0.5)
            seen.append(((kernel.codes & 1) << np.arange(12)).sum())
        blocks.append((number[seen].mean(), energy[seen].mean()))
    for found, values in zip(np.transpose(blocks), (number, energy), strict=True):
        mean, spread = exact(overpotential_V, values)
        assert_within(*mean_and_error(found), mean, at_most=0.03, scale=spread)
    found, error = mean_and_error(np.array(blocks)[:, 0])
    assert abs(found - exact(overpotential_V + 0.005, number)[0]) > 5 * error


# --- The channel by itself (Langmuir) ---


@pytest.mark.parametrize(
    ("overpotential_V", "x", "x_wall", "n_block"), [(0.0, 0.5, 0.9, 20), (0.03, 0.3, 0.8, 15), (-0.03, 0.5, 0.9, 50)]
)
def test_channel_and_wall_fill_like_langmuir(overpotential_V, x, x_wall, n_block):
    """No metal: every channel and wall site is filled with its own probability at μ = eU; control: 3 mV away."""
    model = replace(MODEL, channel_occupancy=x, wall_occupancy=x_wall)
    small = tube(20.0, 15.0, model, wall="LiC6")
    small = replace(small, mobilities=Mobilities(0.0, 0.0, 1.0, 1.0, 1.0))
    growth = small.growth(small.filled(0, 0, 1), 2, overpotential_V=overpotential_V)
    growth.run(300.0)
    kinds = {Region.INTERFACE: x, Region.WALL: x_wall}
    blocks = []
    for _ in range(n_block):
        seen = []
        for _ in range(10):
            growth.run(growth.time + 5.0)
            seen.append([growth.occupied[small.graph.region == kind].mean() for kind in kinds])
        blocks.append(np.mean(seen, axis=0))
    assert not growth.occupied[small.graph.region == Region.BULK].any()
    for found, value in zip(np.transpose(blocks), kinds.values(), strict=True):
        mean, error = mean_and_error(found)
        assert_within(mean, error, occupancy_at(overpotential_V, value), at_most=0.01)
    mean, error = mean_and_error(np.transpose(blocks)[0])
    assert abs(mean - occupancy_at(overpotential_V + 0.003, x)) > 4 * error


# --- Equilibrium with metal ---


def plug_runs(x, overpotential_V, n_run):
    """A plug in the middle of a tubule: what flows in, the way along each path, and the channel's occupancy.

    Counted once its faces have become rough.
    """
    small = tube(25.0, 38.0, replace(MODEL, channel_occupancy=x))
    channel = small.graph.region == Region.INTERFACE
    flow, way, occupancy = [], [], []
    for seed in range(n_run):
        growth = small.growth(small.filled(10.5, 28.5, seed), seed, overpotential_V=overpotential_V)
        growth.run(2e-7)
        flow.append(-growth.inserted_minus_removed)
        way.append(-np.array(list(growth.displacements().values())))
        seen = []
        for _ in range(10):
            growth.run(growth.time + 3e-8)
            seen.append(growth.occupied[channel].mean())
        flow[-1] += growth.inserted_minus_removed
        way[-1] += list(growth.displacements().values())
        occupancy.append(np.mean(seen))
    return np.array(flow), np.array(way), np.array(occupancy)


@pytest.mark.parametrize(("x", "runs"), [(0.5, 6), (0.3, 16)])
def test_nothing_flows_at_coexistence(x, runs):
    """At U = 0 a plug neither grows nor shrinks, and no path carries anything; at 20 mV the same run sees a flow.

    The plug stands free of both ends: at wetting 1/2 a filled and an empty bore are then equivalent.
    """
    driven_flow, driven_way, _ = plug_runs(x, 0.02, 3)
    flow, way, occupancy = plug_runs(x, 0.0, runs)
    carried = driven_way[:, PATHS.index("interface")].mean()
    assert_within(*mean_and_error(flow), 0.0, at_most=0.2, scale=driven_flow.mean())
    assert_within(*mean_and_error(occupancy), x, at_most=0.01)
    for found in way.T[:4]:
        assert_within(*mean_and_error(found), 0.0, at_most=0.08, scale=carried)
    assert not way[:, PATHS.index("wall")].any()


# --- Atoms are conserved ---


@pytest.mark.parametrize(("wall", "ahead_A"), [(None, None), (None, 10.0), ("LiC6", 10.0)])
def test_no_atom_is_lost_or_made(wall, ahead_A):
    """Inserted less removed is the change of the number of atoms: event by event, and through plating and stripping."""
    small = tube(20.0, 100.0, wall=wall)
    growth = small.growth(small.filled(0.0, 10.0, 3), 3, overpotential_V=0.1, ahead_A=ahead_A)
    start, numbers = growth.n_atom, []
    for _ in range(300):
        growth.run(np.inf, max_events=1)
        assert growth.n_atom - start == growth.inserted_minus_removed
    assert growth.frozen.any() == (ahead_A is not None)
    assert not growth.kernel.propensities()[growth.frozen].any()
    for u in (0.1, 0.0, -0.1, 0.1, -0.1, 0.0):
        growth.set_overpotential(u)
        for _ in range(10):
            growth.run(np.inf, max_events=10_000)
            assert growth.n_atom - start == growth.inserted_minus_removed
        numbers.append(growth.n_atom)
    assert numbers[0] > start + 30 and numbers[2] < numbers[1] - 30 and numbers[3] > numbers[2] + 30
    kernel, codes = growth.kernel, growth.sites.code(growth.occupied)
    np.testing.assert_array_equal(kernel.codes[~growth.frozen], codes[~growth.frozen])
    np.testing.assert_array_equal(kernel.kept_propensities(), kernel.propensities())
    assert int(kernel.kept_propensities().astype(object).sum()) == kernel.total_propensity


# --- A void between metal and electrolyte (series law) ---

BARE_TO_COVERED = 3.5  # D_s / D_i
FROZEN = Mobilities(bulk=0.0, metal_surface=0.0, interface=1.0, surface=BARE_TO_COVERED, wall=0.0)


def between_reservoirs(length_A, void, width_A, model):
    """A tube between two electrolytes, numbered 1 and 2, whose metal never moves and leaves the first part bare.

    `classify` keeps sites of different numbers in different classes, so each end can have its own potential.
    """
    whole = tube(width_A, length_A, model)
    graph = whole.graph
    z, channel = graph.z, graph.region == Region.INTERFACE
    ends = 1 * (channel & (z < 0.6 * A)) + 2 * (channel & (z > z.max() - 0.6 * A))
    return replace(whole, mobilities=FROZEN, root=ends), whole.filled(void * (z.max() + 0.1), np.inf, 1)


def one_body(sites, ends, occupied, model, u):
    """Currents in the steady state, the channel's atoms taken one by one (exact by duality).

    Returns
    -------
    inflow : float
        Atoms per time from the first electrolyte.
    way : float array (n_path_pair,)
        Axial displacement per time [Å/s].
    """
    graph, code = sites.graph, sites.code(occupied).astype(int)
    full, empty = code | 1, code & ~1
    rate, path = hop_rates(sites, model, FROZEN)
    source, target = graph.sources(), graph.target
    exchange = rate[full[source], empty[target]]
    fills, leaves = (
        sum(np.where(ends == n, exchange_rates(sites, model, FROZEN, value)[here], 0.0) for n, value in enumerate(u, 1))
        for here in (empty, full)
    )
    between = csr_matrix((exchange, (source, target)), shape=(graph.n_site,) * 2)
    out = np.asarray(between.sum(axis=1)).ravel() + fills + leaves
    rho = spsolve((diags(np.where(out > 0, out, 1.0)) - between).tocsc(), fills)
    way = exchange * (rho[source] - rho[target]) * (graph.z[target] - graph.z[source]) / 2
    inflow = (fills - (fills + leaves) * rho)[ends == 1].sum()
    return float(inflow), np.bincount(path[full[source], empty[target]], way, minlength=len(PATH_PAIRS))


def exact_current(length_A, void, width_A, model=MODEL, u=(0.001, -0.001)):
    box, occupied = between_reservoirs(length_A, void, width_A, model)
    return one_body(classify(box.graph, A, box.root), box.root, occupied, model, u)[0]


@pytest.mark.parametrize("width_A", [20.0, 30.0])
def test_a_void_carries_more_by_the_series_law(width_A):
    """v_void / v_no-void = 1 / (1 - φ + φ D_i / D_s) on the exact currents of a long tube, for every φ."""
    covered = exact_current(300.0, 0.0, width_A)
    for void in (0.25, 0.5, 0.75, 1.0):
        ratio = exact_current(300.0, void, width_A) / covered
        assert ratio == pytest.approx(1 / (1 - void + void / BARE_TO_COVERED), rel=0.02)


@pytest.mark.parametrize(("axis", "width_A"), [("110", 30.0), ("110", 50.0), ("100", 50.0), ("111", 50.0)])
def test_a_covered_channel_is_covered_everywhere(axis, width_A):
    """Under metal no channel site takes part in hops of the bare wall, in a bare bore none in hops under metal.

    Many channel sites have no first neighbour in the bore: 12 % for [110] and 30 % for [100], however wide.
    """
    graph = build_tubule(make_shape("single", width_A, 8.0), bcc(A, axis), segment=12.0)
    sites = classify(graph, A)
    _, path = hop_rates(sites, MODEL, FROZEN)
    source, target = graph.sources(), graph.target
    inside = (graph.region[source] == Region.INTERFACE) & (graph.region[target] == Region.INTERFACE)
    for filled, name in ((True, "interface"), (False, "surface")):
        code = sites.code((graph.region == Region.BULK) & filled).astype(int)
        found = path[code[source[inside]] | 1, code[target[inside]]]
        assert (found == PATH_PAIRS.index((name, name))).all()


@pytest.mark.parametrize("x", [0.5, 0.3])
def test_the_kernel_carries_the_exact_current_past_a_void(x):
    """Current of atoms that block each other, and their way along each path, at a great potential difference.

    Controls: the currents without the void and without the metal are others.
    """
    model, u = replace(MODEL, channel_occupancy=x), (0.06, -0.06)
    box, occupied = between_reservoirs(40.0, 0.5, 20.0, model)
    growth = box.growth(occupied, 7, overpotential_V=u[0])
    sites, kernel, tables = growth.sites, growth.kernel, bond_tables(growth.sites, model, FROZEN, u[0])
    far = np.isin(sites.codes.site_class, sites.site_class[box.root == 2])
    unary = np.where(far, *(exchange_rates(sites, model, FROZEN, value) for value in u[::-1]))
    kernel.replace_tables(replace(tables, unary=np.rint(unary / tables.quantum).astype(np.uint64)))
    sign = np.where(far, -0.5, 0.5) * np.where(sites.codes.full, -1, 1)
    growth.run(300.0)
    seen = []
    for _ in range(9):
        seen.append([kernel.exchanges @ sign, *(kernel.hops @ box.graph.steps_A)])
        growth.run(growth.time + 100.0)
    found = np.diff(seen, axis=0).T / 100.0
    inflow, way = one_body(sites, box.root, occupied, model, u)
    assert_within(*mean_and_error(found[0]), inflow, at_most=0.02)
    for path in ("interface", "surface"):
        k = PATH_PAIRS.index((path, path))
        assert_within(*mean_and_error(found[1 + k]), way[k], at_most=0.02)
    mean, error = mean_and_error(found[0])
    for other in (0.0, 1.0):
        assert abs(mean - exact_current(40.0, other, 20.0, model, u)) > 6 * error


# --- The tip ---


@pytest.mark.parametrize("axis", ["110", "100", "111"])
@pytest.mark.parametrize("lattice_constant_A", [A, METALS["Na"].lattice_constant_A])
def test_profile_and_ends_of_a_crystal(axis, lattice_constant_A):
    """n planes of atoms are n planes long, whether those are nearer or further apart than a bin of the profile."""
    graph = build_tubule(make_shape("single", 30.0, 8.0), bcc(lattice_constant_A, axis), segment=40.0).opened()
    root = np.zeros(graph.n_site, dtype=bool)
    planes = np.unique(graph.z[graph.region == Region.BULK])
    for low, high in ((0.0, 20.0), (10.0, 30.0), (0.0, 36.0)):
        filled = (graph.region == Region.BULK) & (graph.z >= low) & (graph.z < high)
        growth = Growth(graph, lattice_constant_A, MODEL, FROZEN, root, filled, np.random.SFC64(1))
        ends = [np.count_nonzero(planes < edge) * planes[1] / 10 for edge in (low, high)]
        np.testing.assert_allclose(growth.ends_nm(), ends, atol=0.03)


@np.vectorize
def stefan(number):
    """2 λ² / St of a front that is fed through a channel which itself stores atoms: √π λ exp(λ²) erf(λ) = St."""
    found = brentq(lambda x: np.sqrt(np.pi) * x * np.exp(x**2) * erf(x) - number, 1e-6, 3.0)
    return 2 * found**2 / number


def test_the_front_squared_grows_linearly_in_time():
    """H² = 2 B t with 2 B = 8 D δ (ρ₀ - ρ_tip) / W × 4 × (atoms that fill the bore / metal sites).

    The gradient drives atoms along the channel from the root, ρ₀, to the tip.  A small tip needs some drive itself;
    the bare channel ahead, in equilibrium with the tip, tells how much is left.  Only metal sites need filling, and
    the channel stores a part of what comes (Stefan).  Controls: the whole bore to be filled, all of the drive.
    """
    u, width = 0.05, 30.0
    long = tube(width, 90.0)
    graph, channel = long.graph, long.graph.region == Region.INTERFACE
    height, z = graph.z.max() + 0.35 * A, graph.z[channel]
    metal_sites, channel_sites = graph.count(Region.BULK) / height, graph.count(Region.INTERFACE) / height
    atoms = np.pi * width**2 / 4 / LITHIUM.atomic_volume_A3
    times, rho = np.arange(3e-7, 2.3e-6, 2e-8), occupancy_at(u, 0.5)
    squares, tip = [], []
    for seed in range(4):
        growth = long.growth(long.filled(0.0, 15.0, seed), seed, overpotential_V=u)
        fronts, ahead = [], []
        for time in times:
            growth.run(time)
            fronts.append(10 * growth.ends_nm()[1])
            ahead.append(growth.occupied[channel][z > fronts[-1] + 7].mean())
        squares.append(np.square(fronts))
        tip.append(np.mean(ahead))
    assert fronts[-1] > 3 * 15.0
    assert np.corrcoef(times, np.mean(squares, axis=0))[0, 1] ** 2 > 0.99
    slope, tip = np.polyfit(times, np.transpose(squares), 1)[0], np.array(tip)
    diffusivity = LITHIUM.interface.value_cm2_s * CM2_IN_A2

    def law(drive):
        fed = 32 * diffusivity * SHELL_A * drive / width * atoms / metal_sites
        return fed * stefan(channel_sites * drive / metal_sites)

    ratio, error = mean_and_error(slope / law(rho - tip))
    assert_within(ratio, error, 1.0, at_most=0.035)
    assert abs(ratio * metal_sites / atoms - 1) > 6 * error
    assert 0.8 < np.mean(slope / law(rho - 0.5)) < 1 - 2 * error


def test_sleep_changes_nothing_but_the_work():
    """The tip stands as far at a fixed time with most of the bare channel frozen; and sleepers stay as they are."""
    long = tube(20.0, 120.0)
    tips, events = {None: [], 20.0: []}, {None: 0, 20.0: 0}
    for ahead in tips:
        for seed in range(3):
            growth = long.growth(long.filled(0.0, 12.0, seed), seed, overpotential_V=0.06, ahead_A=ahead)
            start, frozen = growth.occupied, growth.frozen.copy()
            first = frozen.sum()
            for step in range(1, 6):
                growth.run(1.6e-7 * step)
                assert not (growth.frozen & ~frozen).any()
                frozen = growth.frozen.copy()
                np.testing.assert_array_equal(growth.occupied[frozen], start[frozen])
                assert not growth.kernel.propensities()[frozen].any()
            if ahead:
                assert 0 < frozen.sum() < 0.7 * first
                assert long.graph.z[frozen].min() > 10 * growth.ends_nm()[1] + 5
            else:
                assert first == 0
            tips[ahead].append(growth.ends_nm()[1])
            events[ahead] += growth.kernel.n_event
    (awake, error), (with_sleep, other) = (mean_and_error(found) for found in tips.values())
    assert_within(with_sleep - awake, np.hypot(error, other), 0.0, at_most=0.06, scale=awake - 1.2)
    assert events[20.0] < 0.85 * events[None]


def test_sleepers_wake_in_time_however_the_run_is_cut():
    """In a narrow tubule the tip comes far in 100 000 events: one call must give what many give."""
    narrow, gained = tube(20.0, 100.0), {1: [], 40: []}
    for cuts, found in gained.items():
        for seed in range(4):
            growth = narrow.growth(narrow.filled(0.0, 12.0, seed), seed, overpotential_V=0.1, ahead_A=10.0)
            before = growth.n_atom
            for cut in range(1, cuts + 1):
                growth.run(3e-7 * cut / cuts)
            found.append(growth.n_atom - before)
    (once, error), (often, other) = map(mean_and_error, gained.values())
    assert_within(once - often, np.hypot(error, other), 0.0, at_most=0.08, scale=often)


# --- Wetting ---


def film_nm(graph, occupied):
    """How much further metal reaches along the wall than in the middle of the bore, on either side [nm]."""
    metal, beside = graph.region == Region.BULK, np.zeros(graph.n_site, dtype=bool)
    source, target = graph.sources(), graph.target
    beside[target[graph.region[source] == Region.INTERFACE]] = True
    middle, wet = metal & ~beside, metal & beside
    parts = [np.count_nonzero(occupied & layer) / np.count_nonzero(layer) for layer in (wet, middle)]
    return (parts[0] - parts[1]) * (graph.z.max() + 0.35 * A) / 2 / 10


def test_metal_spreads_along_a_wall_that_it_wets():
    """A drop in the middle, no electrolyte: its ends bulge for χ < 1/2, are flat at 1/2, and film the wall from 1 on.

    With as much filled as empty, exchanging the two turns χ into 1 - χ: the films are exact opposites.
    """
    films = {}
    for wetting in (0.2, 0.5, 0.8, 1.1):
        long = tube(35.0, 100.0, replace(MODEL, wetting=wetting))
        long = replace(long, root=np.zeros(long.graph.n_site, dtype=bool))
        found = []
        for seed in range(3):
            growth = long.growth(long.filled(25.0, 75.0, seed), seed)
            growth.run(np.inf, max_events=100_000)
            seen = []
            for _ in range(5):
                growth.run(np.inf, max_events=20_000)
                seen.append(film_nm(long.graph, growth.occupied))
            found.append(np.mean(seen))
            assert growth.inserted_minus_removed == 0
        films[wetting] = mean_and_error(found)
    (bulge, error), (spread, other) = films[0.2], films[0.8]
    assert_within(*films[0.5], 0.0, scale=spread, at_most=0.1)
    assert_within(bulge + spread, np.hypot(error, other), 0.0, scale=spread, at_most=0.1)
    assert spread > 0.3 and films[1.1][0] > 3 * spread


def test_the_empty_bore_sleeps_until_the_metal_comes_near():
    """No atom of metal is found beyond what is awake; all that was woken has the codes that its neighbours say."""
    long = tube(25.0, 120.0)
    growth = long.growth(long.filled(0.0, 12.0, 1), 1, overpotential_V=0.06, ahead_A=20.0)
    metal = long.graph.region == Region.BULK
    assert (growth.frozen & metal).sum() > 0.6 * metal.sum()
    woken = growth.frozen & metal
    for _ in range(10):
        growth.run(growth.time + 1.5e-7)
        assert not growth.occupied[growth.frozen & metal].any()
        codes = growth.sites.code(growth.occupied)
        np.testing.assert_array_equal(growth.kernel.codes[~growth.frozen], codes[~growth.frozen])
    woken &= ~growth.frozen
    assert growth.occupied[woken].sum() > 100
    np.testing.assert_array_equal(growth.kernel.kept_propensities(), growth.kernel.propensities())
