"""Numbers of a case that are not known exactly: the forms in which a file gives them, read and checked.

    diffusivity_cm2_s = 2e-7                            # known
    diffusivity_cm2_s = { value = 2e-7, factor = 2.5 }  # log-normal: median, geometric standard deviation
    diffusivity_cm2_s = { low = 4e-8, high = 7e-7 }     # log-uniform; uniform for what is no scale
    diffusivity_cm2_s = { value = 2e-7, stderr = 5e-8 } # normal
    diffusivity_cm2_s = { same_as = "surface.diffusivity_cm2_s" }

Each is a number for whoever simulates, the nominal one, and carries its prior along.  A range may have a `value` of its
own as the nominal one; without it that is the median.
"""

from numbers import Real
from typing import Annotated

from pydantic import BeforeValidator, WrapValidator
from pydantic_core import PydanticCustomError

from coble.inputs.files.faults import listed, number_text, number_wanted, quoted, refusal, typed_text
from coble.kmc.knowledge.priors import LogNormal, LogUniform, Normal, SameAs, Uniform

FORMS = "{ value, factor }, { low, high }, { value, stderr } or { same_as }"
KEYS = ("value", "factor", "low", "high", "stderr", "same_as", "source")
LARGEST_FACTOR = 1000.0
LARGEST = 1e300
GIVEN = "given in the case file"


class Uncertain(float):
    """A number with the prior that a case gives for it; computes as its nominal value."""

    def __new__(cls, value, prior):
        found = super().__new__(cls, value)
        found.prior = prior
        return found

    def __getnewargs__(self):
        return float(self), self.prior


def prior_of(value):
    """The prior that a number of a case carries, or None."""
    return getattr(value, "prior", None)


def uncertain(validator, scale=True, number=None, type_=float):
    """Type of a field that holds a number, or one of the forms above.

    Parameters
    ----------
    validator : Quantity
        Of each end of a range.
    scale : bool
        Whether the number is a scale, whose logarithm is what is not known.
    number : callable, optional
        Validator of a plain number, where that may be more than a `Quantity` allows.
    type_ : type
        Of what `number` returns, where that may be more than a number.
    """
    forms = _Forms(validator, scale)
    return Annotated[type_, BeforeValidator(number or validator), WrapValidator(forms), forms]


class _Forms:
    """Validator round that of a number: tables become `Uncertain`."""

    def __init__(self, validator, scale):
        self.validator, self.scale = validator, scale

    def __call__(self, value, handler):
        if isinstance(value, Uncertain):
            self.validator(float(value))
            for label, end in value.prior.ends.items() if isinstance(value.prior, SameAs) else ():
                self._end(f"same_as: {label}".removesuffix(": "), end)
            return value
        return self.read(value) if isinstance(value, dict) else handler(value)

    def __get_pydantic_json_schema__(self, core_schema, handler):
        number, text = {"type": "number"} | self.validator.limits, {"type": "string"}
        plain = {"type": "number", "exclusiveMinimum": 0}
        tables = (("value", "factor"), ("low", "high"), ("value", "stderr"))
        shown = [
            {
                "type": "object",
                "properties": {
                    "value": number,
                    "source": text,
                    **{key: plain if key in ("factor", "stderr") else number for key in keys},
                },
                "required": list(keys),
                "additionalProperties": False,
            }
            for keys in tables
        ]
        same = {"properties": {"same_as": text, "source": text}, "required": ["same_as"]}
        shown.append({"type": "object", "additionalProperties": False} | same)
        return {"anyOf": [handler(core_schema) | self.validator.limits, *shown]}

    def read(self, table):
        """`Uncertain` of a table."""
        if not table:
            raise refusal(number_wanted(table))
        for key in table:
            if key not in KEYS:
                raise refusal(f"must be a number, {FORMS}, got the key {quoted(key)}")
        source = table.get("source", GIVEN)
        if not isinstance(source, str):
            raise refusal(f"source: must be a string, got {typed_text(source)}")
        if not source.isprintable():
            raise refusal(f"source: must have printable characters only, got {quoted(source)}")
        given = {key: self._number(key, table[key]) for key in KEYS[:5] if key in table}
        if "same_as" in table and given:
            raise refusal(f"same_as: must stand by itself, got {listed(given, 'and')} beside it")
        match tuple(sorted(given)):
            case ("factor", "value"):
                return self._log_normal(given["value"], given["factor"], source)
            case ("stderr", "value"):
                return self._normal(given["value"], given["stderr"], source)
            case ("high", "low") | ("high", "low", "value"):
                return self._range(given["low"], given["high"], given.get("value"), source)
            case () if "same_as" in table:
                raise refusal(f"same_as: must name a number of the case, got {quoted(table['same_as'])}")
        raise refusal(f"must be a number, {FORMS}, got {listed(table, 'and')}")

    def _number(self, key, value):
        if isinstance(value, bool) or not isinstance(value, Real):
            raise refusal(f"{key}: {number_wanted(value)}")
        if not abs(value) < LARGEST:
            raise refusal(f"{key}: must be a finite number, got {number_text(value)}")
        return float(value)

    def _end(self, key, value):
        """An end of a range, or a refusal that names it, and both bounds of what it may be."""
        try:
            if value <= 0 and self.validator.low > 0 and not self.validator.or_zero:
                raise refusal(f"must be {self.validator.range_text}, got {number_text(value)}")
            return self.validator(value)
        except PydanticCustomError as error:
            raise refusal(f"{key}: {error.message()}") from None

    def _range(self, low, high, value, source):
        low, high = self._end("low", low), self._end("high", high)
        if not low < high:
            raise refusal(f"low: must be below high, got {number_text(low)} and {number_text(high)}")
        prior = (LogUniform if self.scale and low > 0 else Uniform)(low, high, source)
        if value is not None and not low <= value <= high:
            ends = f"{number_text(low)} and {number_text(high)}"
            raise refusal(f"value: must lie between low and high, {ends}, got {number_text(value)}")
        return Uncertain(prior.median if value is None else value, prior)

    def _log_normal(self, value, factor, source):
        if not 1 < factor <= LARGEST_FACTOR:
            most = number_text(LARGEST_FACTOR)
            raise refusal(f"factor: must be > 1 and at most {most}, got {number_text(factor)}")
        least, most = max(self.validator.low, 0.0), self.validator.high
        return self._within(Uncertain(value, LogNormal(value, factor, source, least, most)))

    def _normal(self, value, stderr, source):
        if not stderr > 0:
            raise refusal(f"stderr: must be > 0, got {number_text(stderr)}")
        least, most = self.validator.low, self.validator.high
        return self._within(Uncertain(value, Normal(value, stderr, least, most, source)))

    def _within(self, found):
        """The number, whose value and ends are what it may be."""
        for key, end in {"value": float(found), **ends_of(found)}.items():
            self._end(key, end)
        return found


def ends_of(value):
    """Ends of a number by what they are called, dict of str → float: each must be what a plain number may be.

    Of what is normal they are one standard deviation away; a plain number is both, and has no name.
    """
    match prior_of(value):
        case LogUniform(low, high) | Uniform(low, high):
            return {"low": low, "high": high}
        case LogNormal(median, factor):
            return {"value / factor": _rounded(median / factor), "value × factor": _rounded(median * factor)}
        case Normal(mean, stderr):
            return {"value - stderr": _rounded(mean - stderr), "value + stderr": _rounded(mean + stderr)}
        case SameAs(ends=ends) if ends:
            return ends
    return {"": float(value)}


def of_end(label, message):
    """A message on an end of a number, of `ends_of`."""
    return f"{label}: {message}" if label else message


def _priors(case):
    """(key, prior) of every number that carries one."""
    for name, section in case:
        several = isinstance(section, tuple)
        for number, each in enumerate(section if several else (section,), 1):
            head = f"{name}[{number}]" if several else name
            yield from ((f"{head}.{key}", value.prior) for key, value in each if prior_of(value))


def ties_of(case):
    """Numbers that are the same because one of them names the other, dict of key → tuple of the other keys."""
    followers = {}
    for key, prior in _priors(case):
        if isinstance(prior, SameAs):
            followers.setdefault(prior.key, []).append(key)
    groups = [(first, *others) for first, others in followers.items()]
    return {key: tuple(other for other in group if other != key) for group in groups for key in group}


def given_priors(case):
    """What a case says of numbers that are not known exactly, for `Case.resolved`: a dict with `priors`, or empty."""
    found = {key: prior.described() for key, prior in _priors(case)}
    named = case.interface.prior
    found |= {"interface": {"form": named}} if named != "paper" else {}
    return {"priors": found} if found else {}


def _rounded(value):
    """Without the digits of rounding, which no message needs."""
    return float(f"{value:.9g}")


def said(value):
    """A number of a case in words: `0.5`, or `0.3 to 1` for a range."""
    match prior_of(value):
        case LogUniform(low, high) | Uniform(low, high):
            return f"{number_text(low)} to {number_text(high)}"
    return number_text(float(value))


def table_of(value):
    """An `Uncertain` as the table of a case file gives it, dict."""
    match value.prior:
        case LogNormal(median, factor):
            return {"value": median, "factor": factor}
        case LogUniform(low, high) | Uniform(low, high):
            return {"value": float(value), "low": low, "high": high}
        case Normal(mean, stderr):
            return {"value": mean, "stderr": stderr}
        case SameAs(key):
            return {"same_as": key}
    of_fit = value.prior  # by itself
    return {"value": of_fit.median, **({"factor": of_fit.factor} if of_fit.scale else {"stderr": of_fit.stderr})}
