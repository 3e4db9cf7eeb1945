"""Tables of a report: where events and time went.  Made from the content of result.json alone."""

from coble.kinds.campaign import tables as report_campaign
from coble.render.names import LABELS
from coble.render.table import Table, many, number_of, power
from coble.render.terminal import with_error
from coble.reports import tabled as report_tabled


def work_tables(content):
    """Where events and time went: list of `Table`."""
    return WORK[content["kind"]](content) if content["kind"] in WORK else []


def _shares_of(values):
    total = sum(values)
    return [value / total if total else 0.0 for value in values]


def _work_of_walls(content):
    runs = [(wall["name"], wall["run"]) for wall in content["walls"]]
    yield Table(
        "Events",
        ["wall", "ended because", "events", "events/s", "seconds", "sites", "blocks"],
        [
            [
                name,
                run["reason"],
                many(run["events"]),
                f"{run['events'] / max(run['seconds'], 1e-9):.2e}",
                f"{run['seconds']:.1f}",
                f"{run['sites']:,}",
                f"{run['blocks']}",
            ]
            for name, run in runs
        ],
        words=2,
        note="Of the driven run in which the shares were measured.",
    )
    hops = [
        [wall["name"], LABELS[path], many(each["hops"]), with_error(wall.get("undone_hops", {}).get(path), 100)]
        for wall in content["walls"]
        for path, each in wall["paths"].items()
    ]
    parts = [part for wall in content["walls"] for part in _shares_of([p["hops"] for p in wall["paths"].values()])]
    yield Table(
        "Hops by path",
        ["wall", "path", "hops", "undone at once [%]"],
        hops,
        words=2,
        parts=parts,
        note="Hops between two paths count for both; most hops go to and fro and carry nothing.  Undone at once: by "
        "the same atom, before anything else happens at the two sites (from the tracers of every region by itself).",
    )
    stages = [(name, stage, seconds) for name, run in runs for stage, seconds in run["seconds_by_stage"].items()]
    parts = [part for _, run in runs for part in _shares_of(list(run["seconds_by_stage"].values()))]
    yield Table(
        "Seconds by stage",
        ["wall", "stage", "seconds"],
        [[name, stage.replace("_", " "), f"{seconds:.2f}"] for name, stage, seconds in stages],
        words=2,
        parts=parts,
    )


def _work_of_growth(content):
    hops = sorted(content["hops"].items(), key=lambda item: -item[1])
    given = [("exchanges with the electrolyte", content["exchanges"]), ("slips of the plug", content["slips"])]
    all_events = [(" ↔ ".join(LABELS[path] for path in name.split("|")), n) for name, n in hops] + given
    all_events = [(name, number) for name, number in all_events if number]
    yield Table(
        "Events by path",
        ["path", "events"],
        [[name, many(number)] for name, number in all_events],
        parts=_shares_of([number for _, number in all_events]),
        note=f"{power(content['events'], 3)} events on {content['run']['sites']:,} sites in "
        f"{content['run']['seconds']:.1f} s, {power(content['events_per_s'], 2)} per second.",
    )


def _work_of_experiments(content):
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
        parts=_shares_of([number for *_, number in events]),
        note=f"{power(total, 2)} events in {content['seconds']:.1f} s, "
        f"{power(total / max(content['seconds'], 1e-9), 2)} per second, building included.",
    )


def _work_of_tuning(content):
    batches = content["chi2_by_batch"]
    yield Table(
        "Batches",
        ["batch", "χ²"],
        [[f"{number + 1}", number_of(chi2)] for number, chi2 in enumerate(batches)],
        note=f"And one with fresh random numbers, whose χ² is quoted; {content['seconds']:.0f} s in all.",
    )


WORK = {
    "discriminate": _work_of_walls,
    "plate": _work_of_growth,
    "experiment": _work_of_experiments,
    "tune": _work_of_tuning,
    "creep": report_tabled.creep_work,
    "campaign": report_campaign.work,
}
