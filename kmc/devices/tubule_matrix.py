"""A matrix of tubules with size scatter: parallel, between common electrodes, each with its own W, w and D.

Width, thickness and the two diffusivities (of the interface and of the wall) are drawn independently from lognormal
distributions about the medians of the case.  All tubules see the same overpotential U(t).  One of them, metal up to the
part x of its depth, carries

    I = U / (ρ + x r),    r = h / conductance over the whole depth,    ρ: its part of a resistance in series,

and grows by it: a dx/ds = 1 / (ρ + x r), with a its bore's area over the mean and s = ∫ U dt over the charge that fills
the matrix, per area.  So x² r / 2 + x ρ = s / a, whichever way U moves in time, and s is where the matrix as a whole
has taken up a given charge.  A tubule that is full carries no current.

The pressure at the root of a tubule is P = eU' / Ω, where U' is what is left of U behind the resistance in series; it
falls to zero at the tip.  A tubule that is full, or blocked, carries the whole eU / Ω, all along.  Without a resistance
in series every root does.

Conduction is linear.  Tubules do not exchange metal or gas: there is no network between them.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from coble.kmc.devices.cell import Packing, hoop_factor
from coble.kmc.estimates.estimate import Estimate, ratio_estimate
from coble.kmc.kernel.segment import Stopped

DIMENSIONS = 5  # W, w, D of the interface, D of the wall, strength of the wall
SCRAMBLES, POINTS = 8, 2**14  # of Sobol's sequence: independent estimates, points of each
CHUNK = 2**17
MA_PER_A = 1e3
S_CM2_PER = 10.0  # mS/cm over µm, in S/cm²


@dataclass(frozen=True)
class Scatter:
    """Standard deviations of the logarithms of W, w, both D, and of the strength of walls."""

    inner_width: float = 0.0
    wall_thickness: float = 0.0
    diffusivity: float = 0.0
    strength: float = 0.0


@dataclass(frozen=True)
class Tubules:
    """Some tubules; arrays (n,).

    Attributes
    ----------
    bore : float array
        Cross-section over the mean of the matrix.
    series : float array
        ρ, per area of the electrode that a tubule has on average [Ω cm²].
    resistance : float array
        r of the whole depth, on the same area [Ω cm²].
    burden : float array
        Tension in the wall over the pressure, over the wall's strength relative to the median.
    """

    bore: np.ndarray
    series: np.ndarray
    resistance: np.ndarray
    burden: np.ndarray

    def lengthened(self, s):
        """x at s [Ω cm²], if tubules went on for ever."""
        return (np.sqrt(self.series**2 + 2 * self.resistance * s / self.bore) - self.series) / self.resistance

    def filled(self, s):
        """x at s [Ω cm²], at most 1."""
        return np.minimum(self.lengthened(s), 1.0)

    def conducts(self, x):
        """Conductance of tubules filled up to x [S/cm²]; 0 where they are full."""
        return np.where(x < 1.0, 1 / (self.series + x * self.resistance), 0.0)

    def left_in_open(self, x):
        """Part of U that acts inside a tubule that carries current."""
        return x * self.resistance / (self.series + x * self.resistance)

    def left(self, x):
        """Part of U that acts inside: 1 where a tubule is full."""
        return np.where(x < 1.0, self.left_in_open(x), 1.0)


@dataclass(frozen=True)
class Matrix:
    """Attributes
    ----------
    packing : Packing
    inner_width_nm, wall_thickness_nm : float
        Medians.
    wall_mS_cm, sheet : float
        κ of the wall [mS/cm], K of the interface [mS/cm·nm]; medians.
    depth_um : float
    series_ohm_cm2 : float
        Resistance in series with the tubules, per area of the electrode.
    scatter : Scatter
    """

    packing: Packing
    inner_width_nm: float
    wall_thickness_nm: float
    wall_mS_cm: float
    sheet: float
    depth_um: float
    series_ohm_cm2: float
    scatter: Scatter

    @property
    def mean_footprint_nm2(self):
        """Mean area of the electrode per tubule [nm²], from the moments of the lognormal distributions."""
        width, wall = self.inner_width_nm, self.wall_thickness_nm
        v, u = self.scatter.inner_width**2, self.scatter.wall_thickness**2
        if self.packing.dimensions == 1:
            mean = width * np.exp(v / 2) + wall * np.exp(u / 2)
        else:
            cross = 2 * width * wall * np.exp((v + u) / 2)
            mean = width**2 * np.exp(2 * v) + cross + wall**2 * np.exp(2 * u)
        return float(self.packing.cell * mean)

    @property
    def mean_bore_nm2(self):
        """Mean cross-section of a bore [nm²]."""
        m = self.packing.dimensions
        return float(self.packing.bore_nm2(self.inner_width_nm) * np.exp((m * self.scatter.inner_width) ** 2 / 2))

    @property
    def porosity(self):
        return self.mean_bore_nm2 / self.mean_footprint_nm2

    def sizes(self, z):
        """Inner width and wall thickness [nm], and relative strength, of the tubules at z, (n, DIMENSIONS)."""
        spread = self.scatter
        return (
            self.inner_width_nm * np.exp(spread.inner_width * z[..., 0]),
            self.wall_thickness_nm * np.exp(spread.wall_thickness * z[..., 1]),
            np.exp(spread.strength * z[..., 4]),
        )

    def tubules(self, z):
        """The `Tubules` of standard normal numbers (n, DIMENSIONS)."""
        width, wall, strength = self.sizes(z)
        footprint, bore = self.packing.footprint_nm2(width, wall), self.packing.bore_nm2(width)
        interface = self.sheet * np.exp(self.scatter.diffusivity * z[:, 2]) * self.packing.perimeter_nm(width)
        through_wall = self.wall_mS_cm * np.exp(self.scatter.diffusivity * z[:, 3]) * (footprint - bore)
        mean = self.mean_footprint_nm2
        return Tubules(
            bore / self.mean_bore_nm2,
            self.series_ohm_cm2 * mean / footprint,
            self.depth_um / S_CM2_PER / ((interface + through_wall) / mean),
            hoop_factor(width, wall) / strength,
        )

    # ---- means: quasi-Monte Carlo ----------------------------------------------------------------------------

    def scrambles(self, seed, number=SCRAMBLES):
        """Independent even samples, a list of `Tubules`; the first `number` of them."""
        return [self.tubules(_even_normals(seed, i)) for i in range(number)]


@lru_cache(SCRAMBLES)
def _even_normals(seed, i):
    """Scrambled Sobol points as standard normal numbers, float array (POINTS, DIMENSIONS), for all matrices."""
    from scipy.stats import qmc  # half a second, and only designs need it

    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(i, 50)))
    normal = ndtri(np.clip(qmc.Sobol(DIMENSIONS, rng=rng).random(POINTS), 1e-12, 1 - 1e-12))
    normal.flags.writeable = False
    return normal


def charge(tubules, s):
    """State of charge: part of the bores' volume that is filled."""
    return float((tubules.bore * tubules.filled(s)).sum() / tubules.bore.sum())


def at_charge(tubules, part):
    """s [Ω cm²] at which this part of the bores' volume is filled."""
    top = float(np.max(tubules.bore * (tubules.series + tubules.resistance / 2)))  # where the last one is full
    return brentq(lambda s: charge(tubules, s) - part, 0.0, top, xtol=1e-12 * top, rtol=1e-10)


def overpotential_V(tubules, s, current_mA_cm2):
    """U that drives the mean current density at s; inf when all are full."""
    mean = float(tubules.conducts(tubules.filled(s)).mean())
    return current_mA_cm2 / MA_PER_A / mean if mean else np.inf


def usable_charge(tubules, current_mA_cm2, limit_V):
    """State of charge at which U reaches a limit; 1 when it never does."""
    top = float(np.max(tubules.bore * (tubules.series + tubules.resistance / 2)))
    beyond = lambda s: np.log(overpotential_V(tubules, s, current_mA_cm2) / limit_V)  # noqa: E731
    low, high = 1e-9 * top, top * (1 - 1e-9)
    if beyond(low) > 0:
        return 0.0
    if beyond(high) < 0:
        return 1.0
    # U rises but for steps of single tubules of the sample
    return charge(tubules, brentq(beyond, low, high, rtol=1e-9))


def mean_over(samples, function):
    """Mean of a function of `Tubules` over independent samples, an Estimate."""
    values = np.array([function(each) for each in samples])
    n = len(values)
    return Estimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(n)), n, f"{n} scrambled Sobol samples")


# ---- distributions: plain sampling -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Histogram:
    """Counts in bins of equal ratio; values below or above fall into the bins at the ends."""

    edges: np.ndarray
    counts: np.ndarray

    def quantile(self, part):
        """Value below which this part of the samples lies, to a part of a bin."""
        reached = np.concatenate(([0], np.cumsum(self.counts))) / max(self.counts.sum(), 1)
        return float(np.exp(np.interp(part, reached, np.log(self.edges))))

    def above(self):
        """Part of the samples above each edge but the last, (n_bin,)."""
        return np.cumsum(self.counts[::-1])[::-1] / max(self.counts.sum(), 1)


@dataclass(frozen=True)
class Sampled:
    """Distributions over the tubules of a matrix at one state of charge.

    Attributes
    ----------
    n : int
    charge, conductance_S_cm2 : Estimate
        State of charge, and the mean of I / U.
    full : float
        Part of the tubules that are full.
    variation : float
        Standard deviation over mean of the current of those that are not.
    current : Histogram
        Current of those that are not full, over the mean of all.
    pressure : Histogram
        At the root, over eU / Ω.
    burden : Histogram
        Tension in the wall over eU / Ω, over relative strength.
    """

    n: int
    charge: Estimate
    conductance_S_cm2: Estimate
    full: float
    variation: float
    current: Histogram
    pressure: Histogram
    burden: Histogram


BINS = 2000
CURRENT, PRESSURE, BURDEN = (1e-3, 1e3), (1e-4, 1.0001), (1e-3, 1e4)


def sample(matrix, s, n, seed, workers=1, should_stop=lambda: False):
    """Draw n tubules of a matrix at s [Ω cm²], in chunks; the numbers do not depend on `workers`.

    Returns
    -------
    Sampled

    Raises
    ------
    Stopped
        When `should_stop` turns true; it is asked before every chunk.
    """
    edges = [np.geomspace(*ends, BINS + 1) for ends in (CURRENT, PRESSURE, BURDEN)]
    scale = float(np.mean([t.conducts(t.filled(s)).mean() for t in matrix.scrambles(seed, 1)])) or 1.0
    sizes = [min(CHUNK, n - start) for start in range(0, n, CHUNK)]

    def chunk(i):
        if should_stop():
            raise Stopped
        bits = np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(i, 51)))
        t = matrix.tubules(np.random.Generator(bits).standard_normal((sizes[i], DIMENSIONS)))
        x = t.filled(s)
        conducts, left = t.conducts(x), t.left(x)
        is_open = x < 1.0
        bins = [_binned(v, e) for v, e in zip((conducts[is_open] / scale, left, left * t.burden), edges, strict=True)]
        return (
            (x * t.bore).sum(),
            t.bore.sum(),
            np.count_nonzero(is_open),
            conducts.sum(),
            (conducts**2).sum(),
            bins,
        )

    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(chunk, range(len(sizes))))
    taken, bores, is_open, total, square, bins = (np.array(each) for each in zip(*parts, strict=True))
    n_open, mean = int(is_open.sum()), total.sum() / max(is_open.sum(), 1)
    variance = square.sum() / max(n_open, 1) - mean**2
    return Sampled(
        n,
        ratio_estimate([taken], [bores], "sampled", independent=True),
        ratio_estimate([total], [np.array(sizes, dtype=float)], "sampled", independent=True),
        1 - n_open / n,
        float(np.sqrt(max(variance, 0.0)) / mean) if mean else 0.0,
        *(Histogram(e, bins[:, k].sum(axis=0)) for k, e in enumerate(edges)),
    )


def _binned(values, edges):
    """Counts in bins of equal ratio."""
    first, last = np.log(edges[0]), np.log(edges[-1])
    with np.errstate(divide="ignore"):
        at = (np.log(values) - first) / (last - first) * (len(edges) - 1)
    return np.bincount(np.clip(at, 0, len(edges) - 2).astype(np.int64), minlength=len(edges) - 1)
