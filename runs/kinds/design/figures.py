"""Figures of `coble design`, drawn from the content of result.json alone; a colour and a line for each wall."""

import numpy as np
from matplotlib.figure import Figure

from coble.kinds.design.words import headline
from coble.render.palette import GREY, SERIES, axes, open_frame, titled


def _walls(content):
    """Walls with their styles, as matplotlib's plot takes them."""
    for i, wall in enumerate(content["walls"]):
        style = SERIES[i % len(SERIES)]
        yield wall, {"color": style.colour, "linestyle": style.line}


def _setup(content):
    return content["provenance"]["case"]["design"]


def plot_conductivity(content, ax=None):
    """Conductivity of the matrix along the tubules [mS/cm] against the thickness of the wall [nm], and eq. (1).

    Parameters
    ----------
    content : dict
        Of the result.json of `coble design`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax)
    for wall, style in _walls(content):
        curve = wall["over_wall_thickness"]
        ax.loglog(curve["wall_nm"], curve["mS_cm"], label=wall["name"], **style)
    ax.axhline(content["needed_mS_cm"], color=GREY, linestyle="--", linewidth=1)
    ax.text(0.02, content["needed_mS_cm"], "needed, eq. (1)", **_beside(ax))
    ax.axvline(content["provenance"]["case"]["tubule"]["wall_thickness_nm"], color="0.7", linewidth=1, zorder=0)
    ax.set_xlabel("thickness of the wall [nm]")
    ax.set_ylabel("conductivity of the matrix [mS/cm]")
    return ax


def plot_plugs(content, ax=None):
    """Length of a plug [µm] against time [h] at the allowed overpotential; arguments as of `plot_conductivity`."""
    ax, setup = axes(ax), _setup(content)
    start, end = 1e3 * setup["start_um"], 1e3 * max(*setup["depths_um"], setup["depth_um"])
    length = np.linspace(start, end, 200)
    for wall, style in _walls(content):
        ax.plot((length**2 - start**2) / (2 * wall["growth_nm2_s"]["value"]) / 3600, length / 1e3, **style)
    ax.set_xlabel(f"time at {1e3 * setup['overpotential_V']:g} mV [h]")
    ax.set_ylabel("length of the plug [µm]")
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    return ax


def plot_capacity(content, ax=None):
    """Capacity of full bores against porosity: Supplementary Fig. 29; arguments as of `plot_conductivity`."""
    ax, curve = axes(ax), content["capacity_curve"]
    for key, label, line in (("mAh_cm3", "per volume [mAh/cm³]", "-"), ("mAh_g", "per mass [mAh/g]", "--")):
        ax.plot(curve["porosity"], curve[key], color="0.2", linestyle=line, label=label)
    ax.axvline(content["porosity"], color="0.7", linewidth=1, zorder=0)
    ax.legend(frameon=False, fontsize=9)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("porosity")
    ax.set_ylabel("capacity, bores full [mAh/cm³ or mAh/g]")
    return ax


def plot_charge(content, ax=None):
    """Overpotential [mV] as a matrix fills; arguments as of `plot_conductivity`."""
    ax, setup = axes(ax), _setup(content)
    for wall, style in _walls(content):
        matrix = wall["matrix"]
        curve = matrix["charge_curve"]
        ax.semilogy(curve["state_of_charge"], 1e3 * np.array(curve["overpotential_V"]), **style)
        ax.plot(matrix["state_of_charge"], 1e3 * matrix["overpotential_V"]["value"], "o", ms=5, color=style["color"])
    ax.axhline(1e3 * setup["overpotential_V"], color=GREY, linestyle="--", linewidth=1)
    ax.text(0.02, 1e3 * setup["overpotential_V"], "allowed", **_beside(ax))
    ax.set_xlim(0, 1)
    ax.set_xlabel(f"state of charge; dots: at {setup['capacity_mAh_cm2']:g} mAh/cm²")
    ax.set_ylabel("overpotential [mV]")
    return ax


def plot_currents(content, ax=None):
    """Distribution of the currents of tubules that are not full; arguments as of `plot_conductivity`."""
    ax = axes(ax)
    for wall, style in _walls(content):
        found, n = wall["matrix"]["current_over_mean"], wall["matrix"]["sampled"]["tubules"]
        edges, counts = np.array(found["edges"]), np.array(found["counts"])
        full = f"{100 * wall['matrix']['sampled']['full']:.0f} %"
        if len(counts):
            ax.stairs(counts / n / np.diff(np.log(edges)), edges, label=full, **style)
        else:
            ax.plot([], [], label=full, **style)
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.legend(title="full tubules,\nthey carry none", frameon=False, fontsize=9, title_fontsize=9)
    ax.set_xlabel("current of a tubule over the mean of all")
    ax.set_ylabel("part of the tubules per ln current")
    return ax


def plot_tension(content, ax=None):
    """Part of the walls beyond a hoop stress [MPa], sampled and from the tail; arguments as of `plot_conductivity`."""
    ax, setup = axes(ax), _setup(content)
    for wall, style in _walls(content):
        matrix = wall["matrix"]
        found, tail = matrix["tension_over_pressure"], matrix["burst"]["tail"]
        edges, counts = np.array(found["edges"]), np.array(found["counts"])
        above = np.cumsum(counts[::-1])[::-1] / counts.sum()
        ax.semilogy(edges[:-1] * matrix["pressure_MPa"], above, **style)
        ax.semilogy(tail["tension_MPa"], tail["part"], color=style["color"], linestyle=":", linewidth=2)
        needed = matrix["burst"]["needed_strength_MPa"]["value"]
        ax.plot(needed, 1 / setup["tubules"], "o", ms=5, color=style["color"])
    one = ax.axhline(1 / setup["tubules"], color=GREY, linestyle="--", linewidth=1, label="one wall of all")
    (tail,) = ax.plot([], [], color=GREY, linestyle=":", linewidth=2, label="extrapolated")
    ax.legend(handles=[tail, one], frameon=False, fontsize=9, loc="upper right")
    if setup["wall_strength_MPa"]:
        ax.axvline(setup["wall_strength_MPa"], color=GREY, linewidth=1)
    ax.set_xlim(left=0)
    ax.set_xlabel("hoop stress over relative strength [MPa]")
    ax.set_ylabel("part of the walls under a higher stress")
    return ax


def _beside(ax):
    """How a horizontal line is labelled, from its left end on."""
    return {"transform": ax.get_yaxis_transform(), "va": "bottom", "fontsize": 9, "color": GREY}


PANELS = (plot_conductivity, plot_plugs, plot_capacity, plot_charge, plot_currents, plot_tension)


def draw_design(content):
    """Conductivity, plugs and capacity; overpotential, currents and hoop stress in a matrix.

    Parameters
    ----------
    content : dict
        Of the result.json of `coble design`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = Figure(figsize=(13, 7.4), layout="constrained")
    every = figure.subplots(2, 3).flat
    for panel, ax in zip(PANELS, every, strict=True):
        panel(content, ax)
    open_frame(*figure.axes)
    lines = figure.axes[0].get_legend_handles_labels()
    figure.legend(*lines, loc="outside lower center", ncols=min(len(lines[0]), 6), frameon=False)
    tubule, setup = content["provenance"]["case"]["tubule"], _setup(content)
    conditions = (
        f"{content['packing']}, W = {tubule['inner_width_nm']:g} nm, w = {tubule['wall_thickness_nm']:g} nm; "
        f"{setup['capacity_mAh_cm2']:g} mAh/cm²"
    )
    titled(figure, headline(content), conditions)
    return figure


def _figure(folder, content):
    yield "design", draw_design(content)


FIGURES = {"design": _figure}
CAPTIONS = {
    "design": (
        "From tubule to cell",
        "Conductivity, growth of plugs and capacity; overpotential, currents and hoop stress in a matrix of tubules.",
    ),
}
