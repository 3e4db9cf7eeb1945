"""Progress of a run: a live line on a terminal, a line per stage and half minute in a log, and the file status.json."""

from math import isfinite
from time import perf_counter

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from coble.render.numbers import typeset
from coble.render.printable import INDENT, wrapped
from coble.store.status import VERDICT, StatusFile, words

LOG_S = 30.0  # between lines of one stage in a log
FIRST = 0.25  # part of the whole before which no time is promised: walls, points and runs take unlike times
SPINNER = 2  # columns in front of a live line
LEAST = ("simulated_s", "events", "events_per_s")  # what a line that is too wide drops, one after the other


def joined(stage, note, **numbers):
    """What there is to say, in one line."""
    return " · ".join(filter(None, (typeset(stage), typeset(note), words(**numbers, between=" · "))))


def fitting(width, stage, note="", **numbers):
    """`joined`, in so many columns: a terminal wraps a longer line, and leaves it behind when it is replaced.

    Of a line that is too wide first the least important numbers go, then the note, then the end of the stage; what is
    done and the time left stay.
    """
    left = list(LEAST)
    while cell_len(line := joined(stage, note, **numbers)) > width and (left or note):
        if left:
            numbers.pop(left.pop(0), None)
        else:
            note = ""
    if (more := cell_len(line) - width) > 0:
        line = joined(set_cell_size(stage, max(0, cell_len(stage) - more - 1)) + "…", note, **numbers)
    return line


class Live:
    """Says where a run stands while the block runs.

    Parameters
    ----------
    console : rich.console.Console or None
        None to be silent.
    folder : path-like, optional
        Where `status.json` is kept up to date.  After the block it says that files are being written, and whoever
        writes them takes it back; a block that raises takes it back itself.
    listen : callable (stage, note, numbers), optional
        Called with everything that is said.
    """

    def __init__(self, console: Console | None, folder=None, listen=None):
        self.console = console
        self._listen = listen
        self._file = StatusFile(folder) if folder is not None else None
        self._status = None
        self._stage, self._said, self._began = None, 0.0, 0.0

    def __enter__(self):
        self._began = perf_counter()
        if self._file:
            self._file.tell("starting")
        if self.console and self.console.is_terminal:
            self._status = self.console.status("starting")
            self._status.__enter__()
        return self

    def __exit__(self, exception, *rest):
        if self._status:
            self._status.__exit__(exception, *rest)
        if self._file and exception:
            self._file.remove()
        elif self._file:
            self._file.tell("writing files")

    def say(self, stage, note="", **numbers):
        """Show where things stand: in place on a terminal, below the last line in a log.

        `wall 2 of 4, Li9Al4 · switched off: the interface · 41 % · 38 s left of the whole`.

        Parameters
        ----------
        stage, note : str
            What is being done, and what is special to it.
        **numbers : float
            Of `coble.store.status.NUMBERS`.  With `done`, and without `seconds_left`, the time left is that of the
            rest at the pace so far; none before `FIRST` is done.
        """
        done = numbers.get("done")
        if done and FIRST <= done < 1:
            numbers.setdefault("seconds_left", (perf_counter() - self._began) * (1 / done - 1))
        if self._file:
            self._file.tell(stage, note, **numbers)
        if self._listen:
            self._listen(stage, note, numbers)
        if not self.console:
            return
        now, new = perf_counter(), stage != self._stage
        if not self._status and not new and now - self._said < LOG_S:
            return
        self._stage, self._said = stage, now
        if self._status:
            line = fitting(self.console.width - SPINNER, stage, note, **numbers)
            self._status.update(Text(line, no_wrap=True, overflow="ellipsis"))
        else:
            self._print(joined(stage, note, **numbers))

    def keep(self, line):
        """Print a line that stays; nothing in a notebook."""
        if isinstance(self.console, Console):
            self._print(typeset(line))

    def _print(self, line):
        for each in wrapped(line, INDENT, self.console.width).splitlines():
            self.console.print(each, highlight=False, markup=False, soft_wrap=True)


class Display(Live):
    """Shows what `discriminate` and `experiment` report."""

    _whole = None

    def of(self, names, *, quick):
        """The callable `show`, which from now on says how much of these walls is done.

        Parameters
        ----------
        names : sequence of str
            Of all walls, or structures, in their order.
        quick : bool
            Whether there are neither tracers nor paths switched off.
        """
        self._whole, self._beside = Whole(names, quick), set()
        return self.show

    def ahead(self, wall, stage, progress=None):
        """The same report of a wall whose turn to be shown has not come: it counts, and a log names its stages."""
        if not (self._whole and self._whole.knows(wall)):
            return
        done = self._whole.at(wall, stage, part_of(progress), ahead=True)
        if self.console and not self._status and not stage.startswith(VERDICT) and (wall, stage) not in self._beside:
            self._beside.add((wall, stage))
            self._print(joined(f"{self._whole.called(wall)} · {stage}", "", done=done))

    def show(self, wall, stage, progress=None, run=None):
        """One report: the name of the wall, the stage, and where the measurement stands; or, of several, its verdict.

        Parameters
        ----------
        wall, stage : str
        progress : coble.kmc.estimates.measure.Progress, optional
        run : (int, int), optional
            Which of how many runs that count alike, from 1; else that of the walls of `of`.
        """
        if stage.startswith(VERDICT):
            if self._whole and self._whole.count > 1:
                self._whole.at(wall, stage, None)
                self.keep(stage.removeprefix(VERDICT))
            return
        note, numbers, part = "", {}, part_of(progress)
        if progress:
            if isfinite(progress.worst_error) and progress.target_error:
                note = f"error {progress.worst_error:.3f} of {progress.target_error:g}"
            numbers = {"events": progress.n_event, "events_per_s": progress.events_per_second}
        if run:
            number, count = run
            numbers["done"] = (number - 1 + (part or 0.0)) / count
            wall = f"run {number} of {count}, {wall}"
        elif self._whole and self._whole.knows(wall):
            numbers["done"] = self._whole.at(wall, stage, part)
            if self._whole.count > 1:
                wall = self._whole.called(wall)
        elif part is not None:
            numbers["seconds_left"] = progress.seconds_left
        self.say(f"{wall} · {stage}", note, **numbers)


def part_of(progress):
    """What is done of a measurement, 0 to 1; None where that is not known.

    Parameters
    ----------
    progress : coble.kmc.estimates.measure.Progress or None
    """
    if progress and isfinite(left := progress.seconds_left) and progress.seconds + left:
        return progress.seconds / (progress.seconds + left)
    return None


class Whole:
    """How much of all walls is done, from the stages in which they are; several may be on their way at once.

    Walls count alike, and stages by typical parts of the time of a wall: an estimate, better with every wall.

    Parameters
    ----------
    names : sequence of str
        Of the walls.
    quick : bool
        Whether there are neither tracers nor paths switched off.
    """

    PARTS = {"building": 0.08, "calibrating": 0.04, "tracers": 0.4, "driven": 0.28, "switched off": 0.2}
    QUICK = {"building": 0.15, "calibrating": 0.15, "driven": 0.7}
    EACH = ("tracers", "switched off")  # stages that go through the regions one by one
    REGIONS = 3  # about

    def __init__(self, names, quick):
        self._names, self._parts = list(names), self.QUICK if quick else self.PARTS
        self._titles, self._done, self._most = [], dict.fromkeys(self._names, 0.0), 0.0

    @property
    def count(self):
        return len(self._names)

    def knows(self, wall):
        return wall in self._names

    def number(self, wall):
        """Of a wall, from 1."""
        return self._names.index(wall) + 1

    def called(self, wall):
        """`wall 2 of 4, Li9Al4`."""
        return f"wall {self.number(wall)} of {self.count}, {wall}"

    def at(self, wall, title, part, ahead=False):
        """What is done of the whole, 0 to 1.

        Parameters
        ----------
        wall, title : str
            Where one of the walls stands; its last title is that of its verdict.
        part : float or None
            What is done of this stage.
        ahead : bool
            Whether walls before it are on their way, too; else they are done.
        """
        if not ahead:
            self._done |= dict.fromkeys(self._names[: self.number(wall) - 1], 1.0)
        stage = next((name for name in self._parts if title.startswith(name)), None)
        if title.startswith(VERDICT):
            self._done[wall] = 1.0
        elif stage:
            if (wall, title) not in self._titles:
                self._titles.append((wall, title))
            alike = sum(of == wall and other.startswith(stage) for of, other in self._titles)
            within = part or 0.0
            if stage in self.EACH:
                within = min(1.0, (alike - 1 + within) / self.REGIONS)
            names = list(self._parts)
            here = sum(self._parts[name] for name in names[: names.index(stage)]) + self._parts[stage] * within
            self._done[wall] = max(self._done[wall], here)
        self._most = max(self._most, min(0.999, sum(self._done.values()) / self.count))
        return self._most


class GrowthDisplay(Live):
    """Shows where a run in which metal grows stands."""

    def show(self, run):
        """`plating · metal 0.0 to 13.1 nm · 41 % · t = 1.2×10⁻⁵ s · 5.3×10⁷ events · 2.1 million events/s · 40 s left`.

        The time of a run that goes on counts from its first start.
        """
        series, kernel, part, setup = run.series, run.growth.kernel, run.part_done(), run.case.growth
        stage = "plating" if setup.overpotential_V > 0 else "stripping" if setup.overpotential_V < 0 else "at rest"
        note = f"metal {series.void_nm[-1]:.1f} to {series.front_nm[-1]:.1f} nm"
        if setup.cycles:
            stage, note = "cycling", f"half cycle {run.half_cycles + 1} of {2 * setup.cycles}, {note}"
        elif run.schedule:
            stage, note = "stepping", f"at {run.growth.overpotential_V:g} V, {note}"
        self.say(
            stage,
            note,
            done=min(max(part, 0.0), 1.0),
            simulated_s=kernel.time,
            events=int(kernel.n_event),
            events_per_s=kernel.n_event / run.seconds if run.seconds > 0 else None,
            seconds_left=run.seconds * max(0.0, 1 / part - 1) if part > 0.02 else None,
        )
