"""Errors of what a tuning found, for the rate table that it writes: the next case takes them as its prior."""

from math import isfinite

from coble.inputs.rate_table import Correlation
from coble.kmc.constants import BOLTZMANN_EV_K


def errors_of_hop(name, found):
    """What a hop of the table says of its errors: keys of `Hop`, dict; empty for what was not free.

    Parameters
    ----------
    name : str
        Class of hops.
    found : Tuning
    """
    error = dict(zip(found.free, map(float, found.fit.error), strict=True))
    rate, barrier = error.get(name), error.get(f"{name} barrier")
    keys = {
        "free": {(True, False): True, (False, True): "barrier", (True, True): "both"}.get(
            (rate is not None, barrier is not None), False
        )
    }
    if rate is not None and isfinite(rate):
        keys["uncertainty"] = rate
    if barrier is not None and isfinite(barrier):
        keys["barrier_uncertainty_eV"] = barrier * BOLTZMANN_EV_K * found.start.conditions.temperature_K
    return keys if keys["free"] else {}


def with_correlation(rates, found):
    """The rate table with the correlation of the errors of those rates and barriers that have one.

    Parameters
    ----------
    rates : RateFile
    found : Tuning
    """
    names = [name for name in found.free if rates.error_of(name) is not None]
    if len(names) < 2:
        return rates
    at = [found.free.index(name) for name in names]
    part = found.fit.correlation[at][:, at]
    matrix = tuple(tuple(1.0 if i == j else float(part[i, j]) for j in range(len(at))) for i in range(len(at)))
    return rates.model_copy(update={"correlation": Correlation(names=tuple(names), matrix=matrix)})
