"""What a campaign would be."""

from coble.kinds.campaign.settings import GROWS
from coble.models.tubules.outlook import tubule
from coble.models.tubules.tubule import sites_in, unbuildable
from coble.render.numbers import counted, percentage_points


def outlook(job, name, found):
    """Add points and replicas to an `Outlook`."""
    campaign, setup = job.content, job.content.setup
    grows = campaign.kind == GROWS
    deep = lambda case: case.growth.depth_nm if grows else None  # noqa: E731
    tubules = [point.case for point in campaign.points if not point.case.has_structure]
    largest = max(tubules, key=lambda case: sites_in(case, deep(case)), default=None)
    if setup.replicas:
        each = counted(setup.replicas, "replica")
    else:
        known = percentage_points(setup.target_error)
        each = f"up to {setup.most_replicas} replicas, until every share is known to {known}"
    found.facts += [
        ("points", f"{len(campaign.points)}, over {', '.join(axis.key for axis in setup.axis) or 'nothing'}"),
        ("each", each if grows else f"{each}, of about {setup.events:.0e} events"),
        *((f"largest {fact}", value) for fact, value in (tubule(largest, grows) if largest else ())),
    ]
    bad = [
        (point.values, reason)
        for point in campaign.points
        if not point.case.has_structure and (reason := unbuildable(point.case, deep(point.case)))
    ]
    if bad:
        at = ", ".join(f"{key} = {value!r}" for key, value in bad[0][0].items())
        found.warnings.append(f"{len(bad)} of {len(campaign.points)} points will fail; at {at}: {bad[0][1]}")
