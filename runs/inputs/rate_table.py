"""The rate table as a file: one entry per class of hops, read, checked, written, and carried into a case.

    temperature_K = 300.0          # at which the rates hold
    [hop.interface]
    rate_1_s = 6.9e8               # of an atom, to one empty neighbour
    activation_energy_eV = 0.348
    free = true                    # for `coble tune`

Classes inside a region are "interface", "surface", "bulk" and "wall"; between two, from the first to the second,
"interface-wall" and "interface-bulk".  What comes back follows from detailed balance, or is given and checked.  A
prefactor_1_s and a barrier may stand in place of the rate.  Rates belong to a tubule: the same diffusivity gives rates
that differ by a few per cent with the width.  In a case a rate is a diffusivity, and between regions a factor on the
harmonic mean of the two.
"""

from math import exp, log
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from coble.inputs.case import parse_as
from coble.inputs.files.faults import number_text, refusal
from coble.inputs.numbers.quantities import Quantity
from coble.inputs.sections import DIFFUSIVITY, LOWEST_K, VACANCIES, checked
from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.rates.arrhenius import arrhenius
from coble.lattices import Region

INSIDE = {"interface": Region.INTERFACE, "surface": Region.SURFACE, "bulk": Region.BULK, "wall": Region.WALL}
NAMES = {kind: name for name, kind in INSIDE.items()}
BETWEEN = {"interface-wall": (Region.INTERFACE, Region.WALL), "interface-bulk": (Region.INTERFACE, Region.BULK)}
CLASSES = (*INSIDE, *BETWEEN)
BARRIERS = tuple(f"{name} barrier" for name in INSIDE)  # activation energies, as `coble tune` calls them
SECTION = {"interface": "interface", "surface": "surface", "bulk": "metal", "wall": "wall"}  # of the case
AGREE = 0.01  # rate, prefactor and barrier, or a rate and its reverse, may differ by this part
RATE = Quantity(1e-6, 1e16, "1/s")
AREA_CM2 = (3e-8) ** 2  # of a hop, squared, to a factor of two: D is about its rate times this
FARTHEST_OFF = 5.0  # times; what a hop is worth depends on the lattice and on occupancies


class Hop(BaseModel):
    """One class of hops; see the module."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate_1_s: checked(RATE) | None = None  # known in a table that was read
    reverse_rate_1_s: checked(RATE) | None = None
    activation_energy_eV: checked(Quantity(0.01, 3.0, "eV", "is it in kJ/mol, meV or another unit?")) | None = None
    prefactor_1_s: checked(Quantity(1.0, 1e30, "1/s")) | None = None
    uncertainty: checked(Quantity(1e-6, 100.0, mistake="it is the standard error of ln rate")) | None = None
    barrier_uncertainty_eV: (
        checked(Quantity(1e-6, 1.0, "eV", mistake="it is the standard error of the activation energy")) | None
    ) = None
    source: str = ""
    free: Literal[True, False, "rate", "barrier", "both"] = False
    tie: Literal[*CLASSES] | None = None

    @model_validator(mode="after")
    def _has_a_rate(self):
        """Two of rate, prefactor and barrier give the third, and a rate is enough."""
        if self.rate_1_s is None and None in (self.prefactor_1_s, self.activation_energy_eV):
            raise refusal("rate_1_s is missing; or give prefactor_1_s and activation_energy_eV, which give it")
        if self.barrier_uncertainty_eV is not None and self.activation_energy_eV is None:
            raise refusal("barrier_uncertainty_eV needs an activation_energy_eV")
        return self


class Correlation(BaseModel):
    """Of the errors of ln rate, and of activation energies ("interface barrier"), where these have an uncertainty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: Annotated[
        tuple[Literal[*CLASSES, *BARRIERS], ...],
        Field(description="classes of hops, or 'interface barrier' for an activation energy, in the order of matrix"),
    ]
    matrix: Annotated[
        tuple[tuple[float, ...], ...],
        Field(description="correlations of the errors of ln rate and of activation energies [1]"),
    ]

    @model_validator(mode="after")
    def _is_one(self):
        """A correlation matrix: square, symmetric, 1 on its diagonal, no negative eigenvalue."""
        n = len(self.names)
        if len(set(self.names)) < n or len(self.matrix) != n or any(len(row) != n for row in self.matrix):
            raise refusal("correlation: must have different names, and a row and a column for each")
        found = np.array(self.matrix).reshape(n, n)
        if not np.isfinite(found).all() or abs(found - found.T).max(initial=0) > 1e-6:
            raise refusal("correlation: must be symmetric and finite")
        if abs(np.diag(found) - 1).max(initial=0) > 1e-6 or np.linalg.eigvalsh(found).min(initial=0) < -1e-6:
            raise refusal("correlation: must have 1 on its diagonal and no negative eigenvalue")
        return self


class RateFile(BaseModel):
    """A rate table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature_K: checked(Quantity(LOWEST_K, 3000.0, "K", "is it in degrees Celsius?"))
    correlation: Annotated[
        Correlation | None, Field(description="of the errors of ln rate, between classes of hops [1]")
    ] = None
    hop: dict[Literal[*CLASSES], Hop]

    def error_of(self, name):
        """Standard error of ln rate of a class, or of the energy [eV] of "interface barrier"; None without one."""
        hop = self.hop.get(name.removesuffix(" barrier"))
        return hop and (hop.barrier_uncertainty_eV if name in BARRIERS else hop.uncertainty)

    @model_validator(mode="after")
    def _consistent(self):
        """Prefactor and barrier give the rate; ties lead to another class; free barriers are known to start from."""
        for name in self.correlation.names if self.correlation else ():
            if self.error_of(name) is None:
                key = "barrier_uncertainty_eV" if name in BARRIERS else "uncertainty"
                raise refusal(f"correlation: '{name}' must be a class of this file with {key}")
        if not self.hop:
            raise refusal(f"hop: must have at least one class of hops, as [hop.{CLASSES[0]}]")
        kT = BOLTZMANN_EV_K * self.temperature_K
        for name, hop in list(self.hop.items()):
            self.hop[name] = hop = _complete(name, hop, self.temperature_K)
            if name in INSIDE and (far := _far_off(name, hop.rate_1_s)):
                raise refusal(f"hop.{name}: {far}")
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


def _complete(name, hop, temperature_K):
    """The hop with its rate and its barrier, where two of rate, prefactor and barrier give the third."""
    given = {"rate_1_s": hop.rate_1_s, "prefactor_1_s": hop.prefactor_1_s, "barrier_eV": hop.activation_energy_eV}
    if hop.rate_1_s is not None and hop.prefactor_1_s is None:
        return hop
    if None not in given.values():
        return hop
    try:
        found = arrhenius(temperature_K, **given)
    except ValueError as error:
        raise refusal(f"hop.{name}: {error}".replace("barrier_eV", "activation_energy_eV")) from None
    numbers = {"rate_1_s": found.rate_1_s, "activation_energy_eV": found.barrier_eV}
    return Hop.model_validate(hop.model_dump(exclude_unset=True) | numbers)


def _far_off(name, rate_1_s):
    """Why no solid has a rate inside a region; None when one may have."""
    span = DIFFUSIVITY[SECTION[name]]
    fewest = VACANCIES.low if name in ("bulk", "wall") else 1.0  # hops there wait for a vacancy
    low, high = span.low / AREA_CM2 / FARTHEST_OFF, span.high / AREA_CM2 / fewest * FARTHEST_OFF
    if low <= rate_1_s <= high:
        return None
    return (
        f"rate_1_s must be between {low:.0e} and {high:.0e} 1/s, which are diffusivities that a solid may have, "
        f"got {number_text(rate_1_s)}: is it in another unit?"
    )


def read_rates(path):
    """The `RateFile` at a path; raises `CaseError`."""
    from coble.inputs.case import read_text

    return parse_as(RateFile, read_text(path, "`coble rates CASE --out FILE` writes one to start from"), str(path))


def written(rates, head=()):
    """A rate table as the text of a file."""
    lines = [f"# {line}" for line in head]
    lines += [f"temperature_K = {rates.temperature_K!r}  # at which the rates hold", ""]
    if rates.correlation:
        rows = ", ".join(f"[{', '.join(f'{part:.9g}' for part in row)}]" for row in rates.correlation.matrix)
        names = ", ".join(f'"{name}"' for name in rates.correlation.names)
        lines += [
            "[correlation]  # of the errors of ln rate and of activation energies",
            f"names = [{names}]",
            f"matrix = [{rows}]",
            "",
        ]
    for name, hop in rates.hop.items():
        lines.append(f"[hop.{name}]")
        lines.append(f"rate_1_s = {hop.rate_1_s:.9g}")
        for key in (
            "reverse_rate_1_s",
            "activation_energy_eV",
            "prefactor_1_s",
            "uncertainty",
            "barrier_uncertainty_eV",
        ):
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
