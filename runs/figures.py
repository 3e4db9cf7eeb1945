"""Figures, drawn from the content of result.json alone."""

import numpy as np
from matplotlib.figure import Figure

from runs.names import LABELS

# Okabe and Ito's colours: told apart by colour-blind readers; hatches tell the three sources apart in print.
COLOURS = {"interface": "#0072B2", "wall": "#D55E00", "metal": "#009E73", "surface": "#CC79A7"}
SOURCES = (("measured", 1.0, ""), ("exact", 0.55, "//"), ("formula", 0.25, ".."))
BAR = 0.26


def draw_shares(content):
    """Share of every path: measured with 95 % interval, exact, and by the formula, side by side for each wall.

    Parameters
    ----------
    content : dict
        Of result.json.

    Returns
    -------
    matplotlib.figure.Figure
    """
    walls = content["walls"]
    paths = [path for path in COLOURS if any(path in wall["paths"] for wall in walls)]
    figure = Figure(figsize=(2.6 + 2.1 * len(walls), 4.2), layout="constrained")
    axes = figure.subplots(1, len(walls), sharey=True, squeeze=False)[0]
    for ax, wall in zip(axes, walls, strict=True):
        _wall_panel(ax, wall, [path for path in paths if path in wall["paths"]])
    axes[0].set_ylabel("share of the Li current")
    figure.legend(handles=_legend(), loc="outside lower center", ncols=3, frameon=False)
    tubule = content["provenance"]["case"]["tubule"]
    temperature = content["provenance"]["case"]["conditions"]["temperature_K"]
    figure.suptitle(
        f"Which path carries the {content['provenance']['case']['metal']['species']}?   {tubule['shape']}, "
        f"W = {tubule['inner_width_nm']:g} nm, w = {tubule['wall_thickness_nm']:g} nm, {temperature:g} K",
        fontsize=11,
    )
    return figure


def _wall_panel(ax, wall, paths):
    for i, path in enumerate(paths):
        share = wall["paths"][path]["share"]
        values = (share["value"], wall["exact"]["shares"][path], wall["formula"]["shares"][path])
        for j, (value, (_, alpha, hatch)) in enumerate(zip(values, SOURCES, strict=True)):
            x = i + (j - 1) * BAR
            colour = COLOURS[path]
            ax.bar(x, value, BAR, color=colour, alpha=alpha, hatch=hatch, edgecolor="white", linewidth=0.5)
        ends = [[values[0] - (share["low"] or values[0])], [(share["high"] or values[0]) - values[0]]]
        ax.errorbar(i - BAR, values[0], np.abs(ends), color="black", capsize=2.5, linewidth=1.2)
    ax.axhline(0.5, color="0.4", linewidth=0.8, linestyle="--")
    ax.set_xticks(range(len(paths)), [LABELS[path] for path in paths], rotation=20, fontsize=9)
    ax.set_ylim(0, 1.05)
    ax.spines[["top", "right"]].set_visible(False)
    dominant = wall["verdict"]["dominant"]
    ax.set_title(f"{wall['name']}\n{LABELS[dominant] if dominant else 'undecided'}", fontsize=10)


def _legend():
    from matplotlib.patches import Patch

    names = ("measured, 95 % interval", "exact (network)", "formula (continuum)")
    return [
        Patch(facecolor="0.3", alpha=alpha, hatch=hatch, edgecolor="white", label=name)
        for name, (_, alpha, hatch) in zip(names, SOURCES, strict=True)
    ]
