"""Tracer and collective diffusion tensors from followed episodes of a crystal (`coble.kmc.devices.crystal`).

**Finite times.**  Not the mean square at one time but its slope between times τ and 2 τ is taken: the correlation
⟨r₁ ⊗ r₁⟩ + ⟨r₁ ⊗ r₂⟩ + ⟨r₂ ⊗ r₁⟩ of a window and the next, over 2 τ.  What a hop remembers within τ is in the first
term, within 2 τ in the others; the constant that a finite time adds to the mean square drops out.  That is measured
at τ, 2 τ, 4 τ, ... at once; the shortest is taken from which on all longer ones agree, and twice that for safety.
Where there is no memory the first term alone is right at any τ, and has a third of the variance.

The uncorrelated walk, whose D is ½ Σ d ⊗ d over the hops that were counted, by pair of regions or by class, makes the
correlation factor f = D* / D_uncorrelated.  Errors come from pieces of independent episodes, which start afresh from
equilibrium.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from coble.kmc.estimates.estimate import Estimate, ratio_estimate, same_mean

COMPONENTS = {"xx": (0, 0), "yy": (1, 1), "zz": (2, 2), "xy": (0, 1), "xz": (0, 2), "yz": (1, 2)}
ROWS, COLUMNS = np.array(list(COMPONENTS.values())).T
BY_CHANCE = 0.01  # probability that windows are taken for too short, or episodes for unlike, without being so


def six(tensors):
    """Components xx, yy, zz, xy, xz, yz of symmetric tensors, float array (..., 6) from (..., 3, 3)."""
    return np.asarray(tensors)[..., ROWS, COLUMNS]


def principal(values, errors):
    """Principal values and axes of a measured symmetric tensor, the largest value first.

    Errors are of first order, from those of the components as if these were independent.

    Parameters
    ----------
    values, errors : float array (6,)
        Components in the order of `COMPONENTS`, and their standard errors.

    Returns
    -------
    list of (float, float, float array (3,))
        Value, standard error and unit vector, whose largest component is positive.
    """
    tensor, variance = np.empty((3, 3)), np.empty((3, 3))
    tensor[ROWS, COLUMNS] = tensor[COLUMNS, ROWS] = values
    variance[ROWS, COLUMNS] = variance[COLUMNS, ROWS] = np.square(errors)
    found = []
    for value, axis in zip(*(part.T[::-1] for part in np.linalg.eigh(tensor)), strict=True):
        axis = axis * np.sign(axis[np.argmax(np.abs(axis))])
        weight = np.square(np.outer(axis, axis)) * (2 - np.eye(3))  # a component off the diagonal stands there twice
        found.append((float(value), float(np.sqrt((weight * variance).sum())), axis))
    return found


@dataclass(frozen=True)
class Transport:
    """Diffusion at one temperature; lengths in Å.

    Attributes
    ----------
    tracer, collective : dict of str → Estimate
        Components of D* and D_σ [Å²/s], by the names in `COMPONENTS`.
    correlation, haven : dict of str → Estimate
        D* over that of the uncorrelated walk, and over D_σ: of the mean over directions ("mean"), and along x, y, z.
    lags : dict of str → list of (float, Estimate)
        "tracer" and "collective": time τ [s] and the mean over directions of D between τ and 2 τ [Å²/s].
    settled : dict of str → bool
        Whether longer times agree with the one that was taken.
    hops : float
        That count.
    """

    tracer: dict
    collective: dict
    correlation: dict
    haven: dict
    lags: dict
    settled: dict
    hops: float

    @property
    def worst_error(self):
        """Largest relative standard error of the two mean diffusivities."""
        return max(self.lags_error("tracer"), self.lags_error("collective"))

    def lags_error(self, which):
        """Relative standard error of the mean over directions of "tracer" or "collective"."""
        mean = self.mean(which)
        return mean.stderr / abs(mean.value) if mean.value else np.inf

    def mean(self, which):
        """Mean over directions of "tracer" or "collective", an Estimate [Å²/s]."""
        return getattr(self, which)["mean"]


def transport(crystal, episodes):
    """What episodes say.

    Parameters
    ----------
    crystal : Crystal
    episodes : list of Episode

    Returns
    -------
    Transport
    """
    moving, scales = crystal.moving, _to_mean_number(crystal, episodes)
    alone = _Series(episodes, "tracer", crystal.window_s * crystal.fine, moving, scales, crystal.memoryless_alone)
    together = _Series(episodes, "together", crystal.window_s, moving, scales, crystal.memoryless)
    walk = [(each.hops @ crystal.per_hop) * scale for each, scale in zip(episodes, scales, strict=True)]
    clock = [np.full(len(each.hops), each.n_atom * crystal.piece_s) for each in episodes]
    free = (walk, clock)
    slope, sigma = alone.chosen, together.chosen
    return Transport(
        tracer=slope.estimates("slope of the squared displacement"),
        collective=sigma.estimates("square of the summed displacement"),
        correlation=_ratios(slope.pair, free, moving, "D* over that of the hops"),
        haven=_ratios(slope.pair, sigma.pair, moving, "D* over D_sigma"),
        lags={"tracer": alone.by_lag(), "collective": together.by_lag()},
        settled={"tracer": alone.settled, "collective": together.settled},
        hops=float(sum(each.hops.sum() for each in episodes)),
    )


def _to_mean_number(crystal, episodes):
    """What brings the squares of each episode to the mean number of vacancies, float array (n_episode,).

    A number that is not whole is rounded by chance, episode by episode: one or two vacancies where 1.3 belong.  D per
    atom goes as their number, which would scatter much more than what is measured.  Per atom that hops among few
    others D does not go as the number of atoms.
    """
    if not crystal.vacancies:
        return np.ones(len(episodes))
    return crystal.n_carrier / np.array([crystal.lattice.n_site - each.n_atom for each in episodes])


class _Series:
    """D from all episodes at windows of every length, and the length to take."""

    def __init__(self, episodes, name, window_s, moving, scales, memoryless=False):
        rows = [getattr(each, name) for each in episodes]
        self.levels = [
            _Level(
                [
                    (r[:, k, :6] + (0.0 if memoryless else r[:, k, 6:12])) * scale
                    for r, scale in zip(rows, scales, strict=True)
                ],
                [2 * window_s * 2**k * each.n_atom * r[:, k, 12] for each, r in zip(episodes, rows, strict=True)],
                window_s * 2**k,
                moving,
            )
            for k in range(rows[0].shape[1])
        ]
        self.settled, chosen = (True, 0) if memoryless else self._shortest()
        self.chosen = self.levels[chosen]

    def _shortest(self):
        """Whether longer windows agree, and which length to take."""
        last = len(self.levels) - 1
        for k, level in enumerate(self.levels[:last]):
            longer = self.levels[k + 1 :]
            chance = BY_CHANCE / (len(longer) * self.levels[0].moving.sum())
            if all(level.agrees(each, chance) for each in longer):
                return True, k + 1
        return False, last

    def by_lag(self):
        """(τ, mean over directions) for every length."""
        return [(level.lag_s, level.estimates("slope")["mean"]) for level in self.levels]


@dataclass(frozen=True)
class _Level:
    """Numerators (n_piece, 6) and denominators (n_piece,) of D by episode, at one length of windows."""

    above: list
    below: list
    lag_s: float
    moving: np.ndarray

    @property
    def pair(self):
        return self.above, self.below

    def estimates(self, method):
        """Dict of component → Estimate, and "mean" over directions."""
        method = f"{method}, windows of {self.lag_s:.3g} s"
        found = {name: _ratio([a[:, c] for a in self.above], self.below, method) for c, name in enumerate(COMPONENTS)}
        mean = [a[:, :3][:, self.moving].mean(axis=1) for a in self.above]
        return found | {"mean": _ratio(mean, self.below, method)}

    def agrees(self, longer, chance):
        """Whether D along x, y and z is the same at longer windows; `chance` is that of each to be refused wrongly."""
        for c in np.flatnonzero(self.moving):
            parts = [
                a[:, c] / b.mean() - other[:, c] / least.mean()
                for a, b, other, least in zip(self.above, self.below, longer.above, longer.below, strict=True)
            ]
            found = _ratio(parts, [np.ones(len(part)) for part in parts], "difference")
            if found.n_eff > 2 and abs(found.value) > -stdtrit(found.n_eff - 1, chance / 2) * found.stderr:
                return False
        return True


def _ratio(above, below, method):
    """A ratio of sums, 0 where nothing moves.

    Pieces hold many windows, each longer than the memory, and count as independent.  Where those of an episode are
    more like each other than like those of other episodes, because something drifts slowly, whole episodes count.
    """
    if not any(part.any() for part in above):
        return Estimate(0.0, 0.0, np.inf, "nothing moves")
    total = sum(part.sum() for part in above) / sum(part.sum() for part in below)
    if same_mean([a - total * b for a, b in zip(above, below, strict=True)]) < BY_CHANCE:
        above, below = ([np.array([part.sum()]) for part in parts] for parts in (above, below))
    return ratio_estimate(above, below, method, independent=True)


def _ratios(one, other, moving, method):
    """Ratio of two diffusivities, each (numerators, denominators): of the mean over directions and along x, y, z."""
    # Both denominators grow alike from piece to piece: bring them to the same mean, and divide the numerators.
    scale = sum(b.sum() for b in other[1]) / sum(b.sum() for b in one[1])

    def along(columns):
        above = [a[:, columns].sum(axis=1) * scale for a in one[0]]
        below = [a[:, columns].sum(axis=1) for a in other[0]]
        if not any(part.any() for part in below):
            return Estimate(np.nan, np.inf, 0, "nothing moves")
        return _ratio(above, below, method)

    return {"mean": along(np.flatnonzero(moving)), "xx": along([0]), "yy": along([1]), "zz": along([2])}
