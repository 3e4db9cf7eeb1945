"""A built-in tubule handed over as if it were a structure of a user's own: positions, regions, a list of bonds."""

import numpy as np
from ase import Atoms

from coble import Case
from coble.kmc.constants import CM2_IN_A2
from coble.lattices import Lattice
from coble.models.host import TubuleHost


def own_case(case, **sections):
    """The case on a structure that has the sites, bonds, occupancies and conductances of a case's first wall.

    Parameters
    ----------
    case : Case
    sections
        Of the new case, besides [structure] and [[region]].

    Returns
    -------
    Case, TubuleHost
    """
    host = TubuleHost(case, 0)
    graph = host.graph
    return Case(structure=own_lattice(graph), region=list(_regions(host)), **sections), host


def own_lattice(graph):
    """A lattice from the positions, regions and bonds of a tubule."""
    atoms = Atoms(f"Li{graph.n_site}", positions=graph.positions, cell=[0, 0, graph.length], pbc=(False, False, True))
    source, target = graph.sources(), graph.target
    rise = graph.z[source] + graph.steps_A[graph.step_class] - graph.z[target]
    shift = np.rint(rise / graph.length).astype(int)
    once = (source < target) | ((source == target) & (shift > 0))
    zeros = np.zeros(np.count_nonzero(once), dtype=int)
    bonds = np.column_stack([source[once], target[once], zeros, zeros, shift[once]])
    names = np.array(graph.regions)[graph.region]
    return Lattice.from_atoms(atoms, bonds=bonds, regions=names)


def _regions(host):
    """[[region]] of every region: D so that it conducts by itself what that of the tubule does."""
    graph = host.graph
    for kind, region in host.regions.items():
        carriers = graph.count(kind) * region.occupancy
        yield {
            "name": graph.regions[kind],
            "occupancy": region.occupancy,
            "diffusivity_cm2_s": host.alone[kind] * graph.length / carriers / CM2_IN_A2,
        }
