"""What a checkpoint keeps beside its arrays: checked before it is used, and compared with the case that goes on.

Keys that only say when to stop may be changed before a run goes on: up to there the longer run is the same run.
"""

import json
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coble.kinds.growth.state.series import Series
from coble.kinds.growth.state.steps import Program
from coble.kmc.growth.cells import ROOT_ROWS, GradedChannel
from coble.kmc.growth.current import Fed
from coble.kmc.growth.slip import Slip
from coble.kmc.growth.slowing import MOST, Slowing

STOPS = (
    *("growth.until_front_nm", "growth.until_left_nm", "growth.until_outside_atoms"),
    *("growth.time_s", "growth.max_events", "growth.cycles"),
    *("run.target_error", "run.replicas", "run.max_events"),  # of other kinds of run: without effect here
)
STOPS_NAMED = "until_front_nm, until_left_nm, until_outside_atoms, time_s, max_events and cycles"

Count = Annotated[int, Field(ge=0, lt=2**62)]
Number = Annotated[float, Field(allow_inf_nan=False)]
AtLeast0 = Annotated[float, Field(allow_inf_nan=False, ge=0)]


class KeptRun(BaseModel):
    """Plain values of a checkpoint; see `coble.kinds.growth.run.Plating.state`."""

    model_config = ConfigDict(strict=True, extra="forbid")

    case: dict
    seed: Count
    overpotential_V: Number | None
    chunk_left: Count
    series: dict[str, list | dict[str, list[Number]]]
    frame_times_s: list[AtLeast0]
    graded_ends: list[Annotated[list[Count], Field(min_length=2, max_length=2)]] = []
    slip: dict[str, int | float]
    graded: dict[str, int | float | list[int]] = {}
    slowing: dict[str, bool | int | float] = {}
    feed: dict[str, int | float] = {}
    program: dict[str, int | float | None] = {}
    step_s: Annotated[float, Field(allow_inf_nan=False, gt=0)]
    n_record: Annotated[int, Field(ge=1, lt=2**62)]
    n_frame: Count
    turns: Count
    seconds: AtLeast0
    reason: str
    incubation_s: AtLeast0 | None

    @classmethod
    def of(cls, plain):
        """The values, checked one by one; `ValueError` names the first that cannot be, `KeyError` one that lacks."""
        try:
            return cls.model_validate(plain)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            if first["type"] == "missing":
                raise KeyError(where) from None
            raise ValueError(f"the checkpoint's {where} is wrong: {first['msg']}") from None

    def check(self, arrays, n_site, volts, slips, feeds=False, graded=None, slowed=False):
        """Raise `ValueError` unless the values go with each other and with the arrays.

        Parameters
        ----------
        arrays : dict of str → array
        n_site : int
        volts : float array
            Overpotentials that the run can be at, without sign [V].
        slips : bool
            Whether the plug may slip.
        feeds : bool
            Whether the root may be fed at a constant current.
        graded : GradedChannel or None
            Of the run that goes on.
        slowed : bool
            Whether hops on the metal may be slower.
        """
        columns = dict(self.series)
        if set(columns) != set(vars(Series())) or set(columns["way_A"]) != set(Series().way_A):
            raise ValueError("the checkpoint has other series: another version of Coble wrote it")
        columns |= columns.pop("way_A")
        times, clock = np.array(columns["time_s"], dtype=float), float(np.ravel(arrays["kernel_clock"])[0])
        steps = {name for name, column in columns.items() if len(column) != self.n_record or not _plain(column)}
        if steps:
            raise ValueError(f"the checkpoint's series {sorted(steps)[0]} does not hold {self.n_record} records")
        if not (np.isfinite(times).all() and times[0] == 0 and (np.diff(times) > 0).all() and times[-1] <= clock):
            raise ValueError("the checkpoint's times do not rise from 0 s to its clock")
        frames, frozen, words = arrays["frames"], arrays["frozen"], arrays["random_words"]
        held = (self.n_frame, -(-n_site // 8)) if self.n_frame else np.shape(frames)
        if len(self.frame_times_s) != self.n_frame or frames.dtype != np.uint8 or frames.shape != held:
            raise ValueError(f"the checkpoint does not hold {self.n_frame} frames of {n_site} sites")
        if len(self.graded_ends) != (self.n_frame if graded else 0):
            raise ValueError("the checkpoint does not say where the cells of every frame end")
        if not set(self.frame_times_s) <= set(columns["time_s"]):
            raise ValueError("the checkpoint has frames that are none of its records")
        if frozen.dtype != bool or frozen.shape != (n_site,) or words.dtype != np.uint64 or words.shape != (4,):
            raise ValueError("the checkpoint's frozen sites or random words are of another type")
        if self.overpotential_V is None and not feeds:
            raise ValueError("the checkpoint is at constant current, and the case never is")
        if self.overpotential_V is not None and not np.isclose(abs(self.overpotential_V), volts, rtol=1e-12).any():
            raise ValueError(f"the checkpoint is at {self.overpotential_V} V, which the case never is")
        if set(self.slip) != (set(Slip.KEPT) if slips else set()) or not _slips(self.slip):
            raise ValueError("the checkpoint's slip cannot be")
        if set(self.feed) != (set(Fed.NAMES) if feeds else set()) or not _feeds(self.feed):
            raise ValueError("the checkpoint's feed cannot be")
        if set(self.graded) != (set(GradedChannel.KEPT) if graded else set()) or not _cells(self.graded, graded):
            raise ValueError("the checkpoint's cells cannot be")
        if set(self.slowing) != (set(Slowing.KEPT) if slowed else set()) or not _slowed(self.slowing):
            raise ValueError("the checkpoint's slowing of the surface cannot be")
        if set(self.program) != (set(Program.KEPT) if feeds else set()):
            raise ValueError("the checkpoint's steps cannot be")


def _plain(column):
    """Whether all entries are finite numbers, lists of them, or None."""
    flat = [value for entry in column for value in (entry if isinstance(entry, list) else [entry])]
    return all(value is None or (isinstance(value, int | float) and np.isfinite(value)) for value in flat)


def _slips(slip):
    """Whether numbers of a slip can be: none is negative but atoms that came in; only the next slip may never come."""
    if any(isinstance(slip[name], float) for name in ("n_wait", "n_slip", "atoms_in") if name in slip):
        return False
    return all(value >= 0 or name == "atoms_in" for name, value in slip.items()) and all(
        np.isfinite(value) for name, value in slip.items() if name != "next_s"
    )


def _cells(kept, graded):
    """Whether cells can be: rows of the channel, none twice."""
    lengths, ahead = kept.get("lengths", []), kept.get("ahead", [])
    counts = [kept.get(name, 0) for name in ("n_crossed", "n_released")]
    lists = isinstance(lengths, list) and isinstance(ahead, list)
    if not lists or any(isinstance(each, float) or each < 0 for each in counts):
        return False
    rows = [*lengths, *ahead]
    return all(each > 0 for each in rows) and (not rows or ROOT_ROWS + sum(rows) < graded.rows.n_row)


def _slowed(kept):
    """Whether numbers of a slowing can be: `since_atoms` are those given less those taken."""
    if kept and not (isinstance(kept["slow"], bool) and 1 <= kept["factor"] <= MOST and kept["plain"] >= -1):
        return False
    whole = [kept.get(name, 0) for name in ("n_look", "n_counted", "begun_atoms", "pairs")]
    sums = [kept.get(name, 0.0) for name in ("since_s", "full", "begun_s", "xx", "yy", "slower")]
    counts = all(isinstance(each, int) and each >= 0 for each in whole) and isinstance(kept.get("since_atoms", 0), int)
    return counts and all(np.isfinite(value) for value in kept.values()) and min(sums) >= 0


def _feeds(feed):
    """Whether numbers of a feed can be: only its rate, and atoms given less taken, are ever negative."""
    whole = ("n", "looked", "drawn", "accepted", "refused", "looks", "full_sum")
    if any(isinstance(feed[name], float) for name in whole if name in feed) or feed.get("looked", 0) > 1:
        return False
    return all(np.isfinite(value) and (value >= 0 or name in ("rate_1_s", "accepted")) for name, value in feed.items())


# ---- the case of a run that goes on ------------------------------------------------------------------------


def rounded(resolved):
    """A resolved case as JSON gives it back, with 12 digits: the last ones depend on the C library."""
    return json.loads(json.dumps(resolved), parse_float=lambda text: float(f"{float(text):.12g}"))


def _flat(value, name=""):
    """Values by dotted key."""
    if isinstance(value, dict):
        return {k: v for key, each in value.items() for k, v in _flat(each, f"{name}.{key}" if name else key).items()}
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return {k: v for i, each in enumerate(value) for k, v in _flat(each, f"{name}[{i}]").items()}
    return {name: value}


def _changed(before, now):
    """(key, before, now) of all keys that differ, in the order of the case."""
    before, now = _flat(before), _flat(now)
    keys = dict.fromkeys([*before, *now])
    return [(key, before.get(key), now.get(key)) for key in keys if before.get(key) != now.get(key)]


def other_keys(before, now):
    """What is wrong when a key differs that does not only say when to stop: a sentence, or nothing."""
    wrong = [change for change in _changed(before, now) if change[0] not in STOPS]
    said = "; ".join(f"{key} was {_said(a)} when the run began, and is {_said(b)} now" for key, a, b in wrong[:3])
    return said and f"{said}. A run that goes on keeps all keys but those that say when to stop: {STOPS_NAMED}"


def stops_changed(before, now):
    """Whether a key differs that says when to stop."""
    return any(key in STOPS for key, _, _ in _changed(before, now))


def _said(value):
    return "not given" if value is None else json.dumps(value, ensure_ascii=False)
