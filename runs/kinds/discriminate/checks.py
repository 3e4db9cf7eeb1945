"""Checks of shares, made from the content of result.json alone."""

from coble.kinds.discriminate.knowledge.checks import checks_of_knowledge
from coble.render import bounds
from coble.render.lights import AMBER, compared, stated
from coble.render.names import phrase, spoken

BALANCED = 1e-9  # relative violation of detailed balance that rounding may make
FLICKER = 0.9  # part of the hops, undone at once, above which a run does little else
UNLIKELY = 1e-4  # probability below which a deviation is no chance


def checks(content):
    target = content["provenance"]["settings"]["target_error"]
    followed = []
    for wall in content["walls"]:
        name, exact = wall["name"], wall["exact"]
        for path, found in wall["paths"].items():
            yield bounds.within(f"{name}: share of {phrase(path)}", found["share"], bounds.share_ends(exact, path), "1")
            if found.get("expected_share"):
                what = f"{name}: share of {phrase(path)}, counted hops against the rates of all hops"
                other = found["expected_share"]
                yield compared(what, found["share"], other["value"], "1", spread=other["stderr"])
        if wall["kappa_mS_cm"]:
            yield bounds.within(f"{name}: conductivity κ", wall["kappa_mS_cm"], bounds.kappa_ends(exact), "mS/cm")
        known, total = sum(exact.get("conductance_S_m", {}).values()), wall.get("total_conductance_S_m")
        if known and total:
            part = {key: total[key] and total[key] / known for key in ("value", "stderr")} | {"n_eff": total["n_eff"]}
            yield bounds.within(
                f"{name}: conductance of all paths over the network's", part, bounds.total_ends(exact), "1"
            )
        total = sum(path["share"]["value"] for path in wall["paths"].values())
        yield stated(f"{name}: shares sum to 1", abs(total - 1) < 1e-6, f"{total:.9g}")
        control = sum(path["control"]["value"] for path in wall["paths"].values())
        yield stated(f"{name}: control coefficients sum to 1", abs(control - 1) < 1e-3, f"{control:.6g}")
        errors = [path["share"]["stderr"] for path in wall["paths"].values()]
        known = all(error is not None for error in errors)
        yield stated(
            f"{name}: every share reached the requested accuracy",
            known and max(errors) <= target * 1.0001,
            f"largest standard error {max(errors):.2g}, asked {target:g}" if known else "too few blocks",
            AMBER,
        )
        for path, lags in wall.get("tracer_lags", {}).items():
            before, factor = lags["correlation_factor"][-2:]
            if lags not in followed and factor["stderr"] is not None:  # the bore's are the same behind every wall
                followed.append(lags)
                what = f"{name}: tracers of {phrase(path)}, f before the time from which it is taken"
                # Growth of squared ways in one interval scatters independently of that in another.
                yield compared(what, before, factor["value"], "1", spread=factor["stderr"])
        if waits := wall.get("waiting_times"):
            yield compared(f"{name}: mean wait × total propensity", waits["times_total_propensity"], 1.0, "1")
            p = waits["probability"]
            said = f"{waits['events']:,} waits, probability of so large a deviation {p:.2g}"
            yield stated(f"{name}: waiting times are exponential", p > UNLIKELY, said)
        yield from _agreeing(name, wall)
        yield from checks_of_knowledge(name, wall)
        correlated = [path for path, found in wall["paths"].items() if "correlated" in found["share"]["method"]]
        yield stated(
            f"{name}: blocks are independent",
            not correlated,
            f"not those of {', '.join(spoken(path) for path in correlated)}: errors are too small"
            if correlated
            else "no correlation between neighbouring blocks",
            AMBER,
        )
    undone = [
        (each["value"], spoken(path))
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
