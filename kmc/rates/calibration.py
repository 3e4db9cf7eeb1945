"""From a diffusivity to a bond conductance, on the graph that will run.

A one-atom shell of a bcc lattice round a cylinder is a crooked network, so Γ = D/a² is wrong for it.  Each region's
own network is solved with unit bonds; its bonds are then scaled so that the region conducts c D A, its continuum
value.  For the interface A = perimeter × δ: the product D·δ is preserved, not D.
"""

from dataclasses import dataclass

from coble.kmc.constants import CM2_IN_A2
from coble.kmc.network.exact import isolated


@dataclass(frozen=True)
class Calibration:
    """The bonds of one region.

    Attributes
    ----------
    bond_conductance : float
        g [1/s]: exchange rate of a bond at equilibrium, for carriers that never block each other.
    factor : float
        g a² / D, with a the lattice constant of bulk (1 for an infinite bcc crystal of the metal).
    alone : float
        Axial conductance of the region by itself, c D A [Å/s].
    """

    bond_conductance: float
    factor: float
    alone: float


def calibrate(graph, regions, lattice_constants_A, unit_of=isolated):
    """Bond conductances that give every region its continuum conductance.

    Parameters
    ----------
    graph : Lattice
    regions : dict of Region → RegionTransport
    lattice_constants_A : dict of Region → float
        a of each region's bcc lattice [Å], for the printed factor.
    unit_of : callable (graph, region)
        What a region conducts by itself with unit bonds [Å]: where that may be known already.

    Returns
    -------
    dict of Region → Calibration

    Raises
    ------
    ValueError
        For a region that does not conduct along the axis (no sites, or no connected path).
    """
    found = {}
    for kind, region in regions.items():
        unit = unit_of(graph, kind) if graph.count(kind) else 0.0
        if not unit > 1e-9 * region.area_A2 / lattice_constants_A[kind]:
            raise ValueError(f"the {region.name} has no connected path along the axis: make the tubule larger")
        g = region.flux_conductance / unit
        factor = g * lattice_constants_A[kind] ** 2 / (region.diffusivity_cm2_s * CM2_IN_A2)
        found[kind] = Calibration(g, factor, region.flux_conductance)
    return found


def bond_of(factor, diffusivity_cm2_s, lattice_constant_A):
    """Bond conductance [1/s] that a printed `Calibration.factor` stands for."""
    return factor * diffusivity_cm2_s * CM2_IN_A2 / lattice_constant_A**2
