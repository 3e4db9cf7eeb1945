"""From a tubule to a cell: what a matrix of parallel tubules conducts, holds and must bear (Chen 2020, Methods).

Bores of width W stand in walls of thickness w and take up the part φ (porosity) of the plane.  What leads along them
is the wall, of conductivity κ_wall, and the interface, whose conductance per wetted length is K = (e² / k_B T) c D δ
[S].  Per cross-section of the matrix that is

    κ = (1 - φ) κ_wall + φ κ_bore,    κ_bore = 2 m K / W,

with m = 1 for layers of metal between flat walls and 2 for pores: the interface acts as if it filled the bores with a
conductor.  The bulk, 2.5 % of the interface at W = 100 nm, is left out, as in the paper's eq. (3); that equation is
the above for layers, per cross-section of the wall alone: κ / (1 - φ).  A matrix of depth h passes J at U if
κ ≥ J h / U, which for 3 mA/cm², 50 mV and 20 µm is the paper's eq. (1).

Units: lengths across in nm, depths in µm, κ in mS/cm, K as "sheet" in mS/cm·nm, areal quantities per cm² of the cell.
"""

from dataclasses import dataclass
from math import inf, prod

from coble.kmc.constants import ANGSTROM_M, ATMOSPHERE_MPA, AVOGADRO_1_MOL, COULOMB_PER_MAH, ELEMENTARY_CHARGE_C
from coble.kmc.growth.law import growth_constant_nm2_s
from coble.kmc.growth.power_law_creep import pressure_MPa
from coble.kmc.network.continuum import flux_conductance
from coble.lattices.shapes import Slab

A_PER_MA, CM_PER_UM, CM_PER_NM, CM3_PER_A3, MS_PER_S = 1e-3, 1e-4, 1e-7, 1e-24, 1e3
NM = 10.0  # 1 nm in Å


@dataclass(frozen=True)
class Packing:
    """How bores fill the plane: φ = densest · (W / (W + w))^dimensions.

    Attributes
    ----------
    name : str
    dimensions : int
        m: 1 for layers, 2 for pores.
    densest : float
        Porosity of walls that have no thickness: 1, or less for round pores.
    cell : float
        Area that a tubule takes of the electrode, over (W + w)^m [nm^(2 - m)].
    """

    name: str
    dimensions: int
    densest: float
    cell: float

    def porosity(self, inner_width_nm, wall_thickness_nm):
        """φ."""
        return self.densest * (inner_width_nm / (inner_width_nm + wall_thickness_nm)) ** self.dimensions

    def wall_nm(self, inner_width_nm, porosity):
        """w of the matrix of this porosity [nm]; inf for 0."""
        return inf if porosity == 0 else inner_width_nm * ((self.densest / porosity) ** (1 / self.dimensions) - 1)

    def footprint_nm2(self, inner_width_nm, wall_thickness_nm):
        """Area of the electrode per tubule [nm²]."""
        return self.cell * (inner_width_nm + wall_thickness_nm) ** self.dimensions

    def bore_nm2(self, inner_width_nm):
        """Cross-section of a bore [nm²]."""
        return self.densest * self.cell * inner_width_nm**self.dimensions

    def perimeter_nm(self, inner_width_nm):
        """Wetted length of a bore [nm]: its area over 2 m / W."""
        return 2 * self.dimensions / inner_width_nm * self.bore_nm2(inner_width_nm)


def packing_of(shape, name):
    """`Packing` of a periodic shape of `coble.lattices.shapes`, lengths in Å."""
    dimensions = 1 if isinstance(shape, Slab) else 2
    footprint = prod(shape.period) / len(shape.centres) / NM**2
    pitch = (shape.inner_width + shape.wall_thickness) / NM
    bore = shape.bore_area / len(shape.centres) / NM**2
    cell = footprint / pitch**dimensions
    return Packing(name, dimensions, bore / (cell * (shape.inner_width / NM) ** dimensions), cell)


# ---- conduction ----------------------------------------------------------------------------------------------


def sheet_mS_nm_cm(conductance_S_m, perimeter_A):
    """K from an interface's axial conductance [S·m] and its wetted length [Å], in mS/cm·nm."""
    siemens = conductance_S_m / (perimeter_A / NM * 1e-9)
    return siemens * MS_PER_S / CM_PER_NM


def bore_mS_cm(packing, sheet, inner_width_nm):
    """κ_bore = 2 m K / W [mS/cm]: what the interface makes of a bore."""
    return 2 * packing.dimensions * sheet / inner_width_nm


def matrix_mS_cm(packing, wall_mS_cm, sheet, inner_width_nm, wall_thickness_nm):
    """κ of the matrix along the tubules, per cross-section of it all [mS/cm]."""
    porosity = packing.porosity(inner_width_nm, wall_thickness_nm)
    return (1 - porosity) * wall_mS_cm + porosity * bore_mS_cm(packing, sheet, inner_width_nm)


def needed_mS_cm(current_mA_cm2, overpotential_V, depth_um):
    """Right-hand side of eq. (1), J h / U [mS/cm]."""
    return current_mA_cm2 * A_PER_MA / overpotential_V * depth_um * CM_PER_UM * MS_PER_S


def areal_S_cm2(conductivity_mS_cm, depth_um):
    """Conductance per area of the electrode [S/cm²]."""
    return conductivity_mS_cm / MS_PER_S / (depth_um * CM_PER_UM)


def needed_V(conductivity_mS_cm, current_mA_cm2, depth_um):
    """Overpotential that drives the current through the whole depth [V]."""
    return current_mA_cm2 * A_PER_MA / areal_S_cm2(conductivity_mS_cm, depth_um)


def depth_limit_um(conductivity_mS_cm, current_mA_cm2, overpotential_V):
    """Depth through which the overpotential drives the current [µm]."""
    return conductivity_mS_cm / needed_mS_cm(current_mA_cm2, overpotential_V, 1.0)


def porosity_range(wall_mS_cm, bore_mS_cm, needed):
    """Porosities (low, high), within 0 to 1, at which the matrix conducts what is needed; None when there are none."""
    if min(wall_mS_cm, bore_mS_cm) >= needed:
        return 0.0, 1.0
    if max(wall_mS_cm, bore_mS_cm) < needed:
        return None
    even = (wall_mS_cm - needed) / (wall_mS_cm - bore_mS_cm)
    return (0.0, even) if wall_mS_cm > bore_mS_cm else (even, 1.0)


def wall_range_nm(packing, wall_mS_cm, sheet, inner_width_nm, needed):
    """Thinnest and thickest wall that conducts what is needed [nm].

    Where the wall conducts better than the interface it must not be too thin; where it conducts worse it must not be
    too thick, for then fewer tubules find room: the pitch counts, and not the wall.

    Returns
    -------
    (float, float) or None
        0 and inf where there is no bound; None when no wall will do.
    """
    found = porosity_range(wall_mS_cm, bore_mS_cm(packing, sheet, inner_width_nm), needed)
    if found is None or found[0] > packing.densest:
        return None
    low, high = found
    thinnest = packing.wall_nm(inner_width_nm, high) if high < packing.densest else 0.0
    return thinnest, packing.wall_nm(inner_width_nm, low)


def widest_pitch_nm(packing, sheet, inner_width_nm, needed):
    """Largest W + w at which the interface alone conducts what is needed [nm]; nan when W itself is too wide."""
    found = wall_range_nm(packing, 0.0, sheet, inner_width_nm, needed)
    return inner_width_nm + found[1] if found else float("nan")


# ---- filling -------------------------------------------------------------------------------------------------


def feed_mS_cm(packing, wall_mS_cm, sheet, inner_width_nm, wall_thickness_nm):
    """What feeds the tip of a tubule, wall and interface, per cross-section of its bore [mS/cm]."""
    matrix = matrix_mS_cm(packing, wall_mS_cm, sheet, inner_width_nm, wall_thickness_nm)
    return matrix / packing.porosity(inner_width_nm, wall_thickness_nm)


def growth_constant_of_feed_nm2_s(feed_mS_cm, atomic_volume_A3, temperature_K, driven):
    """B of L² = L₀² + 2 B t [nm²/s].

    `driven` is the carriers' `coble.kmc.growth.law.response`, eU / k_B T in linear response.
    """
    flux = flux_conductance(feed_mS_cm / 10 * ANGSTROM_M**2, temperature_K)  # of a bore of 1 Å²; 1 mS/cm = S/m / 10
    return growth_constant_nm2_s(flux * atomic_volume_A3, 1.0, driven)


def tip_speed_of_current_nm_s(current_mA_cm2, porosity, atomic_volume_A3):
    """Mean speed of the tips that take up a current [nm/s]."""
    atoms_cm2_s = current_mA_cm2 * A_PER_MA / ELEMENTARY_CHARGE_C
    return atoms_cm2_s * atomic_volume_A3 * CM3_PER_A3 / porosity / CM_PER_NM


# ---- capacity ------------------------------------------------------------------------------------------------


def metal_mAh_cm3(atomic_volume_A3):
    """Capacity per volume of metal, e / Ω [mAh/cm³]: 2,060 for lithium."""
    return ELEMENTARY_CHARGE_C / (atomic_volume_A3 * CM3_PER_A3) / COULOMB_PER_MAH


def metal_mAh_g(molar_mass_g_mol):
    """Capacity per mass of metal [mAh/g]: 3,862 for lithium."""
    return ELEMENTARY_CHARGE_C * AVOGADRO_1_MOL / molar_mass_g_mol / COULOMB_PER_MAH


def metal_g_cm3(atomic_volume_A3, molar_mass_g_mol):
    """Density of the metal [g/cm³]."""
    return molar_mass_g_mol / AVOGADRO_1_MOL / (atomic_volume_A3 * CM3_PER_A3)


def matrix_mAh_cm2(metal_mAh_cm3, porosity, depth_um):
    """Capacity of a matrix whose bores are full [mAh/cm²]."""
    return metal_mAh_cm3 * porosity * depth_um * CM_PER_UM


def depth_for_um(capacity_mAh_cm2, metal_mAh_cm3, porosity):
    """Depth that holds a capacity [µm]."""
    return capacity_mAh_cm2 / matrix_mAh_cm2(metal_mAh_cm3, porosity, 1.0)


def full_mAh_g(metal_mAh_cm3, metal_g_cm3, wall_g_cm3, porosity):
    """Capacity per mass of metal and wall, all bores full [mAh/g]: Supplementary Fig. 29c."""
    return metal_mAh_cm3 * porosity / (metal_g_cm3 * porosity + wall_g_cm3 * (1 - porosity))


def part_full_mAh_g(capacity_mAh_cm2, metal_mAh_g, wall_g_cm3, porosity, depth_um):
    """Capacity per mass of metal and wall [mAh/g] of a matrix that holds so much metal."""
    mass = capacity_mAh_cm2 / metal_mAh_g + wall_g_cm3 * (1 - porosity) * depth_um * CM_PER_UM
    return capacity_mAh_cm2 / mass


# ---- pressure ------------------------------------------------------------------------------------------------


def gas_MPa(compression, heat_ratio=1.0, start_MPa=ATMOSPHERE_MPA):
    """Pressure of gas that the metal has compressed [MPa]: isothermal for a `heat_ratio` of 1, else adiabatic."""
    return start_MPa * compression**heat_ratio


def overpotential_of_pressure_V(pressure, atomic_volume_A3):
    """Overpotential that pushes against a pressure [MPa], P Ω / e [V]."""
    return pressure / pressure_MPa(1.0, atomic_volume_A3)


def hoop_factor(inner_width_nm, wall_thickness_nm):
    """Largest hoop stress of a round tube over the pressure inside it (Lamé): W / 2w where the wall is thin."""
    inner, outer = inner_width_nm / 2, inner_width_nm / 2 + wall_thickness_nm
    return (outer**2 + inner**2) / (outer**2 - inner**2)
