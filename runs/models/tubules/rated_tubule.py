"""A tubule at one set of rates: its bonds, what they give exactly, and how that answers to every class of hops."""

from copy import copy
from dataclasses import replace
from functools import cached_property
from itertools import combinations

from coble.inputs.rate_table import CLASSES, INSIDE, NAMES
from coble.kmc.network import exact as network
from coble.kmc.network.continuum import conductivity_mS_cm, siemens_metre
from coble.kmc.rates.table import rate_table
from coble.lattices import Region
from coble.models.tubules.experiment_tubule import CASE, diffusivities_cm2_s, speed_per_conductance
from coble.models.tubules.tubule import exchange


class RatedTubule:
    """A tubule at one set of rates: its bonds, regions and the exact currents of its paths.

    Parameters
    ----------
    bench : ExperimentTubule
        At the rates of the start: graph and calibration, which do not depend on the rates.
    case : Case
        At the rates, and the temperature, that hold here.
    """

    def __init__(self, bench, case):
        self.graph, self.case, self.temperature_K = bench.graph, case, case.conditions.temperature_K
        now = diffusivities_cm2_s(case)
        self.regions = {k: replace(r, diffusivity_cm2_s=now[k]) for k, r in bench.regions.items()}
        self.every_bond = {k: g * now[k] / bench.regions[k].diffusivity_cm2_s for k, g in bench.bonds[CASE].items()}
        self.bonds = {kind: g for kind, g in self.every_bond.items() if self.graph.count(kind)}
        self.between = exchange(case)
        self.rates = rate_table(self.bonds, {k: self.regions[k].occupancy for k in self.bonds}, self.between)

    @cached_property
    def responses(self):
        """Currents of the paths, and their slopes by class of hops."""
        current, slope = network.responses(self.graph, self.bonds, self.between)
        return current, {kind: self._by_class(table) for kind, table in slope.items()}

    def _by_class(self, table):
        """∂J / ∂ ln of every class as the fit moves it: a bond between two regions follows both, and their exchange."""
        found = dict.fromkeys(CLASSES, 0.0)
        shell = (Region.INTERFACE, Region.SURFACE)
        for a in self.bonds:
            found[NAMES[a]] += table[a, a]
            for b in self.bonds:
                if a < b:
                    g, h = self.bonds[a], self.bonds[b]
                    found[NAMES[a]] += table[a, b] * h / (g + h)
                    found[NAMES[b]] += table[a, b] * g / (g + h)
                    if Region.WALL in (a, b) and (a in shell or b in shell):
                        found["interface-wall"] += table[a, b]
                    elif Region.BULK in (a, b):
                        found["interface-bulk"] += table[a, b]
        return found

    def faster(self, pair, factor):
        """The same tubule with one class of bonds better by a factor, and all others as they were.

        Parameters
        ----------
        pair : (Region, Region)
        factor : float
        """
        other, (a, b) = copy(self), pair
        vars(other).pop("responses", None)
        wanted = network.harmonic_table(self.bonds, self.between)
        wanted[a, b] = wanted[b, a] = wanted[a, b] * factor
        other.bonds = self.bonds | ({a: self.bonds[a] * factor} if a == b else {})
        plain = network.harmonic_table(other.bonds)
        other.between = {(i, j): wanted[i, j] / plain[i, j] for i, j in combinations(self.bonds, 2) if plain[i, j]}
        other.rates = rate_table(other.bonds, {k: self.regions[k].occupancy for k in self.bonds}, other.between)
        return other

    def scale(self, target):
        """The target's unit per Å/s."""
        if target.kind == "conductance":
            return siemens_metre(1.0, self.temperature_K)
        if target.kind == "kappa":
            return conductivity_mS_cm(siemens_metre(1.0, self.temperature_K), self.graph.shape.wall_area)
        return speed_per_conductance(self.case, self.graph.shape) if target.kind == "speed" else 1.0

    def read(self, target):
        """A target from the exact currents: its value, and ∂ / ∂ ln of every class's rate."""
        current, slope = self.responses
        total = sum(current.values())
        all_slopes = {name: sum(each[name] for each in slope.values()) for name in next(iter(slope.values()))}
        if target.kind == "share":
            own, share = slope[INSIDE[target.path]], current[INSIDE[target.path]] / total
            return share, {name: (own[name] - share * all_slopes[name]) / total for name in own}
        scale = self.scale(target)
        if target.kind == "conductance" and target.path:
            kind = INSIDE[target.path]
            return current[kind] * scale, {name: value * scale for name, value in slope[kind].items()}
        if target.kind == "kappa" and Region.BULK in current:
            metal = slope[Region.BULK]
            along = {name: (value - metal[name]) * scale for name, value in all_slopes.items()}
            return (total - current[Region.BULK]) * scale, along
        return total * scale, {name: value * scale for name, value in all_slopes.items()}
