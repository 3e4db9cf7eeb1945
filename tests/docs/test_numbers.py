"""Numbers in README and docs that a formula or the code gives at once: each stands in its sentence as computed."""

from math import erf, exp, log10, pi, sqrt, tanh

import pytest
from pages import ROOT
from scipy.optimize import brentq

from coble.inputs.case import load_case, parse_case, shipped
from coble.kinds.design.paper_numbers import claims
from coble.kinds.growth.setup import prepare
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.growth.law import response
from coble.kmc.growth.power_law_creep import PowerLaw, pressure_MPa
from coble.kmc.kernel.lowering import widest_range
from coble.kmc.network.continuum import shares
from coble.kmc.rates.materials import METALS
from coble.lattices import Region
from coble.models.tubules.tubule import regions, shape_of

LI, NA = METALS["Li"], METALS["Na"]
JOULE_PER_EV, BOLTZMANN_J_K = 1.602176634e-19, 1.380649e-23
CLAIMS = {claim.key: claim.ours for claim in claims()}


def drive(volts):
    """eU / k_B T at 300 K."""
    return volts / (BOLTZMANN_EV_K * 300)


def part(occupancy, volts):
    """What carriers make of a drive, over linear response; written out for ½: tanh(x/2) / (x/2)."""
    x = drive(volts)
    return tanh(x / 2) / (x / 2) if occupancy == 0.5 else response(occupancy, x) / x


def coble_nm_s(length_nm, response_over_linear=1.0):
    """4 D δ f / (W L) at W = 100 nm and 50 mV; D in nm²/s."""
    return 4 * 2e7 * 0.2 * drive(0.05) * response_over_linear / (100 * length_nm)


def crossing_nm(metal, temperature_K):
    """W at which interface and bulk carry the same: 4 D_i δ / D."""
    return 4 * metal.interface.at(temperature_K) * 0.2 / metal.bulk.at(temperature_K)


def share_percent(wall, path):
    """Of the paper's tubule, by c D A."""
    case = parse_case(f'[[wall]]\nname = "{wall}"\n')
    return 100 * shares(regions(case, case.walls[0], case.wall[0], shape_of(case)))[path]


def surface_J_m2(facet, first_eV, second_eV):
    a = LI.lattice_constant_A * 1e-10
    bonds = {"100": 2 * first_eV + second_eV, "110": sqrt(2) * (first_eV + second_eV)}
    return bonds[facet] * JOULE_PER_EV / a**2


def stored(width_nm):
    """Part by which a channel that stores atoms slows a tip at 50 mV; Stefan's solution, printed channel's part."""
    channel = {4: 0.29, 8: 0.15}[width_nm]
    number = channel / (1 - channel) * (1 / (1 + exp(-drive(0.05))) - 0.5)
    found = brentq(lambda x: sqrt(pi) * x * exp(x**2) * erf(x) - number, 1e-6, 3.0)
    return 1 - 2 * found**2 / number


def tension_lost(tension_MPa):
    """By how much half-filled sites fall short of linear creep: ρ_side - ρ_end against (μ_side - μ_end) / 4."""
    x = tension_MPa * 1e6 * LI.atomic_volume_A3 * 1e-30 / (BOLTZMANN_J_K * 300)
    rho = lambda mu: 1 / (1 + exp(-mu))  # noqa: E731
    return 100 * (1 - (rho(x / 3) - rho(-2 * x / 3)) / (x / 4))


def bore(law):
    return prepare(load_case(shipped(law))).law["b_nm2_s"]


def channel_part(width_nm):
    """Part of a bore's sites that is channel, in %."""
    inert = "[[wall]]\nname = 'inert'\ndiffusivity_cm2_s = 0\nconcentration_cm3 = 0\n"
    tubule = f"[tubule]\ninner_width_nm = {width_nm}\nwall_thickness_nm = 1\n"
    run = prepare(parse_case(f"{tubule}{inert}[growth]\nmetal_to_nm = 2\ndepth_nm = 4\nuntil_front_nm = 3\n"))
    metal, channel = run.growth.graph.count(Region.BULK), run.growth.graph.count(Region.INTERFACE)
    return 100 * channel / (metal + channel)


SLIP = PowerLaw(4.25e4, 6.6, 0.3835, 1.0).plug_speed_nm_s(50, 6000, pressure_MPa(0.05, 21.6), 300)
X_200 = 200e6 * LI.atomic_volume_A3 * 1e-30 / (BOLTZMANN_J_K * 300)
NUMBERS = [
    # (page, what stands there with a format for the number, the number; or a function where it takes longer)
    ("docs/creep.md", "150/π = 47.7, {:.1f} times F_i", 150 / pi / 7.363),
    ("docs/creep.md", "40/3, {:.1f} times F_b", 40 / 3 / 1.402),
    ("docs/physics.md", "0.014 exp(−6.54 T_M/T) = {:.0e}", 0.014 * exp(-6.54 * 453.65 / 300)),
    ("docs/physics.md", "8.9 k_B T_M = {:.3f} eV", 8.9 * BOLTZMANN_EV_K * 453.65),
    ("docs/physics.md", "4 D_i δ/(D_bulk W), {:.0f} at W = 100 nm", crossing_nm(LI, 300) / 100),
    ("docs/physics.md", "they cross at W* = {:.0f} µm", crossing_nm(LI, 300) / 1000),
    ("docs/physics.md", "the interface carries {:.0f} % beside Li₂₂Si₅", share_percent("Li22Si5", Region.INTERFACE)),
    ("docs/physics.md", "and {:.0f} % beside Li₉Al₄", share_percent("Li9Al4", Region.INTERFACE)),
    ("docs/physics.md", "the interface carries {:.2f} times the bulk at 300 K", crossing_nm(NA, 300) / 100),
    ("docs/physics.md", "1/(π − 1) = {:.4f} square", 1 / (pi - 1)),
    ("docs/physics.md", "linear response: {:.0f} nm/s for L = 1 µm", coble_nm_s(1000)),
    ("docs/physics.md", "carriers at θ = ½ give {:.3f} of the linear law", part(0.5, 0.05)),
    ("docs/physics.md", "of the linear law ({:.0f} nm/s)", coble_nm_s(1000, part(0.5, 0.05))),
    ("docs/physics.md", "dilute vacancies {:.2f} when metal is pushed in", part(1.0, 0.05)),
    ("docs/physics.md", "and {:.2f} when it is pulled out", part(0.0, 0.05)),
    ("docs/physics.md", "{:.2f} for half a void", 1 / (0.5 + 0.5 * 2e-7 / LI.surface.at(300))),
    ("docs/model.md", "{:.0f} orders of magnitude fit into one table for one of them", int(log10(widest_range(1, 8)))),
    ("docs/model.md", "one of them, {:.0f} for 10³", int(log10(widest_range(1000, 8)))),
    ("docs/model.md", "for 10³, {:.0f} for 10⁶", int(log10(widest_range(10**6, 8)) + 0.05)),
    ("docs/growth.md", "{:.3f} of the linear one at 50 mV", part(0.5, 0.05)),
    ("docs/growth.md", "and {:.3f} at 100 mV", part(0.5, 0.1)),
    ("docs/growth.md", "γ₁₀₀ = {:.2f}", surface_J_m2("100", 0.082, 0.190)),
    ("docs/growth.md", "γ₁₁₀ = {:.2f} J/m²", surface_J_m2("110", 0.082, 0.190)),
    ("docs/growth.md", "then adatoms ({:.2f} eV)", 2 * 0.082 + 0.190),
    ("docs/growth.md", "Stefan's exact solution) | {:.0f} % at 4 nm", 100 * stored(4)),
    ("docs/growth.md", "% at 4 nm, {:.0f} % at 8 nm", 100 * stored(8)),
    ("docs/growth.md", "is {:.0f} % of a bore of 4 nm", lambda: channel_part(4)),
    ("docs/growth.md", "and {:.0f} % of one of 8 nm", lambda: channel_part(8)),
    ("docs/growth.md", "nm²/s, {:.3g} by the law; behind an inert wall", lambda: bore("double")),
    ("docs/growth.md", "Young's equation | {:.1f} | 0 |", 2 * 0.3 - 1),
    ("docs/creep.md", "For lithium (D_i = 2·10⁻⁷, D_b = 4·10⁻¹¹ cm²/s, δ = 2 Å) d* = {:.2f} µm", 7.363 / 1.402),
    ("docs/creep.md", "another shape of grain, is {:.1f} µm", pi),
    ("docs/creep.md", "it falls {:.0f} % short", tension_lost(200)),
    ("docs/creep.md", "at 200 MPa (S Ω / k_B T = {:.2f})", X_200),
    ("docs/creep.md", "and {:.0f} % at 400 MPa", tension_lost(400)),
    ("docs/creep.md", "Coble's is 150/π = {:.1f}", 150 / pi),
    ("docs/experiments.md", "a half-filled channel carries {:.3f} of it", part(0.5, 0.05)),
    ("docs/experiments.md", "a wall with 1 % vacancies {:.3f}", part(0.99, 0.05)),
    ("docs/experiments.md", "and 50 mV it gives about {:.1f} times Coble's speed", SLIP / coble_nm_s(6000)),
    ("docs/experiments.md", "{:.0f} % interface and 36 % bulk give a void ratio of 1", 100 * 0.641),
    ("docs/design.md", "a half-filled channel carries {:.2f} of it", part(0.5, 0.05)),
    ("docs/design.md", "50 mV: {:.1f} nm/s at 10 µm", coble_nm_s(1e4, part(0.5, 0.05))),
    ("docs/design.md", "reached after {:.0f} s", 1e4 / 2 / coble_nm_s(1e4, part(0.5, 0.05))),
    ("docs/design.md", "Linear response would give {:.1f} nm/s", coble_nm_s(1e4)),
    ("docs/design.md", "nm/s and {:.0f} s", 1e4 / 2 / coble_nm_s(1e4)),
    ("docs/design.md", "passes {:.2f} of its linear part", part(0.99, 0.05)),
    ("docs/design.md", "Capillarity ({:.0f} MPa", 2 * 0.5 / 50e-9 / 1e6),
    ("docs/design.md", "Capillarity (20 MPa, {:.1f} mV", 1e3 * 20 / pressure_MPa(1.0, 21.6)),
    ("docs/design.md", "| w_min of LiC6 10 nm | {:.1f} nm", CLAIMS["C4"]),
    ("docs/design.md", "| bulk Li two orders too slow | {:.1f} times", CLAIMS["C8"]),
    ("docs/design.md", "| interface 3 times LiC6 | {:.2f}", CLAIMS["D8b"]),
    ("docs/design.md", "by packing; layers {:.1f}", CLAIMS["B4.1"]),
    ("docs/design.md", "hexagonal round pores {:.1f}", CLAIMS["B4.3"]),
    ("docs/design.md", "| 10 to 100 µm deep | {:.1f}", CLAIMS["D18.1"]),
    ("docs/design.md", "Li22Si5: not thicker than {:.0f} nm", CLAIMS["D15.4"]),
    ("docs/design.md", "at most {:.0f} nm, layers", CLAIMS["D17"]),
    ("docs/design.md", "all {:.0f} are in `result.json`", len(CLAIMS)),
    ("docs/campaigns.md", "| 290 | {:.0f} nm |", crossing_nm(NA, 290)),
    ("docs/campaigns.md", "| 365 | {:.0f} nm |", crossing_nm(NA, 365)),
    ("docs/campaigns.md", "| 3.98 µm | {:.2f} µm |", crossing_nm(LI, 300) / 1000),
    ("docs/campaigns.md", "| 906 nm | {:.0f} nm |", crossing_nm(LI, 380)),
    ("docs/campaigns.md", "| 425 nm | {:.0f} nm |", crossing_nm(LI, 440)),
]


@pytest.mark.parametrize(("page", "sentence", "number"), NUMBERS)
def test_number_stands_in_its_sentence(page, sentence, number):
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    number = number() if callable(number) else number
    assert sentence.format(number).replace("e-07", "e-7").replace("e+07", "e7") in text
