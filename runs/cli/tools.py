"""The commands doctor and schema."""

import json
from typing import Annotated

import typer

from coble.console.common import BROKEN, USAGE, fail, out_console
from coble.kinds.registry import kinds
from coble.render.meant import meant
from coble.render.numbers import typeset

CASE = "case"
FILES = (CASE, "rates", *sorted(kind.file_kind for kind in kinds().values() if kind.file_kind), "result")
STYLES = {"good": "green", "poor": "bold yellow", "broken": "bold red", "absent": "dim"}


def doctor():
    """Is this installation sound? Versions, the compiled kernel, its random numbers, its speed, this folder.

    The kernel is compared with its plain Python twin bit for bit, and its random numbers with those of NumPy's own
    tests. Exit status 1 when something that is needed is broken; its line says what to do.

    Examples:

      coble doctor                              two seconds; goes into every bug report
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from coble.store import doctor as checks

    console, broken = out_console(), False
    grid = Table.grid(padding=(0, 2))
    for found in checks.findings():
        broken |= found.state == checks.BROKEN
        said = Group(*(Text(typeset(text)) for text in (found.detail, found.advice) if text))
        grid.add_row(Text(found.name), Text(found.state, style=STYLES[found.state]), said)
    console.print(grid, highlight=False)
    if broken:
        console.print("Something that is needed is broken.", style="bold red")
        raise typer.Exit(BROKEN)
    console.print("All that is needed is there.", style="bold")


def schema(
    kind: Annotated[
        str,
        typer.Argument(
            help=f"Of which file: {', '.join(FILES)}.",
            autocompletion=lambda incomplete: [name for name in FILES if name.startswith(incomplete)],
        ),
    ] = CASE,
):
    """Print the JSON schema of a file, for editors: they then complete keys, explain them and mark faults.

    Examples:

      coble schema > coble-case.json            for a case whose first line is #:schema ./coble-case.json

      coble schema targets > coble-targets.json

      coble schema result > coble-result.json   of result.json, for programs that read it
    """
    from coble.kinds.schemas import schema_of

    if kind not in FILES:
        fail(f"KIND {kind}: {meant(kind, FILES)}", USAGE)
    print(json.dumps(schema_of(kind), indent=2, ensure_ascii=False))
