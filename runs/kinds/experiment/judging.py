"""What observations say with unknown numbers: which path dominates, which mechanism alone would do, and the D's.

All hypotheses are equally probable before: the case itself, every mechanism alone, and "none of these".  A mechanism
has the probability of acting alone, and that of the case with it in the lead.
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
from coble.kmc.knowledge.shares import NONE, quantiles
from coble.models.experiment_tubule import CASE, MECHANISMS


@dataclass(frozen=True)
class Posterior:
    """After the observations.

    Attributes
    ----------
    dominant, dominant_before : dict of str → float
        That each path carries more than half when all may, and "none"; the same without the observations.
    mechanism : dict of str → float
        Of every hypothesis: "case", each mechanism alone, "none of these".
    probability : dict of str → float
        That each mechanism moves most of the metal, alone or in the lead; "none of these".
    parameters, parameters_before : dict of key → quantiles
        Of the general hypothesis.
    weights : dict of hypothesis → float array (n_sample,)
        Of the samples of the forecast.
    """

    dominant: dict
    dominant_before: dict
    mechanism: dict
    probability: dict
    parameters: dict
    parameters_before: dict
    weights: dict

    @property
    def weight(self):
        """Of the samples, if all paths are in parallel: float array (n_sample,)."""
        return self.weights[CASE]

    def as_dict(self):
        """For result.json."""
        return {
            "dominant": self.dominant,
            "dominant_before": self.dominant_before,
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
    weight = weights[CASE]
    mechanism, dominant = normalised(evidence), forecast.dominance(weight)
    alone = [name for name in forecasts if name != CASE]
    probability = {name: mechanism[name] + mechanism[CASE] * dominant.get(name, 0.0) for name in alone}
    return Posterior(
        dominant,
        forecast.dominance(),
        mechanism,
        probability | {NOTHING_KNOWN: mechanism[NOTHING_KNOWN] + mechanism[CASE] * dominant[NONE]},
        {key: quantiles(values, weight) for key, values in forecast.values.items()},
        {key: quantiles(values) for key, values in forecast.values.items()},
        weights,
    )


def _of_plugins(forecast, predicted):
    """What mechanisms of plug-ins predict at the stated numbers, the same for all samples."""
    return {
        name: {key: np.full(forecast.n_sample, each.value if each else np.nan) for key, each in given.items()}
        for name, given in predicted.items()
        if name not in MECHANISMS
    }


def judged(found, labels):
    """The `Judgement` of a `Posterior`; `labels` of what was observed."""
    if not labels:
        sentence = "Undecided: nothing moved, so nothing tells the mechanisms apart."
        return Judgement(found.probability, None, sentence)
    ranked = sorted(found.probability, key=lambda name: -found.probability[name])
    first, second = ranked[:2]
    from_what = f"from {', '.join(labels) if len(labels) <= 3 else f'{len(labels)} observables'}"
    named = None
    if found.probability[first] >= CONFIDENCE and first != NOTHING_KNOWN:
        sure = probability_text(found.probability[first])
        named, said = first, f"{first.capitalize()}, with probability {sure} {from_what}"
    elif found.probability[first] >= CONFIDENCE:
        said = f"Undecided: no single path moves most of the metal ({from_what})"
    else:
        both = " and ".join(f"{name} ({probability_text(found.probability[name])})" for name in (first, second))
        said = f"Undecided between {both}, {from_what}"
    parts = sorted(found.dominant.items(), key=lambda item: -item[1])
    shared = ", ".join(f"{path} {probability_text(p)}" for path, p in parts if p >= 0.005 or path == parts[0][0])
    before = found.dominant_before[parts[0][0]]
    sentence = f"{said}; unknown numbers are integrated over. "
    if found.mechanism[CASE] < 0.01:
        return Judgement(found.probability, named, f"{sentence}All paths in parallel do not give what was seen.")
    sentence += (
        f"With all paths in parallel, the path that moves more than half: {shared} "
        f"({parts[0][0]} {probability_text(before)} before)."
    )
    return Judgement(found.probability, named, sentence)
