"""From a case to its hop rates, and from hop rates to a case that has them."""

from math import log

from pydantic import ValidationError

from coble.inputs.case import Case
from coble.inputs.files.faults import CaseError, Fault, dotted
from coble.inputs.rate_table import AGREE, BETWEEN, INSIDE, SECTION, Hop, RateFile
from coble.kmc.network.exact import harmonic_table
from coble.models.rate_priors import with_priors
from coble.models.tubules.experiment_tubule import CASE, Condition, build

_EXCHANGE = {"interface-wall": "wall", "interface-bulk": "metal"}
HARMONIC = "harmonic mean of both regions' k x (1 - x), over x_i (1 - x_j)"  # in the signs of detailed balance


def rates_of(case):
    """The rate table of a case: every class of hops that its first wall's tubule has.

    Returns
    -------
    RateFile
    """
    bench = build(Condition("", case), 0)
    return rates_from(case, bench.bonds[CASE], bench.occupancy)


def rates_from(case, bonds, x):
    """The rate table of a case whose bonds are known.

    Parameters
    ----------
    case : Case
    bonds : dict of Region → float
        Conductance of the bonds of its first wall's tubule [1/s].
    x : dict of Region → float
        Occupancy.

    Returns
    -------
    RateFile
    """
    hops = {}
    for name, kind in INSIDE.items():
        if kind not in bonds:
            continue
        found = diffusivity_of(case, name)
        hops[name] = Hop(
            rate_1_s=bonds[kind] / (x[kind] * (1 - x[kind])),
            activation_energy_eV=found.activation_energy_eV,
            source=found.source,
        )
    table = harmonic_table(bonds, {pair: getattr(case.exchange, _EXCHANGE[name]) for name, pair in BETWEEN.items()})
    for name, (a, b) in BETWEEN.items():
        if a in bonds and b in bonds:
            forward, back = table[a, b] / (x[a] * (1 - x[b])), table[a, b] / (x[b] * (1 - x[a]))
            factor = getattr(case.exchange, _EXCHANGE[name])
            source = (f"{factor:g} × " if factor != 1 else "") + HARMONIC
            hops[name] = Hop(rate_1_s=forward, reverse_rate_1_s=back, source=source)
    return RateFile(temperature_K=case.conditions.temperature_K, hop=hops)


def diffusivity_of(case, name):
    """`Diffusivity` of the region of a class in a case; None for a wall that takes no metal."""
    return {
        "interface": case.interface_diffusivity,
        "surface": case.surface_diffusivity,
        "bulk": case.metal_diffusivity,
        "wall": case.walls[0].diffusivity,
    }[name]


def with_factors(case, factors, barriers=None):
    """The case with other diffusivities, which are not checked: a fit may pass through strange ones.

    Parameters
    ----------
    case : Case
    factors : dict of class → float
        On the rates at the temperature of the case.
    barriers : dict of class → float, optional
        New activation energies [eV]; the rates at the temperature of the case stay as they are.
    """
    barriers, here = barriers or {}, case.conditions.temperature_K
    updates = {name: {} for name in ("interface", "surface", "metal", "wall", "exchange")}
    for name in INSIDE:
        found = diffusivity_of(case, name)
        if found is None:
            continue
        updates[SECTION[name]] = {
            "diffusivity_cm2_s": found.at(here) * factors.get(name, 1.0),
            "activation_energy_eV": barriers.get(name, found.activation_energy_eV),
            "at_K": here,
        }
    for name, key in _EXCHANGE.items():
        updates["exchange"][key] = getattr(case.exchange, key) * factors.get(name, 1.0)
    first = case.wall[0].model_copy(update=updates.pop("wall"))
    sections = {name: getattr(case, name).model_copy(update=update) for name, update in updates.items()}
    return case.model_copy(update=sections | {"wall": (first, *case.wall[1:])})


def case_with(case, rates, name="rates"):
    """The case with the rates of a table: what `--rates` does.

    Raises
    ------
    CaseError
        When the table breaks detailed balance, has a class that this tubule has not, or is for another temperature.
    """
    if case.has_structure:
        raise CaseError([Fault(name, None, "", "rate tables are those of tubules; a structure has [[barrier]]")])
    present = rates_of(case)
    faults = []
    if abs(rates.temperature_K - present.temperature_K) > 1e-6:
        faults.append(
            Fault(
                name,
                None,
                "temperature_K",
                f"must be that of the case, {present.temperature_K:g} K, got {rates.temperature_K:g}",
            )
        )
    factors, barriers = {}, {}
    for key, hop in rates.hop.items():
        own = present.hop.get(key)
        if own is None:
            faults.append(Fault(name, None, f"hop.{key}", "this tubule has no such hops: leave it out"))
            continue
        factors[key] = hop.rate_1_s / own.rate_1_s
        if hop.activation_energy_eV is not None and key in INSIDE:
            barriers[key] = hop.activation_energy_eV
        if own.reverse_rate_1_s and hop.reverse_rate_1_s:
            wanted = hop.rate_1_s * own.reverse_rate_1_s / own.rate_1_s
            if abs(log(hop.reverse_rate_1_s / wanted)) > AGREE:
                faults.append(
                    Fault(
                        name,
                        None,
                        f"hop.{key}.reverse_rate_1_s",
                        f"must be {wanted:.4g} 1/s by detailed balance with rate_1_s, got {hop.reverse_rate_1_s:.4g}",
                    )
                )
    if faults:
        raise CaseError(faults)
    # Hops between regions are factors on the harmonic mean of what the regions have now.
    try:
        inside = with_factors(case, {key: value for key, value in factors.items() if key in INSIDE}, barriers)
        now = rates_of(inside)
        between = {key: rates.hop[key].rate_1_s / now.hop[key].rate_1_s for key in factors if key in BETWEEN}
        # As data, so that every number is checked as if the case file had it.
        data = with_factors(inside, between).model_dump(exclude_unset=True)
        return Case.model_validate(with_priors(data, case, rates, factors))
    except ValidationError as error:
        raise CaseError([_in_table(name, found) for found in error.errors(include_url=False)]) from None


def _in_table(name, found):
    """The fault of a rate table that makes a case what it may not be; `found` is pydantic's fault of the case."""
    section, key = found["loc"][0], found["loc"][-1]
    of_class = {SECTION[each]: each for each in INSIDE} | {("exchange", _EXCHANGE[each]): each for each in BETWEEN}
    hop = of_class.get((section, key)) or of_class.get(section)
    number = key if key == "activation_energy_eV" else "rate_1_s"
    where = f"hop.{hop}.{number}" if hop else ""
    return Fault(name, None, where, f"makes {dotted(found['loc'])} of the case, which {found['msg']}")
