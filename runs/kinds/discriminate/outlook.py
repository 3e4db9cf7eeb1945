"""What a run of discriminate would be."""

from coble.kmc.estimates.measure import EPISODE_EVENTS
from coble.kmc.network.driven import tilt_kT
from coble.models.host import StructureHost
from coble.models.structures.outlook import structure
from coble.models.tubules.outlook import odd_rates, tubule
from coble.models.tubules.tubule import may_be_too_wide
from coble.render.numbers import percentage_points

LARGE_FIELD_kT = 0.2
MOST_BELOW = 0.005  # of a current, by which it may be below linear response without a warning


def outlook(job, name, found):
    """Add a driven segment, which stops at an error, to an `Outlook`."""
    case = job.content
    if case.has_structure:
        host = StructureHost(case)
        solution = host.solve()
        structure(case, found, host, solution)
        if case.has_image:
            found.warnings += _of_image(host, solution.potential)
    else:
        found.warnings += odd_rates(case)
        found.facts += tubule(case)
    run = case.run
    limit = max(run.max_events, run.replicas * EPISODE_EVENTS)  # an episode of each replica is always run
    ends = f"when every share is known to {percentage_points(run.target_error)}, or after {limit:.0e} events"
    per = "" if case.has_structure else " per wall"
    found.facts.append(("ends", f"{ends}{per}; then a short run with each path switched off"))
    if run.field_kT > LARGE_FIELD_kT and not case.has_image:  # images have their own
        found.warnings.append(
            f"run.field_kT = {run.field_kT:g}: so large a field pumps atoms from region to region; shares are those of "
            f"linear response below {LARGE_FIELD_kT:g}"
        )
    for wall, section in zip(case.walls, case.wall, strict=True):
        if may_be_too_wide(case, wall, section):
            found.warnings.append(f"wall '{wall.name}': rates may lie too far apart for one table; the run looks first")


def _of_image(host, potential):
    """Whether the field is too strong for an image that is not the same all along its axis: sentences."""
    tilt, field = tilt_kT(potential, host.field_kT_per_A), host.case.run.field_kT
    below = tilt**2 / 4
    if host.is_stack and below > MOST_BELOW:
        weaker = field * (MOST_BELOW / below) ** 0.5
        yield (
            f"run.field_kT = {field:g} raises and lowers sites of this stack by {tilt:.2g} kT (rms): hops "
            f"will be about {100 * below:.2g} % below the exact network; run.field_kT = {weaker:.1g} costs "
            f"{100 * MOST_BELOW:g} %"
        )
