"""Figures of a report, as SVG that takes the colours of the page; large ones as PNG.

Matplotlib's greys become variables of the style sheet, so that black lines are light on a dark page; colours stay.
"""

import io
import re
from base64 import b64encode
from warnings import catch_warnings, simplefilter

from coble.render.palette import names_as_text

MOST_SVG = 220_000  # bytes; a larger figure is rasterised
GREY = re.compile(r"(fill|stroke): ?#([0-9a-f]{2})\2\2\b")
RASTER_DPI = 130
LONGEST = 24  # letters of a name on an axis
GREYS = 16  # levels in the style sheet


CAPTIONS = {  # by name of a figure of `coble plot`: its title and what it shows
    "shares": (
        "Share of each path",
        "Part of the current that every path carries: measured with its 95 % interval, exact solution of the same "
        "network, and the continuum formula.",
    ),
    "maps": (
        "Cross-section",
        "Measured occupancy and hops, and the exact current, over the cross-section.",
    ),
    "side": ("From the side", "Atoms of a slice along the axis, coloured by the kind of their sites."),
    "routes": ("Routes", "Exact current between the regions from one end to the other; the wider, the more."),
    "convergence": (
        "Convergence",
        "Every estimate against the simulated time, or the number of blocks, behind it, with its 95 % interval; "
        "dashed, where there is one, the exact value.",
    ),
    "diffusivities": (
        "Diffusivities",
        "Diffusivity of every region by itself: as the case gives it, and what follows from squared displacements of "
        "tracers, with its 95 % interval; H: Haven ratio.",
    ),
    "tracers": (
        "Tracers",
        "Correlation factor of every region, by itself, between neighbouring times of observation, with its 95 % "
        "interval; lines: the last, from which the tracer diffusivity follows.",
    ),
    "waits": (
        "Waiting times",
        "Waits between events of the driven segment, each times the total propensity before it, with 95 % intervals, "
        "and the exponential distribution.",
    ),
    "growth": (
        "Growth",
        "The ends of the metal against time beside the law L² = L₀² + 2Bt, and the current of every path.",
    ),
    "profile": ("Profile", "Occupancy of the sites off the axis and along it, at the end."),
    "experiment": (
        "Predictions",
        "What every mechanism predicts (points, 95 % intervals; squares: exact), what was observed (band), and the "
        "probability of each.",
    ),
    "sensitivity": (
        "Degree of rate control",
        "How much every result changes with the rate of each class of hops: d ln X / d ln k.",
    ),
    "creep": (
        "Creep",
        "Strain rate against grain size and tension: measured with its 95 % interval, exact solution of the same "
        "network, and the continuum.",
    ),
    "design": (
        "From tubule to cell",
        "Conductivity, growth of plugs and capacity; overpotential, currents and tensions in a matrix of tubules.",
    ),
    "map": (
        "Mechanism map",
        "The path that carries most, over width and temperature; exact boundaries, measured ones with their 95 % band, "
        "and the width W* at which bulk metal carries as much as the interface. Points that are not there yet are "
        "blank.",
    ),
    "campaign": (
        "Estimates",
        "What was measured at every point, with its 95 % interval, against the first axis of numbers; lines: exact.",
    ),
    "tune": (
        "Rates",
        "Rates beside those at the start, residuals of the targets, and the directions that they determine.",
    ),
}


def drawn(name, figure, title, said):
    """A figure for the page.

    Parameters
    ----------
    name : str
        Of the figure in the report: names inside an SVG must differ from those of the others.
    figure : matplotlib.figure.Figure
    title, said : str
        What it is, and what it shows: the alternative text.

    Returns
    -------
    dict
        markup (SVG or an image), title, said, width (natural, in CSS pixels).
    """
    from matplotlib import rc_context

    width = figure.get_size_inches()[0] * 96
    names_as_text(figure)
    svg = io.StringIO()
    with rc_context({"svg.hashsalt": "coble", "svg.fonttype": "path"}), catch_warnings():
        simplefilter("ignore", UserWarning)  # a name so long that the panels have no room
        figure.savefig(svg, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    markup = _inline(svg.getvalue(), f"{name}-")
    if len(markup) > MOST_SVG:
        markup = f'<img class="raster" alt="" src="data:image/png;base64,{b64encode(_raster(figure)).decode()}">'
    return {"markup": markup, "title": title, "said": said, "width": round(width)}


def _raster(figure):
    """PNG with 256 colours, rare ones kept: a quarter of the bytes."""
    from PIL import Image  # comes with matplotlib

    whole, reduced = io.BytesIO(), io.BytesIO()
    with catch_warnings():
        simplefilter("ignore", UserWarning)
        figure.savefig(whole, format="png", dpi=RASTER_DPI, facecolor="white")
    Image.open(whole).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        reduced, "png", optimize=True
    )
    return reduced.getvalue()


def _inline(text, prefix):
    """The <svg> element alone, its names made its own, its greys those of the page."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text, flags=re.S)
    text = (
        re.sub(r' (xmlns(:xlink)?|version|width|height)="[^"]*"', "", text[: text.index(">")]) + text[text.index(">") :]
    )
    text = re.sub(
        r'(<(?:g|svg)) id="(?:figure|axes|patch|text|line2d|matplotlib|legend|xtick|ytick)[^"]*"', r"\1", text
    )
    text = re.sub(r'id="([^"]+)"', rf'id="{prefix}\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", text)
    text = GREY.sub(lambda m: f"{m[1]}: var(--grey-{_level(m[2])})", text)
    text = text.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)
    # Glyphs and ticks carry no colour of their own: they are black by default.
    return re.sub(r"\n\s*", "\n", text)


def _level(pair):
    return round(int(pair, 16) / 255 * (GREYS - 1))


def figures_of(folder, skipped):
    """Everything that is drawn of a result: (title, what it shows, figure), one after the other; see `coble.plotting.catalogue`."""
    from coble.plotting import catalogue as plots

    for name, figure in plots.figures_of(folder, skipped=skipped):
        kind, _, which = name.partition("-")
        title, said = CAPTIONS.get(kind, (kind, "see the titles of its axes"))
        yield (f"{title}, {which}" if which else title), said, figure


def compare(results):
    """One figure of several results: shares of the walls, tips against time, probabilities of mechanisms.

    Parameters
    ----------
    results : list of (name, content)

    Returns
    -------
    matplotlib.figure.Figure or None
        None when there is nothing to be drawn side by side.
    """
    from matplotlib.figure import Figure

    by_kind = {kind: [(_short(n), c) for n, c in results if c["kind"] == kind] for kind in PANELS}
    panels = [(PANELS[kind], found) for kind, found in by_kind.items() if found]
    if not panels:
        return None
    figure = Figure(figsize=(4.9 * len(panels) + 1.0, 4.2), layout="constrained")
    for ax, (draw, found) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        draw(ax, found)
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def _short(name):
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"


def _compare_shares(ax, results):
    from coble.render.names import LABELS
    from coble.render.palette import STYLES, arms

    rows = [(f"{name}: {_short(wall['name'])}", wall) for name, content in results for wall in content["walls"]]
    labelled = set()
    for row, (_, wall) in enumerate(rows):
        for path, found in wall["paths"].items():
            share, style = found["share"], STYLES[path]
            label = None if path in labelled else LABELS[path]
            labelled.add(path)
            ax.errorbar(
                share["value"],
                -row,
                xerr=arms([share]),
                color=style.colour,
                marker=style.marker,
                capsize=3,
                linestyle="",
                label=label,
            )
            ax.plot(wall["exact"]["shares"][path], -row, marker="|", markersize=16, color=style.colour)
    ax.axvline(0.5, color="0.6", linewidth=0.8, linestyle="--")
    ax.set_yticks([-row for row in range(len(rows))], [name for name, _ in rows])
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(-max(len(rows), 3) + 0.4, 0.6)
    ax.set_xlabel("share of the current (bar: exact)")
    ax.legend(frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)


def _compare_tips(ax, results):
    from coble.render.palette import SERIES

    for number, (name, content) in enumerate(results):
        series, style = content["series"], SERIES[number % len(SERIES)]
        squared = [length**2 for length in series["front_nm"]]
        ax.plot([t * 1e6 for t in series["time_s"]], squared, color=style.colour, linestyle=style.line, label=name)
    ax.set_xlabel("time [µs]")
    ax.set_ylabel("(position of the tip)² [nm²]")
    ax.legend(frameon=False, fontsize=9)


def _compare_probabilities(ax, results):
    from coble.render.names import LABELS
    from coble.render.palette import STYLES

    for row, (_, content) in enumerate(results):
        left = 0.0
        for mechanism, part in content["probability"].items():
            label = LABELS.get(mechanism, mechanism) if row == 0 else None
            ax.barh(-row, part, 0.6, left=left, color=STYLES[mechanism].colour, label=label)
            left += part
    ax.set_yticks([-row for row in range(len(results))], [name for name, _ in results])
    ax.set_ylim(-max(len(results), 3) + 0.4, 0.6)
    ax.set_xlabel("probability")
    ax.set_xlim(0, 1)
    ax.legend(frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)


PANELS = {"discriminate": _compare_shares, "plate": _compare_tips, "experiment": _compare_probabilities}
