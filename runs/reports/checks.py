"""Checks of a result: what was measured beside what is exact, and what has to be so, each with a traffic light.

Made from the content of result.json, or of campaign.json, alone.
"""

from dataclasses import replace
from math import hypot

from coble.kinds.campaign import tables as report_campaign
from coble.render.lights import AMBER, GREY, RED, Check, compared, light_of, stated
from coble.render.names import LABELS
from coble.reports import tabled as report_tabled

UNLIKELY = 1e-4  # probability below which a deviation is no chance
BALANCED = 1e-9  # relative violation of detailed balance that rounding may make
FLICKER = 0.9  # part of the hops, undone at once, above which a run does little else
LAW = 0.10  # part by which the law of growth may be off: docs/growth.md


def checks_of(content):
    """All checks of a result, list of `Check`."""
    found = list(CHECKS[content["kind"]](content))
    tested = content.get("provenance", {}).get("random", {}).get("self_test")
    if tested is not None:
        said = "the kernel drew NumPy's words, and those of NumPy's own tests" if tested else "it failed: coble doctor"
        found.append(stated("random numbers pass their self-test", tested, said))
    if "interrupted" not in content:
        return found
    said = "interrupted: what is here was measured until then" if content["interrupted"] else "yes"
    return [stated("the run came to its end", not content["interrupted"], said, AMBER), *found]


def _discriminate(content):
    target = content["provenance"]["settings"]["target_error"]
    followed = []
    for wall in content["walls"]:
        name = wall["name"]
        for path, found in wall["paths"].items():
            yield compared(f"{name}: share of the {LABELS[path]}", found["share"], wall["exact"]["shares"][path], "1")
        yield compared(f"{name}: κ of wall and interface", wall["kappa_mS_cm"], wall["exact"]["kappa_mS_cm"], "mS/cm")
        total = sum(path["share"]["value"] for path in wall["paths"].values())
        yield stated(f"{name}: shares sum to 1", abs(total - 1) < 1e-6, f"{total:.9g}")
        control = sum(path["control"]["value"] for path in wall["paths"].values())
        yield stated(f"{name}: control coefficients sum to 1", abs(control - 1) < 1e-3, f"{control:.6g}")
        errors = [path["share"]["stderr"] for path in wall["paths"].values()]
        known = all(error is not None for error in errors)
        yield stated(
            f"{name}: every share is as exact as was asked",
            known and max(errors) <= target * 1.0001,
            f"largest standard error {max(errors):.2g}, asked {target:g}" if known else "too few blocks",
            AMBER,
        )
        for path, lags in wall.get("tracer_lags", {}).items():
            before, factor = lags["correlation_factor"][-2:]
            if lags not in followed and factor["stderr"] is not None:  # the bore's are the same behind every wall
                followed.append(lags)
                what = f"{name}: tracers of the {LABELS[path]}, f before the time from which it is taken"
                # Growth of squared ways in one interval scatters independently of that in another.
                yield compared(what, before, factor["value"], "1", spread=factor["stderr"])
        if waits := wall.get("waiting_times"):
            yield compared(f"{name}: mean wait × total propensity", waits["times_total_propensity"], 1.0, "1")
            p = waits["probability"]
            said = f"{waits['events']:,} waits, probability of so large a deviation {p:.2g}"
            yield stated(f"{name}: waiting times are exponential", p > UNLIKELY, said)
        yield from _agreeing(name, wall)
        correlated = [path for path, found in wall["paths"].items() if "correlated" in found["share"]["method"]]
        yield stated(
            f"{name}: blocks are independent",
            not correlated,
            f"not those of {', '.join(LABELS[path] for path in correlated)}: errors are too small"
            if correlated
            else "no correlation between neighbouring blocks",
            AMBER,
        )
    undone = [
        (each["value"], LABELS[path])
        for wall in content["walls"]
        for path, each in wall.get("undone_hops", {}).items()
        if each["value"] is not None
    ]
    if undone:
        most, where = max(undone)
        said = f"at most {100 * most:.1f} % of the hops are undone at once ({where})"
        yield stated("events are not lost to flicker", most < FLICKER, said, AMBER)


def _agreeing(name, wall):
    """Detailed balance of the rates; replicas beside each other, and the first half of the blocks beside the second."""
    imbalance = wall["run"].get("imbalance")
    if imbalance is not None:
        said = f"off by {imbalance:.1g} at most, relatively"
        yield stated(f"{name}: rates of all pairs are in detailed balance", imbalance < BALANCED, said)
    for key, what in (("replicas", "replicas agree"), ("halves", "the second half of the blocks is as the first")):
        known = [p for path in wall["paths"].values() if (p := (path.get("agreement") or {}).get(key)) is not None]
        if known:
            p = min(1.0, min(known) * len(known))  # the least likely of several
            yield stated(f"{name}: {what}", p > UNLIKELY, f"probability of so large a difference {p:.2g}")


def _plate(content):
    series, law = content["series"], content["law"]
    gained, given = series["atoms"][-1] - series["atoms"][0], series["inserted_minus_removed"][-1]
    yield stated("no atom is lost or made", gained == given, f"the tubule gained {gained:+,}, it was given {given:+,}")
    b, what = content["fit"]["b_nm2_s"], "B of L² = L₀² + 2Bt against the channel's conductance, a law good to 10 %"
    if b and series["overpotential_V"][0] > 0:
        found = compared(what, b, law["b_nm2_s"], "nm²/s", spread=LAW * law["b_nm2_s"])
        # The law knows no capillarity: narrow tubules are off it for good reasons.
        yield replace(found, light=AMBER) if found.light == RED else found
    elif b:
        yield Check(what, GREY, unit="nm²/s", said="the metal's own surface slows stripping, which the law leaves out")
    piece = content["crystal"]["in_largest_piece"]
    if any(content["crystal"]["first_neighbours"]):
        yield stated("the metal is one piece", piece > 0.95, f"{piece:.1%} of its atoms are in the largest", AMBER)
    dropped = content["run"]["hops_dropped_below_1_s"]
    fastest = max(content["run"]["mobilities_1_s"].values())
    yield stated(
        "hops that were left out are too slow to matter",
        dropped < 1e-6 * fastest,
        f"those below {dropped:.2g} 1/s, the fastest path has {fastest:.2g} 1/s",
        AMBER,
    )


def _experiment(content):
    for each in content["observables"]:
        for mechanism, predicted in each["predicted"].items():
            if predicted is not None:
                what = f"{each['label']}, {LABELS.get(mechanism, mechanism)} alone"
                yield compared(what, predicted, each["exact"][mechanism], each["unit"] or "1")
    for condition, measured in (content["speeds_nm_s"].get("seen") or {}).items():
        yield compared(f"speed as observed, {condition}", measured["measured"], measured["exact"], "nm/s")
    total = sum(content["probability"].values())
    yield stated("probabilities sum to 1", abs(total - 1) < 1e-6, f"{total:.9g}")


def _tune(content):
    for each in content["residuals"]:
        yield Check(
            each["target"],
            light_of(each["sigmas"]),
            each["model"]["value"],
            each["measured"],
            hypot(each["model"]["stderr"] or 0.0, each["measured_error"]),
            each["sigmas"],
            each["unit"] or "1",
        )
    unknown = content["unidentifiable"]
    yield stated("converged", content["converged"], f"after {len(content['chi2_by_batch'])} batches", AMBER)
    yield stated(
        "the targets determine every free rate",
        not unknown,
        f"not identifiable: {', '.join(unknown)}" if unknown else "yes",
        AMBER,
    )
    p = content["p_value"]
    if p is not None:
        yield stated(
            "the targets agree with each other and the model", p > UNLIKELY, f"probability of so large a χ²: {p:.2g}"
        )


CHECKS = {
    "discriminate": _discriminate,
    "plate": _plate,
    "experiment": _experiment,
    "tune": _tune,
    "sensitivity": report_tabled.sensitivity_checks,
    "creep": report_tabled.creep_checks,
    "design": report_tabled.design_checks,
    "campaign": report_campaign.checks,
}
