"""The exact currents between regions, as a network of lanes, drawn from the content of result.json alone."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from coble.kinds.discriminate.pictures.shares import mostly
from coble.models.tubules.tubule import NM
from coble.render.conditions import conditions_of
from coble.render.names import LABELS, shortened
from coble.render.palette import GREY, axes, open_frame, titled, wall_styles

LANES = ("bulk", "interface", "surface", "wall")  # from the bottom to the top; others follow in their order
LANE_IN = 0.45  # height of a lane, at least [inch]
WIDEST = 16.0  # of an arrow that carries everything [points]
MOST_TOLD = 4  # regions of the weakest cross-section
TOLD = 0.002  # smaller parts of the current are drawn without a number


def plot_routes(wall, ax=None):
    """Regions as lanes from root to tip, cut into slabs: arrows as wide as the part of the current that they carry.

    Parameters
    ----------
    wall : dict
        One of `walls` in result.json.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
        One period of the axis [nm] to the right.
    """
    ax = axes(ax, (6.4, 2.8))
    edges, styles = wall["network"], wall_styles(wall)
    nodes = [tuple(edge[side]) for edge in edges for side in ("from", "to")]
    lanes = lanes_of(wall)
    slabs = max(slab for _, slab in nodes)
    height = wall["run"]["segment_A"] / NM / slabs
    place = {node: (node[1] * height, lanes.index(node[0])) for node in nodes}
    told = _told(edges)
    for number, edge in enumerate(edges):
        start, end, current = tuple(edge["from"]), tuple(edge["to"]), edge["current"]
        colour = styles[start[0]].colour if start[0] == end[0] else GREY
        ends_xy = list(zip(place[start], place[end], strict=True))
        ax.plot(*ends_xy, color=colour, alpha=0.45, linewidth=WIDEST * current, solid_capstyle="butt", zorder=1)
        arrow = {"arrowstyle": "-|>", "mutation_scale": 9, "shrinkA": 4, "shrinkB": 4, "linewidth": 0.8}
        ax.add_patch(FancyArrowPatch(place[start], place[end], color=colour, zorder=2, **arrow))
        if number in told:
            along = start[0] == end[0]
            xy = place[end] if along else tuple((a + b) / 2 for a, b in ends_xy)
            ax.annotate(
                f"{100 * current:.1f} %", xy, (9 if along else 3, 0), textcoords="offset points", fontsize=9,
                ha="left", va="center",
            )  # fmt: skip
    for (region, _), (x, y) in place.items():
        ax.plot(x, y, marker=styles[region].marker, color=styles[region].colour, markeredgecolor="white", zorder=3)
    ax.set_yticks(range(len(lanes)), [shortened(LABELS[lane]) for lane in lanes])
    ax.set(xlim=(-0.15 * height, (slabs + 0.15) * height), ylim=(-0.5, len(lanes) - 0.3))
    ax.set_xlabel("along the axis, from root to tip: one period [nm]")
    told = list(wall["limiting_cut"].items())[:MOST_TOLD]
    cut = ", ".join(f"{shortened(LABELS[region])} {100 * part:.0f} %" for region, part in told)
    ax.set_title(f"{wall['name']}: minimum cut {cut}", fontsize=9)
    open_frame(ax)
    return ax


def _told(edges):
    """Numbers of the edges whose current is written: the last of every lane, the widest between two lanes."""
    found = {}
    for number, edge in enumerate(edges):
        (start, slab), (end, _), current = edge["from"], edge["to"], edge["current"]
        rank = slab if start == end else current
        if current > TOLD and rank >= found.get((start, end), (0, 0))[0]:
            found[start, end] = rank, number
    return {number for _, number in found.values()}


def lanes_of(wall):
    """Regions with a current, from the bottom to the top."""
    there = {edge[side][0] for edge in wall["network"] for side in ("from", "to")}
    return [lane for lane in dict.fromkeys((*LANES, *wall["paths"])) if lane in there]


def draw_routes(content):
    """The networks of all walls, `matplotlib.figure.Figure`, from the content of result.json."""
    walls = content["walls"]
    lane = max(2.0, LANE_IN * max(len(lanes_of(wall)) for wall in walls))
    figure = Figure(figsize=(6.4, lane * len(walls) + 0.6), layout="constrained")
    for ax, wall in zip(figure.subplots(len(walls), 1, squeeze=False)[:, 0], walls, strict=True):
        plot_routes(wall, ax)
        if wall is not walls[-1]:
            ax.set_xlabel("")
    titled(figure, mostly(walls), conditions_of(content))
    return figure
