"""The sites of a structure of a user's own as they were given: its cell, positions, symbols and frozen atoms."""

from dataclasses import replace

import numpy as np

from coble.inputs.structures.structure_file import is_lattice, read_atoms
from coble.lattices.atoms.from_atoms import AXES, given_positions
from coble.structures.structure_file import Structure, frozen_host

EMPTY = 0  # atomic number of X, an empty site
MOVED_A = 5e-3  # more than heights of a lattice were rounded by
OF_SITES = ("cells_moved", "atoms", "symbols", "occupied")  # notes with a value for each site


def own_structure(result):
    """The end state of replica 0 of a structure that was run, a `Structure`.

    Parameters
    ----------
    result : coble.kinds.discriminate.run.Discrimination
        Of a case with [structure].
    """
    wall, case = result.walls[-1], result.case
    end = wall.measurement.end_states[0]
    lattice = wall.graph
    notes = lattice.notes | {key: np.asarray(lattice.notes[key]) for key in OF_SITES if key in lattice.notes}
    lattice = replace(lattice, notes=notes)
    cell = np.array(notes.get("cell", lattice.vectors), dtype=float)
    pbc = np.array(notes.get("pbc", np.abs(lattice.vectors).sum(axis=1) > 0), dtype=bool)
    frozen = lattice.frozen
    return Structure(
        _positions(case, lattice),
        lattice.region,
        cell,
        None,
        wall.name,
        (0.0, lattice.length),
        "",
        {"structure": f"structure-{wall.name}", "replica": 0},
        [end.time_s],
        np.packbits(end.occupied)[None],
        host=None if frozen is None or not len(frozen) else frozen_host(frozen.numbers, frozen.positions),
        regions=lattice.regions,
        numbers=_numbers(lattice),
        pbc=pbc,
        axis=AXES.index(notes.get("axis", "z")),
    )


def _positions(case, lattice):
    """Positions of all sites [Å], float array (n_site, 3): those of the file, in every digit."""
    if "rotation" not in lattice.notes:  # a lattice that was made by hand
        return lattice.positions
    near, file = given_positions(lattice), case.structure.file
    if file is None or is_lattice(file):  # voxels of an image, or a lattice
        return near
    atoms = read_atoms(file)
    if case.structure.mobile:
        atoms = atoms[np.isin(atoms.get_chemical_symbols(), case.structure.mobile)]
    same = len(atoms) == len(near) and np.abs(atoms.positions - near).max() < MOVED_A
    return atoms.positions if same else near


def _numbers(lattice):
    """Atomic number of what each site holds, uint8 array (n_site,).

    What comes to an empty site is what most sites of its region hold, or else most of all sites.
    """
    from ase.symbols import symbols2numbers

    symbols = lattice.notes.get("symbols")
    given = np.zeros(lattice.n_site, dtype=np.uint8)
    if symbols is not None and len(symbols) == lattice.n_site:
        given[:] = symbols2numbers(symbols)
    found = given.copy()
    for kind in np.unique(lattice.region[given == EMPTY]):
        here = lattice.region == kind
        found[here & (given == EMPTY)] = _most(given[here]) or _most(given)
    return found


def _most(numbers):
    """The atomic number that most sites have, empty ones left out; `EMPTY` without any."""
    counts = np.bincount(numbers[numbers != EMPTY], minlength=1)
    return int(counts.argmax())
