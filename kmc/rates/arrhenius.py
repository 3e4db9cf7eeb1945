"""k = ν exp(-E / k_B T): any two of rate, prefactor and barrier determine the third at a temperature."""

from dataclasses import dataclass
from math import inf, isfinite, log

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.digits import exp

AGREE = 0.01  # where all three are given, ln of the rate may differ by this


@dataclass(frozen=True)
class Arrhenius:
    """A hop at one temperature.

    Attributes
    ----------
    rate_1_s : float
        k [1/s].
    prefactor_1_s : float
        ν [1/s].
    barrier_eV : float
        E [eV].
    """

    rate_1_s: float
    prefactor_1_s: float
    barrier_eV: float


def arrhenius(temperature_K, *, rate_1_s=None, prefactor_1_s=None, barrier_eV=None):
    """All three numbers of a hop from any two of them.

    Parameters
    ----------
    temperature_K : float
        At which the rate holds [K].
    rate_1_s, prefactor_1_s, barrier_eV : float, optional
        At least two of them.

    Returns
    -------
    Arrhenius

    Raises
    ------
    ValueError
        For fewer than two, for three that contradict each other, for a negative barrier, for numbers that are not
        positive and finite, and for a rate that is smaller than any floating-point number.
    """
    positive = {"temperature_K": temperature_K, "rate_1_s": rate_1_s, "prefactor_1_s": prefactor_1_s}
    for name, value in positive.items():
        if value is not None and not 0 < value < inf:
            raise ValueError(f"{name} must be positive and finite, got {value!r}")
    if barrier_eV is not None and not (isfinite(barrier_eV) and barrier_eV >= 0):
        raise ValueError(f"barrier_eV must be at least 0 eV, got {barrier_eV!r}")
    given = {"rate_1_s": rate_1_s, "prefactor_1_s": prefactor_1_s, "barrier_eV": barrier_eV}
    given = [name for name, value in given.items() if value is not None]
    if len(given) < 2:
        only = f"only {given[0]}" if given else "none"
        raise ValueError(f"give two of rate_1_s, prefactor_1_s and barrier_eV, got {only}")
    kT = BOLTZMANN_EV_K * temperature_K
    if barrier_eV is None:
        barrier_eV = kT * log(prefactor_1_s / rate_1_s)
        if barrier_eV < 0:
            raise ValueError(
                f"rate_1_s must not be larger than prefactor_1_s: the barrier would be {barrier_eV:.3g} eV "
                f"(rate {rate_1_s:g}, prefactor {prefactor_1_s:g} 1/s)"
            )
    elif prefactor_1_s is None:
        if barrier_eV / kT + log(rate_1_s) > 700:
            raise ValueError(f"no prefactor gives {rate_1_s:g} 1/s over {barrier_eV:g} eV at {temperature_K:g} K")
        prefactor_1_s = rate_1_s * exp(barrier_eV / kT)
    else:
        implied = prefactor_1_s * exp(-barrier_eV / kT)
        if not implied:
            raise ValueError(f"a barrier of {barrier_eV:g} eV at {temperature_K:g} K lets nothing pass: rate 0")
        if rate_1_s is not None and abs(log(rate_1_s / implied)) > AGREE:
            raise ValueError(
                f"prefactor_1_s and barrier_eV give {implied:.3g} 1/s at {temperature_K:g} K, but rate_1_s is "
                f"{rate_1_s:.3g}"
            )
        rate_1_s = implied
    return Arrhenius(float(rate_1_s), float(prefactor_1_s), float(barrier_eV))
