"""The commands status and watch."""

import time
from pathlib import Path
from typing import Annotated

import typer

from coble.console.common import BAD_CASE, INTERRUPTED, NUMERICAL, OK, fail

STYLES = {"running": "bold green", "done": "bold", "dead": "bold red", "no run": "red"}
LOOK_S = 1.0
INDENT = 4  # below names of folders that leave less than half a line


def status(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR", help="Folders of results; default all in coble-runs/.")
    ] = None,
):
    """Where runs stand: running, done, interrupted, incomplete or dead, how far in time and events, and what to do.

    A run is dead when its process ended without a message: it was killed, or the machine went down. Exit status 3 when
    a folder holds no run.

    Examples:

      coble status                    every folder in coble-runs/

      coble status mine other
    """
    from rich.text import Text

    from coble.render.console import terminal
    from coble.render.printable import printable, wrapped
    from coble.reports.standing import state_of
    from coble.store.status import NOTHING

    folders = folders or sorted(path for path in Path("coble-runs").glob("*") if path.is_dir())
    if not folders:
        fail("no folder in coble-runs/ here: name one, as in: coble status DIR", BAD_CASE)
    found = [state_of(folder) for folder in folders]
    console, wide = terminal(), max(len(printable(str(folder))) for folder in folders)
    for folder, state in zip(folders, found, strict=True):
        head = f"{printable(str(folder)):<{wide}}  {state.state:<11}  "
        indent = len(head) if len(head) <= console.width // 2 else INDENT
        line = Text(wrapped(head + printable(_line(state)), indent, console.width))
        line.stylize(STYLES.get(state.state, "yellow"), wide + 2, wide + 2 + len(state.state))
        for each in line.split():
            console.print(each, soft_wrap=True)
    if any(state.state == NOTHING for state in found):
        raise typer.Exit(BAD_CASE)


def watch(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of results.")]):
    """Follow a run in another terminal, or on another machine that shares the disk, until it ends.

    A live line on a terminal, a line every half minute in a log. Ctrl-C stops watching; the run goes on. Exit status: 0
    done, 3 no run, 4 interrupted, 5 dead or incomplete.

    Examples:

      coble watch mine && coble export mine     when it is done
    """
    from coble.console.progress import Live
    from coble.render.console import terminal
    from coble.render.printable import INDENT, wrapped
    from coble.reports.standing import state_of
    from coble.store.status import DEAD, INCOMPLETE, NOTHING

    console = terminal()
    try:
        with Live(console) as display:
            while (state := state_of(folder)).goes_on:
                display.say(state.state, state.detail)
                time.sleep(LOOK_S)
    except KeyboardInterrupt:
        raise typer.Exit(OK) from None
    if state.state == NOTHING:
        fail(f"{folder}: {state.detail}; `coble status` lists those in coble-runs/", BAD_CASE)
    for each in wrapped(f"{folder}: {state.state}: {_line(state)}", INDENT, console.width).splitlines():
        console.print(each, highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit({"done": OK, DEAD: NUMERICAL, INCOMPLETE: NUMERICAL}.get(state.state, INTERRUPTED))


def _line(state):
    return state.detail + (f"; {state.advice}" if state.advice else "")
