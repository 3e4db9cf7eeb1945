"""Progress of a measurement: a live line on a terminal, a line per stage in a log."""

from math import isfinite

from rich.console import Console


class Live:
    """A status line on a terminal while the block runs.

    Parameters
    ----------
    console : rich.console.Console
    """

    def __init__(self, console: Console):
        self.console = console
        self._status = None

    def __enter__(self):
        if self.console.is_terminal:
            self._status = self.console.status("starting")
            self._status.__enter__()
        return self

    def __exit__(self, *exception):
        if self._status:
            self._status.__exit__(*exception)

    @property
    def on_terminal(self):
        return self._status is not None

    def say(self, line):
        """Show a line: in place on a terminal, below the last in a log."""
        if self._status:
            self._status.update(line)
        else:
            self.console.print(line, highlight=False)


class Display(Live):
    """Shows what `discriminate` reports."""

    def __init__(self, console):
        super().__init__(console)
        self._last = None

    def show(self, wall, stage, progress=None):
        """One report: the name of the wall, the stage, and where the measurement stands."""
        line = f"{wall}: {stage}"
        if self._status:
            self._status.update(line + (f", {_numbers(progress)}" if progress else ""))
        elif (wall, stage) != self._last:
            self.console.print(line, highlight=False)
        self._last = (wall, stage)


def _numbers(progress):
    """`3.6e+06 events, 5.1 M/s, error 0.012 of 0.010, 4 s left`."""
    parts = [f"{progress.n_event:.2g} events", f"{progress.events_per_second / 1e6:.1f} M/s"]
    if isfinite(progress.worst_error) and progress.target_error:
        parts.append(f"error {progress.worst_error:.3f} of {progress.target_error:g}")
    if isfinite(progress.seconds_left):
        parts.append(f"{progress.seconds_left:.0f} s left")
    return ", ".join(parts)


class GrowthDisplay(Live):
    """Shows where a run in which metal grows stands: a live line on a terminal, a line every half minute in a log."""

    LOG_S = 30.0

    def __init__(self, console):
        super().__init__(console)
        self._said = -self.LOG_S

    def show(self, run):
        """`t = 1.2e-05 s, tip 13.1 nm, 5.3e+07 events, 2.1 M/s, about 40 s left`."""
        if not self._status and run.seconds - self._said < self.LOG_S:
            return
        self._said = run.seconds
        series, kernel = run.series, run.growth.kernel
        parts = [f"t = {kernel.time:.2e} s", f"metal {series.void_nm[-1]:.1f} to {series.front_nm[-1]:.1f} nm"]
        parts.append(f"{kernel.n_event:.1e} events")
        if run.seconds > 0:
            parts.append(f"{kernel.n_event / run.seconds / 1e6:.1f} M/s")
        if run.half_cycles:
            parts.append(f"half cycle {run.half_cycles + 1}")
        part = run.part_done()
        if part > 0.02:
            parts.append(f"about {run.seconds * (1 / part - 1):.0f} s left")
        line = ", ".join(parts)
        if self._status:
            self._status.update(line)
        else:
            self.console.print(line, highlight=False)
