"""What a report says in words: the verdict in one sentence, and more of them.

Made from the content of result.json, or of campaign.json, alone.
"""

from coble.kinds.campaign import tables as report_campaign
from coble.render.names import LABELS
from coble.render.numbers import plain, typeset
from coble.render.numbers import with_error
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


def _listed(names):
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


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
