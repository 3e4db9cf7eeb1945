"""Figures of `coble discriminate`, drawn from the content of result.json alone."""

from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from coble.render.bounds import loose, share_ends
from coble.render.names import LABELS, shortened
from coble.render.palette import GREY, SOURCES, arms, axes, open_frame, styles_of, wall_styles

BAR = 0.26
TITLE_IN = 6.8  # wide enough for title and legend [inch]
PATH_IN = 0.5  # of a path, so that its bars can be told apart [inch]


def plot_shares(wall, ax=None, *, paths=None):
    """Share of every path: measured with 95 % interval, exact, and by the formula, side by side.

    Parameters
    ----------
    wall : dict
        One of `walls` in result.json.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.
    paths : sequence of str, optional
        Which of the paths, in this order; all when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax)
    styles, formula = wall_styles(wall), wall["formula"]
    paths = [path for path in paths or styles if path in wall["paths"]]
    for i, path in enumerate(paths):
        share = wall["paths"][path]["share"]
        values = (share["value"], wall["exact"]["shares"][path], *([formula["shares"][path]] if formula else []))
        for j, (value, (_, alpha, hatch)) in enumerate(zip(values, SOURCES, strict=False)):
            x, colour = i + (j - 1) * BAR, styles[path].colour
            # Hatches and their edges are grey: on a page they take its ink, and are seen on light and dark.
            edge = GREY if hatch else colour
            ax.bar(x, value, BAR, color=to_rgba(colour, alpha), hatch=hatch, edgecolor=edge, linewidth=0.8)
        ax.errorbar(i - BAR, values[0], arms([share]), color="black", capsize=2.5, linewidth=1.2)
        if loose(wall["exact"]):
            ax.plot([i, i], share_ends(wall["exact"], path), color="black", linewidth=1.2, linestyle=":", marker="_")
    ax.axhline(0.5, color=GREY, linewidth=0.8, linestyle="--")
    ax.set_xticks(range(len(paths)), [shortened(LABELS[path]) for path in paths], rotation=20, fontsize=9)
    ax.set_ylim(0, 1.05)
    ax.set_ylabel("share of the current")
    open_frame(ax)
    dominant = wall["verdict"]["dominant"]
    ax.set_title(f"{wall['name']}\n{LABELS[dominant] if dominant else 'undecided'}", fontsize=10)
    return ax


def shares_legend(walls=()):
    """Handles of a legend that says which bar is measured, exact and by the formula.

    With `walls` of result.json, one of which has an exact answer that is a bound, also what the dotted line is.
    """
    bars = [
        Patch(facecolor=to_rgba("0.7" if hatch else "0.3", alpha), hatch=hatch, edgecolor=GREY, label=name)
        for name, alpha, hatch in (SOURCES if all(wall["formula"] for wall in walls) else SOURCES[:2])
    ]
    if not any(loose(wall["exact"]) for wall in walls):
        return bars
    label = "where the network is a bound: to the regions by themselves"
    return [*bars, Line2D([], [], color="black", linewidth=1.2, linestyle=":", marker="_", label=label)]


def draw_shares(content):
    """The shares of all walls of a result, `matplotlib.figure.Figure`, from the content of result.json."""
    walls = content["walls"]
    paths = list(styles_of(dict.fromkeys(path for wall in walls for path in wall["paths"])))
    wide = 2.6 + max(2.1, PATH_IN * len(paths)) * len(walls)
    figure = Figure(figsize=(max(TITLE_IN, wide), 4.2), layout="constrained")
    panels = figure.subplots(1, len(walls), sharey=True, squeeze=False)[0]
    for ax, wall in zip(panels, walls, strict=True):
        plot_shares(wall, ax, paths=paths).label_outer()
    panels[0].set_ylabel(f"share of the {_carried(content)}")
    handles = shares_legend(walls)
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles) % 2 + 2, frameon=False)
    figure.suptitle(title_of(content), fontsize=11)
    return figure


def title_of(content):
    """What was found, and of which tubule or structure, for the top of a figure."""
    return f"{_finding(content['walls'])}\n{subject_of(content)}"


def _finding(walls):
    """`Most of the current: interface (Li9Al4), wall (LiC6)`, or that of one wall."""
    by_path = {}
    for wall in walls:
        by_path.setdefault(wall["verdict"]["dominant"], []).append(wall["name"])
    if len(walls) == 1:
        (path,) = by_path
        return f"Most of the current: {LABELS[path]}" if path else "No path carries more than half: undecided"
    undecided = by_path.pop(None, [])
    parts = [f"{LABELS[path]} ({', '.join(names)})" for path, names in by_path.items()]
    parts += [f"undecided ({', '.join(undecided)})"] if undecided else []
    return f"Most of the current: {', '.join(parts)}"


def _carried(content):
    metal = content["provenance"]["case"].get("metal")
    return f"{metal['species']} current" if metal else "current"


def subject_of(content):
    """Shape, sizes and temperature of the tubule of a result, or the structure and its temperature."""
    case = content["provenance"]["case"]
    at = f"{case['conditions']['temperature_K']:g} K"
    if "tubule" not in case:
        wall = content["walls"][0]
        return f"{shortened(wall['name'])}, {wall['run']['sites']:,} sites, {at}"
    tubule = case["tubule"]
    return f"{tubule['shape']}, W = {tubule['inner_width_nm']:g} nm, w = {tubule['wall_thickness_nm']:g} nm, {at}"
