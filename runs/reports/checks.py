"""Checks of a result: what was measured beside what is exact, and what has to be so, each with a traffic light.

Made from the content of result.json, or of campaign.json, alone.
"""

from dataclasses import replace
from math import hypot

from coble.kinds.campaign import tables as report_campaign
from coble.render.lights import AMBER, GREY, RED, Check, compared, light_of, stated
from coble.render.names import LABELS
from coble.reports import tabled as report_tabled


def checks_of(content):
    """All checks of a result, list of `Check`."""
    found = list(CHECKS[content["kind"]](content))
    tested = content.get("provenance", {}).get("random", {}).get("self_test")
    if tested is not None:
        said = "the kernel drew NumPy's words, and those of NumPy's own tests" if tested else "it failed: coble doctor"
        found.append(stated("random numbers pass their self-test", tested, said))
    if "interrupted" not in content:
        return found
    said = "interrupted: what is here was measured until then" if content["interrupted"] else "yes"
    return [stated("the run came to its end", not content["interrupted"], said, AMBER), *found]


CHECKS = {
    "discriminate": _discriminate,
    "plate": _plate,
    "experiment": _experiment,
    "tune": _tune,
    "sensitivity": report_tabled.sensitivity_checks,
    "creep": report_tabled.creep_checks,
    "design": report_tabled.design_checks,
    "campaign": report_campaign.checks,
}
