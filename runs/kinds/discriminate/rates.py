"""Hop rates of every wall, from its stored calibration, as tables."""

from coble.lattices import REGIONS
from coble.models.rate_rows import rates_table


def rates(content, case, folder):
    """Hop rates of every wall, list of `Table`; none without the case."""
    return [rates_table(*_rates_of_wall(case, wall)) for wall in content["walls"]] if case else []


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
