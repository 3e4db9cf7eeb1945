"""Experiments that tell the mechanisms apart by which metal moves through a tubule.

Each changes one thing and sees how the speed of the tip answers.  All are run under every mechanism by itself (see
`coble.models.tubules.experiment_tubule`), and give a prediction with its error and the exact value beside.  What was
seen is given by the user, or is a run of its own: of the whole case, where all mechanisms compete, or of one of them.
"""

from dataclasses import dataclass, replace
from time import perf_counter

from coble.inputs.case import Case
from coble.kinds.experiment.changes import EXPERIMENTS, MARKER, SPEED, log_speed_of, marker_of
from coble.kinds.experiment.hypotheses.drawn import draw, drawn_tubule
from coble.kinds.experiment.hypotheses.forecasts import anchors_of, forecast
from coble.kinds.experiment.hypotheses.judging import Posterior, judged, posterior
from coble.kinds.experiment.known import by_law, given_observations, next_after
from coble.kinds.experiment.speeds import speed
from coble.kmc.estimates.mechanisms import Judgement, rank_mechanisms
from coble.models.tubules.experiment_tubule import CASE, Condition, build, mechanisms, refuse_empty
from coble.models.tubules.tubule import unbuildable
from coble.render.meant import meant

PREDICTED, SEEN = 30, 31  # purposes of a random stream
NOTHING_SEEN = "experiment.simulate: must be true, or [experiment.observed] say what was seen"
NOT_SIMULATED = (
    "Undecided: stopped before the observation was simulated, so there is nothing to compare the predictions with."
)
QUICK_ERROR = 0.05  # of a speed, relative, of a first look


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
        What to measure next, see `coble.kinds.experiment.hypotheses.next.ranking`.
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
            advice = meant(name, known)
            raise ValueError(f"--observed {name}: not an observable of these experiments, {advice}")
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
    report=lambda condition, mechanism, progress, run: None,
):
    """Run experiments under every mechanism, and judge what was seen.

    Parameters
    ----------
    case : Case
    names : sequence of str
        Of `EXPERIMENTS`; what they tell is taken together.
    truth : str
        Of `coble.models.tubules.experiment_tubule.truths`: what to simulate as the observation.
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
    report : callable (condition name, mechanism, Progress or None, (number of the run, of how many))

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
    count = len(conditions) * len(runs)
    for place, condition in enumerate(conditions if case.experiment.simulate else ()):
        if should_stop():
            break
        report(condition.name, "building", None, (1 + place * len(runs), count))
        bench = build(condition, settings["seed"])
        coble = coble or bench.coble_nm_s
        for number, (name, (mechanism, purpose)) in enumerate(runs.items(), 1 + place * len(runs)):
            said = f"{mechanism}, as seen" if name == "seen" else mechanism
            running = {
                "workers": workers,
                "should_stop": should_stop,
                "report": lambda progress, c=condition.name, s=said, run=(number, count): report(c, s, progress, run),
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
    judgement = judgement or rank_mechanisms(observables, predicted, seen)
    if observed is None and len(speeds["seen"]) < len(conditions) and not any(seen.values()):
        judgement = replace(judgement, sentence=NOT_SIMULATED)
    return Experiments(
        case=case,
        names=tuple(names),
        truth=truth if observed is None else None,
        observables=observables,
        predicted=predicted,
        exact=exact,
        observed=seen,
        speeds=speeds,
        judgement=judgement,
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
    found[MARKER.name] = as_it_is and marker_of(as_it_is)
    found[SPEED.name] = as_it_is and log_speed_of(as_it_is.total, coble_nm_s)
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
