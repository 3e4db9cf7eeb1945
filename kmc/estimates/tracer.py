"""Tracer diffusivity and Haven ratio of a region, from tracked displacements.

The region runs by itself (exchange with its neighbours closed), without field, from equilibrium.  Every atom's axial
displacement is followed to two times t₁ < t₂; the correlation factor is the slope

    f = (Σ z²(t₂) - Σ z²(t₁)) / (Σ s²(t₂) - Σ s²(t₁)),

z the displacement of an atom and s² the sum of its squared steps: what z² would be without memory.  The slope leaves
out the transient that a finite time carries; slopes between earlier times, kept too, show how that dies away.

With D₀ the known D of uncorrelated hops and D_σ the known D of the current, both per atom, the Haven ratio is
H = f D₀ / D_σ.  The tracer diffusivity D* = H D is given for the nominal concentration and cross-section of the region,
as D is: for the interface only the product with its width has a meaning.

The error comes from the scatter over groups of neighbouring atoms in all replicas.

A hop is undone when the next thing that happens at its two sites is the same atom's way back: flicker, which costs
events and carries nothing.  One vacancy alone in a lattice of z neighbours undoes 1/z of its hops.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from coble.kmc.digits import rounded
from coble.kmc.estimates.estimate import Estimate, ratio_estimate
from coble.kmc.kernel.segment import Segment, Stopped

GROUPS = 16  # of neighbouring atoms, per replica
LATER = 3.0  # t₂ / t₁, and so on to earlier times
BLOCKS = 16  # of hops between t₁ and t₂, for the undone ones
LAGS = 6  # times at which displacements are looked at, the last two of them t₁ and t₂


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
        What the correlation factor is made from: growth of Σz² and of Σs² in every group of atoms, in squares of the
        longest length of which all axial steps of the region are whole multiples.
    plateau : list of (float, Estimate)
        Hops per atom up to each time, and the slope f since the time before; the last is `correlation_factor`.
    undone : Estimate
        Share of the hops that the same atom undid before anything else happened at their two sites.
    """

    correlation_factor: Estimate
    diffusivity_cm2_s: Estimate
    haven_ratio: Estimate
    squares: np.ndarray = field(repr=False, default=None)
    plateau: list = field(repr=False, default_factory=list)
    undone: Estimate | None = None


def trace(
    graph,
    region,
    rates,
    *,
    seed,
    key=(),
    replicas=2,
    workers=1,
    pool=None,
    hops_per_atom=12.0,
    should_stop=lambda: False,
):
    """Measure tracer diffusion in one region of a graph.

    Parameters
    ----------
    graph : Lattice
    region : RegionTransport
        Its c D A is what the region conducts by itself.
    rates : RateTable or ClassRates
        Of the region by itself.
    replicas, workers : int
        Runs, and threads; the result does not depend on `workers`.
    pool : concurrent.futures.Executor, optional
        Of threads, in place of so many of its own.
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
    keep = graph.region == region.kind
    part, rates = graph.subgraph(keep), rates.kept(keep)
    segment = Segment(part, rates, tracked=True)
    # Axial units are finer behind some walls.  In lengths of the region's own nothing depends on the wall it is behind.
    unit = int(np.gcd.reduce(part.steps[np.unique(part.step_class)])) or 1

    def run(number):
        if should_stop():  # before a start, which takes a tenth of a second on 10⁶ sites
            raise Stopped
        return _followed(segment.start(seed, (number, 0, *key)), unit, hops_per_atom, should_stop)

    with pool or ThreadPoolExecutor(workers) as threads:
        runs, counts = zip(*threads.map(run, range(replicas)), strict=True)
    undone = ratio_estimate([c[0] for c in counts], [c[1] for c in counts], "undone hops over hops")
    slopes = [
        ratio_estimate([r[lag, 0] for r in runs], [r[lag, 1] for r in runs], "slope of squared displacement")
        for lag in range(LAGS)
    ]
    factor = slopes[-1]
    n_atom = segment.mean_atoms.sum()
    # Per atom: uncorrelated hops, Σ g z² / 2N over directed edges; the current, (c D A) L / N.
    free = sum(float((g * edges.step_A**2).sum()) for edges, g in rates.conductances(part)) / (2 * n_atom)
    collective = region.flux_conductance * part.length / n_atom
    haven = factor.scaled(rounded(free / collective))
    squares = np.array([[r[-1, q] for r in runs] for q in (0, 1)])
    plateau = [(hops / n_atom, slope) for hops, slope in zip(_lags(n_atom, hops_per_atom), slopes, strict=True)]
    return Tracer(factor, haven.scaled(region.diffusivity_cm2_s), haven, squares, plateau, undone)


def _lags(n_atom, hops_per_atom):
    """Hops of all atoms up to each time, list of int."""
    last = int(hops_per_atom * n_atom)
    return [int(last / LATER**k) for k in range(LAGS)][::-1]


def _followed(replica, unit, hops_per_atom, should_stop):
    """Follow the atoms of one replica to all lags; squares are of so many axial units.

    Returns
    -------
    squares : float array (LAGS, 2, GROUPS)
        Growth since the time before of Σz² and Σs² in each group of atoms.
    counts : float array (2, BLOCKS)
        Undone hops and all hops, in pieces of the time between the last two lags.
    """
    kernel, atoms = replica.kernel, np.flatnonzero(replica.started_on)
    bounds = [-(-len(atoms) * group // GROUPS) for group in range(GROUPS + 1)]
    groups = [atoms[slice(*pair)] for pair in pairwise(bounds)]
    squares, done = [np.zeros((2, GROUPS))], 0
    for until in _lags(len(atoms), hops_per_atom):
        counts = [(kernel.n_undone, kernel.n_event)]
        for number in np.diff(np.linspace(done, until, BLOCKS + 1).astype(int)):
            replica.run_events(int(number), should_stop)
            counts.append((kernel.n_undone, kernel.n_event))
        done = until
        walked, paced = kernel.displacements // unit, kernel.squared_steps // unit**2
        squares.append(np.array([[(walked[g] ** 2).sum(), paced[g].sum()] for g in groups], dtype=float).T)
    return np.diff(squares, axis=0), np.diff(np.array(counts, dtype=float), axis=0).T
