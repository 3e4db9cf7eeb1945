"""Files of diffuse: result.json and diffusion.png; the figure is made from result.json."""

from math import inf, nan

import numpy as np

from coble.inputs.files.given_files import kept_files
from coble.kinds.diffuse import KIND
from coble.kmc.constants import CM2_IN_A2
from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.tensors import COMPONENTS, six
from coble.store.files import RESULT, save
from coble.store.provenance import provenance

FILES = (RESULT, "diffusion.png", "case.toml")
STREAMS = "numpy SeedSequence(seed, spawn_key=(replica, episode, crc32('T K'))), spawned in two: placing, running"
AXES = ("xx", "yy", "zz")
ROUNDING = 1e-11
NONE = Estimate(nan, inf, 0, "nothing moves")


def as_dict(result, command=None):
    """The content of result.json.

    Parameters
    ----------
    result : DiffuseResult
    command : list of str, optional
        Command line that made the result; default that of this process.
    """
    return {
        "kind": KIND.name,
        "schema": KIND.version,
        "interrupted": result.interrupted,
        "temperatures": [_point(point) for point in result.points],
        "arrhenius": _arrhenius(result) if result.arrhenius else None,
        "seconds": round(result.seconds, 3),
        "provenance": provenance(result.case, result.settings, STREAMS, command, used=KIND.sections),
    }


def _point(point):
    found = point.measured
    return {
        "temperature_K": point.temperature_K,
        "tracer_cm2_s": _tensor(found.tracer),
        "collective_cm2_s": _tensor(found.collective),
        "haven_ratio": _along(found.haven),
        "correlation_factor": _along(found.correlation),
        "lone_carrier_cm2_s": _exact(point.lone),
        "tracer_mean_cm2_s": _cm2_s(found.tracer["mean"]),
        "collective_mean_cm2_s": _cm2_s(found.collective["mean"]),
        "network_cm2_s": _exact(point.network),
        "exact_collective_cm2_s": _exact(point.exact_collective),
        "exact_tracer_cm2_s": _exact(point.exact_tracer),
        "directions": point.moving,
        "carrier": "vacancy" if point.vacancies else "atom",
        "carriers": point.n_carrier,
        "atoms": point.n_atom,
        "sites": point.n_site,
        "lags": {
            which: [{"lag_s": lag_s, "mean_cm2_s": _cm2_s(mean)} for lag_s, mean in rows]
            for which, rows in found.lags.items()
        },
        "settled": found.settled,
        "reason": point.reason,
        "events": point.n_event,
        "seconds": round(point.seconds, 3),
    }


def _cm2_s(estimate):
    return estimate.scaled(1 / CM2_IN_A2).as_dict()


def _tensor(estimates):
    return {name: _cm2_s(estimates[name]) for name in COMPONENTS}


def _exact(tensor):
    """Components of an exact tensor; what is rounding beside the largest is 0."""
    if tensor is None:
        return None
    values = six(tensor) / CM2_IN_A2
    values = np.where(np.abs(values) < ROUNDING * np.abs(values).max(), 0.0, values)
    return dict(zip(COMPONENTS, map(float, values), strict=True))


def _along(estimates):
    """The mean over directions, and each."""
    return estimates["mean"].as_dict() | {axis: estimates.get(axis, NONE).as_dict() for axis in AXES}


def _fit(fits):
    mean = fits["mean"]
    return {
        "activation_energy_eV": _along({name: fit.energy_eV for name, fit in fits.items()}),
        "d0_cm2_s": _along({name: fit.d0.scaled(1 / CM2_IN_A2) for name, fit in fits.items()}),
        "chi2": mean.chi2,
        "degrees_of_freedom": mean.degrees_of_freedom,
        "p_value": mean.p_value,
    }


def _arrhenius(result):
    lone, collective = result.lone_arrhenius, result.arrhenius["collective"]
    return _fit(result.arrhenius["tracer"]) | {
        "collective": _fit(collective) if "mean" in collective else None,
        "lone_carrier_eV": lone and lone.energy_eV.value,
        "lone_carrier_d0_cm2_s": lone and lone.d0.value / CM2_IN_A2,
    }


def write(folder, result, case_text, command=None, left_out=None, pictures=True):
    """Write every file into `folder`, see `coble.store.files.save`; returns the content of result.json."""
    content = as_dict(result, command)
    drawn = {"diffusion.png": lambda: _figure(content)} if pictures and content["temperatures"] else {}
    return save(folder, content, kept_files(result.case, case_text), drawn, left_out, check=KIND.checked)


def _figure(content):
    from coble.kinds.diffuse.figures import draw_diffusion  # matplotlib takes half a second to import

    return draw_diffusion(content)
