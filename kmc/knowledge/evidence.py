"""What observations say: likelihoods that are integrated over what is not known, and the information of an experiment.

A hypothesis forecasts every observable as samples over its prior.  The likelihood of what was seen is the mean over the
samples of the product over observables; observables of one sample belong together.  A sample that does not give an
observable (nan) says nothing of it: there the density is uniform over the range that the observable may have.
"""

import numpy as np
from scipy.special import logsumexp, ndtr

CELLS = 4096  # of the axis on which the density of an observable is laid out
TINY = 1e-100  # of a probability
MARGIN = 5.0  # standard errors beyond the outermost sample


def log_uniform_density(seen, sigma, low, high):
    """ln of the density of what was seen when the true value may lie anywhere in a range."""
    inside = ndtr((high - seen) / sigma) - ndtr((low - seen) / sigma)
    return float(np.log(max(inside, 1e-300) / (high - low)))


def log_likelihood(samples, seen, sigma, low, high):
    """ln of the density of one observation under every sample.

    Parameters
    ----------
    samples : float array (n_sample,)
        Forecast; nan where there is none.
    seen, sigma : float
        What was seen, and its standard error with what cannot be resolved; `sigma` may be an array (n_sample,).
    low, high : float
        Range of the observable.

    Returns
    -------
    float array (n_sample,)
    """
    known = -0.5 * ((seen - samples) / sigma) ** 2 - np.log(sigma * np.sqrt(2 * np.pi))
    return np.where(np.isnan(samples), log_uniform_density(seen, np.mean(sigma), low, high), known)


def log_evidence(log_likelihoods):
    """ln of the mean over samples of the product of all observables.

    Parameters
    ----------
    log_likelihoods : list of float array (n_sample,)
        One for every observable.
    """
    total = sum(log_likelihoods)
    return float(logsumexp(total) - np.log(len(total)))


def posterior_weights(log_likelihoods):
    """Weight of every sample after the observations, float array (n_sample,) that sums to 1."""
    total = sum(log_likelihoods)
    weight = np.exp(total - total.max())
    return weight / weight.sum()


def effective(weight):
    """How many equal samples are worth as much as weighted ones."""
    return float(weight.sum() ** 2 / np.sum(weight**2))


def normalised(log_evidences):
    """Probabilities of hypotheses that were equally probable before, dict of name → float."""
    total = logsumexp(list(log_evidences.values()))
    return {name: float(np.exp(value - total)) for name, value in log_evidences.items()}


def information_bits(label, samples, sigma, weight=None):
    """Expected information of a measurement about a label: mutual information [bits].

    Parameters
    ----------
    label : int array (n_sample,)
        What is to be decided.
    samples : float array (n_sample,)
        What the measurement would give without noise; nan where it gives nothing, which is an outcome, too.
    sigma : float
        Standard error of the measurement.
    weight : float array (n_sample,), optional

    Returns
    -------
    float
        Never more for a larger `sigma`: the density of each label is laid out on cells much narrower than it and
        blurred.
    """
    from scipy.ndimage import gaussian_filter1d  # a tenth of a second, and only the next measurement needs it

    weight = np.full(len(samples), 1 / len(samples)) if weight is None else np.asarray(weight) / np.sum(weight)
    given, names = ~np.isnan(samples), np.unique(label)
    table = np.zeros((len(names), CELLS + 1))  # the last cell: nothing was given
    if given.any():
        low, high = samples[given].min() - MARGIN * sigma, samples[given].max() + MARGIN * sigma
        width = max((high - low) / CELLS, 1e-300)
        cell = np.clip(((samples[given] - low) / width).astype(int), 0, CELLS - 1)
    for row, name in enumerate(names):
        here = label == name
        if given.any():
            inside = np.bincount(cell[here[given]], weight[here & given], minlength=CELLS)
            table[row, :CELLS] = gaussian_filter1d(inside, sigma / width, mode="constant", truncate=6.0)
        table[row, CELLS] = weight[here & ~given].sum()
    table /= table.sum()
    table[table < TINY] = 0.0  # the product of two such sums is no number
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = table / (table.sum(axis=0) * table.sum(axis=1, keepdims=True))
        return float(max(np.nansum(np.where(table > 0, table * np.log2(ratio), 0.0)), 0.0))
