"""Likelihood-ratio sensitivities: how a current answers to the rate of every path class, from runs at one set of rates.

The probability of a trajectory depends on the rate k_c of a class only through the class's hops, N_c, and its total
propensity R_c: the derivative of its logarithm with respect to ln k_c is the score

    S_c = N_c - ∫ R_c dt,

a martingale of mean zero.  So for whatever is counted in a block, here the mean current J,

    d<J> / d ln k_c = <J S_c> = Cov(J, S_c)

(Glynn, Commun. ACM 33(10), 75 (1990); Plyasunov & Arkin, J. Comput. Phys. 221, 724 (2007)).  The covariance has far
less noise than the mean of the product, which carries the fluctuations of S_c times the whole of J.

Two conditions: the law of the state in which a block starts must not depend on the rates, and the score is that of the
whole time since then, a burn-in before J is counted included.  A score has the variance ∫ R_c dt, and grows with the
system and the time, as does the signal in J: the error of a coefficient hardly depends on how long and how large blocks
are, only on their number, and on how far the field tells forward from backward.
"""

from math import inf, nan

import numpy as np

from coble.kmc.estimates.estimate import Estimate, ratio_estimate

METHOD = "likelihood ratio"


def scores(hops, exposure):
    """S_c of every block, float array (n_block, n_path), or of one, (n_path,).

    Parameters
    ----------
    hops : int array (n_block, n_path, n_step) or (n_block, n_path); of one block without the first axis
        Since the start of each block's episode.
    exposure : float array (n_block, n_path) or (n_path,)
        ∫ R_c dt over the same time; see `coble.kmc.kernel._kernel.ScoreKernel.exposure`.
    """
    return np.asarray(hops).reshape(*np.shape(exposure), -1).sum(axis=-1) - exposure


def control(current, score):
    """d ln<J> / d ln k_c of one class, or of any sum of classes.

    The estimate is the sample covariance over the mean, Σ (J - J̄)(S - S̄) n / (n - 1) / Σ J; its error is that of a
    ratio of block sums, `coble.kmc.estimates.estimate.ratio_estimate`.

    Parameters
    ----------
    current : float array (n_block,)
        J of independent blocks, in any unit.
    score : float array (n_block,)
        S_c of the same blocks, or Σ_c S_c: the answer to all rates at once, which is 1 for a steady current.

    Returns
    -------
    Estimate
        Without a value for fewer than two blocks.
    """
    current, score = np.asarray(current, dtype=float), np.asarray(score, dtype=float)
    n = len(current)
    if n < 2:
        return Estimate(nan, inf, n, METHOD)
    product = (current - current.mean()) * (score - score.mean()) * n / (n - 1)
    return ratio_estimate([product], [current], METHOD, independent=True)


def controls(current, score):
    """`control` of every class, a list, and of all of them together.

    Parameters
    ----------
    current : float array (n_block,)
    score : float array (n_block, n_path)
    """
    return [control(current, one) for one in score.T], control(current, score.sum(axis=1))
