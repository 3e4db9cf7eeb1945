"""What will not move, said before a run: hops that only rattle, sites that are cut off, regions without a way through.

A class of hops is idle when it takes a large part of the events and limits nothing: what it dissipates of the exact
current, which is also by how much the current answers to its rate, is a hundred times less than its part of the events.
Atoms then hop to and fro between few sites, and the events between two hops that matter are lost.

To know D to a relative error ε takes 2 / ε² hops in random directions: the variance of a mean square displacement.
Each of them costs as many events as happen while the net displacement spreads by one hop.
"""

from dataclasses import dataclass

import numpy as np

from coble.kmc.network.exact import fine_potentials
from coble.kmc.rates.barriers import shells_of
from coble.lattices.graph.percolation import clusters, percolating_regions

IDLE_EVENTS = 0.99  # said when idle classes take more than this part of the events
IDLE_CONTROL = 0.01  # of its part of the events: less control of the current, and a class is idle


@dataclass(frozen=True)
class HopClass:
    """Bonds between the same regions, of one length and about one rate.

    Attributes
    ----------
    name : str
    events : float
        Part of all events that they take.
    control : float
        ∂ ln(current) / ∂ ln(their conductance): the part of the dissipation that is theirs.
    """

    name: str
    events: float
    control: float


@dataclass(frozen=True)
class Idle:
    """What will not move.

    Attributes
    ----------
    classes : tuple of HopClass
        Idle ones, those with most events first; none when together they take at most 99 % of the events.
    events_needed : float
        For a D with the wanted error; infinite where nothing conducts.
    relative_error : float
        That error.
    cut_off : dict of str → int
        Sites of each region from which no chain of hops goes along the axis, where it does from others.
    closed : tuple of str
        Regions that do not percolate along the axis by themselves.
    """

    classes: tuple[HopClass, ...]
    events_needed: float
    relative_error: float
    cut_off: dict[str, int]
    closed: tuple[str, ...]

    @property
    def events(self):
        """Part of all events that idle classes take."""
        return sum(each.events for each in self.classes)

    def sentences(self, events_per_s=None):
        """All of it in words, one sentence each.

        Parameters
        ----------
        events_per_s : float, optional
            Speed of the program here: events become hours.
        """
        found = []
        if self.classes:
            names = " and ".join(each.name for each in self.classes)
            takes = "class {} takes" if len(self.classes) == 1 else "classes {} take"
            cost = f"{self.events_needed:.0e}".replace("e+", "e") + " events"
            if events_per_s:
                cost += f", {duration_text(self.events_needed / events_per_s)}"
            found.append(
                f"{takes.format(names)} {percent_text(self.events)} of the events and limits no net current; "
                f"{100 * self.relative_error:g} % error of D needs at least {cost}"
            )
        for region, number in self.cut_off.items():
            found.append(f"{number:,} sites of '{region}' are cut off: no chain of hops leads to what conducts")
        for region in self.closed:
            found.append(f"'{region}' does not percolate along the axis by itself")
        return found


def idle(lattice, rates, *, relative_error=0.01, potential=None):
    """What will not move in a lattice at these rates.

    Parameters
    ----------
    lattice : Lattice
    rates : RateTable or ClassRates
    relative_error : float
        Of D, that events are counted for.
    potential : float array (n_site,), optional
        ψ of the exact network, where it is known already [Å].

    Returns
    -------
    Idle
    """
    conductance = rates.edge_conductance(lattice)
    opened = conductance > 0
    whole = clusters(lattice, opened)
    cut = {}
    if whole.percolates.any():
        lost = np.bincount(lattice.region[~whole.site_percolates], minlength=lattice.n_region)
        cut = {lattice.regions[region]: int(lost[region]) for region in np.flatnonzero(lost)}
    closed = tuple(name for name, through in percolating_regions(lattice, opened).items() if not through)
    if not whole.percolates.any():
        return Idle((), np.inf, relative_error, cut, closed)
    step = lattice.steps_A[lattice.step_class]
    psi = fine_potentials(lattice, conductance) if potential is None else potential
    tension = step + psi[lattice.target] - psi[lattice.sources()]
    power, events = conductance * tension**2, conductance.sum()
    # What a hop moves the atoms for good is the tension of its bond: the step, and where it goes on from there.
    hop = np.average(tension**2, weights=power)
    needed = 2 / relative_error**2 * events * hop / power.sum()
    names, number = _hop_classes(lattice, conductance)
    parts = zip(
        names,
        np.bincount(number, conductance, len(names)) / events,
        np.bincount(number, power, len(names)) / power.sum(),
        strict=True,
    )
    found = [HopClass(name, float(part), float(control)) for name, part, control in parts]
    found = sorted((each for each in found if each.control < IDLE_CONTROL * each.events), key=lambda each: -each.events)
    if sum(each.events for each in found) <= IDLE_EVENTS:
        found = []
    shown = found[: 1 + int(np.searchsorted(np.cumsum([each.events for each in found]), IDLE_EVENTS))]
    return Idle(tuple(shown), float(needed), relative_error, cut, closed)


def _hop_classes(lattice, conductance):
    """Names of classes of hops, and the class of every edge, int array (n_edge,).

    A name says the regions, the length where the bonds between them have several, and the rate where those do.
    """
    here, there = lattice.region[lattice.sources()].astype(int), lattice.region[lattice.target].astype(int)
    pair = np.minimum(here, there) * lattice.n_region + np.maximum(here, there)
    length = np.zeros(lattice.n_edge) if lattice.shift is None else np.linalg.norm(lattice.hop_vectors_A, axis=1)
    shell = np.zeros(lattice.n_edge, dtype=np.int64)
    for each in np.unique(pair):
        shell[pair == each] = shells_of(length[pair == each])
    with np.errstate(divide="ignore"):
        decade = np.where(conductance > 0, np.floor(np.log10(conductance)), -400).astype(int)
    columns = np.stack([pair, shell, decade])
    low, size = columns.min(axis=1), np.ptp(columns, axis=1) + 1
    key = np.ravel_multi_index(columns - low[:, None], size)  # one number a bond: sorting rows takes ten times as long
    key, first, number = np.unique(key, return_index=True, return_inverse=True)
    kinds = np.stack(np.unravel_index(key, size), axis=1) + low
    names = []
    for (pair_of, shell_of, decade_of), edge in zip(kinds.tolist(), first, strict=True):
        a, b = (lattice.regions[each] for each in divmod(pair_of, lattice.n_region))
        name = a if a == b else f"{a}–{b}"
        same = kinds[:, 0] == pair_of
        if len(np.unique(kinds[same, 1])) > 1:
            name += f" of {length[edge]:.3g} Å"
        if np.count_nonzero(same & (kinds[:, 1] == shell_of)) > 1:
            name += f" at 1e{decade_of} 1/s"
        names.append(name)
    return names, number


def percent_text(part):
    """A part near 1 in per cent, with as many digits as tell it from 1: 99.97 %."""
    digits = 2 if part >= 1 else max(0, int(np.ceil(-np.log10(1 - part))) - 2)
    return f"{100 * part:.{min(digits, 10)}f} %"


def duration_text(seconds):
    """A time of computing in the unit that people would say it in."""
    for size, unit in ((365.25 * 86400, "years"), (86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (unit == "min" and seconds >= size):
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:.2g} s"
