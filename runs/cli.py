"""The command `coble`.

Exit status: 0 done, 2 usage, 3 bad case file or output folder, 4 interrupted with results kept, 5 numerical failure.
"""

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

OK, USAGE, BAD_CASE, INTERRUPTED, NUMERICAL = 0, 2, 3, 4, 5

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Which path carries the lithium? Kinetic Monte Carlo for metal in mixed-conductor tubules.",
)


def _print_version(wanted: bool):
    if wanted:
        from importlib.metadata import version

        print(f"coble {version('coble')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
):
    pass


@app.command()
def template(
    name: Annotated[str, typer.Argument(help="Name of a case; a wrong one is answered by the list.")] = "paper",
):
    """Print a commented case file with its keys, their units and defaults.

    coble template > case.toml                the paper's case, for `coble discriminate`

    coble template plate > plate.toml         growth into a tubule, for `coble plate`
    """
    from runs.case import shipped

    if shipped(name) is None:
        _fail(f"no case {name!r}; there are {', '.join(sorted(shipped()))}", USAGE)
    print(shipped(name).read_text(encoding="utf-8"), end="")


@app.command()
def discriminate(
    case: Annotated[Path | None, typer.Argument(help="Case file (TOML); without it, the paper's case.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; default coble-runs/NAME-N, N counting up.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the random numbers, instead of the case's.")] = None,
    replicas: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Independent runs, instead of the case's.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Threads; the numbers do not depend on it.")] = 2,
    target_error: Annotated[
        float | None, typer.Option(min=1e-4, max=0.2, help="Standard error of every share at which to stop.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A first look: standard error 0.03, no tracers, no path switched off.")
    ] = False,
):
    """Which path carries the metal along a tubule: interface, wall, bulk metal or free surface?

    For each wall of the case: the share of every path in the current with its standard error, beside the exact
    solution of the same network and the continuum formula; what controls the current; and a verdict, which may be
    "undecided".  Ctrl-C stops early and keeps what was measured.

    Examples:

      coble discriminate                        the paper's tubule, each of its walls (about a minute)

      coble template > mine.toml                a commented case file to start from

      coble discriminate mine.toml --out mine --seed 7
    """
    stop = _stop_flag()  # before anything that takes time, imports included

    from runs.case import PAPER_TOML, CaseError, load_case

    try:
        settings = load_case(PAPER_TOML if case is None else case)
    except CaseError as error:
        _fail(str(error), BAD_CASE)
    from runs.tubules import too_large

    if reason := too_large(settings):
        _fail(f"{case or 'paper.toml'}: {reason}", BAD_CASE)
    folder, made = _output_folder(out, "paper" if case is None else case.stem)
    text = (PAPER_TOML if case is None else case).read_text(encoding="utf-8")

    from rich.console import Console

    from kmc.lowering import RateRangeError
    from kmc.network import NotConverged
    from runs.discrimination import discriminate as run
    from runs.progress import Display
    from runs.results import write
    from runs.tables import table_of

    console = Console(stderr=True)
    try:
        with Display(console) as display:
            result = run(
                settings,
                seed=seed,
                replicas=replicas,
                workers=workers,
                target_error=target_error,
                quick=quick,
                should_stop=stop.is_set,
                report=display.show,
            )
    except ValueError as error:
        # The lattice or the rate table cannot be made from these numbers.
        _remove(made)
        _fail(f"{case or 'paper.toml'}: {error}", BAD_CASE if not isinstance(error, RateRangeError) else NUMERICAL)
    except (NotConverged, ArithmeticError, MemoryError) as error:
        _remove(made)
        _fail(f"numerical failure: {str(error) or type(error).__name__}", NUMERICAL)
    except KeyboardInterrupt:
        _remove(made)
        _fail("Dropped: nothing was written.", INTERRUPTED)
    content = write(folder, result, text)
    out_console = Console(width=None if sys.stdout.isatty() else 160)
    out_console.print(table_of(content, out_console.width))
    out_console.print(
        f"Written to {folder}{'/'}: " + ", ".join(sorted(p.name for p in folder.iterdir())), highlight=False
    )
    if result.interrupted:
        print("Interrupted: the results above hold what was measured until then.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)


CASE = Annotated[
    Path | None, typer.Argument(help="Case file (TOML), or the name of one that comes along: `coble template`.")
]
OUT = Annotated[Path | None, typer.Option(help="Folder for the results; default coble-runs/NAME-N, N counting up.")]
SEED = Annotated[int | None, typer.Option(min=0, help="Seed of the random numbers, instead of the case's.")]
RESUME = Annotated[Path | None, typer.Option(help="Folder of an interrupted run to go on with; no other argument.")]


@app.command()
def plate(case: CASE = None, out: OUT = None, seed: SEED = None, resume: RESUME = None):
    """Grow metal into a tubule from an electrolyte at its root, atom by atom.

    Writes the position of the tip, the current of every path and frames of all atoms against time. Ctrl-C stops and
    keeps a checkpoint, from which --resume goes on bit for bit; one is also written every minute.

    Examples:

      coble plate                               W = 5 nm, 20 nm of growth at 0.1 V (two minutes)

      coble template plate > mine.toml          a commented case file to start from

      coble plate mine.toml --out mine --seed 7

      coble plate --resume mine
    """
    _grow("plate", case, out, seed, resume)


@app.command()
def strip(case: CASE = None, out: OUT = None, seed: SEED = None, resume: RESUME = None):
    """Strip metal out of a tubule; `coble strip void` starts with a void between metal and electrolyte.

    As `coble plate`, with another case when none is given: 10 nm of metal at -0.1 V.
    """
    _grow("strip", case, out, seed, resume)


@app.command()
def cycle(case: CASE = None, out: OUT = None, seed: SEED = None, resume: RESUME = None):
    """Plate and strip by turns; without a case, 100 cycles in a short tubule.

    As `coble plate`; atoms are conserved exactly: given less taken is what the tubule gained.
    """
    _grow("cycle", case, out, seed, resume)


def _grow(name, case, out, seed, resume):
    """What `plate`, `strip` and `cycle` have in common; `name` is the case that is run when none is given."""
    stop = _stop_flag()

    from runs.case import CaseError, load_case, shipped
    from runs.tubules import too_large

    if resume is not None:
        if case is not None or out is not None or seed is not None:
            _fail("--resume goes on with a folder as it is: give no case, --out or --seed", USAGE)
        case = resume / "case.toml"
    elif case is None or (not case.is_file() and shipped(str(case))):
        case = shipped(name if case is None else str(case))
    try:
        settings = load_case(case)
    except CaseError as error:
        _fail(str(error), BAD_CASE)
    if len(settings.wall) > 1:
        _fail(f"{case}: wall: metal grows into a tubule with one wall, got {len(settings.wall)}: leave one", BAD_CASE)
    if reason := too_large(settings, settings.growth.depth_nm):
        _fail(f"{case}: {reason}", BAD_CASE)

    from runs.plating import prepare
    from runs.plating_results import FILES, read_checkpoint, write, write_checkpoint

    made = []
    try:
        state = read_checkpoint(resume) if resume else None
        if resume is None:
            out, made = _output_folder(out, case.stem, FILES)
        run = prepare(settings, state[1]["seed"] if state else seed)
        if state:
            run.restore(*state)
    except ValueError as error:
        _remove(made)
        _fail(f"{case}: {error}", BAD_CASE)
    except MemoryError:
        _remove(made)
        _fail("numerical failure: not enough memory", NUMERICAL)
    folder = resume or out
    text = case.read_text(encoding="utf-8")

    from rich.console import Console

    from runs.progress import GrowthDisplay
    from runs.tables import growth_table

    try:
        with GrowthDisplay(Console(stderr=True)) as display:
            (folder / "case.toml").write_text(text, encoding="utf-8")  # beside the checkpoints, to go on with
            run.run(stop.is_set, display.show, lambda run: write_checkpoint(folder, run))
    except KeyboardInterrupt:
        _fail("Dropped: only the last checkpoint is kept.", INTERRUPTED)
    content = write(folder, run, text)
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(growth_table(content), highlight=False)
    console.print(f"Written to {folder}/: " + ", ".join(sorted(p.name for p in folder.iterdir())), highlight=False)
    if not run.reason:
        print(f"Interrupted; to go on: coble {name} --resume {folder}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)


def _output_folder(out, name, files=None):
    """The folder to write to, and the folders made for it: now, so that a long run does not end at a closed door."""
    from runs.results import FILES, existing

    if out is None:
        number = 1
        while (Path("coble-runs") / f"{name}-{number}").exists():
            number += 1
        out = Path("coble-runs") / f"{name}-{number}"
    made = []
    try:
        there = existing(out, files or FILES) if out.is_dir() else []
        made = [folder for folder in (out, *out.parents) if not folder.exists()]
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".coble-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        _remove(made)
        _fail(f"--out {out}: cannot be written ({error.strerror or error}); name a folder that can", BAD_CASE)
    if there:
        names = ", ".join(path.name for path in there)
        _fail(f"--out {out}: already holds {names}; name another folder (nothing was changed)", BAD_CASE)
    return out, made


def _remove(folders):
    """Take back the folders that were made for nothing, the innermost first."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _stop_flag():
    """Raised by Ctrl-C or SIGTERM; a second Ctrl-C ends at once."""
    flag = threading.Event()

    def stop(number, frame):
        if flag.is_set():
            raise KeyboardInterrupt
        flag.set()
        print("\nStopping: what was measured is kept (Ctrl-C again to drop it).", file=sys.stderr)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return flag


def _fail(message, status):
    print(message, file=sys.stderr)
    raise typer.Exit(status)


def main():
    """Entry point of the command `coble`."""
    app()


if __name__ == "__main__":
    main()
