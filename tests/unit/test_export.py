"""Structures of results: as Atoms, cut, and as files that others read; messages of `coble export`."""

import re
import shutil

import ase.io
import h5py
import numpy as np
import pytest
from ase.db import connect
from ase.io.formats import ioformats
from command import BAD_CASE, OK, SMALL, USAGE, invoke
from scipy.spatial import cKDTree

from coble import parse_case
from coble.lattices import REGIONS, Region
from coble.models.tubules.tubule import graph_of
from coble.structures.cuts import CUTS, cut_of
from coble.structures.export import (
    VACANCIES,
    ending_of,
    format_for,
    format_of,
    frames,
    kinds_of,
    slice_of,
    write_structures,
)

ALL = (*REGIONS, VACANCIES)


# --- As Atoms ---


def test_frames_are_those_of_the_run(plate, plated):
    found, file = frames(plate), ase.io.read(plate / "trajectory.extxyz", ":")
    assert len(found) == len(plated.frames) == len(file) >= 3
    assert len({len(atoms) for atoms in found}) > 1, "as many atoms as there were"
    for number, (atoms, theirs) in enumerate(zip(found, file, strict=True)):
        np.testing.assert_array_equal(atoms.arrays["site"], np.flatnonzero(plated.occupied_in(number)))
        np.testing.assert_allclose(atoms.positions, theirs.positions, atol=1e-8)
        np.testing.assert_array_equal(atoms.cell, theirs.cell)
        assert atoms.info == theirs.info
        assert atoms.info["time"] == plated.frames[number][0] and atoms.info["time_unit"] == "s"
        assert atoms.info["region_names"].split() == list(REGIONS) and atoms.info["position_unit"] == "angstrom"
        assert atoms.pbc.tolist() == [False] * 3 and set(atoms.symbols) == {"Li"}


def test_snapshot_of_the_last_wall(shares, discriminated):
    (atoms,) = frames(shares)
    wall = discriminated.walls[-1]
    np.testing.assert_array_equal(atoms.arrays["site"], np.flatnonzero(wall.measurement.end_states[0].occupied))
    np.testing.assert_array_equal(atoms.get_tags(), wall.graph.region[atoms.arrays["site"]])
    assert atoms.pbc.tolist() == [False, False, True] and atoms.info["wall"] == "wall-LiC6"


def test_vacancies_are_the_other_sites(plate, plated):
    with_empty, full, empty = (frames(plate, "last", atoms=atoms)[0] for atoms in (ALL, REGIONS, [VACANCIES]))
    assert len(with_empty) == plated.growth.graph.n_site == len(full) + len(empty)
    there = with_empty.arrays["occupancy"] == 1
    assert there.sum() == len(full) and set(with_empty.symbols[~there]) == {"X"}
    np.testing.assert_array_equal(with_empty.arrays["site"], np.arange(len(with_empty)))
    np.testing.assert_array_equal(with_empty[there].positions, full.positions)
    assert len(empty) == (~there).sum() and set(empty.symbols) == {"X"}


def test_channel_is_interface_where_metal_is_its_first_or_second_neighbour(plate, plated):
    """By distance alone: second neighbours are one lattice constant apart."""
    atoms = frames(plate, 1, atoms=ALL)[0]
    metal = (atoms.get_tags() == Region.BULK) & (atoms.arrays["occupancy"] == 1)
    channel = np.isin(atoms.get_tags(), (Region.INTERFACE, Region.SURFACE))
    np.testing.assert_array_equal(channel, plated.growth.graph.region == Region.INTERFACE)
    a = plated.case.metal_material.lattice_constant_A
    distance, _ = cKDTree(atoms.positions[metal]).query(atoms.positions)
    np.testing.assert_array_equal(atoms.get_tags() == Region.INTERFACE, channel & (distance < 1.01 * a))
    assert 0 < (atoms.get_tags() == Region.INTERFACE).sum() < channel.sum()


def test_nothing_but_result_h5_is_needed(plate, tmp_path):
    shutil.copy(plate / "result.h5", tmp_path)
    assert frames(tmp_path) == frames(tmp_path / "result.h5") == frames(plate)


@pytest.mark.parametrize("atoms", [["bulk"], ["interface", VACANCIES], ALL])
def test_fixed_n_has_the_same_sites_in_every_frame(plate, atoms):
    variable, fixed = frames(plate, atoms=atoms), frames(plate, atoms=atoms, fixed_n=True)
    union = np.unique(np.concatenate([each.arrays["site"] for each in variable]))
    for one, other in zip(variable, fixed, strict=True):
        np.testing.assert_array_equal(other.arrays["site"], union)
        there = other.arrays["occupancy"] == 1
        full = one.arrays.get("occupancy", np.ones(len(one))) == 1
        np.testing.assert_array_equal(other.arrays["site"][there], one.arrays["site"][full])
        np.testing.assert_array_equal(other.positions[there], one.positions[full])
        assert set(other.symbols[~there]) <= {"X"} and set(other.symbols[there]) == {"Li"}
        np.testing.assert_array_equal(other.positions, fixed[0].positions)
    assert len({len(each) for each in variable}) > 1 or atoms == ALL


@pytest.mark.parametrize("kind", REGIONS)
def test_one_kind(plate, kind):
    (atoms,) = frames(plate, "last", atoms=[kind])
    assert set(atoms.get_tags()) == {REGIONS.index(kind)}
    (every,) = frames(plate, "last")
    assert len(atoms) == (every.get_tags() == REGIONS.index(kind)).sum()


@pytest.mark.parametrize(
    ("which", "numbers"),
    [(0, [0]), ("1", [1]), (-1, [-1]), ("last", [-1]), ("0:2", [0, 1]), (":", None), ("::2", None), ("-2:", [-2, -1])],
)
def test_choice_of_frames(plate, which, numbers):
    times = [atoms.info["time"] for atoms in frames(plate)]
    expected = times[slice_of(which)] if numbers is None else [times[number] for number in numbers]
    assert [atoms.info["time"] for atoms in frames(plate, which)] == expected


def test_frame_without_any_atom_chosen_is_empty(shares):
    (atoms,) = frames(shares, atoms=["surface"])
    assert len(atoms) == 0 and atoms.info["wall"] == "wall-LiC6"


# --- Cuts ---


@pytest.fixture(scope="module")
def graph():
    return graph_of(parse_case(SMALL), parse_case(SMALL).walls[0])


@pytest.mark.parametrize(
    ("cut", "inside"),
    [
        ("z:0:1", lambda x, y, z: (z >= 0) & (z < 1)),
        ("z::1", lambda x, y, z: z < 1),
        ("x:-0.5:", lambda x, y, z: x >= -0.5),
        ("slab:0.8", lambda x, y, z: abs(y) < 0.4),
        ("slab", lambda x, y, z: abs(y) < 0.5),
        ("wedge", lambda x, y, z: ~((x > 0) & (y >= 0) & (np.arctan2(y, x) < np.pi / 2))),
        ("wedge:-45:45", lambda x, y, z: (np.arctan2(y, x) >= -np.pi / 4) & (np.arctan2(y, x) < np.pi / 4)),
        ("shell:2:3", lambda x, y, z: (np.hypot(x, y) >= 2) & (np.hypot(x, y) < 3)),
        ("shell", lambda x, y, z: (np.hypot(x, y) >= 2) & (np.hypot(x, y) < 3)),  # W = 5 nm
    ],
)
def test_what_a_cut_leaves(graph, cut, inside):
    leaves = cut_of(cut)(graph)
    far = np.abs(np.degrees(np.arctan2(*graph.positions.T[1::-1]))) % 45 > 1e-6  # from where rounding decides
    np.testing.assert_array_equal(leaves[far], inside(*graph.positions.T / 10)[far])
    assert 0 < leaves.sum() < len(leaves)


def test_shell_of_bores_side_by_side_and_of_an_array():
    for tubule in ('"double"', '"square-array"\npore = "round"', '"hexagonal-array"\npore = "round"'):
        case = parse_case(SMALL.replace("[tubule]", f"[tubule]\nshape = {tubule}"))
        graph = graph_of(case, case.walls[0])
        np.testing.assert_array_equal(cut_of("shell:0:2.5")(graph) | (graph.bore < 0), True)
        assert not cut_of("shell:2.6:")(graph)[graph.bore >= 0].any()


def test_cuts_compose_and_do_not_move_anything(plate):
    (every,), (part,) = frames(plate, 0), frames(plate, 0, cuts=["z:0:1", "slab:1", "wedge:0:90"])
    assert 0 < len(part) < len(every) / 6
    at = np.searchsorted(every.arrays["site"], part.arrays["site"])
    np.testing.assert_array_equal(every.positions[at], part.positions)
    np.testing.assert_array_equal(every.cell, part.cell)


@pytest.mark.parametrize(
    "cut", ["", "slap", "z", "z:1", "z:1:2:3", "z:a:b", "z:nan:1", "z:2:1", "slab:0", "slab:", "shell:1"]
)
def test_faulty_cuts(cut):
    with pytest.raises(ValueError, match="cut '"):
        cut_of(cut)


# --- Files ---


@pytest.mark.parametrize("atoms", [REGIONS, ("bulk", VACANCIES)])
def test_extxyz_holds_everything(plate, tmp_path, atoms):
    found = frames(plate, atoms=atoms)
    write_structures(tmp_path / "a.extxyz", found, format_of("extxyz"))
    back = ase.io.read(tmp_path / "a.extxyz", ":")
    for one, other in zip(found, back, strict=True):
        assert one.info == other.info
        for name in ("numbers", "tags", "site", *(["occupancy"] if VACANCIES in atoms else [])):
            np.testing.assert_array_equal(one.arrays[name], other.arrays[name])
        np.testing.assert_allclose(one.positions, other.positions, atol=1e-8)
        np.testing.assert_array_equal(one.pbc, other.pbc)


def test_traj_keeps_tags_box_and_info(plate, tmp_path):
    found = frames(plate)
    write_structures(tmp_path / "a.traj", found, format_of("traj"))
    for one, other in zip(found, ase.io.read(tmp_path / "a.traj", ":"), strict=True):
        assert one == other and one.info == other.info
        np.testing.assert_array_equal(one.get_tags(), other.get_tags())


@pytest.mark.parametrize("kind", ["db", "json"])
def test_database_rows_can_be_searched(plate, tmp_path, kind):
    found = frames(plate, atoms=ALL)
    write_structures(tmp_path / f"a.{kind}", found, format_of(kind))
    rows = list(connect(tmp_path / f"a.{kind}").select("frame>=1"))
    assert [row.time for row in rows] == [atoms.info["time"] for atoms in found[1:]] and rows[0].time > 0
    np.testing.assert_array_equal(rows[0].data["occupancy"], found[1].arrays["occupancy"])
    assert rows[0].toatoms() == found[1]


@pytest.mark.parametrize("name", ["lammps-data", "vasp", "cif", "xyz", "pdb", "gen"])
def test_formats_of_one_structure(plate, tmp_path, name):
    """Without tags and info, and some without open boundaries."""
    found, format = frames(plate, "last", atoms=["bulk", VACANCIES], cuts=["z:0:1"]), format_of(name)
    path = tmp_path / f"a.{ending_of(format)}"
    write_structures(path, found, format)
    (atoms,), back = found, ase.io.read(path, format=format.name)
    assert len(back) == len(atoms)
    if name != "lammps-data":
        assert sorted(back.symbols) == sorted(atoms.symbols)
    tolerance = 1e-3 if name == "pdb" else 1e-5
    order = [np.lexsort(np.round(each.positions, 2).T) for each in (atoms, back)]
    np.testing.assert_allclose(atoms.positions[order[0]], back.positions[order[1]], atol=tolerance)


def test_lammps_types_are_species_first_then_vacancies(plate, tmp_path):
    found = frames(plate, "last", atoms=["bulk", VACANCIES])
    write_structures(tmp_path / "a", found, format_of("lammps-data"))
    text = (tmp_path / "a").read_text()
    assert "2 atom types" in text and text.index("# Li") < text.index("# X")


@pytest.mark.parametrize("name", ["vasp", "vasp-xdatcar", "eon"])
@pytest.mark.parametrize("options", [{"wall": "case"}, {"wall": "case", "atoms": ["bulk", VACANCIES]},
                                     {"wall": "case", "fixed_n": True}, {"atoms": ALL}])  # fmt: skip
def test_one_block_per_species(plate, tmp_path, name, options):
    """The metal first, X last; within a species in the order of site, so that the rows are known."""
    found = frames(plate, "0", **options)
    (atoms,) = found
    species = [symbol for symbol in ("Li", "C", "X") if symbol in set(atoms.symbols)]
    assert len(species) > 1
    write_structures(tmp_path / "a", found, format_of(name))
    back = ase.io.read(tmp_path / "a", format=name)
    rows = np.concatenate([np.flatnonzero(atoms.symbols == symbol) for symbol in species])
    assert list(back.symbols) == list(atoms.symbols[rows])
    np.testing.assert_allclose(back.positions, atoms.positions[rows], atol=1e-5)
    if name != "eon":
        assert (tmp_path / "a").read_text().splitlines()[5].split() == species
    if name != "vasp-xdatcar" and atoms.constraints:
        frozen = np.isin(rows, atoms.constraints[0].index)
        assert 0 < frozen.sum() < len(rows)
        np.testing.assert_array_equal(np.isin(np.arange(len(rows)), back.constraints[0].index), frozen)


def test_rows_of_a_poscar_end_with_their_site(plate, tmp_path):
    (atoms,) = found = frames(plate, "last", wall="case", atoms=["bulk", VACANCIES])
    write_structures(tmp_path / "POSCAR", found, format_of("vasp"))
    lines = (tmp_path / "POSCAR").read_text().splitlines()
    assert lines[0].startswith("Li C  X") and lines[0].endswith("(each row ends with the number of its site)")
    assert lines[7] == "Selective dynamics" and len(lines) == 9 + len(atoms)
    rows = [line.split() for line in lines[9:]]
    assert {len(row) for row in rows} == {7}, "position, flags, site"
    where = dict(zip(atoms.arrays["site"].tolist(), atoms.positions, strict=True))
    for row in rows:
        np.testing.assert_allclose([float(x) for x in row[:3]], where.pop(int(row[6])), atol=1e-9)
    assert not where


def test_every_frame_of_an_xdatcar_has_blocks(plate, tmp_path):
    found = frames(plate, fixed_n=True, atoms=["bulk"])
    write_structures(tmp_path / "a", found, format_of("vasp-xdatcar"))
    for atoms, back in zip(found, ase.io.read(tmp_path / "a", ":", format="vasp-xdatcar"), strict=True):
        assert back.symbols.formula.count() == atoms.symbols.formula.count()
        full = atoms.positions[atoms.symbols == "Li"]
        np.testing.assert_allclose(back.positions[: len(full)], full, atol=1e-5)


def test_endings_and_names_of_formats():
    assert [ending_of(format_of(name)) for name in ("extxyz", "traj", "vasp", "poscar", "cif")] == [
        "extxyz", "traj", "poscar", "poscar", "cif",
    ]  # fmt: skip
    assert ending_of(format_of("lammps-dump-text")) == "dump"
    for name in ("lammps-dump-binary", "mysql", "extxy", ""):
        with pytest.raises(ValueError, match="usual ones are extxyz"):
            format_of(name)
    assert sum(format.can_write for format in ioformats.values()) > 40


def test_the_name_of_a_file_says_its_format():
    names = {
        "a.xyz": "extxyz", "a.b.extxyz": "extxyz", "a.TRAJ": "traj", "a.cif": "cif", "a.db": "db",
        "a.dump": "lammps-dump-text", "a.lmp": "lammps-data", "a.data": "lammps-data",
        "POSCAR": "vasp", "here/POSCAR_1": "vasp", "a.vasp": "vasp",
    }  # fmt: skip
    assert {name: format_for(name).name for name in names} == names


def test_writers_that_go_by_the_ending(plate, tmp_path):
    few = frames(plate, 0, atoms=["bulk"], cuts=["z:0:0.4"])
    write_structures(tmp_path / "a.gif", few, format_of("gif"))
    assert (tmp_path / "a.gif").read_bytes().startswith(b"GIF8") and len(list(tmp_path.iterdir())) == 1


def test_a_writer_that_fails_leaves_nothing(plate, tmp_path):
    for name, which in (("vasp", ":"), ("mustem", "last")):
        with pytest.raises(ValueError, match=f"{name}: "):
            write_structures(tmp_path / "a", frames(plate, which), format_of(name))
    assert not list(tmp_path.iterdir())


# --- The command ---


@pytest.fixture
def at(plate, tmp_path, monkeypatch):
    """A folder of its own, with the result in `run`."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(plate, tmp_path / "run")
    return tmp_path


def test_command(at):
    found = invoke("export", "run")
    assert found.exit_code == OK and found.stdout.startswith("Written to run.extxyz: 1 frame, ")
    found = invoke("export", "run", "--frame", ":", "--atoms", "bulk,vacancies", "--cut", "z:0:1", "--cut", "wedge",
                  "--out", "b.traj")  # fmt: skip
    assert found.exit_code == OK
    expected = frames("run", ":", atoms=["bulk", VACANCIES], cuts=["z:0:1", "wedge"])
    assert ase.io.read("b.traj", ":") == expected
    found = invoke("export", "run/result.h5", "--frame", ":", "--to", "lammps-dump-text", "--fixed-n")
    assert found.exit_code == OK and re.fullmatch(r"Written to run.dump: [3-9] frames, \d+ atoms\n", found.stdout)
    found = invoke("export", "run", "--out", "POSCAR")
    assert found.exit_code == OK and found.stdout.endswith(
        "atoms\nRows: one block per species, in each of them in the order of site, whose number ends the row\n"
    )
    again = invoke("export", "run")
    assert (
        again.exit_code == BAD_CASE
        and again.stderr == "--out run.extxyz: exists; name another file (nothing was changed)\n"
    )


@pytest.mark.parametrize(
    ("line", "status", "message"),
    [
        ("run --to extxy", USAGE, "--to 'extxy': ASE writes no such files; did you mean extxyz"),
        ("run --to lammps-dump-binary", USAGE, "--to 'lammps-dump-binary': ASE only reads such files; did you mean"),
        ("run --frame two", USAGE, "--frame 'two': must be a number, A:B, A:B:STEP or last"),
        ("run --frame ::0", USAGE, "--frame '::0': must be"),
        ("run --atoms bulks", USAGE, "--atoms 'bulks': unknown, did you mean 'bulk'?"),
        ("run --atoms gold", USAGE, "--atoms 'gold': unknown, there are bulk, interface, wall, surface, vacancies"),
        ("run --cut slabb:1", USAGE, "--cut 'slabb:1': unknown, did you mean 'slab[:T]'?"),
        ("run --cut z:1", USAGE, "--cut 'z:1': must be z:A:B"),
        ("run --frame 99", BAD_CASE, "run: there is no frame "),
        ("run --frame 2:1", BAD_CASE, "run: there is no frame "),
        ("run --cut z:99:", BAD_CASE, "run: no atom is left"),
        ("run --to vasp --frame :", BAD_CASE, "vasp: holds one structure, got "),
        ("run --to mustem", BAD_CASE, "mustem: ASE cannot write these atoms to it: "),
        ("run --wall-crystal LiC7", USAGE, "--wall-crystal 'LiC7': unknown; did you mean 'LiC6'?"),
        ("missing", BAD_CASE, "missing: no such file or folder"),
        ("run --out missing/a.xyz", BAD_CASE, "--out missing/a.xyz: missing is no folder"),
        ("run --out run", BAD_CASE, "--out run: exists"),
        ("run --out a.trja", USAGE, "--out a.trja: no format ends in .trja; the usual formats are extxyz, traj, "),
        ("run --out a.xyz.gz", USAGE, "--out a.xyz.gz: no format ends in .gz"),
        ("run --out a", USAGE, "--out a: has no ending"),
    ],
)  # fmt: skip
def test_messages(at, line, status, message):
    found = invoke("export", *line.split())
    assert found.exit_code == status, found.output
    assert found.stderr.startswith(message) and found.stderr.count("\n") == 1 and found.stdout == ""
    assert [path.name for path in at.iterdir()] == ["run"], "something was left behind"


def foreign(path):
    with h5py.File(path, "w") as file:
        file["positions"] = np.zeros((2, 3))


def without_time(path):
    with h5py.File(path, "r+") as file:
        del file["structure/time"]


def other_sites(path):
    with h5py.File(path, "r+") as file:
        kind = file["structure/site_region"][:-9]
        del file["structure/site_region"]
        file["structure/site_region"] = kind


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda path: path.unlink(), "run: holds no result.h5; name a folder that plate, strip"),
        (lambda path: path.write_text("{"), "run/result.h5: cannot be read as a result with atoms"),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), "cannot be read as a result with atoms"),
        (foreign, "run/result.h5: cannot be read as a result with atoms: it holds no atoms"),
        (without_time, "run/result.h5: cannot be read as a result with atoms"),
        (other_sites, "run/result.h5: cannot be read as a result with atoms"),
    ],
)
def test_results_that_were_changed(at, change, message):
    change(at / "run" / "result.h5")
    found = invoke("export", "run", "--out", "a.xyz")
    assert found.exit_code == BAD_CASE and message in found.stderr, found.output
    assert found.stdout == "" and not (at / "a.xyz").exists() and found.stderr.count("\n") == 1


def test_help_has_every_cut_and_an_example():
    found = invoke("export", "--help")
    text = " ".join(found.stdout.split())
    assert found.exit_code == OK and "coble export mine --atoms bulk --cut z:0:5 --cut wedge" in text
    for form in CUTS:
        assert form.replace("[", "").replace("]", "") in text, form


def test_names_of_kinds():
    assert kinds_of(["wall", "bulk"]) == ([2, 0], [1])
    assert kinds_of([VACANCIES]) == ([0, 1, 2, 3], [0])
    assert kinds_of(["bulk", VACANCIES]) == ([0], [1, 0])
