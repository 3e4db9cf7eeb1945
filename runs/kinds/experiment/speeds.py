"""How fast the tip of a plug moves under one mechanism: measured from hops, and exact.

Diffusive mechanisms are lattice gases on the very graph of the tubule, driven as in `coble.kmc.estimates.measure`, with
the exact solution of their network beside.  The speed is that in linear response,

    v = K / (c A) · (eU / k_B T) / L,

with K the measured conductance c D A.  Slip is a Poisson process whose step is one period of the crystal, and happens
only where the plug as it stands on the lattice touches the electrolyte and has room.
"""

from dataclasses import dataclass
from math import hypot
from zlib import crc32

import numpy as np

from coble.kmc.estimates.estimate import Estimate, exactly
from coble.kmc.estimates.measure import measure
from coble.kmc.kernel.segment import Segment
from coble.kmc.network import exact as network
from coble.kmc.network.driven import driven_occupancy
from coble.kmc.rates.table import rate_table
from coble.models.tubules.experiment_tubule import CASE
from coble.models.tubules.tubule import exchange, field_kT_per_A

SLIPS = 10_000  # waits that are drawn for the speed of slip


@dataclass(frozen=True)
class Speed:
    """Speed of the tip [nm/s]: by diffusion, and by slip, with which the crystal and every marker in it move.

    `low` is the lower bound of an exact one where the network is an upper bound (`coble.kmc.network.exact.bounds`).
    """

    diffusion: Estimate
    slip: Estimate
    low: float | None = None

    @property
    def total(self):
        a, b = self.diffusion, self.slip
        if not b.value:
            return a
        return Estimate(a.value + b.value, hypot(a.stderr, b.stderr), min(a.n_eff, b.n_eff), "diffusion and slip")


def speed(bench, mechanism, settings, key, **running):
    """Measure the speed of the tip.

    Parameters
    ----------
    bench : ExperimentTubule
    mechanism : str
        Of `coble.models.tubules.experiment_tubule.truths`.
    settings : dict
        seed, replicas, max_events, and target_error: standard error of the speed over that of the unobstructed path.
    key : tuple of int
        Purpose of the random streams.
    running : dict
        `workers`, `should_stop` and `report` of `coble.kmc.estimates.measure.measure`.

    Returns
    -------
    (measured, exact, n_event) : Speed, Speed, int
        None when it was stopped before anything was measured.
    """
    key = (crc32(f"{bench.condition.name}, {mechanism}".encode()), *key)
    found = _diffusion(bench, mechanism, settings, key, running)
    if found is None:
        return None
    measured, (exact, low), n_event = found
    slip = bench.slip_nm_s if mechanism in ("slip", CASE) else 0.0
    known = Speed(exactly(exact), exactly(slip), low + slip)
    return Speed(measured, _slip(slip, settings["seed"], key)), known, n_event


def _slip(slip_nm_s, seed, key):
    """Speed from the waits between slips."""
    if not slip_nm_s:
        return exactly(0.0)
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
    mean = rng.standard_exponential(SLIPS).mean()
    return Estimate(slip_nm_s / mean, slip_nm_s / SLIPS**0.5, SLIPS, "waits between slips")


def _diffusion(bench, mechanism, settings, key, running):
    """Speed by diffusion, its exact value and lower bound, and events; None when stopped too early."""
    bonds = {kind: g for kind, g in bench.bonds[mechanism].items() if bench.graph.count(kind)}
    if not bonds:
        return exactly(0.0, "no path"), (0.0, 0.0), 0
    graph = bench.graph.subgraph(np.isin(bench.graph.region, list(bonds)))
    between = exchange(bench.condition.case)
    occupancy = {kind: bench.occupancy[kind] for kind in bonds}
    rates, field = rate_table(bonds, occupancy, between), field_kT_per_A(bench.condition.case)
    solution = network.solve(graph, bonds, between)
    measured = measure(
        Segment(graph, rates, field_kT_per_A=field, start=_start(bench.condition, graph, rates, solution, field)),
        seed=settings["seed"],
        key=key,
        replicas=settings["replicas"],
        target_error=settings["target_error"],
        error_of=lambda found: found.total.stderr / bench.unobstructed[mechanism],
        max_events=settings["max_events"],
        **running,
    )
    if measured.n_block < 2:
        return None
    exact = low = solution.total
    if len(set(occupancy.values())) > 1:
        low = network.lower_bound(graph, bonds, occupancy, between)
    known = (exact * bench.per_conductance, low * bench.per_conductance)
    return measured.total.scaled(bench.per_conductance), known, measured.n_event


def _start(condition, graph, rates, solution, field_kT_per_A):
    """Mean occupancies with which replicas start, float array (n_site,): those that the field leads to; None at none.

    Before a void or an obstacle atoms pile up.  From equilibrium that takes longer than a replica is given, and looks
    like a current: behind a void in a bore of 10 nm, where nothing passes, 5.6 ± 0.5 % of that without one.
    """
    if not (condition.void or condition.obstacles):
        return None
    return driven_occupancy(rates.site_occupancy(graph), solution.potential, field_kT_per_A)
