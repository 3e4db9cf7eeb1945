"""The layout of result.json as models, for its JSON schema: keys, units and meanings of each kind of result.

Nothing is read or written through them; a test holds them against results of every kind.
"""

from typing import Annotated, Any, Literal, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from coble.render.meant import ByName
from coble.render.numbers import plain


def of(type_, text):
    """Type of a field that `text` describes; a dict says which of its names was meant."""
    named = [AfterValidator(ByName)] if get_origin(type_) is dict else []
    return Annotated[type_, *named, Field(description=text)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Estimate(Model):
    """A number with its error, in the unit of its key; null stands for what is infinite or was not measured."""

    value: float | None
    stderr: of(float | None, "standard error")
    low: of(float | None, "lower end of the 95 % interval")
    high: of(float | None, "upper end of the 95 % interval")
    n_eff: of(float | None, "independent samples behind it")
    method: str

    def __str__(self):
        return plain(self.model_dump())


class Provenance(Model):
    """What is needed to make the result again."""

    command: of(list[str], "command line")
    case: of(dict[str, Any], "case with all defaults filled in, units in its keys, and sources of diffusivities")
    case_digest: of(str, "equal for equal cases")
    settings: of(dict[str, Any], "what the run was told besides the case")
    random: of(dict[str, Any], "generator, seed, and how streams follow from it")
    versions: dict[str, str]
    host: str
    platform: str
    written: of(str, "date and time, UTC")
    digest: of(str, "SHA-256 of everything else in the file, as JSON with sorted keys and no spaces") = ""
    beside: of(dict[str, str], "SHA-256 of the files that were written with it, by name") = {}
    targets: of(list[dict[str, Any]], "of coble tune: what was measured, in the unit of each") = []


class ResultModel(Model):
    schema_: of(Literal[2], "version of this layout") = Field(alias="schema")
    interrupted: of(bool, "stopped before its end")
    provenance: Provenance


class Quantiles(Model):
    """Of a number that is not known: 5, 50 and 95 % of it lie below."""

    p05: of(float, "5 % lie below, in its unit")
    p50: of(float, "50 % lie below, in its unit")
    p95: of(float, "95 % lie below, in its unit")
