"""Creep of grains by diffusion: strain rate against size and tension, from hops, beside the exact network.

Three series of grains under one tension: the interface alone (Coble), the bulk alone (Nabarro and Herring), and both,
with a bulk so fast that the crossover lies among the sizes.  A fourth puts different tensions on one grain.
"""

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter
from zlib import crc32

import numpy as np

from coble.kmc.constants import BOLTZMANN_EV_K, CM2_IN_A2
from coble.kmc.devices.grain_creep import (
    StressedGrain,
    conductances,
    continuum_crossover,
    continuum_rate,
    crossover,
    saturation,
)
from coble.kmc.estimates.estimate import Estimate, log_slope, mean_estimate
from coble.kmc.growth.power_law_creep import pressure_MPa
from coble.kmc.kernel.segment import Stopped
from coble.lattices.tubules.grain import cubic_grain
from coble.render.numbers import plain

NM = 10.0  # Å
BLOCKS = 32  # of each replica
INTERFACE, BULK, BOTH, TENSIONS = "interface", "bulk", "both", "tensions"


@dataclass(frozen=True)
class Load:
    """One grain of a series under one tension.

    Attributes
    ----------
    series : str
    cells : int
        Edge of the grain [lattice constants].
    tension_MPa : float
    """

    series: str
    cells: int
    tension_MPa: float


@dataclass(frozen=True)
class Point:
    """What one grain under one tension did.

    Attributes
    ----------
    load : Load
    edge_nm, tension_kT : float
        d, and S Ω / k_B T.
    strain_rate : Estimate
        [1/s].
    exact, continuum : float
        The network's, and the formula's, both with the saturation of occupancies [1/s].
    to_ends, from_sides : int
        Atoms counted at the reservoirs.
    n_site, n_event : int
    """

    load: Load
    edge_nm: float
    tension_kT: float
    strain_rate: Estimate
    exact: float
    continuum: float
    to_ends: int
    from_sides: int
    n_site: int
    n_event: int


@dataclass(frozen=True)
class Law:
    """A number that a fit to a series gives: from the runs, from the network with the same weights, by theory."""

    measured: Estimate
    exact: float
    theory: float


@dataclass(frozen=True)
class CreepResult:
    """Attributes
    ----------
    points : dict of str → list of Point
        By series, those that were finished.
    exponents : dict of str → Law
        d ln ε̇ / d ln d of the first two series, d ln ε̇ / d ln S of the tensions; series with two points or more.
    crossover_nm : Law or None
        From the series of both paths; None with fewer than three points.
    own_crossover_nm : float
        Of the metal with its own bulk, by theory.
    bulk_cm2_s : dict of str → float
        Diffusivity of the bulk in each series [cm²/s].
    """

    case: object
    settings: dict
    points: dict
    exponents: dict
    crossover_nm: Law | None
    own_crossover_nm: float
    bulk_cm2_s: dict
    interrupted: bool
    seconds: float = field(compare=False)


def refusals(case, command="creep"):
    """Why the grains of a case are refused, list of str."""
    if abs(case.metal.vacancy_fraction + case.interface.occupancy - 1) < 1e-9:
        return []
    return [
        "metal.vacancy_fraction: must be 1 - interface.occupancy for creep, where metal and interface have the same "
        f"occupancy, got {case.metal.vacancy_fraction:g} beside {case.interface.occupancy:g}"
    ]


class Grains:
    """Grains of a case: what they are made of.

    ASE's crystals are not for two threads at once: hold `building` while one is built.
    """

    def __init__(self, case):
        if reasons := refusals(case):
            raise ValueError(reasons[0])
        self.building = Lock()
        self.case, self.metal = case, case.metal_material
        self.occupancy = case.interface.occupancy
        temperature_K = case.conditions.temperature_K
        self.interface_cm2_s = case.interface_diffusivity.at(temperature_K)
        # D δ of atoms as dense as the metal's
        density = case.interface_concentration_cm3 / self.metal.concentration_cm3
        self.sheet_A3_s = self.interface_cm2_s * CM2_IN_A2 * case.interface.width_angstrom * density
        own = case.metal_diffusivity.at(temperature_K)
        self.own_crossover_nm = continuum_crossover(self.sheet_A3_s, own * CM2_IN_A2) / NM
        faster = own * self.own_crossover_nm / case.creep.crossover_nm
        self.bulk_cm2_s = {BULK: own, BOTH: faster}
        self.kT_MPa = pressure_MPa(BOLTZMANN_EV_K * temperature_K, self.metal.atomic_volume_A3)

    def loads(self):
        """All grains and tensions of the case; the small tensions, which take longest to be seen, come first."""
        creep = self.case.creep
        sizes = [Load(s, cells, creep.tension_MPa) for s in (INTERFACE, BULK, BOTH) for cells in creep.grains_cells]
        return [Load(TENSIONS, creep.tension_grain_cells, tension) for tension in sorted(creep.tensions_MPa)] + sizes

    def build(self, load):
        """The `StressedGrain` of a load, and the continuum's strain rate [1/s]."""
        a, x = self.metal.lattice_constant_A, self.occupancy
        bulk_cm2_s = self.bulk_cm2_s.get(load.series, self.bulk_cm2_s[BULK])
        bonds = conductances(
            a,
            (bulk_cm2_s, self.metal.concentration_cm3, x),
            (self.interface_cm2_s, self.case.interface_concentration_cm3, x),
            self.case.interface.width_angstrom,
        )
        grain, terms = cubic_grain(a, load.cells), {}
        if load.series == BULK:
            grain = grain.without_interface()
        else:
            terms["sheet_A3_s"] = self.sheet_A3_s
        if load.series in (INTERFACE, TENSIONS):
            grain = grain.shell()
        else:
            terms["bulk_A2_s"] = bulk_cm2_s * CM2_IN_A2
        present = {kind: g for kind, g in bonds.items() if grain.graph.count(kind)}
        tension_kT = load.tension_MPa / self.kT_MPa
        continuum = continuum_rate(grain.edge_A, tension_kT, **terms) * saturation(x, tension_kT)
        return StressedGrain(grain, present, x, tension_kT), continuum

    def per_atom(self, grain):
        """Strain that an atom brings, Ω / d³."""
        return self.metal.atomic_volume_A3 / grain.edge_A**3


def creep(
    case,
    *,
    seed=None,
    replicas=None,
    workers=2,
    target_error=None,
    should_stop=lambda: False,
    report=lambda stage, note="", **numbers: None,
):
    """Strain rates of all grains of a case, and the laws that they follow.

    Parameters
    ----------
    case : Case
        Sections `creep` and `run`, and the materials.
    seed, replicas : int, optional
        Instead of the case's.
    workers : int
        Threads; the numbers do not depend on it.
    target_error : float, optional
        Relative standard error of every strain rate, instead of the case's.
    should_stop : callable
        When true, what is finished is returned.
    report : callable (stage, note, done)
        As `coble.console.progress.Live.say`.

    Returns
    -------
    CreepResult

    Raises
    ------
    ValueError
        For metal and interface of different occupancies.
    """
    started = perf_counter()
    settings = {
        "seed": case.run.seed if seed is None else seed,
        "replicas": case.run.replicas if replicas is None else replicas,
        "target_error": case.run.target_error if target_error is None else target_error,
        "max_events": case.run.max_events,
    }
    grains = Grains(case)
    points = {name: [] for name in (INTERFACE, BULK, BOTH, TENSIONS)}
    loads = grains.loads()
    with ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(_measure, grains, load, settings, should_stop) for load in loads]
        for number, job in enumerate(as_completed(jobs), 1):
            if point := job.result():
                where = f"{point.load.series}, {point.edge_nm:.1f} nm, {point.load.tension_MPa:g} MPa"
                rate = plain(point.strain_rate.as_dict())
                done = number / len(jobs)  # a large grain takes many times as long as a small one: no time is promised
                report(f"point {number} of {len(jobs)}", f"{where}: {rate} 1/s", done=done, seconds_left=None)
    for point in filter(None, (job.result() for job in jobs)):
        points[point.load.series].append(point)
    return CreepResult(
        case=case,
        settings=settings,
        points=points,
        exponents={name: law for name in (INTERFACE, BULK, TENSIONS) if (law := _exponent(name, points[name]))},
        crossover_nm=_crossover(points[BOTH], case.creep.crossover_nm),
        own_crossover_nm=grains.own_crossover_nm,
        bulk_cm2_s=grains.bulk_cm2_s,
        interrupted=sum(map(len, points.values())) < len(loads),
        seconds=perf_counter() - started,
    )


def _measure(grains, load, settings, should_stop):
    """The `Point` of a load; None when it was stopped."""
    if should_stop():
        return None
    with grains.building:
        stressed, continuum = grains.build(load)
    replicas = settings["replicas"]
    duration = min(
        stressed.duration(settings["target_error"]) / replicas,
        settings["max_events"] / replicas / stressed.solution.event_rate,
    )
    name = crc32(f"{load.series}, {load.cells}, {load.tension_MPa:g}".encode())
    try:
        runs = [stressed.run(settings["seed"], (i, name), duration, BLOCKS, should_stop) for i in range(replicas)]
    except Stopped:
        return None
    flows, to_ends, from_sides, events = zip(*runs, strict=True)
    per_atom = grains.per_atom(stressed.grain)
    return Point(
        load=load,
        edge_nm=stressed.grain.edge_A / NM,
        tension_kT=stressed.tension_kT,
        strain_rate=mean_estimate(list(flows), "atoms passed").scaled(per_atom),
        exact=stressed.flow * per_atom,
        continuum=continuum,
        to_ends=sum(to_ends),
        from_sides=sum(from_sides),
        n_site=stressed.grain.graph.n_site,
        n_event=sum(events),
    )


def _like(value, point):
    """A number without error, weighted as the measured one."""
    relative = point.strain_rate.stderr / point.strain_rate.value
    return Estimate(value, value * relative, point.strain_rate.n_eff)


def _exponent(series, points):
    if len(points) < 2 or any(point.strain_rate.value <= 0 for point in points):
        return None
    x = np.log([p.load.tension_MPa if series == TENSIONS else p.edge_nm for p in points])
    of = lambda values: log_slope(x, values)  # noqa: E731
    exact, continuum = (of([_like(getattr(p, name), p) for p in points]).value for name in ("exact", "continuum"))
    return Law(of([p.strain_rate for p in points]), exact, continuum)


def _crossover(points, theory_nm):
    if len(points) < 3:
        return None
    edge = np.array([point.edge_nm for point in points])
    exact = crossover(edge, [_like(point.exact, point) for point in points])
    return Law(crossover(edge, [point.strain_rate for point in points]), exact.value, theory_nm)
