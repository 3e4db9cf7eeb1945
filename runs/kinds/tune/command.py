"""The command tune."""

from pathlib import Path
from typing import Annotated

import typer

from coble.console.carry_out import carry_out, held_folder
from coble.console.common import (
    BAD_CASE,
    OUT,
    SEED,
    WORKERS,
    fail,
    stop_flag,
)
from coble.kinds.tune import KIND


def tune(
    targets: Annotated[Path, typer.Argument(help="Target file (TOML): `coble init targets` writes one.")],
    out: OUT = None,
    seed: SEED = None,
    workers: WORKERS = 2,
):
    """Find the hop rates that give measured numbers, and which of them are not identifiable.

    A target file names a case, the rates that may move, and what was measured, each number with its error: tracer
    diffusivity, diffusivity or Haven ratio of a region; share or conductance of a path; kappa, speed or tip_speed of
    the tubule. Each may have a temperature, a void or a width of its own.

    Simulates in batches, each more accurate than the one before, with exact derivatives; quotes the objective of a run
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

    from coble.kinds.tune.result import FILES, write
    from coble.kinds.tune.run import tune as run

    with held_folder(out, targets.stem, FILES) as folder:
        carry_out(
            KIND,
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
                report=display.say,
            ),
            lambda place, result, left_out: write(place, result, text, left_out=left_out),
            kept="these are the rates of the last complete batch.",
            nothing="stopped before the first batch was done; nothing was written.",
        )


COMMANDS = (tune,)
