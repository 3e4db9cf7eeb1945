"""Currents of the regions of a structure over the ranges of its numbers, interpolated between exact networks.

A structure has no formula.  Its network is solved at points of the prior, and the logarithm of what every region
carries goes through them as a smooth function of the numbers, of their logarithms for scales.  What each point is off
when it is left out says how good that is.  Regions in parallel are exact: there the logarithms are straight lines.
"""

from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, log2

import numpy as np
from scipy.special import softmax

from coble.inputs.numbers.words import is_scale
from coble.kmc.kernel.segment import Segment
from coble.kmc.knowledge.priors import unit_cube
from coble.kmc.knowledge.shares import shares_of
from coble.models.host import StructureHost
from coble.models.structures.fault import StructureFault
from coble.models.structures.knowledge import unknowns_of_structure

NOTHING = 1e-9  # part of the whole current that is rounding
SEED = 72  # of the points


def points_of(n_factor):
    """Networks that are solved for so many numbers, int: a power of two."""
    return 2 ** ceil(log2(8 * (n_factor + 1)))


@dataclass(frozen=True)
class StructureCurrents:
    """The currents of the regions of a structure for any values of its numbers.

    Attributes
    ----------
    unknowns : StructureUnknowns
    region : dict of path → int
        Index of each region.
    solved : dict of key → float array (n_point,)
        Values at which the network was solved, the stated ones first.
    carried : dict of path → float array (n_point,)
        Exact, c D A [Å/s].
    """

    unknowns: object
    region: dict
    solved: dict = field(repr=False)
    carried: dict = field(repr=False)

    def conductances(self, values):
        """Of every path [Å/s], dict of path → float array."""
        found = np.exp(self._surface(self._places(values)))
        return dict(zip(self.carried, found.T, strict=True))

    def shares(self, values):
        return shares_of(self.conductances(values))

    def error(self, values):
        """What the share of a point is off by when the others give it; the same for all values."""
        n = len(np.atleast_1d(next(iter(values.values()), 0.0)))
        return np.full(n, self._left_out)

    def ends(self, key):
        """Range in which a number is varied to find a turn: that of the solved points."""
        return float(self.solved[key].min()), float(self.solved[key].max())

    def segment_of(self, host, values):
        """What the kernel simulates at some values of the numbers."""
        there = StructureHost(self.unknowns.case_at(values))
        start = there.start_of(there.graph, there.rates)
        return Segment(there.graph, there.rates, field_kT_per_A=there.field_kT_per_A, start=start)

    @property
    def _keys(self):
        return self.unknowns.factors

    def _places(self, values):
        """Coordinates of values between the solved points, float array (n, n_factor), of order 1."""
        nominal = self.unknowns.nominal
        columns = np.broadcast_arrays(*(np.atleast_1d(values.get(key, nominal[key])) for key in self._keys))
        found = [np.log(each) if is_scale(key) else each for key, each in zip(self._keys, columns, strict=True)]
        ends = [np.log(self.solved[key]) if is_scale(key) else self.solved[key] for key in self._keys]
        return np.array([(x - np.mean(each)) / np.ptp(each) for x, each in zip(found, ends, strict=True)]).T

    @cached_property
    def _logarithms(self):
        """ln of what is carried, float array (n_point, n_path); nothing counts as a tiny part."""
        table = np.array(list(self.carried.values())).T
        return np.log(np.maximum(table, NOTHING * table.sum(axis=1, keepdims=True)))

    @cached_property
    def _surface(self):
        return _through(self._places(self.solved), self._logarithms)

    @cached_property
    def _left_out(self):
        """95 % of the points have no share that is off by more, float."""
        places, logarithms = self._places(self.solved), self._logarithms
        off = []
        for at in range(1, len(places)):  # the stated numbers stay: they lie in the middle of the others
            kept = np.arange(len(places)) != at
            found = _through(places[kept], logarithms[kept])(places[at : at + 1])[0]
            off.append(np.abs(softmax(found) - softmax(logarithms[at])).max())
        return float(np.quantile(off, 0.95))


def _through(places, logarithms):
    """A smooth function through values at some places; a parabola and the rest, or a plane where points are few."""
    degree = 2 if len(places) > _of_parabola(places.shape[1]) else 1
    from scipy.interpolate import RBFInterpolator  # half a second, and tubules have no use for it

    return RBFInterpolator(places, logarithms, kernel="cubic", degree=degree)


def _of_parabola(n):
    """Coefficients of a parabola in so many dimensions."""
    return (n + 1) * (n + 2) // 2


def structure_currents_of(host, solution, should_stop=lambda: False, tell=lambda number, of: None):
    """The `StructureCurrents` of a structure; None when its numbers are exact, or when it was stopped.

    Points at which the numbers contradict each other are left out.

    Parameters
    ----------
    host : StructureHost
    solution : NetworkSolution
        At the stated numbers.
    should_stop, tell : callable
        `tell` gets the number of the network that is solved next, and how many there are.

    Raises
    ------
    ValueError
        When too few points have a network.
    """
    unknowns = unknowns_of_structure(host.case)
    if not unknowns.factors:
        return None
    region = {each.name: kind for kind, each in host.regions.items()}
    n = points_of(len(unknowns.factors))
    drawn = unknowns.at(unit_cube(len(unknowns.factors), n, SEED))
    kept, solutions = [unknowns.nominal], [solution]
    for number in range(n):
        if should_stop():
            return None
        tell(number + 1, n)
        values = {key: float(each[number]) for key, each in drawn.items()}
        try:
            solutions.append(StructureHost(unknowns.case_at(values)).solve())
        except StructureFault:
            continue
        kept.append(values)
    if len(kept) < len(unknowns.factors) + 3:
        raise ValueError(f"rates contradict each other at {n - len(kept) + 1} of {n} points of the ranges")
    return StructureCurrents(
        unknowns,
        region,
        {key: np.array([values[key] for values in kept]) for key in unknowns.factors},
        {name: np.array([found.path.get(kind, 0.0) for found in solutions]) for name, kind in region.items()},
    )
