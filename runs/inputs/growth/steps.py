"""Constant current and steps of growth: `current_pA`, `current_mA_cm2` and [[growth.step]], and their checks.

A step has one drive and one end.  A case has a current, or steps, or an overpotential.
"""

from collections.abc import Mapping
from math import copysign
from numbers import Real
from types import SimpleNamespace
from typing import Annotated

from pydantic import Field

from coble.inputs.files.faults import listed, number_text, refusal, typed_text
from coble.inputs.numbers.quantities import Quantity, Voltage, length_nm
from coble.inputs.numbers.section import Section, checked

NOMINAL_V = 0.1  # of a current, whose overpotential follows: what counts of it is the sign
DRIVES = ("current_pA", "overpotential_V", "rest")
ENDS = ("until_front_nm", "until_left_nm", "time_s", "charge_fC", "until_V")
MOST_WETTING = 0.9  # with slower hops: at 0.97 the speed is 9 % too low where 2 % are allowed (W = 2.5 nm)
PACKED = ("square-array", "hexagonal-array", "slab")  # shapes that have an area each


class Current(Quantity):
    """Validator of a current of either sign: positive plates, negative strips."""

    def __call__(self, value):
        if isinstance(value, Real) and not isinstance(value, bool) and value < 0:
            return -super().__call__(-value)
        return super().__call__(value)

    @property
    def limits(self):
        """For a JSON schema."""
        return {"minimum": -self.high, "maximum": self.high}


CURRENT_pA = Current(1e-6, 1e9, "pA", "is it in nA or A?")
CURRENT_mA_cm2 = Current(1e-6, 1e9, "mA/cm2", "is it in A/m2?")


def _rest(value):
    """Validator of `rest`."""
    if value is not True:
        raise refusal(f"must be true, or be left out, got {typed_text(value)}")
    return value


class GrowthStep(Section):
    """A step of growth: its drive (current [pA], overpotential [V] or rest), and when it ends."""

    current_pA: Annotated[
        checked(CURRENT_pA) | None, Field(description="current of the tubule [pA]; positive plates, negative strips")
    ] = None
    overpotential_V: Annotated[
        checked(Voltage(1.0), float) | None, Field(description="overpotential [V]; positive plates, negative strips")
    ] = None
    rest: Annotated[checked(_rest, bool) | None, Field(description="no current")] = None
    until_front_nm: Annotated[
        checked(length_nm(0.5, 1e4)) | None, Field(description="ends when the tip has come so far [nm]")
    ] = None
    until_left_nm: Annotated[
        checked(length_nm(0.1, 1000.0)) | None, Field(description="ends when so much metal is left [nm]")
    ] = None
    time_s: Annotated[checked(Quantity(1e-12, 1e6, "s")) | None, Field(description="ends after this time [s]")] = None
    charge_fC: Annotated[
        checked(Quantity(1e-4, 1e12, "fC", "is it in pC or C?")) | None,
        Field(description="ends after this charge [fC]"),
    ] = None
    until_V: Annotated[
        checked(Voltage(1.0), float) | None, Field(description="ends when the overpotential is there [V]")
    ] = None


def nominal_V(growth):
    """Overpotential of a case that gives none, with the sign of its current, or of its first step that drives [V].

    Parameters
    ----------
    growth : section of a case, or keys of a draft
    """
    drives = [step.current_pA or step.overpotential_V or 0.0 for step in growth.step]
    drive = growth.current_pA or growth.current_mA_cm2 or next(filter(None, drives), 0.0)
    return copysign(NOMINAL_V, drive) if drive else None


def check_current(draft, given):
    """Faults of a draft of a case with a current or steps; gives it the overpotential of their sign.

    Parameters
    ----------
    draft : namespace of `coble.inputs.case_checks`
    given
        What came as [growth].

    Yields
    ------
    section, key, message
    """
    growth, given = draft.growth, given if isinstance(given, dict) else {}
    if not all(isinstance(step, Mapping | GrowthStep) for step in growth.step):
        return  # what is no table is said where tables are read
    drives = [key for key in ("current_pA", "current_mA_cm2", "step", "overpotential_V", "steps_V") if given.get(key)]
    asked = [key for key in drives if key not in ("overpotential_V", "steps_V")]
    in_steps = any(dict(step).get("current_pA") for step in growth.step)
    for key in ("contact_ohm_cm2", "exchange_mA_cm2"):
        if getattr(growth, key) and not (growth.current_pA or growth.current_mA_cm2 or in_steps):
            yield growth, key, "belongs to a constant current: give current_pA, or steps of a current"
    if not asked or "step" in asked and growth.until_V:
        if growth.until_V:
            yield growth, "until_V", "belongs to current_pA or current_mA_cm2, or into a step of such a current"
        return
    if len(drives) > 1:
        yield growth, drives[-1], f"must not be given beside {drives[0]}: a case has one drive, leave one of them out"
    if growth.current_mA_cm2 and draft.tubule.shape not in PACKED:
        yield (
            growth,
            "current_mA_cm2",
            f"needs a packing, whose tubules have an area each: shape = {listed(PACKED)}; for '{draft.tubule.shape}' "
            "give current_pA",
        )
    for key in ("slip_1_s", "power_law_slip", "metal_touches_electrolyte", "until_outside_atoms"):
        if getattr(growth, key):
            yield growth, key, f"must be left out with {asked[0]}: it needs an overpotential that stays"
    steps = [
        SimpleNamespace(**{**dict.fromkeys([*DRIVES, *ENDS]), **dict(step)}, path=("growth", "step", k))
        for k, step in enumerate(growth.step)
    ]
    volts = None
    if all(map(_numbers, steps)):
        volts = nominal_V(SimpleNamespace(**{**_drives(growth), "step": steps}))
    current = growth.current_pA or growth.current_mA_cm2
    fills = any(getattr(wall, "ocv_V", None) for wall in draft.wall or ())
    if current and (said := _until_V(current, growth.until_V, fills)):
        yield growth, "until_V", said
    for step in steps:
        yield from _step_is_whole(step, fills)
        yield from _step_fits(step, growth)
    yield from _steps_go_on(steps, growth)
    growth.overpotential_V = volts or NOMINAL_V


def _drives(growth):
    return {key: getattr(growth, key) for key in ("current_pA", "current_mA_cm2")}


def _numbers(step):
    """Whether the drives of a step are numbers, or nothing."""
    return all(each is None or isinstance(each, Real) for each in (step.current_pA, step.overpotential_V))


def _step_fits(step, growth):
    """The tip can be where a step ends."""
    end_nm = getattr(step, "until_front_nm", None)
    if isinstance(end_nm, Real) and end_nm > growth.depth_nm:
        said = f"must be at most depth_nm = {number_text(growth.depth_nm)} nm, got {number_text(end_nm)}"
        yield step, "until_front_nm", said


def _steps_go_on(steps, growth):
    """A step of plating ends beyond the tip, where that is known: at the start, and after another such step."""
    tip_nm = growth.metal_to_nm
    for step in steps:
        found = {key: getattr(step, key, None) for key in (*DRIVES, "until_front_nm")}  # faulty ones are missing
        end_nm, drive = found["until_front_nm"], found["current_pA"] or found["overpotential_V"]
        if end_nm is None and not found["rest"]:
            return
        if end_nm is None or not all(isinstance(each, Real) for each in (end_nm, drive, tip_nm)):
            continue
        if end_nm <= tip_nm:
            at = number_text(tip_nm)
            yield step, "until_front_nm", f"must be beyond the tip, which is at {at} nm then, got {number_text(end_nm)}"
        tip_nm = end_nm


def _until_V(current, until_V, fills):
    """What is wrong with a voltage at which a current ends; nothing, if nothing is.

    A wall that fills begins far below 0 V, and rises while it is plated.
    """
    if not (isinstance(until_V, Real) and isinstance(current, Real)) or until_V * current > 0 or fills and current > 0:
        return ""
    sign = "> 0" if current > 0 else "< 0"
    return f"must be {sign} V with this current, whose overpotential is, got {number_text(until_V)}"


def _step_is_whole(step, fills):
    """One drive, one end, and an end that the drive can reach."""
    drives, ends = ([key for key in keys if getattr(step, key) is not None] for keys in (DRIVES, ENDS))
    if len(drives) != 1:
        found = "none" if not drives else listed(drives, "and")
        yield step, (drives or ["current_pA"])[-1], f"a step must have one of {listed(DRIVES)}, got {found}"
    if len(ends) != 1:
        found = "none" if not ends else listed(ends, "and")
        yield step, (ends or ["time_s"])[-1], f"a step must have one end, {listed(ENDS)}, got {found}"
    if len(drives) != 1 or len(ends) != 1 or not _numbers(step):
        return
    drive, end = getattr(step, drives[0]), ends[0]
    if drives[0] == "rest" and end != "time_s":
        yield step, end, "a rest must end by time_s: nothing grows meanwhile"
    elif end == "until_V" and drives[0] != "current_pA":
        yield step, end, "belongs to a step of constant current: an overpotential stays what it is"
    elif end == "until_V" and (said := _until_V(drive, step.until_V, fills)):
        yield step, end, said
    elif end in ("until_front_nm", "until_left_nm", "charge_fC") and drive == 0:
        yield step, end, "cannot be reached without a drive: end the step by time_s"
    elif (end == "until_front_nm" and drive < 0) or (end == "until_left_nm" and drive > 0):
        yield step, end, "is an end of plating" if drive < 0 else "is an end of stripping"


def check_slowing(draft):
    """What slower hops on the metal do not go with.

    Parameters
    ----------
    draft : namespace of `coble.inputs.case_checks`

    Yields
    ------
    section, key, message
    """
    growth = draft.growth
    if growth.surface_slowing == 1:
        return
    said = "must be 1 with "
    if growth.step or growth.current_pA or growth.current_mA_cm2 or growth.steps_V:
        yield growth, "surface_slowing", f"{said}a drive that changes: its error is that of the speed at one potential"
    elif growth.space_nm or growth.obstacle_fraction:
        yield growth, "surface_slowing", f"{said}free space or obstacles: only a plain tip has a known resistance"
    elif not growth.metal_to_nm:
        yield growth, "surface_slowing", f"{said}an empty tubule: how metal nucleates hangs on these hops"
    elif growth.slip_1_s or growth.power_law_slip or growth.metal_touches_electrolyte:
        yield growth, "surface_slowing", f"{said}slip or metal at the electrolyte: the channel must feed the tip"
    elif isinstance(draft.bonds.wetting, Real) and draft.bonds.wetting > MOST_WETTING:
        yield growth, "surface_slowing", f"{said}wetting > {MOST_WETTING}: metal runs ahead of the tip by these hops"


def check_steady(draft):
    """What a channel that starts with a steady current does not go with.

    Parameters
    ----------
    draft : namespace of `coble.inputs.case_checks`

    Yields
    ------
    section, key, message
    """
    growth = draft.growth
    if not growth.steady_channel:
        return
    said = "must be false with "
    first_V = growth.steps_V[0] if growth.steps_V else growth.overpotential_V
    if growth.step or growth.current_pA or growth.current_mA_cm2:
        yield growth, "steady_channel", f"{said}currents or steps: it needs the root's potential"
    elif isinstance(first_V, Real) and first_V <= 0:
        yield growth, "steady_channel", f"{said}an overpotential that does not plate: a plug that grows has a current"
    elif not growth.metal_to_nm or growth.metal_from_nm:
        yield growth, "steady_channel", f"{said}an empty stretch at the root: the channel leads from the root to a tip"
    elif growth.space_nm:
        yield growth, "steady_channel", f"{said}space_nm > 0: the channel of a free tubule has an outside"
    elif "interface" in growth.without:
        yield growth, "steady_channel", f"{said}without = 'interface': no current flows in the channel"
    elif any(getattr(wall, "ocv_V", None) for wall in draft.wall or ()):
        yield growth, "steady_channel", f"{said}a wall that fills: it starts at its lithiation"


def check_graded(draft, takes_none):
    """What a graded channel does not go with.

    Parameters
    ----------
    draft : namespace of `coble.inputs.case_checks`
    takes_none : callable (wall) → bool
        Whether a wall takes no metal.

    Yields
    ------
    section, key, message
    """
    growth = draft.growth
    if growth.graded == "off":
        return
    said = 'must be "off" with '
    if growth.obstacle_fraction:
        yield growth, "graded", f"{said}obstacles: the channel round them is no row of equal periods"
    elif growth.space_nm:
        yield growth, "graded", f"{said}space_nm > 0: the channel of a free tubule has an outside"
    elif draft.tubule.shape != "single":
        yield growth, "graded", f"{said}shape = '{draft.tubule.shape}': cells are those of a single tubule"
    elif draft.has_default_walls or not all(map(takes_none, draft.wall)):
        yield growth, "graded", f"{said}a wall that takes metal: only the channel of an inert one is graded"
    elif growth.slip_1_s or growth.power_law_slip:
        yield growth, "graded", f"{said}slip, which moves the plug under its channel"
    elif growth.metal_from_nm or not growth.metal_to_nm:
        yield growth, "graded", f"{said}an empty stretch at the root: cells are those of a covered channel"
    elif off := [path for path in ("interface", "surface") if path in growth.without]:
        yield growth, "graded", f"{said}without = '{off[0]}': nothing moves in the channel"
    elif isinstance(draft.bonds.wetting, Real) and draft.bonds.wetting >= 1:
        yield growth, "graded", f"{said}wetting >= 1: a film of metal runs along the wall, far ahead of the tip"
