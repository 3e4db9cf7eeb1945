"""What a tuning would be."""

from coble.kinds.tune.targets import said_of_repeats
from coble.models.tubules.outlook import tubule


def outlook(job, name, found):
    """Add targets and free rates to an `Outlook`."""
    targets, case, free, ties = job.content
    found.facts += [("targets", ", ".join(target.label for target in targets))]
    tied = f"; tied: {', '.join(ties)}" if ties else ""
    found.facts += [("free rates", ", ".join(free) + tied), *tubule(case)]
    if len(free) == len(targets):
        found.warnings.append("as many free rates as targets: the fit cannot tell whether the targets agree")
    found.warnings += said_of_repeats(targets)
