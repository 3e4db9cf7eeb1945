"""What is wrong with a case file, and how messages write values."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from numbers import Integral, Real

from pydantic_core import PydanticCustomError

from coble.render.printable import printable

MOST_FAULTS = 50  # of one file that are told; nobody reads more before mending these
DECIMAL = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")  # a number that was written as a text
WIDE = 70  # characters of a line that are quoted


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a case file.

    Attributes
    ----------
    file : str
        Name of the file.
    line : int or None
        Line, from 1; None when nothing in the file belongs to the fault.
    key : str
        Dotted key, walls counted from 1 (`wall[2].name`); empty for the file as a whole.
    message : str
        What was wrong, what came, and what would do.
    quote : tuple of str
        The line of the file, and a caret below the fault, for a terminal; empty when no line belongs to it.
    """

    file: str
    line: int | None
    key: str
    message: str
    quote: tuple = field(default=(), compare=False)

    def __str__(self):
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


class CaseError(ValueError):
    """A case file that cannot be run; `faults` has what is wrong with it, by line.

    Of more than `MOST_FAULTS` the last says how many more there are, `untold` among them.
    """

    def __init__(self, faults, untold=0):
        faults = list(faults)
        if (more := len(faults) - MOST_FAULTS + untold) > 1:
            faults[MOST_FAULTS:] = [Fault(faults[-1].file, None, "", more_text(more))]
        super().__init__(faults)
        self.faults = faults

    def __str__(self):
        return "\n".join(map(str, self.faults))

    def lines(self) -> list[str]:
        """For a terminal: each fault, and below it the line of the file that has it."""
        return [line for fault in self.faults for line in (str(fault), *fault.quote)]


def more_text(number):
    """What stands for so many faults that are not told."""
    return f"and {number:,} more"


def fault_in(file, lines, path, message):
    """The fault of what is at `path` in a file, with the line that has it.

    Parameters
    ----------
    file : str
        Its name.
    lines : coble.inputs.files.toml_lines.KeyLines
        Of its text.
    path : tuple
        Names, and 0-based indices.
    message : str
    """
    near = lines.nearest(path)
    if near is None:
        return Fault(file, None, dotted(path), message)
    return Fault(file, lines[near], dotted(path), message, quoted_line(lines.text, lines[near], lines.column(near)))


def quoted_line(text, line, column):
    """A line of a text, counted from 1, with a caret below a column, counted from 0: two strings."""
    row = text.split("\n", line)[line - 1].rstrip("\r").replace("\t", " ")
    first = max(0, column - WIDE // 2) if len(row) > WIDE else 0
    before, after = printable(row[first:column]), printable(row[column : first + WIDE])
    return f"{line:>6} | {before}{after}", f"{'|':>8} {' ' * len(before)}^"


def refusal(message):
    """The exception by which a validator reports `message` as it stands."""
    return PydanticCustomError("case", "{message}", {"message": message})


# --- Words for values ---


def quoted(value):
    """`repr` of a string, or of anything else, on one line and not too long."""
    text = repr(value)
    return text if len(text) <= 70 else f"{text[:40]}...{text[-20:]}"


def number_text(value):
    """Shortest text of a number, small and large ones as people write them: 4e-3 and 1e-8, not 1e-08."""
    if isinstance(value, Integral):
        # Python refuses to write integers of thousands of digits, and nobody would read them.
        return str(int(value)) if abs(value) < 10**20 else "an integer beyond 1e20"
    if not isfinite(value):
        return repr(float(value))
    exact = Decimal(repr(float(value))).normalize()
    return f"{exact:f}" if -3 < exact.adjusted() < 6 else f"{exact:e}".replace("e+", "e")


def typed_text(value):
    """A value of the wrong type, and its type: `'abc' (a string)`."""
    match value:
        case dict():
            return "a table"
        case list() | tuple():
            return "an array"
        case bool():
            return f"{str(value).lower()} (a boolean)"
        case Integral():
            return f"{number_text(value)} (an integer)"
        case Real():
            return f"{number_text(value)} (a number)"
        case str():
            return f"{quoted(value)} (a string)"
    return f"{quoted(value)} (a {type(value).__name__})"


def listed(words, join="or"):
    """`'a', 'b' or 'c'`."""
    words = [f"'{word}'" for word in words]
    return f" {join} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def number_wanted(value, what="a number"):
    """That a number is wanted in place of a value: `must be a number, got '4,5' (a string); write 4.5`."""
    point = value.strip().replace(",", ".") if isinstance(value, str) else ""
    hint = f"; write {point}" if DECIMAL.fullmatch(point) else ""
    return f"must be {what}, got {typed_text(value)}{hint}"


def dotted(path):
    """Path as a user writes it, elements counted from 1: `wall[2].name`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += ("." if text else "") + (part if re.fullmatch(r"[\w-]{1,70}", part) else quoted(part))
    return text
