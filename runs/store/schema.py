"""The layout of result.json as models, for its JSON schema: keys, units and meanings of each kind of result.

Nothing is read or written through them; a test holds them against results of every kind.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


def of(type_, text):
    """Type of a field that `text` describes."""
    return Annotated[type_, Field(description=text)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Estimate(_Model):
    """A number with its error, in the unit of its key; null stands for what is infinite or was not measured."""

    value: float | None
    stderr: of(float | None, "standard error")
    low: of(float | None, "lower end of the 95 % interval")
    high: of(float | None, "upper end of the 95 % interval")
    n_eff: of(float | None, "independent samples behind it")
    method: str


class Provenance(_Model):
    """What is needed to make the result again."""

    command: of(list[str], "command line")
    case: of(dict[str, Any], "case with all defaults filled in, units in its keys, and sources of diffusivities")
    case_digest: of(str, "equal for equal cases")
    settings: of(dict[str, Any], "what the run was told besides the case")
    random: of(dict[str, Any], "generator, seed, and how streams follow from it")
    versions: dict[str, str]
    host: str
    platform: str
    written: of(str, "date and time, UTC")
    digest: of(str, "SHA-256 of everything else in the file, as JSON with sorted keys and no spaces") = ""
    targets: of(list[dict[str, Any]], "of coble tune: what was measured, in the unit of each") = []


class _Result(_Model):
    schema_: of(Literal[1], "version of this layout") = Field(alias="schema")
    interrupted: of(bool, "stopped before its end")
    provenance: Provenance


# --- coble discriminate ---


class Agreement(_Model):
    """Whether the blocks of a share agree; null for what cannot be told."""

    replicas: of(float | None, "probability of so large a difference between replicas, by analysis of variance [1]")
    halves: of(float | None, "the same between the first half of the blocks and the second [1]")


class Path(_Model):
    share: of(Estimate, "part of the current [1]; a hop between two regions counts half for each")
    conductance_S_m: of(Estimate, "axial conductance, conductivity times area, per tubule or repeat unit [S m]")
    hops: of(int, "hops that touched the region")
    control: of(Estimate, "d ln J / d ln D of the path [1]")
    lost_if_off: of(Estimate | None, "part of the current that was missing in a run without the path [1]")
    agreement: Agreement | None = None


class Exact(_Model):
    shares: of(dict[str, float], "part of the current by path [1]")
    kappa_mS_cm: of(float, "conductivity of wall and interface over the wall [mS/cm]")
    conductance_S_m: of(dict[str, float], "axial conductance by path, as measured in `paths` [S m]") = {}
    total_lies_between: of(tuple[float, float], "bounds of the interacting gas's conductance over the network's [1]")


class Formula(_Model):
    shares: of(dict[str, float], "part of the current by path [1]")
    kappa_mS_cm: of(float, "conductivity of wall and interface over the wall [mS/cm]")


class Verdict(_Model):
    dominant: of(str | None, "path that carries more than half, or null")
    probability: of(float, "of that [1]")
    sentence: str


class Route(_Model):
    regions: list[str]
    share: of(float, "part of the exact current [1]")


class Current(_Model):
    from_: Annotated[tuple[str, int], Field(alias="from", description="region, and slab of the axis from the root")]
    to: of(tuple[str, int], "region, and slab of the axis")
    current: of(float, "exact, part of the whole [1]")


class WallRun(_Model):
    reason: of(str, "why it ended")
    events: int
    seconds: of(float, "of the driven segment [s]")
    blocks: int
    block_duration_s: of(float, "simulated [s]")
    sites: int
    segment_A: of(float, "period along the axis [angstrom]")
    seconds_by_stage: of(dict[str, float], "[s]")
    imbalance: of(float | None, "largest relative violation of detailed balance in the rate table [1]") = None
    lattice: dict[str, Any]


class Lags(_Model):
    """Of tracers in one region."""

    hops_per_atom: of(list[float], "up to each time at which displacements were looked at [1]")
    correlation_factor: of(list[Estimate], "between that time and the one before [1]; the last is the result")


class WaitingTimes(_Model):
    """Between events of the driven segment, each times the total propensity before it: exponential, with mean 1."""

    events: int
    mean_s: of(float, "mean wait [s]")
    times_total_propensity: of(Estimate, "mean of wait times propensity, to be 1 [1]")
    edges: of(list[float], "of the bins, in mean waits [1]")
    counts: of(list[int], "waits by bin")
    beyond: of(int, "waits longer than the last edge")
    probability: of(float, "of so large a deviation from exp(-x), Kolmogorov and Smirnov [1]")


class Wall(_Model):
    name: str
    paths: dict[Literal["interface", "wall", "metal", "surface"], Path]
    kappa_mS_cm: of(Estimate, "conductivity of wall and interface over the wall's cross-section [mS/cm]")
    tracer_cm2_s: of(dict[str, Estimate], "D* along the axis by region, each by itself [cm2/s]")
    haven_ratio: of(dict[str, Estimate], "D* over D of the current [1]")
    correlation_factor: of(dict[str, Estimate], "mean squared way over that of uncorrelated hops [1]")
    tracer_lags: of(dict[str, Lags], "how the correlation factor settles, by region") = {}
    undone_hops: of(
        dict[str, Estimate], "part of a region's hops that the same atom undoes before all else at their sites [1]"
    ) = {}
    waiting_times: WaitingTimes | None = None
    exact: of(Exact, "the network solved exactly")
    formula: of(Formula, "the continuum formula of the shape")
    calibration: of(dict[str, float], "hop rate times a squared over D, by region [1]")
    verdict: Verdict
    routes: list[Route]
    limiting_cut: of(dict[str, float], "weakest cross-section: part of its conductance by region [1]")
    network: of(list[Current], "exact currents between regions and slabs, none below 0.001")
    run: WallRun


class Discriminate(_Result):
    """Of coble discriminate."""

    kind: Literal["discriminate"]
    walls: list[Wall]


# --- coble discriminate --experiment ---


class ObservableResult(_Model):
    name: str
    label: str
    unit: str
    range: of(tuple[float, float], "of values that it may have, in its unit")
    resolution: of(float, "what can be told apart, in its unit")
    predicted: of(dict[str, Estimate | None], "by mechanism")
    exact: of(dict[str, float | None], "by mechanism")
    observed: of(Estimate | None, "given or simulated")


class Named(_Model):
    named: of(str | None, "mechanism, or null")
    sentence: str


class SpeedResult(_Model):
    measured: of(Estimate, "of the tip [nm/s]")
    exact: of(float, "[nm/s]")
    slip: of(float, "part of it that is slip of the plug [nm/s]")
    events: int


class Experiment(_Result):
    """Of coble discriminate --experiment."""

    kind: Literal["experiment"]
    experiments: list[str]
    truth: of(str | None, "what was behind the simulated observation; null when it was given")
    observables: list[ObservableResult]
    probability: of(dict[str, float], "of every mechanism, and of none of these [1]")
    verdict: Named
    speeds_nm_s: of(dict[str, dict[str, SpeedResult]], "by mechanism and condition [nm/s]")
    seconds: of(float, "[s]")


# --- coble plate, strip and cycle ---


class SeriesResult(_Model):
    """One entry per record."""

    time_s: of(list[float], "simulated [s]")
    overpotential_V: of(list[float], "of the electrolyte [V]")
    front_nm: of(list[float], "tip of the metal [nm]")
    void_nm: of(list[float], "receding end of the metal [nm]")
    atoms: list[int]
    inserted_minus_removed: of(list[int], "atoms given by the electrolyte less those taken")
    filled: of(list[float], "part of the metal's sites between its ends [1]")
    current_A: of(dict[str, list[float]], "by path [A]")
    marker_displacement_nm: of(list[float | None], "of marked atoms [nm]")
    front_nm_by_bore: of(list[list[float]], "[nm]")
    void_nm_by_bore: of(list[list[float]], "[nm]")
    atoms_by_bore: list[list[int]]
    atoms_outside: list[int]


class Fits(_Model):
    speed_nm_s: of(Estimate | None, "mean speed of the tip, or of the receding end [nm/s]")
    b_nm2_s: of(Estimate | None, "B of L^2 = L0^2 + 2 B t [nm2/s]")


class Law(_Model):
    b_continuum_nm2_s: of(float, "B by the continuum [nm2/s]")
    b_nm2_s: of(float, "B by the channel's conductance on the lattice [nm2/s]")
    response: of(float, "of the carriers to the overpotential [1]")
    time_s: of(float | None, "predicted for the whole way [s]")


class Channel(_Model):
    z_nm: of(list[float], "along the axis [nm]")
    potential_V: of(list[float | None], "electrochemical potential of the channel's atoms [V]")
    stderr_V: of(list[float | None], "its standard error [V]")


class GrowthRun(_Model):
    seconds: of(float, "[s]")
    sites: int
    codes: int
    lattice: dict[str, Any]
    mobilities_1_s: of(dict[str, float], "hop rates behind the paths [1/s]")
    hops_dropped_below_1_s: of(float, "slower hops are left out [1/s]")


class Growth(_Result):
    """Of coble plate, strip and cycle."""

    kind: Literal["plate"]
    reason: of(str, "why it ended")
    series: SeriesResult
    incubation_s: of(float | None, "when there first was a nucleus of metal [s]")
    fit: Fits
    law: Law
    crystal: of(dict[str, Any], "wholeness, neighbours and roughness [nm] of the metal")
    filled_behind_tip: of(float | None, "part of the metal's sites a width behind the tip [1]")
    channel: Channel
    events: int
    events_per_s: of(float, "per second of running [1/s]")
    hops: of(dict[str, int], "by path, or pair of paths")
    exchanges: of(int, "with the electrolyte")
    slips: of(int, "of the whole plug")
    accelerated: of(str | None, "what was left out to be faster, and what that costs")
    half_cycles: int
    run: GrowthRun


# --- coble tune ---


class RateFound(Estimate):
    start: of(float, "[1/s]")
    ln_rate_stderr: of(float | None, "standard error of ln rate [1]; null: not identifiable")


class Residual(_Model):
    target: str
    unit: of(str, "of the numbers beside it")
    measured: float
    measured_error: float
    model: Estimate
    sigmas: of(float, "model less measured, in standard errors of both [1]")


class Correlation(_Model):
    names: list[str]
    matrix: list[list[float]]


class Direction(_Model):
    stderr_ln: of(float | None, "standard error along it [1]; null: not known at all")
    parts: of(dict[str, float], "of every free rate [1]")


class Combination(_Model):
    text: of(str, "as ratio k_interface / k_wall")
    stderr_ln: of(float, "standard error of its logarithm [1]")
    factor: of(float, "found over start [1]")
    powers: of(dict[str, float], "of the rates in it [1]")


class Tune(_Result):
    """Of coble tune."""

    kind: Literal["tune"]
    converged: bool
    rates: of(dict[str, RateFound], "[1/s]")
    barriers_eV: of(dict[str, Estimate], "[eV]")
    residuals: list[Residual]
    unidentifiable: of(list[str], "free rates that the targets do not determine, each by itself")
    haven_ratio: of(dict[str, Estimate], "by region [1]")
    correlation: of(Correlation, "of the found rates' logarithms")
    directions: of(list[Direction], "of rate space, the best known first")
    combinations: of(list[Combination], "what is determined of the unidentifiable rates; powers of rates") = []
    batches: int
    chi2_by_batch: list[float]
    objective_fresh: of(float, "chi squared of a run with fresh random numbers")
    degrees_of_freedom: float
    p_value: float
    words: of(list[str], "what the targets say, and what they cannot say")
    seconds: of(float, "[s]")


# --- coble sensitivity ---


class Sensitivity(_Result):
    """Of coble sensitivity."""

    kind: Literal["sensitivity"]
    void_fraction: of(float, "part of the way that is empty [1]")
    classes: of(list[str], "of hops")
    control: of(dict[str, dict[str, Estimate]], "d ln X / d ln k by result X and class of hops [1]")
    sum: of(dict[str, Estimate], "over the classes, by result [1]")
    rule: of(dict[str, float | None], "what the sum must be, by result [1]")
    settings: of(dict[str, Any], "of the runs; empty where the answer is exact")


# --- coble design ---

Ends = of(tuple[Estimate | None, Estimate | None] | None, "thinnest and thickest [nm]; null: no bound, or none will do")


class TipResult(_Model):
    depth_um: of(float, "length of the plug at the end [um]")
    speed_nm_s: of(Estimate, "of the tip there, fed by interface and wall [nm/s]")
    time_s: of(Estimate, "to get there [s]")
    interface_speed_nm_s: of(Estimate, "fed by the interface alone [nm/s]")
    interface_time_s: of(Estimate, "to get there, by the interface alone [s]")


class HistogramResult(_Model):
    quantiles: of(dict[str, float] | None, "by part of the tubules [1]")
    edges: of(list[float], "of the bins [1]")
    counts: of(list[int], "tubules in each bin")


class ChargeCurve(_Model):
    state_of_charge: of(list[float], "part of the bores that is filled [1]")
    overpotential_V: of(list[float], "that carries the current then [V]")
    full: of(list[float], "part of the tubules [1]")


class SampledResult(_Model):
    tubules: of(int, "drawn")
    state_of_charge: of(Estimate, "of the tubules drawn [1]")
    full: of(float, "part of the tubules [1]")
    current_variation: of(float, "standard deviation over mean of the current of those that are not full [1]")


class Weakest(_Model):
    inner_width_nm: of(float, "[nm]")
    wall_thickness_nm: of(float, "[nm]")
    relative_strength: of(float, "over the median [1]")


class TailCurve(_Model):
    tension_MPa: of(list[float], "over relative strength [MPa]")
    part: of(list[float], "of the walls beyond it [1]")


class BurstResult(_Model):
    needed_strength_MPa: of(Estimate, "median strength at which one wall of all is expected to burst [MPa]")
    weakest_95_MPa: of(tuple[float, float], "that of the weakest wall of one matrix, 95 % range [MPa]")
    weakest_median_MPa: of(float, "that of the weakest wall of one matrix, median [MPa]")
    if_blocked_MPa: of(float, "needed strength if every tubule were full or blocked [MPa]")
    typical_MPa: of(float, "tension over relative strength that half of the walls exceed [MPa]")
    weakest: of(Weakest, "what the weakest walls are like")
    expected: of(Estimate | None, "walls that burst, where their strength is given")
    tail: TailCurve


class MatrixResult(_Model):
    state_of_charge: of(float, "at which the wanted capacity is reached [1]")
    overpotential_V: of(Estimate, "that carries the current then [V]")
    overpotential_if_alike_V: of(float, "the same if all tubules were alike [V]")
    usable_state_of_charge: of(Estimate, "at which the overpotential reaches the allowed one [1]")
    charge_curve: ChargeCurve
    sampled: SampledResult
    mean_current_pA: of(float, "per tubule [pA]")
    current_over_mean: of(HistogramResult, "current of tubules that are not full, over the mean of all")
    pressure_MPa: of(float, "of the whole overpotential [MPa]")
    pressure_over_full: of(HistogramResult, "at the root, over that")
    tension_over_pressure: of(HistogramResult, "in the wall, over that and over relative strength")
    burst: of(BurstResult, "the wall that bursts first")


class OverThickness(_Model):
    wall_nm: of(list[float], "thickness of the wall [nm]")
    mS_cm: of(list[float], "conductivity of the matrix [mS/cm]")


class WallDesign(_Model):
    name: str
    source: of(str, "of the conductances: formula, or a folder")
    wall_mS_cm: of(Estimate, "conductivity of the wall, eq. (2) [mS/cm]")
    sheet_mS_nm_cm: of(Estimate, "conductance of the interface per wetted length [mS/cm nm]")
    kappa_mS_cm: of(Estimate, "wall and interface over the wall's cross-section, eq. (3) [mS/cm]")
    matrix_mS_cm: of(Estimate, "wall and interface over that of the cell [mS/cm]")
    fill_of_wall_alone: of(Estimate, "part of the cell that must be wall if only that conducts [1]")
    pitch_of_interface_alone_nm: of(Estimate | None, "largest W + w at which the interface alone does [nm]")
    conductance_S_cm2: of(Estimate, "of the matrix [S/cm2]")
    needed_V: of(Estimate, "overpotential that drives the current through the whole depth [V]")
    depth_limit_um: of(Estimate, "through which the allowed overpotential drives the current [um]")
    needed_MPa: of(Estimate, "pressure of the needed overpotential [MPa]")
    interface_growth_nm2_s: of(Estimate, "B of L^2 = L0^2 + 2 B t, interface alone [nm2/s]")
    growth_nm2_s: of(Estimate, "the same with the wall [nm2/s]")
    wall_alone_nm: Ends
    wall_nm: Ends
    over_wall_thickness: OverThickness
    tips: list[TipResult]
    matrix: of(MatrixResult, "tubules that are not alike")


class CapacityCurve(_Model):
    porosity: of(list[float], "[1]")
    mAh_cm3: of(list[float], "per volume [mAh/cm3]")
    mAh_g: of(list[float], "per mass of metal and wall [mAh/g]")


class PackingResult(_Model):
    packing: str
    fill: of(float, "part of the cell that is wall [1]")
    capacity_mAh_cm2: of(float, "of the depth, bores full [mAh/cm2]")
    depth_for_capacity_um: of(float, "[um]")
    interface_depth_limit_um: of(float, "with the interface alone [um]")
    interface_needed_V: of(float, "with the interface alone [V]")


class ClaimResult(_Model):
    key: str
    what: str
    unit: of(str, "of the numbers beside it")
    printed: of(str, "as the paper prints it; empty where it only follows")
    ours: of(float, "in its unit")
    note: of(str, "what the rounding hides")
    off: of(float | None, "ours over the paper's less 1 [1]")


class Design(_Result):
    """Of coble design."""

    kind: Literal["design"]
    packing: str
    needed_mS_cm: of(float, "right-hand side of eq. (1) [mS/cm]")
    needed_S_cm2: of(float, "conductance of the matrix that is needed [S/cm2]")
    porosity: of(float, "[1]")
    tubules_per_cm2: of(float | None, "[1/cm2]; null for layers")
    capacity_mAh_cm2: of(float, "bores full [mAh/cm2]")
    capacity_mAh_cm3: of(float, "bores full [mAh/cm3]")
    capacity_mAh_g: of(float, "bores full, per mass of metal and wall [mAh/g]")
    capacity_curve: CapacityCurve
    mean_tip_speed_nm_s: of(float, "of the wanted current [nm/s]")
    pressure_MPa: of(float, "of the allowed overpotential [MPa]")
    drive_kT: of(float, "of the allowed overpotential [kT]")
    response_over_drive: of(dict[str, float], "by kind of carriers: what they make of it, over linear response [1]")
    gas_MPa: of(dict[str, float], "compressed gas [MPa]")
    gas_V: of(float, "overpotential that isothermal gas takes [V]")
    hoop_factor: of(float, "tension in the wall over the pressure [1]")
    packings: list[PackingResult]
    walls: list[WallDesign]
    paper: of(list[ClaimResult], "the paper's numbers, where its case is designed")


# --- coble creep ---


class CreepPoint(_Model):
    edge_cells: of(int, "edge of the grain, in lattice constants")
    edge_nm: of(float, "edge of the grain [nm]")
    tension_MPa: of(float, "[MPa]")
    tension_kT: of(float, "tension times atomic volume [k_B T]")
    strain_rate_1_s: of(Estimate, "[1/s]")
    exact_1_s: of(float, "of the network [1/s]")
    continuum_1_s: of(float, "by the formula [1/s]")
    atoms_to_ends: of(int, "net")
    atoms_from_sides: of(int, "net")
    sites: int
    events: int


class FittedLaw(_Model):
    measured: of(Estimate, "fit to the runs")
    exact: of(float, "the same fit to the network's values, in its unit")
    theory: of(float, "by the continuum, in its unit")


class Creep(_Result):
    """Of coble creep."""

    kind: Literal["creep"]
    series: of(dict[str, list[CreepPoint]], "interface, bulk, both, tensions")
    exponents: of(dict[str, FittedLaw], "of grain size, and of tension in the series tensions [1]")
    crossover_nm: of(FittedLaw | None, "grain size at which both paths are equal, in the series both [nm]")
    own_crossover_nm: of(float, "the same with the metal's own bulk, by theory [nm]")
    bulk_diffusivity_cm2_s: of(dict[str, float], "by series [cm2/s]")
    worst_sigmas: of(float | None, "largest distance of a strain rate from the network's, in standard errors [1]")
    seconds: of(float, "[s]")


RESULT = TypeAdapter(
    Annotated[Discriminate | Experiment | Growth | Tune | Sensitivity | Creep | Design, Field(discriminator="kind")]
)
