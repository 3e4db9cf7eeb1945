"""The steps of a run at constant current: what drives each, when it ends, and how long all of them may take.

A step goes on until its end is reached; then the next begins, and after the last the run is over, or the steps begin
again for the next cycle.  Whether a voltage is reached is judged by the mean over the last records, and so is the
limiting current: the root refused a good part of the atoms that were due, as it was full, or empty when stripping.
"""

from dataclasses import dataclass
from math import copysign, inf

import numpy as np

from coble.inputs.growth.steps import GrowthStep
from coble.kmc.constants import ELEMENTARY_CHARGE_C
from coble.kmc.growth.current import atoms_per_s, charge_fC, limiting_j
from coble.kmc.growth.kept import Kept
from coble.lattices import Region
from coble.models.tubules.tubule import NM

REFUSED = 0.2  # part of the atoms of a record from which on the current is said to be at its limit
UNEVEN = 0.05  # by which a channel's mean may miss that of an even fall, over the whole fall
VOLTAGE_DUE, LIMIT_DUE = 40, 200  # atoms that are due in the records that are judged
PA, MA_CM2_IN_PA_A2 = 1e-12, 1e-7  # 1 mA/cm² on 1 Å²
LEAST_WAY_NM = 0.5  # of metal, in the time that a step is thought to take
LIMIT = "limiting current"
LOOKS = 16  # at the root, in a record at rest


def steps_of(setup, area_A2):
    """Steps of a case, one after the other, its cycles in a row; nothing for a case without currents.

    Parameters
    ----------
    setup : GrowthSection
    area_A2 : float
        Of the packing [Å²].
    """
    if setup.step:
        return setup.step * max(setup.cycles, 1)
    current = setup.current_pA or (setup.current_mA_cm2 or 0.0) * area_A2 * MA_CM2_IN_PA_A2
    if not current:
        return ()
    ends = {"until_front_nm": setup.until_front_nm}, {"until_left_nm": setup.until_left_nm}
    there, back = (GrowthStep(current_pA=sign * current, **ends[sign * current < 0]) for sign in ((1, -1)))
    if setup.cycles:
        return (there, back) * setup.cycles
    return (there,)


@dataclass
class Program(Kept):
    """Steps, and where the one that is under way began.

    Attributes
    ----------
    steps : tuple of GrowthStep
    until_V : float or None
        A limit for all of them.
    since_s, since_atoms, since_record
        Time, atoms given less taken, and records, when the step began.
    limiting_pA : float or None
        Current that was accepted when the limit was reached.
    """

    steps: tuple
    until_V: float | None
    record_s: float
    since_s: float = 0.0
    since_atoms: int = 0
    since_record: int = 0
    limiting_pA: float | None = None

    KEPT = ("since_s", "since_atoms", "since_record", "limiting_pA")

    def begin(self, k, growth, n_record):
        """Begin step k."""
        step = self.steps[k]
        self.since_s, self.since_atoms, self.since_record = growth.time, growth.inserted_minus_removed, n_record
        self.drive(step, growth)

    def drive(self, step, growth):
        """Give the electrolyte the potential of a step, or the root its current."""
        if step.overpotential_V is not None:
            growth.feed.stop()
            growth.set_overpotential(step.overpotential_V)
            return
        growth.set_overpotential(None)
        rate = atoms_per_s((step.current_pA or 0.0) * PA)
        growth.feed.start(growth.time, rate, self.record_s / LOOKS)
        growth.chunk_left = 0

    def end_s(self, k):
        """When step k ends by time [s]; infinite if it does not."""
        time_s = self.steps[k].time_s
        return inf if time_s is None else self.since_s + time_s

    def reached(self, k, growth, series, n_record):
        """Why step k is over, in words; nothing while it goes on."""
        step, (void, front) = self.steps[k], growth.ends_nm()
        atoms = abs(growth.inserted_minus_removed - self.since_atoms)
        if step.time_s is not None and growth.time >= self.end_s(k) * (1 - 1e-12):
            return f"time_s = {step.time_s:g} s is over"
        if step.until_front_nm is not None and front >= step.until_front_nm:
            return f"tip reached until_front_nm = {step.until_front_nm:g} nm"
        if step.until_left_nm is not None and front - void <= step.until_left_nm:
            return f"length of the metal fell to until_left_nm = {step.until_left_nm:g} nm"
        if step.charge_fC is not None and charge_fC(atoms) >= step.charge_fC:
            return f"charge reached charge_fC = {step.charge_fC:g} fC"
        return self._of_the_last_records(step, growth, series, n_record)

    def _of_the_last_records(self, step, growth, series, n_record):
        """Ends that are judged by the last records of the step."""
        if not step.current_pA:
            return ""
        limit, last = self.until_V if step.until_V is None else step.until_V, n_record - 1
        first = self._back(series, last, VOLTAGE_DUE)
        # Of a limit for all steps those of its sign; a wall that fills is below 0 V while it is plated.
        fills = growth.model.wall_sites is not None and step.current_pA > 0
        if first is not None and limit is not None and (limit * step.current_pA > 0 or fills):
            full = (series.full_sum[last] - series.full_sum[first]) / (series.looks[last] - series.looks[first])
            volts = growth.feed.potential_V(growth.model.kT_eV, full, series.accepted_A(first, last))
            if (volts - limit) * copysign(1.0, step.current_pA) >= 0:
                return f"overpotential reached until_V = {limit:g} V"
        first = self._back(series, last, LIMIT_DUE)
        if first is None or series.refused[last] - series.refused[first] < REFUSED * self._due(series, first, last):
            return ""
        length_nm = np.mean((series.front_nm if step.current_pA > 0 else series.void_nm)[first : last + 1])
        if not _steady(np.mean(series.channel[first : last + 1], axis=0), length_nm, step.current_pA > 0):
            return ""
        self.limiting_pA = series.accepted_A(first, last) / PA
        return f"{LIMIT}: {abs(self.limiting_pA):.3g} pA at L = {length_nm:.3g} nm"

    def _back(self, series, last, due):
        """The newest record of the step since which so many atoms were due; None when there were fewer."""
        first = last - 1
        while first >= self.since_record and self._due(series, first, last) < due:
            first -= 1
        return first if first >= self.since_record else None

    def _due(self, series, first, last):
        """Atoms that were due between two records."""
        accepted = series.inserted_minus_removed[last] - series.inserted_minus_removed[first]
        return abs(accepted) + series.refused[last] - series.refused[first]


def _steady(channel, length_nm, plates):
    """Whether the channel falls from its root evenly, as one that carries all that it can.

    A current far above the limit fills the root, or empties it, before the channel follows.  What the root takes until
    then is no limit.

    Parameters
    ----------
    channel : float array (n,)
        Occupancy along the axis in bins of 1 nm.
    length_nm : float
        From the root to the metal's end.
    plates : bool
    """
    n = int(length_nm)
    if n < 2:
        return False
    root, far = float(plates), channel[n - 1]
    return abs(np.mean(channel[:n]) - far) >= (0.5 - UNEVEN) * abs(root - far)


def atoms_per_nm(graph):
    """Metal sites of all bores per length [1/nm]; half a spacing beyond either end is theirs."""
    metal = (graph.region == Region.BULK) & (graph.bore >= 0)
    planes = np.unique(graph.height[metal])
    length_A = np.ptp(planes) * graph.unit * len(planes) / (len(planes) - 1)
    return float(np.count_nonzero(metal) / length_A) * NM


def limits_pA_nm(law, growth):
    """Current times length that the channel carries at most, when plating and when stripping [pA nm].

    From the law's B: j = e I L / (g k_BT) is L dL/dt over B of a response of 1.
    """
    per_j = law["b_nm2_s"] / law["response"] * atoms_per_nm(growth.graph) * ELEMENTARY_CHARGE_C / PA
    x = growth.model.channel_occupancy
    return [abs(limiting_j(x, plates)) * per_j for plates in (True, False)]


def record_s(setup, steps, law, growth):
    """Time between two records [s]: the times that all steps may take over `records`.

    A step that ends where the metal is takes atoms × e / I, one that ends at a voltage at most until its current is
    the limiting one.
    """
    limits, per_nm = limits_pA_nm(law, growth), atoms_per_nm(growth.graph)
    void, front, total = setup.metal_from_nm, setup.metal_to_nm, 0.0
    for step in steps:
        current = step.current_pA
        if step.time_s is not None:
            total += step.time_s
        elif current is None:
            total += law["time_s"]
        elif step.charge_fC is not None:
            total += step.charge_fC * 1e-15 / abs(current * PA)
        else:
            reach = limits[current < 0] / abs(current)
            if current > 0:
                end = setup.depth_nm if step.until_front_nm is None else step.until_front_nm
                begin, front = front, min(end, max(reach, front))
                way = abs(front - begin)
            else:
                begin, void = void, min(front - (step.until_left_nm or 0.0), max(reach, void))
                way = abs(void - begin)
            total += max(way, LEAST_WAY_NM) * per_nm / atoms_per_s(abs(current) * PA)
    return total / setup.records
