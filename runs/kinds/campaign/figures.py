"""Figures of campaigns that are no maps: estimates against an axis, drawn from the content of campaign.json alone."""

from matplotlib.figure import Figure

from coble.kinds.campaign.over_images import of_images
from coble.kinds.campaign.scatter_figures import draw_scatter
from coble.kinds.campaign.tables import finding
from coble.kinds.campaign.values import worded
from coble.render.names import LABELS, heading_of
from coble.render.numbers import typeset
from coble.render.palette import STYLES, axes, open_frame, styles_of, titled

MOST_PANELS = 6


def numeric_axes(content):
    """Keys of the axes whose values are numbers, in their order."""
    values = {axis["key"]: [point["values"][axis["key"]] for point in content["points"]] for axis in _axes(content)}
    return [key for key, found in values.items() if all(isinstance(v, int | float) for v in found)]


def _axes(content):
    return content["setup"]["axis"]


def plot_estimates(points, key, names, ax=None):
    """Estimates with 95 % intervals against one axis, and exact shares as lines.

    Parameters
    ----------
    points : list of dict
        Entries of `points` in campaign.json that differ in this axis.
    key : str
        Of the axis.
    names : sequence of str
        Of estimates.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax)
    points = sorted(points, key=lambda point: point["values"][key])
    styles = styles_of(name.removeprefix("share.") for name in names)
    for name in names:
        path = name.removeprefix("share.")
        style = STYLES["interface"] if path == name else styles[path]
        there = [point for point in points if point["estimates"].get(name, {}).get("low") is not None]
        x = [point["values"][key] for point in there]
        found = [point["estimates"][name] for point in there]
        ends = [[e["value"] - e["low"] for e in found], [e["high"] - e["value"] for e in found]]
        label = LABELS.get(path, path)
        ax.errorbar(x, [e["value"] for e in found], ends, fmt=style.marker, color=style.colour, ms=4, label=label)
        known = [(p["values"][key], p["exact"]["shares"].get(path)) for p in points if p["exact"]]
        if name.startswith("share.") and known:
            ax.plot(*zip(*known, strict=True), linestyle=style.line, color=style.colour, lw=1)
    ax.set_xlabel(heading_of(key))
    ax.set_ylabel("share of the current" if names[0].startswith("share.") else names[0])
    open_frame(ax)
    return ax


def draw_campaign(content):
    """Estimates against the first axis of numbers, a panel for each combination of the others.

    Parameters
    ----------
    content : dict
        Of campaign.json.

    Raises
    ------
    ValueError
        When no axis has numbers, or nothing has been estimated yet.
    """
    names = list(dict.fromkeys(name for point in content["points"] for name in point["estimates"]))
    # Of points that all have the exact answer alone the lines are drawn.
    exact = (f"share.{path}" for point in content["points"] if point["exact"] for path in point["exact"]["shares"])
    names = names or list(dict.fromkeys(exact))
    shares = [name for name in names if name.startswith("share.")]
    keys = numeric_axes(content)
    if not keys or not names:
        raise ValueError("nothing to draw: no axis of numbers, or no point is done yet")
    key, groups = keys[0], {}
    for point in content["points"]:
        rest = worded(content, {name: value for name, value in point["values"].items() if name != key})
        groups.setdefault(rest, []).append(point)
    shown = list(groups.items())[:MOST_PANELS]
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(0.6 + 3.2 * columns, 0.9 + 2.7 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=bool(shares)).ravel()
    for ax, (title, points) in zip(panels, shown, strict=False):
        plot_estimates(points, key, shares or names[:1], ax)
        ax.set_title(title, fontsize=8)
        ax.label_outer()
    for ax in panels[len(shown) :]:
        ax.set_visible(False)
    if shares:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    left_out = f" (the first {len(shown)} of {len(groups)} combinations)" if len(groups) > len(shown) else ""
    found = typeset(finding(content))
    titled(figure, found[:1].upper() + found[1:], f"campaign {content['name']}{left_out}")
    return figure


def _campaign(folder, content):
    from coble.kinds.campaign.mechanism_map import is_map

    if is_map(content):
        from coble.kinds.campaign.map_figures import draw_mechanism_maps

        yield "map", draw_mechanism_maps(content)
        return

    if of_images(content):
        yield "images", draw_scatter(content)
        return
    yield "campaign", draw_campaign(content)


FIGURES = {"campaign": _campaign}
CAPTIONS = {
    "map": (
        "Mechanism map",
        "The path that carries most, over width and temperature; exact boundaries, measured ones with their 95 % band, "
        "and the width W* at which bulk carries as much as the interface. Points that are not there yet are blank.",
    ),
    "images": ("Images", "Shares of every image, and how they scatter between images."),
    "campaign": (
        "Estimates",
        "What was measured at every point, with its 95 % interval, against the first axis of numbers; lines: exact.",
    ),
}
