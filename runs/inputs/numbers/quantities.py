"""Validators of numbers in their units: they return the number, or refuse it and say what would do."""

from dataclasses import dataclass
from math import isfinite
from numbers import Real

from coble.inputs.files.faults import number_text, number_wanted, refusal, typed_text

_SPELLED = {2: "two", 3: "three"}


class _InSchema:
    """A validator that tells a JSON schema what it accepts, in its `limits`."""

    def __get_pydantic_json_schema__(self, core_schema, handler):
        return handler(core_schema) | self.limits


@dataclass(frozen=True)
class Quantity(_InSchema):
    """Validator of a number in its unit.

    Attributes
    ----------
    low, high : float
        Accepted range, both included; a `low` of 0 is not included.
    unit : str
        Unit for messages; empty for a ratio.
    mistake : str
        What may have happened to a number out of range, as a question.
    or_zero : bool
        Whether 0 is accepted besides the range.
    """

    low: float
    high: float
    unit: str = ""
    mistake: str = ""
    or_zero: bool = False

    def __call__(self, value):
        if isinstance(value, bool) or not isinstance(value, Real):
            raise refusal(number_wanted(value))
        if isinstance(value, float) and not isfinite(value):
            raise refusal(f"must be a finite number, got {number_text(value)}")
        if value == 0 and self.or_zero:
            return 0.0
        if value <= 0 and not self.or_zero:
            raise refusal(f"must be {self.with_unit('> 0')}, got {number_text(value)}")
        if not self.low <= value <= self.high:
            question = f" ({self.mistake})" if self.mistake else ""
            raise refusal(f"must be {self.range_text}, got {number_text(value)}{question}")
        return float(value)

    @property
    def limits(self):
        """For a JSON schema."""
        low = {"minimum": 0 if self.or_zero else self.low} if self.low else {"exclusiveMinimum": 0}
        return low | {"maximum": self.high}

    @property
    def range_text(self):
        """The range in words, with its unit."""
        if self.low == 0:
            return self.at_most
        text = self.with_unit(f"between {number_text(self.low)} and {number_text(self.high)}")
        return f"0 or {text}" if self.or_zero else text

    @property
    def at_most(self):
        """The upper end in words, with its unit."""
        return self.with_unit(f"at most {number_text(self.high)}")

    def with_unit(self, text):
        return f"{text} {self.unit}".strip()


@dataclass(frozen=True)
class Voltage(_InSchema):
    """Validator of an overpotential [V], of either sign and at most `most` in size."""

    most: float

    @property
    def limits(self):
        """For a JSON schema."""
        return {"minimum": -self.most, "maximum": self.most}

    def __call__(self, value):
        if isinstance(value, bool) or not isinstance(value, Real) or value != value:
            raise refusal(number_wanted(value, "a number of volts"))
        if abs(value) > self.most:
            raise refusal(
                f"must lie between -{number_text(self.most)} and {number_text(self.most)} V, got {number_text(value)} "
                f"(a volt on lithium is a pressure of 7.4 GPa: is it in mV?)"
            )
        return float(value)


@dataclass(frozen=True)
class Whole(_InSchema):
    """Validator of a whole number from `low` to `high`; 2e8 counts as one."""

    low: int
    high: int

    @property
    def limits(self):
        """For a JSON schema."""
        return {"type": "number", "multipleOf": 1, "minimum": self.low, "maximum": self.high}

    def __call__(self, value):
        if isinstance(value, bool) or not isinstance(value, Real) or value % 1 != 0:
            raise refusal(f"must be a whole number, got {typed_text(value)}")
        if not self.low <= value <= self.high:
            raise refusal(f"must be a whole number from {self.low} to {self.high}, got {number_text(value)}")
        return int(value)


@dataclass(frozen=True)
class Listed:
    """Validator of a list of `least` to `most` values, each checked by `value`, all different if `distinct`.

    `noun` is what messages call the values.
    """

    value: object
    least: int
    most: int
    distinct: bool = True
    noun: str = "number"

    def __get_pydantic_json_schema__(self, core_schema, handler):
        found = handler(core_schema) | {"minItems": self.least, "maxItems": self.most, "uniqueItems": self.distinct}
        return found | {"items": found["items"] | getattr(self.value, "limits", {})}

    def __call__(self, values):
        if not isinstance(values, list | tuple):
            raise refusal(f"must be a list of {self.noun}s, got {typed_text(values)}")
        if not self.least <= len(values) <= self.most:
            number = _SPELLED.get(self.least, self.least) if self.least == self.most else f"{self.least} to {self.most}"
            raise refusal(f"must have {number} {self.noun}s, got {len(values)}")
        found = tuple(map(self.value, values))
        if self.distinct and len(set(found)) < len(found):
            shown = (number_text(each) if isinstance(each, Real) else str(each) for each in values)
            raise refusal(f"must not have a {self.noun} twice, got {', '.join(shown)}")
        return found


def diffusivity_cm2_s(low, high):
    return Quantity(low, high, "cm2/s", "is it in m2/s or another unit?")


def length_nm(low, high):
    return Quantity(low, high, "nm", "is it in angstrom, m or another unit?")


def ratio(low, high):
    return Quantity(low, high, mistake="it is a fraction: is it in percent?")
