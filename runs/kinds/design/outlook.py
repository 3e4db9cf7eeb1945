"""What a design would be."""

from coble.models.tubules.outlook import drive, odd_rates, sizes

DESIGN_S, DRAWN_PER_S = 1.0, 5e6  # a wall's design without its sample, and tubules that are drawn, on two cores


def outlook(job, name, found):
    """Add a cell of many tubules, which are drawn, to an `Outlook`."""
    case = job.content
    found.warnings += odd_rates(case)
    setup = case.design
    wanted = f"{setup.current_mA_cm2:g} mA/cm2, {setup.capacity_mAh_cm2:g} mAh/cm2, {setup.depth_um:g} um deep"
    seconds = len(case.wall) * (DESIGN_S + setup.samples / DRAWN_PER_S)
    found.facts += [("tubule", sizes(case)), ("cell", wanted)]
    found.facts.append(("draws", f"{setup.samples:.0e} of {setup.tubules:.0e} tubules per wall, about {seconds:.0f} s"))
    drive(case, setup.overpotential_V, "design.overpotential_V", found)
