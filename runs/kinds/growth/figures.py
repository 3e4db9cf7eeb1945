"""Figures of metal that grows or shrinks, drawn from the content of result.json alone."""

import numpy as np
from matplotlib.figure import Figure

from coble.kinds.growth.asked import drive_of
from coble.kinds.growth.convergence import figures as convergence
from coble.kinds.growth.run import law_applies
from coble.kinds.growth.words import moved
from coble.kinds.kind import AtomsView
from coble.render.names import LABELS
from coble.render.numbers import duration
from coble.render.palette import BLUE, GREEN, GREY, PINK, STYLES, US, YELLOW, axes, open_frame, titled
from coble.structures.maps import profile_of

SMOOTH = 10  # records whose mean is one point of a current
PATHS = ("interface", "surface", "wall", "metal surface", "bulk")
LEAST_VOID_NM = 0.3  # shorter ones are the roughness of the metal's end


def plot_front(content, ax=None):
    """Tip and void against time, bore by bore and on average, beside the law L² = L₀² + 2 B t where it applies.

    Parameters
    ----------
    content : dict
        Of the result.json of `coble plate`, `strip` or `cycle`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
        Time in µs, lengths in nm from the root; atoms outside the mouth, if any, on an axis of their own.
    """
    ax = axes(ax)
    series, law = content["series"], content["law"]
    growth = content["provenance"]["case"]["growth"]
    time = np.array(series["time_s"]) * US
    front = np.array(series["front_nm"])
    ax.plot(time, np.where(front > 0, front, np.nan), color=BLUE, label="tip")  # 0: no metal yet
    for one in zip(*series["front_nm_by_bore"], strict=True):
        ax.plot(time, one, color=BLUE, linewidth=0.7, alpha=0.5, zorder=1)
    if content["incubation_s"]:
        ax.axvline(content["incubation_s"] * US, color=GREEN, linewidth=0.8, label="first nucleus")
    if max(series["void_nm"]) > LEAST_VOID_NM and growth["side"] == "inside":
        ax.plot(time, series["void_nm"], color=PINK, linestyle="--", label="end of the void")
    if law_applies(growth):
        expected = np.sqrt(front[0] ** 2 + 2 * law["b_nm2_s"] * time / US)
        ax.plot(time, expected, color=GREY, linestyle=":", label="L² = L₀² + 2Bt, B of the channel")
    if growth["space_nm"] and growth["side"] == "inside":
        outside = ax.twinx()
        outside.plot(time, series["atoms_outside"], color=YELLOW, linestyle="-.")
        outside.set_ylabel("atoms outside the mouth (dash-dotted)")
        outside.set_ylim(0, None)
        outside.spines["top"].set_visible(False)
    ax.set_xlabel("time [µs]")
    ax.set_ylabel("distance from the root [nm]")
    ax.set_ylim(0, None)
    ax.legend(frameon=False, fontsize=9)
    open_frame(ax)
    return ax


def plot_currents(content, ax=None):
    """Current of every path that counts against time, means over some records [pA]; parameters as `plot_front`."""
    ax = axes(ax)
    series = content["series"]
    time = np.array(series["time_s"]) * US
    most = max(np.abs(current).sum() for current in series["current_A"].values())
    for path in PATHS:
        current = np.array(series["current_A"][path])[1:]
        n = len(current) // SMOOTH * SMOOTH
        if n and np.abs(current).sum() > 1e-3 * most:
            means = current[:n].reshape(-1, SMOOTH).mean(axis=1) * 1e12
            at, style = time[1 : n + 1].reshape(-1, SMOOTH).mean(axis=1), STYLES[path]
            alone = style.marker if len(at) == 1 else None  # a line of one point is none
            ax.plot(at, means, color=style.colour, linestyle=style.line, marker=alone, label=LABELS[path])
    ax.axhline(0, color="0.7", linewidth=0.8)
    ax.set_xlabel("time [µs]")
    ax.set_ylabel("current towards the tip [pA]")
    if ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False, fontsize=9, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))  # clear of noise
    open_frame(ax)
    return ax


def draw_growth(content):
    """`plot_front` and `plot_currents` side by side, `matplotlib.figure.Figure`."""
    figure = Figure(figsize=(9.4, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    plot_front(content, left)
    plot_currents(content, right)
    titled(figure, moved(content), what_grows(content))
    return figure


def plot_voltage(content, ax=None):
    """Overpotential against charge, as a cell shows it; parameters as `plot_front`.

    Returns
    -------
    matplotlib.axes.Axes
        Charge that the electrolyte has given in fC, of a packing in mAh/cm², overpotential in V: positive when plating;
        on an axis of its own the lithiation of a wall that fills.
    """
    ax = axes(ax)
    series = content["series"]
    packed = next(iter(series.get("charge_mAh_cm2", [])), None) is not None
    charge, unit = (series["charge_mAh_cm2"], "mAh/cm²") if packed else (series["charge_fC"], "fC")
    if content["provenance"]["case"]["wall"][0].get("ocv_V"):
        lithiation = ax.twinx()
        lithiation.plot(charge, series["wall_lithiation"], color=GREEN, linestyle="--")
        lithiation.set_ylabel("lithiation of the wall (dashed)")
        lithiation.set_ylim(0, None)
        lithiation.spines["top"].set_visible(False)
    ax.plot(charge, series["overpotential_V"], color=BLUE, marker=".", markersize=3, linewidth=0.9)
    ax.axhline(0, color="0.7", linewidth=0.8)
    ax.set_xlabel(f"charge given by the electrolyte [{unit}]")
    ax.set_ylabel("overpotential U [V]")
    open_frame(ax)
    return ax


def what_grows(content):
    """Metal, width and drive."""
    case = content["provenance"]["case"]
    width = f"{case['metal']['species']} in a tubule, W = {case['tubule']['inner_width_nm']:g} nm"
    return f"{width}, {drive_of(case['growth'])}".replace("-", "−")


def _growth(folder, content):
    yield "growth", draw_growth(content)


def _voltage(folder, content):
    """Only where there was a current, or there were steps."""
    growth = content["provenance"]["case"]["growth"]
    if not (growth.get("current_pA") or growth.get("current_mA_cm2") or growth.get("step")):
        return
    figure = Figure(figsize=(7.0, 4.2), layout="constrained")
    plot_voltage(content, figure.subplots())
    titled(figure, moved(content), what_grows(content))
    yield "voltage", figure


def _side(folder, content):
    from coble.structures.export import each_frame
    from coble.structures.side_figures import draw_side, wall_bands

    frames = list(each_frame(folder, ":", cuts=side_cuts(content)))
    chosen = sorted({round(part * (len(frames) - 1)) for part in (0, 1 / 3, 2 / 3, 1)})
    yield "side", draw_side([frames[i] for i in chosen], moved(content), wall_bands(folder))


def _profile(folder, content):
    from matplotlib.figure import Figure

    from coble.structures.map_figures import plot_profile

    figure = Figure(figsize=(7.0, 3.0), layout="constrained")
    plot_profile(profile_of(folder), figure.subplots())
    titled(figure, moved(content), what_grows(content))
    yield "profile", figure


def side_cuts(content):
    """Cuts for a picture of growth from the side, list of str as of `coble.structures.cuts`."""
    from coble.structures.side_figures import SLAB_NM

    cuts, growth = [f"slab:{SLAB_NM}"], content["provenance"]["case"]["growth"]
    if not growth["space_nm"]:
        farthest = max(*content["series"]["front_nm"], growth["metal_to_nm"])
        cuts.append(f"z::{farthest + AHEAD_NM:.2f}")
    return cuts


AHEAD_NM = 3.0  # of the farthest tip that a picture still shows


FIGURES = {"growth": _growth, "voltage": _voltage, "side": _side, "profile": _profile, "convergence": convergence}
CAPTIONS = {
    "growth": (
        "Growth",
        "The ends of the metal against time beside the law L² = L₀² + 2Bt, and the current of every path.",
    ),
    "voltage": (
        "Voltage",
        "Overpotential against the charge that the electrolyte has given; of a wall that fills, its lithiation, too.",
    ),
    "side": ("From the side", "Atoms of a slice along the axis, coloured by their region."),
    "profile": ("Profile", "Occupancy of the sites off the axis and along it, at the end."),
    "convergence": (
        "Convergence",
        "Every estimate against the simulated time, or the number of blocks, behind it, with its 95 % interval. "
        "Dashed: the exact value, where there is one.",
    ),
}


BEYOND_NM = 2.0  # of the tip: farther ahead there are only atoms of the channel in equilibrium


def cuts(content):
    """The part of the tubule that the metal has reached, a half of it, and ever thinner slices; at last its end."""
    width, end = content["provenance"]["case"]["tubule"]["inner_width_nm"], _end_nm(content)
    until = [f"z::{end:g}"] if end else []
    yield [*until, "y:0:"]
    for thickness in (width / 2, width / 4, 1.0, 0.5):
        yield [*until, f"slab:{thickness:g}"]
    tip = _farthest_nm(content)
    for length in (20.0, 10.0, 5.0):  # round where the metal ends
        yield [f"z:{max(tip - length, 0):.4g}:{tip + BEYOND_NM:.4g}", "slab:0.5"]


def _farthest_nm(content):
    """The farthest that the tip was [nm]."""
    return max(content["series"]["front_nm"])


def _end_nm(content):
    """Where to cut the tubule: a little beyond the farthest tip; None when metal may be outside of it."""
    growth = content["provenance"]["case"]["growth"]
    return None if growth["space_nm"] else float(f"{_farthest_nm(content) + BEYOND_NM:.3g}")


def label(content, structure, number):
    """When a frame was taken, and where the tip was."""
    time, series = structure.times_s[number], content["series"]
    front = np.interp(time, series["time_s"], series["front_nm"])
    return f"frame {number}, t = {duration(time)}, tip at {front:.1f} nm"


def view():
    """The `AtomsView` of growth."""
    return AtomsView(cuts, label, True, lambda content: content["run"]["sites"])
