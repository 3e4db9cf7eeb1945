"""Tables of what is known of each wall, made from the content of result.json alone."""

from coble.inputs.numbers.words import words_of
from coble.render.names import LABELS
from coble.render.numbers import listed, number_of, rounded, typeset
from coble.render.table import Table

ROUNDING = 1e-6  # of a share [%]: what is less comes from the digits of the computer


def known_walls(content):
    """The walls of a result that say what is known, list of dict."""
    return [wall for wall in content["walls"] if wall.get("knowledge")]


def summary(content):
    """What the paths of every wall carry over the ranges; yields a `Table`, or none."""
    walls = known_walls(content)
    if not walls:
        return
    paths = list(dict.fromkeys(path for wall in walls for path in wall["knowledge"]["probability"]))
    rows, numbers = [], []
    for wall in walls:
        known = wall["knowledge"]
        leader = max(wall["exact"]["shares"], key=wall["exact"]["shares"].get)
        decided = known["decides"]
        rows.append(
            [
                wall["name"],
                LABELS[leader],
                _range(known["shares"][leader]),
                *(_probability(known["probability"].get(path)) for path in paths),
                deciding(known) or "–",
                _turn(known, decided),
            ]
        )
        shares = known["shares"][leader]
        numbers.append(
            [wall["name"], leader, *shares.values(), *(known["probability"].get(path) for path in paths), decided]
            + [known["turns_at"].get(decided), known["interpolation_error"]]
        )
    yield Table(
        "Shares over the ranges of unknown numbers",
        ["wall", "leads", "its share [%]", *(f"P {LABELS[path]}" for path in paths), "decides", "turns at"],
        rows,
        words=2,
        note=_note(walls),
        name="knowledge",
        numbers=(
            ["wall", "leads", "share_p05", "share_p50", "share_p95", *(f"probability_{path}" for path in paths)]
            + ["decides", "turns_at", "interpolation_error"],
            numbers,
        ),
    )


def deciding(known):
    """Names of the number, or of the correlated ones, that move the leader's share most, str; empty for none."""
    key = known["decides"]
    keys = [key, *known["sobol"][key].get("together_with", ())] if key else []
    return listed([words_of(key, known.get("regions", ()))[0] for key in keys])


def _note(walls):
    checks = [
        f"{wall['name']}: simulated at {found['points']} points of the prior, rms z {found['rms_z']:.2f}."
        for wall in walls
        if (found := wall["knowledge"]["checked"])
    ]
    error = 100 * max(wall["knowledge"]["interpolation_error"] for wall in walls)
    good = f"{rounded(error, 1)} %" if error > ROUNDING else "rounding"
    said = (
        "Leads: the path that carries most at the stated numbers.  Its share: median, 5 to 95 % of the prior.  P: "
        "probability that the path carries more than half.  P no path: that none does.  Decides: the number that moves "
        f"the share most.  Turns at: its value at which the verdict changes.  Shares are good to {good}."
    )
    return typeset("  ".join([said, *checks]))


def unknowns(content):
    """What is not known, number by number: yields a `Table`."""
    rows, numbers = [], []
    for wall in known_walls(content):
        known = wall["knowledge"]
        for key, prior in known["prior"].items():
            name, unit = words_of(key, regions := known.get("regions", ()))
            index = known["sobol"].get(key, {"first": None, "total": None})
            speed = known.get("sobol_by_quantity", {}).get("tip_speed_nm_s", {}).get(key, {}).get("total")
            turn = known["turns_at"].get(key)
            label = f"{name} [{unit}]" if unit else name
            both = index["first"], index["total"]
            parts = map(_probability, (*both, speed))
            nominal = number_of(prior["nominal"])
            ranged = described(prior, regions)
            rows.append([wall["name"], label, nominal, ranged, *parts, number_of(turn), prior["source"]])
            numbers.append([wall["name"], key, prior["nominal"], ranged, *both, speed, turn])
    if rows:
        yield Table(
            "Unknown numbers",
            ["wall", "number", "stated", "range", "first", "total", "of speed", "turns at", "source"],
            rows,
            words=2,
            note="First and total: Sobol indices of the share of the path that leads at the stated numbers.  Of speed: "
            "total index of the speed of the tip.  Turns at: the value at which the verdict changes when this number "
            "alone is varied.",
            name="unknowns",
            numbers=(["wall", "number", "stated", "range", "first", "total", "total_of_speed", "turns_at"], numbers),
        )


def described(prior, regions=()):
    """The range of a number in a few words, which others are the same, and with which it is correlated."""
    match prior["form"]:
        case "log-uniform" | "uniform":
            found = f"{number_of(prior['low'])} to {number_of(prior['high'])}, {prior['form']}"
        case "log-normal":
            found = f"{number_of(prior['median'])}, factor {prior['factor']:.3g}"
        case "normal":
            found = f"{number_of(prior['mean'])} ± {number_of(prior['stderr'])}"
        case other:  # of an earlier version
            found = other
    same = [words_of(key, regions)[0] for key in prior.get("ties", ())]
    parts = [found, f"the same as {listed(same)}"] if same else [found]
    together = prior.get("correlation", {}).items()
    parts += [f"correlation {rho:.2f} with {words_of(key, regions)[0]}" for key, rho in together]
    return "; ".join(parts)


def _range(share):
    return f"{100 * share['p50']:.0f} ({100 * share['p05']:.0f} to {100 * share['p95']:.0f})"


def _probability(p):
    return "–" if p is None else f"{p:.2f}"


def _turn(known, key):
    if key is None or known["turns_at"][key] is None:
        return "–"
    return f"{rounded(known['turns_at'][key], 2)} {words_of(key)[1]}".strip()
