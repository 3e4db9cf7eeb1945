"""From a case to physics: the graph of each wall, its regions and lattice constants."""

import os
from functools import cache
from math import prod, sqrt

from coble.inputs.files.faults import listed, number_text
from coble.kmc.constants import CM2_IN_A2, PER_CM3_IN_PER_A3
from coble.kmc.kernel.lowering import widest_range
from coble.kmc.network.continuum import regions_of
from coble.kmc.rates.table import rate_table
from coble.lattices import MOST_SITES, Region, bcc, build_tubule, common_period, make_shape
from coble.lattices.crystals import DIRECTIONS

NM = 10.0  # 1 nm in Å
BYTES_PER_SITE = 1000  # at the peak: building the graph, solving the network
ESTIMATE = 10.0  # a range of rates is estimated to better than this: calibrated bonds are 0.9 to 2 times D/a²


def shape_of(case):
    """The cross-section of a case, lengths in Å."""
    if case.has_structure:
        raise ValueError("structure: has no tubule, which this needs; give a case with [tubule]")
    tubule = case.tubule
    return make_shape(
        tubule.shape,
        tubule.inner_width_nm * NM,
        tubule.wall_thickness_nm * NM,
        pore=tubule.pore,
        width=tubule.slab_width_nm * NM,
    )


def sites_in(case, length_nm=None):
    """About how many sites a case has, with the wall that gives most; see `sites_by_wall`."""
    return max(sites_by_wall(case, length_nm))


def sites_by_wall(case, length_nm=None):
    """About how many sites a case has with each of its walls, from areas and densities before anything is built: list.

    The period along the axis is the one that will be built.  Right to 5 % from W = 2.5 nm up, to 10 % below.

    Parameters
    ----------
    case : Case
    length_nm : float, optional
        Of a tubule that is grown into, instead of the case's segment.
    """
    shape, metal = shape_of(case), case.metal_material
    shell = shape.perimeter * metal.lattice_constant_A * sqrt(3) / 2  # as far as neighbours are apart
    bore = shape.bore_area if case.tubule.filling == "metal" else shell
    at_least, space = length_nm or case.tubule.segment_nm, 0.0
    if length_nm and case.growth.space_nm:  # a block that is carved
        bore = prod(high - low + 2 * case.growth.space_nm * NM for low, high in shape.wall_extent)
        space = case.growth.space_nm
    found = []
    for wall in case.walls:
        across = bore / metal.atomic_volume_A3 + shape.wall_area * wall.concentration_cm3 * PER_CM3_IN_PER_A3
        period_A = _period_A(metal.lattice_constant_A, case.tubule.axis, wall.concentration_cm3, at_least)
        found.append(across * ((period_A or at_least * NM) + space * NM))
    return found


def unbuildable(case, length_nm=None):
    """Why the tubule of a case cannot be built; None when it can. `length_nm` instead of the case's segment."""
    return _without_period(case, length_nm or case.tubule.segment_nm) or too_large(case, length_nm)


def _without_period(case, length_nm):
    """The first wall whose sublattice fits no period of the metal, in words; None when all do."""
    a, axis = case.metal_material.lattice_constant_A, case.tubule.axis
    for wall in case.walls:
        if _has_period(a, axis, wall.concentration_cm3, length_nm):
            continue
        good = [other for other in DIRECTIONS if _has_period(a, other, wall.concentration_cm3, length_nm)]
        advice = f"take the axis {listed(good)}, or" if good else "take"
        return (
            f"tubule.axis: metal along '{axis}' and wall '{wall.name}' have no common period from "
            f"{number_text(length_nm)} nm up: {advice} another concentration_cm3"
        )
    return None


def _has_period(*given):
    """Whether metal and wall have a common period; arguments as of `_period_A`."""
    return _period_A(*given) is not None


@cache
def _period_A(lattice_constant_A, axis, concentration_cm3, length_nm):
    """The common period of metal and wall of at least a length [Å]; None when there is none."""
    try:
        return common_period(bcc(lattice_constant_A, axis), concentration_cm3 * PER_CM3_IN_PER_A3, length_nm * NM)
    except ValueError:
        return None


def memory_bytes():
    """Memory of this machine [bytes]."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def too_large(case, length_nm=None):
    """Why a case does not fit into this machine's memory or the kernel's site numbers; None when it does.

    See `sites_in`.
    """
    sites, have = sites_in(case, length_nm), memory_bytes()
    need = sites * BYTES_PER_SITE
    if sites < MOST_SITES and need < have:
        return None
    return (
        f"tubule: about {sites:.2g} sites, {need / 2**30:.0f} GiB, do not fit (at most {MOST_SITES:,} sites and "
        f"{have / 2**30:.0f} GiB here): make inner_width_nm, wall_thickness_nm or segment_nm smaller"
    )


def may_be_too_wide(case, wall, section):
    """Whether the rates of a wall's case may lie too far apart for one table: an estimate, before anything is built."""
    shape, a, volume = shape_of(case), case.metal_material.lattice_constant_A, case.metal_material.atomic_volume_A3
    across = {kind: shape.perimeter * a / volume for kind in (Region.INTERFACE, Region.SURFACE)}
    across[Region.BULK] = shape.bore_area / volume
    across[Region.WALL] = shape.wall_area * wall.concentration_cm3 * PER_CM3_IN_PER_A3
    parts, constants = regions(case, wall, section, shape), lattice_constants(case, wall)
    bonds = {kind: part.diffusivity_cm2_s * CM2_IN_A2 / constants[kind] ** 2 for kind, part in parts.items()}
    hop = rate_table(bonds, {kind: part.occupancy for kind, part in parts.items()}, exchange(case)).hop
    atoms = sum(across[kind] * part.occupancy for kind, part in parts.items())
    vacancies = sum(across[kind] * (1 - part.occupancy) for kind, part in parts.items())
    carriers = int(min(atoms, vacancies) * case.tubule.segment_nm * NM)
    return ESTIMATE * hop.max() > widest_range(carriers, 8) * hop[hop > 0].min()


def graph_of(case, wall, length_nm=None):
    """One period of the tubule with this wall, a `Lattice`; `length_nm` instead of the case's segment."""
    return build_tubule(
        shape_of(case),
        bcc(case.metal_material.lattice_constant_A, case.tubule.axis),
        wall_density=wall.concentration_cm3 * PER_CM3_IN_PER_A3,
        filling=case.tubule.filling,
        segment=(length_nm or case.tubule.segment_nm) * NM,
    )


def regions(case, wall, wall_section, shape):
    """What each path is made of at the temperature of the case, dict of Region → RegionTransport."""
    temperature = case.conditions.temperature_K
    bare = case.tubule.filling == "empty"
    metal_c = case.metal_material.concentration_cm3
    if bare:
        shell = (case.surface_diffusivity, case.surface_concentration_cm3)
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


def bare_region(case, shape):
    """The surface that takes the interface's place where the bore is empty, a `RegionTransport`."""
    found = case.surface_diffusivity.at(case.conditions.temperature_K)
    shell = (found, case.surface_concentration_cm3, case.interface.occupancy, case.interface.width_angstrom)
    return regions_of(shape, None, shell, bare=True)[Region.SURFACE]


def exchange(case):
    """Factors on the bonds between two regions, dict of (Region, Region) → float."""
    wall, metal = case.exchange.wall, case.exchange.metal
    shell = (Region.INTERFACE, Region.SURFACE)
    return {(kind, Region.WALL): wall for kind in shell} | {(Region.BULK, kind): metal for kind in shell}


def lattice_constants(case, wall):
    """Lattice constant of each region's bcc lattice [Å], dict of Region → float."""
    a = case.metal_material.lattice_constant_A
    found = {Region.BULK: a, Region.INTERFACE: a, Region.SURFACE: a}
    if wall.concentration_cm3:
        found[Region.WALL] = (2 / (wall.concentration_cm3 * PER_CM3_IN_PER_A3)) ** (1 / 3)
    return found


def field_kT_per_A(case):
    """Field whose work over one axial step of the metal's lattice is the case's `field_kT` [k_B T/Å]."""
    a = case.metal_material.lattice_constant_A
    step = {"110": a / 2**0.5, "100": a / 2, "111": a * 3**0.5 / 2}[case.tubule.axis]
    return case.run.field_kT / step
