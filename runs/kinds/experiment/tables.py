"""Tables of experiments, made from the content of result.json alone."""

from coble.render import bounds
from coble.render.names import LABELS
from coble.render.numbers import many, number_of, plain, power, with_error
from coble.render.table import Table, blocks_of, columns_of, parts_of, spread


def details(content):
    """Where the events went."""
    events = [
        ("as observed" if mechanism == "seen" else LABELS.get(mechanism, mechanism), condition, found["events"])
        for mechanism, by_condition in content["speeds_nm_s"].items()
        for condition, found in by_condition.items()
    ]
    total = sum(number for *_, number in events)
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
    mechanisms = [name for name in content["probability"] if name != "none of these"]
    rows, numbers = [], []
    for each in content["observables"]:
        label = each["label"] + (f" [{each['unit']}]" if each["unit"] else "")
        predicted, exact = each["predicted"], each["exact"]
        rows.append([label, *(with_error(predicted[name]) for name in mechanisms), with_error(each["observed"])])
        rounded = ("–" if exact[name] is None else f"{round(exact[name], 9):.4g}" for name in mechanisms)
        rows.append(["exact", *rounded, ""])
        for name in mechanisms:
            numbers.append([each["name"], each["unit"], name, exact[name], *spread(predicted[name])])
        numbers.append([each["name"], each["unit"], "observed", None, *spread(each["observed"])])
    part = content["probability"]
    rows.append(["probability", *(f"{part[name]:.3f}" for name in mechanisms), ""])
    yield Table(
        "What every mechanism predicts, and what was observed",
        ["", *(LABELS.get(name, name) for name in mechanisms), "observed"],
        rows,
        note=f"None of these: {part['none of these']:.3f}.  All prior probabilities are equal.",
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
    yield Table(
        "Speed of the tip",
        ["mechanism", "tubule", "speed [nm/s]", "exact [nm/s]", "events", "n_eff"],
        rows,
        words=2,
        name="speeds",
        numbers=(["mechanism", "tubule", "exact_nm_s", "events", *columns_of("speed", "_nm_s")], numbers),
    )


def effort(content):
    """(events, seconds) of all tubules."""
    events = sum(found["events"] for each in content["speeds_nm_s"].values() for found in each.values())
    return events, content["seconds"]
