"""Tables of a design, made from the content of result.json alone."""

import re
from dataclasses import replace

from coble.render.numbers import typeset, with_error
from coble.render.table import Table

LITTLE = 1e-3  # relative error that three digits do not show
NONE = 1e-3  # so few expected walls count as none
SPEEDS, WEAKEST, PACKINGS, PAPER = FOLDED = ("speeds", "weakest", "packings", "paper")  # left out on a terminal
NEAR = 0.05  # numbers of the paper that are farther off are shown, and those with a note


def tables(content):
    """What every wall makes possible, tips, the matrix, packings, and the paper's numbers: list of `Table`."""
    setup = content["provenance"]["case"]["design"]
    yield _possible(content, setup)
    yield from _tips(content, setup)
    yield _matrix(content, setup)
    yield _weakest(content)
    yield _packings(content, setup)
    if content["paper"]:
        yield _paper(content["paper"])


def _digits(value):
    """Three decimals, or three digits of what has none of them."""
    return f"{value:.3f}" if abs(value) >= 0.1 else f"{value:.3g}"


def _short(estimate, scale=1.0):
    """Value and error; three digits of the value alone where the error is below the last of them."""
    value, error = estimate["value"], estimate["stderr"] or 0.0
    if error > LITTLE * abs(value):
        return with_error(estimate, scale)
    return f"{scale * value:.3g}" if abs(scale * value) < 999.5 else f"{scale * value:.0f}"


def _by_wall(title, walls, rows, notes=()):
    """A table with a column for each wall; rows of (heading, cell of a wall)."""
    cells = [[heading, *map(of_wall, walls)] for heading, of_wall in rows]
    return Table(title, ["quantity", *(wall["name"] for wall in walls)], cells, note="  ".join(notes))


def _possible(content, setup):
    """Conductivities, walls, pitches, depths."""

    def fill(wall):
        value = wall["fill_of_wall_alone"]["value"]
        return "never" if value is None or value > 1 else _short(wall["fill_of_wall_alone"])

    pitch = lambda w: _short(w["pitch_of_interface_alone_nm"]) if w["pitch_of_interface_alone_nm"] else "none"  # noqa: E731
    mv, um = f"{1e3 * setup['overpotential_V']:g} mV", f"{setup['depth_um']:g} µm"
    rows = (
        ("κ of the wall, eq. (2) [mS/cm]", lambda w: _short(w["wall_mS_cm"])),
        ("κ with the interface [mS/cm of wall]", lambda w: _short(w["kappa_mS_cm"])),
        ("κ × fill [mS/cm of cell]", lambda w: _short(w["matrix_mS_cm"])),
        ("fill that the wall alone needs [1]", fill),
        ("admissible w, wall alone [nm]", lambda w: _range(w["wall_alone_nm"])),
        ("admissible w with the interface [nm]", lambda w: _range(w["wall_nm"])),
        ("largest W + w, interface alone [nm]", pitch),
        (f"conductance of {um} [S/cm²]", lambda w: _short(w["conductance_S_cm2"])),
        (f"overpotential for {um} [mV]", lambda w: _short(w["needed_V"], 1e3)),
        ("pressure at this overpotential [MPa]", lambda w: _short(w["needed_MPa"])),
        (f"largest depth at {mv} [µm]", lambda w: _short(w["depth_limit_um"])),
    )
    notes = ["κ: conductivity.  Admissible w: thicknesses of wall that carry the wanted current.  W + w is the pitch."]
    if not content["packing"].startswith("layers"):
        notes.append(
            "A wall is as thick as at its thinnest place, between two bores; the paper's fill factor w / (w + W) is "
            "that of layers."
        )
    notes += [f"{wall['name']}: {wall['source']}." for wall in content["walls"] if wall["source"] != "formula"]
    return _by_wall("What each wall makes possible", content["walls"], rows, notes)


def _range(ends):
    """`≥ 13.3`, `≤ 122`, `any` or `none`."""
    if ends is None:
        return "none"
    low, high = ends
    if low and high:
        return f"{_short(low)} to {_short(high)}"
    return f"≥ {_short(low)}" if low else f"≤ {_short(high)}" if high else "any"


def _tips(content, setup):
    """Speed of the tip at every depth, and the time to get there."""
    walls, x = content["walls"], content["response_over_drive"]
    depths = [tip["depth_um"] for tip in walls[0]["tips"]]
    ways = [("interface alone", "interface_", walls[0]), *((f"with {wall['name']}", "", wall) for wall in walls)]
    units = [_unit(tip["interface_time_s"]["value"]) for tip in walls[0]["tips"]]
    yield Table(
        f"Speed of the tip by depth L at {1e3 * setup['overpotential_V']:g} mV, L² = L₀² + 2 B t",
        ["way", *(f"{depth:g} µm [nm/s]" for depth in depths)],
        [[name, *(_short(tip[f"{key}speed_nm_s"]) for tip in wall["tips"])] for name, key, wall in ways],
        name=SPEEDS,
    )
    note = (
        f"eU/kT = {content['drive_kT']:.2f} is beyond linear response.  A channel of this occupancy carries "
        f"{x['channel']:.2f} of it, dilute vacancies {x['vacancies, plating']:.2f} when plating and "
        f"{x['vacancies, stripping']:.2f} when stripping.  The speeds here have the response of each path's carriers; "
        f"κ, depths and overpotentials above are linear.  {setup['current_mA_cm2']:g} mA/cm² are "
        f"{content['mean_tip_speed_nm_s']:.2f} nm/s."
    )
    yield Table(
        "Time to fill, by depth L",
        ["way", *(f"{depth:g} µm [{unit}]" for depth, (unit, _) in zip(depths, units, strict=True))],
        [
            [
                name,
                *(_short(tip[f"{key}time_s"], 1 / size) for tip, (_, size) in zip(wall["tips"], units, strict=True)),
            ]
            for name, key, wall in ways
        ],
        note=note,
    )


def _unit(seconds):
    """Unit of a time, and its seconds."""
    return next(
        (unit, size) for unit, size in (("h", 3600.0), ("min", 60.0), ("s", 1.0)) if seconds >= 2 * size or size == 1
    )


def _matrix(content, setup):
    """Tubules with size scatter."""
    burst = lambda w: w["matrix"]["burst"]  # noqa: E731

    def current(quantile):
        def of(wall):
            found = wall["matrix"]["current_over_mean"]["quantiles"]
            return f"{found[quantile]:.2f}" if found else "–"

        return of

    def at_root(quantile):
        return lambda w: f"{w['matrix']['pressure_MPa'] * w['matrix']['pressure_over_full']['quantiles'][quantile]:.0f}"

    mv = f"{1e3 * setup['overpotential_V']:g} mV"
    rows = [
        ("overpotential [mV]", lambda w: _short(w["matrix"]["overpotential_V"], 1e3)),
        ("  without size scatter [mV]", lambda w: f"{1e3 * w['matrix']['overpotential_if_alike_V']:.3g}"),
        (f"state of charge at {mv} [%]", lambda w: _short(w["matrix"]["usable_state_of_charge"], 100)),
        ("full tubules [%]", lambda w: f"{100 * w['matrix']['sampled']['full']:.1f}"),
        ("mean current of a tubule [pA]", lambda w: _digits(w["matrix"]["mean_current_pA"])),
        ("  of an open one over it, 5 % [1]", current("0.05")),
        ("  of an open one over it, 95 % [1]", current("0.95")),
        ("pressure if full or blocked [MPa]", lambda w: f"{w['matrix']['pressure_MPa']:.0f}"),
        ("hoop stress in the wall, median [MPa]", lambda w: f"{burst(w)['typical_MPa']:.0f}"),
        ("strength if one tubule bursts [MPa]", lambda w: _short(burst(w)["needed_strength_MPa"])),
    ]
    if setup["series_ohm_cm2"]:
        rows[8:8] = [
            ("  at the root of all, 5 % [MPa]", at_root("0.05")),
            ("  at the root of all, 95 % [MPa]", at_root("0.95")),
        ]
        rows.append(("  if it is blocked [MPa]", lambda w: f"{burst(w)['if_blocked_MPa']:.0f}"))
    if setup["wall_strength_MPa"]:
        rows.append((f"walls of {setup['wall_strength_MPa']:g} MPa that burst", lambda w: _count(burst(w)["expected"])))
    charge = content["walls"][0]["matrix"]["state_of_charge"]
    filled = f"{100 * charge:.1f} % full ({setup['capacity_mAh_cm2']:g} mAh/cm²)"
    title = f"{_many(setup['tubules'])} tubules with size scatter, {filled}"
    notes = (
        f"Scatter (standard deviation of the logarithm): W {setup['scatter_inner_width']:g}, "
        f"w {setup['scatter_wall_thickness']:g}, D {setup['scatter_diffusivity']:g}, "
        f"strength {setup['scatter_strength']:g}: assumptions, the paper gives none"
        + ("." if setup["wall_strength_MPa"] else ", nor a strength of the walls."),
    )
    return _by_wall(title, content["walls"], rows, notes)


def _weakest(content):
    """The wall that bursts first."""
    burst = lambda w: w["matrix"]["burst"]  # noqa: E731
    weakest = lambda key, form: lambda w: format(burst(w)["weakest"][key], form)  # noqa: E731
    rows = [
        ("strength at which it bursts, 2.5 % [MPa]", lambda w: f"{burst(w)['weakest_95_MPa'][0]:.0f}"),
        ("strength at which it bursts, 97.5 % [MPa]", lambda w: f"{burst(w)['weakest_95_MPa'][1]:.0f}"),
        ("its W [nm]", weakest("inner_width_nm", ".0f")),
        ("its w [nm]", weakest("wall_thickness_nm", ".1f")),
        ("its strength over the median [1]", weakest("relative_strength", ".2f")),
    ]
    return replace(_by_wall("The weakest wall", content["walls"], rows), name=WEAKEST)


def _many(n):
    """10¹⁰, or 25,000,000."""
    power = len(str(n)) - 1
    return typeset(f"1e{power}").removeprefix("1×") if power > 5 and n == 10**power else f"{n:,}"


def _count(estimate):
    return "none" if estimate["value"] < NONE else f"{estimate['value']:.2g} ± {estimate['stderr']:.1g}"


def _packings(content, setup):
    """The same tubule in other packings."""
    depth, mv = f"{setup['depth_um']:g} µm", f"{1e3 * setup['overpotential_V']:g} mV"
    rows = [
        [
            each["packing"],
            f"{each['fill']:.3f}",
            f"{each['capacity_mAh_cm2']:.2f}",
            f"{each['depth_for_capacity_um']:.1f}",
            f"{each['interface_depth_limit_um']:.1f}",
            f"{1e3 * each['interface_needed_V']:.1f}",
        ]
        for each in content["packings"]
    ]
    note = (
        f"This case: {content['packing']}.  Q: capacity of {depth}.  L: depth for {setup['capacity_mAh_cm2']:g} "
        f"mAh/cm².  L max: depth that the interface alone carries at {mv}.  U: overpotential of the interface alone "
        f"for {depth}."
    )
    title = f"The same tubule, other packings; interface of {content['walls'][0]['name']}"
    return Table(
        title, ["packing", "fill [1]", "Q [mAh/cm²]", "L [µm]", "L max [µm]", "U [mV]"], rows, note=note, name=PACKINGS
    )


def _spelled(text):
    """Units as they are printed."""
    return re.sub(r"\bum\b", "µm", text.replace("cm2", "cm²").replace("ohm", "Ω"))


def _paper(claims):
    """Numbers of the paper that differ from ours, or have a note."""
    printed = [each for each in claims if each["printed"]]
    shown = [each for each in claims if each["note"] or (each["printed"] and abs(each["off"]) > NEAR)]
    rest = [each for each in printed if each not in shown]
    rows = []
    for each in shown:
        off = f"{100 * each['off']:+.2g} %" if each["printed"] and abs(each["off"]) < 0.995 else ""
        if each["printed"] and not off:
            off = f"× {1 + each['off']:.3g}"
        what = each["what"] + (f" [{each['unit']}]" if each["unit"] else "")
        ours = f"{each['ours']:.4g}"
        if each["what"].startswith("thinnest wall") and not each["ours"]:  # the interface alone carries enough
            ours, off = "any", ""
        rows.append([_spelled(what), each["printed"] or "–", ours, off, _spelled(each["note"])])
    worst = max(rest, key=lambda each: abs(each["off"]))
    note = (
        f"{len(rest)} further numbers that the paper prints lie within {100 * NEAR:.0f} % of ours (farthest: "
        f"{_spelled(worst['what'])}, {typeset(format(100 * worst['off'], '+.1f'))} %); all {len(claims)} are in "
        "result.json."
    )
    title = "The paper's numbers that differ from ours"
    return Table(title, ["number", "paper", "ours", "off", "note"], rows, note=note, name=PAPER)
