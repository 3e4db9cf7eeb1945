"""Tables of a report: what every path, or every mechanism, did.

Made from the content of result.json alone.
"""

import numpy as np

from coble.kinds.campaign import tables as report_campaign
from coble.kinds.discriminate.network_table import network_table
from coble.kmc.estimates.estimate import ratio_estimate
from coble.kmc.estimates.fit import KNOWN
from coble.render.names import LABELS
from coble.render.table import Table, blocks_of, columns_of, many, number_of, plain, spread
from coble.render.terminal import scientific, with_error
from coble.reports import tabled as report_tabled


def mechanism_tables(content):
    """What every path, or every mechanism, did: list of `Table`."""
    return MECHANISMS[content["kind"]](content)


def _discriminate(content):
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
                    f"{100 * exact:.2f}",
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
        kappa = wall["kappa_mS_cm"]
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
            note=f"κ of wall and interface {with_error(kappa)} mS/cm, exact {wall['exact']['kappa_mS_cm']:.3f}, "
            f"formula {wall['formula']['kappa_mS_cm']:.3f}.",
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
        )
    yield network_table(content["walls"])


def carried(content):
    """Part of the current that every path carried in a run of growth, dict of path → Estimate; empty when undefined.

    Sums over the run in blocks of records; a hop between two paths counts half for each.
    """
    series = content["series"]
    interval = np.diff(series["time_s"])
    way = {path: np.array(current)[1:] * interval for path, current in series["current_A"].items()}
    total = sum(way.values())
    if len(set(np.sign(series["overpotential_V"]))) > 1 or not len(total) or not total.sum():
        return {}
    return {path: ratio_estimate([each], [total]) for path, each in way.items() if each.any()}


def _plate(content):
    hops, mobility = content["hops"], content["run"]["mobilities_1_s"]
    shares = carried(content)
    touched = dict.fromkeys(content["series"]["current_A"], 0)
    for name, number in hops.items():
        for path in name.split("|"):
            touched[path] += number
    rows, numbers = [], []
    for path, number in sorted(touched.items(), key=lambda item: -(shares[item[0]].value if item[0] in shares else -1)):
        if not number:
            continue
        share = shares[path].as_dict() if path in shares else None
        rate = mobility[path.replace(" ", "_")]
        rows.append([LABELS[path], with_error(share, 100), number_of(rate), many(number), blocks_of(share)])
        numbers.append([path, rate, number, *spread(share)])
    yield Table(
        "Paths of the metal",
        ["path", "share of the current [%]", "mobility [1/s]", "hops", "n_eff"],
        rows,
        note="Share of the charge that moved between root and metal's end over the whole run; a path on which atoms "
        "walk back counts negative.  Hops between two paths count for both.",
        name="paths",
        numbers=(["path", "mobility_1_s", "hops", *columns_of("share", "")], numbers),
    )


def _experiment(content):
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
        note=f"None of these: {part['none of these']:.3f}.  Before, all have the same probability.",
        name="predictions",
        numbers=(["observable", "unit", "mechanism", "exact", *columns_of("measured", "")], numbers),
    )
    rows, numbers = [], []
    for mechanism, by_condition in content["speeds_nm_s"].items():
        for condition, found in by_condition.items():
            name = "as observed" if mechanism == "seen" else LABELS.get(mechanism, mechanism)
            measured, exact = plain(found["measured"]), number_of(round(found["exact"], 9))
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


def _tune(content):
    rows, numbers = [], []
    for name, rate in content["rates"].items():
        known = rate["ln_rate_stderr"] is not None
        error = f"± {100 * rate['ln_rate_stderr']:.1f} %" if known else "not identifiable"
        rows.append([f"{name} [1/s]", number_of(rate["start"]), number_of(rate["value"]), error])
        numbers.append([name, "1/s", rate["start"], rate["value"], rate["stderr"], rate["ln_rate_stderr"]])
    for name, energy in content["barriers_eV"].items():
        spread = energy["stderr"]
        error = f"± {spread:.4f} eV" if spread else "not identifiable"
        rows.append([f"barrier of {name} [eV]", "–", f"{energy['value']:.4f}", error])
        numbers.append([f"{name} barrier", "eV", None, energy["value"], spread, None])
    yield Table(
        "Rates that were found",
        ["class of hops", "at the start", "found", "standard error"],
        rows,
        name="rates-found",
        numbers=(["class", "unit", "start", "value", "stderr", "stderr_ln"], numbers),
    )
    rows, numbers = [], []
    for each in content["residuals"]:
        label = each["target"] + (f" [{each['unit']}]" if each["unit"] else "")
        measured = {"value": each["measured"], "stderr": each["measured_error"]}
        rows.append([label, plain(measured), plain(each["model"]), f"{each['sigmas']:+.1f} σ"])
        numbers.append(
            [each["target"], each["unit"], each["measured"], each["measured_error"]]
            + [each["model"]["value"], each["model"]["stderr"], each["sigmas"]]
        )
    yield Table(
        "Targets, simulated with fresh random numbers",
        ["target", "measured", "model", "off by"],
        rows,
        note=f"χ² = {content['objective_fresh']:.1f} where {content['degrees_of_freedom']:.1f} are expected.",
        name="targets",
        numbers=(["target", "unit", "measured", "measured_error", "model", "model_stderr", "sigmas"], numbers),
    )
    names = content["correlation"]["names"]
    rows = []
    for each in content["directions"]:
        width = each["stderr_ln"]
        known = "not identifiable" if width is None or width > KNOWN else f"± {width:.2g}"
        rows.append([known, *(f"{each['parts'][name]:+.2f}" for name in names)])
    yield Table("What the targets determine, stiffest first", ["error of ln rate along it", *names], rows)


MECHANISMS = {
    "discriminate": _discriminate,
    "plate": _plate,
    "experiment": _experiment,
    "tune": _tune,
    **dict.fromkeys(report_tabled.PRINTED, report_tabled.tables),
    "campaign": report_campaign.tables,
}
