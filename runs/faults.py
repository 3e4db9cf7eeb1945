"""What is wrong with a case file, and how messages write values."""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from numbers import Integral, Real

from pydantic_core import PydanticCustomError


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
    """

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self):
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


class CaseError(ValueError):
    """A case file that cannot be run; `faults` has all that is wrong with it, by line."""

    def __init__(self, faults):
        super().__init__(faults)
        self.faults = faults

    def __str__(self):
        return "\n".join(map(str, self.faults))


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


def dotted(path):
    """Path as a user writes it, elements counted from 1: `wall[2].name`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += ("." if text else "") + (part if re.fullmatch(r"[\w-]+", part) else quoted(part))
    return text
