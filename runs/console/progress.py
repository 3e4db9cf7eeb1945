"""Progress of a run: a live line on a terminal, a line per stage and half minute in a log, and the file status.json."""

from math import isfinite
from time import perf_counter

from rich.console import Console
from rich.text import Text

from coble.store.status import StatusFile, words

LOG_S = 30.0  # between lines of one stage in a log


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
        self._stage, self._said = None, 0.0

    def __enter__(self):
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

        Parameters
        ----------
        stage, note : str
            What is being done, and what is special to it.
        **numbers : float
            Of `coble.store.status.NUMBERS`.
        """
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
        line = ", ".join(filter(None, (stage, note, words(**numbers))))
        if self._status:
            self._status.update(Text(line))
        else:
            self.console.print(line, highlight=False, markup=False, soft_wrap=True)


class Display(Live):
    """Shows what `discriminate` reports."""

    def show(self, wall, stage, progress=None):
        """One report: the name of the wall, the stage, and where the measurement stands; time left is of the stage."""
        note, numbers = "", {}
        if progress:
            if isfinite(progress.worst_error) and progress.target_error:
                note = f"error {progress.worst_error:.3f} of {progress.target_error:g}"
            numbers = {"events": progress.n_event, "events_per_s": progress.events_per_second}
            if isfinite(progress.seconds_left):
                numbers["seconds_left"] = progress.seconds_left
        self.say(f"{wall}: {stage}", note, **numbers)


class GrowthDisplay(Live):
    """Shows where a run in which metal grows stands."""

    def show(self, run):
        """`plating, metal 0.0 to 13.1 nm, t = 1.2e-05 s, 5.3e+07 events, 2.1 M/s, 40 s left`."""
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
            simulated_s=kernel.time,
            events=int(kernel.n_event),
            events_per_s=kernel.n_event / run.seconds if run.seconds > 0 else None,
            seconds_left=run.seconds * max(0.0, 1 / part - 1) if part > 0.02 else None,
        )
