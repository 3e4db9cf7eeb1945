"""Shares as distributions over the prior, drawn from the content of result.json alone."""

import numpy as np

from coble.kinds.discriminate.knowledge.tables import deciding, known_walls
from coble.kinds.discriminate.pictures.shares import subject_of
from coble.kmc.knowledge.shares import NONE
from coble.render.names import LABELS, phrase, shortened
from coble.render.numbers import listed
from coble.render.palette import GREY, axes, open_frame, panels_of_walls, styles_of, titled

FILL = 0.12  # opacity under a line: two that overlap are still two colours


def plot_knowledge(wall, ax=None):
    """Distribution of every path's share over what is not known; lines: at the stated numbers.

    Parameters
    ----------
    wall : dict
        One of `walls` in the result.json of `coble discriminate`, with its `knowledge`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax, known = axes(ax, (4.2, 2.8)), wall["knowledge"]
    for path, style in styles_of(known["histogram"]).items():
        counts = np.array(known["histogram"][path])
        edges = np.linspace(0, 1, len(counts) + 1)
        density = counts / counts.sum() * len(counts)
        label = f"{LABELS[path]}, P = {known['probability'][path]:.2f}"
        ax.stairs(density, edges, color=style.colour, fill=True, alpha=FILL, linewidth=0)
        ax.stairs(density, edges, color=style.colour, linestyle=style.line, linewidth=1.6, label=label)
        ax.axvline(wall["exact"]["shares"][path], color=style.colour, linestyle=style.line, linewidth=1.0)
    ax.axvline(0.5, color=GREY, linewidth=0.8, linestyle="--")
    ax.set_yscale("symlog", linthresh=1.0)
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of the current")
    ax.set_ylabel("probability density")
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    open_frame(ax)
    best, chance = max(known["probability"].items(), key=lambda each: each[1])
    path = "no path" if best == "none" else phrase(best)
    decides = f"\n{named} decide{'' if ' and ' in named else 's'}" if (named := deciding(known)) else ""
    ax.set_title(f"{shortened(wall['name'])}: most by {path}, P = {chance:.2f}{decides}", fontsize=10)
    return ax


def draw_knowledge(content):
    """The distributions of all walls, `matplotlib.figure.Figure`; `content` is that of result.json."""
    walls = known_walls(content)
    figure, _ = panels_of_walls(walls, plot_knowledge, height_in=3.2, below_in=0.7)
    titled(figure, f"Over the ranges of unknown numbers {_probable(walls)}", subject_of(content))
    return figure


def _probable(walls):
    """Which path most probably carries more than half, and how probably, of each wall."""
    by_path = {}
    for wall in walls:
        path, chance = max(wall["knowledge"]["probability"].items(), key=lambda each: each[1])
        told = f"P = {chance:.2f}" + (f" ({shortened(wall['name'])})" if len(walls) > 1 else "")
        by_path.setdefault("no path" if path == NONE else phrase(path), []).append(told)
    return "; ".join(f"{path} carries more than half, {listed(told)}" for path, told in by_path.items())


def figures(folder, content):
    """For `coble plot --what knowledge`: yields (name, figure)."""
    if not known_walls(content):
        own = "tubule" not in content["provenance"]["case"]
        why = "the case has no ranges" if own else "it was run with --no-knowledge"
        raise ValueError(f"{folder}: {why}")
    yield "knowledge", draw_knowledge(content)
