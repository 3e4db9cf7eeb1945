"""Kinds of files that a user writes, told apart by the keys at their top."""

from coble.inputs.sections import Sections

CASE, TARGETS, RATES, CAMPAIGN = "case", "targets", "rates", "campaign"
OF_CAMPAIGN = {"axis", "sampling", "points", "replicas", "target_error", "most_replicas", "near"}
CALLED = {CASE: "a case", TARGETS: "a target file", RATES: "a rate table", CAMPAIGN: "a campaign"}


def kind_of(keys):
    """Region of a file with these keys, faulty or not: "case", "targets", "rates" or "campaign"."""
    if OF_CAMPAIGN.intersection(keys):
        return CAMPAIGN
    if {"target", "free", "case"}.intersection(keys):
        return TARGETS
    return RATES if "hop" in keys else CASE


def mistaken(keys, known):
    """What is wrong with a file that is of another kind than its reader; None when it is not, or some of it fits.

    Parameters
    ----------
    keys, known : collection of str
        That it has, and that its reader knows, at the top.

    Returns
    -------
    str or None
    """
    found, wanted = kind_of(keys), kind_of(known)
    if found == wanted or set(keys) & set(known) or (found == CASE and not set(keys) & set(Sections.model_fields)):
        return None
    advice = "give it to a command with --rates" if found == RATES else "`coble run` knows its command"
    return f"is {CALLED[found]}, not {CALLED[wanted]}: {advice}"
