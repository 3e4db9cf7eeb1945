"""The commands sweep and resume."""

import os
from contextlib import nullcontext
from os.path import isfile
from pathlib import Path
from typing import Annotated

import typer

from coble.console.common import (
    BAD_CASE,
    INTERRUPTED,
    NUMERICAL,
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
ENGINE = Annotated[
    str | None, typer.Option(help="process, pool or dask; default pool with several workers, else process.")
]
WORKERS = Annotated[int, typer.Option(min=1, help="Processes; the numbers do not depend on it.")]
ADDRESS = Annotated[
    str | None, typer.Option(help="Of a running Dask scheduler, tcp://HOST:PORT; its workers must see the folder.")
]
JOIN = Annotated[
    bool, typer.Option("--join", help="Work on it beside others that do: jobs of an array, or several machines.")
]


def _campaign_names(incomplete: str):
    """What a shell offers to complete a campaign with: those that come along, and TOML files."""
    from coble.kinds.campaign.settings import CAMPAIGNS

    names = (path.stem for path in CAMPAIGNS.glob("*.toml"))
    yield from (name for name in sorted(names) if name.startswith(incomplete) and not name.endswith(".case"))
    yield from toml_files(incomplete)


def sweep(
    campaign: Annotated[
        str,
        typer.Argument(
            help="Campaign file (TOML), or the name of one that comes along.", autocompletion=_campaign_names
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="Folder; default coble-runs/NAME-N, N counting up.")] = None,
    engine: ENGINE = None,
    workers: WORKERS = CORES,
    address: ADDRESS = None,
    join: JOIN = False,
):
    """Run a case over a grid, or a sample, of its keys: many replicas, any machine, nothing lost.

    A campaign file names a case, what is varied, and how well every point is to be known.

    Ctrl-C, SIGTERM and SIGUSR1 stop and keep what was counted; so does a kill, or a machine that goes down. `coble
    resume DIR` goes on, and ends with the same numbers, in every digit. DIR/campaign.json has every point with its
    state and estimates at any time; `coble status DIR` prints where it stands.

    Examples:

      coble init campaign -o mine.toml           a commented file to start from

      coble sweep mine.toml --out widths --workers 8

      coble sweep mine.toml --engine dask --address tcp://head:8786

      coble sweep mine.toml --out widths --join  in every job of an array
    """
    from coble.inputs.case import CaseError
    from coble.kinds.campaign.settings import campaign_path, load_campaign

    stop = stop_flag()
    try:
        found = load_campaign(campaign_path(campaign))
    except CaseError as error:
        fail(error, BAD_CASE)
    if join and out is None:
        fail("--join: name the folder that the others have, --out DIR", USAGE)
    folder, made = output_folder(out, found.name, () if join else (CAMPAIGN,))
    _run(found, folder, engine, workers, address, stop, made, join)


def resume(
    folder: Annotated[Path, typer.Argument(help="Folder of a campaign.")],
    engine: ENGINE = None,
    workers: WORKERS = CORES,
    address: ADDRESS = None,
    join: JOIN = False,
):
    """Go on with a campaign: what is missing, and what failed; complete replicas are not run again.

    What only says when to stop may be changed in DIR/campaign.toml before: replicas, target_error, most_replicas. The
    numbers are then those of a campaign that was so from the start. Of metal that grows the same keys of [growth] may
    be changed in DIR/case.toml: until_*, time_s, max_events, cycles; then its points are run from the start.

    Examples:

      coble resume widths --workers 4
    """
    from coble.inputs.case import CaseError
    from coble.kinds.campaign.settings import load_campaign

    stop = stop_flag()
    if not isfile(folder / CAMPAIGN):
        fail(f"{folder}: holds no campaign (there is no campaign.json)", BAD_CASE)
    try:
        found = load_campaign(folder / "campaign.toml", case_path=folder / "case.toml")
    except CaseError as error:
        fail(error, BAD_CASE)
    if not join:
        refuse_running("DIR", folder)
    _run(found, folder, engine, workers, address, stop, [], join, extend=not join)


def _run(campaign, folder, name, workers, address, stop, made, join, extend=False):
    """What `sweep` and `resume` have in common."""
    from coble.kinds.campaign.display import CampaignDisplay
    from coble.kinds.campaign.engines import ENGINES, engine
    from coble.kinds.campaign.run import Changed, EngineLost, Sweep
    from coble.render.console import terminal
    from coble.store.lock import Busy, locked

    name = name or ("dask" if address else "pool" if workers > 1 else "process")
    if name not in ENGINES:
        remove(made)
        fail(f"--engine {name}: must be one of {', '.join(ENGINES)}", USAGE)
    try:
        with nullcontext() if join else locked(folder):
            job = Sweep(campaign, folder, extend)
            job.prepare()
            for note in job.notes:
                terminal(error=True).print(note)
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


COMMANDS = (
    sweep,
    resume,
)
