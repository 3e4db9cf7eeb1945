"""The command sensitivity."""

import sys
from typing import Annotated

import typer

from runs.cli_common import (
    BAD_CASE,
    CASE,
    INTERRUPTED,
    NUMERICAL,
    OUT,
    RATES,
    RATES_FILE,
    SEED,
    USAGE,
    WORKERS,
    at_rates,
    fail,
    keep_rates,
    output_folder,
    path_of,
    remove,
    say_written,
    stop_flag,
)


def sensitivity(
    case: CASE = None,
    rates: RATES = None,
    void_fraction: Annotated[float, typer.Option(min=0.0, max=0.99, help="Empty part of the way.")] = 0.0,
    measured: Annotated[
        bool, typer.Option("--measured", help="From runs, with errors, instead of from the exact network.")
    ] = False,
    error: Annotated[
        float, typer.Option(min=1e-3, max=0.5, help="With --measured: standard error of the total's coefficients.")
    ] = 0.03,
    runs: Annotated[
        int,
        typer.Option(min=2, max=1000, help="Where metal grows: runs at faster, and at slower rates of a class."),
    ] = 16,
    out: OUT = None,
    seed: SEED = None,
    workers: WORKERS = 2,
):
    """Degree of rate control: how a result answers to every class of hops, d ln X / d ln k.

    Of what flows through the tubule of the case's first wall: exact at once, from the network and its adjoint; with
    --measured from runs, with errors. Of a case with [growth]: how fast the metal grows or shrinks, and when it
    nucleates in an empty tubule, from runs. All rates together make everything as much faster, so the classes sum to 1
    (-1 for a time, 0 for a share).

    What is from runs is written to a folder; what is exact only with --out.

    Examples:

      coble sensitivity                          the tubule of the experiments, exact

      coble sensitivity mine.toml --void-fraction 0.5

      coble sensitivity mine.toml --void-fraction 0.5 --measured --error 0.02

      coble sensitivity plate.toml --runs 32
    """
    stop = stop_flag()

    from runs.case import CaseError, load_case
    from runs.tubules import too_large

    path = path_of(case, "mechanisms")
    try:
        settings = at_rates(load_case(path), rates)
    except (CaseError, ValueError) as fault:
        fail(str(fault), BAD_CASE)
    grows = "growth" in settings.model_fields_set
    if grows and void_fraction:
        fail("--void-fraction: where metal grows, metal_from_nm in the case says where it starts", USAGE)
    if reason := too_large(settings, *((settings.growth.depth_nm,) if grows else ())):
        fail(f"{path}: {reason}", BAD_CASE)

    from rich.console import Console

    from kmc.lowering import RateRangeError
    from kmc.network import NotConverged
    from runs.measured_sensitivity import growth_sensitivities, measured_sensitivities
    from runs.progress import Live
    from runs.sensitivity import sensitivities
    from runs.sensitivity_results import FILES, as_dict, write
    from runs.tables import sensitivity_table

    by_runs, made, folder = grows or measured, [], None
    if by_runs or out is not None:
        folder, made = output_folder(out, f"{path.stem}-sensitivity", (*FILES, RATES_FILE))
    try:
        with Live(Console(stderr=True), folder) as display:
            running = {"seed": seed, "workers": workers, "should_stop": stop.is_set, "report": display.say}
            if grows:
                found = growth_sensitivities(settings, runs=runs, **running)
            elif measured:
                found = measured_sensitivities(settings, void_fraction, error=error, **running)
            else:
                found = sensitivities(settings, void_fraction)
    except (NotConverged, RateRangeError, MemoryError) as fault:
        remove(made)
        fail(f"{path}: {str(fault) or type(fault).__name__}", NUMERICAL)
    except ValueError as fault:
        remove(made)
        fail(f"{path}: {fault}", BAD_CASE)
    except KeyboardInterrupt:
        remove(made)
        fail("Dropped: nothing was written.", INTERRUPTED)
    if found is None:
        remove(made)
        fail("Interrupted before the first class of hops was done: nothing was written.", INTERRUPTED)
    content = as_dict(found, settings)
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(sensitivity_table(content))
    if folder is not None:
        write(folder, content, path.read_text(encoding="utf-8"))
        keep_rates(folder, rates)
        say_written(console, folder)
    if found.interrupted:
        raise typer.Exit(INTERRUPTED)
