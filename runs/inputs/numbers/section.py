"""What sections of a case file are made of: frozen tables that know all their keys."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from coble.inputs.numbers.quantities import Quantity
from coble.inputs.numbers.uncertain import uncertain
from coble.kmc.rates.materials import REFERENCE_K

LOWEST_K = 77.0  # liquid nitrogen
ENERGY = Quantity(0.01, 3.0, "eV", "is it in kJ/mol, meV or another unit?")


def checked(validator, type_=float):
    """Type of a field that holds what `validator` returns; `| None` leaves it to the material.

    The validator is there twice: to check, and to put its limits into the JSON schema.
    """
    return Annotated[type_, BeforeValidator(validator), validator]


class Section(BaseModel):
    """A table of a case file; keys that it does not know are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DiffusiveSection(Section):
    """A section whose diffusivity [cm²/s] holds at `at_K` [K] and moves with `activation_energy_eV` [eV]."""

    activation_energy_eV: uncertain(ENERGY, scale=False) | None = None
    at_K: checked(Quantity(LOWEST_K, 3000.0, "K", "is it in degrees Celsius?")) = REFERENCE_K
