"""Where Li can sit: shapes → crystals → sites → graph.  Lengths in Å; no time, no rates, no energies."""

from lattices.carve import carve, free_standing
from lattices.coordination import shell, touching
from lattices.crystals import Crystal, bcc
from lattices.graph import KINDS, MOST_SITES, SITE_BITS, Kind, SiteGraph
from lattices.obstacles import outside_particles
from lattices.published import PUBLISHED, Published
from lattices.shapes import SHAPES, Shape, make_shape
from lattices.tubule import build_box, build_tubule, common_period
from lattices.uniform import UniformLattice, uniform_lattice

__all__ = [
    "KINDS",
    "MOST_SITES",
    "PUBLISHED",
    "SHAPES",
    "SITE_BITS",
    "Crystal",
    "Kind",
    "Published",
    "Shape",
    "SiteGraph",
    "UniformLattice",
    "bcc",
    "build_box",
    "build_tubule",
    "carve",
    "common_period",
    "free_standing",
    "make_shape",
    "outside_particles",
    "shell",
    "touching",
    "uniform_lattice",
]
