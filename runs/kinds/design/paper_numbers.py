"""The paper's device numbers beside ours (Chen et al., Nature 578, 251 (2020), Methods "Quantitative analysis").

Each is computed by the formulas that `coble design` uses, with the paper's inputs, so that what its rounding hides can
be seen.  `key` numbers the statements; several of a kind count up: "B4.2".
"""

from dataclasses import dataclass

from scipy.optimize import brentq

from coble.kinds.design.packings import PACKINGS, packing_named
from coble.kmc.constants import BOLTZMANN_EV_K, ELEMENTARY_CHARGE_C
from coble.kmc.devices import cell
from coble.kmc.growth.law import response, speed_nm_s
from coble.kmc.growth.power_law_creep import pressure_MPa
from coble.kmc.network.continuum import conductivity_mS_cm, siemens_metre
from coble.kmc.rates.materials import METALS, REFERENCE_K, WALLS, surface_diffusivity
from coble.lattices import make_shape
from coble.models.tubules.tubule import NM

LI = METALS["Li"]
VOLUME, DELTA_A, T = LI.atomic_volume_A3, 2.0, REFERENCE_K
W, THICKNESS, J, U, H = 100.0, 10.0, 3.0, 0.05, 20.0  # nm, nm, mA/cm², V, µm: the paper's design
SURFACE = 7e-7  # the paper's rounding of its eq. (4) [cm²/s]
GRAPHITE_MAH_G = 372.0
MATRIX_UM, HALF_CELL_MAH_CM2 = 50.0, 1.5
SN_MELTING_K = 505.08


@dataclass(frozen=True)
class Claim:
    """One number of the paper.

    Attributes
    ----------
    key : str
    what : str
    unit : str
    printed : str
        As the paper prints it; empty for a number that only follows from it.
    ours : float
    note : str
        What the rounding hides, or what is assumed.
    """

    key: str
    what: str
    unit: str
    printed: str
    ours: float
    note: str = ""

    @property
    def printed_value(self):
        return float(self.printed.replace(",", "")) if self.printed else None

    @property
    def off(self):
        """Ours over the paper's less 1; None when it prints nothing."""
        return self.ours / self.printed_value - 1 if self.printed else None


def claims():
    """Every number, a tuple of `Claim`."""
    found = (*_units(), *_capacity(), *_conduction(), *_diffusivities(), *_with_interface(), *_shapes())
    counted, made = {}, []
    kinds = [each[0] for each in (*found, *_tips(), *_cells(), *_gas())]
    for key, *rest in (*found, *_tips(), *_cells(), *_gas()):
        counted[key] = counted.get(key, 0) + 1
        made.append(Claim(f"{key}.{counted[key]}" if kinds.count(key) > 1 else key, *rest))
    return tuple(made)


def _sheet(diffusivity_cm2_s, concentration_cm3):
    """K of an interface [mS/cm·nm]."""
    return _kappa(diffusivity_cm2_s, concentration_cm3) * DELTA_A / NM


def _kappa(diffusivity_cm2_s, concentration_cm3):
    """Eq. (2) [mS/cm]."""
    flux = diffusivity_cm2_s * 1e16 * concentration_cm3 * 1e-24
    return conductivity_mS_cm(siemens_metre(flux, T), 1.0)


def _wall(name):
    wall = WALLS[name]
    return wall.diffusivity.value_cm2_s, wall.concentration_cm3


D_I, C_LI = LI.interface.value_cm2_s, LI.concentration_cm3
NEEDED = cell.needed_mS_cm(J, U, H)
SLAB, SQUARE, HONEYCOMB, ROUND_SQUARE, ROUND = map(packing_named, PACKINGS)
METAL_MAH_CM3 = cell.metal_mAh_cm3(VOLUME)
CONSERVATIVE = "LiC6"


def _units():
    per_volt = pressure_MPa(1.0, VOLUME)
    yield "A1", "volume of a Li atom", "eV/GPa", "0.135", 1e3 / per_volt
    yield (
        "A4",
        "pressure per overpotential, e / Ω",
        "MPa/V",
        "7410",
        per_volt,
        "7410 needs Ω = 21.62 Å3; the paper's 21.6 gives 7417",
    )
    yield "A5", "largest pressure at 50 mV", "MPa", "370", pressure_MPa(U, VOLUME)
    yield "A6", "overpotential of 1 GPa", "V", "0.135", cell.overpotential_of_pressure_V(1e3, VOLUME)
    yield "A8", "Li atoms per volume, 1 / Ω", "cm-3", "", C_LI
    yield "A9", "capacity of Li per mass", "mAh/g", "", cell.metal_mAh_g(LI.molar_mass_g_mol)
    yield "A10", "capacity of Li per volume", "mAh/cm3", "", METAL_MAH_CM3
    yield "A11", "density of Li", "g/cm3", "", cell.metal_g_cm3(VOLUME, LI.molar_mass_g_mol)
    graphite = cell.metal_mAh_cm3(1e24 / WALLS[CONSERVATIVE].concentration_cm3)
    yield "A12", "Li over graphite, per mass", "", "10", cell.metal_mAh_g(LI.molar_mass_g_mol) / GRAPHITE_MAH_G
    yield "A13", "capacity of LiC6 per volume", "mAh/cm3", "", graphite
    yield (
        *("A14", "Li over graphite, per volume", "", "3", METAL_MAH_CM3 / graphite),
        "2.81 of crystalline LiC6; 3 needs an electrode of 687 mAh/cm3",
    )
    yield (
        *("A15", "inert part at which Li loses to graphite", "", "0.7", 1 - graphite / METAL_MAH_CM3),
        "64 % against crystalline LiC6; 70 % needs an electrode of 618 mAh/cm3, which does not go with 3 times",
    )


def _capacity():
    yield "B1", "conductance needed, 3 mA/cm2 over 50 mV", "S/cm2", "0.06", cell.areal_S_cm2(NEEDED, H)
    yield "B2", "right-hand side of eq. (1), 20 um", "mS/cm", "0.12", NEEDED
    yield "B3", "thickness of Li that 3 mAh/cm2 are", "um", "", cell.depth_for_um(3.0, METAL_MAH_CM3, 1.0)
    for packing in (SLAB, SQUARE, ROUND, ROUND_SQUARE):
        depth = cell.depth_for_um(3.0, METAL_MAH_CM3, packing.porosity(W, THICKNESS))
        note = "the fill factor w / (w + W) is that of layers, which need 16 um; 20 um are hexagonal round pores"
        yield "B4", f"depth for 3 mAh/cm2, {packing.name}", "um", "20", depth, note if packing is SLAB else ""


def _conduction():
    printed = {"LiC6-optimistic": "10", CONSERVATIVE: "1", "Li9Al4": "0.25", "Li22Si5": "0.003"}
    kappa = {name: _kappa(*_wall(name)) for name in printed}
    for name, text in printed.items():
        yield "C1", f"κ of {name} by eq. (2)", "mS/cm", text, kappa[name]
    bulk = _kappa(LI.bulk.value_cm2_s, C_LI)
    yield "C2", "κ of bulk Li", "mS/cm", "", bulk
    least = {name: (cell.wall_range_nm(SLAB, kappa[name], 0.0, W, NEEDED) or (None,))[0] for name in printed}
    yield "C3", "fill that LiC6 needs by itself", "", "0.1", NEEDED / kappa[CONSERVATIVE]
    yield (
        *("C4", "thinnest wall of LiC6", "nm", "10", least[CONSERVATIVE]),
        "13.3 nm, and not 10: 0.117 was rounded to 0.1, and w / (w + W) = 0.1 is 11.1 nm",
    )
    yield (
        *("C4b", "left-hand side of eq. (1), w = 10 nm, κ = 1 mS/cm", "mS/cm", "0.12"),
        cell.matrix_mS_cm(SLAB, 1.0, 0.0, W, THICKNESS),
        "the paper's design (κ = 1.0 mS/cm, W = 100, w = 10 nm) fails its own eq. (1) by 24 %",
    )
    yield "C5", "fill that Li9Al4 needs by itself", "", "0.5", NEEDED / kappa["Li9Al4"]
    yield "C6", "thinnest wall of Li9Al4", "nm", "100", least["Li9Al4"]
    yield (
        "C7",
        "fill that Li22Si5 needs by itself",
        "",
        "",
        NEEDED / kappa["Li22Si5"],
        "beyond 1: impossible, as the paper says",
    )
    yield (
        *("C8", "what eq. (1) needs over what a plug of bulk Li conducts", "", "100"),
        NEEDED / (bulk * SLAB.porosity(W, THICKNESS)),
        "'two orders of magnitude too sluggish' compares D with that of LiC6; by eq. (1) it is one order, 11.5",
    )


def _diffusivities():
    surface = LI.surface
    yield "D1", "D of the surface, eq. (4), 300 K", "cm2/s", "7e-7", surface.value_cm2_s
    yield "D1b", "D of the surface, eq. (4), 298.15 K", "cm2/s", "", surface.at(298.15)
    yield "D1c", "D of the surface, eq. (4), 328.15 K", "cm2/s", "", surface.at(328.15)
    tin = surface_diffusivity(SN_MELTING_K).value_cm2_s
    yield "D2", "D of the surface of Sn, eq. (4)", "cm2/s", "2e-7", tin, "2.3 times the measured 1e-7 that verifies it"
    yield "D2b", "D of the surface of Sn over the measured 1e-7", "", "", tin / 1e-7
    yield "D3", "activation energy in eq. (4)", "eV", "", surface.activation_energy_eV
    yield "D4", "D of the surface of Na, eq. (4)", "cm2/s", "", METALS["Na"].surface.value_cm2_s
    wall = {name: _wall(name)[0] for name in WALLS if WALLS[name].diffusivity}
    yield "D6", "D of surface over that of LiC6", "", "70", SURFACE / wall[CONSERVATIVE]
    yield "D6b", "D of surface, not rounded, over that of LiC6", "", "70", surface.value_cm2_s / wall[CONSERVATIVE]
    yield "D7", "2 δ / w", "", "0.04", 2 * DELTA_A / NM / THICKNESS
    note = "2.8, and with D of the surface; with the paper's own D of the interface it is 0.8: the wall wins"
    yield "D8", "interface over wall, LiC6, D of the surface", "", "3", _enhancement(SURFACE, 1e-8), note
    yield "D8b", "interface over wall, LiC6, D of the interface", "", "", _enhancement(D_I, 1e-8)
    yield "D8c", "interface over wall, optimistic LiC6", "", "", _enhancement(D_I, 1e-7)
    yield "D8d", "interface over wall, optimistic LiC6, D of the surface", "", "", _enhancement(SURFACE, 1e-7)
    yield "D9", "D of interface over that of Li9Al4", "", "200", D_I / wall["Li9Al4"]
    yield "D10", "D of interface over that of Li22Si5", "", "20000", D_I / wall["Li22Si5"]
    yield "D11", "interface over wall, Li9Al4", "", "", _enhancement(D_I, wall["Li9Al4"])
    yield "D12", "interface over wall, Li22Si5", "", "", _enhancement(D_I, wall["Li22Si5"])


def _enhancement(interface_cm2_s, wall_cm2_s):
    """Second term of eq. (3): interface over wall, both as dense."""
    porosity = SLAB.porosity(W, THICKNESS)
    interface = cell.matrix_mS_cm(SLAB, 0.0, _sheet(interface_cm2_s, C_LI), W, THICKNESS)
    return interface / ((1 - porosity) * _kappa(wall_cm2_s, C_LI))


def _with_interface():
    fill = 1 - SLAB.porosity(W, THICKNESS)
    for name in ("LiC6-optimistic", CONSERVATIVE, "Li9Al4", "Li22Si5"):
        wall, concentration = _kappa(*_wall(name)), _wall(name)[1]
        sheet = _sheet(D_I, concentration)  # as eq. (3) is printed: the wall's c for the interface, too
        kappa = cell.matrix_mS_cm(SLAB, wall, sheet, W, THICKNESS) / fill
        thinnest, thickest = cell.wall_range_nm(SLAB, wall, sheet, W, NEEDED)
        note = "'regardless of MIEC choices': 1.8 to 11, as eq. (3) multiplies the c of the wall" if kappa > 9 else ""
        yield "D13", f"κ by eq. (3), {name}", "mS/cm", "1", kappa, note
        yield (
            "D14",
            f"fill needed then, {name}",
            "",
            "0.1",
            NEEDED / kappa,
            "0.1 is enough, as the paper says" if kappa > 9 else "",
        )
        if name == "Li22Si5":
            note = "the rule of the fill factor is reversed: the wall must not be thicker than this"
            yield "D15", f"thickest wall, {name}", "nm", "", thickest, note
        else:
            yield "D15", f"thinnest wall, {name}", "nm", "10", thinnest
        bore = cell.bore_mS_cm(SLAB, sheet, 1.0)
        yield "D15b", f"widest bore that the interface serves alone, {name}", "nm", "", bore / NEEDED
    sheet = _sheet(D_I, C_LI)
    interface = cell.matrix_mS_cm(SLAB, 0.0, sheet, W, THICKNESS)
    yield (
        "D16",
        "κ of the interface alone, c = 1 / Ω",
        "mS/cm",
        "1",
        interface / fill,
        "the same for every wall",
    )
    note = "a criterion on the pitch, and not on the fill factor"
    yield "D17", "widest pitch, interface alone", "nm", "", cell.widest_pitch_nm(SLAB, sheet, W, NEEDED), note
    for packing in (SLAB, SQUARE, ROUND):
        matrix = cell.matrix_mS_cm(packing, 0.0, sheet, W, THICKNESS)
        volts = cell.needed_V(matrix, J, 100.0)
        note = f"'10-100 um deep': 100 um need {1e3 * volts:.0f} mV"
        yield "D18", f"deepest at 50 mV, {packing.name}", "um", "100", cell.depth_limit_um(matrix, J, U), note
    for packing in (SLAB, SQUARE, ROUND):
        matrix = cell.matrix_mS_cm(packing, 0.0, sheet, W, THICKNESS)
        yield "E3", f"conductance of the interface, {packing.name}", "S/cm2", "", cell.areal_S_cm2(matrix, H)


def _shapes():
    note = "2 D δ / D w counts both faces of the wall: exact for layers, half of it or less for a tubule by itself"
    single = make_shape("single", W * NM, THICKNESS * NM)
    yield "E1", "A of interface over A of wall, layers", "", "0.04", _area_ratio(_shape(0))
    yield (
        "E1",
        "A of interface over A of wall, one tubule, inner face",
        "",
        "0.04",
        single.perimeter * DELTA_A / single.wall_area,
        note,
    )
    both = single.perimeter * (2 * single.outer_radius + single.inner_width) / single.inner_width
    yield "E1", "A of interface over A of wall, one tubule, both faces", "", "0.04", both * DELTA_A / single.wall_area
    for name, i in (("square cells", 1), ("honeycomb", 2), ("round pores, hexagonal", 4)):
        yield "E1", f"A of interface over A of wall, {name}", "", "0.04", _area_ratio(_shape(i))
    for key, packing in (("E2", SLAB), ("E2b", SQUARE), ("E2c", ROUND)):
        yield key, f"fill, {packing.name}", "", "", 1 - packing.porosity(W, THICKNESS)
    for key, shape in (("E4", _shape(0)), ("E5", single)):
        ratio = shape.perimeter * DELTA_A * D_I / (shape.bore_area * LI.bulk.value_cm2_s)
        yield key, f"interface over bulk Li, {shape.name}", "", "", ratio
    yield "E6", "D of interface over that of bulk Li", "", "", D_I / LI.bulk.value_cm2_s
    yield "E7", "D of surface over that of bulk Li", "", "", SURFACE / LI.bulk.value_cm2_s
    crossover = 4 * D_I * DELTA_A / NM / LI.bulk.value_cm2_s / 1e3
    yield "E8", "width at which bulk Li conducts as much as the interface", "um", "", crossover


def _shape(i):
    kind, pore = list(PACKINGS.values())[i]
    return make_shape(kind, W * NM, THICKNESS * NM, pore=pore)


def _area_ratio(shape):
    return shape.perimeter * DELTA_A / shape.wall_area


def _tips():
    porosity, footprint = ROUND.porosity(W, THICKNESS), ROUND.footprint_nm2(W, THICKNESS)
    yield "F1", "mean speed of the tips at 3 mA/cm2", "nm/s", "", cell.tip_speed_of_current_nm_s(J, porosity, VOLUME)
    yield "F1b", "mean speed of the tips, dense Li", "nm/s", "", cell.tip_speed_of_current_nm_s(J, 1.0, VOLUME)
    yield "F2", "tubules per area, pitch 110 nm", "cm-2", "1e10", 1e14 / footprint
    current = J * 1e-3 * footprint * 1e-14
    yield "F3", "current of a tubule", "A", "", current
    yield "F3b", "Li atoms per time of a tubule", "1/s", "", current / ELEMENTARY_CHARGE_C
    yield "F4", "depth over width, 'several hundred'", "", "", MATRIX_UM * 1e3 / W
    drive = U / (BOLTZMANN_EV_K * T)
    feed = cell.feed_mS_cm(ROUND, 0.0, _sheet(D_I, C_LI), W, THICKNESS)
    growth = cell.growth_constant_of_feed_nm2_s(feed, VOLUME, T, drive)
    for length in (1, 6, 10, 20, 50, 100):
        yield "F5", f"speed of the tip, L = {length} um, 50 mV", "nm/s", "", speed_nm_s(growth, length * 1e3)
    yield "F6", "eU / kT at 50 mV", "", "", drive, "not small: eqs. (2) and (3) are linear response"
    yield "F7", "flux of dilute vacancies over linear response, stripping", "", "", response(0.0, drive) / drive
    yield "F7", "flux of dilute vacancies over linear response, plating", "", "", response(1.0, drive) / drive


def _cells():
    yield "G4", "resistance of the half cell, 39 mV at 0.125 mA/cm2", "ohm cm2", "", 39 / 0.125
    note = "the whole half cell conducts 19 times less than the design needs: it does not test eq. (1)"
    yield "G4b", "conductance of the half cell", "S/cm2", "0.06", 0.125 / 39, note
    yield "G5", "resistance of the control, 250 mV at 0.125 mA/cm2", "ohm cm2", "", 250 / 0.125
    for volts in (0.039, 0.25, 2.0):
        yield "G6", f"largest pressure at {volts:g} V", "MPa", "", pressure_MPa(volts, VOLUME)
    yield (
        "G7",
        "thickness of Li that 1.5 mAh/cm2 are",
        "um",
        "",
        cell.depth_for_um(HALF_CELL_MAH_CM2, METAL_MAH_CM3, 1.0),
    )
    for packing in (ROUND, SQUARE):
        porosity = packing.porosity(W, THICKNESS)
        full = cell.matrix_mAh_cm2(METAL_MAH_CM3, porosity, MATRIX_UM)
        yield "G8", f"capacity of the 50 um matrix, {packing.name}", "mAh/cm2", "", full
    density = cell.metal_g_cm3(VOLUME, LI.molar_mass_g_mol)
    for carbon in (1.8, 2.0, 2.26):
        for porosity in (0.5, 0.6, 0.7, 0.8, 0.9):
            full = cell.full_mAh_g(METAL_MAH_CM3, density, carbon, porosity)
            yield "G9", f"Supplementary Fig. 29c, φ = {porosity:g}, carbon of {carbon:g} g/cm3", "mAh/g", "", full
    for porosity in (0.5, 0.6, 0.7, 0.8, 0.9):
        yield "G10", f"Supplementary Fig. 29b, φ = {porosity:g}", "mAh/cm3", "", METAL_MAH_CM3 * porosity
    graphite = cell.metal_mAh_cm3(1e24 / WALLS[CONSERVATIVE].concentration_cm3)
    yield "G11", "porosity that equals LiC6", "", "", graphite / METAL_MAH_CM3
    for carbon in (1.8, 2.0, 2.26):
        even = brentq(lambda p, c=carbon: cell.full_mAh_g(METAL_MAH_CM3, density, c, p) - 900, 0.1, 0.99)
        yield "G12", f"porosity of 900 mAh/g, full, carbon of {carbon:g} g/cm3", "", "", even
    for total in (1.31, 1.5, 1.97):
        for packing in (ROUND, SQUARE):
            porosity = packing.porosity(W, THICKNESS)
            value = cell.part_full_mAh_g(total, cell.metal_mAh_g(LI.molar_mass_g_mol), 2.0, porosity, MATRIX_UM)
            what = f"composite, {total:.2f} mAh/cm2 in 50 um, {packing.name}"
            note = "only 2 × 0.98 mAh/cm2 in square cells come near; the paper gives neither porosity nor density"
            near = total == 1.97 and packing is SQUARE
            yield "G13", what, "mAh/g", "900" if near else "", value, note if near else ""


def _gas():
    yield (
        *("H1", "gas compressed 10 times, isothermal", "MPa", "", cell.gas_MPa(10.0)),
        "'tens of atmospheres (a few MPa)' fit adiabatic compression only; either is below 1 mV",
    )
    yield "H2", "gas compressed 10 times, adiabatic, two-atomic", "MPa", "", cell.gas_MPa(10.0, 1.4)
    yield "H3", "gas compressed 10 times, adiabatic, one-atomic", "MPa", "", cell.gas_MPa(10.0, 5 / 3)
    yield (
        *("H4", "hardness of 65 MPa over the largest pressure at 50 mV", "", "", 65 / 370),
        "'higher than the internal pressurization limit' holds for the gas, not for the metal",
    )
