"""Figures of `coble discriminate`, drawn from the content of result.json alone."""

from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from coble.kmc.knowledge.shares import NONE
from coble.render.bounds import loose, share_ends
from coble.render.names import LABELS, phrase, shape_name, shortened
from coble.render.numbers import listed
from coble.render.palette import GREY, SOURCES, arms, axes, open_frame, styles_of, wall_styles

BAR = 0.26
RANGE = 0.1  # width of the interval beside the bars
LIGHT = 0.3  # its opacity
TITLE_IN = 6.8  # wide enough for title and legend [inch]
SHORT = 24  # letters in a line of the legend, so that three stand side by side
PATH_IN = 0.5  # of a path, so that its bars can be told apart [inch]


def plot_shares(wall, ax=None, *, paths=None):
    """Share of every path, side by side: measured with 95 % interval, exact, by the formula, over what is not known.

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
    styles, formula, known = wall_styles(wall), wall["formula"], wall.get("knowledge")
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
        if known and path in known["shares"]:
            _draw_range(ax, i + (len(values) - 1.5) * BAR + 0.75 * RANGE, known["shares"][path], styles[path].colour)
        if loose(wall["exact"]):
            ax.plot([i, i], share_ends(wall["exact"], path), color="black", linewidth=1.2, linestyle=":", marker="_")
    ax.axhline(0.5, color=GREY, linewidth=0.8, linestyle="--")
    ax.set_xticks(range(len(paths)), [shortened(LABELS[path]) for path in paths], rotation=20, fontsize=9)
    ax.set_ylim(0, 1.05)
    ax.set_ylabel("share of the current")
    open_frame(ax)
    dominant = wall["verdict"]["dominant"]
    found = [wall["name"], LABELS[dominant] if dominant else "undecided", *([_chance(known)] if known else [])]
    ax.set_title("\n".join(found), fontsize=10)
    return ax


def _draw_range(ax, x, share, colour):
    """From 5 to 95 % of a share over what is not known, with its median."""
    low, middle, high = share["p05"], share["p50"], share["p95"]
    ax.bar(x, high - low, RANGE, low, color=to_rgba(colour, LIGHT), edgecolor=colour, linewidth=0.8)
    ax.plot([x - RANGE / 2, x + RANGE / 2], [middle, middle], color=colour, linewidth=1.2)


def _chance(known):
    """Which path most probably carries more than half over the ranges: `interface > half with P = 0.75`."""
    path, p = max(known["probability"].items(), key=lambda each: each[1])
    return f"{'none' if path == NONE else shortened(LABELS[path])} > half with P = {p:.2f}"


def shares_legend(walls=()):
    """Handles of a legend that says which bar is measured, exact and by the formula.

    With `walls` of result.json also what the light bars are, and the dotted line where an exact answer is a bound.
    """
    bars = [
        Patch(facecolor=to_rgba("0.7" if hatch else "0.3", alpha), hatch=hatch, edgecolor=GREY, label=name)
        for name, alpha, hatch in (SOURCES if all(wall["formula"] for wall in walls) else SOURCES[:2])
    ]
    if any(wall.get("knowledge") for wall in walls):
        label = "5 to 95 % over the ranges of unknown numbers"
        bars.append(Patch(facecolor=to_rgba("0.3", LIGHT), edgecolor="0.3", label=label))
    if not any(loose(wall["exact"]) for wall in walls):
        return bars
    label = "network is a bound: to that without exchange"
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
    columns = 2 if any(len(each.get_label()) > SHORT for each in handles) else len(handles) % 2 + 2
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)
    figure.suptitle(title_of(content), fontsize=11)
    return figure


def title_of(content):
    """What was found, and of which tubule or structure, for the top of a figure."""
    at = ", at the stated numbers" if any(wall.get("knowledge") for wall in content["walls"]) else ""
    return f"{_finding(content['walls'])}{at}\n{subject_of(content)}"


def _finding(walls):
    """`Most of the current flows in the interface (Li9Al4), the wall (LiC6)`, or that of one wall."""
    by_path = {}
    for wall in walls:
        by_path.setdefault(wall["verdict"]["dominant"], []).append(wall["name"])
    if len(walls) == 1:
        (path,) = by_path
        who = phrase(path) if path else "no path"
        return f"{who[:1].upper()}{who[1:]} carries {'most of the current' if path else 'more than half: undecided'}"
    undecided = by_path.pop(None, [])
    parts = [f"{phrase(path)} ({', '.join(names)})" for path, names in by_path.items()]
    said = f"Most of the current flows in {', '.join(parts)}" if parts else "No path carries more than half"
    return f"{said}; undecided: {', '.join(undecided)}" if undecided else said


def _carried(content):
    metal = content["provenance"]["case"].get("metal")
    return f"{metal['species']} current" if metal else "current"


def mostly(walls):
    """Where most of the exact current of one wall, or of each of several, flows: a sentence without its stop."""
    shares = {wall["name"]: wall["exact"]["shares"] for wall in walls}
    most = {name: max(each, key=each.get) for name, each in shares.items()}
    parts = {name: f"{100 * shares[name][path]:.0f} %" for name, path in most.items()}
    if len(walls) == 1:
        (name,) = most
        return f"{name}: {parts[name]} of the exact current flows in {phrase(most[name])}"
    told = listed([f"{parts[name]} in {phrase(path)} ({name})" for name, path in most.items()])
    return f"Where most of the exact current flows: {told}"


def subject_of(content):
    """Shape, sizes and temperature of the tubule of a result, or the structure and its temperature."""
    case = content["provenance"]["case"]
    at = f"{case['conditions']['temperature_K']:g} K"
    if "tubule" not in case:
        wall = content["walls"][0]
        return f"{shortened(wall['name'])}, {wall['run']['sites']:,} sites, {at}"
    tubule = case["tubule"]
    sizes = f"W = {tubule['inner_width_nm']:g} nm, w = {tubule['wall_thickness_nm']:g} nm"
    return f"{shape_name(tubule['shape'])}, {sizes}, {at}"
