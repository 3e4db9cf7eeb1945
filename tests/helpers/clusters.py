"""A few sites of metal, channel and wall whose states can be counted one by one."""

import numpy as np
from small_graphs import graph_of

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.rates.bonds import BondModel, Mobilities
from coble.lattices import Region

A = 3.5
KT = BOLTZMANN_EV_K * 300.0
MODEL = BondModel(first_eV=1.1 * KT, second_eV=0.7 * KT, temperature_K=300.0, wetting=0.8, channel_occupancy=0.3)
MOBILITIES = Mobilities(bulk=2.0, metal_surface=3.0, interface=5.0, surface=7.0, wall=4.0)


def cluster(channel=3, wall=0):
    """A cube of nine bcc sites, with channel sites beside some corners and wall sites beside those; 12 in all."""
    corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
    metal = np.concatenate([corners, [[0.5, 0.5, 0.5]]])
    shell_sites = np.array([[-0.5, 0.5, 0.5], [-0.5, -0.5, 0.5], [-0.5, 0.5, -0.5]])[:channel]
    behind = np.array([[-0.9, 0.5, 0.5], [-0.9, -0.5, 0.5]])[:wall]
    positions = A * np.concatenate([metal, shell_sites, behind])
    kind = np.repeat([Region.BULK, Region.INTERFACE, Region.WALL], [9, channel, wall])
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    first = np.argwhere(np.triu(np.isclose(apart, A * 3**0.5 / 2) | (apart < 0.5 * A), 1))
    first = [pair for pair in first if {kind[pair[0]], kind[pair[1]]} != {Region.BULK, Region.WALL}]
    chain = [(9 + i, 10 + i) for i in range(channel - 1)]  # channel sites in a row
    bonds = [(int(i), int(j), 0) for i, j in [*first, *chain]]
    return graph_of(len(kind), bonds, kind=kind, positions=positions, cell=np.zeros(3), steps=[0], unit=0.5 * A)


def energies_kT(graph, states, model=MODEL):
    """H / k_B T of many states, bool array (n_state, n_site), from all pairs of sites and their distances."""
    apart = np.linalg.norm(graph.positions[:, None] - graph.positions[None], axis=2)
    bonded = np.zeros((graph.n_site,) * 2, dtype=bool)
    bonded[graph.sources(), graph.target] = True
    bond = model.first_eV * bonded + model.second_eV * np.isclose(apart, A)
    metal, channel = graph.region == Region.BULK, graph.region == Region.INTERFACE
    x = np.where(channel, model.channel_occupancy, model.wall_occupancy)
    alone = np.where(
        metal,
        4 * model.first_eV + 3 * model.second_eV - model.wetting * bond[:, channel].sum(axis=1),
        -KT * np.log(x / (1 - x)),
    )
    held = np.asarray(states, dtype=float)
    pairs = np.where(metal[:, None] & metal, bond, 0.0)
    return (held @ alone - np.einsum("si,ij,sj->s", held, pairs, held, optimize=True) / 2) / KT
