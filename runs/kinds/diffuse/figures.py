"""Figures of `coble diffuse`, drawn from the content of result.json alone."""

import numpy as np
from matplotlib.figure import Figure

from coble.kinds.diffuse.tables import COMPONENTS, lone_mean
from coble.kinds.diffuse.words import headline
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.render.conditions import conditions_of
from coble.render.numbers import RAISED
from coble.render.palette import GREY, SERIES, arms, axes, open_frame, titled

TRACER, COLLECTIVE = SERIES[0], SERIES[1]
LOOKS = {"tracer": (TRACER, "tracer D*"), "collective": (COLLECTIVE, "collective D_σ")}
MEANS = {"tracer": "tracer_mean_cm2_s", "collective": "collective_mean_cm2_s"}


def plot_arrhenius(content, ax=None):
    """D* and D_σ, averaged over directions, against 1/T: points, fits, and the lone carrier's exact line.

    Parameters
    ----------
    content : dict
        Of the result.json of `coble diffuse`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new pyplot figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = axes(ax)
    points, fit = content["temperatures"], content["arrhenius"]
    inverse = np.array([1000 / point["temperature_K"] for point in points])
    for which, (look, label) in LOOKS.items():
        found = [point[MEANS[which]] for point in points]
        each = fit and (fit if which == "tracer" else fit["collective"])
        if each:
            energy, d0 = each["activation_energy_eV"], each["d0_cm2_s"]["value"]
            label += f", E = {energy['value']:.3f} ± {energy['stderr']:.3f} eV".replace("-", "−")
            ends = np.array([inverse.min(), inverse.max()])
            line = d0 * np.exp(-energy["value"] * ends / (1000 * BOLTZMANN_EV_K))
            ax.plot(ends, line, color=look.colour, linestyle=look.line, linewidth=1.1)
        ax.errorbar(
            inverse,
            [estimate["value"] for estimate in found],
            yerr=arms(found),
            color=look.colour,
            marker=look.marker,
            markersize=5,
            linestyle="none",
            capsize=3,
            label=label,
        )
    # Per atom, as the measured ones: a lone carrier's, times carriers per atom.
    exact = [lone_mean(point) * point["carriers"] / point["atoms"] for point in points]
    style = {"marker": "_", "markersize": 12} if len(points) == 1 else {}
    ax.plot(inverse, exact, color=GREY, linewidth=1.1, label="lone carrier × carriers per atom, exact", **style)
    ax.set_yscale("log")
    ax.margins(0.08)
    ax.set_xlabel("1000 / T [1/K]")
    ax.set_ylabel("D, averaged over directions [cm²/s]")
    open_frame(ax)
    ax.legend(fontsize=8, frameon=False)
    return ax


def plot_tensors(content, ax=None, index=-1):
    """Components of D* and D_σ at one temperature beside the exact ones; parameters as `plot_arrhenius`.

    `index` is that of the temperature, by default the highest.
    """
    ax = axes(ax)
    point = content["temperatures"][index]
    scale = 10.0 ** np.floor(np.log10(max(point["collective_mean_cm2_s"]["value"], 1e-300)))
    place = np.arange(len(COMPONENTS))
    for offset, (which, (look, label)) in zip((-0.2, 0.2), LOOKS.items(), strict=True):
        found = [point[f"{which}_cm2_s"][component] for component in COMPONENTS]
        ax.bar(
            place + offset,
            [estimate["value"] / scale for estimate in found],
            0.38,
            yerr=arms(found, [1 / scale] * len(found)),
            color=look.colour,
            error_kw={"capsize": 3, "elinewidth": 1.0},
            label=label,
        )
        exact = point[f"exact_{which}_cm2_s"]
        if exact:
            ax.hlines(
                [exact[component] / scale for component in COMPONENTS],
                place + offset - 0.19,
                place + offset + 0.19,
                color="black",
                linewidth=1.5,
                label="exact" if which == "collective" or not point["exact_collective_cm2_s"] else None,
            )
    if not point["exact_collective_cm2_s"]:
        bound = [point["network_cm2_s"][component] / scale for component in COMPONENTS[:3]]
        ax.hlines(bound, place[:3] + 0.01, place[:3] + 0.39, color=GREY, linestyle=":", label="network: at most this")
    ax.axhline(0, color="0.3", linewidth=0.8)
    ax.set_xticks(place, COMPONENTS)
    ax.set_xlabel("component of the tensor")
    ax.set_ylabel(f"D [10{str(round(np.log10(scale))).translate(RAISED)} cm²/s]")
    ax.set_title(f"{point['temperature_K']:g} K", fontsize=10)
    open_frame(ax)
    ax.legend(fontsize=8, frameon=False)
    return ax


def draw_diffusion(content):
    """`plot_arrhenius` where there are several temperatures, and `plot_tensors`, side by side.

    Parameters
    ----------
    content : dict
        Of result.json.

    Returns
    -------
    matplotlib.figure.Figure
    """
    points = content["temperatures"]
    several = len(points) > 1
    figure = Figure(figsize=(10.4 if several else 5.6, 4.3), layout="constrained")
    if not points:
        figure.text(0.5, 0.5, "interrupted before a temperature was measured", ha="center")
        return figure
    panels = figure.subplots(1, 2 if several else 1, squeeze=False)[0]
    if several:
        plot_arrhenius(content, panels[0])
    plot_tensors(content, panels[-1])
    titled(figure, headline(content), conditions_of(content))
    figure.supxlabel("bars and points: measured, 95 % interval", fontsize=9, color="0.3")
    return figure


def _figure(folder, content):
    yield "diffusion", draw_diffusion(content)


FIGURES = {"diffusion": _figure}
CAPTIONS = {
    "diffusion": (
        "Diffusion",
        "Tracer and collective diffusion against temperature with their Arrhenius fits and the lone carrier's exact "
        "line, and the components of both tensors at the highest temperature beside what is exact.",
    )
}
