"""Tables of the hop rates that were used: of a tubule by class of hop, of a structure by pair of regions."""

from pathlib import Path

import numpy as np

from coble.lattices import REGIONS
from coble.models.rate_numbers import COLUMNS, row
from coble.models.rate_rows import DETAILED_BALANCE, rates_table
from coble.render.table import Table

SAME_EV = 1e-9  # barriers that differ by less are one


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
    from coble.models.tubules.tubule import lattice_constants, regions, shape_of

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


def structure_table(case, temperature_K=None):
    """Hop rates of a structure by the regions of both ends, at the case's temperature or another [K]: `Table`."""
    from coble.models.structures.structure import stated_barriers, structure_rates

    temperature, name = temperature_K or case.conditions.temperature_K, Path(case.structure.given).stem
    found = structure_rates(case, temperature_K=temperature)
    lattice, rate = found.lattice, found.rates.edge_rates(found.lattice)
    names, rows, numbers = lattice.regions, [], []
    source = lattice.sources()
    pair = lattice.region[source].astype(int) * len(names) + lattice.region[lattice.target]
    x = found.rates.site_occupancy(lattice)
    barrier_eV = stated_barriers(case, lattice)
    for each in np.unique(pair):
        some = rate[pair == each]
        ends = [names[k] for k in divmod(int(each), len(names))]
        rows.append([*ends, f"{len(some):,}", f"{some.min():.4g}", f"{some.max():.4g}"])
        for one, of_rate in _equal(rate, np.flatnonzero(pair == each)):
            occupancies = (float(x[source[of_rate]].mean()), float(x[lattice.target[of_rate]].mean()))
            energy = _only(barrier_eV[of_rate])
            hops = len(of_rate)
            numbers.append(row(name, ends, temperature, one, barrier_eV=energy, occupancies=occupancies, hops=hops))
    return Table(
        f"Hop rates at {temperature:g} K",
        ["from", "to", "hops", "lowest rate [1/s]", "highest rate [1/s]"],
        rows,
        words=2,
        note=f"Rate of the hop of an atom to one empty neighbour; {lattice.n_class:,} classes.  {DETAILED_BALANCE}",
        name="rates",
        numbers=(COLUMNS, numbers),
    )


def _only(barriers_eV):
    """The barrier [eV] that all of some hops have; None where they have several, or any has none (nan)."""
    return float(barriers_eV.mean()) if np.ptp(barriers_eV) < SAME_EV else None


def _equal(rate, hops):
    """Hops of one rate, to ten digits, the slowest first: yields (rate, their numbers)."""
    order = hops[np.argsort(rate[hops], kind="stable")]
    steps = np.flatnonzero(np.diff(np.log(rate[order])) > 1e-10) + 1
    for some in np.split(order, steps):
        yield float(rate[some].mean()), some
