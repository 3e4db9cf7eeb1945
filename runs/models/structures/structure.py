"""From a case with [structure] to physics: its lattice, and the rates of all hops.

What is wrong is a `StructureFault` that knows the key of the case; `refuse_structure` says it with its line.
"""

import numpy as np

from coble.inputs.case import parse_toml, read_text
from coble.inputs.files.faults import CaseError, Fault, dotted, fault_in, listed, quoted
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.rates.arrhenius import arrhenius
from coble.kmc.rates.balance import Unbalanced
from coble.kmc.rates.barriers import BarrierFault, BarrierRule, BarrierTable, rule_rates, table_rates, with_reverse
from coble.kmc.rates.occupancies import Contradiction
from coble.kmc.rates.own_rates import own_rates
from coble.kmc.rates.region_calibration import CannotCalibrate, region_bonds
from coble.models.structures.diffusivities import diffusivities
from coble.models.structures.fault import KEPT, StructureFault, at
from coble.models.structures.image import image_rates
from coble.models.structures.lattice import built
from coble.render.meant import meant

NO_TUBULE = "is not for this kind of run, which needs a [tubule]; `coble check` says which command takes a structure"
_kept = {}  # (digest of a case, temperature) → OwnRates


# ---- rates -------------------------------------------------------------------------------------------------------


def rates_of_structure(case, lattice=None, temperature_K=None):
    """Lattice and rates of a case with [structure]; see `structure_rates`.

    Returns
    -------
    lattice : Lattice
        Its edges sorted by their rates.
    rates : ClassRates
    """
    found = structure_rates(case, lattice, temperature_K)
    return found.lattice, found.rates


def structure_rates(case, lattice=None, temperature_K=None):
    """Rates of a case with [structure], in detailed balance.

    Parameters
    ----------
    case : Case
    lattice : Lattice, optional
        Of `lattice_of`; made when it is not given.
    temperature_K : float, optional
        Instead of the case's.

    Returns
    -------
    coble.kmc.rates.own_rates.OwnRates

    Raises
    ------
    StructureFault
        For rates that are missing, contradict each other or have no detailed balance.
    CaseError
        For faults of the table of [barriers], with their lines.
    """
    temperature_K = temperature_K or case.conditions.temperature_K
    if case.has_image:
        return image_rates(case, temperature_K)
    made, table, _ = built(case)
    lattice = made if lattice is None else lattice
    key = (case.digest(), temperature_K)
    if key not in _kept or lattice is not made:
        found = _rates(case, lattice, table, temperature_K)
        if lattice is not made:
            return found
        _kept[key] = found
        while len(_kept) > KEPT:
            _kept.pop(next(iter(_kept)), None)
    return _kept[key]


def _rates(case, lattice, table, temperature_K):
    """As `structure_rates`."""
    occupancy = _occupancies(case, lattice)
    rate = _of_rules(case, lattice, temperature_K)
    if table is not None:
        own = _of_table(case, lattice, table, temperature_K)
        rate = np.where(np.isnan(own), rate, own)
    rate = _of_regions(case, lattice, rate, occupancy, temperature_K)
    with at("barrier"):
        rate = with_reverse(lattice, rate, occupancy)
    mean = _mean(lattice, occupancy)
    try:
        return own_rates(
            lattice,
            rate,
            temperature_K=temperature_K,
            occupancy=occupancy,
            mean=mean,
            tolerance_eV=case.barriers.balance_tolerance_eV,
        )
    except Unbalanced as error:
        raise StructureFault(("barriers", "file") if table else ("barrier",), str(error)) from None
    except Contradiction as error:
        raise StructureFault(("region",), str(error)) from None
    except ValueError as error:
        raise StructureFault(("barriers", "file") if table and not case.barrier else ("barrier",), str(error)) from None


def _index(lattice, name, path):
    """Index of a region by its name."""
    if name not in lattice.regions:
        there = f"the structure has {listed(lattice.regions, 'and')}{_by_tags(lattice, name)}"
        advice = meant(name, lattice.regions, there)
        raise StructureFault(path, f"unknown region {quoted(name)}: {advice}")
    return lattice.regions.index(name)


def _by_tags(lattice, name):
    """How to name regions of a lattice that was made without any; empty for one that has them."""
    if lattice.regions != ("bulk",):
        return ""
    return f'; Lattice.from_atoms takes them from the tags of atoms by regions="tags" or regions={{0: {name!r}}}'


def _occupancies(case, lattice):
    """Occupancy of the regions for which the case states one, dict of int → float."""
    found = {}
    for number, region in enumerate(case.region):
        index = _index(lattice, region.name, ("region", number, "name"))
        if region.occupancy is not None:
            found[index] = region.occupancy
        elif region.diffusivity_cm2_s is not None:
            raise StructureFault(
                ("region", number, "occupancy"), "is missing: a diffusivity is that of so many carriers per site"
            )
    return found


def _mean(lattice, occupancy):
    """Mean occupancy of parts in which no region states one: the part of the structure's sites that is full."""
    filled = float(np.mean(lattice.notes.get("occupied", 1.0)))
    if 0 < filled < 1 or occupancy:
        return filled if 0 < filled < 1 else 0.5
    raise StructureFault(
        ("region",),
        f"is missing: all sites of the structure are {'full' if filled else 'empty'}; say how full a region is, as "
        f"[[region]] with name = '{lattice.regions[0]}' and occupancy",
    )


def rules_of(case, lattice):
    """The [[barrier]] rules with prefactor and barrier, list of `BarrierRule`; directions in the lattice's frame."""
    turn = np.array(lattice.notes.get("rotation", np.eye(3)))  # from the frame of the structure to that of the lattice
    rules = []
    for number, rule in enumerate(case.barrier):
        for name in rule.between:
            _index(lattice, name, ("barrier", number, "between"))
        at_K = case.conditions.temperature_K if rule.at_K is None else rule.at_K
        with at("barrier", number):
            full = arrhenius(at_K, rate_1_s=rule.rate_1_s, prefactor_1_s=rule.prefactor_1_s, barrier_eV=rule.barrier_eV)
        direction = None if rule.direction is None else tuple(turn @ np.array(rule.direction))
        shell = getattr(rule, "class")
        numbers = {"prefactor_1_s": full.prefactor_1_s, "barrier_eV": full.barrier_eV}
        rules.append(BarrierRule(rule.between, direction, shell, **numbers))
    return rules


def stated_barriers(case, lattice):
    """Barrier of every hop of a structure to which a [[barrier]] or the table of [barriers] gives one.

    It is the slope of ln k against -1/(k_B T), from the rates at two temperatures.

    Parameters
    ----------
    case : Case
    lattice : Lattice
        Of `structure_rates`.

    Returns
    -------
    float array (n_edge,) [eV]
        nan where no barrier is stated.
    """
    if case.has_image:
        return np.full(lattice.n_edge, np.nan)
    _, table, _ = built(case)

    def rates(temperature_K):
        rate = _of_rules(case, lattice, temperature_K)
        if table is None:
            return rate
        own = _of_table(case, lattice, table, temperature_K)
        return np.where(np.isnan(own), rate, own)

    cold, hot = case.conditions.temperature_K, 2 * case.conditions.temperature_K
    return np.log(rates(hot) / rates(cold)) * BOLTZMANN_EV_K / (1 / cold - 1 / hot)


def _of_rules(case, lattice, temperature_K):
    """Rates of the [[barrier]] rules, float array (n_edge,) [1/s]; nan where none holds."""
    rules = rules_of(case, lattice)
    try:
        return rule_rates(lattice, rules, temperature_K)
    except BarrierFault as error:
        rule = case.barrier[error.index]
        key = "direction" if rule.direction else "class" if getattr(rule, "class") is not None else "between"
        raise StructureFault(("barrier", error.index, key), str(error)) from None


def _of_table(case, lattice, table, temperature_K):
    """Rates of the table of [barriers], float array (n_edge,) [1/s]; nan where it has none."""
    given, shift = table.barriers, table.shifts_in(lattice)
    stated = np.flatnonzero(~np.isnan(given.forward_eV))
    columns = (given.site_i, given.site_j, shift, given.forward_eV, given.backward_eV, given.prefactor_1_s)
    try:
        return table_rates(lattice, BarrierTable(*(column[stated] for column in columns)), temperature_K)
    except BarrierFault as error:
        line = int(table.lines[stated[error.index]])
        raise CaseError([Fault(str(case.barriers.file), line, "", str(error))]) from None


def _of_regions(case, lattice, rate, occupancy, temperature_K):
    """The rates with those of regions that have a diffusivity, and of bonds between two such."""
    bonds = np.full(lattice.n_edge, np.nan)  # conductance [1/s]
    level = {}
    for number, region in enumerate(case.region):
        if region.diffusivity_cm2_s is None:
            continue
        index = lattice.regions.index(region.name)
        carried = diffusivities(region, temperature_K, ("region", number))
        try:
            edges, conductance = region_bonds(lattice, index, occupancy[index], *carried)
        except CannotCalibrate as error:
            raise StructureFault(("region", number, "diffusivity_cm2_s"), str(error)) from None
        if not np.isnan(rate[edges]).all():
            raise StructureFault(
                ("region", number, "diffusivity_cm2_s"),
                f"must be left out: barriers say the hops inside '{region.name}'; give one of the two",
            )
        bonds[edges] = conductance
        level[index] = conductance.mean()
    if not level:
        return rate
    here, there = lattice.region[lattice.sources()], lattice.region[lattice.target]
    x = np.array([occupancy.get(index, np.nan) for index in range(lattice.n_region)])
    g = np.array([level.get(index, np.nan) for index in range(lattice.n_region)])
    with np.errstate(invalid="ignore"):
        between = 2 * g[here] * g[there] / (g[here] + g[there])
    bonds = np.where(np.isnan(bonds), between, bonds)
    return np.where(np.isnan(rate), bonds / (x[here] * (1 - x[there])), rate)


# ---- refusals ----------------------------------------------------------------------------------------------------


def refuse_structure(case, path="case", taken=True):
    """Build lattice and rates of a case with [structure], and say what is wrong with its line; nothing for others.

    Parameters
    ----------
    case : Case
    path : path-like
        Of its file, if there is one.
    taken : bool
        Whether the kind of run takes structures.

    Raises
    ------
    CaseError
    """
    if not case.has_structure:
        return
    try:
        if not taken:
            raise StructureFault(("structure",), NO_TUBULE)
        structure_rates(case)
    except StructureFault as error:
        try:
            lines = parse_toml(read_text(path, ""), str(path))[1]
        except CaseError:
            raise CaseError([Fault(str(path), None, dotted(error.path), error.message)]) from None
        raise CaseError([fault_in(str(path), lines, error.path, error.message)]) from None
