"""Without a field nothing goes anywhere, in no class of hops, on the tubule of a real case."""

import numpy as np
import pytest

from coble import Case
from coble.kmc.kernel.lowering import PATHS
from coble.kmc.kernel.observables import net_displacement
from coble.kmc.kernel.segment import Segment
from coble.lattices import REGIONS, Region

PRESENT = {Region.BULK, Region.INTERFACE, Region.WALL}
# Metal fast enough to hop: with its own D it would move once in 10⁴ events.
CASE = Case(
    tubule={"inner_width_nm": 8.0, "wall_thickness_nm": 4.0},
    metal={"diffusivity_cm2_s": 1e-8},
    wall=[{"name": "LiC6-optimistic"}],
)
CLASSES = [i for i, pair in enumerate(PATHS.pairs) if set(pair) <= PRESENT and set(pair) != {Region.BULK, Region.WALL}]
BLOCKS, EVENTS = 40, 100_000


def class_name(number):
    return "|".join(REGIONS[kind] for kind in PATHS.pairs[number])


@pytest.fixture(scope="module")
def prepared(prepare):
    return prepare(CASE)


def hops_of(prepared, field):
    """Hops by path class and step in every block, int array (BLOCKS, n_path, n_step), and the replica."""
    segment = Segment(prepared.graph, prepared.rates, field_kT_per_A=field)
    replica = segment.start(5, (0,))
    duration = EVENTS / replica.event_rate
    return np.array([replica.run(duration).hops for _ in range(BLOCKS)]), replica


@pytest.fixture(scope="module")
def at_rest(prepared):
    return hops_of(prepared, 0.0)


def displacement_z(hops, segment, number):
    """Net displacement of a class, in its standard errors; 0 where no hop of the class has an axial step."""
    moved = np.array([net_displacement(block, segment)[number] for block in hops])
    return moved.mean() / (moved.std(ddof=1) / len(moved) ** 0.5) if moved.any() else 0.0


@pytest.mark.parametrize("number", CLASSES, ids=class_name)
def test_no_net_displacement_in_any_path_class(at_rest, number):
    hops, replica = at_rest
    assert hops[:, number].sum() > 1000
    assert abs(displacement_z(hops, replica.segment, number)) <= 4


def test_metal_and_wall_are_not_neighbours(at_rest):
    assert at_rest[0][:, PATHS.index[Region.BULK, Region.WALL]].sum() == 0


@pytest.mark.parametrize("number", CLASSES, ids=class_name)
def test_every_step_is_as_frequent_as_its_reverse(at_rest, number):
    """Counts of Δz and -Δz differ by less than 4 standard errors of independent hops."""
    counts = at_rest[0][:, number].sum(axis=0)
    difference, together = counts - counts[::-1], counts + counts[::-1]
    assert np.all(difference**2 <= 16 * together)


def test_field_is_noticed_in_every_region(prepared):
    """The negative control: the same test fails in a weak field."""
    hops, replica = hops_of(prepared, 0.05)
    for kind in PRESENT:
        assert displacement_z(hops, replica.segment, kind) > 6, kind


def test_rates_obey_detailed_balance(prepared, at_rest):
    """k_ij x_i (1 - x_j) = k_ji x_j (1 - x_i) for every pair of kinds, in float and in whole numbers."""
    assert prepared.rates.imbalance() < 1e-12
    tables, x = at_rest[1].segment.tables, prepared.rates.occupancy
    filled = x if tables.atoms_carry else 1 - x
    flow = tables.rate[:, 1::2, 0::2].astype(float) * filled[:, None] * (1 - filled[None, :])
    np.testing.assert_allclose(flow, np.swapaxes(flow[::-1], 1, 2), rtol=2e-4)


def test_regions_keep_their_equilibrium_occupancy(prepared, at_rest):
    """After 4e6 hops every region holds x_eq of its sites, within 4 standard deviations of a free exchange."""
    graph, occupied = prepared.graph, at_rest[1].occupied
    assert occupied.sum() == at_rest[1].started_on.sum()
    for kind in PRESENT:
        x, n = prepared.rates.occupancy[kind], graph.count(kind)
        assert abs(occupied[graph.region == kind].sum() - n * x) <= 4 * (n * x * (1 - x)) ** 0.5 + 1
