"""Tables of shares, made from the content of result.json alone."""

from coble.kinds.discriminate.knowledge.tables import summary, unknowns
from coble.render import bounds
from coble.render.names import LABELS, phrase, shortened
from coble.render.numbers import many, noughts, number_of, scientific, typeset, with_error
from coble.render.palette import styles_of
from coble.render.table import Table, columns_of, parts_of, spread
from coble.store.status import pace

M_PER_UM = 1e-6
NARROW = 1.2  # times the mean of the layers; where bonds of two kinds alternate, halves of them differ by less
LONG_WAY = 5  # regions of a route, of which all are named
EXPLAINED = {  # what names of key numbers mean
    "conductivity κ": "κ: of wall and interface together, over the cross-section of the wall.",
    "calibration Γa²/D": "Calibration: hop rate Γ of a bond, in units of D/a², that gives a region its D.",
    "routes": "Routes: how the exact current divides among chains of regions.",
    "minimum cut": "Minimum cut: the cut through all paths that conducts least.",
    "without exchange": "Exchange: hops between two regions.",
}


def _note(wall):
    """What belongs to the shares of a wall."""
    sentences = (
        noughts({LABELS[path]: found["share"] for path, found in wall["paths"].items()}),
        "Degree of rate control: equal to the exact share within its error." if _repeats(wall) else "",
        typeset(bounds.said(wall["exact"])),
    )
    return "  ".join(filter(None, sentences))


def _key_numbers(wall, first):
    """κ, how bonds were calibrated, which way the current goes, and what the run took: `Table`.

    Parameters
    ----------
    wall : dict
    first : bool
        Whether the words are to be explained.
    """
    run = wall["run"]
    cut = ", ".join(f"{name} {100 * part:.0f} %" for name, part in wall["limiting_cut"].items())
    rows = [
        *_of_wall(wall),
        ("routes", _ways(wall)),
        ("minimum cut", cut),
        ("without exchange", bounds.exchanged(wall["exact"])),
        ("stopped", run["reason"]),
        ("events", f"{many(run['events'])} on {run['sites']:,} sites, {run['blocks']} blocks"),
        ("time", f"{run['seconds']:.1f} s, {pace(run['events'] / max(run['seconds'], 1e-9))}"),
    ]
    rows = [[name, typeset(said)] for name, said in rows if said]
    note = "  ".join(EXPLAINED[name] for name, _ in rows if name in EXPLAINED) if first else ""
    return Table(f"Key numbers of {wall['name']}", ["", ""], rows, words=2, note=note)


def _ways(wall):
    """The routes that carry most."""
    routes = sorted(wall["routes"], key=lambda route: (-round(route["share"], 6), route["regions"]))  # ties by name
    return ", ".join(map(_way, routes[:4]))


def _way(route):
    """A route with its share; of one that changes often, its first regions and how often."""
    names = route["regions"]
    way = " → ".join(names) if len(names) <= LONG_WAY else f"{' → '.join(names[:3])} → … ({len(names) - 1} changes)"
    return f"{way} {100 * route['share']:.1f} %"


def _repeats(wall):
    """Whether the degree of rate control of every path is its exact share to three digits, or within its error."""
    for path, found in wall["paths"].items():
        control = found["control"]
        if control is None or control["stderr"] is None:
            return False
        share = bounds.nearest(control["value"], bounds.share_ends(wall["exact"], path))
        if abs(control["value"] - share) > max(5e-4, 2 * control["stderr"]):
            return False
    return True


def of_image(lattice):
    """What an image was taken for: how it goes on along its axis, and how long its boundaries are; (name, text)."""
    ways = {
        "periodic": "periodic along the axis",
        "mirror": "mirrored at both ends of the axis",
        "reservoirs": "between two reservoirs, computed as between its mirror images: the current is the same",
    }
    if lattice.get("along_axis") not in ways:
        return
    yield "image", ways[lattice["along_axis"]]
    for sheet in lattice["sheets"]:
        yield (
            f"area of the {sheet['name']}",
            f"{sheet['area_A2'] / 100:.4g} nm² ± {100 * sheet['area_error']:.1f} %; its voxel faces have "
            f"{sheet['staircase_over_area']:.2f} times as much",
        )
    if found := lattice.get("narrowest"):
        most = max(found["carried"], key=found["carried"].get)
        times = f"{found['times_mean']:.2f} times the mean driving energy"
        if found["times_mean"] < NARROW:
            yield "narrowest", f"nowhere: no layer loses more than {times}"
        else:
            carried = f"{phrase(most)} carries {100 * found['carried'][most]:.0f} % there"
            yield "narrowest", f"at {found['at_nm']:.4g} nm: this layer loses {times}, and {carried}"
        low, high = found["cut_nm"]
        yield "place of the minimum cut", f"between {low:.3g} and {high:.3g} nm"


def _of_wall(wall):
    """κ and how bonds were calibrated; for a structure the conductance of all paths, and what was reconciled."""
    exact, formula = wall["exact"], wall["formula"]
    if formula and wall["calibration"]:
        yield (
            "conductivity κ",
            f"{with_error(wall['kappa_mS_cm'])} mS/cm; exact {bounds.spelled(bounds.kappa_ends(exact), '{:.3f}')}, "
            f"formula {formula['kappa_mS_cm']:.3f}",
        )
        yield "calibration Γa²/D", ", ".join(f"{LABELS[k]} {v:.3f}" for k, v in wall["calibration"].items())
        return
    total, known = wall["total_conductance_S_m"], sum(exact["conductance_S_m"].values())
    ends = (known * end for end in bounds.total_ends(exact))
    yield "conductance of all paths", f"{scientific(total)} S·m; exact {bounds.spelled(ends, '{:.3e}')}"
    yield from of_image(wall["run"]["lattice"])
    changed = wall["run"]["lattice"].get("reconciled_max_eV")
    if changed:
        yield "barriers changed", f"by {changed:.2g} eV at most, so that they have detailed balance"


def details(content):
    """What is not known, exact currents, and where events and time went: yields `Table`."""
    yield from unknowns(content)
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
    """The answer of every wall, and over the ranges: yields `Table`."""
    yield from _of_walls(content)
    yield from summary(content)


def _of_walls(content):
    for wall in content["walls"]:
        rows, numbers, repeats = [], [], _repeats(wall)
        for path, found in sorted(wall["paths"].items(), key=lambda item: -item[1]["share"]["value"]):
            exact, formula = wall["exact"]["shares"][path], (wall["formula"] or {"shares": {}})["shares"].get(path)
            tracer, haven = wall["tracer_cm2_s"].get(path), wall["haven_ratio"].get(path)
            n_eff = found["share"]["n_eff"]
            rows.append(
                [
                    LABELS[path],
                    with_error(found["share"], 100),
                    bounds.spelled([100 * end for end in bounds.share_ends(wall["exact"], path)]),
                    *([] if formula is None else [f"{100 * formula:.2f}"]),
                    scientific(found["conductance_S_m"]),
                    *([] if repeats else [with_error(found["control"])]),
                    with_error(found["lost_if_off"], 100),
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
            f"{'Wall' if wall['calibration'] else 'Structure'} {wall['name']}",
            [
                "path",
                "share [%]",
                "exact [%]",
                *(["formula [%]"] if wall["formula"] else []),
                "conductance [S·m]",
                *([] if repeats else ["control"]),
                "lost if off [%]",
                "D* [cm²/s]",
                "Haven",
                "hops",
                "samples",
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
            wide=("conductance [S·m]", "D* [cm²/s]", "Haven", "hops", "samples"),
        )
        yield _key_numbers(wall, first=wall is content["walls"][0])


def effort(content):
    """(events, seconds) of all walls; earlier versions wrote no seconds, and walls run beside each other."""
    runs = [wall["run"] for wall in content["walls"]]
    by_stage = sum(sum(run["seconds_by_stage"].values()) for run in runs)
    return sum(run["events"] for run in runs), content.get("seconds") or by_stage


def network_table(walls):
    """Resistance of every path, measured and exact, and what limits the current: `Table`.

    Parameters
    ----------
    walls : list of dict
        `walls` in the result.json of `coble discriminate`.
    """
    rows, numbers, ways = [], [], []
    for wall in walls:
        exact, cut = wall["exact"].get("conductance_S_m", {}), wall["limiting_cut"]
        for path, found in sorted(wall["paths"].items(), key=lambda item: -item[1]["share"]["value"]):
            measured, known = _resistance(found["conductance_S_m"]), _resistance_of(exact.get(path))
            limits, ends = cut.get(path, 0.0), bounds.conductance_ends(wall["exact"], path)
            shown = bounds.spelled(map(_resistance_of, ends), "{:.4g}") if known else number_of(known)
            rows.append([wall["name"], LABELS[path], scientific(measured), shown, f"{100 * limits:.1f}"])
            numbers.append([wall["name"], path, known, limits, *spread(measured)])
        ways.append(f"{wall['name']}: {_ways(wall)}")
    return Table(
        "Network",
        ["wall", "path", "resistance [Ω/µm]", "exact [Ω/µm]", "part of the minimum cut [%]"],
        rows,
        words=2,
        note="Resistance per length of tubule or of a repeat unit: one over the conductance of the path, as it stands "
        "among the others.  The minimum cut is the cut of least conductance.  "
        f"Routes of the exact current: {'; '.join(ways)}.",
        name="network",
        numbers=(["wall", "path", "exact_ohm_um", "limiting_cut", *columns_of("resistance", "_ohm_um")], numbers),
    )


def _resistance_of(conductance_S_m):
    return M_PER_UM / conductance_S_m if conductance_S_m and conductance_S_m > 0 else None


def _resistance(conductance):
    """Of an estimate: the relative error stays, and the interval turns round."""
    value, low, high = (_resistance_of(conductance[key]) for key in ("value", "high", "low"))
    if value is None:
        return None
    stderr = conductance["stderr"]
    stderr = None if stderr is None else value * stderr / conductance["value"]
    return {"value": value, "stderr": stderr, "low": low, "high": high, "n_eff": conductance["n_eff"]}


def _colours(wall):
    """The paths of a wall, each with the colour that the case gives it, or None."""
    return {path: wall.get("colours", {}).get(path) for path in wall["paths"]}


def compared(results):
    walls = [(name, wall) for name, content in results for wall in content["walls"]]
    paths = list(styles_of(dict.fromkeys(path for _, wall in walls for path in wall["paths"])))
    rows = []
    for name, wall in walls:
        shares = (wall["paths"].get(path) for path in paths)
        dominant = wall["verdict"]["dominant"]
        kappa, run = with_error(wall["kappa_mS_cm"]), wall["run"]
        cells = ["–" if each is None else with_error(each["share"], 100) for each in shares]
        speed = f"{run['events'] / max(run['seconds'], 1e-9):.2e}"
        verdict = LABELS[dominant] if dominant else "undecided"
        rows.append([name, wall["name"], verdict, *cells, kappa, speed])
    headings = [f"{LABELS[path]} [%]" for path in paths]
    return Table("Shares", ["result", "wall", "dominant", *headings, "κ [mS/cm]", "events/s"], rows, words=3)


def compared_panel(ax, results):
    from coble.render.palette import arms

    every = {path: colour for _, content in results for w in content["walls"] for path, colour in _colours(w).items()}
    styles = styles_of(every, {path: colour for path, colour in every.items() if colour})
    rows = [(f"{name}: {shortened(wall['name'])}", wall) for name, content in results for wall in content["walls"]]
    labelled = set()
    for row, (_, wall) in enumerate(rows):
        for path, found in wall["paths"].items():
            share, style = found["share"], styles[path]
            label = None if path in labelled else LABELS[path]
            labelled.add(path)
            ax.errorbar(
                share["value"],
                -row,
                xerr=arms([share]),
                color=style.colour,
                marker=style.marker,
                capsize=3,
                linestyle="",
                label=label,
            )
            ax.plot(wall["exact"]["shares"][path], -row, marker="|", markersize=16, color=style.colour)
    ax.axvline(0.5, color="0.6", linewidth=0.8, linestyle="--")
    ax.set_yticks([-row for row in range(len(rows))], [name for name, _ in rows])
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(-max(len(rows), 3) + 0.4, 0.6)
    ax.set_xlabel("share of the current (bar: exact)")
    ax.legend(frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)
