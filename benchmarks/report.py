"""From results to a table in Markdown and to figures."""

import numpy as np
from matplotlib.figure import Figure
from workload import DILUTE, FILLINGS

OURS, TABLE, FLOOR = "Coble", "Coble, table of neighbours", "floor"
# Okabe and Ito's colours; the markers tell the engines apart in print.
STYLES = {
    OURS: ("#D55E00", "o", "-"),
    TABLE: ("#E69F00", "s", "-"),
    "kmos": ("#0072B2", "^", "--"),
    "kmcos": ("#56B4E9", "v", "--"),
    "SPPARKS": ("#009E73", "D", "--"),
    "lattice_mc": ("#CC79A7", "P", "--"),
    "kMCpy": ("#F0E442", "X", "--"),
    FLOOR: ("0.45", "_", ":"),
}
DRAWN = tuple(engine for engine in STYLES if engine not in ("lattice_mc", "kMCpy"))  # four decades below the others
FEW_SITES = 5e4  # below, numbers of carriers and memory are too small to compare


def _value(rows, engine, filling, n_site, what="hops_per_cpu_s"):
    found = [r[what] for r in rows if (r["engine"], r["filling"], r["n_site"]) == (engine, filling, n_site)]
    return found[0] if found else None


def _engines(rows):
    present = {row["engine"] for row in rows}
    return [engine for engine in STYLES if engine in present]


def _peers(rows):
    return [engine for engine in _engines(rows) if engine not in (OURS, TABLE, FLOOR)]


def _sizes(rows):
    return sorted({row["n_site"] for row in rows})


def _short(value):
    return "–" if value is None else f"{value:.2g}".replace("e+0", "e").replace("e+", "e")


def _size_name(n_site):
    exponent = int(np.log10(n_site * 1.02))  # cubes of cells come close to the round number
    factor = round(n_site / 10**exponent)
    power = "10" + str(exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return power if factor == 1 else f"{factor} × {power}"


def ratios(rows):
    """Ours over the best peer.

    Returns
    -------
    list of (filling or "dilute", n_site, ours, best peer's name, its value)
        Dilute is the better of the two dilute fillings, for either side.
    """
    found = []
    for label, fillings in (("dilute", DILUTE), ("50 %", ("50 %",))):
        for n_site in _sizes(rows):
            best = {}
            for engine in (OURS, *_peers(rows)):
                values = [_value(rows, engine, filling, n_site) for filling in fillings]
                best[engine] = max((v for v in values if v is not None), default=None)
            ours = best.pop(OURS)
            there = {engine: value for engine, value in best.items() if value}
            if ours and there:
                peer = max(there, key=there.get)
                found.append((label, n_site, ours, peer, there[peer]))
    return found


def _lines(heading, rows):
    return [
        "| " + " | ".join(heading) + " |",
        "|" + "---|" * len(heading),
        *("| " + " | ".join(map(str, row)) + " |" for row in rows),
        "",
    ]


def _speed(rows):
    engines = _engines(rows)
    body = []
    for filling in FILLINGS:
        for n_site in _sizes(rows):
            values = [_value(rows, engine, filling, n_site) for engine in engines]
            if any(values):
                body.append([filling, _size_name(n_site), *map(_short, values)])
    return _lines(["filling", "sites", *engines], body)


def _ratio_lines(rows):
    body = [
        [label, _size_name(n), _short(ours), f"{_short(theirs)} ({peer})", f"**{ours / theirs:.2g}×**"]
        for label, n, ours, peer, theirs in ratios(rows)
    ]
    return _lines(["filling", "sites", OURS, "best peer", "ratio"], body) if body else []


def _floor_lines(rows):
    body = []
    for filling in FILLINGS:
        for n_site in _sizes(rows):
            ours, floor = (_value(rows, engine, filling, n_site) for engine in (OURS, FLOOR))
            if ours and floor:
                numbers = (f"{1e9 / ours:.0f}", f"{1e9 / floor:.0f}", f"{floor / ours:.1f}")
                body.append([filling, _size_name(n_site), *numbers])
    return _lines(["filling", "sites", "ns per event", "ns of the bare loop", "ratio"], body)


def _memory_lines(rows):
    body = []
    for engine in _engines(rows):
        if engine == FLOOR:
            continue
        mine = [r for r in rows if r["engine"] == engine and r["filling"] in DILUTE]
        if mine:
            n_site = max(r["n_site"] for r in mine)
            filling = next(r["filling"] for r in mine if r["n_site"] == n_site)
            peak, held, build = (
                _value(rows, engine, filling, n_site, what)
                for what in ("peak_bytes_per_site", "held_bytes_per_site", "build_cpu_s")
            )
            numbers = (f"{peak:.3g}", "–" if held is None else f"{held:.3g}", f"{build:.2g}")
            body.append([engine, _size_name(n_site), *numbers])
    return _lines(["engine", "sites", "bytes per site, all-in", "held", "build [CPU s]"], body)


def table(results):
    """Everything that was measured, in Markdown.

    Parameters
    ----------
    results : dict
        `uniform`, `largest`, `instructions`, `cross_section`, `metal_tip` (each optional), `machine`, `command`.
    """
    machine = results["machine"]
    lines = [
        f"`{results['command']}` on {machine['cpu']} ({machine['cores']} cores), {machine['compiler']}, one core.",
        "",
    ]
    if "uniform" in results:
        uniform = results["uniform"]
        rows = uniform["rows"]
        used = [f"{title} {version}".strip() for title, version in uniform["versions"].items() if title in _peers(rows)]
        lines += [
            "**Accepted hops per CPU second** of the event loop: periodic bcc lattice gas, first-neighbour hops, "
            f"exclusion, no energies, all rates 1; median of {uniform['repeats']} turns.  "
            f"Peers: {', '.join(used) or 'none'}.",
            "",
            *_speed(rows),
        ]
        large = [abs(r["hops_per_time_over_expected"] - 1) for r in rows if r["n_site"] > FEW_SITES]
        if large:
            lines += [f"From 10⁵ sites on, hops per simulated time and site are 8x(1 − x) to {max(large):.1%}.", ""]
        for title, reason in uniform["missing"].items():
            lines += [f"Left out: {title}, {reason}.", ""]
        lines += ["Against the best peer (dilute: the better of vacancies and atoms, which are the same gas):", ""]
        lines += _ratio_lines(rows)
        lines += ["Against a bare loop with the same draws and memory accesses and no bookkeeping:", ""]
        lines += _floor_lines(rows)
        lines += ["Memory and building, the largest of each (all-in: peak of the process, less its imports):", ""]
        lines += _memory_lines(rows)
    if "largest" in results:
        row = results["largest"]["rows"][0]
        lines += [
            f"Largest lattice: {row['n_site']:,} sites, {row['filling']}: {_short(row['hops_per_cpu_s'])} hops/s, "
            f"{row['peak_bytes_per_site']:.2g} bytes per site all-in ({row['held_bytes_per_site']:.2g} held), "
            f"built in {row['build_cpu_s']:.2g} CPU s.",
            "",
        ]
    if "instructions" in results:
        rows = results["instructions"]
        sizes = _sizes(rows)
        body = []
        for filling in dict.fromkeys(r["filling"] for r in rows):
            mine = [r for r in rows if r["filling"] == filling]
            cells = [f"{r['instructions_per_event']:.0f}{' *' if r['looks_ahead'] else ''}" for r in mine]
            spreads = []
            for ahead in (False, True):
                counts = [r["instructions_per_event"] for r in mine if r["looks_ahead"] == ahead]
                if len(counts) > 1:
                    spreads.append(f"{100 * (max(counts) / min(counts) - 1):.1f} %{' *' if ahead else ''}")
            body.append([filling, *cells, ", ".join(spreads)])
        lines += [
            "Instructions per event (callgrind); * where the lattice exceeds 2 MiB and the kernel looks ahead:",
            "",
        ]
        lines += _lines(["filling", *map(_size_name, sizes), "spread"], body)
    if "cross_section" in results:
        c = results["cross_section"]
        lines += [
            f"The paper's cross-section with {c['wall']} ({c['n_site']:,} sites, {c['kernel']}): "
            f"{_short(c['loop_hops_per_cpu_s'])} events per CPU second of the loop; "
            f"every share known to {c['worst_error']:.3f} after "
            f"{c['measure_cpu_s']:.0f} CPU s ({c['n_event']:.2g} events; {c['reason']}), "
            f"plus {c['build_wall_s']:.0f} s to build and calibrate.",
            "",
        ]
    if "metal_tip" in results:
        tip = results["metal_tip"]
        body = [
            [
                row["work"],
                f"{row['changes_coordination']:.1%}",
                _short(row["hops_per_cpu_s"]),
                f"{1e9 / row['hops_per_cpu_s']:.0f}",
            ]
            for row in tip["rows"]
        ]
        lines += [f"A metal tip with bonds in a tubule ({tip['n_site']:,} sites, {tip['n_code']} codes):", ""]
        lines += _lines(["work", "hops that change coordination", "hops per CPU second", "ns per hop"], body)
    if "two_cores" in results:
        lines += _two_cores_lines(results["two_cores"])
    if "endurance" in results:
        lines += _endurance_lines(results["endurance"])
    return "\n".join(lines)


def _two_cores_lines(rows):
    body = []
    for row in rows:
        parts = (row[what] for what in ("efficiency", "efficiency_by_cpu_time", "had_a_core_together"))
        numbers = (_short(row["events_per_s_alone"]), _short(row["events_per_s_together"]))
        body.append(
            [row["gas"], _size_name(row["n_site"]), f"two {row['two']}", *numbers, *map("{:.0%}".format, parts)]
        )
    return [
        "Two replicas at once against one alone, events per wall second (by CPU time: without what other work on the "
        "machine took, which is the rest of the last column to 100 %):",
        "",
        *_lines(["gas", "sites", "as", "one", "two", "efficiency", "by CPU time", "had a core"], body),
    ]


def _endurance_lines(found):
    run, clock, late = found["marathon"], found["clock"], found["clock_after_a_long_wait"]
    same = all(row["kept_is_rebuilt"] for row in (*found["rebuilt"], run))
    gases = "; ".join(f"{row['kernel']}, {row['gas']}" for row in found["rebuilt"])
    return [
        f"Endurance: what is kept after {_short(found['rebuilt'][0]['n_event'])} events ({gases}) and after "
        f"{_short(run['n_event'])} events ({run['n_site']:,} sites, 1 % atoms) is {'' if same else '**not** '}the "
        f"whole number that a sum over edges gives. The long run's clock stands {run['sigmas']:+.1f} standard errors "
        f"({run['relative_error_of_mean']:.0e} of its time) from the exact mean rate. A lone walker's clock is off "
        f"the exact sum of its waits by {clock['error_in_last_digits']:g} units in the last binary digit after "
        f"{_short(clock['n_event'])} events (a plain sum by {clock['naive_error_in_last_digits']:g}), and after a "
        f"first wait of {_short(late['first_wait'])} times the others and {_short(late['n_event'])} events by "
        f"{late['error_in_last_digits']:g} (by {late['naive_error_in_last_digits']:g}).",
        "",
    ]


def _plot(ax, rows, filling, what):
    for engine in DRAWN if what == "hops_per_cpu_s" else DRAWN[:-1]:
        mine = sorted((r["n_site"], r[what]) for r in rows if (r["engine"], r["filling"]) == (engine, filling))
        if mine:
            colour, marker, line = STYLES[engine]
            ax.plot(*zip(*mine, strict=True), color=colour, marker=marker, linestyle=line, label=engine, markersize=6)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("sites")
    ax.set_title(filling, fontsize=11)
    ax.grid(True, which="major", color="0.9", linewidth=0.7)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def _panels(rows, fillings, what, label):
    figure = Figure(figsize=(1.2 + 3.4 * len(fillings), 4.3), layout="constrained")
    axes = figure.subplots(1, len(fillings), sharey=True, squeeze=False)[0]
    for ax, filling in zip(axes, fillings, strict=True):
        _plot(ax, rows, filling, what)
    axes[0].set_ylabel(label)
    handles = {}
    for ax in axes:
        handles |= dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, frameon=False)
    return figure


def figures(results):
    """Name → figure: events per second and memory against the number of sites."""
    if "uniform" not in results:
        return {}
    rows = results["uniform"]["rows"]
    fillings = [filling for filling in FILLINGS if any(row["filling"] == filling for row in rows)]
    large = [row for row in rows if row["n_site"] > FEW_SITES and row["peak_bytes_per_site"] > 0]
    drawn = {"speed": _panels(rows, fillings, "hops_per_cpu_s", "accepted hops per CPU second")}
    if large:
        memory = [filling for filling in fillings if any(row["filling"] == filling for row in large)]
        drawn["memory"] = _panels(large, memory, "peak_bytes_per_site", "memory, all-in [bytes per site]")
    return drawn
