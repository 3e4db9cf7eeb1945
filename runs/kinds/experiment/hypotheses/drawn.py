"""A tubule whose numbers are not the stated ones but drawn from what is known of them: what `--truth` simulates."""

from dataclasses import replace

import numpy as np

from coble.inputs.rate_table import INSIDE
from coble.kmc.knowledge.priors import factors_of, values_at

DRAWN = 34  # purpose of a random stream


def draw(forecast, seed):
    """A `Forecast` of one sample, which is none of those that judge, with a seed of its own."""
    return drawn(forecast, 1, np.random.SeedSequence(seed, spawn_key=(DRAWN,)))


def drawn(forecast, number, seed):
    """The same forecast with samples drawn at random from its prior."""
    points = np.random.default_rng(seed).random((number, len(factors_of(forecast.prior))))
    return replace(forecast, values=values_at(forecast.prior, points))


def drawn_tubule(bench, truth, condition):
    """The `ExperimentTubule` of a condition at the numbers of a draw.

    Parameters
    ----------
    bench : ExperimentTubule
        At the stated numbers.
    truth : Forecast
        Of one sample, see `draw`.
    condition : Condition
    """
    stated = replace(truth, values={})
    there, here = truth.carried(condition), stated.carried(condition)
    faster = {INSIDE[path]: float(there[path][0] / here[path][0]) for path in there}
    scaled = lambda bonds: {kind: g * faster[kind] for kind, g in bonds.items()}  # noqa: E731
    bonds = {name: scaled(own) for name, own in bench.bonds.items()}
    surface = bonds["surface"]  # all along the channel the same, whatever its region
    bonds["surface"] = dict.fromkeys(surface, bench.bonds["surface"][INSIDE["surface"]] * faster[INSIDE["surface"]])
    slip = float(truth.slip(condition)[0]), float(stated.slip(condition)[0])
    rise = max(faster.values())
    return replace(
        bench,
        bonds=bonds,
        slip_nm_s=bench.slip_nm_s * (slip[0] / slip[1] if slip[1] else 1.0),
        unobstructed={name: value * _rise(name, faster, rise) for name, value in bench.unobstructed.items()},
    )


def _rise(name, faster, rise):
    """By how much what a mechanism conducts has risen; of several together the most."""
    return faster.get(INSIDE.get(name), rise)
