"""What a run would be, said before it is run: its size, what to expect, and what is odd in its physics.

Sites and memory are estimated from areas and densities.
"""

from dataclasses import dataclass, field
from math import exp

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.growth.power_law_creep import pressure_MPa
from coble.models.tubules.tubule import BYTES_PER_SITE, memory_bytes, sites_by_wall
from coble.render.names import shape_name
from coble.render.numbers import rounded, typeset
from coble.render.printable import wrapped

INTERPRETER_BYTES = 250e6  # Python with its libraries, before any site
PRESSURE_MPa = 2000.0  # a wall that holds this is stronger than ceramics in tension
SATURATED = 0.99  # filling of the channel from which on a larger drive changes nothing
FAR = 1e3  # times more, or less, than what was measured: 1e4 is cm2 taken for m2


@dataclass
class Outlook:
    """`what` in a few words, facts as (name, value), and warnings."""

    what: str
    facts: list = field(default_factory=list)
    warnings: list = field(default_factory=list)

    def __str__(self):
        wide = max((len(name) for name, _ in self.facts), default=0)
        lines = [wrapped(f"  {name:{wide}}  {typeset(value)}", wide + 4) for name, value in self.facts]
        return "\n".join([wrapped(self.what), *lines, *(wrapped(typeset(warning)) for warning in self.warnings)])


def sizes(case, along=""):
    """Shape, sizes, walls and temperature in a line."""
    of, walls = case.tubule, ", ".join(wall.name for wall in case.wall)
    size = f"W = {of.inner_width_nm:g} nm, w = {of.wall_thickness_nm:g} nm{along}"
    return f"{shape_name(of.shape)}, {size}; {walls}; {case.conditions.temperature_K:g} K"


def tubule(case, grown=False):
    """Size of a tubule: pairs of (name, value)."""
    depth = case.growth.depth_nm if grown else None
    by_wall = sites_by_wall(case, depth)
    low, most = min(by_wall), max(by_wall)
    along = f"{depth:g} nm deep" if grown else f"a period of {case.tubule.segment_nm:g} nm"
    yield "tubule", sizes(case, f", {along}")
    need = most * BYTES_PER_SITE + INTERPRETER_BYTES
    several = f"{rounded(low, 2)} to " if low < 0.9 * most else ""
    sites = f"about {several}{rounded(most, 2)} sites"
    yield "size", f"{sites}, at most {need / 2**30:.1f} of {memory_bytes() / 2**30:.0f} GiB"


def drive(case, volts, key, found):
    """What an overpotential means: a pressure on the metal, and how full it makes the channel."""
    kT, x = BOLTZMANN_EV_K * case.conditions.temperature_K, case.interface.occupancy
    pressure = pressure_MPa(abs(volts), case.metal_material.atomic_volume_A3)
    species = case.metal_material.species
    found.facts.append(("drive", f"U = {volts:g} V: {pressure:.0f} MPa on {species}, eU = {abs(volts) / kT:.1f} k_BT"))
    if pressure > PRESSURE_MPa:
        found.warnings.append(
            f"{key} = {volts:g} V is a pressure of {pressure / 1000:.1f} GPa on {species}: more than a wall can hold "
            "(a volt on lithium is 7.4 GPa); is it in mV?"
        )
    filled = 1 / (1 + (1 - x) / x * exp(-volts / kT))
    if not 1 - SATURATED < filled < SATURATED:
        does = "fills" if volts > 0 else "empties"
        found.warnings.append(f"{key} = {volts:g} V {does} the channel ({filled:.1%}): a larger one is no faster")


def odd_rates(case):
    """Diffusivities in an order that no metal has."""
    at = case.conditions.temperature_K
    metal, interface, surface = (
        found.at(at) for found in (case.metal_diffusivity, case.interface_diffusivity, case.surface_diffusivity)
    )
    known = case.metal_material
    for name, value, usual in (
        ("metal", metal, known.bulk.at(at)),
        ("interface", interface, known.interface.at(at)),
        ("surface", surface, known.surface.at(at)),
    ):
        times = max(value / usual, usual / value)
        if times > FAR:
            yield (
                f"{name}.diffusivity_cm2_s: {value:.1e} at {at:g} K is {times:.0e} times "
                f"{'more' if value > usual else 'less'} than what was measured, {usual:.1e}: is it in cm2/s?"
            )
    if metal > interface:
        yield f"metal.diffusivity_cm2_s: faster ({metal:.1e}) than along the interface ({interface:.1e}) at {at:g} K"
    if interface > surface:
        yield f"interface.diffusivity_cm2_s: faster ({interface:.1e}) than on the surface ({surface:.1e})"
