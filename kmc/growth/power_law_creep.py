"""Power-law creep: how fast dislocations push a plug of metal through a tubule.

Uniaxial flow goes as ε̇ = A exp(-Q / k_B T) (σ / S)^n.  A plug that sticks to the wall and is pushed by a pressure P
over its length L flows like any power-law fluid in a pipe of radius R,

    v = R / (n + 3) · 3^((n + 1) / 2) · A exp(-Q / k_B T) (R P / 2 L S)^n.

For lithium n = 6.5 to 6.67 and Q = 37 ± 6 kJ/mol, measured on specimens of millimetres (LePage et al., J. Electrochem.
Soc. 166, A89 (2019); Masias et al., J. Mater. Sci. 54, 2585 (2019)).  In 100 nm tubules metal is far stronger, so this
is what slip could do at most, not what it does.
"""

from dataclasses import dataclass
from math import exp

from coble.kmc.constants import ANGSTROM_M, BOLTZMANN_EV_K, ELEMENTARY_CHARGE_C


@dataclass(frozen=True)
class PowerLaw:
    """Attributes
    ----------
    prefactor_1_s : float
        A [1/s].
    exponent : float
        n.
    activation_energy_eV : float
        Q [eV]; 37 kJ/mol are 0.383 eV.
    stress_MPa : float
        S [MPa], the stress at which the rate is A exp(-Q / k_B T).
    """

    prefactor_1_s: float
    exponent: float
    activation_energy_eV: float
    stress_MPa: float

    def plug_speed_nm_s(self, radius_nm, length_nm, pressure_MPa, temperature_K):
        """Mean speed of a plug in a round tubule [nm/s]."""
        n = self.exponent
        rate = self.prefactor_1_s * exp(-self.activation_energy_eV / (BOLTZMANN_EV_K * temperature_K))
        shear = radius_nm * pressure_MPa / (2 * length_nm * self.stress_MPa)
        return radius_nm / (n + 3) * 3 ** ((n + 1) / 2) * rate * shear**n


def pressure_MPa(overpotential_V, atomic_volume_A3):
    """Pressure that an overpotential can exert on the metal, P = eU / Ω [MPa]: 7,410 MPa per volt for lithium."""
    return ELEMENTARY_CHARGE_C * overpotential_V / (atomic_volume_A3 * ANGSTROM_M**3) * 1e-6
