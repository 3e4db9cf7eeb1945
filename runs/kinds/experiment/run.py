"""Experiments that tell the mechanisms apart by which metal moves through a tubule.

Each changes one thing and sees how the speed of the tip answers.  All are run under every mechanism by itself (see
`coble.models.experiment_tubule`), and give a prediction with its error and the exact value beside.  What was seen is
given by the user, or is a run of its own: of the whole case, where all mechanisms compete, or of one of them.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from math import hypot, inf, isfinite, log, log10
from time import perf_counter

import numpy as np
from pydantic import ValidationError

from coble.inputs.case import Case
from coble.inputs.faults import dotted
from coble.kinds.experiment.drawn import draw, drawn_tubule
from coble.kinds.experiment.forecasts import anchors_of, forecast
from coble.kinds.experiment.judging import Posterior, judged, posterior
from coble.kinds.experiment.next import PRECISION, inverse_kT, ranking
from coble.kinds.experiment.speeds import speed
from coble.kmc.estimates.estimate import Estimate, exactly, log_slope
from coble.kmc.estimates.mechanisms import Judgement, Observable, rank_mechanisms
from coble.models.experiment_tubule import CASE, MECHANISMS, Condition, build, mechanisms, refuse_empty
from coble.models.tubule import unbuildable

PREDICTED, SEEN = 30, 31  # purposes of a random stream
MOVES = 3.0  # standard errors by which a speed must differ from zero to be one
NOTHING_SEEN = "experiment.simulate: must be true, or [experiment.observed] say what was seen"
QUICK_ERROR = 0.05  # of a speed, relative, of a first look


# --- What is changed, and how the answer is read ---


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
    x, of_T = inverse_kT(every), np.log(every)
    return Experiment(conditions, observable, lambda v: _slope(x, v, of_T), lambda v: _slopes(x, v, of_T), x)


EXPERIMENTS = {
    "void": _void,
    "obstacles": _obstacles,
    "wall-swap": _wall_swap,
    "width": _width,
    "temperature": _temperature,
}


def given_observations(case):
    """What the case says was seen, dict of observable name → Estimate."""
    return {
        name: Estimate(each.value, each.stderr, inf, each.source or "given")
        for name, each in case.experiment.observed.items()
    }


def by_law(case, experiments, names):
    """What every mechanism gives at the stated numbers by its law: dict of mechanism → name → Estimate or None."""
    stated = forecast(case, dict(zip(names, experiments, strict=True)), known=True).observed_by

    def found(samples):
        value = round(float(np.ravel(samples)[0]), 12)  # a slope of 0 without the digits of rounding
        return exactly(value, "law") if isfinite(value) else None

    return {name: {key: found(each) for key, each in stated[name].items()} for name in MECHANISMS}


def next_after(case, observables=(), seen=(), precision=PRECISION):
    """What to measure next, see `coble.kinds.experiment.next.ranking`.

    Parameters
    ----------
    case : Case
    observables : list of Observable
    seen : dict of name → Estimate or None
        What was observed already.
    precision : float
        Relative standard error of every speed or diffusivity.
    """
    found = {}
    for name, make in EXPERIMENTS.items():
        with suppress(ValueError):  # the case lacks what it needs
            found[name] = make(case)
    every = forecast(case, found)
    weight = posterior(every, observables, seen).weight if observables else None
    return ranking(every, precision, weight)


def _changed(case, **sections):
    """The case with other sections, checked like any other."""
    try:
        return Case.model_validate({name: getattr(case, name) for name in case.model_fields_set} | sections)
    except ValidationError as error:
        faults = (f"{dotted(found['loc'])} {found['msg']}" for found in error.errors(include_url=False))
        raise ValueError(f"experiment: a changed case is not one: {'; '.join(faults)}") from None


def _moves(v):
    return v.value > 0 and v.value > MOVES * v.stderr


def _ratio(v):
    """The second of two speeds over the first, or None when that does not move."""
    return _quotient(v[1], v[0]) if _moves(v[0]) else None


def _quotient(above, below):
    value = above.value / below.value
    stderr = hypot(above.stderr, value * below.stderr) / below.value
    return Estimate(value, stderr, min(above.n_eff, below.n_eff), "ratio of two speeds")


def _slope(x, v, added=0.0):
    """Slope of ln v + `added` against x; None when one of the speeds does not move."""
    return log_slope(x, v, added) if all(map(_moves, v)) else None


def _slopes(x, v, added=0.0):
    """Slope of ln v + `added` against x, sample by sample: float array (n_sample,)."""
    away = x - np.mean(x)
    return away @ (np.log(v) + np.reshape(added, (-1, 1))) / (away @ away)


def _marker(found):
    """Way of the crystal, and so of every marker in it, over that of the tip; None when that does not move."""
    slip, diffusion = found.slip, found.diffusion
    if not _moves(found.total):
        return None
    part = slip.value / found.total.value
    stderr = hypot((1 - part) * slip.stderr, part * diffusion.stderr) / found.total.value
    return Estimate(part, stderr, found.total.n_eff, "slip over all motion")


def _log_speed(v, coble_nm_s):
    """Speed over that of the interface by the formula, as a logarithm."""
    if not _moves(v):
        return None
    return Estimate(log10(v.value / coble_nm_s), v.stderr / v.value / log(10), v.n_eff, v.method)


# --- All of it ---


@dataclass
class Experiments:
    """What was predicted, what was seen, and what follows.

    Attributes
    ----------
    case : Case
    names : tuple of str
        Experiments.
    truth : str or None
        What was behind the simulated observation; None when it was given.
    observables : list of Observable
    predicted, exact : dict of mechanism → dict of observable name → Estimate or None
    observed : dict of observable name → Estimate or None
    speeds : dict of (mechanism or "seen") → dict of condition name → (measured, exact, n_event)
    judgement : Judgement
    posterior : Posterior or None
        With unknown numbers integrated over; None when all were taken as exact.
    next : list of dict
        What to measure next, see `coble.kinds.experiment.next.ranking`.
    truth_values : dict of key → float, or None
        Numbers that were drawn for a simulated observation.
    settings : dict
    interrupted : bool
    seconds : float
    """

    case: Case
    names: tuple
    truth: str | None
    observables: list
    predicted: dict
    exact: dict
    observed: dict
    speeds: dict
    judgement: Judgement
    posterior: Posterior | None
    next: list
    truth_values: dict | None
    settings: dict
    interrupted: bool
    seconds: float


def plan(case, names, observed=()):
    """The experiments by name, all observables, and the conditions in which speeds are measured.

    Raises
    ------
    ValueError
        When the case lacks what an experiment needs, or `observed` names an observable that these do not give.
    """
    refuse_empty(case)
    experiments = [EXPERIMENTS[name](case) for name in names]
    observables = [*(each.observable for each in experiments), MARKER, SPEED]
    known = [each.name for each in observables]
    for name in observed or ():
        if name not in known:
            raise ValueError(f"--observed {name}: not an observable of these experiments, which are {', '.join(known)}")
    conditions = [Condition("as it is", case)]
    for each in experiments:
        conditions += each.conditions
    return experiments, observables, conditions


def experiment(
    case,
    names,
    *,
    truth=CASE,
    observed=None,
    seed=None,
    replicas=None,
    workers=1,
    target_error=None,
    quick=False,
    knowledge=True,
    should_stop=lambda: False,
    report=lambda condition, mechanism, progress: None,
):
    """Run experiments under every mechanism, and judge what was seen.

    Parameters
    ----------
    case : Case
    names : sequence of str
        Of `EXPERIMENTS`; what they tell is taken together.
    truth : str
        Of `coble.models.experiment_tubule.truths`: what to simulate as the observation.
    observed : dict of observable name → Estimate, optional
        What was seen, instead of a simulated truth.
    seed, replicas, target_error : optional
        Instead of the case's; the error is that of every speed over the speed of the unobstructed path.
    workers : int
        Threads; the numbers do not depend on it.
    quick : bool
        A first look: errors of 0.05.
    knowledge : bool
        Whether numbers that are not known are integrated over, and drawn for a simulated truth; else all are exact.
    should_stop : callable
        When it turns true, observables that are not yet known stay unknown.
    report : callable (condition name, mechanism, Progress or None)

    Returns
    -------
    Experiments

    Raises
    ------
    ValueError
        See `plan`.
    """
    started = perf_counter()
    if observed is None and truth == CASE and case.experiment.observed:
        observed = given_observations(case)
    if observed is None and not case.experiment.simulate:
        raise ValueError(NOTHING_SEEN)
    settings = {
        "seed": case.run.seed if seed is None else seed,
        "replicas": replicas or case.run.replicas,
        "target_error": max(target_error or case.run.target_error, QUICK_ERROR if quick else 0.0),
        "max_events": case.run.max_events,
        **({} if knowledge else {"knowledge": False}),
        **({} if case.experiment.simulate else {"simulate": False}),
    }
    experiments, observables, conditions = plan(case, names, observed)
    forecasts = forecast(case, dict(zip(names, experiments, strict=True)), known=not knowledge)
    drawn = draw(forecasts, settings["seed"]) if knowledge and observed is None else None
    runs = {mechanism: (mechanism, PREDICTED) for mechanism in mechanisms()}
    if observed is None:
        runs["seen"] = (truth, SEEN)
    speeds, coble = {name: {} for name in runs}, None
    for condition in conditions if case.experiment.simulate else ():
        if should_stop():
            break
        report(condition.name, "building", None)
        bench = build(condition, settings["seed"])
        coble = coble or bench.coble_nm_s
        for name, (mechanism, purpose) in runs.items():
            said = f"{mechanism}, as seen" if name == "seen" else mechanism
            running = {
                "workers": workers,
                "should_stop": should_stop,
                "report": lambda progress, c=condition.name, s=said: report(c, s, progress),
            }
            here = drawn_tubule(bench, drawn, condition) if drawn and name == "seen" else bench
            found = speed(here, mechanism, settings, (purpose,), **running)
            if found is not None:
                speeds[name][condition.name] = found

    def read(name, which):
        return _read(experiments, {key: found[which] for key, found in speeds[name].items()}, coble)

    predicted = {mechanism: read(mechanism, 0) for mechanism in mechanisms()}
    exact = {mechanism: read(mechanism, 1) for mechanism in mechanisms()}
    if not case.experiment.simulate:
        predicted = exact = by_law(case, experiments, names)
    seen = read("seen", 0) if observed is None else observed
    after, ranked, judgement = None, [], None
    if knowledge:
        forecasts = replace(forecasts, anchors=anchors_of(forecasts, speeds))
        after = posterior(forecasts, observables, seen, predicted)
        judgement = judged(after, [each.label for each in observables if seen.get(each.name) is not None])
        ranked = next_after(case, observables, seen)
    return Experiments(
        case=case,
        names=tuple(names),
        truth=truth if observed is None else None,
        observables=observables,
        predicted=predicted,
        exact=exact,
        observed=seen,
        speeds=speeds,
        judgement=judgement or rank_mechanisms(observables, predicted, seen),
        posterior=after,
        next=ranked,
        truth_values=drawn and {key: float(values[0]) for key, values in drawn.values.items()},
        settings=settings,
        interrupted=should_stop(),
        seconds=perf_counter() - started,
    )


def _read(experiments, speeds, coble_nm_s):
    """Every observable from the speeds of one mechanism, dict of condition name → Speed."""
    found, as_it_is = {}, speeds.get("as it is")
    for each in experiments:
        names = ["as it is", *(condition.name for condition in each.conditions)]
        there = [speeds[name].total for name in names if name in speeds]
        found[each.observable.name] = each.read(there) if len(there) == len(names) else None
    found[MARKER.name] = as_it_is and _marker(as_it_is)
    found[SPEED.name] = as_it_is and _log_speed(as_it_is.total, coble_nm_s)
    return found


def refusals(case, command="discriminate", names=None):
    """Why experiments with a case are refused before any work, list of str; default those that the case names."""
    found = []
    if not case.experiment.simulate and not case.experiment.observed:
        found.append(NOTHING_SEEN)
    for name in names or case.experiment.which:
        try:
            if not case.experiment.simulate:
                plan(case, (name,))
                continue
            sizes = ((each.name, unbuildable(each.case)) for each in plan(case, (name,))[2])
            found += [f"{condition}: {reason}" for condition, reason in sizes if reason]
        except ValueError as error:
            found.append(str(error))
    return list(dict.fromkeys(found))
