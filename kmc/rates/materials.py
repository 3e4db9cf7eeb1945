"""Metals and walls: measured diffusivities, concentrations and melting points, each with its source.

Every diffusivity is stored at 300 K [cm²/s] and carried to another temperature by an Arrhenius law
through that point.  Where no activation energy is known (the walls) none is invented.

Sources
-------
Chen 2020 : Y. Chen et al., Nature 578, 251 (2020), Methods "Quantitative analysis".
Gjostein 1973 : N. A. Gjostein, in Diffusion (ASM, 1973); slopes of the low-temperature branches.
Yoon 2023 : S. Yoon, Sulaimon, D. J. Siegel, J. Mater. Chem. A (2023), 10.1039/d3ta03814a; 55 grain boundaries of Li.

Ranges marked "general knowledge" have no single source: they are what the literature as a whole leaves open.
"""

from dataclasses import dataclass, field

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.digits import exp
from coble.kmc.knowledge.priors import LogNormal, LogUniform, Uniform

REFERENCE_K = 300.0  # the paper's "room temperature": only 300 K gives its T/T_M = 0.66

# D = 0.014 cm²/s exp(-6.54 T_M/T): surface self-diffusion of metals; eq. (4) of Chen 2020, after Gjostein 1973.
SURFACE_PREFACTOR_CM2_S = 0.014
SURFACE_SLOPE = 6.54
SURFACE_FACTOR = 2.3  # eq. (4) is so much too high for Sn, the one metal for which Chen 2020 verified it
# Slope of Gjostein's fit for fcc grain boundaries, used for the metal/wall interface: E = 8.9 k_B T_M.
INTERFACE_SLOPE = 8.9


@dataclass(frozen=True)
class Diffusivity:
    """A diffusion coefficient at a reference temperature, and how it moves with temperature.

    Attributes
    ----------
    value_cm2_s : float
        D at `at_K` [cm²/s].
    activation_energy_eV : float or None
        Arrhenius slope [eV]; None when unknown, and then D is known at `at_K` only.
    at_K : float
        Temperature of `value_cm2_s` [K].
    source : str
        Where the numbers come from.
    prior, energy_prior : prior of `coble.kmc.knowledge.priors`, or None
        What is known of D at `at_K`, and of the slope; None for a number that is taken as exact.
    """

    value_cm2_s: float
    activation_energy_eV: float | None
    at_K: float = REFERENCE_K
    source: str = "given by the user"
    prior: object = None
    energy_prior: object = None

    def at(self, temperature_K):
        """D [cm²/s] at `temperature_K`; ValueError when that needs an unknown activation energy."""
        if temperature_K == self.at_K:
            return self.value_cm2_s
        if self.activation_energy_eV is None:
            raise ValueError(f"no activation energy to carry D from {self.at_K:g} K to {temperature_K:g} K")
        inverse = 1.0 / temperature_K - 1.0 / self.at_K
        return self.value_cm2_s * exp(-self.activation_energy_eV / BOLTZMANN_EV_K * inverse)


def surface_diffusivity(melting_K):
    """Free-surface self-diffusion of a metal that melts at `melting_K` [K]: eq. (4) of Chen 2020."""
    return Diffusivity(
        SURFACE_PREFACTOR_CM2_S * exp(-SURFACE_SLOPE * melting_K / REFERENCE_K),
        SURFACE_SLOPE * BOLTZMANN_EV_K * melting_K,
        source="eq. (4) of Chen 2020: 0.014 exp(-6.54 T_M/T) cm2/s; off by about 2 for Sn",
        prior=LogNormal(
            SURFACE_PREFACTOR_CM2_S * exp(-SURFACE_SLOPE * melting_K / REFERENCE_K),
            SURFACE_FACTOR,
            "eq. (4) of Chen 2020 is 2.3 times too high for Sn, the one metal used to verify it",
        ),
    )


@dataclass(frozen=True)
class Metal:
    """A bcc metal: lattice constant [Å], melting point [K], g/mol, and its bulk and interface diffusivities.

    `interface_priors` has what else may be believed of the interface at 300 K, by name; "paper" is its own prior.
    """

    species: str
    lattice_constant_A: float
    melting_K: float
    molar_mass_g_mol: float
    bulk: Diffusivity
    interface: Diffusivity
    interface_priors: dict = field(default_factory=dict, hash=False)

    def interface_prior(self, name):
        """What is believed of the interface by name, or None."""
        return self.interface.prior if name == "paper" else self.interface_priors.get(name)

    @property
    def atomic_volume_A3(self):
        """Volume per atom, a³/2 [Å³]."""
        return self.lattice_constant_A**3 / 2

    @property
    def concentration_cm3(self):
        """Atoms per volume [cm⁻³]."""
        return 1e24 / self.atomic_volume_A3

    @property
    def surface(self):
        return surface_diffusivity(self.melting_K)


@dataclass(frozen=True)
class Wall:
    """A mixed conductor: Li concentration [cm⁻³] (0: takes none) and Li diffusivity (None: takes none)."""

    name: str
    concentration_cm3: float
    diffusivity: Diffusivity | None


INTERFACE_PRIORS = ("paper", "grain-boundaries")
COVERAGE = LogUniform(0.3, 1.0, "general knowledge: nothing measured; the void experiment depends on it")
OCCUPANCY = Uniform(0.1, 0.9, "general knowledge: carriers may be atoms or vacancies, nothing measured")

LI_MELTING_K = 453.69
NA_MELTING_K = 370.95

METALS = {
    "Li": Metal(
        "Li",
        (2 * 21.6) ** (1 / 3),  # Ω = 21.6 Å³ (Chen 2020): a = 3.509 Å
        LI_MELTING_K,
        6.94,
        Diffusivity(
            4.0e-11,
            0.53,
            source="NMR, ref. 35 of Chen 2020; slope 0.50-0.57 eV in the literature",
            prior=LogUniform(4e-11, 8e-11, "NMR, ref. 35 of Chen 2020, to twice that by tracer data"),
            energy_prior=Uniform(0.50, 0.57, "general knowledge"),
        ),
        Diffusivity(
            2.0e-7,
            INTERFACE_SLOPE * BOLTZMANN_EV_K * LI_MELTING_K,
            source="ref. 38 of Chen 2020; slope 8.9 k T_M, Gjostein 1973; plausible range 4e-8 to 7e-7",
            prior=LogUniform(4e-8, 7e-7, "Chen 2020: a few times below the surface's; low end 1,000 times bulk"),
            energy_prior=Uniform(0.26, 0.40, "general knowledge, round 8.9 k T_M of Gjostein 1973"),
        ),
        {"grain-boundaries": LogUniform(4e-8, 4e-5, "Yoon 2023: 1e3 to 1e6 times bulk, by molecular dynamics")},
    ),
    "Na": Metal(
        "Na",
        4.291,
        NA_MELTING_K,
        22.990,
        Diffusivity(
            6.0e-9,
            0.453,
            source="tracer data of Nachtrieb (0.242 exp(-10450 cal/RT)) and Mundy: 5.9e-9 to 6.5e-9 at 300 K",
            prior=LogUniform(5.9e-9, 6.5e-9, "tracer data of Nachtrieb and Mundy"),
        ),
        Diffusivity(
            surface_diffusivity(NA_MELTING_K).value_cm2_s * 2 / 7,
            INTERFACE_SLOPE * BOLTZMANN_EV_K * NA_MELTING_K,
            source="eq. (4) of Chen 2020 for Na, times the ratio 2/7 of interface to surface that it uses for Li",
            prior=LogUniform(
                surface_diffusivity(NA_MELTING_K).value_cm2_s * 2 / 7 * 0.2,
                surface_diffusivity(NA_MELTING_K).value_cm2_s,
                "as for Li: from a fifth of the nominal value to the surface's",
            ),
        ),
    ),
}

_TABLE_2 = "ref. 20 of Chen 2020, its table 2"


def _wall(name, concentration_cm3, value_cm2_s, said, low, high, why):
    """A wall of Chen 2020 with D [cm²/s] at 300 K and its range."""
    prior = LogUniform(low, high, f"{_TABLE_2}, {why}")
    found = Diffusivity(value_cm2_s, None, source=f"{_TABLE_2}{said}", prior=prior)
    return Wall(name, concentration_cm3, found)


WALLS = {
    wall.name: wall
    for wall in (
        _wall("LiC6", 1.65e22, 1e-8, ", conservative", 1e-8, 1e-7, "its two values"),
        _wall("LiC6-optimistic", 1.65e22, 1e-7, ", optimistic", 1e-8, 1e-7, "its two values"),
        _wall("Li9Al4", 4.0e22, 1e-9, "", 1e-10, 1e-8, "to a factor of ten: general knowledge"),
        _wall("Li22Si5", 5.3e22, 1e-11, "", 1e-13, 1e-9, "to a factor of a hundred: general knowledge"),
        Wall("inert", 0.0, None),
    )
}
PAPER_WALLS = ("LiC6", "LiC6-optimistic", "Li9Al4", "Li22Si5")
