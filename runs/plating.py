"""Metal that grows into a tubule and is stripped out of it: one case, from its start to its result.

Records are taken at equal simulated times, a two-hundredth of the time that the channel's conductance predicts for the
whole run; a run that takes longer goes on in the same steps.  A run that was cut anywhere and resumed is the same run,
bit for bit: what is kept is the kernel's state between two chunks of events.
"""

from dataclasses import asdict, dataclass, field, replace
from math import sqrt, tau
from time import perf_counter

import numpy as np

from kmc._kernel import Exit
from kmc.bonds import PATHS, BondModel
from kmc.constants import CM2_IN_A2, ELEMENTARY_CHARGE_C
from kmc.continuum import regions_of
from kmc.creep import PowerLaw, pressure_MPa
from kmc.estimates import ratio_estimate
from kmc.growth import CHANNEL_BIN_A, Growth
from kmc.mobilities import mobilities
from kmc.slip import Slip
from lattices import Kind, bcc, free_standing, outside_particles
from runs.case import GROWTH
from runs.tubules import NM, graph_of, regions, shape_of

OBSTACLES, PLACING, RUNNING = 0, 1, 2  # purposes of a random stream
MARKED = 0.2  # middle part of the metal whose atoms are followed
ROOT_A = 2.5  # sites up to here touch the electrolyte: the first two (110) planes
FIT_BLOCKS = 16
FIT_FROM_NM = 1.0  # the metal finds its shape first
CHECKPOINT_S = 60.0
NUCLEUS = 30  # metal atoms in one piece from which on an empty tubule counts as nucleated
SLIP_KEPT = ("n_wait", "n_slip", "atoms_in", "left", "since_s", "rate_1_s")
KEPT = ("step_s", "n_record", "half_cycles", "seconds", "reason", "incubation_s")


@dataclass
class Series:
    """What was recorded, one entry per record; lengths in nm, times in s."""

    time_s: list = field(default_factory=list)
    front_nm: list = field(default_factory=list)
    void_nm: list = field(default_factory=list)
    atoms: list = field(default_factory=list)
    inserted_minus_removed: list = field(default_factory=list)
    marker_displacement_nm: list = field(default_factory=list)
    filled: list = field(default_factory=list)
    overpotential_V: list = field(default_factory=list)
    front_nm_by_bore: list = field(default_factory=list)  # one number per bore in every entry; so the next two
    void_nm_by_bore: list = field(default_factory=list)
    atoms_by_bore: list = field(default_factory=list)
    atoms_outside: list = field(default_factory=list)
    channel: list = field(default_factory=list)  # its occupancy along the axis
    way_A: dict = field(default_factory=lambda: {path: [] for path in PATHS})

    def add(self, growth):
        voids, fronts = growth.ends_by_bore_nm().T
        self.time_s.append(growth.time)
        self.front_nm.append(float(fronts.mean()))
        self.void_nm.append(float(voids.mean()))
        self.front_nm_by_bore.append(fronts.tolist())
        self.void_nm_by_bore.append(voids.tolist())
        self.atoms_by_bore.append(growth.atoms_by_bore().tolist())
        self.atoms_outside.append(growth.atoms_outside())
        self.atoms.append(growth.n_atom)
        self.inserted_minus_removed.append(growth.inserted_minus_removed)
        self.marker_displacement_nm.append(growth.marker_displacement_nm())
        self.filled.append(growth.filled())
        self.overpotential_V.append(growth.overpotential_V)
        self.channel.append(growth.channel_occupancy().tolist())
        for path, way in growth.displacements().items():
            self.way_A[path].append(way)

    def current_A(self):
        """Current of each path between records [A], dict of path → list: the way of its atoms over the tubule's part
        that they cross, root to tip when plating, root to metal when stripping; the first entry is 0."""
        time = np.array(self.time_s)
        span = np.where(np.array(self.overpotential_V) < 0, self.void_nm, self.front_nm) * NM
        scale = ELEMENTARY_CHARGE_C / np.maximum(span[1:], NM) / np.maximum(np.diff(time), 1e-300)
        return {path: [0.0, *(np.diff(way) * scale)] for path, way in self.way_A.items()}


@dataclass
class Plating:
    """A run: its growth, its series, its frames, and where it stands."""

    case: object
    seed: int
    growth: Growth
    law: dict
    step_s: float
    series: Series
    frames: list
    schedule: tuple = ()  # (times of the records [s], U that follows each [V]), or nothing
    n_record: int = 0
    half_cycles: int = 0
    seconds: float = 0.0
    reason: str = ""
    incubation_s: float | None = None  # when there first was a nucleus of metal

    def record(self):
        """Take down where things are; every so often with a frame."""
        self.series.add(self.growth)
        if self.incubation_s is None and self.growth.largest_piece() >= NUCLEUS:
            self.incubation_s = self.growth.time
        if self.n_record in self._frame_records():
            self.frames.append((self.growth.time, np.packbits(self.growth.occupied)))
        self.n_record += 1

    def _frame_records(self):
        """Numbers of the records that come with a frame; beyond the predicted end they go on."""
        setup = self.case.growth
        if not setup.frames:
            return ()
        if setup.frame_spacing == "linear":
            return range(0, self.n_record + 1, max(1, setup.records // setup.frames))
        return {0, *np.rint(setup.records ** (np.arange(setup.frames + 1) / setup.frames)).astype(int)}

    def occupied_in(self, frame):
        """Where the atoms were in a frame, bool array (n_site,)."""
        return np.unpackbits(self.frames[frame][1], count=self.growth.graph.n_site).astype(bool)

    def run(self, should_stop=lambda: False, report=lambda run: None, keep=lambda run: None):
        """Go on to the end, or until `should_stop()`; `keep` is called once a minute, to write a checkpoint."""
        started, kept = perf_counter() - self.seconds, perf_counter()
        while not self.reason:

            def look():
                nonlocal kept
                self.seconds = perf_counter() - started
                report(self)
                if perf_counter() - kept > CHECKPOINT_S:
                    keep(self)
                    kept = perf_counter()
                return should_stop()

            setup, kernel = self.case.growth, self.growth.kernel
            done = self.growth.run(self._next_s(), look, setup.max_events - kernel.n_event)
            if done is None:
                return
            self.record()
            self._judge(done)
            if look() and not self.reason:
                return

    def _next_s(self):
        """Time of the next record [s]."""
        return self.schedule[0][self.n_record] if self.schedule else self.n_record * self.step_s

    def part_done(self):
        """About how much of the run is done, from 0 to 1: by time, cycles, or the square of the length."""
        setup, series = self.case.growth, self.series
        if self.schedule:
            return series.time_s[-1] / self.schedule[0][-1]
        if setup.cycles:
            return self.half_cycles / (2 * setup.cycles)
        if setup.time_s:
            return series.time_s[-1] / setup.time_s
        plating = setup.overpotential_V > 0
        length = series.front_nm if plating else series.void_nm
        if setup.until_outside_atoms:
            return series.atoms_outside[-1] / setup.until_outside_atoms
        end = setup.until_front_nm if plating else series.front_nm[-1] - setup.until_left_nm
        return (length[-1] ** 2 - length[0] ** 2) / max(end**2 - length[0] ** 2, 1e-9)

    def _judge(self, done):
        """Whether the run, or a half of a cycle, is at its end."""
        setup, series = self.case.growth, self.series
        front, void = series.front_nm[-1], series.void_nm[-1]
        plating = self.growth.overpotential_V > 0
        at_end = front >= setup.until_front_nm if plating else front - void <= setup.until_left_nm
        if plating and setup.until_outside_atoms:
            at_end = series.atoms_outside[-1] >= setup.until_outside_atoms
        if done == Exit.NO_EVENT_POSSIBLE:
            self.reason = "no event is possible"
        elif self.schedule:
            self.growth.set_overpotential(self.schedule[1][self.n_record - 1])
            if self.n_record == len(self.schedule[0]):
                self.reason = "the schedule is done"
        elif at_end and self.half_cycles + 1 < 2 * setup.cycles:
            self.half_cycles += 1
            self.growth.set_overpotential(-self.growth.overpotential_V)
        elif at_end and self.growth.overpotential_V:
            self.half_cycles += bool(setup.cycles)
            there = "the metal is outside" if setup.until_outside_atoms else "the tip is there"
            self.reason = there if plating else "the metal is gone"
        elif setup.time_s and series.time_s[-1] >= setup.time_s * (1 - 1e-12):
            self.reason = "time_s reached"
        if not self.reason and self.growth.kernel.n_event >= setup.max_events:
            self.reason = "max_events reached"

    # ---- going on later --------------------------------------------------------------------------------

    def state(self):
        """Everything that is needed to go on bit for bit, as (arrays by name, plain values)."""
        kernel = self.growth.kernel.state()
        random = kernel.pop("random")
        words = random["state"]["state"]
        arrays = {f"kernel_{name}": value for name, value in kernel.items()}
        arrays |= {"random_words": words, "asleep": self.growth.asleep}
        arrays["frames"] = np.array([bits for _, bits in self.frames], dtype=np.uint8)
        plain = {
            "case_digest": self.case.digest(GROWTH),
            "seed": self.seed,
            "overpotential_V": self.growth.overpotential_V,
            "series": asdict(self.series),
            "frame_times_s": [time for time, _ in self.frames],
            "slip": {name: getattr(self.growth.slip, name) for name in SLIP_KEPT} if self.growth.slip else {},
            **{name: getattr(self, name) for name in KEPT},
        }
        return arrays, plain

    def restore(self, arrays, plain):
        """Go back to a state of the same case."""
        if plain["case_digest"] != self.case.digest(GROWTH) or plain["seed"] != self.seed:
            raise ValueError("the checkpoint is that of another case or seed")
        self.growth.set_overpotential(plain["overpotential_V"])
        kernel = {name[7:]: value for name, value in arrays.items() if name.startswith("kernel_")}
        kernel["random"] = self.growth.kernel.bit_generator.state
        kernel["random"]["state"]["state"] = arrays["random_words"]
        self.growth.kernel.restore(kernel)
        self.growth.asleep[:] = arrays["asleep"]
        for name, value in plain["slip"].items():
            setattr(self.growth.slip, name, value)
        self.series = Series(**plain["series"])
        self.frames = list(zip(plain["frame_times_s"], arrays["frames"], strict=True))
        for name in KEPT:
            setattr(self, name, plain[name])

    def channel_potential(self):
        """Electrochemical potential of the channel's atoms along the axis, eU(z) [V], over the last quarter of the run.

        From the occupancy ρ of the channel: eU = k_BT ln[ρ (1 - x) / (1 - ρ) x].  Zero is coexistence with metal.

        Returns
        -------
        dict
            z_nm, potential_V, stderr_V : lists; potentials of bins that were always full or empty are None.
        """
        model = self.growth.model
        last = np.array(self.series.channel[-(len(self.series.channel) // 4 + 1) :])
        rho, x = last.mean(axis=0), model.channel_occupancy
        error = last.std(axis=0) / sqrt(len(last))  # records lie far apart beside a hop
        known = (rho > 0) & (rho < 1)
        safe = np.where(known, rho, 0.5)
        volts = model.kT_eV * np.log(safe * (1 - x) / ((1 - safe) * x))
        slope = model.kT_eV / (safe * (1 - safe))
        pick = lambda values: [float(v) if k else None for v, k in zip(values, known, strict=True)]  # noqa: E731
        middle = (np.arange(len(rho)) + 0.5) * CHANNEL_BIN_A / NM
        return {"z_nm": middle.tolist(), "potential_V": pick(volts), "stderr_V": pick(slope * error)}

    # ---- what follows ----------------------------------------------------------------------------------

    def fit(self):
        """Mean speed of the tip, or of the metal's receding end, and B of L² = L₀² + 2 B t, as estimates or None."""
        series, stripping = self.series, self.case.growth.overpotential_V < 0
        if self.case.growth.cycles or len(set(series.overpotential_V)) > 1:
            return {"speed_nm_s": None, "b_nm2_s": None}
        time, length = np.array(series.time_s), np.array(series.void_nm if stripping else series.front_nm)
        grown = length > length[0] + FIT_FROM_NM
        if self.case.growth.until_outside_atoms:  # as long as the metal is on its way to the mouth
            grown &= length < self.case.growth.depth_nm - FIT_FROM_NM
        time, length = time[grown], length[grown]
        if len(time) <= FIT_BLOCKS:
            return {"speed_nm_s": None, "b_nm2_s": None}
        cuts = np.linspace(0, len(time) - 1, FIT_BLOCKS + 1).astype(int)
        spans = [np.diff(time[cuts])]
        return {
            "speed_nm_s": ratio_estimate([np.diff(length[cuts])], spans),
            "b_nm2_s": ratio_estimate([np.diff(length[cuts] ** 2) / 2], spans),
        }


def random_stream(seed, purpose):
    """A bit generator of its own for each purpose."""
    return np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(purpose,)))


def prepare(case, seed=None):
    """Build the tubule of a case and put the metal into it.

    Raises
    ------
    ValueError
        When no site touches the electrolyte, or there is no metal at the start.
    """
    case, seed = _at_first_step(case), case.run.seed if seed is None else seed
    setup, wall = case.growth, case.walls[0]
    periodic, graph = sites_of(case, seed)
    model = BondModel(
        case.bonds.first_eV,
        case.bonds.second_eV,
        case.conditions.temperature_K,
        wetting=case.bonds.wetting,
        channel_occupancy=case.interface.occupancy,
        wall_occupancy=1 - case.wall[0].vacancy_fraction,
    )
    parts = regions(case, wall, case.wall[0], periodic.shape)
    metal_c = case.metal_material.concentration_cm3
    surface = (case.surface_diffusivity.at(model.temperature_K), metal_c, case.interface.occupancy)
    bare = regions_of(periodic.shape, None, (*surface, case.interface.width_angstrom), bare=True)[Kind.SURFACE]
    a = case.metal_material.lattice_constant_A
    off = {path.replace(" ", "_"): 0.0 for path in setup.without}
    rates = replace(mobilities(periodic, parts, bare, model, a), **off)
    root, occupied = _root(graph, setup), _start(graph, setup, model, seed)
    growth = Growth(
        graph,
        a,
        model,
        rates,
        root,
        occupied,
        random_stream(seed, RUNNING),
        overpotential_V=setup.overpotential_V,
        ahead_A=setup.ahead_nm * NM or None,
        slip=_slip(case, graph, seed),
        marked=_markers(graph, occupied),
    )
    law = _law(case, parts[Kind.INTERFACE].diffusivity_cm2_s, bare.diffusivity_cm2_s, growth)
    step = setup.time_s / setup.records if setup.time_s else law["time_s"] / setup.records
    run = Plating(case, seed, growth, law, step, Series(), [], _schedule(setup))
    run.record()
    return run


def sites_of(case, seed):
    """A straight periodic tubule, on which bonds are calibrated, and the sites that atoms have in the case, as graphs.

    Raises
    ------
    ValueError
        When no site touches the electrolyte, or obstacles are in the way.
    """
    setup = _at_first_step(case).growth
    periodic, graph = _tubule(case, case.walls[0])
    graph = graph.subgraph(_free_sites(graph, setup, seed))
    if not _root(graph, setup).any():
        raise ValueError("no site of the channel or the wall touches the electrolyte: make insulator_nm smaller")
    return periodic, _reachable(graph, setup) if setup.obstacle_fraction else graph


def _at_first_step(case):
    """The case at the overpotential that its schedule, if it has one, starts from."""
    setup = case.growth
    if not setup.steps_V:
        return case
    return case.model_copy(update={"growth": setup.model_copy(update={"overpotential_V": setup.steps_V[0]})})


def _schedule(setup):
    """Times of all records [s] and the overpotential that follows each [V]: every step has its part of the records."""
    times, volts = [0.0], []
    for value, duration in zip(setup.steps_V or (), setup.steps_s or (), strict=True):
        n = max(1, round(setup.records * duration / sum(setup.steps_s)))
        times += [times[-1] + duration * (k + 1) / n for k in range(n)]
        volts += [value] * n
    return (times, [*volts, volts[-1]]) if volts else ()


def _slip(case, graph, seed):
    """Slip at the rate that the case asks for, or None."""
    setup, period = case.growth, metal_period(case)
    if not (setup.slip_1_s or setup.power_law_slip):
        return None
    law = PowerLaw(**case.slip.model_dump())
    radius = case.tubule.inner_width_nm / 2
    pressure = pressure_MPa(abs(setup.overpotential_V), case.metal_material.atomic_volume_A3)

    def rate(length_A):
        if setup.slip_1_s:
            return setup.slip_1_s
        length = max(length_A, period) / NM
        return law.plug_speed_nm_s(radius, length, pressure, case.conditions.temperature_K) / (period / NM)

    return Slip(graph, round(period / graph.unit), rate, seed)


def _tubule(case, wall):
    """A straight periodic tubule, on which bonds are calibrated, and the open one that metal grows in or on."""
    setup = case.growth
    if not setup.space_nm:
        periodic = graph_of(case, wall, setup.depth_nm)
        return periodic, periodic.opened()
    metal = bcc(case.metal_material.lattice_constant_A, case.tubule.axis)
    return graph_of(case, wall), free_standing(
        shape_of(case), metal, setup.depth_nm * NM, setup.space_nm * NM, setup.side
    )


def metal_period(case):
    """Axial period of the metal [Å]."""
    return float(bcc(case.metal_material.lattice_constant_A, case.tubule.axis).lengths[2])


def _free_sites(graph, setup, seed):
    """Sites that are neither under the insulator nor inside an obstacle, bool array (n_site,)."""
    free = ~((graph.kind == Kind.WALL) & (graph.z < setup.insulator_nm * NM))
    if setup.obstacle_fraction:
        rng = np.random.Generator(random_stream(seed, OBSTACLES))
        radius = setup.obstacle_radius_nm * NM
        above = setup.metal_to_nm * NM + radius  # the metal at the start stays whole
        free &= outside_particles(graph, setup.obstacle_fraction, radius, rng, above=above)
    return free


def _root(graph, setup):
    """Sites that touch the electrolyte, bool array (n_site,): channel and wall, and metal if the case says so."""
    touches = (graph.kind != Kind.METAL) | setup.metal_touches_electrolyte
    return (graph.z < ROOT_A) & touches & ((graph.kind == Kind.WALL) | (graph.bore >= 0))


def _reachable(graph, setup):
    """The graph without the sites that obstacles enclose: those to which no path leads from the electrolyte.

    Raises
    ------
    ValueError
        When no path leads to the metal at the start, or as far as it is to grow.
    """
    label = graph.components()
    there = np.isin(label, np.unique(label[_root(graph, setup)]))
    inside = there & (graph.kind == Kind.METAL) & (graph.bore >= 0)
    reach_nm = graph.z[inside].max(initial=0.0) / NM
    wanted, name = (
        (setup.until_front_nm, "until_front_nm")
        if setup.overpotential_V > 0
        else (
            setup.metal_from_nm,
            "the metal, which starts at metal_from_nm",
        )
    )
    if reach_nm < wanted - ROOT_A / NM:
        raise ValueError(
            f"obstacles close the tubule at {reach_nm:.1f} nm: no path of free sites, in the bore, along its wall or "
            f"through it, leads from the electrolyte to {name} = {wanted:g} nm, and atoms have no other way; make "
            "obstacle_fraction smaller, or try another seed"
        )
    graph = graph.subgraph(there)
    return replace(graph, notes=graph.notes | {"sites_enclosed": int((~there).sum())})


def _start(graph, setup, model, seed):
    """Metal where the case wants it; channel and wall at random in equilibrium with it."""
    rng = np.random.Generator(random_stream(seed, PLACING))
    filled = np.where(graph.kind == Kind.WALL, model.wall_occupancy, model.channel_occupancy)
    solid = (graph.z >= setup.metal_from_nm * NM) & (graph.z < setup.metal_to_nm * NM)
    if setup.side == "inside":
        solid &= graph.bore >= 0
    occupied = np.where(graph.kind == Kind.METAL, solid, rng.random(graph.n_site) < filled)
    if setup.metal_to_nm and not occupied[graph.kind == Kind.METAL].any():
        raise ValueError("no metal at the start: metal_from_nm to metal_to_nm holds no site")
    return occupied


def _markers(graph, occupied):
    """Atoms in the core and in the middle of the metal: they do not take part in the exchange with the channel."""
    metal = occupied & (graph.kind == Kind.METAL)
    if not metal.any():
        return metal
    low, high = np.quantile(graph.z[metal], [0.5 - MARKED / 2, 0.5 + MARKED / 2])
    centres = np.array(graph.shape.centres)
    off_axis = np.linalg.norm(graph.xy[graph.column][:, None] - centres, axis=2).min(axis=1)
    core = off_axis < graph.shape.inner_width / 4
    return metal & core & (graph.z >= low) & (graph.z <= high)


def _law(case, interface_cm2_s, surface_cm2_s, growth):
    """What the channel's conductance predicts: L² = L₀² + 2 B t with B = 4 D δ f (eU/k_BT) / W [nm²/s].

    D is that of the interface, which leads to the tip, or when stripping that of the bare surface, which leads to the
    metal.  f (eU/k_BT) = [ρ(U) - x] / [x (1 - x)] is the carriers' response.  The shell that is the channel needs no
    filling, so the tip of a narrow tubule runs ahead of the continuum by area / area of the metal sites.
    """
    setup, model = case.growth, growth.model
    x, drive = model.channel_occupancy, setup.overpotential_V / model.kT_eV
    filled = 1 / (1 + (1 - x) / x * np.exp(-drive))
    response = abs(filled - x) / (x * (1 - x))
    diffusivity = surface_cm2_s if setup.overpotential_V < 0 else interface_cm2_s
    graph = growth.graph
    grown = (graph.kind == Kind.METAL) & (graph.bore >= 0)
    planes = np.unique(graph.height[grown])
    length_A = np.ptp(planes) * graph.unit * len(planes) / (len(planes) - 1)  # half a spacing beyond either end
    metal = np.count_nonzero(grown) * case.metal_material.atomic_volume_A3 / length_A
    area, perimeter = graph.shape.bore_area, graph.shape.perimeter
    if setup.side == "outside":  # a film of one layer
        area, perimeter = metal, tau * graph.shape.outer_radius
    continuum = diffusivity * CM2_IN_A2 * perimeter * case.interface.width_angstrom * response / area / NM**2
    lattice = continuum * area / metal
    ends = (setup.metal_to_nm, setup.until_front_nm)
    if setup.overpotential_V < 0:
        ends = (setup.metal_from_nm, setup.metal_to_nm - setup.until_left_nm)
    return {
        "b_continuum_nm2_s": continuum,
        "b_nm2_s": lattice,
        "response": response,
        "time_s": max(abs(ends[1] ** 2 - ends[0] ** 2), 1.0) / (2 * lattice) if lattice else setup.time_s,
    }
