"""Whether the sites that a result.h5 holds belong together; what does not is told in a sentence."""

import numpy as np

from coble.inputs.files.faults import listed, quoted
from coble.kmc.rates.materials import METALS
from coble.lattices import SHAPES
from coble.lattices.graph.regions import MOST_REGIONS


def fault_of(species, values, regions, info, shape):
    """What is wrong with what a file says of its sites; None when nothing is."""
    if shape is None:
        if fault := _own_fault(values, regions):
            return fault
    elif species not in METALS:
        return f"its species must be {listed(METALS)}, got {species!r}"
    elif not isinstance(shape, dict) or shape.get("name") not in SHAPES:
        return f"the name of its shape must be {listed(SHAPES)}, got {quoted(shape)}"
    if not isinstance(info, dict):
        return f"its info must be an object, got {quoted(info)}"
    if not (values["site_region"] < len(regions)).all():
        return "some of its sites are of a region that there is not"
    packed = (len(values["time"]), -(-len(values["site_region"]) // 8))
    for name in ("occupied", "covered", "graded"):
        if name in values and (values[name].dtype != np.uint8 or values[name].shape != packed):
            return f"its '{name}' must be a bit for every site and frame"
    odd = [name for name in ("positions", "cell", "time") if not np.isfinite(values[name]).all()]
    return f"its {odd[0]} must be finite numbers" if odd else None


def _own_fault(values, regions):
    """The same of what only the file of a user's structure has."""
    if not 1 <= len(regions) <= MOST_REGIONS or not all(isinstance(name, str) for name in regions):
        return f"it must have 1 to {MOST_REGIONS} names of regions, got {quoted(regions)}"
    if values["cell"].shape != (3, 3) or values["periodic"].shape != (3,):
        return "its cell must have three vectors"
    if values["number"].shape != values["site_region"].shape or not (values["number"] < 119).all():
        return "it must have an atomic number for every site"
    if "frozen_number" in values and values["frozen_positions"].shape != (len(values["frozen_number"]), 3):
        return "its frozen atoms must have a position each"
    return None
