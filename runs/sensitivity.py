"""Degree of rate control: how every current of a tubule answers to every class of hops.

Exact: from the network and its adjoint (`kmc.network.responses`).  Here every class stands by itself: hops between two
regions do not follow when those inside a region change.  All rates twice as fast make every current twice as large, so
the coefficients of a current sum to 1, and those of a share to 0.
"""

from dataclasses import dataclass
from itertools import combinations

from kmc.network import responses
from lattices import Kind
from runs.benches import Condition, build
from runs.places import Place
from runs.rate_file import INSIDE

SHOWN = (Kind.INTERFACE, Kind.SURFACE, Kind.METAL, Kind.WALL)  # in this order
LEAST = 1e-9  # part of the whole current below which a path carries none


@dataclass(frozen=True)
class Sensitivities:
    """Attributes
    ----------
    where : str
        What the tubule is like.
    classes : tuple of str
        Classes of hops.
    control : dict of observable → list of float
        d ln J / d ln k of each class; of shares, d ln share / d ln k.
    """

    where: str
    classes: tuple
    control: dict


def sensitivities(case, void_fraction=0.0):
    """Rate control in the tubule of a case's first wall.

    Parameters
    ----------
    case : Case
    void_fraction : float
        Part of the way that is empty.

    Returns
    -------
    Sensitivities
    """
    place = Place(build(Condition("", case, void=void_fraction), 0), case)
    current, slope = responses(place.graph, place.bonds, place.between)
    names = {kind: name for name, kind in INSIDE.items()}
    pairs = [(a, a) for a in SHOWN if a in current]
    pairs += [(a, b) for a, b in combinations(SHOWN, 2) if a in current and any(s[a, b] for s in slope.values())]
    classes = tuple(names[a] if a == b else f"{names[a]}-{names[b]}" for a, b in pairs)
    total = sum(current.values())
    whole = [sum(s[pair] for s in slope.values()) / total for pair in pairs]
    control = {"total current": whole}
    for kind in (kind for kind in SHOWN if current.get(kind, 0.0) > LEAST * total):
        own = [float(slope[kind][pair]) / current[kind] for pair in pairs]
        control[f"current of {names[kind]}"] = own
        control[f"share of {names[kind]}"] = [a - b for a, b in zip(own, whole, strict=True)]
    where = f", void fraction {void_fraction:g}" if void_fraction else ""
    return Sensitivities(where, classes, control)
