"""Figures of `coble creep`, drawn from the content of result.json alone."""

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from coble.kinds.creep.words import headline, subject
from coble.render.conditions import conditions_of
from coble.render.convergence_figures import without_power
from coble.render.palette import GREY, STYLES, arms, axes, open_frame, titled

SIZE = "grain size d [nm]"
LABELS = {
    "interface": "interface (Coble)",
    "bulk": "bulk (Nabarro–Herring)",
    "both": "measured",
    "tensions": "interface",
}
LOOKS = {  # colour, marker
    "interface": (STYLES["interface"].colour, STYLES["interface"].marker),
    "bulk": (STYLES["bulk"].colour, STYLES["bulk"].marker),
    "both": ("0.2", "D"),
    "tensions": (STYLES["interface"].colour, STYLES["interface"].marker),
}


def plot_sizes(content, ax=None):
    """Strain rate against grain size, each path by itself: points, the network's line and the continuum's.

    Parameters
    ----------
    content : dict
        Of the result.json of `coble creep`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _powers(axes(ax), content, ("interface", "bulk"), "edge_nm")
    ax.set_xlabel(SIZE)
    ax.set_title(f"each path alone, {content['provenance']['case']['creep']['tension_MPa']:g} MPa", fontsize=10)
    return ax


def plot_crossover(content, ax=None):
    """Strain rate of both paths times d³, a straight line in d, and d*; parameters as `plot_sizes`."""
    ax = axes(ax)
    _series(ax, content, "both", "edge_nm", power=3)
    _crossover(ax, content)
    ax.set_xlim(0, None)
    ax.set_ylim(0, None)
    ax.set_xlabel(SIZE)
    ax.set_ylabel(f"strain rate × d³ [{without_power(ax)} nm³/s]".replace("[ ", "["))
    ax.set_title("both paths, a faster bulk", fontsize=10)
    return _finished(ax, loc="lower right", frameon=True, edgecolor="none")


def plot_tensions(content, ax=None):
    """Strain rate of one grain against tension, through the interface; parameters as `plot_sizes`."""
    ax = _powers(axes(ax), content, ("tensions",), "tension_MPa")
    ax.set_xlabel("tension [MPa]")
    edges = {f"{point['edge_nm']:.1f} nm" for point in content["series"]["tensions"]}
    ax.set_title(f"one grain, {', '.join(edges) or 'not run'}", fontsize=10)
    return ax


PANELS = {plot_sizes: ("interface", "bulk"), plot_crossover: ("both",), plot_tensions: ("tensions",)}  # their series


def draw_creep(content):
    """`plot_sizes`, `plot_crossover` and `plot_tensions` side by side, those that have points.

    Parameters
    ----------
    content : dict
        Of result.json.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        When no grain was measured.
    """
    plots = [plot for plot, names in PANELS.items() if any(content["series"][name] for name in names)]
    if not plots:
        raise ValueError("interrupted before a grain was measured")
    figure = Figure(figsize=(max(4.2 * len(plots), 6.4), 4.4), layout="constrained")
    for plot, ax in zip(plots, figure.subplots(1, len(plots), squeeze=False).flat, strict=True):
        plot(content, ax)
    titled(figure, headline(content), conditions_of(content, subject=subject(content)))
    figure.supxlabel(
        "points: measured, 95 % interval;  lines: exact (network);  dotted: continuum", fontsize=9, color="0.3"
    )
    return figure


def _powers(ax, content, names, across):
    """Series on two logarithmic axes, with ticks where their points are."""
    for name in names:
        _series(ax, content, name, across)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.margins(0.12)
    ax.xaxis.set_ticks(
        values := sorted({point[across] for name in names for point in content["series"][name]}),
        [f"{value:.3g}" for value in values],
    )
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_ylabel("strain rate [1/s]")
    return _finished(ax, loc="best", frameon=False)


def _finished(ax, **legend):
    open_frame(ax)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(fontsize=8, handletextpad=0.2, **legend)
    return ax


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
        yerr=arms(rate, scale),
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


def _figure(folder, content):
    yield "creep", draw_creep(content)


FIGURES = {"creep": _figure}
CAPTIONS = {
    "creep": (
        "Creep",
        "Strain rate against grain size and tension: measured with its 95 % interval, exact solution of the same "
        "network, and the continuum.",
    )
}
