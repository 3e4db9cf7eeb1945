"""The command creep."""

from typing import Annotated

import typer

from coble.console.carry_out import carry_out, held_folder
from coble.console.common import (
    CASE,
    OUT,
    RATES,
    RATES_FILE,
    SEED,
    WORKERS,
    path_of,
    refuse,
    settings_of,
    stop_flag,
)
from coble.kinds.creep import KIND


def creep(
    case: CASE = None,
    out: OUT = None,
    seed: SEED = None,
    workers: WORKERS = 2,
    target_error: Annotated[
        float | None, typer.Option(min=1e-3, max=0.2, help="Relative standard error of every strain rate.")
    ] = None,
    rates: RATES = None,
):
    """Creep of grains by diffusion: strain rate against grain size and tension, from hops.

    Cubic grains under tension, through the interface alone, the bulk alone, and both: exponents of size and tension
    with errors, and the size at which the paths are equal, beside the exact solution of the same networks and the
    continuum. Ctrl-C stops early and keeps the strain rates that are finished.

    Examples:

      coble creep                               four sizes, four tensions (two minutes)

      coble init creep -o mine.toml             a commented case file to start from

      coble creep mine.toml --out mine --target-error 0.05
    """
    stop = stop_flag()

    case = path_of(case, "creep")
    settings = settings_of(case, rates)

    from coble.kinds.creep.run import refusals

    refuse(case, refusals(settings, "creep"))

    from coble.kinds.creep.result import FILES, write

    text = case.read_text(encoding="utf-8")
    with held_folder(out, case.stem, (*FILES, RATES_FILE)) as folder:
        from coble.kinds.creep.run import creep as run

        carry_out(
            KIND,
            case,
            folder,
            lambda display: run(
                settings,
                seed=seed,
                workers=workers,
                target_error=target_error,
                should_stop=stop.is_set,
                report=display.say,
            ),
            lambda place, result, left_out: write(place, result, text, left_out=left_out),
            rates=rates,
            kept="the results above hold what was finished until then.",
            measured=lambda content: any(content["series"].values()),
        )


COMMANDS = (creep,)
