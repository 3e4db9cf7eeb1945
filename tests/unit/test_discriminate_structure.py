"""`coble discriminate` on a structure with regions of any names: run, figures, page, exports, campaigns."""

import json
from importlib import import_module

import ase.io
import h5py
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from command import invoke

import coble
import coble.kmc.estimates.measure
from coble import Case, CaseError
from coble.kinds.discriminate.job import KNOCK_OUT, MAIN, TRACER, WAITS, purpose_of
from coble.kinds.discriminate.run import discriminate, refusals
from coble.kinds.registry import kind_of
from coble.kmc.kernel.lowering import RateRangeError
from coble.lattices import Lattice
from coble.lattices.graph.regions import MOST_REGIONS
from coble.models.host import StructureHost
from coble.render.names import link_of, name_of, phrase, spoken
from coble.render.palette import STYLES, styles_of
from coble.reports.plots import figures_of
from coble.structures.structure_file import joined, parted, read_structure

NAMES = ("a b", "0", "1e-3", ".", "Ω δ %41")  # words, numbers, a path of HDF5, what looks escaped
COLOUR = "#123456"
LAYER = 24  # sites


@pytest.fixture(scope="module")
def short():
    """Blocks and tracer runs a thirtieth as long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 5000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 5000)
        patch.setattr(import_module("coble.kinds.discriminate.job"), "TRACER_HOPS", 2e4)
        yield


def crystal(names=NAMES):
    """Planes of a triclinic crystal, one region each, and two atoms that do not move."""
    atoms = bulk("Cu", "fcc", a=3.6).repeat((len(names), 4, 6))
    atoms.set_tags(np.repeat(np.arange(len(names)), LAYER))
    return atoms


FROZEN = Atoms("O2", positions=[[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])


def case_of(names=NAMES, **sections):
    lattice = Lattice.from_atoms(crystal(names), cutoff=2.7, regions=dict(enumerate(names)), frozen=FROZEN)
    n = len(names)
    pairs = [(i, i) for i in range(n)] + [(i, (i + 1) % n) for i in range(n)]
    barrier = [{"between": (names[i], names[j]), "prefactor_1_s": 1e13, "barrier_eV": 0.3 + 0.01 * i} for i, j in pairs]
    region = [{"name": name, "occupancy": 0.8 + 0.02 * k} for k, name in enumerate(names)]
    region[1]["colour"] = COLOUR
    return Case(structure=lattice, region=region, barrier=barrier, run={"seed": 3}, **sections)


@pytest.fixture(scope="module")
def result(short):
    return coble.discriminate(case_of(), target_error=0.2, replicas=2)


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("structure") / "out"
    result.save(path)
    return path


# --- what it says ---


def test_paths_are_called_as_the_regions(result):
    (wall,) = result.content["walls"]
    assert wall["name"] == "lattice" and list(wall["paths"]) == list(NAMES)
    for group in ("exact", "tracer_cm2_s", "haven_ratio", "correlation_factor"):
        there = wall[group]["shares"] if group == "exact" else wall[group]
        assert set(there) == set(NAMES)
    assert sum(path["share"]["value"] for path in wall["paths"].values()) == pytest.approx(1)
    assert {region for route in wall["routes"] for region in route["regions"]} <= set(NAMES)
    assert set(wall["limiting_cut"]) <= set(NAMES)
    assert result.content["provenance"]["random"]["kinds"] == {name: kind for kind, name in enumerate(NAMES)}
    for path in wall["paths"].values():
        assert path["lost_if_off"]["value"] is not None


def test_what_has_no_meaning_for_a_structure_is_null(result):
    (wall,) = result.content["walls"]
    assert wall["formula"] is wall["calibration"] is wall["kappa_mS_cm"] is wall["exact"]["kappa_mS_cm"] is None
    low, high = wall["exact"]["total_lies_between"]
    assert 0 < low < high == 1  # occupancies differ
    assert wall["total_conductance_S_m"]["value"] > 0
    notes = wall["run"]["lattice"]
    assert notes["classes"] == 3 and notes["reconciled_max_eV"] < 1e-12
    assert all(np.size(value) < 10 for value in notes.values())  # nothing for every site


def test_tables_have_every_region_and_no_formula(result):
    text = str(result)
    assert all(name in text for name in NAMES) and "formula" not in text and "Structure lattice" in text
    frame = result.to_pandas()
    assert list(frame["path"]) == sorted(NAMES, key=lambda n: -result["lattice"].paths[n].share.value)
    assert frame["formula_share"].isna().all()
    assert set(result.to_networkx().nodes) == {(name, slab) for name, slab in result.to_networkx().nodes}
    (rates,) = kind_of(result.content).rates(result.content, result.case, result.folder)
    assert len(rates.rows) == 15 and {row[0] for row in rates.rows} == set(NAMES)


def test_checks_pass_and_name_the_regions(result):
    checks = list(kind_of(result.content).checks(result.content))
    said = " ".join(check.what for check in checks)
    assert all(spoken(name) in said for name in NAMES) and "κ" not in said
    assert [check.what for check in checks if check.light == "red"] == []


def test_the_same_seed_gives_the_same_numbers(short, result):
    again = coble.discriminate(case_of(), target_error=0.2, replicas=2, workers=2)
    for name in NAMES:
        assert again["lattice"].paths[name].share == result["lattice"].paths[name].share
        assert again["lattice"].tracer_cm2_s[name] == result["lattice"].tracer_cm2_s[name]


# --- files ---


def test_it_is_stored_with_its_sites_and_loads(folder, result):
    back = coble.load(folder)
    assert back == result
    names = {"case.toml", "lattice.npz", "result.h5", "result.json", "shares.png"}
    assert {path.name for path in folder.iterdir()} == names
    assert back.case.digest() == back.content["provenance"]["case_digest"]
    assert back.model.walls[0].colours == {NAMES[1]: COLOUR}


def test_groups_of_hdf5_have_names_that_are_no_paths(folder, result):
    with h5py.File(folder / "result.h5") as file:
        group = file["lattice"]
        assert [name.decode() for name in group["region"][:]] == list(NAMES)
        assert {name_of(link) for link in group["off"]} == set(NAMES)
        for name in NAMES:
            assert group[f"tracers/{link_of(name)}"].shape[0] == 2
            assert "replica_1" in group[f"off/{link_of(name)}"]
    tree = result.to_xarray()
    assert tree["lattice/structure/cell"].shape == (3, 3)


def test_frames_are_the_structure_as_it_was_given(folder):
    """Cell, positions to the last digit that matters, symbols, tags, and the atoms that do not move."""
    given = crystal()
    for atoms in (coble.frames(folder)[0], ase.io.read(folder / "result.h5")):
        mobile, still = atoms[:-2], atoms[-2:]
        np.testing.assert_allclose(atoms.cell, given.cell, atol=1e-7)
        assert atoms.pbc.all() and set(mobile.symbols) == {"Cu"} and str(still.symbols) == "O2"
        np.testing.assert_allclose(still.positions, FROZEN.positions, atol=1e-7)
        assert still.get_tags().tolist() == [-1, -1] and list(atoms.constraints[0].index) == [
            len(mobile),
            len(atoms) - 1,
        ]
        assert tuple(parted(atoms.info["region_names"])) == NAMES
        apart = np.linalg.norm(mobile.positions[:, None] - given.positions, axis=2)
        site = apart.argmin(axis=1)
        assert apart.min(axis=1).max() < 1e-7 and len(set(site)) == len(site)
        np.testing.assert_array_equal(mobile.get_tags(), given.get_tags()[site])


def test_regions_vacancies_and_frozen_atoms_are_chosen_by_name(folder):
    n = {name: len(coble.frames(folder, atoms=[name])[0]) for name in (*NAMES, "vacancies", "frozen")}
    assert sum(n.values()) == 5 * LAYER + 2 and n["frozen"] == 2 and n["vacancies"] > 0
    (both,) = coble.frames(folder, atoms=["0", "vacancies"])
    assert len(both) == LAYER and set(both.symbols) == {"Cu", "X"}
    with pytest.raises(ValueError, match="did you mean 'a b'"):
        coble.frames(folder, atoms=["a-b"])
    with pytest.raises(ValueError, match="has no bore"):
        coble.frames(folder, cuts=["shell"])
    with pytest.raises(ValueError, match="has no wall"):
        coble.frames(folder, wall="LiC6")


@pytest.mark.parametrize(
    ("file", "format"),
    [
        ("POSCAR", "vasp"),
        ("a.xyz", "extxyz"),
        ("a.data", "lammps-data"),
        ("a.dump", "lammps-dump-text"),
        ("a.cif", "cif"),
    ],
)
def test_other_programs_get_the_slanted_cell(folder, tmp_path, file, format):
    coble.export(folder, tmp_path / file)
    found, given = ase.io.read(tmp_path / file, format=format), coble.frames(folder)[0]
    assert len(found) == len(given)
    np.testing.assert_allclose(found.cell.cellpar(), given.cell.cellpar(), rtol=1e-6)
    if "lammps" not in format:  # where types stand for symbols, and atoms may be sorted
        nearest = [np.sort(atoms.get_all_distances(mic=True), axis=1)[:, 1] for atoms in (found, given)]
        np.testing.assert_allclose(*map(np.sort, nearest), atol=1e-5)


def test_the_command_exports_regions_by_name(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = invoke("export", folder, "--atoms", "0,frozen", "--out", "a.xyz")
    assert found.exit_code == 0, found.output
    assert set(ase.io.read("a.xyz").get_tags()) == {1, -1}
    found = invoke("export", folder, "--atoms", "bulk", "--out", "b.xyz")
    assert found.exit_code == 2 and "--atoms 'bulk': unknown, there are a b, 0" in found.stderr


# --- figures and page ---


def test_all_figures_are_drawn_in_one_colour_for_each_region(folder, tmp_path):
    skipped = []
    drawn = dict(figures_of(folder, skipped=skipped))
    wanted = {"shares", "maps-lattice", "side", "routes", "convergence", "diffusivities", "tracers", "waits"}
    assert wanted <= set(drawn) and not {what.partition(":")[0] for what in skipped} & wanted
    styles = styles_of(NAMES, {NAMES[1]: COLOUR})
    bars = {bar.get_facecolor()[:3] for bar in drawn["shares"].axes[0].patches}
    from matplotlib.colors import to_rgb

    assert bars == {to_rgb(style.colour) for style in styles.values()}
    points = {line.get_color() for line in drawn["routes"].axes[0].lines if line.get_marker() not in ("", "None")}
    assert points == {style.colour for style in styles.values()}
    assert len({style.colour for style in styles.values()}) == len(NAMES)
    assert [label.get_text() for label in drawn["routes"].axes[0].get_yticklabels()] == list(NAMES)


def test_the_page_shows_the_regions(folder, result, tmp_path):
    coble.report(result, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    for name in NAMES:
        assert name in text
    assert "Structure lattice" in text and "lattice.npz" in text and "κ" not in text.partition("<script")[0]


# --- from a file, by the command ---

TOML = """\
[structure]
file = "my sites.extxyz"
regions = "layer"
bond_cutoff_angstrom = 3.1
[run]
seed = 2
target_error = 0.2
"""


@pytest.fixture
def here(tmp_path, monkeypatch, short):
    monkeypatch.chdir(tmp_path)
    atoms = bulk("Po", "sc", a=3.0).repeat((2, 4, 6))  # nothing crosses from layer to layer
    atoms.set_array("layer", np.repeat(["0", "1"], LAYER))
    ase.io.write("my sites.extxyz", atoms)
    regions = "".join(
        f'[[region]]\nname = "{name}"\noccupancy = 0.9\ndiffusivity_cm2_s = {value}\n'
        for name, value in (("0", 1e-10), ("1", 3e-10))
    )
    (tmp_path / "case.toml").write_text(TOML + regions)
    return tmp_path


def test_the_command_names_the_structure_after_its_file(here):
    found = invoke("discriminate", "case.toml", "--quick", "--out", "out")
    assert found.exit_code == 0, found.output
    content = json.loads((here / "out/result.json").read_text())
    assert content["walls"][0]["name"] == "my sites" and set(content["walls"][0]["paths"]) == {"0", "1"}
    assert content["walls"][0]["exact"]["shares"]["1"] == pytest.approx(0.75, rel=1e-6)
    structure = read_structure(here / "out/result.h5")
    np.testing.assert_array_equal(structure.positions, ase.io.read("my sites.extxyz").positions)
    assert structure.wall == "my sites" and structure.regions == ("0", "1")
    assert invoke("plot", "out", "--out", "plots").exit_code == 0
    assert (here / "plots/shares.png").exists() and list((here / "plots").glob("maps-*.png"))
    assert invoke("report", "out", "--out", "page.html").exit_code == 0
    again = invoke("discriminate", "out/case.toml", "--quick", "--out", "again")
    assert again.exit_code == 0, again.output
    found = json.loads((here / "again/result.json").read_text())["walls"][0]["paths"]
    assert found == content["walls"][0]["paths"]


def test_campaigns_vary_keys_of_regions(here):
    (here / "campaign.toml").write_text(
        'case = "case.toml"\nreplicas = 1\nevents = 1e5\n[[axis]]\nkey = "region.1.diffusivity_cm2_s"\n'
        "values = [1e-10, 3e-10]\n"
    )
    found = invoke("sweep", "campaign.toml", "--out", "campaign", "--workers", 1)
    assert found.exit_code == 0, found.output
    points = json.loads((here / "campaign/campaign.json").read_text())["points"]
    for point in points:
        value = point["values"]["region.1.diffusivity_cm2_s"]
        assert point["exact"]["shares"]["1"] == pytest.approx(value / (value + 1e-10), rel=1e-6)
        assert set(point["estimates"]) == {"share.0", "share.1", "conductance_S_m"}
    text = (here / "campaign.toml").read_text()
    (here / "campaign.toml").write_text(text.replace("region.1", "region.2"))
    found = invoke("sweep", "campaign.toml", "--out", "other")
    assert found.exit_code == 3 and "campaign.toml:5" in found.stderr, found.output
    assert "axis[1].key: must name one of the 2 [[region]] of the case" in found.stderr


def test_what_is_for_tubules_only_is_refused_before_any_work(here):
    text = (here / "case.toml").read_text()
    for change, said in (
        (("[run]", '[run]\nmatching = "tracer"'), "run.matching: must be 'conductance' for a structure"),
        (('name = "1"', 'name = "1"\ncolour = "blu"'), "region[2].colour: must be a colour"),
    ):
        (here / "case.toml").write_text(text.replace(*change))
        found = invoke("discriminate", "case.toml", "--out", "out")
        assert found.exit_code == 3 and said in found.stderr, found.output
        assert not (here / "out").exists()
    (here / "case.toml").write_text(text)
    found = invoke("sensitivity", "case.toml", "--out", "out")
    assert found.exit_code == 3 and "structure: is not for this kind of run" in found.stderr
    with pytest.raises(CaseError, match="not for this kind"):
        coble.sensitivity("case.toml")


# --- small parts ---


def test_a_region_that_ends_has_no_tracers_but_a_share(short):
    """Along the axis two kinds of planes: neither goes on by itself."""
    atoms = Atoms("Li8", [(0, 0, 3.0 * k) for k in range(8)], cell=[9, 9, 24], pbc=(False, False, True))
    atoms.set_tags([0, 1] * 4)
    case = Case(
        structure=Lattice.from_atoms(atoms, cutoff=3.1, regions={0: "odd", 1: "even"}),
        region=[{"name": "odd", "occupancy": 0.5}, {"name": "even", "occupancy": 0.3}],
        barrier=[{"between": ("odd", "even"), "prefactor_1_s": 1e13, "barrier_eV": 0.3}],
    )
    assert StructureHost(case).traced == ()
    found = coble.discriminate(case, target_error=0.2, replicas=1)
    wall = found.content["walls"][0]
    assert wall["tracer_cm2_s"] == {} and wall["exact"]["total_lies_between"] == [0, 1]
    assert wall["paths"]["odd"]["share"]["value"] == pytest.approx(0.5)
    assert wall["paths"]["odd"]["lost_if_off"]["value"] == pytest.approx(1)
    assert "0.00 to 100.00" in str(found)
    assert "convergence-tracers" not in found.plot()


def test_streams_of_many_regions_do_not_meet():
    """And those of a tubule's four are what they were."""
    of = [purpose_of(purpose, kind) for purpose in (TRACER, KNOCK_OUT) for kind in range(MOST_REGIONS)]
    assert len({*of, MAIN, WAITS}) == len(of) + 2
    assert of[:4] == [10, 11, 12, 13] and of[MOST_REGIONS : MOST_REGIONS + 4] == [20, 21, 22, 23]


@pytest.mark.parametrize("name", ["bulk", "0", "a/b", ".", "..", "%2F", "Ω", "100 %"])
def test_links_lead_back_to_names(name):
    assert name_of(link_of(name)) == name and "/" not in link_of(name) and link_of(name).strip(".")


def test_styles_differ_and_known_paths_keep_theirs():
    names = [f"region {k}" for k in range(MOST_REGIONS)]
    found = styles_of(names)
    assert list(found) == names and len(set(found.values())) == MOST_REGIONS
    mixed = styles_of(["x", "wall", "y", "bulk"])
    assert mixed["wall"] == STYLES["wall"] and mixed["bulk"] == STYLES["bulk"]
    assert len({style.colour for style in mixed.values()}) == 4
    assert styles_of(names[:3])["region 2"] == found["region 2"]
    assert styles_of(["x"], {"x": "red", "y": "blue"})["x"].colour == "red"


def test_names_in_files_of_atoms_come_back():
    assert joined(("bulk", "interface", "wall", "surface")) == "bulk interface wall surface"
    assert parted(joined(NAMES)) == list(NAMES)
    assert parted(joined(('say "x"\\',))) == ["say 'x'/"]


def test_a_tubule_has_nothing_to_refuse_of_a_structure():
    assert refusals(Case()) == []


def test_a_structure_in_which_nothing_would_move_is_refused(tmp_path):
    """108 sites of fcc Cu at 0.9999: 0.011 vacancies in the mean."""
    barrier = {"between": ("bulk", "bulk"), "prefactor_1_s": 1e13, "barrier_eV": 0.7}
    full = Case(
        structure=Lattice.from_atoms(bulk("Cu", cubic=True) * (3, 3, 3), cutoff=2.6),
        region=[{"name": "bulk", "occupancy": 0.9999}],
        barrier=[barrier],
    )
    with pytest.raises(
        RateRangeError, match=r"108 sites hold 0.011 carriers in the mean, fewer than one.*repeat its cell"
    ):
        discriminate(full)


def test_a_region_with_a_name_of_its_own_has_no_article():
    names = ("wall", "metal surface", "fast", "1")
    assert [phrase(name) for name in names] == ["the wall", "the metal surface", "region fast", "region 1"]
