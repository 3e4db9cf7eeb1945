"""The table of [barriers]: pairs of sites with barriers both ways, as NEB calculations give them.

    site_i,site_j,shift_x,shift_y,shift_z,forward_eV,backward_eV,prefactor_1_s
    0,1,0,0,0,0.31,0.42,1e13

One bond a row, once: `forward_eV` is the barrier from site i to site j, `backward_eV` that from j to i.  Sites are
numbered from 0, as the structure has them; shifts are the cells that the bond crosses from i to j.  `prefactor_1_s` may
be left out, as a column or in a row, where [barriers] has one.  A row without both barriers is a bond whose rate comes
from a rule or a diffusivity.  Lines that begin with # are comments.
"""

import csv
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np

from coble.inputs.files.faults import MOST_FAULTS, CaseError, Fault, listed, quoted
from coble.inputs.structures.sections import BARRIER, PREFACTOR
from coble.kmc.rates.barriers import BarrierTable

SITES, SHIFTS = ("site_i", "site_j"), ("shift_x", "shift_y", "shift_z")
BARRIERS, OWN_PREFACTOR = ("forward_eV", "backward_eV"), "prefactor_1_s"
NEEDED = (*SITES, *SHIFTS, *BARRIERS)
NAMES = ", ".join(NEEDED)
MOST_CELLS = 127
MOST_CHARACTERS = 1000  # of a line


@dataclass(frozen=True)
class NebTable:
    """A table that was read.

    Attributes
    ----------
    barriers : BarrierTable
        nan where a row has none.
    bonds : int array (n_bond, 5)
        Site, site and shift of every row, for `Lattice.from_atoms`.
    lines : int array (n_bond,)
        Line of every row, from 1.
    """

    barriers: BarrierTable
    bonds: np.ndarray
    lines: np.ndarray

    def shifts_in(self, lattice):
        """Shifts as the lattice counts them: in the order of its own vectors, its sites folded into the cell.

        Parameters
        ----------
        lattice : Lattice
            Of `Lattice.from_atoms`.

        Returns
        -------
        int array (n_bond, 3)
        """
        shift = self.bonds[:, 2:]
        if "axis" in lattice.notes:
            axis = "xyz".index(lattice.notes["axis"])
            shift = shift[:, [(axis + k) % 3 for k in (1, 2, 0)]]
        if "cells_moved" in lattice.notes:
            moved = np.asarray(lattice.notes["cells_moved"], dtype=np.int64)
            shift = shift.copy()
            shift[:, 2] += moved[self.bonds[:, 1]] - moved[self.bonds[:, 0]]
        return shift


def read_neb_table(file, n_site, prefactor_1_s=None):
    """Read and check a table of barriers.

    Parameters
    ----------
    file : GivenFile
    n_site : int
        Sites of the structure.
    prefactor_1_s : float, optional
        Of rows without one of their own [1/s].

    Returns
    -------
    NebTable

    Raises
    ------
    CaseError
        With every fault of the table, each with its line and column.
    """
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.content.count(b"\n", 0, error.start) + 1
        raise CaseError([Fault(str(file), line, "", "must be UTF-8 text")]) from None
    reader = _Reader(str(file), n_site, prefactor_1_s)
    for number, row in enumerate(text.splitlines(), 1):
        if row.strip() and not row.lstrip().startswith("#"):
            reader.take(number, row)
    return reader.table()


class _Reader:
    """What was read so far, and what was wrong with it."""

    def __init__(self, name, n_site, prefactor_1_s):
        self.name, self.n_site, self.prefactor_1_s = name, n_site, prefactor_1_s
        self.columns, self.rows, self.lines, self.first, self.faults, self.untold = None, [], [], {}, [], 0

    def fault(self, line, column, message):
        if len(self.faults) > MOST_FAULTS:
            self.untold += 1
        else:
            self.faults.append(Fault(self.name, line, column, message))

    def take(self, line, text):
        """Read one line."""
        if len(text) > MOST_CHARACTERS:
            self.fault(line, "", f"must have at most {MOST_CHARACTERS} characters, got {len(text)}")
            return
        words = [word.strip() for word in next(csv.reader([text]))]
        if self.columns is None:
            self.columns = words
            self._look_at_header(line)
        elif self._header_is_good:
            self._look_at_row(line, words)

    def _look_at_header(self, line):
        before = len(self.faults)
        if missing := [name for name in NEEDED if name not in self.columns]:
            self.fault(line, "", f"is a line of names that lacks {listed(missing, 'and')}: it must have all of {NAMES}")
        for name in sorted(set(self.columns) - {*NEEDED, OWN_PREFACTOR}):
            self.fault(line, "", f"has the unknown column {quoted(name)}: known are {NAMES} and {OWN_PREFACTOR}")
        if len(set(self.columns)) < len(self.columns):
            self.fault(line, "", "must not name a column twice")
        self._header_is_good = len(self.faults) == before

    def _look_at_row(self, line, words):
        if len(words) != len(self.columns):
            self.fault(line, "", f"must have {len(self.columns)} values, as the first line has names, got {len(words)}")
            return
        given = dict(zip(self.columns, words, strict=True))
        whole = [self._whole(line, name, given[name]) for name in (*SITES, *SHIFTS)]
        blank = not any(given[name] for name in BARRIERS)
        barriers = [nan if blank else self._number(line, name, given[name], BARRIER) for name in BARRIERS]
        own = given.get(OWN_PREFACTOR, "")
        prefactor = self._number(line, OWN_PREFACTOR, own, PREFACTOR) if own else self.prefactor_1_s
        if blank:
            prefactor = nan
        elif not own and prefactor is None:
            self.fault(line, OWN_PREFACTOR, "is missing: give it here, or prefactor_1_s in [barriers]")
        if None in (*whole, *barriers, prefactor):
            return
        (i, j, *shift) = whole
        if i == j and not any(shift):
            self.fault(
                line, "site_j", f"must be another site than site_i, or one in another cell, got {j} with shift 0"
            )
            return
        forward, back = (i, j, *shift), (j, i, *(-cells for cells in shift))
        if (other := self.first.setdefault(min(forward, back), line)) != line:
            self.fault(line, "", f"has the pair of line {other} again: one row holds both directions of a bond")
            return
        self.rows.append((*whole, *barriers, prefactor))
        self.lines.append(line)

    def _whole(self, line, name, word):
        """A site or a shift; None for one with a fault."""
        try:
            value = float(word)
        except ValueError:
            value = 0.5
        if not isfinite(value) or value % 1:
            self.fault(line, name, f"must be a whole number, got {quoted(word)}")
        elif name in SITES and not 0 <= value < self.n_site:
            self.fault(line, name, f"no such site: they are numbered 0 to {self.n_site - 1}, got {value:.0f}")
        elif name in SHIFTS and abs(value) > MOST_CELLS:
            self.fault(line, name, f"must be at most {MOST_CELLS} cells, got {value:.0f}")
        else:
            return int(value)
        return None

    def _number(self, line, name, word, quantity):
        """A barrier or a prefactor; None for one with a fault."""
        try:
            value = float(word)
        except ValueError:
            self.fault(line, name, f"must be a number, got {quoted(word)}" if word else "is missing")
            return None
        try:
            return quantity(value)
        except Exception as error:
            self.fault(line, name, str(error))
            return None

    def table(self):
        """The `NebTable`; raises what was wrong."""
        if not self.faults and not self.rows:
            line = 1 if self.columns is None else None
            self.fault(line, "", f"holds no pairs of sites: a line of names, {NAMES}, and one row a bond")
        if self.faults:
            raise CaseError(self.faults, self.untold)
        rows = np.array(self.rows, dtype=float)
        bonds = rows[:, :5].astype(np.int64)
        found = BarrierTable(bonds[:, 0], bonds[:, 1], bonds[:, 2:], *rows[:, 5:].T)
        return NebTable(found, bonds, np.array(self.lines))
