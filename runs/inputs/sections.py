"""The sections of a case file: their keys, with units, defaults and accepted values.

Here each key is looked at alone; `case_checks` has what must hold between keys.

Limits: the ranges are there to catch wrong units and slips of the pen.  They are wider than what is physically
sensible, and no proof that a case fits into memory.
"""

from dataclasses import dataclass, replace
from math import isfinite
from numbers import Real
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_serializer

from coble.inputs.files.faults import listed, quoted, refusal, typed_text
from coble.inputs.files.plugins import are_asleep, load_entry_points
from coble.inputs.growth.open_circuit import Curve
from coble.inputs.growth.steps import CURRENT_mA_cm2, CURRENT_pA, GrowthStep
from coble.inputs.numbers.quantities import Listed, Quantity, Voltage, Whole, diffusivity_cm2_s, length_nm, ratio
from coble.inputs.numbers.section import ENERGY, LOWEST_K, DiffusiveSection, Section, checked
from coble.inputs.numbers.uncertain import uncertain
from coble.inputs.seeds import MOST_SEED
from coble.inputs.structures.sections import (
    BarrierSection,
    BarriersSection,
    PluginsSection,
    RegionSection,
    StructureSection,
)
from coble.kmc.rates.materials import INTERFACE_PRIORS, METALS, REFERENCE_K
from coble.lattices.shapes import SHAPES

EXPERIMENTS = ("void", "obstacles", "wall-swap", "width", "temperature")
OBSERVABLES = (
    *("void_ratio", "obstacle_ratio", "wall_ratio", "width_exponent", "activation_energy_eV"),
    *("marker", "log10_speed"),
)
ARRAYS = ("square-array", "hexagonal-array")
VACANCY_FRACTION = 0.01  # far above the real one, so that few hops are wasted; hop rates compensate

# Narrow enough that 1e8 times too much or too little of a default is outside.
DIFFUSIVITY = {
    "metal": diffusivity_cm2_s(1e-14, 1e-5),
    "interface": diffusivity_cm2_s(1e-12, 1e-3),
    "surface": diffusivity_cm2_s(1e-12, 1e-3),
    "wall": diffusivity_cm2_s(1e-14, 1e-4),
}
CONCENTRATION = Quantity(1e21, 2e23, "cm-3", "is it in m-3, mol/l or another unit?")
VACANCIES = ratio(1e-4, 0.5)
TENSION = Quantity(1.0, 2000.0, "MPa", "is it in Pa or GPa?")


def _wall_name(value):
    """Validator of the name of a wall; it becomes part of file names."""
    if not isinstance(value, str):
        raise refusal(f"must be a string, got {typed_text(value)}")
    if not 1 <= len(value) <= 64:
        raise refusal(f"must have 1 to 64 characters, got {len(value)}")
    if (size := len(value.encode("utf-8", "surrogatepass"))) > 200:
        raise refusal(f"must have at most 200 bytes in UTF-8 (it names files), got {size}")
    if not value.isprintable() or "/" in value or value != value.strip():
        raise refusal(
            "must have printable characters only, no '/' and no spaces at its ends (it names files), "
            f"got {quoted(value)}"
        )
    if value.startswith(".") or "\\" in value:
        raise refusal(f"must not start with '.' and hold no backslash (it names files), got {quoted(value)}")
    return value


def _wall_diffusivity(value):
    """Validator of D of a wall; 0 passes here, and `case_checks` says when it may be."""
    return 0.0 if value == 0 and value is not False else DIFFUSIVITY["wall"](value)


def _word(value):
    """Validator of one word in a list."""
    if not isinstance(value, str):
        raise refusal(f"must be a list of names, got {typed_text(value)} in it")
    return value


@dataclass(frozen=True)
class _Tables:
    """Validator of all the tables of a name together, before each is looked at."""

    name: str

    def __call__(self, value):
        if not isinstance(value, list | tuple):
            raise refusal(f"must be given as [[{self.name}]], once for each {self.name}, got {typed_text(value)}")
        return value


def _truth(value):
    """Validator of true and false, for which no word stands."""
    if not isinstance(value, bool):
        raise refusal(f"must be true or false, got {typed_text(value)}")
    return value


def _shape(value):
    """Validator of the name of a shape, those of plug-ins included."""
    if not isinstance(value, str):
        raise refusal(f"must be a string, got {typed_text(value)}")
    if value not in SHAPES and not are_asleep():
        load_entry_points()
    if value not in SHAPES and not are_asleep():
        raise refusal(f"must be {listed(SHAPES)}, got {quoted(value)}")
    return value


class TubuleSection(Section):
    """Shape and size of the tubule [nm].

    `inner_width_nm` is W, `wall_thickness_nm` is w, `segment_nm` the period along the axis.  `pore` matters
    for arrays only, and `slab_width_nm`, the period across the axis, for slabs only.
    """

    shape: Annotated[str, BeforeValidator(_shape), WithJsonSchema({"enum": list(SHAPES)})] = "single"
    inner_width_nm: uncertain(length_nm(0.0, 1e4)) = 100.0
    wall_thickness_nm: uncertain(length_nm(0.0, 1e4)) = 10.0
    axis: Literal["110", "100", "111"] = "110"
    segment_nm: checked(length_nm(0.1, 1000.0)) = 2.0
    filling: Literal["metal", "empty"] = "metal"
    pore: Literal["polygonal", "round"] = "polygonal"
    slab_width_nm: checked(length_nm(0.1, 1000.0)) = 5.0


class ConditionsSection(Section):
    """Temperature [K]."""

    temperature_K: checked(Quantity(0.0, 3000.0, "K")) = REFERENCE_K  # `case_checks` has the bounds of the solid


class MetalSection(DiffusiveSection):
    """The bcc metal in the bore, and its self-diffusivity [cm²/s]."""

    species: Literal[*METALS] = "Li"
    diffusivity_cm2_s: uncertain(DIFFUSIVITY["metal"]) | None = None
    vacancy_fraction: checked(VACANCIES) = VACANCY_FRACTION


class InterfaceSection(DiffusiveSection):
    """The interface of metal and wall: D [cm²/s], width [Å], occupancy of sites, atoms per volume [cm⁻³]."""

    diffusivity_cm2_s: uncertain(DIFFUSIVITY["interface"]) | None = None
    width_angstrom: uncertain(Quantity(0.5, 20.0, "angstrom", "is it in nm or another unit?")) = 2.0  # Chen 2020
    occupancy: uncertain(ratio(0.01, 0.99), scale=False) = 0.5  # where mobility of the exclusion gas is largest
    concentration_cm3: uncertain(CONCENTRATION) | None = None
    prior: Literal[*INTERFACE_PRIORS] = "paper"  # of D, where the case does not give it


class ExchangeSection(Section):
    """Hops between the interface, or surface, and its neighbours, over the harmonic mean of the two regions."""

    wall: checked(Quantity(1e-6, 1e6, mistake="it is a factor")) = 1.0
    metal: checked(Quantity(1e-6, 1e6, mistake="it is a factor")) = 1.0


class SurfaceSection(DiffusiveSection):
    """The surface, which replaces the interface where the bore is empty: D [cm²/s], atoms per volume [cm⁻³].

    `coverage` is that density over the metal's; one of the two may be given.  Metal that grows does not use them.
    """

    diffusivity_cm2_s: uncertain(DIFFUSIVITY["surface"]) | None = None
    concentration_cm3: uncertain(CONCENTRATION) | None = None
    coverage: uncertain(ratio(0.01, 1.0)) | None = None


class WallSection(DiffusiveSection):
    """One wall: D of the metal in it [cm²/s], and its atoms of the metal per volume [cm⁻³], maybe 0.

    A wall that fills as metal grows has an open-circuit curve `ocv_V`, and a `lithiation` at the start, 0 unless given.
    """

    name: checked(_wall_name, str)
    diffusivity_cm2_s: uncertain(DIFFUSIVITY["wall"], number=_wall_diffusivity) | None = None
    concentration_cm3: uncertain(CONCENTRATION, number=replace(CONCENTRATION, or_zero=True)) | None = None
    vacancy_fraction: checked(VACANCIES) = VACANCY_FRACTION
    ocv_V: checked(Curve(), tuple[tuple[float, float], ...]) | None = None
    lithiation: checked(replace(ratio(1e-4, 1.0), or_zero=True)) | None = None

    @model_serializer(mode="wrap")
    def _as_ever(self, handler):
        """Without the keys of walls that fill where it does not, and without the vacancies where it does."""
        unused = ("ocv_V", "lithiation") if self.ocv_V is None else ("vacancy_fraction",)
        found = {key: value for key, value in handler(self).items() if key not in unused}
        return found | ({"lithiation": self.lithiation or 0.0} if "lithiation" in found else {})


class RunSection(Section):
    """How to match rates to diffusivities, and how long to run.

    `target_error` is the absolute standard error wanted of every share, `max_events` the limit per wall of
    all replicas together, `field_kT` the work of the driving field per axial lattice step [kT].
    """

    matching: Literal["conductance", "tracer"] = "conductance"
    target_error: checked(ratio(1e-4, 0.2)) = 0.01
    replicas: checked(Whole(1, 1000), int) = 2
    seed: checked(Whole(0, MOST_SEED), int) = 1
    max_events: checked(Whole(1, 10**15), int) = 200_000_000
    field_kT: checked(Quantity(0.0, 1.0, "kT")) = 0.05


class BondsSection(Section):
    """Bonds of the metal [eV] and its wetting of the channel; for runs in which metal grows or shrinks."""

    first_eV: checked(Quantity(0.005, 0.5, "eV", "is it in kJ/mol, meV or another unit?")) = 0.0273
    second_eV: checked(Quantity(0.005, 0.5, "eV", "is it in kJ/mol, meV or another unit?")) = 0.0633
    wetting: checked(Quantity(0.05, 2.0, mistake="it is adhesion over cohesion: cos(theta) = 2 wetting - 1")) = 0.7


def _slowing(value):
    """Validator of a factor, or of "auto"."""
    if value == "auto":
        return value
    if isinstance(value, str):
        raise refusal(f'must be "auto" or a factor from 1 to 16, got {typed_text(value)}')
    return Quantity(1.0, 16.0, mistake="it is the factor by which hops on the metal are slower")(value)


class GrowthSection(Section):
    """A tubule with an electrolyte at its root: lengths along the axis [nm], overpotential [V], when to stop.

    A current, or steps, take the place of the overpotential; see `coble.inputs.growth.steps`.
    """

    depth_nm: checked(length_nm(1.0, 1e4)) = 150.0
    metal_from_nm: checked(replace(length_nm(0.1, 1000.0), or_zero=True)) = 0.0
    metal_to_nm: checked(replace(length_nm(0.5, 1e4), or_zero=True)) = 2.0
    steady_channel: checked(_truth, bool) = False
    overpotential_V: checked(Voltage(1.0), float) = 0.1
    current_pA: checked(CURRENT_pA) | None = None
    current_mA_cm2: checked(CURRENT_mA_cm2) | None = None
    contact_ohm_cm2: checked(Quantity(1e-6, 1e9, "ohm cm2", or_zero=True)) = 0.0
    exchange_mA_cm2: checked(Quantity(1e-9, 1e9, "mA/cm2", "is it in A/m2?", or_zero=True)) = 0.0
    until_V: checked(Voltage(1.0), float) | None = None
    step: checked(_Tables("growth.step"), tuple[GrowthStep, ...]) = ()
    until_front_nm: checked(length_nm(0.5, 1e4)) = 20.0
    until_left_nm: checked(length_nm(0.1, 1000.0)) = 1.0
    cycles: checked(Whole(0, 100_000), int) = 0
    steps_V: checked(Listed(Voltage(1.0), 1, 10_000, distinct=False), tuple[float, ...]) | None = None
    steps_s: checked(Listed(Quantity(1e-12, 1e6, "s"), 1, 10_000, distinct=False), tuple[float, ...]) | None = None
    time_s: checked(Quantity(1e-12, 1e6, "s")) | None = None
    max_events: checked(Whole(1, 10**15), int) = 10_000_000_000
    slip_1_s: checked(Quantity(1.0, 1e15, "1/s", or_zero=True)) = 0.0
    power_law_slip: checked(_truth, bool) = False
    without: tuple[Literal["interface", "surface", "wall", "bulk"], ...] = ()
    ahead_nm: checked(replace(length_nm(1.0, 1000.0), or_zero=True)) = 2.0
    graded: Literal["off", "auto"] = "off"
    fine_nm: checked(length_nm(1.0, 100.0)) = 1.0
    surface_slowing: checked(_slowing, float | Literal["auto"]) = 1.0
    growth_error: checked(ratio(1e-3, 0.2)) = 0.02
    space_nm: checked(replace(length_nm(0.5, 100.0), or_zero=True)) = 0.0
    side: Literal["inside", "outside"] = "inside"
    until_outside_atoms: checked(Whole(0, 10**9), int) = 0
    metal_touches_electrolyte: checked(_truth, bool) = False
    insulator_nm: checked(replace(length_nm(0.1, 1000.0), or_zero=True)) = 0.0
    obstacle_fraction: checked(replace(ratio(0.001, 0.6), or_zero=True)) = 0.0
    obstacle_radius_nm: checked(length_nm(0.2, 50.0)) = 0.7
    records: checked(Whole(10, 100_000), int) = 200
    frames: checked(Whole(0, 10_000), int) = 20
    frame_spacing: Literal["linear", "log"] = "linear"


class SlipSection(Section):
    """Power-law creep of the metal, with which slip of the plug competes; see `coble.kmc.growth.power_law_creep`."""

    prefactor_1_s: uncertain(Quantity(1e-6, 1e15, "1/s")) = 4.25e4
    exponent: uncertain(Quantity(1.0, 20.0, mistake="metals creep with an exponent of 3 to 8"), scale=False) = 6.6
    activation_energy_eV: uncertain(ENERGY, scale=False) = 0.383
    stress_MPa: uncertain(Quantity(1e-3, 1e4, "MPa", "is it in Pa or GPa?")) = 1.0


def _finite(value):
    """Validator of a number that was observed, of either sign."""
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
        raise refusal(f"must be a finite number, got {typed_text(value)}")
    return float(value)


class ObservedSection(Section):
    """What was seen of one observable, in its unit, and where."""

    value: Annotated[float, BeforeValidator(_finite), Field(description="what was seen, in the observable's unit")]
    stderr: Annotated[
        checked(Quantity(0.0, 1e6, mistake="nothing is seen without an error")), Field(description="its standard error")
    ]
    source: Annotated[str, Field(description="where it stands")] = ""


class ExperimentSection(Section):
    """Experiments that tell mechanisms apart: what is changed, and under which drive the speed of the tip is given.

    `observed` is what was seen, by observable; without `simulate` it is judged by the laws alone.
    """

    which: checked(Listed(_word, 1, len(EXPERIMENTS), noun="name"), tuple[Literal[*EXPERIMENTS], ...]) = ("void",)
    void_fraction: checked(ratio(0.05, 0.95)) = 0.5
    obstacle_fraction: checked(ratio(0.01, 0.6)) = 0.2
    obstacle_radius_nm: checked(length_nm(0.2, 50.0)) = 0.7
    widths_nm: checked(Listed(length_nm(0.0, 1e4), 2, 20), tuple[float, ...]) = (6.0, 10.0, 16.0)
    temperatures_K: checked(Listed(Quantity(LOWEST_K, 3000.0, "K"), 2, 20), tuple[float, ...]) = (280.0, 300.0, 330.0)
    plug_length_nm: checked(length_nm(1.0, 1e6)) = 1000.0
    overpotential_V: checked(Quantity(1e-4, 1.0, "V", "a volt on lithium is 7.4 GPa: is it in mV?")) = 0.05
    simulate: checked(_truth, bool) = True
    observed: dict[Literal[*OBSERVABLES], ObservedSection] = {}

    @model_serializer(mode="wrap")
    def _as_ever(self, handler):
        """Without the keys that say nothing, so that cases that never had them are the same."""
        found = handler(self)
        kept = {key: value for key, value in found.items() if key not in ("simulate", "observed")}
        kept |= {} if self.simulate else {"simulate": False}
        return kept | ({"observed": found["observed"]} if self.observed else {})


def _grain_cells(value):
    """Validator of a number of cells along the edge of a grain; see `coble.lattices.tubules.grain`."""
    cells = Whole(6, 120)(value)
    if cells % 6:
        raise refusal(f"must be a multiple of 6, so that grains are similar, got {cells}")
    return cells


class CreepSection(Section):
    """Grains under tension: their edges [lattice constants of the metal], tensions [MPa], a crossover [nm]."""

    grains_cells: checked(Listed(_grain_cells, 3, 20), tuple[int, ...]) = (12, 18, 24, 36)
    tension_MPa: checked(TENSION) = 200.0
    crossover_nm: checked(length_nm(0.5, 100.0)) = 6.0
    tension_grain_cells: checked(_grain_cells, int) = 6
    tensions_MPa: checked(Listed(TENSION, 3, 20), tuple[float, ...]) = (20.0, 40.0, 100.0, 200.0)


class DesignSection(Section):
    """A cell of many tubules: what it must carry and hold per area, its depth, and how unlike its tubules are.

    A scatter is the standard deviation of the logarithm; the medians are those of the tubule and of the materials.
    """

    current_mA_cm2: checked(Quantity(1e-4, 1e3, "mA/cm2", "is it in A/m2?")) = 3.0  # this and the next three: Chen 2020
    overpotential_V: checked(Quantity(1e-4, 1.0, "V", "a volt on lithium is 7.4 GPa: is it in mV?")) = 0.05
    capacity_mAh_cm2: checked(Quantity(1e-4, 1e3, "mAh/cm2", "is it in Ah/m2?")) = 3.0
    depth_um: checked(Quantity(0.1, 1e4, "um", "is it in nm or mm?")) = 20.0
    depths_um: checked(Listed(Quantity(0.1, 1e4, "um", "is it in nm or mm?"), 1, 20), tuple[float, ...]) = (
        10,
        20,
        50,
        100,
    )
    start_um: checked(Quantity(1e-3, 1e4, "um", "is it in nm or mm?", or_zero=True)) = 0.0
    series_ohm_cm2: checked(Quantity(1e-3, 1e6, "ohm cm2", or_zero=True)) = 0.0
    wall_density_g_cm3: checked(Quantity(0.1, 25.0, "g/cm3", "is it in kg/m3?")) = 2.0
    wall_strength_MPa: checked(Quantity(1.0, 1e6, "MPa", "is it in GPa or Pa?")) | None = None
    gas_compression: checked(Quantity(1.0, 1e4, mistake="it is volume before over volume after")) = 10.0
    tubules: checked(Whole(1, 10**15), int) = 10**10
    scatter_inner_width: checked(replace(ratio(1e-3, 1.0), or_zero=True)) = 0.05
    scatter_wall_thickness: checked(replace(ratio(1e-3, 1.0), or_zero=True)) = 0.1
    scatter_diffusivity: checked(replace(ratio(1e-3, 2.0), or_zero=True)) = 0.2
    scatter_strength: checked(replace(ratio(1e-3, 1.0), or_zero=True)) = 0.1
    samples: checked(Whole(1000, 10**10), int) = 10_000_000


class DiffuseSection(Section):
    """Diffusion in a crystal: temperatures [K], that of the case when left out, and how well D is to be known.

    `target_error` is the relative standard error wanted of tracer and collective diffusivities, each averaged over
    the directions.
    """

    temperatures_K: checked(
        Listed(Quantity(LOWEST_K, 3000.0, "K", "is it in degrees Celsius?"), 0, 50), tuple[float, ...]
    ) = ()
    target_error: checked(ratio(1e-4, 0.2)) = 0.01


class Sections(BaseModel):
    """All sections of a case file."""

    # Our messages say what came in, where it helps.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    plugins: PluginsSection = PluginsSection()  # first, so that others can name what they bring
    tubule: TubuleSection = TubuleSection()
    conditions: ConditionsSection = ConditionsSection()
    metal: MetalSection = MetalSection()
    interface: InterfaceSection = InterfaceSection()
    surface: SurfaceSection = SurfaceSection()
    exchange: ExchangeSection = ExchangeSection()
    wall: checked(_Tables("wall"), tuple[WallSection, ...]) = ()
    bonds: BondsSection = BondsSection()
    growth: GrowthSection = GrowthSection()
    slip: SlipSection = SlipSection()
    experiment: ExperimentSection = ExperimentSection()
    creep: CreepSection = CreepSection()
    design: DesignSection = DesignSection()
    diffuse: DiffuseSection = DiffuseSection()
    structure: StructureSection = StructureSection()
    region: checked(_Tables("region"), tuple[RegionSection, ...]) = ()
    barrier: checked(_Tables("barrier"), tuple[BarrierSection, ...]) = ()
    barriers: BarriersSection = BarriersSection()
    run: RunSection = RunSection()


# Sections that may be there several times, as [[name]]: their models are those of one.
TABLES = {"wall": WallSection, "region": RegionSection, "barrier": BarrierSection}
SECTIONS = {name: field.annotation for name, field in Sections.model_fields.items()} | TABLES  # name -> model
