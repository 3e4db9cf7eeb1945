"""A wall that fills as metal grows: its sites, how full they are at the start, and how long they take.

Sites of one energy are lanes along the axis, side by side round the tubule, in the order of their energies.  An
open-circuit curve does not say how they are arranged.  In lanes atoms move among equals, and the wall's chemical
diffusivity is about the same at every lithiation; at random, every deep site would be a trap for the others, and the
wall would fill from the root like sand, at the potential of the metal.
"""

from dataclasses import replace

import numpy as np

from coble.kmc.growth.current import atoms_per_s
from coble.kmc.growth.law import response
from coble.kmc.rates.site_energies import site_energies
from coble.lattices import Region
from coble.lattices.tubules.lanes import lanes
from coble.models.tubules.tubule import NM

PA = 1e-12


def wall_sites(case):
    """`SiteEnergies` of a case's wall, or None where it does not fill."""
    curve = case.wall[0].ocv_V
    return site_energies(curve, case.conditions.temperature_K) if curve else None


def built_wall(case):
    """The wall as it is built: where it fills, so dense in sites that it holds its lithium where its curve ends."""
    wall, sites = case.walls[0], wall_sites(case)
    return replace(wall, concentration_cm3=wall.concentration_cm3 * sites.sites_per_atom) if sites else wall


def levels(graph, sites):
    """Which of its energies every wall site has, int array (n_site,), 0 elsewhere; None for a wall that stays full."""
    if sites is None:
        return None
    found, wall = np.zeros(graph.n_site, dtype=int), np.flatnonzero(graph.region == Region.WALL)
    found[wall] = lanes(graph, wall, sites.counts(len(wall)))
    return found


def filled_at_start(graph, case, model, level):
    """Chance that every channel and wall site is full at the start, float array (n_site,).

    They are in equilibrium with metal.  With `steady_channel` those beside it are as a steady current leaves them: the
    channel's occupancy falls evenly from the root to the tip, and the wall has its potential.  A wall that fills is at
    its lithiation instead, and so is the channel where there is no metal.
    """
    found = np.where(graph.region == Region.WALL, model.wall_occupancy, model.channel_occupancy)
    if case.growth.steady_channel:
        x, drive = model.channel_occupancy, case.growth.overpotential_V / model.kT_eV
        way = np.clip(1 - graph.z / (case.growth.metal_to_nm * NM), 0.0, 1.0)
        rho = x + x * (1 - x) * response(x, drive) * way
        full, empty = found * rho * (1 - x), (1 - found) * (1 - rho) * x  # at the channel's potential
        return full / (full + empty)
    if sites := model.wall_sites:
        volts, wall = sites.potential_at(case.wall[0].lithiation or 0.0), graph.region == Region.WALL
        found[wall] = sites.filled(volts)[level[wall]]
        if not case.growth.metal_to_nm:
            x = model.channel_occupancy
            found[~wall] = x / (x + (1 - x) * np.exp(min(volts / model.kT_eV, 700.0)))
    return found


def odds_at_coexistence(model, region, level):
    """x / (1 - x) of channel and wall sites in equilibrium with metal, float array (n,).

    Parameters
    ----------
    model : BondModel
    region, level : int arrays (n,)
        `level` may be None where the wall does not fill.
    """
    x = np.where(region == Region.WALL, model.wall_occupancy, model.channel_occupancy)
    if level is None:
        return x / (1 - x)
    # One number for each energy: sites that are alike are found by it.
    return np.where(region == Region.WALL, np.exp(-model.wall_sites.energy_kT)[level], x / (1 - x))


def filling_s(steps, case, growth):
    """Time that the first current which plates takes to fill the wall [s]; 0 where it does not fill."""
    currents = [step.current_pA for step in steps if (step.current_pA or 0.0) > 0]
    if growth.model.wall_sites is None or not currents:
        return 0.0
    capacity = np.count_nonzero(growth.graph.region == Region.WALL) / growth.model.wall_sites.sites_per_atom
    return (1 - (case.wall[0].lithiation or 0.0)) * capacity / atoms_per_s(currents[0] * PA)
