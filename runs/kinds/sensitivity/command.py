"""The command sensitivity."""

from typing import Annotated

import typer

from coble.console.carry_out import carry_out, held_folder
from coble.console.common import (
    CASE,
    OUT,
    RATES,
    RATES_FILE,
    SEED,
    USAGE,
    WORKERS,
    fail,
    failing,
    out_console,
    path_of,
    refuse,
    settings_of,
    stop_flag,
)
from coble.kinds.sensitivity import KIND
from coble.render.terminal import answer


def sensitivity(
    case: CASE = None,
    rates: RATES = None,
    void_fraction: Annotated[float, typer.Option(min=0.0, max=0.99, help="Empty part of the bore.")] = 0.0,
    measured: Annotated[
        bool, typer.Option("--measured", help="From runs, with errors, instead of from the exact network.")
    ] = False,
    error: Annotated[
        float, typer.Option(min=1e-3, max=0.5, help="With --measured: standard error of the total's coefficients.")
    ] = 0.03,
    runs: Annotated[
        int,
        typer.Option(min=2, max=1000, help="Where metal grows: runs at faster, and at slower, rates of each class."),
    ] = 16,
    out: OUT = None,
    seed: SEED = None,
    workers: WORKERS = 2,
):
    """Degree of rate control: how a result responds to every class of hops, d ln X / d ln k.

    For the currents through the tubule of the case's first wall the answer is exact, from the network and its adjoint.
    With --measured it comes from runs and has errors. For a case with [growth], runs give how fast the metal grows or
    shrinks, and when it nucleates in an empty tubule. If all rates double, everything is twice as fast, so the classes
    sum to 1 (-1 for a time, 0 for a share).

    Results of runs are written to a folder, exact ones only with --out.

    Examples:

      coble sensitivity                          the tubule of the experiments, exact

      coble sensitivity mine.toml --void-fraction 0.5

      coble sensitivity mine.toml --void-fraction 0.5 --measured --error 0.02

      coble sensitivity plate.toml --runs 32
    """
    stop = stop_flag()

    path = path_of(case, "mechanisms")
    settings = settings_of(path, rates)

    from coble.kinds.sensitivity.run import refusals

    if settings.grows and void_fraction:
        fail("--void-fraction: where metal grows, metal_from_nm in the case says where it starts", USAGE)
    refuse(path, refusals(settings, "sensitivity"))

    from coble.kinds.sensitivity.measured import rate_control
    from coble.kinds.sensitivity.result import FILES, as_dict, write

    text = path.read_text(encoding="utf-8")

    def work(display=None):
        running = {"seed": seed, "workers": workers, "should_stop": stop.is_set}
        running |= {"report": display.say} if display else {}
        return rate_control(settings, void_fraction, measured=measured, error=error, runs=runs, **running)

    if not (settings.grows or measured or out):
        with failing(path):
            content = as_dict(work())
        console = out_console()
        for part in answer(KIND, content):
            console.print(part)
        return
    with held_folder(out, f"{path.stem}-sensitivity", (*FILES, RATES_FILE)) as folder:
        nothing = "stopped before the first class of hops was done; nothing was written."
        carry_out(
            KIND,
            path,
            folder,
            work,
            lambda place, found, left_out: write(place, found, text, left_out=left_out),
            rates=rates,
            nothing=nothing,
        )


COMMANDS = (sensitivity,)
