"""Small tubules of lithium with an electrolyte at the root, ready to grow."""

from dataclasses import dataclass

import numpy as np

from coble.kmc.growth.growth import Growth
from coble.kmc.network.continuum import regions_of
from coble.kmc.rates.bonds import BondModel, Mobilities
from coble.kmc.rates.materials import METALS, WALLS
from coble.kmc.rates.mobilities import mobilities
from coble.lattices import Lattice, Region, bcc, build_tubule, make_shape

LITHIUM = METALS["Li"]
A = LITHIUM.lattice_constant_A
SHELL_A = 2.0  # width δ of the interface
# A third of the bonds that fit the surface energies of lithium: tips move, facets stay.
MODEL = BondModel(first_eV=0.0273, second_eV=0.0633, temperature_K=300.0)


@dataclass(frozen=True)
class Tube:
    """A graph open at both ends, its hop rates, and the sites that touch the electrolyte."""

    graph: Lattice
    model: BondModel
    mobilities: Mobilities
    root: np.ndarray

    def filled(self, low_A, high_A, seed):
        """Metal from one height to another, channel and wall at coexistence; bool array (n_site,)."""
        z, kind = self.graph.z, self.graph.region
        x = np.select(
            [kind == Region.INTERFACE, kind == Region.WALL], [self.model.channel_occupancy, self.model.wall_occupancy]
        )
        metal = (kind == Region.BULK) & (z >= low_A) & (z < high_A)
        return metal | (np.random.default_rng(seed).random(len(z)) < x)

    def growth(self, occupied, seed, **options):
        return Growth(self.graph, A, self.model, self.mobilities, self.root, occupied, np.random.SFC64(seed), **options)


def tube(width_A, length_A, model=MODEL, *, wall=None, thickness_A=8.0, shape="single"):
    """A tubule of lithium with the diffusivities of the paper; `wall` names one of `WALLS`, or none."""
    shape = make_shape(shape, width_A, thickness_A)
    wall = WALLS[wall] if wall else None
    inside = (wall.diffusivity.value_cm2_s, wall.concentration_cm3, model.wall_occupancy) if wall else None
    periodic = build_tubule(
        shape, bcc(A, "110"), wall_density=wall.concentration_cm3 / 1e24 if wall else 0.0, segment=length_A
    )
    shell = LITHIUM.concentration_cm3, model.channel_occupancy, SHELL_A
    metal = (LITHIUM.bulk.value_cm2_s, LITHIUM.concentration_cm3, 0.999)
    regions = regions_of(shape, metal, (LITHIUM.interface.value_cm2_s, *shell), inside)
    bare = regions_of(shape, None, (LITHIUM.surface.value_cm2_s, *shell), bare=True)[Region.SURFACE]
    rates = mobilities(periodic, regions, bare, model, A)
    graph = periodic.opened()
    root = (graph.z < 0.6 * A) & (graph.region == Region.INTERFACE)
    return Tube(graph, model, rates, root)
