"""Case files: what to simulate, read from TOML, checked, and resolved to physics.

A case has a tubule, a temperature, a metal, its interface and free surface, one or more walls, and how to
run.  Every key is optional and every default is the paper's (Chen 2020); measured numbers come from
`kmc.materials`.  Keys carry their unit (`inner_width_nm`).  All faults of a file are reported together, each
with its line.

`Case` holds what was asked; its properties (`walls`, `metal_diffusivity`, ...) give the physics that follows.

Limits: the bounds on numbers are there to catch wrong units and slips of the pen.  They are wider than what
is physically sensible, and no proof that a case fits into memory.
"""

import json
import re
import tomllib
from collections import namedtuple
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from hashlib import sha256
from math import inf, isfinite
from numbers import Integral, Real
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from kmc.materials import METALS, PAPER_WALLS, REFERENCE_K, WALLS, Diffusivity, Wall
from runs.toml_lines import key_lines, line_of

# The commented case file with every default: `coble template` prints it.
PAPER_TOML = Path(__file__).parent / "cases" / "paper.toml"

ARRAYS = ("square-array", "hexagonal-array")
GIVEN = "given in the case file"  # source of a diffusivity that the user wrote

LOWEST_K = 77.0  # liquid nitrogen
LEAST_LATTICE_CONSTANTS = 3  # of the metal, across the bore
VACANCY_FRACTION = 0.01  # far above the real one, so that few hops are wasted; hop rates compensate
INTERFACE_WIDTH_ANGSTROM = 2.0  # delta of Chen 2020


# --- Faults -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a case file.

    Attributes
    ----------
    file : str
        Name of the file.
    line : int or None
        Line, from 1; None when nothing in the file belongs to the fault.
    key : str
        Dotted key, walls counted from 1 (`wall[2].name`); empty for the file as a whole.
    message : str
        What was wrong, what came, and what would do.
    """

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self):
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


class CaseError(ValueError):
    """A case file that cannot be run; `faults` has all that is wrong with it, by line."""

    def __init__(self, faults):
        super().__init__(faults)
        self.faults = faults

    def __str__(self):
        return "\n".join(map(str, self.faults))


def _fault(message):
    """The exception by which a field validator reports `message` as it stands."""
    return PydanticCustomError("case", "{message}", {"message": message})


# --- Words for values -------------------------------------------------------------------------------------

_TOML_TYPES = ((bool, "a boolean"), (str, "a string"), (Integral, "an integer"), (Real, "a number"),
               (dict, "a table"), ((list, tuple), "an array"))  # fmt: skip


def _quoted(value):
    """`repr` of a string, or of anything else, on one line and not too long."""
    text = repr(value)
    return text if len(text) <= 70 else f"{text[:40]}...{text[-20:]}"


def _number_text(value):
    """Shortest text of a number, small and large ones as people write them: 4e-3 and 1e-8, not 1e-08."""
    if isinstance(value, Integral):
        # Python refuses to write integers of thousands of digits, and nobody would read them.
        return str(int(value)) if abs(value) < 10**20 else "an integer beyond 1e20"
    if not isfinite(value):
        return repr(float(value))
    exact = Decimal(repr(float(value))).normalize()
    return f"{exact:f}" if -3 < exact.adjusted() < 6 or exact == 0 else f"{exact:e}".replace("e+", "e")


def _typed_text(value):
    """A value of the wrong type, and its type: `'abc' (a string)`."""
    names = (name for type_, name in _TOML_TYPES if isinstance(value, type_))
    name = next(names, f"a {type(value).__name__}")
    if isinstance(value, dict | list | tuple):
        return name
    if isinstance(value, bool):
        return f"{str(value).lower()} ({name})"
    if isinstance(value, Real):
        return f"{_number_text(value)} ({name})"
    return f"{_quoted(value)} ({name})"


def _listed(words, join="or"):
    """`'a', 'b' or 'c'`."""
    words = [f"'{word}'" for word in words]
    return f" {join} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


# --- Fields -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Quantity:
    """Validator of a number in its unit.

    Attributes
    ----------
    low, high : float
        Accepted range, both included; a `low` of 0 is not included.
    unit : str
        Unit for messages; empty for a ratio.
    mistake : str
        What may have happened to a number out of range, as a question.
    or_zero : bool
        Whether 0 is accepted besides the range.
    """

    low: float
    high: float
    unit: str = ""
    mistake: str = ""
    or_zero: bool = False

    def __call__(self, value):
        if isinstance(value, bool) or not isinstance(value, Real):
            raise _fault(f"must be a number, got {_typed_text(value)}")
        if isinstance(value, float) and not isfinite(value):
            raise _fault(f"must be a finite number, got {_number_text(value)}")
        if value == 0 and self.or_zero:
            return 0.0
        if value <= 0 and not self.or_zero:
            raise _fault(f"must be {self.with_unit('> 0')}, got {_number_text(value)}")
        if not self.low <= value <= self.high:
            raise _fault(f"must be {self.range_text}, got {_number_text(value)}{self.question}")
        return float(value)

    @property
    def range_text(self):
        """The range in words, with its unit."""
        if self.low == 0:
            return self.with_unit(f"at most {_number_text(self.high)}")
        text = self.with_unit(f"between {_number_text(self.low)} and {_number_text(self.high)}")
        return f"0 or {text}" if self.or_zero else text

    @property
    def question(self):
        return f" ({self.mistake})" if self.mistake else ""

    def with_unit(self, text):
        return f"{text} {self.unit}".strip()


@dataclass(frozen=True)
class _Whole:
    """Validator of a whole number from `low` to `high`; 2e8 counts as one."""

    low: int
    high: int

    def __call__(self, value):
        if isinstance(value, bool) or not isinstance(value, Real) or value % 1 != 0:
            raise _fault(f"must be a whole number, got {_typed_text(value)}")
        if not self.low <= value <= self.high:
            raise _fault(f"must be a whole number from {self.low} to {self.high}, got {_number_text(value)}")
        return int(value)


def _wall_name(value):
    """Validator of the name of a wall; it becomes part of file names."""
    if not isinstance(value, str):
        raise _fault(f"must be a string, got {_typed_text(value)}")
    if not 1 <= len(value) <= 64:
        raise _fault(f"must have 1 to 64 characters, got {len(value)}")
    if not value.isprintable() or "/" in value or value != value.strip():
        raise _fault(
            "must have printable characters only, no '/' and no spaces at its ends (it names files), "
            f"got {_quoted(value)}"
        )
    return value


def _walls_listed(value):
    """Validator of all the walls together, before each is looked at."""
    if not isinstance(value, list | tuple):
        raise _fault(f"must be given as [[wall]], once for each wall, got {_typed_text(value)}")
    return value


def _wall_diffusivity(value):
    """Validator of D of a wall; 0 passes here, and `_wall_diffuses_if_filled` says when it may be."""
    if not isinstance(value, bool) and value == 0:
        return 0.0
    return WALL_DIFFUSIVITY(value)


def _field(quantity):
    """Type of a field that holds `quantity`."""
    return Annotated[float, BeforeValidator(quantity)]


def _optional(quantity):
    """Type of a field that holds `quantity`, or None for the default of the material."""

    def validate(value):
        return None if value is None else quantity(value)

    return Annotated[float | None, BeforeValidator(validate)]


def _diffusivity(low, high):
    return _Quantity(low, high, "cm2/s", "is it in m2/s or another unit?")


def _length_nm(low, high):
    return _Quantity(low, high, "nm", "is it in angstrom, m or another unit?")


def _ratio(low, high):
    return _Quantity(low, high, mistake="it is a fraction: is it in percent?")


# Narrow enough that 1e8 times too much or too little of a default is outside.
METAL_DIFFUSIVITY = _diffusivity(1e-14, 1e-5)
FAST_DIFFUSIVITY = _diffusivity(1e-12, 1e-3)  # interface and free surface
WALL_DIFFUSIVITY = _diffusivity(1e-14, 1e-4)
CONCENTRATION = _Quantity(1e21, 2e23, "cm-3", "is it in m-3, mol/l or another unit?")
ACTIVATION_ENERGY = _Quantity(0.01, 3.0, "eV", "is it in kJ/mol, meV or another unit?")
TEMPERATURE = _Quantity(0.0, 3000.0, "K")  # of the run: `_temperature_in_solid` has the real bounds
MEASURED_AT = _Quantity(LOWEST_K, 3000.0, "K", "is it in degrees Celsius?")
VACANCIES = _ratio(1e-4, 0.5)


# --- Sections ---------------------------------------------------------------------------------------------


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _DiffusiveSection(_Section):
    """A section whose diffusivity [cm²/s] holds at `at_K` [K] and moves with `activation_energy_eV` [eV]."""

    activation_energy_eV: _optional(ACTIVATION_ENERGY) = None
    at_K: _field(MEASURED_AT) = REFERENCE_K


class TubuleSection(_Section):
    """Shape and size of the tubule [nm].

    `inner_width_nm` is W, `wall_thickness_nm` is w, `segment_nm` the period along the axis.  `pore` matters
    for arrays only, and `slab_width_nm`, the period across the axis, for slabs only.
    """

    shape: Literal["slab", "single", *ARRAYS] = "single"
    inner_width_nm: _field(_length_nm(0.0, 1e4)) = 100.0
    wall_thickness_nm: _field(_length_nm(0.0, 1e4)) = 10.0
    axis: Literal["110", "100", "111"] = "110"
    segment_nm: _field(_length_nm(0.1, 1000.0)) = 2.0
    filling: Literal["metal", "empty"] = "metal"
    pore: Literal["polygonal", "round"] = "polygonal"
    slab_width_nm: _field(_length_nm(0.1, 1000.0)) = 5.0


class ConditionsSection(_Section):
    """Temperature [K]."""

    temperature_K: _field(TEMPERATURE) = REFERENCE_K


class MetalSection(_DiffusiveSection):
    """The bcc metal in the bore, and its self-diffusivity [cm²/s]."""

    species: Literal[*METALS] = "Li"
    diffusivity_cm2_s: _optional(METAL_DIFFUSIVITY) = None
    vacancy_fraction: _field(VACANCIES) = VACANCY_FRACTION


class InterfaceSection(_DiffusiveSection):
    """The interface of metal and wall: D [cm²/s], width [Å], occupancy of sites, atoms per volume [cm⁻³]."""

    diffusivity_cm2_s: _optional(FAST_DIFFUSIVITY) = None
    width_angstrom: _field(_Quantity(0.5, 20.0, "angstrom", "is it in nm or another unit?")) = (
        INTERFACE_WIDTH_ANGSTROM
    )
    occupancy: _field(_ratio(0.01, 0.99)) = 0.5  # where mobility of the exclusion gas is largest
    concentration_cm3: _optional(CONCENTRATION) = None


class SurfaceSection(_DiffusiveSection):
    """The free surface, which replaces the interface where the bore is empty: D [cm²/s]."""

    diffusivity_cm2_s: _optional(FAST_DIFFUSIVITY) = None


class WallSection(_DiffusiveSection):
    """One wall: D of the metal in it [cm²/s], and its atoms of the metal per volume [cm⁻³], maybe 0."""

    name: Annotated[str, BeforeValidator(_wall_name)]
    diffusivity_cm2_s: _optional(_wall_diffusivity) = None
    concentration_cm3: _optional(replace(CONCENTRATION, or_zero=True)) = None
    vacancy_fraction: _field(VACANCIES) = VACANCY_FRACTION


class RunSection(_Section):
    """How to match rates to diffusivities, and how long to run.

    `target_error` is the absolute standard error wanted of every share, `max_events` the limit per wall of
    all replicas together, `field_kT` the work of the driving field per axial lattice step [kT].
    """

    matching: Literal["conductance", "tracer"] = "conductance"
    target_error: _field(_ratio(1e-4, 0.2)) = 0.01
    replicas: Annotated[int, BeforeValidator(_Whole(1, 1000))] = 2
    seed: Annotated[int, BeforeValidator(_Whole(0, 2**63 - 1))] = 1
    max_events: Annotated[int, BeforeValidator(_Whole(1, 10**15))] = 200_000_000
    field_kT: _field(_Quantity(0.0, 1.0, "kT")) = 0.05


# --- From sections to physics -----------------------------------------------------------------------------


def _known_walls(species):
    """Walls whose numbers hold for `species`: those of `WALLS` are for Li, so others have the inert one."""
    return {name: wall for name, wall in WALLS.items() if species == "Li" or wall.diffusivity is None}


def _default_walls(species):
    """Names of the walls of a case that gives none."""
    known = _known_walls(species)
    return [name for name in PAPER_WALLS if name in known] or list(known)


def _resolve(default, section):
    """Diffusivity of a section: as given, else the default, or None when there is neither."""
    energy = section.activation_energy_eV
    if section.diffusivity_cm2_s is not None:
        slope = default.activation_energy_eV if energy is None and default else energy
        return Diffusivity(section.diffusivity_cm2_s, slope, section.at_K, GIVEN)
    if default and energy is not None:
        return replace(default, activation_energy_eV=energy, source=f"{default.source}; slope {GIVEN}")
    return default


def _default_diffusivity(section, species):
    """Diffusivity of section "metal", "interface" or "surface" when the case gives none."""
    metal = METALS[species]
    return {"metal": metal.bulk, "interface": metal.interface, "surface": metal.surface}[section]


def _sublattice_constant_nm(wall_concentration_cm3, metal):
    """Lattice constant [nm] of the bcc sublattice in a wall, (2/c)^(1/3); in an inert wall, of the metal."""
    if wall_concentration_cm3 == 0:
        return metal.lattice_constant_A / 10
    return (2 / wall_concentration_cm3) ** (1 / 3) * 1e7


# --- Checks between keys ----------------------------------------------------------------------------------
#
# Each check is a generator of (path of the key at fault, message).  It reads a `_Draft`, so that it can run
# while other keys are faulty: a check that reads one of those ends there and says nothing.


class _Unknown(Exception):
    """A value that a check needs is itself faulty or missing."""


class _Draft:
    """The values of a case that may have faults.

    Parameters
    ----------
    data : dict
        What was given, by section.
    faulty : set of tuple
        Paths of the keys and sections that have faults already.
    """

    def __init__(self, data, faulty):
        self._data = data
        self._faulty = faulty

    def add_fault(self, path):
        """No later check is to judge by the key at `path`."""
        self._faulty.add(path)

    def is_faulty(self, path):
        """Whether the key at `path`, or a section around it, has a fault."""
        return any(path[:length] in self._faulty for length in range(1, len(path) + 1))

    def get(self, *path):
        """Value at `path`, or its default; `_Unknown` when it is faulty."""
        if self.is_faulty(path):
            raise _Unknown
        *parents, key = path
        section = self._data.get(parents[0], {})
        if parents[0] == "wall":
            section = section[parents[1]]
        if isinstance(section, BaseModel):
            return getattr(section, key)
        return section.get(key, _SECTIONS[parents[0]].model_fields[key].default)

    def get_diffusive(self, *path):
        """The keys of a diffusivity in the section at `path`."""
        return _DiffusiveKeys(*(self.get(*path, key) for key in _DiffusiveKeys._fields))

    @property
    def walls(self):
        """Paths of the walls that were given."""
        n_wall = 0 if self.is_faulty(("wall",)) else len(self._data["wall"])
        return [("wall", index) for index in range(n_wall)]

    @property
    def has_default_walls(self):
        """Whether no wall was given, well or badly."""
        return not self.walls and not self.is_faulty(("wall",))

    def wall_concentration(self, path):
        """Atoms of the metal per volume of a wall [cm⁻³]; `_Unknown` when nothing says."""
        given = self.get(*path, "concentration_cm3")
        known = _known_walls(self.get("metal", "species")).get(self.get(*path, "name"))
        if given is None and known is None:
            raise _Unknown
        return known.concentration_cm3 if given is None else given


_DiffusiveKeys = namedtuple("_DiffusiveKeys", "diffusivity_cm2_s activation_energy_eV at_K")


def _temperature_in_solid(draft):
    """The lattice is that of a solid metal."""
    temperature_K = draft.get("conditions", "temperature_K")
    metal = METALS[draft.get("metal", "species")]
    if not LOWEST_K <= temperature_K < metal.melting_K:
        celsius = " (is it in degrees Celsius?)" if temperature_K < LOWEST_K else ""
        yield (
            ("conditions", "temperature_K"),
            f"must be at least {LOWEST_K:g} K and below {metal.melting_K:g} K, where {metal.species} melts, "
            f"got {_number_text(temperature_K)}{celsius}",
        )


def _bore_holds_metal(draft):
    """A bore narrower than a few cells has no bulk beside its interface."""
    width_nm = draft.get("tubule", "inner_width_nm")
    metal = METALS[draft.get("metal", "species")]
    least_nm = LEAST_LATTICE_CONSTANTS * metal.lattice_constant_A / 10
    if width_nm < least_nm:
        yield (
            ("tubule", "inner_width_nm"),
            f"must be at least {least_nm:.3f} nm ({LEAST_LATTICE_CONSTANTS} lattice constants of "
            f"{metal.species}), got {_number_text(width_nm)}",
        )


def _wall_holds_cell(draft):
    """Every wall is at least one cell of its own sublattice thick; the largest cell decides."""
    thickness_nm = draft.get("tubule", "wall_thickness_nm")
    metal = METALS[draft.get("metal", "species")]
    cells = [(_sublattice_constant_nm(known, metal), name) for known, name in _wall_concentrations(draft)]
    least_nm, name = max(cells, default=(0.0, ""), key=lambda cell: cell[0])
    if thickness_nm < least_nm:
        yield (
            ("tubule", "wall_thickness_nm"),
            f"must be at least {least_nm:.3f} nm (one lattice constant of the {metal.species} sites in wall "
            f"'{name}'), got {_number_text(thickness_nm)}",
        )


def _wall_concentrations(draft):
    """Atoms of the metal per volume [cm⁻³], and name, of every wall where both are known."""
    if draft.has_default_walls:
        for name in _default_walls(draft.get("metal", "species")):
            yield WALLS[name].concentration_cm3, name
    for path in draft.walls:
        try:
            yield draft.wall_concentration(path), draft.get(*path, "name")
        except _Unknown:
            continue


def _names_differ(draft):
    """Names of walls name files and results, so they differ."""
    first = {}
    for path in draft.walls:
        try:
            name = draft.get(*path, "name")
        except _Unknown:
            continue
        if name in first:
            yield (*path, "name"), f"must differ from wall to wall, got '{name}' as in {_dotted(first[name])}"
        first.setdefault(name, path)


def _at_belongs_to_value(draft, path):
    """`at_K` says where the given diffusivity holds; the default has its own."""
    keys = draft.get_diffusive(*path)
    if keys.diffusivity_cm2_s is None and keys.at_K != REFERENCE_K:
        yield (
            (*path, "at_K"),
            f"must come with diffusivity_cm2_s, whose temperature it is, got {_number_text(keys.at_K)} alone",
        )


def _carried_in_range(draft, path, default, accepted):
    """A wrong slope carries a diffusivity to values that no solid has."""
    temperature_K = draft.get("conditions", "temperature_K")
    keys = draft.get_diffusive(*path)
    diffusivity = _resolve(default, keys)
    if diffusivity is None:
        return
    carried = diffusivity.at(temperature_K)
    got = _number_text(float(f"{carried:.2g}"))
    if carried > accepted.high:
        key = "diffusivity_cm2_s" if keys.activation_energy_eV is None else "activation_energy_eV"
        yield (
            (*path, key),
            f"must give {accepted.with_unit(f'at most {_number_text(accepted.high)}')} at "
            f"{_number_text(temperature_K)} K, got {got} (carried there from "
            f"{_number_text(diffusivity.at_K)} K with {diffusivity.activation_energy_eV:.3g} eV)",
        )


def _region_carried_in_range(draft, section):
    """`_carried_in_range` for the metal, the interface and the surface."""
    default = _default_diffusivity(section, draft.get("metal", "species"))
    accepted = METAL_DIFFUSIVITY if section == "metal" else FAST_DIFFUSIVITY
    yield from _carried_in_range(draft, (section,), default, accepted)


def _wall_carried_in_range(draft, path):
    """`_carried_in_range` for a wall, if anything diffuses in it."""
    if _takes_none(draft, path):
        return
    known = _known_walls(draft.get("metal", "species")).get(draft.get(*path, "name"))
    yield from _carried_in_range(draft, path, known and known.diffusivity, WALL_DIFFUSIVITY)


def _wall_is_complete(draft, path):
    """A wall of a name that nobody knows brings its numbers."""
    species = draft.get("metal", "species")
    name = draft.get(*path, "name")
    known = _known_walls(species)
    if name in known:
        return
    reason = f"is missing: '{name}' is not a wall known for {species} ({_listed(known)})"
    if _is_missing(draft, path, "concentration_cm3"):
        yield (*path, "concentration_cm3"), f"{reason}; give it in cm-3, 0 for a wall that takes no {species}"
    if _is_missing(draft, path, "diffusivity_cm2_s") and not _takes_none(draft, path):
        yield (*path, "diffusivity_cm2_s"), f"{reason}; give it in cm2/s"


def _is_missing(draft, path, key):
    """Whether a wall does not give `key`, well or badly."""
    try:
        return draft.get(*path, key) is None
    except _Unknown:
        return False


def _takes_none(draft, path):
    """Whether a wall is known to take no metal."""
    try:
        return draft.wall_concentration(path) == 0
    except _Unknown:
        return False


def _wall_diffuses_if_filled(draft, path):
    """D is zero in a wall that takes no metal, and only there."""
    concentration = draft.wall_concentration(path)
    value = draft.get(*path, "diffusivity_cm2_s")
    if concentration == 0 and value:
        yield (
            (*path, "diffusivity_cm2_s"),
            "must be left out, or 0, for a wall that takes no metal (its concentration_cm3 is 0), "
            f"got {_number_text(value)}; or give a concentration_cm3 > 0",
        )
    if concentration > 0 and value == 0:
        yield (
            (*path, "diffusivity_cm2_s"),
            "must be > 0 cm2/s, got 0 (for a wall that takes no metal, give concentration_cm3 = 0)",
        )


def _wall_reaches_temperature(draft, path):
    """No activation energy is known for any wall, and none is invented."""
    temperature_K = draft.get("conditions", "temperature_K")
    at_K = draft.get(*path, "at_K")
    if draft.get(*path, "activation_energy_eV") is not None or at_K == temperature_K:
        return
    name = draft.get(*path, "name")
    has_value = name in _known_walls(draft.get("metal", "species")) or not _is_missing(
        draft, path, "diffusivity_cm2_s"
    )
    if has_value and not _takes_none(draft, path):
        wanted = _number_text(temperature_K)
        yield (
            (*path, "activation_energy_eV"),
            f"is missing: the diffusivity of '{name}' is known at {_number_text(at_K)} K and the case is at "
            f"{wanted} K; give activation_energy_eV, or diffusivity_cm2_s at this temperature together with "
            f"at_K = {wanted}",
        )


def _default_walls_reach_temperature(draft):
    """The same for the walls of a case that gives none: there the temperature is the key to name."""
    temperature_K = draft.get("conditions", "temperature_K")
    names = [name for name in _default_walls(draft.get("metal", "species")) if WALLS[name].diffusivity]
    if names and temperature_K != REFERENCE_K:
        wanted = _number_text(temperature_K)
        yield (
            ("conditions", "temperature_K"),
            f"must be {REFERENCE_K:g} K, where diffusivities of the default walls are known, got {wanted}, "
            f"or give each wall ({_listed(names, 'and')}) as [[wall]] with activation_energy_eV, or with "
            f"diffusivity_cm2_s at this temperature together with at_K = {wanted}",
        )


_WALL_CHECKS = (
    _at_belongs_to_value,
    _wall_reaches_temperature,
    _wall_is_complete,
    _wall_diffuses_if_filled,
    _wall_carried_in_range,
)


def _checks(draft):
    """All checks between keys, each with its arguments; later ones say nothing of keys that failed before."""
    yield from [(_temperature_in_solid,), (_bore_holds_metal,), (_wall_holds_cell,)]
    for section in ("metal", "interface", "surface"):
        yield from [(_at_belongs_to_value, (section,)), (_region_carried_in_range, section)]
    for path in draft.walls:
        yield from [(check, path) for check in _WALL_CHECKS]
    if draft.has_default_walls:
        yield (_default_walls_reach_temperature,)
    yield (_names_differ,)


def _cross_faults(draft):
    """Faults that lie between keys: list of (path, message)."""
    faults = []
    for check, *arguments in _checks(draft):
        try:
            for path, message in check(draft, *arguments):
                faults.append((path, message))
                draft.add_fault(path)
        except _Unknown:
            continue
    return faults


# --- The case ---------------------------------------------------------------------------------------------


class Case(BaseModel):
    """What to simulate: sections as in a case file, each with the paper's defaults.

    `Case(tubule={"inner_width_nm": 20})` runs the same checks as a file; `wall` is never empty afterwards.
    Faults raise pydantic's `ValidationError`; `load_case` and `parse_case` turn them into `CaseError`.
    """

    # Our messages say what came in, where it helps.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    tubule: TubuleSection = TubuleSection()
    conditions: ConditionsSection = ConditionsSection()
    metal: MetalSection = MetalSection()
    interface: InterfaceSection = InterfaceSection()
    surface: SurfaceSection = SurfaceSection()
    wall: Annotated[tuple[WallSection, ...], BeforeValidator(_walls_listed)] = ()
    run: RunSection = RunSection()

    @model_validator(mode="wrap")
    @classmethod
    def _collect_faults(cls, data, handler):
        """Check key by key and between keys, report all together, and fill in the default walls."""
        if not isinstance(data, dict):
            return handler(data)
        data = {**data, "wall": data.get("wall", ())}
        faults = _key_faults(data, handler)
        faults += _cross_faults(_Draft(data, {path for path, _ in faults}))
        if faults:
            errors = [InitErrorDetails(type=_fault(text), loc=path, input=None) for path, text in faults]
            raise ValidationError.from_exception_data(cls.__name__, errors)
        if not data["wall"]:
            species = _Draft(data, set()).get("metal", "species")
            data["wall"] = [WallSection(name=name) for name in _default_walls(species)]
        return handler(data)

    @property
    def metal_material(self):
        """The tabulated `kmc.materials.Metal`; diffusivities of this case are the properties below."""
        return METALS[self.metal.species]

    @property
    def walls(self):
        """`kmc.materials.Wall` of every section in `wall`, in their order."""
        return tuple(map(self._wall, self.wall))

    def _wall(self, section):
        """Wall of one section: its own numbers first, then those known by its name."""
        known = _known_walls(self.metal.species).get(section.name)
        concentration = section.concentration_cm3
        if concentration is None:
            concentration = known.concentration_cm3
        if concentration == 0:
            return Wall(section.name, 0.0, None)
        return Wall(section.name, concentration, _resolve(known and known.diffusivity, section))

    @property
    def metal_diffusivity(self):
        """Self-diffusion in the metal (`kmc.materials.Diffusivity`)."""
        return self._region_diffusivity("metal")

    @property
    def interface_diffusivity(self):
        """Diffusion along the interface of metal and wall (`kmc.materials.Diffusivity`)."""
        return self._region_diffusivity("interface")

    @property
    def surface_diffusivity(self):
        """Diffusion along the free surface (`kmc.materials.Diffusivity`)."""
        return self._region_diffusivity("surface")

    def _region_diffusivity(self, section):
        return _resolve(_default_diffusivity(section, self.metal.species), getattr(self, section))

    @property
    def interface_concentration_cm3(self):
        """Atoms per volume of the interface [cm⁻³]: as given, else that of the metal."""
        given = self.interface.concentration_cm3
        return self.metal_material.concentration_cm3 if given is None else given

    def resolved(self):
        """Everything that the run follows from, with defaults filled in, as a dict that JSON can hold.

        Sections and keys are those of the case file, without the ones that this shape does not use.
        `diffusivity_cm2_s` is the value at the temperature of the case; `reference_cm2_s` and `reference_K`
        say what it was carried from, and `source` who measured it.
        """
        temperature_K = self.conditions.temperature_K
        metal = self.metal_material
        return {
            "tubule": self._tubule_in_use(),
            "conditions": self.conditions.model_dump(),
            "metal": {
                "species": metal.species,
                "lattice_constant_angstrom": metal.lattice_constant_A,
                "concentration_cm3": metal.concentration_cm3,
                "melting_K": metal.melting_K,
                "vacancy_fraction": self.metal.vacancy_fraction,
                **_described(self.metal_diffusivity, temperature_K),
            },
            "interface": {
                "width_angstrom": self.interface.width_angstrom,
                "occupancy": self.interface.occupancy,
                "concentration_cm3": self.interface_concentration_cm3,
                **_described(self.interface_diffusivity, temperature_K),
            },
            "surface": _described(self.surface_diffusivity, temperature_K),
            "wall": [
                {
                    "name": wall.name,
                    "concentration_cm3": wall.concentration_cm3,
                    "vacancy_fraction": section.vacancy_fraction,
                    **_described(wall.diffusivity, temperature_K),
                }
                for wall, section in zip(self.walls, self.wall, strict=True)
            ],
            "run": self.run.model_dump(),
        }

    def _tubule_in_use(self):
        """The keys of the tubule that its shape uses."""
        unused = set()
        if self.tubule.shape not in ARRAYS:
            unused.add("pore")
        if self.tubule.shape != "slab":
            unused.add("slab_width_nm")
        return self.tubule.model_dump(exclude=unused)

    def digest(self):
        """16 hex digits of the SHA-256 of `resolved()`: equal for equal cases, on every machine.

        Numbers enter with 12 digits, because the last digit of an exponential depends on the C library.
        """
        text = json.dumps(_rounded(self.resolved()), sort_keys=True)
        return sha256(text.encode()).hexdigest()[:16]


_SECTIONS = {name: field.annotation for name, field in Case.model_fields.items()} | {"wall": WallSection}


def _described(diffusivity, temperature_K):
    """A diffusivity for `Case.resolved`; nothing where nothing diffuses."""
    if diffusivity is None:
        return {}
    return {
        "diffusivity_cm2_s": diffusivity.at(temperature_K),
        "activation_energy_eV": diffusivity.activation_energy_eV,
        "reference_cm2_s": diffusivity.value_cm2_s,
        "reference_K": diffusivity.at_K,
        "source": diffusivity.source,
    }


def _rounded(value):
    """`value` with all its floats as text of 12 digits."""
    if isinstance(value, dict):
        return {key: _rounded(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_rounded(member) for member in value]
    return f"{value:.12g}" if isinstance(value, float) else value


# --- Faults of single keys, in our words ------------------------------------------------------------------


def _key_faults(data, handler):
    """Faults that pydantic finds key by key: list of (path, message)."""
    try:
        handler(data)
    except ValidationError as error:
        return [(found["loc"], _message(found)) for found in error.errors(include_url=False)]
    return []


def _message(error):
    """Our words for an error of pydantic; those of our own validators stay as they are."""
    path, value = error["loc"], error["input"]
    match error["type"]:
        case "extra_forbidden":
            return _unknown_key(path, value)
        case "missing":
            return f"is missing: give the wall a name, its own or {_listed(WALLS)}"
        case "literal_error":
            return f"must be {error['ctx']['expected']}, got {_chosen_text(value)}"
        case "model_type":
            return f"must be a table, got {_typed_text(value)}"
    return error["msg"]


def _chosen_text(value):
    """A value that is not among the choices; strings need no word on their type."""
    return _quoted(value) if isinstance(value, str) else _typed_text(value)


def _unknown_key(path, value):
    """What to do about a key or section that does not exist."""
    *parents, key = path
    known = list(_SECTIONS[parents[0]].model_fields) if parents else list(_SECTIONS)
    what = "unknown section" if not parents and isinstance(value, dict | list) else "unknown key"
    homes = {}  # key -> headers of the sections that have it
    for name, section in _SECTIONS.items():
        for home_key in section.model_fields:
            homes.setdefault(home_key, []).append(_header(name))
    if key in homes:
        return f"{what}, it belongs in {' or '.join(homes[key])}"
    for close in get_close_matches(key, known, n=1):
        return f"{what}, did you mean '{close}'?"
    for close in get_close_matches(key, homes, n=1):
        return f"{what}, did you mean '{close}' in {' or '.join(homes[close])}?"
    return f"{what}, must be one of {_listed(known)}"


def _header(section):
    return "[[wall]]" if section == "wall" else f"[{section}]"


def _dotted(path):
    """Path as a user writes it, elements counted from 1: `wall[2].name`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += ("." if text else "") + (part if re.fullmatch(r"[\w-]+", part) else _quoted(part))
    return text


# --- Reading ----------------------------------------------------------------------------------------------


def paper_case():
    """The paper's case: one tubule, W = 100 nm, w = 10 nm, 300 K, Li, and its four walls."""
    return Case()


def load_case(path):
    """Read and check a case file.

    Parameters
    ----------
    path : str or path-like
        A TOML file, in UTF-8.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        With every fault of the file, each with its line.
    """
    name = str(path)
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise _file_error(name, "no such file; `coble template` prints one to start from") from None
    except IsADirectoryError:
        raise _file_error(name, "must be a case file, got a directory") from None
    except OSError as error:
        raise _file_error(name, f"cannot be read: {error.strerror}") from None
    try:
        text = content.decode("utf-8-sig")  # some editors put a byte-order mark in front
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"must be UTF-8 text, got the byte {content[error.start]:#04x}"
        raise _file_error(name, message, line) from None
    return parse_case(text, name)


def parse_case(text, name="<text>"):
    """Check the text of a case file.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        Name of the file, for messages.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        With every fault of the text, each with its line.
    """
    data, lines = _parse_toml(text, name)
    try:
        return Case.model_validate(data)
    except ValidationError as error:
        faults = [
            Fault(name, line_of(found["loc"], lines), _dotted(found["loc"]), found["msg"])
            for found in error.errors(include_url=False)
        ]
    raise CaseError(sorted(faults, key=lambda fault: fault.line or inf))


def _parse_toml(text, name):
    """Data of a TOML text, and the lines of its keys."""
    try:
        return tomllib.loads(text), key_lines(text)
    except RecursionError:
        raise _file_error(name, "must not nest hundreds of arrays or tables") from None
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        number = int(line[1]) if line else len(text.splitlines())  # else "(at end of document)"
        raise _file_error(name, f"must be TOML: {message}", number) from None
    except ValueError:  # Python's own limit on reading integers
        raise _file_error(name, "must not have integers of thousands of digits") from None


def _file_error(name, message, line=None):
    """The error of a file with one fault, which is not that of a key."""
    return CaseError([Fault(name, line, "", message)])
