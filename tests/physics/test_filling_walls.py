"""A wall that fills: its equilibrium is its open-circuit curve, by closed form and by hops; balance; Nernst's slope."""

from dataclasses import replace

import numpy as np
import pytest
from checks import assert_within
from tubes import MODEL, A, tube

from coble.kmc.growth.growth import Growth
from coble.kmc.rates.bonds import Mobilities, classify, energies, exchange_rates, hop_rates
from coble.kmc.rates.site_energies import SiteEnergies, site_energies
from coble.lattices import Region
from coble.lattices.tubules.lanes import lanes

CURVE = ((0.0, 0.8), (0.5, 0.15), (1.0, 0.0))
SLOPED = ((0.0, 1.0), (1.0, 0.0))
GENTLE = ((0.0, 1.2), (0.1, 0.5), (0.6, 0.2), (1.0, 0.02))
KELVIN = 300.0
KT = MODEL.kT_eV


@pytest.mark.parametrize("curve", [CURVE, SLOPED, GENTLE])
@pytest.mark.parametrize("temperature_K", [280.0, 330.0])
def test_sites_follow_their_curve_to_one_per_cent(curve, temperature_K):
    sites = site_energies(curve, temperature_K)
    lithiation, potential = np.array(curve).T
    volts = np.linspace(potential[-1], potential[0], 2000)
    found = np.array([sites.lithiation(each) for each in volts])
    wanted = np.interp(volts, potential[::-1], lithiation[::-1])
    assert np.abs(found - wanted).max() < 0.0101  # at the points that were asked 0.01
    assert sites.misfit <= 0.01
    assert 0.99 <= sites.sites_per_atom < 1.2
    assert sites.lithiation(potential[0] + 10 * sites.kT_eV) < 1e-3, "empty above the start of the curve"


@pytest.mark.parametrize("curve", [((0.0, 0.2), (1.0, 0.0)), ((0.0, 0.9), (0.1, 0.12), (1.0, 0.1))])
def test_what_is_flatter_than_sites_can_be_is_refused(curve):
    with pytest.raises(ValueError, match="no sites follow it to 0.01 of the lithiation"):
        site_energies(curve, KELVIN)


def test_one_site_energy_has_the_slope_of_nernst():
    """dV/d ln[θ/(1-θ)] = -k_BT/e, and that alone as a curve gives one energy back."""
    one = SiteEnergies((0.3,), (1.0,), 0.0, KELVIN)
    theta = np.array([0.02, 0.2, 0.5, 0.7, 0.99])
    volts = np.array([one.potential_at(each) for each in theta])
    np.testing.assert_allclose(volts, 0.3 - one.kT_eV * np.log(theta / (1 - theta)), rtol=1e-9)
    dense = np.concatenate([[0.0], 1 / (1 + np.exp(np.linspace(9, -9, 91))), [1.0]])
    points = 0.3 + one.kT_eV * np.concatenate([[10.0], np.linspace(9, -9, 91), [-10.0]])
    found = site_energies(tuple(zip(dense.tolist(), points.tolist(), strict=True)), KELVIN)
    mean = np.average(found.potential_V, weights=found.weight)
    spread = np.sqrt(np.average((np.array(found.potential_V) - mean) ** 2, weights=found.weight))
    assert mean == pytest.approx(0.3, abs=0.1 * one.kT_eV) and spread < 0.6 * one.kT_eV


def test_potential_and_lithiation_are_inverse():
    sites = site_energies(CURVE, KELVIN)
    for theta in (0.01, 0.5, 1.0):
        assert sites.lithiation(sites.potential_at(theta)) == pytest.approx(theta, abs=1e-9)
    assert sites.potential_at(0) == np.inf
    with pytest.raises(ValueError, match="lithiation must lie between 0 and 1.0"):
        sites.potential_at(1.2)
    assert sites.counts(997).sum() == 997


def filling(curve, width_A=14.0, length_A=12.0):
    """A short tubule whose wall fills along a curve, with its site energies dealt to lanes."""
    model = replace(MODEL, wall_sites=site_energies(curve, KELVIN))
    found = tube(width_A, length_A, model, wall="LiC6", thickness_A=8.0)
    wall = np.flatnonzero(found.graph.region == Region.WALL)
    level = np.zeros(found.graph.n_site, dtype=int)
    level[wall] = lanes(found.graph, wall, model.wall_sites.counts(len(wall)))
    return found, level


@pytest.fixture(scope="module")
def wall_of_curve():
    return filling(CURVE)


def test_lanes_run_along_the_axis(wall_of_curve):
    found, level = wall_of_curve
    wall = found.graph.region == Region.WALL
    held = np.bincount(level[wall])
    np.testing.assert_array_equal(held, found.model.wall_sites.counts(wall.sum()))
    column = found.graph.column
    mixed = [len(np.unique(level[wall & (column == each)])) > 1 for each in np.unique(column[wall])]
    assert sum(mixed) < len(held), "at most one column where two lanes meet"
    assert len(np.unique(column[wall])) > 3 * len(held)


def test_every_rate_is_balanced_and_none_is_above_its_attempt_rate(wall_of_curve):
    """k_ij exp(-E_i) = k_ji exp(-E_j) between all channel and wall codes, there and back, and at the root."""
    found, level = wall_of_curve
    sites = classify(found.graph, A, found.root | (found.graph.region == Region.WALL), level)
    rates = Mobilities(bulk=1.0, metal_surface=2.0, interface=4.0, surface=12.0, wall=6.0)
    rate, _ = hop_rates(sites, found.model, rates)
    codes, model = sites.codes, found.model
    kind, first = sites.kind[codes.site_class], codes.first
    energy = energies(sites, model, first)
    full = np.flatnonzero(codes.full & (kind != Region.BULK) & (first == 0) & (codes.second == 0))
    full = full[(rate[full] > 0).any(axis=1)]
    wall = kind[full] == Region.WALL
    forth, back = rate[np.ix_(full, full - 1)], rate[np.ix_(full, full - 1)].T
    here, there = energy[full][:, None], energy[full][None, :]
    filled = wall[:, None] | wall[None, :]
    assert filled.sum() > 100 and (forth > 0).all()
    np.testing.assert_allclose(np.log(forth / back), here - there, rtol=1e-9, atol=1e-9)
    x = model.channel_occupancy
    most = max(12.0 / (x * (1 - x)), 6.0 / model.wall_sites.open_sites)
    assert forth[filled].max() <= most * (1 + 1e-12)
    own = exchange_rates(sites, model, rates, -0.2)
    fed = full[wall & sites.root[codes.site_class[full]]]
    np.testing.assert_allclose(np.log(own[fed - 1] / own[fed]), -0.2 / KT - energy[fed], rtol=1e-6)
    assert own[fed].max() <= 6.0 / model.wall_sites.open_sites


@pytest.mark.parametrize("volts", [0.55, 0.25, 0.12, 0.05])
def test_hops_and_exchange_bring_the_wall_to_its_curve(wall_of_curve, volts):
    """Every wall site touches the electrolyte, so that deep ones, too, come to equilibrium in short runs."""
    found, level = wall_of_curve
    sites, wall = found.model.wall_sites, found.graph.region == Region.WALL
    rates = replace(found.mobilities, bulk=0.0, metal_surface=0.0)
    occupied = np.zeros(found.graph.n_site, dtype=bool)
    growth = Growth(
        found.graph, A, found.model, rates, wall, occupied, np.random.SFC64(3), overpotential_V=-volts, level=level
    )
    growth.run(np.inf, max_events=40_000)
    begun = growth.time
    growth.run(np.inf, max_events=20_000)
    interval = (growth.time - begun) / 40  # of time: looks after so many events see what is left soon too often
    held = []
    for _ in range(200):
        growth.run(growth.time + interval)
        held.append(growth.wall_lithiation())
    blocks = np.mean(np.reshape(held, (20, 10)), axis=1)
    error = float(np.std(blocks, ddof=1) / np.sqrt(len(blocks)))
    counts = sites.counts(wall.sum())
    exact = np.dot(counts, sites.filled(volts)) / wall.sum() * sites.sites_per_atom
    assert_within(float(np.mean(blocks)), error, exact, at_most=0.01)
    lithiation, potential = np.array(CURVE).T
    curve = np.interp(volts, potential[::-1], lithiation[::-1])
    assert abs(exact - curve) < 0.01 + 1 / wall.sum()
