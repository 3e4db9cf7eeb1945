"""Campaign files: a case, what is varied, and how well every point is to be known.

`templates/campaign.toml` explains every key.
"""

import json
from dataclasses import dataclass
from itertools import product
from math import inf, isfinite, prod
from os.path import isfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from coble.inputs.case import EXPERIMENT, GROWTH, Case, CaseError, parse_as, parse_toml, read_text, shipped
from coble.inputs.files.faults import dotted, fault_in, listed, quoted, refusal
from coble.inputs.files.given_files import FILES, at_home
from coble.inputs.key_faults import worded
from coble.inputs.numbers.quantities import Quantity, Whole
from coble.inputs.sections import checked
from coble.inputs.seeds import MOST_SEED
from coble.kinds.campaign.values import spelled
from coble.kinds.registry import kinds
from coble.models.structures.structure import refuse_structure
from coble.render.meant import meant

MOST_POINTS = 100_000
CAMPAIGNS = Path(__file__).parents[2] / "campaigns"  # the built-in ones, each beside its case
FLOW, GROWS = "flow", "growth"
LISTS = ("wall", "region", "barrier")  # sections of a case of which there may be several


class Axis(BaseModel):
    """One thing that is varied: a list of values, or a range."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    values: tuple[Any, ...] | None = None
    low: float | None = None
    high: float | None = None
    points: checked(Whole(1, MOST_POINTS), int) | None = None
    spacing: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _one_way(self):
        ends = (self.low, self.high)
        if (self.values is None) == (None in ends):
            raise refusal("an axis needs either values, or low and high")
        if self.values is not None and not self.values:
            raise refusal("values: must hold at least one value")
        if self.values is None and not self.low < self.high:
            raise refusal(f"low must be below high, got {self.low:g} and {self.high:g}")
        if self.values is None and not isfinite(self.high - self.low):
            raise refusal(f"low and high must be finite and not too far apart, got {self.low:g} and {self.high:g}")
        if self.values is None and self.spacing == "log" and self.low <= 0:
            raise refusal(f"a logarithmic range must start above 0, got {self.low:g}")
        if self.values is None and self.spacing == "log" and not isfinite(self.high / self.low):
            raise refusal(f"low and high are too far apart, got {self.low:g} and {self.high:g}")
        return self

    def at(self, part):
        """Values at parts of the way from 0 to 1, list."""
        part = np.asarray(part, dtype=float)
        if self.values is not None:
            return [self.values[min(int(p * len(self.values)), len(self.values) - 1)] for p in part]
        if self.spacing == "log":
            found = self.low * (self.high / self.low) ** part
        else:
            found = self.low + (self.high - self.low) * part
        return [float(f"{x:.9g}") for x in found]  # so that 50 nm is not 50.000000000000007

    def grid(self):
        """Values of a full grid."""
        return list(self.values) if self.values is not None else self.at(np.linspace(0, 1, self.points))


class CampaignFile(BaseModel):
    """A campaign file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str
    kind: str | None = None
    axis: tuple[Axis, ...] = ()
    sampling: Literal["grid", "latin-hypercube"] = "grid"
    points: checked(Whole(1, MOST_POINTS), int) | None = None
    replicas: checked(Whole(1, 10_000), int) | None = None
    target_error: checked(Quantity(1e-4, 0.5)) | None = None
    most_replicas: checked(Whole(2, 10_000), int) = 64
    events: checked(Quantity(1e5, 1e12)) = 1e7
    near: checked(Quantity(0.0, 0.5, or_zero=True)) | None = None
    seed: checked(Whole(0, MOST_SEED), int) = 1

    @model_validator(mode="wrap")
    @classmethod
    def _collect_faults(cls, data, handler):
        """Check key by key and between keys, and report all together."""
        if not isinstance(data, dict):
            return handler(data)
        found, faults = None, []
        try:
            found = handler(data)
        except ValidationError as error:
            faults = [(each["loc"], worded(each, cls)) for each in error.errors(include_url=False)]
        faults += _between(data, {path[0] for path, _ in faults if path})
        if faults:
            errors = [InitErrorDetails(type=refusal(text), loc=path, input=None) for path, text in faults]
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return found


def _between(data, faulty):
    """Faults between keys of a campaign file, (path, message); those of keys that are `faulty` themselves are not told.

    Parameters
    ----------
    data : dict
        As it was read.
    faulty : set of str
    """
    unknown = faulty - set(CampaignFile.model_fields)  # one of them may be the one that is missing
    if ("replicas" in data) == ("target_error" in data) and not unknown:
        yield (), "give either replicas, or target_error"
    sampling, has_points = data.get("sampling", "grid"), "points" in data or "points" in faulty
    if sampling == "latin-hypercube" and not has_points and not unknown:
        yield ("sampling",), "a latin hypercube needs points, the number of them"
    if sampling == "grid" and has_points:
        yield ("points",), "points of a grid are those of its axes; leave out points, or sample a latin-hypercube"
    keys = []
    for number, axis in _tables(data):
        key = axis.get("key")
        if key is not None and key in keys:
            yield ("axis", number, "key"), f"every axis needs a key of its own, {quoted(key)} is that of another one"
        keys.append(key)
        points = axis.get("points", 0)
        if sampling == "grid" and {"low", "high"} <= set(axis) and isinstance(points, int) and points < 2:
            yield ("axis", number), f"the range of {key} needs points, at least 2"


def _tables(data):
    """Number and table of every axis of a file that may have faults."""
    axes = data.get("axis")
    return [(n, each) for n, each in enumerate(axes if isinstance(axes, list) else ()) if isinstance(each, dict)]


def with_replicas():
    """Kinds of run, dict of name → `Kind`, that give replicas of their own."""
    return {name: kind for name, kind in kinds().items() if kind.replica}


def used_by(kind):
    """Sections of a case that only runs of this kind have; see `Campaign.kind`."""
    return {FLOW: EXPERIMENT, GROWS: GROWTH}.get(kind) or with_replicas()[kind].sections


@dataclass(frozen=True)
class Point:
    """One case of a campaign.

    Attributes
    ----------
    values : dict of key → value
    case : Case
    data : str
        What `Case.model_validate` makes it from, as JSON.
    digest : str
        Of the case: the name of its folder.
    """

    values: dict
    case: Case
    data: str
    digest: str


@dataclass(frozen=True)
class Campaign:
    """A campaign that was read and checked, all its points included.

    Attributes
    ----------
    name : str
    setup : CampaignFile
    kind : str
        "flow": what flows through a tubule or a structure; "growth": metal that grows or shrinks; or a kind of run
        that gives replicas, see `coble.kinds.kind.Kind`.
    points : tuple of Point
    text, case_text : str
        As they were given.
    case : Case
        That is varied.
    """

    name: str
    setup: CampaignFile
    kind: str
    points: tuple
    text: str
    case_text: str
    case: Case

    @property
    def used(self):
        """Sections of a case that count; see `Case.resolved`."""
        return used_by(self.kind)


def load_campaign(path, case_path=None):
    """Read a campaign file and the case that it varies.

    Parameters
    ----------
    path : pathlib.Path
    case_path : pathlib.Path, optional
        Of the case, instead of the one that the file names.

    Returns
    -------
    Campaign

    Raises
    ------
    CaseError
        With every fault of the file, of the case, and of the points.
    """
    names = [comes.stem for comes in CAMPAIGNS.glob("*.toml") if "." not in comes.stem]
    text = read_text(path, meant(path, names, "`coble init campaign` writes one to start from"))
    if case_path is None and isfile(path.parent / "campaign.json"):  # it has begun here, and its case is kept here
        case_path = path.parent / "case.toml"
    try:
        setup = parse_as(CampaignFile, text, str(path))
    except CaseError as error:
        raise _with_faults_of_axes(error, text, path, case_path) from None
    case_path = case_path or _case_path(path, setup.case)
    case_text = read_text(case_path, "`case` in a campaign is a file beside it, or a built-in case")
    return make_campaign(path.stem, setup, text, case_text, str(path), str(case_path))


def _case_path(path, name):
    """Path of the case that a campaign names: a file beside it, or a built-in one."""
    beside = path.parent / name
    return beside if isfile(beside) or not shipped(name) else shipped(name)


def _with_faults_of_axes(error, text, path, case_path):
    """The error of a campaign file, with what is wrong with its axes where its case can be read."""
    data, lines = parse_toml(text, str(path))
    try:
        case_path = case_path or _case_path(path, data["case"])
        case_text = read_text(case_path, "")
        parse_as(Case, case_text, str(case_path))
        case_data = at_home(parse_toml(case_text, str(case_path))[0], Path(case_path).parent)
    except (CaseError, LookupError, TypeError, ValueError):
        return error
    axes = [(n, key, _values_in(axis)) for n, axis in _tables(data) if isinstance(key := axis.get("key"), str)]
    more = [
        fault_in(str(path), lines, *each) for axis in axes for each in _faults_of_axis(*axis, case_data, path.parent)
    ]
    return CaseError(sorted([*error.faults, *more], key=lambda fault: fault.line or inf))


def _values_in(axis):
    """Values of an axis as they were read, each with the key that holds it."""
    values = axis.get("values")
    ends = [(key, axis[key]) for key in ("low", "high") if key in axis]
    return ends + [("values", value) for value in (values if isinstance(values, list | tuple) else ())]


def make_campaign(name, setup, text, case_text, where="<text>", case_where="<case>"):
    """The campaign of a file that was read; see `load_campaign`."""
    case = parse_as(Case, case_text, case_where)  # its own faults, with their lines
    refuse_structure(case, case_where)
    data, _ = parse_toml(case_text, case_where)
    data = at_home(data, Path(case_where).parent)  # points are made from it elsewhere
    kind, folder = setup.kind or (GROWS if case.grows else FLOW), Path(where).parent
    faults, good = list(_faults_of_kind(setup, case, kind)), []
    if len(data.get("wall", ())) > 1:
        faults.append((("case",), "the case must have one wall; give several as an axis: key = 'wall.name'"))
    for number, axis in enumerate(setup.axis):
        found = _faults_of_axis(number, axis.key, _values_in(axis.model_dump(exclude_none=True)), data, folder)
        faults += found
        if ("axis", number, "key") not in [path for path, _ in found]:
            good.append(number)
    number = setup.points or prod(len(axis.values or ()) or axis.points for axis in setup.axis)
    if number > MOST_POINTS:
        several = f"{number}" if number < 10**15 else "more than 1e15"
        faults.append((("axis", 0, "points"), f"{several} points together; at most {MOST_POINTS}"))
    elif good or not setup.axis:
        points, more = _points(setup, good, data, folder)
        there = {(path[:2], message) for path, message in faults}
        faults += [(path, message) for path, message in more if (path[:2], message) not in there]
    if faults:
        _, lines = parse_toml(text, where)
        told = [fault_in(where, lines, *each) for each in dict.fromkeys(faults)]
        raise CaseError(sorted(told, key=lambda fault: fault.line or inf))
    used, by_digest = used_by(kind), {}
    for values, changed, case_data in points:
        digest = changed.digest(used)
        by_digest.setdefault(digest, Point(values, changed, json.dumps(case_data), digest))
    return Campaign(name, setup, kind, tuple(by_digest.values()), text, case_text, case)


def _faults_of_kind(setup, case, kind):
    """What does not go with the kind of run: pairs of path and message."""
    known = with_replicas()
    if setup.kind and setup.kind not in known:
        able = listed(known) or "none"
        yield ("kind",), f"must be a kind of run that gives replicas ({able}), got {quoted(kind)}"
    elif case.has_structure and kind != FLOW and not (kind in known and known[kind].structures):
        able = [name for name, each in known.items() if each.structures]
        other = f" or {listed(able)}" if able else ""
        yield ("kind",), f"must be left out{other}, got {quoted(kind)}: it needs a [tubule]"
    elif kind != FLOW and (setup.target_error or setup.near is not None):
        key = "target_error" if setup.target_error else "near"
        yield (key,), "target_error and near are those of shares: where metal grows give replicas"


def _faults_of_axis(number, key, values, data, folder):
    """What is wrong with the key of an axis, or else with its values by themselves: list of (path, message).

    Parameters
    ----------
    number : int
    key : str
    values : list of (key of the axis, value)
        Where none are given the key alone is looked at.
    data : dict
        Of the case.
    folder : Path
        Of the campaign file.
    """
    at = ("axis", number, "key")
    section, _, inside = key.partition(".")
    if not (section and inside):
        return [(at, f"must be SECTION.KEY, as in tubule.inner_width_nm, got {quoted(key)}")]
    if section in ("region", "barrier"):
        try:
            _one_of(data.get(section, []), inside.rpartition(".")[0])
        except LookupError:
            there = len(data.get(section, []))
            how = "region.NAME.occupancy, or by its number from 0" if section == "region" else "barrier.0.barrier_eV"
            told = f"must name one of the {there} [[{section}]] of the case, as {how}, got {quoted(key)}"
            return [(at, told)]
    found = {}
    for where, value in values or [("", None)]:
        for path, message in _checked(data, {key: value}, folder)[1]:
            if message.startswith("unknown") and path[0] == section:
                return [(at, f"{quoted(key)}: {message}")]
            if where and _is_at(path, key):
                found[("axis", number, where), f"{dotted(path)}: {message}"] = None
    return list(found)


def _is_at(path, key):
    """Whether the path of a fault is that of this key of a case."""
    section, *_, name = key.split(".")
    return [part for part in path if isinstance(part, str)] == [section, name]


def _checked(data, values, folder):
    """The case with other values at some keys: (Case or None, list of (path, message), its data)."""
    changed = _with(data, _found(values, folder))
    try:
        return Case.model_validate(changed), [], changed
    except ValidationError as error:
        return None, [(each["loc"], each["msg"]) for each in error.errors(include_url=False)], changed


def _points(setup, good, data, folder):
    """Values, `Case` and data of every point, and what is wrong with some: list of (path, message).

    Parameters
    ----------
    setup : CampaignFile
    good : list of int
        Axes that are varied; the others have keys that there are not.
    data, folder
        See `_faults_of_axis`.
    """
    axes, points, at, told, brought = [setup.axis[number] for number in good], [], {}, {}, {}
    for values in _values(setup.model_copy(update={"axis": tuple(axes)})):
        case, faults, changed = _checked(data, values, folder)
        points.append((values, case, changed))
        for path, message in faults:
            if path not in brought:
                brought[path] = _axis_of(path, axes, lambda less, path=path: _lacks(path, data, less, folder), values)
            axis = brought[path]
            where = "axis", good[axis], "low" if axes[axis].values is None else "values"
            said = f"{dotted(path)}: {message}"
            told[where, said] = _is_at(path, axes[axis].key)  # what a value does by itself needs no other one
            at.setdefault((where, said), []).append(values)
    return points, [
        (where, said if alone else f"at {spelled(at[where, said])}: {said}") for (where, said), alone in told.items()
    ]


def _axis_of(path, axes, gone, values):
    """Number of the axis that brought a fault at a path of the case.

    That of this key; else one without whose value the fault is gone; else one of this section, or the first.

    Parameters
    ----------
    path : tuple
    axes : list of Axis
    gone : callable (values)
        Whether a point with these values does not have the fault.
    values : dict of str → object
        Of a point that has it.
    """
    key = ".".join(part for part in path if isinstance(part, str))
    same = [axis.key == key for axis in axes]
    if True not in same:
        same = [gone({name: value for name, value in values.items() if name != axis.key}) for axis in axes]
    if True not in same:
        same = [axis.key.partition(".")[0] == path[0] for axis in axes]
    return same.index(True) if True in same else 0


def _lacks(path, data, values, folder):
    """Whether the case with these values has no fault at a path."""
    return path not in [found for found, _ in _checked(data, values, folder)[1]]


def _values(setup):
    """Values of every point, dicts of key → value."""
    keys = [axis.key for axis in setup.axis]
    if setup.sampling == "grid":
        for values in product(*(axis.grid() for axis in setup.axis)):
            yield dict(zip(keys, values, strict=True))
        return
    from scipy.stats.qmc import LatinHypercube

    part = LatinHypercube(len(keys), rng=np.random.default_rng(setup.seed)).random(setup.points)
    for values in zip(*(axis.at(column) for axis, column in zip(setup.axis, part.T, strict=True)), strict=True):
        yield dict(zip(keys, values, strict=True))


def _found(values, folder):
    """Values of a point; names of files are relative to the folder of the campaign's own file."""
    named = {".".join(each) for each in FILES}
    return {
        key: str((folder / value).resolve()) if key in named and isinstance(value, str) else value
        for key, value in values.items()
    }


def _with(data, values):
    """Data of a case with other values at some keys."""
    changed = {
        key: dict(value) if isinstance(value, dict) else [dict(each) for each in value] if key in LISTS else value
        for key, value in data.items()
    }
    for key, value in values.items():
        section, _, name = key.partition(".")
        if section == "wall":
            changed.setdefault("wall", [{}])[0][name] = value
        elif section in LISTS:
            which, _, name = name.rpartition(".")
            _one_of(changed.get(section, []), which)[name] = value
        else:
            changed.setdefault(section, {})[name] = value
    return changed


def _one_of(several, which):
    """The one of several regions or barriers with a name, or else of a number, from 0.

    Raises
    ------
    LookupError
        When there is none.
    """
    named = [each for each in several if each.get("name") == which]
    if named:
        return named[0]
    if not which.isdecimal() or int(which) >= len(several):
        raise LookupError(which)
    return several[int(which)]


def campaign_in(folder):
    """The campaign of a folder in which it has begun; `CaseError` as of `load_campaign`."""
    return load_campaign(Path(folder) / "campaign.toml", case_path=Path(folder) / "case.toml")


def built_in(name):
    """Path of the campaign of this name that comes with Coble; None when none does."""
    comes = CAMPAIGNS / f"{name}.toml"
    return comes if isfile(comes) else None


def campaign_path(name):
    """Path of a campaign: a file, or a built-in one of this name."""
    return Path(name) if isfile(name) else built_in(name) or Path(name)
