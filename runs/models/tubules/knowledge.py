"""What is not known of a tubule: the priors of its numbers, and what its paths conduct for any values of them.

Numbers are named by their keys in a case file; those of the wall in question are "wall.…".  Conductances are c D A of
each path.  How a path answers to its neighbours, a per cent at most, is not here: see
`coble.kinds.discriminate.knowledge.shares`.
"""

from dataclasses import dataclass, replace

import numpy as np

from coble.inputs.numbers.uncertain import prior_of, ties_of
from coble.inputs.numbers.words import D, E
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.growth.law import response
from coble.kmc.knowledge.priors import SameAs, factors_of, followed, groups_of, values_at
from coble.kmc.network.continuum import c_d_a
from coble.kmc.rates.materials import COVERAGE, OCCUPANCY
from coble.lattices import make_shape
from coble.models.tubules.tubule import NM

SECTION = {"interface": "interface", "wall": "wall", "bulk": "metal", "surface": "surface"}  # of each path
OCCUPANCY_KEY = "interface.occupancy"


class Factors:
    """What follows from the `prior` of some numbers, a dict of key → prior of `coble.kmc.knowledge.priors`."""

    @property
    def factors(self):
        """Keys that are independent, tuple of str."""
        return factors_of(self.prior)

    @property
    def regions(self):
        """Names of the regions of a structure in the order of the case, tuple of str; empty for a tubule."""
        return tuple(each.name for each in self.case.region)

    def ties(self, key):
        """Other numbers of the case that are the same as one, list of str."""
        return list(ties_of(self.case).get(key, ()))

    def at(self, points):
        """Values at points of the unit cube, see `coble.kmc.knowledge.priors.values_at`."""
        return values_at(self.prior, points)

    def together(self, key):
        """Numbers that are correlated with one, if only by way of others, tuple of str in the order of `factors`."""
        (group,) = (each for each in groups_of(self.prior) if key in each)
        return tuple(other for other in self.factors if other in group and other != key)

    def moved(self, key, values):
        """Values when one number is varied: of all that are the same, and of those that are correlated with it as they
        most probably are then; dict of key → float array.
        """
        found = {key: values} | followed(self.prior, key, values)
        same = {other: prior.key for other, prior in self.prior.items() if isinstance(prior, SameAs)}
        return found | {other: found[key] for other, key in same.items() if key in found}


@dataclass(frozen=True)
class Unknowns(Factors):
    """The numbers of a tubule with one of the walls of a case.

    Attributes
    ----------
    case : Case
    wall : int
        Which of its walls.
    nominal : dict of key → float
    prior : dict of key → prior of `coble.kmc.knowledge.priors`
        Of those that are not known exactly.
    """

    case: object
    wall: int
    nominal: dict
    prior: dict

    def ties(self, key):
        own = f"wall[{self.wall + 1}]."
        named = f"{own}{key[5:]}" if key.startswith("wall.") else key
        return [other.replace(own, "wall.") for other in super().ties(named)]

    def diffusivity(self, path, values, temperature_K=None):
        """D of a path [cm²/s] at the temperature of the case, or another one; float or float array."""
        section, here = SECTION[path], temperature_K or self.case.conditions.temperature_K
        found, at_K = self._get(f"{section}.{D}", values), self.nominal[f"{section}.at_K"]
        if here == at_K:
            return found
        energy = self._get(f"{section}.{E}", values)
        return found * np.exp(-energy / BOLTZMANN_EV_K * (1 / here - 1 / at_K))

    def concentration(self, path, values):
        """Atoms per volume of a path [cm⁻³]."""
        if path == "surface" and "surface.coverage" in values:
            return values["surface.coverage"] * self.case.metal_material.concentration_cm3
        return self._get(f"{SECTION[path]}.concentration_cm3", values)

    def sizes(self, values, inner_width_nm=None):
        """(perimeter [Å], bore area [Å²], wall area [Å²]) of the cross-section, each a float or float array.

        `inner_width_nm` instead of the case's; an unknown width then keeps its ratio to the nominal one.
        """
        nominal = self.nominal["tubule.inner_width_nm"]
        part = (inner_width_nm or nominal) / nominal
        width = self._get("tubule.inner_width_nm", values) * part
        thickness = self._get("tubule.wall_thickness_nm", values)
        if np.ndim(width) == np.ndim(thickness) == 0:
            return _sizes(self.case.tubule, width, thickness)
        pairs = np.broadcast_arrays(width, thickness)
        return tuple(np.array([_sizes(self.case.tubule, *pair) for pair in zip(*pairs, strict=True)]).T)

    def conductances(self, values, temperature_K=None, inner_width_nm=None, paths=None):
        """c D A of every path [Å/s], dict of path → float or float array.

        Parameters
        ----------
        values : dict of key → float array
            Numbers that are not the nominal ones.
        temperature_K, inner_width_nm : float, optional
            Instead of the case's.
        paths : sequence of str, optional
            Default those of the case.
        """
        perimeter, bore, wall = self.sizes(values, inner_width_nm)
        shell = perimeter * self._get("interface.width_angstrom", values)
        area = {"interface": shell, "surface": shell, "bulk": bore, "wall": wall}
        return {
            path: c_d_a(self.diffusivity(path, values, temperature_K), self.concentration(path, values), area[path])
            for path in paths or self.paths
        }

    @property
    def paths(self):
        """Names of the paths of the case, tuple of str."""
        shell = ("surface",) if self.case.tubule.filling == "empty" else ("interface", "bulk")
        return (*shell, "wall") if f"wall.{D}" in self.nominal else shell

    def _get(self, key, values):
        return values.get(key, self.nominal.get(key))


def _sizes(tubule, width_nm, thickness_nm):
    shape = make_shape(
        tubule.shape, width_nm * NM, thickness_nm * NM, pore=tubule.pore, width=tubule.slab_width_nm * NM
    )
    return shape.perimeter, shape.bore_area, shape.wall_area


def unknowns_of(case, wall=0):
    """The `Unknowns` of a case with one of its walls.

    Parameters
    ----------
    case : Case
        Of a tubule.
    wall : int
        Index of the wall.
    """
    material, nominal, prior = case.walls[wall], {}, {}
    sources = {
        "metal": case.metal_diffusivity,
        "interface": case.interface_diffusivity,
        "surface": case.surface_diffusivity,
        "wall": material.diffusivity,
    }
    for name, found in sources.items():
        if found is None:
            continue
        nominal |= {f"{name}.{D}": float(found.value_cm2_s), f"{name}.at_K": found.at_K}
        if found.activation_energy_eV is not None:
            nominal[f"{name}.{E}"] = float(found.activation_energy_eV)
        for key, each in ((D, found.prior), (E, found.energy_prior)):
            if each is not None:
                prior[f"{name}.{key}"] = each
    sections = {
        "interface": case.interface,
        "surface": case.surface,
        "wall": case.wall[wall],
        "tubule": case.tubule,
        "slip": case.slip,
    }
    given = {f"{name}.{key}": value for name, section in sections.items() for key, value in section}
    prior |= {key: value.prior for key, value in given.items() if prior_of(value) is not None}
    keys = ("tubule.inner_width_nm", "tubule.wall_thickness_nm", "interface.width_angstrom", "interface.occupancy")
    nominal |= {key: float(given[key]) for key in keys}
    nominal |= {key: float(value) for key, value in given.items() if key.startswith("slip.")}
    nominal["metal.concentration_cm3"] = case.metal_material.concentration_cm3
    nominal["interface.concentration_cm3"] = float(case.interface_concentration_cm3)
    nominal["surface.concentration_cm3"] = float(case.surface_concentration_cm3)
    nominal["wall.concentration_cm3"] = float(material.concentration_cm3)
    nominal["surface.coverage"] = nominal["surface.concentration_cm3"] / nominal["metal.concentration_cm3"]
    if case.surface.concentration_cm3 is None and case.surface.coverage is None:
        prior["surface.coverage"] = COVERAGE
    if "occupancy" not in case.interface.model_fields_set:
        prior[OCCUPANCY_KEY] = OCCUPANCY
    return Unknowns(case, wall, nominal, dict(_untied(case, wall, prior)))


def _untied(case, wall, prior):
    """The same priors, with the wall in question called "wall"; what is tied to another wall has the prior of that."""
    stands = {}  # for a number of another wall: the first that is tied to it
    for key, each in prior.items():
        if not isinstance(each, SameAs):
            yield key, each
            continue
        other = each.key.replace(f"wall[{wall + 1}].", "wall.")
        if other in prior:
            yield key, SameAs(other, each.source)
        elif other in stands:
            yield key, SameAs(stands[other], each.source)
        elif other.startswith("wall["):
            number, name = other[5:].split("].")
            found = unknowns_of(case, int(number) - 1).prior.get(f"wall.{name}")
            if found is not None and not isinstance(found, SameAs):
                stands[other] = key
                yield key, found


def of_shares(unknowns):
    """Those of the `Unknowns` by which shares move: not energies at the temperature where D holds, nor other paths'."""
    return _with(unknowns, _of_shares(unknowns))


def of_currents(unknowns):
    """The same, and what moves the tip's speed alone: the occupancy of the interface, where there is a tip."""
    filled = unknowns.case.tubule.filling == "metal" and OCCUPANCY_KEY in unknowns.prior
    return _with(unknowns, [*_of_shares(unknowns), *[OCCUPANCY_KEY] * filled])


def _of_shares(unknowns):
    """Keys, list of str."""
    kept, of_path = [], {SECTION[path] for path in unknowns.paths}
    for key in unknowns.prior:
        section, name = key.split(".")
        if key == OCCUPANCY_KEY or section == "slip":
            continue
        if name == E and unknowns.case.conditions.temperature_K == unknowns.nominal[f"{section}.at_K"]:
            continue
        if section == "tubule" or key == "interface.width_angstrom" or section in of_path:
            kept.append(key)
    return kept


def _with(unknowns, kept):
    """Only some of the numbers; one that is the same as another that is left out stands for itself."""
    return replace(unknowns, prior=_standing(unknowns.prior, kept))


def _standing(prior, kept):
    found = {}
    for key in kept:
        each = prior[key]
        if isinstance(each, SameAs) and each.key not in kept:
            first = next((k for k, p in found.items() if p is prior[each.key]), None)
            found[key] = SameAs(first, each.source) if first else prior[each.key]
        else:
            found[key] = each
    return found


def rectification(occupancy, drive):
    """Speed over that of linear response of a channel that is driven by eU / k_B T: (eˣ - 1) / x (1 - p + p eˣ).

    (eˣ - 1)/x for few atoms, (1 - e⁻ˣ)/x for few vacancies: 3.06 and 0.44 at 50 mV and 300 K.
    """
    if not drive:
        return np.ones_like(occupancy)
    return response(occupancy, drive) / drive
