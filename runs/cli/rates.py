"""The command rates."""

from os.path import exists
from pathlib import Path
from typing import Annotated

import typer

from coble.console.common import BAD_CASE, CASE, RATES, fail, failing, out_console, path_of, settings_of
from coble.render.printable import say
from coble.render.terminal import Printed


def rates(
    case: CASE = None,
    table: RATES = None,
    temperature: Annotated[
        float | None, typer.Option(min=1.0, help="Print at this temperature [K] instead of the case's.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the table to this file, to edit or to tune.")
    ] = None,
):
    """Hop rates of a case, class by class, with what they imply; detailed balance is checked.

    Examples:

      coble rates                               the tubule of the experiments (`coble init mechanisms`)

      coble rates mine.toml --temperature 330

      coble rates mine.toml --out rates.toml    a table to edit; every command takes it back with --rates
    """
    from coble.inputs.rate_table import written
    from coble.models.rate_rows import rates_table
    from coble.models.rates import rates_of

    path = path_of(case, "mechanisms")
    settings = settings_of(path, table)
    with failing(path):
        found = rates_of(settings)

    console, title = out_console(), f"case {case or 'mechanisms'}, wall {settings.wall[0].name}"
    console.print(Printed(rates_table(settings, found, title, temperature)))
    if out is not None:
        if exists(out):
            fail(f"--out {out}: exists; name another file (nothing was changed)", BAD_CASE)
        head = [f"Hop rates of {case or 'mechanisms'}; `coble rates` prints what they imply."]
        try:
            out.write_text(written(found, head), encoding="utf-8")
        except OSError as error:
            fail(f"--out {out}: cannot be written ({error.strerror or error}); name a file that can", BAD_CASE)
        say(f"Written to {out}")
