"""Hops on the metal's surface, slowed by one factor as long as the tip's speed hardly changes.

Adatoms on the face of the tip cross it many times before they are built in, and so do atoms on the wall before it.
Their resistance is in series with the channel's and small beside it: that of spreading over the face is 1 / (8π K_s),
that of the channel L / (πW K_i), each K a conductance per width.  With all these hops slower by one factor s every
equilibrium stays, and the tip has a potential that is higher by (s - 1) of what they take.  The channel carries less
by the same part of its drive, here in occupancies, in which the exclusion process is linear:

    error of the speed = Δρ_tip / (ρ_root - ρ_tip) = (s - 1) c / L.

c is measured.  Slowed stretches alternate with stretches of factor 1.  In each the channel next to the tip has a mean
occupancy ρ, and the metal takes J atoms per second.  What they take is the same resistance in both, so

    ρ_slow - ρ_plain = [c (s J_slow - J_plain) - d (J_plain - J_slow)] / G,

with G the channel's conductance times length, and d the mean distance from the tip at which ρ is looked at.  J is that
of the stretch, not that of a steady channel, because the channel takes longer to follow than a stretch lasts.

The face takes time, too: its rim is fed and its middle lags, by more the slower atoms cross it, and that bow has to
grow and to go.  It takes a time that goes as W⁴ (W. W. Mullins, J. Appl. Phys. 28, 333, 1957), so a growth that goes as
W³ at a speed that goes as 1 / W.  A stretch ends when so much metal has grown, and its first part does not count.
Where stretches are too long to be had, c stays what is expected: W K_i / 4 K_s, of a W that is 2 nm wider.

s = 1 + ε L / c then keeps the error at the wanted ε.
"""

from dataclasses import dataclass
from math import floor, inf, isfinite, log2, sqrt

import numpy as np

from coble.kmc.growth.kept import Kept

LOOKED_AT_A = 10.0  # of the channel, next to the tip
PLAIN_LOOKS, SLOWED_LONGER = 3, 5  # looks in a plain stretch at least; how much more metal grows in a slowed one
FACE_NM, OF_NM = 0.04, 5.0  # metal in a plain stretch where W is OF_NM
LEAST_PAIRS = 5  # whose scatter says how well c is known
KNOWN, LONGEST = 8, 4  # slowed stretches get longer by as much after so many pairs, at most so many times as long
SETTLING, SETTLING_PART = 2.0, 1 / 3  # times that adatoms need to follow a change; part of a stretch for the face
STEPS = 8  # factors between two powers of two; with 32 tables take 3 % of a run at W = 5 nm more than they save
MOST = 16.0
VOID_NM = 0.5  # between root and metal, from which on nothing is slowed
PRIOR_PART = 0.25  # of the first c, that it may be wrong by


@dataclass
class Slowing(Kept):
    """The factor, and what it has done to the tip.

    Parameters
    ----------
    error : float or None
        Wanted of the speed, relative; None for a factor that stays.
    fixed : float or None
        That factor.
    first_c_A : float
        The first c [Å].
    conductance : float
        G [atoms Å / s]: of the channel, current per difference of occupancies times length.
    settling_s : float
        That adatoms need to follow a change of their hops by a factor of 1 [s].
    plain_atoms : float
        That the metal takes in a plain stretch, so that the shape of its face follows.
    channel : int array (n,)
        Sites of the channel.
    z : float array (n,)
        Their heights [Å].
    """

    error: float | None
    fixed: float | None
    first_c_A: float
    conductance: float
    settling_s: float
    plain_atoms: float
    channel: np.ndarray
    z: np.ndarray
    slow: bool = True  # whether this stretch is slowed
    factor: float = 1.0  # of it, or of the slowed one before
    since_s: float = 0.0
    since_atoms: int = 0  # from the electrolyte
    n_look: int = 0  # in this stretch
    n_counted: int = 0
    full: float = 0.0  # Σ over the looks that count of the channel's occupancy
    begun_s: float = 0.0  # of the first look that counts, and the metal's atoms then
    begun_atoms: int = 0
    plain: float = -1.0  # mean occupancy in the last stretch with factor 1, and its J; -1: there was none
    plain_1_s: float = 0.0
    pairs: int = 0
    x: float = 0.0  # Σ over pairs of (s J_slow - J_plain) / G
    y: float = 0.0  # of ρ_slow - ρ_plain, at the tip
    xx: float = 0.0  # of their products
    xy: float = 0.0
    yy: float = 0.0
    slower: float = 0.0  # of (s - 1) / L

    KEPT = (
        *("slow", "factor", "since_s", "since_atoms", "n_look", "n_counted", "full", "begun_s", "begun_atoms"),
        *("plain", "plain_1_s", "pairs", "x", "y", "xx", "xy", "yy", "slower"),
    )

    def look(self, growth, tip_A):
        """Count a look at the channel next to the tip; the factor that is to be from now on."""
        void = not self.n_look and growth.ends_nm()[0] > VOID_NM  # while metal is plated none forms
        if growth.direction <= 0 or void:  # bare surfaces lead from the metal to the root
            self._begin(growth, False)
            self.plain = -1.0
            return 1.0
        if not self.n_look and self.slow:
            self.factor = self.wanted(tip_A)
        self.n_look += 1
        longer = SLOWED_LONGER * min(1 + self.pairs // KNOWN, LONGEST) if self.slow else 1
        grown = (growth.inserted_minus_removed - self.since_atoms) / longer / max(self.plain_atoms, 1.0)
        settled = growth.time - self.since_s >= SETTLING * self.settling_s * self.now
        if self.n_look > 1 and settled and grown >= SETTLING_PART:
            low, high = np.searchsorted(self.z, [tip_A - LOOKED_AT_A, tip_A])
            near = self.channel[low:high]
            if not self.n_counted:
                self.begun_s, self.begun_atoms = growth.time, atoms_on(growth.metal, growth.kernel)
            self.full += atoms_on(near, growth.kernel) / max(len(near), 1)
            self.n_counted += 1
        if self.n_look >= longer * PLAIN_LOOKS and grown >= 1 and self.n_counted > 1:
            self._end(growth, tip_A)
        return self.now

    @property
    def now(self):
        """The factor of this stretch."""
        return self.factor if self.slow else 1.0

    def _end(self, growth, tip_A):
        """A stretch is over: count it together with the one before."""
        mean = self.full / self.n_counted
        current_1_s = (atoms_on(growth.metal, growth.kernel) - self.begun_atoms) / (growth.time - self.begun_s)
        if not self.slow:
            self.plain, self.plain_1_s = mean, current_1_s
        elif self.plain >= 0 and self.factor > 1:
            x = (self.factor * current_1_s - self.plain_1_s) / self.conductance
            y = mean - self.plain + LOOKED_AT_A / 2 * (self.plain_1_s - current_1_s) / self.conductance
            self.pairs += 1
            self.x, self.y = self.x + x, self.y + y
            self.xx, self.xy, self.yy = self.xx + x * x, self.xy + x * y, self.yy + y * y
            self.slower += (self.factor - 1) / tip_A
        self._begin(growth, not self.slow)

    def _begin(self, growth, slow):
        self.slow, self.n_look, self.n_counted, self.full = slow, 0, 0, 0.0
        self.since_s, self.since_atoms = growth.time, growth.inserted_minus_removed

    def wanted(self, tip_A):
        """The factor at a length: an eighth of a power of two, so that tables are seldom made."""
        if self.fixed:
            return self.fixed
        wanted = 1 + self.error * tip_A / sum(self.c_A())
        return 2 ** (floor(STEPS * log2(min(wanted, MOST))) / STEPS)

    def c_A(self):
        """c and its standard error [Å]: what was expected and what was measured, by their weights."""
        prior = PRIOR_PART * self.first_c_A
        weight, total = 1 / prior**2, self.first_c_A / prior**2
        found, error = self.measured_c_A()
        if isfinite(error):
            weight, total = weight + 1 / error**2, total + found / error**2
        return max(total / weight, 0.1 * self.first_c_A), sqrt(1 / weight)

    def measured_c_A(self):
        """c as measured and its standard error [Å]: a ratio of means, which noise in J leaves unbiased."""
        if self.pairs < LEAST_PAIRS or self.x <= 0:
            return 0.0, inf
        c, n = self.y / self.x, self.pairs
        scatter = max(self.yy - 2 * c * self.xy + c**2 * self.xx, 0.0) * n / (n - 1)
        error = sqrt(scatter) / self.x
        return (c, error) if 0 < error < self.first_c_A else (0.0, inf)  # else nothing was learnt

    def measured(self):
        """Part by which the speed is lower in the slowed stretches, and its standard error; inf for too few."""
        c, error = self.measured_c_A()
        if not isfinite(error):
            return 0.0, inf
        part = self.slower / self.pairs
        return c * part, error * part

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


def plain_nm(width_nm):
    """Metal in a plain stretch [nm], by the width of the bore."""
    return FACE_NM * (width_nm / OF_NM) ** 3


def atoms_on(sites, kernel):
    """How many of these sites are full."""
    return int(np.count_nonzero(kernel.codes_of(sites) & 1))
