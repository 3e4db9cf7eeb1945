"""What a report says in words: the verdict in one sentence, and more of them.

Made from the content of result.json, or of campaign.json, alone.
"""

from coble.kinds.campaign import tables as report_campaign
from coble.render.names import LABELS
from coble.render.table import plain, typeset
from coble.render.terminal import with_error
from coble.reports import tabled as report_tabled
from coble.reports.paths import carried

KINDS = {
    "discriminate": "shares of the paths",
    "plate": "metal that grows or shrinks",
    "experiment": "experiment that tells mechanisms apart",
    "tune": "rates from measured numbers",
    "sensitivity": "degree of rate control",
    "creep": "creep of grains",
    "design": "from tubule to cell",
    "campaign": "campaign",
}


def headline(content):
    """The verdict in one sentence."""
    return HEADLINES[content["kind"]](content)


def sentences(content):
    """What else there is to say, list of str."""
    return SENTENCES[content["kind"]](content)


def _walls(content):
    walls = content["walls"]
    if not walls:
        return "Interrupted before anything was measured."
    missing = [wall["name"] for wall in content["provenance"]["case"]["wall"][len(walls) :]]
    rest = f" Interrupted before {_listed(missing)}." if content["interrupted"] and missing else ""
    if len(walls) == 1:
        return walls[0]["verdict"]["sentence"] + rest
    names = {}
    for wall in walls:
        names.setdefault(wall["verdict"]["dominant"], []).append(wall["name"])
    undecided = names.pop(None, [])
    parts = [f"the {LABELS[path]} in {_listed(found)}" for path, found in names.items()]
    said = f"Most of the current is carried by {', by '.join(parts)}" if parts else ""
    if undecided:
        said += ("; " if said else "Undecided: ") + f"{_listed(undecided)} {'is' if len(undecided) == 1 else 'are'} "
        said += "undecided" if parts else "without a path that carries more than half of the current"
    return f"{said}.{rest}"


def _listed(names):
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _growth(content):
    series, setup = content["series"], content["provenance"]["case"]["growth"]
    species = content["provenance"]["case"]["metal"]["species"]
    time, gained = f"{series['time_s'][-1] * 1e6:.3g} µs", series["atoms"][-1] - series["atoms"][0]
    if setup["cycles"]:
        verb = "lost" if gained < 0 else "gained"
        return f"{content['half_cycles']} half cycles in {time}; the tubule {verb} {abs(gained):,} atoms of {species}."
    front, void = series["front_nm"], series["void_nm"]
    if series["overpotential_V"][0] < 0:
        said = f"{species} was stripped: the void grew from {void[0]:.1f} to {void[-1]:.1f} nm in {time}"
    elif setup["side"] == "outside":
        said = f"A film of {species} grew from {front[0]:.1f} to {front[-1]:.1f} nm in {time}"
    else:
        said = f"{species} grew from {front[0]:.1f} to {front[-1]:.1f} nm in {time}"
    shares = carried(content)
    best = max(shares, key=lambda path: shares[path].value, default=None)
    if best and shares[best].value > 0.5 and shares[best].stderr < 0.2:
        said += f"; the {LABELS[best]} carried {with_error(shares[best].as_dict(), 100)} % of the net current"
    return f"{said}{', until it was interrupted' if content['interrupted'] else ''}."


def _growth_more(content):
    said = [f"Ended because: {content['reason']}."]
    b, law = content["fit"]["b_nm2_s"], content["law"]["b_nm2_s"]
    if b:
        ratio = {"value": b["value"] / law, "stderr": (b["stderr"] or 0.0) / law}
        said.append(
            f"B of L² = L₀² + 2Bt is {typeset(plain(b))} nm²/s, {with_error(ratio)} of what the channel's conductance "
            "gives."
        )
    if content["incubation_s"]:
        said.append(f"Metal nucleated after {typeset(format(content['incubation_s'], '.3g'))} s.")
    if any(content["series"]["atoms_outside"]):
        said.append(f"{content['series']['atoms_outside'][-1]:,} atoms are outside of the tubule.")
    if content["slips"]:
        said.append(f"The plug slipped {content['slips']:,} times.")
    return said


def _tuned(content):
    """Sentences about a tuning, a contradiction first; those of result.json end with two spaces."""
    words = sorted(content["words"], key=lambda word: not word.startswith("The targets contradict"))
    said = [part.strip().rstrip(".") + "." for word in words for part in word.split(".  ")]
    return [typeset(part.replace("chi2", "χ²")) for part in said] or [
        "These are the rates that give what was measured."
    ]


def _tune_headline(content):
    first, known = _tuned(content)[0], set(content["rates"]) - set(content["unidentifiable"])
    if not (content["converged"] and known and first.startswith("Converged")):
        return first
    rates = [f"{name.replace('-', '–')} {typeset(plain(content['rates'][name]))} 1/s" for name in sorted(known)]
    return f"{first.rstrip('.')}: {_listed(rates)}."


HEADLINES = {
    "discriminate": _walls,
    "plate": _growth,
    "experiment": lambda content: content["verdict"]["sentence"],
    "tune": _tune_headline,
    "sensitivity": report_tabled.sensitivity_headline,
    "creep": report_tabled.creep_headline,
    "design": report_tabled.design_headline,
    "campaign": report_campaign.headline,
}
SENTENCES = {
    "discriminate": lambda content: [w["verdict"]["sentence"] for w in content["walls"] if len(content["walls"]) > 1],
    "plate": _growth_more,
    "experiment": lambda content: [],
    "tune": lambda content: _tuned(content)[1:],
    **dict.fromkeys(report_tabled.PRINTED, report_tabled.sentences),
    "campaign": report_campaign.sentences,
}


def accelerated(content):
    """What was made faster than hop by hop, in a sentence."""
    if content["kind"] == "plate":
        return content["accelerated"] or "Nothing: every hop was simulated."
    if content["kind"] == "campaign":
        return report_campaign.accelerated(content)
    if content["kind"] == "design" or content.get("settings") == {}:
        return "Nothing was simulated hop by hop."
    case = content.get("provenance", {}).get("case", {})
    if case.get("growth", {}).get("ahead_nm") and content["kind"] in ("sensitivity", "tune"):
        ahead_nm = case["growth"]["ahead_nm"]
        return f"Where metal grows, all that is more than {ahead_nm:g} to {2 * ahead_nm:g} nm ahead of it sleeps."
    if content["kind"] == "tune":
        return "Nothing: every hop of every batch was simulated; derivatives come from the exact network."
    return "Nothing: every hop was simulated, none rejected."
