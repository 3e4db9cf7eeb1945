"""The figure of `coble sensitivity`, drawn from the content of result.json alone."""

import numpy as np
from matplotlib.figure import Figure

from coble.kinds.sensitivity.words import headline
from coble.render.conditions import conditions_of
from coble.render.palette import GREY, STYLES, arms, axes, open_frame, titled

WHOLE = ("0.5", "0.65", "0.8")  # greys of what no single path has: the total current, the speed of a tip
HATCHES = ("", "//", "\\\\", "..", "xx", "++")


def plot_sensitivity(content, ax=None):
    """Degree of rate control, d ln X / d ln k, of every class of hops: a bar with its 95 % interval for each result X.

    Parameters
    ----------
    content : dict
        Of the result.json of `coble sensitivity`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax)
    shown = [name for name in content["control"] if not name.startswith("share")]
    height = 0.8 / len(shown)
    greys = iter(WHOLE)
    for i, name in enumerate(shown):
        path = name.removeprefix("current of ")
        found = [content["control"][name][each] for each in content["classes"]]
        known = [k for k, each in enumerate(found) if each["value"] is not None]
        ax.barh(
            [k + (i - (len(shown) - 1) / 2) * height for k in known],
            [found[k]["value"] for k in known],
            height,
            xerr=arms([found[k] for k in known]) if content["settings"] else None,
            color=STYLES[path].colour if path in STYLES else next(greys),
            hatch=HATCHES[i % len(HATCHES)],
            edgecolor="white",
            linewidth=0,
            error_kw={"lw": 1, "capsize": 2},
            label=name,
        )
    ax.axvline(0, color=GREY, lw=0.8)
    ax.set_yticks(np.arange(len(content["classes"])), content["classes"])
    ax.invert_yaxis()
    ax.set_xlabel("d ln X / d ln k")
    open_frame(ax)
    return ax


def draw_sensitivity(content):
    """`plot_sensitivity` with a legend.

    Parameters
    ----------
    content : dict
        Of the result.json of `coble sensitivity`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = Figure(figsize=(6.6, 1.6 + 0.55 * len(content["classes"])), layout="constrained")
    ax = plot_sensitivity(content, figure.subplots())
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    how = "from runs, 95 % intervals" if content["settings"] else "exact"
    titled(figure, headline(content), f"Degree of rate control, {how}; {conditions_of(content)}")
    return figure


def _figure(folder, content):
    yield "sensitivity", draw_sensitivity(content)


FIGURES = {"sensitivity": _figure}
CAPTIONS = {
    "sensitivity": (
        "Degree of rate control",
        "How much every result changes with the rate of each class of hops: d ln X / d ln k.",
    ),
}
