"""What is known of a wall, in words: the second sentence of its verdict."""

from coble.inputs.numbers.words import words_of
from coble.kmc.knowledge.priors import correlations
from coble.kmc.knowledge.shares import NONE
from coble.render.names import LABELS, phrase
from coble.render.numbers import listed, rounded, typeset

OPEN = 0.005  # of a probability that is printed as 0.00


def sentence_of(known):
    """With which probability a path carries more than half, and which number decides; `known` is a `Knowledge`."""
    movers, probability, regions = known.movers, known.probability, known.currents.unknowns.regions
    if not movers:
        return "All numbers that move a share are taken as exact."
    others = ", ".join(f"{LABELS[path]} {p:.2f}" for path, p in probability.items() if path != known.leader)
    found = (
        f"Given the ranges of {_listed(movers, regions)}, {phrase(known.leader)} carries more than half with "
        f"probability {probability[known.leader]:.2f} ({others})."
    )
    return f"{found} {_deciding(known)}" if known.decides else found


def _deciding(known):
    """Which number decides, or which correlated ones together, and where the verdict turns.

    It turns there by this number alone: over the ranges of all, it may turn where none of them turns it by itself.
    """
    if others := known.currents.unknowns.together(known.decides):
        return _deciding_together(known, (known.decides, *others))
    regions = known.currents.unknowns.regions
    name, unit = words_of(known.decides, regions)
    same = [words_of(other, regions)[0] for other in known.currents.unknowns.ties(known.decides)]
    head = name[:1].upper() + name[1:] + (f", the same as {listed(same)}," if same else "")
    alone = "with the others as stated, " if len(known.movers) > 1 else ""
    turn = known.turns[known.decides]
    if turn is None:
        where = " in its range" if known.currents.ends(known.decides) else ""
        return f"{head} matters most, but {alone}no value of it{where} turns the verdict."
    value, below, above = turn
    at = typeset(f"{rounded(value, 2)} {unit}".strip())
    prior = known.currents.unknowns.prior[known.decides]
    if float(prior.ppf(0.001)) <= value <= float(prior.ppf(0.999)):
        side, path = ("below", below) if below != NONE else ("above", above)
        return f"{head} decides: {alone}{side} {at} {phrase(path)} carries more than half."
    side, path = ("below", below) if below != known.leader else ("above", above)
    who = "no path" if path == NONE else phrase(path)
    return f"{head} matters most: {alone}{who} carries more than half {side} {at}, outside its range."


def _deciding_together(known, keys):
    """Numbers that are correlated are one factor: no one of them decides by itself."""
    rho = correlations(known.currents.unknowns.prior)[keys[0]]
    how = f"correlated {rho[keys[1]]:.2f}" if len(keys) == 2 else "which are correlated"
    named = listed([words_of(key, known.currents.unknowns.regions)[0] for key in keys])
    verb = "decide" if OPEN < known.probability[known.leader] < 1 - OPEN else "matter most"
    return f"{named[:1].upper()}{named[1:]}, {how}, {verb} together."


def _listed(keys, regions):
    """Names of what is not known, those of diffusivities together."""
    names = [words_of(key, regions)[0] for key in keys]
    of_D = any(name.startswith("D of ") for name in names)
    rest = [name for name in names if not name.startswith("D of ")]
    return " and ".join(filter(None, ("D" if of_D else "", ", ".join(rest))))
