"""Tables of the hop rates that were used: of a tubule by class of hop, of a structure by pair of regions."""

import numpy as np

from coble.lattices import REGIONS
from coble.models.rate_rows import DETAILED_BALANCE, rates_table
from coble.render.table import Table


def rates(content, case, folder):
    """Hop rates of every wall, list of `Table`; none without the case."""
    if case is None:
        return []
    if case.has_structure:
        return [structure_table(case)]
    return [rates_table(*_rates_of_wall(case, wall)) for wall in content["walls"]]


def _rates_of_wall(case, wall):
    """The case with this wall alone, its rates from the stored calibration, and a title."""
    from coble.kmc.rates.calibration import bond_of
    from coble.models.rates import rates_from
    from coble.models.tubule import lattice_constants, regions, shape_of

    (index,) = (i for i, section in enumerate(case.wall) if section.name == wall["name"])
    alone = case.model_copy(update={"wall": (case.wall[index],)})
    parts = regions(alone, alone.walls[0], alone.wall[0], shape_of(alone))
    constants = lattice_constants(alone, alone.walls[0])
    bonds = {}
    for kind, region in parts.items():
        bonds[kind] = bond_of(wall["calibration"][REGIONS[kind]], region.diffusivity_cm2_s, constants[kind])
        if case.run.matching == "tracer":
            bonds[kind] /= wall["haven_ratio"][REGIONS[kind]]["value"]
    occupancy = {kind: region.occupancy for kind, region in parts.items()}
    return alone, rates_from(alone, bonds, occupancy), f"wall {wall['name']}"


def structure_table(case):
    """Hop rates of a structure by the regions of both ends: `Table`."""
    from coble.models.structure import structure_rates

    found = structure_rates(case)
    lattice, rate = found.lattice, found.rates.edge_rates(found.lattice)
    names, rows = lattice.regions, []
    pair = lattice.region[lattice.sources()].astype(int) * len(names) + lattice.region[lattice.target]
    for each in np.unique(pair):
        some = rate[pair == each]
        ends = [names[k] for k in divmod(int(each), len(names))]
        rows.append([*ends, f"{len(some):,}", f"{some.min():.4g}", f"{some.max():.4g}"])
    return Table(
        f"Hop rates at {case.conditions.temperature_K:g} K",
        ["from", "to", "hops", "lowest rate [1/s]", "highest rate [1/s]"],
        rows,
        words=2,
        note=f"Of an atom to one empty neighbour, in {lattice.n_class:,} classes of bonds.  {DETAILED_BALANCE}",
        name="rates",
    )
