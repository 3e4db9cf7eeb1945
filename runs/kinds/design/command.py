"""The command design."""

from pathlib import Path
from shlex import join
from typing import Annotated

import typer

from coble.console.carry_out import carry_out, held_folder
from coble.console.common import (
    BAD_CASE,
    CASE,
    OUT,
    RATES,
    RATES_FILE,
    SEED,
    WORKERS,
    fail,
    path_of,
    refuse,
    settings_of,
    stop_flag,
)
from coble.kinds.design import KIND


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
    workers: WORKERS = 2,
    rates: RATES = None,
    paper: Annotated[
        bool,
        typer.Option(
            "--paper", help="Print all tables: also the weakest wall, and the numbers of the paper beside ours."
        ),
    ] = False,
):
    """From tubule to cell: what conductances mean for a device.

    For each wall of the case: conductivity; wall thicknesses and pitches that carry the wanted current at the allowed
    overpotential; the largest depth; speed of the tip and time to fill. For a matrix of 10^10 tubules with size
    scatter: overpotential as it fills, currents, pressures, and the wall that bursts first. Section [design] of the
    case holds current, overpotential and scatter. Ctrl-C stops early and keeps the walls that are done.

    Without a case, the paper's cell. With --paper its printed numbers are compared with ours.

    Examples:

      coble design                    the paper's cell (10 s)

      coble init design -o cell.toml  a commented case; section [design] says what is wanted

      coble design cell.toml --from coble-runs/paper-1

      coble design --from coble-runs/paper-1  the case that was measured
    """
    stop = stop_flag()

    from coble.inputs.case import CaseError
    from coble.kinds.design.measured_paths import measured, read_result

    path = path_of(case, "design")
    try:
        result = None
        if source is not None:
            result = read_result(source)
            path = source / "case.toml" if case is None else path
        settings = settings_of(path, rates)
        paths = measured(settings, result, source) if result else None
    except CaseError as error:
        fail(error, BAD_CASE)

    from coble.kinds.design.run import refusals

    reasons = refusals(settings)
    if reasons and source is not None and case is None:
        copied, again = ["cp", f"{path}", "cell.toml"], ["coble", "design", "cell.toml", "--from", f"{source}"]
        reasons.append(f"leave this file as its run left it, and change a copy: `{join(copied)}`, then `{join(again)}`")
    refuse(path, reasons)

    from coble.kinds.design.result import FILES, write
    from coble.kinds.design.run import design as run
    from coble.kinds.design.tables import FOLDED

    name = source.resolve().name if source is not None and case is None else path.stem
    text = path.read_text(encoding="utf-8")
    with held_folder(out, f"{name}-design", (*FILES, RATES_FILE)) as folder:
        carry_out(
            KIND,
            path,
            folder,
            lambda display: run(
                settings, paths, seed=seed, workers=workers, should_stop=stop.is_set, report=display.say
            ),
            lambda place, found, left_out: write(place, found, text, left_out=left_out),
            rates=rates,
            kept="the results above hold the walls that were done; the same command again does all of them.",
            nothing="no wall was done, nothing was written; the same command starts again.",
            folded=() if paper else FOLDED,
            option="--paper",
        )


COMMANDS = (design,)
