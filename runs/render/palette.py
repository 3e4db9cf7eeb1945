"""How things look in every figure: one colour, line and marker for each path, whatever a result calls it.

Okabe and Ito's colours, told apart by colour-blind readers; lines, markers and hatches tell the same things apart in
print without colours.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Style:
    """Colour, line style and marker, as matplotlib knows them."""

    colour: str
    line: str | tuple = "-"
    marker: str = "o"


BLUE, ORANGE, GREEN, PINK, YELLOW, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
INTERVAL = 1.96  # standard errors in half a 95 % interval, of counts, and of fits, that have no `low` and `high`
GREY = "0.4"  # of laws, limits and exact values

_BULK = Style(GREEN, (0, (5, 1)), "^")
_SURFACE = Style(PINK, "--", "D")
STYLES = {
    "interface": Style(BLUE, "-", "o"),
    "wall": Style(ORANGE, "-.", "s"),
    "bulk": _BULK,
    "surface": _SURFACE,
    "metal surface": Style(YELLOW, ":", "v"),
    "slip": Style(YELLOW, ":", "v"),
    "none of these": Style("0.6", "-", "x"),
}
SERIES = (  # of things that are no paths: walls, curves to compare
    Style(BLUE, "-", "o"),
    Style(ORANGE, "-.", "s"),
    Style(GREEN, (0, (5, 1)), "^"),
    Style(PINK, "--", "D"),
    Style(YELLOW, (0, (3, 1, 1, 1, 1, 1)), "v"),
    Style(SKY, (0, (8, 2)), "x"),
)
_COLOURS = (BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, "0.35")
_LINES, _MARKERS = ("-", "-.", (0, (5, 1)), "--", ":"), ("o", "s", "^", "D")
MOST = len(_COLOURS) * len(_LINES)  # regions that look different, at least


def styles_of(names, colours=None):
    """The `Style` of every region of a result: the same one in all figures.

    Paths of tubules have those of `STYLES` and come first, in that order.  Others take what is left, in the order of
    the names: seven colours, and the same again with other lines and markers.

    Parameters
    ----------
    names : iterable of str
        All regions, in their order.
    colours : dict of str → str, optional
        Colours that a case gives, as matplotlib knows them.

    Returns
    -------
    dict of str → Style
    """
    names, given = list(names), colours or {}
    found = {name: STYLES[name] for name in STYLES if name in names}
    taken = {style.colour for style in found.values()}
    looks = (Style(_COLOURS[i % 7], _LINES[i % 5], _MARKERS[i % 4]) for i in range(MOST))
    free = (look for i, look in enumerate(looks) if i >= len(_COLOURS) or look.colour not in taken)
    found |= {name: next(free) for name in names if name not in found}
    return {name: replace(style, colour=given.get(name, style.colour)) for name, style in found.items()}


def wall_styles(wall):
    """Styles of the paths of one of `walls` in result.json."""
    return styles_of(wall["paths"], wall.get("colours"))


def is_colour(text):
    """Whether matplotlib knows a text as a colour."""
    from matplotlib.colors import is_color_like

    return is_color_like(text)


def hex_of(colour):
    """A colour as #rrggbb, which pages know, too."""
    from matplotlib.colors import to_hex

    return to_hex(colour)


SOURCES = (  # of a number: its name, opacity and hatch
    ("measured, 95 % interval", 1.0, ""),
    ("exact (network)", 0.55, "//"),
    ("formula (continuum)", 0.25, "\\\\"),
)
DPI = 150
US = 1e6  # µs in a second


def names_as_text(figure):
    """Take every text of a figure as it stands: a $ in the name of a wall starts no formula.

    Only the powers of ten that matplotlib itself writes beside a logarithmic axis are formulas.
    """
    from matplotlib.axis import Axis
    from matplotlib.text import Text
    from matplotlib.ticker import LogFormatter

    for text in figure.findobj(Text):
        text.set_parse_math(False)
    for axis in figure.findobj(Axis):
        for formatter, ticks in (
            (axis.get_major_formatter(), axis.get_major_ticks),
            (axis.get_minor_formatter(), axis.get_minor_ticks),
        ):
            for tick in ticks() if isinstance(formatter, LogFormatter) else ():
                tick.label1.set_parse_math(True)
                tick.label2.set_parse_math(True)


def lay_out(figure):
    """Put everything that a figure shows in its place, texts as they stand, and leave it there.

    Matplotlib would do so whenever the figure is saved, and draw it a second time for that.
    """
    names_as_text(figure)
    engine = figure.get_layout_engine()
    if engine is not None and figure.axes:
        engine.execute(figure)
    figure.set_layout_engine(None)


def arms(estimates, scale=1.0):
    """How far the 95 % intervals of estimates reach below and above their values, as matplotlib's error bars take it.

    Parameters
    ----------
    estimates : list of dict
        As in result.json: `low` and `high` are from Student's t, and None where nobody knows.
    scale : float, or float array (n,)
        From the unit of the estimates to that of the axis, > 0.

    Returns
    -------
    float array (2, n)
    """
    import numpy as np

    reach = [
        [abs(each[end] - each["value"]) if each[end] is not None else 0.0 for each in estimates]
        for end in ("low", "high")
    ]
    return np.array(reach) * scale


def axes(ax, size=(4.6, 3.6)):
    """`ax`, or those of a new pyplot figure of this size [inch] when it is None."""
    if ax is None:
        from matplotlib import pyplot

        _, ax = pyplot.subplots(figsize=size, layout="constrained")
    return ax


def panels(titles, height_in=2.5, below_in=0.5):
    """A figure with a panel for each title, two side by side.

    Parameters
    ----------
    titles : sequence of str
    height_in, below_in : float
        Height of a row of panels, and what the figure has beside them [inch].

    Returns
    -------
    matplotlib.figure.Figure
    array of matplotlib.axes.Axes (n_title,)
    """
    from matplotlib.figure import Figure

    columns = min(2, len(titles))
    rows = -(-len(titles) // columns)
    figure = Figure(figsize=(0.6 + 3.7 * columns, below_in + height_in * rows), layout="constrained")
    every = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for ax, title in zip(every, titles, strict=False):
        ax.set_title(title, fontsize=10)
    for ax in every[len(titles) :]:
        ax.set_visible(False)
    return figure, every[: len(titles)]


def panels_of_walls(walls, plot, **size):
    """A panel for every wall of a result.json, drawn by `plot(wall, ax)`; `size` as of `panels`.

    Returns
    -------
    matplotlib.figure.Figure
    matplotlib.axes.Axes
        The first panel, for the legend of all.
    """
    figure, every = panels([wall["name"] for wall in walls], **size)
    for ax, wall in zip(every, walls, strict=True):
        plot(wall, ax).label_outer()
    return figure, every[0]


LETTERS = 11.5  # of a title on an inch of a figure


def titled(figure, finding, conditions=""):
    """Set the title of a figure: the finding in a sentence, wrapped to its width, and the conditions below."""
    from textwrap import fill

    wide = int(LETTERS * figure.get_figwidth())
    lines = [fill(text, wide, break_long_words=False) for text in (finding.rstrip("."), conditions) if text]
    figure.suptitle("\n".join(lines), fontsize=11)


def open_frame(*several):
    """Take away the upper and right line of the frames."""
    for ax in several:
        ax.spines[["top", "right"]].set_visible(False)
