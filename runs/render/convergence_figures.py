"""Estimates against the time, or the number of blocks, behind them: figures of `coble.render.convergence.Series`."""

from textwrap import fill

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from coble.render.convergence import finding
from coble.render.numbers import RAISED
from coble.render.palette import GREY, STYLES, US, axes, open_frame, titled

MILLION = 1e6
WRAP = 22  # letters in a line beside a low panel


def plot_convergence(series, ax=None):
    """One estimate with its 95 % interval against the time that was counted (log) or the number of blocks; line: exact.

    Parameters
    ----------
    series : Series
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax, (4.2, 2.8))
    timed = series.time_s is not None
    x = series.time_s * US if timed else series.samples
    style = series.style or STYLES.get(series.path)
    colour = style.colour if style else "black"
    if alone := len(series.samples) == 1:  # a bar: nothing is seen to settle
        ax.bar(0, series.value, 0.5, color=colour, alpha=0.4, label="measured")
        ax.vlines(0, series.low, series.high, color="black", linewidth=1.2, label="95 % interval")
        ax.set(xlim=(-1, 1), xticks=[])
    else:
        ax.fill_between(x, series.low, series.high, color=colour, alpha=0.2, linewidth=0, label="95 % interval")
        marker = style.marker if style else "."
        ax.plot(x, series.value, color=colour, marker=marker, markersize=3, label="measured")
    if series.exact is not None:
        ax.axhline(series.exact, color=GREY, linestyle="--", linewidth=1.0, label=series.exact_name)
    # The first intervals may be huge: the scale is that of the later ones.
    late = slice(len(series.samples) // 4, None)
    ends = [
        *([0.0] if alone else []),
        *series.low[late],
        *series.high[late],
        *series.value,
        *([] if series.exact is None else [series.exact]),
    ]
    low, high = np.nanmin(ends), np.nanmax(ends)
    if np.isfinite([low, high]).all() and high > low:
        ax.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    if not timed and not alone:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if timed and not alone:
        ax.set_xscale("log")
        _plain_ticks(ax.xaxis)
    if series.hops_per_s and not alone:
        rate = series.hops_per_s / US / MILLION
        above = ax.secondary_xaxis("top", functions=(lambda t: t * rate, lambda hops: hops / rate))
        above.set_xlabel("counted hops [10⁶]", fontsize=8)
        above.tick_params(labelsize=8)
        _plain_ticks(above.xaxis)
    axis = "simulated time, all replicas [µs]" if timed else f"number of {series.of}"
    ax.set_xlabel(f"from {series.samples[0]} {series.of}" if alone else axis)
    power = without_power(ax)
    unit = f"{power} {series.unit}".strip()
    ax.set_ylabel(fill(series.label, WRAP) + (f"\n[{unit}]" if unit else ""))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    open_frame(ax)
    return ax


def without_power(ax):
    """Write small and large numbers of the vertical axis without their power of ten, and return it for the unit."""
    exponent = int(np.floor(np.log10(max(map(abs, ax.get_ylim())) or 1.0)))
    if -3 <= exponent <= 4:
        return ""
    ax.yaxis.set_major_formatter(lambda y, _: f"{y / 10**exponent:.3g}".replace("-", "−"))
    return f"10{str(exponent).translate(RAISED)}"


def _plain_ticks(axis):
    """Few numbers, written out, on a log axis of less than two decades."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def draw_convergence(by_wall):
    """All estimates, a column for each wall, `matplotlib.figure.Figure`; `by_wall` is that of `series_of`."""
    rows = max(map(len, by_wall.values()))
    figure = Figure(figsize=(max(3.2 * len(by_wall) + 0.6, 5.4), 1.7 * max(rows, 1.5) + 1.0), layout="constrained")
    panels = figure.subplots(rows, len(by_wall), squeeze=False)
    for column, (name, several) in enumerate(by_wall.items()):
        for row in range(rows):
            if row >= len(several):
                panels[row, column].set_axis_off()
                continue
            plot_convergence(several[row], panels[row, column])
            if row < len(several) - 1:
                panels[row, column].set_xlabel("")
            if row:
                for above in panels[row, column].child_axes:
                    above.set_visible(False)
        panels[0, column].set_title(name if len(by_wall) > 1 else "", fontsize=10)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    titled(figure, finding([each for several in by_wall.values() for each in several]))
    return figure
