"""What observations say with unknown numbers: which path dominates, which mechanism alone would do, and the D's.

All hypotheses are equally probable before: the case itself with all paths in parallel, every mechanism alone, and
"none of these".  Which path dominates is their mixture,

    P(path | seen) = Σ_h P(h | seen) P(path | h, seen).

A mechanism alone dominates by itself, slip like the others; of "none of these" nothing is known, so no path does.
"""

from dataclasses import dataclass
from math import hypot, inf

import numpy as np

from coble.kmc.estimates.estimate import CONFIDENCE, probability_text
from coble.kmc.estimates.mechanisms import NONE as NOTHING_KNOWN
from coble.kmc.estimates.mechanisms import Judgement
from coble.kmc.knowledge.evidence import (
    effective,
    log_evidence,
    log_likelihood,
    log_uniform_density,
    normalised,
    posterior_weights,
)
from coble.kmc.knowledge.priors import SameAs
from coble.kmc.knowledge.shares import NONE, quantiles
from coble.models.tubules.experiment_tubule import CASE, MECHANISMS
from coble.render.names import LABELS
from coble.render.numbers import listed

AVERAGED = "The probabilities are averages over the ranges of unknown numbers."
LEAST = 0.005  # of a probability that a sentence names


@dataclass(frozen=True)
class Posterior:
    """After the observations.

    Attributes
    ----------
    dominant, dominant_before : dict of str → float
        That each path moves more than half of the metal, and "none": the mixture of all hypotheses; the same without
        the observations.
    dominant_if_case : dict of str → float
        The part of the mixture that needs a forecast: if all paths are in parallel.
    mechanism : dict of str → float
        Of every hypothesis: "case", each mechanism alone, "none of these".
    parameters, parameters_before : dict of key → quantiles
        If all paths are in parallel.  Numbers that are the same stand once, with the others as `ties`.
    weights : dict of hypothesis → float array (n_sample,)
        Of the samples of the forecast.
    """

    dominant: dict
    dominant_before: dict
    dominant_if_case: dict
    mechanism: dict
    parameters: dict
    parameters_before: dict
    weights: dict

    @property
    def weight(self):
        """Of the samples, if all paths are in parallel: float array (n_sample,)."""
        return self.weights[CASE]

    @property
    def least_samples(self):
        """Fewest samples that count under a hypothesis that counts, float."""
        counts = [name for name in self.weights if self.mechanism[name] >= LEAST]
        return min((effective(self.weights[name]) for name in counts), default=inf)

    def as_dict(self):
        """For result.json."""
        return {
            "dominant": self.dominant,
            "dominant_before": self.dominant_before,
            "dominant_if_case": self.dominant_if_case,
            "mechanism": self.mechanism,
            "parameters": self.parameters,
            "parameters_before": self.parameters_before,
            "samples": effective(self.weight),
        }


def posterior(forecast, observables, observed, predicted=None):
    """The `Posterior` of what was observed.

    Parameters
    ----------
    forecast : Forecast
    observables : list of Observable
    observed : dict of name → Estimate or None
        None, or left out, for what was not seen.
    predicted : dict of mechanism → dict of name → Estimate or None, optional
        Measured predictions, whose Monte-Carlo errors widen those of the observations.
    """
    seen = [each for each in observables if observed.get(each.name) is not None]
    forecasts = forecast.observed_by | _of_plugins(forecast, predicted or {})
    likelihoods = {name: [] for name in forecasts}
    evidence = dict.fromkeys((*likelihoods, NOTHING_KNOWN), 0.0)
    for each in seen:
        value = observed[each.name]
        for name, given in forecasts.items():
            noise = (predicted or {}).get(name, {}).get(each.name)
            sigma = hypot(value.stderr, each.resolution, noise.stderr if noise else 0.0)
            likelihoods[name].append(log_likelihood(given[each.name], value.value, sigma, each.low, each.high))
        sigma = hypot(value.stderr, each.resolution)
        evidence[NOTHING_KNOWN] += log_uniform_density(value.value, sigma, each.low, each.high)
    n = forecast.n_sample
    for name, parts in likelihoods.items():
        moves = any(np.isfinite(each).any() for each in forecasts[name].values())
        evidence[name] = log_evidence([np.zeros(n), *parts]) if moves or not seen else -inf  # nothing would be seen
    weights = {name: posterior_weights([np.zeros(n), *parts]) for name, parts in likelihoods.items()}
    weight, mechanism = weights[CASE], normalised(evidence)
    if_case = forecast.dominance(weight)
    return Posterior(
        mixture(mechanism, if_case),
        mixture(normalised(dict.fromkeys(mechanism, 0.0)), forecast.dominance()),
        if_case,
        mechanism,
        _numbers(forecast, weight),
        _numbers(forecast),
        weights,
    )


def _numbers(forecast, weight=None):
    """Quantiles of every number, and the others that are the same: dict of key → dict."""
    same = {key: prior.key for key, prior in forecast.prior.items() if isinstance(prior, SameAs)}
    found = {key: quantiles(values, weight) for key, values in forecast.values.items() if key not in same}
    for key, each in found.items():
        if ties := [other for other, named in same.items() if named == key]:
            each["ties"] = ties
    return found


def mixture(mechanism, if_case):
    """Probability that each path moves more than half, over all hypotheses.

    Parameters
    ----------
    mechanism : dict of str → float
        Of every hypothesis.
    if_case : dict of str → float
        If all paths are in parallel: of each of them, and "none".

    Returns
    -------
    dict of str → float
        Every mechanism, and "none"; sums to 1.
    """
    shared = {path: mechanism[CASE] * p for path, p in if_case.items()}
    alone = {name: p for name, p in mechanism.items() if name not in (CASE, NOTHING_KNOWN)}
    found = {name: p + shared.get(name, 0.0) for name, p in alone.items()}
    return found | {NONE: mechanism[NOTHING_KNOWN] + shared[NONE]}


def _of_plugins(forecast, predicted):
    """What mechanisms of plug-ins predict at the stated numbers, the same for all samples."""
    return {
        name: {key: np.full(forecast.n_sample, each.value if each else np.nan) for key, each in given.items()}
        for name, given in predicted.items()
        if name not in MECHANISMS
    }


def judged(found, labels):
    """The `Judgement` of a `Posterior`; `labels` of what was observed."""
    probability = {NOTHING_KNOWN if name == NONE else name: p for name, p in found.dominant.items()}
    if not labels:
        sentence = "Undecided: nothing moved, so nothing tells the mechanisms apart."
        return Judgement(probability, None, sentence)
    ranked = sorted(probability, key=lambda name: -probability[name])
    first, second = ranked[:2]
    from_what = f"from {listed(labels) if len(labels) <= 3 else f'{len(labels)} observables'}"
    named = None
    if probability[first] >= CONFIDENCE and first != NOTHING_KNOWN:
        sure = probability_text(probability[first], found.least_samples)
        named, said = first, f"{first.capitalize()}, with probability {sure} {from_what}"
    elif probability[first] >= CONFIDENCE:
        said = f"Undecided: no single path moves most of the metal ({from_what})"
    else:
        both = " and ".join(
            f"{LABELS[NONE if name == NOTHING_KNOWN else name]} "
            f"({probability_text(probability[name], found.least_samples)})"
            for name in (first, second)
        )
        said = f"Undecided between {both}, {from_what}"
    return Judgement(probability, named, f"{said}. {_made_of(found)}")


def _made_of(found):
    """How the probabilities come about, in sentences."""
    whole, unknown = found.mechanism[CASE], found.mechanism[NOTHING_KNOWN]
    alone = probability_text(1 - whole - unknown, found.least_samples)
    if whole < LEAST:
        return f"{AVERAGED} All paths act in parallel with probability < {LEAST:g}, one of them alone with {alone}."
    parts = sorted(found.dominant_if_case.items(), key=lambda item: -item[1])
    inside = ", ".join(f"{LABELS[path]} {probability_text(p, found.least_samples)}" for path, p in parts if p >= LEAST)
    rest = f" Another mechanism has probability {probability_text(unknown)}." if unknown >= LEAST else ""
    counts = f"All paths act in parallel with probability {probability_text(whole, found.least_samples)}"
    return f"{AVERAGED} {counts}, one of them alone with {alone}.{rest} In parallel, most is moved by: {inside}."
