"""The writer of extended XYZ: what ASE writes and reads, and what no reader would give back."""

import io
from time import process_time

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.calculator import all_properties
from ase.constraints import FixAtoms

from coble.structures import extxyz
from coble.structures.extxyz import write_extxyz

INFO = {
    "time": 1.234567890123456e-12,
    "none_yet": 0.0,
    "huge": -1.5e300,
    "time_unit": "s",
    "frame": 3,
    "count": 2**62,
    "wall": "wall-12e5678",
    "quoted": "a 'b' = {c}, \"d\", [e], Ω",
    "word": "True story",
}
COLUMNS = ["symbols", "positions", "tags", "site"]


def atoms_of(n, seed=0):
    """Atoms with everything that exports have, wherever."""
    rng = np.random.default_rng(seed)
    positions = np.round(rng.normal(0, 500, (n, 3)), 9)
    positions[: n // 2] = np.round(positions[: n // 2])  # many alike, and zeros
    atoms = Atoms(numbers=rng.choice([0, 3, 92], n), positions=positions, tags=rng.integers(0, 4, n))
    atoms.cell, atoms.pbc, atoms.info = [100.0, 50.0, 1 / 3], (False, False, True), dict(INFO)
    atoms.arrays["site"] = rng.integers(0, 2**31, n, dtype=np.int64)
    return atoms


@pytest.mark.parametrize("at_once", [7, extxyz.AT_ONCE])
def test_bytes_are_those_of_ase(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(extxyz, "AT_ONCE", at_once)
    frames = [atoms_of(n, n) for n in (25, 1, 200)]
    for frame in frames:
        frame.arrays["site"] %= 10**8  # as wide as the column
    write_extxyz(tmp_path / "ours.extxyz", frames, COLUMNS)
    theirs = io.StringIO()
    ase.io.write(theirs, frames, format="extxyz", columns=COLUMNS)
    assert (tmp_path / "ours.extxyz").read_text(encoding="utf-8") == theirs.getvalue()


def test_ase_reads_every_frame_as_it_was(tmp_path):
    frames = [atoms_of(n, n) for n in (12, 0, 300, 0)]
    write_extxyz(tmp_path / "a.extxyz", frames, COLUMNS)
    back = ase.io.read(tmp_path / "a.extxyz", ":")
    assert [len(frame) for frame in back] == [12, 0, 300, 0]
    for one, other in zip(frames, back, strict=True):
        assert other.info == one.info and {k: type(v) is str for k, v in other.info.items()} == {
            k: type(v) is str for k, v in one.info.items()
        }
        np.testing.assert_array_equal(other.cell, one.cell)
        np.testing.assert_array_equal(other.pbc, one.pbc)
        np.testing.assert_allclose(other.positions, one.positions, rtol=0, atol=0.51e-8)
        if len(one):
            np.testing.assert_array_equal(other.numbers, one.numbers)
            np.testing.assert_array_equal(other.get_tags(), one.get_tags())
            np.testing.assert_array_equal(other.arrays["site"], one.arrays["site"])
            assert other.arrays["site"].dtype.kind == "i"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64])
def test_integers_of_any_width(tmp_path, dtype):
    atoms = atoms_of(5)
    atoms.arrays["kind"] = np.arange(5, dtype=dtype)
    write_extxyz(tmp_path / "a.extxyz", [atoms], ["symbols", "positions", "kind"])
    assert ase.io.read(tmp_path / "a.extxyz").arrays["kind"].tolist() == [0, 1, 2, 3, 4]


def test_numbers_wider_than_their_column(tmp_path):
    atoms = Atoms("LiNa", positions=[[1e9, 0, 0], [-12345678.9, 1, 1]], tags=[1, 2])
    write_extxyz(tmp_path / "a.extxyz", [atoms])
    np.testing.assert_array_equal(ase.io.read(tmp_path / "a.extxyz").positions, atoms.positions)


@pytest.mark.parametrize("value", ["0.1", "12345", "12e5678", "T", "", "two\nlines", None, 2**64, {"a": (1,)}])
def test_values_that_would_come_back_as_others_are_refused(tmp_path, value):
    atoms = atoms_of(2)
    atoms.info["bad"] = value
    with pytest.raises(ValueError, match="info bad: .* would not be read back"):
        write_extxyz(tmp_path / "a.extxyz", [atoms])


@pytest.mark.parametrize("name", ["a:b", "a b", "", "1a", "é", "Lattice", "pbc", "selection", *all_properties])
def test_names_that_are_taken_or_broken_are_refused(tmp_path, name):
    for where in ("info", "arrays"):
        atoms = atoms_of(2)
        getattr(atoms, where)[name] = np.arange(2)
        with pytest.raises(ValueError, match="must be letters"):
            write_extxyz(tmp_path / "a.extxyz", [atoms], ["symbols", "positions", name][: 2 + (where == "arrays")])


@pytest.mark.parametrize(
    "array", [np.array([0, 2**31]), np.array([True, False]), np.array(["a", "b"]), np.zeros((2, 3)), np.zeros((2, 1))]
)
def test_columns_that_are_not_one_number_of_32_bits_are_refused(tmp_path, array):
    atoms = atoms_of(2)
    atoms.arrays["bad"] = array
    with pytest.raises(ValueError, match="column bad: "):
        write_extxyz(tmp_path / "a.extxyz", [atoms], ["symbols", "positions", "bad"])


def test_small_numbers(tmp_path):
    """Of a column they would be written as 0; in the comment line they have all digits."""
    atoms = atoms_of(3)
    atoms.arrays["rate"] = np.array([0.0, 1e-12, 1.0])
    with pytest.raises(ValueError, match="column rate: has eight decimals, 1e-12 would be read back as 0"):
        write_extxyz(tmp_path / "a.extxyz", [atoms], ["symbols", "positions", "rate"])
    atoms.arrays["rate"] = np.array([0.0, -12.0, 1e-8])
    write_extxyz(tmp_path / "a.extxyz", [atoms], ["symbols", "positions", "rate"])
    back = ase.io.read(tmp_path / "a.extxyz")
    assert back.arrays["rate"].tolist() == [0.0, -12.0, 1e-8] and back.info["time"] == INFO["time"]


def test_fixed_atoms_are_fixed_again(tmp_path):
    frames = [atoms_of(7), atoms_of(4), atoms_of(0)]
    for atoms in frames:
        atoms.set_constraint(FixAtoms(range(len(atoms) // 2)))
    write_extxyz(tmp_path / "a.extxyz", frames, [*COLUMNS, "move_mask"])
    theirs = io.StringIO()
    ase.io.write(theirs, frames[0], format="extxyz", columns=[*COLUMNS, "move_mask"])
    back = ase.io.read(tmp_path / "a.extxyz", ":")
    again = ase.io.read(io.StringIO(theirs.getvalue()), format="extxyz")
    for atoms, one in zip([*frames, frames[0]], [*back, again], strict=True):
        assert [each.index.tolist() for each in one.constraints if len(each.index)] == [
            each.index.tolist() for each in atoms.constraints if len(each.index)
        ]


def test_a_crystal_is_written_three_times_as_fast_as_by_ase(tmp_path):
    """7 times on a machine with nothing else to do."""
    cells = np.stack(np.meshgrid(*[np.arange(40)] * 3), axis=-1).reshape(-1, 3) * 3.51
    atoms = Atoms(symbols=["Li"] * len(cells), positions=cells, tags=np.zeros(len(cells), dtype=int))
    seconds = []
    for write in (write_extxyz, lambda path, frames: ase.io.write(path, frames, format="extxyz")):
        started = process_time()
        write(tmp_path / "a.extxyz", [atoms])
        seconds.append(process_time() - started)
    assert 3 * seconds[0] < seconds[1], seconds  # of this process alone
