"""Files that list atoms species by species: which rows hold which atoms, and the site of every row of a POSCAR."""

import numpy as np

GROUPED = ("vasp", "vasp-xdatcar", "eon", "elk-in")  # of ASE's formats those with one block per species
ROWS = "Rows: one block per species, in each of them in the order of site"


def in_blocks(atoms):
    """Atoms put together by species.

    Parameters
    ----------
    atoms : ase.Atoms

    Returns
    -------
    ase.Atoms
        The species in the order in which they first appear, X (empty) last; the order within a species, all arrays,
        info and constraints stay.
    """
    _, first, species = np.unique(atoms.numbers, return_index=True, return_inverse=True)
    order = np.lexsort((first[species], atoms.numbers == 0))
    return atoms[order]


def name_sites(path, atoms):
    """Add to every row of a POSCAR that was written from `atoms` the number of its site, behind position and flags.

    Readers take a row's first words and no more.  The first line, which is a comment, says what is added.
    """
    lines = path.read_text().splitlines()
    head, rows = lines[: -len(atoms)], lines[-len(atoms) :]
    head[0] = f"{head[0].rstrip()}   (each row ends with the number of its site)"
    named = [f"{row}  {site}" for row, site in zip(rows, atoms.arrays["site"].tolist(), strict=True)]
    path.write_text("\n".join([*head, *named]) + "\n")
