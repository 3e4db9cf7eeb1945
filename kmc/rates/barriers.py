"""Barriers as users have them, made rates of directed edges: rules for pairs of regions, or a table of site pairs.

A rule holds for the hops from one region to another, or inside one.  Where hops of one pair differ, a rule names a
direction, or a class, and then goes before the rule that names neither.  A direction is Cartesian, in the frame of
the lattice's positions, since then it is the same in a primitive cell and in a supercell; a hop and its opposite have
one direction.  A class is the number of the shell of equal bond length among the bonds of that pair, the shortest 0.

What comes back from region to region is a rule of its own, or follows from the occupancies of the two regions.
"""

from dataclasses import dataclass

import numpy as np

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.digits import exp_of_each
from coble.kmc.rates.arrhenius import arrhenius

SAME_LENGTH_A = 0.01  # lengths that differ by less are one shell: basal and pyramidal bonds of Mg differ by 0.012 Å
SAME_DIRECTION = np.cos(np.radians(5.0))  # structures are relaxed


class BarrierFault(ValueError):
    """A rule, or a row of a table, that cannot be.

    Attributes
    ----------
    index : int
        Of the rule, or of the row, from 0.
    """

    def __init__(self, index, message):
        super().__init__(message)
        self.index = index


@dataclass(frozen=True)
class BarrierRule:
    """Rate of the hops of one kind; two of the last three numbers give the third.

    Attributes
    ----------
    between : (str, str)
        Regions: hops go from the first to an empty site of the second.
    direction : (float, float, float) or None
        Cartesian, of any length, in the frame of the lattice; hops within 5° of it or of its opposite.
    shell : int or None
        Class of equal bond length, 0 for the shortest.
    rate_1_s, prefactor_1_s, barrier_eV : float or None
        [1/s], [1/s], [eV]
    """

    between: tuple[str, str]
    direction: tuple[float, float, float] | None = None
    shell: int | None = None
    rate_1_s: float | None = None
    prefactor_1_s: float | None = None
    barrier_eV: float | None = None

    @property
    def special(self):
        """Whether it goes before the rule of the whole pair."""
        return self.direction is not None or self.shell is not None

    def __str__(self):
        words = f"between '{self.between[0]}' and '{self.between[1]}'"
        if self.direction is not None:
            words += f" along [{', '.join(f'{each:g}' for each in self.direction)}]"
        return words if self.shell is None else f"{words} of class {self.shell}"


def rule_rates(lattice, rules, temperature_K):
    """Rates of directed edges from rules.

    Parameters
    ----------
    lattice : Lattice
        With `shift`, where a rule names a direction or a class.
    rules : sequence of BarrierRule
    temperature_K : float

    Returns
    -------
    float array (n_edge,)
        [1/s]; nan where no rule holds.

    Raises
    ------
    BarrierFault
        For an unknown region, a rule that no bond obeys, two rules for one bond, and numbers of which none follow.
    """
    here, there = lattice.region[lattice.sources()], lattice.region[lattice.target]
    general, special = np.full(lattice.n_edge, -1), np.full(lattice.n_edge, -1)
    value, vectors = np.empty(len(rules)), None
    for index, rule in enumerate(rules):
        value[index] = _rate_of(index, rule, temperature_K)
        a, b = _regions_of(index, rule, lattice)
        chosen = (here == a) & (there == b)
        if not chosen.any():
            raise BarrierFault(index, f"no bond leads from '{rule.between[0]}' to '{rule.between[1]}'")
        if rule.special:
            vectors = lattice.hop_vectors_A if vectors is None else vectors
            chosen &= _selected(index, rule, vectors, chosen | ((here == b) & (there == a)))
        holder = special if rule.special else general
        if (taken := chosen & (holder >= 0)).any():
            other = holder[np.flatnonzero(taken)[0]]
            raise BarrierFault(index, f"two rules for one bond: {rules[other]}, and {rule}")
        holder[chosen] = index
    holds = np.where(special >= 0, special, general)
    return np.append(value, np.nan)[holds]


def with_reverse(lattice, rate, occupancy):
    """The same rates, and for hops that only go one way so far those back, by detailed balance.

    Parameters
    ----------
    lattice : Lattice
    rate : float array (n_edge,)
        [1/s]; nan where it is not known.
    occupancy : dict of int → float
        Mean occupancy of regions, those that are stated.

    Raises
    ------
    ValueError
        Where an occupancy is needed and not stated.
    """
    reverse = lattice.reverse_edges()
    lacking = np.flatnonzero(np.isnan(rate) & ~np.isnan(rate[reverse]))
    back = lattice.region[lattice.sources()[lacking]], lattice.region[lattice.target[lacking]]
    odds = np.full(lattice.n_region, np.nan)
    for region, x in (occupancy or {}).items():
        odds[region] = x / (1 - x)
    factor = np.where(back[0] == back[1], 1.0, odds[back[1]] / odds[back[0]])
    unknown = np.flatnonzero(np.isnan(factor))
    if len(unknown):
        a, b = (lattice.regions[each[unknown[0]]] for each in back)
        raise ValueError(
            f"the barrier from '{a}' to '{b}' is missing: give a rule between ['{a}', '{b}'], or the occupancies of "
            "both regions, from which it follows"
        )
    full = rate.copy()
    full[lacking] = rate[reverse[lacking]] * factor
    return full


@dataclass(frozen=True)
class BarrierTable:
    """Barriers of site pairs, as calculations of minimum-energy paths give them; every bond once, in either sense.

    Attributes
    ----------
    site_i, site_j : int arrays (n_bond,)
        From 0.
    shift : int array (n_bond, 3)
        Cells that the bond crosses from i to j, in the frame of the lattice's `shift`.
    forward_eV, backward_eV : float arrays (n_bond,)
        Barriers from i to j and from j to i [eV].
    prefactor_1_s : float array (n_bond,)
        [1/s]
    """

    site_i: np.ndarray
    site_j: np.ndarray
    shift: np.ndarray
    forward_eV: np.ndarray
    backward_eV: np.ndarray
    prefactor_1_s: np.ndarray


def table_rates(lattice, table, temperature_K):
    """Rates of directed edges from a table.

    Returns
    -------
    float array (n_edge,)
        [1/s]; nan on bonds that are not in the table.

    Raises
    ------
    BarrierFault
        For a site out of range, a pair that is no bond or stands twice, and barriers and prefactors that cannot be.
    """
    _refuse_bad_rows(lattice, table)
    keys, forward, back = _numbered(lattice, table)
    order = np.argsort(keys)
    rate, row_of = np.full(lattice.n_edge, np.nan), np.full(lattice.n_edge, -1)
    for wanted, barrier in ((forward, table.forward_eV), (back, table.backward_eV)):
        place = order[np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)]
        if len(missing := np.flatnonzero(keys[place] != wanted)):
            raise BarrierFault(int(missing[0]), f"{_pair(table, missing[0])} is no bond of the lattice")
        for row in _repeated(place, row_of):
            raise BarrierFault(row, f"{_pair(table, row)} stands twice: a row holds both directions of its bond")
        row_of[place] = np.arange(len(place))
        rate[place] = table.prefactor_1_s * exp_of_each(-np.asarray(barrier) / (BOLTZMANN_EV_K * temperature_K))
    if len(lost := np.flatnonzero(rate == 0)):
        row = row_of[lost[0]]
        raise BarrierFault(int(row), f"{_pair(table, row)}: nothing passes at {temperature_K:g} K, the rate is 0")
    return rate


def _rate_of(index, rule, temperature_K):
    """Rate of a rule [1/s]."""
    try:
        numbers = {name: getattr(rule, name) for name in ("rate_1_s", "prefactor_1_s", "barrier_eV")}
        if numbers["rate_1_s"] is not None and numbers["prefactor_1_s"] is None and numbers["barrier_eV"] is None:
            numbers["barrier_eV"] = 0.0  # a rate is all that one temperature needs
        return arrhenius(temperature_K, **numbers).rate_1_s
    except ValueError as error:
        raise BarrierFault(index, f"{rule}: {error}") from None


def _regions_of(index, rule, lattice):
    """Indices of the two regions of a rule."""
    for name in rule.between:
        if name not in lattice.regions:
            known = ", ".join(f"'{each}'" for each in lattice.regions)
            raise BarrierFault(index, f"{rule}: no region '{name}', there are {known}")
    return tuple(lattice.regions.index(name) for name in rule.between)


def _selected(index, rule, vectors, pair):
    """Edges along the direction of a rule, or of its class: bool array (n_edge,); `pair` has the edges of its pair."""
    if rule.direction is not None and rule.shell is not None:
        raise BarrierFault(index, f"{rule}: give a direction or a class, not both")
    length = np.linalg.norm(vectors, axis=1)
    if rule.shell is not None:
        shells = shells_of(length[pair])
        n_shell = int(shells.max()) + 1
        if not 0 <= rule.shell < n_shell:
            raise BarrierFault(index, f"{rule}: the bonds of this pair have the classes 0 to {n_shell - 1}")
        chosen = np.zeros(len(vectors), dtype=bool)
        chosen[pair] = shells == rule.shell
        return chosen
    direction = np.asarray(rule.direction, dtype=float)
    size = np.linalg.norm(direction)
    if direction.shape != (3,) or not 0 < size < np.inf:
        raise BarrierFault(index, f"{rule}: a direction is three numbers, not all 0")
    chosen = np.abs(vectors @ direction) >= SAME_DIRECTION * size * length
    if not (chosen & pair).any():
        raise BarrierFault(index, f"{rule}: no bond of this pair has this direction (Cartesian, within 5°)")
    return chosen


def shells_of(length):
    """Number of the shell of equal length of every bond, the shortest 0, int array; `length` in Å."""
    order = np.argsort(length)
    shell = np.zeros(len(length), dtype=np.int64)
    shell[order[1:]] = np.cumsum(np.diff(length[order]) > SAME_LENGTH_A)
    return shell


def _refuse_bad_rows(lattice, table):
    """Raise BarrierFault for the first row that has a site out of range, or a number that cannot be."""
    for site in (table.site_i, table.site_j):
        for row in np.flatnonzero((site < 0) | (site >= lattice.n_site))[:1]:
            raise BarrierFault(int(row), f"no site {site[row]}: sites are numbered 0 to {lattice.n_site - 1}")
    for name in ("forward_eV", "backward_eV"):
        barrier = np.asarray(getattr(table, name))
        for row in np.flatnonzero(~(np.isfinite(barrier) & (barrier >= 0)))[:1]:
            raise BarrierFault(int(row), f"{name} must be at least 0 eV, got {float(barrier[row])!r}")
    prefactor = np.asarray(table.prefactor_1_s)
    for row in np.flatnonzero(~(np.isfinite(prefactor) & (prefactor > 0)))[:1]:
        raise BarrierFault(int(row), f"prefactor_1_s must be positive and finite, got {float(prefactor[row])!r}")
    for row in np.flatnonzero(np.abs(np.asarray(table.shift)).max(axis=1, initial=0) > 127)[:1]:
        raise BarrierFault(int(row), f"{_pair(table, row)} is no bond of the lattice")


def _numbered(lattice, table):
    """One number for every directed edge, the same for equal ones: of the lattice, of rows forward, of rows back."""
    shift = np.zeros((lattice.n_edge, 3), dtype=np.int64) if lattice.shift is None else lattice.shift
    i, j = table.site_i, table.site_j
    blocks = (
        (lattice.sources(), lattice.target, shift),
        (i, j, np.asarray(table.shift)),
        (j, i, -np.asarray(table.shift)),
    )
    rows = np.concatenate([np.column_stack(block).astype(np.int64) for block in blocks])
    _, number = np.unique(rows, axis=0, return_inverse=True)
    return np.split(number.ravel(), [lattice.n_edge, lattice.n_edge + len(i)])


def _repeated(place, row_of):
    """The first row that takes an edge which an earlier row has, if there is one."""
    _, first = np.unique(place, return_index=True)
    again = np.ones(len(place), dtype=bool)
    again[first] = False
    rows = np.flatnonzero(again | (row_of[place] >= 0))[:1]
    return np.maximum(rows, row_of[place[rows]]).tolist()


def _pair(table, row):
    """A row of a table in words."""
    cells = ", ".join(str(int(each)) for each in table.shift[row])
    return f"the pair of sites {int(table.site_i[row])} and {int(table.site_j[row])} with shift ({cells})"
