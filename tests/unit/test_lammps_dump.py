"""LAMMPS dumps, as ASE reads them."""

import ase.io
import numpy as np
import pytest
from ase import Atoms

from coble.structures.export import VACANCIES, format_of, frames, write_structures
from coble.structures.lammps_dump import write_dump


def back(path):
    return ase.io.read(path, ":", format="lammps-dump-text")


@pytest.mark.parametrize("atoms", [["bulk"], ["bulk", VACANCIES]])
def test_ase_reads_frames_of_any_length(plate, tmp_path, atoms):
    found = frames(plate, atoms=atoms)
    write_structures(tmp_path / "a.dump", found, format_of("lammps-dump-text"))
    for one, other in zip(found, back(tmp_path / "a.dump"), strict=True):
        assert one.symbols.get_chemical_formula() == other.symbols.get_chemical_formula()
        np.testing.assert_allclose(one.positions, other.positions, atol=1e-8)
        np.testing.assert_allclose(one.cell, other.cell, rtol=1e-15)
        np.testing.assert_array_equal(one.pbc, other.pbc)


def test_what_stands_in_a_dump(shares, tmp_path):
    (atoms,) = frames(shares, atoms=["wall", VACANCIES])
    write_dump(tmp_path / "a", [atoms])
    lines = (tmp_path / "a").read_text().splitlines()
    assert lines[:5] == ["ITEM: TIMESTEP", "0", "ITEM: NUMBER OF ATOMS", str(len(atoms)), "ITEM: BOX BOUNDS ff ff pp"]
    assert lines[8] == "ITEM: ATOMS id type element x y z kind" and len(lines) == 9 + len(atoms)
    ids, types, elements, *_, kinds = zip(*map(str.split, lines[9:]), strict=True)
    assert [int(each) - 1 for each in ids] == atoms.arrays["site"].tolist() and set(kinds) == {"2"}
    assert set(zip(types, elements, strict=True)) == {("1", "Li"), ("2", "X")}


def test_empty_frames_and_atoms_without_sites(tmp_path):
    some = Atoms("NaLiX", positions=np.eye(3), cell=[9, 8, 7], pbc=(True, False, True))
    write_dump(tmp_path / "a", [some[:0], some, some[:1]])
    text = (tmp_path / "a").read_text()
    assert text.count("ITEM: TIMESTEP") == 3 and "\n1\nITEM: NUMBER OF ATOMS\n3\n" in text
    assert [line.split()[:3] for line in text.splitlines() if line.endswith(" 0") and "." in line] == [
        ["1", "2", "Na"], ["2", "1", "Li"], ["3", "3", "X"], ["1", "2", "Na"],
    ]  # fmt: skip


@pytest.mark.parametrize("site", [[0, 2**31 - 1], [-1, 0], [3, 3], [0, 2**40]])
def test_ids_that_readers_would_not_take_are_refused(tmp_path, site):
    atoms = Atoms("Li2", positions=np.eye(3)[:2], cell=[9, 9, 9])
    atoms.arrays["site"] = np.array(site)
    with pytest.raises(ValueError, match="lammps-dump-text: .*id"):
        write_dump(tmp_path / "a", [atoms])
    atoms.arrays["site"] = np.array([0, 2**31 - 2])
    write_dump(tmp_path / "a", [atoms])
    assert len(back(tmp_path / "a")[0]) == 2


@pytest.mark.parametrize(
    "cell",
    [
        [[5, 0, 0], [1, 5, 0], [0, 0, 5]],
        [[5, 0, 0], [-2, 5, 0], [2, -2, 5]],
        [[0, 4, 4], [4, 0, 4], [4, 4, 0]],  # fcc: turned by LAMMPS's rule
    ],
)
def test_slanted_boxes_come_back_with_their_distances(tmp_path, cell):
    atoms = Atoms("Li3", scaled_positions=[[0, 0, 0], [0.3, 0.6, 0.1], [0.9, 0.8, 0.7]], cell=cell, pbc=True)
    write_dump(tmp_path / "a", [atoms])
    (found,) = back(tmp_path / "a")
    np.testing.assert_allclose(found.cell.cellpar(), atoms.cell.cellpar(), rtol=1e-7)
    np.testing.assert_allclose(found.get_all_distances(), atoms.get_all_distances(), atol=1e-6)
    np.testing.assert_allclose(found.get_all_distances(mic=True), atoms.get_all_distances(mic=True), atol=1e-6)


def test_a_slanted_cell_without_volume_is_refused(tmp_path):
    with pytest.raises(ValueError, match="three vectors"):
        write_dump(tmp_path / "a", [Atoms("Li", cell=[[0, 5, 0], [5, 0, 0], [0, 0, 0]])])
