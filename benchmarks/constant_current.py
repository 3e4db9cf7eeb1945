"""Growth at constant current against the channel's form with what it stores: the voltage in time, and the limit.

`python benchmarks/constant_current.py [SEEDS]`, some minutes of one core: a plug grows in a tubule of 2.5 nm at a
current that the channel carries up to about 11 nm, and on beyond it.  Printed are, at some times, the means over the
seeds with standard errors, and what the form has: length, occupancy and voltage of the root, accepted current × length.

`python benchmarks/constant_current.py cycles`, half a minute: ten cycles with cells that are made and taken apart, and
every atom counted.

The form is ρ_t = K/m ρ_zz between root and tip, K the channel's conductance times length and m its sites per length,
with the current at the root and the tip's measured occupancy at the other end.  Between the tip and the closed end of
the tubule it is the same with the conductance of the bare channel.  The tip goes on by what reaches it from the root
less what the channel ahead takes.  The root refuses an atom when all of its n sites are full, with the probability ρ^n.
"""

import sys

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from coble import parse_case
from coble.kinds.growth.law_terms import tip_potential_kT
from coble.kinds.growth.setup import prepare
from coble.kinds.growth.state import steps
from coble.kinds.growth.state.steps import PA, atoms_per_nm, limits_pA_nm
from coble.kmc.constants import ELEMENTARY_CHARGE_C
from coble.lattices import Region

CASE = """
[tubule]
inner_width_nm = 2.5
wall_thickness_nm = 1.0
[bonds]
wetting = 0.5
[[wall]]
name = "inert"
[growth]
depth_nm = 28.0
metal_to_nm = 5.0
until_front_nm = 16.0
current_pA = {current}
graded = "auto"
records = 150
frames = 0
"""
CYCLES = CASE.replace("16.0", "6.0\nuntil_left_nm = 4.4\ncycles = 10").replace("28.0", "12.0").format(current=40.0)
LIMIT_AT_NM = 11.0
POINTS = 120
ROOT_NM = 0.186  # two planes share the feed and the potential: as far from the tip as a plane at ¾ of their distance
SHOWN = 8


def one(current_pA, seed):
    """A run that goes on at its limiting current."""
    steps.REFUSED = 1.0
    run = prepare(parse_case(CASE.format(current=current_pA)), seed)
    run.run()
    return run


def form(run, current_pA, tip, until_s):
    """By the form, of a run at its start: times [s], lengths [nm], the root's occupancies, current × length [pA nm]."""
    growth, law, x = run.growth, run.law, run.growth.model.channel_occupancy
    k = limits_pA_nm(law, growth)[0] * PA / ELEMENTARY_CHARGE_C / (1 - x)  # nm / s: ρ = 1 at the limit
    sites, metal = np.bincount(growth.graph.region)[[Region.INTERFACE, Region.BULK]], atoms_per_nm(growth.graph)
    m, n_root = sites[0] / sites[1] * metal, len(growth.feed.sites)
    bare = k * growth.mobilities.surface / growth.mobilities.interface
    rate, start = current_pA * PA / ELEMENTARY_CHARGE_C, run.series.front_nm[0] - ROOT_NM
    closed = growth.graph.z.max() / 10 - ROOT_NM
    h = 1 / POINTS
    at = (np.arange(POINTS) + 0.5) * h  # middles of cells of the length 1 / POINTS of L
    ends = np.concatenate([[0.0], at[:-1] + h / 2, [1.0]])

    def root(y):
        """Occupancy of the root, of which n sites at local equilibrium are all full with the probability ρ^n."""
        fed = rate * h * y[-1] / (2 * k)
        return brentq(lambda rho: y[0] + fed * (1 - rho**n_root) - rho, 0.0, 2.0)

    def change(_, y):
        rho, before, length = y[:POINTS], y[POINTS:-1], y[-1]
        left = closed - length
        reached = 2 * k * (rho[-1] - tip) / (h * length)
        beyond = 2 * bare * (tip - before[0]) / (h * left)
        speed = (reached - beyond) / metal
        from_root = 2 * k * (root(y) - rho[0]) / (h * length)
        flow = np.concatenate([[from_root], -k * np.diff(rho) / (h * length), [reached]])
        value = np.concatenate([[0.0], (rho[:-1] + rho[1:]) / 2, [tip]])
        flow = flow - m * speed * ends * value  # the cells stretch: what passes their borders by that
        stored = (flow[:-1] - flow[1:]) / (m * h * length) - rho * speed / length
        flow = np.concatenate([[beyond], -bare * np.diff(before) / (h * left), [0.0]])
        value = np.concatenate([[tip], (before[:-1] + before[1:]) / 2, [0.0]])
        flow = flow - m * speed * (1 - ends) * value
        stored_ahead = (flow[:-1] - flow[1:]) / (m * h * left) + before * speed / left
        return np.concatenate([stored, stored_ahead, [speed]])

    y = np.append(np.full(2 * POINTS, x), start)
    found = solve_ivp(change, (0.0, 2 * until_s), y, "BDF", rtol=1e-6, atol=1e-8)
    rho = np.array([root(y) for y in found.y.T])
    length = found.y[-1] + ROOT_NM
    return found.t, length, rho, current_pA * (1 - rho**n_root) * length


def over_seeds(values):
    """Mean and standard error."""
    mean, error = np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))
    return mean, error


def main(seeds=8):
    first = prepare(parse_case(CASE.format(current=1.0)))
    steady = limits_pA_nm(first.law, first.growth)[0]
    current = float(f"{steady / LIMIT_AT_NM:.3g}")
    runs = [one(current, seed) for seed in range(seeds)]
    formed_from = prepare(parse_case(CASE.format(current=current)))
    tip_kT, formed = wanted(runs, formed_from, current)
    print(f"{seeds} seeds, {current:g} pA; the tip is at {tip_kT:.3f} k_BT, measured")
    print(f"g k_BT/e x = {steady:.1f} pA nm")
    print("from, to [µs]; measured and of the form: L [nm], ρ of the root, U [mV], accepted I × L [pA nm]")
    ends = [run.series.time_s[-1] for run in runs]
    cuts = np.linspace(0.1, 1.0, SHOWN + 1) * min(*ends, formed[0][-1])
    for low, high in zip(cuts[:-1], cuts[1:], strict=True):
        window(runs, low, high, formed)
    for run in runs:
        gained = run.growth.n_atom - run.series.atoms[0]
        assert gained == run.growth.feed.done.accepted == run.growth.inserted_minus_removed
    print("every atom that was accepted is there")


def wanted(runs, start, current):
    """The tip's measured potential [k_BT], and the form with it."""
    x = runs[0].growth.model.channel_occupancy
    fronts = np.concatenate([np.array(run.series.front_nm) for run in runs])
    channels = np.concatenate([np.array(run.series.channel) for run in runs])
    late = fronts > LIMIT_AT_NM / 2
    tip_kT = tip_potential_kT(fronts[late], channels[late], x)
    odds = np.exp(tip_kT) * x / (1 - x)
    return tip_kT, form(start, current, odds / (1 + odds), max(run.series.time_s[-1] for run in runs))


def window(runs, low, high, formed):
    """Print what was measured between two times, and what the form has."""
    feed, kT = runs[0].growth.feed, runs[0].growth.model.kT_eV
    n, rho, front, carried = len(feed.sites), [], [], []
    for series in (run.series for run in runs):
        i, j = np.searchsorted(series.time_s, [low, high])
        full, looks = (np.array(values) for values in (series.full_sum, series.looks))
        rho.append((full[j] - full[i]) / (looks[j] - looks[i]) / n)
        front.append(np.mean(series.front_nm[i : j + 1]))
        carried.append(series.accepted_A(i, j) / PA * front[-1])
    (mean, error), (at, at_error), (product, its_error) = map(over_seeds, (rho, front, carried))
    long, root, formed_product = (np.interp(np.linspace(low, high, 50), formed[0], each).mean() for each in formed[1:])
    volts = [1e3 * kT * feed.potential_kT(each * n) for each in (mean, root)]
    print(
        f"{low * 1e6:.3f}, {high * 1e6:.3f}: {at:.2f} ± {at_error:.2f} {long:.2f}, "
        f"{mean:.4f} ± {error:.4f} {root:.4f}, "
        f"{volts[0]:.1f} ± {1e3 * kT * error / mean / (1 - mean):.1f} {volts[1]:.1f}, "
        f"{product:.1f} ± {its_error:.1f} {formed_product:.1f}"
    )


def cycles():
    """Print what ten cycles gave and took."""
    run = prepare(parse_case(CYCLES))
    run.run()
    growth, series = run.growth, run.series
    gained, charge = growth.n_atom - series.atoms[0], series.charge_fC()
    assert gained == growth.inserted_minus_removed and growth.occupied[growth.channel].any()
    assert np.allclose(np.diff(charge), np.diff(series.atoms) * ELEMENTARY_CHARGE_C * 1e15, atol=0, rtol=1e-9)
    print(
        f"{run.reason}: {growth.kernel.n_event:.3g} events, {growth.graded.n_released} cells taken apart, at most "
        f"{max(series.atoms) - series.atoms[0]} atoms more and {series.atoms[0] - min(series.atoms)} less than at the "
        f"start; {gained} at the end, as the charge says in all {len(charge)} records"
    )


if __name__ == "__main__":
    cycles() if sys.argv[1:] == ["cycles"] else main(*map(int, sys.argv[1:2]))
