"""How an estimate settles: its value and interval from the first blocks, the first few more, and so on."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Series:
    """An estimate against how much it is made from.

    Attributes
    ----------
    label, unit : str
    path : str or None
        The path that it belongs to.
    samples : int array (n,)
        Numbers of blocks, or of records, of which `of` is the name.
    time_s : float array (n,) or None
        Simulated time that was counted, all replicas together [s], where it is known.
    hops_per_s : float or None
        Hops that were counted in that time, on the average [1/s].
    value, low, high : float arrays (n,)
        Estimates and their 95 % intervals, in `unit`.
    exact : float or None
        What it should come to, called `exact_name`.
    style : coble.render.palette.Style or None
        None for that of a tubule's path.
    """

    label: str
    unit: str
    path: str | None
    samples: np.ndarray
    of: str
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    exact: float | None
    exact_name: str
    time_s: np.ndarray | None = None
    hops_per_s: float | None = None
    style: object = None


def ends(estimates):
    """Values, lower and upper ends of estimates: three float arrays."""
    return (np.array([getattr(each, name) for each in estimates]) for name in ("value", "low", "high"))


POINTS = 40


def finding(series):
    """How well several estimates have settled, a sentence without its stop.

    Parameters
    ----------
    series : list of Series
    """
    if all(len(each.samples) == 1 for each in series):
        return "Too few blocks to show convergence: last values and 95 % intervals alone"
    known = [each for each in series if each.exact is not None and np.isfinite([each.low[-1], each.high[-1]]).all()]
    if known:
        inside = sum(each.low[-1] <= each.exact <= each.high[-1] for each in known)
        if len(known) == 1:
            return f"Convergence: the last 95 % interval {'holds' if inside else 'misses'} the dashed value"
        return f"Convergence: {inside} of {len(known)} last 95 % intervals hold the dashed value"
    series = [each for each in series if len(each.samples) > 1]
    still = 0
    for each in series:
        half = each.value[np.searchsorted(each.samples, each.samples[-1] / 2)]
        still += bool(each.low[-1] <= half <= each.high[-1])
    if len(series) == 1:
        lies = "lies in" if still else "is outside of"
        return f"Convergence: the value at half the {series[0].of} {lies} the last 95 % interval"
    return f"Convergence: {still} of {len(series)} values at half the {series[0].of} lie in the last 95 % interval"
