"""Run a campaign: give tasks to an engine, take in what they give, add replicas where a target error asks for them.

What a point's estimates are does not depend on the engine, the number of workers or the order in which tasks end:
replicas count in the order of their numbers, and one is added only when all before it are done.
"""

import json
import os
import platform
from collections import deque
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from time import perf_counter, sleep

import numpy as np

from coble.inputs.files.given_files import kept_files
from coble.kinds.campaign import KIND
from coble.kinds.campaign.folders import Damaged, axis_files, differences, point_folder, read_json, set_aside
from coble.kinds.campaign.replica import (
    EXACT,
    Interrupted,
    Task,
    averaged,
    owner_of,
    read_exact,
    read_result,
    regions_in,
    run,
)
from coble.kinds.campaign.settings import FLOW, GROWS
from coble.kmc.estimates.estimate import FEWEST_BLOCKS, mean_estimate
from coble.kmc.estimates.measure import PathSeries
from coble.render.bounds import off_half
from coble.store.contents import OtherVersion, Unreadable, intact, read_content, sealed, with_files
from coble.store.files import CAMPAIGN, is_alive, remove_parts, write_json
from coble.store.lock import Busy
from coble.store.provenance import provenance

WAITING, BEGUN, DONE, FAILED = "waiting", "begun", "done", "failed"
STREAMS = (
    "numpy SeedSequence(seed, spawn_key=(replica, episode)) of what flows; of growth the first word of (replica, 50)"
)
WRITE_S = 1.0  # between writes of the index
BUSY_S = 0.2  # between looks at replicas that another sweep has
FEWEST = 2  # replicas, before an error is believed
STOP_KEYS = (  # say only when to stop: may be changed before a campaign is resumed
    *("replicas", "target_error", "most_replicas"),
    *(f"growth.{key}" for key in ("until_front_nm", "until_left_nm", "until_outside_atoms")),
    *(f"growth.{key}" for key in ("time_s", "max_events", "cycles")),
)


class Changed(Exception):
    """A folder holds another campaign."""


class EngineLost(Exception):
    """The engine takes no more tasks, or has dropped those that it had, as when its scheduler is gone."""


@dataclass
class PointState:
    """Where a point stands.

    Attributes
    ----------
    point : Point
    replicas : dict of int → dict
        Results, by number.
    exact : dict or None
    error : str
        Why it failed, if it did.
    open : int
        Tasks that are waiting or running.
    """

    point: object
    replicas: dict = field(default_factory=dict)
    exact: dict | None = None
    error: str = ""
    open: int = 0
    complete: bool = False
    short: int = 0  # so many replicas are known to miss the target error
    _known: tuple = (0, {})

    @property
    def state(self):
        if self.error:
            return FAILED
        return DONE if self.complete else BEGUN if self.replicas or self.exact else WAITING

    def estimates(self, kind):
        """`estimates` of the replicas in order; worked out once for each number of them."""
        there = self.in_order()
        if self._known[0] != len(there):
            self._known = len(there), estimates(kind, there)
        return self._known[1]

    def in_order(self):
        """Results of replicas 0, 1, ... up to the first that is missing."""
        found = []
        while len(found) in self.replicas:
            found.append(self.replicas[len(found)])
        return found


def estimates(kind, replicas):
    """Estimates of a point from the results of its replicas, dict of name → Estimate.

    Of what flows: the share of every path, as `share.PATH`, and the total `conductance_S_m` [S·m]; of metal that
    grows, and of kinds that give replicas of their own: means over replicas of the numbers `averaged`.
    """
    if not replicas:
        return {}
    if kind == FLOW:
        series = path_series(replicas)
        if not series.n_block:
            return {}
        total = series.total.scaled(replicas[0]["S_m_per_A_s"])
        names = regions_in(replicas[0])
        shares = {f"share.{names[k]}": _open(each) for k, each in series.shares().items()}
        return shares | {"conductance_S_m": total}
    found = {}
    for name in averaged(kind):
        values = [each[name] for each in replicas]
        if all(values) or (kind != GROWS and None not in values):  # growth: None did not happen, 0 is the start
            found[name] = mean_estimate([np.array([value]) for value in map(float, values)], "mean over replicas")
    return found


def _open(share):
    """A share; of few blocks in which a path moved nothing the error is not zero but unknown."""
    nothing = share.value == 0 and share.stderr == 0 and share.n_eff < FEWEST_BLOCKS
    return replace(share, stderr=inf) if nothing else share


def path_series(replicas):
    """Block series of a point's replicas."""
    n_region = len(regions_in(replicas[0]))
    return PathSeries(
        tuple(replicas[0]["kinds"]), [np.reshape(each["conductance_A_s"], (-1, n_region)) for each in replicas]
    )


class Sweep:
    """A campaign in its folder.

    Parameters
    ----------
    campaign : Campaign
    folder : Path
        Where it is, or will be.
    extend : bool
        Whether `STOP_KEYS` may differ from those of the campaign in the folder.

    Attributes
    ----------
    notes : list of str
        What was found damaged, and what was changed: one sentence each.

    Raises
    ------
    Changed
        When the folder holds another campaign, with the differences, or one of another version.
    """

    def __init__(self, campaign, folder, extend=False):
        self.campaign, self.folder, self.notes = campaign, Path(folder), []
        self._damaged_index, self._beside = False, {}
        self._before = {"name": campaign.name, "seconds": 0.0} | self._earlier(extend)
        first, seed = campaign.points[0].case, campaign.setup.seed
        self._provenance = provenance(first, {"seed": seed}, STREAMS, used=campaign.used)
        self.states = {point.digest: PointState(point) for point in campaign.points}
        self.seconds = 0.0
        self._stop = f"stop-{platform.node()}-{os.getpid()}"

    def _earlier(self, extend):
        """Name and seconds of earlier sessions, from campaign.json; nothing when there were none, or it is damaged.

        It is only an index: everything that counts lies with the points, each file with whose it is.
        """
        path = self.folder / CAMPAIGN
        try:
            index = read_content(path, {KIND.name: KIND.version}, warn=False)
            here, there = _plain(self.campaign), {key: index[key] for key in ("setup", "base", "name", "seconds")}
            if not isinstance(there["setup"], dict) or not isinstance(there["name"], str):
                raise TypeError
            if not 0 <= there["seconds"] < inf:
                raise TypeError
            changed = differences(there["setup"], here["setup"]) + differences(there["base"], here["base"])
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OtherVersion as error:
            raise Changed(str(error)) from None
        except (Unreadable, KeyError, TypeError, RecursionError):
            self._damaged_index = True
            return {}
        refused = [line for line in changed if not extend or line.partition(":")[0] not in STOP_KEYS]
        if refused and intact(index) is False:  # who knows what it said
            self._damaged_index = True
            return {}
        if refused:
            raise Changed("; ".join(refused))
        if changed:
            self.notes.append(f"The campaign is another than before: {'; '.join(changed)}.")
        return {key: there[key] for key in ("name", "seconds")}

    # ---- running ---------------------------------------------------------------------------------------

    def prepare(self):
        """Make the folder, with the files as they were given, take in what is there, tidy up after the killed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._damaged_index:
            set_aside(self.folder / CAMPAIGN)
            self.notes.append(f"{self.folder / CAMPAIGN}: is damaged; it was set aside and is made again.")
        for folder in (self.folder, *(point_folder(self.folder, digest) for digest in self.states)):
            remove_parts(folder)
        for stop in self.folder.glob(f"stop-{platform.node()}-*"):
            if (number := stop.name.rpartition("-")[2]).isdigit() and not is_alive(int(number)):
                stop.unlink(missing_ok=True)
        (self.folder / self._stop).unlink(missing_ok=True)  # of another process that had this number
        case = self.campaign.case
        for name, held in {"campaign.toml": self.campaign.text, **kept_files(case, self.campaign.case_text)}.items():
            path = self.folder / name
            if not path.exists() and callable(held):
                held(path)
            elif not path.exists():
                path.write_text(held, encoding="utf-8")
            if isinstance(held, str):
                self._beside[name] = path.read_bytes()
        for name, content in axis_files(self.campaign).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_bytes(content)
        self.read()
        self.write()

    def read(self):
        """Take in what is done already."""
        for state in self.states.values():
            there = point_folder(self.folder, state.point.digest)
            if not there.is_dir():
                continue
            state.exact = self._whole(read_exact, there, owner_of(state.point.digest, EXACT, None, None))
            for folder in sorted(path for path in there.iterdir() if path.name.isdecimal()):
                setup = self.campaign.setup
                owner = owner_of(state.point.digest, int(folder.name), setup.seed, setup.events)
                found = self._whole(read_result, folder, self.campaign.kind, owner)
                if found is not None:
                    state.replicas[int(folder.name)] = found
            self._trim(state)

    def _whole(self, reader, *arguments):
        """What was stored; None, with a note, when it is damaged: the worker who makes it again sets it aside."""
        try:
            return reader(*arguments)
        except Damaged as error:
            note = f"{error}; it is set aside and made again."
            if note not in self.notes:
                self.notes.append(note)
            return None

    def _trim(self, state):
        """Forget replicas that a campaign with this aim would never have run: it may have had another one before."""
        setup, there, most = self.campaign.setup, state.in_order(), self.campaign.setup.replicas
        if most is None:
            most = max(FEWEST, state.short + 1)
            while most <= len(there) and most < setup.most_replicas and not self._enough(there[:most]):
                state.short, most = most, most + 1
        state.replicas = {number: found for number, found in state.replicas.items() if number < most}

    def _enough(self, replicas):
        return path_series(replicas).worst_share_error <= self.campaign.setup.target_error

    def run(self, executor, window, *, should_stop=lambda: False, report=lambda sweep: None):
        """Run what is missing.

        Parameters
        ----------
        executor : concurrent.futures.Executor
        window : int
            Tasks that are handed over at a time.
        should_stop : callable
            When it turns true, workers are asked to stop, and what they have counted is kept.
        report : callable (Sweep)
            Called a few times per second.

        Returns
        -------
        bool
            Whether all of it is done, failures aside.

        Raises
        ------
        EngineLost
            When the engine is gone; what replicas have counted is kept.
        OSError
            When the index cannot be written at the end; before, that stops nothing.
        """
        started, written, stopping, lost = perf_counter(), 0.0, False, None
        waiting, running = deque(), {}
        for state in self.states.values():
            waiting.extend(self._next(state))
        while not lost and (running or (waiting and not stopping)):
            try:
                while waiting and len(running) < window and not stopping:
                    future = executor.submit(run, waiting[0])
                    running[future] = waiting.popleft()
            except Exception as error:
                lost = error
            done = wait(running, timeout=0.2, return_when=FIRST_COMPLETED).done
            busy = bool(done)
            for future in done:
                task = running.pop(future)
                try:
                    more = self._taken(task, future)
                    waiting.extend(more)
                    busy &= more == [task]
                except CancelledError as error:
                    lost = error
            if busy and not stopping:  # all that is left is in the hands of others
                sleep(BUSY_S)
            if should_stop() and not stopping:
                stopping = True
                (self.folder / self._stop).touch()
            self.seconds = perf_counter() - started
            if self.seconds - written > WRITE_S:
                with suppress(OSError):  # a full disk must not stop what other tasks have in hand
                    self.write()
                written = self.seconds
            report(self)
        (self.folder / self._stop).unlink(missing_ok=True)
        self.read()  # what others have done meanwhile
        self.write()
        if lost:
            raise EngineLost(f"the engine is gone ({type(lost).__name__}: {lost})")
        return all(state.complete or state.error for state in self.states.values())

    def _taken(self, task, future):
        """Take in what a task gave; returns the tasks that follow."""
        state = self.states[task.digest]
        state.open -= 1
        try:
            found = future.result()
        except Busy:  # another sweep has it: look again later
            state.open += 1
            return [task]
        except Interrupted:
            return []
        except CancelledError:
            raise
        except Exception as error:
            state.error = f"{type(error).__name__}: {error}".splitlines()[0]
            return []
        if task.replica == EXACT:
            state.exact = found
        else:
            state.replicas[task.replica] = found
        return self._next(state) if not state.open else []

    def _next(self, state):
        """Tasks that a point still needs."""
        setup, point = self.campaign.setup, state.point
        self._trim(state)
        if self.campaign.kind == FLOW and state.exact is None:
            numbers = [EXACT]
        elif setup.near is not None and off_half(state.exact) > setup.near:
            numbers = []  # the exact answer suffices
        elif setup.replicas:
            numbers = [n for n in range(setup.replicas) if n not in state.replicas]
        else:
            numbers = self._more(state)
        state.complete = not numbers
        state.open += len(numbers)
        case_file = point_folder(self.folder, point.digest) / "case.json"
        if numbers:
            with suppress(OSError):  # a task that cannot write reports it itself
                resolved = json.loads(json.dumps(point.case.resolved(self.campaign.used)))
                if read_json(case_file) != resolved:
                    case_file.parent.mkdir(parents=True, exist_ok=True)
                    write_json(case_file, resolved)
        kind, events = self.campaign.kind, setup.events
        return [
            Task(str(self.folder), kind, point.digest, point.data, n, setup.seed, events, self._stop) for n in numbers
        ]

    def _more(self, state):
        """Replicas towards the target error: the first few together, then one after the other."""
        there, setup = state.in_order(), self.campaign.setup
        if len(there) < FEWEST:
            return [n for n in range(FEWEST) if n not in state.replicas]
        if len(there) >= setup.most_replicas:
            return []
        return [] if self._enough(there) else [len(there)]

    # ---- index -----------------------------------------------------------------------------------------

    def counts(self):
        """Number of points in every state."""
        found = dict.fromkeys((DONE, BEGUN, WAITING, FAILED), 0)
        for state in self.states.values():
            found[state.state] += 1
        return found

    def replicas_left(self):
        """About how many replicas are still to be run; None before the exact answers say which points need any."""
        setup, open_states = self.campaign.setup, [s for s in self.states.values() if not (s.complete or s.error)]
        if self.campaign.kind == FLOW and any(state.exact is None for state in open_states):
            return None
        if setup.replicas:
            return sum(setup.replicas - len(state.replicas) for state in open_states)
        return sum(self._short(state) for state in open_states)

    def _short(self, state):
        """About how many replicas a point is short of its target error, which falls as 1/√replicas; at least one."""
        n, setup = len(state.in_order()), self.campaign.setup
        if n < FEWEST:
            return FEWEST - n
        known = state.estimates(FLOW)
        worst = max((known[name].stderr for name in known if name.startswith("share.")), default=inf)
        return max(1, round(min(n * (worst / setup.target_error) ** 2, setup.most_replicas)) - n)

    @property
    def n_replica(self):
        """Replicas that are there."""
        return sum(len(state.replicas) for state in self.states.values())

    @property
    def n_event(self):
        """Events of all replicas that are there."""
        return sum(each["events"] for state in self.states.values() for each in state.replicas.values())

    def content(self):
        """The content of campaign.json."""
        return _plain(self.campaign) | {
            "counts": self.counts(),
            "name": self._before["name"],  # resumed from a copy of its file, which is called campaign.toml
            "seconds": round(self._before["seconds"] + self.seconds, 3),
            "provenance": self._provenance,
            "points": [self._point(state) for state in self.states.values()],
        }

    def _point(self, state):
        there = state.in_order()
        events = sum(each["events"] for each in there)
        return {
            "id": state.point.digest,
            "values": state.point.values,
            "state": state.state,
            "replicas": sorted(state.replicas),
            "events": events,
            "exact": state.exact,
            "estimates": {name: e.as_dict() for name, e in state.estimates(self.campaign.kind).items()},
            "error": state.error or None,
        }

    def write(self):
        """Replace campaign.json."""
        write_json(self.folder / CAMPAIGN, sealed(with_files(self.content(), self._beside)))


def _plain(campaign):
    """What a campaign is, as JSON holds it."""
    return {
        "kind": KIND.name,
        "schema": KIND.version,
        "name": campaign.name,
        "setup": json.loads(campaign.setup.model_dump_json()),
        "base": json.loads(json.dumps(campaign.points[0].case.resolved(campaign.used))),
    }
