"""Tables of a report: hop rates and mobilities, from a result and the case or the rate table beside it."""

from coble.lattices import KINDS
from coble.render.names import LABELS
from coble.render.numbers import number_of
from coble.render.table import Table
from coble.render.terminal import DETAILED_BALANCE, RATE_HEADINGS, rate_rows


def rate_tables(content, case, rates):
    """The hop rates of a result, list of `Table`.

    Parameters
    ----------
    content : dict
    case : Case or None
        As it was run; None for a tuning.
    rates : RateFile or None
        Of a tuning.
    """
    if content["kind"] == "plate":
        return [_mobilities(content)]
    if content["kind"] == "tune":
        return [_found_rates(rates)]
    from coble.inputs.rate_table import rates_of

    if content["kind"] in ("experiment", "sensitivity"):
        return [_rates(case, rates_of(case), f"wall {case.wall[0].name}")]
    return [_rates(*_rates_of_wall(case, wall)) for wall in content["walls"]]


def _rates_of_wall(case, wall):
    """The case with this wall alone, its rates from the stored calibration, and a title."""
    from coble.inputs.rate_table import rates_from
    from coble.kmc.rates.calibration import bond_of
    from coble.models.tubule import lattice_constants, regions, shape_of

    (index,) = (i for i, section in enumerate(case.wall) if section.name == wall["name"])
    alone = case.model_copy(update={"wall": (case.wall[index],)})
    parts = regions(alone, alone.walls[0], alone.wall[0], shape_of(alone))
    constants = lattice_constants(alone, alone.walls[0])
    bonds = {}
    for kind, region in parts.items():
        bonds[kind] = bond_of(wall["calibration"][KINDS[kind]], region.diffusivity_cm2_s, constants[kind])
        if case.run.matching == "tracer":
            bonds[kind] /= wall["haven_ratio"][KINDS[kind]]["value"]
    occupancy = {kind: region.occupancy for kind, region in parts.items()}
    return alone, rates_from(alone, bonds, occupancy), f"wall {wall['name']}"


def _rates(case, rates, title):
    return Table(
        f"Hop rates at {rates.temperature_K:g} K, {title}",
        list(RATE_HEADINGS),
        rate_rows(case, rates),
        note=f"Of an atom to one empty neighbour.  {DETAILED_BALANCE}  Elsewhere "
        f"k(T) = k · exp[-E/k_B · (1/T - 1/{rates.temperature_K:g} K)].",
        name=f"rates-{case.wall[0].name}",
    )


def _mobilities(content):
    case = content["provenance"]["case"]
    sections = {"bulk": "metal", "metal surface": "surface", "interface": "interface", "bare surface": "surface"}
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


def _found_rates(rates):
    rows = []
    for name, hop in rates.hop.items():
        back = number_of(hop.reverse_rate_1_s) if hop.reverse_rate_1_s else "–"
        energy = "–" if hop.activation_energy_eV is None else f"{hop.activation_energy_eV:.4f}"
        spread = "–" if hop.uncertainty is None else f"± {hop.uncertainty:.3g}"
        rows.append([name, number_of(hop.rate_1_s), spread, back, energy, hop.source])
    return Table(
        f"Hop rates at {rates.temperature_K:g} K, as found",
        ["class", "rate [1/s]", "error of ln rate", "back [1/s]", "barrier [eV]", "source"],
        rows,
        note="Of an atom to one empty neighbour; what comes back follows from detailed balance.",
        name="rates",
    )
