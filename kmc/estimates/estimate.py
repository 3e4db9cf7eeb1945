"""Numbers with error bars: from block series to value ± standard error, and the test that blocks are independent.

A run is cut into blocks of equal simulated time.  If neighbouring blocks are correlated (lag test) they are merged
in pairs until they are not; the standard error then comes from the scatter of blocks over all replicas, and the
95 % interval from Student's t (Flyvbjerg & Petersen, J. Chem. Phys. 91, 461 (1989)).  Blocks that are independent by
construction are not tested: one test in twenty would merge them for nothing, and error bars would scatter more than
Student's t allows for.
"""

from dataclasses import dataclass
from math import floor, hypot, inf, isfinite, nan, sqrt

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit  # scipy.stats takes half a second to import

CONFIDENCE = 0.95
LAG_SIGMA = 2.0  # neighbouring blocks count as correlated when their correlation exceeds this many standard errors
SURE = 0.999  # probabilities above it are not told apart
FEWEST_BLOCKS = 8  # below this no error bar is worth printing


@dataclass(frozen=True)
class Estimate:
    """A measured number.

    Attributes
    ----------
    value, stderr : float
        Mean and its standard error.
    n_eff : float
        Number of independent samples behind it.
    method : str
        How it was obtained.
    """

    value: float
    stderr: float
    n_eff: float
    method: str = ""

    @property
    def half_width(self) -> float:
        """Half of the 95 % interval."""
        if self.stderr == 0:
            return 0.0
        if not self.n_eff > 1:
            return inf
        return float(stdtrit(self.n_eff - 1, 0.5 + CONFIDENCE / 2)) * self.stderr

    @property
    def low(self) -> float:
        return self.value - self.half_width

    @property
    def high(self) -> float:
        return self.value + self.half_width

    def scaled(self, factor: float) -> "Estimate":
        """The same estimate in other units."""
        return Estimate(self.value * factor, self.stderr * abs(factor), self.n_eff, self.method)

    def shifted(self, offset: float, method: str) -> "Estimate":
        """The estimate moved by an exactly known amount."""
        return Estimate(self.value + offset, self.stderr, self.n_eff, method)

    def probability_above(self, threshold: float) -> float:
        """Probability that the true value exceeds `threshold`, from Student's t."""
        if self.stderr == 0 or not self.n_eff > 1:
            return float(self.value > threshold) if self.stderr == 0 else 0.5
        return float(stdtr(self.n_eff - 1, (self.value - threshold) / self.stderr))

    def sigmas_from(self, exact: float) -> float:
        """Distance to an exact value in standard errors; 0 when both agree and there is no error."""
        if self.value == exact:
            return 0.0
        return (self.value - exact) / self.stderr if self.stderr else inf

    def as_dict(self) -> dict[str, float | str | None]:
        """JSON-able: value, stderr, low, high (95 %), n_eff, method; None for what is infinite or not a number."""
        numbers = {key: getattr(self, key) for key in ("value", "stderr", "low", "high", "n_eff")}
        return {**{key: float(x) if isfinite(x) else None for key, x in numbers.items()}, "method": self.method}

    def __str__(self) -> str:
        return f"{self.value:.4g} ± {self.stderr:.2g}"


def exactly(value, method="exact"):
    """A number without error."""
    return Estimate(float(value), 0.0, inf, method)


def propagate(function, estimates, method=""):
    """A function of independent estimates, with the standard error that follows from theirs (to first order).

    Parameters
    ----------
    function : callable
        Of as many numbers as there are estimates; returns a number, nan or inf where it has no value.
    estimates : list of Estimate
    method : str
    """
    values = [each.value for each in estimates]
    change = []
    for i, each in enumerate(estimates):
        if each.stderr:
            ends = [function(*values[:i], each.value + sign * each.stderr, *values[i + 1 :]) for sign in (1, -1)]
            change.append((ends[0] - ends[1]) / 2)
    return Estimate(
        float(function(*values)), hypot(*change), min((e.n_eff for e in estimates if e.stderr), default=inf), method
    )


def lag_correlation(series):
    """Correlation of neighbouring blocks, pooled over replicas, and its standard error if they were independent.

    Parameters
    ----------
    series : list of float arrays (n_block,)
        One array per replica.
    """
    centre = np.mean(np.concatenate(series))
    pairs = [((s[:-1] - centre) * (s[1:] - centre)) for s in series if len(s) > 1]
    variance = np.mean(np.concatenate([(s - centre) ** 2 for s in series]))
    products = np.concatenate(pairs) if pairs else np.zeros(0)
    if not len(products) or variance == 0:
        return 0.0, nan
    return float(products.mean() / variance), 1 / sqrt(len(products))


def merged(series, size):
    """Sums of `size` neighbouring blocks; a remainder at the start of each replica is left out."""
    cut = [s[len(s) % size :] for s in series]
    return [s.reshape(-1, size, *s.shape[1:]).sum(axis=1) for s in cut if len(s)]


def independent_size(series):
    """How many neighbouring blocks to merge so that the lag test finds no correlation.

    Returns
    -------
    size : int
        1, 2, 4, ...; as large as leaves FEWEST_BLOCKS blocks, if the test never passes.
    passed : bool
    """
    size = 1
    while True:
        blocks = merged(series, size)
        correlation, error = lag_correlation(blocks)
        if not abs(correlation) > LAG_SIGMA * error:
            return size, True
        if sum(len(s) // (2 * size) for s in series) < FEWEST_BLOCKS:
            return size, False
        size *= 2


def same_mean(groups):
    """Probability that independent blocks of one mean fall into groups that lie at least so far apart.

    One-way analysis of variance (Fisher 1925): F = mean square between groups over that within.

    Parameters
    ----------
    groups : list of float arrays (n_block,)

    Returns
    -------
    float
        nan with fewer than two groups, or without scatter inside them.
    """
    groups = [np.asarray(group) for group in groups if len(group)]
    n, freedom = sum(map(len, groups)), len(groups) - 1
    if freedom < 1 or n <= len(groups):
        return nan
    grand = np.concatenate(groups).mean()
    between = sum(len(group) * (group.mean() - grand) ** 2 for group in groups) / freedom
    within = sum(((group - group.mean()) ** 2).sum() for group in groups) / (n - len(groups))
    return float(fdtrc(freedom, n - len(groups), between / within)) if within else nan


def mean_estimate(series, method="block means", *, independent=False):
    """Mean of a block series with its standard error.

    Parameters
    ----------
    series : list of float arrays (n_block,)
        One array per replica.
    method : str
    independent : bool
        Whether the blocks are independent by construction.
    """
    return ratio_estimate(series, [np.ones_like(s) for s in series], method, independent=independent)


def ratio_estimate(numerator, denominator, method="ratio of block sums", *, independent=False):
    """Σ numerator / Σ denominator over blocks, standard error by linearisation.

    Parameters
    ----------
    numerator, denominator : list of float arrays (n_block,)
        One array per replica.
    method : str
    independent : bool
        Whether the blocks are independent by construction.

    Returns
    -------
    Estimate
        With infinite standard error when there are too few blocks or the denominator vanishes.
    """
    total = float(sum(d.sum() for d in denominator))
    if total == 0:
        return Estimate(nan, inf, 0, method)
    ratio = float(sum(n.sum() for n in numerator)) / total
    residual = [n - ratio * d for n, d in zip(numerator, denominator, strict=True)]
    size, passed = (1, True) if independent else independent_size(residual)
    blocks = np.concatenate(merged(residual, size))
    n = len(blocks)
    if n < 2:
        return Estimate(ratio, inf, n, method)
    whole = np.concatenate(merged(denominator, size)).sum()
    stderr = float(np.std(blocks, ddof=1) * sqrt(n) / abs(whole))
    note = f"{method}, {n} blocks of {size}" + ("" if passed else ", neighbouring blocks still correlated")
    return Estimate(ratio, stderr, n, note)


def log_slope(x, series, added=0.0):
    """Slope of ln v + `added` against x, by weighted least squares.

    Parameters
    ----------
    x : float array (n,)
    series : list of Estimate
        v at each x, all of one sign.
    added : float or float array (n,)
        Known exactly.
    """
    y = np.log([each.value for each in series]) + added
    error = np.array([each.stderr / each.value for each in series])
    weight = 1 / np.maximum(error, 1e-9) ** 2
    away = x - np.average(x, weights=weight)
    spread = (weight * away**2).sum()
    stderr = float(spread**-0.5) if error.any() else 0.0
    return Estimate(float((weight * away * y).sum() / spread), stderr, min(v.n_eff for v in series), "least squares")


def probability_text(probability, samples=inf):
    """A probability with two digits, three where two would be 1.00, or `> 0.999`.

    Parameters
    ----------
    probability : float
    samples : float
        Of how many equal ones it is the mean: what one in so many would change is not told from certainty.
    """
    sure = SURE if samples >= 1 / (1 - SURE) else max(floor(100 * (1 - 1 / samples)) / 100, 0.5)
    return f"> {sure:g}" if probability > sure else f"{probability:.{3 if probability > 0.995 else 2}f}"
