"""Figures of `coble tune`, drawn from the content of result.json alone."""

from math import exp

import numpy as np
from matplotlib.figure import Figure

from coble.kinds.tune.words import headline
from coble.kmc.estimates.fit import KNOWN
from coble.render.conditions import conditions_of
from coble.render.palette import BLUE, INTERVAL, ORANGE, axes, open_frame, titled

FAR = 3.0  # standard errors from where a target counts as missed


def plot_rates(content, ax=None):
    """Rates that were found [1/s], 95 % interval, beside those of the start; crosses are not identifiable.

    Parameters
    ----------
    content : dict
        Of the result.json of `coble tune`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax)
    names = list(content["rates"])
    for row, name in enumerate(names):
        rate = content["rates"][name]
        ax.plot(rate["start"], -row, marker="|", markersize=14, color="0.5")
        known = rate["ln_rate_stderr"] is not None
        spread = INTERVAL * rate["ln_rate_stderr"] if known else 0.0
        ends = [[rate["value"] * (1 - exp(-spread))], [rate["value"] * (exp(spread) - 1)]]
        style = {"marker": "o", "color": BLUE} if known else {"marker": "x", "color": ORANGE, "markersize": 9}
        ax.errorbar(rate["value"], -row, xerr=ends, capsize=3, **style)
    ax.set_xscale("log")
    ax.set_yticks([-row for row in range(len(names))], names)
    ax.set_xlabel("rate [1/s]   (bar: start, cross: not identifiable)")
    open_frame(ax)
    return ax


def plot_residuals(content, ax=None):
    """Model less measured of every target [standard errors]; parameters as `plot_rates`."""
    ax = axes(ax)
    residuals = content["residuals"]
    for row, each in enumerate(residuals):
        near = abs(each["sigmas"]) < FAR
        ax.barh(-row, each["sigmas"], 0.6, color=BLUE if near else ORANGE, hatch="" if near else "//")
    ax.axvspan(-2, 2, color="0.92", zorder=0)
    ax.set_xlim(*(np.array([-1, 1]) * max(FAR, 1.1 * max(abs(each["sigmas"]) for each in residuals))))
    ax.set_yticks([-row for row in range(len(residuals))], [each["target"] for each in residuals])
    ax.set_xlabel("model less measured [standard errors]")
    open_frame(ax)
    return ax


def plot_directions(content, ax=None):
    """Which combinations of rates the targets determine, the stiffest on top; parameters as `plot_rates`."""
    ax = axes(ax)
    parts = np.array([list(each["parts"].values()) for each in content["directions"]])
    ax.imshow(np.abs(parts), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    widths = [each["stderr_ln"] for each in content["directions"]]
    ax.set_yticks(range(len(widths)), ["not identifiable" if w is None or w > KNOWN else f"±{w:.2g}" for w in widths])
    ax.set_xticks(range(parts.shape[1]), content["correlation"]["names"], rotation=30, ha="right", fontsize=9)
    ax.set_ylabel("standard error of ln rate along it")
    ax.set_title("directions, stiffest first", fontsize=10)
    return ax


def draw_tuning(content):
    """Rates, residuals and directions side by side, `matplotlib.figure.Figure`."""
    rows = max(len(content["rates"]), len(content["residuals"]), 4)
    figure = Figure(figsize=(12.5, 0.42 * rows + 2.0), layout="constrained")
    for ax, plot in zip(figure.subplots(1, 3), (plot_rates, plot_residuals, plot_directions), strict=True):
        plot(content, ax)
    titled(figure, headline(content), conditions_of(content))
    return figure


def _figure(folder, content):
    yield "tune", draw_tuning(content)


FIGURES = {"tune": _figure}
CAPTIONS = {
    "tune": (
        "Rates",
        "Rates beside those at the start, residuals of the targets, and the directions that they determine.",
    ),
}
