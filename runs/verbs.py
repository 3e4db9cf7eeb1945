"""One function for every kind of run, all with one shape of signature, and what is done with results.

A case is a `Case`, the path of a case file, or the name of one that comes along, as "plate" (`coble init --list`).

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

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from os.path import isfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

from coble.errors import CaseError, Fault, NothingMeasured
from coble.inputs.case import Case, load_case, read_text, shipped
from coble.inputs.case_text import case_text
from coble.kinds.kind import Kind
from coble.result import RATES, AnyPath, Result
from coble.showing import Attached, Listeners, Show, shown

if TYPE_CHECKING:
    pass

AnyCase: TypeAlias = Case | str | PathLike[str]
Stop: TypeAlias = Callable[[], bool]


# ---- which path, which mechanism ---------------------------------------------------------------------------------


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

    job = _asked(KIND, "discriminate", case, rates)
    with _telling(Display, progress, attach) as tell:
        found = run(
            job.case,
            seed=seed,
            replicas=replicas,
            workers=workers,
            target_error=target_error,
            quick=quick,
            should_stop=should_stop,
            report=tell.show,
        )
    return _stored(job, found)


# ---- metal that grows --------------------------------------------------------------------------------------------


def plate(
    case: AnyCase = "plate",
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
) -> Result:
    """Grow metal into a tubule from an electrolyte at its root, atom by atom.

    Parameters
    ----------
    case : Case, path-like or str
    seed, workers, progress, should_stop, rates, attach
        As of all verbs.

    Returns
    -------
    Result
        Also of a run that was stopped: its folder holds a checkpoint, and so does what `Result.save` writes.
    """
    return _grown("plate", case, seed, progress, should_stop, rates, attach)


def strip(
    case: AnyCase = "strip",
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
) -> Result:
    """Strip metal out of a tubule; parameters and result as of `plate`."""
    return _grown("strip", case, seed, progress, should_stop, rates, attach)


def cycle(
    case: AnyCase = "cycle",
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
) -> Result:
    """Plate and strip by turns; parameters and result as of `plate`."""
    return _grown("cycle", case, seed, progress, should_stop, rates, attach)


def _grown(
    command: str,
    case: AnyCase,
    seed: int | None,
    progress: Show,
    should_stop: Stop | None,
    rates: AnyPath | None,
    attach: Attached,
) -> Result:
    """What `plate`, `strip` and `cycle` have in common."""
    from coble.console.progress import GrowthDisplay
    from coble.kinds.growth import KIND
    from coble.kinds.growth.setup import prepare

    job, listeners = _asked(KIND, command, case, rates), Listeners(attach)
    run = prepare(job.case, seed)

    def report(run: Any) -> None:
        tell.show(run)
        listeners.at(run.n_record - 1, run)

    with shown(GrowthDisplay, progress) as tell:
        run.run(should_stop or _never, report)
        listeners.at(run.n_record - 1, run)
    return _stored(job, run)


# ---- creep of grains ---------------------------------------------------------------------------------------------


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

    job = _asked(KIND, "creep", case, rates)
    with _telling(Live, progress, attach) as tell:
        found = run(
            job.case,
            seed=seed,
            workers=workers,
            target_error=target_error,
            should_stop=should_stop or _never,
            report=tell.say,
        )
    return _stored(job, found)


# ---- what all verbs have in common -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Job:
    """What is run: `text` is that of the file to keep, `rates` the table beside it."""

    kind: Kind
    name: str
    case: Any
    text: str
    rates: str | None = None


def _asked(kind: Kind, command: str, case: AnyCase, rates: AnyPath | None, *more: Any) -> _Job:
    """A case to run, checked as the command does."""
    if isinstance(case, Case):
        name, given, text = "case", case, case_text(case)
    else:
        path = case if isfile(case) else shipped(str(case)) or case
        name, given = Path(path).stem, load_case(path)
        text = read_text(path, "")
    table = None if rates is None else read_text(rates, "`coble rates` writes one")
    if rates is not None:
        from coble.inputs.rate_table import read_rates
        from coble.models.rates import case_with

        given = case_with(given, read_rates(rates), str(rates))
    _refuse(name, kind.refusals(given, command, *more))
    return _Job(kind, name, given, text, table)


def _refuse(name: str, reasons: Sequence[str]) -> None:
    if reasons:
        raise CaseError([Fault(name, None, "", reason) for reason in reasons])


def _never() -> bool:
    return False


@contextmanager
def _telling(display: Any, progress: Show, attach: Attached) -> Iterator[Any]:
    """A display whose reports are heard by what is attached."""
    listeners = Listeners(attach)
    with shown(display, progress, listeners.hear) as tell:
        yield tell


def _stored(job: _Job, found: object) -> Result:
    """What was found, written as the command writes it, without pictures."""
    from coble.store.files import write_text

    if found is None:
        raise NothingMeasured(f"{job.name}: stopped before there was anything to keep")
    held = TemporaryDirectory(prefix="coble-")
    folder = Path(held.name, job.name)
    job.kind.write(folder, found, job.text, pictures=False)  # type: ignore[misc]
    if job.rates is not None:
        write_text(folder / RATES, job.rates)
    return Result(folder, held)
