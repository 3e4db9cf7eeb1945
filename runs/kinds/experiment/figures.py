"""Figures of `coble discriminate --experiment`, drawn from the content of result.json alone."""

from math import isfinite

import numpy as np
from matplotlib.figure import Figure

from coble.kinds.experiment.posterior_figures import plot_dominant, plot_parameters
from coble.kinds.experiment.tables import label_of
from coble.render.palette import GREY, INTERVAL, arms, axes, open_frame, styles_of

_CENTRED = {"ha": "center", "va": "center", "color": "0.5"}


def plot_prediction(observable, ax=None):
    """What every mechanism predicts of one observable: points measured, squares exact; a band is what was seen.

    Parameters
    ----------
    observable : dict
        One of `observables` in result.json.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
        One row for each mechanism, the first on top; the observable in its own unit along x.
    """
    ax = axes(ax)
    styles = styles_of(observable["predicted"])
    for row, (mechanism, value) in enumerate(observable["predicted"].items()):
        if value is None:
            ax.text(0.5, -row, "not defined", transform=ax.get_yaxis_transform(), fontsize=8, **_CENTRED)
            continue
        colour = styles[mechanism].colour
        ax.errorbar(value["value"], -row, xerr=arms([value]), color=colour, marker="o", markersize=5, capsize=3)
        exact = observable["exact"][mechanism]
        if exact is not None:
            ax.plot(exact, -row, marker="s", markersize=10, markerfacecolor="none", color=colour)
    seen = observable["observed"]
    if seen:
        below, above = np.hypot(arms([seen])[:, 0], INTERVAL * observable["resolution"])
        ax.axvspan(seen["value"] - below, seen["value"] + above, color="0.85", zorder=0)
        ax.axvline(seen["value"], color=GREY, linewidth=1.0, zorder=0)
    ax.set_yticks([-row for row in range(len(observable["predicted"]))], list(observable["predicted"]), fontsize=10)
    ax.set_xlabel(observable["label"] + (f" [{observable['unit']}]" if observable["unit"] else ""))
    ax.margins(x=0.12)
    open_frame(ax)
    return ax


def plot_probability(content, ax=None):
    """Probability of every mechanism, the dashed line where one is named; `content` is that of result.json."""
    ax = axes(ax)
    styles = styles_of(content["probability"])
    for row, (mechanism, probability) in enumerate(content["probability"].items()):
        ax.barh(-row, probability, 0.6, color=styles[mechanism].colour)
        ax.text(probability + 0.02, -row, _percent(probability), va="center", fontsize=9)
    ax.set_yticks(
        [-row for row in range(len(content["probability"]))],
        [label_of(content, name) for name in content["probability"]],
        fontsize=10,
    )
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1])
    ax.axvline(0.95, color=GREY, linewidth=0.8, linestyle="--")
    ax.set_xlabel("probability")
    open_frame(ax)
    return ax


def draw_experiment(content):
    """All predictions and the probability of each mechanism; below, what is known after: `matplotlib.figure.Figure`."""
    observables, after = content["observables"], bool(content.get("posterior"))
    width = 2.2 + 2.4 * (len(observables) + 1)
    figure = Figure(figsize=(width, 7.2 if after else 3.6), layout="constrained")
    parts = figure.subfigures(2, 1) if after else [figure]
    panels = parts[0].subplots(1, len(observables) + 1, sharey=True)
    for ax, observable in zip(panels, observables, strict=False):
        plot_prediction(observable, ax)
    plot_probability(content, panels[-1])  # last: of all mechanisms, "none of these" included
    behind = {"case": "of the whole case", "none": "with nothing that moves"}
    truth = content["truth"]
    seen = "given" if truth is None else f"simulated: {behind.get(truth, f'of {truth} alone')}"
    finding = content["verdict"]["sentence"].split(",")[0].split(";")[0].removesuffix(".")
    figure.suptitle(f"{finding}\n{', '.join(content['experiments'])}; observation {seen}", fontsize=11)
    said = "points: measured, 95 % interval;  open squares: exact;  band: observed, 95 % with what cannot be resolved"
    parts[0].supxlabel(said, fontsize=9, color="0.3")
    if after:
        dominant, parameters = parts[1].subplots(1, 2, width_ratios=(2, 3))
        plot_dominant(content, dominant)
        plot_parameters(content, parameters)
        part = content["posterior"]["mechanism"]["case"]
        said = "open and grey: prior;  filled, hatched and blue: posterior;  hatched: "
        said += f"if all paths act in parallel (probability {part:.2f});  lines: 5 to 95 %"
        parts[1].supxlabel(said, fontsize=9, color="0.3")
    return figure


def _percent(probability):
    return f"{100 * probability:.0f} %" if isfinite(probability) and probability >= 0.005 else "0"


def _figure(folder, content):
    yield "experiment", draw_experiment(content)


FIGURES = {"experiment": _figure}
CAPTIONS = {
    "experiment": (
        "Predictions",
        "What every mechanism predicts (points: 95 % intervals, squares: exact), what was observed (95 % band, with "
        "what cannot be resolved), and the probability of each.  Below: which path moves more than half, hatched the "
        "part of all paths in parallel, and the numbers that are not known, prior and posterior.",
    ),
}
