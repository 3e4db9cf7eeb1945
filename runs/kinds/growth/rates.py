"""Mobilities behind a run of growth, as a table."""

from coble.render.names import LABELS
from coble.render.numbers import number_of
from coble.render.table import Table


def rates(content, case, folder):
    """What every path's hops go by: list of `Table`."""
    return [_mobilities(content)]


def _mobilities(content):
    case = content["provenance"]["case"]
    sections = {"bulk": "metal", "metal surface": "surface", "interface": "interface", "surface": "surface"}
    rows = []
    for key, rate in content["run"]["mobilities_1_s"].items():
        path = key.replace("_", " ")
        found = case["wall"][0] if path == "wall" else case[sections[path]]
        energy = found.get("activation_energy_eV")
        d = found.get("diffusivity_cm2_s")
        barrier = "–" if energy is None else f"{energy:.4f}"
        rows.append([LABELS[path], number_of(rate), barrier, number_of(d), found.get("source", "takes no metal")])
    bonds = case["bonds"]
    temperature = case["conditions"]["temperature_K"]
    return Table(
        f"Mobilities at {temperature:g} K",
        ["path", "mobility [1/s]", "barrier [eV]", "D [cm²/s]", "source"],
        rows,
        note="Rate of a hop that changes no bond, from the diffusivity beside it; one that loses bonds is slower by "
        f"its Boltzmann factor.  Bonds {bonds['first_eV']:g} eV to first and {bonds['second_eV']:g} eV to second "
        f"neighbours, wetting {bonds['wetting']:g}.  The barrier is the slope of ln D, bonds included.",
        name="mobilities",
    )
