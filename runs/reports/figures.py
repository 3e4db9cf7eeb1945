"""Figures of a report, as SVG that takes the colours of the page; very large ones as PNG.

Matplotlib's greys become variables of the style sheet, so that black lines are light on a dark page; colours stay.
Atoms and maps are images inside the SVG, transparent where there is nothing.
"""

import io
import re
from base64 import b64decode, b64encode
from warnings import catch_warnings, simplefilter

from coble.kinds.registry import kind_of, read
from coble.render.palette import lay_out

MOST_SVG = 220_000  # bytes; a larger figure is rasterised
GREY = re.compile(r"(fill|stroke): ?#([0-9a-f]{2})\2\2\b")
IMAGE = re.compile(r'(href="data:image/png;base64,)\s*([^"]+)"')
RASTER_DPI = 130
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
    width = figure.get_size_inches()[0] * 96
    markup = _inline(_svg(figure), f"{name}-")
    if len(markup) > MOST_SVG:
        markup = f'<img class="raster" alt="" src="data:image/png;base64,{b64encode(_raster(figure)).decode()}">'
    return {"markup": markup, "title": title, "said": said, "width": round(width)}


def _svg(figure):
    from matplotlib import rc_context

    svg = io.StringIO()
    with rc_context({"svg.hashsalt": "coble", "svg.fonttype": "path"}), catch_warnings():
        simplefilter("ignore", UserWarning)  # a name so long that the panels have no room
        lay_out(figure)
        figure.savefig(svg, format="svg", dpi=RASTER_DPI, transparent=True, metadata={"Date": None, "Creator": None})
    return IMAGE.sub(lambda found: f'{found[1]}{_light(found[2])}"', svg.getvalue())


def _light(image):
    """A PNG in base 64 with 256 colours and degrees of transparency: a fifth of the bytes."""
    from PIL import Image  # comes with matplotlib

    reduced = io.BytesIO()
    with Image.open(io.BytesIO(b64decode(image))) as whole:
        few = whole.convert("RGBA").quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(reduced, "png", optimize=True)
    return b64encode(reduced.getvalue()).decode()


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
    """Everything that is drawn of a result: (title, what it shows, figure); see `coble.reports.plots`."""
    from coble.reports import plots

    captions = kind_of(read(folder, warn=False)).captions()
    for name, figure in plots.figures_of(folder, skipped=skipped):
        drawn_as, _, which = name.partition("-")
        title, said = captions.get(drawn_as, (drawn_as, "see the titles of its axes"))
        yield (f"{title}, {which}" if which else title), said, figure
