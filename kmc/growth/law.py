"""How fast the tip of a plug moves that is fed along the tubule: L² = L₀² + 2 B t.

A path of conductance c D A_path along a plug of length L carries c D A_path · f / L atoms per time, where f is what the
carriers make of the drive eU / k_B T.  Each atom adds Ω to a bore of area A, so

    dL/dt = B / L,    B = c D A_path Ω f / A.

For the interface of a round bore, c Ω = 1: B = 4 D δ f / W.
"""

from math import exp

NM2_IN_A2 = 100.0  # 1 nm² in Å²


def response(occupancy, drive):
    """What the carriers make of a drive that ends at coexistence with metal: f = [ρ - x] / [x (1 - x)].

    ρ is the occupancy at the driven end.  f is `drive` where that is small (linear response), drive or not.  Dilute
    vacancies (x → 1) pass exp(drive) more when the metal is pulled out than when it is pushed in; dilute atoms
    (x → 0) the other way round.

    Parameters
    ----------
    occupancy : float
        x, of the channel's sites at coexistence, in (0, 1); 0 and 1 are the dilute limits.
    drive : float
        eU / k_B T, > 0 where metal is pushed in.
    """
    # The same written for all x in [0, 1]: ρ = x / (x + (1 - x) exp(-drive)).
    return (1 - exp(-drive)) / (occupancy + (1 - occupancy) * exp(-drive))


def growth_constant_nm2_s(volume_conductance, bore_area_A2, driven):
    """B of L² = L₀² + 2 B t [nm²/s].

    Parameters
    ----------
    volume_conductance : float
        c D A_path Ω [Å⁴/s], of all that feeds the tip.
    bore_area_A2 : float
        [Å²]
    driven : float
        `response` of the carriers; eU / k_B T in linear response.
    """
    return volume_conductance * driven / bore_area_A2 / NM2_IN_A2


def speed_nm_s(growth_constant_nm2_s, length_nm):
    """Speed of the tip of a plug [nm/s]."""
    return growth_constant_nm2_s / length_nm


def time_to_reach_s(growth_constant_nm2_s, length_nm, from_nm=0.0):
    """Time in which a plug grows from one length to another under a constant overpotential [s]."""
    return (length_nm**2 - from_nm**2) / (2 * growth_constant_nm2_s)
