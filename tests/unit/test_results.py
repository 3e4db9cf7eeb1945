"""Result files: what they hold, in which units, and that others can open them."""

import json
from dataclasses import replace
from importlib import import_module
from math import inf, nan

import ase.io
import h5py
import numpy as np
import pytest
from scipy.spatial import cKDTree

import coble.kmc.estimates.measure
from coble import Case, load_case
from coble.kinds.discriminate.result import FILES, as_dict, write
from coble.kinds.discriminate.run import discriminate
from coble.kmc.estimates.estimate import Estimate, exactly
from coble.lattices import REGIONS, Region
from coble.store.files import existing
from coble.structures.structure_file import read_structure

# The interface that others script against (issue 2), and what is there besides.
TOP = {"kind", "schema", "walls", "provenance"} | {"interrupted", "seconds"}
WALL = {"name", "paths", "kappa_mS_cm", "tracer_cm2_s", "haven_ratio", "exact", "formula", "calibration", "verdict"}
MORE = {"correlation_factor", "routes", "limiting_cut", "network", "run", "tracer_lags", "undone_hops", "waiting_times"}
MORE |= {"total_conductance_S_m", "knowledge"}
PATH = {"share", "expected_share", "conductance_S_m", "hops", "control", "lost_if_off", "agreement"}
ESTIMATE = {"value", "stderr", "low", "high", "n_eff"}

CASE = """\
[tubule]
inner_width_nm = 6.0
wall_thickness_nm = 3.0
[[wall]]
name = "LiC6"
[[wall]]
name = "Li9Al4"
"""


@pytest.fixture(scope="module")
def short():
    """Blocks and tracer runs a tenth as long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 5000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 5000)
        patch.setattr(import_module("coble.kinds.discriminate.job"), "TRACER_HOPS", 1e5)
        yield


@pytest.fixture(scope="module")
def result(short, tmp_path_factory):
    path = tmp_path_factory.mktemp("case") / "case.toml"
    path.write_text(CASE)
    return discriminate(load_case(path), workers=2, target_error=0.1)


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    """Where `result` was written: a folder that did not exist."""
    folder = tmp_path_factory.mktemp("results") / "deep" / "run"
    write(folder, result, CASE, command=["coble", "discriminate"])
    return folder


def strict(text):
    """JSON without NaN and infinities, which only Python reads."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture(scope="module")
def content(folder):
    return strict((folder / "result.json").read_text(encoding="utf-8"))


# --- Files ---


def test_all_files_are_written_and_nothing_else(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert (folder / "case.toml").read_text(encoding="utf-8") == CASE
    assert (folder / "shares.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in existing(folder, FILES)) == sorted(FILES)


def test_existing_files_are_found(tmp_path):
    assert existing(tmp_path, FILES) == [] == existing(tmp_path / "nowhere", FILES)
    (tmp_path / "notes.txt").touch()
    assert existing(tmp_path, FILES) == []
    (tmp_path / "result.h5").touch()
    assert existing(tmp_path, FILES) == [tmp_path / "result.h5"]


def test_a_failed_write_leaves_no_part_of_a_file(result, tmp_path, monkeypatch):
    def fail(path, *_):
        path.write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr("coble.kinds.discriminate.result._write_hdf5", fail)
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path, result, CASE)
    assert not [path for path in tmp_path.iterdir() if path.name not in FILES]
    assert not (tmp_path / "result.h5").exists()


# --- result.json ---


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def assert_is_estimate(plain):
    assert set(plain) == ESTIMATE | {"method"}
    assert isinstance(plain["method"], str)
    for key in ESTIMATE:
        assert is_number(plain[key]), (key, plain)
    assert plain["low"] <= plain["value"] <= plain["high"] and plain["stderr"] >= 0 and plain["n_eff"] > 1


def test_json_has_the_schema(content):
    assert set(content) == TOP
    assert (content["kind"], content["schema"], content["interrupted"]) == ("discriminate", 2, False)
    assert [wall["name"] for wall in content["walls"]] == ["LiC6", "Li9Al4"]
    for wall in content["walls"]:
        assert set(wall) == WALL | MORE
        names = set(wall["paths"])
        assert names == {"interface", "wall", "bulk"}
        for path in wall["paths"].values():
            assert set(path) == PATH
            assert isinstance(path["hops"], int) and path["hops"] > 0
            for key in PATH - {"hops", "agreement"}:
                assert_is_estimate(path[key])
        assert_is_estimate(wall["kappa_mS_cm"])
        for group in ("tracer_cm2_s", "haven_ratio", "correlation_factor", "undone_hops"):
            assert set(wall[group]) == names
            for estimate in wall[group].values():
                assert_is_estimate(estimate)
        known = {"shares", "kappa_mS_cm", "conductance_S_m", "total_lies_between"}
        assert set(wall["exact"]) == known | {"alone_conductance_S_m", "regions_over_total"}
        total = sum(wall["exact"]["conductance_S_m"].values())
        for path, exact in wall["exact"]["conductance_S_m"].items():
            assert exact / total == pytest.approx(wall["exact"]["shares"][path], rel=1e-9)
            measured = wall["paths"][path]["conductance_S_m"]
            assert abs(measured["value"] - exact) < 4 * measured["stderr"]
        assert set(wall["formula"]) == {"shares", "kappa_mS_cm"}
        for source in ("exact", "formula"):
            assert set(wall[source]["shares"]) == names
            assert sum(wall[source]["shares"].values()) == pytest.approx(1)
            assert is_number(wall[source]["kappa_mS_cm"])
        assert set(wall["calibration"]) == names and all(map(is_number, wall["calibration"].values()))
        assert set(wall["verdict"]) == {"dominant", "probability", "sentence"}
        assert wall["verdict"]["dominant"] in {*names, None}
        assert 0 <= wall["verdict"]["probability"] <= 1


def test_json_holds_the_numbers_of_the_result(content, result):
    plain, wall = content["walls"][0], result["LiC6"]
    for kind, path in wall.paths.items():
        written = plain["paths"][wall.graph.regions[kind]]
        assert written["share"]["value"] == path.share.value
        assert written["share"]["high"] == path.share.high
        assert written["hops"] == path.hops
    assert sum(p["share"]["value"] for p in plain["paths"].values()) == pytest.approx(1)
    assert sum(p["control"]["value"] for p in plain["paths"].values()) == pytest.approx(1)
    assert plain["run"]["sites"] == wall.graph.n_site
    assert plain["run"]["reason"] == "target error met"


def test_conductances_are_in_siemens_metres(content):
    """c D A e² / k_B T of the interface: 4.63e28 m⁻³ × 2e-11 m²/s × π 6e-9 m × 2e-10 m × 1.6e-19 C / 0.02585 V."""
    law = 4.63e28 * 2e-11 * np.pi * 6e-9 * 2e-10 * 1.602e-19 / 0.025852
    for wall in content["walls"]:
        measured = wall["paths"]["interface"]["conductance_S_m"]
        assert measured["value"] == pytest.approx(law, abs=4 * measured["stderr"] + 0.03 * law)
        assert measured["stderr"] < 0.2 * law
        total = sum(path["conductance_S_m"]["value"] for path in wall["paths"].values())
        assert measured["value"] / total == pytest.approx(wall["paths"]["interface"]["share"]["value"])


def test_provenance_is_enough_to_run_again(content, result):
    provenance = content["provenance"]
    assert provenance["command"] == ["coble", "discriminate"]
    assert provenance["random"]["seed"] == provenance["settings"]["seed"] == 1
    assert {"python", "numpy", "scipy", "coble"} <= set(provenance["versions"])
    assert provenance["versions"]["coble"] != "not installed"
    assert provenance["host"] and provenance["written"] and provenance["platform"]
    assert provenance["case"]["tubule"]["inner_width_nm"] == 6.0
    assert provenance["case_digest"] == result.case.digest()
    assert provenance["settings"]["target_error"] == 0.1


def test_what_was_not_measured_is_null(short):
    """A first look has no tracers and no knock-outs; the keys stay, so that scripts need no special case."""
    case = Case(tubule={"inner_width_nm": 6.0, "wall_thickness_nm": 3.0}, wall=[{"name": "LiC6"}])
    plain = strict(json.dumps(as_dict(discriminate(case, quick=True, target_error=0.1))))
    (wall,) = plain["walls"]
    assert set(wall) == WALL | MORE
    assert wall["tracer_cm2_s"] == wall["haven_ratio"] == wall["tracer_lags"] == {}
    for path in wall["paths"].values():
        assert set(path) == PATH and path["lost_if_off"] is None


@pytest.mark.parametrize("estimate", [Estimate(nan, inf, 0), Estimate(0.5, inf, 1), exactly(1)])
def test_infinite_numbers_are_null_not_nan(result, estimate):
    wall = result.walls[0]
    paths = {kind: replace(path, share=estimate) for kind, path in wall.paths.items()}
    plain = strict(json.dumps(as_dict(replace(result, walls=[replace(wall, paths=paths)]))))
    share = plain["walls"][0]["paths"]["wall"]["share"]
    assert set(share) == ESTIMATE | {"method"}
    assert all(share[key] is None or np.isfinite(share[key]) for key in ESTIMATE)


def test_interrupted_before_the_first_wall(result, tmp_path):
    nothing = replace(result, walls=[], interrupted=True)
    write(tmp_path, nothing, CASE)
    plain = strict((tmp_path / "result.json").read_text())
    assert plain["interrupted"] is True and plain["walls"] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case.toml", "result.json"]


# --- result.h5 ---


def test_hdf5_has_units_and_a_group_for_every_replica(folder, result):
    with h5py.File(folder / "result.h5") as file:
        assert (file.attrs["kind"], file.attrs["schema"], bool(file.attrs["interrupted"])) == ("discriminate", 2, False)
        assert strict(file.attrs["provenance"])["settings"]["seed"] == 1
        assert set(file) == {"LiC6", "Li9Al4"}
        for name, group in file.items():
            assert [kind.decode() for kind in group["region"][:]] == list(REGIONS)
            assert group["axial_step"].attrs["units"] == "angstrom"
            assert group.attrs["block_duration_s"] > 0
            run = result[name].measurement
            for i in range(2):
                part = group[f"replica_{i}"]
                assert part["flux_conductance"].attrs["units"] == "angstrom/s"
                assert part["hops"].attrs["units"] == "1"
                np.testing.assert_array_equal(part["flux_conductance"], run.conductance[i])
                np.testing.assert_array_equal(part["hops"], run.hops[i])
                assert part["hops"].shape == (len(group["path_class"]), len(group["axial_step"]))
                assert 0 < part["hops"][:].sum() < run.n_event
            assert "replica_2" not in group
            assert strict(group.attrs["estimates"])["name"] == name


def test_estimates_can_be_made_again_from_hdf5(folder, content):
    """Shares from the block series of the file are those of result.json."""
    with h5py.File(folder / "result.h5") as file:
        for wall in content["walls"]:
            group = file[wall["name"]]
            series = np.concatenate([group[f"replica_{i}/flux_conductance"] for i in range(2)])
            for column, kind in enumerate(REGIONS):
                share = series[:, column].sum() / series.sum()
                assert share == pytest.approx(wall["paths"].get(kind, {"share": {"value": 0}})["share"]["value"])


def test_counters_hold_the_displacement_of_the_field(folder):
    """Hops by class and step, as read from the file: atoms moved along the field, in every class of hops."""
    with h5py.File(folder / "result.h5") as file:
        group = file["LiC6"]
        moved = sum(group[f"replica_{i}/hops"][:] @ group["axial_step"][:] for i in range(2))
        names = [name.decode() for name in group["path_class"][:]]
        assert moved[names.index("interface")] > 0 and moved[names.index("wall")] > 0
        assert moved[names.index("bulk|wall")] == 0


# --- the end state ---


@pytest.fixture(scope="module")
def atoms(folder):
    return ase.io.read(folder / "result.h5")


def test_end_state_opens_in_ase(atoms, result):
    """The last wall, replica 0: one atom for each occupied site, tagged by its kind, periodic along the axis."""
    wall = result["Li9Al4"]
    occupied = wall.measurement.end_states[0].occupied
    assert len(atoms) == occupied.sum()
    assert set(atoms.get_chemical_symbols()) == {"Li"}
    np.testing.assert_array_equal(atoms.get_tags(), wall.graph.region[occupied])
    assert set(atoms.get_tags()) == {Region.BULK, Region.INTERFACE, Region.WALL}
    assert atoms.pbc.tolist() == [False, False, True]
    assert atoms.cell.lengths()[2] == pytest.approx(wall.graph.length)
    assert np.ptp(atoms.positions[:, 0]) == pytest.approx(120, abs=8)  # W + 2 w, in Å
    assert (atoms.positions[:, :2] > 0).all() and (atoms.positions[:, :2] < atoms.cell.lengths()[:2]).all()
    assert atoms.info["wall"] == "wall-Li9Al4"
    assert atoms.info["region_names"].split() == list(REGIONS)


def test_no_two_atoms_of_a_snapshot_overlap(atoms):
    """At least 1 Å apart, periodic images included; nothing is closer than 1.5 Å where wall and shell meet."""
    height = atoms.cell.lengths()[2]
    positions = atoms.positions.copy()
    positions[:, 2] %= height
    positions[:, 2][positions[:, 2] >= height] = 0.0
    images = np.concatenate([positions + [0, 0, k * height] for k in (-1, 0, 1)])
    distance, _ = cKDTree(images).query(positions, k=2)
    assert distance[:, 1].min() > 1.0


@pytest.mark.parametrize(
    ("tubule", "periodic"),
    [({"shape": "slab"}, [True] * 3), ({"shape": "square-array"}, [True] * 3), ({"filling": "empty"}, None)],
)
def test_snapshots_of_other_shapes(short, tmp_path, tubule, periodic):
    case = Case(tubule={"inner_width_nm": 4.0, "wall_thickness_nm": 2.0, **tubule}, wall=[{"name": "LiC6"}])
    found = discriminate(case, quick=True, target_error=0.1, replicas=1)
    write(tmp_path, found, "")
    atoms = ase.io.read(tmp_path / "result.h5")
    assert len(atoms) == found.walls[0].measurement.end_states[0].occupied.sum()
    assert atoms.pbc.tolist() == (periodic or [False, False, True])
    if periodic is None:
        assert set(atoms.get_tags()) == {Region.SURFACE, Region.WALL}
    for path in ("result.json", "result.h5", "shares.png"):
        assert (tmp_path / path).stat().st_size > 0


# --- Names of walls ---


NAMES = ["kind", "structure", "a 'b' = {c}", 'quoted "name"', "Ω, δ", "None", "[red]x"]


@pytest.mark.parametrize("name", NAMES)
def test_any_accepted_name_of_a_wall_can_be_written(result, tmp_path, name):
    wall = replace(result["LiC6"], name=name)
    write(tmp_path, replace(result, walls=[wall]), CASE)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    assert strict((tmp_path / "result.json").read_text(encoding="utf-8"))["walls"][0]["name"] == name
    assert ase.io.read(tmp_path / "result.h5").info["wall"] == f"wall-{name}"
    with h5py.File(tmp_path / "result.h5") as file:
        (group,) = file.values()
        assert strict(group.attrs["estimates"])["name"] == name
    assert read_structure(tmp_path / "result.h5").wall == name
