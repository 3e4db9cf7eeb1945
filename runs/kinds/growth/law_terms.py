"""The growth law of a run with its optional terms: what channel and wall store, and the tip's measured potential."""

import numpy as np

from coble.kinds.growth.run import law_applies
from coble.kmc.growth.extended_law import Terms
from coble.lattices import Region

ENDS_NM = 1.0  # of the channel under metal, left out where its occupancy is extrapolated to the tip
LEAST_BINS = 5  # of the channel under metal, of all records together


def terms_of(growth, tip_kT=0.0, ahead_lithiation=1.0):
    """`Terms` of a `Growth` that plates.

    Parameters
    ----------
    growth : coble.kmc.growth.growth.Growth
    tip_kT : float
        Potential of the tip [k_B T].
    ahead_lithiation : float
        Of a wall that fills, where the tip has not been.
    """
    model, of_region = growth.model, np.bincount(growth.graph.region, minlength=len(Region))
    metal = np.count_nonzero((growth.graph.region == Region.BULK) & (growth.graph.bore >= 0))
    wall, sites = {}, model.wall_sites
    if sites:
        wall = {
            "wall": of_region[Region.WALL] / sites.sites_per_atom / metal,
            "root_lithiation": sites.lithiation(-growth.overpotential_V),
            "tip_lithiation": sites.lithiation(-tip_kT * model.kT_eV),
            "ahead_lithiation": ahead_lithiation,
        }
    drive = growth.overpotential_V / model.kT_eV
    ahead = {"ahead": tip_kT} if growth.graded else {}  # a channel that is not frozen follows the tip
    return Terms(model.channel_occupancy, drive, tip_kT, channel=of_region[Region.INTERFACE] / metal, **ahead, **wall)


def tip_potential_kT(front_nm, channel, occupancy):
    """Potential of the tip [k_B T], from the occupancy of the channel under metal, carried on to the tip.

    The profile is a parabola in 1 - z / L when the root has a potential, for it keeps its ends; its slope against
    L - z stays when the root has a current.  So ρ is fitted by ρ_tip + a (L - z) + b (1 - z / L) + c (1 - z / L)²: of
    one parabola alone ρ_tip comes out 0.007 too high at constant current.

    Parameters
    ----------
    front_nm : float array (n,)
        The tip in some records.
    channel : float array (n, n_bin)
        Occupancy of the channel along the axis in the same, in bins of 1 nm.
    occupancy : float
        x of the channel at coexistence.

    Returns
    -------
    float or None
        None where there is too little channel under metal, or where it is full or empty up to the tip.
    """
    z = np.arange(channel.shape[1]) + 0.5
    under = (z > ENDS_NM) & (z < front_nm[:, None] - ENDS_NM)
    behind = (front_nm[:, None] - z)[under]
    part = behind / np.broadcast_to(front_nm[:, None], under.shape)[under]
    if len(np.unique(part)) < LEAST_BINS:
        return None
    profile = np.column_stack([np.ones(len(part)), behind, part, part**2])
    tip = float(np.linalg.lstsq(profile, channel[under], rcond=None)[0][0])
    if not 0 < tip < 1:
        return None
    return float(np.log(tip * (1 - occupancy) / (1 - tip) / occupancy))


def extended_law(run):
    """B with what channel and wall store, and with the measured potential of the tip, too, as `law` of result.json.

    Parameters
    ----------
    run : coble.kinds.growth.run.Plating

    Returns
    -------
    dict
        b_stored_nm2_s, tip_V, b_extended_nm2_s : float; the last two None where the tip's potential is not known, the
        last one also where it is not below that of the root: nothing drives the metal then.
        Empty where metal does not plate inside of a tubule at one overpotential.
    """
    growth, b = run.growth, run.law["b_nm2_s"]
    if run.case.growth.space_nm or not law_applies(run.case.growth.model_dump()):
        return {}
    ahead = run.case.wall[0].lithiation or 0.0
    front, channel = np.array(run.series.front_nm), np.array(run.series.channel)
    late = front > front[-1] / 2
    tip = tip_potential_kT(front[late], channel[late], growth.model.channel_occupancy) if late.any() else None
    tip_V = tip * growth.model.kT_eV if tip is not None else None
    driven = tip is not None and tip_V < growth.overpotential_V
    return {
        "b_stored_nm2_s": b * terms_of(growth, 0.0, ahead).storage,
        "tip_V": tip_V,
        "b_extended_nm2_s": b * terms_of(growth, tip, ahead).factor if driven else None,
    }
