"""The largest of very many: how far the tail of a function of random numbers reaches, by importance sampling.

The function g takes independent standard normal numbers.  Among N of them the largest g is where P(g > x) is about 1/N,
and for N = 10¹⁰ nobody draws that many.  So the numbers are drawn around the likeliest point of the tail, which is
the one on the sphere of that probability where g is largest (first-order reliability method), and each counts as
much less as it has become likelier.  The estimate has no bias, wherever that point is; its error bar says whether it
was well chosen.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from coble.kmc.estimates.estimate import Estimate, exactly

STEP = 1e-4  # for slopes
ITERATIONS = 30
FARTHEST = 12.0  # standard deviations: probability 1e-33


@dataclass(frozen=True)
class Tail:
    """Draws from the tail of a function.

    Attributes
    ----------
    value : float array (n_draw,)
        g, from the largest on.
    z : float array (n_draw, n_dimension)
        Where.
    weight : float array (n_draw,)
        Probability over that with which it was drawn.
    """

    value: np.ndarray
    z: np.ndarray
    weight: np.ndarray

    def probability_above(self, x):
        """P(g > x), an Estimate."""
        n = len(self.value)
        counted = np.where(self.value > x, self.weight, 0.0)
        mean = float(counted.mean())
        spread = float(np.sqrt(max((counted**2).mean() - mean**2, 0.0) / (n - 1)))
        return Estimate(mean, spread, n, f"importance sampling, {n:,} draws")

    def level(self, probability):
        """x that is exceeded with this probability, an Estimate; its error is that of P over the slope there."""
        reached = np.cumsum(self.weight) / len(self.value)
        at = lambda p: float(np.interp(p, reached, self.value))  # noqa: E731
        part = self.probability_above(at(probability))
        if not part.value:
            return exactly(at(probability), "constant")
        relative = min(part.stderr / part.value, 0.9)
        ends = at(probability / (1 + relative)), at(probability * (1 + relative))
        return Estimate(at(probability), abs(ends[0] - ends[1]) / 2, part.n_eff, part.method)

    def mean_above(self, x):
        """Mean of z where g > x, (n_dimension,): what the members of the tail are like."""
        inside = self.value >= x
        return np.average(self.z[inside], axis=0, weights=self.weight[inside])


def likeliest_point(function, dimensions, radius):
    """The point of the sphere of this radius where a function is largest, as far as following its slope finds it.

    Parameters
    ----------
    function : callable
        Of a float array (n, dimensions); returns (n,).
    dimensions : int
    radius : float
    """
    point = np.zeros(dimensions)
    for _ in range(ITERATIONS):
        steps = STEP * np.eye(dimensions)
        slope = (function(point + steps) - function(point - steps)) / (2 * STEP)
        size = np.linalg.norm(slope)
        if not size > 0:
            return np.zeros(dimensions)  # a constant has no tail
        before, point = point, radius * slope / size
        if np.allclose(before, point, atol=1e-6):
            break
    return point


def radius_of(probability):
    """Distance from the centre at which a plane cuts off this probability."""
    return max(float(-ndtri(probability)), 0.0)


def radius_reaching(function, dimensions, level):
    """Radius of the smallest sphere on which a smooth function reaches a level; FARTHEST when none does."""
    highest = lambda radius: float(function(likeliest_point(function, dimensions, radius)[None])[0]) - level  # noqa: E731
    if highest(0.0) >= 0:
        return 0.0
    return brentq(highest, 0.0, FARTHEST, xtol=1e-3) if highest(FARTHEST) > 0 else FARTHEST


def tail(function, centres, draws, rng):
    """Draw from the tail of a function of standard normal numbers.

    Parameters
    ----------
    function : callable
        Of a float array (n, n_dimension); returns (n,).
    centres : float array (n_centre, n_dimension)
        Where to draw, in equal parts: `likeliest_point` of the function, or, when it has steps, of smooth functions
        that it follows here and there.  The origin is plain sampling.
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    Tail
    """
    centres = np.atleast_2d(centres)
    z = rng.standard_normal((draws, centres.shape[1])) + centres[np.arange(draws) % len(centres)]
    value = function(z)
    drawn_over = sum(np.exp((z * c - c**2 / 2).sum(axis=1)) for c in centres) / len(centres)
    order = np.argsort(-value, kind="stable")
    return Tail(value[order], z[order], 1 / drawn_over[order])
