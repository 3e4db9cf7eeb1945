"""Degree of rate control from runs: of what flows through a tubule, and of metal that grows or shrinks.

Every class of hops is made faster and slower by the same wide step, h = ±½ in ln k, and what comes out is compared:

    d ln X / d ln k = artanh[(X₊ - X₋) / (X₊ + X₋)] / h,

without error of the step where X goes as a power of k.  Where the exact solution is at hand the error that the step
makes there is taken off.  All runs have random numbers of their own, so the errors of the classes are independent, and
that their coefficients sum to 1 for what is per time is a check of the whole.
"""

from concurrent.futures import ThreadPoolExecutor
from math import atanh, exp, hypot, inf, log, nan

import numpy as np

from coble.inputs.rate_table import NAMES
from coble.kinds.sensitivity.run import SHOWN, TOTAL, Sensitivities, pairs_of, place_of, sensitivities
from coble.kmc.estimates.estimate import Estimate, ratio_estimate
from coble.kmc.estimates.measure import episode_mean, measure
from coble.kmc.kernel.segment import Segment
from coble.kmc.network import exact as network
from coble.models.tubules.tubule import field_kT_per_A

STEP = 0.5  # in ln of a rate
LEAST_SHARE = 0.01  # of the current, below which a path's own is not measured
SIDES = (1, -1)
PURPOSE = 41  # of the random streams
METHOD = f"runs at rates times and over exp({STEP:g})"
# Classes of hops where metal grows, as named in a case, and the mobility behind each.
GROWTH_CLASSES = {
    "interface": "interface",
    "surface": "surface",
    "metal surface": "metal_surface",
    "bulk": "bulk",
    "wall": "wall",
}


def rate_control(
    case,
    void_fraction=0.0,
    *,
    measured=False,
    error=0.03,
    runs=16,
    seed=None,
    workers=1,
    should_stop=lambda: False,
    report=lambda stage, **numbers: None,
):
    """Rate control as a case asks for it: of metal that grows from runs; else exact, or measured.

    Parameters are those of `growth_sensitivities` and `measured_sensitivities`; so is what is returned.
    """
    running = {"seed": seed, "workers": workers, "should_stop": should_stop, "report": report}
    if case.grows:
        return growth_sensitivities(case, runs=runs, **running)
    if measured:
        return measured_sensitivities(case, void_fraction, error=error, **running)
    return sensitivities(case, void_fraction)


def _stage(name, sign, number, count):
    """What is being done, for a line of progress."""
    return f"class {number + 1} of {count}, {name} {'faster' if sign > 0 else 'slower'}"


# ---- what flows through a tubule ---------------------------------------------------------------------------


def measured_sensitivities(
    case,
    void_fraction=0.0,
    *,
    error=0.03,
    seed=None,
    workers=1,
    should_stop=lambda: False,
    report=lambda stage, **numbers: None,
):
    """Rate control of the currents in a tubule, from driven segments.

    Parameters
    ----------
    case : Case
    void_fraction : float
        Part of the way that is empty.
    error : float
        Standard error wanted of every coefficient of the total current.
    seed : int, optional
        Instead of the case's.
    workers : int
        Threads; the numbers do not depend on it.
    should_stop : callable
    report : callable (stage, done)
        As `coble.console.progress.Live.say`.

    Returns
    -------
    Sensitivities
        Of the classes that were done; None when stopped before the first.
    """
    seed = case.run.seed if seed is None else seed
    place, exact = place_of(case, void_fraction), sensitivities(case, void_fraction)
    pairs = pairs_of(place)
    shares = network.solve(place.graph, place.bonds, place.between).shares
    paths = {TOTAL: SHOWN}
    paths |= {f"current of {NAMES[k]}": (k,) for k in SHOWN if shares.get(k, 0) > LEAST_SHARE}
    control, done = {name: [] for name in paths}, []
    for number, (name, pair) in enumerate(pairs.items()):
        sides = []
        for sign in SIDES:
            report(_stage(name, sign, number, len(pairs)), done=(number + (sign < 0) / 2) / len(pairs))
            other = place.faster(pair, exp(sign * STEP))
            found = measure(
                Segment(place.graph, other.rates, field_kT_per_A=field_kT_per_A(case)),
                seed=seed,
                key=(number, sign + 1, PURPOSE),
                replicas=case.run.replicas,
                workers=workers,
                target_error=error * STEP * 2**0.5,
                error_of=lambda found: found.total.stderr / abs(found.total.value),
                max_events=case.run.max_events,
                should_stop=should_stop,
            )
            solved = network.solve(other.graph, other.bonds, other.between).path
            sides.append((found, solved))
        if any(found.n_block < 2 for found, _ in sides):
            break
        done.append(name)
        for what, kinds in paths.items():
            values = [_sum_of(found, kinds) for found, _ in sides]
            solved = [sum(path.get(kind, 0.0) for kind in kinds) for _, path in sides]
            slope = exact.control[what][exact.classes.index(name)].value
            of_step = (log(solved[0] / solved[1])) / (2 * STEP) - slope
            control[what].append(_of_two(*values).shifted(-of_step, METHOD))
    if not done:
        return None
    settings = {"seed": seed, "target_error": error, "step": STEP}
    whole = len(done) == len(pairs) and not should_stop()
    rule = dict.fromkeys(control, 1.0 if len(done) == len(pairs) else None)
    left = tuple(pairs)[len(done) :]
    return Sensitivities(void_fraction, tuple(done), control, rule, settings, not whole, left, case=case)


def _sum_of(found, kinds):
    """Conductance of some paths together, an Estimate."""
    return episode_mean([c[:, list(kinds)].sum(axis=1) for c in found.conductance])


def _of_two(up, down):
    """d ln X / d ln k from two independent estimates of X."""
    whole = up.value + down.value
    ratio = Estimate(
        (up.value - down.value) / whole,
        2 * hypot(up.value * down.stderr, down.value * up.stderr) / whole**2,
        min(up.n_eff, down.n_eff),
    )
    return _coefficient(ratio)


def _coefficient(ratio):
    """d ln X / d ln k from (X₊ - X₋) / (X₊ + X₋); without a value where noise has made one of them negative."""
    if not abs(ratio.value) < 1:
        return Estimate(nan, inf, ratio.n_eff, METHOD)
    slope = 1 / (STEP * (1 - ratio.value**2))
    return Estimate(atanh(ratio.value) / STEP, ratio.stderr * slope, ratio.n_eff, METHOD)


# ---- metal that grows or shrinks ---------------------------------------------------------------------------


def growth_sensitivities(
    case, *, runs=16, seed=None, workers=1, should_stop=lambda: False, report=lambda stage, **numbers: None
):
    """Rate control of metal that grows or shrinks.

    Parameters
    ----------
    case : Case
        With [growth]; it must end at a length, not at a time.
    runs : int
        At faster rates, and at slower ones, for every class.
    seed : int, optional
        Instead of the case's.
    workers : int
        Threads; the numbers do not depend on it.
    should_stop : callable
    report : callable (stage, done)
        As `coble.console.progress.Live.say`.

    Returns
    -------
    Sensitivities
        Of the speed of the tip (stripping: of the metal's receding end), of the metal gained or lost per time, and of
        the time of the first nucleus where a tubule starts empty.  None when stopped before the first class was done.

    Raises
    ------
    ValueError
        For a schedule or cycles, and for what `prepare` refuses.
    """
    from coble.kinds.growth.setup import prepare

    setup = case.growth
    if setup.cycles or setup.steps_V:
        raise ValueError("growth: rate control needs one overpotential; leave out cycles, steps_V and steps_s")
    seed = case.run.seed if seed is None else seed
    there = vars(prepare(case, seed).growth.mobilities)
    classes = {name: field for name, field in GROWTH_CLASSES.items() if there[field]}
    control, done = {}, []
    for number, (name, field) in enumerate(classes.items()):
        seeds = np.random.SeedSequence(seed, spawn_key=(number, PURPOSE)).generate_state(2 * runs).reshape(2, -1)
        grown = []
        for sign, numbers in zip(SIDES, seeds, strict=True):
            report(_stage(name, sign, number, len(classes)), done=(number + (sign < 0) / 2) / len(classes))
            # One after the other: ASE's crystals are not for threads.
            each = [prepare(case, int(n), {field: exp(sign * STEP)}) for n in numbers]
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(lambda run: run.run(should_stop), each))
            grown.append(each)
        if not all(run.reason for side in grown for run in side):
            break
        done.append(name)
        for what, of_run in OF_GROWTH.items():
            up, down = (np.array([of_run(run) for run in side], dtype=float) for side in grown)
            if np.isfinite([up, down]).all():
                ratio = ratio_estimate([up - down], [up + down], independent=True)
                control.setdefault(what, []).append(_coefficient(ratio))
    control = {what: each for what, each in control.items() if len(each) == len(done)}
    if not control:
        return None
    scale_free = len(done) == len(classes) and not setup.slip_1_s and not setup.power_law_slip
    rule = {what: (1.0 if what != NUCLEUS else -1.0) if scale_free else None for what in control}
    if setup.time_s:  # the same time for all: other rates see another part of the growth
        rule |= {what: None for what in rule if what != NUCLEUS}
    settings = {"seed": seed, "runs": runs, "step": STEP}
    left = tuple(classes)[len(done) :]
    return Sensitivities(0.0, tuple(done), control, rule, settings, bool(left), left, case=case)


def _gained(run):
    """Metal atoms gained (stripping: lost) per time [1/s]."""
    atoms = run.series.atoms
    return abs(atoms[-1] - atoms[0]) / run.series.time_s[-1]


def _incubation(run):
    """Time of the first nucleus [s]; nan when there was metal from the start, or none ever."""
    return run.incubation_s if run.incubation_s and not run.case.growth.metal_to_nm else nan


NUCLEUS = "time of the first nucleus"
OF_GROWTH = {
    "speed of the tip": lambda run: run.mean_speed_nm_s(),
    "metal per time": _gained,
    NUCLEUS: _incubation,
}
