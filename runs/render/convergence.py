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
TITLE = "Convergence with simulated time"
