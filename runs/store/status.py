"""Where a run stands: a small file in its folder while it goes on, and what can be said of a folder.

A command that runs replaces `status.json` every few seconds, and takes it back when its results are written, or when
nothing is.  So a folder with this file is that of a run that goes on, or of one that was killed; whether its process
is still there decides, on the machine where it ran.  Layout: docs/cli.md.
"""

import json
import os
import platform
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from coble.inputs.files.reading import load_json
from coble.render.numbers import rounded, typeset
from coble.store.files import RESULT, not_written, remove_parts, write_json

FILE = "status.json"
SCHEMA = 1
EVERY_S = 2.0  # between writes of one stage; a write takes up to 3 ms
SILENT_S = 600.0  # a run on another machine that wrote nothing for so long may be dead
NUMBERS = ("done", "simulated_s", "events", "events_per_s", "seconds_left")
RUNNING, DONE, INTERRUPTED, DEAD, SILENT, NOTHING = "running", "done", "interrupted", "dead", "silent", "no run"
VERDICT = "verdict: "  # so begins the stage of a wall that is done
INCOMPLETE = "incomplete"  # over, but some files could not be written


def words(simulated_s=None, events=None, events_per_s=None, seconds_left=None, done=None, between=", "):
    """`41 %, t = 1.2×10⁻⁵ s, 5.3×10⁷ events, 2.1 million events/s, 40 s left of the whole`, without what is None."""
    shown = (
        (simulated_s, "t = {:.3g} s"),
        (events and rounded(events, 2), "{} events"),
        (events_per_s and pace(events_per_s), "{}"),
    )
    parts = [] if done is None else [f"{100 * done:.0f} %"]
    parts += [typeset(form.format(value)) for value, form in shown if value]
    if seconds_left is not None:
        parts.append(f"{span(seconds_left)} left" + ("" if done is None else " of the whole"))
    return between.join(parts)


def pace(events_per_s):
    """Events per second in a unit that has digits: 2.1 million events/s, 12,000 events/s."""
    if events_per_s >= 1e6:
        return f"{events_per_s / 1e6:.1f} million events/s"
    return f"{float(f'{events_per_s:.2g}'):,.0f} events/s"


def span(seconds):
    """A time as people say it: 40 s, 12 min, 3.5 h, 2 days."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.{int(seconds < 10 * size)}f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else "less than a second"


class StatusFile:
    """`status.json` of this process in a folder of results."""

    def __init__(self, folder):
        self.path = Path(folder) / FILE
        remove_parts(folder)
        self._stage, self._written = None, 0.0
        self._same = {
            "schema": SCHEMA,
            "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
            "host": platform.node(),
            "pid": os.getpid(),
            "pid_started": _process_start(os.getpid()),
            "started": _now(),
        }

    def tell(self, stage, note="", **numbers):
        """Replace the file if the stage is a new one, or the last time is long enough ago."""
        now = perf_counter()
        if stage == self._stage and now - self._written < EVERY_S:
            return
        self._stage, self._written = stage, now
        content = self._same | {"written": _now(), "stage": stage, "note": note}
        content |= {name: numbers.get(name) for name in NUMBERS}
        with suppress(OSError):  # a full disk is no reason to stop a run
            write_json(self.path, content)

    def fail(self, missing, note=""):
        """Say that the run is over, and which files could not be written, dict of name → reason."""
        content = self._same | {"written": _now(), "stage": "done", "note": note, "not_written": missing}
        content |= dict.fromkeys(NUMBERS)
        try:
            write_json(self.path, content)
        except OSError:  # no room for a second file: in the place of the first there is some
            with suppress(OSError), open(self.path, "r+", encoding="utf-8") as file:
                file.write(json.dumps(content))
                file.truncate()

    def remove(self):
        self.path.unlink(missing_ok=True)


def _now():
    return datetime.now(UTC).isoformat(timespec="seconds")


def _process_start(pid):
    """When a process was started, in ticks of its machine; 0 where nobody says; None when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except OSError:
            pass
        return 0
    state, *rest = text.rpartition(")")[2].split()  # the name before it may hold anything
    return None if state in "ZX" else int(rest[18])


# --- What can be said of a folder ---


@dataclass(frozen=True)
class State:
    """What `coble status` says of a folder.

    Attributes
    ----------
    state : str
        "running", "done", "interrupted", "incomplete" (some files could not be written), "dead" (its process is gone),
        "silent" (on another machine, not heard of for ten minutes) or "no run".
    detail : str
        Where it stands, or stood.
    advice : str
        What to do, if anything.
    """

    state: str
    detail: str
    advice: str = ""

    @property
    def goes_on(self):
        return self.state in (RUNNING, SILENT)


def read_object(path):
    """Content of a JSON file; nothing when there is none, or it is not an object."""
    try:
        found = load_json(path)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def told_by(folder, told, advice):
    """The `State` of a folder with a status.json."""
    if isinstance(missing := told.get("not_written"), dict):
        said = f"the run is over; {not_written(missing)}"
        return State(INCOMPLETE, "; ".join(filter(None, (said, str(told.get("note") or "")))), advice)
    here = told.get("host") == platform.node()
    process = f"process {told.get('pid')}" + ("" if here else f" on {told.get('host')}")
    numbers = {name: value for name in NUMBERS if isinstance(value := told.get(name), int | float)}
    where = ", ".join(filter(None, (str(told.get("stage")), str(told.get("note") or ""))))
    try:
        age = max(0.0, (datetime.now(UTC) - datetime.fromisoformat(told["written"])).total_seconds())
        heard = f"written {span(age)} ago"
    except (KeyError, TypeError, ValueError):
        age, heard = 0.0, "written some time ago"
    started = _process_start(told["pid"]) if isinstance(told.get("pid"), int) else None
    if here and (started is None or (started and told.get("pid_started") not in (0, started))):
        reached = ", ".join(filter(None, (where, words(**numbers | {"seconds_left": None}))))
        if not advice and (folder / RESULT).exists():
            advice = "result.json is whole; for the other files start again with another --out"
        advice = advice or "start again with another --out"
        return State(DEAD, f"{process} is gone; it was at: {reached} ({heard})", advice)
    where = ", ".join(filter(None, (where, words(**numbers))))
    return State(SILENT if not here and age > SILENT_S else RUNNING, f"{where} ({process}, {heard})")


def running(folder):
    """Where a run stands that goes on in a folder, in words; None when there is none."""
    told = read_object(Path(folder) / FILE)
    found = told_by(Path(folder), told, "") if told else None
    return found.detail if found and found.goes_on else None
