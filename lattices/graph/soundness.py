"""What is wrong with a lattice, and what it costs."""

from typing import TYPE_CHECKING

import numpy as np

from coble.lattices.graph.regions import REGIONS, Region

if TYPE_CHECKING:
    from coble.lattices.lattice import Lattice


def faults(lattice: "Lattice") -> list[str]:
    """See `Lattice.faults`."""
    found = []
    try:
        lattice.reverse_edges()
    except ValueError as error:
        found.append(str(error))
    if not np.array_equal(lattice.steps, -lattice.steps[::-1]):
        found.append(f"steps are not symmetric about zero: {lattice.steps.tolist()}")
    source, target = lattice.sources(), lattice.target
    bound = source == target
    if lattice.shift is not None:
        bound &= ~lattice.shift.any(axis=1)  # to its own image in another cell it may be
    if bound.any():
        found.append(f"{int(bound.sum())} sites are bound to themselves")
    miss = lattice.z[target] - lattice.z[source] - lattice.steps_A[lattice.step_class]
    if lattice.shift is not None:
        miss += lattice.shift @ lattice.vectors[:, 2]
    elif lattice.length:
        miss -= lattice.length * np.round(miss / lattice.length)
    worst = float(np.abs(miss).max(initial=0.0))
    if worst > 1e-6:
        found.append(f"an axial step differs from the positions by {worst:.2g} Å")
    is_tubule = lattice.regions == REGIONS and lattice.shift is None
    return found + _of_walls(lattice) if is_tubule else found


def _of_walls(lattice):
    """What is wrong with the walls and shells of a tubule."""
    found = []
    ends = set(np.unique(lattice.region[lattice.target[lattice.region[lattice.sources()] == Region.WALL]]).tolist())
    if ends and not ends & {Region.INTERFACE, Region.SURFACE}:
        found.append("no edge joins the wall to the bore")
    for region in (Region.INTERFACE, Region.SURFACE):
        if not lattice.count(region):
            continue
        bores = lattice.bore[lattice.region == region]
        labels = lattice.components(region)
        pieces = len(np.unique(labels * (bores.max() + 1) + bores))
        expected = lattice.notes.get("shells", len(np.unique(bores)))
        if pieces != expected:
            found.append(f"the {region.name.lower()} falls into {pieces} pieces, expected {expected}")
    return found


def footprint(lattice: "Lattice") -> dict:
    """What a lattice takes: sites, bonds, classes, whether its edges are wide, and bytes held.

    Returns
    -------
    dict
        `sites`, `bonds` (each once), `classes`, `steps` (int), `wide` (bool), `bytes` (int).
    """
    held = [value for value in (*vars(lattice).values(), *lattice.notes.values()) if isinstance(value, np.ndarray)]
    return {
        "sites": lattice.n_site,
        "bonds": lattice.n_edge // 2,
        "classes": lattice.n_class,
        "steps": len(lattice.steps),
        "wide": lattice.wide,
        "bytes": sum(values.nbytes for values in held),
    }
