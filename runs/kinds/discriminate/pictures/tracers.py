"""Tracer diffusion, how it settles and beside what was given, drawn from the content of result.json alone."""

from functools import partial

from coble.kinds.discriminate.pictures.shares import subject_of
from coble.render.names import LABELS, shortened
from coble.render.numbers import with_error
from coble.render.palette import GREY, arms, axes, open_frame, panels_of_walls, titled, wall_styles


def plot_lags(wall, ax=None):
    """Correlation factor between neighbouring lags against hops per atom, 95 % intervals; lines: the last, the result.

    Parameters
    ----------
    wall : dict
        One of `walls` in the result.json of `coble discriminate`, with its `tracer_lags`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax, (4.2, 2.8))
    for path, style in wall_styles(wall).items():
        if path not in wall["tracer_lags"]:
            continue
        lags = wall["tracer_lags"][path]
        known = [
            (hops, each)
            for hops, each in zip(lags["hops_per_atom"], lags["correlation_factor"], strict=True)
            if each["value"] is not None and each["stderr"] is not None
        ]
        if not known:
            continue
        hops, found = zip(*known, strict=True)
        factor = [each["value"] for each in found]
        ax.errorbar(
            hops,
            factor,
            yerr=arms(found),
            color=style.colour,
            marker=style.marker,
            markersize=4,
            linewidth=0.8,
            linestyle=":",
            capsize=2,
            label=shortened(LABELS[path]),
        )
        ax.axhline(factor[-1], color=style.colour, linestyle=style.line, linewidth=0.9)
    ax.set_xscale("log")
    ax.set_xlabel("hops per atom")
    ax.set_ylabel("correlation factor f")
    open_frame(ax)
    return ax


def draw_lags(content):
    """Lags behind every wall, `matplotlib.figure.Figure`; `content` is that of result.json."""
    walls = [wall for wall in content["walls"] if wall.get("tracer_lags")]
    figure, first = panels_of_walls(walls, plot_lags, below_in=1.2)
    titled(figure, "Correlation factors fall to those of long times", subject_of(content))
    figure.legend(*first.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure


def plot_diffusivities(wall, ax=None, matching="conductance"):
    """Diffusivity of every region by itself: as given, and what follows from tracers, with its 95 % interval.

    Parameters
    ----------
    wall : dict
        One of `walls` in the result.json of `coble discriminate`, with its `tracer_cm2_s`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.
    matching : str
        Which was given, as in the case: "conductance" that of the current, "tracer" D*.  The other was measured.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax, (4.2, 2.2))
    styles = wall_styles(wall)
    paths = [path for path in styles if path in wall["tracer_cm2_s"]][::-1]
    names = (
        ("D of the current", "D* of tracers") if matching == "conductance" else ("D* of tracers", "D of the current")
    )
    bar = {"marker": "|", "markersize": 14, "markeredgewidth": 1.5, "color": "black", "linestyle": ""}
    for row, path in enumerate(paths):
        tracer, haven, style = wall["tracer_cm2_s"][path]["value"], wall["haven_ratio"][path], styles[path]
        both = {"D* of tracers": tracer, "D of the current": tracer / haven["value"]}
        given, measured = (both[name] for name in names)
        spread = arms([haven], measured / haven["value"])
        ax.plot(given, row, **bar)
        ax.errorbar(measured, row, xerr=spread, color=style.colour, marker=style.marker, markersize=4, capsize=2)
        ax.text(1.02, row, f"H = {with_error(haven)}", transform=ax.get_yaxis_transform(), va="center", fontsize=8)
    ax.plot([], [], label=f"{names[0]}, {'given' if wall['formula'] else 'exact'}", **bar)
    ax.plot([], [], "o", color=GREY, markersize=4, label=names[1])
    ax.set_xscale("log")
    ax.set_ylim(-0.5, len(paths) - 0.5)
    ax.set_yticks(range(len(paths)), [shortened(LABELS[path]) for path in paths])
    ax.set_xlabel("diffusivity along the axis [cm²/s]")
    open_frame(ax)
    return ax


def draw_diffusivities(content):
    """Diffusivities behind every wall, `matplotlib.figure.Figure`; `content` is that of result.json."""
    walls = [wall for wall in content["walls"] if wall["tracer_cm2_s"]]
    matching = content["provenance"]["settings"]["matching"]
    draw = partial(plot_diffusivities, matching=matching)
    figure, first = panels_of_walls(walls, draw, height_in=1.7, below_in=1.2)
    slower = "Tracers are slower than the current by the Haven ratio H"
    titled(figure, slower, subject_of(content))
    figure.legend(*first.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return figure
