"""Tracer diffusivity and Haven ratio of a region, from tracked displacements.

The region runs by itself (exchange with its neighbours closed), without field, from equilibrium.  Every atom's axial
displacement is followed to two times t₁ < t₂; the correlation factor is the slope

    f = (Σ z²(t₂) - Σ z²(t₁)) / (Σ s²(t₂) - Σ s²(t₁)),

z the displacement of an atom and s² the sum of its squared steps: what z² would be without memory.  The slope leaves
out the transient that a finite time carries.  With D₀ the known D of uncorrelated hops and D_σ the known D of the
current, both per atom, the Haven ratio is H = f D₀ / D_σ.  The tracer diffusivity D* = H D is given for the nominal
concentration and cross-section of the region, as D is: for the interface only the product with its width has a meaning.

The error comes from the scatter over groups of neighbouring atoms in all replicas.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from kmc.estimates import Estimate, ratio_estimate
from kmc.segment import Segment, Stopped

GROUPS = 16  # of neighbouring atoms, per replica
LATER = 3.0  # t₂ / t₁


@dataclass(frozen=True)
class Tracer:
    """Tracer diffusion in one region.

    Attributes
    ----------
    correlation_factor : Estimate
        f: squared displacement over that of uncorrelated hops.
    diffusivity_cm2_s : Estimate
        D*, along the axis, for the region's nominal concentration and cross-section.
    haven_ratio : Estimate
        D* / D_σ.
    squares : float array (2, n_replica, GROUPS)
        What the correlation factor is made from: growth of Σz² and of Σs² in every group of atoms, in units of the
        graph's axial lengths squared.
    """

    correlation_factor: Estimate
    diffusivity_cm2_s: Estimate
    haven_ratio: Estimate
    squares: np.ndarray = field(repr=False, default=None)


def trace(
    graph,
    region,
    rates,
    bond_conductance,
    *,
    seed,
    key=(),
    replicas=2,
    workers=1,
    hops_per_atom=12.0,
    should_stop=lambda: False,
):
    """Measure tracer diffusion in one region of a graph.

    Parameters
    ----------
    graph : SiteGraph
    region : Region
    rates : RateTable
    bond_conductance : float
        Of the region's bonds, calibrated so that it conducts c D A by itself [1/s].
    hops_per_atom : float
        Mean number of hops of an atom up to t₂.

    should_stop : callable
        Looked at every few hundredths of a second.

    Returns
    -------
    Tracer

    Raises
    ------
    Stopped
        When `should_stop()` turns true.
    """
    part = graph.subgraph(graph.kind == region.kind)
    segment = Segment(part, rates, tracked=True)

    def run(number):
        if should_stop():  # before a start, which takes a tenth of a second on 10⁶ sites
            raise Stopped
        return _squares(segment.start(seed, (number, 0, *key)), hops_per_atom, should_stop)

    with ThreadPoolExecutor(workers) as pool:
        runs = list(pool.map(run, range(replicas)))
    factor = ratio_estimate([r[0] for r in runs], [r[1] for r in runs], "slope of squared displacement")
    n_atom = int(segment.n_atom.sum())
    # Per atom: uncorrelated hops, Σ g z² / 2N over directed edges; the current, (c D A) L / N.
    free = bond_conductance * float((part.steps_A[part.step_class] ** 2).sum()) / (2 * n_atom)
    collective = region.flux_conductance * part.length / n_atom
    haven = factor.scaled(free / collective)
    squares = np.array([[r[q] for r in runs] for q in (0, 1)])
    return Tracer(factor, haven.scaled(region.diffusivity_cm2_s), haven, squares)


def _squares(replica, hops_per_atom, should_stop):
    """Growth from t₁ to t₂ of Σz² and Σs² in each group of atoms, two float arrays (GROUPS,)."""
    kernel, atoms = replica.kernel, np.flatnonzero(replica.started_on)
    later = int(hops_per_atom * len(atoms))
    seen = []
    for events in (int(later / LATER), later - int(later / LATER)):
        replica.run_events(events, should_stop)
        seen.append((kernel.displacements[atoms].astype(float) ** 2, kernel.squared_steps[atoms].astype(float)))
    groups = np.arange(len(atoms)) * GROUPS // max(len(atoms), 1)
    return tuple(np.bincount(groups, seen[1][q] - seen[0][q], minlength=GROUPS) for q in (0, 1))
