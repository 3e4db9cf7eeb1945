"""The tubules of an experiment: what is changed in each, and what conducts in it.

An experiment on a tubule changes one thing: a void behind the plug, obstacles in it, another wall, width or
temperature.  In each tubule every mechanism by itself may carry the metal:

    interface   the channel between metal and wall, and where the bore is empty the surface of the wall
    wall        the wall alone
    bulk        the metal alone: Nabarro-Herring
    surface     a surface all along the channel, as if a gap parted metal and wall
    slip        the whole plug moves at once, as fast as power-law creep says
"""

from dataclasses import dataclass, replace

import numpy as np

from coble.inputs.case import Case
from coble.inputs.files import plugins
from coble.kmc.constants import BOLTZMANN_EV_K, PER_CM3_IN_PER_A3
from coble.kmc.growth.law import growth_constant_nm2_s, speed_nm_s
from coble.kmc.growth.power_law_creep import PowerLaw, pressure_MPa
from coble.kmc.growth.slip import Slip
from coble.kmc.rates.calibration import calibrate
from coble.lattices import Lattice, Region, bcc, carve, outside_particles
from coble.models.tubules.tubule import NM, bare_region, graph_of, lattice_constants, regions

CHANNEL = (Region.INTERFACE, Region.SURFACE)
# What each mechanism lets conduct: from the calibrated bonds of all regions to its own, dict of Region → float [1/s].
MECHANISMS = {
    "interface": lambda bonds: {kind: bonds[kind] for kind in CHANNEL},
    "wall": lambda bonds: {kind: bonds[kind] for kind in (Region.WALL,) if kind in bonds},
    "bulk": lambda bonds: {Region.BULK: bonds[Region.BULK]},
    "surface": lambda bonds: dict.fromkeys(CHANNEL, bonds[Region.SURFACE]),
    "slip": lambda bonds: {},
}
CASE, NOTHING = "case", "none"  # what may be behind an observation, besides one mechanism
PARTICLES = 33  # purpose of a random stream


def mechanisms():
    """`MECHANISMS`, and those of plug-ins."""
    return MECHANISMS | plugins.mechanisms()


def truths():
    """What may be behind an observation, tuple of str."""
    return (CASE, *mechanisms(), NOTHING)


@dataclass(frozen=True)
class Condition:
    """A tubule in which the speed is measured; its first wall is the one.

    Attributes
    ----------
    name : str
    case : Case
    void : float
        Part of the plug's length, from the electrolyte on, that is empty.
    obstacles : bool
        Whether solid particles stand in the bore.
    """

    name: str
    case: Case
    void: float = 0.0
    obstacles: bool = False


@dataclass(frozen=True)
class ExperimentTubule:
    """One condition, built: what conducts in it, and how fast its plug slips.

    Attributes
    ----------
    condition : Condition
    regions : dict of Region → RegionTransport
    graph : Lattice
        One period; BULK and INTERFACE where there is a plug, SURFACE where the bore is empty.
    bonds : dict of mechanism → dict of Region → float
        Conductance of the bonds [1/s] that each diffusive mechanism has.
    occupancy : dict of Region → float
    per_conductance : float
        Speed of the tip over conductance [(nm/s) / (Å/s)].
    coble_nm_s : float
        Speed that the interface alone gives by the formula, D_i δ × perimeter / area · (eU / k_B T) / L.
    slip_nm_s : float
        Speed that power-law creep gives; 0 where the plug cannot move.
    unobstructed : dict of mechanism → float
        What the paths of each mechanism conduct without void and obstacles [Å/s].
    """

    condition: Condition
    regions: dict
    graph: Lattice
    bonds: dict
    occupancy: dict
    per_conductance: float
    coble_nm_s: float
    slip_nm_s: float
    unobstructed: dict


def refuse_empty(case):
    """Raise ValueError for a tubule without metal: nothing would be there to carry, or to be carried past."""
    if case.tubule.filling != "metal":
        raise ValueError(
            f"tubule.filling: must be 'metal' for experiments and rate tables, got {case.tubule.filling!r}"
        )


def build(condition, seed):
    """The `ExperimentTubule` of a condition."""
    case = condition.case
    refuse_empty(case)
    wall, setup, temperature = case.walls[0], case.experiment, case.conditions.temperature_K
    whole = graph_of(case, wall)
    parts = regions(case, wall, case.wall[0], whole.shape)
    found = calibrate(whole, parts, lattice_constants(case, wall))
    bonds = {kind: each.bond_conductance for kind, each in found.items()}
    metal = case.metal_material
    bare = bare_region(case, whole.shape)
    faster = bare.flux_conductance / parts[Region.INTERFACE].flux_conductance
    bonds[Region.SURFACE] = bonds[Region.INTERFACE] * faster
    left = whole
    if condition.obstacles:
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PARTICLES,)))
        free = outside_particles(whole, setup.obstacle_fraction, setup.obstacle_radius_nm * NM, rng)
        left = carve(whole, ~free, metal.lattice_constant_A)
    empty = left.z < condition.void * whole.length
    kind = np.where(empty & (left.region == Region.INTERFACE), Region.SURFACE, left.region).astype(np.uint8)
    graph = replace(left, region=kind).subgraph(~(empty & (kind == Region.BULK)))

    per_conductance = speed_per_conductance(case, whole.shape)
    law = PowerLaw(**case.slip.model_dump())
    pressure = pressure_MPa(setup.overpotential_V, metal.atomic_volume_A3)
    slips = _can_slip(left, condition.void * whole.length, case)
    alone = {kind: each.alone for kind, each in found.items()}
    of_mechanism = {name: chosen(bonds) for name, chosen in mechanisms().items()} | {CASE: bonds, NOTHING: {}}
    return ExperimentTubule(
        condition,
        parts | {Region.SURFACE: bare},
        graph,
        of_mechanism,
        {kind: part.occupancy for kind, part in parts.items()} | {Region.SURFACE: case.interface.occupancy},
        per_conductance,
        parts[Region.INTERFACE].flux_conductance * per_conductance,
        slips * law.plug_speed_nm_s(case.tubule.inner_width_nm / 2, setup.plug_length_nm, pressure, temperature),
        {
            name: sum(alone[kind] * own[kind] / bonds[kind] for kind in alone.keys() & own.keys())
            for name, own in of_mechanism.items()
        },
    )


def diffusivities_cm2_s(case):
    """D of every region at the temperature of the case [cm²/s], dict of Region → float."""
    at = case.conditions.temperature_K
    found = {
        Region.BULK: case.metal_diffusivity.at(at),
        Region.INTERFACE: case.interface_diffusivity.at(at),
        Region.SURFACE: case.surface_diffusivity.at(at),
    }
    wall = case.walls[0].diffusivity
    return found | ({Region.WALL: wall.at(at)} if wall else {})


def speed_per_conductance(case, shape):
    """Speed of the tip over conductance c D A, in linear response [(nm/s) / (Å/s)]."""
    setup, density = case.experiment, case.metal_material.concentration_cm3 * PER_CM3_IN_PER_A3
    drive = setup.overpotential_V / (BOLTZMANN_EV_K * case.conditions.temperature_K)
    return speed_nm_s(growth_constant_nm2_s(1 / density, shape.bore_area, drive), setup.plug_length_nm)


def _can_slip(graph, void_A, case):
    """Whether the plug, one period short of the end of the tubule, can be pushed on by one period."""
    tube = graph.opened()
    period = float(bcc(case.metal_material.lattice_constant_A, case.tubule.axis).lengths[2])
    full = (tube.region == Region.BULK) & (tube.z >= void_A) & (tube.z < graph.length - 1.01 * period)
    return Slip(tube, round(period / tube.unit), lambda length: 0.0, 0).move(full, 1) is not None
