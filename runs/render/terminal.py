"""Tables and sentences on a terminal, or in a log."""

from rich.table import Table as Grid
from rich.text import Text

from coble.render.table import PROSE

GAP = 2  # blanks between columns
LEAST = 30  # columns of terminal for sources and notes, whose lines wrap


class Printed:
    """A `Table` that fits: columns that it can miss go first, then each row becomes a list of headings and cells.

    Parameters
    ----------
    table : coble.render.table.Table
    """

    def __init__(self, table):
        self.table = table

    def __rich_console__(self, console, options):
        table = self.table
        for heading in reversed(table.wide):
            if _width(table) <= options.max_width or heading not in table.headings:
                continue
            table = table.without(heading)
        yield Text(table.title, style="bold")
        if _width(table) <= options.max_width:
            yield _columns(table)
        else:
            yield from _lists(table)
        if table.note:
            yield Text(table.note, style="dim")


def _width(table):
    """Columns of terminal that the table needs."""
    cells = [[heading, *(row[i] for row in table.rows)] for i, heading in enumerate(table.headings)]
    widths = [max(map(len, column)) for column in cells]
    return sum(min(w, LEAST) if c[0] in PROSE else w for w, c in zip(widths, cells, strict=True)) + GAP * len(cells)


def _columns(table):
    grid = Grid.grid(padding=(0, GAP, 0, 0))
    for i, heading in enumerate(table.headings):
        grid.add_column(justify="left" if table.is_words(i) else "right", no_wrap=heading not in PROSE)
    if any(table.headings):
        grid.add_row(*(Text(heading, style="underline") for heading in table.headings))
    for row in table.rows:
        grid.add_row(*map(Text, row))
    return grid


def _lists(table):
    for row in table.rows:
        yield Text(f"{table.headings[0]} {row[0]}".strip(), style="bold")
        grid = Grid.grid(padding=(0, GAP, 0, 0))
        for heading, cell in zip(table.headings[1:], row[1:], strict=True):
            if cell:
                grid.add_row(Text(f"  {heading}"), Text(cell))
        yield grid


def answer(kind, content):
    """What a kind of run has to say of a result, as renderables of rich.

    Parameters
    ----------
    kind : coble.kinds.kind.Kind
    content : dict
        Of result.json.
    """
    for table in kind.tables(content):
        yield Printed(table)
        yield Text()
    for sentence in kind.sentences(content):
        yield Text(sentence, style="dim")
    yield Text(kind.headline(content), style="bold")
