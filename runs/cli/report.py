"""The command report."""

from pathlib import Path
from typing import Annotated

import typer

from coble.console.common import BAD_CASE, INTERRUPTED, NUMERICAL, fail
from coble.console.outputs import free, named_after, refuse_existing
from coble.render.printable import say


def report(
    results: Annotated[
        list[Path], typer.Argument(help="Folders of results, of `coble discriminate`, `plate`, `sweep` ...")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="File to write; default RESULT.html here, report.html of several results, -2 added if it exists.",
        ),
    ] = None,
):
    """One HTML file of a result, or a campaign, to send to somebody who has nothing installed.

    Verdict, tables, figures, a view of the atoms that turns, checks with traffic lights, where events and time went,
    case, rates, provenance, and the numbers as files inside; below 3 MB, and it opens without a network. Several
    results stand side by side. Nothing is run again.

    Examples:

      coble report mine                         mine.html

      coble report thin thick wide -o compared.html
    """
    out = out or free(named_after(results[0], ".html") if len(results) == 1 else Path("report.html"))
    refuse_existing(out)

    from coble.render.console import terminal
    from coble.reports.page import report as made
    from coble.store.files import write_text

    try:
        with terminal(error=True).status("reading and drawing"):
            html = made(results)
        write_text(out, html)
    except MemoryError:
        fail("not enough memory for the atoms of these results", NUMERICAL)
    except KeyboardInterrupt:
        fail("Dropped: nothing was written.", INTERRUPTED)
    except OSError as error:
        fail(f"--out {out}: cannot be written ({error.strerror or error})", BAD_CASE)
    except ValueError as error:
        fail(error, BAD_CASE)
    say(f"Written to {out}: {len(results)} result{'s'[: len(results) > 1]}, {len(html.encode()) / 1e6:.2f} MB")
