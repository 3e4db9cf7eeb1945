"""What a design found: of every wall, of a matrix that is not alike, and of the wall that bursts first."""

from dataclasses import dataclass

from coble.kinds.design.measured_paths import Paths
from coble.kmc.devices import cell
from coble.kmc.devices.tubule_matrix import Sampled
from coble.kmc.estimates.estimate import Estimate


@dataclass(frozen=True)
class Tip:
    """A plug that grows to `depth_um` under the allowed overpotential: speed at its end and time, an Estimate each."""

    depth_um: float
    speed_nm_s: Estimate
    time_s: Estimate


@dataclass(frozen=True)
class Burst:
    """The wall of a matrix that bursts first.

    Attributes
    ----------
    needed_MPa : Estimate
        Median strength at which one of all walls is expected to burst.
    low_MPa, median_MPa, high_MPa : float
        That of the weakest wall of one matrix: 95 % range and median.
    if_blocked_MPa : float
        `needed_MPa` if all tubules were full or blocked: the same where nothing is in series with them.
    typical_MPa : float
        Median of hoop stress over relative strength.
    inner_width_nm, wall_thickness_nm, relative_strength : float
        What the weakest walls are like.
    expected : Estimate or None
        Walls that burst, when their strength is given.
    curve : tuple of (MPa, part)
        Part of the walls beyond a hoop stress over relative strength, from the tail.
    """

    needed_MPa: Estimate
    low_MPa: float
    median_MPa: float
    high_MPa: float
    if_blocked_MPa: float
    typical_MPa: float
    inner_width_nm: float
    wall_thickness_nm: float
    relative_strength: float
    expected: Estimate | None
    curve: tuple


@dataclass(frozen=True)
class MatrixDesign:
    """A matrix of tubules with size scatter, when it has taken up the wanted capacity.

    Attributes
    ----------
    charge : float
        State of charge.
    overpotential_V : Estimate
        What carries the current then; its error is that of sampling and of the conductances.
    alike_V : float
        The same if all tubules were alike.
    usable : Estimate
        State of charge at which the overpotential reaches the one allowed.
    curve : tuple of (state of charge, overpotential [V], part of the tubules that are full)
    sampled : Sampled
    mean_current_pA : float
        Per tubule.
    pressure_MPa : float
        eU / Ω at `overpotential_V`.
    burst : Burst
    """

    charge: float
    overpotential_V: Estimate
    alike_V: float
    usable: Estimate
    curve: tuple
    sampled: Sampled
    mean_current_pA: float
    pressure_MPa: float
    burst: Burst


@dataclass(frozen=True)
class WallDesign:
    """What one wall makes possible; lengths across in nm, depths in µm, κ in mS/cm.

    Attributes
    ----------
    paths : Paths
    kappa_mS_cm : Estimate
        Wall and interface over the cross-section of the wall: eq. (3) for this packing.
    matrix_mS_cm : Estimate
        The same over all of the cell: left-hand side of eq. (1).
    fill_of_wall_alone : Estimate
        Part of the cell that has to be wall if only the wall conducts; beyond 1 there is none.
    wall_alone_nm, wall_nm : (Estimate or None, Estimate or None), or None
        Thinnest and thickest wall that does, without and with the interface; None for no bound, or where none does.
    pitch_of_interface_alone_nm : Estimate or None
        Largest W + w at which the interface alone does.
    conductance_S_cm2, needed_V, depth_limit_um, needed_MPa : Estimate
        Of the matrix; the overpotential that drives the current through its full depth, the depth at the allowed
        overpotential, and the pressure at the needed one.
    interface_growth_nm2_s, growth_nm2_s : Estimate
        B of L² = L₀² + 2 B t of the interface alone, and with the wall; each with its carriers' response.
    interface_tips, tips : tuple of Tip
    matrix : MatrixDesign
    """

    paths: Paths
    kappa_mS_cm: Estimate
    matrix_mS_cm: Estimate
    fill_of_wall_alone: Estimate
    wall_alone_nm: tuple | None
    wall_nm: tuple | None
    pitch_of_interface_alone_nm: Estimate | None
    conductance_S_cm2: Estimate
    needed_V: Estimate
    depth_limit_um: Estimate
    needed_MPa: Estimate
    interface_growth_nm2_s: Estimate
    growth_nm2_s: Estimate
    interface_tips: tuple
    tips: tuple
    matrix: MatrixDesign


@dataclass(frozen=True)
class Design:
    """Attributes
    ----------
    case : Case
    packing : coble.kmc.devices.cell.Packing
    needed_mS_cm : float
        Right-hand side of eq. (1).
    common : dict
        What does not depend on the wall: capacity, pressures, gas, drive; keys have their units.
    packings : tuple of dict
        The tubule in every packing, with the interface of the first wall.
    walls : tuple of WallDesign
        Those that were done.
    seed : int
    claims : tuple of Claim
        The paper's numbers beside ours; empty for any other case than that of its cell.
    interrupted : bool
        Whether walls of the case are missing.
    """

    case: object
    packing: cell.Packing
    needed_mS_cm: float
    common: dict
    packings: tuple
    walls: tuple
    seed: int
    claims: tuple = ()
    interrupted: bool = False
