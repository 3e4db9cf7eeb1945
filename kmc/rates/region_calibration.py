"""Bonds of one region of any lattice from its diffusivity, on the graph that will run.

The region's own network, exchange closed, is to conduct c D A along the axis, with c its carriers per volume, x N /
(A L) for N sites of occupancy x in a cell of length L.  So D is the collective diffusivity per carrier, as in tubules
(`coble.kmc.rates.calibration`).  With a diffusivity across the axis, too, a bond at an angle θ to the axis conducts
g (cos²θ + r sin²θ), and g and r follow from the two.
"""

from math import exp, log

import numpy as np

from coble.kmc.constants import CM2_IN_A2
from coble.kmc.digits import SOLVED_BITS, rounded
from coble.kmc.network.exact import isolated
from coble.kmc.network.tensor import corrected, hop_vectors_A

NONE = 1e-9  # a conductance below this part of that of straight bonds is rounding
WIDEST = 1e9  # ratio of bonds across and along that is tried


class CannotCalibrate(ValueError):
    """A region whose network cannot have the diffusivity that it is to have."""


def region_bonds(lattice, region, occupancy, diffusivity_cm2_s, across_cm2_s=None):
    """Conductance of the bonds inside a region.

    Parameters
    ----------
    lattice : Lattice
    region : int
    occupancy : float
    diffusivity_cm2_s : float
        Along the axis, or in all directions.
    across_cm2_s : float, optional
        Across the axis; the mean of the directions in which the region goes on for ever.

    Returns
    -------
    edges : int array (n,)
        Directed edges inside the region.
    conductance : float array (n,)
        [1/s]

    Raises
    ------
    CannotCalibrate
        For a region that does not percolate along the axis by itself, or a ratio that its bonds cannot give.
    """
    name, count = lattice.regions[region], lattice.count(region)
    inside = (lattice.region[lattice.sources()] == region) & (lattice.region[lattice.target] == region)
    edges = np.flatnonzero(inside)
    straight = np.sum(lattice.steps_A[lattice.step_class[edges]] ** 2) / 2 / lattice.length
    wanted = occupancy * count * diffusivity_cm2_s * CM2_IN_A2 / lattice.length  # c D A [Å/s]
    if not len(edges) or not isolated(lattice, region) > NONE * straight:
        raise CannotCalibrate(
            f"the region '{name}' does not percolate along the axis by itself, so no diffusivity along it can be "
            f"given to it: give its hops a barrier, as [[barrier]] between ['{name}', '{name}']"
        )
    if across_cm2_s is None:
        return edges, np.full(len(edges), wanted / isolated(lattice, region))
    weight, along = _anisotropic(lattice, region, edges, across_cm2_s / diffusivity_cm2_s)
    return edges, weight * (wanted * lattice.length / along)


def _anisotropic(lattice, region, edges, ratio):
    """Weights of bonds whose network has this ratio of diffusivities across and along, and what it has along [Å²]."""
    from scipy.optimize import brentq  # a third of a second, and tubules have no use for it

    name, count = lattice.regions[region], lattice.count(region)
    number = np.cumsum(lattice.region == region) - 1
    source, target = number[lattice.sources()[edges]], number[lattice.target[edges]]
    vector = hop_vectors_A(lattice)[edges]
    square = (vector**2).sum(axis=1)
    cos2 = vector[:, 2] ** 2 / square

    def both(r):
        weight = cos2 + r * (1 - cos2)
        tensor = corrected(count, source, target, weight, vector).tensor
        across = np.linalg.eigvalsh(tensor[:2, :2])
        across = across[across > NONE * square.sum() * min(r, 1.0)]
        return weight, float(tensor[2, 2]), float(across.mean()) if len(across) else 0.0

    def off(log_r):
        _, along, across = both(exp(log_r))
        return log(across / along / ratio)

    if not both(1.0)[2]:
        raise CannotCalibrate(
            f"the region '{name}' goes on in no direction across the axis, so it has no diffusivity there: give one "
            "number"
        )
    low, high = -log(WIDEST), log(WIDEST)
    if not off(low) < 0 < off(high):
        _, along, across = both(exp(low if off(low) >= 0 else high))
        word = "least" if off(low) >= 0 else "most"
        raise CannotCalibrate(
            f"the bonds of the region '{name}' give {across / along:.4g} at {word} as the ratio of diffusivities "
            f"across and along the axis, got {ratio:.4g}: give [[barrier]] by direction instead"
        )
    # Rounded, as what was solved for hangs on the machine; bond by bond it would part bonds that are alike.
    weight, along, _ = both(rounded(exp(brentq(off, low, high, xtol=1e-10)), SOLVED_BITS))
    return weight, rounded(along, SOLVED_BITS)
