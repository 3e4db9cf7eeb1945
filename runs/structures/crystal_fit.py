"""Which period of a tubule the real crystal of its wall fits."""

from math import ceil, floor

from coble.kmc.constants import PER_CM3_IN_PER_A3
from coble.lattices import PUBLISHED, bcc, common_period
from coble.models.tubules.tubule import NM
from coble.structures.wall_crystal import FITS, along

LONGEST = 4  # times the period of the case: beyond it the crystal had better be strained


def fitting_segment(case, wall, name):
    """The shortest period from that of a case up that a crystal repeats with, strained by `FITS` at most.

    Parameters
    ----------
    case : dict
        As resolved in the provenance of a result, see `coble.structures.export.case_of`.
    wall : str
        Name of one of its walls.
    name : str
        Of the crystal, one of `lattices.PUBLISHED`.

    Returns
    -------
    (float, float) or None
        `segment_nm` for a case [nm], and the strain with it; None when there is none up to `LONGEST` times as long.
    """
    metal = bcc(case["metal"]["lattice_constant_angstrom"], case["tubule"]["axis"])
    (density,) = (each["concentration_cm3"] for each in case["wall"] if each["name"] == wall)
    published, step = PUBLISHED[name], float(metal.lengths[2])
    fewest = ceil(case["tubule"]["segment_nm"] * NM / step - 1e-9)
    for n in range(fewest, LONGEST * fewest + 1):
        period = common_period(metal, density * PER_CM3_IN_PER_A3, (n - 0.5) * step)
        _, strain = along(published.axes, published.atoms().cell[:], period)
        if abs(strain) <= FITS:
            return floor(100 * period / NM) / 100, strain  # a case's segment is rounded up to whole cells
    return None
