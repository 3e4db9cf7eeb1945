"""MDAnalysis reads dumps in which the number of atoms does not change."""

import numpy as np
import pytest

from coble.structures.export import format_of, frames, write_structures

pytestmark = pytest.mark.filterwarnings("ignore")  # of its own: guessed masses, formats to come


@pytest.mark.parametrize("atoms", [["bulk"], ["bulk", "interface", "vacancies"]])
def test_dump_of_fixed_n(plate, tmp_path, atoms):
    universe_of = pytest.importorskip("MDAnalysis").Universe
    found = frames(plate, atoms=atoms, fixed_n=True)
    path = tmp_path / "a.dump"
    write_structures(path, found, format_of("lammps-dump-text"))
    universe = universe_of(str(path), format="LAMMPSDUMP", topology_format="LAMMPSDUMP")
    assert len(universe.trajectory) == len(found) >= 3
    for step, each in zip(universe.trajectory, found, strict=True):
        np.testing.assert_allclose(universe.atoms.positions, each.positions, atol=1e-4)  # its floats have 32 bits
        np.testing.assert_allclose(step.dimensions, [*each.cell.lengths(), 90, 90, 90], rtol=1e-6)
    np.testing.assert_array_equal(universe.atoms.ids - 1, found[0].arrays["site"])
