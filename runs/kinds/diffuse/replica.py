"""One replica of a campaign over structures: its diffusivities, averaged over directions in which anything moves."""

import numpy as np

from coble.kinds.diffuse.run import AXES, diffuse, temperatures_of
from coble.kmc.constants import CM2_IN_A2

NUMBERS = ("tracer_cm2_s", "collective_cm2_s", "haven_ratio", "lone_carrier_cm2_s")


def replica(case, seed, should_stop):
    """The numbers of one replica.

    Parameters
    ----------
    case : Case
        At one temperature.
    seed : int
    should_stop : callable

    Returns
    -------
    dict or None
        `NUMBERS` and `events`; None when it was stopped.

    Raises
    ------
    ValueError
        For a case that asks for several temperatures.
    """
    if len(temperatures_of(case)) > 1:
        raise ValueError(
            "diffuse.temperatures_K: leave it out of the case of a campaign; give conditions.temperature_K as an axis"
        )
    found = diffuse(case, seed=seed, replicas=1, workers=1, should_stop=should_stop)
    if found.interrupted or not found.points:
        return None
    (point,) = found.points
    measured = point.measured
    tracer, collective = (each["mean"].value / CM2_IN_A2 for each in (measured.tracer, measured.collective))
    lone = np.mean([point.lone[AXES.index(axis), AXES.index(axis)] for axis in point.moving]) / CM2_IN_A2
    values = (tracer, collective, tracer / collective, float(lone))
    return dict(zip(NUMBERS, values, strict=True)) | {"events": point.n_event}
