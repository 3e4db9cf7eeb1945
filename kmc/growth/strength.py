"""How strong small metal is: what slip of a plug has to overcome, and where an overpotential stands beside it.

Lithium pillars of 1 µm bear 105 MPa, and the strength goes as the width to the power -0.68; the same law gives about
1 MPa for a specimen of a millimetre, on which power-law creep was measured.
"""

from dataclasses import dataclass

PILLAR_MPa, PILLAR_NM, SIZE_EXPONENT = 105.0, 1000.0, -0.68
SPECIMEN_NM = 1e6  # of those on which power-law creep was measured


@dataclass(frozen=True)
class Strength:
    """A measured stress of lithium [MPa], and what it is."""

    stress_MPa: float
    what: str


MEASURED = (
    Strength(PILLAR_MPa, "strength of 1 µm pillars (Xu 2017)"),
    Strength(130.0, "largest stress at which whiskers grew (Zhang 2020)"),
    Strength(244.0, "largest yield stress of whiskers (Zhang 2020)"),
)


def strength_MPa(width_nm):
    """Strength of metal so wide [MPa], carried on from that of pillars."""
    return PILLAR_MPa * (width_nm / PILLAR_NM) ** SIZE_EXPONENT


def strengthening(width_nm):
    """Strength over that of a specimen of a millimetre."""
    return (width_nm / SPECIMEN_NM) ** SIZE_EXPONENT


def standing(pressure_MPa, width_nm):
    """Where a pressure stands beside what was measured, in a sentence."""
    known = [*MEASURED, Strength(strength_MPa(width_nm), f"strength carried on from pillars to {width_nm:g} nm")]
    below = [f"{each.stress_MPa:.0f} MPa, {each.what}" for each in known if each.stress_MPa <= pressure_MPa]
    above = [f"{each.stress_MPa:.0f} MPa, {each.what}" for each in known if each.stress_MPa > pressure_MPa]
    parts = [f"{word} {'; '.join(group)}" for word, group in (("above", below), ("below", above)) if group]
    return f"eU/Ω is {pressure_MPa:.0f} MPa: {', and '.join(parts)}."
