"""How a run of `coble discriminate` comes to its knowledge, and the verdict to its second sentence."""

from dataclasses import replace

from coble.kinds.discriminate.knowledge.shares import knowledge_of
from coble.kinds.discriminate.knowledge.simulated import POINTS, checked
from coble.kmc.estimates.verdict import dominant_path


def knowledge_settings(knowledge, check_knowledge):
    """What the settings of a result say of it; nothing when it is as always, dict."""
    return ({} if knowledge else {"knowledge": False}) | ({"check_knowledge": True} if check_knowledge else {})


def known_of_wall(job, host, solution):
    """The `Knowledge` of a wall; None when it was not asked, or without ranges.

    Parameters
    ----------
    job : the job of `coble.kinds.discriminate.job.Job`
    host : TubuleHost or StructureHost
    solution : NetworkSolution
    """
    if not job.settings.get("knowledge", True):
        return None
    solving = lambda number, of: job.report(host.name, f"network {number} of {of} of the prior", None)  # noqa: E731
    running = {"should_stop": job.should_stop, "tell": solving} if host.case.has_structure else {}
    return knowledge_of(host, solution, **running)


def checked_of_wall(job, host, knowledge):
    """The same `Knowledge`, checked on the cores of the job; never called on one of these.  None stays None."""
    if knowledge is None:
        return knowledge

    def tell(number, progress):
        job.report(host.name, f"point {number + 1} of {POINTS} of the prior", progress)

    running = {"pool": job.cores, "should_stop": job.should_stop, "report": tell}
    found = checked(knowledge, host, job.settings, points=POINTS, **running)
    return replace(knowledge, checked=found)


def with_knowledge(knowledge, *verdict_of):
    """The verdict, with what is known over the ranges as a second sentence; `verdict_of` as of `dominant_path`."""
    if knowledge is None:
        return dominant_path(*verdict_of)
    verdict = dominant_path(*verdict_of, at=" at the stated numbers")
    return replace(verdict, sentence=f"{verdict.sentence} {knowledge.sentence}")


def again(content):
    """Words of the command that makes a result again."""
    settings = content["provenance"]["settings"]
    without = ["--no-knowledge"] * (not settings.get("knowledge", True))
    return ["discriminate", "case.toml", *without, *["--check-knowledge"] * bool(settings.get("check_knowledge"))]
