"""Maps of the cross-section: against equilibrium, the exact network, and the files that hold them."""

from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from checks import assert_within, mean_and_error

from coble.kmc.constants import ELEMENTARY_CHARGE_C
from coble.kmc.kernel.segment import Segment
from coble.kmc.network import exact as network
from coble.kmc.rates.table import rate_table
from coble.lattices import Region, bcc, build_tubule, make_shape
from coble.structures.maps import ABOUT, maps_of, read_maps, write_maps

FIELD = 0.01  # k_B T/Å: weak
BONDS = {Region.BULK: 1e6, Region.INTERFACE: 1e9, Region.WALL: 3e7}
FULL = {Region.BULK: 0.9, Region.INTERFACE: 0.5, Region.WALL: 0.8}


@pytest.fixture(scope="module")
def solved():
    graph = build_tubule(make_shape("single", 30.0, 10.0), bcc(3.5089, "110"), wall_density=0.02, segment=60.0)
    return graph, network.solve(graph, BONDS)


@pytest.fixture(scope="module")
def ends(solved):
    segment = Segment(solved[0], rate_table(BONDS, FULL), field_kT_per_A=FIELD)
    replicas = [segment.start(3, (i,)) for i in range(40)]
    for replica in replicas:
        replica.run_events(4000)
    return [replica.end() for replica in replicas]


def test_columns_carry_the_exact_current(solved):
    graph, solution = solved
    maps = maps_of(graph, solution, [], FIELD)
    per_conductance = FIELD * ELEMENTARY_CHARGE_C
    assert maps.current_A.sum() == pytest.approx(solution.total * per_conductance, rel=1e-3)  # exchange runs in loops
    for kind, value in solution.path.items():
        assert maps.current_A[maps.site_region == kind].sum() == pytest.approx(value * per_conductance, rel=1e-3)
    assert np.isnan(maps.occupancy).all() and np.isnan(maps.hop_rate_1_s).all()  # nothing was measured


def test_an_inner_column_of_metal_carries_what_a_crystal_does(solved):
    """In a perfect crystal every first-neighbour bond carries g times its axial step."""
    graph, _ = solved
    uniform = SimpleNamespace(
        bonds=network.Bonds(graph, np.full(graph.n_edge, BONDS[Region.BULK])), potential=np.zeros(graph.n_site)
    )
    maps = maps_of(graph, uniform, [], FIELD)
    middle = np.argmin(np.hypot(maps.x_A, maps.y_A))
    a = 3.5089
    area = a * (a / 2**0.5) / 2  # of a column along [110]
    conductivity = 2 / a**3 * BONDS[Region.BULK] * a**2  # c D, with D = Γ a² and Γ = g
    assert maps.current_A[middle] == pytest.approx(conductivity * area * FIELD * ELEMENTARY_CHARGE_C, rel=1e-5)


def test_occupancies_and_hop_rates_are_those_of_equilibrium(solved, ends):
    graph, solution = solved
    one = [maps_of(graph, solution, [end], FIELD) for end in ends]
    both = maps_of(graph, solution, ends, FIELD)
    exact = np.bincount(graph.sources(), network.bond_conductance(graph, BONDS))  # Σ k_ij x_i (1 - x_j) of a site
    sites = np.bincount(graph.column)
    for kind in BONDS:
        here = both.site_region == kind
        for name, wanted in (("occupancy", FULL[kind]), ("hop_rate_1_s", exact[graph.region == kind].mean())):
            mean, error = mean_and_error([np.average(getattr(m, name)[here], weights=sites[here]) for m in one])
            assert_within(mean, error, wanted, at_most=0.03)
            assert np.average(getattr(both, name)[here], weights=sites[here]) == pytest.approx(mean, rel=1e-5)


def test_maps_come_back_from_their_file(solved, ends, tmp_path):
    maps = maps_of(solved[0], solved[1], ends[:2], FIELD)
    with h5py.File(tmp_path / "result.h5", "w") as file:
        write_maps(file.create_group("LiC6"), maps, FIELD)
        assert all(data.attrs["units"] and data.attrs["long_name"] for data in file["LiC6/maps"].values())
    (back,) = read_maps(tmp_path).values()
    for name in ABOUT:
        np.testing.assert_array_equal(getattr(back, name), getattr(maps, name))


def test_a_file_without_maps_is_told(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        read_maps(tmp_path)
    with h5py.File(tmp_path / "result.h5", "w") as file:
        file.create_group("LiC6")
    with pytest.raises(ValueError, match="run again"):
        read_maps(tmp_path)
