"""Growth with the channel in cells against growth site by site: what comes out, and what it costs.

`python benchmarks/graded_growth.py same [SEEDS]`, some minutes of one core: a plug grows from 8 to 11 nm in a tubule of
2.5 nm, site by site and with 1, 2 and 4 nm site by site behind the tip.  Means over seeds with standard errors.

`python benchmarks/graded_growth.py cost [WIDTH_nm] [LENGTH_nm ...]`, a minute for each: events and time per atom at
some lengths, for atoms that come as fast as the law says.
"""

import sys
from time import perf_counter, process_time

import numpy as np

from coble import parse_case
from coble.kinds.growth.setup import prepare
from coble.kinds.growth.steps import atoms_per_nm

CASE = """
[tubule]
inner_width_nm = {width}
wall_thickness_nm = 1.0
[[wall]]
name = "inert"
[growth]
depth_nm = {depth}
metal_to_nm = {start}
until_front_nm = {end}
graded = "{graded}"
fine_nm = {fine}
records = 60
frames = 0
"""
KINDS = {
    "site by site": ("off", 2.0),
    "fine 1 nm": ("auto", 1.0),
    "fine 2 nm": ("auto", 2.0),
    "fine 4 nm": ("auto", 4.0),
}
SECONDS = 6.0  # of one core, for a cost


def started(width, start, end, graded, fine=2.0, seed=None):
    """A run that is about to begin."""
    case = CASE.format(width=width, depth=end + 10, start=start, end=end, graded=graded, fine=fine)
    return prepare(parse_case(case), seed)


def outcome(graded, fine, seed):
    """Of one run: time [µs], B [nm²/s], filled part, roughness [nm], events, way in the channel per atom [nm]."""
    run = started(2.5, 8.0, 11.0, graded, fine, seed)
    run.run()
    growth, b = run.growth, run.fit()["b_nm2_s"]
    way = growth.displacements()["interface"] / growth.inserted_minus_removed / 10
    rough = growth.crystal()["roughness_nm"]
    return growth.time * 1e6, b.value, growth.filled(), rough, growth.kernel.n_event, way


def same(seeds):
    """Print what comes out of every kind of run."""
    heads = ("t [µs]", "B [nm²/s]", "filled", "roughness [nm]", "events", "way [nm]")
    print(" " * 14 + "".join(f"{head:>20}" for head in heads), "scatter of t")
    for name, (graded, fine) in KINDS.items():
        found = np.array([outcome(graded, fine, seed) for seed in range(seeds)])
        error = found.std(axis=0, ddof=1) / np.sqrt(seeds)
        told = "".join(f"{f'{m:.5g} ± {e:.2g}':>20}" for m, e in zip(found.mean(axis=0), error, strict=True))
        print(f"{name:14}{told}{found[:, 0].std(ddof=1) / found[:, 0].mean():10.3f}", flush=True)


def cost(width, length):
    """Print the events and the time of one atom."""
    for graded in ("off", "auto"):
        began = perf_counter()
        run = started(width, length, length + 5.0, graded)
        growth, built = run.growth, perf_counter() - began
        growth.run(np.inf, max_events=200_000)  # cells are made
        events, time, began = growth.kernel.n_event, growth.time, process_time()
        while process_time() - began < SECONDS:
            growth.run(np.inf, max_events=500_000)
        cpu, events = process_time() - began, growth.kernel.n_event - events
        atoms = run.law["b_nm2_s"] / length * atoms_per_nm(growth.graph) * (growth.time - time)
        print(
            f"W = {width:g} nm, L = {length:g} nm, graded {graded:4}: {events / atoms:.3g} events and "
            f"{cpu / atoms * 1e3:.3g} ms an atom, {events / cpu:.3g} events/s; built in {built:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    what, *numbers = sys.argv[1:] or ["same"]
    if what == "same":
        same(int(numbers[0]) if numbers else 24)
    else:
        for each in numbers[1:] or (20, 100):
            cost(float(numbers[0]) if numbers else 5.0, float(each))
