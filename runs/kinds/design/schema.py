"""The layout of result.json of design."""

from typing import Literal

from coble.store.schema import Estimate, Model, ResultModel, of

Ends = of(tuple[Estimate | None, Estimate | None] | None, "thinnest and thickest [nm]; null: no bound, or none will do")


class TipResult(Model):
    depth_um: of(float, "length of the plug at the end [um]")
    speed_nm_s: of(Estimate, "of the tip there, fed by interface and wall [nm/s]")
    time_s: of(Estimate, "to get there [s]")
    interface_speed_nm_s: of(Estimate, "fed by the interface alone [nm/s]")
    interface_time_s: of(Estimate, "to get there, by the interface alone [s]")


class HistogramResult(Model):
    quantiles: of(dict[str, float] | None, "by part of the tubules [1]")
    edges: of(list[float], "of the bins [1]")
    counts: of(list[int], "tubules in each bin")


class ChargeCurve(Model):
    state_of_charge: of(list[float], "part of the bores that is filled [1]")
    overpotential_V: of(list[float], "that carries the current then [V]")
    full: of(list[float], "part of the tubules [1]")


class SampledResult(Model):
    tubules: of(int, "drawn")
    state_of_charge: of(Estimate, "of the tubules drawn [1]")
    full: of(float, "part of the tubules [1]")
    current_variation: of(float, "standard deviation over mean of the current of those that are not full [1]")


class Weakest(Model):
    inner_width_nm: of(float, "[nm]")
    wall_thickness_nm: of(float, "[nm]")
    relative_strength: of(float, "over the median [1]")


class TailCurve(Model):
    tension_MPa: of(list[float], "over relative strength [MPa]")
    part: of(list[float], "of the walls beyond it [1]")


class BurstResult(Model):
    needed_strength_MPa: of(Estimate, "median strength at which one wall of all is expected to burst [MPa]")
    weakest_95_MPa: of(tuple[float, float], "that of the weakest wall of one matrix, 95 % range [MPa]")
    weakest_median_MPa: of(float, "that of the weakest wall of one matrix, median [MPa]")
    if_blocked_MPa: of(float, "needed strength if every tubule were full or blocked [MPa]")
    typical_MPa: of(float, "median of hoop stress over relative strength [MPa]")
    weakest: of(Weakest, "what the weakest walls are like")
    expected: of(Estimate | None, "walls that burst, where their strength is given")
    tail: TailCurve


class MatrixResult(Model):
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
    tension_over_pressure: of(HistogramResult, "hoop stress over pressure and relative strength")
    burst: of(BurstResult, "the wall that bursts first")


class OverThickness(Model):
    wall_nm: of(list[float], "thickness of the wall [nm]")
    mS_cm: of(list[float], "conductivity of the matrix [mS/cm]")


class WallDesign(Model):
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
    matrix: of(MatrixResult, "tubules with size scatter")


class CapacityCurve(Model):
    porosity: of(list[float], "[1]")
    mAh_cm3: of(list[float], "per volume [mAh/cm3]")
    mAh_g: of(list[float], "per mass of metal and wall [mAh/g]")


class PackingResult(Model):
    packing: str
    fill: of(float, "part of the cell that is wall [1]")
    capacity_mAh_cm2: of(float, "of the depth, bores full [mAh/cm2]")
    depth_for_capacity_um: of(float, "[um]")
    interface_depth_limit_um: of(float, "with the interface alone [um]")
    interface_needed_V: of(float, "with the interface alone [V]")


class ClaimResult(Model):
    key: str
    what: str
    unit: of(str, "of the numbers beside it")
    printed: of(str, "as the paper prints it; empty where it only follows")
    ours: of(float, "in its unit")
    note: of(str, "what the rounding hides")
    off: of(float | None, "ours over the paper's less 1 [1]")


class Design(ResultModel):
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
    hoop_factor: of(float, "hoop stress over the pressure [1]")
    packings: list[PackingResult]
    walls: list[WallDesign]
    paper: of(list[ClaimResult], "the paper's numbers, where its case is designed")
