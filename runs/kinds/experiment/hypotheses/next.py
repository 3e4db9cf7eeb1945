"""What to measure next: expected information of every experiment about which path dominates.

Before anything was observed all paths may act.  After, single mechanisms count, too, each by its probability.
"""

from math import log

import numpy as np

from coble.kmc.knowledge.evidence import information_bits
from coble.models.tubules.experiment_tubule import CASE, MECHANISMS

PRECISION = 0.1  # relative standard error of every speed, or diffusivity, that is measured
TRACERS = {  # no experiment is known that measures D of the interface, so it is not one of them
    "tracer D of the wall": "wall.diffusivity_cm2_s",
    "tracer D of the surface": "surface.diffusivity_cm2_s",
    "tracer D of the bulk": "metal.diffusivity_cm2_s",
}


def ranking(forecast, precision=PRECISION, after=None):
    """Experiments by their expected information, the best first.

    Parameters
    ----------
    forecast : Forecast
        Of all experiments in question.
    precision : float
        Relative standard error of every speed or diffusivity.
    after : Posterior, optional
        Of what was observed already.

    Returns
    -------
    list of dict
        `experiment`, `precision`, `bits`.
    """
    part = {CASE: 1.0} if after is None else {name: after.mechanism[name] for name in (CASE, *MECHANISMS)}
    part = part if any(part.values()) else {CASE: 1.0}  # where none gives what was seen
    given = {name: measurements(forecast, precision, name) for name in part if part[name] > 0}
    label = np.concatenate([_labels(forecast, name) for name in given])
    equal = np.full(forecast.n_sample, 1 / forecast.n_sample)
    weight = np.concatenate([part[name] * (equal if after is None else after.weights[name]) for name in given])
    bits = {}
    for name, (_, sigma) in given[next(iter(given))].items():
        samples = np.concatenate([each[name][0] for each in given.values()])
        bits[name] = information_bits(label, samples, sigma, weight)
    ranked = sorted(bits, key=lambda name: -bits[name])
    return [{"experiment": name, "precision": precision, "bits": bits[name]} for name in ranked]


def _labels(forecast, hypothesis):
    """Which path moves most, int array (n_sample,): by the order of `MECHANISMS`, -1 for none."""
    order = [list(MECHANISMS).index(path) for path in forecast.shares]
    if hypothesis == CASE:
        return np.array([*order, -1])[forecast.dominant]  # -1, none, is the last
    return np.full(forecast.n_sample, list(MECHANISMS).index(hypothesis))


def measurements(forecast, precision, hypothesis=CASE):
    """What each experiment gives without noise, and its standard error: dict of name → (float array, float)."""
    given, found = forecast.observed_by[hypothesis], {}
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
