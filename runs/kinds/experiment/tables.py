"""Tables of experiments, made from the content of result.json alone."""

from coble.inputs.numbers.words import words_of
from coble.kmc.estimates.mechanisms import NONE as NOTHING_KNOWN
from coble.kmc.knowledge.shares import NONE
from coble.models.tubules.experiment_tubule import CASE
from coble.render import bounds
from coble.render.names import LABELS, first_of
from coble.render.numbers import counted, interval, listed, many, number_of, plain, power, with_error
from coble.render.table import Table, blocks_of, columns_of, parts_of, spread

LARGE = 0.5  # of the error of an observation: so large an error of a simulation is named
FAR = 3.0  # standard errors between a prediction and its exact value from which on it is named
FEW_SAMPLES = 30  # of a posterior, below which its ranges say little


def label_of(content, name):
    """What an entry of `probability` is called.

    With unknown numbers it says which path moves more than half.  Then "none of these" is that no path does: another
    mechanism, or all in parallel and none with more than half.
    """
    return LABELS[NONE if name == NOTHING_KNOWN and content.get("posterior") else name]


def details(content):
    """Where the events went."""
    events = [
        ("as observed" if mechanism == "seen" else LABELS.get(mechanism, mechanism), condition, found["events"])
        for mechanism, by_condition in content["speeds_nm_s"].items()
        for condition, found in by_condition.items()
    ]
    total = sum(number for *_, number in events)
    if total:
        yield Table(
            "Events by tubule and mechanism",
            ["mechanism", "tubule", "events"],
            [[*names, many(number)] for *names, number in events],
            words=2,
            parts=parts_of([number for *_, number in events]),
            note=f"{power(total, 2)} events in {content['seconds']:.1f} s, "
            f"{power(total / max(content['seconds'], 1e-9), 2)} per second, building included.",
        )


def tables(content):
    """Predictions, what was observed, and the speeds behind them: list of `Table`."""
    mechanisms = [name for name in content["probability"] if name != NOTHING_KNOWN]
    rows, numbers = [], []
    for each in content["observables"]:
        label = each["label"] + (f" [{each['unit']}]" if each["unit"] else "")
        predicted, exact = each["predicted"], each["exact"]
        rows.append([label, *(with_error(predicted[name]) for name in mechanisms), with_error(each["observed"])])
        rounded = ("–" if exact[name] is None else number_of(round(exact[name], 9) + 0.0) for name in mechanisms)
        rows.append(["exact", *rounded, ""])
        for name in mechanisms:
            numbers.append([each["name"], each["unit"], name, exact[name], *spread(predicted[name])])
        numbers.append([each["name"], each["unit"], "observed", None, *spread(each["observed"])])
    part, known, told = content["probability"], bool(content.get("posterior")), _is_told(content)
    if told:
        rows.append(["posterior", *(f"{part[name]:.3f}" for name in mechanisms), ""])
    yield Table(
        "What every mechanism predicts, and what was observed",
        ["observable", *(LABELS.get(name, name) for name in mechanisms), "observed"],
        rows,
        note="Simulated ± standard error.  Below it is the exact value of the network."
        + _far(content, mechanisms)
        + f"  Posterior of {label_of(content, NOTHING_KNOWN)}: {part[NOTHING_KNOWN]:.3f}." * told
        + "  All prior probabilities are equal." * told
        + "  Predictions hold at the stated numbers." * known
        + "  The posterior is an average over their ranges." * (known and told)
        + _widened(content),
        name="predictions",
        numbers=(["observable", "unit", "mechanism", "exact", *columns_of("measured", "")], numbers),
    )
    rows, numbers = [], []
    for mechanism, by_condition in content["speeds_nm_s"].items():
        for condition, found in by_condition.items():
            name = "as observed" if mechanism == "seen" else LABELS.get(mechanism, mechanism)
            ends = bounds.speed_ends(found)
            exact = number_of(round(found["exact"], 9)) if ends[0] == ends[1] else bounds.spelled(ends, "{:.4g}")
            measured = plain(found["measured"])
            rows.append([name, condition, measured, exact, many(found["events"]), blocks_of(found["measured"])])
            numbers.append([mechanism, condition, found["exact"], found["events"], *spread(found["measured"])])
    if rows:
        yield Table(
            "Speed of the tip",
            ["mechanism", "tubule", "speed [nm/s]", "exact [nm/s]", "events", "samples"],
            rows,
            words=2,
            name="speeds",
            numbers=(["mechanism", "tubule", "exact_nm_s", "events", *columns_of("speed", "_nm_s")], numbers),
        )
    if told:
        yield from after(content)


def _is_told(content):
    """Whether anything was observed: of a run that was stopped before, posteriors are priors and say nothing."""
    return not content["interrupted"] or any(each["observed"] for each in content["observables"])


def _far(content, mechanisms):
    """Predictions that are far from their exact values, a sentence; empty when none is."""
    found = []
    for each in content["observables"]:
        for name in mechanisms:
            here, exact = each["predicted"][name], each["exact"][name]
            if here and here["stderr"] and exact is not None:
                z = (here["value"] - exact) / here["stderr"]
                found += [f"{each['label']} by {LABELS.get(name, name)} ({z:+.1f})"] * (abs(z) > FAR)
    return f"  More than three standard errors from exact: {listed(found)}." if found else ""


def _widened(content):
    """That errors of simulations count beside those of what was given, a sentence; empty where they hardly do."""
    wide = [
        each["label"]
        for each in content["observables"]
        if (seen := each["observed"]) and max(_errors(each["predicted"]), default=0.0) > LARGE * seen["stderr"]
    ]
    if content["truth"] is not None or not wide:  # a simulated observation has the same errors
        return ""
    error = 100 * content["provenance"]["settings"]["target_error"]
    return (
        f"  The simulations have errors of {error:g} % of a speed.  These widen the comparison with what was given "
        f"({listed(wide)}).  A run without --quick, or with a smaller --target-error, tells more."
    )


def _errors(predicted):
    """Standard errors of predictions, list of float."""
    return [each["stderr"] for each in predicted.values() if each and each["stderr"]]


def unreached(content):
    """Observables that some mechanism predicts nothing for, because its tubules were not simulated."""
    for each in content["observables"]:
        left = [LABELS.get(name, name) for name, found in each["predicted"].items() if found is None]
        if left:
            yield f"{each['label']} if the lithium moves through the {listed(left)}"


def after(content):
    """What the observations say with unknown numbers, and what to measure next: yields `Table`."""
    found = content.get("posterior")
    if not found:
        return
    yield _dominant(content)
    rows, drawn = [], content.get("truth_values") or {}
    for key, now in found["parameters"].items():
        name, unit = words_of(key)
        was = found["parameters_before"][key]
        real = [number_of(drawn[key])] if key in drawn else []
        same = "".join(f", the same as {words_of(other)[0]}" for other in now.get("ties", ()))
        rows.append([(f"{name} [{unit}]" if unit else name) + same, *real, _interval(was), _interval(now)])
    yield Table(
        "Unknown numbers: prior, and posterior after the observations",
        ["number", *["simulated"] * bool(drawn), "prior", "posterior"],
        rows,
        note="Median (5 to 95 %), if all paths act in parallel.  " + _samples(found["samples"]),
        name="parameters",
    )
    yield ranked(content["next"], [wall["name"] for wall in content["provenance"]["case"]["wall"]])


def _dominant(content):
    """Which path dominates, and how that comes about from every hypothesis: `Table`."""
    found = content["posterior"]
    paths = list(found["dominant"])

    def row(name, weight, chance):
        return [name, weight, *(f"{chance[path]:.3f}" if path in chance else "" for path in paths)]

    alone = {name: p for name, p in found["mechanism"].items() if name not in (CASE, NOTHING_KNOWN)}
    return Table(
        "Which path moves more than half",
        ["hypothesis", "posterior", *(LABELS.get(path, path) for path in paths)],
        [
            row("all in parallel", f"{found['mechanism'][CASE]:.3f}", found["dominant_if_case"]),
            *(row(f"{LABELS.get(name, name)} alone", f"{p:.3f}", {name: 1.0}) for name, p in alone.items()),
            row(LABELS[NOTHING_KNOWN], f"{found['mechanism'][NOTHING_KNOWN]:.3f}", {NONE: 1.0}),
            row("together", "1.000", found["dominant"]),
            row("prior", "", found["dominant_before"]),
        ],
        note="Probability that each path moves more than half, row by row.  Together: the sum over the rows above, "
        "each times its posterior.  Prior: the same sum before the observations, when all rows are equally probable.  "
        f"All are averages over the ranges of unknown numbers.  Slip: {content['stands']}",
        name="dominant",
    )


def _samples(number):
    """How many independent samples a posterior has, and what few of them mean."""
    said = f"The posterior has {counted(round(number), 'independent sample')}."
    if number >= FEW_SAMPLES:
        return said
    return f"{said}  So few say nothing reliable: the observations lie far from what most numbers in the ranges give."


def ranked(found, walls):
    """Measurements by their expected information: `Table`.

    Parameters
    ----------
    found : list of dict
        `next` in result.json.
    walls : list of str
        Names of all walls of the case; the first is taken.
    """
    precision = found[0]["precision"] if found else 0.0
    return Table(
        "What to measure next",
        ["measurement", "bits"],
        [[each["experiment"], f"{each['bits']:.3f}"] for each in found],
        note="Bits: information that a measurement is expected to give about which path dominates in a tubule with "
        f"the wall {walls[0]}.  One bit decides between two paths that are equally probable.  Every speed or D is "
        f"taken to be measured to {100 * precision:g} %.  After observations single mechanisms count, too, each by its "
        "probability.  D of the interface is not in the list, because no experiment is known that measures it."
        + first_of(walls),
        name="next",
        numbers=(["measurement", "precision", "bits"], [list(each.values()) for each in found]),
    )


def _interval(found):
    return interval(found["p50"], found["p05"], found["p95"])


def effort(content):
    """(events, seconds) of all tubules."""
    events = sum(found["events"] for each in content["speeds_nm_s"].values() for found in each.values())
    return events, content["seconds"]
