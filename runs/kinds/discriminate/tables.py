"""Tables of shares, made from the content of result.json alone."""

from coble.kinds.discriminate.network_table import network_table
from coble.render import bounds
from coble.render.names import LABELS
from coble.render.numbers import many, scientific, typeset, with_error
from coble.render.table import Table, columns_of, parts_of, spread


def _note(wall):
    """What else belongs to a wall: κ, how its bonds were calibrated, which way the current goes, and what it took."""
    run, exact, formula = wall["run"], wall["exact"], wall["formula"]
    ways = ", ".join(f"{' → '.join(r['regions'])} {100 * r['share']:.1f} %" for r in wall["routes"][:4])
    cut = ", ".join(f"{name} {100 * part:.0f} %" for name, part in wall["limiting_cut"].items())
    sentences = (
        f"κ of wall and interface {with_error(wall['kappa_mS_cm'])} mS/cm, exact "
        f"{bounds.spelled(bounds.kappa_ends(exact), '{:.3f}')}, formula {formula['kappa_mS_cm']:.3f}.",
        f"Calibration Γa²/D: {', '.join(f'{LABELS[k]} {v:.3f}' for k, v in wall['calibration'].items())}.",
        f"Routes: {ways}.",
        f"Minimum cut: {cut}.",
        bounds.exchanged(exact),
        bounds.said(exact),
        f"Stopped: {run['reason']}, {many(run['events'])} events on {run['sites']:,} sites in {run['seconds']:.1f} s "
        f"({run['events'] / max(run['seconds'], 1e-9) / 1e6:.1f} M/s), {run['blocks']} blocks.",
    )
    return typeset("  ".join(filter(None, sentences)))


def details(content):
    """Exact currents, and where events and time went."""
    if content["walls"]:
        yield network_table(content["walls"])
        yield from _work(content)


def _work(content):
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
    parts = [part for wall in content["walls"] for part in parts_of([p["hops"] for p in wall["paths"].values()])]
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
    parts = [part for _, run in runs for part in parts_of(list(run["seconds_by_stage"].values()))]
    yield Table(
        "Seconds by stage",
        ["wall", "stage", "seconds"],
        [[name, stage.replace("_", " "), f"{seconds:.2f}"] for name, stage, seconds in stages],
        words=2,
        parts=parts,
    )


def tables(content):
    for wall in content["walls"]:
        rows, numbers = [], []
        for path, found in sorted(wall["paths"].items(), key=lambda item: -item[1]["share"]["value"]):
            exact, formula = wall["exact"]["shares"][path], wall["formula"]["shares"][path]
            tracer, haven = wall["tracer_cm2_s"].get(path), wall["haven_ratio"].get(path)
            n_eff = found["share"]["n_eff"]
            rows.append(
                [
                    LABELS[path],
                    with_error(found["share"], 100),
                    bounds.spelled([100 * end for end in bounds.share_ends(wall["exact"], path)]),
                    f"{100 * formula:.2f}",
                    scientific(found["conductance_S_m"]),
                    with_error(found["control"]),
                    with_error(found["lost_if_off"]),
                    scientific(tracer),
                    with_error(haven),
                    many(found["hops"]),
                    "–" if n_eff is None else f"{n_eff:.0f}",
                ]
            )
            estimates = (found["share"], found["conductance_S_m"], found["control"], found["lost_if_off"])
            numbers.append(
                [
                    path,
                    exact,
                    formula,
                    found["hops"],
                    *(x for each in (*estimates, tracer, haven) for x in spread(each)),
                ]
            )
        yield Table(
            f"Wall {wall['name']}",
            [
                "path",
                "share [%]",
                "exact [%]",
                "formula [%]",
                "conductance [S·m]",
                "control",
                "lost if off",
                "D* [cm²/s]",
                "Haven",
                "hops",
                "n_eff",
            ],
            rows,
            note=_note(wall),
            name=f"paths-{wall['name']}",
            numbers=(
                [
                    *("path", "exact_share", "formula_share", "hops"),
                    *columns_of("share", ""),
                    *columns_of("conductance", "_S_m"),
                    *columns_of("control", ""),
                    *columns_of("lost_if_off", ""),
                    *columns_of("tracer", "_cm2_s"),
                    *columns_of("haven_ratio", ""),
                ],
                numbers,
            ),
            wide=("conductance [S·m]", "D* [cm²/s]", "Haven", "hops", "n_eff"),
        )


def effort(content):
    """(events, seconds) of all walls."""
    runs = [wall["run"] for wall in content["walls"]]
    return sum(run["events"] for run in runs), sum(sum(run["seconds_by_stage"].values()) for run in runs)
