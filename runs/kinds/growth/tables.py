"""Tables of growth, made from the content of result.json alone."""

import numpy as np

from coble.kmc.estimates.estimate import ratio_estimate
from coble.models.rate_numbers import COLUMNS, row
from coble.render.names import LABELS
from coble.render.numbers import many, noughts, number_of, plain, power, scientific, signed, typeset, with_error
from coble.render.table import Table, blocks_of, columns_of, parts_of, spread


def details(content):
    hops = sorted(content["hops"].items(), key=lambda item: -item[1])
    given = [("exchanges with the electrolyte", content["exchanges"]), ("slips of the plug", content["slips"])]
    all_events = [(_hop(name), n) for name, n in hops] + given
    all_events = [(name, number) for name, number in all_events if number]
    yield Table(
        "Events by path",
        ["path", "events"],
        [[name, many(number)] for name, number in all_events],
        parts=parts_of([number for _, number in all_events]),
        note=f"{power(content['events'], 3)} events on {content['run']['sites']:,} sites in "
        f"{content['run']['seconds']:.1f} s, {power(content['events_per_s'], 2)} per second.",
    )


def _hop(name):
    """What hops of a path, or between two, are called."""
    return " ↔ ".join(LABELS[path] for path in name.split("|"))


def tables(content):
    """What came of a run, and what every path carried: list of `Table`."""
    yield _summary(content)
    hops, mobility = content["hops"], content["run"]["mobilities_1_s"]
    shares = carried(content)
    touched = dict.fromkeys(content["series"]["current_A"], 0)
    for name, number in hops.items():
        for path in name.split("|"):
            touched[path] += number
    rows, numbers = [], []
    for path, number in sorted(touched.items(), key=lambda item: -(shares[item[0]].value if item[0] in shares else -1)):
        if not number:
            continue
        share = shares[path].as_dict() if path in shares else None
        rate = mobility[path.replace(" ", "_")]
        rows.append([LABELS[path], with_error(share, 100), number_of(rate), many(number), blocks_of(share)])
        numbers.append([path, rate, number, *spread(share)])
    yield Table(
        "Paths of the metal",
        ["path", "share of the current [%]", "mobility [1/s]", "hops", "samples"],
        rows,
        note=(
            "Share of the charge that moved between root and metal's end over the whole run.  A path on which atoms "
            "move backwards counts negative.  " * bool(shares)
        )
        + "Hops between two paths count for both."
        + f"  {noughts({LABELS[path]: share.as_dict() for path, share in shares.items()})}".rstrip(),
        name="paths",
        numbers=(["path", "mobility_1_s", "hops", *columns_of("share", "")], numbers),
    )


def carried(content):
    """Part of the current that every path carried in a run of growth, dict of path → Estimate; empty when undefined.

    Sums over the run in blocks of records; a hop between two paths counts half for each.
    """
    series = content["series"]
    interval = np.diff(series["time_s"])
    way = {path: np.array(current)[1:] * interval for path, current in series["current_A"].items()}
    total = sum(way.values())
    if len(set(np.sign(series["overpotential_V"]))) > 1 or not len(total) or not total.sum():
        return {}
    return {path: ratio_estimate([each], [total]) for path, each in way.items() if each.any()}


def _summary(content):
    """What came of a run in which metal grows or shrinks."""
    series, fit, law = content["series"], content["fit"], content["law"]
    setup = content["provenance"]["case"]["growth"]
    void, front = series["void_nm"][-1], series["front_nm"][-1]
    metal = f"{void:.2f} to {front:.2f} nm, {100 * series['filled'][-1]:.1f} % filled" if front else "none in the bore"
    rows = [
        ("stopped", content["reason"]),
        ("simulated time", f"{series['time_s'][-1]:.3e} s"),
        ("metal", metal),
        ("atoms", f"{series['atoms'][-1]:,}; net from the electrolyte {signed(series['inserted_minus_removed'][-1])}"),
    ]
    if setup.get("current_pA") or setup.get("current_mA_cm2") or setup.get("step"):
        volts = series["overpotential_V"]
        rows.append(("charge given", f"{series['charge_fC'][-1]:.4g} fC"))
        rows.append(("overpotential", f"{volts[0]:.3f} V at first, {volts[-1]:.3f} V at the end"))
    if "sites_enclosed" in content["run"]["lattice"]:
        rows.append(
            ("filled a width W behind the tip", f"{100 * content['filled_behind_tip']:.2f} % of the sites within reach")
        )
    if any(series["atoms_outside"]):
        rows.append(("atoms outside", f"{series['atoms_outside'][-1]:,}"))
    if content["incubation_s"]:
        rows.append(("first nucleus", f"{content['incubation_s']:.3e} s"))
    if fit["b_nm2_s"]:
        b = fit["b_nm2_s"]
        rows.append(("mean speed", f"{scientific(fit['speed_nm_s'])} nm/s{_stretch(content)}"))
        plates = content["provenance"]["case"]["growth"]["overpotential_V"] > 0
        beside = f"; the channel's conductance gives {law['b_nm2_s']:.2e}" if plates else ""
        rows.append(("B of L² = L₀² + 2Bt", f"{scientific(b)} nm²/s{beside}"))
    moved = [way for way in series["marker_displacement_nm"] if way is not None]
    if moved:
        gone = "" if series["marker_displacement_nm"][-1] is not None else ", until most of them were gone"
        rows.append(("marked atoms moved", f"{round(moved[-1], 3) or 0:+.3f} nm{gone}".replace("+0.000", "0.000")))
    hops = content["hops"]
    most = sorted(hops.items(), key=lambda item: -item[1])[:4]
    if most:  # none in a run that was stopped at once
        rows.append(("events", f"{many(content['events'])}, {content['events_per_s']:.2e} per second"))
        parts = ", ".join(f"{_hop(name)} {100 * n / content['events']:.0f} %" for name, n in most)
        rows.append(("events by path", parts))
    note = content["accelerated"] or ""
    return Table("Result", ["", ""], [[name, typeset(value)] for name, value in rows], words=2, note=note)


def _stretch(content):
    """Where the fits begin and end: the start, in which metal and channel find their state, is left out."""
    from coble.kinds.growth.run import steady

    _, length = steady(content["provenance"]["case"]["growth"], content["series"])
    return f" from {length[0]:.1f} to {length[-1]:.1f} nm" if len(length) else ""


def series(content):
    """The records against time, for a CSV file."""
    found = content["series"]
    names = [name for name, values in found.items() if name != "current_A" and not isinstance(values[0], list)]
    columns = {name: found[name] for name in names if any(value is not None for value in found[name])}
    columns |= {f"current_{path.replace(' ', '_')}_A": values for path, values in found["current_A"].items()}
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    return Table("Series", list(columns), rows, name="series")


def effort(content):
    """(events, seconds) of a run."""
    return content.get("events"), content.get("run", {}).get("seconds")


def rates(content, case, folder):
    """What every path's hops go by: list of `Table`."""
    return [_mobilities(content)]


def _mobilities(content):
    case = content["provenance"]["case"]
    temperature = case["conditions"]["temperature_K"]
    sections = {"bulk": "metal", "metal surface": "surface", "interface": "interface", "surface": "surface"}
    rows, numbers = [], []
    for key, rate in content["run"]["mobilities_1_s"].items():
        path = key.replace("_", " ")
        found = case["wall"][0] if path == "wall" else case[sections[path]]
        energy = found.get("activation_energy_eV")
        d = found.get("diffusivity_cm2_s")
        barrier = "–" if energy is None else f"{energy:.4f}"
        source = found.get("source", "takes no metal")
        rows.append([LABELS[path], number_of(rate), barrier, number_of(d), source])
        wall = case["wall"][0]["name"]
        numbers.append(row(wall, (path, path), temperature, rate, barrier_eV=energy, source=source))
    bonds = case["bonds"]
    return Table(
        f"Mobilities at {temperature:g} K",
        ["path", "mobility [1/s]", "barrier [eV]", "D [cm²/s]", "source"],
        rows,
        note="Rate of a hop that changes no bond, from the diffusivity beside it; one that loses bonds is slower by "
        f"its Boltzmann factor.  Bonds {bonds['first_eV']:g} eV to first and {bonds['second_eV']:g} eV to second "
        f"neighbours, wetting {bonds['wetting']:g}.  The barrier is the slope of ln D, bonds included.",
        name="mobilities",
        numbers=(COLUMNS, numbers),
    )


def compared(results):
    columns = {
        "W [nm]": lambda c: f"{c['provenance']['case']['tubule']['inner_width_nm']:g}",
        "U [V]": lambda c: f"{c['provenance']['case']['growth']['overpotential_V']:g}",
        "tip [nm]": lambda c: f"{c['series']['front_nm'][0]:.1f} to {c['series']['front_nm'][-1]:.1f}",
        "time [µs]": lambda c: f"{c['series']['time_s'][-1] * 1e6:.3g}",
        "speed [nm/s]": lambda c: plain(c["fit"]["speed_nm_s"]),
        "B [nm²/s]": lambda c: plain(c["fit"]["b_nm2_s"]),
        "law's B [nm²/s]": lambda c: number_of(c["law"]["b_nm2_s"]),
        "events/s": lambda c: f"{c['events_per_s']:.2e}",
    }
    rows = [[name, *(cell(content) for cell in columns.values())] for name, content in results]
    return Table("Growth", ["result", *columns], rows)


def compared_panel(ax, results):
    from coble.render.palette import SERIES

    for number, (name, content) in enumerate(results):
        series, style = content["series"], SERIES[number % len(SERIES)]
        squared = [length**2 for length in series["front_nm"]]
        ax.plot([t * 1e6 for t in series["time_s"]], squared, color=style.colour, linestyle=style.line, label=name)
    ax.set_xlabel("time [µs]")
    ax.set_ylabel("(position of the tip)² [nm²]")
    ax.legend(frameon=False, fontsize=9)
