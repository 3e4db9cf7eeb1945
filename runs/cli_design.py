"""The command design."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from runs.cli_common import (
    BAD_CASE,
    CASE,
    INTERRUPTED,
    NUMERICAL,
    OUT,
    SEED,
    fail,
    output_folder,
    path_of,
    remove,
    say_written,
)


def design(
    case: CASE = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Folder that `coble discriminate` wrote: its conductances, instead of the formula's."
        ),
    ] = None,
    out: OUT = None,
    seed: SEED = None,
    workers: Annotated[int, typer.Option(min=1, help="Threads; the numbers do not depend on it.")] = 2,
):
    """From tubule to cell: what conductances mean for a device.

    For each wall of the case: conductivity, walls and pitches that carry the wanted current at the allowed
    overpotential, the depth that does, speed of the tip and time to fill; and a matrix of 10^10 tubules that are not
    alike: overpotential as it fills, currents, pressures, and the wall that bursts first. What is wanted is in the
    section [design].

    Without a case the paper's: then its numbers are held against ours.

    Examples:

      coble design                              the paper's cell (half a minute)

      coble template design > cell.toml         a commented case file to start from

      coble design cell.toml --from coble-runs/paper-1

      coble design --from coble-runs/paper-1    the case that was measured, with its errors
    """
    from runs.case import CaseError, load_case, read_text

    try:
        if case is None and source is not None:
            from runs.measured_paths import read_result

            read_result(source)  # a folder without results is named before its missing case
            path = source / "case.toml"
        else:
            path = path_of(case, "design")
        settings = load_case(path)
        text = read_text(path, "")
    except CaseError as error:
        fail(str(error), BAD_CASE)

    from rich.console import Console

    from runs.design import design as run
    from runs.design_results import FILES, as_dict, write
    from runs.design_tables import design_tables
    from runs.measured_paths import measured, read_result
    from runs.paper_numbers import claims
    from runs.progress import Live

    try:
        paths = measured(settings, read_result(source), source) if source is not None else None
    except CaseError as error:
        fail(str(error), BAD_CASE)
    folder, made = output_folder(out, f"{source.name if case is None and source else path.stem}-design", FILES)
    try:
        with Live(Console(stderr=True)) as display:
            found = run(settings, paths, seed=seed, workers=workers, report=display.say)
    except ValueError as error:
        remove(made)
        fail(f"{path}: {error}", BAD_CASE)
    except (ArithmeticError, MemoryError) as error:
        remove(made)
        fail(f"numerical failure: {str(error) or type(error).__name__}", NUMERICAL)
    except KeyboardInterrupt:
        remove(made)
        fail("Dropped: nothing was written.", INTERRUPTED)
    content = as_dict(found, claims() if case is None and source is None else (), seed)
    write(folder, content, text)
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(design_tables(content))
    say_written(console, folder)
