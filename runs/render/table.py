"""A table of a report: as texts for the page, and as numbers for the CSV file in it."""

import csv
import io
import re
from dataclasses import dataclass

from coble.render.terminal import scientific, with_error

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MOST_OPEN, MOST_ROWS = 40, 2000  # rows of a table that stands open, and on the page
NUMBERS = ("value", "stderr", "low", "high", "n_eff")  # of an estimate, in a CSV


@dataclass
class Table:
    """One table.

    Attributes
    ----------
    title : str
    headings : list of str
        With units.
    rows : list of list of str
    words : int
        So many columns from the left hold words, and so do those that name a source or hold a note; others numbers.
    note : str
    parts : list of float or None
        A bar for every row, 0 to 1.
    name : str
        Of the CSV file.
    numbers : (list of str, list of list)
        The same for a CSV, unrounded.  Without it the texts are taken.
    """

    title: str
    headings: list
    rows: list
    words: int = 1
    note: str = ""
    parts: list | None = None
    name: str = ""
    numbers: tuple | None = None

    def is_words(self, column):
        """Whether a column holds words; else numbers, set to the right."""
        return column < self.words or self.headings[column] in ("source", "note")

    @property
    def is_long(self):
        """Whether the table is folded up on the page."""
        return len(self.rows) > MOST_OPEN

    @property
    def shown(self):
        """The rows, the first of very many, with powers of ten and minus signs as they are printed."""
        rows = self.rows[:MOST_ROWS]
        return [[cell if self.is_words(i) else typeset(cell) for i, cell in enumerate(row)] for row in rows]

    def csv(self):
        """The text of the CSV file."""
        headings, rows = self.numbers or (self.headings, self.rows)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows([["" if value is None else value for value in row] for row in rows])
        return text.getvalue()


def typeset(text):
    """-1.2e-17 as −1.2×10⁻¹⁷."""
    raised = re.sub(r"(?<=[\d)])e([+-]?)0*(\d+)", lambda m: f"×10{(m[1].strip('+') + m[2]).translate(RAISED)}", text)
    return re.sub(r"(?<![\w-])-(?=[\d.])", "−", raised)


def number_of(value):
    return "–" if value is None else f"{value:.4g}"


def many(number):
    """A number of events."""
    return f"{number:.2e}" if number >= 10_000 else f"{number:,}"


def power(value, digits=2):
    return typeset(f"{value:.{digits}e}")


def plain(estimate):
    """value ± stderr, with a power of ten when it needs one."""
    value = estimate and estimate["value"]
    return (scientific if value and not 1e-3 < abs(value) < 1e5 else with_error)(estimate)


def spread(estimate, names=NUMBERS):
    return [None] * len(names) if estimate is None else [estimate[name] for name in names]


def columns_of(name, unit):
    return [f"{name}_{part}{'' if part == 'n_eff' else unit}" for part in NUMBERS]


def blocks_of(estimate):
    return "–" if estimate is None or estimate["n_eff"] is None else f"{estimate['n_eff']:.0f}"


def check_table(checks):
    """The checks as numbers, for a CSV."""
    headings = ["check", "light", "measured", "expected", "stderr", "sigmas", "unit", "said"]
    return Table(
        "Checks", headings, [[getattr(c, n, "") for n in ("what", *headings[1:])] for c in checks], name="checks"
    )


def series_table(content):
    """Series of a run of growth against time, for a CSV; None for other results."""
    if content["kind"] != "plate":
        return None
    series = content["series"]
    names = [name for name, values in series.items() if name != "current_A" and not isinstance(values[0], list)]
    columns = {name: series[name] for name in names}
    columns |= {f"current_{path.replace(' ', '_')}_A": values for path, values in series["current_A"].items()}
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    return Table("Series", list(columns), rows, name="series")
