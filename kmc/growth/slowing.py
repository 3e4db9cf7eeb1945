"""Hops on the metal's surface and the bare wall, slowed by one factor as long as the tip's speed hardly changes.

Adatoms on the face of the tip cross it many times before they are built in, and so do atoms on the wall before it.
Their resistance is in series with the channel's and small beside it: that of spreading over the face is 1 / (8π K_s),
that of the channel L / (πW K_i), each K a conductance per width.  With all these hops slower by one factor s every
equilibrium stays, and the tip has a potential that is higher by (s - 1) of what they take.  The channel carries less
by the same part of its drive, here in occupancies, in which the exclusion process is linear:

    error of the speed = Δρ_tip / (ρ_root - ρ_tip) = (s - 1) c / L.

c is W K_i / 8 K_s to begin with, of a W that is a nanometre wider, as atoms are built in at steps.  Then it is
measured: stretches with factor 1 alternate with slowed ones, and the mean occupancy of the channel's last nanometre is
compared.
s = 1 + ε L / c then keeps the error at the wanted ε.
"""

from dataclasses import dataclass
from math import floor, inf, isfinite, log2, sqrt

import numpy as np

LOOKED_AT_A = 10.0  # of the channel, next to the tip
PLAIN_LOOKS, SLOW_LOOKS = 3, 15  # between two changes of the factor; the first ones of each do not count
KNOWN, LONGEST = 16, 4  # slowed stretches get longer by as much after so many pairs, at most so many times as long
SETTLING = 2.0  # times that the face needs to follow a change
STEPS = 4  # factors between two powers of two
MOST = 16.0
VOID_NM = 0.5  # between root and metal, from which on nothing is slowed
PRIOR_PART = 0.5  # of the first c, that it may be wrong by


@dataclass
class Slowing:
    """The factor, and what it has done to the tip.

    Parameters
    ----------
    error : float or None
        Wanted of the speed, relative; None for a factor that stays.
    fixed : float or None
        That factor.
    first_c_A : float
        The first c [Å].
    drive : float
        ρ_root - x: of the channel, in occupancies.
    occupancy : float
        x, at coexistence with metal.
    settling_s : float
        That the face needs to follow a change of its hops by a factor of 1 [s].
    channel : int array (n,)
        Sites of the channel.
    z : float array (n,)
        Their heights [Å].
    """

    error: float | None
    fixed: float | None
    first_c_A: float
    drive: float
    occupancy: float
    settling_s: float
    channel: np.ndarray
    z: np.ndarray
    slow: bool = False  # whether this stretch is slowed
    factor: float = 1.0  # of it, or of the slowed one before
    since_s: float = 0.0
    n_look: int = 0  # in this stretch
    n_counted: int = 0
    full: float = 0.0  # Σ over the looks that count of the channel's occupancy
    plain: float = -1.0  # mean occupancy in the last stretch with factor 1; -1: there was none
    pairs: int = 0
    xx: float = 0.0  # Σ of (s - 1) / L squared, of that times the difference, of its square, of the difference
    xy: float = 0.0
    yy: float = 0.0
    y: float = 0.0

    KEPT = ("slow", "factor", "since_s", "n_look", "n_counted", "full", "plain", "pairs", "xx", "xy", "yy", "y")

    def look(self, growth, tip_A):
        """Count a look at the channel next to the tip; the factor that is to be from now on."""
        void = not self.n_look and growth.ends_nm()[0] > VOID_NM  # while metal is plated none forms
        if growth.direction <= 0 or void:  # bare surfaces lead from the metal to the root
            self._begin(growth.time, False)
            self.plain = -1.0
            return 1.0
        self.n_look += 1
        if self.n_look > 1 and growth.time - self.since_s >= SETTLING * self.settling_s * self.now:
            low, high = np.searchsorted(self.z, [tip_A - LOOKED_AT_A, tip_A])
            codes = growth.kernel.codes_of(self.channel[low:high])
            self.full += float((codes & 1).mean()) if len(codes) else self.occupancy
            self.n_counted += 1
        longer = min(1 + self.pairs // KNOWN, LONGEST)
        if self.n_look >= (longer * SLOW_LOOKS if self.slow else PLAIN_LOOKS) and self.n_counted:
            self._end(growth.time, tip_A)
        return self.now

    @property
    def now(self):
        """The factor of this stretch."""
        return self.factor if self.slow else 1.0

    def _end(self, now_s, tip_A):
        """A stretch is over: count it together with the one before."""
        mean = self.full / self.n_counted
        if not self.slow:
            self.plain = mean
            self.factor = self.wanted(tip_A)
        elif self.plain >= 0 and self.factor > 1:
            x, y = (self.factor - 1) / tip_A, (mean - self.plain) / (self.drive - (mean - self.occupancy))
            self.pairs += 1
            self.xx, self.xy, self.yy, self.y = self.xx + x * x, self.xy + x * y, self.yy + y * y, self.y + y
        self._begin(now_s, not self.slow)

    def _begin(self, now_s, slow):
        self.slow, self.since_s, self.n_look, self.n_counted, self.full = slow, now_s, 0, 0, 0.0

    def wanted(self, tip_A):
        """The factor at a length: a quarter of a power of two, so that tables are seldom made."""
        if self.fixed:
            return self.fixed
        wanted = 1 + self.error * tip_A / sum(self.c_A())
        return 2 ** (floor(STEPS * log2(min(wanted, MOST))) / STEPS)

    def c_A(self):
        """c and its standard error [Å]: what was expected and what was measured, by their weights."""
        prior = PRIOR_PART * self.first_c_A
        weight, total = 1 / prior**2, self.first_c_A / prior**2
        if self.pairs > 2 and self.xx:
            found = self.xy / self.xx
            error = sqrt(max(self.yy - found * self.xy, 0.0) / (self.pairs - 1) / self.xx)
            if error:
                weight, total = weight + 1 / error**2, total + found / error**2
        return max(total / weight, 0.1 * self.first_c_A), sqrt(1 / weight)

    def measured(self):
        """Part by which the speed is lower in the slowed stretches, and its standard error; inf for too few."""
        if self.pairs < 3:
            return 0.0, inf
        mean = self.y / self.pairs
        return mean, sqrt(max(self.yy - self.pairs * mean**2, 0.0) / (self.pairs - 1) / self.pairs)

    @property
    def state(self):
        """Plain values by name, for a checkpoint."""
        return {name: getattr(self, name) for name in self.KEPT}

    def restore(self, state):
        """Go back to a state."""
        for name, value in state.items():
            setattr(self, name, value)

    def said(self):
        """What was slowed, and what that cost, as a dict of plain values."""
        mean, error = self.measured()
        known = isfinite(error)
        return {
            "factor": self.factor,
            "growth_error": self.error,
            "speed_lower_by": mean if known else None,
            "speed_lower_by_stderr": error if known else None,
            "compared": self.pairs,
        }
