"""One function for every kind of run, all with one shape of signature, and what is done with results.

A case is a `Case`, the path of a case file, or the name of a built-in one, as "plate" (`coble init --list`).

All verbs take:

seed : int, optional
    Instead of the case's.
workers : int
    Threads, or processes of a sweep; the numbers do not depend on it.  Metal that grows takes one.
progress : "auto", True or False
    A line in a terminal, a bar in a notebook where tqdm and ipywidgets are there; else nothing, unless it is True.
should_stop : callable, optional
    When it turns true, the run ends, and what was measured until then is the result.
rates : path-like, optional
    Rate table to use instead of the case's diffusivities, as `--rates` of the commands.
attach : (function, interval), or a list of such pairs
    Functions that are called while the run goes on, as in ASE: where metal grows every `interval` records, with the
    run (`coble.kinds.growth.run.Plating`); in a sweep every `interval` looks, with the campaign; else every `interval`
    reports, with a `Standing`.  A function that takes no arguments gets none.

A case that cannot be run raises `CaseError` before any work, with the reasons that the command gives.
"""

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from coble.as_commanded import as_commanded
from coble.asking import AnyCase, Job, Stop, asked, known_names, never, refuse, stored, telling
from coble.inputs.case import read_text
from coble.result import AnyPath, AnyResult, Result
from coble.showing import Attached, Show

if TYPE_CHECKING:
    from coble.kmc.estimates.estimate import Estimate


# ---- which path, which mechanism ---------------------------------------------------------------------------------


@as_commanded("discriminate.command", "discriminate")
def discriminate(
    case: AnyCase = "paper",
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
    replicas: int | None = None,
    target_error: float | None = None,
    quick: bool = False,
    knowledge: bool = True,
    check_knowledge: bool = False,
) -> Result:
    """Which path carries the metal along a tubule: interface, wall, bulk or surface?  For every wall of the case.

    Parameters
    ----------
    case : Case, path-like or str
    seed, workers, progress, should_stop, rates, attach
        As of all verbs.
    replicas : int, optional
        Independent runs, instead of the case's.
    target_error : float, optional
        Standard error of every share at which to stop, instead of the case's.
    quick : bool
        A first look: standard errors of 0.03, no tracers and no runs with a path switched off.
    knowledge : bool
        Whether to say, too, what the shares are over the ranges of unknown numbers.
    check_knowledge : bool
        Whether to hold that against simulations at points of the prior.

    Returns
    -------
    Result

    Raises
    ------
    CaseError
    RateRangeError
        When the rates of a wall's case lie too far apart, before any wall is run.
    """
    from coble.console.progress import Display
    from coble.kinds.discriminate import KIND
    from coble.kinds.discriminate.run import discriminate as run
    from coble.models.host import hosts_of

    job = asked(KIND, "discriminate", case, rates)
    with telling(Display, progress, attach) as tell:
        found = run(
            job.case,
            seed=seed,
            replicas=replicas,
            workers=workers,
            target_error=target_error,
            quick=quick,
            knowledge=knowledge,
            check_knowledge=check_knowledge,
            should_stop=should_stop,
            report=tell.of([host.name for host in hosts_of(job.case)], quick=quick),
            ahead=tell.ahead,
        )
    return stored(job, found)


@as_commanded("discriminate.command", "discriminate")
def experiment(
    case: AnyCase = "mechanisms",
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
    which: Sequence[str] | None = None,
    truth: str = "case",
    observed: "Mapping[str, Estimate | tuple[float, float]] | None" = None,
    replicas: int | None = None,
    target_error: float | None = None,
    quick: bool = False,
    knowledge: bool = True,
) -> Result:
    """Which mechanism gives what was seen?  How the tip answers to a void, obstacles, another wall, width or heat.

    Parameters
    ----------
    case : Case, path-like or str
    seed, workers, progress, should_stop, rates, attach
        As of all verbs.
    which : sequence of str, optional
        Of "void", "obstacles", "wall-swap", "width" and "temperature"; default those that the case names.
    truth : str
        What to simulate as the observation: one mechanism by itself, or "case", in which all compete.
    observed : dict of name → Estimate or (value, standard error), optional
        What was seen, instead.
    replicas : int, optional
        Independent runs, instead of the case's.
    target_error : float, optional
        Of every speed over that of the unobstructed path, instead of the case's.
    quick : bool
        A first look: errors of 0.05.
    knowledge : bool
        Whether numbers that are not known are integrated over, and drawn for a simulated truth; else all are exact.

    Returns
    -------
    Result
    """
    from coble.console.progress import Display
    from coble.kinds.experiment import KIND
    from coble.kinds.experiment.run import EXPERIMENTS, plan
    from coble.kinds.experiment.run import experiment as run
    from coble.models.tubules.experiment_tubule import truths

    known_names("which", which or (), EXPERIMENTS)
    if truth != "case" and observed:
        raise ValueError("truth simulates an observation and observed gives one: give one of the two")
    seen = {name: _estimate(value) for name, value in observed.items()} if observed else None
    names = None if which is None else tuple(dict.fromkeys(which))
    job = asked(KIND, "discriminate", case, rates, names)
    known_names("truth", (truth,), truths())  # plug-ins of the case may have brought some
    names = names or tuple(job.case.experiment.which)
    plan(job.case, names, seen or ())
    with telling(Display, progress, attach) as tell:
        found = run(
            job.case,
            names,
            truth=truth,
            observed=seen,
            seed=seed,
            replicas=replicas,
            workers=workers,
            target_error=target_error,
            quick=quick,
            knowledge=knowledge,
            should_stop=should_stop or never,
            report=tell.show,
        )
    return stored(job, found)


def _estimate(value: "Estimate | tuple[float, float]") -> "Estimate":
    """What was seen, as an estimate."""
    from coble.kmc.estimates.estimate import Estimate

    if isinstance(value, Estimate):
        return value
    if not value[1] > 0:
        raise ValueError(f"observed: the error must be > 0, nothing is seen without one, got {value[1]!r}")
    return Estimate(float(value[0]), float(value[1]), inf, "given")


# ---- creep of grains ---------------------------------------------------------------------------------------------


@as_commanded("creep.command", "creep")
def creep(
    case: AnyCase = "creep",
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
    target_error: float | None = None,
) -> Result:
    """Creep of grains by diffusion: strain rate against grain size and tension, from hops.

    Parameters
    ----------
    case : Case, path-like or str
    seed, workers, progress, should_stop, rates, attach
        As of all verbs.
    target_error : float, optional
        Relative standard error of every strain rate, instead of the case's.

    Returns
    -------
    Result
    """
    from coble.console.progress import Live
    from coble.kinds.creep import KIND
    from coble.kinds.creep.run import creep as run

    job = asked(KIND, "creep", case, rates)
    with telling(Live, progress, attach) as tell:
        found = run(
            job.case,
            seed=seed,
            workers=workers,
            target_error=target_error,
            should_stop=should_stop or never,
            report=tell.say,
        )
    return stored(job, found)


# ---- crystals ----------------------------------------------------------------------------------------------------


@as_commanded("diffuse.command", "diffuse")
def diffuse(
    case: AnyCase = "structure",
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
    replicas: int | None = None,
    target_error: float | None = None,
) -> Result:
    """Diffusion in a crystal: tensors of tracer and collective diffusion, their ratio, and their activation energies.

    Parameters
    ----------
    case : Case, path-like or str
        With a structure: `Case(structure=lattice, ...)`.
    seed, workers, progress, should_stop, rates, attach
        As of all verbs.
    replicas : int, optional
        Independent runs, instead of the case's.
    target_error : float, optional
        Relative standard error of both diffusivities, averaged over directions, instead of the case's.

    Returns
    -------
    Result
    """
    from coble.console.progress import Live
    from coble.kinds.diffuse import KIND
    from coble.kinds.diffuse.run import diffuse as run

    job = asked(KIND, "diffuse", case, rates)
    with telling(Live, progress, attach) as tell:
        found = run(
            job.case,
            seed=seed,
            replicas=replicas,
            workers=workers,
            target_error=target_error,
            should_stop=should_stop or never,
            report=tell.say,
        )
    return stored(job, found)


# ---- cells -------------------------------------------------------------------------------------------------------


@as_commanded("design.command", "design")
def design(
    case: AnyCase | None = None,
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
    source: AnyResult | None = None,
) -> Result:
    """From tubule to cell: what conductances mean for a device.

    Parameters
    ----------
    case : Case, path-like or str, optional
        Default that of `source`, or else the paper's cell, whose numbers are then held against ours.
    seed, workers, progress, should_stop, rates, attach
        As of all verbs.
    source : Result or path-like, optional
        Of `discriminate`, or its folder: its conductances, instead of the formula's.

    Returns
    -------
    Result
    """
    from coble.console.progress import Live
    from coble.kinds.design import KIND
    from coble.kinds.design.measured_paths import measured, read_result
    from coble.kinds.design.run import design as run

    place = source.folder if isinstance(source, Result) else source
    given = read_result(place) if place is not None else None
    if case is None:
        case = "design" if place is None else Path(place, "case.toml")
    job = asked(KIND, "design", case, rates)
    paths = measured(job.case, given, place) if given else None
    with telling(Live, progress, attach) as tell:
        found = run(job.case, paths, seed=seed, workers=workers, should_stop=should_stop or never, report=tell.say)
    return stored(job, found)


# ---- rates -------------------------------------------------------------------------------------------------------


@as_commanded("tune.command", "tune")
def tune(
    targets: AnyPath,
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
) -> Result:
    """Find the hop rates that give measured numbers; name those that are not identifiable.

    Parameters
    ----------
    targets : path-like
        Target file: `coble init targets` writes one.
    seed, workers, progress, should_stop, rates, attach
        As of all verbs; the rates to start from stand in the target file, and not here.

    Returns
    -------
    Result
        Its folder holds `rates.toml`, for `rates` of the other verbs.

    Raises
    ------
    NothingMeasured
        When it was stopped before the first batch was done.
    """
    from coble.console.progress import Live
    from coble.kinds.tune import KIND
    from coble.kinds.tune.run import tune as run

    if rates is not None:
        raise ValueError("rates: the table to start from stands in the target file")
    assert KIND.load is not None
    path = Path(targets)
    text, content = read_text(path, "`coble init targets` writes one to start from"), KIND.load(path)
    refuse(path.stem, KIND.refusals(content))
    job = Job(KIND, path.stem, content[1], text)
    with telling(Live, progress, attach) as tell:
        found = run(
            *content,
            seed=seed,
            workers=workers,
            should_stop=should_stop or never,
            report=tell.say,
        )
    return stored(job, found)


@as_commanded("sensitivity.command", "sensitivity")
def sensitivity(
    case: AnyCase = "mechanisms",
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
    void_fraction: float = 0.0,
    measured: bool = False,
    error: float = 0.03,
    runs: int = 16,
) -> Result:
    """Degree of rate control: how a result responds to every class of hops, d ln X / d ln k.

    Parameters
    ----------
    case : Case, path-like or str
    seed, workers, progress, should_stop, rates, attach
        As of all verbs.
    void_fraction : float
        Part of the way that is empty.
    measured : bool
        From runs, with errors, instead of from the exact network.
    error : float
        Then: standard error wanted of every coefficient of the total current.
    runs : int
        Where metal grows: runs at faster, and at slower rates of every class.

    Returns
    -------
    Result

    Raises
    ------
    NothingMeasured
        When it was stopped before the first class of hops was done.
    """
    from coble.console.progress import Live
    from coble.kinds.sensitivity import KIND
    from coble.kinds.sensitivity.measured import rate_control

    job = asked(KIND, "sensitivity", case, rates)
    if job.case.grows and void_fraction:
        raise ValueError("void_fraction: where metal grows, metal_from_nm in the case says where it starts")
    with telling(Live, progress, attach) as tell:
        found = rate_control(
            job.case,
            void_fraction,
            measured=measured,
            error=error,
            runs=runs,
            seed=seed,
            workers=workers,
            should_stop=should_stop or never,
            report=tell.say,
        )
    return stored(job, found)
