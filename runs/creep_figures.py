"""Figures of `coble creep`, drawn from the content of result.json alone."""

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from runs.palette import GREY, INTERVAL, ORANGE, STYLES, open_frame

LABELS = {
    "interface": "interface (Coble)",
    "bulk": "metal (Nabarro–Herring)",
    "both": "measured",
    "tensions": "interface",
}
LOOKS = {  # colour, marker
    "interface": (STYLES["interface"].colour, STYLES["interface"].marker),
    "bulk": (STYLES["bulk"].colour, STYLES["bulk"].marker),
    "both": (ORANGE, "D"),
    "tensions": (STYLES["interface"].colour, STYLES["interface"].marker),
}


def draw_creep(content):
    """Strain rate against grain size, each path by itself; both paths, times d³; and strain rate against tension.

    Parameters
    ----------
    content : dict
        Of result.json.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = Figure(figsize=(12.6, 4.4), layout="constrained")
    sizes, cross, tensions = figure.subplots(1, 3)
    for name in ("interface", "bulk"):
        _series(sizes, content, name, "edge_nm")
    _series(cross, content, "both", "edge_nm", power=3)
    _series(tensions, content, "tensions", "tension_MPa")
    _crossover(cross, content)
    for ax in (sizes, tensions):
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.margins(0.12)
    for ax, across in ((sizes, "edge_nm"), (tensions, "tension_MPa")):
        names = ("tensions",) if ax is tensions else ("interface", "bulk")
        _ticks(ax.xaxis, sorted({point[across] for name in names for point in content["series"][name]}))
    cross.set_xlim(0, None)  # linear: ε̇ d³ = A + B d is a straight line
    cross.set_ylim(0, None)
    for ax, place in ((sizes, "best"), (cross, "lower right"), (tensions, "upper left")):
        open_frame(ax)
        if ax.get_legend_handles_labels()[0]:
            ax.legend(frameon=ax is cross, edgecolor="none", fontsize=9, loc=place)
    creep = content["provenance"]["case"]["creep"]
    for ax in (sizes, cross):
        ax.set_xlabel("grain size d [nm]")
    sizes.set_ylabel("strain rate [1/s]")
    sizes.set_title(f"each path alone, {creep['tension_MPa']:g} MPa", fontsize=10)
    cross.set_ylabel("strain rate × d³ [nm³/s]")
    cross.set_title("both paths, a faster bulk", fontsize=10)
    tensions.set_xlabel("tension [MPa]")
    tensions.set_ylabel("strain rate [1/s]")
    edges = {f"{point['edge_nm']:.1f} nm" for point in content["series"]["tensions"]}
    tensions.set_title(f"one grain, {', '.join(edges) or 'not run'}", fontsize=10)
    case = content["provenance"]["case"]
    figure.suptitle(
        f"Creep of {case['metal']['species']} grains from hops, {case['conditions']['temperature_K']:g} K", fontsize=11
    )
    figure.supxlabel(
        "points: measured, 95 % interval;  lines: exact (network);  dotted: continuum", fontsize=9, color="0.3"
    )
    return figure


def _series(ax, content, name, across, power=0):
    """Points, the network's line and the continuum's of one series, times d to a power."""
    points = content["series"][name]
    if not points:
        return
    points = sorted(points, key=lambda point: point[across])
    colour, marker = LOOKS[name]
    x = [point[across] for point in points]
    scale = [point["edge_nm"] ** power for point in points]
    rate = [point["strain_rate_1_s"] for point in points]
    label = LABELS[name]
    if law := content["exponents"].get(name):
        found = law["measured"]
        label += f", exponent {found['value']:.2f} ± {found['stderr']:.2f}".replace("-", "−")
    ax.errorbar(
        x,
        [each["value"] * s for each, s in zip(rate, scale, strict=True)],
        yerr=[INTERVAL * each["stderr"] * s for each, s in zip(rate, scale, strict=True)],
        color=colour,
        marker=marker,
        markersize=5,
        linestyle="none",
        capsize=3,
        label=label,
    )
    for key, style in (("exact_1_s", "-"), ("continuum_1_s", ":")):
        ax.plot(x, [point[key] * s for point, s in zip(points, scale, strict=True)], style, color=colour, linewidth=1.2)


def _crossover(ax, content):
    law = content["crossover_nm"]
    if law is None:
        return
    found = law["measured"]
    ax.axvspan(
        found["low"],
        found["high"],
        color="0.88",
        zorder=0,
        label=f"d* = {found['value']:.1f} ± {found['stderr']:.1f} nm",
    )
    ax.axvline(law["theory"], color=GREY, linestyle="--", linewidth=1.0, label=f"d* by theory, {law['theory']:g} nm")


def _ticks(axis, values):
    """Ticks where the points are."""
    axis.set_ticks(values, [f"{value:.3g}" for value in values])
    axis.set_minor_locator(NullLocator())
