"""Verbs of runs that can go on later: metal that grows, and campaigns.  What all verbs take: see `coble.verbs`."""

import warnings
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from coble.as_commanded import as_commanded
from coble.asking import AnyCase, Stop, asked, known_names, never, stored, written
from coble.inputs.case import load_case
from coble.result import RATES, AnyPath, Result
from coble.showing import Attached, Listeners, Show, shown
from coble.store.files import CAMPAIGN

# ---- metal that grows --------------------------------------------------------------------------------------------


@as_commanded("growth.command", "plate")
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


@as_commanded("growth.command", "strip")
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


@as_commanded("growth.command", "cycle")
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
    """Plate and strip alternately; parameters and result as of `plate`."""
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
    from coble.kinds.growth import KIND
    from coble.kinds.growth.setup import prepare

    job = asked(KIND, command, case, rates)
    run = prepare(job.case, seed)
    _grow(run, progress, should_stop, attach)
    return stored(job, run)


def _grow(run: Any, progress: Show, should_stop: Stop | None, attach: Attached) -> None:
    """Let metal grow, and tell those who listen at its records."""
    from coble.console.progress import GrowthDisplay

    listeners = Listeners(attach)

    def report(run: Any) -> None:
        tell.show(run)
        listeners.at(run.n_record - 1, run)

    with shown(GrowthDisplay, progress) as tell:
        run.run(should_stop or never, report)
        listeners.at(run.n_record - 1, run)


# ---- many runs ---------------------------------------------------------------------------------------------------


@as_commanded("campaign.command", "sweep")
def sweep(
    campaign: AnyPath,
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    rates: AnyPath | None = None,
    attach: Attached = (),
    folder: AnyPath | None = None,
    engine: str | None = None,
    address: str | None = None,
) -> Result:
    """Run a case over a grid, or a sample, of its keys.

    Parameters
    ----------
    campaign : path-like or str
        Campaign file, or the name of a built-in one.
    seed, workers, progress, should_stop, rates, attach
        As of all verbs; rates are keys of the case, which may be axes, and no table is taken.
    folder : path-like, optional
        Where it is run, and can be resumed after a crash; a temporary one when left out.
    engine : str, optional
        "process", "pool" or "dask"; default "pool" with several workers.  A pool needs a script of which the running
        part stands below `if __name__ == "__main__":`.
    address : str, optional
        Of a running Dask scheduler; its workers must see the folder.

    Returns
    -------
    Result
    """
    from coble.kinds.campaign.settings import campaign_path, load_campaign

    if rates is not None:
        raise ValueError("rates: a campaign varies keys of its case, and takes no table")
    found = load_campaign(campaign_path(str(campaign)))
    if seed is not None:
        found = replace(found, setup=found.setup.model_copy(update={"seed": seed}))
    own = mkdtemp(prefix="coble-") if folder is None else None
    place = Path(own, found.name) if own else Path(str(folder))
    if (place / CAMPAIGN).exists():
        raise FileExistsError(f"{place}: already holds {CAMPAIGN}; name another folder, or resume it")
    place.mkdir(parents=True, exist_ok=True)
    _sweep(found, place, workers, progress, should_stop, attach, engine, address)
    return Result(place, own)


def _sweep(
    campaign: Any,
    folder: Path,
    workers: int,
    progress: Show,
    should_stop: Stop | None,
    attach: Attached,
    name: str | None,
    address: str | None,
    extend: bool = False,
) -> None:
    """What `sweep` and `resume` have in common."""
    from coble.kinds.campaign.display import CampaignDisplay
    from coble.kinds.campaign.engines import ENGINES, engine, engine_for
    from coble.kinds.campaign.run import Sweep
    from coble.store.lock import locked

    name = name or engine_for(workers, address)
    known_names("engine", (name,), ENGINES)
    listeners, looks = Listeners(attach), count(1)
    with locked(folder):
        job = Sweep(campaign, folder, extend)
        job.prepare()
        for note in job.notes:
            warnings.warn(note, stacklevel=3)
        with engine(name, workers, address) as executor, shown(CampaignDisplay, progress) as tell:

            def report(job: Any) -> None:
                tell.show(job)
                listeners.at(next(looks), job)

            job.run(executor, 2 * workers, should_stop=should_stop or never, report=report)


# ---- going on ----------------------------------------------------------------------------------------------------


def resume(
    folder: AnyPath,
    *,
    workers: int = 1,
    progress: Show = "auto",
    should_stop: Stop | None = None,
    attach: Attached = (),
    engine: str | None = None,
    address: str | None = None,
) -> Result:
    """Go on with an interrupted run of growth, bit for bit, or with a sweep, in its folder.

    Parameters
    ----------
    folder : path-like
        That a command, `Result.save` or `sweep` has written.
    workers, progress, should_stop, attach
        As of all verbs.
    engine, address
        As of `sweep`.

    Returns
    -------
    Result
        Of the same folder.

    Raises
    ------
    ValueError
        When there is nothing to go on with.
    """
    from coble.store.lock import locked

    place = Path(folder)
    if (place / "campaign.toml").exists():
        from coble.kinds.campaign.settings import campaign_in

        _sweep(campaign_in(place), place, workers, progress, should_stop, attach, engine, address, extend=True)
        return Result(place)
    from coble.kinds.growth import KIND
    from coble.kinds.growth.asked import command_for
    from coble.kinds.growth.going_on import done, restored

    table = place / RATES if (place / RATES).exists() else None
    job = asked(KIND, command_for(load_case(place / "case.toml")) or "plate", place / "case.toml", table)
    with locked(place):
        run = restored(job.case, place)
        if why := done(run, place):
            raise ValueError(f"{place}: {why}")
        _grow(run, progress, should_stop, attach)
        written(job, place, run, pictures=True)
    return Result(place)
