"""One wall of a case, or a structure: all that is found of it, stage after stage."""

from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import perf_counter
from zlib import crc32

import numpy as np

from coble.kinds.discriminate.answer import Outline, PathResult, WallResult
from coble.kinds.discriminate.freed import give_back
from coble.kinds.discriminate.knowledge.run import checked_of_wall, known_of_wall, with_knowledge
from coble.kmc.estimates.measure import PathSeries, episode_mean, measure
from coble.kmc.estimates.switched_off import expected_series, lost_if_off
from coble.kmc.estimates.tracer import trace
from coble.kmc.estimates.waiting_times import waiting_times
from coble.kmc.kernel.segment import Segment, Stopped
from coble.kmc.network.continuum import conductivity_mS_cm, siemens_metre
from coble.kmc.network.routes import coarse_network, limiting_cut, routes
from coble.lattices import Region
from coble.render.names import phrase
from coble.store.status import VERDICT
from coble.structures.maps import maps_of

# Purposes of a random stream, the last entry of its spawn key (replica, episode, wall, purpose).
MAIN, TRACER, KNOCK_OUT, WAITS = 0, 10, 20, 60
ROOM = 10  # regions that have a purpose right behind TRACER and KNOCK_OUT; those of the others are ten times these
TRACER_HOPS = 4e6  # hops of a tracer run, but at least 3 and at most 60 per atom


class Job:
    """The run of one wall or structure.

    Parameters
    ----------
    host : TubuleHost or StructureHost
    settings : dict
        Those of the result.
    workers : int
    cores : coble.kmc.estimates.cores.Share
        Where all work is done.
    traced : dict
        Futures of tracers by `host.tracer_key`, shared by all walls: metal and interface are the same behind every one.
    should_stop : callable
    report : callable (name, stage, Progress or None)
    """

    def __init__(self, host, settings, workers, cores, traced, should_stop, report):
        self.host, self.settings, self.workers, self.cores = host, settings, workers, cores
        self.traced, self.should_stop, self.report = traced, should_stop, report
        self.temperature = host.case.conditions.temperature_K

    def run(self):
        """All that is known of the wall or structure, or None when stopped before its first blocks."""
        try:
            return self._run()
        except Stopped:
            return None

    def _run(self):
        host, clock = self.host, _Clock()
        self._tell("building the graph")
        self._do(lambda: (host.graph, host.regions))
        clock.lap("build")
        self._tell("calibrating and solving the network")
        self._do(lambda: host.rates)
        clock.lap("calibrate")
        as_tracers = self.settings["matching"] == "tracer"
        solving = None if as_tracers else self.cores.submit(host.solve)
        tracers = self._tracers() if as_tracers or not self.settings["quick"] else {}
        clock.lap("tracers")
        if as_tracers:
            host = self.host = host.matched({kind: tracer.haven_ratio.value for kind, tracer in tracers.items()})
            tracers = {kind: _rescaled(t) for kind, t in tracers.items()}
            solving = self.cores.submit(host.solve)
        exact = solving.result()
        give_back()
        clock.lap("exact")
        measured = self._measure(exact)
        clock.lap("measure")
        if measured.n_block == 0:
            return None
        stream = self.settings["seed"], (0, 0, *_key(host.name, WAITS))
        waits = self._on_core(lambda: waiting_times(measured.segment.start(*stream)))
        clock.lap("waiting_times")
        found = self._on_core(partial(self._gather, exact, tracers, measured, waits, clock))
        del exact, solving  # as large as all sites
        if not self.settings["quick"]:
            with suppress(Stopped):  # what was measured stays
                for kind in measured.kinds:
                    self._switch_off(kind, found)
            clock.lap("switched_off")
        if self.settings.get("check_knowledge"):
            found.knowledge = checked_of_wall(self, host, found.knowledge)
            clock.lap("check")
        self._tell(VERDICT + found.verdict.sentence)
        return found

    def _on_core(self, work):
        """What `work` returns, done on one of the cores."""
        try:
            return self.cores.do(work)
        finally:
            give_back()

    def _do(self, work):
        """The same, but raises `Stopped` when the run was stopped before."""
        if self.should_stop():
            raise Stopped
        return self._on_core(work)

    def _tell(self, stage, progress=None):
        self.report(self.host.name, stage, progress)

    def _tracers(self):
        """Tracers of all regions in which they are followed, dict; raises `Stopped`."""
        found = {}
        for kind in self.host.traced:
            self._tell(f"tracers in {phrase(self.host.graph.regions[kind])}")
            found[kind] = self._trace(self.host.regions[kind])
        return found

    def _trace(self, region):
        """Tracers in one region; found once for all walls that share it, whichever comes first."""
        host, kind = self.host, region.kind
        mine = Future()
        found = self.traced.setdefault(host.tracer_key(kind), mine)
        if found is mine:
            try:
                mine.set_result(self._followed(region))
            except BaseException as error:  # for the other walls, too
                mine.set_exception(error)
        return found.result()

    def _followed(self, region):
        host, kind = self.host, region.kind
        return trace(
            host.graph,
            region,
            host.rates_alone(kind),
            key=_key(host.tracer_stream(kind), purpose_of(TRACER, kind)),
            hops_per_atom=float(np.clip(TRACER_HOPS / (host.graph.count(kind) * region.occupancy), 3, 60)),
            **self._running,
        )

    @property
    def _running(self):
        """How everything is run, keywords."""
        settings = {name: self.settings[name] for name in ("seed", "replicas")}
        return settings | {"pool": self.cores, "should_stop": self.should_stop}

    def _segment(self, lattice, rates, solution=None):
        """A driven segment; made on one of the cores."""
        field, start = self.host.field_kT_per_A, self.host.start_of
        return self._do(lambda: Segment(lattice, rates, field_kT_per_A=field, start=start(lattice, rates, solution)))

    def _measure(self, exact):
        return measure(
            self._segment(self.host.graph, self.host.rates, exact),
            key=_key(self.host.name, MAIN),
            target_error=self.settings["target_error"],
            max_events=self.settings["max_events"],
            expected=True,
            report=lambda progress: self._tell("driven segment", progress),
            **self._running,
        )

    def _without(self, kind, whole):
        """The current when the region `kind` holds no mobile atoms, from a run of its own: a `PathSeries`, or None."""
        if whole.kinds == (kind,):
            return PathSeries((), [np.zeros_like(c) for c in whole.conductance])
        self._tell(f"switched off: {phrase(self.host.graph.regions[kind])}")
        segment = self._segment(*self._do(lambda: self.host.without(kind)))
        return expected_series(
            segment,
            key=_key(self.host.name, purpose_of(KNOCK_OUT, kind)),
            target_error=self.settings["target_error"],
            **self._running,
        )

    def _switch_off(self, kind, found):
        """Say what is lost without a region."""
        measured = found.measurement
        if series := self._without(kind, measured):
            known = _surer(measured.total, measured.expected.total)
            found.off[kind] = series
            found.paths[kind].lost_if_off = lost_if_off(known, series.total)

    def _gather(self, exact, tracers, measured, waits, clock):
        """All that is known before paths are switched off, a `WallResult`; what is as large as all sites is let go."""
        host, to_S_m = self.host, siemens_metre(1.0, self.temperature)
        graph = host.graph
        share, formula, exact_shares = measured.shares(), host.formula, exact.shares
        expected = measured.expected.shares()
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
                lost_if_off=None,
                agreement=measured.agreement(kind),
            )
        kappa, exact_kappa = self._kappa(measured, exact)
        low, high = host.bounds(exact)
        maps = maps_of(graph, exact, [end for end in measured.end_states if end], host.field_kT_per_A)
        outline = Outline.of(measured)
        measured.segment = None
        measured.end_states = [end and replace(end, hop_rate_1_s=None) for end in measured.end_states]
        error = {kind: abs(exact_shares[kind] - value) for kind, value in (formula or {}).items()}
        net, found_in = coarse_network(graph, exact), host.found_in(exact)
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
            verdict=with_knowledge(knowledge, host.name, share, error, tuple(map(phrase, graph.regions))),
            knowledge=knowledge,
            routes=routes(net),
            cut=found_in.get("narrowest", {}).get("cut") or limiting_cut(net),
            network=net,
            off={},
            waits=waits,
            maps=maps,
            measurement=measured,
            outline=outline,
            host=host,
            seconds=clock.laps,
            notes=host.notes | found_in,
        )
        clock.lap("judge")
        return found

    def _kappa(self, measured, exact):
        """κ of wall and interface, measured and exact [mS/cm]; None twice without a wall."""
        if self.host.wall_area_A2 is None:
            return None, None
        per_flux = conductivity_mS_cm(siemens_metre(1.0, self.temperature), self.host.wall_area_A2)
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
    """Seconds that each stage took, those that it waited for a core or for another wall included."""

    def __init__(self):
        self.laps, self._last = {}, perf_counter()

    def lap(self, stage):
        now = perf_counter()
        self.laps[stage] = round(now - self._last, 3)
        self._last = now
