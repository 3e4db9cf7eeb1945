"""What the numbers of a case are called in tables, figures and sentences, and in which unit they are printed.

A number has the name of its key in a case file; those of the wall in question are "wall.…".
"""

import re

D, E = "diffusivity_cm2_s", "activation_energy_eV"
WORDS = {
    "interface.diffusivity_cm2_s": ("D of the interface", "cm²/s"),
    "surface.diffusivity_cm2_s": ("D of the surface", "cm²/s"),
    "metal.diffusivity_cm2_s": ("D of the bulk", "cm²/s"),
    "wall.diffusivity_cm2_s": ("D of the wall", "cm²/s"),
    "interface.activation_energy_eV": ("activation energy of the interface", "eV"),
    "surface.activation_energy_eV": ("activation energy of the surface", "eV"),
    "metal.activation_energy_eV": ("activation energy of the bulk", "eV"),
    "wall.activation_energy_eV": ("activation energy of the wall", "eV"),
    "interface.width_angstrom": ("width of the interface", "Å"),
    "interface.concentration_cm3": ("concentration of the interface", "cm⁻³"),
    "interface.occupancy": ("occupancy of the interface", ""),
    "surface.concentration_cm3": ("concentration of the surface", "cm⁻³"),
    "surface.coverage": ("coverage of the bare wall", ""),
    "wall.concentration_cm3": ("concentration of the wall", "cm⁻³"),
    "tubule.inner_width_nm": ("inner width W", "nm"),
    "tubule.wall_thickness_nm": ("wall thickness w", "nm"),
    "wall[2].diffusivity_cm2_s": ("D of the second wall", "cm²/s"),
    "wall[2].activation_energy_eV": ("activation energy of the second wall", "eV"),
    "slip.strengthening": ("strengthening of narrow metal", ""),
    "void.exchange": ("exchange along the void", ""),
    "barriers.prefactor_1_s": ("prefactor of the table", "1/s"),
}
OF_STRUCTURES = {
    D: ("D of", "cm²/s"),
    E: ("activation energy of", "eV"),
    "occupancy": ("occupancy of", ""),
    "concentration_cm3": ("concentration of", "cm⁻³"),
    "barrier_eV": ("barrier of", "eV"),
    "prefactor_1_s": ("prefactor of", "1/s"),
    "rate_1_s": ("rate of", "1/s"),
}
NOT_SCALES = ("activation_energy_eV", "barrier_eV", "occupancy", "exponent")


def words_of(key, regions=()):
    """(name, unit) of a number; `regions` are the names of those of a structure, in the order of the case."""
    if key not in WORDS and (found := re.fullmatch(r"wall\[(\d+)\](\.\w+)", key)):
        name, unit = words_of(f"wall{found[2]}")
        return name.replace("the wall", f"wall {found[1]}"), unit
    if found := re.fullmatch(r"(region|barrier)\[(\d+)\]\.(\w+)", key):
        name, unit = OF_STRUCTURES.get(found[3], (found[3], ""))
        number = int(found[2])
        if found[1] == "region" and number <= len(regions):
            return f"{name} the {regions[number - 1]}", unit
        return f"{name} {'region' if found[1] == 'region' else 'rule'} {number}", unit
    return WORDS.get(key, (key, ""))


def is_scale(key):
    """Whether a number is varied by factors."""
    return not key.endswith(NOT_SCALES)
