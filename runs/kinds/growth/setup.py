"""Ready to grow: a case as a tubule with metal, electrolyte, markers and slip, and the law that it should follow."""

from dataclasses import replace
from math import sqrt, tau

import numpy as np

from coble.inputs.growth.steps import nominal_V
from coble.kinds.growth import lithiation
from coble.kinds.growth.run import Plating, end_reached
from coble.kinds.growth.state.series import Series
from coble.kinds.growth.state.steps import Program, atoms_per_nm, limits_pA_nm, record_s, steps_of
from coble.kmc.constants import CM2_IN_A2
from coble.kmc.growth.cells import LEAST_ROWS, GradedChannel
from coble.kmc.growth.contact import Contact
from coble.kmc.growth.current import Feed
from coble.kmc.growth.growth import Growth
from coble.kmc.growth.law import growth_constant_nm2_s, response, time_to_reach_s
from coble.kmc.growth.power_law_creep import PowerLaw, pressure_MPa
from coble.kmc.growth.rows import Rows
from coble.kmc.growth.slip import Slip
from coble.kmc.growth.slowing import Slowing, plain_nm
from coble.kmc.network.exact import solve
from coble.kmc.rates.bonds import BondModel
from coble.kmc.rates.calibration import calibrate
from coble.kmc.rates.metal_sites import metal_beside
from coble.kmc.rates.mobilities import mobilities
from coble.lattices import Region, bcc, carve, free_standing, outside_particles
from coble.lattices.graph.numbering import in_bricks
from coble.models.tubules.tubule import NM, bare_region, graph_of, regions, shape_of

OBSTACLES, PLACING, RUNNING = 0, 1, 2  # purposes of a random stream
MARKED = 0.2  # middle part of the metal whose atoms are followed
STEPS_APART_A = 20.0  # so much wider seems a face that takes atoms at steps: c is 4.2 ± 0.4 Å at W = 5 nm, 6.1 at 10
ROOT_A = 2.5  # sites up to here touch the electrolyte: the first two (110) planes


def random_stream(seed, purpose):
    """A bit generator of its own for each purpose."""
    return np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(purpose,)))


def prepare(case, seed=None, faster=None):
    """Build the tubule of a case and put the metal into it.

    Parameters
    ----------
    case : Case
    seed : int, optional
        Instead of the case's.
    faster : dict of str → float, optional
        Factors on fields of `coble.kmc.rates.bonds.Mobilities`.

    Raises
    ------
    ValueError
        When no site touches the electrolyte, or there is no metal at the start.
    """
    case, seed = _at_first_step(case), case.run.seed if seed is None else seed
    setup, wall = case.growth, case.walls[0]
    periodic, graph = sites_of(case, seed)
    model = BondModel(
        case.bonds.first_eV,
        case.bonds.second_eV,
        case.conditions.temperature_K,
        wetting=case.bonds.wetting,
        channel_occupancy=case.interface.occupancy,
        wall_occupancy=1 - case.wall[0].vacancy_fraction,
        wall_sites=lithiation.wall_sites(case),
    )
    level = lithiation.levels(graph, model.wall_sites)
    parts = regions(case, wall, case.wall[0], periodic.shape)
    bare = bare_region(case, periodic.shape)
    a = case.metal_material.lattice_constant_A
    off = {path.replace(" ", "_"): 0.0 for path in setup.without}
    rates = replace(mobilities(periodic, parts, bare, model, a), **off)
    rates = replace(rates, **{field: getattr(rates, field) * factor for field, factor in (faster or {}).items()})
    root = _root(graph, setup)
    occupied = _start(graph, setup, lithiation.filled_at_start(graph, case, model, level), seed)
    steps = steps_of(setup, float(periodic.cell[0] * periodic.cell[1]))
    at_root = None if level is None else level[root]
    odds = lithiation.odds_at_coexistence(model, graph.region[root], at_root)
    growth = Growth(
        graph,
        a,
        model,
        rates,
        root,
        occupied,
        random_stream(seed, RUNNING),
        overpotential_V=setup.overpotential_V,
        ahead_A=None if model.wall_sites else setup.ahead_nm * NM or None,  # a wall that fills is in no equilibrium
        slip=_slip(case, graph, seed),
        feed=Feed(np.flatnonzero(root), odds, seed, _contact(setup, graph)) if steps else None,
        graded=_graded(case, graph, rates, model, seed),
        slowing=_slowing(case, graph, rates, bare, model),
        level=level,
        marked=_markers(graph, occupied),
    )
    law = _law(case, parts[Region.INTERFACE].diffusivity_cm2_s, bare.diffusivity_cm2_s, growth)
    step = setup.time_s / setup.records if setup.time_s else law["time_s"] / setup.records
    if steps:
        each_s = record_s(setup, steps, law, growth) + lithiation.filling_s(steps, case, growth) / setup.records
    program = Program(steps, setup.until_V, each_s) if steps else None
    if not setup.steps_V and not setup.step and (reached := end_reached(growth, setup)):
        void, front = growth.ends_nm()
        raise ValueError(
            f"{reached} at the start already: the metal is from {void:.2f} to {front:.2f} nm, and "
            f"{growth.atoms_outside()} of its atoms are outside"
        )
    run = Plating(case, seed, growth, law, program.record_s if steps else step, Series(), [], _schedule(setup), program)
    if program:
        law["limiting_pA_nm"] = limits_pA_nm(law, growth)[growth.direction < 0]
        program.begin(0, growth, 0)
    run.record()
    return run


def sites_of(case, seed):
    """A straight periodic tubule, on which bonds are calibrated, and the sites that atoms have in the case, as graphs.

    Raises
    ------
    ValueError
        When no site touches the electrolyte, or obstacles are in the way.
    """
    setup = _at_first_step(case).growth
    periodic, graph = _tubule(case, lithiation.built_wall(case))
    graph = graph.subgraph((graph.region != Region.WALL) | (graph.z >= setup.insulator_nm * NM))
    if not _root(graph, setup).any():
        raise ValueError("no site of the channel or the wall touches the electrolyte: make insulator_nm smaller")
    a = case.metal_material.lattice_constant_A
    if setup.obstacle_fraction:
        graph = _reachable(carve(graph, _obstacles(graph, setup, seed), a), setup)
    return periodic, in_bricks(graph, 2 * a)


def _at_first_step(case):
    """The case at the overpotential that its schedule starts from, or at one with the sign of its current."""
    setup = case.growth
    first = setup.steps_V[0] if setup.steps_V else nominal_V(setup)
    if first is None:
        return case
    return case.model_copy(update={"growth": setup.model_copy(update={"overpotential_V": first})})


def _contact(setup, graph):
    """The contact of bores and wall with the electrolyte."""
    area_cm2 = (graph.shape.bore_area + graph.shape.wall_area) / CM2_IN_A2
    return Contact(setup.contact_ohm_cm2 / area_cm2, setup.exchange_mA_cm2 * 1e-3 * area_cm2)


def _schedule(setup):
    """Times of all records [s] and the overpotential that follows each [V]: every step has its part of the records."""
    times, volts = [0.0], []
    for value, duration in zip(setup.steps_V or (), setup.steps_s or (), strict=True):
        n = max(1, round(setup.records * duration / sum(setup.steps_s)))
        times += [times[-1] + duration * (k + 1) / n for k in range(n)]
        volts += [value] * n
    return (times, [*volts, volts[-1]]) if volts else ()


def _graded(case, graph, rates, model, seed):
    """The channel in cells, or None.

    Raises
    ------
    ValueError
        When the metal behind the tip may carry too much: along cells it exchanges no atoms with the channel.
    """
    if case.growth.graded == "off":
        return None
    x, period, part = model.channel_occupancy, round(metal_period(case) / graph.unit), _bulk_part(case)
    if part > case.growth.growth_error:
        raise ValueError(
            f"growth.graded: the metal in the bore carries up to {part:.2g} of what its channel does, and cells leave "
            f"out what the two exchange: at most growth_error = {case.growth.growth_error:g} is allowed; take a "
            'narrower tubule, or graded = "off"'
        )
    near = graph.z < (LEAST_ROWS + 2) * period * graph.unit  # rows that give the resistances, and those beside them
    mobility = np.ones(graph.n_site)
    untouched = metal_beside(graph.subgraph(near), case.metal_material.lattice_constant_A) == 0
    mobility[np.flatnonzero(near)[untouched]] = rates.surface / rates.interface
    rows, least_nm = Rows(graph, period, mobility), LEAST_ROWS * period * graph.unit / NM
    if rows.n_row < LEAST_ROWS:
        raise ValueError(
            f"growth.graded: cells need a tubule of about {least_nm:.2g} nm at least, and depth_nm = "
            f'{case.growth.depth_nm:g} is shorter; make it longer, or graded = "off"'
        )
    covered, bare = (rate / (x * (1 - x)) for rate in (rates.interface, rates.surface))
    return GradedChannel(rows, case.growth.fine_nm * NM, covered, bare, seed, left_out=part)


def _bulk_part(case):
    """What the metal of a full bore adds to its channel's current, by the exact network of one segment."""
    wall, a = case.walls[0], case.metal_material.lattice_constant_A
    segment = graph_of(case, wall)
    parts = regions(case, wall, case.wall[0], segment.shape)
    parts = {kind: parts[kind] for kind in (Region.BULK, Region.INTERFACE)}
    bonds = calibrate(segment, parts, dict.fromkeys(parts, a))
    both = solve(segment, {kind: found.bond_conductance for kind, found in bonds.items()})
    return max(both.total / bonds[Region.INTERFACE].alone - 1, 0.0)


def _slowing(case, graph, rates, bare, model):
    """Of hops on the metal's surface, or None."""
    setup, kelvin, a = case.growth, case.conditions.temperature_K, case.metal_material.lattice_constant_A
    if setup.surface_slowing == 1 or not rates.metal_surface:
        return None
    x, shape = model.channel_occupancy, graph.shape
    width_A = 4 * shape.bore_area / shape.perimeter
    face = bare.diffusivity_cm2_s * a / sqrt(2)  # a layer of a (110) face
    diffusivity = case.interface_diffusivity.at(kelvin)
    channel = diffusivity * case.interface.width_angstrom
    auto, atom_A3 = setup.surface_slowing == "auto", case.metal_material.atomic_volume_A3
    sites = np.flatnonzero(graph.region == Region.INTERFACE)
    sites = sites[np.argsort(graph.z[sites], kind="stable")]
    return Slowing(
        error=setup.growth_error if auto else None,
        fixed=None if auto else setup.surface_slowing,
        first_c_A=(width_A + STEPS_APART_A) * channel / (4 * face),  # twice that of spreading: so it is measured
        conductance=float(_channel_A4_s(case, diffusivity, shape.perimeter) / atom_A3 / (x * (1 - x))),
        settling_s=(width_A / a) ** 2 / rates.metal_surface,
        plain_atoms=plain_nm(width_A / NM) * atoms_per_nm(graph),
        channel=sites,
        z=graph.z[sites],
    )


def _slip(case, graph, seed):
    """Slip at the rate that the case asks for, or None."""
    setup, period = case.growth, metal_period(case)
    if not (setup.slip_1_s or setup.power_law_slip):
        return None
    return Slip(graph, round(period / graph.unit), _SlipRate(case), seed)


class _SlipRate:
    """Slips per time [1/s] of a plug by its length [Å]; no closure, so that a run can be pickled."""

    def __init__(self, case):
        setup, self.period = case.growth, metal_period(case)
        self.given_1_s, self.temperature_K = setup.slip_1_s, case.conditions.temperature_K
        self.law, self.radius_nm = PowerLaw(**case.slip.model_dump()), case.tubule.inner_width_nm / 2
        self.pressure_MPa = pressure_MPa(abs(setup.overpotential_V), case.metal_material.atomic_volume_A3)

    def __call__(self, length_A):
        if self.given_1_s:
            return self.given_1_s
        length_nm, period_nm = max(length_A, self.period) / NM, self.period / NM
        speed = self.law.plug_speed_nm_s(self.radius_nm, length_nm, self.pressure_MPa, self.temperature_K)
        return speed / period_nm


def _tubule(case, wall):
    """A straight periodic tubule, on which bonds are calibrated, and the open one that metal grows in or on."""
    setup = case.growth
    if not setup.space_nm:
        periodic = graph_of(case, wall, setup.depth_nm)
        return periodic, periodic.opened()
    metal = bcc(case.metal_material.lattice_constant_A, case.tubule.axis)
    return graph_of(case, wall), free_standing(
        shape_of(case), metal, setup.depth_nm * NM, setup.space_nm * NM, setup.side
    )


def metal_period(case):
    """Axial period of the metal [Å]."""
    return float(bcc(case.metal_material.lattice_constant_A, case.tubule.axis).lengths[2])


def _obstacles(graph, setup, seed):
    """Sites of bores inside solid particles, bool array (n_site,)."""
    rng = np.random.Generator(random_stream(seed, OBSTACLES))
    radius = setup.obstacle_radius_nm * NM
    above = setup.metal_to_nm * NM + radius  # the metal at the start stays whole
    return ~outside_particles(graph, setup.obstacle_fraction, radius, rng, above=above)


def _root(graph, setup):
    """Sites that touch the electrolyte, bool array (n_site,): channel and wall, and metal where the case lets it."""
    touches = (graph.region != Region.BULK) | setup.metal_touches_electrolyte
    return (graph.z < ROOT_A) & touches & ((graph.region == Region.WALL) | (graph.bore >= 0))


def _reachable(graph, setup):
    """The graph without the sites that obstacles enclose: those to which no path leads from the electrolyte.

    Raises
    ------
    ValueError
        When no path leads to the metal at the start, or as far as it is to grow.
    """
    label = graph.components()
    there = np.isin(label, np.unique(label[_root(graph, setup)]))
    inside = there & (graph.region == Region.BULK) & (graph.bore >= 0)
    reach_nm = graph.z[inside].max(initial=0.0) / NM
    wanted, name = (
        (setup.until_front_nm, "until_front_nm")
        if setup.overpotential_V > 0
        else (
            setup.metal_from_nm,
            "the metal, which starts at metal_from_nm",
        )
    )
    if reach_nm < wanted - ROOT_A / NM:
        raise ValueError(
            f"obstacles close the tubule at {reach_nm:.1f} nm: no path of free sites, in the bore, along its wall or "
            f"through it, leads from the electrolyte to {name} = {wanted:g} nm, and atoms have no other way; make "
            "obstacle_fraction smaller, or try another seed"
        )
    graph = graph.subgraph(there)
    return replace(graph, notes=graph.notes | {"sites_enclosed": int((~there).sum())})


def _start(graph, setup, filled, seed):
    """Metal where the case wants it; channel and wall at random, each site full with its chance."""
    rng = np.random.Generator(random_stream(seed, PLACING))
    solid = (graph.z >= setup.metal_from_nm * NM) & (graph.z < setup.metal_to_nm * NM)
    if setup.side == "inside":
        solid &= graph.bore >= 0
    occupied = np.where(graph.region == Region.BULK, solid, rng.random(graph.n_site) < filled)
    if setup.metal_to_nm and not occupied[graph.region == Region.BULK].any():
        raise ValueError("no metal at the start: metal_from_nm to metal_to_nm holds no site")
    return occupied


def _markers(graph, occupied):
    """Atoms in the core and in the middle of the metal: they do not take part in the exchange with the channel."""
    metal = occupied & (graph.region == Region.BULK)
    if not metal.any():
        return metal
    low, high = np.quantile(graph.z[metal], [0.5 - MARKED / 2, 0.5 + MARKED / 2])
    centres = np.array(graph.shape.centres)
    off_axis = np.linalg.norm(graph.xy[graph.column][:, None] - centres, axis=2).min(axis=1)
    core = off_axis < graph.shape.inner_width / 4
    return metal & core & (graph.z >= low) & (graph.z <= high)


def _channel_A4_s(case, diffusivity_cm2_s, perimeter_A):
    """c D A_path Ω of the channel [Å⁴/s]; it is as dense as the metal, c Ω = 1."""
    return diffusivity_cm2_s * CM2_IN_A2 * perimeter_A * case.interface.width_angstrom


def _law(case, interface_cm2_s, surface_cm2_s, growth):
    """B of the law L² = L₀² + 2 B t from the channel's conductance, 4 D δ f / W [nm²/s]; see `coble.kmc.growth.law`.

    D is that of the interface, which leads to the tip, or when stripping that of the surface, which leads to the
    metal.  f is the carriers' response to eU/k_BT.  The shell that is the channel needs no
    filling, so the tip of a narrow tubule runs ahead of the continuum by area / area of the metal sites.
    """
    setup, model = case.growth, growth.model
    driven = abs(response(model.channel_occupancy, setup.overpotential_V / model.kT_eV))
    diffusivity = surface_cm2_s if setup.overpotential_V < 0 else interface_cm2_s
    graph = growth.graph
    metal = atoms_per_nm(graph) / NM * case.metal_material.atomic_volume_A3
    area, perimeter = graph.shape.bore_area, graph.shape.perimeter
    if setup.side == "outside":  # a film of one layer
        area, perimeter = metal, tau * graph.shape.outer_radius
    channel = _channel_A4_s(case, diffusivity, perimeter)
    continuum = growth_constant_nm2_s(channel, area, driven)
    lattice = continuum * area / metal
    ends = (setup.metal_to_nm, setup.until_front_nm)
    if setup.overpotential_V < 0:
        ends = (setup.metal_from_nm, setup.metal_to_nm - setup.until_left_nm)
    return {
        "b_continuum_nm2_s": continuum,
        "b_nm2_s": lattice,
        "response": driven,
        "time_s": max(abs(time_to_reach_s(lattice, ends[1], ends[0])), 1 / (2 * lattice)) if lattice else setup.time_s,
    }
