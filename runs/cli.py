"""The command `coble`.

Exit statuses: see `runs.cli_common`.
"""

from typing import Annotated

import typer

from runs.cli_discriminate import discriminate
from runs.cli_export import export
from runs.cli_growth import cycle, plate, strip
from runs.cli_rates import rates, tune
from runs.cli_sensitivity import sensitivity
from runs.cli_start import check, init, run
from runs.cli_status import status, watch
from runs.cli_sweep import resume, sweep

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Which path carries the lithium? Kinetic Monte Carlo for metal in mixed-conductor tubules.",
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
    pass


for command in (init, check, run, discriminate, plate, strip, cycle, rates, tune, sensitivity, export, status, watch):
    app.command()(command)


def main():
    """Entry point of the command `coble`."""
    app()


if __name__ == "__main__":
    main()
