"""Metal that grows into a tubule and is stripped out of it: one case, from its start to its result.

Records are taken at equal simulated times, a two-hundredth of the time that the channel's conductance predicts for the
whole run; a run that takes longer goes on in the same steps.  A run that was cut anywhere and resumed is the same run,
bit for bit: what is kept is the kernel's state after any event.  Records only look: where a run ends, and where a cycle
turns, is judged between two chunks of events, so a run that is extended is the one that was long from the start.
"""

from dataclasses import asdict, dataclass, field
from math import sqrt
from time import perf_counter

import numpy as np

from coble.inputs.case import GROWTH
from coble.kinds.growth.state.kept import KeptRun, other_keys, rounded, stops_changed
from coble.kinds.growth.state.series import Series
from coble.kinds.growth.state.steps import LIMIT
from coble.kmc.estimates.estimate import ratio_estimate
from coble.kmc.growth.growth import CHANNEL_BIN_A, Growth
from coble.kmc.kernel._kernel import Exit
from coble.models.tubules.tubule import NM

FIT_BLOCKS = 16
FIT_FROM_NM = 1.0  # the metal finds its shape first
CHECKPOINT_S = 60.0
NUCLEUS = 30  # metal atoms in one piece from which on an empty tubule counts as nucleated
KEPT = ("step_s", "n_record", "n_frame", "turns", "seconds", "reason", "incubation_s")


@dataclass
class Plating:
    """A run: its growth, its series, its frames, and where it stands.

    Records and frames are taken at equal times, `n_record` and `n_frame` of them.  Outside of `run`, the state at the
    end is one more, unless it is that of the last record.
    """

    case: object
    seed: int
    growth: Growth
    law: dict
    step_s: float
    series: Series
    frames: list
    schedule: tuple = ()  # (times of the records [s], U that follows each [V]), or nothing
    program: object = None  # steps at constant current, `coble.kinds.growth.state.steps.Program`
    n_record: int = 0
    n_frame: int = 0
    turns: int = 0  # how often cycles have turned the overpotential round
    seconds: float = 0.0
    reason: str = ""  # why the run stopped; nothing while it can go on
    incubation_s: float | None = None  # when there first was a nucleus of metal
    graded_ends: list = field(default_factory=list)  # by frame: `GradedChannel.ends`

    def record(self):
        """Add a record to the series, and to some of them a frame."""
        self._look()
        if self.n_record in self._frame_records():
            self._add_frame()
            self.n_frame += 1
        self.n_record += 1

    def _look(self):
        """Add the state to the series, and say when there is a nucleus."""
        self.series.add(self.growth)
        if self.incubation_s is None and self.growth.largest_piece() >= NUCLEUS:
            self.incubation_s = self.growth.time

    def _add_frame(self):
        self.frames.append((self.growth.time, np.packbits(self.growth.pictured(self.n_frame))))
        if self.growth.graded:
            self.graded_ends.append(list(self.growth.graded.ends))

    def _add_end(self):
        """The state at the end as one more record and one more frame, unless they are there."""
        if self.growth.time > self.series.time_s[-1]:
            self._look()
        if self.frames and self.growth.time > self.frames[-1][0]:
            self._add_frame()

    def _take_end(self):
        """Without the record and the frame of the end: go on."""
        self.series, self.frames = self.series.first(self.n_record), self.frames[: self.n_frame]
        self.graded_ends = self.graded_ends[: self.n_frame]
        if self.incubation_s and self.incubation_s > self.series.time_s[-1]:  # seen at the end only
            self.incubation_s = None

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

        def look():
            nonlocal kept
            self.seconds = perf_counter() - started
            report(self)
            if perf_counter() - kept > CHECKPOINT_S:
                keep(self)
                kept = perf_counter()
            return should_stop()

        def ends():
            if look():
                return True
            self._judge()
            return bool(self.reason)

        self._take_end()
        setup, kernel = self.case.growth, self.growth.kernel
        while not self.reason:
            done = self.growth.run(self._next_s(), ends, setup.max_events - kernel.n_event)
            if done is None:
                break
            self._judge_time(done)
            if not self.reason and look():
                break
        self._add_end()

    def _next_s(self):
        """Time of the next record [s], or of the end."""
        if self.schedule:
            return self.schedule[0][self.n_record]
        following, end = self.n_record * self.step_s, self.case.growth.time_s
        if self.program:
            following = min(following, self.program.end_s(self.turns))
        return following if not end or following <= end * (1 + 1e-12) else end

    def mean_speed_nm_s(self):
        """Mean speed of the tip, when stripping of the metal's end that recedes from the root [nm/s]."""
        series = self.series
        end = series.void_nm if self.case.growth.overpotential_V < 0 else series.front_nm
        return (end[-1] - end[0]) / series.time_s[-1]

    def part_done(self):
        """About how much of the run is done, from 0 to 1: by time, cycles, or the square of the length."""
        setup, series = self.case.growth, self.series
        if self.schedule:
            return series.time_s[-1] / self.schedule[0][-1]
        if self.program:
            return min(self.n_record / setup.records, 1.0)
        if setup.cycles:
            return self.turns / (2 * setup.cycles)
        if setup.time_s:
            return series.time_s[-1] / setup.time_s
        plating = setup.overpotential_V > 0
        length = series.front_nm if plating else series.void_nm
        if setup.until_outside_atoms:
            return series.atoms_outside[-1] / setup.until_outside_atoms
        end = setup.until_front_nm if plating else series.front_nm[-1] - setup.until_left_nm
        return (length[-1] ** 2 - length[0] ** 2) / max(end**2 - length[0] ** 2, 1e-9)

    @property
    def half_cycles(self):
        """Half cycles that are done."""
        return self.turns + (self.reason == self._all_cycles)

    @property
    def _all_cycles(self):
        number = self.case.growth.cycles
        return f"all {number} cycles done" if number > 1 else "the cycle is done"

    def _judge_time(self, done):
        """What follows when the kernel stopped: a record at its time, or the end of the run."""
        setup = self.case.growth
        if done == Exit.NO_EVENT_POSSIBLE:
            self.reason = "no event is possible"
        elif done == Exit.REACHED_EVENTS:
            self.reason = f"events reached max_events = {setup.max_events:g}"
        elif self.schedule:
            self.record()
            self.growth.set_overpotential(self.schedule[1][self.n_record - 1])
            if self.n_record == len(self.schedule[0]):
                self.reason = "the last of steps_V is done"
        else:
            if self.growth.time == self.n_record * self.step_s:
                self.record()
            if self.program:
                self._judge()
            if setup.time_s and self.growth.time >= setup.time_s * (1 - 1e-12):
                self.reason = f"simulated time reached time_s = {setup.time_s:g} s"

    def _judge(self):
        """Whether the metal is where the run, or a half of a cycle, ends."""
        setup, volts = self.case.growth, self.growth.overpotential_V
        if self.program:
            self._judge_program()
            return
        reached = "" if self.schedule else end_reached(self.growth, setup)
        if reached and self.turns + 1 < 2 * setup.cycles:
            self.turns += 1
            self.growth.set_overpotential(-volts)
        elif reached:
            self.reason = self._all_cycles if setup.cycles else reached

    def _judge_program(self):
        """Whether a step is over, and with the last one the run; at its limiting current a run is over, too."""
        program, setup = self.program, self.case.growth
        reached = program.reached(self.turns, self.growth, self.series, self.n_record)
        if reached.startswith(LIMIT):
            self.reason = reached
        elif reached and self.turns + 1 < len(program.steps):
            self.turns += 1
            program.begin(self.turns, self.growth, self.n_record)
        elif reached:
            self.reason = self._all_cycles if setup.cycles else reached

    # ---- going on later --------------------------------------------------------------------------------

    def state(self):
        """Everything that is needed to go on bit for bit, as (arrays by name, plain values)."""
        kernel = self.growth.kernel.state()
        random = kernel.pop("random")
        words = random["state"]["state"]
        arrays = {f"kernel_{name}": value for name, value in kernel.items()}
        arrays |= {"random_words": words, "frozen": self.growth.frozen}
        frames = self.frames[: self.n_frame]
        arrays["frames"] = np.array([bits for _, bits in frames], dtype=np.uint8)
        plain = {
            "case": rounded(self.case.resolved(GROWTH)),
            "seed": self.seed,
            "overpotential_V": self.growth.overpotential_V,
            "chunk_left": self.growth.chunk_left,
            "series": asdict(self.series.first(self.n_record)),
            "frame_times_s": [time for time, _ in frames],
            "graded_ends": self.graded_ends[: self.n_frame],
            "slip": self.growth.slip.state if self.growth.slip else {},
            "feed": self.growth.feed.state if self.growth.feed else {},
            "graded": self.growth.graded.state if self.growth.graded else {},
            "slowing": self.growth.slowing.state if self.growth.slowing else {},
            "program": self.program.state if self.program else {},
            **{name: getattr(self, name) for name in KEPT},
        }
        return arrays, plain

    def restore(self, arrays, plain):
        """Go back to a state of the same case; keys that only say when to stop may differ, and then the end is open.

        Raises
        ------
        ValueError
            For the state of another case, one that another version of the program kept, or one that cannot be.
        """
        try:
            self._go_back(arrays, KeptRun.of(plain))
        except KeyError as missing:
            raise ValueError(f"the checkpoint lacks {missing}: another version of Coble wrote it") from None

    def _go_back(self, arrays, kept):
        growth, here = self.growth, rounded(self.case.resolved(GROWTH))
        if others := other_keys(kept.case, here):
            raise ValueError(others)
        if kept.seed != self.seed:
            raise ValueError(f"seed was {kept.seed} when the run began, and is {self.seed} now")
        has = (bool(growth.slip), bool(growth.feed), growth.graded, bool(growth.slowing))
        kept.check(arrays, growth.graph.n_site, abs(self._volts()), *has)
        kernel = {name[7:]: value for name, value in arrays.items() if name.startswith("kernel_")}
        kernel["random"] = growth.kernel.bit_generator.state
        kernel["random"]["state"]["state"] = arrays["random_words"]
        growth.set_overpotential(kept.overpotential_V)
        if growth.slowing:
            growth.slowing.restore(kept.slowing)
            growth.slow(growth.slowing.now)
        growth.frozen[:] = arrays["frozen"]
        if growth.graded:
            growth.graded.restore(kept.graded)
        growth.kernel.restore(kernel)
        if (growth.kernel.codes != growth.codes_of(growth.occupied)).any():
            raise ValueError("the checkpoint holds codes of sites that do not go with their neighbours")
        growth.chunk_left = kept.chunk_left
        if growth.slip:
            growth.slip.restore(kept.slip)
        if growth.feed:
            growth.feed.restore(kept.feed)
            self.program.restore(kept.program)
        self.series = Series(**kept.series)
        self.frames = list(zip(kept.frame_times_s, arrays["frames"], strict=True))
        self.graded_ends = kept.graded_ends
        for name in KEPT:
            setattr(self, name, getattr(kept, name))
        if stops_changed(kept.case, here):
            self.reason = ""
        if growth.n_atom - self.series.atoms[0] != growth.inserted_minus_removed:
            raise ValueError("the checkpoint holds other atoms than those that were given and taken")
        self._add_end()

    def _volts(self):
        """Overpotentials that the run can be at, without sign [V], float array."""
        setup = self.case.growth
        steps = [step.overpotential_V for step in self.program.steps] if self.program else []
        given = [volts for volts in steps if volts is not None]
        return np.array([*(setup.steps_V or ()), *given, setup.overpotential_V])

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
        found = speed_and_b(*steady(self.case.growth.model_dump(), vars(self.series)))
        return dict(zip(("speed_nm_s", "b_nm2_s"), found, strict=True))


def end_reached(growth, setup):
    """Which of the ends of its case the metal has reached, in words; nothing while it is on its way.

    Parameters
    ----------
    growth : Growth
    setup : GrowthSection
    """
    volts = growth.overpotential_V
    void, front = growth.ends_nm()
    if volts > 0 and setup.until_outside_atoms:
        reached = growth.atoms_outside() >= setup.until_outside_atoms
        return f"atoms outside reached until_outside_atoms = {setup.until_outside_atoms}" if reached else ""
    if volts > 0:
        return f"tip reached until_front_nm = {setup.until_front_nm:g} nm" if front >= setup.until_front_nm else ""
    left = front - void <= setup.until_left_nm
    return f"length of the metal fell to until_left_nm = {setup.until_left_nm:g} nm" if volts and left else ""


def steady(growth, series):
    """Times [s] and lengths [nm] of the records over which metal grows, or recedes, by one law.

    Parameters
    ----------
    growth : dict
        Section of the case.
    series : dict
        As in result.json.

    Returns
    -------
    time_s, length_nm : float arrays (n,)
        Empty when the overpotential changed, as it does at constant current.
    """
    if growth["cycles"] or growth.get("step") or len(set(series["overpotential_V"])) > 1:
        return np.zeros(0), np.zeros(0)
    time = np.array(series["time_s"])
    length = np.array(series["void_nm" if growth["overpotential_V"] < 0 else "front_nm"])
    grown = length > length[0] + FIT_FROM_NM
    if growth["until_outside_atoms"]:  # as long as the metal is on its way to the mouth
        grown &= length < growth["depth_nm"] - FIT_FROM_NM
    return time[grown], length[grown]


def law_applies(growth):
    """Whether L² = L₀² + 2 B t with the channel's B holds for a section of a case: metal that plates, at one U.

    It does not for stripping: the metal's own surface is a resistance in series, 1.5 times that of the bare wall for
    10 nm in a tubule of 5 nm (docs/growth.md).
    """
    driven = growth["overpotential_V"] > 0 and not growth["cycles"] and not growth["steps_V"]
    driven = driven and not any(growth.get(key) for key in ("current_pA", "current_mA_cm2", "step"))
    return bool(driven and growth["metal_to_nm"])


def speed_and_b(time_s, length_nm):
    """Mean speed [nm/s] and B of L² = L₀² + 2 B t [nm²/s] as estimates; None for too few records."""
    if len(time_s) <= FIT_BLOCKS:
        return None, None
    cuts = np.linspace(0, len(time_s) - 1, FIT_BLOCKS + 1).astype(int)
    spans, ends = [np.diff(time_s[cuts])], length_nm[cuts]
    return ratio_estimate([np.diff(ends)], spans), ratio_estimate([np.diff(ends**2) / 2], spans)
