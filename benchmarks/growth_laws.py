"""Laws of interface-fed growth: L² linear in t, speed as 1/W and 1/L, and the prefactor.

`python benchmarks/growth_laws.py [CORES]`, about half an hour on two cores, writes growth_laws.json and .png
into results.

The law knows neither capillarity nor a tip of its own.  So it is tested with a wall that neither pulls the metal in
nor holds it back (wetting ½: by symmetry metal in the tubule coexists with μ = 0, however narrow it is) and on long
stretches.  What is left of a difference is taken apart with no free number:

- the channel itself stores atoms: the exact solution of a front fed by a medium that stores (Stefan);
- the tip needs a supersaturation: its occupancy ρ is read from the channel, extrapolated to the tip, and the gradient
  that drives the flux is that from the electrolyte's ρ to it.

A second set, with the wetting of the default case, shows what capillarity does, and that the same two account for it.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FROM_NM, TO_NM = 10.0, 26.0  # of the tip, for the fits
STRETCH_NM = 2.0  # of which the times of passage give the exponent of length
CASE = """
[tubule]
inner_width_nm = {width}
wall_thickness_nm = 1.5
[[wall]]
name = "inert"
[bonds]
wetting = {wetting}
[growth]
depth_nm = {depth}
overpotential_V = 0.05
until_front_nm = {to}
records = 400
frames = 0
[run]
seed = {seed}
"""
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Set:
    """Runs with one wetting."""

    wetting: float
    widths_nm: tuple
    seeds: tuple
    colour: str


SETS = {
    "neutral wall": Set(0.5, (4.0, 5.0, 6.0, 8.0), (1, 2), "#0072B2"),
    "wetted wall": Set(0.7, (3.0, 5.0), (1,), "#D55E00"),
}


def capillary_kT(growth):
    """μ [k_BT] at which metal in the tubule coexists with none: a plug's energy per atom, without its ends."""
    model, of_atom = growth.model, growth.sites.site_class[growth.metal]
    first, second = (wet[of_atom].mean() for wet in (growth.sites.wet_first, growth.sites.wet_second))
    return float((0.5 - model.wetting) * (first * model.first_eV + second * model.second_eV) / model.kT_eV)


def explained(run, tip_kT):
    """B over that of the law with the tip at a potential [k_B T], by gradient and by what the channel stores."""
    from coble.kinds.growth.law_terms import terms_of

    terms = terms_of(run.growth, tip_kT)
    alone = terms_of(run.growth)
    return {"gradient": terms.gradient, "storage": terms.storage, "storage_alone": alone.storage}


def one(name, width, seed):
    """B of one run over that of the law, what explains the difference, R² of L², and the exponent of v against L."""
    from coble import parse_case
    from coble.kinds.growth.law_terms import tip_potential_kT
    from coble.kinds.growth.setup import prepare

    case = CASE.format(width=width, wetting=SETS[name].wetting, to=TO_NM, depth=TO_NM + 10, seed=seed)
    run = prepare(parse_case(case))
    run.run()
    series = run.series
    time, front, channel = (np.array(v) for v in (series.time_s, series.front_nm, series.channel))
    grown = front > FROM_NM
    slope, _ = np.polyfit(time[grown], front[grown] ** 2, 1)
    straight = np.corrcoef(time[grown], front[grown] ** 2)[0, 1] ** 2
    # Time to pass through equal stretches of the tubule: dt/dL goes as L, whatever the tip's first moments were.
    at = np.arange(FROM_NM, TO_NM + 0.1, STRETCH_NM)
    passed = np.array([time[np.argmax(front >= length)] for length in at])
    exponent = -np.polyfit(np.log((at[1:] + at[:-1]) / 2), np.log(np.diff(passed)), 1)[0]
    tip = tip_potential_kT(front[grown], channel[grown], run.growth.model.channel_occupancy)
    parts = explained(run, tip)
    of_law = slope / 2 / run.law["b_nm2_s"]
    row = {
        "set": name,
        "width_nm": width,
        "seed": seed,
        "b_nm2_s": slope / 2,
        "of_law": of_law,
        "metal_part": run.law["b_continuum_nm2_s"] / run.law["b_nm2_s"],
        "r_squared": straight,
        "length_exponent": exponent,
        "capillary_kT": capillary_kT(run.growth),
        "tip_kT": tip,
        **parts,
        "of_explained": of_law / parts["gradient"] / parts["storage"],
        "seconds": run.seconds,
        "events": int(run.growth.kernel.n_event),
        "time_s": time[::10].tolist(),
        "front_nm": front[::10].tolist(),
    }
    print(name, json.dumps({k: v for k, v in row.items() if k not in ("set", "time_s", "front_nm")}), flush=True)
    return row


def mean(values):
    values = np.asarray(values, dtype=float)
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return {"value": float(values.mean()), "stderr": error}


def exponent(rows, values, widths=None):
    """Exponent of values against widths, that of the bore when not given, one for each row."""
    x, y = np.log([r["width_nm"] for r in rows] if widths is None else widths), np.log(values)
    if len(rows) < 4:
        return {"value": float(np.polyfit(x, y, 1)[0]), "stderr": None}
    (slope, _), covariance = np.polyfit(x, y, 1, cov=True)
    return {"value": float(slope), "stderr": float(np.sqrt(covariance[0, 0]))}


def summary(rows, widths):
    """Numbers of one set.  `of_law` and what follows are by width."""
    by_width = {
        key: {f"{w:g}": mean([r[key] for r in rows if r["width_nm"] == w]) for w in widths}
        for key in ("of_law", "metal_part", "capillary_kT", "tip_kT", "gradient", "storage", "of_explained")
    }
    return {
        # The law's W is 4 x area / perimeter of what is to be filled.  The channel, one atom wide, needs no filling.
        "width_exponent_of_tip_speed": exponent(
            rows, [r["b_nm2_s"] for r in rows], [r["width_nm"] * r["metal_part"] for r in rows]
        ),
        "width_exponent_of_tip_speed_by_bore": exponent(rows, [r["b_nm2_s"] for r in rows]),
        # Metal deposited per time and area of the bore; the tip's own speed is more by area / area of metal sites.
        "width_exponent": exponent(rows, [r["b_nm2_s"] * r["metal_part"] for r in rows]),
        "width_exponent_with_storage": exponent(
            rows, [r["b_nm2_s"] * r["metal_part"] / r["storage_alone"] for r in rows]
        ),
        "length_exponent": mean([r["length_exponent"] for r in rows]),
        "least_r_squared": min(r["r_squared"] for r in rows),
        "prefactor": mean([r["of_law"] for r in rows]),
        "prefactor_with_storage": mean([r["of_law"] / r["storage_alone"] for r in rows]),
        "prefactor_with_storage_and_tip": mean([r["of_explained"] for r in rows]),
        **by_width,
    }


def draw(rows):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    neutral = [r for r in rows if r["set"] == "neutral wall"]
    for n, row in enumerate(sorted((r for r in neutral if r["seed"] == 1), key=lambda r: r["width_nm"])):
        left.plot(
            np.array(row["time_s"]) * 1e6,
            np.square(row["front_nm"]),
            color=str(0.15 + 0.18 * n),
            label=f"W = {row['width_nm']:g} nm",
        )
    left.axhline(FROM_NM**2, ls=":", color="0.7", lw=1)
    left.set_xlabel("simulated time [µs]")
    left.set_ylabel("L² [nm²]")
    left.legend(frameon=False)
    for name, kind in SETS.items():
        mine = [r for r in rows if r["set"] == name]
        widths = np.array([r["width_nm"] for r in mine])
        b = np.array([r["b_nm2_s"] * r["metal_part"] for r in mine])
        right.loglog(widths, b, "o", color=kind.colour, label=f"{name} (χ = {kind.wetting:g})")
        right.loglog(widths, b / [r["of_explained"] for r in mine], "kx", ms=7, zorder=3)
    law = {r["width_nm"]: r["b_nm2_s"] * r["metal_part"] / r["of_law"] for r in rows}
    right.loglog(sorted(law), [law[w] for w in sorted(law)], ":", color="0.4", label="4 D δ f (eU/kT) / W")
    right.plot([], [], "kx", ms=7, label="the same with storage and tip")
    right.set_xlabel("inner width W [nm]")
    right.set_ylabel("B × part of the bore to be filled [nm²/s]")
    right.set_xticks(sorted(law), [f"{w:g}" for w in sorted(law)], minor=False)
    right.xaxis.set_minor_formatter("")
    ticks = np.arange(3, 13) * 1e6
    low, high = right.get_ylim()
    right.set_yticks(ticks[(ticks > low) & (ticks < high)], [f"{t / 1e6:g}·10⁶" for t in ticks if low < t < high])
    right.yaxis.set_minor_formatter("")
    right.legend(frameon=False)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def main():
    jobs = [(name, width, seed) for name, kind in SETS.items() for width in kind.widths_nm for seed in kind.seeds]
    jobs.sort(key=lambda job: -job[1])  # the long ones first
    with ProcessPoolExecutor(int(sys.argv[1]) if len(sys.argv) > 1 else 2) as pool:
        rows = list(pool.map(one, *zip(*jobs, strict=True)))
    found = {"command": "python benchmarks/growth_laws.py", "from_nm": FROM_NM, "to_nm": TO_NM}
    found |= {name: summary([r for r in rows if r["set"] == name], kind.widths_nm) for name, kind in SETS.items()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "growth_laws.json").write_text(json.dumps(found | {"rows": rows}, indent=1) + "\n")
    draw(rows).savefig(RESULTS / "growth_laws.png", dpi=150)
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
