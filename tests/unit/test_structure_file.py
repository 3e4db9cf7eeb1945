"""The structure in result.h5, and ASE that opens it by itself."""

import json
import shutil
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import ase.io
import h5py
import numpy as np
import pytest
from ase.cli.main import main as ase_command
from ase.io.formats import UnknownFileTypeError, define_external_io_format, filetype, ioformats

from coble.lattices import REGIONS, Region
from coble.structures.export import each_frame, format_of, frames, write_structures
from coble.structures.structure_file import read_structure, structure_of_growth, structure_of_wall

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture(autouse=True, scope="module")
def known_to_ase():
    """The entry point as pyproject.toml has it, where this source is not installed."""
    if "coble" in ioformats:
        return
    groups = tomllib.loads(PYPROJECT.read_text())["project"]["entry-points"]
    for name, value in groups["ase.ioformats"].items():
        define_external_io_format(EntryPoint(name, value, "ase.ioformats"))


# --- ASE ---


def test_ase_reads_every_frame(plate, plated):
    path = str(plate / "result.h5")
    assert filetype(path) == "coble"
    found = ase.io.read(path, ":")
    assert found == frames(plate) and len(found) == len(plated.frames) >= 3
    for number, atoms in enumerate(found):
        occupied = plated.occupied_in(number)
        np.testing.assert_array_equal(atoms.arrays["site"], np.flatnonzero(occupied))
        assert atoms.info["time"] == plated.frames[number][0] and atoms.info["frame"] == number
    assert ase.io.read(path) == found[-1]


@pytest.mark.parametrize(
    ("index", "numbers"), [("0", [0]), ("-2", [-2]), ("1:", range(1, 99)), ("::2", range(0, 99, 2)), (":0", [])]
)
def test_index(plate, index, numbers):
    found = frames(plate)
    expected = [found[number] for number in numbers if number < len(found)]
    assert list(ase.io.iread(plate / "result.h5", index)) == expected
    assert list(ase.io.iread(f"{plate / 'result.h5'}@{index}")) == expected


def test_ase_reads_the_end_state_of_a_wall(shares, discriminated, tmp_path):
    write_structures(tmp_path / "end.extxyz", each_frame(shares), format_of("extxyz"))
    atoms, snapshot = ase.io.read(shares / "result.h5"), ase.io.read(tmp_path / "end.extxyz")
    np.testing.assert_allclose(atoms.positions, snapshot.positions, atol=1e-8)
    np.testing.assert_array_equal(atoms.get_tags(), snapshot.get_tags())
    assert atoms.info == snapshot.info
    assert len(atoms) == discriminated.walls[-1].measurement.end_states[0].occupied.sum()
    assert atoms.pbc.tolist() == [False, False, True]


def test_ase_convert(plate, tmp_path):
    ase_command(args=["convert", "-n", "0:2", str(plate / "result.h5"), str(tmp_path / "a.traj")])
    assert ase.io.read(tmp_path / "a.traj", ":") == frames(plate, "0:2")


def test_other_hdf5_files_are_not_taken_for_ours(tmp_path):
    """Nor one of the same name, nor one that has the word late in it."""
    for name in ("result.h5", "other.h5"):
        with h5py.File(tmp_path / name, "w") as file:
            file["structure/positions"] = np.zeros((1000, 3))
            file.create_dataset("note", data=np.bytes_("coble structure"))
        with pytest.raises(UnknownFileTypeError):
            filetype(str(tmp_path / name), guess=False)
        with pytest.raises(UnknownFileTypeError):
            ase.io.read(tmp_path / name)


def test_registering_takes_no_time():
    """ASE loads it whenever `ase.io` is imported."""
    import subprocess

    code = "import sys, ase.utils.plugins, coble.structures.ase_format; "
    code += "print(*[n for n in ('pydantic', 'h5py') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PYPROJECT.parent, check=True
    )
    assert done.stdout.strip() == ""


# --- The file ---


def test_what_was_written_is_read(plate, plated, shares, discriminated):
    for path, made in ((plate, structure_of_growth(plated)), (shares, structure_of_wall(discriminated))):
        back = read_structure(path / "result.h5")
        for name in ("positions", "site_kind", "cell", "full", "covered"):
            np.testing.assert_array_equal(getattr(back, name), getattr(made, name), err_msg=name)
        for name in ("shape", "wall", "wall_A", "species", "info", "times_s"):
            assert getattr(back, name) == getattr(made, name), name


def test_every_dataset_has_its_unit(plate, shares):
    for path in (plate / "result.h5", shares / "result.h5"):
        with h5py.File(path) as file:
            group = file[file.attrs["structure"]]
            assert {name: group[name].attrs["units"] for name in ("positions", "time", "cell", "wall_span")} == {
                "positions": "angstrom", "time": "s", "cell": "angstrom", "wall_span": "angstrom",
            }  # fmt: skip
            assert all(group[name].attrs["long_name"] for name in group)


@pytest.mark.parametrize("name", ["occupied", "covered"])
@pytest.mark.parametrize("change", [lambda x: "text", lambda x: x.astype(float), lambda x: x[:, :-1], lambda x: x[:-1]])
def test_bits_that_are_none_are_refused(plate, tmp_path, name, change):
    path = shutil.copy(plate / "result.h5", tmp_path)
    with h5py.File(path, "r+") as file:
        old = file[f"structure/{name}"][()]
        del file[f"structure/{name}"]
        file[f"structure/{name}"] = change(old)
    with pytest.raises(ValueError, match="cannot be read as a result with atoms"):
        read_structure(path)


def test_atoms_of_another_run_than_the_result_beside_them_are_told(plate, shares, tmp_path, caplog):
    folder = shutil.copytree(plate, tmp_path / "mine")
    read_structure(folder / "result.h5")
    assert not caplog.messages
    shutil.copy(shares / "result.h5", folder)
    read_structure(folder / "result.h5")
    assert caplog.messages == [f"{folder}/result.h5: is another run's than the result.json beside it"]
    caplog.clear()
    (folder / "result.json").unlink()
    read_structure(folder / "result.h5")
    assert not caplog.messages


def test_others_can_read_it_with_h5py_alone(plate, plated):
    """As docs/results.md says."""
    with h5py.File(plate / "result.h5") as file:
        assert file.attrs["kind"] == "growth" and not file.attrs["interrupted"]
        assert json.loads(file.attrs["provenance"])["settings"]["seed"] == 3
        group = file["structure"]
        full = np.unpackbits(group["occupied"][1], count=len(group["site_region"])).astype(bool)
        metal = full & (group["site_region"][:] == Region.BULK)
        np.testing.assert_allclose(group["positions"][:], plated.growth.graph.positions)
    np.testing.assert_array_equal(full, plated.occupied_in(1))
    assert REGIONS[0] == "bulk" and 0 < metal.sum() < full.sum()


def test_size(plate, shares):
    """A few bytes per site; of a large result two."""
    for folder in (plate, shares):
        with h5py.File(folder / "result.h5") as file:
            group = file[file.attrs["structure"]]
            n_site = len(group["site_region"])
            assert sum(group[name].id.get_storage_size() for name in group) < 8 * n_site
