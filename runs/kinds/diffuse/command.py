"""The command diffuse."""

from typing import Annotated

import typer

from coble.console.carry_out import carry_out, held_folder
from coble.console.common import CASE, OUT, SEED, WORKERS, path_of, refuse, settings_of, stop_flag
from coble.kinds.diffuse import KIND


def diffuse(
    case: CASE = None,
    out: OUT = None,
    seed: SEED = None,
    workers: WORKERS = 2,
    target_error: Annotated[
        float | None,
        typer.Option(min=1e-4, max=0.2, help="Relative standard error of D* and D_sigma, averaged over directions."),
    ] = None,
):
    """Diffusion in a crystal: tracer and collective diffusion tensors, from hops.

    With the Haven ratio, the correlation factor, and activation energy and D0 from several temperatures, beside the
    exact tensor of a lone carrier. The case has a section [structure]. Ctrl-C stops early and keeps what is measured.

    Examples:

      coble diffuse mine.toml --out mine

      coble diffuse mine.toml --target-error 0.003
    """
    stop = stop_flag()

    case = path_of(case, "structure")
    settings = settings_of(case, structures=True)

    from coble.kinds.diffuse.run import refusals

    refuse(case, refusals(settings, "diffuse"))

    from coble.kinds.diffuse.result import FILES, write

    text = case.read_text(encoding="utf-8")
    with held_folder(out, case.stem, FILES) as folder:
        from coble.kinds.diffuse.run import diffuse as run

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
            kept="the results above hold the temperatures that were measured until then.",
            measured=lambda content: bool(content["temperatures"]),
        )


COMMANDS = (diffuse,)
