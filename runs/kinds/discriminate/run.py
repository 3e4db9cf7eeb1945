"""Which path carries the Li?  One case, each of its walls: measured, exact and by formula, with a verdict.

For every wall: build the graph, calibrate its bonds, solve the network exactly, follow tracers, run the driven
segment until the shares are known, run it again with each path switched off, and judge.
"""

from dataclasses import dataclass, field, replace
from time import perf_counter
from zlib import crc32

import numpy as np

from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.measure import Measurement, PathSeries, episode_mean, lost_if_off, measure
from coble.kmc.estimates.tracer import trace
from coble.kmc.estimates.verdict import Verdict, dominant_path
from coble.kmc.estimates.waiting_times import Waits, waiting_times
from coble.kmc.kernel.lowering import RateRangeError
from coble.kmc.kernel.segment import Segment, Stopped
from coble.kmc.network import exact as network
from coble.kmc.network.continuum import (
    conductivity_mS_cm,
    shares,
    siemens_metre,
    wall_and_interface_conductivity_mS_cm,
)
from coble.kmc.network.routes import coarse_network, limiting_cut, routes
from coble.kmc.rates.calibration import calibrate
from coble.kmc.rates.table import rate_table
from coble.lattices import Lattice, Region
from coble.models.tubule import (
    exchange,
    field_kT_per_A,
    graph_of,
    lattice_constants,
    may_be_too_wide,
    regions,
    unbuildable,
)
from coble.structures.maps import Maps, maps_of

# Purposes of a random stream, the last entry of its spawn key (replica, episode, wall, purpose).
MAIN, TRACER, KNOCK_OUT, WAITS = 0, 10, 20, 60
TRACER_HOPS = 4e6  # hops of a tracer run, but at least 3 and at most 60 per atom
QUICK_ERROR = 0.03


@dataclass
class PathResult:
    """One path of one wall; see `WallResult`."""

    share: Estimate
    conductance_S_m: Estimate
    hops: int
    control: Estimate
    lost_if_off: Estimate | None
    agreement: tuple  # probabilities, see `coble.kmc.estimates.measure.PathSeries.agreement`


@dataclass
class WallResult:
    """What was found for one wall.

    Attributes
    ----------
    paths : dict of Region → PathResult
    kappa_mS_cm : Estimate
        Of wall and interface, over the wall's cross-section.
    tracer : dict of Region → Tracer
    exact_shares, formula_shares : dict of Region → float
    exact_kappa_mS_cm, formula_kappa_mS_cm : float
    exact_conductance_S_m, alone_conductance_S_m : dict of Region → float
        Of the network, and of every region by itself.
    total_S_m : Estimate
        Measured conductance of all paths.
    bounds : (float, float)
        Rigorous bounds of the exact total conductance, relative to the network's: 1 and 1 at equal occupancies, where
        the network is exact.
    calibration : dict of Region → float
        g a² / D of each region.
    routes : list of Route
    cut : dict of region name → float
    network : networkx.DiGraph
        Exact currents between regions and slabs, see `coble.kmc.network.routes.coarse_network`.
    maps : Maps
    off : dict of Region → PathSeries
        Of the runs in which that region held no mobile atoms.
    waits : Waits or None
        Waiting times between events of the driven segment; None where nothing can move.
    """

    name: str
    paths: dict
    kappa_mS_cm: Estimate
    tracer: dict
    exact_shares: dict
    exact_kappa_mS_cm: float
    exact_conductance_S_m: dict
    alone_conductance_S_m: dict
    total_S_m: Estimate
    bounds: tuple
    formula_shares: dict
    formula_kappa_mS_cm: float
    calibration: dict
    verdict: Verdict
    routes: list
    cut: dict
    network: object = field(repr=False)
    maps: Maps = field(repr=False)
    off: dict = field(repr=False)
    waits: Waits | None = field(repr=False)
    measurement: Measurement = field(repr=False)
    graph: Lattice = field(repr=False)
    seconds: dict

    @property
    def reason(self):
        """Why the run ended."""
        return self.measurement.reason


@dataclass
class Discrimination:
    """All walls of a case."""

    case: object
    walls: list
    settings: dict
    interrupted: bool

    def __getitem__(self, name):
        """The result of a wall by its name."""
        for wall in self.walls:
            if wall.name == name:
                return wall
        raise KeyError(f"no wall {name!r}; there are {', '.join(w.name for w in self.walls)}")


def discriminate(
    case, *, seed=None, replicas=None, workers=1, target_error=None, quick=False, should_stop=None, report=None
):
    """Answer the question for every wall of a case.

    Parameters
    ----------
    case : Case
    seed, replicas, target_error : optional
        Instead of the case's.
    workers : int
        Threads; the numbers do not depend on it.
    quick : bool
        A first look: standard errors of 0.03, no tracers and no runs with a path switched off.
    should_stop : callable, optional
        When it turns true, the walls done so far are returned.
    report : callable (wall name, stage, Progress or None), optional

    Returns
    -------
    Discrimination

    Raises
    ------
    RateRangeError
        When the rates of a wall's case lie too far apart, before any wall is run.
    """
    settings = {
        "seed": case.run.seed if seed is None else seed,
        "replicas": case.run.replicas if replicas is None else replicas,
        "target_error": target_error or max(case.run.target_error, QUICK_ERROR if quick else 0.0),
        "max_events": case.run.max_events,
        "matching": case.run.matching,
        "field_kT": case.run.field_kT,
        "quick": quick,
    }
    job = _Job(case, settings, workers, should_stop or (lambda: False), report or (lambda *_: None))
    walls = []
    for wall, section in zip(case.walls, case.wall, strict=True):
        if may_be_too_wide(case, wall, section):
            job.check_rates(wall, section)
    for wall, section in zip(case.walls, case.wall, strict=True):
        found = job.run(wall, section)
        if found is not None:
            walls.append(found)
        if job.should_stop():
            break
    return Discrimination(case, walls, settings, job.should_stop())


def refusals(case, command="discriminate"):
    """Why a case is refused before any work, list of str."""
    reason = unbuildable(case)
    return [reason] if reason else []


class _Job:
    """One call of `discriminate`: what all walls share."""

    def __init__(self, case, settings, workers, should_stop, report):
        self.case, self.settings, self.workers = case, settings, workers
        self.should_stop, self.report = should_stop, report
        self.temperature = case.conditions.temperature_K
        self.traced = {}  # metal and interface are the same behind every wall

    def check_rates(self, wall, section):
        """Refuse a wall whose rates cannot stand in one table, by making that table."""
        self.report(wall.name, "checking the range of the rates", None)
        graph = graph_of(self.case, wall)
        parts = regions(self.case, wall, section, graph.shape)
        bonds = {k: c.bond_conductance for k, c in calibrate(graph, parts, lattice_constants(self.case, wall)).items()}
        rates = rate_table(bonds, {kind: region.occupancy for kind, region in parts.items()}, exchange(self.case))
        try:
            Segment(graph, rates, field_kT_per_A=field_kT_per_A(self.case))
        except RateRangeError as error:
            raise RateRangeError(f"wall {wall.name!r}: {error}") from None

    def run(self, wall, section):
        """All that is known of one wall, or None when stopped before its first blocks."""
        clock = _Clock()
        tell = lambda stage, progress=None: self.report(wall.name, stage, progress)  # noqa: E731
        tell("building the graph")
        graph = graph_of(self.case, wall)
        parts = regions(self.case, wall, section, graph.shape)
        clock.lap("build")
        tell("calibrating and solving the network")
        calibration = calibrate(graph, parts, lattice_constants(self.case, wall))
        bonds = {kind: c.bond_conductance for kind, c in calibration.items()}
        occupancy = {kind: region.occupancy for kind, region in parts.items()}
        clock.lap("calibrate")
        tracers = {}
        if not self.settings["quick"] or self.settings["matching"] == "tracer":
            for kind in parts:
                tell(f"tracers in the {graph.regions[kind]}")
                try:
                    tracers[kind] = self._trace(wall, graph, parts[kind], bonds[kind])
                except Stopped:
                    return None
            clock.lap("tracers")
        if self.settings["matching"] == "tracer":
            # D* = H D_σ does not depend on the time scale: dividing the bonds by H makes D* the given D.
            bonds = {kind: g / tracers[kind].haven_ratio.value for kind, g in bonds.items()}
            tracers = {kind: _rescaled(t) for kind, t in tracers.items()}
        exact = network.solve(graph, bonds, exchange(self.case))
        clock.lap("exact")
        rates = rate_table(bonds, occupancy, exchange(self.case))
        measured = self._measure(wall, graph, rates, MAIN, lambda p: tell("driven segment", p))
        clock.lap("measure")
        if measured.n_block == 0:
            return None
        waits = waiting_times(measured.segment.start(self.settings["seed"], (0, 0, *self._key(wall.name, WAITS))))
        clock.lap("waiting_times")
        off = {}
        if not self.settings["quick"]:
            for kind in measured.kinds:
                if self.should_stop():
                    break
                off[kind] = self._without(wall, graph, bonds, occupancy, kind, measured, tell)
            clock.lap("switched_off")
        return self._gather(wall, graph, parts, calibration, bonds, exact, tracers, measured, off, waits, clock)

    def _key(self, name, purpose):
        return (crc32(name.encode()), purpose)

    def _trace(self, wall, graph, region, bond):
        """Tracers in one region; found once for all walls that share it, whichever comes first."""
        kind, n_site = region.kind, graph.count(region.kind)
        known = (kind, n_site, bond, region.occupancy, wall.name if kind == Region.WALL else None)
        if known not in self.traced:
            self.traced[known] = trace(
                graph,
                region,
                rate_table({kind: bond}, {kind: region.occupancy}),
                seed=self.settings["seed"],
                key=self._key(wall.name if kind == Region.WALL else "bore", TRACER + kind),
                replicas=self.settings["replicas"],
                workers=self.workers,
                hops_per_atom=float(np.clip(TRACER_HOPS / (n_site * region.occupancy), 3, 60)),
                should_stop=self.should_stop,
            )
        return self.traced[known]

    def _measure(self, wall, graph, rates, purpose, report, **limits):
        segment = Segment(graph, rates, field_kT_per_A=field_kT_per_A(self.case))
        limits = {"target_error": self.settings["target_error"], "max_events": self.settings["max_events"]} | limits
        return measure(
            segment,
            seed=self.settings["seed"],
            key=self._key(wall.name, purpose),
            replicas=self.settings["replicas"],
            workers=self.workers,
            should_stop=self.should_stop,
            report=report,
            **limits,
        )

    def _without(self, wall, graph, bonds, occupancy, kind, whole, tell):
        """The current when the region `kind` holds no mobile atoms, from a run of its own: a `PathSeries`, or None."""
        rest = [k for k in whole.kinds if k != kind]
        if not rest:
            return PathSeries((), [np.zeros_like(c) for c in whole.conductance])
        part = graph.subgraph(graph.region != kind)
        rates = rate_table({k: bonds[k] for k in rest}, {k: occupancy[k] for k in rest}, exchange(self.case))
        name = f"without the {graph.regions[kind]}"
        limits = {"target_error": 0.0, "max_events": whole.n_event}  # as long as the run it is compared with
        measured = self._measure(wall, part, rates, KNOCK_OUT + kind, lambda p: tell(name, p), **limits)
        return PathSeries(measured.kinds, measured.conductance) if measured.n_block > 1 else None

    def _gather(self, wall, graph, parts, calibration, bonds, exact, tracers, measured, off, waits, clock):
        to_S_m = siemens_metre(1.0, self.temperature)
        share = measured.shares()
        formula = shares(parts)
        exact_shares = exact.shares
        paths = {}
        for kind in measured.kinds:
            note = "measured share, moved by what the exact network gives for control minus share"
            paths[kind] = PathResult(
                share=share[kind],
                conductance_S_m=measured.path(kind).scaled(to_S_m),
                hops=measured.hops_of(kind),
                control=share[kind].shifted(exact.control[kind] - exact_shares[kind], note),
                lost_if_off=off.get(kind) and lost_if_off(measured.total, off[kind].total),
                agreement=measured.agreement(kind),
            )
        along_wall = [c.sum(axis=1) - c[:, Region.BULK] for c in measured.conductance]
        area = graph.shape.wall_area
        per_flux = conductivity_mS_cm(to_S_m, area)
        scale = {kind: bonds[kind] / calibration[kind].bond_conductance for kind in bonds}  # not 1 for "tracer"
        alone = {kind: calibration[kind].alone * scale[kind] for kind in bonds}
        low, high = network.bounds(exact, alone, {kind: region.occupancy for kind, region in parts.items()})
        error = {kind: abs(exact_shares[kind] - formula[kind]) for kind in formula}
        net = coarse_network(graph, exact)
        found = WallResult(
            name=wall.name,
            paths=paths,
            kappa_mS_cm=episode_mean(along_wall, "net displacement of wall and interface").scaled(per_flux),
            tracer=tracers,
            exact_shares=exact_shares,
            exact_kappa_mS_cm=sum(v for k, v in exact.path.items() if k != Region.BULK) * per_flux,
            exact_conductance_S_m={kind: value * to_S_m for kind, value in exact.path.items()},
            alone_conductance_S_m={kind: value * to_S_m for kind, value in alone.items()},
            total_S_m=measured.total.scaled(to_S_m),
            bounds=(low / exact.total, high / exact.total),
            formula_shares=formula,
            formula_kappa_mS_cm=wall_and_interface_conductivity_mS_cm(parts, area, self.temperature),
            calibration={kind: c.factor for kind, c in calibration.items()},
            verdict=dominant_path(wall.name, share, error),
            routes=routes(net),
            cut=limiting_cut(net),
            network=net,
            off={kind: series for kind, series in off.items() if series},
            waits=waits,
            maps=maps_of(graph, exact.flux, [end for end in measured.end_states if end], field_kT_per_A(self.case)),
            measurement=measured,
            graph=graph,
            seconds=clock.laps,
        )
        clock.lap("judge")
        return found


def _rescaled(tracer):
    """A tracer's numbers after the bonds were divided by its Haven ratio."""
    found = tracer.diffusivity_cm2_s.scaled(1 / tracer.haven_ratio.value)
    return replace(tracer, diffusivity_cm2_s=found)


class _Clock:
    """Seconds spent in each stage."""

    def __init__(self):
        self.laps, self._last = {}, perf_counter()

    def lap(self, stage):
        now = perf_counter()
        self.laps[stage] = round(now - self._last, 3)
        self._last = now
