"""One table for all: printed on the terminal, set on a page, and written as CSV."""

import csv
import io
from dataclasses import dataclass, replace

from coble.render.numbers import typeset

MOST_OPEN, MOST_ROWS = 40, 2000  # rows of a table that stands open, and on the page
PROSE = ("source", "note", "")  # headings of columns that hold sentences
PARTS = ("value", "stderr", "low", "high", "n_eff")  # of an estimate, in a CSV
MEANINGS = {  # of headings that several tables have
    "control": "Control: degree of rate control, d ln κ / d ln k of all hops of the path.",
    "lost if off [%]": "Lost if off: part of the current that is missing when the path is switched off.",
    "D* [cm²/s]": "D*: tracer diffusivity, per atom.",
    "D_σ [cm²/s]": "D_σ: collective diffusivity, per atom.",
    "Haven": "Haven: D* over the collective diffusivity.",
    "lone carrier [cm²/s]": "Lone carrier: exact D of one atom, or one vacancy, alone on the lattice.",
    "B [nm²/s]": "B: growth constant of L² = L₀² + 2 B t, with L the length of the metal.",
    "samples": "Samples: number of independent samples behind the error.",
}


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
    numbers : (list of str, list of list) or None
        The same for a CSV, unrounded.  Without it the texts are taken.
    wide : tuple of str
        Headings of columns that a narrow terminal leaves out, the first to go last.
    """

    title: str
    headings: list
    rows: list
    words: int = 1
    note: str = ""
    parts: list | None = None
    name: str = ""
    numbers: tuple | None = None
    wide: tuple = ()

    def is_words(self, column):
        """Whether a column holds words; else numbers, set to the right."""
        return column < self.words or self.headings[column] in PROSE

    def is_prose(self, column):
        """Whether a column holds sentences."""
        return column > 0 and self.headings[column] in PROSE

    @property
    def legend(self):
        """The note, and what the headings mean that it does not explain."""
        said = [MEANINGS[heading] for heading in self.headings if heading in MEANINGS]
        said = [each for each in said if each.split(":")[0] not in self.note]
        return "  ".join(filter(None, [self.note, *said]))

    @property
    def is_long(self):
        """Whether the table is folded up on the page."""
        return len(self.rows) > MOST_OPEN

    @property
    def shown(self):
        """The rows, the first of very many, with powers of ten and minus signs as they are printed."""
        rows = self.rows[:MOST_ROWS]
        return [[cell if self.is_words(i) else typeset(cell) for i, cell in enumerate(row)] for row in rows]

    def without(self, heading):
        """The same table without one column; its numbers keep it."""
        at = self.headings.index(heading)
        cut = lambda cells: [cell for i, cell in enumerate(cells) if i != at]  # noqa: E731
        words = self.words - (at < self.words)
        return replace(self, headings=cut(self.headings), rows=list(map(cut, self.rows)), words=words)

    def filled(self):
        """The same table without the columns that have – in every row."""
        found = self
        for at, heading in enumerate(self.headings):
            if self.rows and all(row[at] == "–" for row in self.rows):
                found = found.without(heading)
        return found

    def csv(self):
        """The text of the CSV file."""
        headings, rows = self.numbers or (self.headings, self.rows)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows([["" if value is None else value for value in row] for row in rows])
        return text.getvalue()


def parts_of(values):
    """Part of each in their sum, 0 where that is 0: list of float."""
    total = sum(values)
    return [value / total if total else 0.0 for value in values]


def spread(estimate, names=PARTS):
    """The numbers of an estimate for a CSV, list of float or None."""
    return [None] * len(names) if estimate is None else [estimate[name] for name in names]


def columns_of(name, unit):
    """Headings of what `spread` gives, with the unit."""
    return [f"{name}_{part}{'' if part == 'n_eff' else unit}" for part in PARTS]


def blocks_of(estimate):
    """Number of independent samples behind an estimate, as a text."""
    return "–" if estimate is None or estimate["n_eff"] is None else f"{estimate['n_eff']:.0f}"
