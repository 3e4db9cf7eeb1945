"""How full sites are at equilibrium: site energies and mean occupancies become an occupancy of every site.

Sites that bonds join share one chemical potential μ, and x_i = 1 / (1 + exp[(E_i - μ) / k_B T]).  So one mean
occupancy is free in each connected part of a lattice, and all others follow from the barriers.

- No region stated there: the mean of all sites of the part is that of the lattice, ½ unless given.
- One region stated: it sets μ.
- Several stated: they must fit the barriers as well as the balance must close; μ gives them their number together.
"""

import numpy as np

from coble.kmc.constants import BOLTZMANN_EV_K

SAME = 1e-9  # energies in k_B T, or logarithms of rates, that differ by less are the same


class Contradiction(ValueError):
    """Mean occupancies of two regions that the barriers do not allow together."""


def snapped(values):
    """Values that differ by rounding only made the same: of every run of close ones, the lowest; float array."""
    return values[lowest_alike(values)]


def lowest_alike(values):
    """Index of the lowest of those values that differ from each by rounding only, int array.

    What is close to what is close is close, too: all of a run have one.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    with np.errstate(invalid="ignore"):  # the logarithm of 0 less itself
        new = np.append(True, ~((np.diff(ordered) <= SAME) | (ordered[1:] == ordered[:-1])))[: len(ordered)]
    found = np.empty_like(order)
    found[order] = order[new][np.cumsum(new) - 1]
    return found


def site_occupancies(lattice, energy_eV, component, *, temperature_K, stated=None, mean=0.5, tolerance_eV=1e-3):
    """Equilibrium occupancy of every site.

    Parameters
    ----------
    lattice : Lattice
    energy_eV : float array (n_site,)
    component : int array (n_site,)
        Number of the connected part of every site.
    temperature_K : float
    stated : dict of int → float, optional
        Mean occupancy of regions, in (0, 1); of each part of a region that falls into several.
    mean : float
        Mean occupancy of parts in which no region is stated.
    tolerance_eV : float
        By how much chemical potentials of stated regions may differ [eV]; a few per cent of the occupancy.

    Returns
    -------
    float array (n_site,)

    Raises
    ------
    Contradiction
        For stated occupancies that the barriers exclude.
    ValueError
        For an occupancy that does not lie between 0 and 1.
    """
    stated = dict(stated or {})
    for name, x in [("mean", mean), *((lattice.regions[region], x) for region, x in stated.items())]:
        if not 0 < x < 1:
            raise ValueError(f"occupancy of {name!r} must lie between 0 and 1, got {x!r}")
    kT = BOLTZMANN_EV_K * temperature_K
    # Sites of equal part, region and energy are one group: few, however many sites there are.
    energy = snapped(energy_eV / kT)
    keys = np.column_stack([component.astype(float), lattice.region, energy])
    kinds, group, size = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    part, region, energy = kinds[:, 0].astype(np.int64), kinds[:, 1].astype(np.int64), kinds[:, 2]
    wanted = np.array([stated.get(index, np.nan) for index in range(lattice.n_region)])[region]
    _refuse_contradictions(lattice, part, region, energy, size, wanted, tolerance_eV / kT)
    named = ~np.isnan(wanted)
    free = ~np.isin(part, part[named])
    counted = named | free
    level = chemical_potentials(part[counted], energy[counted], size[counted], np.where(named, wanted, mean)[counted])
    log_odds = snapped(level[part] - energy)
    return (1 / (1 + np.exp(-log_odds)))[group.ravel()]


def chemical_potentials(part, energy, size, wanted):
    """Chemical potential of every part [k_B T], at which groups of sites hold as many atoms as they are to.

    Parameters
    ----------
    part : int array (n_group,)
    energy : float array (n_group,)
        [k_B T]
    size : int array (n_group,)
        Sites of each group.
    wanted : float array (n_group,)
        Mean occupancy; what counts is the sum over a part.

    Returns
    -------
    float array (largest part + 1,)
    """
    n_part = int(part.max(initial=-1)) + 1
    filled, sites = np.bincount(part, size * wanted, n_part), np.bincount(part, size, n_part)
    with np.errstate(invalid="ignore", divide="ignore"):  # parts without groups
        odds = np.log(filled / (sites - filled))
    low, high = np.full(n_part, np.inf), np.full(n_part, -np.inf)
    np.minimum.at(low, part, energy)
    np.maximum.at(high, part, energy)
    low, high = low + odds, high + odds  # as if all sites were the lowest, or the highest
    for _ in range(80):  # halvings, down to rounding
        middle = (low + high) / 2
        held = np.bincount(part, size / (1 + np.exp(np.clip(energy - middle[part], -700, 700))), n_part)
        low, high = np.where(held < filled, middle, low), np.where(held < filled, high, middle)
    return (low + high) / 2


def _refuse_contradictions(lattice, part, region, energy, size, wanted, tolerance):
    """Raise Contradiction where stated regions of one part have different chemical potentials [k_B T]."""
    named = np.flatnonzero(~np.isnan(wanted))
    pairs, number = np.unique(np.column_stack([part, region])[named], axis=0, return_inverse=True)
    number = number.ravel()
    level = chemical_potentials(number, energy[named], size[named], wanted[named])
    lowest, highest = np.full(int(part.max(initial=-1)) + 1, np.inf), np.full(int(part.max(initial=-1)) + 1, -np.inf)
    np.minimum.at(lowest, pairs[:, 0], level)
    np.maximum.at(highest, pairs[:, 0], level)
    for first in np.flatnonzero(highest - lowest > tolerance)[:1]:
        same = np.flatnonzero(pairs[:, 0] == first)
        low, high = same[np.argmin(level[same])], same[np.argmax(level[same])]
        here = number == high
        would = np.average(1 / (1 + np.exp(energy[named][here] - level[low])), weights=size[named][here])
        a, b = (lattice.regions[pairs[each, 1]] for each in (low, high))
        stated = [float(wanted[named][number == each][0]) for each in (low, high)]
        raise Contradiction(
            f"occupancies contradict the barriers: with {stated[0]:g} in '{a}' the barriers give {would:.4g} in '{b}', "
            f"but {stated[1]:g} is stated; leave one of them out, or change a barrier"
        )
