"""What a campaign would be."""

from coble.models.outlook import tubule
from coble.models.tubule import sites_in


def outlook(job, name, found):
    """Add points and replicas to an `Outlook`."""
    campaign, setup = job.content, job.content.setup
    grows = campaign.kind == "growth"
    largest = max((p.case for p in campaign.points), key=lambda c: sites_in(c, c.growth.depth_nm if grows else None))
    if setup.replicas:
        each = f"{setup.replicas} replicas"
    else:
        each = f"up to {setup.most_replicas} replicas, until every share is known to {setup.target_error:g}"
    found.facts += [
        ("points", f"{len(campaign.points)}, over {', '.join(axis.key for axis in setup.axis) or 'nothing'}"),
        ("each", each if grows else f"{each}, of about {setup.events:.0e} events"),
        *((f"largest {fact}", value) for fact, value in tubule(largest, grows)),
    ]
