"""Which command of growth a case asks for, and why another one refuses it."""

from coble.models.tubule import unbuildable

WHY_MEANT = {
    "cycle": "growth.cycles is not 0",
    "strip": "growth.overpotential_V, or the first of growth.steps_V, is negative",
    "plate": "growth.overpotential_V, or the first of growth.steps_V, is positive, and growth.cycles is 0",
}


def command_for(case):
    """`plate`, `strip` or `cycle`; None for a case without growth."""
    growth = case.growth
    if not case.grows:
        return None
    drive = growth.steps_V[0] if growth.steps_V else growth.overpotential_V
    return "cycle" if growth.cycles else "strip" if drive < 0 else "plate"


def refusals(case, command):
    """Why a command of growth refuses a case before any work, list of str."""
    meant = command_for(case)
    if meant not in (None, command):
        return [f"is a case for `coble {meant}`: {WHY_MEANT[meant]}"]
    if len(case.wall) > 1:
        return [f"wall: metal grows into a tubule with one wall, got {len(case.wall)}: leave one"]
    reason = unbuildable(case, case.growth.depth_nm)
    return [reason] if reason else []
