"""The verdict: which path carries most of the current, said only when the statistics say it."""

from dataclasses import dataclass
from math import hypot

from coble.kmc.estimates.estimate import CONFIDENCE, Estimate, probability_text
from coble.lattices import REGIONS

THE_REGIONS = tuple(f"the {name}" for name in REGIONS)
NAMED = (1 + CONFIDENCE) / 2  # probability above which a path is named: the interval has two sides
NEAR = (0.95, 0.98)  # round that probability three digits are printed


@dataclass(frozen=True)
class Verdict:
    """Attributes
    ----------
    dominant : int or None
        Index of the region: the path with more than half of the current; None when undecided.
    probability : float
        That the leading path carries more than half.
    sentence : str
    """

    dominant: int | None
    probability: float
    sentence: str


def dominant_path(name, shares, lattice_error, regions=THE_REGIONS, at=""):
    """Decide whether one path carries more than half of the current.

    Parameters
    ----------
    name : str
        Of the wall.
    shares : dict of int → Estimate
        Measured shares by region.
    lattice_error : dict of int → float
        By how much each share on this graph differs from the continuum's: what the lattice itself cannot resolve.
        It widens the error, so that a tie is not decided by the discretisation.
    regions : tuple of str
        The regions as a sentence calls them, as "the wall" or "region slow".

    at : str
        What the sentence says of the numbers, as " at the stated numbers".

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
            f"{name}: {regions[leader]} carries {_percent(best)} of the current{at} "
            f"(probability that it carries more than half: {_probability(probability)}).",
        )
    parts = " and ".join(f"{regions[kind].removeprefix('the ')} ({_percent(shares[kind])})" for kind in ranked[:2])
    return Verdict(
        None,
        probability,
        f"{name}: undecided between {parts}. No path carries more than half of the current{at} with a probability of "
        f"{NAMED:g} or more ({regions[leader]}: {_probability(probability)}).",
    )


def _probability(p):
    """With the digits that tell it from the probability at which a path is named, rounded to its own side."""
    if not NEAR[0] < p < NEAR[1]:
        return probability_text(p)
    return f"{min(round(p, 3), NAMED - 0.001) if p < NAMED else max(round(p, 3), NAMED):.3f}"


def _percent(share):
    return f"{100 * share.value:.1f} ± {100 * share.stderr:.1f} %"
