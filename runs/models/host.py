"""What carries a current along an axis: one period of a tubule behind one of its walls, or a structure of a user's own.

`coble discriminate` asks both the same questions.  What has no meaning for a structure is None: the continuum formula,
the factors of a calibration, the cross-section of a wall.
"""

from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np

from coble.kmc.constants import CM2_IN_A2
from coble.kmc.network.continuum import shares, wall_and_interface_conductivity_mS_cm
from coble.kmc.network.driven import driven_occupancy, tilt_kT
from coble.kmc.network.exact import bounds, isolated, solve, solve_bonds
from coble.kmc.rates.calibration import calibrate
from coble.kmc.rates.table import rate_table
from coble.lattices import Region
from coble.models.narrowest import narrowest_of
from coble.models.structures.image import formula_of
from coble.models.structures.structure import structure_rates
from coble.models.tubules.tubule import exchange, field_kT_per_A, graph_of, lattice_constants, may_be_too_wide, regions

NONE = 1e-9  # a conductance below this part of that of straight bonds is rounding
SAME = 1e-9  # difference of occupancies that is rounding


def hosts_of(case):
    """What a case has to be run for, in its order: a tubule for each of its walls, or its structure."""
    if case.has_structure:
        return [StructureHost(case)]
    shared = Shared()
    return [TubuleHost(case, index, shared=shared) for index in range(len(case.wall))]


class Shared:
    """What the walls of a case have in common: a lattice where their densities are the same, and the bore's sites.

    Attributes
    ----------
    graphs : mapping of concentration → Lattice
        As long as one of the walls has it.
    units : dict
        What regions conduct by themselves with unit bonds.
    building, conducting : threading.Lock
        Of the two: a wall waits for what another is making.
    """

    def __init__(self):
        self.graphs, self.building = WeakValueDictionary(), Lock()
        self.units, self.conducting = {}, Lock()

    def __reduce__(self):
        """A pickled wall shares nothing."""
        return Shared, ()

    def unit_of(self, graph, kind, of_wall):
        """See `coble.kmc.rates.calibration.calibrate`; `of_wall` tells apart what differs between walls."""
        key = (kind, graph.count(kind), of_wall if kind == Region.WALL else None)
        with self.conducting:
            if key not in self.units:
                self.units[key] = isolated(graph, kind)
        return self.units[key]


@dataclass
class TubuleHost:
    """One period of a tubule with one wall.

    Attributes
    ----------
    case : Case
    index : int
        Of the wall.
    haven_ratio : dict of Region → float
        Bonds are divided by it, so that diffusivities are those of tracers.
    shared : Shared
    """

    case: object
    index: int
    haven_ratio: dict | None = None
    shared: Shared = field(default_factory=Shared, repr=False, compare=False)
    what = "wall"

    @property
    def wall(self):
        return self.case.walls[self.index]

    @property
    def section(self):
        return self.case.wall[self.index]

    @property
    def name(self):
        return self.wall.name

    @cached_property
    def graph(self):
        graphs, density = self.shared.graphs, self.wall.concentration_cm3
        with self.shared.building:
            return graphs.get(density) or graphs.setdefault(density, graph_of(self.case, self.wall))

    @cached_property
    def regions(self):
        """Dict of Region → RegionTransport."""
        return regions(self.case, self.wall, self.section, self.graph.shape)

    def let_go(self):
        """Take the lattice out of memory; it is built again when asked for."""
        vars(self).pop("graph", None)

    @cached_property
    def calibrated(self):
        """Dict of Region → Calibration."""
        unit_of = partial(self.shared.unit_of, of_wall=self.wall.concentration_cm3)
        return calibrate(self.graph, self.regions, lattice_constants(self.case, self.wall), unit_of)

    @property
    def calibration(self):
        """Dict of Region → factor g a² / D."""
        return {kind: found.factor for kind, found in self.calibrated.items()}

    @property
    def field_kT_per_A(self):
        return field_kT_per_A(self.case)

    @property
    def occupancy(self):
        return {kind: region.occupancy for kind, region in self.regions.items()}

    @property
    def bonds(self):
        """Conductance of the bonds of each region [1/s], dict of Region → float."""
        haven = self.haven_ratio or dict.fromkeys(self.calibrated, 1.0)
        return {kind: found.bond_conductance / haven[kind] for kind, found in self.calibrated.items()}

    @cached_property
    def rates(self):
        return rate_table(self.bonds, self.occupancy, exchange(self.case))

    @property
    def traced(self):
        """Regions in which tracers are followed."""
        return tuple(self.regions)

    def tracer_stream(self, kind):
        """Name of the random stream of tracers: metal and interface are the same behind every wall."""
        return self.name if kind == Region.WALL else "bore"

    def tracer_key(self, kind):
        """What the diffusion of tracers in a region depends on."""
        region = self.regions[kind]
        wall = self.name if kind == Region.WALL else None
        return (kind, self.graph.count(kind), self.bonds[kind], region.occupancy, wall)

    def rates_alone(self, kind):
        """Rates of one region by itself."""
        return rate_table({kind: self.bonds[kind]}, {kind: self.regions[kind].occupancy})

    def matched(self, haven_ratio):
        """The same with tracer diffusivities equal to those of the case.

        D* = H D_σ does not depend on the time scale: dividing the bonds by H makes D* the given D.
        """
        other = TubuleHost(self.case, self.index, haven_ratio, self.shared)
        other.graph, other.regions, other.calibrated = self.graph, self.regions, self.calibrated  # not built again
        return other

    def solve(self):
        """The exact network."""
        return solve(self.graph, self.bonds, exchange(self.case))

    def start_of(self, lattice, rates, solution=None):
        """Mean occupancies with which a run starts: None, those of equilibrium, where all layers are alike."""

    def without(self, kind):
        """Lattice and rates when a region holds no mobile atoms."""
        rest = [k for k in self.regions if k != kind]
        bonds, occupancy = self.bonds, self.occupancy
        rates = rate_table({k: bonds[k] for k in rest}, {k: occupancy[k] for k in rest}, exchange(self.case))
        return self.graph.subgraph(self.graph.region != kind), rates

    @property
    def alone(self):
        """Conductance of every region by itself, dict of Region → float [Å/s]."""
        bonds = self.bonds
        return {kind: found.alone * (bonds[kind] / found.bond_conductance) for kind, found in self.calibrated.items()}

    def bounds(self, solution):
        """Rigorous bounds of the gas's total conductance [Å/s]."""
        return bounds(solution, self.alone, self.occupancy)

    @property
    def formula(self):
        """Shares by the continuum formula, dict of Region → float."""
        return shares(self.regions)

    @property
    def wall_area_A2(self):
        """Cross-section of the wall, over which κ is."""
        return self.graph.shape.wall_area

    @property
    def formula_kappa_mS_cm(self):
        return wall_and_interface_conductivity_mS_cm(
            self.regions, self.wall_area_A2, self.case.conditions.temperature_K
        )

    @property
    def may_be_too_wide(self):
        """Whether rates may lie too far apart for one table; see `coble.models.tubules.tubule.may_be_too_wide`."""
        return may_be_too_wide(self.case, self.wall, self.section)

    @property
    def notes(self):
        """What there is to tell of the lattice, dict."""
        return self.graph.notes

    def found_in(self, solution):
        """What else there is to tell of the exact currents, dict: nothing where all layers are alike."""
        return {}


@dataclass(frozen=True)
class RegionAlone:
    """A region of a structure by itself, as `coble.kmc.estimates.tracer.trace` takes it.

    Attributes
    ----------
    kind : int
    name : str
    occupancy : float
        Mean over its sites.
    flux_conductance : float
        Of the region with its exchange closed, by its network [Å/s].
    diffusivity_cm2_s : float
        Collective, along the axis, per carrier: what that conductance stands for.
    """

    kind: int
    name: str
    occupancy: float
    flux_conductance: float
    diffusivity_cm2_s: float


@dataclass
class StructureHost:
    """A structure of a user's own, one period of it.

    Attributes
    ----------
    case : Case
    """

    case: object
    what = "structure"
    calibration = wall_area_A2 = formula_kappa_mS_cm = None
    may_be_too_wide = True  # nobody knows before its rates are there

    @property
    def name(self):
        """Of the file that has the sites, without its ending."""
        return Path(self.case.structure.given).stem

    @cached_property
    def formula(self):
        """Shares by the continuum formula, dict of int → float: of a section in an image; None of all else."""
        return formula_of(self.case)

    @cached_property
    def found(self):
        """Lattice and rates, see `coble.models.structures.structure.structure_rates`."""
        return structure_rates(self.case)

    @property
    def graph(self):
        return self.found.lattice

    @property
    def rates(self):
        return self.found.rates

    @property
    def field_kT_per_A(self):
        """Field whose work over the longest axial step is the case's `field_kT` [k_B T/Å]."""
        return self.case.run.field_kT / float(self.graph.steps_A.max())

    def let_go(self):
        """Nothing: there is but one lattice, and it may come from a file."""

    @cached_property
    def regions(self):
        """Dict of int → RegionAlone."""
        return {kind: self._region(kind) for kind in self.graph.present}

    def _region(self, kind):
        keep = self.graph.region == kind
        part, rates = self.graph.subgraph(keep), self.rates.kept(keep)
        conductance = rates.edge_conductance(part)
        straight = float((conductance * part.steps_A[part.step_class] ** 2).sum()) / (2 * part.length)
        alone = self._solved(part, conductance).total if straight else 0.0
        alone = alone if alone > NONE * straight else 0.0
        carriers = float(rates.site_occupancy(part).sum())
        diffusivity = alone * part.length / carriers / CM2_IN_A2
        return RegionAlone(kind, part.regions[kind], carriers / part.n_site, alone, diffusivity)

    @property
    def traced(self):
        """Regions in which tracers are followed: those that go on along the axis by themselves, but not voxels."""
        if self.case.has_image:
            return ()
        return tuple(kind for kind, region in self.regions.items() if region.flux_conductance)

    def tracer_stream(self, kind):
        """Name of the random stream of tracers."""
        return self.name

    def tracer_key(self, kind):
        """What the diffusion of tracers in a region depends on."""
        return (self.name, kind)

    def rates_alone(self, kind):
        """Rates of one region by itself."""
        return self.rates

    def solve(self):
        """The exact network."""
        return self._solved(self.graph, self.rates.edge_conductance(self.graph))

    def _solved(self, lattice, conductance):
        """Exact currents; bonds of an image's regions are all known from their diffusivities, as in a tubule."""
        return solve_bonds(lattice, conductance, fine=not self.case.has_image)

    def start_of(self, lattice, rates, solution=None):
        """Mean occupancies with which a run of a stack starts, float array (n_site,): those that the field leads to.

        From equilibrium a stack takes hops in proportion to the fifth power of its width until its current is steady.
        Of sections, and of structures of sites, None: equilibrium.

        Parameters
        ----------
        lattice : Lattice
            The whole one, or what is left of it.
        rates : ClassRates
        solution : NetworkSolution, optional
            Of this lattice; solved when it is not given.
        """
        if not self.is_stack:
            return None
        if solution is None:
            solution = self._solved(lattice, rates.edge_conductance(lattice))
        return driven_occupancy(rates.site_occupancy(lattice), solution.potential, self.field_kT_per_A)

    @property
    def is_stack(self):
        """Whether this is an image that is not the same all along its axis."""
        return self.case.has_image and self.formula is None

    def without(self, kind):
        """Lattice and rates when a region holds no mobile atoms."""
        keep = self.graph.region != kind
        return self.graph.subgraph(keep), self.rates.kept(keep)

    @property
    def alone(self):
        """Conductance of every region by itself, dict of int → float [Å/s]."""
        return {kind: region.flux_conductance for kind, region in self.regions.items()}

    def bounds(self, solution):
        """Rigorous bounds of the gas's total conductance [Å/s]: without bonds between unequal sites it is exact."""
        x = self.rates.site_occupancy(self.graph)
        unequal = np.abs(x[self.graph.sources()] - x[self.graph.target]) > SAME
        if not unequal.any():
            return solution.total, solution.total
        equal = solve_bonds(self.graph, np.where(unequal, 0.0, self.rates.edge_conductance(self.graph)))
        return min(max(equal.total, 0.0), solution.total), solution.total

    def found_in(self, solution):
        """What else there is to tell of the exact currents, dict: of a stack of images where they are narrowest."""
        if not self.is_stack:
            return {}
        found = {"narrowest": narrowest_of(self.case, self.graph, solution)}
        return found | {"tilt_kT": tilt_kT(solution.potential, self.field_kT_per_A)}

    @property
    def notes(self):
        """What there is to tell of the lattice, dict: no numbers of single sites."""
        found = self.found
        changed = {"reconciled_max_eV": found.reconciled_max_eV, "reconciled_rms_eV": found.reconciled_rms_eV}
        return self.graph.facts | {"classes": self.graph.n_class, "wide": self.graph.wide} | changed
