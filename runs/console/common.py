"""What the commands have in common: exit statuses, options, the output folder, Ctrl-C, and how they fail.

Exit status: 0 done, 1 broken installation (`coble doctor`), 2 usage, 3 bad case file or output folder, 4 interrupted
with results kept, 5 numerical failure, or files that could not be written, 6 done, but standard output is full, 130
ended at once by Ctrl-C: where nothing is measured, or while the end of a run is written and printed.
"""

import os
import re
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from os.path import exists, isdir, isfile
from pathlib import Path
from typing import Annotated

import typer

from coble.inputs.seeds import MOST_SEED
from coble.render.meant import near
from coble.render.printable import columns, lines_of, say

RATES_FILE = "rates.toml"  # beside the case in a folder of results
OK, BROKEN, USAGE, BAD_CASE, INTERRUPTED, NUMERICAL, UNPRINTED = 0, 1, 2, 3, 4, 5, 6
INTERRUPTED_AT_ONCE = 130  # what shells and typer give: 128 and the number of the signal


def case_names(incomplete: str):
    """What a shell offers to complete a case with: built-in ones, TOML files, and folders on the way."""
    from coble.inputs.case import shipped

    yield from (name for name in shipped() if name.startswith(incomplete))
    yield from toml_files(incomplete)


def toml_files(incomplete):
    """TOML files, and folders on the way, whose names begin so."""
    here = Path(incomplete + "*")
    files = sorted(here.parent.glob(here.name)) if here.name else []
    yield from (f"{path}/" for path in files if path.is_dir())
    yield from (str(path) for path in files if path.suffix == ".toml")


CASE = Annotated[
    Path | None,
    typer.Argument(
        help="Case file (TOML), or the name of a built-in one: `coble init --list`.", autocompletion=case_names
    ),
]
WORKERS = Annotated[int, typer.Option(min=1, help="Threads; the numbers do not depend on it.")]
OUT = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Folder for the results; default coble-runs/NAME-N, N counting up."),
]
SEED = Annotated[
    int | None, typer.Option(min=0, max=MOST_SEED, help="Seed of the random numbers, instead of the case's.")
]
RATES = Annotated[Path | None, typer.Option("--rates", help="Rate table to use instead of the case's diffusivities.")]
RESUME = Annotated[Path | None, typer.Option(help="Folder of an interrupted run to continue; takes no other argument.")]
ENGINE = Annotated[
    str | None, typer.Option(help="process, pool or dask; default pool with several workers, else process.")
]
ADDRESS = Annotated[
    str | None, typer.Option(help="Of a running Dask scheduler, tcp://HOST:PORT; its workers must see the folder.")
]
JOIN = Annotated[
    bool, typer.Option("--join", help="Join others that work on the same folder: jobs of an array, several machines.")
]


def path_of(case, default=None):
    """Path of a case: a file, or a built-in one of this name; `default` is the name when none is given."""
    from coble.inputs.case import shipped

    if case is not None and isfile(case):
        return case
    found = shipped(str(case or default))
    if found is None and not exists(case):
        folder, plain = Path(case).parent, Path(case).suffix == ""
        beside = [path.name for path in folder.glob("*.toml")] if isdir(folder) else []
        close = near(case, shipped()) if plain else None
        meant = close or near(Path(case).name, beside)
        what = "no such file, and no built-in case" if plain else "no such file"
        if meant:
            fail(f"{case}: {what}; did you mean '{meant if close else folder / meant}'?", BAD_CASE)
    return found or case


def case_in(folder):
    """Path of the case in a folder to go on with; fails when there is none, for then it holds no run."""
    path = folder / "case.toml"
    if not exists(path):  # what is no regular file is refused by whoever reads it
        why = "holds no run: there is no case.toml in it" if isdir(folder) else "no such folder"
        fail(f"{folder}: {why}; `coble status` lists the runs in coble-runs/", BAD_CASE)
    return path


def settings_of(path, rates=None, structures=False):
    """The case at a path, with the rates of a table when one is given; fails with what is wrong with either.

    `structures` says whether the command takes a case with [structure], whose lattice and rates are then looked at.
    """
    from coble.inputs.case import CaseError, load_case
    from coble.models.structures.structure import refuse_structure

    try:
        case = load_case(path)
        refuse_structure(case, path, taken=structures)
        return at_rates(case, rates)
    except CaseError as error:
        fail(error, BAD_CASE)
    except ValueError as error:
        fail(f"{path}: {error}", BAD_CASE)


def at_rates(case, table):
    """The case, its first wall's rates from a table when one is given."""
    if table is None:
        return case
    from coble.inputs.rate_table import read_rates
    from coble.models.rates import case_with

    return case_with(case, read_rates(table), str(table))


@contextmanager
def failing(name, dropped="nothing was written."):
    """Say what a run raises in one line, with its exit status.

    A ValueError is one of the numbers in the case at `name`: no lattice, or no rate table, can be made from them.
    """
    from coble.kmc.kernel.lowering import RateRangeError

    try:
        yield
    except ValueError as error:
        fail(f"{name}: {error}", NUMERICAL if isinstance(error, RateRangeError) else BAD_CASE)
    except (ArithmeticError, MemoryError) as error:
        reason = str(error) or ("not enough memory" if isinstance(error, MemoryError) else type(error).__name__)
        fail(f"numerical failure: {reason}", NUMERICAL)
    except KeyboardInterrupt:
        fail(f"Dropped: {dropped}", INTERRUPTED)


def out_console():
    """The terminal for tables, with as many columns as `coble.render.printable.columns` says."""
    from coble.render.console import terminal

    return terminal(width=columns(sys.stdout))


def interrupted(hint="the results above hold what was measured until then."):
    """End a command that was stopped and kept what it had."""
    fail(f"Interrupted: {hint}", INTERRUPTED)


def say_written(console, folder):
    """Take back `status.json`, now that the results are there, and name the files."""
    from coble.store.lock import LOCK
    from coble.store.status import FILE

    (folder / FILE).unlink(missing_ok=True)
    names = sorted(path.name for path in folder.iterdir() if path.name != LOCK)
    console.print(f"Written to {folder}/: {', '.join(names)}", highlight=False)


def refuse(name, reasons):
    """Fail with the reasons for which a case is refused before any work, if there are any."""
    if reasons := list(reasons):
        say(*(line for reason in reasons for line in told(f"{name}: {reason}")), error=True)
        raise typer.Exit(BAD_CASE)


def told(message):
    """Lines of a message, or of an exception; a built-in file is called by its name: nobody typed its folder."""
    from coble.inputs.case import PACKAGE

    built_in = rf"{re.escape(str(PACKAGE))}/(?:[\w-]+/)+(?=[\w-]+\.toml\b)"
    return [re.sub(built_in, "built-in ", line) for line in lines_of(message)]


def output_folder(out, name, files, shared=False):
    """The folder to write to, and the folders made for it: now, so that a long run does not end at a closed door.

    One that is `shared` may have runs going on in it.
    """
    made = []
    try:
        if out is None:
            out, made = _numbered(name)
        else:
            made = [folder for folder in (out, *out.parents) if not folder.exists()]
            out.mkdir(parents=True, exist_ok=True)
        probe = out / f".coble-probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        remove(made)
        where = out or Path("coble-runs")
        fail(f"--out {where}: cannot be written ({error.strerror or error}); name a folder that can", BAD_CASE)
    if not shared:
        refuse_running("--out", out)
    refuse_taken(out, files)
    return out, made


def _numbered(name):
    """coble-runs/NAME-1, -2, ...: the first that is not there, made by this process alone, and what was made for it."""
    parent = Path("coble-runs")
    made = [] if parent.exists() else [parent]
    parent.mkdir(exist_ok=True)
    number = 1
    while True:
        try:
            (parent / f"{name}-{number}").mkdir()
        except FileExistsError:
            number += 1
            continue
        return parent / f"{name}-{number}", [parent / f"{name}-{number}", *made]


def refuse_taken(folder, files):
    """Fail when a folder holds any of these files."""
    from coble.store.files import existing
    from coble.store.status import FILE

    there = existing(folder, files)
    if [path.name for path in there] == ["case.toml"] and (folder / FILE).exists():
        return  # left by a run that was killed before its first checkpoint
    if there:
        names = ", ".join(path.name for path in there)
        fail(f"--out {folder}: already holds {names}; name another folder (nothing was changed)", BAD_CASE)


def refuse_running(option, folder):
    """Fail when a run is going on in a folder."""
    from coble.store.status import running

    if detail := running(folder):
        fail(f"{option} {folder}: a run is going on there: {detail}; name another folder, or wait", BAD_CASE)


def remove(folders):
    """Take back the folders that were made for nothing, the innermost first."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def stop_flag():
    """Raised by Ctrl-C, SIGTERM, SIGHUP (a lost connection), or SIGUSR1 (Slurm's warning, if asked for).

    A second Ctrl-C ends at once; other signals often come twice.  What is ignored already, as SIGHUP is behind `nohup`,
    stays ignored.
    """
    flag = threading.Event()

    def stop(number, frame):
        if flag.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        if not flag.is_set():
            flag.set()
            with suppress(OSError):  # the terminal may be gone
                print("\nStopping: what was measured is kept (Ctrl-C again to drop it).", file=sys.stderr)

    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"):
        number = getattr(signal, name, None)  # not every system has all of them
        if number is not None and (number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN):
            signal.signal(number, stop)
    return flag


def fail(message, status):
    """Say a message, or all that an exception has to say, and end with this exit status."""
    say(*told(message), error=True)
    raise typer.Exit(status)
