"""Waiting times between events beside the exponential distribution, drawn from the content of result.json alone."""

import numpy as np

from coble.kinds.discriminate.pictures.shares import subject_of
from coble.render.palette import BLUE, INTERVAL, axes, open_frame, panels_of_walls, titled

RARE = 1e-3  # probability of the largest deviation below which the title names it


def plot_waits(wall, ax=None):
    """Histogram of waits in units of their means, per mean wait, with 95 % intervals; line: exp(-x).

    Parameters
    ----------
    wall : dict
        One of `walls` in the result.json of `coble discriminate`, with its `waiting_times`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax, (4.2, 2.8))
    found = wall["waiting_times"]
    edges, counts = np.array(found["edges"]), np.array(found["counts"])
    per_mean_wait = 1 / (found["events"] * np.diff(edges))
    middle = (edges[1:] + edges[:-1]) / 2
    spread = np.minimum(INTERVAL * np.sqrt(counts), 0.95 * counts)  # a bar to zero has no lower end on a log axis
    ax.errorbar(
        middle,
        counts * per_mean_wait,
        yerr=[spread * per_mean_wait, INTERVAL * np.sqrt(counts) * per_mean_wait],
        color=BLUE,
        marker="o",
        markersize=3,
        linestyle="",
        capsize=1.5,
        label="measured",
    )
    ax.plot(edges, np.exp(-edges), color="black", linewidth=1.0, label="exp(−x)")
    ax.set_yscale("log")
    ax.set_ylim(0.3 * np.exp(-edges[-1]), 2)
    ax.set_xlabel("wait × total propensity")
    ax.set_ylabel("probability density")
    said = f"mean {found['times_total_propensity']['value']:.4f}, KS probability {found['probability']:.2g}"
    ax.text(0.98, 0.95, said, transform=ax.transAxes, ha="right", va="top", fontsize=8)
    open_frame(ax)
    return ax


def draw_waits(content):
    """Waiting times behind every wall, `matplotlib.figure.Figure`; `content` is that of result.json."""
    walls = [wall for wall in content["walls"] if wall.get("waiting_times")]
    figure, first = panels_of_walls(walls, plot_waits, below_in=1.0)
    off = [wall["name"] for wall in walls if wall["waiting_times"]["probability"] < RARE]
    found = f"Waiting times are not exponential: {', '.join(off)}" if off else "Waiting times are exponential"
    titled(figure, found, subject_of(content))
    first.legend(frameon=False, fontsize=9, loc="lower left")
    return figure
