"""The layout of result.json of growth."""

from typing import Any, Literal

from coble.store.schema import Estimate, Model, ResultModel, of


class SeriesResult(Model):
    """One entry per record."""

    time_s: of(list[float], "simulated [s]")
    overpotential_V: of(list[float], "of the electrolyte [V]")
    front_nm: of(list[float], "tip of the metal [nm]")
    void_nm: of(list[float], "receding end of the metal [nm]")
    atoms: list[int]
    inserted_minus_removed: of(list[int], "atoms given by the electrolyte less those taken")
    filled: of(list[float], "part of the metal's sites between its ends [1]")
    charge_fC: of(list[float], "given by the electrolyte [fC]")
    charge_mAh_cm2: of(list[float | None], "the same per area of a packing; null without [mAh/cm2]") = []
    wall_lithiation: of(list[float | None], "occupied part of the wall's sites, or the lithiation of its curve [1]")
    current_A: of(dict[str, list[float]], "by path [A]")
    marker_displacement_nm: of(list[float | None], "of marked atoms [nm]")
    front_nm_by_bore: of(list[list[float]], "[nm]")
    void_nm_by_bore: of(list[list[float]], "[nm]")
    atoms_by_bore: list[list[int]]
    atoms_outside: list[int]


class Fits(Model):
    speed_nm_s: of(Estimate | None, "mean speed of the tip, or of the receding end [nm/s]")
    b_nm2_s: of(Estimate | None, "B of L^2 = L0^2 + 2 B t [nm2/s]")


class Law(Model):
    b_continuum_nm2_s: of(float, "B by the continuum [nm2/s]")
    b_nm2_s: of(float, "B by the channel's conductance on the lattice [nm2/s]")
    response: of(float, "of the carriers to the overpotential [1]")
    b_stored_nm2_s: of(float | None, "the same with what channel and wall store [nm2/s]") = None
    tip_V: of(float | None, "potential of the tip, from the channel's occupancy [V]") = None
    b_extended_nm2_s: of(float | None, "B with what is stored and the tip's potential [nm2/s]") = None
    time_s: of(float | None, "predicted for the whole way [s]")
    limiting_pA_nm: of(float | None, "largest current times length of the channel [pA nm]") = None


class Channel(Model):
    z_nm: of(list[float], "along the axis [nm]")
    potential_V: of(list[float | None], "electrochemical potential of the channel's atoms [V]")
    stderr_V: of(list[float | None], "its standard error [V]")


class Graded(Model):
    fine_nm: of(float, "of the channel behind and ahead of the tip, site by site [nm]")
    cells: int
    from_nm: of(float | None, "where they begin; null without any behind the tip [nm]")
    to_nm: of(float | None, "where those behind the tip end; null without [nm]")
    ahead_from_nm: of(float | None, "where those ahead of the tip begin; null without [nm]") = None
    left_out: of(float, "bound of what the metal along them would carry, over the channel's current [1]")


class Slowed(Model):
    factor: of(float, "by which hops on the metal's surface are slower, at the end [1]")
    growth_error: of(float | None, "wanted of the speed, relative; null for a factor that was given [1]")
    speed_lower_by: of(float | None, "in stretches with the factor, relative [1]")
    speed_lower_by_stderr: of(float | None, "its standard error [1]")
    compared: of(int, "stretches with the factor, each with one without")


class GrowthRun(Model):
    seconds: of(float, "[s]")
    sites: int
    codes: int
    lattice: dict[str, Any]
    mobilities_1_s: of(dict[str, float], "hop rates behind the paths [1/s]")
    hops_dropped_below_1_s: of(float, "slower hops are left out [1/s]")


class Growth(ResultModel):
    """Of coble plate, strip and cycle."""

    kind: Literal["growth"]
    reason: of(str, "why it ended")
    series: SeriesResult
    incubation_s: of(float | None, "when there first was a nucleus of metal [s]")
    fit: Fits
    law: Law
    crystal: of(dict[str, Any], "wholeness, neighbours and roughness [nm] of the metal")
    filled_behind_tip: of(float | None, "part of the metal's sites a width behind the tip [1]")
    channel: Channel
    events: int
    events_per_s: of(float, "per second of running [1/s]")
    hops: of(dict[str, int], "by path, or pair of paths")
    exchanges: of(int, "with the electrolyte")
    limiting_current_pA: of(float | None, "that the root accepted when it was full, or empty [pA]")
    slips: of(int, "of the whole plug")
    graded: of(Graded | None, "the channel in cells, at the end; null where none was")
    slowing: of(Slowed | None, "of hops on the metal's surface; null where they were not slowed") = None
    accelerated: of(str | None, "what was left out to be faster, and what that costs")
    half_cycles: int
    run: GrowthRun
