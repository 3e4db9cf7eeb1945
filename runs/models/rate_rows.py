"""Hop rates of a case, class by class, with the diffusivity and the conductance that they imply."""

from coble.lattices import Region
from coble.models.rate_numbers import COLUMNS, rows_of
from coble.render.names import first_of
from coble.render.table import Table

RATE_HEADINGS = (
    "class",
    "rate [1/s]",
    "back [1/s]",
    "barrier [eV]",
    "D [cm²/s]",
    "D·δ [cm³/s]",
    "κ [mS/cm]",
    "conductance [S·m]",
    "source",
)


DETAILED_BALANCE = "Detailed balance: k_ij x_i (1 - x_j) = k_ji x_j (1 - x_i) holds for every pair."


def rate_rows(case, rates, parts, temperature_K=None):
    """Hop rates, class by class, and the diffusivity, conductance and D δ that they imply, as texts.

    Parameters
    ----------
    case : Case
    rates : RateFile
        Of this case.
    parts : dict of Region → RegionTransport
        Of its first wall.
    temperature_K : float, optional
        Carry everything there [K].

    Returns
    -------
    list of list of str
        In the order of `RATE_HEADINGS`.
    """
    from coble.inputs.rate_table import INSIDE
    from coble.kmc.network.continuum import conductivity_mS_cm, siemens_metre

    there = temperature_K or rates.temperature_K
    rows, factors = [], _factors(rates, parts, there)
    for name, hop in rates.hop.items():
        energy, carried = hop.activation_energy_eV, factors[name]
        if carried is None:
            missing = "no barrier known" if name in INSIDE else "a region without a known barrier"
            rows.append([name, "–", "–", "unknown" if name in INSIDE else "–", *["–"] * 4, missing])
            continue
        row = [name, f"{hop.rate_1_s * carried:.4g}"]
        row.append(f"{hop.reverse_rate_1_s * carried:.4g}" if hop.reverse_rate_1_s else "the same")
        row.append(f"{energy:.4f}" if energy is not None else "–")
        if name in INSIDE:
            region = parts[INSIDE[name]]
            d = region.diffusivity_cm2_s * carried
            row.append(f"{d:.3e}")
            shell = name in ("interface", "surface")
            row.append(f"{d * case.interface.width_angstrom * 1e-8:.3e}" if shell else "–")
            conductance = siemens_metre(region.flux_conductance * carried, there)
            row.append(f"{conductivity_mS_cm(conductance, region.area_A2):.4g}")
            row.append(f"{conductance:.3e}")
        else:
            row += ["–"] * 4
        rows.append([*row, hop.source])
    return rows


def _factors(rates, parts, temperature_K):
    """Rates at another temperature over those of the table: dict of class → float; None where a barrier is missing.

    Hops between two regions have no barrier of their own: their rate is a harmonic mean of two that have.
    """
    from math import exp

    from coble.inputs.rate_table import BETWEEN, INSIDE
    from coble.kmc.constants import BOLTZMANN_EV_K
    from coble.kmc.network.exact import harmonic_table

    if temperature_K == rates.temperature_K:
        return dict.fromkeys(rates.hop, 1.0)
    colder = (1 / temperature_K - 1 / rates.temperature_K) / BOLTZMANN_EV_K
    found, here, there = {}, {}, {}
    for name, hop in rates.hop.items():
        energy = hop.activation_energy_eV
        found[name] = None if energy is None else exp(-energy * colder)
        if name in INSIDE and found[name]:
            x = parts[INSIDE[name]].occupancy
            here[INSIDE[name]] = hop.rate_1_s * x * (1 - x)
            there[INSIDE[name]] = here[INSIDE[name]] * found[name]
    for name, pair in BETWEEN.items():
        if name in found and found[name] is None and all(region in there for region in pair):
            found[name] = harmonic_table(there)[pair] / harmonic_table(here)[pair]
    return found


def rates_table(case, rates, title, temperature_K=None):
    """Hop rates class by class, and what they imply: `Table`; parameters as of `rate_rows`."""
    from coble.inputs.rate_table import INSIDE
    from coble.models.tubules.tubule import bare_region, regions, shape_of

    there, shape = temperature_K or rates.temperature_K, shape_of(case)
    parts = {Region.SURFACE: bare_region(case, shape)} | regions(case, case.walls[0], case.wall[0], shape)
    occupancy = {name: parts[kind].occupancy for name, kind in INSIDE.items() if kind in parts}
    return Table(
        f"Hop rates at {there:g} K, {title}",
        list(RATE_HEADINGS),
        rate_rows(case, rates, parts, temperature_K),
        note=f"Rate of the hop of an atom to one empty neighbour.  {DETAILED_BALANCE}  At another temperature "
        f"k(T) = k · exp[-E/k_B · (1/T - 1/{rates.temperature_K:g} K)].  Between two regions it follows from theirs."
        + first_of([wall.name for wall in case.wall]),
        name=f"rates-{case.wall[0].name}",
        numbers=(COLUMNS, rows_of(rates, case.wall[0].name, occupancy)),
    )


def tables_of_case(content, case, folder):
    """Hop rates of a case, list of `Table`; none without the case."""
    from coble.models.rates import rates_of

    return [rates_table(case, rates_of(case), f"wall {case.wall[0].name}")] if case else []
