"""What moves in a movie of growing metal: the tubule from the side, beside the way of its tip against time."""

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from coble.kinds.growth.figures import plot_front, side_cuts, what_grows
from coble.render.numbers import duration
from coble.render.palette import US, lay_out
from coble.structures.export import each_frame
from coble.structures.side_figures import EDGE_NM, kinds_legend, plot_side, points_nm, side_balls, wall_bands

HEIGHT = 5.2  # of the picture [inch]


def draw(folder, content, which):
    """What moves in a result of `coble plate`, `strip` or `cycle`.

    Parameters
    ----------
    folder : path-like
    content : dict
        Of result.json.
    which : str
        Its frames, see `coble.structures.export.frames`.

    Returns
    -------
    figure : Figure
    shows : list of callable ()
        Each changes the figure to the next frame.
    """
    frames = list(each_frame(folder, which, cuts=side_cuts(content)))
    figure, side, follow = _stage(content, frames, wall_bands(folder))
    shown = []

    def show(atoms):
        while shown:
            shown.pop().remove()
        shown.append(side_balls(atoms, side.transData))
        side.add_collection(shown[-1])
        follow(atoms.info["time"])

    return figure, [partial(show, atoms) for atoms in frames]


def _stage(content, frames, bands_nm):
    """The figure without its atoms, their axes, and what moves the marker to a time [s]."""
    points = np.concatenate([points_nm(atoms) for atoms in frames])
    (left, _, low), (right, _, high) = points.min(axis=0) - EDGE_NM, points.max(axis=0) + EDGE_NM
    width = min(max(1.2, 0.85 * HEIGHT * (right - left) / (high - low)), HEIGHT)
    figure = Figure(figsize=(width + 4.6, HEIGHT), layout="constrained")
    side, chart = figure.subplots(1, 2, width_ratios=(width + 0.4, 4.2))
    plot_side(frames[0], side, bands_nm=bands_nm)
    side.collections[-1].remove()
    side.set(xlim=(left, right), ylim=(low, high))
    plot_front(content, chart)
    chart.set(ylim=(low, high), ylabel="")  # a tip is at the same height in both
    lines = [ax.axhline(0, color="black", linewidth=0.7, linestyle=(0, (4, 3))) for ax in (side, chart)]
    (marker,) = chart.plot([0], [0], "o", color="black", markersize=7, zorder=5)
    kinds = set().union(*(atoms.get_tags().tolist() for atoms in frames))
    figure.legend(handles=kinds_legend(kinds), loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    title = figure.suptitle("t", fontsize=12)
    lay_out(figure)  # nothing moves but the atoms
    times, fronts = (np.array(content["series"][name]) for name in ("time_s", "front_nm"))

    def follow(time):
        tip = np.interp(time, times, fronts)
        for line in lines:
            line.set_ydata([tip, tip])
        marker.set_data([time * US], [tip])
        title.set_text(f"{what_grows(content)}, t = {duration(time)}")

    return figure, side, follow
