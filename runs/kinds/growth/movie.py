"""A movie of metal that grows or shrinks: the tubule from the side, beside the way of its tip against time."""

from pathlib import Path

import numpy as np
from matplotlib.animation import FFMpegWriter, PillowWriter
from matplotlib.figure import Figure

from coble.kinds.growth.figures import plot_front, side_cuts, what_grows
from coble.kinds.registry import kind_of, read
from coble.render.palette import US, names_as_text
from coble.store.files import whole
from coble.structures.export import each_frame
from coble.structures.side_figures import EDGE_NM, kinds_legend, plot_side, points_nm, side_balls, wall_bands

WRITERS = {".gif": PillowWriter, ".mp4": FFMpegWriter}
DPI = 100
HEIGHT = 5.2  # of the picture [inch]
LAST_S = 1.5  # how long the last frame stays


def refuse(path):
    """ValueError when no movie can be written to a file of this name, before any work."""
    ending = Path(path).suffix
    if ending not in WRITERS:
        raise ValueError(f"{path}: must end in {' or '.join(WRITERS)}")
    if not WRITERS[ending].isAvailable():
        raise ValueError(f"{path}: needs the program ffmpeg, which is not there: install it, or name a .gif")


def write_movie(path, folder, which=":", *, fps=8):
    """Write a movie of a result of `coble plate`, `strip` or `cycle`, whole or not at all.

    Parameters
    ----------
    path : path-like
        Ends in .gif, or in .mp4 where there is ffmpeg.
    folder : path-like
        Of the result.
    which : str
        Its frames, see `coble.structures.export.frames`.
    fps : float
        Frames per second.

    Returns
    -------
    int
        Number of frames.

    Raises
    ------
    ValueError
        For another ending, no ffmpeg, or a folder without such a result.
    """
    refuse(path)
    content = read(folder)
    if not isinstance(content.get("series"), dict) or not kind_of(content).atoms:
        raise ValueError(
            f"{folder}: nothing moves in a result of kind {content['kind']!r}; name one of metal that grows"
        )
    frames = list(each_frame(folder, which, cuts=side_cuts(content)))
    figure, side, follow = _stage(content, frames, wall_bands(folder))
    kind = WRITERS[Path(path).suffix]
    writer = kind(fps=fps) if kind is PillowWriter else kind(fps=fps, codec="h264", extra_args=["-pix_fmt", "yuv420p"])

    def save(part):
        with writer.saving(figure, part, DPI):
            for number, atoms in enumerate(frames):
                balls = side_balls(atoms, side.transData)
                side.add_collection(balls)
                follow(atoms.info["time"])
                for _ in range(1 if number < len(frames) - 1 else 1 + round(LAST_S * fps)):
                    writer.grab_frame()
                balls.remove()

    whole(Path(path), save)
    return len(frames)


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
    names_as_text(figure)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # nothing moves but the atoms
    times, fronts = (np.array(content["series"][name]) for name in ("time_s", "front_nm"))

    def follow(time):
        tip = np.interp(time, times, fronts)
        for line in lines:
            line.set_ydata([tip, tip])
        marker.set_data([time * US], [tip])
        title.set_text(f"{what_grows(content)}, t = {time * US:.3g} µs")

    return figure, side, follow
