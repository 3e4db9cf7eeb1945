"""From diffusivities to the hop rates of metal with bonds.

The channel's and the wall's bonds are calibrated on the graph that will run, like those of a driven segment
(`coble.kmc.rates.calibration`).  The metal's own rates follow from the bonds: atoms that diffuse on a face were lifted
from a kink first, and a bulk atom needs a vacancy.
"""

from coble.kmc.constants import CM2_IN_A2
from coble.kmc.digits import exp
from coble.kmc.rates.bonds import Mobilities
from coble.kmc.rates.calibration import calibrate
from coble.lattices import Region


def mobilities(periodic, regions, bare, model, lattice_constant_A):
    """Hop rates that give every path its diffusivity.

    Parameters
    ----------
    periodic : Lattice
        One period of the tubule with BULK, INTERFACE and WALL sites, before it is opened.
    regions : dict of Region → RegionTransport
        BULK, INTERFACE and, where the wall takes atoms, WALL.
    bare : RegionTransport
        The channel where no metal covers it; its kind is INTERFACE or SURFACE.
    model : BondModel
    lattice_constant_A : float

    Returns
    -------
    Mobilities
        metal_surface: D_s / a² n with n = exp[-(2 ε₁ + ε₂) / k_B T] the atoms per site that stand on a (110) terrace in
        equilibrium with kinks, so that mass transfer over terraces has the diffusivity D_s.
        bulk: D / a² x with x = exp[-(4 ε₁ + 3 ε₂) / k_B T] the vacancies per site.
    """
    channel = {kind: region for kind, region in regions.items() if kind != Region.BULK}
    found = calibrate(periodic, channel, dict.fromkeys(channel, lattice_constant_A))
    interface = found[Region.INTERFACE].bond_conductance
    per_a2 = CM2_IN_A2 / lattice_constant_A**2
    adatoms = exp(-(2 * model.first_eV + model.second_eV) / model.kT_eV)
    vacancies = exp(-model.kink_eV / model.kT_eV)
    return Mobilities(
        bulk=regions[Region.BULK].diffusivity_cm2_s * per_a2 / vacancies,
        metal_surface=bare.diffusivity_cm2_s * per_a2 / adatoms,
        interface=interface,
        surface=interface * bare.flux_conductance / regions[Region.INTERFACE].flux_conductance,
        wall=found[Region.WALL].bond_conductance if Region.WALL in found else 0.0,
    )
