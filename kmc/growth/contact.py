"""What stands in series with the root at constant current: it makes the root's potential that of a cell.

A contact takes I R, and charge transfer the overpotential of Butler and Volmer, with transfer coefficients of ½ both
ways (J. Newman, K. E. Thomas-Alyea, Electrochemical Systems, 3rd ed. 2004, chapter 8):

    I = 2 I₀ sinh(e η / 2 k_BT),    η = (2 k_BT / e) asinh(I / 2 I₀).

For small currents that is a resistance k_BT / e I₀.  Neither stores anything.
"""

from dataclasses import dataclass
from math import asinh


@dataclass(frozen=True)
class Contact:
    """A contact and its charge transfer.

    Attributes
    ----------
    ohm : float
        R [Ω].
    exchange_A : float
        I₀ [A]; 0: charge transfer takes nothing.
    """

    ohm: float = 0.0
    exchange_A: float = 0.0

    def drop_V(self, kT_eV, current_A):
        """What they take of the cell's overpotential at a current [V]."""
        transfer_V = 2 * kT_eV * asinh(current_A / (2 * self.exchange_A)) if self.exchange_A else 0.0
        return current_A * self.ohm + transfer_V
