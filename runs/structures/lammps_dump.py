"""LAMMPS dumps as text, which ASE only reads: OVITO, VMD and MDAnalysis read them.  Lengths in Å.

A dump has a number for each frame and no place for its time.  A slanted cell is turned so that its first vector lies
along x and its second in the plane of x and y, as LAMMPS wants it, and the atoms with it.
"""

import numpy as np

from coble.structures.extxyz import INT32, SYMBOLS, in_rows

COLUMNS = "id type element x y z kind"
EXTRA = ("graded",)  # arrays that become columns


def write_dump(path, images):
    """Write frames of atoms, types numbered as elements turn up, the lightest first and X (empty) last.

    Parameters
    ----------
    path : path-like
    images : iterable of ase.Atoms
        An array `site` gives the ids, from 1; an array `graded` becomes a column.

    Raises
    ------
    ValueError
        For ids that do not fit into 32 bits or are not all different, and for a cell without volume.
    """
    types = {}
    with open(path, "wb") as file:
        for number, atoms in enumerate(images):
            sides = " ".join("pp" if periodic else "ff" for periodic in atoms.pbc)
            shape, bounds, positions = _box(atoms)
            step = atoms.info.get("frame", number)
            file.write(f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{len(atoms)}\n".encode())
            extra = [name for name in EXTRA if name in atoms.arrays]
            columns = " ".join([COLUMNS, *extra])
            file.write(f"ITEM: BOX BOUNDS {shape}{sides}\n{bounds}ITEM: ATOMS {columns}\n".encode())
            for element in sorted(set(atoms.numbers.tolist()) - set(types), key=lambda z: (z == 0, z)):
                types[element] = len(types) + 1
            of_atom = np.array([types.get(z, 0) for z in range(len(SYMBOLS))], dtype=np.int32)[atoms.numbers]
            numbers = [each.astype(np.int32) for each in (atoms.get_tags(), *(atoms.arrays[name] for name in extra))]
            file.writelines(in_rows([_ids(atoms), of_atom, SYMBOLS[atoms.numbers], positions, *numbers]))


def _box(atoms):
    """Which tilts a box has, in words of the format, its bounds as lines, and the positions in it."""
    cell = np.asarray(atoms.cell)
    if np.array_equal(cell, np.diag(atoms.cell.lengths())):
        return "", "".join(f"0 {edge!r}\n" for edge in atoms.cell.lengths().tolist()), atoms.positions
    if atoms.cell.rank < 3:
        raise ValueError("lammps-dump-text: the cell must have three vectors: give those where it is open, too")
    from ase.calculators.lammps import Prism

    prism = Prism(cell)
    x, y, z, xy, xz, yz = (float(value) for value in prism.get_lammps_prism())
    ends = ((min(0.0, xy, xz, xy + xz), x + max(0.0, xy, xz, xy + xz), xy), (min(0.0, yz), y + max(0.0, yz), xz))
    lines = "".join(f"{low!r} {high!r} {tilt!r}\n" for low, high, tilt in (*ends, (0.0, z, yz)))
    return "xy xz yz ", lines, prism.vector_to_lammps(atoms.positions)


def _ids(atoms):
    """Ids of atoms, from 1, int32 array."""
    site = np.asarray(atoms.arrays.get("site", np.arange(len(atoms))), dtype=np.int64)
    if len(site) and not 0 <= site.min() <= site.max() < INT32.max:
        raise ValueError(f"lammps-dump-text: ids must be 1 to {INT32.max}, got {site.min() + 1} to {site.max() + 1}")
    if len(np.unique(site)) < len(site):
        raise ValueError("lammps-dump-text: two atoms have the same id")
    return (site + 1).astype(np.int32)
