"""How tracer diffusion settles with the time over which it is followed, drawn from the content of result.json alone."""

import numpy as np

from runs.names import LABELS
from runs.palette import INTERVAL, STYLES, axes, open_frame, panels


def plot_lags(wall, ax=None):
    """Correlation factor between neighbouring lags against hops per atom, 95 % intervals; lines: the last, the result.

    Parameters
    ----------
    wall : dict
        One of `walls` in the result.json of `coble discriminate`, with its `tracer_lags`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax, (4.2, 2.8))
    for path in (path for path in STYLES if path in wall["tracer_lags"]):
        lags, style = wall["tracer_lags"][path], STYLES[path]
        known = [
            (hops, each["value"], INTERVAL * each["stderr"])
            for hops, each in zip(lags["hops_per_atom"], lags["correlation_factor"], strict=True)
            if each["value"] is not None and each["stderr"] is not None
        ]
        if not known:
            continue
        hops, factor, spread = np.array(known).T
        ax.errorbar(
            hops,
            factor,
            yerr=spread,
            color=style.colour,
            marker=style.marker,
            markersize=4,
            linewidth=0.8,
            linestyle=":",
            capsize=2,
            label=LABELS[path],
        )
        ax.axhline(factor[-1], color=style.colour, linestyle=style.line, linewidth=0.9)
    ax.set_xscale("log")
    ax.set_xlabel("hops per atom [1]")
    ax.set_ylabel("correlation factor f [1]")
    open_frame(ax)
    return ax


def draw_lags(content):
    """Lags behind every wall, `matplotlib.figure.Figure`; `content` is that of result.json."""
    walls = [wall for wall in content["walls"] if wall.get("tracer_lags")]
    figure, every = panels([wall["name"] for wall in walls], below_in=0.8)
    for ax, wall in zip(every, walls, strict=True):
        plot_lags(wall, ax).label_outer()
    handles, labels = every[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure
