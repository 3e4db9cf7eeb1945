"""OVITO reads what is exported."""

import numpy as np
import pytest

from coble.lattices import REGIONS
from coble.structures.export import VACANCIES, format_of, frames, write_structures

ovito = pytest.importorskip("ovito.io")
ALL = (*REGIONS, VACANCIES)


def pipeline_of(path, found, name):
    write_structures(path, found, format_of(name))
    return ovito.import_file(str(path))


@pytest.mark.parametrize("options", [{}, {"atoms": ALL}, {"atoms": ["bulk"], "fixed_n": True}, {"wall": "case"}])
def test_extxyz(plate, tmp_path, options):
    found = frames(plate, **options)
    pipeline = pipeline_of(tmp_path / "a.extxyz", found, "extxyz")
    assert pipeline.num_frames == len(found) >= 3
    for number, atoms in enumerate(found):
        data = pipeline.compute(number)
        particles = data.particles
        np.testing.assert_allclose(particles.positions[...], atoms.positions, atol=1e-8)
        names = {kind.id: kind.name for kind in particles.particle_types.types}
        assert [names[kind] for kind in particles.particle_types[...]] == list(atoms.symbols)
        for name in ("site", "occupancy"):
            if name in atoms.arrays:
                np.testing.assert_array_equal(particles[name][...], atoms.arrays[name])
        np.testing.assert_array_equal(particles["tags"][...], atoms.get_tags())
        assert data.cell.pbc == tuple(atoms.pbc)
        np.testing.assert_allclose(data.cell[:, :3], atoms.cell[:])
        for key, value in atoms.info.items():
            assert data.attributes[key] == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value), key


def test_axis_is_periodic(shares, tmp_path):
    data = pipeline_of(tmp_path / "a.extxyz", frames(shares), "extxyz").compute(0)
    assert data.cell.pbc == (False, False, True)


@pytest.mark.parametrize("fixed_n", [False, True])
def test_dump(plate, tmp_path, fixed_n):
    found = frames(plate, atoms=["bulk"], fixed_n=fixed_n)
    pipeline = pipeline_of(tmp_path / "a.dump", found, "lammps-dump-text")
    assert pipeline.num_frames == len(found)
    for number, atoms in enumerate(found):
        data = pipeline.compute(number)
        order = np.argsort(data.particles["Particle Identifier"][...])
        np.testing.assert_array_equal(data.particles["Particle Identifier"][...][order] - 1, atoms.arrays["site"])
        np.testing.assert_allclose(data.particles.positions[...][order], atoms.positions, atol=1e-8)
        np.testing.assert_array_equal(data.particles["kind"][...][order], atoms.get_tags())
        assert data.attributes["Timestep"] == atoms.info["frame"] and data.cell.pbc == (False,) * 3


def test_an_empty_frame(shares, tmp_path):
    data = pipeline_of(tmp_path / "a.extxyz", frames(shares, atoms=["surface"]), "extxyz").compute(0)
    assert data.particles.count == 0 and data.attributes["wall"] == "wall-LiC6"


@pytest.mark.parametrize("name", ["lammps-data", "vasp"])
def test_one_structure(shares, tmp_path, name):
    """POSCAR and LAMMPS data without the traps that they have: order by symbol, periodic everywhere."""
    found = frames(shares, atoms=["bulk", VACANCIES], cuts=["z:0:1"])
    data = pipeline_of(tmp_path / "a.poscar", found, name).compute(0)
    theirs, ours = data.particles.positions[...], found[0].positions
    assert len(theirs) == len(ours)
    for each in (theirs, ours):
        each[:] = each[np.lexsort(np.round(each, 2).T)]
    np.testing.assert_allclose(theirs, ours, atol=1e-5)


def test_ase_atoms_go_straight_in(plate):
    """`ase_to_ovito` takes neither bool nor object arrays."""
    ase_to_ovito = pytest.importorskip("ovito.io.ase").ase_to_ovito
    for options in ({"atoms": ALL}, {"wall": "LiC6"}):
        (atoms,) = frames(plate, "last", **options)
        data = ase_to_ovito(atoms)
        assert data.particles.count == len(atoms)
        np.testing.assert_array_equal(data.particles["site"][...], atoms.arrays["site"])
