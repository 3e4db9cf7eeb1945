"""The commands init, check, run and resume: a file to start from, what it would be, running it, and going on."""

import sys
from contextlib import contextmanager
from dataclasses import replace
from inspect import signature
from os.path import isfile
from pathlib import Path
from typing import Annotated

import typer

from coble.console.common import (
    ADDRESS,
    BAD_CASE,
    CASE,
    ENGINE,
    JOIN,
    OUT,
    RATES,
    RESUME,
    SEED,
    USAGE,
    at_rates,
    case_in,
    case_names,
    fail,
    out_console,
    path_of,
)
from coble.render.meant import meant
from coble.render.numbers import listed, typeset
from coble.render.printable import say

STDIN = Path("-")
WORKERS = Annotated[int | None, typer.Option(min=1, help="Threads or processes, for all but metal that grows.")]


def _template_names(incomplete: str):
    from coble.inputs.case import templates

    return [name for name in templates() if name.startswith(incomplete)]


def init(
    kind: Annotated[
        str,
        typer.Argument(help="Which: paper, plate, strip, targets, ... (--list).", autocompletion=_template_names),
    ] = "paper",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write, - for standard output; default KIND.toml here.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List all kinds, and stop.")] = False,
):
    """Write a commented file to start from: every key with its unit, its default and where that comes from.

    Examples:

      coble init                      paper.toml, the paper's case, for `coble discriminate`

      coble init plate -o mine.toml   growth into a tubule; then: coble check mine.toml, coble run mine.toml

      coble init targets              measured numbers, from which `coble tune` finds rates

      coble init structure            sites of your own, with the file that holds them

      coble init strip -o - | less
    """
    from coble.inputs.case import templates

    known = templates()
    if listed:
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 2))
        for name, path in known.items():
            grid.add_row(name, Text(_purpose(path)))
        out_console().print(grid, highlight=False)
        return
    if kind not in known:
        fail(f"KIND {kind}: {meant(kind, known)}", USAGE)
    text = known[kind].read_text(encoding="utf-8")
    if out == Path("-"):
        print(text, end="")
        return
    out = out or Path(f"{kind}.toml")
    beside = {out.parent / path.name: path.read_bytes() for path in _named_in(text, known[kind].parent)}
    try:
        for path, content in beside.items():
            if path.exists() and path.read_bytes() != content:
                fail(
                    f"{path}: exists, and {out} needs one of this name: write to another folder (nothing was changed)",
                    BAD_CASE,
                )
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
        for path, content in beside.items():
            path.write_bytes(content)
    except FileExistsError:
        fail(f"--out {out}: exists; name another file with -o (nothing was changed)", BAD_CASE)
    except OSError as error:
        fail(f"--out {out}: cannot be written ({error.strerror or error}); name a file that can", BAD_CASE)
    written = " and ".join(map(str, (out, *beside)))
    say(f"Written to {written}", f"To see what a run would be: coble check {out}")


def _named_in(text, folder):
    """Paths of the files that a shipped case names, in its folder."""
    from coble.inputs.case import parse_toml
    from coble.inputs.files.given_files import FILES

    data = parse_toml(text, "<text>")[0]
    return [folder / data[section][key] for section, key in FILES if isinstance(data.get(section, {}).get(key), str)]


def _path(given):
    """Path of a file, or of a built-in one of this name: a case, or what else a kind of run takes."""
    from coble.kinds.registry import kinds

    built_in = None if isfile(given) else (kind.built_in(str(given)) for kind in kinds().values())
    return next(filter(None, built_in or ()), None) or path_of(given)


def _purpose(path):
    """First sentence of the comment at the head of a file."""
    lines = [line.strip("# ") for line in path.read_text(encoding="utf-8").split("\n\n")[0].splitlines()]
    head = " ".join(line + " " * line.endswith(".") for line in lines)  # two blanks behind a sentence, as within a line
    return head.split(".  ")[0].split(": ")[0].removesuffix(".")


def check(
    cases: Annotated[
        list[Path],
        typer.Argument(
            metavar="CASE",
            help="Cases, target files, rate tables, campaigns, names of cases, or - for standard input.",
            autocompletion=case_names,
        ),
    ],
    rates: RATES = None,
):
    """Report every fault of a file with its line, or what a run of it would be.

    For a good file: the command that runs it, number of sites, memory, events, time, and warnings on its physics. Where
    metal grows, half a second of the run is tried and discarded. Exit status 3 when anything is wrong.

    Examples:

      coble check mine.toml

      coble check *.toml

      coble check plate --rates rates.toml

      coble init plate -o - | coble check -
    """
    from rich.table import Table
    from rich.text import Text

    from coble.inputs.case import CaseError
    from coble.inputs.file_kinds import CASE as A_CASE
    from coble.kinds.jobs import read_job

    console, good = out_console(), True
    for given in cases:
        asked = "FILE" if given == STDIN else given
        reasons = []
        try:
            with _as_file(given) as given:
                job = read_job(_path(given))
                if job.file_kind == A_CASE:
                    job = replace(job, content=at_rates(job.content, rates))
                elif rates is not None:
                    reasons = [f"{given}: --rates is for cases, and this is a file of {job.file_kind}"]
                reasons = reasons or [f"{given}: {reason}" for reason in job.refusals()]
                found = None if reasons else job.outlook(asked)
        except typer.Exit:  # it was said that there is no such file
            good = False
            continue
        except (CaseError, ValueError) as error:
            reasons = [error if isinstance(error, CaseError) else f"{given}: {error}"]
        if reasons:
            good = False
            say(*reasons, error=True)
            continue
        console.print(f"{given}: good, {found.what}", highlight=False, markup=False, style="bold")
        grid = Table.grid(padding=(0, 2))
        if asked != given:
            grid.add_row("  keep it", "write it to a FILE first: standard input is read once")
        for fact, value in found.facts:
            grid.add_row(f"  {fact}", Text(typeset(value)))
        for warning in found.warnings:
            grid.add_row(Text("  warning", style="bold yellow"), Text(typeset(warning)))
        console.print(grid, highlight=False)
    if not good:
        raise typer.Exit(BAD_CASE)


@contextmanager
def _as_file(given):
    """The file itself; standard input, `-`, as a file of this folder while the block runs: it may name others."""
    if given != STDIN:
        yield given
        return
    path = Path("standard-input.toml")
    if not (content := sys.stdin.buffer.read()).strip():
        fail(f"{path}: is empty: give standard input a file, as in `coble init plate -o - | coble check -`", BAD_CASE)
    try:
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        fail(f"{path}: cannot be written here for a moment ({error.strerror or error})", BAD_CASE)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def run(
    case: CASE = None,
    out: OUT = None,
    seed: SEED = None,
    workers: WORKERS = None,
    rates: RATES = None,
    resume: RESUME = None,
):
    """Run any file with the command that fits it; `coble check` names that command, `docs/cli.md` explains the choice.

    Examples:

      coble run mine.toml --out mine --seed 7

      coble run plate                 a built-in case

      coble run --resume mine         go on with an interrupted plate, strip, cycle or sweep
    """
    if resume is None and case is None:
        fail("give a CASE: a file, or one of `coble init --list`", USAGE)
    if resume is not None and not (case is out is seed is rates is None):
        fail("--resume goes on with a folder as it is: give no case, --out, --seed or --rates", USAGE)
    path = _path(case) if resume is None else _file_in(resume)
    _hand_on(path, case, out=out, seed=seed, workers=workers, rates=rates, resume=resume)


def resume(
    folder: Annotated[Path, typer.Argument(help="Folder of an interrupted plate, strip, cycle or sweep.")],
    workers: WORKERS = None,
    engine: ENGINE = None,
    address: ADDRESS = None,
    join: JOIN = False,
):
    """Continue an interrupted run; the same as the option --resume of the command that began it.

    It ends with the same numbers as a run that was not interrupted, in every digit. --engine, --address and --join are
    for a sweep. Keys that only say when to stop may be changed in the folder first: coble plate --help, coble sweep
    --help.

    Examples:

      coble resume mine

      coble resume widths --workers 4
    """
    _hand_on(_file_in(folder), workers=workers, engine=engine, address=address, join=join or None, resume=folder)


def _file_in(folder):
    """Path of the file that the run in a folder was made from."""
    campaign = folder / "campaign.toml"
    return campaign if isfile(campaign) else case_in(folder)


def _hand_on(path, case=None, **options):
    """Run the command that a file is for, with those of the options that are not None.

    Parameters
    ----------
    path : Path
        Of the file.
    case : Path, optional
        What the user calls it; None to go on with a folder.
    **options
        Of the command.
    """
    from coble.inputs.case import CaseError
    from coble.inputs.file_kinds import CASE as A_CASE
    from coble.kinds.jobs import read_job
    from coble.kinds.registry import kinds

    try:
        job = read_job(path)
    except (CaseError, ValueError) as error:
        fail(error, BAD_CASE)
    if job.command is None:
        fail(f"{path}: is a rate table, which no command runs: give it to one, e.g. coble plate --rates {path}", USAGE)
    commands = {name: function for kind in kinds().values() for name, function in kind.commands_by_name().items()}
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in signature(commands[job.command]).parameters:
            told = f"--{name}: means nothing to `coble {job.command}`, which runs {case or path}; leave it out"
            fail(told if name != "resume" else _cannot_go_on(given[name], job, commands), USAGE)
    first = path if case is not None and job.file_kind != A_CASE else case
    commands[job.command](first, **given, **job.options)


def _cannot_go_on(folder, job, commands):
    """Why a folder is no run to go on with, and what to do."""
    can = sorted(name for name, function in commands.items() if "resume" in signature(function).parameters)
    why = f"is a run of `coble {job.command}`, and only runs of {listed(can)} can go on"
    return f"{folder}: {why}; start it again: coble {job.command} {folder / 'case.toml'} --out ANOTHER"
