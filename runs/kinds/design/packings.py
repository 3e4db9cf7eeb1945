"""How tubules share the plane of a cell: the packing that a case's cross-section stands for, and those to compare."""

from coble.kmc.devices.cell import packing_of
from coble.lattices import make_shape
from coble.models.tubules.tubule import NM, shape_of

# Name → shape and pore.  Tubules by themselves are packed as the last.
PACKINGS = {
    "layers between flat walls": ("slab", "polygonal"),
    "square cells": ("square-array", "polygonal"),
    "honeycomb": ("hexagonal-array", "polygonal"),
    "round pores, square": ("square-array", "round"),
    "round pores, hexagonal": ("hexagonal-array", "round"),
}


def packing_named(name):
    """`Packing` by its name."""
    shape, pore = PACKINGS[name]
    return packing_of(make_shape(shape, 1.0, 1.0, pore=pore, width=NM), name)  # layers: strips of 1 nm


def packing_of_case(case):
    """`Packing` of a case's cross-section."""
    shape = shape_of(case)
    pore = getattr(shape, "pore", "polygonal")
    names = [name for name, (kind, each) in PACKINGS.items() if (kind, each) == (shape.name, pore)]
    return packing_named(names[0] if names else list(PACKINGS)[-1])
