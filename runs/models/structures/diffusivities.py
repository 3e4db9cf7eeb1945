"""Diffusivities of the regions of a structure at a temperature."""

from coble.kmc.rates.materials import Diffusivity
from coble.models.structures.fault import StructureFault


def diffusivities(region, temperature_K, path):
    """Diffusivity along the axis, or along and across it, at a temperature [cm²/s], list of float.

    Parameters
    ----------
    region : coble.inputs.structures.sections.RegionSection
    temperature_K : float
    path : tuple
        Of the section, for messages.

    Raises
    ------
    StructureFault
        Where the activation energy is wanted and missing.
    """
    if region.activation_energy_eV is None and region.at_K != temperature_K:
        raise StructureFault(
            (*path, "activation_energy_eV"),
            f"is missing: the diffusivity is known at {region.at_K:g} K and is wanted at {temperature_K:g} K",
        )
    values = region.diffusivity_cm2_s
    values = values if isinstance(values, tuple) else (values,)
    return [Diffusivity(each, region.activation_energy_eV, region.at_K, "").at(temperature_K) for each in values]
