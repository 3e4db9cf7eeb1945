"""What a section leaves out: numbers that follow from the metal, or from the name of the wall."""

from dataclasses import replace

from coble.inputs.numbers.uncertain import prior_of
from coble.kmc.rates.materials import METALS, PAPER_WALLS, WALLS, Diffusivity, Wall

GIVEN = "given in the case file"  # source of a diffusivity that the user wrote


def known_walls(species):
    """Walls whose numbers hold for `species`: those of `WALLS` are for Li, so others have the inert one."""
    return {name: wall for name, wall in WALLS.items() if species == "Li" or wall.diffusivity is None}


def default_walls(species):
    """Names of the walls of a case that gives none."""
    known = known_walls(species)
    return [name for name in PAPER_WALLS if name in known] or list(known)


def _known_wall(species, section):
    """The wall that has the name of the section; without numbers when nobody knows it."""
    return known_walls(species).get(section.name, Wall(section.name, None, None))


def wall_concentration_cm3(species, section):
    """Atoms of the metal per volume of a wall [cm⁻³]; None when nothing says."""
    known, given = _known_wall(species, section), section.concentration_cm3
    return known.concentration_cm3 if given is None else given


def diffusivity(species, name, section):
    """Diffusivity of a section: as given, else the default, or None when there is neither.

    `name` says which section it is: "metal", "interface", "surface" or "wall".
    """
    metal, value, energy, at_K = METALS[species], section.diffusivity_cm2_s, section.activation_energy_eV, section.at_K
    if name == "wall":
        default = _known_wall(species, section).diffusivity
    else:
        default = {"metal": metal.bulk, "interface": metal.interface, "surface": metal.surface}[name]
    slope, of_slope = energy, prior_of(energy)
    if energy is None and default:
        slope, of_slope = default.activation_energy_eV, default.energy_prior
    if value is not None:
        return Diffusivity(value, slope, at_K, GIVEN, prior_of(value), of_slope)
    if default and name == "interface" and section.prior != "paper":
        default = replace(default, prior=metal.interface_prior(section.prior))
    if default and energy is not None:
        source = f"{default.source}; slope {GIVEN}"
        return replace(default, activation_energy_eV=energy, source=source, energy_prior=of_slope)
    return default
