"""What observations changed, drawn from the content of result.json alone: which path dominates, and the numbers."""

from coble.inputs.numbers.words import is_scale, words_of
from coble.models.tubules.experiment_tubule import CASE
from coble.render.names import LABELS
from coble.render.palette import GREY, axes, open_frame, styles_of


def plot_dominant(content, ax=None):
    """Probability that each path moves more than half, before (open) and after the observations.

    Filled is what a mechanism alone adds, hatched what all paths in parallel do.

    Parameters
    ----------
    content : dict
        That of result.json, with its `posterior`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
        One row for each path, and "none", the first on top.
    """
    ax, found = axes(ax), content["posterior"]
    styles = styles_of(found["dominant"])
    whole = found["mechanism"][CASE]
    for row, (path, after) in enumerate(found["dominant"].items()):
        colour, before = styles[path].colour, found["dominant_before"][path]
        shared = whole * found["dominant_if_case"].get(path, 0.0)
        ax.barh(-row - 0.2, after - shared, 0.36, color=colour)
        ax.barh(-row - 0.2, shared, 0.36, left=after - shared, facecolor="none", edgecolor=colour, hatch="////")
        ax.barh(-row + 0.2, before, 0.36, facecolor="none", edgecolor=colour)
        said = f"{before:.2f} → {after:.2f}"
        ax.text(1.02, -row, said, va="center", fontsize=8, transform=ax.get_yaxis_transform())
    ax.set_yticks([-row for row in range(len(styles))], [LABELS.get(path, path) for path in styles], fontsize=10)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1])
    ax.set_xlabel("probability to move more than half")
    open_frame(ax)
    return ax


def plot_parameters(content, ax=None):
    """Numbers that are not known, before (grey) and after the observations: median, and 5 to 95 %.

    Numbers stand over their median before; parameters and return value as those of `plot_dominant`.
    """
    ax, found = axes(ax), content["posterior"]
    known = {key: each for key, each in found["parameters_before"].items() if each["p50"] > 0}
    for row, (key, before) in enumerate(known.items()):
        for each, colour, lift in ((before, "0.7", 0.18), (found["parameters"][key], "tab:blue", -0.18)):
            low, middle, high = (each[part] / before["p50"] for part in ("p05", "p50", "p95"))
            ax.plot([low, high], [-row + lift] * 2, color=colour, linewidth=3, solid_capstyle="butt")
            ax.plot(middle, -row + lift, marker="o", markersize=5, color=colour)
    ax.axvline(1.0, color=GREY, linewidth=0.8, linestyle="--")
    if any(map(is_scale, known)):
        ax.set_xscale("log")
    ax.set_yticks([-row for row in range(len(known))], [words_of(key)[0] for key in known], fontsize=9)
    ax.set_xlabel("over the median of the prior")
    open_frame(ax)
    return ax
