"""What a run would be, said before it is run: its size, what to expect, and what is odd in its physics.

Sites and memory are estimated from areas and densities.  Where metal grows, the run is prepared and half a second of
it is tried and thrown away.  In eight runs that were made to the end, the events were 0.6 to 2.4 times what this
predicts, most of it the difference between the channel's law and the tip; stripping takes the longest against it.
"""

from dataclasses import dataclass, field
from math import acos, degrees, exp
from time import perf_counter

from coble.inputs.file_kinds import CALLED, CAMPAIGN, CASE, RATES, TARGETS
from coble.kinds.tune.targets import said_of_repeats
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.growth.power_law_creep import pressure_MPa
from coble.models.tubule import BYTES_PER_SITE, may_be_too_wide, memory_bytes, sites_in

INTERPRETER_BYTES = 250e6  # Python with its libraries, before any site
TRIAL_S, TRIAL_SITES = 0.5, 2e6  # a trial longer than this, or of more sites, is no quick look
PRESSURE_MPa = 2000.0  # a wall that holds this is stronger than ceramics in tension
SATURATED = 0.99  # filling of the channel from which on a larger drive changes nothing
LARGE_FIELD_kT = 0.2
MANY_S = 86400.0
DESIGN_S, DRAWN_PER_S = 1.0, 5e6  # a wall's design without its sample, and tubules that are drawn, on two cores
EARLY = "growth.max_events = {:.0e} ends the run before the metal is where it is to be"


@dataclass
class Outlook:
    """`what` in a few words, facts as (name, value), and warnings."""

    what: str
    facts: list = field(default_factory=list)
    warnings: list = field(default_factory=list)


def outlook(job, name):
    """The `Outlook` of a `coble.cli.jobs.Job`; `name` is what the user calls the file.

    Raises
    ------
    ValueError
        When the tubule of a case in which metal grows cannot be prepared.
    """
    if job.kind == CASE:
        return _case(job, name)
    if job.kind == TARGETS:
        return _targets(job, name)
    if job.kind == CAMPAIGN:
        return _campaign(job, name)
    hops = ", ".join(job.content.hop)
    found = Outlook(CALLED[RATES])
    found.facts = [("holds at", f"{job.content.temperature_K:g} K"), ("classes", hops)]
    found.facts.append(("use it", f"coble plate --rates {name}, or with any other command that takes a case"))
    return found


def _targets(job, name):
    targets, case, free, ties = job.content
    found = Outlook(CALLED[TARGETS])
    found.facts = [("run it", f"coble tune {name}"), ("targets", ", ".join(target.label for target in targets))]
    tied = f"; tied: {', '.join(ties)}" if ties else ""
    found.facts += [("free rates", ", ".join(free) + tied), *_tubule(case)]
    if len(free) == len(targets):
        found.warnings.append("as many free rates as targets: the fit cannot tell whether the targets agree")
    found.warnings += said_of_repeats(targets)
    return found


def _campaign(job, name):
    campaign, setup = job.content, job.content.setup
    found = Outlook(CALLED[CAMPAIGN])
    grows = campaign.kind == "growth"
    largest = max((p.case for p in campaign.points), key=lambda c: sites_in(c, c.growth.depth_nm if grows else None))
    if setup.replicas:
        each = f"{setup.replicas} replicas"
    else:
        each = f"up to {setup.most_replicas} replicas, until every share is known to {setup.target_error:g}"
    found.facts = [
        ("run it", f"coble sweep {name}"),
        ("points", f"{len(campaign.points)}, over {', '.join(axis.key for axis in setup.axis) or 'nothing'}"),
        ("each", each if grows else f"{each}, of about {setup.events:.0e} events"),
        *((f"largest {fact}", value) for fact, value in _tubule(largest, grows)),
    ]
    return found


def _case(job, name):
    case, command = job.content, job.command
    options = "".join(f" --experiment {each}" for each in job.experiments)
    if command == "creep":
        return _grains(case, name)
    found = Outlook(CALLED[CASE])
    found.facts = [("run it", f"coble {command} {name}{options}")]
    found.warnings += _odd_rates(case)
    if command == "design":
        _designed(case, found)
        return found
    found.facts += _tubule(case, command != "discriminate")
    if command == "discriminate":
        _driven(case, job.experiments, found)
    else:
        _grown(case, command, found)
    return found


def _sizes(case, along=""):
    """Shape, sizes, walls and temperature in a line."""
    tubule, walls = case.tubule, ", ".join(wall.name for wall in case.wall)
    size = f"W = {tubule.inner_width_nm:g} nm, w = {tubule.wall_thickness_nm:g} nm{along}"
    return f"{tubule.shape}, {size}; {walls}; {case.conditions.temperature_K:g} K"


def _grains(case, name):
    creep, run, a = case.creep, case.run, case.metal_material.lattice_constant_A
    largest = max(creep.grains_cells)
    sizes = ", ".join(f"{(cells + 0.5) * a / 10:.1f}" for cells in creep.grains_cells)
    tensions = ", ".join(f"{tension:g}" for tension in creep.tensions_MPa)
    found = Outlook(CALLED[CASE])
    found.facts = [
        ("run it", f"coble creep {name}"),
        ("grains", f"d = {sizes} nm at {creep.tension_MPa:g} MPa; one at {tensions} MPa"),
        ("size", f"at most {largest**3 + (largest + 1) ** 3:.1e} sites"),
        ("ends", f"when every strain rate is known to {run.target_error:g}, or after {run.max_events:.0e} events each"),
    ]
    return found


def _tubule(case, grown=False):
    depth = case.growth.depth_nm if grown else None
    sites = sites_in(case, depth)
    along = f"{depth:g} nm deep" if grown else f"a period of {case.tubule.segment_nm:g} nm"
    yield "tubule", _sizes(case, f", {along}")
    need = sites * BYTES_PER_SITE + INTERPRETER_BYTES
    yield "size", f"about {sites:.1e} sites, at most {need / 2**30:.1f} of {memory_bytes() / 2**30:.0f} GiB"


# --- What to expect ---


def _driven(case, experiments, found):
    """A driven segment, which stops at an error."""
    run = case.run
    what = "every speed" if experiments else "every share"
    ends = f"when {what} is known to {run.target_error:g}, or after {run.max_events:.0e} events"
    each = "of each mechanism and tubule" if experiments else "per wall, as many again with each path switched off"
    found.facts.append(("ends", f"{ends} {each}"))
    if run.field_kT > LARGE_FIELD_kT:
        found.warnings.append(
            f"run.field_kT = {run.field_kT:g}: so large a field pumps atoms from region to region; shares are those of "
            f"linear response below {LARGE_FIELD_kT:g}"
        )
    for wall, section in zip(case.walls, case.wall, strict=True):
        if may_be_too_wide(case, wall, section):
            found.warnings.append(f"wall '{wall.name}': rates may lie too far apart for one table; the run looks first")
    if experiments:
        _drive(case, case.experiment.overpotential_V, "experiment.overpotential_V", found)


def _grown(case, command, found):
    """Metal that grows or shrinks: its drive and its law, and what half a second of it gives."""
    setup = case.growth
    drives = setup.steps_V or (setup.overpotential_V,)
    drive = max(drives, key=abs)
    _drive(case, drive, "growth.steps_V" if setup.steps_V else "growth.overpotential_V", found)
    cosine = 2 * case.bonds.wetting - 1
    angle = "wets completely" if cosine >= 1 else f"contact angle {degrees(acos(max(cosine, -1.0))):.0f} degrees"
    found.facts.append(("metal on wall", angle))
    if command == "plate" and cosine < 0:
        found.warnings.append(
            "bonds.wetting: the metal does not wet the wall, and enters the tubule only under pressure"
        )
    if sites_in(case, setup.depth_nm) > TRIAL_SITES:
        found.facts.append(("expect", "not tried: too many sites for a quick look"))
        return

    from coble.kinds.growth.setup import prepare

    run, started = prepare(case), perf_counter()
    run.run(lambda: perf_counter() - started > TRIAL_S)
    seconds, growth = perf_counter() - started, run.growth
    per_second = growth.kernel.n_event / seconds
    if run.reason:
        found.facts.append(("expect", f"over in {seconds:.1f} s: {run.reason}"))
        if growth.kernel.n_event >= setup.max_events:
            found.warnings.append(EARLY.format(setup.max_events))
        return
    law_s = run.law["time_s"] if drive else None
    time_s, why = setup.time_s, "as the case says"
    if setup.steps_s:
        time_s, why = sum(setup.steps_s), "as its steps say"
    elif setup.cycles:
        time_s, why = 2 * setup.cycles * law_s, "by the channel's conductance"
    elif not time_s and not setup.until_outside_atoms:
        time_s, why = law_s, "by the channel's conductance"
    if not time_s or not growth.time:
        found.facts.append(("expect", f"{per_second:.1e} events/s; the end cannot be predicted"))
        return
    events = growth.kernel.n_event / growth.time * time_s
    found.facts.append(("simulated", f"{time_s:.1e} s, {why}"))
    takes = f"{min(events, setup.max_events) / per_second:.0f} s at {per_second:.1e} events/s here"
    found.facts.append(("expect", f"about {events:.0e} events, {takes} (to a factor of three)"))
    if events > setup.max_events:
        found.warnings.append(EARLY.format(setup.max_events))
    elif events / per_second > MANY_S:
        found.warnings.append("days of running: the time goes as W and as the square of the length; try a narrower one")
    if setup.time_s and law_s and setup.time_s < 0.1 * law_s and not setup.steps_s:
        found.warnings.append(f"growth.time_s = {setup.time_s:g} s ends it early: the way takes about {law_s:.0e} s")


def _designed(case, found):
    """A cell of many tubules, which are drawn."""
    setup = case.design
    wanted = f"{setup.current_mA_cm2:g} mA/cm2, {setup.capacity_mAh_cm2:g} mAh/cm2, {setup.depth_um:g} um deep"
    seconds = len(case.wall) * (DESIGN_S + setup.samples / DRAWN_PER_S)
    found.facts += [("tubule", _sizes(case)), ("cell", wanted)]
    found.facts.append(("draws", f"{setup.samples:.0e} of {setup.tubules:.0e} tubules per wall, about {seconds:.0f} s"))
    _drive(case, setup.overpotential_V, "design.overpotential_V", found)


def _drive(case, volts, key, found):
    """What an overpotential means: a pressure on the metal, and how full it makes the channel."""
    kT, x = BOLTZMANN_EV_K * case.conditions.temperature_K, case.interface.occupancy
    pressure = pressure_MPa(abs(volts), case.metal_material.atomic_volume_A3)
    species = case.metal_material.species
    found.facts.append(("drive", f"U = {volts:g} V: {pressure:.0f} MPa on {species}, eU = {abs(volts) / kT:.1f} k_BT"))
    if pressure > PRESSURE_MPa:
        found.warnings.append(
            f"{key} = {volts:g} V is a pressure of {pressure / 1000:.1f} GPa on {species}: more than a wall can hold "
            "(a volt on lithium is 7.4 GPa); is it in mV?"
        )
    filled = 1 / (1 + (1 - x) / x * exp(-volts / kT))
    if not 1 - SATURATED < filled < SATURATED:
        does = "fills" if volts > 0 else "empties"
        found.warnings.append(f"{key} = {volts:g} V {does} the channel ({filled:.1%}): a larger one is no faster")


# --- What is odd ---


def _odd_rates(case):
    """Diffusivities in an order that no metal has."""
    at = case.conditions.temperature_K
    metal, interface, surface = (
        found.at(at) for found in (case.metal_diffusivity, case.interface_diffusivity, case.surface_diffusivity)
    )
    if metal > interface:
        yield f"metal.diffusivity_cm2_s: faster ({metal:.1e}) than along the interface ({interface:.1e}) at {at:g} K"
    if interface > surface:
        yield f"interface.diffusivity_cm2_s: faster ({interface:.1e}) than on the free surface ({surface:.1e})"
