"""Shares of many images side by side, drawn from the content of campaign.json alone."""

import numpy as np
from matplotlib.figure import Figure

from coble.kinds.campaign.over_images import KEY, of_images, paths_of, scatter_of
from coble.render.names import spoken
from coble.render.palette import open_frame, styles_of

MOST_NAMES = 12  # of images below an axis


def draw_scatter(content):
    """Shares by image, measured and exact, with mean and standard deviation of every path, `Figure`."""
    points = of_images(content)
    styles, names = styles_of(paths_of(points)), [str(point["values"][KEY]) for point in points]
    figure = Figure(figsize=(max(4.4, 1.6 + 0.5 * min(len(points), 24)), 3.4), layout="constrained")
    ax, x = figure.subplots(), np.arange(len(points))
    for path, (mean, deviation, _, _) in scatter_of(points).items():
        style = styles[path]
        ax.axhspan(mean - deviation, mean + deviation, color=style.colour, alpha=0.15, lw=0)
        ax.axhline(mean, color=style.colour, lw=0.8, ls=style.line)
        exact = [point["exact"]["shares"].get(path, 0.0) for point in points]
        ax.plot(x, exact, style.marker, mfc="none", color=style.colour, ms=8)
        known = [(k, point["estimates"].get(f"share.{path}")) for k, point in enumerate(points)]
        known = [(k, found["value"], found["stderr"] or 0.0) for k, found in known if found]
        if known:
            ax.errorbar(*np.array(known).T, fmt=style.marker, color=style.colour, ms=4)
        ax.plot([], [], style.marker, color=style.colour, label=spoken(path))
    step = -(-len(names) // MOST_NAMES)
    ax.set_xticks(x[::step], names[::step], rotation=30, ha="right", fontsize=8)
    ax.set(ylabel="share of the current", xlim=(-0.6, len(points) - 0.4), ylim=(-0.03, 1.03))
    ax.legend(fontsize=8, loc="center right")
    ax.set_title("filled: hops; open: exact\nbands: mean ± standard deviation between images", fontsize=8)
    open_frame(ax)
    return figure
