"""What a report says of `sensitivity`, `creep` and `design`: their tables on the terminal, and what can be checked.

Made from the content of result.json alone.
"""

from rich.console import Group
from rich.table import Table as Printed

from coble.kinds.design.tables import design_tables
from coble.render.lights import AMBER, compared, stated
from coble.render.numbers import many, power, typeset
from coble.render.table import Table, columns_of, spread
from coble.render.numbers import with_error
from coble.render.terminal import Fitted, creep_table, sensitivity_table

PRINTED = {"sensitivity": sensitivity_table, "creep": creep_table, "design": design_tables}


def printed(content):
    """What the command prints, taken apart.

    Returns
    -------
    tables : list of Table
    sentences : list of str
        Those that belong to no table.
    """
    tables, said = [], []
    for each in _flat(PRINTED[content["kind"]](content)):
        if isinstance(each, Printed):
            tables.append(_table(each, f"{content['kind']}-{len(tables) + 1}"))
        elif str(each).strip() and "dim" in str(each.style) and tables:
            tables[-1].note = typeset(f"{tables[-1].note}  {each}".strip())
        else:
            said += [typeset(line) for line in str(each).splitlines() if line.strip()]
    return tables, said


def _flat(each):
    if isinstance(each, Group):
        for part in each.renderables:
            yield from _flat(part)
    else:
        yield each.table if isinstance(each, Fitted) else each


def _table(each, name):
    """A table of the terminal as one of a report."""
    rows = list(zip(*([_cell(str(cell)) for cell in column.cells] for column in each.columns), strict=True))
    words = 1
    while words < len(each.columns) and each.columns[words].justify == "left":
        words += 1
    title = str(each.title or "laws").strip()
    return Table(
        title[0].upper() + title[1:], [str(c.header) for c in each.columns], list(map(list, rows)), words, name=name
    )


def _cell(text):
    """With its indentation, which a page would leave out."""
    return text.replace("  ", "\u2003") if text.startswith(" ") else text


def tables(content):
    """Tables of the command, those that have them with the numbers unrounded: list of `Table`."""
    found, _ = printed(content)
    if content["kind"] in NUMBERS:
        found[0].name, found[0].numbers = content["kind"], NUMBERS[content["kind"]](content)
    return found


NUMBERS = {"sensitivity": _sensitivity_numbers, "creep": _creep_numbers}


# ---- words -------------------------------------------------------------------------------------------------------


def sentences(content):
    """What the command prints besides its tables."""
    return printed(content)[1]


def _listed(names):
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


# ---- checks and work ---------------------------------------------------------------------------------------------
