"""pymatgen takes what is exported, and gives it back."""

import numpy as np
import pytest

from coble.lattices import REGIONS
from coble.structures.export import VACANCIES, format_of, frames, write_structures

adaptor = pytest.importorskip("pymatgen.io.ase").AseAtomsAdaptor
xyz = pytest.importorskip("pymatgen.io.xyz")
vasp = pytest.importorskip("pymatgen.io.vasp")
cif = pytest.importorskip("pymatgen.io.cif")
lammps = pytest.importorskip("pymatgen.io.lammps.data")


@pytest.mark.parametrize("options", [{}, {"atoms": (*REGIONS, VACANCIES)}, {"wall": "case", "cuts": ["z:0:2"]}])
def test_there_and_back(plate, options):
    (atoms,) = frames(plate, "last", **options)
    structure = adaptor.get_structure(atoms)
    assert len(structure) == len(atoms) and structure.lattice.pbc == (False,) * 3
    back = adaptor.get_atoms(structure)
    assert list(back.symbols) == list(atoms.symbols)
    np.testing.assert_allclose(back.positions, atoms.positions, atol=1e-9)
    np.testing.assert_array_equal(back.pbc, atoms.pbc)
    np.testing.assert_array_equal(back.get_tags(), atoms.get_tags())
    for name in ("site", "occupancy"):
        if name in atoms.arrays:
            np.testing.assert_array_equal(back.arrays[name], atoms.arrays[name])
    assert {key: back.info[key] for key in atoms.info} == atoms.info
    fixed = [each.index for each in atoms.constraints]
    assert [list(each.index) for each in back.constraints] == [list(index) for index in fixed]


def test_files(plate, tmp_path):
    (atoms,) = found = frames(plate, "last", atoms=["bulk"], cuts=["z:0:1"])
    for name in ("extxyz", "vasp", "cif", "lammps-data"):
        write_structures(tmp_path / name, found, format_of(name))
    molecule = xyz.XYZ.from_file(tmp_path / "extxyz").molecule
    np.testing.assert_allclose(molecule.cart_coords, atoms.positions, atol=1e-8)
    for structure in (
        vasp.Poscar.from_file(tmp_path / "vasp").structure,
        cif.CifParser(tmp_path / "cif").parse_structures(primitive=False)[0],
        lammps.LammpsData.from_file(str(tmp_path / "lammps-data"), atom_style="atomic").structure,
    ):
        assert structure.formula == f"Li{len(atoms)}"
        np.testing.assert_allclose(np.sort(structure.lattice.abc), np.sort(atoms.cell.lengths()), rtol=1e-5)
        ours, theirs = (p[np.lexsort(np.round(p, 2).T)] for p in (atoms.positions, structure.cart_coords))
        np.testing.assert_allclose(theirs, ours, atol=1e-4)


def test_selective_dynamics_of_a_frozen_wall(plate, tmp_path):
    (atoms,) = found = frames(plate, "last", cuts=["z:0:1"], wall="LiC6")
    write_structures(tmp_path / "POSCAR", found, format_of("vasp"))
    poscar = vasp.Poscar.from_file(tmp_path / "POSCAR")
    assert poscar.structure.composition.as_dict() == atoms.symbols.formula.count()
    assert (~np.array(poscar.selective_dynamics).any(axis=1)).sum() == len(atoms.constraints[0].index)
