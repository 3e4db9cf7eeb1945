"""Files of `coble design`: result.json and design.png, each written whole or not at all.

Table and figure are made from the content of result.json alone.
"""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from kmc import cell
from kmc.estimates import Estimate
from runs.case import DESIGN
from runs.provenance import provenance
from runs.results import whole

SCHEMA = 1
FILES = ("result.json", "design.png", "case.toml")
STREAMS = (
    "numpy SeedSequence(seed, spawn_key=...): scrambles of Sobol's sequence (i, 50), chunks of sampled tubules "
    "(i, 51), their tail (0, 52)"
)
SHOWN_BINS = 100  # histograms are merged to about so many bins
WALLS_NM = tuple(float(w) for w in np.round(np.geomspace(2, 300, 60), 2))


def as_dict(found, claims=(), seed=None, command=None):
    """The content of result.json.

    Parameters
    ----------
    found : Design
    claims : tuple of Claim
        The paper's numbers, where they are wanted.
    seed : int, optional
        The one in use, when it was not the case's.
    command : list of str, optional
        Command line that made the result; default that of this process.
    """
    setup, case = found.case.design, found.case
    seed = case.run.seed if seed is None else seed
    return {
        "kind": "design",
        "schema": SCHEMA,
        "interrupted": False,
        "packing": found.packing.name,
        "needed_mS_cm": found.needed_mS_cm,
        **found.common,
        "packings": list(found.packings),
        "walls": [_wall(each, found) for each in found.walls],
        "paper": [asdict(claim) | {"off": claim.off} for claim in claims],
        "provenance": provenance(case, {"seed": seed, "samples": setup.samples}, STREAMS, command, used=DESIGN),
    }


def _wall(wall, found):
    tubule = found.case.tubule
    paths, width = wall.paths, tubule.inner_width_nm
    curve = [cell.matrix_mS_cm(found.packing, paths.wall_mS_cm.value, paths.sheet.value, width, w) for w in WALLS_NM]
    plain = ("kappa_mS_cm", "matrix_mS_cm", "fill_of_wall_alone", "pitch_of_interface_alone_nm", "conductance_S_cm2")
    more = ("needed_V", "depth_limit_um", "needed_MPa", "interface_growth_nm2_s", "growth_nm2_s")
    return {
        "name": paths.wall,
        "source": paths.source,
        "wall_mS_cm": _plain(paths.wall_mS_cm),
        "sheet_mS_nm_cm": _plain(paths.sheet),
        **{key: _plain(getattr(wall, key)) for key in plain + more},
        "wall_alone_nm": _ends(wall.wall_alone_nm),
        "wall_nm": _ends(wall.wall_nm),
        "over_wall_thickness": {"wall_nm": list(WALLS_NM), "mS_cm": curve},
        "tips": [
            {
                "depth_um": both.depth_um,
                "speed_nm_s": _plain(both.speed_nm_s),
                "time_s": _plain(both.time_s),
                "interface_speed_nm_s": _plain(alone.speed_nm_s),
                "interface_time_s": _plain(alone.time_s),
            }
            for both, alone in zip(wall.tips, wall.interface_tips, strict=True)
        ],
        "matrix": _matrix(wall.matrix),
    }


def _matrix(matrix):
    sampled, burst = matrix.sampled, matrix.burst
    charges, volts, full = ([float(x) for x in each] for each in zip(*matrix.curve, strict=True))
    return {
        "state_of_charge": matrix.charge,
        "overpotential_V": _plain(matrix.overpotential_V),
        "overpotential_if_alike_V": matrix.alike_V,
        "usable_state_of_charge": _plain(matrix.usable),
        "charge_curve": {"state_of_charge": charges, "overpotential_V": volts, "full": full},
        "sampled": {
            "tubules": sampled.n,
            "state_of_charge": _plain(sampled.charge),
            "full": sampled.full,
            "current_variation": sampled.variation,
        },
        "mean_current_pA": matrix.mean_current_pA,
        "current_over_mean": _histogram(sampled.current),
        "pressure_MPa": matrix.pressure_MPa,
        "pressure_over_full": _histogram(sampled.pressure),
        "tension_over_pressure": _histogram(sampled.burden),
        "burst": {
            "needed_strength_MPa": _plain(burst.needed_MPa),
            "weakest_95_MPa": [burst.low_MPa, burst.high_MPa],
            "weakest_median_MPa": burst.median_MPa,
            "if_blocked_MPa": burst.if_blocked_MPa,
            "typical_MPa": burst.typical_MPa,
            "weakest": {
                "inner_width_nm": burst.inner_width_nm,
                "wall_thickness_nm": burst.wall_thickness_nm,
                "relative_strength": burst.relative_strength,
            },
            "expected": _plain(burst.expected),
            "tail": {"tension_MPa": [x for x, _ in burst.curve], "part": [p for _, p in burst.curve]},
        },
    }


def _histogram(histogram):
    """Quantiles, and the bins that hold anything, merged."""
    filled = np.flatnonzero(histogram.counts)
    if not len(filled):
        return {"quantiles": None, "edges": [], "counts": []}
    first, last = filled[0], filled[-1] + 1
    step = max((last - first) // SHOWN_BINS, 1)
    starts = np.arange(first, last, step)
    return {
        "quantiles": {f"{q:g}": histogram.quantile(q) for q in (0.05, 0.25, 0.5, 0.75, 0.95)},
        "edges": [float(e) for e in histogram.edges[[*starts, last]]],
        "counts": [int(n) for n in np.add.reduceat(histogram.counts[:last], starts)],
    }


def _ends(pair):
    return pair and [_plain(end) for end in pair]


def _plain(estimate: Estimate | None):
    return estimate and estimate.as_dict()


def write(folder, content, case_text):
    """Write every file into `folder`."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    whole(folder / "case.toml", lambda path: path.write_text(case_text, encoding="utf-8"))
    whole(folder / "result.json", lambda path: path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8"))
    whole(folder / "design.png", lambda path: draw(content).savefig(path, dpi=150, format="png"))


# ---- figure ----------------------------------------------------------------------------------------------------


def draw(content):
    """Six views of a design: conductivity, tips and capacity; overpotential, currents and tension in the matrix.

    Parameters
    ----------
    content : dict
        Of result.json.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure  # half a second to import

    from runs.palette import GREY, SERIES

    figure = Figure(figsize=(13, 7.4), layout="constrained")
    axes = figure.subplots(2, 3)
    case = content["provenance"]["case"]
    setup, tubule = case["design"], case["tubule"]
    for wall, colour in zip(content["walls"], (*SERIES, GREY), strict=False):
        for panel, ax in zip(
            (_conductivity, _growth, _charge, _currents, _tail), axes.flat[[0, 1, 3, 4, 5]], strict=True
        ):
            panel(ax, wall, setup, colour)
    _conductivity_frame(axes[0, 0], content, tubule)
    _growth_frame(axes[0, 1], setup)
    _capacity(axes[0, 2], content)
    _charge_frame(axes[1, 0], content, setup)
    _currents_frame(axes[1, 1], content)
    _tail_frame(axes[1, 2], content, setup)
    for ax in axes.flat:
        ax.spines[["top", "right"]].set_visible(False)
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=len(content["walls"]), frameon=False)
    figure.suptitle(
        f"From tubule to cell: {content['packing']}, W = {tubule['inner_width_nm']:g} nm, "
        f"w = {tubule['wall_thickness_nm']:g} nm, h = {setup['depth_um']:g} µm; {setup['current_mA_cm2']:g} mA/cm², "
        f"{setup['capacity_mAh_cm2']:g} mAh/cm²",
        fontsize=12,
    )
    return figure


def _conductivity(ax, wall, setup, colour):
    curve = wall["over_wall_thickness"]
    ax.loglog(curve["wall_nm"], curve["mS_cm"], color=colour, label=wall["name"])


def _conductivity_frame(ax, content, tubule):
    ax.axhline(content["needed_mS_cm"], color="0.3", linestyle="--", linewidth=1)
    ax.text(2.1, content["needed_mS_cm"], "needed, eq. (1)", va="bottom", fontsize=9, color="0.3")
    ax.axvline(tubule["wall_thickness_nm"], color="0.7", linewidth=1, zorder=0)
    ax.set_xlabel("thickness of the wall [nm]")
    ax.set_ylabel("conductivity of the matrix [mS/cm]")


def _growth(ax, wall, setup, colour):
    b, start = wall["growth_nm2_s"]["value"], setup["start_um"] * 1e3
    length = np.linspace(start, 1e3 * max(*setup["depths_um"], setup["depth_um"]), 200)
    ax.plot((length**2 - start**2) / (2 * b) / 3600, length / 1e3, color=colour)


def _growth_frame(ax, setup):
    ax.set_xlabel(f"time at {1e3 * setup['overpotential_V']:g} mV [h]")
    ax.set_ylabel("length of the plug [µm]")
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)


def _capacity(ax, content):
    curve = content["capacity_curve"]
    for key, label, style in (("mAh_cm3", "per volume [mAh/cm³]", "-"), ("mAh_g", "per mass [mAh/g]", "--")):
        ax.plot(curve["porosity"], curve[key], color="0.2", linestyle=style, label=label)
    ax.legend(frameon=False, fontsize=9)
    ax.axvline(content["porosity"], color="0.7", linewidth=1, zorder=0)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("porosity")
    ax.set_ylabel("capacity, bores full")


def _charge(ax, wall, setup, colour):
    curve = wall["matrix"]["charge_curve"]
    ax.semilogy(curve["state_of_charge"], 1e3 * np.array(curve["overpotential_V"]), color=colour)
    at = wall["matrix"]["state_of_charge"]
    ax.plot(at, 1e3 * wall["matrix"]["overpotential_V"]["value"], marker="o", markersize=5, color=colour)


def _charge_frame(ax, content, setup):
    ax.axhline(1e3 * setup["overpotential_V"], color="0.3", linestyle="--", linewidth=1)
    ax.text(0.02, 1e3 * setup["overpotential_V"], "allowed", va="bottom", fontsize=9, color="0.3")
    ax.set_xlim(0, 1)
    ax.set_xlabel(f"state of charge (dot: {setup['capacity_mAh_cm2']:g} mAh/cm²)")
    ax.set_ylabel("overpotential [mV]")


def _currents(ax, wall, setup, colour):
    found = wall["matrix"]["current_over_mean"]
    edges, counts = np.array(found["edges"]), np.array(found["counts"])
    if len(counts):
        ax.stairs(counts / wall["matrix"]["sampled"]["tubules"] / np.diff(np.log(edges)), edges, color=colour)


def _currents_frame(ax, content):
    full = ", ".join(f"{100 * wall['matrix']['sampled']['full']:.0f}" for wall in content["walls"])
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.set_xlabel(f"current over mean (full, without any: {full} %)")
    ax.set_ylabel("part of the tubules per ln current")


def _tail(ax, wall, setup, colour):
    matrix = wall["matrix"]
    found = matrix["tension_over_pressure"]
    edges, counts = np.array(found["edges"]), np.array(found["counts"])
    above = np.cumsum(counts[::-1])[::-1] / counts.sum()
    ax.semilogy(edges[:-1] * matrix["pressure_MPa"], above, color=colour)
    tail = matrix["burst"]["tail"]
    ax.semilogy(tail["tension_MPa"], tail["part"], color=colour, linestyle=":", linewidth=2)
    ax.plot(matrix["burst"]["needed_strength_MPa"]["value"], 1 / setup["tubules"], "o", color=colour, markersize=5)


def _tail_frame(ax, content, setup):
    ax.axhline(1 / setup["tubules"], color="0.3", linestyle="--", linewidth=1)
    if setup["wall_strength_MPa"]:
        ax.axvline(setup["wall_strength_MPa"], color="0.3", linewidth=1)
    ax.set_xlim(left=0)
    ax.text(0.02, 1 / setup["tubules"], "one tubule", transform=ax.get_yaxis_transform(), va="bottom", fontsize=9)
    ax.set_xlabel("tension in the wall over relative strength [MPa]")
    ax.set_ylabel("part of the tubules beyond (dotted: tail)")
