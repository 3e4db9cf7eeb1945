"""Shares of a structure of a user's own: a tubule handed over as one, and crystals in layers against closed forms."""

from importlib import import_module

import numpy as np
import pytest
from ase import Atoms
from own_tubule import own_case

import coble.kmc.estimates.measure
from coble import Case
from coble.kinds.discriminate.run import discriminate
from coble.kmc.constants import CM2_IN_A2
from coble.lattices import Lattice
from coble.models.host import StructureHost

SMALL = {"inner_width_nm": 4.0, "wall_thickness_nm": 2.0}
SPACING = 3.0  # Å


@pytest.fixture(scope="module", autouse=True)
def short():
    """Blocks a fifth as long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 30_000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 30_000)
        patch.setattr(import_module("coble.kinds.discriminate.job"), "TRACER_HOPS", 1e5)
        yield


# --- a tubule ---


@pytest.fixture(scope="module")
def tubule():
    case = Case(tubule=SMALL, wall=[{"name": "LiC6"}])
    return case, *own_case(case)


def test_a_tubule_handed_over_has_the_same_network(tubule):
    """Bonds, currents of every path, what regions conduct by themselves, and bounds."""
    _, own, host = tubule
    structure = StructureHost(own)
    assert structure.graph.regions == tuple(host.graph.regions[kind] for kind in host.regions)
    assert (structure.graph.n_site, structure.graph.n_edge) == (host.graph.n_site, host.graph.n_edge)
    one, other = host.solve(), structure.solve()
    for kind, current in one.path.items():
        assert other.path[kind] == pytest.approx(current, rel=1e-9)
        assert structure.alone[kind] == pytest.approx(host.alone[kind], rel=1e-9)
    assert structure.bounds(other) == pytest.approx(host.bounds(one), rel=1e-9)
    there, here = (np.sort(each.rates.edge_conductance(each.graph)).reshape(-1, 2)[:, 0] for each in (structure, host))
    np.testing.assert_allclose(there, here, rtol=1e-9)


def test_a_tubule_handed_over_has_the_same_shares(tubule):
    """Measured with random numbers of their own."""
    case, own, host = tubule
    (one,) = discriminate(case, quick=True, target_error=0.03, seed=1).walls
    (other,) = discriminate(own, quick=True, target_error=0.03, seed=2).walls
    for kind, path in one.paths.items():
        a, b = path.share, other.paths[int(kind)].share
        error = np.hypot(a.stderr, b.stderr)
        assert error < 0.045
        assert abs(a.value - b.value) < 4 * error
    assert other.bounds == pytest.approx(one.bounds, rel=1e-9)
    assert other.formula_shares is other.calibration is other.kappa_mS_cm is None


# --- layers ---


def layers(names, one, other, along=False):
    """A simple cubic crystal in layers of one plane each: beside each other, or above one another along the axis."""
    steps = np.array([(k, i, j) for k in range(len(names)) for i in range(one) for j in range(other)])
    size = np.array([len(names), one, other])
    if along:
        steps, size = steps[:, [1, 2, 0]], size[[1, 2, 0]]
    tags = np.repeat(np.arange(len(names)), one * other)
    atoms = Atoms(f"Li{len(steps)}", steps * SPACING, cell=size * SPACING, pbc=True, tags=tags)
    return Lattice.from_atoms(atoms, cutoff=SPACING * 1.01, regions=dict(enumerate(names)))


DIFFUSIVITY = {"slow": 1e-10, "middle": 2e-10, "fast": 5e-10}


def layered_case(occupancy=0.9):
    regions = [
        {"name": name, "occupancy": occupancy, "diffusivity_cm2_s": value} for name, value in DIFFUSIVITY.items()
    ]
    return Case(structure=layers(tuple(DIFFUSIVITY), 4, 6), region=regions)


def test_layers_beside_each_other_share_the_current_by_their_diffusivities():
    """Nothing crosses from layer to layer: D_k over the sum, exactly and as measured."""
    case = layered_case()
    found = discriminate(case, target_error=0.02).walls[0]
    total = sum(DIFFUSIVITY.values())
    names = found.graph.regions
    for kind, path in found.paths.items():
        wanted = DIFFUSIVITY[names[kind]] / total
        assert found.exact_shares[kind] == pytest.approx(wanted, rel=1e-6)
        assert path.share.stderr < 0.03
        assert abs(path.share.value - wanted) < 4 * path.share.stderr
        lost = path.lost_if_off
        assert lost.stderr < 0.1
        assert abs(lost.value - wanted) < 4 * lost.stderr
        assert found.tracer[kind].haven_ratio.value < 1 + 4 * found.tracer[kind].haven_ratio.stderr
    assert found.verdict.dominant == names.index("fast")
    assert found.bounds == (1.0, 1.0)
    assert sum(found.cut.values()) == pytest.approx(1)
    assert found.cut["fast"] == pytest.approx(DIFFUSIVITY["fast"] / total, rel=1e-6)


def test_the_conductance_of_layers_is_that_of_all_carriers():
    """c D A summed: D times carriers per length of each layer."""
    structure = StructureHost(layered_case(0.7))
    per_layer = 0.7 * 24 / structure.graph.length  # carriers per Å
    wanted = sum(per_layer * value * CM2_IN_A2 for value in DIFFUSIVITY.values())
    assert structure.solve().total == pytest.approx(wanted, rel=1e-6)
    for kind, region in structure.regions.items():
        assert region.diffusivity_cm2_s == pytest.approx(DIFFUSIVITY[structure.graph.regions[kind]], rel=1e-6)
    assert structure.traced == (0, 1, 2)


def test_planes_above_one_another_conduct_in_series():
    """Three kinds of gaps between planes, as resistors one after the other; no region goes on by itself."""
    names, rate = ("a", "b", "c"), {("a", "b"): 1e9, ("b", "c"): 2e9, ("c", "a"): 5e9}
    lattice = layers(names, 3, 4, along=True)
    barrier = [{"between": pair, "rate_1_s": value, "prefactor_1_s": 1e13} for pair, value in rate.items()]
    inside = [{"between": (name, name), "rate_1_s": 1e9, "prefactor_1_s": 1e13} for name in names]
    regions = [{"name": name, "occupancy": 0.5} for name in names]
    structure = StructureHost(Case(structure=lattice, region=regions, barrier=barrier + inside))
    solution, x = structure.solve(), 0.5
    # One column carries 1 / Σ 1/g per potential drop over the period; 12 columns stand side by side.
    in_series = 1 / sum(1 / (value * x * (1 - x)) for value in rate.values())
    assert solution.total == pytest.approx(12 * in_series * structure.graph.length, rel=1e-6)
    # Every hop counts half for both of its regions, and all of them are as long.
    assert all(share == pytest.approx(1 / 3, rel=1e-6) for share in solution.shares.values())
    assert structure.traced == () and set(structure.alone.values()) == {0.0}
    assert structure.bounds(solution) == (solution.total, solution.total)


def test_unequal_occupancies_have_bounds_and_the_gas_lies_between():
    """Bonds between a full and an empty region: the network is an upper bound, without them a lower one."""
    names = ("full", "empty")
    regions = [{"name": "full", "occupancy": 0.9}, {"name": "empty", "occupancy": 0.2}]
    barrier = [
        {"between": ("full", "full"), "prefactor_1_s": 1e13, "barrier_eV": 0.3},
        {"between": ("empty", "empty"), "prefactor_1_s": 1e13, "barrier_eV": 0.32},
        {"between": ("full", "empty"), "prefactor_1_s": 1e13, "barrier_eV": 0.3},
    ]
    lattice = zigzag(names)
    case = Case(structure=lattice, region=regions, barrier=barrier)
    structure = StructureHost(case)
    solution = structure.solve()
    low, high = structure.bounds(solution)
    assert 0 < low < 0.97 * high and high == solution.total
    assert low == pytest.approx(sum(structure.alone.values()), rel=1e-6)  # all bonds between them are unequal
    found = discriminate(case, quick=True, target_error=0.02).walls[0]
    measured, exact = found.total_S_m, sum(found.exact_conductance_S_m.values())
    assert measured.stderr < 0.05 * exact
    assert found.bounds[0] * exact - 4 * measured.stderr < measured.value < exact + 4 * measured.stderr


def zigzag(names):
    """Two sheets whose bonds to each other climb, so that they carry current."""
    sites, tags = [], []
    for i in range(4):
        for j in range(6):
            sites += [(0.0, i * SPACING, j * SPACING), (2.0, i * SPACING, (j + 0.5) * SPACING)]
            tags += [0, 1]
    cell = [20.0, 4 * SPACING, 6 * SPACING]
    atoms = Atoms(f"Li{len(sites)}", sites, cell=cell, pbc=(False, True, True), tags=tags)
    return Lattice.from_atoms(atoms, cutoff=SPACING * 1.01, regions=dict(enumerate(names)))
