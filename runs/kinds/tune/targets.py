"""Target files of `coble tune`: what was measured, and which rates may move.

case = "case.toml"             # the tubule, relative to this file, or the name of a built-in case
rates = "rates.toml"           # where to start; without it, the rates of the case
free = ["interface", "wall"]   # which rates to find; without it, those marked free in the rate table

[[target]]
kind = "tracer_diffusivity"
region = "interface"
value = 9.3e-8
error = 0.5e-8
unit = "cm2/s"
"""

from math import inf
from os.path import isfile
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from coble.inputs.case import CaseError, load_case, parse_as, parse_toml, read_text, shipped
from coble.inputs.files.faults import Fault, dotted, refusal
from coble.inputs.files.toml_lines import line_of
from coble.inputs.numbers.quantities import Listed, Quantity
from coble.inputs.rate_table import BARRIERS, CLASSES, INSIDE, read_rates
from coble.inputs.sections import LOWEST_K, checked
from coble.models.rates import case_with, rates_of
from coble.models.tubules.experiment_tubule import Condition

# Region → unit, whether it belongs to one region, and whether its logarithm is fitted.
REGIONS = {
    "tracer_diffusivity": ("cm2/s", True, True),
    "diffusivity": ("cm2/s", True, True),
    "haven_ratio": ("", True, False),
    "conductance": ("S.m", False, True),
    "share": ("", False, False),
    "kappa": ("mS/cm", False, True),
    "speed": ("nm/s", False, True),
    "tip_speed": ("nm/s", False, True),
}
CLOSEST = 0.9999  # correlation of errors that are wholly shared: a matrix of ones has no inverse
FREE = (*CLASSES, *BARRIERS)


class Target(BaseModel):
    """One measured number.

    `tracer_diffusivity`, `diffusivity` (of the current) and `haven_ratio` are those of a region by itself;
    `conductance` is that of a path of the tubule, or of all; `share` a path's part of the current; `kappa` the
    conductivity of wall and interface over the wall; `speed` that of the tip in linear response, at the length and
    overpotential of [experiment]; `tip_speed` the mean speed of the tip, or when stripping of the metal's receding end,
    while metal really grows, as in `coble plate` of the case's [growth].  `temperature_K`, `void_fraction` and
    `inner_width_nm` change the tubule.  `shared_error` is the part of `error` that all targets of one `group` have in
    common, all of it when left out; negative where it moves this number the other way.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal[*REGIONS]
    region: Literal[*INSIDE] | None = None
    path: Literal[*INSIDE] | None = None
    value: checked(Quantity(1e-40, 1e30))
    error: checked(Quantity(1e-45, 1e30, mistake="nothing is measured without an error"))
    unit: str = ""
    temperature_K: checked(Quantity(LOWEST_K, 3000.0, "K", "is it in degrees Celsius?")) | None = None
    void_fraction: checked(Quantity(0.01, 0.99, mistake="it is a fraction: is it in percent?", or_zero=True)) = 0.0
    inner_width_nm: checked(Quantity(0.1, 1e4, "nm", "is it in angstrom, m or another unit?")) | None = None
    name: str = ""
    group: str | None = None
    shared_error: float | None = None

    @model_validator(mode="after")
    def _complete(self):
        unit, of_region, _ = REGIONS[self.kind]
        if self.unit != unit:
            raise refusal(f"unit of a {self.kind} must be {unit!r}, got {self.unit!r}")
        if of_region and (self.region is None or self.path is not None):
            raise refusal(f"a {self.kind} is that of a region: give region, one of {', '.join(INSIDE)}, and no path")
        if not of_region and self.region is not None:
            raise refusal(f"a {self.kind} is that of the tubule: give no region" + (", but a path" if not unit else ""))
        if self.kind == "share" and (self.path is None or self.value >= 1):
            raise refusal("a share needs its path, and a value below 1")
        if self.kind == "tip_speed" and (self.void_fraction or self.path):
            raise refusal("a tip_speed is that of the case's [growth]: give no void_fraction and no path")
        if self.shared_error is not None and self.group is None:
            raise refusal("shared_error means nothing without a group")
        if not abs(self.shared_error or 0.0) <= self.error:
            raise refusal(f"shared_error is a part of the error: it must be at most {self.error:g} in size")
        if of_region and self.void_fraction:
            raise refusal(f"a {self.kind} is that of a region by itself: give no void_fraction")
        return self

    @property
    def logarithm(self):
        """Whether its logarithm is fitted, and not the number itself."""
        return REGIONS[self.kind][2]

    @property
    def fitted(self):
        """What is fitted, and its error."""
        if self.logarithm:
            return float(np.log(self.value)), self.error / self.value
        return self.value, self.error

    @property
    def shared(self):
        """Part of the error that is common to the group, -1 to 1."""
        if self.group is None:
            return 0.0
        return 1.0 if self.shared_error is None else self.shared_error / self.error

    @property
    def run(self):
        """Targets with equal keys are read from one run."""
        traced = self.kind in ("tracer_diffusivity", "haven_ratio")
        how = "traced" if traced else "grown" if self.kind == "tip_speed" else "driven"
        return (self.region, how, self.temperature_K, self.void_fraction, self.inner_width_nm)

    @property
    def label(self):
        """What it is called in tables and figures."""
        if self.name:
            return self.name
        parts = [self.kind.replace("_", " "), self.region or self.path or ""]
        if self.temperature_K:
            parts.append(f"{self.temperature_K:g} K")
        if self.void_fraction:
            parts.append(f"void {self.void_fraction:g}")
        if self.inner_width_nm:
            parts.append(f"W {self.inner_width_nm:g} nm")
        return " ".join(filter(None, parts))


class TargetFile(BaseModel):
    """A target file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str = "mechanisms"
    rates: str | None = None
    free: checked(Listed(str, 1, 20), tuple[Literal[*FREE], ...]) | None = None
    target: tuple[Target, ...]


def load_targets(path):
    """Targets, the case that they belong to at the rates to start from, and the free parameters.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    (targets, case, free, ties) : tuple of Target, Case, tuple of str, dict of class → class

    Raises
    ------
    CaseError
        With every fault of the files, each with its line.
    """
    text, faults = read_text(path, "`coble init targets` writes one to start from"), []
    found = parse_as(TargetFile, text, str(path))
    lines = parse_toml(text, str(path))[1]

    def fault(key, message):
        faults.append(Fault(str(path), line_of(key, lines), dotted(key), message))

    here = path.parent / found.case
    case = load_case(here if isfile(here) or not shipped(found.case) else shipped(found.case))
    present = rates_of(case)
    start = present
    if found.rates:
        start = read_rates(path.parent / found.rates)
        case = case_with(case, start, str(path.parent / found.rates))
    free = found.free or tuple(_marked_free(start))
    if not free:
        fault(("free",), "is missing: no rate is free, so there is nothing to find; give some, as free = ['interface']")
    for name in free:
        base = name.removesuffix(" barrier")
        if base not in present.hop:
            has = ", ".join(present.hop)
            fault(("free",), f"must name classes of hops that this tubule has ({has}), got '{name}'")
        elif name != base and present.hop[base].activation_energy_eV is None:
            fault(("free",), f"'{name}' needs an activation energy to start from: give one in the case")
    if not found.target:
        fault(("target",), "is missing: give what was measured as [[target]]")
    elif len(free) > len(found.target):
        fault(
            ("free",),
            f"more free rates than data: {len(free)} are free and {len(found.target)} targets are given; "
            "fix or tie some rates, or measure more",
        )
    for number, target in enumerate(found.target):
        name = target.region or target.path
        if name and name not in present.hop and not (name == "surface" and target.void_fraction):
            fault(("target", number), f"this tubule has no {name}; it has {', '.join(present.hop)}")
        # The tubule of every target must be a case, too: solid metal, walls known at its temperature, a wide bore.
        there = condition(case, target).case.model_copy(update={"wall": case.wall[:1]})
        try:
            type(case).model_validate({key: getattr(there, key) for key in there.model_fields_set})
        except ValidationError as error:
            fault(("target", number), "; ".join(each["msg"] for each in error.errors(include_url=False)))
    if faults:
        raise CaseError(sorted(faults, key=lambda each: each.line or inf))
    return found.target, case, free, {name: hop.tie for name, hop in start.hop.items() if hop.tie}


def correlation(targets):
    """Of the errors of targets: those of one group have their shared errors in common.

    Returns
    -------
    float array (n_target, n_target)
    """
    shared = np.array([target.shared for target in targets])
    together = [[a.group is not None and a.group == b.group for b in targets] for a in targets]
    found = np.where(together, CLOSEST * np.outer(shared, shared), 0.0)
    np.fill_diagonal(found, 1.0)
    return found


def repeats(targets):
    """Labels of targets that say the same, of no common group: their errors shrink as if they were independent.

    Returns
    -------
    list of (str, str)
        Equal but for value, error and name; or two shares of one tubule that together are the whole current.
    """

    def same(a, b):
        if a.run != b.run or (a.group is not None and a.group == b.group):
            return False
        if a.kind == b.kind == "share" and a.path != b.path:
            return abs(a.value + b.value - 1) <= min(a.error, b.error)
        return (a.kind, a.path) == (b.kind, b.path)

    return [(a.label, b.label) for number, a in enumerate(targets) for b in targets[:number] if same(a, b)]


def said_of_repeats(targets):
    """A sentence about each pair of `repeats`."""
    return [
        f"Targets '{b}' and '{a}' say the same, and count as independent measurements.  If they come from one, give "
        "both the same group, or leave one out."
        for a, b in repeats(targets)
    ]


def _marked_free(rates):
    for name, hop in rates.hop.items():
        if hop.free in (True, "rate", "both"):
            yield name
        if hop.free in ("barrier", "both"):
            yield f"{name} barrier"


def condition(case, target, warm=True):
    """The tubule of a target; at the temperature of the case when not `warm`."""
    changes = {}
    if target.temperature_K and warm:
        changes["conditions"] = case.conditions.model_copy(update={"temperature_K": target.temperature_K})
    if target.inner_width_nm:
        changes["tubule"] = case.tubule.model_copy(update={"inner_width_nm": target.inner_width_nm})
    return Condition(target.label, case.model_copy(update=changes), void=target.void_fraction)


def missing(content, folder):
    """Targets name their case, often another file that a report does not hold."""
    try:
        case = parse_toml(read_text(folder / "targets.toml", ""), "targets.toml")[0].get("case")
    except (OSError, ValueError):
        return ""
    if case is None or shipped(case):
        return ""
    return f"The targets name their case, {case}, which is not among the files: its sections are below."
