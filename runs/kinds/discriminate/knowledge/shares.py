"""What the shares of a wall are over the ranges of unknown numbers, beside what they are at the stated numbers.

A path's current is c D A times a factor close to 1, by which its neighbours help it; the factor comes from the exact
network that was solved at the stated numbers.  For other numbers the sum of all currents lies between that of the
paths by themselves (all exchange cut) and the dissipation of the solved potentials in the changed bonds (Dirichlet's
principle).  Both need no further solve, and bound what the factors leave out.
"""

from dataclasses import dataclass, field

import numpy as np

from coble.inputs.numbers.words import is_scale, words_of
from coble.kinds.discriminate.knowledge.structure_currents import structure_currents_of
from coble.kinds.discriminate.knowledge.words import sentence_of
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.kernel.segment import Segment
from coble.kmc.knowledge.priors import SAMPLES, correlations, groups_of, unit_cube
from coble.kmc.knowledge.shares import dominance, indices, quantiles, shares_of, turning_point
from coble.kmc.network.continuum import conductivity_mS_cm, siemens_metre
from coble.kmc.rates.table import rate_table
from coble.models.tubules.experiment_tubule import speed_per_conductance
from coble.models.tubules.knowledge import OCCUPANCY_KEY, of_currents, rectification, unknowns_of
from coble.models.tubules.tubule import exchange

BINS = 25  # of the distributions of shares that are stored


@dataclass(frozen=True)
class Currents:
    """The currents of the paths of a wall for any values of its numbers.

    Attributes
    ----------
    unknowns : Unknowns
        Those by which shares move, and the speed of the tip.
    region : dict of path → int
        Index of each path's region.
    helped : dict of path → float
        Exact current over c D A, at the stated numbers.
    alone : dict of path → float
        Conductance of the region by itself over c D A: 1, unless tracers were matched.
    power : float array (n_region, n_region)
        Dissipation of the solved network by pairs of regions [Å/s]; sums to its conductance.
    bonds : dict of int → float
        [1/s].
    """

    unknowns: object
    region: dict
    helped: dict
    alone: dict
    power: np.ndarray = field(repr=False)
    bonds: dict

    def conductances(self, values):
        """Of every path [Å/s], dict of path → float array."""
        found = self.unknowns.conductances(values)
        return {path: self.helped[path] * each for path, each in found.items()}

    def shares(self, values):
        return shares_of(self.conductances(values))

    def error(self, values):
        """Bound of what the factors leave out of the whole current, as a part of it: float array."""
        nominal, found = self.unknowns.conductances({}), self.unknowns.conductances(values)
        total = sum(self.conductances(values).values())
        low = sum(self.alone[path] * each for path, each in found.items())
        change = {path: found[path] / nominal[path] for path in found}
        high = 0.0
        for a, i in self.region.items():
            for b, j in self.region.items():
                g, h = self.bonds[i], self.bonds[j]
                more = change[a] * change[b] * (g + h) / (change[a] * g + change[b] * h)  # of the harmonic mean
                high = high + self.power[i, j] * (change[a] if a == b else more)
        return np.maximum(total - low, high - total) / total

    def ends(self, key):
        """Range in which a number is varied to find a turn; None: as far as `turning_point` goes."""

    def segment_of(self, host, values):
        """What the kernel simulates at some values of the numbers; sizes stay as they are.

        Raises
        ------
        RateRangeError
            When the rates are too far apart for one table.
        """
        nominal, moved = self.unknowns.conductances({}), self.unknowns.conductances(values)
        bonds = {self.region[path]: self.bonds[self.region[path]] * moved[path] / nominal[path] for path in moved}
        bonds = {kind: bonds[int(kind)] for kind in host.bonds}
        rates = rate_table(bonds, host.occupancy, exchange(host.case))
        return Segment(host.graph, rates, field_kT_per_A=host.field_kT_per_A)


@dataclass(frozen=True)
class Knowledge:
    """What is known of one wall, over the prior.

    Attributes
    ----------
    currents : Currents or StructureCurrents
    probability : dict of str → float
        That each path carries more than half; "none".
    values : dict of key → float array (n_sample,)
    shares : dict of path → float array (n_sample,)
    derived : dict of str → float array
        κ [mS/cm], conductance [S m], tip speed [nm/s].
    first, total : dict of path or str → float array (n_factor,)
        Sobol indices of every share, and of what is derived.
    turns : dict of key → (value, below, above) or None
    error : float
        Bound of `Currents.error` that holds for 95 % of the samples.
    checked : dict or None
    """

    currents: Currents
    probability: dict
    values: dict
    shares: dict
    derived: dict
    first: dict
    total: dict
    turns: dict
    error: float
    checked: dict | None = None

    @property
    def leader(self):
        """The path that carries most at the stated numbers."""
        nominal = self.currents.shares({})
        return max(nominal, key=nominal.get)

    @property
    def movers(self):
        """Keys of the numbers that move a share, tuple of str."""
        keys = enumerate(self.currents.unknowns.factors)
        return tuple(key for at, key in keys if any(self.total[path][at] > 0 for path in self.shares))

    @property
    def decides(self):
        """Key of the number that moves the leader's share most; None when nothing does."""
        total = dict(zip(self.currents.unknowns.factors, self.total[self.leader], strict=True)) if self.total else {}
        best = max(total, key=total.get, default=None)
        return best if best is not None and total[best] > 0 else None

    @property
    def sentence(self):
        """For the verdict."""
        return sentence_of(self)

    def as_dict(self):
        """For result.json."""
        return {
            "prior": {key: self._described(key) for key in self.currents.unknowns.factors},
            **({"regions": list(regions)} if (regions := self.currents.unknowns.regions) else {}),
            "probability": self.probability,
            "shares": {path: quantiles(share) for path, share in self.shares.items()},
            **{name: quantiles(values) for name, values in self.derived.items()},
            "sobol": self._indices(self.leader),
            "sobol_by_path": {path: self._indices(path) for path in self.shares},
            "sobol_by_quantity": {name: self._indices(name) for name in self.derived},
            "turns_at": {key: turn and turn[0] for key, turn in self.turns.items()},
            "turns": {key: turn and {"below": turn[1], "above": turn[2]} for key, turn in self.turns.items()},
            "decides": self.decides,
            "histogram": {
                path: np.histogram(share, BINS, (0.0, 1.0))[0].tolist() for path, share in self.shares.items()
            },
            "interpolation_error": self.error,
            "samples": len(next(iter(self.shares.values()))),
            "sentence": self.sentence,
            "checked": self.checked,
        }

    def _described(self, key):
        """The prior of a number, what is the same, and what is correlated with it: dict."""
        unknowns = self.currents.unknowns
        found = unknowns.prior[key].described() | {"nominal": unknowns.nominal[key], "unit": words_of(key)[1]}
        together = correlations(unknowns.prior).get(key, {})
        return found | {"ties": unknowns.ties(key)} | ({"correlation": together} if together else {})

    def _indices(self, path):
        keys = self.currents.unknowns.factors
        if not self.total:
            return {}
        found = {}
        for key, first, total in zip(keys, self.first[path].tolist(), self.total[path].tolist(), strict=True):
            together = list(self.currents.unknowns.together(key))
            found[key] = {"first": first, "total": total} | ({"together_with": together} if together else {})
        return found


def currents_of(host, solution):
    """The `Currents` of a wall whose network was solved.

    Parameters
    ----------
    host : TubuleHost
    solution : NetworkSolution
        `host.solve()`.
    """
    flux = {kind: region.flux_conductance for kind, region in host.regions.items()}
    name = {kind: region.name for kind, region in host.regions.items()}
    return Currents(
        of_currents(unknowns_of(host.case, host.index)),
        {name[kind]: int(kind) for kind in flux},
        {name[kind]: solution.path[kind] / flux[kind] for kind in flux},
        {name[kind]: host.alone[kind] / flux[kind] for kind in flux},
        solution.power,
        {int(kind): g for kind, g in host.bonds.items()},
    )


def knowledge_of(host, solution, n_sample=SAMPLES, **running):
    """What is known of a wall or structure: its `Knowledge`; None for a structure whose numbers have no ranges.

    Parameters
    ----------
    host : TubuleHost or StructureHost
    solution : NetworkSolution
    n_sample : int
        A power of two.
    running
        `should_stop` and `tell` of `structure_currents_of`.
    """
    if host.case.has_structure:
        currents = structure_currents_of(host, solution, **running)
        if currents is None:
            return None
    else:
        currents = currents_of(host, solution)
    return over_prior(host, currents, n_sample)


def over_prior(host, currents, n_sample=SAMPLES):
    """The `Knowledge` that follows from the currents of a wall or structure; parameters as of `knowledge_of`."""
    unknowns = currents.unknowns

    def printed(points):
        found = unknowns.at(points)
        return currents.shares(found) | derived(host, currents, found)

    n_factor = len(unknowns.factors)
    values = unknowns.at(unit_cube(n_factor, n_sample))
    shares = {path: np.broadcast_to(each, n_sample) for path, each in currents.shares(values).items()}
    columns = [[unknowns.factors.index(key) for key in group] for group in groups_of(unknowns.prior)]
    first, total = indices(printed, n_factor, together=columns) if n_factor else ({}, {})
    turns = {key: _turn(currents, key) for key in unknowns.factors}
    error = float(np.quantile(currents.error(values), 0.95))
    also = {name: np.broadcast_to(each, n_sample) for name, each in derived(host, currents, values).items()}
    return Knowledge(currents, dominance(shares), values, shares, also, first, total, turns, error)


def _turn(currents, key):
    """Where the verdict turns with one number; see `turning_point`."""
    unknowns = currents.unknowns

    def shares_at(x):
        found = currents.shares(unknowns.moved(key, x))
        return {path: np.broadcast_to(share, x.shape) for path, share in found.items()}

    return turning_point(shares_at, unknowns.nominal[key], is_scale(key), currents.ends(key))


def derived(host, currents, values):
    """κ, conductance and tip speed for some values: float arrays; the occupancy of the interface is in the speed."""
    found = currents.conductances(values)
    if host.case.has_structure:
        return {"conductance_S_m": sum(found.values()) * siemens_metre(1.0, host.case.conditions.temperature_K)}
    unknowns = currents.unknowns
    case, (_, bore, wall) = host.case, unknowns.sizes(values)
    to_S_m = siemens_metre(1.0, case.conditions.temperature_K)
    total = sum(found.values())
    known = {
        "kappa_mS_cm": conductivity_mS_cm((total - found.get("bulk", 0.0)) * to_S_m, wall),
        "conductance_S_m": total * to_S_m,
    }
    if case.tubule.filling == "metal":
        occupancy = values.get(OCCUPANCY_KEY, unknowns.nominal[OCCUPANCY_KEY])
        filled = {path: host.occupancy[currents.region[path]] for path in found} | {"interface": occupancy}
        # Each path feeds the tip with what its own carriers make of the drive, as in `coble plate` and `coble design`.
        driven = sum(each * rectification(filled[path], drive_of(case)) for path, each in found.items())
        shape = host.graph.shape
        known["tip_speed_nm_s"] = driven * speed_per_conductance(case, shape) * shape.bore_area / bore
    return known


def drive_of(case):
    """eU / k_B T of the section [experiment]."""
    return case.experiment.overpotential_V / (BOLTZMANN_EV_K * case.conditions.temperature_K)
