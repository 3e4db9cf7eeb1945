"""What can be said of a folder: whether a run goes on there, is done, or what to do with it."""

from dataclasses import replace
from os.path import exists, isdir
from pathlib import Path

from coble.kinds.registry import kinds
from coble.store.contents import intact, not_of, strangers
from coble.store.files import CAMPAIGN, RESULT
from coble.store.status import DONE, FILE, INTERRUPTED, NOTHING, State, read_object, span, told_by, words

CHECKPOINTS = ("checkpoint.h5", "checkpoint.previous.h5")  # the newest, and the one before it
POINTS = (CAMPAIGN, "campaign.toml")  # a campaign goes on with its points, whatever its campaign.json holds


def state_of(folder):
    """The `State` of a folder of results; whatever is in it, nothing is raised."""
    folder = Path(folder)
    told = read_object(folder / FILE)
    campaign = read_object(folder / CAMPAIGN)
    of_campaign = all(exists(folder / name) for name in POINTS)
    can_go_on = bool(campaign) or of_campaign or any(exists(folder / name) for name in CHECKPOINTS)
    advice = f"go on with: coble resume {folder}" if can_go_on else ""
    if told:
        return told_by(folder, told, advice)
    name, content = (CAMPAIGN, campaign) if campaign else (RESULT, read_object(folder / RESULT))
    kind = kinds().get(content.get("kind")) if isinstance(content.get("kind"), str) else None
    kind = kind if kind and kind.file == name else None  # a campaign as result.json is somebody's mistake
    if kind and content.get("schema", kind.version) != kind.version:
        return State(
            NOTHING, f"its {name}: schema must be {kind.version}, got {content['schema']!r}: made by another version"
        )
    try:
        if kind:
            found = _of_result(kind, content, advice)
            said = [found.detail] + [f"{name} was changed after it was written"] * (not intact(content))
            said += [f"{name} {not_of(names)}" for names in [strangers(content, folder)] if names]
            return replace(found, detail="; ".join(said))
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
        can_go_on = of_campaign  # JSON, but not of a run
    damaged = [name for name in (CAMPAIGN, RESULT) if exists(folder / name)]
    if can_go_on:
        what = f"its {damaged[0]} is damaged" if damaged else "no results"
        there = "its campaign.toml" if of_campaign else "a checkpoint"
        return State(INTERRUPTED, f"{what}, but {there} is there", advice)
    if damaged:
        return State(NOTHING, f"its {damaged[0]} is damaged", advice)
    why = "no such folder" if not exists(folder) else "not a folder" if not isdir(folder) else "holds no results"
    return State(NOTHING, why)


def _of_result(kind, content, advice):
    """The `State` of a run that has written its result."""
    counts = content.get("counts", {})  # of points
    interrupted = content.get("interrupted", counts.get("done", 0) < sum(counts.values()))
    state, rest = INTERRUPTED if interrupted else DONE, _rest(kind, content) if interrupted else ""
    advice = advice if interrupted else ""  # what is done does not go on
    if kind.standing:
        return State(state, "; ".join(filter(None, (kind.standing(content), rest))), advice)
    events, seconds = kind.effort(content)
    walls, provenance = content.get("walls", ()), content.get("provenance", {})
    asked = len(provenance.get("case", {}).get("wall", ()))
    reached = f"{len(walls)} of {asked} walls" if interrupted and 0 < len(walls) < asked else ""
    series = content.get("series")
    time_s = (series.get("time_s") or [None])[-1] if isinstance(series, dict) else None
    runs = [content.get("run", {}), *(wall.get("run", {}) for wall in walls)]
    driven = sum(run.get("seconds") or 0.0 for run in runs) or seconds  # without lattices, tracers and the like
    per_s = events / driven if events and driven else None
    parts = [kind.name, reached, str(content.get("reason", "")), words(time_s, events, per_s)]
    parts.append(f"took {span(seconds)}" if seconds else "")
    written = str(provenance.get("written", ""))
    detail = ", ".join(filter(None, parts)) + (f" (written {written})" if written else "")
    return State(state, "; ".join(filter(None, (detail, rest))), advice)


def _rest(kind, content):
    """What an interrupted run did not reach; empty where its file does not say it."""
    try:
        return kind.rest(content)
    except (AttributeError, KeyError, TypeError, ValueError):
        return ""
