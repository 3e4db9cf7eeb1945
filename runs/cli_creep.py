"""The command creep."""

import sys
from typing import Annotated

import typer

from runs.cli_common import (
    BAD_CASE,
    CASE,
    INTERRUPTED,
    NUMERICAL,
    OUT,
    SEED,
    WORKERS,
    fail,
    output_folder,
    path_of,
    refuse,
    remove,
    say_written,
    stop_flag,
)


def creep(
    case: CASE = None,
    out: OUT = None,
    seed: SEED = None,
    workers: WORKERS = 2,
    target_error: Annotated[
        float | None, typer.Option(min=1e-3, max=0.2, help="Relative standard error of every strain rate.")
    ] = None,
):
    """Creep of grains by diffusion: strain rate against grain size and tension, from hops.

    Cubic grains under tension, through the interface alone, the metal alone, and both: exponents of size and tension
    with errors, and the size at which the paths are equal, beside the exact solution of the same networks and the
    continuum. Ctrl-C stops early and keeps the strain rates that are finished.

    Examples:

      coble creep                               four sizes, four tensions (two minutes)

      coble init creep -o mine.toml             a commented case file to start from

      coble creep mine.toml --out mine --target-error 0.05
    """
    stop = stop_flag()

    from runs.case import CaseError, load_case

    case = path_of(case, "creep")
    try:
        settings = load_case(case)
    except CaseError as error:
        fail(str(error), BAD_CASE)
    from runs.kinds import refusals

    refuse(case, refusals(settings, "creep"))

    from rich.console import Console

    from kmc.lowering import RateRangeError
    from kmc.network import NotConverged
    from runs.creep import creep as run
    from runs.creep_results import FILES, write
    from runs.progress import Live
    from runs.tables import creep_table

    folder, made = output_folder(out, case.stem, FILES)
    text = case.read_text(encoding="utf-8")
    try:
        with Live(Console(stderr=True), folder) as live:
            result = run(
                settings,
                seed=seed,
                workers=workers,
                target_error=target_error,
                should_stop=stop.is_set,
                report=live.say,
            )
    except (ValueError, NotConverged, MemoryError) as error:
        remove(made)
        bad_case = isinstance(error, ValueError) and not isinstance(error, RateRangeError)
        fail(f"{case}: {str(error) or 'not enough memory'}", BAD_CASE if bad_case else NUMERICAL)
    except KeyboardInterrupt:
        remove(made)
        fail("Dropped: nothing was written.", INTERRUPTED)
    content = write(folder, result, text)
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(creep_table(content), highlight=False)
    say_written(console, folder)
    if result.interrupted:
        print("Interrupted: the results above hold what was finished until then.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)
