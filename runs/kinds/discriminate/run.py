"""Which path carries the current?  One case, each of its walls: measured, exact and by formula, with a verdict.

For every wall, or for a structure: build the lattice, calibrate its bonds, solve the network exactly, follow tracers,
run the driven segment until the shares are known, run it again with each path switched off, and judge.
"""

from dataclasses import dataclass, field, replace
from time import perf_counter
from zlib import crc32

import numpy as np

from coble.kinds.discriminate.knowledge_run import knowledge_settings, known_of_wall, with_knowledge
from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.measure import Measurement, PathSeries, episode_mean, measure
from coble.kmc.estimates.switched_off import expected_series, lost_if_off
from coble.kmc.estimates.tracer import trace
from coble.kmc.estimates.verdict import Verdict
from coble.kmc.estimates.waiting_times import Waits, waiting_times
from coble.kmc.kernel.lowering import RateRangeError
from coble.kmc.kernel.segment import Segment, Stopped
from coble.kmc.network.continuum import conductivity_mS_cm, siemens_metre
from coble.kmc.network.routes import coarse_network, limiting_cut, routes
from coble.lattices import Lattice, Region
from coble.models.host import hosts_of
from coble.models.tubule import unbuildable
from coble.render.names import spoken
from coble.render.palette import is_colour
from coble.structures.maps import Maps, maps_of

# Purposes of a random stream, the last entry of its spawn key (replica, episode, wall, purpose).
MAIN, TRACER, KNOCK_OUT, WAITS = 0, 10, 20, 60
ROOM = 10  # regions that have a purpose right behind TRACER and KNOCK_OUT; those of the others are ten times these
TRACER_HOPS = 4e6  # hops of a tracer run, but at least 3 and at most 60 per atom
QUICK_ERROR = 0.03


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
        Shares over the ranges of what is not known; see `coble.kinds.discriminate.knowledge`.
    waits : Waits or None
        Waiting times between events of the driven segment; None where nothing can move.
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
    graph: Lattice = field(repr=False)
    seconds: dict
    notes: dict = field(repr=False)

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
    case,
    *,
    seed=None,
    replicas=None,
    workers=1,
    target_error=None,
    quick=False,
    knowledge=True,
    check_knowledge=False,
    should_stop=None,
    report=None,
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
    knowledge : bool
        Whether to say, too, what the shares are over the ranges of what is not known.
    check_knowledge : bool
        Whether to hold that against simulations at points of the prior.
    should_stop : callable, optional
        When it turns true, the walls done so far are returned.
    report : callable (wall name, stage, Progress or None), optional

    Returns
    -------
    Discrimination

    Raises
    ------
    RateRangeError
        When the rates of a wall's case lie too far apart, or too little of a structure can move, before any run.
    """
    settings = {
        "seed": case.run.seed if seed is None else seed,
        "replicas": case.run.replicas if replicas is None else replicas,
        "target_error": target_error or max(case.run.target_error, QUICK_ERROR if quick else 0.0),
        "max_events": case.run.max_events,
        "matching": case.run.matching,
        "field_kT": case.run.field_kT,
        "quick": quick,
        **knowledge_settings(knowledge, check_knowledge),
    }
    job = _Job(case, settings, workers, should_stop or (lambda: False), report or (lambda *_: None))
    walls, hosts = [], hosts_of(case)
    for host in hosts:
        if host.may_be_too_wide:
            job.check_rates(host)
        if case.has_structure and (reason := too_few_carriers(host)):
            raise RateRangeError(reason)
    for host in hosts:
        found = job.run(host)
        if found is not None:
            walls.append(found)
        if job.should_stop():
            break
    return Discrimination(case, walls, settings, job.should_stop())


def too_few_carriers(host):
    """Why nothing would move in a structure; None where something does."""
    x = host.rates.site_occupancy(host.graph)
    carriers = min(x.sum(), (1 - x).sum())
    if carriers >= 1:
        return None
    return (
        f"structure {host.name!r}: its {len(x):,} sites hold {carriers:.2g} carriers in the mean, fewer than one, so "
        "that nothing would move: repeat its cell, or change `occupancy`"
    )


def refusals(case, command="discriminate"):
    """Why a case is refused before any work, list of str."""
    if case.has_structure:
        return list(refused_of_structure(case))
    reason = unbuildable(case)
    return [reason] if reason else []


def refused_of_structure(case):
    """What a case on a structure has that only tubules can use."""
    if case.run.matching != "conductance":
        yield (
            f"run.matching: must be 'conductance' for a structure, got {case.run.matching!r}: the rates of a structure "
            "are given, not matched to tracers"
        )
    for number, region in enumerate(case.region):
        if region.colour is not None and not is_colour(region.colour):
            yield (
                f"region[{number + 1}].colour: must be a colour as matplotlib names it, like 'tab:blue' or '#0072B2', "
                f"got {region.colour!r}"
            )


class _Job:
    """One call of `discriminate`: what all walls share."""

    def __init__(self, case, settings, workers, should_stop, report):
        self.case, self.settings, self.workers = case, settings, workers
        self.should_stop, self.report = should_stop, report
        self.temperature = case.conditions.temperature_K
        self.traced = {}  # metal and interface are the same behind every wall

    def check_rates(self, host):
        """Refuse rates that cannot stand in one table, by making that table."""
        self.report(host.name, "checking the range of the rates", None)
        try:
            Segment(host.graph, host.rates, field_kT_per_A=host.field_kT_per_A)
        except RateRangeError as error:
            raise RateRangeError(f"{host.what} {host.name!r}: {error}") from None

    def run(self, host):
        """All that is known of one wall or structure, or None when stopped before its first blocks."""
        clock = _Clock()
        tell = lambda stage, progress=None: self.report(host.name, stage, progress)  # noqa: E731
        tell("building the graph")
        graph, parts = host.graph, host.regions
        clock.lap("build")
        tell("calibrating and solving the network")
        rates = host.rates
        clock.lap("calibrate")
        tracers = {}
        if not self.settings["quick"] or self.settings["matching"] == "tracer":
            for kind in host.traced:
                tell(f"tracers in the {spoken(graph.regions[kind])}")
                try:
                    tracers[kind] = self._trace(host, parts[kind])
                except Stopped:
                    return None
            clock.lap("tracers")
        if self.settings["matching"] == "tracer":
            host = host.matched({kind: tracer.haven_ratio.value for kind, tracer in tracers.items()})
            rates = host.rates
            tracers = {kind: _rescaled(t) for kind, t in tracers.items()}
        exact = host.solve()
        clock.lap("exact")
        measured = self._measure(host, rates, exact, lambda p: tell("driven segment", p))
        clock.lap("measure")
        if measured.n_block == 0:
            return None
        waits = waiting_times(measured.segment.start(self.settings["seed"], (0, 0, *_key(host.name, WAITS))))
        clock.lap("waiting_times")
        off = {}
        if not self.settings["quick"]:
            for kind in measured.kinds:
                if self.should_stop():
                    break
                off[kind] = self._without(host, kind, measured, tell)
            clock.lap("switched_off")
        return self._gather(host, exact, tracers, measured, off, waits, clock)

    def _trace(self, host, region):
        """Tracers in one region; found once for all walls that share it, whichever comes first."""
        kind, known = region.kind, host.tracer_key(region.kind)
        if known not in self.traced:
            self.traced[known] = trace(
                host.graph,
                region,
                host.rates_alone(kind),
                seed=self.settings["seed"],
                key=_key(host.tracer_stream(kind), purpose_of(TRACER, kind)),
                replicas=self.settings["replicas"],
                workers=self.workers,
                hops_per_atom=float(np.clip(TRACER_HOPS / (host.graph.count(kind) * region.occupancy), 3, 60)),
                should_stop=self.should_stop,
            )
        return self.traced[known]

    def _measure(self, host, rates, exact, report):
        start = host.start_of(host.graph, rates, exact)
        return measure(
            Segment(host.graph, rates, field_kT_per_A=host.field_kT_per_A, start=start),
            seed=self.settings["seed"],
            key=_key(host.name, MAIN),
            replicas=self.settings["replicas"],
            workers=self.workers,
            target_error=self.settings["target_error"],
            max_events=self.settings["max_events"],
            expected=True,
            should_stop=self.should_stop,
            report=report,
        )

    def _without(self, host, kind, whole, tell):
        """The current when the region `kind` holds no mobile atoms, from a run of its own: a `PathSeries`, or None."""
        if whole.kinds == (kind,):
            return PathSeries((), [np.zeros_like(c) for c in whole.conductance])
        tell(f"without the {spoken(host.graph.regions[kind])}")
        rest = host.without(kind)
        return expected_series(
            Segment(*rest, field_kT_per_A=host.field_kT_per_A, start=host.start_of(*rest)),
            seed=self.settings["seed"],
            key=_key(host.name, purpose_of(KNOCK_OUT, kind)),
            replicas=self.settings["replicas"],
            workers=self.workers,
            should_stop=self.should_stop,
        )

    def _gather(self, host, exact, tracers, measured, off, waits, clock):
        to_S_m, graph = siemens_metre(1.0, self.temperature), host.graph
        share, formula, exact_shares = measured.shares(), host.formula, exact.shares
        expected, known = measured.expected.shares(), _surer(measured.total, measured.expected.total)
        paths = {}
        for kind in measured.kinds:
            note = "share, moved by what the exact network gives for control minus share"
            surer = _surer(share[kind], expected[kind])
            paths[kind] = PathResult(
                share=share[kind],
                conductance_S_m=measured.path(kind).scaled(to_S_m),
                hops=measured.hops_of(kind),
                expected_share=expected[kind],
                control=surer.shifted(exact.control[kind] - exact_shares[kind], note),
                lost_if_off=off.get(kind) and lost_if_off(known, off[kind].total),
                agreement=measured.agreement(kind),
            )
        kappa, exact_kappa = self._kappa(host, measured, exact)
        low, high = host.bounds(exact)
        error = {kind: abs(exact_shares[kind] - value) for kind, value in (formula or {}).items()}
        net = coarse_network(graph, exact)
        knowledge = known_of_wall(self, host, exact)
        clock.lap("knowledge")
        found = WallResult(
            name=host.name,
            paths=paths,
            kappa_mS_cm=kappa,
            tracer=tracers,
            exact_shares=exact_shares,
            exact_kappa_mS_cm=exact_kappa,
            exact_conductance_S_m={kind: value * to_S_m for kind, value in exact.path.items()},
            alone_conductance_S_m={kind: value * to_S_m for kind, value in host.alone.items()},
            total_S_m=measured.total.scaled(to_S_m),
            bounds=(low / exact.total, high / exact.total),
            formula_shares=formula,
            formula_kappa_mS_cm=host.formula_kappa_mS_cm,
            calibration=host.calibration,
            verdict=with_knowledge(knowledge, host.name, share, error, tuple(map(spoken, graph.regions))),
            knowledge=knowledge,
            routes=routes(net),
            cut=limiting_cut(net),
            network=net,
            off={kind: series for kind, series in off.items() if series},
            waits=waits,
            maps=maps_of(graph, exact, [end for end in measured.end_states if end], host.field_kT_per_A),
            measurement=measured,
            graph=graph,
            seconds=clock.laps,
            notes=host.notes | host.found_in(exact),
        )
        clock.lap("judge")
        return found

    def _kappa(self, host, measured, exact):
        """κ of wall and interface, measured and exact [mS/cm]; None twice without a wall."""
        if host.wall_area_A2 is None:
            return None, None
        per_flux = conductivity_mS_cm(siemens_metre(1.0, self.temperature), host.wall_area_A2)
        along_wall = [c.sum(axis=1) - c[:, Region.BULK] for c in measured.conductance]
        found = episode_mean(along_wall, "net displacement of wall and interface").scaled(per_flux)
        return found, sum(value for kind, value in exact.path.items() if kind != Region.BULK) * per_flux


def purpose_of(purpose, kind):
    """Purpose of a random stream that belongs to one region: its number in `TRACER` or `KNOCK_OUT`."""
    return purpose + kind if kind < ROOM else ROOM * purpose + kind


def _key(name, purpose):
    return (crc32(name.encode()), purpose)


def _rescaled(tracer):
    """A tracer's numbers after the bonds were divided by its Haven ratio."""
    found = tracer.diffusivity_cm2_s.scaled(1 / tracer.haven_ratio.value)
    return replace(tracer, diffusivity_cm2_s=found)


def _surer(counted, expected):
    """The estimate with the smaller error: counted hops scatter more, unless there are few carriers."""
    return expected if expected.stderr < counted.stderr else counted


class _Clock:
    """Seconds spent in each stage."""

    def __init__(self):
        self.laps, self._last = {}, perf_counter()

    def lap(self, stage):
        now = perf_counter()
        self.laps[stage] = round(now - self._last, 3)
        self._last = now
