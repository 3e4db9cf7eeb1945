"""Tables and sentences on a terminal, or in a log."""

from dataclasses import replace

from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from coble.render.numbers import short, typeset
from coble.render.table import MOST_OPEN, PROSE, Table

GAP = 2  # blanks between columns
LEAST = 30  # columns of terminal for sources and notes, whose lines wrap


class Printed:
    """A `Table` that fits: columns that it can miss go first, then the others continue below, with the keys again.

    Sentences go below their rows.  Where a single column is too wide for that, each row becomes a list of headings and
    cells.

    Parameters
    ----------
    table : coble.render.table.Table
    """

    def __init__(self, table):
        self.table = table

    def __rich_console__(self, console, options):
        table = self.table.filled()
        rows = [[cell if table.is_words(i) else short(cell) for i, cell in enumerate(row)] for row in table.rows]
        table = replace(table, rows=rows)
        for heading in reversed(table.wide):
            if sum(_widths(table)) <= options.max_width or heading not in table.headings:
                continue
            table = table.without(heading)
        yield Text(table.title, style="bold")
        blocks = _blocks(table, options.max_width)
        widths = _beside_key(table, options.max_width) if len(blocks) != 1 else []
        if widths:
            yield from _with_notes(table, widths)
        elif blocks:
            yield from map(_columns, blocks)
        else:
            yield from _lists(table)
        if table.legend:
            yield Text(table.legend, style="dim")


def _widths(table):
    """Columns of terminal that each column needs, with the gap."""
    cells = [[heading, *(row[i] for row in table.rows)] for i, heading in enumerate(table.headings)]
    widths = [max(map(len, column)) for column in cells]
    return [GAP + (min(w, LEAST) if c[0] in PROSE else w) for w, c in zip(widths, cells, strict=True)]


def _blocks(table, most):
    """Tables of so many columns of the terminal at most, each with the keys; empty where a column is too wide."""
    widths, keys = _widths(table), max(table.words, 1)
    if sum(widths) <= most:
        return [table]
    blocks, left = [], 0
    for column, width in enumerate(widths[keys:], keys):
        if width > left:
            blocks.append(list(range(keys)))
            left = most - sum(widths[:keys])
        blocks[-1].append(column)
        left -= width
        if left < 0:
            return []
    take = lambda cells, columns: [cells[i] for i in columns]  # noqa: E731
    return [Table("", take(table.headings, b), [take(row, b) for row in table.rows], keys) for b in blocks]


def _columns(table):
    grid = Grid.grid(padding=(0, GAP, 0, 0))
    for i, heading in enumerate(table.headings):
        grid.add_column(justify="left" if table.is_words(i) else "right", no_wrap=heading not in PROSE)
    if any(table.headings):
        grid.add_row(*(Text(heading, style="underline") for heading in table.headings))
    for row in table.rows:
        grid.add_row(*map(Text, row))
    return grid


def _beside_key(table, most):
    """Columns of terminal of the key, whose cells may wrap, and of the numbers; empty where that leaves too few.

    Also empty for a table without a column of sentences.
    """
    plain = [i for i in range(len(table.headings)) if not table.is_prose(i)]
    widths = [width - GAP for i, width in enumerate(_widths(table)) if i in plain]
    left = most - sum(widths[1:]) - GAP * (len(widths) - 1)
    if len(plain) == len(table.headings) or left < LEAST:
        return []
    return [min(widths[0], left), *widths[1:]]


def _with_notes(table, widths):
    """Rows with these widths, and below each what its columns of sentences say."""
    plain = [i for i in range(len(table.headings)) if not table.is_prose(i)]
    for row in (table.headings, *table.rows):
        grid = Grid.grid(padding=(0, GAP, 0, 0))
        for i, width in zip(plain, widths, strict=True):
            grid.add_column(justify="left" if table.is_words(i) else "right", width=width)
        head = row is table.headings
        grid.add_row(*(Text(row[i], "underline" if head else "") for i in plain))
        yield grid
        for i, cell in enumerate(row):
            if cell and i not in plain and not head:
                yield Padding(Text(cell, "dim"), (0, 0, 0, 2 * GAP))


def _lists(table):
    for row in table.rows:
        yield Text(f"{table.headings[0]} {row[0]}".strip(), style="bold")
        grid = Grid.grid(padding=(0, GAP, 0, 0))
        for heading, cell in zip(table.headings[1:], row[1:], strict=True):
            if cell:
                grid.add_row(Text(f"  {heading}"), Text(cell))
        yield grid


def answer(kind, content, folded=(), option=""):
    """What a kind of run has to say of a result, as renderables of rich.

    Parameters
    ----------
    kind : coble.kinds.kind.Kind
    content : dict
        Of result.json.
    folded : sequence of str
        Names of tables of which only the title is printed.
    option : str
        Of the command, that prints them.
    """
    titles = []
    for table in kind.tables(content):
        if not table.rows:  # of a run that was stopped at once
            continue
        if table.name and table.name in folded:
            titles.append(table.title.split(",")[0].split(";")[0])
            continue
        yield Printed(replace(table, rows=table.rows[:MOST_OPEN]))
        if table.is_long:
            yield Text(f"{len(table.rows) - MOST_OPEN:,} further rows are not printed. `coble report` shows them.")
        yield Text()
    if titles:
        yield Text(f"Not printed ({option} prints all): {'; '.join(titles)}.", style="dim")
    for sentence in kind.said(content):
        yield Text(typeset(sentence), style="dim")
    yield Text(typeset(kind.headline(content)), style="bold")
