"""Crystals as lattices of sites, with nearest neighbours 3 Å apart, and what is known of one vacancy in them.

The correlation factors are those of an endless crystal: Compaan & Haven, Trans. Faraday Soc. 52, 786 (1956) and
54, 1498 (1958); Montet, Phys. Rev. B 7, 650 (1973); of hcp, Ishioka & Koiwa, Phil. Mag. A 37, 517 (1978).
"""

from itertools import combinations, product
from math import pi, sqrt

import numpy as np
from ase import Atoms
from scipy.optimize import brentq

from coble.kmc.rates.class_rates import ClassRates
from coble.lattices import Lattice

NEAR = 3.0  # Å
FLAT = (True, False, True)  # periodic in the plane of x and z

# Unit cell and sites [neighbour distances], which vectors are periodic, and the correlation factor along x, y, z.
CRYSTALS = {
    "sc": (np.eye(3), [(0, 0, 0)], True, (0.653109,) * 3),
    "bcc": (np.eye(3) * 2 / sqrt(3), [(0, 0, 0), (1 / sqrt(3),) * 3], True, (0.727194,) * 3),
    "fcc": (
        np.eye(3) * sqrt(2),
        [(0, 0, 0), (0, 1 / sqrt(2), 1 / sqrt(2)), (1 / sqrt(2), 0, 1 / sqrt(2)), (1 / sqrt(2), 1 / sqrt(2), 0)],
        True,
        (0.781451,) * 3,
    ),
    "hcp": (
        np.array([[1, 0, 0], [-0.5, sqrt(3) / 2, 0], [0, 0, sqrt(8 / 3)]]),
        [(0, 0, 0), (0.5, 1 / sqrt(12), sqrt(2 / 3))],
        True,
        (0.78121, 0.78121, 0.78146),
    ),
    "diamond": (
        np.eye(3) * 4 / sqrt(3),
        [
            np.array(site) / sqrt(3)
            for site in [(0, 0, 0), (0, 2, 2), (2, 0, 2), (2, 2, 0), (1, 1, 1), (1, 3, 3), (3, 1, 3), (3, 3, 1)]
        ],
        True,
        (0.5,) * 3,
    ),
    "square": (np.diag([1, 5, 1]), [(0, 0, 0)], FLAT, (1 / (pi - 1), None, 1 / (pi - 1))),
    "honeycomb": (
        np.array([[sqrt(3), 0, 0], [0, 5, 0], [0, 0, 3]]),
        [(0, 0, 0), (0, 0, 1), (sqrt(3) / 2, 0, 1.5), (sqrt(3) / 2, 0, 2.5)],
        FLAT,
        (1 / 3, None, 1 / 3),
    ),
}


def crystal_atoms(name, cells):
    """`ase.Atoms` of a crystal of so many cells along each vector."""
    cell, sites, periodic, _ = CRYSTALS[name]
    unit = Atoms(f"X{len(sites)}", np.array(sites) * NEAR, cell=np.array(cell) * NEAR, pbc=periodic)
    return unit.repeat(cells)


def crystal(name, cells):
    """`Lattice` of a crystal, with bonds between nearest neighbours."""
    return Lattice.from_atoms(crystal_atoms(name, cells), cutoff=1.05 * NEAR)


def equal_rates(lattice, hop_1_s, occupancy):
    """Every hop at the same rate, every site as full."""
    return edge_rates(lattice, np.full(lattice.n_edge, hop_1_s), np.full(lattice.n_site, occupancy))


def edge_rates(lattice, rate, occupancy):
    """`ClassRates` of rates that are equal within a class of edges and a pair of regions."""
    here, there = lattice.region[lattice.sources()], lattice.region[lattice.target]
    if lattice.wide:
        hop = np.zeros(lattice.n_class)
        hop[lattice.classes] = rate
        assert np.array_equal(hop[lattice.classes], rate)
    else:
        hop = np.zeros((lattice.n_class, lattice.n_region, lattice.n_region))
        hop[lattice.classes, here, there] = rate
        assert np.array_equal(hop[lattice.classes, here, there], rate)
    return ClassRates(hop, np.asarray(occupancy, dtype=float))


def pair_rates(lattice, attempt_1_s, energy_kT, n_atom):
    """`ClassRates` by pair of regions, from site energies and a symmetric table of attempts, for so many atoms.

    An atom leaves region i for j at attempt_ij exp(energy_i); an attempt of 0 is no hop.
    """
    energy = np.asarray(energy_kT, dtype=float)
    hop = np.asarray(attempt_1_s) * np.exp(energy)[:, None]
    filled = lambda log_z: 1 / (1 + np.exp(energy[lattice.region] - log_z))  # noqa: E731
    log_z = brentq(lambda each: filled(each).sum() - n_atom, energy.min() - 60, energy.max() + 60, xtol=1e-14)
    return ClassRates(hop[None], filled(log_z))


def network(vectors, sites, bonds, repeats):
    """A lattice of cells with sites at `sites` [Å], each a region, and bonds (i, j, (cells crossed)) between them."""
    vectors, sites, repeats = np.asarray(vectors, dtype=float), np.asarray(sites, dtype=float), np.array(repeats)
    cells = np.array(list(product(*map(range, repeats))))
    number = lambda cell, site: np.ravel_multi_index(tuple(cell % repeats), tuple(repeats)) * len(sites) + site  # noqa: E731
    listed = [
        (number(cell, i), number(cell + shift, j), tuple((cell + shift) // repeats))
        for cell in cells
        for i, j, shift in bonds
    ]
    atoms = Atoms(
        f"X{len(cells) * len(sites)}",
        (cells @ vectors)[:, None, :].repeat(len(sites), 1).reshape(-1, 3) + np.tile(sites, (len(cells), 1)),
        cell=vectors * repeats[:, None],
        pbc=True,
        tags=np.tile(np.arange(len(sites)), len(cells)),
    )
    return Lattice.from_atoms(atoms, bonds=listed, regions="tags")


def tensors_of_states(lattice, rates, n_atom):
    """D* and D_σ of `n_atom` atoms in a small box, from all its states, by dense algebra: two float arrays (3, 3).

    D = ½ Σ π k d ⊗ d + Σ π u ⊗ v, with the drift u of every state and v the solution of (generator) v = u.
    """
    vector = lattice.hop_vectors_A @ np.array(lattice.notes["rotation"])
    rate, source, target = rates.edge_rates(lattice), lattice.sources(), lattice.target
    x = rates.site_occupancy(lattice)
    found = []
    for tagged in (True, False):
        states = [(None, full) for full in combinations(range(lattice.n_site), n_atom)]
        if tagged:
            states = [(one, full) for _, full in states for one in full]
        index = {state: number for number, state in enumerate(states)}
        generator = np.zeros((len(states),) * 2)
        drift, bare = np.zeros((len(states), 3)), np.zeros((3, 3))
        weight = np.array([np.prod([x[site] / (1 - x[site]) for site in full]) for _, full in states])
        weight /= weight.sum()
        for number, (one, full) in enumerate(states):
            for edge in np.flatnonzero(np.isin(source, full) & ~np.isin(target, full)):
                i, j = int(source[edge]), int(target[edge])
                after = (j if one == i else one, tuple(sorted({*full} - {i} | {j})))
                moved = vector[edge] * (one == i if tagged else 1.0)
                generator[number, index[after]] += rate[edge]
                generator[number, number] -= rate[edge]
                drift[number] += rate[edge] * moved
                bare += weight[number] * rate[edge] * np.outer(moved, moved) / 2
        solved = np.linalg.lstsq(generator, drift, rcond=None)[0]
        memory = np.einsum("s,sa,sb->ab", weight, drift, solved)
        found.append((bare + (memory + memory.T) / 2) / (1 if tagged else n_atom))
    return found
