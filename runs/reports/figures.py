"""Figures of a report, as SVG that takes the colours of the page; large ones as PNG.

Matplotlib's greys become variables of the style sheet, so that black lines are light on a dark page; colours stay.
"""

import io
import re
from base64 import b64encode
from warnings import catch_warnings, simplefilter

from coble.kinds.campaign.figures import CAPTIONS
from coble.render.palette import names_as_text

MOST_SVG = 220_000  # bytes; a larger figure is rasterised
GREY = re.compile(r"(fill|stroke): ?#([0-9a-f]{2})\2\2\b")
RASTER_DPI = 130
LONGEST = 24  # letters of a name on an axis
GREYS = 16  # levels in the style sheet


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
    """Everything that is drawn of a result: (title, what it shows, figure), one after the other; see `coble.reports.plots`."""
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


PANELS = {"discriminate": _compare_shares, "plate": _compare_tips, "experiment": _compare_probabilities}
