"""Experiments without a simulation: what was observed, what laws say, and what to measure next."""

from contextlib import suppress
from math import inf, isfinite

import numpy as np

from coble.kinds.experiment.changes import EXPERIMENTS
from coble.kinds.experiment.hypotheses.forecasts import forecast
from coble.kinds.experiment.hypotheses.judging import posterior
from coble.kinds.experiment.hypotheses.next import PRECISION, ranking
from coble.kmc.estimates.estimate import Estimate, exactly
from coble.models.tubules.experiment_tubule import MECHANISMS


def given_observations(case):
    """What the case says was seen, dict of observable name → Estimate."""
    return {
        name: Estimate(each.value, each.stderr, inf, each.source or "given")
        for name, each in case.experiment.observed.items()
    }


def by_law(case, experiments, names):
    """What every mechanism gives at the stated numbers by its law: dict of mechanism → name → Estimate or None."""
    stated = forecast(case, dict(zip(names, experiments, strict=True)), known=True).observed_by

    def found(samples):
        value = round(float(np.ravel(samples)[0]), 12)  # a slope of 0 without the digits of rounding
        return exactly(value, "law") if isfinite(value) else None

    return {name: {key: found(each) for key, each in stated[name].items()} for name in MECHANISMS}


def next_after(case, observables=(), seen=(), precision=PRECISION):
    """What to measure next, see `coble.kinds.experiment.hypotheses.next.ranking`.

    Parameters
    ----------
    case : Case
    observables : list of Observable
    seen : dict of name → Estimate or None
        What was observed already.
    precision : float
        Relative standard error of every speed or diffusivity.
    """
    found = {}
    for name, make in EXPERIMENTS.items():
        with suppress(ValueError):  # the case lacks what it needs
            found[name] = make(case)
    every = forecast(case, found)
    return ranking(every, precision, posterior(every, observables, seen) if observables else None)
