"""What a run of `coble discriminate` found: of every path, of every wall, of the case."""

from dataclasses import dataclass, field

import numpy as np

from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.measure import Measurement
from coble.kmc.estimates.verdict import Verdict
from coble.kmc.estimates.waiting_times import Waits
from coble.kmc.kernel.observables import hops_by_path_and_step
from coble.render.meant import meant
from coble.structures.maps import Maps


@dataclass
class PathResult:
    """One path of one wall; see `WallResult`."""

    share: Estimate
    conductance_S_m: Estimate
    hops: int
    expected_share: Estimate  # from the rates of all hops, not their counts
    control: Estimate
    lost_if_off: Estimate | None
    agreement: tuple  # probabilities, see `coble.kmc.estimates.measure.PathSeries.agreement`


@dataclass(frozen=True)
class Outline:
    """What was run, without its sites.

    Attributes
    ----------
    regions : tuple of str
    n_site : int
    length_A : float
        Period along the axis [Å].
    steps_A : float array (n_step,)
        Axial steps of an atom [Å].
    hops : list of int64 arrays (n_path, n_step)
        Counted hops by path class and axial step, one array per replica.
    field_kT_per_A : float
    imbalance : float
        By how much rates miss detailed balance.
    """

    regions: tuple
    n_site: int
    length_A: float
    steps_A: np.ndarray = field(repr=False)
    hops: list = field(repr=False)
    field_kT_per_A: float
    imbalance: float

    @classmethod
    def of(cls, measured):
        """Of a `Measurement` whose segment is still there."""
        segment = measured.segment
        graph = segment.graph
        return cls(
            graph.regions,
            graph.n_site,
            graph.length,
            graph.steps_A * segment.tables.atom_direction,
            [hops_by_path_and_step(counted, graph) for counted in measured.hops],
            segment.field_kT_per_A,
            float(segment.rates.imbalance(graph)),
        )


@dataclass
class WallResult:
    """What was found for one wall, or for a structure.  Dicts are keyed by the index of a region.

    Attributes
    ----------
    paths : dict of int → PathResult
    kappa_mS_cm : Estimate or None
        Of wall and interface, over the wall's cross-section; None without a wall.
    tracer : dict of int → Tracer
        Of the regions that go on along the axis by themselves.
    exact_shares : dict of int → float
    formula_shares : dict of int → float, or None
    exact_kappa_mS_cm, formula_kappa_mS_cm : float or None
    exact_conductance_S_m, alone_conductance_S_m : dict of int → float
        Of the network, and of every region by itself.
    total_S_m : Estimate
        Measured conductance of all paths.
    bounds : (float, float)
        Rigorous bounds of the exact total conductance, relative to the network's: 1 and 1 at equal occupancies, where
        the network is exact.
    calibration : dict of int → float, or None
        g a² / D of each region.
    routes : list of Route
    cut : dict of region name → float
    network : networkx.DiGraph
        Exact currents between regions and slabs, see `coble.kmc.network.routes.coarse_network`.
    maps : Maps
    off : dict of int → PathSeries
        Of the runs in which that region held no mobile atoms.
    knowledge : Knowledge or None
        Shares over the ranges of unknown numbers; see `coble.kinds.discriminate.knowledge.shares`.
    waits : Waits or None
        Waiting times between events of the driven segment; None where nothing can move.
    measurement : Measurement
        Without its segment, and without hop rates of its end states.
    outline : Outline
    host : TubuleHost or StructureHost
    notes : dict
        What there is to tell of the lattice.
    """

    name: str
    paths: dict
    kappa_mS_cm: Estimate | None
    tracer: dict
    exact_shares: dict
    exact_kappa_mS_cm: float | None
    exact_conductance_S_m: dict
    alone_conductance_S_m: dict
    total_S_m: Estimate
    bounds: tuple
    formula_shares: dict | None
    formula_kappa_mS_cm: float | None
    calibration: dict | None
    verdict: Verdict
    routes: list
    cut: dict
    network: object = field(repr=False)
    maps: Maps = field(repr=False)
    off: dict = field(repr=False)
    knowledge: object = field(repr=False)
    waits: Waits | None = field(repr=False)
    measurement: Measurement = field(repr=False)
    outline: Outline = field(repr=False)
    host: object = field(repr=False)
    seconds: dict
    notes: dict = field(repr=False)

    @property
    def graph(self):
        """The lattice; built again where it was let go, so that not all walls are in memory."""
        return self.host.graph

    @property
    def reason(self):
        """Why the run ended."""
        return self.measurement.reason


@dataclass
class Discrimination:
    """All walls of a case, and the seconds that the run took."""

    case: object
    walls: list
    settings: dict
    interrupted: bool
    seconds: float | None = None

    def __getitem__(self, name):
        """The result of a wall by its name."""
        for wall in self.walls:
            if wall.name == name:
                return wall
        raise KeyError(f"no wall {name!r}; {meant(name, [wall.name for wall in self.walls])}")
