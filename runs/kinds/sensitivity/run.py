"""Degree of rate control: how what a tubule does answers to every class of hops.

Here exactly, from the network and its adjoint (`coble.kmc.network.exact.responses`); from runs in
`coble.kinds.sensitivity.measured`.
Every class stands by itself: hops between two regions do not follow when those inside a region change.  All rates twice
as fast make every current twice as large, so the coefficients of a current sum to 1, and those of a share to 0.
"""

from dataclasses import dataclass
from itertools import combinations
from math import hypot

from coble.inputs.rate_table import NAMES
from coble.kmc.estimates.estimate import Estimate, exactly
from coble.kmc.network.exact import lower_bound, responses
from coble.lattices import Region
from coble.models.tubules.experiment_tubule import Condition, build
from coble.models.tubules.rated_tubule import RatedTubule
from coble.models.tubules.tubule import unbuildable

SHOWN = (Region.INTERFACE, Region.SURFACE, Region.BULK, Region.WALL)  # in this order
LEAST = 1e-9  # part of the whole current below which a path carries none
TOTAL = "total current"


@dataclass(frozen=True)
class Sensitivities:
    """Attributes
    ----------
    void_fraction : float
        Part of the way that is empty.
    classes : tuple of str
        Classes of hops.
    control : dict of observable → list of Estimate
        d ln X / d ln k of each class.
    rule : dict of observable → float or None
        What they sum to when all rates are multiplied: 1 for what is per time, 0 for shares, -1 for a time; None where
        no rule holds.
    settings : dict
        Of the runs behind it; empty when it is exact.
    interrupted : bool
    not_reached : tuple of str
        Classes of an interrupted one.
    between : (float, float)
        Of exact ones: bounds of the interacting gas's total conductance over the network's, see
        `coble.kmc.network.exact.bounds`.
    case : Case
    """

    void_fraction: float
    classes: tuple
    control: dict
    rule: dict
    settings: dict
    interrupted: bool = False
    not_reached: tuple = ()
    between: tuple = (1.0, 1.0)
    case: object = None

    def sum(self, observable):
        """Sum over the classes, whose errors are independent."""
        each = self.control[observable]
        method = "sum of " + each[0].method if each else ""
        error = hypot(*(e.stderr for e in each))
        return Estimate(sum(e.value for e in each), error, min((e.n_eff for e in each), default=0), method)


def pairs_of(place):
    """Classes of hops of a place, dict of name → (Region, Region), in the order in which they are shown."""
    there = [kind for kind in SHOWN if kind in place.bonds]
    source = place.graph.region[place.graph.sources()]
    joined = {(int(a), int(b)) for a, b in zip(source, place.graph.region[place.graph.target], strict=True) if a != b}
    inside = {NAMES[a]: (a, a) for a in there}
    return inside | {f"{NAMES[a]}-{NAMES[b]}": (a, b) for a, b in combinations(there, 2) if (a, b) in joined}


def sensitivities(case, void_fraction=0.0):
    """Exact rate control in the tubule of a case's first wall.

    Parameters
    ----------
    case : Case
    void_fraction : float
        Part of the way that is empty.

    Returns
    -------
    Sensitivities
        Of the total current, of every path's current, and of every path's share.
    """
    place = place_of(case, void_fraction)
    pairs = pairs_of(place)
    current, slope = responses(place.graph, place.bonds, place.between)
    total = sum(current.values())
    control = {TOTAL: [sum(s[pair] for s in slope.values()) / total for pair in pairs.values()]}
    rule = {TOTAL: 1.0}
    for kind in (kind for kind in SHOWN if current.get(kind, 0.0) > LEAST * total):
        own = [float(slope[kind][pair]) / current[kind] for pair in pairs.values()]
        control[f"current of {NAMES[kind]}"], rule[f"current of {NAMES[kind]}"] = own, 1.0
        share = [a - b for a, b in zip(own, control[TOTAL], strict=True)]
        control[f"share of {NAMES[kind]}"], rule[f"share of {NAMES[kind]}"] = share, 0.0
    method = "network and its adjoint"
    estimates = {name: [exactly(value, method) for value in values] for name, values in control.items()}
    occupancy = {kind: place.regions[kind].occupancy for kind in place.bonds}
    low = lower_bound(place.graph, place.bonds, occupancy, place.between) / total
    return Sensitivities(void_fraction, tuple(pairs), estimates, rule, {}, between=(min(low, 1.0), 1.0), case=case)


def place_of(case, void_fraction):
    """The tubule of a case's first wall, with a void."""
    return RatedTubule(build(Condition("", case, void=void_fraction), 0), case)


def refusals(case, command="sensitivity"):
    """Why a case is refused before any work, list of str."""
    reason = unbuildable(case, *((case.growth.depth_nm,) if case.grows else ()))
    return [reason] if reason else []
