"""Errors of a rate table as priors of the case that it makes: what a fit leaves open stays open.

A rate with an `uncertainty` is log-normal, an activation energy with one is normal, all together by their correlation.
One without is exact, but for rates that a fit could move and did not determine, and those that stay as they were: they
keep the range that the case had.
"""

from math import isclose

import numpy as np

from coble.inputs.numbers.section import ENERGY
from coble.inputs.numbers.uncertain import Uncertain
from coble.inputs.rate_table import AGREE, BARRIERS, INSIDE, SECTION
from coble.kmc.knowledge.priors import SameAs, joint, scaled

_SOURCE = "rate table"
ROUNDING = 1e-6  # of a number that was written to a file


def with_priors(data, case, rates, factors):
    """The data of a case that has the rates of a table, its diffusivities with their priors.

    Parameters
    ----------
    data : dict
        By section, with the diffusivities of the table.
    case : Case
        Without the table.
    rates : RateFile
    factors : dict of class → float
        By which the rates differ from those of the case.

    Returns
    -------
    dict
    """
    fitted = _fitted(data, rates)
    for name in INSIDE:
        section, own = _section(data, name), _known(case, name)
        if own is None or "diffusivity_cm2_s" not in section:
            continue
        value = section["diffusivity_cm2_s"]
        section.pop("prior", None)  # of the material's diffusivity, by name
        key = f"{SECTION[name]}.diffusivity_cm2_s"
        hop = rates.hop.get(name)
        if key in fitted:
            section["diffusivity_cm2_s"] = Uncertain(value, fitted[key])
        elif own.prior and (hop is None or hop.free or abs(factors.get(name, 1.0) - 1) < AGREE):
            there = own.at(case.conditions.temperature_K) / own.value_cm2_s
            prior = own.prior if isinstance(own.prior, SameAs) else scaled(own.prior, there)
            section["diffusivity_cm2_s"] = Uncertain(value, prior)
        energy = section.get("activation_energy_eV")
        if (key := f"{SECTION[name]}.activation_energy_eV") in fitted:
            section["activation_energy_eV"] = Uncertain(energy, fitted[key])
        elif own.energy_prior and energy and isclose(energy, own.activation_energy_eV, rel_tol=ROUNDING):
            section["activation_energy_eV"] = Uncertain(energy, own.energy_prior)
    return data


def _fitted(data, rates):
    """Priors of what has an uncertainty, diffusivities and activation energies together: dict of key → Joint."""
    names = [name for name in (*INSIDE, *BARRIERS) if rates.error_of(name) and _number(data, name) is not None]
    error = np.array([rates.error_of(name) for name in names])
    correlation = np.eye(len(names))
    given = rates.correlation
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            if given and a in given.names and b in given.names:
                correlation[i, j] = given.matrix[given.names.index(a)][given.names.index(b)]
    keys = ["{}.{}".format(SECTION[name.removesuffix(" barrier")], _key(name)) for name in names]
    values = [_number(data, name) for name in names]
    ends = {key: (ENERGY.low, ENERGY.high) for key, name in zip(keys, names, strict=True) if name in BARRIERS}
    medians = dict(zip(keys, map(float, values), strict=True))
    return joint(medians, correlation * np.outer(error, error), _SOURCE, ends) if names else {}


def _key(name):
    """Key of the number in a section of the case."""
    return "activation_energy_eV" if name in BARRIERS else "diffusivity_cm2_s"


def _number(data, name):
    """Diffusivity or activation energy in the data of a case; None without one."""
    return _section(data, name.removesuffix(" barrier")).get(_key(name))


def _section(data, name):
    """Section of a class in the data of a case, of the first wall; empty when it has none."""
    section = data.get(SECTION[name], {})
    return section[0] if isinstance(section, list | tuple) else section


def _known(case, name):
    return {
        "interface": case.interface_diffusivity,
        "surface": case.surface_diffusivity,
        "bulk": case.metal_diffusivity,
        "wall": case.walls[0].diffusivity,
    }[name]
