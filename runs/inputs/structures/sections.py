"""The sections of a case on a structure of the user's own: [structure], [[region]], [[barrier]], [barriers], [plugins].

A site is an atom of the structure file.  Bonds come from a cut-off, or from the table of [barriers].  Rates come from
a diffusivity of a region, from a rule for a pair of regions, or from the table; the three may be mixed.  In place of
sites there may be an image with labels; its keys are in `coble.inputs.structures.image_sections`.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema, create_model

from coble.inputs.files.faults import quoted, refusal, typed_text
from coble.inputs.files.given_files import folder_of, read_given
from coble.inputs.files.plugins import execute
from coble.inputs.files.reading import MOST_TEXT
from coble.inputs.numbers.quantities import Listed, Quantity, Whole, diffusivity_cm2_s, ratio
from coble.inputs.numbers.section import LOWEST_K, Section, checked
from coble.inputs.numbers.uncertain import uncertain
from coble.inputs.structures.image_sections import CONCENTRATION, VOXEL, image_file, label_table, region_name, sheets
from coble.kmc.rates.materials import REFERENCE_K

NATURAL = "natural"  # ASE's natural cut-offs
CUTOFF = Quantity(0.5, 100.0, "angstrom", "is it in nm?")
DIFFUSIVITY = diffusivity_cm2_s(1e-30, 1e-1)
SLOPE = Quantity(0.0, 10.0, "eV", "is it in kJ/mol, meV or another unit?")
BARRIER = Quantity(1e-6, 10.0, "eV", "is it in kJ/mol, meV or another unit?", or_zero=True)
PREFACTOR = Quantity(1.0, 1e30, "1/s")
TOLERANCE = Quantity(1e-12, 1.0, "eV", or_zero=True)
BALANCE_TOLERANCE_EV = 1e-3  # NEB tables are rounded to this


def _structure_file(value, info):
    """Validator of a structure: the name of a file, or atoms or a lattice of Python."""
    from coble.inputs.structures.structure_file import as_given

    return read_given(as_given(value), folder_of(info))


def _table_file(value, info):
    return read_given(value, folder_of(info))


def _code_files(values, info):
    if not isinstance(values, list | tuple):
        raise refusal(f"must be a list of names of files, got {typed_text(values)}")
    files = tuple(read_given(value, folder_of(info), MOST_TEXT) for value in values)
    for file in files:
        execute(file)
    return files


def _cutoff(value):
    """Validator of a bond cut-off: a number, one for each pair of regions, or 'natural'."""
    if isinstance(value, dict):
        for pair, each in value.items():
            try:
                CUTOFF(each)
            except Exception as error:
                raise refusal(f"{quoted(pair)} {error}") from None
        return {pair: float(each) for pair, each in value.items()}
    if isinstance(value, str):
        if value != NATURAL:
            raise refusal(f"must be a number, a table of pairs of regions, or '{NATURAL}', got {quoted(value)}")
        return value
    return CUTOFF(value)


def _diffusivity(value):
    """Validator of D: a number, or [parallel, perpendicular] to the axis."""
    return Listed(DIFFUSIVITY, 2, 2, distinct=False)(value) if isinstance(value, list | tuple) else DIFFUSIVITY(value)


def _component(value):
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e6:
        raise refusal(f"must be a list of 3 numbers, got {typed_text(value)} in it")
    return float(value)


def _direction(value):
    found = Listed(_component, 3, 3, distinct=False)(value)
    if not any(found):
        raise refusal("must not be 0 in all three")
    return found


def _seen(schema, validator, type_=Any):
    """Type of a field that `validator` makes, and that a JSON schema describes by `schema`."""
    return Annotated[type_, BeforeValidator(validator), WithJsonSchema(schema)]


_NUMBER = {"type": "number", **DIFFUSIVITY.limits}
_NUMBERS = WithJsonSchema({"anyOf": [_NUMBER, {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}]})
_SHEET = {
    "type": "object",
    "properties": {
        "between": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
        "name": {"type": "string"},
        "width_angstrom": {"type": "number"},
    },
    "required": ["between"],
    "additionalProperties": False,
}
_SHEETS = {"anyOf": [_SHEET, {"type": "array", "items": _SHEET}]}


class StructureSection(Section):
    """The sites: a file that ASE reads, the axis of transport, and what is bound to what; or the voxels of an image.

    `image` is a labelled section or stack: `voxel_nm` its voxel, `labels` what each value is, `along_axis` how it goes
    on, `layers` how many voxels of a section make a period, and `interface` and `surface` sheets between two labels.
    """

    file: _seen({"type": "string"}, _structure_file) | None = None
    voxel_nm: checked(VOXEL) | None = None
    image: _seen({"anyOf": [{"type": "string"}, {"type": "object"}]}, image_file) | None = None
    along_axis: Literal["periodic", "mirror", "reservoirs"] | None = None
    across: Literal["open", "periodic"] | None = None
    layers: checked(Whole(3, 10_000), int) | None = None
    labels: _seen({"type": "object", "additionalProperties": {"type": "string"}}, label_table) | None = None
    interface: _seen(_SHEETS, sheets) | None = None
    surface: _seen(_SHEETS, sheets) | None = None
    axis: Literal["x", "y", "z"] = "z"
    regions: checked(region_name, str) = "tags"
    mobile: checked(Listed(region_name, 1, 20, noun="symbol"), tuple[str, ...]) | None = None
    bond_cutoff_angstrom: (
        _seen(
            {
                "anyOf": [
                    {"type": "number", **CUTOFF.limits},
                    {"type": "object", "additionalProperties": {"type": "number", **CUTOFF.limits}},
                    {"const": NATURAL},
                ]
            },
            _cutoff,
        )
        | None
    ) = None

    @property
    def given(self):
        """The file of sites or the image, a `GivenFile`; None without either."""
        return self.file if self.image is None else self.image


class RegionSection(Section):
    """A region: how full it is at equilibrium, and its diffusivity [cm²/s] where no barrier says it.

    Of an image it also has its mobile atoms per volume [cm⁻³].
    """

    name: checked(region_name, str)
    occupancy: uncertain(ratio(1e-6, 1 - 1e-6), scale=False) | None = None
    diffusivity_cm2_s: uncertain(DIFFUSIVITY, number=_diffusivity, type_=Annotated[Any, _NUMBERS]) | None = None
    activation_energy_eV: uncertain(SLOPE, scale=False) | None = None
    at_K: checked(Quantity(LOWEST_K, 3000.0, "K", "is it in degrees Celsius?")) = REFERENCE_K
    concentration_cm3: uncertain(CONCENTRATION) | None = None
    colour: checked(region_name, str) | None = None


class _Barrier(Section):
    """Hops from the first to the second of two regions, maybe along one direction, or of one class, only.

    Any two of rate [1/s], prefactor [1/s] and barrier [eV] determine the third; a rate holds at `at_K` [K].
    """

    between: checked(Listed(region_name, 2, 2, distinct=False, noun="name"), tuple[str, ...])
    direction: checked(_direction, tuple[float, ...]) | None = None
    rate_1_s: uncertain(Quantity(1e-30, 1e30, "1/s")) | None = None
    prefactor_1_s: uncertain(PREFACTOR) | None = None
    barrier_eV: uncertain(BARRIER, scale=False) | None = None
    at_K: checked(Quantity(LOWEST_K, 3000.0, "K", "is it in degrees Celsius?")) | None = None


# `class` is a word of Python's own, so it cannot stand in the block above.
BarrierSection = create_model(
    "BarrierSection",
    __base__=_Barrier,
    __module__=__name__,
    __doc__=_Barrier.__doc__,
    **{"class": (checked(Whole(0, 10**6), int) | None, None)},
)


class BarriersSection(Section):
    """A table of pairs of sites with barriers both ways, as NEB calculations give; see `neb_table`."""

    file: _seen({"type": "string"}, _table_file) | None = None
    prefactor_1_s: uncertain(PREFACTOR) | None = None
    balance_tolerance_eV: checked(TOLERANCE) = BALANCE_TOLERANCE_EV


class PluginsSection(Section):
    """Python files with shapes, region rules or mechanisms of the user's own; see `coble.inputs.files.plugins`."""

    files: _seen({"type": "array", "items": {"type": "string"}}, _code_files) = ()
