"""The table on the terminal, made from the content of result.json alone."""

from rich.console import Group
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from coble.render.names import LABELS

WIDE = 145  # columns of terminal for the whole table

# Heading, whether a narrow terminal shows it, and the cell from (name of the path, path, wall).
COLUMNS = (
    ("path", True, lambda name, path, wall: LABELS[name]),
    ("share [%]", True, lambda name, path, wall: with_error(path["share"], 100)),
    ("exact", True, lambda name, path, wall: f"{100 * wall['exact']['shares'][name]:.2f}"),
    ("formula", True, lambda name, path, wall: f"{100 * wall['formula']['shares'][name]:.2f}"),
    ("control", True, lambda name, path, wall: with_error(path["control"])),
    ("lost if off", True, lambda name, path, wall: with_error(path["lost_if_off"])),
    ("conductance [S·m]", False, lambda name, path, wall: scientific(path["conductance_S_m"])),
    ("D* [cm²/s]", False, lambda name, path, wall: scientific(wall["tracer_cm2_s"].get(name))),
    ("Haven", False, lambda name, path, wall: with_error(wall["haven_ratio"].get(name))),
    ("hops", False, lambda name, path, wall: f"{path['hops']:.2e}"),
)


class Fitted:
    """A table; on a terminal that is too narrow for it, each of its rows as a list of headings and cells."""

    def __init__(self, table):
        self.table = table

    def __rich_console__(self, console, options):
        table = self.table
        needs = (self._needs(column, console, options.update(max_width=10_000)) for column in table.columns)
        if sum(needs) + 1 < options.max_width:
            yield table
            return
        yield Text(str(table.title), style="bold")
        for name, *cells in zip(*(column.cells for column in table.columns), strict=True):
            grid = Table.grid(padding=(0, 2))
            for column, cell in zip(table.columns[1:], cells, strict=True):
                if str(cell):
                    grid.add_row(Text(f"  {column.header}"), cell)
            yield Text(str(name), style="bold")
            yield grid

    @staticmethod
    def _needs(column, console, options):
        """Columns of terminal that no word, or where lines do not wrap no line, is cut in; with the border."""
        found = [Measurement.get(console, options, cell) for cell in (column.header, *column.cells)]
        return max(each.maximum if column.no_wrap else each.minimum for each in found) + 3


def table_of(content, width):
    """One block per wall: shares beside exact and formula, what controls the current, verdict.

    Parameters
    ----------
    content : dict
        Of result.json.
    width : int
        Of the terminal, in characters: below `WIDE` conductances, tracers and hops are left to result.json.
    """
    columns = [(heading, cell) for heading, narrow, cell in COLUMNS if narrow or width >= WIDE]
    return Group(*(part for wall in content["walls"] for part in _wall(wall, columns)))


def _wall(wall, columns):
    table = Table(title=f"wall {wall['name']}", title_justify="left", title_style="bold")
    for heading, _ in columns:
        table.add_column(Text(heading), justify="left" if heading == "path" else "right", no_wrap=True)
    ranked = sorted(wall["paths"].items(), key=lambda item: -item[1]["share"]["value"])
    for name, path in ranked:
        table.add_row(*(cell(name, path, wall) for _, cell in columns))
    run, factors = wall["run"], wall["calibration"]
    kappa = wall["kappa_mS_cm"]
    notes = (
        f"κ of wall and interface {with_error(kappa)} mS/cm, exact {wall['exact']['kappa_mS_cm']:.3f}, "
        f"formula {wall['formula']['kappa_mS_cm']:.3f}.  "
        f"Calibration Γa²/D: " + ", ".join(f"{LABELS[k]} {v:.3f}" for k, v in factors.items()) + "."
    )
    ended = (
        f"{run['reason']}: {run['events']:.2e} events on {run['sites']:,} sites in {run['seconds']:.1f} s "
        f"({run['events'] / max(run['seconds'], 1e-9) / 1e6:.1f} M/s), {run['blocks']} blocks."
    )
    ways = ", ".join(f"{' → '.join(r['regions'])} {100 * r['share']:.1f} %" for r in wall["routes"][:4])
    cut = ", ".join(f"{name} {100 * part:.0f} %" for name, part in wall["limiting_cut"].items())
    ways = f"Routes: {ways}.  Limiting cut: {cut}."
    verdict = Text(wall["verdict"]["sentence"], style="bold green" if wall["verdict"]["dominant"] else "bold yellow")
    return Fitted(table), Text(notes), Text(ways), Text(ended, style="dim"), verdict, Text()


def with_error(estimate, scale=1.0):
    """value ± stderr, to two digits of the error."""
    if estimate is None or estimate["value"] is None:
        return "–"
    value, error = scale * estimate["value"], scale * (estimate["stderr"] or 0.0)
    if error == 0:
        return f"{value:.3g}"
    digits = max(0, 1 - _exponent(error))
    if digits > 6:
        return f"{value:.2e} ± {error:.1e}"
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def scientific(estimate):
    """(v ± e)e-16"""
    if estimate is None or not estimate["value"]:
        return "–"
    power = _exponent(abs(estimate["value"]))
    scale = 10.0**power
    return f"({estimate['value'] / scale:.3f} ± {(estimate['stderr'] or 0) / scale:.3f})e{power}"


def _exponent(x):
    return int(f"{x:e}".split("e")[1])


def growth_table(content):
    """What came of a run in which metal grows or shrinks."""
    series, fit, law = content["series"], content["fit"], content["law"]
    grid = Table.grid(padding=(0, 2))
    rows = [
        ("stopped", content["reason"]),
        ("simulated time", f"{series['time_s'][-1]:.3e} s"),
        ("metal", f"{series['void_nm'][-1]:.2f} to {series['front_nm'][-1]:.2f} nm, {series['filled'][-1]:.1%} filled"),
        ("atoms", f"{series['atoms'][-1]:,}; given less taken {series['inserted_minus_removed'][-1]:+,}"),
    ]
    if "sites_enclosed" in content["run"]["lattice"]:
        rows.append(
            ("filled a width W behind the tip", f"{content['filled_behind_tip']:.2%} of the sites within reach")
        )
    if any(series["atoms_outside"]):
        rows.append(("atoms outside", f"{series['atoms_outside'][-1]:,}"))
    if content["incubation_s"]:
        rows.append(("first nucleus", f"{content['incubation_s']:.3e} s"))
    if fit["b_nm2_s"]:
        b = fit["b_nm2_s"]
        rows.append(("mean speed", f"{scientific(fit['speed_nm_s'])} nm/s"))
        plates = content["provenance"]["case"]["growth"]["overpotential_V"] > 0
        beside = f"; the channel's conductance gives {law['b_nm2_s']:.2e}" if plates else ""
        rows.append(("B of L² = L₀² + 2Bt", f"{scientific(b)} nm²/s{beside}"))
    moved = [way for way in series["marker_displacement_nm"] if way is not None]
    if moved:
        gone = "" if series["marker_displacement_nm"][-1] is not None else ", until most of them were gone"
        rows.append(("marked atoms moved", f"{moved[-1]:+.3f} nm{gone}"))
    hops = content["hops"]
    most = sorted(hops.items(), key=lambda item: -item[1])[:4]
    rows.append(("events", f"{content['events']:.2e}, {content['events_per_s']:.2e} per second"))
    rows.append(("of them", ", ".join(f"{name} {n / content['events']:.0%}" for name, n in most)))
    if content["accelerated"]:
        rows.append(("accelerated", content["accelerated"]))
    for name, value in rows:
        grid.add_row(Text(name, style="bold"), Text(value))
    return grid


def experiment_table(content):
    """What every mechanism predicts, what was seen, and the probability of each."""
    mechanisms = list(content["probability"])[:-1]
    table = Table(title=", ".join(content["experiments"]), title_justify="left", title_style="bold")
    table.add_column("")
    for name in (*mechanisms, "observed"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in content["observables"]:
        label = each["label"] + (f" [{each['unit']}]" if each["unit"] else "")
        predicted = (with_error(each["predicted"][name]) for name in mechanisms)
        table.add_row(Text(label), *predicted, Text(with_error(each["observed"]), style="bold"))
        exact = (each["exact"][name] for name in mechanisms)
        table.add_row(
            "  exact", *("–" if value is None else f"{round(value, 9) + 0.0:.4g}" for value in exact), "", style="dim"
        )
    part = content["probability"]
    table.add_section()
    table.add_row("probability", *(f"{part[name]:.3f}" for name in mechanisms), "")
    rest = Text(f"none of these: {part['none of these']:.3f}.  Before, all have the same probability.", style="dim")
    verdict = content["verdict"]
    return Group(
        Fitted(table), rest, Text(verdict["sentence"], style="bold green" if verdict["named"] else "bold yellow")
    )


def creep_table(content):
    """Strain rates beside the network's and the continuum's, and the laws that they follow."""
    table = Table(title="strain rate [1/s]", title_justify="left", title_style="bold")
    for heading in ("", "d [nm]", "S [MPa]", "measured", "exact", "sigma", "continuum", "events"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for name, points in content["series"].items():
        for point in points:
            rate = point["strain_rate_1_s"]
            table.add_row(
                name if point is points[0] else "",
                f"{point['edge_nm']:.2f}",
                f"{point['tension_MPa']:g}",
                f"{rate['value']:.3e} ± {100 * rate['stderr'] / abs(rate['value']):.1f} %",
                f"{point['exact_1_s']:.3e}",
                f"{(rate['value'] - point['exact_1_s']) / rate['stderr']:+.1f}",
                f"{point['continuum_1_s']:.3e}",
                f"{point['events']:.1e}",
            )
        table.add_section()
    labels = {"interface": "interface: exponent of d", "bulk": "bulk: exponent of d", "tensions": "exponent of S"}
    laws = Table(show_edge=False)
    for heading in ("", "measured", "exact", "theory"):
        laws.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    rows = [(labels[name], law) for name, law in content["exponents"].items()]
    if content["crossover_nm"]:
        rows.append(("d*, interface = bulk [nm]", content["crossover_nm"]))
    for label, law in rows:
        laws.add_row(label, with_error(law["measured"]), f"{law['exact']:.3f}", f"{law['theory']:.3f}")
    own = f"With the metal's own bulk diffusivity d* is {content['own_crossover_nm'] / 1000:.3g} µm, by theory."
    return Group(table, laws, Text(own, style="dim"))


RATE_HEADINGS = (
    "class",
    "rate [1/s]",
    "back [1/s]",
    "barrier [eV]",
    "D [cm²/s]",
    "D·δ [cm³/s]",
    "κ [mS/cm]",
    "conductance [S·m]",
    "source",
)
DETAILED_BALANCE = "Detailed balance: k_ij x_i (1 - x_j) = k_ji x_j (1 - x_i) holds for every pair."


def rate_rows(case, rates, temperature_K=None):
    """Hop rates, class by class, and the diffusivity, conductance and D δ that they imply, as texts.

    Parameters
    ----------
    case : Case
    rates : RateFile
        Of this case.
    temperature_K : float, optional
        Carry everything there [K].

    Returns
    -------
    list of list of str
        In the order of `RATE_HEADINGS`.
    """
    from math import exp

    from coble.inputs.rate_table import INSIDE
    from coble.kmc.constants import BOLTZMANN_EV_K
    from coble.kmc.network.continuum import conductivity_mS_cm, siemens_metre
    from coble.lattices import Kind
    from coble.models.tubule import bare_region, regions, shape_of

    here, there = rates.temperature_K, temperature_K or rates.temperature_K
    shape = shape_of(case)
    parts = {Kind.SURFACE: bare_region(case, shape)} | regions(case, case.walls[0], case.wall[0], shape)
    rows = []
    for name, hop in rates.hop.items():
        energy = hop.activation_energy_eV
        carried = 1.0
        if there != here:
            carried = None if energy is None else exp(-energy / BOLTZMANN_EV_K * (1 / there - 1 / here))
        if carried is None:
            rows.append([name, "–", "–", "unknown", *["–"] * 4, "no barrier known"])
            continue
        row = [name, f"{hop.rate_1_s * carried:.4g}"]
        row.append(f"{hop.reverse_rate_1_s * carried:.4g}" if hop.reverse_rate_1_s else "the same")
        row.append(f"{energy:.4f}" if energy is not None else "–")
        if name in INSIDE:
            region = parts[INSIDE[name]]
            d = region.diffusivity_cm2_s * carried
            row.append(f"{d:.3e}")
            shell = name in ("interface", "surface")
            row.append(f"{d * case.interface.width_angstrom * 1e-8:.3e}" if shell else "–")
            conductance = siemens_metre(region.flux_conductance * carried, there)
            row.append(f"{conductivity_mS_cm(conductance, region.area_A2):.4g}")
            row.append(f"{conductance:.3e}")
        else:
            row += ["–"] * 4
        rows.append([*row, hop.source])
    return rows


def rate_table(case, rates, temperature_K=None):
    """The rows of `rate_rows` for the terminal."""
    there = temperature_K or rates.temperature_K
    table = Table(title=f"hop rates at {there:g} K", title_justify="left", title_style="bold")
    for heading in RATE_HEADINGS:
        table.add_column(
            Text(heading), justify="left" if heading in ("class", "source") else "right", no_wrap=heading == "class"
        )
    for row in rate_rows(case, rates, temperature_K):
        table.add_row(*row)
    return Group(Fitted(table), Text(DETAILED_BALANCE, style="dim"))


def sensitivity_table(content):
    """Degree of rate control, from the content of result.json of `coble sensitivity`."""
    exact = not content["settings"]
    void = f", void fraction {content['void_fraction']:g}" if content["void_fraction"] else ""
    title = f"degree of rate control, d ln X / d ln k{void}, {'exact' if exact else 'from runs'}"
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("class of hops", no_wrap=True)
    shown = [name for name in content["control"] if not name.startswith("share")]
    for name in shown:
        table.add_column(name, justify="right")

    def cell(estimate):
        return f"{estimate['value']:+.4f}" if exact else with_error(estimate)

    for name in content["classes"]:
        table.add_row(name, *(cell(content["control"][key][name]) for key in shown))
    table.add_section()
    table.add_row("sum", *(cell(content["sum"][key]) for key in shown))
    rules = (content["rule"][key] for key in shown)
    table.add_row("by rule", *("–" if rule is None else f"{rule:+g}" for rule in rules))
    notes = ["Of a share: that of its current less that of the total."] if exact else []
    if content["interrupted"]:
        notes.append("Interrupted: some classes of hops are missing.")
    return Group(Fitted(table), *(Text(note, style="dim") for note in notes))


def campaign_table(content):
    """Points of a campaign with their states and estimates, from the content of campaign.json."""
    points = content["points"]
    keys = list(points[0]["values"])
    names = list(dict.fromkeys(name for point in points for name in point["estimates"]))
    table = Table(title=f"campaign {content['name']}", title_justify="left", title_style="bold")
    for heading in (*keys, "state", "replicas", *names):
        table.add_column(Text(heading), justify="right" if heading in names else "left")
    for point in points:
        cells = (
            (with_error if name.startswith("share") else scientific)(point["estimates"].get(name)) for name in names
        )
        values = (f"{v:g}" if isinstance(v, float) else str(v) for v in point["values"].values())
        table.add_row(*values, point["state"], str(len(point["replicas"])), *cells)
    counts = ", ".join(f"{n} {state}" for state, n in content["counts"].items() if n)
    errors = [f"{point['values']}: {point['error']}" for point in points if point["error"]]
    return Group(Fitted(table), Text(f"Points: {counts}.", style="dim"), *(Text(e, style="bold red") for e in errors))
