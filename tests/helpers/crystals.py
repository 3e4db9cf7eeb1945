"""Crystals as lattices of sites, with nearest neighbours 3 Å apart, and what is known of one vacancy in them.

The correlation factors are those of an endless crystal: Compaan & Haven, Trans. Faraday Soc. 52, 786 (1956) and
54, 1498 (1958); Montet, Phys. Rev. B 7, 650 (1973); of hcp, Ishioka & Koiwa, Phil. Mag. A 37, 517 (1978).
"""

from math import pi, sqrt

import numpy as np
from ase import Atoms

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
