"""The commands rates and tune."""

from os.path import exists
from pathlib import Path
from typing import Annotated

import typer

from coble.cli.common import (
    BAD_CASE,
    CASE,
    OUT,
    RATES,
    SEED,
    WORKERS,
    fail,
    failing,
    out_console,
    path_of,
    settings_of,
    stop_flag,
)
from coble.cli.run import carry_out, held_folder
from coble.render.printable import say


def rates(
    case: CASE = None,
    table: RATES = None,
    temperature: Annotated[
        float | None, typer.Option(min=1.0, help="Print at this temperature [K] instead of the case's.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the table to this file, to edit or to tune.")] = None,
):
    """Hop rates of a case, class by class, with what they imply; detailed balance is checked.

    Examples:

      coble rates                               the tubule of the experiments (`coble init mechanisms`)

      coble rates mine.toml --temperature 330

      coble rates mine.toml --out rates.toml    a table to edit; every command takes it back with --rates
    """
    from coble.inputs.rate_table import rates_of, written

    path = path_of(case, "mechanisms")
    settings = settings_of(path, table)
    with failing(path):
        found = rates_of(settings)

    from coble.render.terminal import rate_table

    console = out_console()
    console.print(rate_table(settings, found, temperature))
    if out is not None:
        if exists(out):
            fail(f"--out {out}: exists; name another file (nothing was changed)", BAD_CASE)
        head = [f"Hop rates of {case or 'mechanisms'}; `coble rates` prints what they imply."]
        out.write_text(written(found, head), encoding="utf-8")
        say(f"Written to {out}")


def tune(
    targets: Annotated[Path, typer.Argument(help="Target file (TOML): `coble init targets` writes one.")],
    out: OUT = None,
    seed: SEED = None,
    workers: WORKERS = 2,
):
    """Find the hop rates that give measured numbers; say what the data cannot tell.

    A target file names a case, the rates that may move, and what was measured, each number with its error: tracer
    diffusivity, diffusivity or Haven ratio of a region; share or conductance of a path; kappa, speed or tip_speed of
    the tubule. Each may have a temperature, a void or a width of its own.

    Simulates in batches, each more exact than the one before, with exact derivatives; quotes the objective of a run
    with fresh random numbers; writes rates.toml (for --rates of every command), result.json and tune.png.

    Examples:

      coble init targets -o mine.toml           a commented target file to start from

      coble tune mine.toml --out mine

      coble plate --rates mine/rates.toml       go on with what was found
    """
    stop = stop_flag()

    from coble.inputs.case import CaseError, read_text
    from coble.kinds.tune.targets import load_targets

    try:
        text = read_text(targets, "`coble init targets` writes one to start from")
        found, case, free, ties = load_targets(targets)
    except (CaseError, ValueError) as error:
        fail(error, BAD_CASE)

    from coble.kinds.tune.result import FILES, table_of, write
    from coble.kinds.tune.run import tune as run

    with held_folder(out, targets.stem, FILES) as folder:
        carry_out(
            targets,
            folder,
            lambda display: run(
                found,
                case,
                free,
                ties,
                seed=seed,
                workers=workers,
                should_stop=stop.is_set,
                report=lambda number, batch, chi2: display.say(f"batch {number + 1}: chi2 {chi2:.3g}"),
            ),
            lambda result, left_out: write(folder, result, text, left_out=left_out),
            lambda content, console: table_of(content),
            kept="these are the rates of the last complete batch.",
            nothing="stopped before the first batch was done; nothing was written.",
        )
