"""Diffusion tensors: literature, closed forms and dense algebra against the exact solves, and these against runs."""

from math import sqrt

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from perfect_crystals import CRYSTALS, NEAR, crystal, edge_rates, equal_rates, network, pair_rates, tensors_of_states

from coble.kmc.devices.crystal import Crystal
from coble.kmc.estimates.tensors import six, transport
from coble.kmc.network.tensor import collective, lone_carrier
from coble.kmc.network.tracer_exact import equal_cells, one_vacancy
from coble.kmc.rates.class_rates import ClassRates
from coble.kmc.rates.own_rates import own_rates
from coble.lattices import Lattice

SIZES = {
    "sc": (8, 10),
    "bcc": (5, 7),
    "fcc": (4, 5),
    "hcp": (6, 8),
    "diamond": (3, 4),
    "square": (16, 32),
    "honeycomb": (10, 20),
}
# A triclinic cell of three sites; the first bond is 2000 times as fast as the slowest.
VECTORS = np.array([[4.0, 0, 0], [1.1, 5.0, 0], [0.7, -1.3, 6.0]])
SITES = [[0, 0, 0], [0.9, 0.8, 0.6], [2.5, 2.6, 2.2]]
BONDS = [(0, 1, (0, 0, 0)), (1, 2, (0, 0, 0)), (2, 0, (1, 0, 0)), (2, 0, (0, 1, 0)), (2, 1, (0, 0, 1))]
ENERGIES = [0.0, -0.5, 1.2]


def attempts(fast):
    table = np.zeros((3, 3))
    table[0, 1], table[1, 2], table[2, 0] = fast, 3.0, 0.7
    return table + table.T


def cells_of(name, number):
    return tuple(number if periodic else 1 for periodic in np.broadcast_to(CRYSTALS[name][2], 3))


def interstitials(cells=3):
    """Octahedral and tetrahedral sites of fcc with a = 4 Å, the latter 1.5 k_B T higher; all hops lead between both."""
    sites = [(0.5, 0.5, 0.5), (0.25,) * 3, (0.75,) * 3]
    unit = Atoms("X3", np.array(sites) * 4.0, cell=4.0 * np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]))
    unit.set_positions([[2.0, 2.0, 2.0], [1.0, 1.0, 1.0], [3.0, 3.0, 3.0]])
    unit.pbc = True
    unit.set_tags([0, 1, 1])
    return Lattice.from_atoms(unit.repeat(cells), cutoff=1.8, regions="tags")


@pytest.mark.parametrize("name", CRYSTALS)
def test_correlation_factors_are_those_of_the_literature(name):
    """Boxes of two sizes, extrapolated in 1 / sites."""
    factor, sites = [], []
    for number in SIZES[name]:
        lattice = crystal(name, cells_of(name, number))
        found = one_vacancy(lattice, equal_rates(lattice, 1.0, 0.5), cells_of(name, number))
        factor.append(np.diag(found.tensor) / np.where(np.diag(found.bare) > 0, np.diag(found.bare), 1.0))
        sites.append(lattice.n_site)
    endless = (factor[1] * sites[1] - factor[0] * sites[0]) / (sites[1] - sites[0])
    for value, known in zip(endless, CRYSTALS[name][3], strict=True):
        assert value == pytest.approx(known or 0.0, rel=3e-4, abs=1e-9)


def test_fcc_with_two_barriers():
    """Hops in the plane across z at u, all others at w: D_xx = a² (u + w) / 2, D_zz = a² w."""
    u, w, a = 3.0, 0.5, 3.6
    lattice = Lattice.from_atoms(bulk("Cu", "fcc", a=a, cubic=True).repeat(3), cutoff=2.7)
    level = np.abs(lattice.hop_vectors_A[:, 2]) < 0.1
    rates = edge_rates(lattice, np.where(level, u, w), np.full(lattice.n_site, 0.9))
    for vacancy in (False, True):
        found = lone_carrier(lattice, rates, vacancy=vacancy).tensor
        assert np.allclose(found, a**2 * np.diag([(u + w) / 2, (u + w) / 2, w]), rtol=1e-12, atol=1e-12)


def test_hcp_along_and_out_of_the_basal_plane():
    """D_xx = a² (3 u + w) / 2 and D_zz = 3 c² w / 4 with rates u in the plane and w out of it."""
    u, w, a, c = 0.3, 2.0, NEAR, NEAR * sqrt(8 / 3)
    lattice = crystal("hcp", (3, 3, 2))
    level = np.abs(lattice.hop_vectors_A[:, 2]) < 0.1
    found = lone_carrier(lattice, edge_rates(lattice, np.where(level, u, w), np.full(lattice.n_site, 0.5)))
    along = a**2 * (3 * u + w) / 2
    assert np.allclose(found.tensor, np.diag([along, along, 0.75 * c**2 * w]), rtol=1e-6, atol=1e-9)


def test_interstitials_of_unequal_energies():
    """D = a² π_O k_OT / 2, with π_O the part of the time on octahedral sites: no hop remembers the one before."""
    lattice = interstitials()
    rates = pair_rates(lattice, [[0, 2.0], [2.0, 0]], [0.0, 1.5], 2)
    there = 1 / (1 + 2 * np.exp(-1.5))
    found = lone_carrier(lattice, rates)
    assert np.allclose(found.tensor, 4.0**2 * there * 2.0 / 2 * np.eye(3), rtol=1e-9, atol=1e-9)
    assert np.allclose(found.bare, found.tensor, rtol=1e-9, atol=1e-9)


def test_a_chain_in_series():
    """D = L² / Σ (1 / π k) over the bonds of a period."""
    energy, attempt = np.array([0.0, 1.0, -0.7]), np.array([[0, 2, 0.1], [2, 0, 5], [0.1, 5, 0]])
    lattice = network(
        np.diag([9.0, 9.0, 6.0]), [[0, 0, 0], [0, 0, 1.5], [0, 0, 3.5]], [(0, 1, (0, 0, 0)), (1, 2, (0, 0, 0)),
        (2, 0, (0, 0, 1))], (1, 1, 4)
    )  # fmt: skip
    part = np.exp(-energy) / np.exp(-energy).sum()
    series = sum(1 / (part[i] * attempt[i, j] * np.exp(energy[i])) for i, j in ((0, 1), (1, 2), (2, 0)))
    found = lone_carrier(lattice, pair_rates(lattice, attempt, energy, 3)).tensor
    assert np.allclose(found, np.diag([0, 0, 36.0 / series]), rtol=1e-9, atol=1e-9)


def test_a_network_whose_bare_hops_say_nothing():
    """Low symmetry, a fast pair: ½ Σ Γ d² is more than 20 times D; against dense algebra of all states."""
    lattice = network(VECTORS, SITES, BONDS, (2, 1, 2))
    rates = pair_rates(lattice, attempts(1500.0), ENERGIES, 1)
    found = lone_carrier(lattice, rates)
    assert np.trace(found.bare) > 20 * np.trace(found.tensor)
    tracer, together = tensors_of_states(lattice, rates, 1)
    assert np.allclose(found.tensor, tracer, rtol=1e-8, atol=1e-8)
    assert np.allclose(found.tensor, together, rtol=1e-8, atol=1e-8)


def test_one_vacancy_against_all_states():
    """Unequal energies, low symmetry; also that of all atoms together is the vacancy's."""
    lattice = network(VECTORS, SITES, BONDS, (2, 1, 1))
    n = lattice.n_site
    rates = pair_rates(lattice, attempts(30.0), ENERGIES, n - 1)
    tracer, together = tensors_of_states(lattice, rates, n - 1)
    assert np.allclose(one_vacancy(lattice, rates).tensor, tracer, rtol=1e-8, atol=1e-9)
    assert np.allclose(lone_carrier(lattice, rates, vacancy=True).tensor / (n - 1), together, rtol=1e-8, atol=1e-9)


def test_cells_of_a_box_are_found():
    lattice = crystal("hcp", (4, 3, 2))
    rates = equal_rates(lattice, 1.0, 0.5)
    assert equal_cells(lattice, rates) == (4, 3, 2)
    assert np.allclose(one_vacancy(lattice, rates).tensor, one_vacancy(lattice, rates, (4, 3, 2)).tensor, rtol=1e-9)
    uneven = ClassRates(rates.hop, np.where(np.arange(lattice.n_site) == 5, 0.4, 0.5))
    assert equal_cells(lattice, uneven) == (1, 1, 1)
    with pytest.raises(ValueError, match="not made of 5 × 1 × 1 equal cells"):
        one_vacancy(lattice, rates, (5, 1, 1))


def test_the_network_is_exact_where_all_sites_are_equally_full():
    """At half filling, with a fast pair; N (n - N) / n (n - 1) pairs in a box instead of x (1 - x)."""
    lattice = network(VECTORS, SITES, BONDS, (2, 1, 1))
    rates = pair_rates(lattice, attempts(30.0), [0.0, 0.0, 0.0], 3)
    together = tensors_of_states(lattice, rates, 3)[1]
    assert np.allclose(Crystal(lattice, rates).exact_collective, together, rtol=1e-8, atol=1e-9)
    assert np.allclose(collective(lattice, rates, 3).tensor * 6 / 5, together, rtol=1e-8, atol=1e-9)


def test_the_network_is_an_upper_bound_where_sites_differ():
    lattice = network(VECTORS, SITES, BONDS, (2, 1, 1))
    rates = pair_rates(lattice, attempts(30.0), ENERGIES, 3)
    crystal_ = Crystal(lattice, rates)
    assert crystal_.exact_collective is None
    assert np.trace(crystal_.network.tensor) * 6 / 5 > np.trace(tensors_of_states(lattice, rates, 3)[1])


# ---- runs ----------------------------------------------------------------------------------------------------------


def followed(lattice, rates, seed, episodes=6):
    one = Crystal(lattice, rates)
    return one, transport(one, [one.episode(seed, (0, number)) for number in range(episodes)])


def agree(estimates, exact, within=3.5, relative=None):
    """Every component within so many standard errors (six of them, so 3.5), and the mean known to `relative`."""
    for name, value in zip(("xx", "yy", "zz", "xy", "xz", "yz"), six(exact), strict=True):
        assert abs(estimates[name].value - value) <= within * estimates[name].stderr + 1e-12, name
    mean = np.diag(exact)[np.diag(exact) > 1e-12].mean()
    assert abs(estimates["mean"].sigmas_from(mean)) < 3
    if relative:
        assert estimates["mean"].stderr < relative * mean


@pytest.mark.parametrize("name", CRYSTALS)
def test_a_vacancy_in_a_crystal(name):
    """D*, D_σ and the correlation factor of a finite box, against that box's own exact values."""
    cells = cells_of(name, SIZES[name][0])
    lattice = crystal(name, cells)
    rates = equal_rates(lattice, 1.0, 1 - 1 / lattice.n_site)
    one, found = followed(lattice, rates, 3)
    exact = one_vacancy(lattice, rates, cells)
    agree(found.tracer, exact.tensor, relative=0.01)
    agree(found.collective, one.exact_collective, relative=0.03)
    moving = np.diag(exact.bare) > 1e-12
    factor = np.diag(exact.tensor)[moving].mean() / np.diag(exact.bare)[moving].mean()
    assert abs(found.correlation["mean"].sigmas_from(factor)) < 3
    assert found.correlation["mean"].stderr < 0.01
    assert abs(found.haven["mean"].sigmas_from(factor)) < 3
    assert found.settled == {"tracer": True, "collective": True}


def test_an_interstitial_of_unequal_energies():
    """One carrier: tracer and collective are the same walk."""
    lattice = interstitials()
    rates = pair_rates(lattice, [[0, 2.0], [2.0, 0]], [0.0, 1.5], 1)
    one, found = followed(lattice, rates, 5, episodes=12)
    assert not one.vacancies
    agree(found.tracer, one.lone.tensor, relative=0.02)
    agree(found.collective, one.lone.tensor, relative=0.02)
    assert found.haven["mean"].value == pytest.approx(1.0, rel=1e-12)


def test_a_carrier_in_a_network_of_low_symmetry():
    """Most hops go back and forth in the fast pair, and say nothing about D."""
    lattice = network(VECTORS, SITES, BONDS, (3, 3, 3))
    rates = pair_rates(lattice, attempts(60.0), ENERGIES, 1)
    one, found = followed(lattice, rates, 6, episodes=12)
    agree(found.tracer, one.lone.tensor, relative=0.05)
    agree(found.collective, one.lone.tensor, relative=0.05)


def test_many_atoms_on_unequal_sites():
    """Against all states of a small box: D* and D_σ of three atoms on six sites."""
    lattice = network(VECTORS, SITES, BONDS, (2, 1, 1))
    rates = pair_rates(lattice, attempts(10.0), [0.0, -0.5, 0.8], 3)
    _, found = followed(lattice, rates, 7, episodes=12)
    tracer, together = tensors_of_states(lattice, rates, 3)
    agree(found.tracer, tracer, relative=0.06)
    agree(found.collective, together, relative=0.06)


def test_a_barrier_for_every_bond():
    """Site energies and barriers drawn at random, three atoms on eight sites, against all states: wide edges."""
    lattice = crystal("sc", (2, 2, 2))
    rng = np.random.default_rng(4)
    energy, barrier = rng.normal(0, 0.8, lattice.n_site), rng.normal(0, 0.7, lattice.n_edge)
    barrier = (barrier + barrier[lattice.reverse_edges()]) / 2
    own = own_rates(lattice, np.exp(energy[lattice.sources()] - barrier), temperature_K=300.0, mean=3 / 8)
    assert own.lattice.wide
    one, found = followed(own.lattice, own.rates, 1, episodes=12)
    assert one.unwrapped.wide
    tracer, together = tensors_of_states(own.lattice, own.rates, 3)
    agree(found.tracer, tracer, relative=0.04)
    agree(found.collective, together, relative=0.06)


def test_half_filled_square_lattice():
    """D_σ against the network, which is exact, and a tracer that vacancies of the others block: f well below 1."""
    lattice = crystal("square", (12, 1, 12))
    one, found = followed(lattice, equal_rates(lattice, 1.0, 0.5), 8)
    agree(found.collective, one.exact_collective, relative=0.03)
    # Nakazato & Kitahara, Prog. Theor. Phys. 64, 2261 (1980), with <cos> = 2 / π - 1; it interpolates between c = 0 and
    # 1, where it is exact, and is good to about 1 % between them.
    cos, c = 2 / np.pi - 1, 0.5
    assert found.correlation["mean"].stderr < 0.01
    assert found.correlation["mean"].value == pytest.approx((1 + cos) / (1 + cos * (2 - 3 * c) / (2 - c)), rel=0.03)
