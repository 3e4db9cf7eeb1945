"""PyPI's `onsager` (D. R. Trinkle, Philos. Mag. 97, 2514 (2017)) gives the same tensors, by Green functions.

Its crystals are endless, ours are boxes: what a lone carrier does is the same in both, what a tracer does with one
vacancy is extrapolated from two boxes, in 1 / sites.
"""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from perfect_crystals import NEAR, crystal, edge_rates, network, pair_rates

from coble.kmc.network.tensor import lone_carrier
from coble.kmc.network.tracer_exact import equal_cells, one_vacancy
from coble.lattices import Lattice

crystals = pytest.importorskip("onsager.crystal")
calculator = pytest.importorskip("onsager.OnsagerCalc")

pytestmark = pytest.mark.filterwarnings("ignore")  # its own, of numpy and numba

VECTORS = np.array([[4.0, 0, 0], [1.1, 5.0, 0], [0.7, -1.3, 6.0]])
SITES = np.array([[0, 0, 0], [0.9, 0.8, 0.6], [2.5, 2.6, 2.2]])
BONDS = [(0, 1, (0, 0, 0)), (1, 2, (0, 0, 0)), (2, 0, (1, 0, 0)), (2, 0, (0, 1, 0)), (2, 1, (0, 0, 1))]
ENERGIES = np.array([0.0, -0.5, 1.2])
ATTEMPTS = np.array([[0, 1500.0, 0.7], [1500.0, 0, 3.0], [0.7, 3.0, 0]])


def theirs(crystal_, jumps, rates, sites=None):
    """Tracer and vacancy diffusion by onsager: (D of the vacancy, D* per vacancy), for sites of equal energies."""
    found = calculator.VacancyMediated(crystal_, 0, sites or crystal_.sitelist(0), jumps, 1)
    n = len(found.sitelist)
    thermo = {
        "preV": np.ones(n),
        "eneV": np.zeros(n),
        "preT0": np.array(rates, dtype=float),
        "eneT0": np.zeros(len(jumps)),
    }
    thermo.update(found.maketracerpreene(**thermo))
    vacancy, tracer, _, _ = found.Lij(*found.preene2betafree(1.0, **thermo))
    return vacancy, tracer


def level_first(crystal_, reach):
    """Jumps of a crystal, those within the plane across z before the others."""
    jumps = crystal_.jumpnetwork(0, reach)
    return sorted(jumps, key=lambda jump: abs(jump[0][1][2]))


def endless_factor(make, sizes, rate_level, rate_steep):
    """Lone-vacancy tensor, and correlation factors along x and z for an endless crystal."""
    factors, sites = [], []
    for size in sizes:
        lattice = make(size)
        level = np.abs(lattice.hop_vectors_A[:, 2]) < 0.1
        rates = edge_rates(lattice, np.where(level, rate_level, rate_steep), np.full(lattice.n_site, 0.5))
        found = one_vacancy(lattice, rates, equal_cells(lattice, rates))
        factors.append((np.diag(found.tensor) / np.diag(found.bare))[[0, 2]])
        sites.append(lattice.n_site)
    endless = (factors[1] * sites[1] - factors[0] * sites[0]) / (sites[1] - sites[0])
    return lone_carrier(lattice, rates, vacancy=True).tensor, endless


def test_interstitial_network_of_low_symmetry():
    crystal_ = crystals.Crystal(VECTORS.T, [list(SITES @ np.linalg.inv(VECTORS))], noreduce=True)
    basis = crystal_.basis[0]
    jumps = []
    for i, j, shift in BONDS:
        vector = crystal_.lattice @ (basis[j] + np.array(shift) - basis[i])
        jumps.append([((i, j), vector), ((j, i), -vector)])
    sites = crystal_.sitelist(0)
    found = calculator.Interstitial(crystal_, 0, sites, jumps).diffusivity(
        np.ones(len(sites)),
        ENERGIES[[each[0] for each in sites]],
        np.array([ATTEMPTS[i, j] for i, j, _ in BONDS]),
        np.zeros(len(jumps)),
    )
    lattice = network(VECTORS, SITES, BONDS, (2, 2, 2))
    ours = lone_carrier(lattice, pair_rates(lattice, ATTEMPTS, ENERGIES, 1))
    assert np.trace(ours.bare) > 20 * np.trace(ours.tensor)
    np.testing.assert_allclose(ours.tensor, found, rtol=1e-6, atol=1e-6)


def test_octahedral_and_tetrahedral_interstitials():
    a, attempt, energy = 4.0, 2.0, 1.5
    crystal_ = crystals.Crystal.FCC(a, chemistry="host").addbasis(
        [np.array([0.5] * 3), np.array([0.25] * 3), np.array([0.75] * 3)], ["carrier"]
    )
    sites, jumps = crystal_.sitelist(1), crystal_.jumpnetwork(1, 0.45 * a)
    high = [energy if len(each) == 2 else 0.0 for each in sites]
    found = calculator.Interstitial(crystal_, 1, sites, jumps).diffusivity(
        np.ones(len(sites)), np.array(high), np.full(len(jumps), attempt), np.zeros(len(jumps))
    )
    unit = Atoms(
        "X3", [[2.0] * 3, [1.0] * 3, [3.0] * 3], cell=a * np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    )
    unit.pbc = True
    unit.set_tags([0, 1, 1])
    lattice = Lattice.from_atoms(unit.repeat(3), cutoff=0.45 * a, regions="tags")
    ours = lone_carrier(lattice, pair_rates(lattice, [[0, attempt], [attempt, 0]], [0.0, energy], 1)).tensor
    np.testing.assert_allclose(ours, found, rtol=1e-6, atol=1e-6)


def test_fcc_with_two_barriers():
    """A fcc crystal, hops in the plane across z six times as fast, as a tetragonal cell of theirs."""
    a = 3.6
    cell = np.diag(
        [a / np.sqrt(2), a / np.sqrt(2), a * 1.0001]
    )  # a trace of strain, so that the planes differ by symmetry
    tetragonal = crystals.Crystal(cell, [[np.zeros(3), np.array([0.5, 0.5, 0.5])]])
    vacancy, tracer = theirs(tetragonal, level_first(tetragonal, 1.02 * a / np.sqrt(2)), [3.0, 0.5])

    def make(size):
        return Lattice.from_atoms(bulk("Cu", "fcc", a=a, cubic=True).repeat(size), cutoff=2.7)

    lone, factor = endless_factor(make, (5, 6), 3.0, 0.5)
    np.testing.assert_allclose(np.diag(lone), np.diag(vacancy), rtol=1e-3)
    np.testing.assert_allclose(factor, (np.diag(tracer) / np.diag(vacancy))[[0, 2]], rtol=2e-3)


@pytest.mark.parametrize("rates", [(1.0, 1.0), (0.3, 2.0)])
def test_hcp(rates):
    crystal_ = crystals.Crystal.HCP(NEAR)
    vacancy, tracer = theirs(crystal_, level_first(crystal_, 1.02 * NEAR), rates)
    lone, factor = endless_factor(lambda size: crystal("hcp", (size, size, size)), (6, 8), *rates)
    np.testing.assert_allclose(np.diag(lone), np.diag(vacancy), rtol=1e-5)
    np.testing.assert_allclose(factor, (np.diag(tracer) / np.diag(vacancy))[[0, 2]], rtol=2e-3)
