"""Which path carries the current?  One case, each of its walls: measured, exact and by formula, with a verdict.

For every wall, or for a structure: build the lattice, calibrate its bonds, solve the network exactly, follow tracers,
run the driven segment until the shares are known, run it again with each path switched off, and judge.  Where there are
several cores, the next wall is begun while one runs, on what that leaves idle.
"""

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from time import perf_counter

from coble.kinds.discriminate.answer import Discrimination
from coble.kinds.discriminate.job import Job
from coble.kinds.discriminate.knowledge.run import knowledge_settings
from coble.kmc.estimates.cores import Cores
from coble.kmc.kernel.lowering import RateRangeError
from coble.kmc.kernel.segment import Segment
from coble.models.host import hosts_of
from coble.models.tubules.tubule import unbuildable
from coble.render.palette import is_colour
from coble.store.status import VERDICT

QUICK_ERROR = 0.03
AT_ONCE = 2  # walls that are in memory


def discriminate(
    case,
    *,
    seed=None,
    replicas=None,
    workers=1,
    target_error=None,
    quick=False,
    knowledge=True,
    check_knowledge=False,
    should_stop=None,
    report=None,
    ahead=None,
):
    """Answer the question for every wall of a case.

    Parameters
    ----------
    case : Case
    seed, replicas, target_error : optional
        Instead of the case's.
    workers : int
        Threads; the numbers do not depend on it.
    quick : bool
        A first look: standard errors of 0.03, no tracers and no runs with a path switched off.
    knowledge : bool
        Whether to say, too, what the shares are over the ranges of unknown numbers.
    check_knowledge : bool
        Whether to hold that against simulations at points of the prior.
    should_stop : callable, optional
        When it turns true, the walls done so far are returned.
    report, ahead : callable (wall name, stage, Progress or None), optional
        Of the first wall that is not done, and of those after it.

    Returns
    -------
    Discrimination

    Raises
    ------
    RateRangeError
        When the rates of a wall's case lie too far apart, or too little of a structure can move, before any run.
    """
    started = perf_counter()
    settings = {
        "seed": case.run.seed if seed is None else seed,
        "replicas": case.run.replicas if replicas is None else replicas,
        "target_error": target_error or max(case.run.target_error, QUICK_ERROR if quick else 0.0),
        "max_events": case.run.max_events,
        "matching": case.run.matching,
        "field_kT": case.run.field_kT,
        "quick": quick,
        **knowledge_settings(knowledge, check_knowledge),
    }
    should_stop, hosts = should_stop or (lambda: False), hosts_of(case)
    report, ahead = (each or (lambda *_: None) for each in (report, ahead))
    for host in hosts:
        if host.may_be_too_wide:
            check_rates(host, report)
        if case.has_structure and (reason := too_few_carriers(host)):
            raise RateRangeError(reason)
    traced = {}

    def run(host, cores, stopped, say):
        found = Job(host, settings, workers, cores, traced, stopped, say).run()
        if found and host is not hosts[-1] and not stopped():  # the lattice of the last wall goes into the files
            found.host.let_go()
            host.let_go()
        return found

    walls = in_order(hosts, run, workers, should_stop, report, ahead)
    walls = [wall for wall in walls if wall]
    return Discrimination(case, walls, settings, should_stop(), round(perf_counter() - started, 3))


def in_order(hosts, run, workers, should_stop, report, ahead=lambda *_: None):
    """What is found of every wall, in their order; while one runs, the next takes the cores that it leaves idle.

    Of what the others say meanwhile the last is reported when all before them are done.  After a stop only verdicts
    are.

    Parameters
    ----------
    hosts : sequence of hosts
    run : callable (host, cores, should_stop, report)
        Called in a thread of its own.
    workers : int
    should_stop : callable
    report, ahead : callable
        Called by this thread, with what the first wall that is not done says, and with what those after it say.

    Returns
    -------
    list
    """
    heard, said, ended, found, failed = SimpleQueue(), {}, set(), [], []
    stopped = lambda: bool(failed) or should_stop()  # noqa: E731

    def tell(wall, stage, *progress):
        if stage.startswith(VERDICT) or not stopped():
            report(wall, stage, *progress)

    with Cores(workers) as cores, ThreadPoolExecutor(min(workers, AT_ONCE)) as threads:
        try:
            jobs = []
            for number, host in enumerate(hosts):
                say = lambda *words, number=number: heard.put((number, words))  # noqa: E731
                jobs.append(threads.submit(run, host, cores.at(number), stopped, say))
                jobs[-1].add_done_callback(lambda _, number=number: heard.put((number, None)))
            while len(found) < len(jobs):
                number, words = heard.get()
                if words is None:
                    ended.add(number)
                elif number == len(found):
                    tell(*words)
                else:
                    said[number] = words
                    if not stopped():
                        ahead(*words)
                while len(found) in ended:
                    found.append(jobs[len(found)].result())
                    if words := said.pop(len(found), None):
                        tell(*words)
        except BaseException as error:
            failed.append(error)  # so that all others end
            raise
    return found


def check_rates(host, report):
    """Refuse rates that cannot stand in one table, by making that table."""
    report(host.name, "checking the range of the rates", None)
    try:
        Segment(host.graph, host.rates, field_kT_per_A=host.field_kT_per_A)
    except RateRangeError as error:
        raise RateRangeError(f"{host.what} {host.name!r}: {error}") from None


def too_few_carriers(host):
    """Why nothing would move in a structure; None where something does."""
    x = host.rates.site_occupancy(host.graph)
    carriers = min(x.sum(), (1 - x).sum())
    if carriers >= 1:
        return None
    return (
        f"structure {host.name!r}: its {len(x):,} sites hold {carriers:.2g} carriers in the mean, fewer than one, so "
        "that nothing would move: repeat its cell, or change `occupancy`"
    )


def refusals(case, command="discriminate"):
    """Why a case is refused before any work, list of str."""
    if case.has_structure:
        return list(refused_of_structure(case))
    reason = unbuildable(case)
    return [reason] if reason else []


def refused_of_structure(case):
    """What a case on a structure has that only tubules can use."""
    if case.run.matching != "conductance":
        yield (
            f"run.matching: must be 'conductance' for a structure, got {case.run.matching!r}: the rates of a structure "
            "are given, not matched to tracers"
        )
    for number, region in enumerate(case.region):
        if region.colour is not None and not is_colour(region.colour):
            yield (
                f"region[{number + 1}].colour: must be a colour as matplotlib names it, like 'tab:blue' or '#0072B2', "
                f"got {region.colour!r}"
            )
