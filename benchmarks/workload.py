"""The work that every engine is given: a periodic bcc lattice gas, hops to empty first neighbours, all rates 1.

Read by workers under other Pythons as well: the standard library only.
"""

from dataclasses import dataclass
from pathlib import Path

FILLINGS = {"1 % vacancies": 0.99, "1 % atoms": 0.01, "50 %": 0.5}  # part of the sites that hold an atom
DILUTE = ("1 % vacancies", "1 % atoms")  # the same gas when vacancies are called atoms


@dataclass(frozen=True)
class Workload:
    """A cube of bcc cells, two sites each, with a part of its sites occupied at random."""

    cells: int
    filling: str

    @property
    def n_site(self):
        return 2 * self.cells**3

    @property
    def occupancy(self):
        return FILLINGS[self.filling]

    @property
    def hops_per_time(self):
        """Expected in equilibrium, which without energies is any random state."""
        return 8 * self.n_site * self.occupancy * (1 - self.occupancy)


def cells_for(n_site):
    """Edge of the cube whose number of sites comes closest."""
    return max(3, round((n_site / 2) ** (1 / 3)))


class NotFound(Exception):
    """An engine is not on this machine; the text says what is missing."""


def peak_rss(pid="self"):
    """Largest memory that a process has had so far [bytes]; from Linux, or 0."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
