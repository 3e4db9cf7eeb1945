"""What to measure next: expected information of every experiment about which path dominates."""

from math import log

import numpy as np

from coble.kmc.knowledge.evidence import information_bits
from coble.models.experiment_tubule import CASE

PRECISION = 0.1  # relative standard error of every speed, or diffusivity, that is measured
TRACERS = {
    "tracer D of the wall": "wall.diffusivity_cm2_s",
    "tracer D of the surface": "surface.diffusivity_cm2_s",
    "tracer D of the bulk": "metal.diffusivity_cm2_s",
    "tracer D of the interface": "interface.diffusivity_cm2_s",
}


def ranking(forecast, precision=PRECISION, weight=None):
    """Experiments by their expected information, the best first.

    Parameters
    ----------
    forecast : Forecast
        Of all experiments in question.
    precision : float
        Relative standard error of every speed or diffusivity.
    weight : float array (n_sample,), optional
        Of the samples, after what was observed already.

    Returns
    -------
    list of dict
        `experiment`, `precision`, `bits`.
    """
    label, bits = forecast.dominant, {}
    for name, (samples, sigma) in measurements(forecast, precision).items():
        bits[name] = information_bits(label, samples, sigma, weight)
    ranked = sorted(bits, key=lambda name: -bits[name])
    return [{"experiment": name, "precision": precision, "bits": bits[name]} for name in ranked]


def measurements(forecast, precision):
    """What each experiment gives without noise, and its standard error: dict of name → (float array, float)."""
    given, found = forecast.observed_by[CASE], {}
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, each in forecast.experiments.items():
            samples = given[each.observable.name]
            if each.abscissa is None:  # a ratio of two speeds
                found[name] = (_finite(np.log(samples)), precision * 2**0.5)
            else:
                away = each.abscissa - np.mean(each.abscissa)
                found[name] = (samples, precision / float(np.sqrt((away**2).sum())))
        found["speed"] = (given["log10_speed"], precision / log(10))
        found["marker"] = (given["marker"], precision)
        for name, key in TRACERS.items():
            if key in forecast.values:
                found[name] = (np.log(forecast.values[key]), precision)
    return found


def _finite(values):
    return np.where(np.isfinite(values), values, np.nan)
