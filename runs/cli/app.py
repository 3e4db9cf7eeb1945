"""The command `coble`.

Exit statuses: see `coble.console.common`.
"""

import os
import re
import sys
from contextlib import contextmanager
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup

from coble.cli.export import export
from coble.cli.plots import movie, plot
from coble.cli.rates import rates
from coble.cli.report import report
from coble.cli.start import check, init, resume, run
from coble.cli.status import status, watch
from coble.cli.tools import doctor, schema
from coble.console.common import INTERRUPTED_AT_ONCE, UNPRINTED
from coble.console.streams import make_lasting, output_error
from coble.kinds.registry import kinds
from coble.render.printable import INDENT, columns, printable, wrapped

COMMANDS = {
    "Start": [init, check, run, resume],
    "Run": [function for kind in sorted(kinds().values(), key=lambda kind: kind.place) for function in kind.commands()],
    "Look": [status, watch, rates, plot, movie, report, export],
    "Tools": [doctor, schema],
}


DECIMAL_COMMA = re.compile(r"(?:^|=)([-+]?\d+),(\d+)$")
TYPES = {"int": "whole number", "float": "number", "str": "text", "[Pp]ath": "path"}

_UsageError = typer.BadParameter.__base__  # of the click that typer has, its own or another


@contextmanager
def _printable(args):
    """Make printable what a fault in usage quotes of these arguments, and wrap it; without any, it is the help."""
    try:
        yield
    except _UsageError as error:
        if args:
            comma = next(filter(None, map(DECIMAL_COMMA.search, args)), None)
            hint = f"; write {comma[1]}.{comma[2]}" if comma and "number" in error.message else ""
            error.message = printable(error.message.removesuffix(".") + hint if hint else error.message)
            said = wrapped(f"Error: {error.format_message()}", INDENT, columns(sys.stderr)).removeprefix("Error: ")
            error.format_message = lambda: said
        raise


class Grouped(TyperGroup):
    """Lists the commands by what they are for, each with its first sentence."""

    def parse_args(self, ctx, args):
        with _printable(list(args)):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx, args):
        with _printable(list(args)):
            kind = kinds().get(args[0])
            if kind and kind.called and args[0] not in self.commands:
                ctx.fail(f"No such command '{args[0]}'. It is: {kind.called}")
            return super().resolve_command(ctx, args)

    def format_commands(self, ctx, formatter):
        for title, group in COMMANDS.items():
            names = [function.__name__ for function in group]
            with formatter.section(title):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(200)) for name in names])


def in_words(option):
    """An option with the type of its value in plain words: `--workers <whole number>` for `--workers <int range>`."""
    for python, plain in TYPES.items():
        option = re.sub(rf"<(list\[)?{python}( range)?\]?>", f"<{plain}>", option)
    return option


class Taught(TyperCommand):
    """A command whose help ends in examples: a line each, the explanation behind two spaces or more."""

    def parse_args(self, ctx, args):
        with _printable(list(args)):
            return super().parse_args(ctx, args)

    def format_options(self, ctx, formatter):
        write = formatter.write_dl
        formatter.write_dl = lambda rows, **how: write([(in_words(name), text) for name, text in rows], **how)
        super().format_options(ctx, formatter)
        formatter.write_dl = write

    def format_help_text(self, ctx, formatter):
        text, _, examples = (self.help or "").partition("\nExamples:\n")
        formatter.write_paragraph()
        with formatter.indentation():
            for number, paragraph in enumerate(text.strip().split("\n\n")):
                if number:
                    formatter.write_paragraph()
                formatter.write_text(paragraph)
        if examples:
            pairs = [re.split(r"  +", line.strip(), maxsplit=1) for line in examples.splitlines() if line.strip()]
            with formatter.section("Examples"):
                formatter.write_dl(
                    [(command, *said) if said else (command, "") for command, *said in pairs], col_max=44
                )


app = typer.Typer(
    cls=Grouped,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Which path carries the lithium? Kinetic Monte Carlo for metal in mixed-conductor tubules.",
    epilog="First steps: coble doctor, coble init plate -o mine.toml, coble check mine.toml, coble run mine.toml --out "
    "mine. Every command has examples: coble plate --help",
)


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
    os.environ["MPLBACKEND"] = "Agg"  # before matplotlib is imported: files are drawn, whatever a notebook asks for


for command in sum(COMMANDS.values(), []):
    app.command(cls=Taught)(command)


def main():
    """Entry point of the command `coble`."""
    make_lasting()
    try:
        app(prog_name="coble")
    except SystemExit as end:
        if end.code == INTERRUPTED_AT_ONCE:
            print("Interrupted. Files that were written are whole.", file=sys.stderr)
        if (why := output_error()) and not end.code:
            print(f"standard output: {why}: what was printed is not complete, all files are", file=sys.stderr)
            end.code = UNPRINTED
        raise


if __name__ == "__main__":
    main()
