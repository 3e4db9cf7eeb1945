"""Runs in which a wall fills: along its curve first, then metal; from any lithiation; cut and gone on with."""

import json

import numpy as np
import pytest

from coble import CaseError, parse_case
from coble.kinds.growth.lithiation import wall_sites
from coble.kinds.growth.result import as_dict
from coble.kinds.growth.run import NUCLEUS
from coble.kinds.growth.setup import prepare, sites_of
from coble.kinds.growth.state.steps import VOLTAGE_DUE
from coble.kinds.growth.words import sentences
from coble.kmc.network.exact import solve_bonds
from coble.lattices import Region
from coble.lattices.tubules.lanes import lanes

CURVE = "[[0.0, 0.8], [0.5, 0.15], [1.0, 0.0]]"
CASE = """
[tubule]
inner_width_nm = 1.5
wall_thickness_nm = 0.8
[[wall]]
name = "LiC6"
{wall}
[bonds]
wetting = 0.7
[growth]
depth_nm = 3.0
metal_to_nm = 0.0
until_front_nm = 2.5
records = 60
frames = 2
{growth}
[run]
seed = 1
"""
FAST = f"diffusivity_cm2_s = 1e-7\nocv_V = {CURVE}"


def case_of(wall=FAST, growth="current_pA = 30.0"):
    return parse_case(CASE.format(wall=wall, growth=growth))


@pytest.fixture(scope="module")
def filled():
    run = prepare(case_of())
    run.run()
    return run


def test_the_wall_fills_along_its_curve_before_the_first_metal_stays(filled):
    """At a current that is slow beside D / L²: 18 atoms come in the time in which an atom crosses the wall's length."""
    series, sites = filled.series, filled.growth.model.wall_sites
    time, theta, volts = (np.array(v) for v in (series.time_s, series.wall_lithiation, series.overpotential_V))
    assert filled.reason == "tip reached until_front_nm = 2.5 nm" and filled.incubation_s
    before = time < filled.incubation_s
    assert theta[before][-1] > 0.95
    equilibrium = np.array([sites.lithiation(-each) for each in volts])
    off = (equilibrium - theta)[before & (time > 0)]
    assert abs(off.mean()) < 0.01 and np.abs(off).max() < 0.06  # a record has seven atoms
    lithiation, potential = np.array(json.loads(CURVE)).T
    curve = np.interp(theta, lithiation, potential)
    assert np.abs((volts + curve)[before & (theta > 0.05)]).max() < 0.08
    assert np.all(volts[before & (theta < 0.5)] < -0.1) and volts[~before][0] < 0.05


def test_in_lanes_a_wall_conducts_what_its_diffusivity_says():
    """The exact network at the curve's end, over c D A; at random deep sites are in the way, and one tenth is left."""
    text = CASE.format(wall=FAST, growth="").replace("thickness_nm = 0.8", "thickness_nm = 2.0")
    case = parse_case(text.replace("inner_width_nm = 1.5", "inner_width_nm = 4.0"))
    sites, whole = wall_sites(case), sites_of(case, 1)[0]
    wall = whole.subgraph(whole.region == Region.WALL)
    level = lanes(wall, np.arange(wall.n_site), sites.counts(wall.n_site))
    equal = solve_bonds(wall, np.ones(wall.n_edge)).total

    def conductance(level, volts):
        f, energy = sites.filled(volts)[level], sites.energy_kT[level]
        here, there = wall.sources(), wall.target
        downhill = np.exp(-np.maximum(energy[there] - energy[here], 0.0))
        return solve_bonds(wall, f[here] * (1 - f[there]) * downhill / sites.open_sites).total / equal

    assert 0.93 < conductance(level, sites.end_V) < 1.0
    at_random = np.random.default_rng(1).permutation(level)
    assert conductance(at_random, sites.end_V) < 0.1
    # So the chemical diffusivity, conductance over d(lithiation)/dμ, is the same at every lithiation.
    for volts in (0.1, 0.2, 0.4, 0.6):
        f = sites.filled(volts)
        capacity = np.dot(sites.weight, f * (1 - f)) / sites.sites_per_atom / sites.open_sites
        assert 0.8 < conductance(level, volts) / capacity < 1.0


def test_every_atom_is_counted_and_the_wall_holds_its_lithium(filled):
    content = as_dict(filled)
    series, graph = content["series"], filled.growth.graph
    np.testing.assert_array_equal(series["atoms"], series["inserted_minus_removed"])
    assert series["wall_lithiation"][0] == 0.0 and content["provenance"]["case"]["wall"][0]["lithiation"] == 0.0
    sites = np.count_nonzero(graph.region == Region.WALL)
    nm3 = graph.shape.wall_area * np.ptp(graph.z[graph.region == Region.WALL]) / 1e3
    atoms = sites / filled.growth.model.wall_sites.sites_per_atom
    said = f"The lithiation of the wall went from 0.00 to {series['wall_lithiation'][-1]:.2f}; at most it was"
    assert said in " ".join(sentences(content))
    assert atoms / nm3 == pytest.approx(16.5, rel=0.1), "1.65e22 atoms in a cm3 where the curve ends"


def test_a_run_that_is_cut_goes_on_bit_for_bit(filled):
    cut = prepare(case_of())
    cut.run(lambda: cut.growth.kernel.n_event > 0.5 * filled.growth.kernel.n_event)
    arrays, plain = cut.state()
    other = prepare(case_of())
    other.restore({name: np.array(value) for name, value in arrays.items()}, json.loads(json.dumps(plain)))
    other.run()
    np.testing.assert_array_equal(other.growth.kernel.codes, filled.growth.kernel.codes)
    assert other.series.wall_lithiation == filled.series.wall_lithiation


def test_a_nucleus_after_the_last_record_is_known_and_seen_anew_when_the_run_goes_on(filled):
    """Within one record the metal grows to where the run ends: its first nucleus is at the end."""
    assert filled.incubation_s == filled.growth.time > filled.series.time_s[-2]
    cut = prepare(case_of())
    cut.run(lambda: cut.growth.largest_piece() >= NUCLEUS)
    assert not cut.reason and cut.incubation_s == cut.growth.time < filled.growth.time
    cut.run()
    assert cut.incubation_s == filled.incubation_s and cut.series == filled.series


def test_a_cycle_takes_metal_and_lithium_out_again():
    """Metal first, then the wall, along the same curve up to a limit of the voltage."""
    steps = """
[[growth.step]]
current_pA = 60.0
until_front_nm = 2.5
[[growth.step]]
current_pA = -60.0
until_V = -0.6
"""
    run = prepare(case_of(growth=steps))
    run.run()
    series, sites = run.series, run.growth.model.wall_sites
    theta, volts, atoms = (np.array(v) for v in (series.wall_lithiation, series.overpotential_V, series.atoms))
    assert run.reason == "overpotential reached until_V = -0.6 V"
    np.testing.assert_array_equal(atoms, series.inserted_minus_removed)
    back = np.arange(len(theta)) > np.argmax(atoms)
    assert max(series.front_nm) > 2 and series.front_nm[-1] == 0
    assert theta[-1] < 0.3 and theta[back].max() > 0.85
    alone = back & (theta < 0.7)  # no metal is left
    equilibrium = np.array([sites.lithiation(-each) for each in volts[alone]])
    assert abs((equilibrium - theta[alone]).mean()) < 0.03


def test_a_wall_that_fills_ends_at_a_voltage_below_zero():
    """A cut-off of 0.2 V against the metal: the curve is at 0.46 there, and no metal has formed."""
    run = prepare(case_of(growth="current_pA = 15.0\nuntil_V = -0.2"))
    run.run()
    assert run.reason == "overpotential reached until_V = -0.2 V"
    wall = np.count_nonzero(run.growth.graph.region == Region.WALL)
    lag = 0.5 * VOLTAGE_DUE / wall  # the voltage is a mean over so many atoms
    assert 0 < run.growth.wall_lithiation() - 0.5 * 0.6 / 0.65 < 2 * lag
    assert run.growth.ends_nm()[1] == 0.0


@pytest.mark.parametrize("lithiation", [0.3, 1.0])
def test_a_wall_starts_at_its_lithiation(lithiation):
    """The potential at the start is that of the curve; at rest it stays there."""
    rest = "[[growth.step]]\nrest = true\ntime_s = 2e-7\n"
    run = prepare(case_of(f"{FAST}\nlithiation = {lithiation}", rest))
    sites = run.growth.model.wall_sites
    n = np.count_nonzero(run.growth.graph.region == Region.WALL)
    assert run.series.wall_lithiation[0] == pytest.approx(lithiation, abs=4 * 0.5 / np.sqrt(n))
    run.run()
    assert run.series.inserted_minus_removed[-1] == 0
    held = np.mean(run.series.wall_lithiation[10:])
    volts = np.mean([-v for v in run.series.overpotential_V[10:]])
    assert sites.lithiation(volts) == pytest.approx(held, abs=0.05)


def test_metal_lithiates_the_wall_that_it_touches():
    """At coexistence an empty wall takes what the metal and the electrolyte give, up to its curve's end."""
    text = CASE.format(wall=FAST, growth="overpotential_V = 0.0\ntime_s = 2e-7")
    run = prepare(parse_case(text.replace("metal_to_nm = 0.0", "metal_to_nm = 1.5")))
    run.run()
    assert run.series.wall_lithiation[0] == 0.0
    late = np.mean(run.series.wall_lithiation[-20:])
    assert late == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("wall", "said"),
    [
        ("ocv_V = [[0.0, 0.5], [0.5, 0.6], [1.0, 0.0]]", "must have potentials that fall as lithium comes in"),
        ("ocv_V = [[0.0, 0.5], [1.2, 0.0]]", "must have lithiations from 0 to 1, got 1.2"),
        ("ocv_V = [[0.1, 0.5], [1.0, 0.0]]", "must start at the lithiation 0, got [0.1, 0.5]"),
        ("ocv_V = [[0.0, 0.5], [0.9, 0.0]]", "must end at the lithiation 1, got [0.9, 0]"),
        ("ocv_V = [[0.0, 0.8], [0.8, 0.5], [0.5, 0.3], [1.0, 0.0]]", "must have lithiations that rise"),
        ("ocv_V = [[0.0, 0.8], [1.0, -0.1]]", "must have potentials from 0 to 3 V"),
        ("ocv_V = [[0.0, 0.2], [1.0, 0.0]]", "at 300 K no sites follow it to 0.01 of the lithiation"),
        ("ocv_V = 0.3", "must be a list of 2 to 100 points"),
        (f"{FAST}\nvacancy_fraction = 0.01", "vacancy_fraction: must be left out with ocv_V"),
        (f"{FAST}\nlithiation = 1.5", "lithiation: must be 0 or between 1e-4 and 1, got 1.5"),
        (f"{FAST}\nlithiation = -0.5", "lithiation: must be 0 or between 1e-4 and 1, got -0.5"),
        ("lithiation = 0.5", "lithiation: needs the wall's open-circuit curve"),
        (f"concentration_cm3 = 0\nocv_V = {CURVE}", "ocv_V: must be left out for a wall that takes no metal"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(wall, said):
    with pytest.raises(CaseError) as refused:
        case_of(wall)
    assert said in str(refused.value) and str(refused.value).count("\n") == 0
    assert str(refused.value).startswith("<text>:")
