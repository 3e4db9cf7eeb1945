"""The command `coble`.

Exit statuses: see `runs.cli_common`.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from runs.cli_common import (
    BAD_CASE,
    INTERRUPTED,
    NUMERICAL,
    RATES,
    RATES_FILE,
    USAGE,
    at_rates,
    fail,
    keep_rates,
    output_folder,
    remove,
    say_written,
    stop_flag,
)
from runs.cli_experiments import experiments
from runs.cli_export import export
from runs.cli_growth import cycle, plate, strip
from runs.cli_plots import movie, plot
from runs.cli_rates import rates as rate_command
from runs.cli_rates import tune
from runs.cli_sensitivity import sensitivity
from runs.cli_sweep import resume, sweep

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


def template(
    name: Annotated[str, typer.Argument(help="Name of a case; a wrong one is answered by the list.")] = "paper",
):
    """Print a commented case file with its keys, their units and defaults.

    coble template > case.toml                the paper's case, for `coble discriminate`

    coble template plate > plate.toml         growth into a tubule, for `coble plate`
    """
    from runs.case import shipped

    if shipped(name) is None:
        fail(f"no case {name!r}; there are {', '.join(sorted(shipped()))}", USAGE)
    print(shipped(name).read_text(encoding="utf-8"), end="")


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
    experiment: Annotated[
        list[str] | None,
        typer.Option(help="void, obstacles, wall-swap, width or temperature; may be given several times."),
    ] = None,
    truth: Annotated[
        str | None,
        typer.Option(
            help="With --experiment: simulate the observation of interface, wall, bulk, surface, slip or none "
            "alone; default case, in which all of them compete."
        ),
    ] = None,
    rates: RATES = None,
    observed: Annotated[
        list[str] | None,
        typer.Option(
            help="With --experiment: what was seen, NAME=VALUE+-ERROR, e.g. void_ratio=1.4+-0.2, instead of a "
            "simulated observation; may be given several times."
        ),
    ] = None,
):
    """Which path carries the metal along a tubule: interface, wall, bulk metal or free surface?

    For each wall of the case: the share of every path in the current with its standard error, beside the exact
    solution of the same network and the continuum formula; what controls the current; and a verdict, which may be
    "undecided".  Ctrl-C stops early and keeps what was measured.

    With --experiment: how the speed of the tip answers to a void, obstacles, another wall, width or temperature, under
    every mechanism by itself (interface, wall, bulk, surface, slip), and which of them gives what was observed.

    Examples:

      coble discriminate                        the paper's tubule, each of its walls (about a minute)

      coble template > mine.toml                a commented case file to start from

      coble discriminate mine.toml --out mine --seed 7

      coble discriminate --experiment void      predictions, a simulated observation, a verdict (half a minute)

      coble discriminate --experiment void --observed void_ratio=1.4+-0.2 --observed marker=0.0+-0.05
    """
    if experiment:
        return experiments(case, out, seed, replicas, workers, target_error, quick, rates, experiment, truth, observed)
    if truth is not None or observed:
        fail("--truth and --observed belong to an --experiment", USAGE)
    stop = stop_flag()  # before anything that takes time, imports included

    from runs.case import PAPER_TOML, CaseError, load_case

    try:
        settings = at_rates(load_case(PAPER_TOML if case is None else case), rates)
    except CaseError as error:
        fail(str(error), BAD_CASE)
    from runs.results import FILES
    from runs.tubules import too_large

    if reason := too_large(settings):
        fail(f"{case or 'paper.toml'}: {reason}", BAD_CASE)
    folder, made = output_folder(out, "paper" if case is None else case.stem, (*FILES, RATES_FILE))
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
        remove(made)
        fail(f"{case or 'paper.toml'}: {error}", BAD_CASE if not isinstance(error, RateRangeError) else NUMERICAL)
    except (NotConverged, ArithmeticError, MemoryError) as error:
        remove(made)
        fail(f"numerical failure: {str(error) or type(error).__name__}", NUMERICAL)
    except KeyboardInterrupt:
        remove(made)
        fail("Dropped: nothing was written.", INTERRUPTED)
    content = write(folder, result, text)
    keep_rates(folder, rates)
    out_console = Console(width=None if sys.stdout.isatty() else 160)
    out_console.print(table_of(content, out_console.width))
    say_written(out_console, folder)
    if result.interrupted:
        print("Interrupted: the results above hold what was measured until then.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)


for command in (template, discriminate, plate, strip, cycle, sweep, resume):
    app.command()(command)
for command in (rate_command, tune, sensitivity, export, plot, movie):
    app.command()(command)


def main():
    """Entry point of the command `coble`."""
    app()


if __name__ == "__main__":
    main()
