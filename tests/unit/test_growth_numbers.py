"""Numbers of growing metal, by hand: ends, ways of paths, currents, speeds and B, potentials, and what a slip does."""

from types import SimpleNamespace

import numpy as np
import pytest
from cases import GROWS

from coble import parse_case
from coble.kinds.growth.run import FIT_BLOCKS, Plating, speed_and_b, steady
from coble.kinds.growth.setup import prepare
from coble.kinds.growth.state.series import Series
from coble.kmc.growth.growth import Growth, solid_up_to
from coble.kmc.growth.slip import Slip
from coble.kmc.rates.bonds import PATH_PAIRS, PATHS, BondModel
from coble.lattices import Region

ELEMENTARY_CHARGE_C = 1.602176634e-19
SLIPS = GROWS + 'depth_nm = 6.0\nmetal_to_nm = 2.0\nuntil_front_nm = 5.9\nslip_1_s = 1e7\nwithout = ["interface"]\n'


def test_a_hop_between_two_paths_gives_each_one_half():
    hops = np.zeros((len(PATH_PAIRS), 3), dtype=np.int64)
    hops[PATH_PAIRS.index(("bulk", "interface"))] = [1, 9, 4]
    hops[PATH_PAIRS.index(("interface", "wall"))] = [2, 0, 0]
    hops[PATH_PAIRS.index(("wall", "wall"))] = [0, 0, 5]
    stands_for = SimpleNamespace(
        kernel=SimpleNamespace(hops=hops), graph=SimpleNamespace(steps=np.array([-4, 0, 4]), unit=0.5), graded=None
    )
    expected = {"bulk": 3.0, "interface": 3.0 - 2.0, "wall": 10.0 - 2.0}
    assert Growth.displacements(stands_for) == dict.fromkeys(PATHS, 0.0) | expected


def test_currents_are_ways_between_records_over_the_part_that_atoms_cross():
    """A record holds what happened since the one before, over the tip (plating) or the void (stripping) of its time."""
    series = Series(
        time_s=[0.0, 1.0, 3.0, 4.0],
        front_nm=[2.0, 4.0, 5.0, 8.0],
        void_nm=[0.5, 1.0, 1.5, 2.0],
        overpotential_V=[0.1, 0.1, 0.1, -0.1],
    )
    series.way_A = {"wall": [0.0, 80.0, 280.0, 300.0]}
    found = series.current_A()
    atoms_s = [0.0, 80 / 40 / 1, 200 / 50 / 2, 20 / 20 / 1]
    np.testing.assert_allclose(found["wall"], np.array(atoms_s) * ELEMENTARY_CHARGE_C, rtol=1e-12)
    series.way_A = {"bulk": [0.0, 1.0, 1.0, 1.0]}  # the tip at the root: over 1 nm
    series.front_nm[1] = 0.0
    np.testing.assert_allclose(series.current_A()["bulk"], np.array([0, 0.1, 0, 0]) * ELEMENTARY_CHARGE_C)


def test_speed_and_b_of_the_law_itself():
    """L² = L₀² + 2 B t with B = 7 nm²/s and L₀ = 2 nm, from 2 to 12 nm in 10 s."""
    time = np.linspace(0.0, 10.0, 5 * FIT_BLOCKS + 1)
    length = np.sqrt(4.0 + 2 * 7.0 * time)
    speed, b = speed_and_b(time, length)
    assert speed.value == pytest.approx(1.0)
    assert b.value == pytest.approx(7.0) and b.stderr < 1e-9
    assert speed_and_b(time[:FIT_BLOCKS], length[:FIT_BLOCKS]) == (None, None)
    assert speed_and_b(time[: FIT_BLOCKS + 1], length[: FIT_BLOCKS + 1])[1].value == pytest.approx(7.0)


def test_records_that_are_fitted():
    """From 1 nm beyond the start, and on the way out of the tubule up to 1 nm before its mouth."""
    growth = {"cycles": 0, "until_outside_atoms": 0, "overpotential_V": 0.1, "depth_nm": 10.0}
    series = {"time_s": [0, 1, 2, 3, 4], "front_nm": [2.0, 2.9, 3.5, 8.9, 9.5], "overpotential_V": [0.1] * 5}
    time, length = steady(growth, series)
    assert time.tolist() == [2, 3, 4] and length.tolist() == [3.5, 8.9, 9.5]
    time, length = steady(growth | {"until_outside_atoms": 9}, series)
    assert time.tolist() == [2, 3] and length.tolist() == [3.5, 8.9]
    assert not len(steady(growth | {"cycles": 1}, series)[0])


def stands_for_run(**setup):
    """What a run says of itself, from a series by hand."""
    growth = {"cycles": 0, "time_s": None, "overpotential_V": 0.1, "until_outside_atoms": 0, "until_front_nm": 6.0}
    growth |= {"until_left_nm": 1.0} | setup
    series = Series(time_s=[0.0, 0.5], front_nm=[2.0, 4.0], void_nm=[0.0, 1.0])
    case = SimpleNamespace(growth=SimpleNamespace(**growth))
    return SimpleNamespace(schedule=(), program=None, case=case, series=series)


def test_how_much_is_done_and_how_fast():
    assert Plating.part_done(stands_for_run()) == pytest.approx((16 - 4) / (36 - 4))
    assert Plating.part_done(stands_for_run(overpotential_V=-0.1)) == pytest.approx(1 / (4 - 1) ** 2)
    assert Plating.part_done(stands_for_run(time_s=2.0)) == pytest.approx(0.25)
    assert Plating.mean_speed_nm_s(stands_for_run()) == pytest.approx(2.0 / 0.5)
    assert Plating.mean_speed_nm_s(stands_for_run(overpotential_V=-0.1)) == pytest.approx(1.0 / 0.5)


def test_potential_of_the_channel_from_its_occupancy():
    """eU = kT ln[ρ (1 - x) / (1 - ρ) x] over the last quarter: here the last 3 of 8 records."""
    model = BondModel(0.03, 0.06, 300.0, channel_occupancy=0.3)
    series = SimpleNamespace(channel=[[0.9, 0.3, 1.0]] * 5 + [[0.4, 0.3, 1.0], [0.5, 0.3, 1.0], [0.6, 0.3, 1.0]])
    found = Plating.channel_potential(SimpleNamespace(growth=SimpleNamespace(model=model), series=series))
    assert found["z_nm"] == [0.5, 1.5, 2.5]
    assert found["potential_V"][:2] == pytest.approx([model.kT_eV * np.log(0.7 / 0.3), 0.0], abs=1e-12)
    assert found["potential_V"][2] is None
    assert found["stderr_V"][0] == pytest.approx(model.kT_eV / 0.25 * np.std([0.4, 0.5, 0.6]) / np.sqrt(3))


# --- Where the metal is ---


def stands_for_metal(profile, few=1.0, **more):
    """A bore of bins of 5 Å with 10 sites each."""
    profile = np.array([profile])
    sites = np.full(profile.shape, 10)
    return SimpleNamespace(
        n_bore=1,
        bin_A=5.0,
        sites_per_bin=sites,
        _few=few,
        profile=lambda: profile,
        _held=lambda: profile * sites,
        **more,
    )


def test_ends_of_metal_count_rough_bins_by_how_full_they_are():
    """An empty bin, a half-full one, five full ones less the two halves at the tip, and a lone atom."""
    metal = stands_for_metal([0.0, 0.5, 1.0, 1.0, 1.0, 1.0, 0.5, 0.1])
    np.testing.assert_allclose(Growth.ends_by_bore_nm(metal), [[1.5 * 0.5, 6.5 * 0.5]])
    np.testing.assert_allclose(Growth.ends_by_bore_nm(stands_for_metal([0.4, 0.4, 0.1])), [[0.0, 0.0]])


def test_filled_part_leaves_out_a_bin_at_the_start_and_the_tip():
    """Metal from 1 to 4 nm: bins 3 to 7, counted from 0, of 5 Å."""
    ends = {"ends_by_bore_nm": lambda: np.array([[1.0, 4.0]])}
    metal = stands_for_metal([0.0, 0.0, 0.2, 1.0, 1.0, 0.9, 1.0, 0.6, 0.1], **ends)
    assert Growth.filled(metal) == pytest.approx((1.0 + 1.0 + 0.9 + 1.0 + 0.6) / 5)


def test_sites_are_awake_at_least_one_stride_ahead_of_the_metal():
    """The tip is at 30 Å; a channel in cells never sleeps."""
    graph = SimpleNamespace(z=np.arange(100.0))
    channel = np.arange(0, 100, 2)
    metal = stands_for_metal(
        [1.0, 1.0, 1.0, 1.0, 1.0, 0.4, 0.1], ahead_A=20.0, graph=graph, channel=channel, graded=None
    )
    tip_A = solid_up_to(metal, metal.profile())
    np.testing.assert_array_equal(Growth._asleep(metal, tip_A), graph.z > 60.0)
    metal.graded = SimpleNamespace(fine_A=10.0)
    asleep = Growth._asleep(metal, tip_A)
    assert not asleep[channel].any()
    np.testing.assert_array_equal(asleep[1::2], graph.z[1::2] > 60.0)
    metal.ahead_A = None
    assert not Growth._asleep(metal, tip_A).any()


SLIPS = GROWS + 'depth_nm = 6.0\nmetal_to_nm = 3.0\nuntil_front_nm = 5.9\nslip_1_s = 1e7\nwithout = ["interface"]\n'


def test_heights_of_columns_scatter_in_nm():
    growth = prepare(parse_case(SLIPS)).growth
    growth.run(1e-7)
    graph, top = growth.graph, {}
    metal = growth.metal[growth.occupied[growth.metal]]
    for site in metal[graph.z[metal] < solid_up_to(growth, growth.profile())].tolist():
        column = int(graph.column[site])
        top[column] = max(top.get(column, 0.0), float(graph.z[site]))
    assert growth.crystal()["roughness_nm"] == pytest.approx(np.std(list(top.values())) / 10, rel=1e-6) and len(top) > 9


# --- Slips ---


@pytest.mark.parametrize("overpotential_V", [0.1, -0.1])
def test_a_slip_moves_what_is_marked_and_makes_a_wait_void(overpotential_V):
    """A wait that was drawn before holds no more; atoms that come in or go are counted; marks move with the plug."""
    growth = prepare(parse_case(SLIPS + f"overpotential_V = {overpotential_V}\nuntil_left_nm = 0.5\n")).growth
    growth.kernel.advance(until=2e-10)  # soon, before atoms reach the mouth and are in the way
    assert growth.kernel.state()["numbers"][0] == 1, "a wait is pending"
    atoms, counted, moved = growth.n_atom, growth.inserted_minus_removed, growth.kernel.displacements
    growth._slip()
    assert growth.slip.n_slip == 1 and (growth.n_atom - atoms) * overpotential_V > 0
    assert growth.inserted_minus_removed - counted == growth.n_atom - atoms
    way = growth.kernel.displacements - moved
    assert set(way) == {0, growth.slip.period * (1 if overpotential_V > 0 else -1)}
    assert growth.kernel.state()["numbers"][0] == 0


def test_nothing_is_pulled_through_an_obstacle():
    graph = prepare(parse_case(SLIPS)).growth.graph
    metal = np.flatnonzero((graph.region == Region.BULK) & (graph.z < 30.0))
    height = round(graph.z[metal].max() / 2 / graph.unit)
    hole = metal[np.argmin(np.abs(graph.height[metal].astype(int) - height))]
    period = prepare(parse_case(SLIPS)).growth.slip.period
    for there, moves in ((graph, True), (graph.subgraph(np.arange(graph.n_site) != hole), False)):
        slip = Slip(there, period, lambda length_A: 1.0, 1)
        full = (there.region == Region.BULK) & (there.z < 30.0)
        assert (slip.move(full, -1) is not None) is moves


@pytest.mark.parametrize(("there", "moved"), [([0, 1, 2, 3], 25.0), ([2, 3], 35.0), ([3], None), ([], None)])
def test_marks_count_while_half_of_them_are_in_the_metal(there, moved):
    """Atoms 0 to 3 are marked and stand on sites 0 to 3, of which some are full; atom 4 is not marked."""
    kernel = SimpleNamespace(particles=np.arange(6), displacements=np.array([10, 20, 30, 40, 999, 0]))
    occupied = np.isin(np.arange(6), [*there, 4])
    graph = SimpleNamespace(unit=10.0)
    metal = SimpleNamespace(kernel=kernel, metal=np.arange(5), marked=np.arange(6) < 4, occupied=occupied, graph=graph)
    assert Growth.marker_displacement_nm(metal) == moved
