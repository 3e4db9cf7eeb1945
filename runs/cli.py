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
def template():
    """Print a commented case file with every key, its unit and its default: the paper's case.

    coble template > case.toml
    """
    from runs.case import PAPER_TOML

    print(PAPER_TOML.read_text(encoding="utf-8"), end="")


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


def _output_folder(out, name):
    """The folder to write to, and the folders made for it: now, so that a long run does not end at a closed door."""
    from runs.results import existing

    if out is None:
        number = 1
        while (Path("coble-runs") / f"{name}-{number}").exists():
            number += 1
        out = Path("coble-runs") / f"{name}-{number}"
    made = []
    try:
        there = existing(out) if out.is_dir() else []
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
