"""Cases on a structure of one's own: what they mean, what is refused with its line, and that they can be run again."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write
from command import BAD_CASE, OK, invoke

import coble
from coble.inputs.case import Case, CaseError, load_case, shipped
from coble.inputs.case_text import case_text
from coble.inputs.files.given_files import GivenFile, kept_files, kept_names, renamed
from coble.inputs.structures.neb_table import read_neb_table
from coble.inputs.structures.structure_file import lattice_bytes, read_lattice
from coble.kmc.constants import BOLTZMANN_EV_K, CM2_IN_A2
from coble.kmc.network.tensor import collective
from coble.lattices import Lattice
from coble.models.structures.lattice import lattice_of
from coble.models.structures.structure import rates_of_structure, refuse_structure, structure_rates

EDGE = 3.6  # Å, of the cubic cell
FCC = """
[structure]
file = "sites.extxyz"
bond_cutoff_angstrom = 2.7
[[region]]
name = "0"
occupancy = 0.9
[[barrier]]
between = ["0", "0"]
prefactor_1_s = 1e13
barrier_eV = 0.3
"""
DIFFUSIVE = """
[structure]
file = "sites.extxyz"
bond_cutoff_angstrom = 2.7
[[region]]
name = "0"
occupancy = 0.9
diffusivity_cm2_s = 4e-11
"""
TABLE_OF_FCC = {
    "region": [{"name": "bulk", "occupancy": 0.9}],
    "barrier": [{"between": ["bulk", "bulk"], "prefactor_1_s": 1e13, "barrier_eV": 0.3}],
}
HEADER = "site_i,site_j,shift_x,shift_y,shift_z,forward_eV,backward_eV\n"
CHAIN = """
[structure]
file = "sites.extxyz"
[barriers]
file = "neb.csv"
prefactor_1_s = 1e13
[[region]]
name = "0"
occupancy = 0.5
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    atoms = bulk("Cu", a=EDGE, cubic=True).repeat(3)
    atoms.set_tags(np.zeros(len(atoms), dtype=int))
    write("sites.extxyz", atoms)
    return tmp_path


def checked(text, folder):
    """The case of a text, its structure looked at."""
    path = folder / "case.toml"
    path.write_text(text.lstrip())
    case = load_case(path)
    refuse_structure(case, path)
    return case


def faults_of(text, folder):
    """Faults of a text as (line, key, message)."""
    with pytest.raises(CaseError) as caught:
        checked(text, folder)
    return [(fault.line, fault.key, fault.message) for fault in caught.value.faults]


def fault_of(text, folder):
    (found,) = faults_of(text, folder)
    return found


def chain(folder, table, z=(0.0, 2.0), length=4.0):
    """A chain of sites along z, and its table of barriers."""
    cell = [9, 9, length]
    write(folder / "sites.extxyz", Atoms("Li" * len(z), [(1, 1, each) for each in z], cell=cell, pbc=True))
    (folder / "neb.csv").write_text(HEADER + table)


# ---- what it means -----------------------------------------------------------------------------------------------


def test_a_rule_gives_arrhenius_rates_and_the_stated_occupancy(here):
    case = checked(FCC, here)
    lattice, rates = rates_of_structure(case, lattice_of(case))
    expected = 1e13 * np.exp(-0.3 / (BOLTZMANN_EV_K * 300.0))
    np.testing.assert_allclose(rates.edge_rates(lattice), expected, rtol=1e-9)
    np.testing.assert_allclose(rates.site_occupancy(lattice), 0.9, rtol=1e-12)
    hotter = rates_of_structure(case, temperature_K=600.0)[1]
    np.testing.assert_allclose(hotter.hop.max(), 1e13 * np.exp(-0.3 / (BOLTZMANN_EV_K * 600.0)), rtol=1e-9)


def test_any_two_of_rate_prefactor_and_barrier_are_one_rule(here):
    rate = float(1e13 * np.exp(-0.3 / (BOLTZMANN_EV_K * 300.0)))
    whole = rates_of_structure(checked(FCC, here), temperature_K=450.0)[1].hop.max()
    for given in (f"rate_1_s = {rate!r}\nbarrier_eV = 0.3", f"rate_1_s = {rate!r}\nprefactor_1_s = 1e13"):
        case = checked(FCC.replace("prefactor_1_s = 1e13\nbarrier_eV = 0.3", given), here)
        np.testing.assert_allclose(rates_of_structure(case, temperature_K=450.0)[1].hop.max(), whole, rtol=1e-9)


@pytest.mark.parametrize("diffusivity", ["4e-11", "[4e-11, 4e-11]", "[4e-11, 3e-11]", "[4e-11, 5e-11]"])
def test_a_region_conducts_as_its_diffusivity_says(here, diffusivity):
    case = checked(DIFFUSIVE.replace("4e-11", diffusivity), here)
    lattice, rates = rates_of_structure(case)
    tensor = collective(lattice, rates, 0.9 * lattice.n_site).tensor / CM2_IN_A2
    along, across = case.region[0].diffusivity_cm2_s if "[" in diffusivity else (4e-11, 4e-11)
    np.testing.assert_allclose(tensor, np.diag([across, across, along]), rtol=1e-6, atol=1e-18)


def test_a_diffusivity_moves_with_its_slope(here):
    case = checked(DIFFUSIVE + "activation_energy_eV = 0.5\n", here)
    cold, hot = (rates_of_structure(case, temperature_K=each)[1].hop.max() for each in (300.0, 600.0))
    np.testing.assert_allclose(np.log(hot / cold), 0.5 / BOLTZMANN_EV_K * (1 / 300 - 1 / 600), rtol=1e-9)


def test_two_calibrated_regions_meet_at_the_harmonic_mean(here):
    atoms = bulk("Cu", a=EDGE, cubic=True).repeat(4)
    atoms.set_array("part", np.where(atoms.positions[:, 0] < 7, "left", "right"))
    write("sites.extxyz", atoms)
    two = DIFFUSIVE.replace("[[region]]", 'regions = "part"\n[[region]]').replace('"0"', '"left"')
    two += '[[region]]\nname = "right"\noccupancy = 0.5\ndiffusivity_cm2_s = 1e-9\n'
    lattice, rates = rates_of_structure(checked(two, here))
    g, here_, there = rates.edge_conductance(lattice), lattice.region[lattice.sources()], lattice.region[lattice.target]
    left, right = (g[(here_ == k) & (there == k)][0] for k in (0, 1))
    np.testing.assert_allclose(g[here_ != there], 2 * left * right / (left + right), rtol=1e-9)
    assert rates.imbalance(lattice) < 1e-9


def test_a_table_gives_energies_and_another_axis_changes_nothing(here):
    chain(here, "0,1,0,0,0,.30,.40\n1,0,0,0,1,.35,.25\n")
    found = structure_rates(checked(CHAIN, here))
    assert found.energy_eV == pytest.approx([0.1, 0.0], abs=1e-9)
    turned = Atoms("Li2", [(0, 1, 1), (2, 1, 1)], cell=[4, 9, 9], pbc=True)
    write("sites.extxyz", turned)
    Path("neb.csv").write_text(HEADER + "0,1,0,0,0,.30,.40\n1,0,1,0,0,.35,.25\n")
    other = structure_rates(checked(CHAIN.replace("[barriers]", 'axis = "x"\n[barriers]'), here))
    assert sorted(other.rates.edge_rates(other.lattice)) == pytest.approx(
        sorted(found.rates.edge_rates(found.lattice)), rel=1e-9
    )


def test_rows_without_barriers_take_those_of_a_rule(here):
    chain(here, "0,1,0,0,0,.30,.30\n1,0,0,0,1,,\n")
    rule = '[[barrier]]\nbetween = ["0", "0"]\nprefactor_1_s = 1e13\nbarrier_eV = 0.4\n'
    lattice, rates = rates_of_structure(checked(CHAIN + rule, here))
    expected = 1e13 * np.exp(-np.array([0.4, 0.4, 0.3, 0.3]) / (BOLTZMANN_EV_K * 300))
    np.testing.assert_allclose(sorted(rates.edge_rates(lattice)), expected, rtol=1e-9)


def test_small_affinities_are_reconciled_up_to_the_tolerance(here):
    chain(here, "0,1,0,0,0,.30,.40\n1,0,0,0,1,.35,.2505\n")
    assert 0 < structure_rates(checked(CHAIN, here)).reconciled_max_eV < 5e-4
    line, key, message = fault_of(CHAIN.replace("1e13", "1e13\nbalance_tolerance_eV = 1e-4"), here)
    assert (line, key) == (4, "barriers.file")
    assert "0.0005 eV" in message and "winds round" in message


def test_a_direction_is_that_of_the_file_whatever_the_axis(here):
    rules = FCC + "direction = [0, 1, 1]\n" + FCC[FCC.index("[[barrier]]") :].replace("0.3", "0.5")
    found = {}
    for axis in "xyz":
        lattice, rates = rates_of_structure(
            checked(rules.replace("[[region]]", f'axis = "{axis}"\n[[region]]', 1), here)
        )
        turn = np.array(lattice.notes["rotation"])
        found[axis] = turn.T @ collective(lattice, rates, 1.0).tensor @ turn
    np.testing.assert_allclose(found["x"], found["z"], rtol=1e-6, atol=1e-6 * found["z"].max())
    np.testing.assert_allclose(found["y"], found["z"], rtol=1e-6, atol=1e-6 * found["z"].max())
    assert found["z"][1, 2] > 100 * abs(found["z"][0, 1])  # fast along [0, 1, 1] and its opposite alone


def test_atoms_that_are_not_mobile_are_carried_along(here):
    atoms = bulk("Cu", a=EDGE, cubic=True).repeat(3)
    symbols = np.array(atoms.get_chemical_symbols(), dtype="<U2")
    symbols[:5] = "Ni"
    atoms.set_chemical_symbols(symbols)
    write("sites.extxyz", atoms)
    case = checked(FCC.replace("[[region]]", 'mobile = ["Cu"]\n[[region]]', 1), here)
    assert lattice_of(case).n_site == len(atoms) - 5
    assert lattice_of(case).frozen.get_chemical_symbols() == ["Ni"] * 5


# ---- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "part"),
    [
        ('["0", "0"]', '["0", "7"]', 8, "barrier[1].between", "unknown region '7'"),
        ('name = "0"', 'name = "7"', 5, "region[1].name", "unknown region '7': the structure has '0'"),
        ("barrier_eV = 0.3", "barrier_eV = -0.3", 10, "barrier[1].barrier_eV", "got -0.3"),
        ("barrier_eV = 0.3", "rate_1_s = 1e14", 10, "barrier[1].rate_1_s", "the barrier would be negative"),
        ("barrier_eV = 0.3", "barrier_eV = 0.3\nrate_1_s = 5", 11, "barrier[1].rate_1_s", "contradicts"),
        ("barrier_eV = 0.3", "", 7, "barrier[1].barrier_eV", "is missing: give two of"),
        ("barrier_eV = 0.3", "barrier_eV = 0.3\nclass = 1", 11, "barrier[1].class", "classes 0 to 0"),
        ("barrier_eV = 0.3", "barrier_eV = 0.3\ndirection = [0, 0, 1]", 11, "barrier[1].direction", "direction"),
        ("= 2.7", "= 2.0", 3, "structure.bond_cutoff_angstrom", "have no bond"),
        ("= 2.7", '= { "0-9" = 2.7 }', 3, "structure.bond_cutoff_angstrom", "9"),
        ("bond_cutoff_angstrom = 2.7\n", "", 1, "structure.bond_cutoff_angstrom", "is missing"),
        ("sites.extxyz", "case.toml", 2, "structure.file", "is no structure that ASE reads"),
        ("sites.extxyz", "none.extxyz", 2, "structure.file", "no such file"),
        ("[[region]]", 'regions = "part"\n[[region]]', 4, "structure.regions", "no array 'part'"),
        ("[[region]]", 'axis = "w"\n[[region]]', 4, "structure.axis", "must be 'x', 'y' or 'z'"),
        ("[[region]]", 'mobile = ["Zn"]\n[[region]]', 4, "structure.mobile", "there are 'Cu'"),
        ("occupancy = 0.9", "", 4, "region", "say how full a region is"),
        ("= 0.9", "= 0.9\ndiffusivity_cm2_s = 1e-9", 7, "region[1].diffusivity_cm2_s", "must be left"),
        ("occupancy = 0.9", "occupancy = 0.9\n[metal]", 7, "metal", "belongs to a tubule"),
        (
            "[[barrier]]",
            '[barriers]\nfile = "case.toml"\n[[barrier]]',
            3,
            "structure.bond_cutoff_angstrom",
            "one of the two",
        ),
    ],
)
def test_one_fault_has_its_line_and_key(here, old, new, line, key, part):
    found = fault_of(FCC.replace(old, new, 1), here)
    assert found[:2] == (line, key)
    assert part in found[2]


def test_a_structure_is_wanted_where_its_sections_are(here):
    line, key, message = fault_of('[[region]]\nname = "0"\n', here)
    assert (line, key) == (1, "region")
    assert "give [structure]" in message


@pytest.mark.parametrize(
    ("row", "line", "key", "part"),
    [
        ("1,0,0,0,1,-0.3,.3", 3, "forward_eV", "got -0.3"),
        ("1,0,0,0,1,.3,x", 3, "backward_eV", "must be a number"),
        ("1,7,0,0,1,.3,.3", 3, "site_j", "numbered 0 to 1, got 7"),
        ("1,0,0,0,1.5,.3,.3", 3, "shift_z", "whole number"),
        ("1,1,0,0,0,.3,.3", 3, "site_j", "another site"),
        ("1,0,0,0,0,.3,.3", 3, "", "the pair of line 2 again"),
        ("1,0,0", 3, "", "must have 7 values"),
    ],
)
def test_faults_of_a_table_have_their_lines(here, row, line, key, part):
    chain(here, f"0,1,0,0,0,.3,.3\n{row}\n")
    found = fault_of(CHAIN, here)
    assert found[:2] == (line, key)
    assert part in found[2]


def test_all_faults_of_a_table_are_told_at_once():
    rows = "".join(f"0,{j},0,0,0,-1,.3\n" for j in range(1, 100))
    with pytest.raises(CaseError) as caught:
        read_neb_table(GivenFile("neb.csv", (HEADER + rows).encode()), 100, 1e13)
    assert len(caught.value.faults) == 51
    assert "more" in caught.value.faults[-1].message


def test_columns_of_a_table_are_named(here):
    chain(here, "")
    Path("neb.csv").write_text("site_i,site_j,energy\n0,1,0.3\n")
    (lacks, unknown) = faults_of(CHAIN, here)
    assert "lacks 'shift_x'" in lacks[2] and "'energy'" in unknown[2]


def test_bonds_that_do_not_cross_are_told_with_their_place(here):
    chain(here, "0,1,0,0,0,.3,.3\n")
    line, key, message = fault_of(CHAIN, here)
    assert (line, key) == (4, "barriers.file")
    assert "between z = 2 and 4 Å" in message


def test_sites_in_one_place_are_refused(here):
    chain(here, "0,1,0,0,0,.3,.3\n", z=(0.0, 0.001))
    line, key, message = fault_of(CHAIN, here)
    assert (line, key) == (2, "structure.file")
    assert "overlap" in message


@pytest.mark.parametrize("axis", ["x", "z"])
def test_a_site_bound_to_its_own_image_is_refused(here, axis):
    """The image is full whenever the site is: no atom could hop there, and what is exact would count that bond."""
    atoms = Atoms("Cu", cell=[2.6, 2.6, 2.6], pbc=True).repeat((4, 1, 4))
    write("sites.extxyz", atoms)
    Path("case.toml").write_text(FCC.replace("[[region]]", f'axis = "{axis}"\n[[region]]'))
    told = invoke("check", "case.toml")
    assert told.exit_code == BAD_CASE
    assert "case.toml:3: structure.file: site 0 is bound to its own image in the next cell" in told.stderr
    assert "repeat the cell along 'b' (16 such bonds)" in told.stderr
    made = Lattice.from_atoms(atoms, cutoff=2.7, axis=axis)
    with pytest.raises(CaseError, match="repeat the cell along 'b'"):
        coble.diffuse(Case(**{**TABLE_OF_FCC, "structure": made}))


def test_a_region_that_does_not_percolate_has_no_diffusivity(here):
    atoms = bulk("Cu", a=EDGE, cubic=True).repeat(3)
    atoms.set_tags(atoms.positions[:, 2] > 5)
    write("sites.extxyz", atoms)
    line, key, message = fault_of(DIFFUSIVE, here)
    assert (line, key) == (7, "region[1].diffusivity_cm2_s")
    assert "[[barrier]] between ['0', '0']" in message


def test_commands_of_tubules_refuse_a_structure(here):
    checked(FCC, here)
    for command in ("plate", "creep", "sensitivity", "rates"):
        found = invoke(command, "case.toml")
        assert found.exit_code == BAD_CASE, command
        assert "needs a [tubule]" in found.stdout + found.stderr


# ---- files ---------------------------------------------------------------------------------------------------------


def test_the_digest_follows_the_content_and_not_the_name(here):
    first = checked(FCC, here)
    Path("other.extxyz").write_bytes(Path("sites.extxyz").read_bytes() + b"\n")
    Path("folder").mkdir()
    Path("folder/sites.extxyz").write_bytes(Path("sites.extxyz").read_bytes())
    assert checked(FCC.replace("sites.", "folder/sites."), here).digest() == first.digest()
    assert checked(FCC.replace("sites.", "other."), here).digest() != first.digest()
    assert first.resolved()["structure"]["sha256"] == GivenFile("", Path("sites.extxyz").read_bytes()).digest


def test_what_is_kept_of_a_case_is_that_case(here):
    Path("folder").mkdir()
    Path("sites.extxyz").rename("folder/sites.extxyz")
    case = checked(FCC.replace("sites.", "folder/sites."), here)
    place = here / "kept"
    place.mkdir()
    for name, content in kept_files(case, Path("case.toml").read_text()).items():
        content(place / name) if callable(content) else (place / name).write_text(content)
    assert sorted(path.name for path in place.iterdir()) == ["case.toml", "sites.extxyz"]
    again = load_case(place / "case.toml")
    assert again.digest() == case.digest()
    assert kept_names(again) == kept_names(case)


def test_names_of_files_are_changed_in_the_text_alone():
    text = "[structure]\nfile = 'a/b.xyz'  # a/b.xyz\n[plugins]\nfiles = [\n  \"x/m.py\",\n]\n"
    names = {("structure", "file"): ("a/b.xyz", "b.xyz"), ("plugins", "files", 0): ("x/m.py", "m.py")}
    assert renamed(text, names) == text.replace("'a/b.xyz'", '"b.xyz"').replace("x/m.py", "m.py")


def test_a_case_made_in_python_comes_back_from_its_text(here):
    atoms = bulk("Cu", a=EDGE, cubic=True).repeat(3)
    lattice = Lattice.from_atoms(atoms, 2.7)
    rules = {"barrier": [{"between": ["bulk", "bulk"], "prefactor_1_s": 1e13, "barrier_eV": 0.3}]}
    by_lattice = coble.Case(structure=lattice, region=[{"name": "bulk", "occupancy": 0.9}], **rules)
    text = case_text(by_lattice)
    for name, content in kept_files(by_lattice, text).items():
        content(here / name) if callable(content) else (here / name).write_text(content)
    again = load_case(here / "case.toml")
    assert again.digest() == by_lattice.digest()
    assert again == by_lattice == pickle.loads(pickle.dumps(by_lattice)) == Case(**by_lattice.model_dump())
    np.testing.assert_array_equal(lattice_of(again).edge, lattice.edge)
    rules["barrier"][0]["between"] = ["0", "0"]
    bonds = {"file": atoms, "bond_cutoff_angstrom": {"0-0": 2.7}}
    by_atoms = coble.Case(structure=bonds, region=[{"name": "0", "occupancy": 0.9}], **rules)
    found, expected = structure_rates(by_atoms), structure_rates(by_lattice)
    np.testing.assert_allclose(found.rates.edge_conductance(found.lattice), expected.rates.edge_conductance(lattice))
    assert 'bond_cutoff_angstrom = { "0-0" = 2.7 }' in case_text(by_atoms)


def test_a_lattice_comes_back_from_its_bytes():
    atoms = bulk("Mg").repeat((3, 3, 2))
    lattice = Lattice.from_atoms(atoms, 3.3, axis="x", frozen=Atoms("H", cell=[1, 1, 1]))
    again = read_lattice(GivenFile("lattice.npz", lattice_bytes(lattice)))
    for name in ("xy", "column", "height", "region", "indptr", "edge", "steps", "shift", "cell"):
        np.testing.assert_array_equal(getattr(again, name), getattr(lattice, name), err_msg=name)
    assert (again.regions, again.unit, again.n_class) == (lattice.regions, lattice.unit, lattice.n_class)
    assert again.frozen.get_chemical_symbols() == ["H"]
    np.testing.assert_array_equal(again.notes["cells_moved"], lattice.notes["cells_moved"])
    assert lattice_bytes(again) == lattice_bytes(lattice)


# ---- commands ------------------------------------------------------------------------------------------------------


def test_init_writes_the_sites_too_and_check_says_what_it_is(here):
    Path("sites.extxyz").unlink()
    assert invoke("init", "structure").exit_code == OK
    assert Path("sites.extxyz").read_bytes() == (shipped("structure").parent / "sites.extxyz").read_bytes()
    found = invoke("check", "structure.toml")
    assert found.exit_code == OK, found.stdout + found.stderr
    for said in (
        "256 sites",
        "1,536 bonds",
        "3 of hops",
        "percolates along z",
        "detailed balance holds",
        "events/s",
    ):
        assert said in found.stdout + found.stderr, said
    Path("sites.extxyz").write_text("something else")
    assert invoke("init", "structure", "-o", "other.toml").exit_code == BAD_CASE
    assert not Path("other.toml").exists()


def test_check_warns_of_hops_that_limit_nothing(here):
    chain(here, "0,1,0,0,0,.1,.1\n1,2,0,0,0,.6,.6\n2,3,0,0,0,.1,.1\n3,0,0,0,1,.6,.6\n", (0.0, 1.0, 3.0, 4.0), 6.0)
    found = coble.check(here / "case.toml") if checked(CHAIN, here) else None
    (warning,) = (each for each in found.warnings if "limits no net current" in each)
    assert "% of the events" in warning


def test_a_result_is_run_again_from_its_folder(here):
    case = checked(FCC + "[run]\ntarget_error = 0.2\n", here)
    first = coble.discriminate(here / "case.toml", quick=True)
    assert first.content["walls"][0]["name"] == "sites"
    assert first.case.digest() == case.digest() == first.content["provenance"]["case_digest"]
    again = coble.discriminate(first.folder / "case.toml", quick=True)
    assert json.dumps(again.content["walls"][0]["paths"]) == json.dumps(first.content["walls"][0]["paths"])


def test_a_lattice_without_regions_says_how_to_name_them():
    atoms = bulk("Cu", "fcc", a=3.6, cubic=True) * (1, 1, 3)
    lattice = Lattice.from_atoms(atoms, 2.7)
    case = coble.Case(structure=lattice, region=[{"name": "slow", "occupancy": 0.9}], barrier=[])
    with pytest.raises(ValueError, match="has 'bulk'; Lattice.from_atoms takes them from the tags") as told:
        rates_of_structure(case)
    assert """regions={0: 'slow'}""" in str(told.value)
