"""Where Li can sit: shapes → crystals → sites → graph.  Lengths in Å; no time, no rates, no energies."""

from coble.lattices.atoms.from_atoms import given_positions
from coble.lattices.crystals import Crystal, bcc
from coble.lattices.graph.coordination import shell, touching
from coble.lattices.graph.packing import MOST_SITES, SITE_BITS
from coble.lattices.graph.percolation import stuck
from coble.lattices.graph.regions import REGIONS, Region
from coble.lattices.graph.soundness import footprint
from coble.lattices.lattice import Lattice
from coble.lattices.published import PUBLISHED, Published
from coble.lattices.shapes import SHAPES, Shape, make_shape
from coble.lattices.tubules.carve import carve, free_standing
from coble.lattices.tubules.obstacles import outside_particles
from coble.lattices.tubules.tubule import build_box, build_tubule, common_period
from coble.lattices.uniform import UniformLattice, uniform_lattice

__all__ = [
    "REGIONS",
    "MOST_SITES",
    "PUBLISHED",
    "SHAPES",
    "SITE_BITS",
    "Crystal",
    "Region",
    "Published",
    "Shape",
    "Lattice",
    "UniformLattice",
    "bcc",
    "build_box",
    "build_tubule",
    "carve",
    "common_period",
    "footprint",
    "free_standing",
    "given_positions",
    "make_shape",
    "outside_particles",
    "shell",
    "stuck",
    "touching",
    "uniform_lattice",
]
