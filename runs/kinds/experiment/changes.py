"""What experiments on a tubule change, and how their observables follow from the speeds of the tip."""

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, log, log10

import numpy as np
from pydantic import ValidationError

from coble.inputs.case import Case
from coble.inputs.files.faults import dotted
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.estimates.estimate import Estimate, log_slope
from coble.kmc.estimates.mechanisms import Observable
from coble.models.tubules.experiment_tubule import Condition

MOVES = 3.0  # standard errors by which a speed must differ from zero to be one


@dataclass(frozen=True)
class Experiment:
    """Attributes
    ----------
    conditions : tuple of Condition
        Besides the tubule as it is.
    observable : Observable
    read : callable (list of Estimate) → Estimate or None
        The observable from the speeds, that of the tubule as it is first; None when they do not give it.
    curve : callable (list of float array) → float array
        The same without errors, sample by sample.
    abscissa : float array or None
        Against which ln v has the observable as its slope; None for a ratio of two speeds.
    """

    conditions: tuple
    observable: Observable
    read: Callable
    curve: Callable = lambda v: v[1] / v[0]
    abscissa: np.ndarray | None = None


# What every experiment gives, from the tubule as it is.
MARKER = Observable("marker", "marker / tip", 0.0, 1.0, 0.02)
SPEED = Observable("log10_speed", "log₁₀(v / v_Coble)", -6.0, 4.0, 0.05, mixes=False)


def _void(case):
    observable = Observable("void_ratio", "v with void / without", 0.0, 4.0, 0.03)
    return Experiment((Condition("with a void", case, void=case.experiment.void_fraction),), observable, _ratio)


def _obstacles(case):
    observable = Observable("obstacle_ratio", "v with obstacles / without", 0.0, 4.0, 0.03)
    return Experiment((Condition("with obstacles", case, obstacles=True),), observable, _ratio)


def _wall_swap(case):
    if len(case.walls) < 2:
        raise ValueError("wall: the experiment wall-swap compares the first two walls, got one: give another [[wall]]")
    other = _changed(case, wall=list(case.wall[1:]))
    observable = Observable("wall_ratio", f"v with {case.wall[1].name} / {case.wall[0].name}", 0.0, 2.0, 0.03)
    return Experiment((Condition(f"wall of {case.wall[1].name}", other),), observable, _ratio)


def _width(case):
    here = case.tubule.inner_width_nm
    others = [width for width in case.experiment.widths_nm if width != here]
    tubules = [case.tubule.model_copy(update={"inner_width_nm": width}) for width in others]
    conditions = tuple(
        Condition(f"W = {width:g} nm", _changed(case, tubule=tubule))
        for width, tubule in zip(others, tubules, strict=True)
    )
    x = np.log([here, *others])
    observable = Observable("width_exponent", "d ln v / d ln W", -4.0, 12.0, 0.05)
    return Experiment(conditions, observable, lambda v: _slope(x, v), lambda v: _slopes(x, v), x)


def _temperature(case):
    wall, here = case.walls[0], case.conditions.temperature_K
    if wall.diffusivity and wall.diffusivity.activation_energy_eV is None:
        raise ValueError(
            f"wall[1].activation_energy_eV: is missing: the experiment temperature needs that of '{wall.name}', and "
            "none is known; give it in eV"
        )
    others = [temperature for temperature in case.experiment.temperatures_K if temperature != here]
    conditions = tuple(
        Condition(f"T = {value:g} K", _changed(case, wall=[case.wall[0]], conditions={"temperature_K": value}))
        for value in others
    )
    every = np.array([here, *others])
    observable = Observable("activation_energy_eV", "−d ln(vT) / d(1/k_BT)", 0.0, 1.0, 0.005, "eV")
    x, of_T = -1 / (BOLTZMANN_EV_K * every), np.log(every)
    return Experiment(conditions, observable, lambda v: _slope(x, v, of_T), lambda v: _slopes(x, v, of_T), x)


EXPERIMENTS = {
    "void": _void,
    "obstacles": _obstacles,
    "wall-swap": _wall_swap,
    "width": _width,
    "temperature": _temperature,
}


def _changed(case, **sections):
    """The case with other sections, checked like any other."""
    try:
        return Case.model_validate({name: getattr(case, name) for name in case.model_fields_set} | sections)
    except ValidationError as error:
        faults = (f"{dotted(found['loc'])} {found['msg']}" for found in error.errors(include_url=False))
        raise ValueError(f"experiment: a changed case is not one: {'; '.join(faults)}") from None


def moves(v):
    return v.value > 0 and v.value > MOVES * v.stderr


def _ratio(v):
    """The second of two speeds over the first, or None when that does not move."""
    return _quotient(v[1], v[0]) if moves(v[0]) else None


def _quotient(above, below):
    value = above.value / below.value
    stderr = hypot(above.stderr, value * below.stderr) / below.value
    return Estimate(value, stderr, min(above.n_eff, below.n_eff), "ratio of two speeds")


def _slope(x, v, added=0.0):
    """Slope of ln v + `added` against x; None when one of the speeds does not move."""
    return log_slope(x, v, added) if all(map(moves, v)) else None


def _slopes(x, v, added=0.0):
    """Slope of ln v + `added` against x, sample by sample: float array (n_sample,)."""
    away = x - np.mean(x)
    return away @ (np.log(v) + np.reshape(added, (-1, 1))) / (away @ away)


def marker_of(found):
    """Way of the crystal, and so of every marker in it, over that of the tip; None when that does not move."""
    slip, diffusion = found.slip, found.diffusion
    if not moves(found.total):
        return None
    part = slip.value / found.total.value
    stderr = hypot((1 - part) * slip.stderr, part * diffusion.stderr) / found.total.value
    return Estimate(part, stderr, found.total.n_eff, "slip over all motion")


def log_speed_of(v, coble_nm_s):
    """Speed over that of the interface by the formula, as a logarithm."""
    if not moves(v):
        return None
    return Estimate(log10(v.value / coble_nm_s), v.stderr / v.value / log(10), v.n_eff, v.method)
