"""What a report says of a campaign: headline, tables, checks and work, made from the content of campaign.json alone.

Everything here knows points that are waiting, begun or failed: a report can be made at any time.
"""

from collections import Counter

import numpy as np
from scipy.special import bdtr, ndtr, ndtri, stdtr

from coble.kinds.campaign import over_images
from coble.kinds.campaign.mechanism_map import FEWEST, UNDECIDED, dominant_of, few, is_map, mechanism_maps, share_of
from coble.kinds.campaign.values import shown, worded
from coble.render.bounds import loose, nearest, share_ends, spelled
from coble.render.lights import AMBER, GREEN, GREY, RED, Check, stated, together
from coble.render.names import LABELS, heading_of, phrase
from coble.render.numbers import counted, is_nought, listed, many, plain, power, rounded, typeset, with_error
from coble.render.table import Table, spread

DONE, FAILED, WAITING = "done", "failed", "waiting"
PARTS = ("value", "stderr", "n_eff")  # of an estimate, in the CSV of points
RARE = 0.05, 0.003  # probabilities of a largest deviation below which it is amber, and red
BAND = 2.0  # standard errors
ESTIMATES = {
    "conductance_S_m": "conductance [S·m]",
    "mean_speed_nm_s": "mean speed [nm/s]",
    "incubation_s": "first nucleus [s]",
    "filled_behind_tip": "filled behind the tip",
}


def headline(content):
    """How many points are done, and what they say, in one sentence."""
    counts = content["counts"]
    left = ", ".join(f"{n} {state}" for state, n in counts.items() if n and state != DONE)
    n = len(content["points"])
    done = f"All {n} points are done" if not left else f"{counts[DONE]} of {n} points are done, {left}"
    found = finding(content)
    return typeset(f"{done}{': ' * bool(found)}{found}.")


def finding(content):
    """What the points say; empty when they say nothing yet."""
    exact = [point for point in content["points"] if point["exact"]]
    if exact:
        dominant = Counter(dominant_of(point) for point in exact if point["state"] == DONE)
        undecided = dominant.pop(UNDECIDED, 0)
        n = len(content["points"])
        where = lambda k: f"{k} of {n} points" if k < n else "every point"  # noqa: E731
        parts = [
            f"{phrase(path)} {f'at {k}' if rank else f'leads at {where(k)}'}"
            for rank, (path, k) in enumerate(dominant.most_common())
        ]
        said = [", ".join(parts)] if parts else []
        said += [f"{undecided} {'is' if undecided == 1 else 'are'} undecided"] if undecided else []
        return "; ".join(said)
    names = _names(content)
    there = [point for point in content["points"] if names and names[0] in point["estimates"]]
    if not there:
        return ""
    low, high = (chosen(there, key=lambda p: p["estimates"][names[0]]["value"]) for chosen in (min, max))
    of = lambda point: f"{plain(point['estimates'][names[0]])} ({place_of(content, point)})"  # noqa: E731
    what = ESTIMATES.get(names[0], names[0])
    return f"{what} from {of(low)} to {of(high)}" if low is not high else f"{what} is {of(low)}"


def _names(content):
    """Names of the estimates, in their order."""
    return list(dict.fromkeys(name for point in content["points"] for name in point["estimates"]))


def place_of(content, point):
    """`wall = LiC6, inner width W = 20 nm`."""
    return worded(content, point["values"]) or "the case as it is"


def sentences(content):
    """What was varied, how well every point was to be known, and what failed."""
    setup = content["setup"]
    said = [f"{heading_of(key)}: {values}." for key, values in axes_of(content).items()]
    if setup["sampling"] != "grid":
        said.append(f"The axes were sampled as a {setup['sampling'].replace('-', ' ')}.")
    if setup["target_error"]:
        said.append(
            f"Replicas were added until the standard error of every share was below {setup['target_error']:g}, at most "
            f"{setup['most_replicas']}."
        )
    else:
        said.append(f"{counted(setup['replicas'], 'replica')} per point.")
    if setup["near"] is not None:
        n = sum(bool(point["estimates"]) for point in content["points"])
        said.append(
            f"Simulated only where the exact largest share is within {setup['near']:g} of one half, {n} points; the "
            "others have the exact answer."
        )
    failed = [point for point in content["points"] if point["error"]]
    said += over_images.sentences(content)
    return said + [f"Failed at {place_of(content, point)}: {point['error']}" for point in failed[:5]]


def unreached(content):
    """Points that are not done, the first of many, and how many replicas of those begun are there."""
    left = [point for point in content["points"] if point["state"] not in (DONE, FAILED)]
    for point in left[:5]:
        there = len(point["replicas"])
        yield place_of(content, point) + (f" (replicas: {there} of {content['setup']['replicas']})" if there else "")
    if len(left) > 5:
        yield f"{len(left) - 5} further points"


def varied(content):
    """What stands for numbers of the case: dict of key → str, empty for one that has no say."""
    return axes_of(content) | {"experiment.overpotential_V": ""}  # a campaign runs no experiments


def axes_of(content):
    """The values of every axis in words, dict of key → str."""
    found = {}
    for axis in content["setup"]["axis"]:
        values = list(dict.fromkeys(point["values"][axis["key"]] for point in content["points"]))
        if axis["values"] is None:
            found[axis["key"]] = f"{len(values)} values, {axis['low']:g} to {axis['high']:g} ({axis['spacing']})"
        else:
            found[axis["key"]] = ", ".join(shown(content, axis["key"], value) for value in values)
    return found


# ---- tables ------------------------------------------------------------------------------------------------------


def tables(content):
    """W* and boundaries of a map, then every point: list of `Table`."""
    maps = _maps(content)
    if any(found.equal_width for found in maps):
        yield _equal_widths(maps)
    if any(found.crossings for found in maps):
        yield _boundaries(maps)
    yield _points(content)


def _maps(content):
    """The maps of a campaign, if it is one over width and temperature."""
    return mechanism_maps(content) if is_map(content) else []


def _equal_widths(maps):
    rows, numbers = [], []
    for found in maps:
        for each in found.equal_width:
            known = (each["exact_nm"], each["theory_nm"])
            measured = {"value": each["value_nm"], "stderr": each["stderr_nm"]}
            rows.append(
                [found.name, f"{each['temperature_K']:g}", with_error(measured)]
                + [*(f"{value:.1f}" for value in known), f"{each['sigmas']:+.1f}"]
            )
            numbers.append([found.name, *each.values()])
    return Table(
        "W*, the width at which bulk carries as much as the interface",
        ["wall", "T [K]", "measured [nm]", "exact [nm]", "theory [nm]", "off by [σ]"],
        rows,
        note="Measured: W × interface / bulk, the mean over the widths that were simulated at this temperature.  "
        "Exact: from the network.  Theory: 4 D_i δ / D.  Without temperatures at which no bulk current was seen.",
        name="equal-widths",
        numbers=(["wall", *each], numbers),
    )


def _boundaries(maps):
    rows, numbers = [], []
    for found in maps:
        for each in found.crossings:
            width = each.along == "width"
            error = each.value * each.stderr if width else each.stderr
            unit, other = ("nm", "K") if width else ("K", "nm")
            measured, at = with_error({"value": each.value, "stderr": error}), rounded(each.at, 4 if width else 3)
            rows.append([found.name, LABELS[each.path], f"{each.along} [{unit}]", f"{at} {other}"])
            rows[-1] += [measured, f"{each.exact:.1f}", f"{each.sigmas:+.1f}"]
            numbers.append([found.name, each.path, each.along, each.at, each.value, error, each.exact, each.sigmas])
    return Table(
        "Boundaries: where a path carries half of the current",
        ["wall", "path", "along", "at", "measured", "exact", "off by [σ]"],
        rows,
        words=4,
        note="Between neighbours of the grid that were both simulated.",
        name="boundaries",
        numbers=(["wall", "path", "along", "at", "value", "stderr", "exact", "sigmas"], numbers),
    )


def _points(content):
    keys, names = list(axes_of(content)), _names(content)
    shares = {name: name.removeprefix("share.") for name in names if name.startswith("share.")}
    for point in content["points"]:
        shares |= {f"share.{path}": path for path in (point["exact"] or {"shares": ()})["shares"]}
    others = [name for name in names if name not in shares]
    replicas = [f"{len(point['replicas'])}" for point in content["points"]]
    beside = {"state": [point["state"] for point in content["points"]], "replicas": replicas}
    beside = {heading: cells for heading, cells in beside.items() if len(set(cells)) > 1}  # else a sentence says it
    rows, numbers = [], []
    for at, point in enumerate(content["points"]):
        found, exact = point["estimates"], (point["exact"] or {}).get("shares", {})
        row = [shown(content, key, point["values"][key]) for key in keys]
        number = [point["values"][key] for key in keys]
        row += [cells[at] for cells in beside.values()]
        number += [point["id"], point["state"], point["error"], len(point["replicas"]), point["events"]]
        for name, path in shares.items():
            ends = [100 * end for end in share_ends(point["exact"], path)] if path in exact else ()
            cell = with_error(found.get(name), 100) + "*" * few(found.get(name))
            row.append(cell + (f" ({spelled(ends)})" if ends else ""))
            number += [*spread(found.get(name), PARTS), exact.get(path)]
        for name in others:
            row.append(plain(found.get(name)) + "*" * few(found.get(name)))
            number += spread(found.get(name), PARTS)
        numbers.append(number)
        if point["state"] != WAITING or exact or replicas[at] != "0":  # of the others there is nothing to show
            rows.append(row)
    waiting = len(numbers) - len(rows)
    headings = [f"{LABELS[path]} (exact) [%]" for path in shares.values()]
    columns = [c for name, path in shares.items() for c in (*(f"{name}_{part}" for part in PARTS), f"exact.{path}")]
    columns += [f"{name}_{part}" for name in others for part in PARTS]
    return Table(
        "Points",
        [*map(heading_of, keys), *beside, *headings, *(ESTIMATES.get(name, name) for name in others)],
        rows,
        words=len(keys) + ("state" in beside),
        note="Measured ± standard error"
        + (", in brackets the exact network" if shares else "")
        + "; – where there is none."
        + (f"  Without {counted(waiting, 'point')} not begun." if waiting else "")
        + _few(content)
        + _noughts(content, shares)
        + _bounded(content),
        name="points",
        numbers=([*keys, "id", "state", "error", "replicas", "events", *columns], numbers),
    )


def _few(content):
    """What the asterisks say, a sentence; empty when there are none."""
    estimates = [each for point in content["points"] for each in point["estimates"].values() if few(each)]
    if not estimates:
        return ""
    low, high = (chosen(round(each["n_eff"]) for each in estimates) for chosen in (min, max))
    replicas = all(each["method"].endswith("replicas") for each in estimates)
    number = f"{low}" if low == high else f"{low} to {high}"
    return f"  * From {number} {'replicas' if replicas else 'blocks'}: error bar not reliable."


def _noughts(content, shares):
    """At how many points each share is consistent with 0, a sentence; empty when none is."""
    counts = [
        (LABELS[path], sum(is_nought(p["estimates"].get(name)) for p in content["points"]))
        for name, path in shares.items()
    ]
    told = [f"{path} at {counted(n, 'point')}" for path, n in counts if n]
    return f"  Consistent with 0: {listed(told)}." if told else ""


def _bounded(content):
    """A sentence on the points where the network is a bound, see `coble.render.bounds`; empty when there are none."""
    n = sum(bool(point["exact"]) and loose(point["exact"]) for point in content["points"])
    some = f"  At {n} of {len(content['points'])} points occupancies differ and the network is an upper bound: there "
    return some + "its share and that without exchange between regions are given." if n else ""


# ---- checks and work ---------------------------------------------------------------------------------------------


def checks(content):
    """That every point is there, and that what was measured agrees with what is exact."""
    counts, n = content["counts"], len(content["points"])
    yield stated("every point is done", counts[DONE] == n, f"{counts[DONE]} of {n}", AMBER)
    yield stated("no point failed", not counts[FAILED], f"{counts[FAILED]} failed" if counts[FAILED] else "none did")
    if not any(point["exact"] for point in content["points"]):
        return
    found = [deviates for point in content["points"] if (deviates := _deviates(point))]
    yield together("largest share against the exact network", [next(iter(deviates.values())) for deviates in found])
    yield _worst(content)
    maps = _maps(content)
    if equal := [width["sigmas"] for each in maps for width in each.equal_width]:
        yield together("W* against the exact network", equal)
    if sigmas := [crossing.sigmas for each in maps for crossing in each.crossings]:
        inside = sum(abs(z) < BAND for z in sigmas)
        chance = float(bdtr(inside, len(sigmas), 1 - 2 * ndtr(-BAND)))
        said = f"{inside} of {len(sigmas)} exact ones lie within two standard errors"
        yield stated("measured boundaries agree with the exact ones", chance > RARE[1], said, AMBER)
    target = content["setup"]["target_error"]
    errors = [_largest_error(point) for point in content["points"] if point["state"] == DONE and point["estimates"]]
    if target and errors:
        reached = sum(error <= target * 1.0001 for error in errors)
        yield stated(
            "every share reached the requested accuracy",
            reached == len(errors),
            f"{reached} of {len(errors)} points; largest standard error {max(errors):.2g}, asked {target:g}",
            AMBER,
        )


def _deviates(point):
    """Measured less exact shares of a point, as normal deviates as likely: dict of path → float, largest share first.

    An error from few blocks is itself uncertain: Student's distribution takes care of that.
    """
    found = {}
    exact = (point["exact"] or {"shares": {}})["shares"]
    for path in sorted(exact, key=exact.get, reverse=True):
        share = share_of(point, path)
        if share is not None and share.stderr > 0 and share.n_eff >= FEWEST:
            z = (share.value - nearest(share.value, share_ends(point["exact"], path))) / share.stderr
            found[path] = float(np.copysign(-ndtri(stdtr(share.n_eff - 1, -abs(z))), z))
    return found


def _worst(content):
    what = "the largest deviation of a share is no larger than chance gives"
    found = [(z, path, point) for point in content["points"] for path, z in _deviates(point).items()]
    if not found:
        return Check(what, GREY, said="no share was measured")
    z, path, point = max(found, key=lambda each: abs(each[0]))
    chance = float(-np.expm1(len(found) * np.log1p(-2 * ndtr(-abs(z)))))
    light = GREEN if chance > RARE[0] else AMBER if chance > RARE[1] else RED
    where, n = place_of(content, point), len(found)
    said = f"{z:+.1f} σ, {LABELS[path]} at {where}; of {n} one is so far off with a probability of {chance:.2g}"
    return Check(what, light, said=said)


def _largest_error(point):
    return max(each["stderr"] or np.inf for name, each in point["estimates"].items() if name.startswith("share."))


def work(content):
    """Where the events went, by the axes that are no numbers."""
    words = [key for key in axes_of(content) if any(isinstance(p["values"][key], str) for p in content["points"])]
    groups = {}
    for point in content["points"]:
        groups.setdefault(tuple(str(point["values"][key]) for key in words), []).append(point)
    rows, events = [], []
    for group, points in groups.items():
        events.append(sum(point["events"] for point in points))
        simulated, replicas = (sum(map(of, points)) for of in (_is_simulated, lambda p: len(p["replicas"])))
        rows.append(
            [*(group or ["all of them"]), f"{len(points):,}", f"{simulated:,}", f"{replicas:,}", many(events[-1])]
        )
    total = sum(events)
    yield Table(
        "Events",
        [*(words or [""]), "points", "simulated", "replicas", "events"],
        rows,
        words=len(words) or 1,
        parts=[number / total if total else 0.0 for number in events],
        note=f"{power(total)} events in all; the campaign ran for {content['seconds']:.0f} s.",
    )


def _is_simulated(point):
    return bool(point["replicas"])


def accelerated(content):
    """What was made faster than hop by hop, in a sentence."""
    if "growth" in content["base"]:
        return "The result.json of every replica says what was accelerated in it."
    exact = sum(bool(point["exact"]) and not point["replicas"] for point in content["points"])
    alone = f" {counted(exact, 'point')} {'has' if exact == 1 else 'have'} the exact answer alone." if exact else ""
    return f"Nothing: every hop was simulated.{alone}"


def effort(content):
    """(events, seconds) of all points."""
    return sum(point["events"] for point in content["points"]), content["seconds"]
