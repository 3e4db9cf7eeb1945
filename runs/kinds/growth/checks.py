"""Checks of growth, made from the content of result.json alone."""

from dataclasses import replace

from coble.render.lights import AMBER, GREY, RED, Check, compared, stated
from coble.render.numbers import signed

LAW = 0.10  # part by which the law of growth may be off: docs/growth.md


def checks(content):
    """Atoms are conserved, and the law holds."""
    series, law = content["series"], content["law"]
    gained, given = series["atoms"][-1] - series["atoms"][0], series["inserted_minus_removed"][-1]
    yield stated(
        "no atom is lost or made",
        gained == given,
        f"change of the atoms {signed(gained)}, net from the electrolyte {signed(given)}",
    )
    b, what = content["fit"]["b_nm2_s"], "B of L² = L₀² + 2Bt against the channel's conductance, a law good to 10 %"
    if b and series["overpotential_V"][0] > 0:
        found = compared(what, b, law["b_nm2_s"], "nm²/s", spread=LAW * law["b_nm2_s"])
        # The law knows no capillarity: narrow tubules are off it for good reasons.
        yield replace(found, light=AMBER) if found.light == RED else found
    elif b:
        yield Check(what, GREY, unit="nm²/s", said="the metal surface slows stripping, which the law leaves out")
    piece = content["crystal"]["in_largest_piece"]
    if any(content["crystal"]["first_neighbours"]):
        said = f"{100 * piece:.1f} % of its atoms are in the largest piece"
        yield stated("the metal is one piece", piece > 0.95, said, AMBER)
    dropped = content["run"]["hops_dropped_below_1_s"]
    fastest = max(content["run"]["mobilities_1_s"].values())
    yield stated(
        "hops that were left out are too slow to matter",
        dropped < 1e-6 * fastest,
        f"those below {dropped:.2g} 1/s, the fastest path has {fastest:.2g} 1/s",
        AMBER,
    )
