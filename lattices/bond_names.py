"""What a class of edges is, in words that a user can look up: its first bond, by sites, cells crossed and regions."""

import numpy as np

from coble.lattices.lattice import Lattice


def class_in_words(lattice: Lattice, number: int, here: int | None = None, there: int | None = None) -> str:
    """The first bond of a class, and how many more there are: "site 3 (a) to site 17 (b) and 41 more".

    Parameters
    ----------
    lattice : Lattice
    number : int
        Of the class.
    here, there : int, optional
        Regions of both ends, which a class of a narrow lattice does not fix.
    """
    source, target = lattice.sources(), lattice.target
    chosen = lattice.classes == number
    for ends, region in ((source, here), (target, there)):
        if region is not None:
            chosen &= lattice.region[ends] == region
    found = np.flatnonzero(chosen)
    if not len(found):
        return f"bonds of class {number}"
    i, j = int(source[found[0]]), int(target[found[0]])
    a, b = (lattice.regions[lattice.region[site]] for site in (i, j))
    text = f"site {i} ({a}) to site {j} ({b})"
    if lattice.shift is not None and (cells := given_shift(lattice, found[0])).any():
        text += f" in cell ({', '.join(f'{int(each):+d}' if each else '0' for each in cells)})"
    return text if len(found) == 1 else f"{text} and {len(found) - 1:,} more"


def vectors_order(lattice: Lattice) -> list[int]:
    """Which vector of the structure's cell each of the lattice's three is: the transport axis is the last here."""
    axis = "xyz".index(lattice.notes.get("axis", "z"))
    return [(axis + k) % 3 for k in (1, 2, 0)]


def given_shift(lattice: Lattice, edge: int) -> np.ndarray:
    """Cells that an edge crosses between the atoms as they were given, along the vectors as given; int array (3,)."""
    shift = lattice.shift[edge].astype(np.int64)
    if "cells_moved" in lattice.notes:
        moved = np.asarray(lattice.notes["cells_moved"], dtype=np.int64)
        shift[2] -= moved[lattice.target[edge]] - moved[lattice.sources()[edge]]
    return shift[np.argsort(vectors_order(lattice))]
