"""`coble discriminate --experiment`: which mechanism gives what was seen?"""

from coble.console.carry_out import carry_out, held_folder
from coble.console.common import (
    BAD_CASE,
    RATES_FILE,
    USAGE,
    fail,
    path_of,
    refuse,
    settings_of,
    stop_flag,
)
from coble.kinds.experiment import KIND
from coble.render.meant import meant


def experiments(case, out, seed, replicas, workers, target_error, quick, rates, names, truth, observed, knowledge=True):
    """`coble discriminate --experiment`."""
    stop = stop_flag()

    from coble.kinds.experiment.known import given_observations
    from coble.kinds.experiment.run import experiment, plan, refusals
    from coble.models.tubules.experiment_tubule import truths

    names = _known_names(names)
    if truth is not None and observed:
        fail("--truth simulates an observation and --observed gives one: give one of the two", USAGE)
    case = path_of(case, "mechanisms")
    seen = _observations(observed) or None
    settings = settings_of(case, rates)
    if truth is not None and truth not in truths():  # plug-ins of the case may have brought some
        fail(f"--truth {truth}: must be one of {', '.join(truths())}", USAGE)
    refuse(case, refusals(settings, "discriminate", names))
    if seen is None and truth is None and settings.experiment.observed:
        seen = given_observations(settings)
    try:
        plan(settings, names, seen)
    except ValueError as error:
        fail(error if observed else f"{case}: {error}", BAD_CASE)

    from coble.kinds.experiment.result import FILES, write

    text = case.read_text(encoding="utf-8")
    with held_folder(out, "-".join(names), (*FILES, RATES_FILE)) as folder:
        from coble.console.progress import Display

        carry_out(
            KIND,
            case,
            folder,
            lambda display: experiment(
                settings,
                names,
                truth=truth or "case",
                observed=seen,
                seed=seed,
                replicas=replicas,
                workers=workers,
                target_error=target_error,
                quick=quick,
                knowledge=knowledge,
                should_stop=stop.is_set,
                report=display.show,
            ),
            lambda place, found, left_out: write(place, found, text, left_out=left_out),
            display=Display,
            rates=rates,
            measured=lambda content: any(content["speeds_nm_s"].values()) or not settings.experiment.simulate,
        )


def next_measurements(case, rates, precision, names, observed):
    """`coble discriminate --next`: what to measure next, printed; after what was observed, if anything was."""
    from coble.console.common import out_console
    from coble.kinds.experiment.hypotheses.next import PRECISION
    from coble.kinds.experiment.known import given_observations, next_after
    from coble.kinds.experiment.run import plan
    from coble.kinds.experiment.tables import ranked
    from coble.render.terminal import Printed

    path = path_of(case, "mechanisms")
    names, seen = _known_names(names or ()), _observations(observed)
    settings = settings_of(path, rates)
    seen = seen or (given_observations(settings) if settings.experiment.observed else {})
    try:
        observables = plan(settings, names or settings.experiment.which, seen)[1] if seen else ()
        found = next_after(settings, observables, seen, precision or PRECISION)
    except ValueError as error:
        fail(error if observed else f"{path}: {error}", BAD_CASE)
    out_console().print(Printed(ranked(found, [wall.name for wall in settings.walls])))


def _observations(texts):
    """What `--observed` gives, dict of name → Estimate."""
    given = list(map(_observation, texts or ()))
    for i, (name, _) in enumerate(given):
        if name in [other for other, _ in given[:i]]:
            fail(f"--observed {name}: is given twice; give one value with the error of both together", USAGE)
    return dict(given)


def _known_names(names):
    """Experiments without repeats; `fail` for one that there is not."""
    from coble.kinds.experiment.run import EXPERIMENTS

    for name in names:
        if name not in EXPERIMENTS:
            fail(f"--experiment {name}: {meant(name, EXPERIMENTS)}", USAGE)
    return tuple(dict.fromkeys(names))


def _observation(text):
    """`void_ratio=1.4+-0.2` as a name and an estimate."""
    import re
    from math import isfinite

    from coble.kmc.estimates.estimate import Estimate

    number = r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?"
    match = re.fullmatch(rf"\s*(\w+)\s*=\s*({number})\s*(?:\+-|±)\s*({number})\s*", text)
    try:
        name, value, error = match.groups()
        value, error = float(value), float(error)
    except (AttributeError, ValueError):
        fail(f"--observed {text}: must be NAME=VALUE+-ERROR, e.g. void_ratio=1.4+-0.2", USAGE)
    if not (isfinite(value) and isfinite(error)):
        fail(f"--observed {text}: must be finite numbers", USAGE)
    if error <= 0:
        fail(f"--observed {text}: the error must be > 0, nothing is seen without one", USAGE)
    return name, Estimate(value, error, float("inf"), "given")
