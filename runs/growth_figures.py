"""Figures of metal that grows or shrinks, drawn from the content of result.json alone."""

import numpy as np
from matplotlib.figure import Figure

# Okabe and Ito's colours, as in `runs.figures`; line styles tell paths apart in print.
PATHS = {
    "interface": ("#0072B2", "-", "interface"),
    "bare surface": ("#CC79A7", "--", "bare MIEC surface"),
    "wall": ("#D55E00", "-.", "wall"),
    "metal surface": ("#E69F00", ":", "metal surface"),
    "bulk": ("#009E73", (0, (5, 1)), "bulk metal"),
}
SMOOTH = 10  # records whose mean is one point of a current


def draw_growth(content):
    """Front and void against time beside the law L² = L₀² + 2 B t; and the current of every path."""
    series, law = content["series"], content["law"]
    growth = content["provenance"]["case"]["growth"]
    tubule = content["provenance"]["case"]["tubule"]
    figure = Figure(figsize=(9.4, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    time = np.array(series["time_s"]) * 1e6
    front = np.array(series["front_nm"])
    left.plot(time, np.where(front > 0, front, np.nan), color="#0072B2", label="tip")  # 0: no metal yet
    for front in zip(*series["front_nm_by_bore"], strict=True):
        left.plot(time, front, color="#0072B2", linewidth=0.7, alpha=0.5, zorder=1)
    if content["incubation_s"]:
        left.axvline(content["incubation_s"] * 1e6, color="#009E73", linewidth=0.8, label="first nucleus")
    if max(series["void_nm"]) > 0.3 and growth["side"] == "inside":
        left.plot(time, series["void_nm"], color="#CC79A7", linestyle="--", label="end of the void")
    if not growth["cycles"] and growth["metal_to_nm"]:
        start = series["void_nm" if growth["overpotential_V"] < 0 else "front_nm"][0]
        expected = np.sqrt(start**2 + 2 * law["b_nm2_s"] * time * 1e-6)
        left.plot(time, expected, color="0.4", linestyle=":", label="L² = L₀² + 2Bt, B of the channel")
    if growth["space_nm"] and growth["side"] == "inside":
        outside = left.twinx()
        outside.plot(time, series["atoms_outside"], color="#E69F00", linestyle="-.")
        outside.set_ylabel("atoms outside the mouth (dash-dotted)")
        outside.set_ylim(0, None)
        outside.spines["top"].set_visible(False)
    left.set_xlabel("time [µs]")
    left.set_ylabel("distance from the root [nm]")
    left.set_ylim(0, None)
    left.legend(frameon=False, fontsize=9)
    for path, (colour, line, label) in PATHS.items():
        current = np.array(series["current_A"][path])[1:]
        n = len(current) // SMOOTH * SMOOTH
        if n and np.abs(current).sum() > 1e-3 * max(np.abs(c).sum() for c in series["current_A"].values()):
            means = current[:n].reshape(-1, SMOOTH).mean(axis=1) * 1e12
            right.plot(
                time[1 : n + 1].reshape(-1, SMOOTH).mean(axis=1), means, color=colour, linestyle=line, label=label
            )
    right.axhline(0, color="0.7", linewidth=0.8)
    right.set_xlabel("time [µs]")
    right.set_ylabel("current towards the tip [pA]")
    if right.get_legend_handles_labels()[0]:
        right.legend(frameon=False, fontsize=9)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    figure.suptitle(
        f"{content['provenance']['case']['metal']['species']} in a tubule, W = {tubule['inner_width_nm']:g} nm, "
        f"U = {growth['overpotential_V']:g} V: {content['reason']}",
        fontsize=11,
    )
    return figure
