"""The continuum: what each path would conduct if it were a homogeneous body (eqs. 2 and 3 of Chen 2020).

A path of diffusivity D, concentration c and cross-section A conducts G = (e² / k_B T) c D A along the axis, in
S·m: current times length over voltage.  The interface's cross-section is its perimeter times its width δ.
"""

from dataclasses import dataclass

from coble.kmc.constants import ANGSTROM_M, BOLTZMANN_EV_K, CM2_IN_A2, ELEMENTARY_CHARGE_C, PER_CM3_IN_PER_A3
from coble.lattices import Region


@dataclass(frozen=True)
class RegionTransport:
    """One path: what it is made of and how much of it there is.

    Attributes
    ----------
    kind : int
        Index of the region; a `Region` in tubules.
    diffusivity_cm2_s : float
        D at the temperature of the run.
    concentration_cm3 : float
        Li atoms per volume.
    area_A2 : float
        Cross-section per repeat unit [Å²].
    occupancy : float
        Equilibrium occupancy of its lattice sites, in (0, 1).
    name : str
        Of the region; that of the tubule's `Region` unless given.
    """

    kind: Region
    diffusivity_cm2_s: float
    concentration_cm3: float
    area_A2: float
    occupancy: float
    name: str = ""

    def __post_init__(self):
        if not self.name:
            object.__setattr__(self, "name", Region(self.kind).name.lower())

    @property
    def flux_conductance(self):
        """c D A [Å/s], see `c_d_a`."""
        return c_d_a(self.diffusivity_cm2_s, self.concentration_cm3, self.area_A2)


def c_d_a(diffusivity_cm2_s, concentration_cm3, area_A2):
    """c D A [Å/s]: atoms × length per time, per k_B T of driving energy per length; of numbers or arrays."""
    return concentration_cm3 * PER_CM3_IN_PER_A3 * (diffusivity_cm2_s * CM2_IN_A2) * area_A2


def siemens_metre(flux_conductance, temperature_K):
    """Turn c D A [Å/s] into an axial conductance [S·m]: times e² / k_B T."""
    return flux_conductance * ANGSTROM_M * ELEMENTARY_CHARGE_C / (BOLTZMANN_EV_K * temperature_K)


def conductivity_mS_cm(conductance_S_m, area_A2):
    """Conductance [S·m] over cross-section [Å²], in mS/cm."""
    return conductance_S_m / (area_A2 * ANGSTROM_M**2) * 10.0


def flux_conductance(conductance_S_m, temperature_K):
    """Turn an axial conductance [S·m] into c D A [Å/s]."""
    return conductance_S_m / siemens_metre(1.0, temperature_K)


def regions_of(shape, metal, interface, wall=None, *, bare=False):
    """Regions of a tubule from what fills each of them.

    Parameters
    ----------
    shape : Shape
    metal, wall : (diffusivity_cm2_s, concentration_cm3, occupancy) or None
        None (or `bare` for the metal) where there is none.
    interface : (diffusivity_cm2_s, concentration_cm3, occupancy, width_A)
        The shell: interface under metal, surface when `bare`.
    bare : bool
        True when the bore is empty.

    Returns
    -------
    dict of Region → RegionTransport
    """
    *shell, width = interface
    kind = Region.SURFACE if bare else Region.INTERFACE
    found = {kind: _region(kind, shell, shape.perimeter * width)}
    if not bare:
        found[Region.BULK] = _region(Region.BULK, metal, shape.bore_area)
    if wall is not None:
        found[Region.WALL] = _region(Region.WALL, wall, shape.wall_area)
    return dict(sorted(found.items()))


def _region(kind, material, area):
    diffusivity, concentration, occupancy = material
    return RegionTransport(kind, diffusivity, concentration, area, occupancy)


def shares(regions):
    """Share of each path in the current, paths in parallel: dict of Region → float."""
    conductance = {kind: region.flux_conductance for kind, region in regions.items()}
    total = sum(conductance.values())
    return {kind: value / total for kind, value in conductance.items()}


def wall_and_interface_conductivity_mS_cm(regions, wall_area_A2, temperature_K):
    """κ of wall and interface over the wall's cross-section [mS/cm]: eq. (3) for this shape."""
    along_wall = sum(region.flux_conductance for kind, region in regions.items() if kind != Region.BULK)
    return conductivity_mS_cm(siemens_metre(along_wall, temperature_K), wall_area_A2)
