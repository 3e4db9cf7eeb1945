"""The verdict: which path carries most of the current, said only when the statistics say it."""

from dataclasses import dataclass
from math import hypot

from coble.kmc.estimates.estimate import Estimate
from coble.lattices import Region


@dataclass(frozen=True)
class Verdict:
    """Attributes
    ----------
    dominant : Region or None
        The path with more than half of the current; None when undecided.
    probability : float
        That the leading path carries more than half.
    sentence : str
    """

    dominant: Region | None
    probability: float
    sentence: str


def dominant_path(name, shares, lattice_error):
    """Decide whether one path carries more than half of the current.

    Parameters
    ----------
    name : str
        Of the wall.
    shares : dict of Region → Estimate
        Measured shares.
    lattice_error : dict of Region → float
        By how much each share on this graph differs from the continuum's: what the lattice itself cannot resolve.
        It widens the error, so that a tie is not decided by the discretisation.

    Returns
    -------
    Verdict
        Undecided when the 95 % interval of no share lies above one half.  The interval has two sides, because which
        path leads is seen only afterwards: of two equal paths each would be named in 2.5 % of all runs.
    """
    ranked = sorted(shares, key=lambda kind: -shares[kind].value)
    leader = ranked[0]
    best = shares[leader]
    widened = Estimate(best.value, hypot(best.stderr, lattice_error.get(leader, 0.0)), best.n_eff)
    probability = widened.probability_above(0.5)
    if widened.low > 0.5:
        return Verdict(
            leader,
            probability,
            f"{name}: the {_path(leader)} carries {_percent(best)} of the current "
            f"(probability that it carries more than half: {_probability(probability)}).",
        )
    parts = ", ".join(f"{_path(kind)} {_percent(shares[kind])}" for kind in ranked[:2])
    return Verdict(
        None,
        probability,
        f"{name}: undecided between {parts}: no path carries more than half of the current with 95 % confidence "
        f"(the {_path(leader)} does with probability {_probability(probability)}).",
    )


def _path(kind):
    return kind.name.lower()


def _percent(share):
    return f"{100 * share.value:.1f} ± {100 * share.stderr:.1f} %"


def _probability(p):
    return "> 0.999" if p > 0.999 else f"{p:.2f}"
