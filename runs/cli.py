"""The command `coble`.

Exit status: 0 done, 2 usage, 3 bad case file or output folder, 4 interrupted with results kept, 5 numerical failure.
"""

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

QUICK_SPEED_ERROR = 0.05  # relative, of --quick with --experiment
RATES_FILE = "rates.toml"  # beside the case in a folder of results
OK, USAGE, BAD_CASE, INTERRUPTED, NUMERICAL = 0, 2, 3, 4, 5

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Which path carries the lithium? Kinetic Monte Carlo for metal in mixed-conductor tubules.",
)


CASE = Annotated[
    Path | None, typer.Argument(help="Case file (TOML), or the name of one that comes along: `coble template`.")
]
OUT = Annotated[Path | None, typer.Option(help="Folder for the results; default coble-runs/NAME-N, N counting up.")]
SEED = Annotated[int | None, typer.Option(min=0, help="Seed of the random numbers, instead of the case's.")]
RATES = Annotated[Path | None, typer.Option("--rates", help="Rate table to use instead of the case's diffusivities.")]
RESUME = Annotated[Path | None, typer.Option(help="Folder of an interrupted run to go on with; no other argument.")]


def _print_version(wanted: bool):
    if wanted:
        from importlib.metadata import version

        print(f"coble {version('coble')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
):
    pass


@app.command()
def template(
    name: Annotated[str, typer.Argument(help="Name of a case; a wrong one is answered by the list.")] = "paper",
):
    """Print a commented case file with its keys, their units and defaults.

    coble template > case.toml                the paper's case, for `coble discriminate`

    coble template plate > plate.toml         growth into a tubule, for `coble plate`
    """
    from runs.case import shipped

    if shipped(name) is None:
        _fail(f"no case {name!r}; there are {', '.join(sorted(shipped()))}", USAGE)
    print(shipped(name).read_text(encoding="utf-8"), end="")


@app.command()
def discriminate(
    case: Annotated[Path | None, typer.Argument(help="Case file (TOML); without it, the paper's case.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; default coble-runs/NAME-N, N counting up.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the random numbers, instead of the case's.")] = None,
    replicas: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Independent runs, instead of the case's.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Threads; the numbers do not depend on it.")] = 2,
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
            "alone; default case, in which all of them compete."
        ),
    ] = None,
    rates: RATES = None,
    observed: Annotated[
        list[str] | None,
        typer.Option(
            help="With --experiment: what was seen, NAME=VALUE+-ERROR, e.g. void_ratio=1.4+-0.2, instead of a "
            "simulated observation; may be given several times."
        ),
    ] = None,
):
    """Which path carries the metal along a tubule: interface, wall, bulk metal or free surface?

    For each wall of the case: the share of every path in the current with its standard error, beside the exact
    solution of the same network and the continuum formula; what controls the current; and a verdict, which may be
    "undecided".  Ctrl-C stops early and keeps what was measured.

    With --experiment: how the speed of the tip answers to a void, obstacles, another wall, width or temperature, under
    every mechanism by itself (interface, wall, bulk, surface, slip), and which of them gives what was observed.

    Examples:

      coble discriminate                        the paper's tubule, each of its walls (about a minute)

      coble template > mine.toml                a commented case file to start from

      coble discriminate mine.toml --out mine --seed 7

      coble discriminate --experiment void      predictions, a simulated observation, a verdict (half a minute)

      coble discriminate --experiment void --observed void_ratio=1.4+-0.2 --observed marker=0.0+-0.05
    """
    if experiment:
        return _experiments(case, out, seed, replicas, workers, target_error, quick, rates, experiment, truth, observed)
    if truth is not None or observed:
        _fail("--truth and --observed belong to an --experiment", USAGE)
    stop = _stop_flag()  # before anything that takes time, imports included

    from runs.case import PAPER_TOML, CaseError, load_case

    try:
        settings = _at_rates(load_case(PAPER_TOML if case is None else case), rates)
    except CaseError as error:
        _fail(str(error), BAD_CASE)
    from runs.results import FILES
    from runs.tubules import too_large

    if reason := too_large(settings):
        _fail(f"{case or 'paper.toml'}: {reason}", BAD_CASE)
    folder, made = _output_folder(out, "paper" if case is None else case.stem, (*FILES, RATES_FILE))
    text = (PAPER_TOML if case is None else case).read_text(encoding="utf-8")

    from rich.console import Console

    from kmc.lowering import RateRangeError
    from kmc.network import NotConverged
    from runs.discrimination import discriminate as run
    from runs.progress import Display
    from runs.results import write
    from runs.tables import table_of

    console = Console(stderr=True)
    try:
        with Display(console) as display:
            result = run(
                settings,
                seed=seed,
                replicas=replicas,
                workers=workers,
                target_error=target_error,
                quick=quick,
                should_stop=stop.is_set,
                report=display.show,
            )
    except ValueError as error:
        # The lattice or the rate table cannot be made from these numbers.
        _remove(made)
        _fail(f"{case or 'paper.toml'}: {error}", BAD_CASE if not isinstance(error, RateRangeError) else NUMERICAL)
    except (NotConverged, ArithmeticError, MemoryError) as error:
        _remove(made)
        _fail(f"numerical failure: {str(error) or type(error).__name__}", NUMERICAL)
    except KeyboardInterrupt:
        _remove(made)
        _fail("Dropped: nothing was written.", INTERRUPTED)
    content = write(folder, result, text)
    _keep_rates(folder, rates)
    out_console = Console(width=None if sys.stdout.isatty() else 160)
    out_console.print(table_of(content, out_console.width))
    out_console.print(
        f"Written to {folder}{'/'}: " + ", ".join(sorted(p.name for p in folder.iterdir())), highlight=False
    )
    if result.interrupted:
        print("Interrupted: the results above hold what was measured until then.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)


def _experiments(case, out, seed, replicas, workers, target_error, quick, rates, names, truth, observed):
    """`coble discriminate --experiment`."""
    stop = _stop_flag()

    from runs.benches import TRUTHS
    from runs.case import CaseError, load_case, shipped
    from runs.experiments import EXPERIMENTS, experiment, plan
    from runs.tubules import too_large

    for name in names:
        if name not in EXPERIMENTS:
            _fail(f"--experiment {name}: there are {', '.join(EXPERIMENTS)}", USAGE)
    if truth is not None and truth not in TRUTHS:
        _fail(f"--truth {truth}: must be one of {', '.join(TRUTHS)}", USAGE)
    if truth is not None and observed:
        _fail("--truth simulates an observation and --observed gives one: give one of the two", USAGE)
    case = shipped("mechanisms") if case is None else case
    seen = dict(map(_observation, observed or ())) or None
    names = tuple(dict.fromkeys(names))
    try:
        settings = _at_rates(load_case(case), rates)
        _, _, conditions = plan(settings, names, seen)
        for condition in conditions:
            if reason := too_large(condition.case):
                raise ValueError(f"{condition.name}: {reason}")
    except CaseError as error:
        _fail(str(error), BAD_CASE)
    except ValueError as error:
        _fail(f"{case}: {error}", BAD_CASE)

    from runs.experiment_results import FILES, write

    folder, made = _output_folder(out, "-".join(names), (*FILES, RATES_FILE))
    text = case.read_text(encoding="utf-8")

    from rich.console import Console

    from kmc.network import NotConverged
    from runs.progress import Display
    from runs.tables import experiment_table

    if quick:
        target_error = max(target_error or settings.run.target_error, QUICK_SPEED_ERROR)
    try:
        with Display(Console(stderr=True)) as display:
            found = experiment(
                settings,
                names,
                truth=truth or "case",
                observed=seen,
                seed=seed,
                replicas=replicas,
                workers=workers,
                target_error=target_error,
                should_stop=stop.is_set,
                report=display.show,
            )
    except (NotConverged, ValueError, ArithmeticError, MemoryError) as error:
        _remove(made)
        _fail(f"{case}: {str(error) or type(error).__name__}", NUMERICAL)
    except KeyboardInterrupt:
        _remove(made)
        _fail("Dropped: nothing was written.", INTERRUPTED)
    content = write(folder, found, text)
    _keep_rates(folder, rates)
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(experiment_table(content))
    console.print(f"Written to {folder}/: " + ", ".join(sorted(p.name for p in folder.iterdir())), highlight=False)
    if found.interrupted:
        print("Interrupted: the results above hold what was measured until then.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)


def _at_rates(case, table):
    """The case, its first wall's rates from a table when one is given."""
    if table is None:
        return case
    from runs.rate_file import case_with, read_rates

    return case_with(case, read_rates(table), str(table))


def _keep_rates(folder, table):
    """A copy of the rate table beside the case, so that the run can be made again."""
    if table is not None:
        (folder / RATES_FILE).write_text(table.read_text(encoding="utf-8"), encoding="utf-8")


def _observation(text):
    """`void_ratio=1.4+-0.2` as a name and an estimate."""
    import re

    from kmc.estimates import Estimate

    number = r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?"
    match = re.fullmatch(rf"\s*(\w+)\s*=\s*({number})\s*(?:\+-|±)\s*({number})\s*", text)
    try:
        name, value, error = match.groups()
        value, error = float(value), float(error)
    except (AttributeError, ValueError):
        _fail(f"--observed {text}: must be NAME=VALUE+-ERROR, e.g. void_ratio=1.4+-0.2", USAGE)
    if error <= 0:
        _fail(f"--observed {text}: the error must be > 0, nothing is seen without one", USAGE)
    return name, Estimate(value, error, float("inf"), "given")


@app.command()
def plate(case: CASE = None, out: OUT = None, seed: SEED = None, rates: RATES = None, resume: RESUME = None):
    """Grow metal into a tubule from an electrolyte at its root, atom by atom.

    Writes the position of the tip, the current of every path and frames of all atoms against time. Ctrl-C stops and
    keeps a checkpoint, from which --resume goes on bit for bit; one is also written every minute.

    Examples:

      coble plate                               W = 5 nm, 20 nm of growth at 0.1 V (a minute)

      coble template plate > mine.toml          a commented case file to start from

      coble plate mine.toml --out mine --seed 7

      coble plate --resume mine
    """
    _grow("plate", case, out, seed, rates, resume)


@app.command()
def strip(case: CASE = None, out: OUT = None, seed: SEED = None, rates: RATES = None, resume: RESUME = None):
    """Strip metal out of a tubule; `coble strip void` starts with a void between metal and electrolyte.

    As `coble plate`, with another case when none is given: 10 nm of metal at -0.1 V.
    """
    _grow("strip", case, out, seed, rates, resume)


@app.command()
def cycle(case: CASE = None, out: OUT = None, seed: SEED = None, rates: RATES = None, resume: RESUME = None):
    """Plate and strip by turns; without a case, 100 cycles in a short tubule.

    As `coble plate`; atoms are conserved exactly: given less taken is what the tubule gained.
    """
    _grow("cycle", case, out, seed, rates, resume)


def _grow(name, case, out, seed, rates, resume):
    """What `plate`, `strip` and `cycle` have in common; `name` is the case that is run when none is given."""
    stop = _stop_flag()

    from runs.case import CaseError, load_case, shipped
    from runs.tubules import too_large

    if resume is not None:
        if not (case is out is seed is rates is None):
            _fail("--resume goes on with a folder as it is: give no case, --out, --seed or --rates", USAGE)
        rates = resume / RATES_FILE if (resume / RATES_FILE).exists() else None
        case = resume / "case.toml"
    elif case is None or (not case.is_file() and shipped(str(case))):
        case = shipped(name if case is None else str(case))
    try:
        settings = _at_rates(load_case(case), rates)
    except CaseError as error:
        _fail(str(error), BAD_CASE)
    if len(settings.wall) > 1:
        _fail(f"{case}: wall: metal grows into a tubule with one wall, got {len(settings.wall)}: leave one", BAD_CASE)
    if reason := too_large(settings, settings.growth.depth_nm):
        _fail(f"{case}: {reason}", BAD_CASE)

    from runs.plating_results import FILES, read_checkpoint, write, write_checkpoint
    from runs.plating_setup import prepare

    made = []
    try:
        state = read_checkpoint(resume) if resume else None
        if resume is None:
            out, made = _output_folder(out, case.stem, (*FILES, RATES_FILE))
        run = prepare(settings, state[1]["seed"] if state else seed)
        if state:
            run.restore(*state)
    except ValueError as error:
        _remove(made)
        _fail(f"{case}: {error}", BAD_CASE)
    except MemoryError:
        _remove(made)
        _fail("numerical failure: not enough memory", NUMERICAL)
    folder = resume or out
    text = case.read_text(encoding="utf-8")

    from rich.console import Console

    from runs.progress import GrowthDisplay
    from runs.tables import growth_table

    try:
        with GrowthDisplay(Console(stderr=True)) as display:
            (folder / "case.toml").write_text(text, encoding="utf-8")  # beside the checkpoints, to go on with
            if not resume:
                _keep_rates(folder, rates)
            run.run(stop.is_set, display.show, lambda run: write_checkpoint(folder, run))
    except KeyboardInterrupt:
        _fail("Dropped: only the last checkpoint is kept.", INTERRUPTED)
    content = write(folder, run, text)
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(growth_table(content), highlight=False)
    console.print(f"Written to {folder}/: " + ", ".join(sorted(p.name for p in folder.iterdir())), highlight=False)
    if not run.reason:
        print(f"Interrupted; to go on: coble {name} --resume {folder}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)


@app.command()
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

      coble rates                               the tubule of the experiments (`coble template mechanisms`)

      coble rates mine.toml --temperature 330

      coble rates mine.toml --out rates.toml    a table to edit; every command takes it back with --rates
    """
    from runs.case import CaseError, load_case, shipped
    from runs.rate_file import rates_of, written

    name = case or "mechanisms"
    try:
        settings = load_case(name if Path(name).exists() or not shipped(str(name)) else shipped(str(name)))
        settings = _at_rates(settings, table)
        found = rates_of(settings)
    except (CaseError, ValueError) as error:
        _fail(str(error), BAD_CASE)

    from rich.console import Console

    from runs.tables import rate_table

    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(rate_table(settings, found, temperature))
    if out is not None:
        if out.exists():
            _fail(f"--out {out}: exists; name another file (nothing was changed)", BAD_CASE)
        out.write_text(
            written(found, [f"Hop rates of {name}; `coble rates` prints what they imply."]), encoding="utf-8"
        )
        print(f"Written to {out}")


@app.command()
def tune(
    targets: Annotated[Path, typer.Argument(help="Target file (TOML).")],
    out: OUT = None,
    seed: SEED = None,
    workers: Annotated[int, typer.Option(min=1, help="Threads; the numbers do not depend on it.")] = 2,
):
    """Find the hop rates that give measured numbers; say what the data cannot tell.

    A target file names a case, the rates that may move, and what was measured:

      case = "mechanisms"            # a file, or a case that comes along

      free = ["interface", "wall"]   # also surface, bulk, interface-wall, interface-bulk, "interface barrier", ...

      [[target]]

      kind = "tracer_diffusivity"    # or diffusivity, haven_ratio, conductance, share, kappa, speed

      region = "interface"           # path = "..." for a share or the conductance of a path

      value = 9.3e-8

      error = 0.5e-8

      unit = "cm2/s"                 # S.m, mS/cm, nm/s; also temperature_K, void_fraction, inner_width_nm

    Simulates in batches, each more exact than the one before, with exact derivatives; quotes the objective of a run
    with fresh random numbers; writes rates.toml (for --rates of every command), result.json and tune.png.
    """
    stop = _stop_flag()

    from runs.case import CaseError, read_text
    from runs.targets import load_targets

    try:
        text = read_text(targets, "see `coble tune --help`")
        found, case, free, ties = load_targets(targets)
    except (CaseError, ValueError) as error:
        _fail(str(error), BAD_CASE)

    from rich.console import Console

    from kmc.lowering import RateRangeError
    from kmc.network import NotConverged
    from runs.progress import Live
    from runs.tuning import tune as run
    from runs.tuning_results import FILES, table_of, write

    folder, made = _output_folder(out, targets.stem, FILES)
    try:
        with Live(Console(stderr=True)) as display:
            result = run(
                found,
                case,
                free,
                ties,
                seed=seed,
                workers=workers,
                should_stop=stop.is_set,
                report=lambda number, batch, chi2: display.say(f"batch {number + 1}: chi2 {chi2:.3g}"),
            )
    except (NotConverged, RateRangeError, MemoryError) as error:
        _remove(made)
        _fail(f"{targets}: {str(error) or type(error).__name__}", NUMERICAL)
    except ValueError as error:
        _remove(made)
        _fail(f"{targets}: {error}", BAD_CASE)
    except KeyboardInterrupt:
        _remove(made)
        _fail("Dropped: nothing was written.", INTERRUPTED)
    if result is None:
        _remove(made)
        _fail("Interrupted before the first batch: nothing was written.", INTERRUPTED)
    content = write(folder, result, text)
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table_of(content))
    console.print(f"Written to {folder}/: " + ", ".join(sorted(p.name for p in folder.iterdir())), highlight=False)
    if result.interrupted:
        raise typer.Exit(INTERRUPTED)


@app.command()
def sensitivity(
    case: CASE = None,
    table: RATES = None,
    void_fraction: Annotated[float, typer.Option(min=0.0, max=0.99, help="Empty part of the way.")] = 0.0,
):
    """Degree of rate control: how every current answers to every class of hops, d ln J / d ln k.

    Exact, from the network of the case's first wall and its adjoint; every row sums to 1 (0 for shares).

      coble sensitivity mine.toml --void-fraction 0.5
    """
    from runs.case import CaseError, load_case, shipped
    from runs.sensitivity import sensitivities

    name = case or "mechanisms"
    try:
        settings = load_case(name if Path(name).exists() or not shipped(str(name)) else shipped(str(name)))
        settings = _at_rates(settings, table)
        found = sensitivities(settings, void_fraction)
    except (CaseError, ValueError) as error:
        _fail(str(error), BAD_CASE)

    from rich.console import Console

    from runs.tables import sensitivity_table

    Console(width=None if sys.stdout.isatty() else 140).print(sensitivity_table(found))


@app.command()
def export(
    result: Annotated[Path, typer.Argument(help="Folder that plate, strip, cycle or discriminate has written.")],
    to: Annotated[
        str,
        typer.Option(help="extxyz, traj, lammps-data, vasp, cif, db, or another format that ASE writes, by its name."),
    ] = "extxyz",
    out: Annotated[Path | None, typer.Option(help="File to write; default RESULT.ENDING here.")] = None,
    frame: Annotated[
        str, typer.Option(help="Which of the frames: a number from 0, A:B (B not included), A:B:STEP, : or last.")
    ] = "last",
    atoms: Annotated[
        str,
        typer.Option(
            help="metal, interface, surface, wall, with commas between; vacancies adds the empty sites of these "
            "(symbol X), or all empty sites when it stands alone."
        ),
    ] = "metal,interface,surface,wall",
    cut: Annotated[
        list[str] | None,
        typer.Option(
            help="Take a part, lengths in nm: x:A:B, y:A:B, z:A:B (the root at 0), slab:T (|y| < T/2), wedge:A:B "
            "(azimuth in degrees; wedge alone takes a quarter out), shell:A:B (off the axis; shell alone is the edge "
            "of the bore). May be given several times: what all of them leave."
        ),
    ] = None,
):
    """Structures of a result as files for ASE, OVITO, LAMMPS and others.

    Tags are kinds of sites: 0 metal, 1 interface, 2 wall, 3 surface. Nothing is run again.

    Examples:

      coble export mine                         the last frame, as mine.extxyz

      coble export mine --frame : --to traj     all frames, as mine.traj

      coble export mine --atoms metal --cut z:0:5 --cut wedge --out inside.extxyz

      coble export mine --atoms interface,vacancies --cut slab:1 --to lammps-data
    """
    from runs.cuts import cut_of
    from runs.export import each_frame, ending_of, format_of, kinds_of, slice_of, write_structures

    names, cuts, sizes = atoms.split(","), cut or [], []
    for option, check, values in (
        ("--to", format_of, [to]),
        ("--frame", slice_of, [frame]),
        ("--atoms", kinds_of, [names]),
        ("--cut", cut_of, cuts),
    ):
        try:
            for value in values:
                check(value)
        except ValueError as error:
            _fail(f"{option} {str(error).partition(' ')[2]}", USAGE)  # the library calls it by its own name
    file = format_of(to)
    out = out or Path(f"{result.resolve().name}.{ending_of(file)}")
    if out.exists():
        _fail(f"--out {out}: exists; name another file (nothing was changed)", BAD_CASE)
    if not out.absolute().parent.is_dir():
        _fail(f"--out {out}: {out.parent} is no folder; name a file in one that exists", BAD_CASE)

    def counted():
        for each in each_frame(result, frame, atoms=names, cuts=cuts):
            sizes.append(len(each))
            yield each
        if not any(sizes):
            raise ValueError(f"{result}: no atom is left; take other --atoms or another --cut")

    try:
        write_structures(out, counted(), file)
    except MemoryError:
        _fail("not enough memory: take fewer frames, or a part with --cut", NUMERICAL)
    except KeyboardInterrupt:
        _fail("Dropped: nothing was written.", INTERRUPTED)
    except OSError as error:
        _fail(f"--out {out}: cannot be written ({error.strerror or error})", BAD_CASE)
    except ValueError as error:
        _fail(str(error), BAD_CASE)
    least, most = min(sizes), max(sizes)
    print(f"Written to {out}: {len(sizes)} frame{'s'[: len(sizes) > 1]}, {least}{f' to {most}' * (most > least)} atoms")


def _output_folder(out, name, files=None):
    """The folder to write to, and the folders made for it: now, so that a long run does not end at a closed door."""
    from runs.results import FILES, existing

    if out is None:
        number = 1
        while (Path("coble-runs") / f"{name}-{number}").exists():
            number += 1
        out = Path("coble-runs") / f"{name}-{number}"
    made = []
    try:
        there = existing(out, files or FILES) if out.is_dir() else []
        made = [folder for folder in (out, *out.parents) if not folder.exists()]
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".coble-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        _remove(made)
        _fail(f"--out {out}: cannot be written ({error.strerror or error}); name a folder that can", BAD_CASE)
    if there:
        names = ", ".join(path.name for path in there)
        _fail(f"--out {out}: already holds {names}; name another folder (nothing was changed)", BAD_CASE)
    return out, made


def _remove(folders):
    """Take back the folders that were made for nothing, the innermost first."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _stop_flag():
    """Raised by Ctrl-C or SIGTERM; a second Ctrl-C ends at once."""
    flag = threading.Event()

    def stop(number, frame):
        if flag.is_set():
            raise KeyboardInterrupt
        flag.set()
        print("\nStopping: what was measured is kept (Ctrl-C again to drop it).", file=sys.stderr)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return flag


def _fail(message, status):
    print(message, file=sys.stderr)
    raise typer.Exit(status)


def main():
    """Entry point of the command `coble`."""
    app()


if __name__ == "__main__":
    main()
