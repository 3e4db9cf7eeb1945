"""Which mechanism fits what was seen?  Predictions, observations, and the probability of every mechanism.

Each mechanism predicts every observable with an error.  An observation o ± s under a prediction p ± q has the
likelihood of a normal distribution of variance s² + q² + r², with r what the lattice and the formulas cannot resolve;
observables are independent.  Beside the mechanisms stands "none of these", which can give anything: its likelihood is
uniform over the range of the observable.  So a mixture of two mechanisms is not blamed on the one that happens to be
nearer, unless it gives what that one gives: then the sentence names the mixture, too.  All have the same probability
before; what a mechanism cannot predict says nothing for or against it.
"""

from dataclasses import dataclass, replace
from itertools import combinations
from math import erf, exp, hypot, log, pi, sqrt

import numpy as np
from scipy.special import chdtri

from coble.kmc.estimates.estimate import CONFIDENCE, probability_text

NONE = "none of these"
PARTS = np.linspace(0.01, 0.99, 99)  # of the current that the first of two mechanisms may carry


@dataclass(frozen=True)
class Observable:
    """A number without dimension, or in `unit`, by which mechanisms differ.

    Attributes
    ----------
    name, label, unit : str
    low, high : float
        Where it can lie at all.
    resolution : float
        What the lattice and the formulas cannot resolve, as a standard error.
    mixes : bool
        Whether mechanisms that share the current give the mean of what each gives, by its part of the current.
    """

    name: str
    label: str
    low: float
    high: float
    resolution: float
    unit: str = ""
    mixes: bool = True


@dataclass(frozen=True)
class Judgement:
    """Attributes
    ----------
    probability : dict of str → float
        Of every mechanism, and of "none of these".
    named : str or None
        The mechanism that the observations single out with 95 % confidence; None when undecided.
    sentence : str
    mixture : dict of mechanism → float, or None
        Parts of the current of two other mechanisms that together would give the same as the one that is named.
    """

    probability: dict
    named: str | None
    sentence: str
    mixture: dict | None = None


def rank_mechanisms(observables, predicted, observed):
    """Probability of every mechanism, given what was observed.

    Parameters
    ----------
    observables : list of Observable
    predicted : dict of mechanism → dict of name → Estimate or None
        None where a mechanism says nothing.
    observed : dict of name → Estimate or None
        None, or left out, for what was not seen.

    Returns
    -------
    Judgement
    """
    seen = [each for each in observables if observed.get(each.name) is not None]
    weight = dict.fromkeys((*predicted, NONE), 0.0)
    for each in seen:
        anything = _log_uniform(each, observed[each.name])
        for mechanism, forecast in predicted.items():
            value = forecast.get(each.name)
            weight[mechanism] += anything if value is None else _log_normal(each, observed[each.name], value)
        weight[NONE] += anything
    best = max(weight.values())
    total = sum(exp(w - best) for w in weight.values())
    probability = {mechanism: exp(w - best) / total for mechanism, w in weight.items()}
    found = _judgement(probability, [each.label for each in seen])
    mixed = [each for each in seen if each.mixes]
    parts = found.named and mixture_of([m for m in predicted if m != found.named], mixed, predicted, observed)
    if not parts:
        return found
    said = " and ".join(f"{100 * part:.0f} % {name}" for name, part in parts.items())
    same = f" {said} together would give the same {', '.join(each.label for each in mixed)}."
    return replace(found, sentence=found.sentence + same, mixture=parts)


def mixture_of(mechanisms, observables, predicted, observed):
    """The two mechanisms that give what was seen when they share the current: parts of it by mechanism, or None.

    Parameters
    ----------
    mechanisms : list of str
    observables : list of Observable
        Those that mix.
    predicted, observed : dict
        As in `rank_mechanisms`.
    """
    best, found = chdtri(len(observables), 1 - CONFIDENCE) if observables else 0.0, None
    for a, b in combinations(mechanisms, 2):
        pairs = [(predicted[a].get(each.name), predicted[b].get(each.name)) for each in observables]
        if any(None in pair for pair in pairs):
            continue
        off = 0.0
        for each, (one, two) in zip(observables, pairs, strict=True):
            seen = observed[each.name]
            value = PARTS * one.value + (1 - PARTS) * two.value
            error = np.hypot(PARTS * one.stderr, (1 - PARTS) * two.stderr)
            off = off + (seen.value - value) ** 2 / (error**2 + seen.stderr**2 + each.resolution**2)
        if np.min(off, initial=np.inf) < best:
            best, part = float(np.min(off)), float(PARTS[np.argmin(off)])
            found = {a: part, b: 1 - part}
    return found


def _log_normal(observable, seen, expected):
    """ln of the density of what was seen under a prediction."""
    sigma = hypot(seen.stderr, expected.stderr, observable.resolution)
    return -0.5 * ((seen.value - expected.value) / sigma) ** 2 - log(sigma * sqrt(2 * pi))


def _log_uniform(observable, seen):
    """ln of the density of what was seen when the true value may lie anywhere in the range."""
    sigma = hypot(seen.stderr, observable.resolution)
    inside = [erf((edge - seen.value) / (sigma * sqrt(2))) / 2 for edge in (observable.low, observable.high)]
    return log(max(inside[1] - inside[0], 1e-300) / (observable.high - observable.low))


def _judgement(probability, labels):
    if not labels:
        return Judgement(probability, None, "Undecided: nothing moved, so nothing tells the mechanisms apart.")
    ranked = sorted(probability, key=lambda mechanism: -probability[mechanism])
    first, second = ranked[:2]
    from_what = f"from {', '.join(labels) if len(labels) <= 3 else f'{len(labels)} observables'}"
    if first == NONE and probability[NONE] >= CONFIDENCE:
        sentence = f"Undecided: no single mechanism gives what was seen ({from_what}); several may share the current."
        return Judgement(probability, None, sentence)
    if probability[first] >= CONFIDENCE:
        sentence = f"{first.capitalize()}, with probability {probability_text(probability[first])} {from_what}."
        return Judgement(probability, first, sentence)
    one, two = (f"{name} ({probability_text(probability[name])})" for name in (first, second))
    return Judgement(probability, None, f"Undecided between {one} and {two}, {from_what}.")
