"""A wall that fills while tips grow: its carriers' response, and how much slower tips are that it takes atoms from."""

from coble.kmc.growth.extended_law import Terms
from coble.kmc.growth.law import response
from coble.kmc.rates.site_energies import site_energies


def wall_response(case, section, drive_kT):
    """What the carriers of a wall make of a drive, see `coble.kmc.growth.law.response`.

    Parameters
    ----------
    case : Case
    section : WallSection
    drive_kT : float
        eU / k_B T.
    """
    if section.ocv_V is None:
        return response(1 - section.vacancy_fraction, drive_kT)
    sites = site_energies(section.ocv_V, case.conditions.temperature_K)
    return sites.response(drive_kT * sites.kT_eV)


def filling_factor(case, wall, section, porosity, drive_kT):
    """B over that of a wall that is full from the start; 1 where the wall does not fill.

    Parameters
    ----------
    case : Case
    wall : coble.kmc.rates.materials.Wall
    section : WallSection
    porosity : float
        Part of the cross-section that is bore.
    drive_kT : float
        eU / k_B T.
    """
    if section.ocv_V is None:
        return 1.0
    sites = site_energies(section.ocv_V, case.conditions.temperature_K)
    held = wall.concentration_cm3 / case.metal_material.concentration_cm3 * (1 - porosity) / porosity
    return Terms(
        case.interface.occupancy,
        drive_kT,
        wall=held,
        root_lithiation=sites.lithiation(-drive_kT * sites.kT_eV),
        tip_lithiation=sites.lithiation(0.0),
        ahead_lithiation=section.lithiation or 0.0,
    ).storage
