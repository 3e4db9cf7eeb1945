"""Priors of numbers that are not known exactly, and quasi-random samples of several of them.

A prior maps a probability to a value (`ppf`), as the distributions of `scipy.stats` do; so samples of any prior come
from points of a Sobol sequence in the unit cube, and `scipy.stats.sobol_indices` takes priors as they are.
"""

from dataclasses import dataclass, field, fields, replace
from math import exp, log, sqrt

import numpy as np
import scipy  # its parts are imported when they are used: most who read a case draw nothing

SAMPLES = 2**13  # of a prior: quantiles are then good to 0.002 of the probability
SEED = 20190  # of the scrambling; the numbers are the same in every run
ROUNDING = 1e-9  # of a correlation coefficient


@dataclass(frozen=True)
class LogNormal:
    """ln of the number is normal, cut off at the ends of what it may be.

    Attributes
    ----------
    median : float
        Without the cuts.
    factor : float
        Geometric standard deviation, > 1.
    source : str
    least, most : float
    """

    median: float
    factor: float
    source: str = ""
    least: float = 0.0
    most: float = np.inf

    def ppf(self, q):
        """The value below which the number lies with probability `q`, float or array."""
        width = log(self.factor)
        low = scipy.special.ndtr(log(self.least / self.median) / width) if self.least > 0 else 0.0
        high = scipy.special.ndtr(log(self.most / self.median) / width)
        return self.median * np.exp(width * scipy.special.ndtri(low + (high - low) * np.asarray(q)))

    def described(self):
        """For result.json, dict."""
        return {"form": "log-normal", "median": self.median, "factor": self.factor, "source": self.source}


@dataclass(frozen=True)
class LogUniform:
    """ln of the number is uniform between two ends; attributes and methods as `LogNormal`."""

    low: float
    high: float
    source: str = ""

    @property
    def median(self):
        return sqrt(self.low) * sqrt(self.high)

    def ppf(self, q):
        return self.low * np.exp(log(self.high / self.low) * np.asarray(q))

    def described(self):
        return {"form": "log-uniform", "low": self.low, "high": self.high, "source": self.source}


@dataclass(frozen=True)
class Uniform:
    """The number is uniform between two ends: for what is no scale."""

    low: float
    high: float
    source: str = ""

    @property
    def median(self):
        return (self.low + self.high) / 2

    def ppf(self, q):
        return self.low + (self.high - self.low) * np.asarray(q)

    def described(self):
        return {"form": "uniform", "low": self.low, "high": self.high, "source": self.source}


@dataclass(frozen=True)
class Normal:
    """The number is normal, cut off at the ends of what it may be."""

    mean: float
    stderr: float
    least: float = -np.inf
    most: float = np.inf
    source: str = ""

    @property
    def median(self):
        return float(self.ppf(0.5))

    def ppf(self, q):
        low, high = (scipy.special.ndtr((end - self.mean) / self.stderr) for end in (self.least, self.most))
        return self.mean + self.stderr * scipy.special.ndtri(low + (high - low) * np.asarray(q))

    def described(self):
        return {"form": "normal", "mean": self.mean, "stderr": self.stderr, "source": self.source}


@dataclass(frozen=True)
class SameAs:
    """The number is another one of the case, whose `ends` it has by what they are called: both are one factor."""

    key: str
    source: str = ""
    ends: dict = field(default_factory=dict, compare=False)

    def described(self):
        return {"form": "same_as", "key": self.key, "source": self.source}


@dataclass(frozen=True)
class Joint:
    """Numbers that are normal together, one of several: what a fit leaves.

    Each mixes standard normal numbers that all of them share, so that the factors stay independent.

    Attributes
    ----------
    median : float
    mix : dict of key → float
        ln(number / median), or number - median, is the sum of mix × the standard normal number of each key; keys may be
        those of numbers that are left out.
    source : str
    scale : bool
        Whether it is the logarithm that is normal.
    least, most : float
        Ends at which a number that is no scale is cut off.
    """

    median: float
    mix: dict = field(hash=False)
    source: str = ""
    scale: bool = True
    least: float = -np.inf
    most: float = np.inf

    @property
    def stderr(self):
        """Standard deviation, of the logarithm where it is a scale."""
        return sqrt(sum(part**2 for part in self.mix.values()))

    @property
    def factor(self):
        """Geometric standard deviation."""
        return exp(self.stderr)

    def ppf(self, q):
        """Of the number by itself."""
        return self.moved(self.stderr * scipy.special.ndtri(q))

    def moved(self, by):
        """The number where ln(number / median), or number - median, is `by`."""
        return self.median * np.exp(by) if self.scale else np.clip(self.median + by, self.least, self.most)

    def described(self):
        if self.scale:
            return {"form": "log-normal", "median": self.median, "factor": self.factor, "source": self.source}
        return {"form": "normal", "mean": self.median, "stderr": self.stderr, "source": self.source}


def joint(medians, covariance, source="", limits=None):
    """Priors of numbers that are normal together.

    Parameters
    ----------
    medians : dict of key → float
    covariance : float array (n, n)
        In the order of `medians`: of the logarithms, but of the numbers themselves where they are no scales.
    source : str
    limits : dict of key → (float, float), optional
        Of the numbers that are no scales: the ends at which they are cut off.

    Returns
    -------
    dict of key → Joint
    """
    keys, lower = list(medians), _lower(covariance)
    rows = ({other: float(part) for other, part in zip(keys, row, strict=True) if part} for row in lower)
    ends = limits or {}
    return {
        key: Joint(medians[key], mix, source, key not in ends, *ends.get(key, ()))
        for key, mix in zip(keys, rows, strict=True)
    }


def covariance_of(priors):
    """Keys of the numbers that are normal together, list of str, and their covariance, float array (n, n)."""
    keys = [key for key, prior in priors.items() if isinstance(prior, Joint)]
    names = list(dict.fromkeys(name for key in keys for name in priors[key].mix))
    mix = np.array([[priors[key].mix.get(name, 0.0) for name in names] for key in keys]).reshape(len(keys), len(names))
    return keys, mix @ mix.T


def correlations(priors):
    """Of numbers that are normal together: dict of key → dict of other key → coefficient."""
    keys, covariance = covariance_of(priors)
    width = np.sqrt(np.diag(covariance))
    table = covariance / np.outer(width, width)
    return {
        key: {other: float(table[i, j]) for j, other in enumerate(keys) if j != i and abs(table[i, j]) > ROUNDING}
        for i, key in enumerate(keys)
    }


def groups_of(priors):
    """Keys of the factors, list of tuple of str: those that are correlated, if only by way of others, are together."""
    rho, groups = correlations(priors), []
    for key in factors_of(priors):
        linked = [group for group in groups if rho.get(key, {}).keys() & set(group)]
        groups = [group for group in groups if group not in linked] + [(*sum(linked, ()), key)]
    return groups


def followed(priors, key, values):
    """What correlated numbers most probably are where one of them has some values: dict of other key → float array."""
    keys, covariance = covariance_of(priors)
    if key not in keys:
        return {}
    at, own = keys.index(key), priors[key]
    by = np.log(np.asarray(values) / own.median) if own.scale else np.asarray(values) - own.median
    others = correlations(priors)[key]
    return {other: priors[other].moved(covariance[at, keys.index(other)] / covariance[at, at] * by) for other in others}


def _lower(covariance):
    """Lower triangular root of a covariance, which may be singular: Cholesky does not take those."""
    values, vectors = np.linalg.eigh(covariance)
    lower = np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T, mode="r").T
    return lower * np.where(np.diag(lower) < 0, -1.0, 1.0)


def scaled(prior, factor):
    """The prior of a number that is `factor` times as large."""
    names = {"median", "mean", "stderr", "low", "high", "least", "most"} & {each.name for each in fields(prior)}
    return replace(prior, **{name: getattr(prior, name) * factor for name in names})


def unit_cube(n_factor, n_sample=SAMPLES, seed=SEED):
    """Points of a scrambled Sobol sequence, float array (n_sample, n_factor); `n_sample` a power of two."""
    if not n_factor:
        return np.empty((n_sample, 0))
    from scipy.stats import qmc  # takes half a second to import, and most who read a case draw nothing

    return qmc.Sobol(n_factor, rng=np.random.default_rng(seed)).random(n_sample)


def values_at(priors, points):
    """The numbers at points of the unit cube.

    Parameters
    ----------
    priors : dict of key → prior
    points : float array (n_sample, n_factor)
        A column for every prior that is a factor, see `factors_of`, in their order.

    Returns
    -------
    dict of key → float array (n_sample,)
    """
    points = np.clip(points, 1e-12, 1 - 1e-12)
    column = dict(zip(factors_of(priors), points.T, strict=True))
    found = {key: prior.ppf(column[key]) for key, prior in priors.items() if key in column}
    together, covariance = covariance_of(priors)
    if len(together) > 1:
        normal = scipy.special.ndtri([column[key] for key in together])
        found |= {key: priors[key].moved(by) for key, by in zip(together, _lower(covariance) @ normal, strict=True)}
    for key, prior in priors.items():
        if isinstance(prior, SameAs) and prior.key in found:
            found[key] = found[prior.key]
    return found


def factors_of(priors):
    """Keys of the priors that are independent factors, tuple of str: all but those that are the same as another."""
    return tuple(key for key, prior in priors.items() if not isinstance(prior, SameAs))
