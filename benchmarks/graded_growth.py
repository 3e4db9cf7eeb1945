"""Growth with the channel in cells against growth site by site: what comes out, and what it costs.

`python benchmarks/graded_growth.py same [SEEDS] [WIDTH_nm] [FROM] [WETTING]`, some minutes of one core: a plug grows
from 10 to 14 nm in a tubule of 2.5 nm, with all sites awake, site by site with those far ahead frozen, with 1, 2 and
4 nm site by site about the tip, and with slower hops on the metal's surface, too.  Means over seeds with standard
errors.  It starts at 8 nm, because at first the channel ahead of the tip gives what it holds too much, where the wall
pulls metal in: a frozen one does so as it thaws.

`python benchmarks/graded_growth.py cost [WIDTH_nm] [LENGTH_nm ...]`, a minute for each: events and time per atom at
some lengths, for atoms that come as fast as the law says.

`python benchmarks/graded_growth.py gain [WIDTH_nm] [FROM_nm] [TO_nm]`, two or three minutes of one core: the same at
five lengths, one kind of run after the other, summed over the whole way; how much faster it is than site by site.

`python benchmarks/graded_growth.py long WIDTH_nm LENGTH_nm [AT_nm]`: what a nanometre costs in a tubule too long to be
measured: the tip does the same per time at every length, so it is measured at AT_nm, with the factor of LENGTH_nm.

`python benchmarks/graded_growth.py slowing [WIDTH_nm] [SEEDS] [FROM_nm] [TO_nm]`, ten minutes of one core: B and the
tip's occupancy with hops on the metal's surface slowed by fixed factors and by "auto", over those that are not slowed,
and what the runs say of it themselves.

`python benchmarks/graded_growth.py widths [WETTING] [LENGTH_nm] [LONGER]`, half an hour of one core: speeds of tips in
bores of 10, 20 and 30 nm, and their exponent; LONGER is a factor on the metal that grows meanwhile.  The channel starts
with a steady current to a tip at coexistence and has three times its slowest relaxation to follow the tip that it has.
The speed is that of the metal from then on.
"""

import sys
from time import perf_counter, process_time

import numpy as np

from coble import Case, parse_case
from coble.inputs.growth.steps import MOST_WETTING
from coble.kinds.growth.law_terms import tip_potential_kT
from coble.kinds.growth.setup import prepare
from coble.kinds.growth.state.steps import atoms_per_nm
from coble.kmc.growth.slowing import atoms_on
from coble.lattices import Region

CASE = """
[tubule]
inner_width_nm = {width}
wall_thickness_nm = 1.0
[[wall]]
name = "inert"
[bonds]
wetting = {wetting}
[growth]
depth_nm = {depth}
metal_to_nm = {start}
steady_channel = {steady}
until_front_nm = {end}
graded = "{graded}"
fine_nm = {fine}
ahead_nm = {ahead}
surface_slowing = {slowing}
growth_error = {error}
records = 60
frames = 0
"""
KINDS = {
    "all awake": ("off", 1.0, 1.0, 0.0),
    "site by site": ("off", 1.0, 1.0, 2.0),
    "fine 1 nm": ("auto", 1.0, 1.0, 2.0),
    "fine 2 nm": ("auto", 2.0, 1.0, 2.0),
    "fine 4 nm": ("auto", 4.0, 1.0, 2.0),
    "fine 1 nm, slowed": ("auto", 1.0, '"auto"', 2.0),
}
COMPARED = ("site by site", "fine 1 nm", "fine 1 nm, slowed")
SECONDS = 5.0  # of one core, for a cost
START_NM, FROM_NM, TO_NM = 8.0, 10.0, 14.0
WIDE_NM, WIDE_ERROR = 40.0, 0.05  # from there on the metal itself carries more than the usual error of 0.02 allows
WIDTHS = {10.0: (4, 1.0), 20.0: (1, 0.5), 30.0: (1, 0.3)}  # nm → seeds, metal that grows meanwhile [nm]
SETTLED = 3.0  # relaxation times
WETTING = Case().bonds.wetting  # by default
SETTLES = 200_000  # events after which cells are made; as many more, and a factor is chosen


def started(width, start, end, kind, seed=None, wetting=WETTING, factor=None, steady=False):
    """A run that is about to begin; `factor` takes the place of the kind's."""
    graded, fine, slowing, ahead = KINDS[kind]
    slowing = slowing if factor is None else factor
    error = WIDE_ERROR if width > WIDE_NM else 0.02
    numbers = {"width": width, "depth": end + 10, "start": start, "end": end, "error": error, "wetting": wetting}
    numbers["steady"] = str(steady).lower()
    return prepare(parse_case(CASE.format(**numbers, graded=graded, fine=fine, slowing=slowing, ahead=ahead)), seed)


def outcome(width, kind, seed, wetting):
    """Of one run: time [µs], B [nm²/s], filled part, roughness [nm], events, way in the channel per atom [nm]."""
    run = started(width, START_NM, TO_NM + 0.2, kind, seed, wetting)
    run.run()
    growth, series = run.growth, run.series
    passed = np.interp([FROM_NM, TO_NM], np.maximum.accumulate(series.front_nm), series.time_s)
    seconds = float(np.diff(passed)[0])
    way = growth.displacements()["interface"] / growth.inserted_minus_removed / 10
    rough, b = growth.crystal()["roughness_nm"], (TO_NM**2 - FROM_NM**2) / 2 / seconds
    return seconds * 1e6, b, growth.filled(), rough, growth.kernel.n_event, way


def same(seeds=24, width=2.5, first=0, wetting=WETTING):
    """Print what comes out of every kind of run, or of those from number `first` on."""
    heads = ("t [µs]", "B [nm²/s]", "filled", "roughness [nm]", "events", "way [nm]")
    print(" " * 18 + "".join(f"{head:>24}" for head in heads), "scatter of t")
    for kind in list(KINDS)[int(first) :]:
        if KINDS[kind][2] != 1.0 and wetting > MOST_WETTING:
            continue
        found = np.array([outcome(width, kind, seed, wetting) for seed in range(int(seeds))])
        error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
        told = "".join(f"{f'{m:.5g} ± {e:.2g}':>24}" for m, e in zip(found.mean(axis=0), error, strict=True))
        print(f"{kind:18}{told}{found[:, 0].std(ddof=1) / found[:, 0].mean():10.3f}", flush=True)


def measured(width, length, kind):
    """Events and CPU seconds of an atom at a length, events per second, and seconds that it took to build the run."""
    began = perf_counter()
    run = started(width, length, length + 5.0, kind)
    growth, built = run.growth, perf_counter() - began
    growth.run(np.inf, max_events=2 * SETTLES)
    events, time, began = growth.kernel.n_event, growth.time, process_time()
    while process_time() - began < SECONDS:
        growth.run(np.inf, max_events=SETTLES)
    cpu, events = process_time() - began, growth.kernel.n_event - events
    atoms = run.law["b_nm2_s"] / length * atoms_per_nm(growth.graph) * (growth.time - time)
    return events / atoms, cpu / atoms, events / cpu, built


def cost(width, lengths):
    """Print the events and the time of one atom."""
    for length in lengths:
        for kind in COMPARED:
            events, cpu, rate, built = measured(width, length, kind)
            print(
                f"W = {width:g} nm, L = {length:g} nm, {kind:18}: {events:.3g} events and {cpu * 1e3:.3g} ms an atom, "
                f"{rate:.3g} events/s; built in {built:.1f} s",
                flush=True,
            )


def long(width, length, at=8.0):
    """Print the cost of a nanometre, cells and slower hops on the metal's surface included."""
    began = process_time()
    run = started(width, at, at + 2.0, COMPARED[2])
    growth, law, built = run.growth, run.law["b_nm2_s"], process_time() - began
    growth.slowing.fixed = growth.slowing.wanted(10 * length)
    growth.run(np.inf, max_events=int(SETTLES * (width / 5) ** 2))
    events, time, began = growth.kernel.n_event, growth.time, process_time()
    while process_time() - began < 2 * SECONDS:
        growth.run(np.inf, max_events=SETTLES)
    cpu, events, seconds = process_time() - began, growth.kernel.n_event - events, growth.time - time
    per_nm = length / law / seconds
    print(
        f"W = {width:g} nm, L = {length:g} nm: hops on the metal's surface slowed {growth.slowing.fixed:.3g} times, "
        f"{events * per_nm:.2g} events and {cpu * per_nm / 3600:.2g} h of CPU per nm, {events / cpu:.2g} events/s; "
        f"built in {built:.0f} s, {growth.graph.n_site / (at + 12):,.0f} sites a nanometre",
        flush=True,
    )


def speed(width, length, wetting, seed, grown_nm):
    """Of the tip [nm/s] and of metal per area of the bore [1/nm² s], after the channel has followed the tip."""
    run = started(width, length, length + 6.0, COMPARED[2], seed, wetting, steady=True)
    growth, per_nm, x = run.growth, atoms_per_nm(run.growth.graph), run.growth.model.channel_occupancy
    sites = np.bincount(growth.graph.region)[[Region.INTERFACE, Region.BULK]]
    stored = sites[0] / sites[1] * per_nm  # sites of the channel [1/nm]
    conductance = run.law["b_nm2_s"] / run.law["response"] * per_nm / (x * (1 - x))  # atoms per difference [nm/s]
    growth.run(SETTLED * length**2 / (np.pi**2 * conductance / stored))
    time, atoms = growth.time, atoms_on(growth.metal, growth.kernel)
    growth.run(time + grown_nm * length / run.law["b_nm2_s"])
    metal = (atoms_on(growth.metal, growth.kernel) - atoms) / (growth.time - time)
    return metal / per_nm, metal / (np.pi * width**2 / 4)


def widths(wetting=WETTING, length=50.0, longer=1.0):
    """Print the speeds of wide bores, with standard errors over seeds, and the exponents of the width."""
    x, y = [], []
    for width, (seeds, grown_nm) in WIDTHS.items():
        found = np.array([speed(width, length, wetting, seed, longer * grown_nm) for seed in range(seeds)])
        x += [np.log(width)] * seeds
        y += np.log(found).tolist()
        (mean, metal), (error, _) = found.mean(axis=0), found.std(axis=0, ddof=int(seeds > 1)) / np.sqrt(seeds)
        spread = f" ± {error:.2g}" if seeds > 1 else ""
        print(
            f"wetting {wetting:g}, W = {width:g} nm: {mean:.4g}{spread} nm/s, {metal:.4g} atoms per nm² and s, "
            f"{seeds} seeds",
            flush=True,
        )
    slopes, covariance = np.polyfit(x, y, 1, cov=True)
    errors = np.sqrt(covariance[0, 0])
    print(
        f"wetting {wetting:g}: exponent of the tip's speed {slopes[0, 0]:.3f} ± {errors[0]:.3f}, "
        f"of metal per time and area of the bore {slopes[0, 1]:.3f} ± {errors[1]:.3f}"
    )


def slowed(width, start, end, factor, seed):
    """Of one run: B [nm²/s], the tip's occupancy, roughness [nm], and what it says itself: part, its error, pairs."""
    run = started(width, start - 2.0, end + 0.2, COMPARED[1], seed, factor=factor)
    run.run()
    growth, series = run.growth, run.series
    front = np.array(series.front_nm)
    seconds = float(np.diff(np.interp([start, end], np.maximum.accumulate(front), series.time_s))[0])
    late, x = front > start, growth.model.channel_occupancy
    tip = np.exp(tip_potential_kT(front[late], np.array(series.channel)[late], x))
    said = growth.slowing.said() if growth.slowing else {}
    own = [said.get(key) or 0.0 for key in ("speed_lower_by", "speed_lower_by_stderr", "compared")]
    b = (end**2 - start**2) / 2 / seconds
    return b, x * tip / (1 - x + x * tip), growth.crystal()["roughness_nm"], *own


def slowing(width=5.0, seeds=8, start=12.0, end=20.0):
    """Print what slower hops cost, by B and by what the runs measure."""
    plain = None
    for factor in (1.0, 2.0, 4.0, '"auto"'):
        found = np.array([slowed(width, start, end, factor, seed) for seed in range(int(seeds))])
        b, error = found[:, 0].mean(), found[:, 0].std(ddof=1) / np.sqrt(len(found))
        plain = plain or (b, error)
        less = np.hypot(error / b, plain[1] / plain[0]) if factor != 1 else 0.0
        told = found[found[:, 3] > 0]
        own = (
            f"{100 * told[:, 3].mean():.1f} ± {100 * np.hypot.reduce(told[:, 4]) / len(told):.1f} %"
            if len(told)
            else "-"
        )
        print(
            f"W = {width:g} nm, {start:g} to {end:g} nm, slower by {factor}: B = {b:.4g} ± {error:.2g} nm²/s, lower by "
            f"{100 * (1 - b / plain[0]):.1f} ± {100 * less:.1f} %; by the runs themselves {own}, "
            f"{found[:, 5].mean():.0f} pairs; tip's occupancy {found[:, 1].mean():.3f}, roughness "
            f"{found[:, 2].mean():.2f} nm",
            flush=True,
        )


def gain(width, start, end):
    """Print how much less CPU a plug takes that grows from one length to another, by Gauss's points."""
    points, weights = np.polynomial.legendre.leggauss(5)
    lengths = start + (end - start) * (points + 1) / 2
    found = {kind: np.zeros(2) for kind in COMPARED}
    for length, weight in zip(lengths, weights, strict=True):
        for kind in COMPARED:
            found[kind] += weight * np.array(measured(width, length, kind)[:2])
    plain = found[COMPARED[0]]
    for kind in COMPARED:
        events, cpu = plain / found[kind]
        print(
            f"W = {width:g} nm, {start:g} to {end:g} nm, {kind:18}: events / {events:.2f}, CPU / {cpu:.2f}", flush=True
        )


if __name__ == "__main__":
    what, *numbers = sys.argv[1:] or ["same"]
    numbers = [float(number) for number in numbers]
    if what == "same":
        same(*numbers)
    elif what == "long":
        long(*numbers)
    elif what == "widths":
        widths(*numbers)
    elif what == "slowing":
        slowing(*numbers)
    elif what == "gain":
        gain(*(numbers or (5.0, 2.0, 20.0)))
    else:
        cost(numbers[0] if numbers else 5.0, numbers[1:] or (20.0, 100.0))
