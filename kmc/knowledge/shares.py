"""Which path carries more than half, over samples of what is not known: probabilities, quantiles, what decides.

Shares are dicts of path → float array (n_sample,) that sum to 1.
"""

from collections.abc import Callable

import numpy as np

from coble.kmc.knowledge.priors import SEED

NONE = "none"
INDEX_SAMPLES = 2**11  # of each of the matrices from which Sobol indices follow; they are then good to about 0.01
ROUNDING = 1e-12  # of a share that does not vary, relative
TURNS = 1e4  # factor either way within which a number is varied to find where the verdict turns
STEPS = 321  # of that range


def shares_of(conductance):
    """Part of the sum that each path has, dict of path → float array."""
    total = sum(conductance.values())
    return {path: value / total for path, value in conductance.items()}


def dominance(shares, weight=None):
    """Probability that each path carries more than half, and that none does.

    Parameters
    ----------
    shares : dict of path → float array (n_sample,)
    weight : float array (n_sample,), optional
        Of the samples; equal when left out.

    Returns
    -------
    dict of str → float
        Paths and "none"; sums to 1.
    """
    found = {path: float(np.average(np.asarray(share) > 0.5, weights=weight)) for path, share in shares.items()}
    return found | {NONE: max(1.0 - sum(found.values()), 0.0)}


def dominant_of(shares):
    """The path that carries more than half in each sample: int array (n_sample,), -1 for none, by order of `shares`."""
    table = np.array(list(shares.values()))
    return np.where(table.max(axis=0) > 0.5, table.argmax(axis=0), -1)


def quantiles(values, weight=None):
    """`{"p05", "p50", "p95"}` of samples; `weight` as in `dominance`."""
    values = np.asarray(values, dtype=float)
    order = np.argsort(values)
    weight = np.full(len(values), 1.0) if weight is None else np.asarray(weight)
    reached = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    return {
        name: float(np.interp(part, reached, values[order]))
        for name, part in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95))
    }


def indices(shares_at, n_factor, n_sample=INDEX_SAMPLES, together=()):
    """First-order and total Sobol indices of every share, from two matrices of points and such with columns exchanged.

    Estimators of A. Saltelli et al., Computer Physics Communications 181, 259, 2010, as `scipy.stats.sobol_indices` has
    them.

    Parameters
    ----------
    shares_at : callable (float array (n, n_factor)) → dict of path → float array (n,)
        Shares at points of the unit cube of independent factors.
    n_factor : int
    n_sample : int
        A power of two.
    together : sequence of list of int
        Columns that are one factor, as numbers that are correlated are: each of them has the indices of all.

    Returns
    -------
    (first, total) : dict of path → float array (n_factor,)
        0 for a share that does not vary; no first one is larger than its total.
    """
    from scipy.stats import qmc, sobol_indices  # half a second, and runs without ranges have no use for it

    points = qmc.Sobol(2 * n_factor, bits=64, rng=np.random.default_rng(SEED)).random(n_sample)
    one, other = points[:, :n_factor], points[:, n_factor:]
    group = np.arange(n_factor)
    for columns in together:
        group[columns] = min(columns)
    changed, of_column = np.unique(group, return_inverse=True)
    mixed = [np.where(group == each, other, one) for each in changed]
    first, total = {}, {}
    for name, share in shares_at(np.concatenate([one, other, *mixed])).items():
        share = np.broadcast_to(share, (len(changed) + 2) * n_sample).reshape(-1, 1, n_sample).copy()
        if np.ptp(share) <= ROUNDING * np.abs(share).max():
            first[name], total[name] = np.zeros((2, n_factor))
        elif len(changed) == 1:
            first[name], total[name] = np.ones((2, n_factor))
        else:
            found = sobol_indices(func={"f_A": share[0], "f_B": share[1], "f_AB": share[2:]}, n=n_sample)
            total[name] = np.clip(found.total_order, 0.0, 1.0)[of_column]
            first[name] = np.clip(found.first_order[of_column], 0.0, total[name])  # both have errors of their own
    return first, total


def turning_point(shares_at: Callable, nominal: float, scale: bool = True, ends=None):
    """Where the verdict turns when one number is varied and all others stay.

    Parameters
    ----------
    shares_at : callable (float array (n,)) → dict of path → float array (n,)
        Shares at values of the number.
    nominal : float
    scale : bool
        Whether it is varied by factors, up to `TURNS` either way; else from nothing to twice its value.
    ends : (float, float), optional
        Between which it is varied instead.

    Returns
    -------
    (value, below, above) or None
        The turn nearest to the nominal value, and the paths that carry more than half below and above it ("none" for
        no path); None when there is no turn.
    """
    from scipy.optimize import brentq  # a third of a second, and most verdicts do not turn

    if ends is None:
        ends = (nominal / TURNS, nominal * TURNS) if scale else (0.001 * nominal, 1.999 * nominal)
    grid = (np.geomspace if scale else np.linspace)(*ends, STEPS)
    found = shares_at(grid)
    paths, verdict = [*found, NONE], dominant_of(found)
    (turns,) = np.nonzero(np.diff(verdict))
    if not len(turns):
        return None
    middle = np.searchsorted(grid, nominal)
    at = turns[np.argmin(np.abs(turns + 0.5 - middle))]
    below, above = verdict[at], verdict[at + 1]
    path = paths[above if below < 0 else below]  # whose share goes through one half
    value = brentq(lambda x: float(shares_at(np.array([x]))[path][0]) - 0.5, grid[at], grid[at + 1], rtol=1e-10)
    return float(value), paths[below], paths[above]
