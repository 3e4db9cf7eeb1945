"""Checks of a result: those of its kind, and what has to be so of every run, each with a traffic light."""

from coble.kinds.registry import kind_of
from coble.render.lights import AMBER, stated
from coble.render.table import Table


def checks_of(content):
    """All checks of a result, list of `Check`."""
    kind = kind_of(content)
    found = list(kind.checks(content))
    tested = content.get("provenance", {}).get("random", {}).get("self_test")
    if tested is not None:
        said = "the kernel drew NumPy's words, and those of NumPy's own tests" if tested else "it failed: coble doctor"
        found.append(stated("random numbers pass their self-test", tested, said))
    if "interrupted" not in content:
        return found
    cut = kind.not_reached(content) or "interrupted: what is here was measured until then"
    said = cut if content["interrupted"] else "yes"
    return [stated("the run came to its end", not content["interrupted"], said, AMBER), *found]


def check_table(checks):
    """The checks as numbers, for a CSV."""
    headings = ["check", "light", "measured", "expected", "stderr", "sigmas", "unit", "said"]
    rows = [[getattr(check, name, "") for name in ("what", *headings[1:])] for check in checks]
    return Table("Checks", headings, rows, name="checks")
