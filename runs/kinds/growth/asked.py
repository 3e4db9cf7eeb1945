"""What a case of growth asks for: its command, why another one refuses it, and what a run would be.

Of the run half a second is tried and thrown away.  In eight runs that were made to the end, the events were 0.6 to 2.4
times what this predicts, most of it the difference between the channel's law and the tip; stripping takes the longest
against it.
"""

from math import acos, degrees
from time import perf_counter

from coble.inputs.growth.steps import nominal_V
from coble.models.tubules.outlook import drive, odd_rates, tubule
from coble.models.tubules.tubule import sites_in, unbuildable

WHY_MEANT = {
    "cycle": "growth.cycles is not 0",
    "strip": "growth.overpotential_V, the first of growth.steps_V or the current is negative",
    "plate": "growth.overpotential_V, the first of growth.steps_V or the current is positive, and growth.cycles is 0",
}


TRIAL_S, TRIAL_SITES = 0.5, 2e6  # a trial longer than this, or of more sites, is no quick look
MANY_S = 86400.0
EARLY = "growth.max_events = {:.0e} ends the run before the metal is where it is to be"


def drive_of(growth):
    """What drives a case of growth, given as a dict, in words."""
    if growth.get("step"):
        steps = len(growth["step"])
        return f"{steps} step{'s'[: steps > 1]}"
    for key, unit in (("current_pA", "pA"), ("current_mA_cm2", "mA/cm²")):
        if growth.get(key):
            return f"I = {growth[key]:g} {unit}"
    return f"U = {growth['overpotential_V']:g} V"


def command_for(case):
    """`plate`, `strip` or `cycle`; None for a case without growth."""
    growth = case.growth
    if not case.grows:
        return None
    drive = growth.steps_V[0] if growth.steps_V else nominal_V(growth) or growth.overpotential_V
    return "cycle" if growth.cycles else "strip" if drive < 0 else "plate"


def refusals(case, command):
    """Why a command of growth refuses a case before any work, list of str."""
    meant = command_for(case)
    if meant is None and command != "plate":  # the defaults of [growth] are those of plating
        return [f"has no [growth]; `coble init {command}` writes a case with one"]
    if meant not in (None, command):
        return [f"is a case for `coble {meant}`: {WHY_MEANT[meant]}"]
    if len(case.wall) > 1:
        return [f"wall: metal grows into a tubule with one wall, got {len(case.wall)}: leave one"]
    reason = unbuildable(case, case.growth.depth_nm)
    return [reason] if reason else []


def outlook(job, name, found):
    """Metal that grows or shrinks: its drive and its law, and what half a second of it gives."""
    case, command = job.content, job.command
    found.warnings += odd_rates(case)
    found.facts += tubule(case, grown=True)
    setup = case.growth
    drives = setup.steps_V or (nominal_V(setup) or setup.overpotential_V,)
    volts = max(drives, key=abs)
    if setup.step or nominal_V(setup):
        found.facts.append(("drive", drive_of(setup.model_dump())))
    else:
        drive(case, volts, "growth.steps_V" if setup.steps_V else "growth.overpotential_V", found)
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
    law_s = run.law["time_s"] if volts else None
    time_s, why = setup.time_s, "as the case says"
    if run.program:
        time_s, why = run.program.record_s * setup.records, "by its currents and the channel's conductance"
    elif setup.steps_s:
        time_s, why = sum(setup.steps_s), "as its steps say"
    elif setup.cycles:
        time_s, why = 2 * setup.cycles * law_s, "by the channel's conductance"
    elif not time_s and not setup.until_outside_atoms:
        time_s, why = law_s, "by the channel's conductance"
    if not time_s or not growth.time or not growth.kernel.n_event:  # a busy machine may have done nothing yet
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
