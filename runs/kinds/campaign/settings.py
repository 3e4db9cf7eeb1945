"""Campaign files: a case, what is varied, and how well every point is to be known.

case = "case.toml"             # a file beside this one, or the name of a built-in case
replicas = 4                   # of every point; or, for transport:
# target_error = 0.02          # standard error of every share: replicas are added until it is met
# most_replicas = 64
# events = 1e7                 # of one replica, about
# near = 0.25                  # simulate only where the exact largest share is within this of one half

[[axis]]
key = "tubule.inner_width_nm"  # any key of a case; of its first wall: "wall.name", ...; of a region of a structure
                               # "region.NAME.occupancy", by number, from 0, where none has that name; "barrier.0.…"
low = 20.0
high = 200.0
points = 10
spacing = "log"

[[axis]]
key = "wall.name"
values = ["LiC6", "Li22Si5"]
"""

import json
from dataclasses import dataclass
from itertools import product
from math import isfinite, prod
from os.path import isfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from coble.inputs.case import EXPERIMENT, GROWTH, Case, CaseError, parse_as, parse_toml, read_text, shipped
from coble.inputs.files.faults import Fault, dotted, listed, quoted, refusal
from coble.inputs.files.given_files import FILES, at_home, given_files
from coble.inputs.files.toml_lines import line_of
from coble.inputs.numbers.quantities import Quantity, Whole
from coble.inputs.sections import checked
from coble.inputs.seeds import MOST_SEED
from coble.kinds.registry import kinds
from coble.models.structures.structure import refuse_structure
from coble.render.meant import meant

MOST_POINTS = 100_000
MOST_FAULTS = 50  # that are told
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

    @model_validator(mode="after")
    def _complete(self):
        if (self.replicas is None) == (self.target_error is None):
            raise refusal("give either replicas, or target_error")
        if self.sampling == "latin-hypercube" and self.points is None:
            raise refusal("a latin hypercube needs points, the number of them")
        if self.sampling == "grid" and self.points is not None:
            raise refusal("points of a grid are those of its axes; leave out points, or sample a latin-hypercube")
        keys = [axis.key for axis in self.axis]
        if len(set(keys)) < len(keys):
            raise refusal("every axis needs a key of its own")
        for number, axis in enumerate(self.axis, 1):
            if self.sampling == "grid" and axis.values is None and (axis.points or 0) < 2:
                raise refusal(f"axis {number} ({axis.key}): a range needs points, at least 2")
        return self


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
    setup = parse_as(CampaignFile, text, str(path))
    beside = path.parent / setup.case
    if case_path is None and isfile(path.parent / "campaign.json"):  # it has begun here, and its case is kept here
        case_path = path.parent / "case.toml"
    case_path = case_path or (beside if isfile(beside) or not shipped(setup.case) else shipped(setup.case))
    case_text = read_text(case_path, "`case` in a campaign is a file beside it, or a built-in case")
    return make_campaign(path.stem, setup, text, case_text, str(path), str(case_path))


def make_campaign(name, setup, text, case_text, where="<text>", case_where="<case>"):
    """The campaign of a file that was read; see `load_campaign`."""
    case = parse_as(Case, case_text, case_where)  # its own faults, with their lines
    refuse_structure(case, case_where)
    data, _ = parse_toml(case_text, case_where)
    data = at_home(data, Path(case_where).parent)  # points are made from it elsewhere
    kind, known = setup.kind or (GROWS if case.grows else FLOW), with_replicas()
    faults = []
    if setup.kind and setup.kind not in known:
        faults.append(
            f"kind: must be a kind of run that gives replicas ({listed(known) or 'none'}), got {quoted(kind)}"
        )
    elif case.has_structure and kind != FLOW and not (kind in known and known[kind].structures):
        able = [name for name, each in known.items() if each.structures]
        other = f" or {listed(able)}" if able else ""
        faults.append(f"kind: must be left out{other}, got {quoted(kind)}: it needs a [tubule]")
    elif kind != FLOW and (setup.target_error or setup.near is not None):
        faults.append("target_error and near are those of shares: where metal grows give replicas")
    if len(data.get("wall", ())) > 1:
        faults.append("the case must have one wall; give several as an axis: key = 'wall.name'")
    if faults:
        raise CaseError([Fault(where, None, "", fault) for fault in faults])
    number = setup.points or prod(len(axis.values or ()) or axis.points for axis in setup.axis)
    if number > MOST_POINTS:
        several = f"{number}" if number < 10**15 else "more than 1e15"
        raise _axis_error(where, text, [(0, "points", f"{several} points together; at most {MOST_POINTS}")])
    for number, axis in enumerate(setup.axis):
        if "." not in axis.key:
            message = f"axis key {quoted(axis.key)}: must be SECTION.KEY, as in tubule.inner_width_nm"
            raise _axis_error(where, text, [(number, "key", message)])
        section, _, inside = axis.key.partition(".")
        if section in ("region", "barrier"):
            try:
                _one_of(data.get(section, []), inside.rpartition(".")[0])
            except LookupError:
                there = len(data.get(section, []))
                message = f"axis key {quoted(axis.key)}: must name one of the {there} [[{section}]] of the case, " + (
                    "as region.NAME.occupancy, or by its number from 0"
                    if section == "region"
                    else "as barrier.0.barrier_eV"
                )
                raise _axis_error(where, text, [(number, "key", message)]) from None
    points, used = {}, used_by(kind)
    for values in _values(setup):
        try:
            changed_data = _with(data, _found(values, Path(where).parent))
            changed = Case.model_validate(changed_data)
        except ValidationError as error:
            at = ", ".join(f"{key} = {value!r}" for key, value in values.items())
            for found in error.errors(include_url=False):
                number = _axis_of(found["loc"], setup.axis)
                key = "low" if setup.axis[number].values is None else "values"
                faults.append((number, key, f"at {at}: {dotted(found['loc'])}: {found['msg']}"))
            continue
        digest = changed.digest(used)
        points.setdefault(digest, Point(values, changed, json.dumps(changed_data), digest))
    if faults:
        raise _axis_error(where, text, list(dict.fromkeys(faults)))
    return Campaign(name, setup, kind, tuple(points.values()), text, case_text, case)


def _axis_of(path, axes):
    """Number of the axis that brought a fault at a path of the case: of this key, of its section, or else the first."""
    key = ".".join(part for part in path if isinstance(part, str))
    same = [axis.key == key for axis in axes] + [axis.key.partition(".")[0] == path[0] for axis in axes]
    return same.index(True) % len(axes) if True in same else 0


def _axis_error(where, text, faults):
    """The error of faults of axes, each with its line: list of (number of the axis, key in it, message)."""
    _, lines = parse_toml(text, where)
    told = [
        Fault(where, line_of(("axis", number, key), lines), dotted(("axis", number)), message)
        for number, key, message in faults[:MOST_FAULTS]
    ]
    if len(faults) > MOST_FAULTS:
        told.append(Fault(where, None, "", f"and {len(faults) - MOST_FAULTS} more"))
    return CaseError(told)


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


def axis_files(campaign):
    """Files that axes name, to be kept beside a campaign that goes on: dict of name, as it stands there, → content.

    Names that lead out of the folder stay where they are.
    """
    found = {}
    for point in campaign.points:
        for path, file in given_files(point.case).items():
            name = point.values.get(".".join(map(str, path)))
            if isinstance(name, str) and not Path(name).is_absolute() and ".." not in Path(name).parts:
                found[name] = file.content
    return found


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
