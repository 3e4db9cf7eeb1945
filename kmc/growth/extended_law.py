"""Terms that L² = L₀² + 2 B t leaves out: the tip's potential, and what channel and wall store.

Per metal site that the tip passes there are m_c sites of the channel, and the wall takes m_w atoms up to its lithiation
1.  They are filled to ρ and θ at the root, at the tip, and ahead of it: ρ_ahead = x where the channel is frozen there,
and ρ_tip where it is in cells.  Then

    B' / B = G S,    G = [ρ_root - ρ_tip] / [ρ_root - x],    S = (2 λ² / St) / n,

    n = 1 + m_c (ρ_tip - ρ_ahead) + m_w (θ_tip - θ_ahead),
    St = [m_c (ρ_root - ρ_tip) + m_w (θ_root - θ_tip)] / n,    √π λ exp(λ²) erf(λ) = St.

G is the gradient that is left when the tip is at a potential of its own.  n counts the atoms that each site's length of
the way takes, St those that the way itself stores on top: Stefan's solution of a front that is fed through what it
leaves behind (H. S. Carslaw and J. C. Jaeger, Conduction of Heat in Solids, 1959, section 11.2), exact for a medium
whose storage and conductance are the same everywhere.  S → (1 - St / 3) / n for a small St.
"""

from dataclasses import dataclass
from math import erf, exp, pi, sqrt

from coble.kmc.growth.law import response

SMALL = 1e-4  # Stefan number below which its own first order is exact to 1e-9


def front_factor(number):
    """2 λ² / St of a front that is fed through a medium which stores: its B over that of one that does not.

    Parameters
    ----------
    number : float
        Stefan number St ≥ 0: what the medium stores over what the front takes.
    """
    if number < 0:
        raise ValueError(f"number must be at least 0, what is stored over what the front takes, got {number!r}")
    if number < SMALL:
        return 1 - number / 3
    from scipy.optimize import brentq  # a third of a second, and most walls store nothing

    found = brentq(lambda x: sqrt(pi) * x * exp(x**2) * erf(x) - number, 1e-6, 5.0)
    return 2 * found**2 / number


@dataclass(frozen=True)
class Terms:
    """What is known beyond the conductance.

    Attributes
    ----------
    occupancy : float
        x of the channel's sites at coexistence, in (0, 1).
    drive : float
        eU / k_B T at the root, > 0.
    tip : float
        e U / k_B T at the tip, 0 for coexistence.
    ahead : float
        The same of the channel where the tip has not been.
    channel : float
        m_c: sites of the channel per metal site; 0 leaves their storage out.
    wall : float
        m_w: atoms that the wall holds at its lithiation 1, per metal site; 0 where it does not fill.
    root_lithiation, tip_lithiation, ahead_lithiation : float
        θ of the wall at the root, at the tip, and where the tip has not been.
    """

    occupancy: float
    drive: float
    tip: float = 0.0
    ahead: float = 0.0
    channel: float = 0.0
    wall: float = 0.0
    root_lithiation: float = 1.0
    tip_lithiation: float = 1.0
    ahead_lithiation: float = 1.0

    @property
    def gradient(self):
        """G: what the tip's potential leaves of the gradient."""
        return 1 - response(self.occupancy, self.tip) / response(self.occupancy, self.drive)

    @property
    def taken(self):
        """n: atoms that a metal site's length of the way takes, metal, channel and wall."""
        channel = self.channel * (self._above(self.tip) - self._above(self.ahead))
        return 1 + channel + self.wall * (self.tip_lithiation - self.ahead_lithiation)

    @property
    def storage(self):
        """S: what is left of the speed by what the way stores."""
        channel = self.channel * (self._above(self.drive) - self._above(self.tip))
        stored = channel + self.wall * (self.root_lithiation - self.tip_lithiation)
        return front_factor(stored / self.taken) / self.taken

    @property
    def factor(self):
        """B' / B."""
        return self.gradient * self.storage

    def _above(self, drive):
        """ρ - x of the channel at a potential [k_B T]."""
        return response(self.occupancy, drive) * self.occupancy * (1 - self.occupancy)
