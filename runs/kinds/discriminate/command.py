"""The command discriminate."""

from contextlib import suppress
from threading import Thread
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
    path_of,
    refuse,
    settings_of,
    stop_flag,
)
from coble.kinds.discriminate import KIND
from coble.kinds.experiment.command import experiments, next_measurements


def discriminate(
    case: CASE = None,
    out: OUT = None,
    seed: SEED = None,
    replicas: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Independent runs, instead of the case's.")
    ] = None,
    workers: WORKERS = 2,
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
            "alone, at numbers drawn from their ranges; default case, in which all of them compete."
        ),
    ] = None,
    rates: RATES = None,
    knowledge: Annotated[
        bool, typer.Option(help="Also report the shares over the ranges of numbers that are not known exactly.")
    ] = True,
    check_knowledge: Annotated[
        bool, typer.Option("--check-knowledge", help="Compare those with simulations at 16 points of the prior.")
    ] = False,
    next_: Annotated[
        bool,
        typer.Option(
            "--next",
            help="Only print which measurement is most informative about the dominant path, given what was --observed.",
        ),
    ] = False,
    precision: Annotated[
        float | None,
        typer.Option(
            min=1e-3, max=1.0, help="With --next: relative error of every measured speed or D; 0.1 unless given."
        ),
    ] = None,
    observed: Annotated[
        list[str] | None,
        typer.Option(
            help="With --experiment: what was seen, NAME=VALUE+-ERROR, e.g. void_ratio=1.4+-0.2, instead of a "
            "simulated observation; may be given several times."
        ),
    ] = None,
):
    """Which path carries the metal along a tubule: interface, wall, bulk or surface?

    For each wall of the case: the share of every path in the current with its standard error, beside the exact
    solution of the same network and the continuum formula; what controls the current; and a verdict, which may be
    "undecided".  Ctrl-C stops early and keeps what was measured.

    With --experiment: how a void, obstacles, another wall, width or temperature changes the speed of the tip, under
    every mechanism by itself (interface, wall, bulk, surface, slip), and which of them agrees with the observation.

    Examples:

      coble discriminate                        the paper's tubule, each of its walls (about 20 s)

      coble init -o mine.toml                   a commented case file to start from

      coble discriminate mine.toml --out mine --seed 7

      coble discriminate --experiment void      predictions, a simulated observation, a verdict (half a minute)

      coble discriminate --experiment void --observed marker=0.0+-0.05

      coble discriminate mine.toml --next       what to measure next (seconds)
    """
    if next_ and truth is not None:
        fail("--next takes what was observed, --observed NAME=VALUE+-ERROR, and simulates no --truth", USAGE)
    if (next_ or check_knowledge) and not knowledge:
        fail("--no-knowledge leaves out what --next and --check-knowledge are about: give one of the two", USAGE)
    if precision is not None and not next_:
        fail("--precision is that of a measurement to come: give --next, too", USAGE)
    if check_knowledge and (next_ or experiment):
        fail(f"--check-knowledge simulates shares, and {'--next' if next_ else '--experiment'} has none", USAGE)
    if next_:
        return next_measurements(case, rates, precision, experiment, observed)
    if experiment:
        given = (case, out, seed, replicas, workers, target_error, quick, rates, experiment, truth, observed, knowledge)
        return experiments(*given)
    if truth is not None or observed:
        fail("--truth and --observed belong to an --experiment", USAGE)
    stop = stop_flag()  # before anything that takes time, imports included

    name, case = case or "paper.toml", path_of(case, "paper")
    settings = settings_of(case, rates, structures=True)

    from coble.kinds.discriminate.result import FILES
    from coble.kinds.discriminate.run import refusals

    refuse(name, refusals(settings, "discriminate"))
    text = case.read_text(encoding="utf-8")
    with held_folder(out, case.stem, (*FILES, RATES_FILE)) as folder:
        Thread(target=_import_for_the_end).start()
        from coble.console.progress import Display
        from coble.kinds.discriminate.result import write
        from coble.kinds.discriminate.run import discriminate as run
        from coble.models.host import hosts_of

        carry_out(
            KIND,
            name,
            folder,
            lambda display: run(
                settings,
                seed=seed,
                replicas=replicas,
                workers=workers,
                target_error=target_error,
                quick=quick,
                knowledge=knowledge,
                check_knowledge=check_knowledge,
                should_stop=stop.is_set,
                report=display.of([host.name for host in hosts_of(settings)], quick=quick),
                ahead=display.ahead,
            ),
            lambda place, result, left_out: write(place, result, text, left_out=left_out),
            display=Display,
            rates=rates,
            measured=lambda content: content["walls"],
        )


def _import_for_the_end():
    """Import what the end of a run needs: a second, in which the event loops need no Python."""
    with suppress(Exception):  # who needs it will meet it, too, and say so
        import scipy.stats  # noqa: F401

        import coble.kinds.discriminate.pictures.shares  # noqa: F401


COMMANDS = (discriminate,)
