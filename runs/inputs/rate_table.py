"""The rate table as a file: one entry per class of hops, read, checked, written, and carried into a case.

    temperature_K = 300.0          # at which the rates hold
    [hop.interface]
    rate_1_s = 6.9e8               # of an atom, to one empty neighbour
    activation_energy_eV = 0.348
    free = true                    # for `coble tune`

Classes inside a region are "interface", "surface", "bulk" and "wall"; between two, from the first to the second,
"interface-wall" and "interface-bulk".  What comes back follows from detailed balance, or is given and checked.  Rates
belong to a tubule: the same diffusivity gives rates that differ by a few per cent with the width.  In a case a rate
is a diffusivity, and between regions a factor on the harmonic mean of the two.
"""

from math import exp, log
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from coble.inputs.case import Case, parse_as
from coble.inputs.faults import CaseError, Fault, refusal
from coble.inputs.quantities import Quantity
from coble.inputs.sections import LOWEST_K, checked
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.network.exact import harmonic_table
from coble.lattices import Kind
from coble.models.experiment_tubule import CASE, Condition, build

INSIDE = {"interface": Kind.INTERFACE, "surface": Kind.SURFACE, "bulk": Kind.METAL, "wall": Kind.WALL}
NAMES = {kind: name for name, kind in INSIDE.items()}
BETWEEN = {"interface-wall": (Kind.INTERFACE, Kind.WALL), "interface-bulk": (Kind.INTERFACE, Kind.METAL)}
CLASSES = (*INSIDE, *BETWEEN)
_SECTION = {"interface": "interface", "surface": "surface", "bulk": "metal", "wall": "wall"}
_EXCHANGE = {"interface-wall": "wall", "interface-bulk": "metal"}
AGREE = 0.01  # rate, prefactor and barrier, or a rate and its reverse, may differ by this part
RATE = Quantity(1e-6, 1e16, "1/s")


class Hop(BaseModel):
    """One class of hops; see the module."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate_1_s: checked(RATE)
    reverse_rate_1_s: checked(RATE) | None = None
    activation_energy_eV: checked(Quantity(0.01, 3.0, "eV", "is it in kJ/mol, meV or another unit?")) | None = None
    prefactor_1_s: checked(Quantity(1.0, 1e30, "1/s")) | None = None
    uncertainty: checked(Quantity(1e-6, 100.0, mistake="it is the standard error of ln rate")) | None = None
    source: str = ""
    free: Literal[True, False, "rate", "barrier", "both"] = False
    tie: Literal[*CLASSES] | None = None


class RateFile(BaseModel):
    """A rate table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature_K: checked(Quantity(LOWEST_K, 3000.0, "K", "is it in degrees Celsius?"))
    hop: dict[Literal[*CLASSES], Hop]

    @model_validator(mode="after")
    def _consistent(self):
        """Prefactor and barrier give the rate; ties lead to another class; free barriers are known to start from."""
        kT = BOLTZMANN_EV_K * self.temperature_K
        for name, hop in self.hop.items():
            if hop.prefactor_1_s and hop.activation_energy_eV is None:
                raise refusal(f"hop.{name}: prefactor_1_s must come with activation_energy_eV")
            if hop.prefactor_1_s:
                implied = hop.prefactor_1_s * exp(-hop.activation_energy_eV / kT)
                if abs(log(implied / hop.rate_1_s)) > AGREE:
                    raise refusal(
                        f"hop.{name}: prefactor_1_s and activation_energy_eV give {implied:.3g} 1/s at "
                        f"{self.temperature_K:g} K, but rate_1_s is {hop.rate_1_s:.3g}"
                    )
            if hop.reverse_rate_1_s and name in INSIDE:
                raise refusal(f"hop.{name}: reverse_rate_1_s is for hops between two regions")
            if hop.tie and (hop.tie == name or hop.tie not in self.hop):
                raise refusal(f"hop.{name}: tie must name another class of this file, got '{hop.tie}'")
            if hop.tie and (hop.free or self.hop[hop.tie].tie):
                raise refusal(f"hop.{name}: a tied class is not free, and is tied to one that is not tied itself")
            if hop.free in ("barrier", "both") and hop.activation_energy_eV is None:
                raise refusal(f"hop.{name}: a free barrier needs an activation_energy_eV to start from")
            if hop.free in ("barrier", "both") and name in BETWEEN:
                raise refusal(f"hop.{name}: has the barriers of the two regions; free can be true or false here")
        return self


def read_rates(path):
    """The `RateFile` at a path; raises `CaseError`."""
    from coble.inputs.case import read_text

    return parse_as(RateFile, read_text(path, "`coble rates CASE --out FILE` writes one to start from"), str(path))


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
    bonds : dict of Kind → float
        Conductance of the bonds of its first wall's tubule [1/s].
    x : dict of Kind → float
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
            source = "harmonic mean of the two regions" + (f" × {factor:g}" if factor != 1 else "")
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
        updates[_SECTION[name]] = {
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
        found = with_factors(inside, between)
        return Case.model_validate({key: getattr(found, key) for key in type(found).model_fields})
    except ValidationError as error:
        raise CaseError([Fault(name, None, "", found["msg"]) for found in error.errors(include_url=False)]) from None


def written(rates, head=()):
    """A rate table as the text of a file."""
    lines = [f"# {line}" for line in head]
    lines += [f"temperature_K = {rates.temperature_K!r}  # at which the rates hold", ""]
    for name, hop in rates.hop.items():
        lines.append(f"[hop.{name}]")
        lines.append(f"rate_1_s = {hop.rate_1_s:.9g}")
        for key in ("reverse_rate_1_s", "activation_energy_eV", "prefactor_1_s", "uncertainty"):
            value = getattr(hop, key)
            if value is not None:
                lines.append(f"{key} = {value:.9g}")
        if hop.tie:
            lines.append(f'tie = "{hop.tie}"')
        lines.append(f"free = {str(hop.free).lower()}" if isinstance(hop.free, bool) else f'free = "{hop.free}"')
        if hop.source:
            text = hop.source.replace("\\", "/").replace('"', "'")
            lines.append(f'source = "{text}"')
        lines.append("")
    return "\n".join(lines)
