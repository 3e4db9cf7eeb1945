"""The command sweep."""

import os
from contextlib import nullcontext
from os.path import isfile
from pathlib import Path
from typing import Annotated

import typer

from coble.console.common import (
    ADDRESS,
    BAD_CASE,
    ENGINE,
    INTERRUPTED,
    JOIN,
    NUMERICAL,
    RESUME,
    USAGE,
    fail,
    interrupted,
    out_console,
    output_folder,
    refuse_running,
    remove,
    say_written,
    stop_flag,
    toml_files,
)
from coble.kinds.campaign import KIND
from coble.render.printable import say
from coble.render.terminal import answer
from coble.store.files import CAMPAIGN

CORES = os.cpu_count() or 1
WORKERS = Annotated[int, typer.Option(min=1, help="Processes; the numbers do not depend on it.")]


def _campaign_names(incomplete: str):
    """What a shell offers to complete a campaign with: built-in ones, and TOML files."""
    from coble.kinds.campaign.settings import CAMPAIGNS

    names = (path.stem for path in CAMPAIGNS.glob("*.toml"))
    yield from (name for name in sorted(names) if name.startswith(incomplete) and not name.endswith(".case"))
    yield from toml_files(incomplete)


def sweep(
    campaign: Annotated[
        str | None,
        typer.Argument(help="Campaign file (TOML), or the name of a built-in one.", autocompletion=_campaign_names),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder; default coble-runs/NAME-N, N counting up.")
    ] = None,
    engine: ENGINE = None,
    workers: WORKERS = CORES,
    address: ADDRESS = None,
    join: JOIN = False,
    resume: RESUME = None,
):
    """Run a case over a grid, or a sample, of its keys: many replicas, any machine, nothing lost.

    A campaign file names a case, what is varied, and how well every point is to be known.

    Ctrl-C, SIGTERM and SIGUSR1 stop it and keep what was counted. A kill or a power cut loses nothing either. `coble
    resume DIR`, which is `coble sweep --resume DIR`, runs what is missing or failed, and ends with the same numbers, in
    every digit. DIR/campaign.json has every point with its state and estimates at any time; `coble
    status DIR` prints where it stands.

    What only says when to stop may be changed in DIR/campaign.toml before it is resumed: replicas, target_error,
    most_replicas. The numbers are then those of a campaign that had them from the start. Where metal grows, the keys
    until_*, time_s, max_events and cycles of [growth] in DIR/case.toml may be changed too. Its points are then run
    from the start.

    Examples:

      coble init campaign -o mine.toml           a commented file to start from

      coble sweep mine.toml --out widths --workers 8

      coble sweep mine.toml --engine dask --address tcp://head:8786

      coble sweep mine.toml --out widths --join  in every job of an array
    """
    from coble.inputs.case import CaseError
    from coble.kinds.campaign.settings import campaign_path, load_campaign

    stop = stop_flag()
    if resume is not None:
        if not (campaign is out is None):
            fail("--resume goes on with a folder as it is: give no campaign and no --out", USAGE)
        _go_on(resume, engine, workers, address, stop, join)
        return
    if campaign is None:
        fail("give a CAMPAIGN: `coble init campaign` writes a file to start from", USAGE)
    try:
        found = load_campaign(campaign_path(campaign))
    except CaseError as error:
        fail(error, BAD_CASE)
    if join and out is None:
        fail("--join: name the folder that the others have, --out DIR", USAGE)
    folder, made = output_folder(out, found.name, () if join else (CAMPAIGN,), shared=join)
    _run(found, folder, engine, workers, address, stop, made, join)


def _go_on(folder, engine, workers, address, stop, join):
    """What is missing in a folder, and what failed; complete replicas are not run again."""
    from coble.inputs.case import CaseError
    from coble.kinds.campaign.settings import campaign_in

    if not isfile(folder / CAMPAIGN):
        fail(f"{folder}: holds no campaign (there is no campaign.json)", BAD_CASE)
    try:
        found = campaign_in(folder)
    except CaseError as error:
        fail(error, BAD_CASE)
    if not join:
        refuse_running("folder", folder)
    _run(found, folder, engine, workers, address, stop, [], join, extend=not join)


def _run(campaign, folder, name, workers, address, stop, made, join, extend=False):
    """Run what is missing of a campaign in a folder."""
    from coble.kinds.campaign.display import CampaignDisplay
    from coble.kinds.campaign.engines import ENGINES, engine, engine_for
    from coble.kinds.campaign.run import Changed, EngineLost, Sweep
    from coble.render.console import terminal
    from coble.store.lock import Busy, locked

    name = name or engine_for(workers, address)
    if name not in ENGINES:
        remove(made)
        fail(f"--engine {name}: must be one of {', '.join(ENGINES)}", USAGE)
    try:
        with nullcontext() if join else locked(folder):
            job = Sweep(campaign, folder, extend)
            job.prepare()
            for note in job.notes:
                say(note, error=True)
            with engine(name, workers, address) as executor, CampaignDisplay(terminal(error=True), folder) as display:
                complete = job.run(executor, 2 * workers, should_stop=stop.is_set, report=display.show)
    except Changed as error:
        fail(f"{folder}: holds another campaign: {error}.  Take another folder (nothing was changed)", BAD_CASE)
    except EngineLost as error:
        fail(f"{folder}: {error}; what was counted is kept: `coble resume {folder}` goes on", INTERRUPTED)
    except Busy as error:
        fail(f"{error}: wait for it, or stop it", BAD_CASE)
    except ValueError as error:
        remove(made)
        fail(error, USAGE)
    except OSError as error:
        fail(
            f"{folder}: {error.strerror or error}; what was counted is kept: `coble resume {folder}` goes on", NUMERICAL
        )
    except KeyboardInterrupt:
        fail(f"Stopped at once; what was written is kept: `coble resume {folder}` goes on", INTERRUPTED)
    content = job.content()
    console = out_console()
    for part in answer(KIND, content):
        console.print(part)
    say_written(console, folder)
    if not complete:
        interrupted(f"to go on: coble resume {folder}")
    if content["counts"]["failed"]:
        say(f"Some points failed; to try them again: coble resume {folder}", error=True)
        raise typer.Exit(NUMERICAL)


COMMANDS = (sweep,)
