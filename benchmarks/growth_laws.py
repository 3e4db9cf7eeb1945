"""Laws of interface-fed growth: L² linear in t, speed as 1/W and 1/L, and the prefactor.

`python benchmarks/growth_laws.py`, about five minutes on two cores, writes growth_laws.json and .png into results.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

WIDTHS_NM, SEEDS = (3.0, 4.0, 5.0, 7.0), (1, 2, 3)
FROM_NM, TO_NM = 3.0, 10.0  # of the tip, for the fits
CASE = """
[tubule]
inner_width_nm = {width}
wall_thickness_nm = 1.5
[[wall]]
name = "inert"
[growth]
depth_nm = 20.0
overpotential_V = 0.05
until_front_nm = {to}
records = 400
frames = 0
[run]
seed = {seed}
"""
RESULTS = Path(__file__).parent / "results"


def one(width, seed):
    """B of one run, over that of the continuum and over that of the lattice; R² of L²; exponent of v against L."""
    from runs import parse_case
    from runs.plating import prepare

    run = prepare(parse_case(CASE.format(width=width, to=TO_NM, seed=seed)))
    run.run()
    time, front = np.array(run.series.time_s), np.array(run.series.front_nm)
    grown = front > FROM_NM
    slope, _ = np.polyfit(time[grown], front[grown] ** 2, 1)
    straight = np.corrcoef(time[grown], front[grown] ** 2)[0, 1] ** 2
    # Time to pass through equal stretches of the tubule: dt/dL goes as L, whatever the tip's first moments were.
    at = np.arange(FROM_NM, front.max(), 1.0)
    passed = np.array([time[np.argmax(front >= length)] for length in at])
    exponent = -np.polyfit(np.log((at[1:] + at[:-1]) / 2), np.log(np.diff(passed)), 1)[0]
    return {
        "width_nm": width,
        "seed": seed,
        "b_nm2_s": slope / 2,
        "of_continuum": slope / 2 / run.law["b_continuum_nm2_s"],
        "of_lattice": slope / 2 / run.law["b_nm2_s"],
        "metal_part": run.law["b_continuum_nm2_s"] / run.law["b_nm2_s"],
        "r_squared": straight,
        "length_exponent": exponent,
        "seconds": run.seconds,
        "events": int(run.growth.kernel.n_event),
    }


def mean(values):
    values = np.asarray(values, dtype=float)
    return {"value": float(values.mean()), "stderr": float(values.std(ddof=1) / np.sqrt(len(values)))}


def width_exponent(rows):
    """Exponent of v against W, for the speed times the part of the cross-section that is to be filled."""
    x, y = np.log([r["width_nm"] for r in rows]), np.log([r["b_nm2_s"] * r["metal_part"] for r in rows])
    (slope, _), covariance = np.polyfit(x, y, 1, cov=True)
    return {"value": float(slope), "stderr": float(np.sqrt(covariance[0, 0]))}


def draw(rows):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 4.0), layout="constrained")
    ax = figure.subplots()
    widths = np.array([r["width_nm"] for r in rows])
    b = np.array([r["b_nm2_s"] * r["metal_part"] for r in rows])
    ax.loglog(widths, b, "o", color="#0072B2", label="measured, per area to be filled")
    law = np.array([r["b_nm2_s"] * r["metal_part"] / r["of_lattice"] for r in rows])
    order = np.argsort(widths)
    ax.loglog(widths[order], law[order], ":", color="0.4", label="4 D δ f (eU/kT) / W")
    ax.set_xlabel("inner width W [nm]")
    ax.set_ylabel("B of L² = L₀² + 2Bt [nm²/s]")
    ax.set_xticks(WIDTHS_NM, [f"{w:g}" for w in WIDTHS_NM], minor=False)
    ax.xaxis.set_minor_formatter("")
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return figure


def main():
    jobs = [(width, seed) for width in sorted(WIDTHS_NM, reverse=True) for seed in SEEDS]
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(one, *zip(*jobs, strict=True)))
    found = {
        "command": " ".join(["python benchmarks/growth_laws.py", *sys.argv[1:]]),
        "width_exponent": width_exponent(rows),
        "length_exponent": mean([r["length_exponent"] for r in rows]),
        "of_lattice": {f"{w:g}": mean([r["of_lattice"] for r in rows if r["width_nm"] == w]) for w in WIDTHS_NM},
        "of_continuum": {f"{w:g}": mean([r["of_continuum"] for r in rows if r["width_nm"] == w]) for w in WIDTHS_NM},
        "least_r_squared": min(r["r_squared"] for r in rows),
        "rows": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "growth_laws.json").write_text(json.dumps(found, indent=1) + "\n")
    draw(rows).savefig(RESULTS / "growth_laws.png", dpi=150)
    print(json.dumps({key: value for key, value in found.items() if key != "rows"}, indent=1))


if __name__ == "__main__":
    main()
