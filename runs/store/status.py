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
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from os.path import exists, isdir
from pathlib import Path
from time import perf_counter

from coble.inputs.reading import load_json
from coble.store.contents import intact
from coble.store.files import CAMPAIGN, RESULT, not_written, write_json

FILE = "status.json"
SCHEMA = 1
EVERY_S = 2.0  # between writes of one stage; a write takes up to 3 ms
SILENT_S = 600.0  # a run on another machine that wrote nothing for so long may be dead
NUMBERS = ("simulated_s", "events", "events_per_s", "seconds_left")
RUNNING, DONE, INTERRUPTED, DEAD, SILENT, NOTHING = "running", "done", "interrupted", "dead", "silent", "no run"
INCOMPLETE = "incomplete"  # over, but some files could not be written


def words(simulated_s=None, events=None, events_per_s=None, seconds_left=None):
    """`t = 1.2e-05 s, 5.3e+07 events, 2.1 M/s, 40 s left`, without what is None."""
    shown = (
        (simulated_s, "t = {:.3g} s"),
        (events, "{:.2g} events"),
        (events_per_s and events_per_s / 1e6, "{:.1f} M/s"),
    )
    parts = [form.format(value) for value, form in shown if value]
    return ", ".join(parts + ([f"{span(seconds_left)} left"] if seconds_left is not None else []))


def span(seconds):
    """A time as people say it: 40 s, 12 min, 3.5 h, 2 days."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.{int(seconds < 10 * size)}f} {unit}"
    return f"{seconds:.0f} s"


class StatusFile:
    """`status.json` of this process in a folder of results."""

    def __init__(self, folder):
        self.path = Path(folder) / FILE
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

    def fail(self, missing):
        """Say that the run is over, and which files could not be written, dict of name → reason."""
        content = self._same | {"written": _now(), "stage": "done", "note": "", "not_written": missing}
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


def state_of(folder):
    """The `State` of a folder of results; whatever is in it, nothing is raised."""
    folder = Path(folder)
    told = _read(folder / FILE)
    campaign = _read(folder / CAMPAIGN)
    can_go_on = bool(campaign) or exists(folder / "checkpoint.h5")
    advice = f"go on with: coble {'resume' if campaign else 'run --resume'} {folder}" if can_go_on else ""
    if told:
        return _told(folder, told, advice)
    name, content = (CAMPAIGN, campaign) if campaign else (RESULT, _read(folder / RESULT))
    if content.get("schema", SCHEMA) != SCHEMA:
        return State(
            NOTHING, f"its {name}: schema must be {SCHEMA}, got {content['schema']!r}: made by another version"
        )
    try:
        if content:
            found = (_of_campaign if campaign else _of_result)(content, advice)
            changed = f"; {name} was changed after it was written" if intact(content) is False else ""
            return replace(found, detail=found.detail + changed)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
        can_go_on = False  # JSON, but not of a run
    if can_go_on:
        return State(INTERRUPTED, "no results, but a checkpoint", advice)
    damaged = [name for name in (CAMPAIGN, RESULT) if exists(folder / name)]
    if damaged:
        return State(NOTHING, f"its {damaged[0]} is damaged", advice)
    why = "no such folder" if not exists(folder) else "not a folder" if not isdir(folder) else "holds no results"
    return State(NOTHING, why)


def _read(path):
    """Content of a JSON file; nothing when there is none, or it is not an object."""
    try:
        found = load_json(path)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _told(folder, told, advice):
    """The `State` of a folder with a status.json."""
    if isinstance(missing := told.get("not_written"), dict):
        rest = f"result.json is there: {advice or 'its numbers are complete'}" if (folder / RESULT).exists() else advice
        return State(INCOMPLETE, f"the run is over; {not_written(missing)}", rest)
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


def _of_campaign(campaign, advice):
    """The `State` of a campaign whose process has ended, from its campaign.json."""
    counts, points = campaign.get("counts") or {}, campaign.get("points") or []
    said = ", ".join(f"{n} {state}" for state, n in counts.items() if n and state != "done")
    done, seconds = counts.get("done", 0), campaign.get("seconds")
    parts = [f"campaign, {done} of {sum(counts.values())} points", said, words(events=sum(p["events"] for p in points))]
    parts.append(f"took {span(seconds)}" if seconds else "")
    errors = [f"{point['values']}: {point['error']}" for point in points if point["error"]]
    if errors:
        parts.append(f"failed at {errors[0]}" + (f" and {len(errors) - 1} more" if len(errors) > 1 else ""))
    detail = ", ".join(filter(None, parts))
    return State(INTERRUPTED, detail, advice) if done < sum(counts.values()) else State(DONE, detail)


def _of_result(result, advice):
    """The `State` of a run that has written its result.json."""
    parts = [str(result.get("kind", ""))]
    runs = [wall["run"] for wall in result.get("walls", ()) if "run" in wall]  # a design's walls have none
    events = result.get("events") or sum(run["events"] for run in runs)
    driven = result.get("run", result).get("seconds") or sum(run["seconds"] for run in runs)
    whole = sum(seconds for run in runs for seconds in run["seconds_by_stage"].values()) or driven
    time_s = (result.get("series", {}).get("time_s") or [None])[-1]
    asked = len(result.get("provenance", {}).get("case", {}).get("wall", ()))
    if result.get("interrupted") and runs and len(runs) < asked:
        parts.append(f"{len(runs)} of {asked} walls")
    parts += [str(result.get("reason", "")), words(time_s, events, events / driven if events and driven else None)]
    parts.append(f"took {span(whole)}" if whole else "")
    written = str(result.get("provenance", {}).get("written", ""))
    detail = ", ".join(filter(None, parts)) + (f" (written {written})" if written else "")
    return State(INTERRUPTED if result.get("interrupted") else DONE, detail, advice)
