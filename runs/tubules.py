"""From a case to physics: the graph of each wall, its regions and lattice constants, its atoms for export."""

import numpy as np

from kmc.constants import PER_CM3_IN_PER_A3
from kmc.continuum import regions_of
from lattices import KINDS, Kind, bcc, build_tubule, make_shape

NM = 10.0  # 1 nm in Å


def shape_of(case):
    """The cross-section of a case, lengths in Å."""
    tubule = case.tubule
    return make_shape(
        tubule.shape,
        tubule.inner_width_nm * NM,
        tubule.wall_thickness_nm * NM,
        pore=tubule.pore,
        width=tubule.slab_width_nm * NM,
    )


def graph_of(case, wall):
    """One period of the tubule with this wall, a `SiteGraph`."""
    return build_tubule(
        shape_of(case),
        bcc(case.metal_material.lattice_constant_A, case.tubule.axis),
        wall_density=wall.concentration_cm3 * PER_CM3_IN_PER_A3,
        filling=case.tubule.filling,
        segment=case.tubule.segment_nm * NM,
    )


def regions(case, wall, wall_section, shape):
    """What each path is made of at the temperature of the case, dict of Kind → Region."""
    temperature = case.conditions.temperature_K
    bare = case.tubule.filling == "empty"
    metal_c = case.metal_material.concentration_cm3
    if bare:
        shell = (case.surface_diffusivity, metal_c)
    else:
        shell = (case.interface_diffusivity, case.interface_concentration_cm3)
    return regions_of(
        shape,
        (case.metal_diffusivity.at(temperature), metal_c, 1 - case.metal.vacancy_fraction),
        (shell[0].at(temperature), shell[1], case.interface.occupancy, case.interface.width_angstrom),
        wall.diffusivity
        and (wall.diffusivity.at(temperature), wall.concentration_cm3, 1 - wall_section.vacancy_fraction),
        bare=bare,
    )


def lattice_constants(case, wall):
    """Lattice constant of each region's bcc lattice [Å], dict of Kind → float."""
    a = case.metal_material.lattice_constant_A
    found = {Kind.METAL: a, Kind.INTERFACE: a, Kind.SURFACE: a}
    if wall.concentration_cm3:
        found[Kind.WALL] = (2 / (wall.concentration_cm3 * PER_CM3_IN_PER_A3)) ** (1 / 3)
    return found


def atoms_of(graph, occupied, species, info):
    """The atoms of a state as `ase.Atoms`: tags = kind, axis periodic, positions in Å.

    Parameters
    ----------
    graph : SiteGraph
    occupied : bool array (n_site,)
    species : str
        Chemical symbol.
    info : dict
        Scalars for the comment line; strings must not look like numbers.
    """
    from ase import Atoms

    positions = graph.positions[occupied]
    low = graph.positions.min(axis=0)
    extent = graph.positions.max(axis=0) - low
    cell = np.where(graph.cell > 0, graph.cell, extent + 10.0)  # 10 Å of vacuum where the box is open
    atoms = Atoms(
        symbols=[species] * len(positions),
        positions=positions - np.where(graph.cell > 0, 0.0, low - 5.0),
        cell=cell,
        pbc=graph.cell > 0,
        tags=graph.kind[occupied].astype(np.int32),
    )
    atoms.info.update(info, region_names=" ".join(KINDS), position_unit="angstrom")
    return atoms
