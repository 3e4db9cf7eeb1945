"""Checks between the keys of a case.

Each check is a generator of (section, key at fault, message).  It reads a draft of the case, so that it can run
while other keys are faulty: a check that reads one of those ends there and says nothing.
"""

from contextlib import suppress
from dataclasses import replace
from itertools import product
from types import SimpleNamespace

from coble.inputs.defaults import default_walls, diffusivity, known_walls, wall_concentration_cm3
from coble.inputs.files.faults import dotted, listed, number_text
from coble.inputs.growth.open_circuit import check_filling
from coble.inputs.growth.steps import check_current, check_graded, check_slowing, check_steady
from coble.inputs.numbers.section import LOWEST_K
from coble.inputs.numbers.uncertain import ends_of, of_end, said
from coble.inputs.sections import DIFFUSIVITY, SECTIONS, TABLES
from coble.inputs.structures.checks import OF_STRUCTURES, structure_checks
from coble.inputs.ties import read_number
from coble.kmc.rates.materials import METALS, REFERENCE_K, WALLS
from coble.render.meant import near

LEAST_LATTICE_CONSTANTS = 3  # of the metal, across the bore


def cross_faults(data, faulty):
    """Faults that lie between keys.

    Parameters
    ----------
    data : dict
        What was given, by section.
    faulty : set of tuple
        Paths of the keys and sections that have faults of their own.

    Returns
    -------
    list of (path, message)
    """
    draft, faults = _draft(data, faulty), []
    of_structure = OF_STRUCTURES.intersection(data)
    for check in structure_checks(draft, set(data)) if of_structure else _checks(draft, data):
        with suppress(_Unknown):
            for section, key, message in check:
                faults.append(((*section.path, key), message))
                delattr(section, key)  # no later check is to judge by it
    return faults


def _checks(draft, data):
    """All checks, in the order in which they run."""
    yield from (_temperature_in_solid(draft), _bore_holds_metal(draft), _wall_holds_cell(draft))
    for section in (draft.metal, draft.interface, draft.surface):
        yield from (_at_belongs_to_value(section), _carried_in_range(draft, section))
    for wall in draft.wall:
        yield _at_belongs_to_value(wall)
        yield _wall_reaches_temperature(draft, wall)
        yield _wall_is_complete(draft, wall)
        yield _wall_diffuses_if_filled(draft, wall)
        yield _carried_in_range(draft, wall)
    yield check_filling(draft, data.get("wall"), lambda wall: _takes_none(draft, wall))
    if draft.has_default_walls:
        yield _default_walls_reach_temperature(draft)
    yield _names_differ(draft)
    yield _prior_is_known(draft)
    yield _prior_has_no_value(draft)
    yield _bare_wall_has_one_density(draft)
    yield check_current(draft, data.get("growth"))
    yield _growth_fits(draft)
    yield _growth_begins_before_its_end(draft)
    yield _growth_has_a_path(draft)
    yield _space_suits(draft)
    yield check_graded(draft, lambda wall: _takes_none(draft, wall))
    yield check_slowing(draft)
    yield check_steady(draft)


# --- The draft ---


class _Unknown(Exception):
    """A value that a check needs is itself faulty."""


class _Keys(SimpleNamespace):
    """Keys of a section that have no fault, as given or by default, beside the `path` of the section."""

    def __getattr__(self, key):
        raise _Unknown(key)

    def lacks(self, key):
        """Whether `key` was not given, well or badly, and has no default."""
        return vars(self).get(key, "faulty") is None


def _draft(data, faulty):
    """A case that may have faults: `_Keys` by section name, and lists of them where there are several."""
    sections = {name: _keys((name,), data.get(name, {}), faulty) for name in SECTIONS if name not in TABLES}
    for name in TABLES:
        given = [] if (name,) in faulty else data.get(name, [])
        sections[name] = [_keys((name, index), each, faulty) for index, each in enumerate(given)]
    has_default_walls = not sections["wall"] and ("wall",) not in faulty
    return SimpleNamespace(**sections, path=(), has_default_walls=has_default_walls)


def _keys(path, given, faulty):
    """The `_Keys` of the section at `path`, of which `given` was given: a dict, a model, or a fault."""
    if path in faulty:
        return _Keys(path=path)
    given, fields = dict(given), SECTIONS[path[0]].model_fields
    good = {key: given.get(key, fields[key].default) for key in fields if (*path, key) not in faulty}
    good |= {key: read_number(path[0], key, each) for key, each in good.items() if isinstance(each, dict)}
    return _Keys(path=path, **good)


def _prior_is_known(draft):
    """The interface of this metal has a prior of that name."""
    known = ("paper", *METALS[draft.metal.species].interface_priors)
    if known and draft.interface.prior not in known:
        yield (
            draft.interface,
            "prior",
            f"must be {listed(known)} for {draft.metal.species}, got '{draft.interface.prior}'",
        )


def _prior_has_no_value(draft):
    """The range of that name is of the material's diffusivity."""
    named, value = draft.interface.prior, draft.interface.diffusivity_cm2_s
    if named != "paper" and value is not None:
        both = f"got '{named}' and {said(value)} cm2/s"
        range_ = "for a range of your own give { low = …, high = … } there"
        yield (
            draft.interface,
            "prior",
            f"must not stand beside diffusivity_cm2_s, {both}: give one of the two; {range_}",
        )


def _bare_wall_has_one_density(draft):
    """A coverage is a density, too."""
    coverage, density = draft.surface.coverage, draft.surface.concentration_cm3
    if coverage is not None and density is not None:
        both = f"got {said(coverage)} and {said(density)} cm-3"
        yield draft.surface, "coverage", f"must not stand beside concentration_cm3, {both}: give one of the two"


# --- Sizes and temperatures ---


def _temperature_in_solid(draft):
    """The lattice is that of a solid metal."""
    temperature_K = draft.conditions.temperature_K
    metal = METALS[draft.metal.species]
    if not LOWEST_K <= temperature_K < metal.melting_K:
        celsius = " (is it in degrees Celsius?)" if temperature_K < LOWEST_K else ""
        yield (
            draft.conditions,
            "temperature_K",
            f"must be at least {LOWEST_K:g} K and below {metal.melting_K:g} K, where {metal.species} melts, "
            f"got {number_text(temperature_K)}{celsius}",
        )


def _bore_holds_metal(draft):
    """A bore narrower than a few cells has no bulk beside its interface."""
    metal = METALS[draft.metal.species]
    least_nm = LEAST_LATTICE_CONSTANTS * metal.lattice_constant_A / 10
    what = f"{LEAST_LATTICE_CONSTANTS} lattice constants of {metal.species}"
    yield from _at_least(draft.tubule, "inner_width_nm", least_nm, what)


def _wall_holds_cell(draft):
    """Every wall is at least one cell of its own bcc sublattice thick; the largest cell decides."""
    metal = METALS[draft.metal.species]
    cells = []
    for wall in map(WALLS.get, default_walls(metal.species)) if draft.has_default_walls else draft.wall:
        with suppress(_Unknown):
            concentration = wall_concentration_cm3(metal.species, wall)
            if concentration is not None:
                # (2/c)^(1/3) in cm; in an inert wall, the cell of the metal
                cell_nm = (2 / concentration) ** (1 / 3) * 1e7 if concentration else metal.lattice_constant_A / 10
                cells.append((cell_nm, wall.name))
    least_nm, name = max(cells, default=(0.0, ""), key=lambda cell: cell[0])
    what = f"one lattice constant of the {metal.species} sites in wall '{name}'"
    yield from _at_least(draft.tubule, "wall_thickness_nm", least_nm, what)


def _at_least(section, key, least_nm, what):
    """A length, or the first end of its range that is too short."""
    for label, length_nm in ends_of(getattr(section, key)).items():
        if length_nm < least_nm:
            fault = f"must be at least {least_nm:.3f} nm ({what}), got {number_text(length_nm)}"
            yield section, key, of_end(label, fault)
            return


# --- Diffusivities ---


def _at_belongs_to_value(section):
    """`at_K` says where the given diffusivity holds; the default has its own."""
    if section.lacks("diffusivity_cm2_s") and section.at_K != REFERENCE_K:
        yield (
            section,
            "at_K",
            f"must come with diffusivity_cm2_s, whose temperature it is, got {number_text(section.at_K)} alone",
        )


def _carried_in_range(draft, section):
    """A wrong slope carries a diffusivity to values that no solid has."""
    temperature_K = draft.conditions.temperature_K
    name = section.path[0]
    if name == "wall" and _takes_none(draft, section):
        return
    found = diffusivity(draft.metal.species, name, section)
    if not found or found.at_K == temperature_K:
        return
    key = "diffusivity_cm2_s" if section.activation_energy_eV is None else "activation_energy_eV"
    given_D = section.diffusivity_cm2_s is not None
    values = ends_of(found.value_cm2_s) if given_D else {"": found.value_cm2_s}
    slopes = ends_of(found.activation_energy_eV)
    for (of_value, value), (of_slope, slope) in product(values.items(), slopes.items()):
        carried = replace(found, value_cm2_s=value, activation_energy_eV=slope).at(temperature_K)
        if carried > DIFFUSIVITY[name].high:
            own = of_value if key == "diffusivity_cm2_s" else of_slope
            which = f"{number_text(value)} cm2/s carried" if of_value else "carried"
            fault = (
                f"must give {DIFFUSIVITY[name].at_most} at {number_text(temperature_K)} K, "
                f"got {number_text(float(f'{carried:.2g}'))} ({which} there from "
                f"{number_text(found.at_K)} K with {slope:.3g} eV)"
            )
            yield section, key, of_end(own, fault)
            return


# --- Walls ---


def _takes_none(draft, wall):
    """Whether a wall is known to take no metal."""
    with suppress(_Unknown):
        return wall_concentration_cm3(draft.metal.species, wall) == 0
    return False


def _wall_is_complete(draft, wall):
    """A wall of a name that nobody knows brings its numbers."""
    species = draft.metal.species
    known = known_walls(species)
    if wall.name in known:
        return
    reason = f"is missing: '{wall.name}' is not a wall known for {species} ({listed(known)})"
    close = near(wall.name, known)
    reason += f"; did you mean '{close}'? If not, give" if close else "; give"
    if wall.lacks("concentration_cm3"):
        yield wall, "concentration_cm3", f"{reason} it in cm-3, 0 for a wall that takes no {species}"
    if wall.lacks("diffusivity_cm2_s") and not _takes_none(draft, wall):
        yield wall, "diffusivity_cm2_s", f"{reason} it in cm2/s"


def _wall_diffuses_if_filled(draft, wall):
    """D is zero in a wall that takes no metal, and only there."""
    concentration = wall_concentration_cm3(draft.metal.species, wall)
    value = wall.diffusivity_cm2_s
    if concentration == 0 and value:
        yield (
            wall,
            "diffusivity_cm2_s",
            "must be left out, or 0, for a wall that takes no metal (its concentration_cm3 is 0), "
            f"got {said(value)}; or give a concentration_cm3 > 0",
        )
    if concentration and value == 0:
        yield (
            wall,
            "diffusivity_cm2_s",
            "must be > 0 cm2/s, got 0 (for a wall that takes no metal, give concentration_cm3 = 0)",
        )
    known = known_walls(draft.metal.species).get(wall.name)
    if concentration and known and known.diffusivity is None and wall.lacks("diffusivity_cm2_s"):
        yield (
            wall,
            "diffusivity_cm2_s",
            f"is missing: '{wall.name}' has none of its own, and concentration_cm3 > 0 needs one; give it in cm2/s",
        )


def _wall_reaches_temperature(draft, wall):
    """No activation energy is known for any of the paper's walls, and none is invented."""
    temperature_K = draft.conditions.temperature_K
    if wall.activation_energy_eV is not None or wall.at_K == temperature_K:
        return
    known = known_walls(draft.metal.species).get(wall.name)
    if known and known.diffusivity and known.diffusivity.activation_energy_eV is not None:
        return
    has_value = known or not wall.lacks("diffusivity_cm2_s")
    if has_value and not _takes_none(draft, wall):
        wanted = number_text(temperature_K)
        yield (
            wall,
            "activation_energy_eV",
            f"is missing: the diffusivity of '{wall.name}' is known at {number_text(wall.at_K)} K and the case is at "
            f"{wanted} K; give activation_energy_eV, or diffusivity_cm2_s at this temperature together with "
            f"at_K = {wanted}",
        )


def _default_walls_reach_temperature(draft):
    """The same for the walls of a case that gives none: there the temperature is the key to name."""
    temperature_K = draft.conditions.temperature_K
    names = [name for name in default_walls(draft.metal.species) if WALLS[name].diffusivity]
    if names and temperature_K != REFERENCE_K:
        wanted = number_text(temperature_K)
        yield (
            draft.conditions,
            "temperature_K",
            f"must be {REFERENCE_K:g} K, where diffusivities of the default walls are known, got {wanted}, "
            f"or give each wall ({listed(names, 'and')}) as [[wall]] with activation_energy_eV, or with "
            f"diffusivity_cm2_s at this temperature together with at_K = {wanted}",
        )


def _names_differ(draft):
    """Names of walls name files and results, so they differ."""
    first = {}
    for wall in draft.wall:
        with suppress(_Unknown):
            other = first.setdefault(wall.name, wall)
            if other is not wall:
                yield wall, "name", f"must differ from wall to wall, got '{wall.name}' as in {dotted(other.path)}"


# --- Growth ---


def _growth_fits(draft):
    """Metal, front and insulator lie inside the depth of the tubule."""
    growth = draft.growth
    if not growth.metal_to_nm and growth.overpotential_V <= 0:
        yield (
            growth,
            "metal_to_nm",
            "must be > 0 nm unless overpotential_V is > 0: from an empty bore nothing is stripped, got 0",
        )
    if growth.metal_to_nm <= growth.metal_from_nm and (growth.metal_to_nm or growth.metal_from_nm):
        yield (
            growth,
            "metal_to_nm",
            f"must be beyond metal_from_nm = {number_text(growth.metal_from_nm)} nm, "
            f"got {number_text(growth.metal_to_nm)}",
        )
    plates = growth.overpotential_V > 0
    for key in ("metal_to_nm", *(["until_front_nm"] if plates and not growth.step else []), "insulator_nm"):
        if getattr(growth, key) > growth.depth_nm:
            yield (
                growth,
                key,
                f"must be at most depth_nm = {number_text(growth.depth_nm)} nm, "
                f"got {number_text(getattr(growth, key))}",
            )
    if growth.overpotential_V == 0 and growth.lacks("time_s"):
        yield growth, "time_s", "is missing: without an overpotential nothing grows, so say how long to run, in s"
    if len(growth.steps_V or ()) != len(growth.steps_s or ()):
        durations, values = len(growth.steps_s or ()), len(growth.steps_V or ())
        yield growth, "steps_s", f"must have as many durations as steps_V has values, got {durations} for {values}"
    elif growth.steps_V and growth.cycles:
        yield growth, "cycles", "must be 0 with steps_V: cycles turn where the metal is at its ends, steps by time"
    if growth.power_law_slip and growth.slip_1_s:
        yield growth, "slip_1_s", "must be 0 with power_law_slip = true, which gives the rate of slip"
    if growth.cycles and growth.overpotential_V <= 0:
        yield growth, "overpotential_V", "must be > 0 V for cycles: they plate at it and strip at its negative"


def _growth_begins_before_its_end(draft):
    """A run whose end is reached at its start would be none; a schedule ends by time alone."""
    growth = draft.growth
    if growth.steps_V or growth.step or not growth.metal_to_nm:
        return
    plates = growth.overpotential_V > 0
    if plates and not growth.until_outside_atoms and growth.until_front_nm <= growth.metal_to_nm:
        yield (
            growth,
            "until_front_nm",
            f"must be beyond metal_to_nm = {number_text(growth.metal_to_nm)} nm, where the tip is at the start, "
            f"got {number_text(growth.until_front_nm)}",
        )
    length_nm = growth.metal_to_nm - growth.metal_from_nm
    if growth.overpotential_V < 0 and growth.until_left_nm >= length_nm:
        yield (
            growth,
            "until_left_nm",
            f"must be below the length of the metal at the start, metal_to_nm - metal_from_nm = "
            f"{number_text(float(f'{length_nm:.6g}'))} nm, got {number_text(growth.until_left_nm)}",
        )
    if growth.cycles and growth.until_left_nm >= growth.until_front_nm:
        yield (
            growth,
            "until_left_nm",
            f"must be below until_front_nm = {number_text(growth.until_front_nm)} nm, where plating ends, "
            f"got {number_text(growth.until_left_nm)}",
        )


def _growth_has_a_path(draft):
    """Without any path no atom moves; the wall is none where it takes no metal."""
    growth, inert = draft.growth, not draft.has_default_walls and all(_takes_none(draft, wall) for wall in draft.wall)
    left = {"interface", "surface", "bulk"} | (set() if inert else {"wall"})
    left -= set(growth.without)
    if not left and not growth.slip_1_s and not growth.power_law_slip:
        wall = ", and the wall takes no metal" if inert and "wall" not in growth.without else ""
        yield growth, "without", f"must leave a path: no atom could move{wall}, got {listed(growth.without, 'and')}"


def _space_suits(draft):
    """Free space round a tubule: what it is carved out of, and what needs it."""
    growth, shape = draft.growth, draft.tubule.shape
    if not growth.space_nm:
        for key, standard in (("side", "inside"), ("until_outside_atoms", 0)):
            if (value := getattr(growth, key)) != standard:
                yield growth, key, f"needs free space round the tubule: give space_nm > 0, or leave it out, got {value}"
        return
    rounds = ("single",) if growth.side == "outside" else ("single", "double", "triple")
    if shape not in rounds:
        yield (
            growth,
            "space_nm",
            f"must be 0 nm unless the shape is {listed(rounds)} (side = '{growth.side}'): none is left round '{shape}'",
        )
    if draft.has_default_walls or not all(_takes_none(draft, wall) for wall in draft.wall):
        yield growth, "space_nm", "must be 0 nm with a wall that takes metal: a tubule in free space has an inert one"
    if growth.slip_1_s:
        yield growth, "slip_1_s", "must be 0 with space_nm > 0: slip moves the plug in a bore that goes on for ever"
