"""Faults of single keys: those that pydantic finds, in our words."""

import re
from typing import get_args

from pydantic import BaseModel, ValidationError

from coble.inputs.files.faults import MOST_FAULTS, listed, quoted, typed_text
from coble.inputs.sections import SECTIONS, TABLES
from coble.kmc.rates.materials import WALLS
from coble.render.meant import meant, near

_MISSING = {
    "name": "is missing: give the region its name in the structure",
    "between": 'is missing: give two names of regions, the first where the hop starts, as ["0", "1"]',
}
_MORE = ("coat", "grain", "orient", "through", "in_plane", "anisotrop")  # in keys that a tubule does not have
_IMAGE = "image = { shape = 'single', inner_width_nm = 20, wall_thickness_nm = 5, coating_nm = 2 }"
_ALONG = "the one along the axis, for nothing goes across a wall that is the same all along"


def key_faults(data, validate):
    """Faults that `validate` finds in `data` key by key: list of (path, message).

    Those that will not be told have no message: a search for the key that was meant takes a millisecond.
    """
    try:
        validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        told = [(found["loc"], _message(found)) for found in faults[:MOST_FAULTS]]
        return told + [(found["loc"], "") for found in faults[MOST_FAULTS:]]
    return []


def _message(error):
    """Our words for an error of pydantic in a case."""
    match error["type"]:
        case "extra_forbidden":
            return _unknown_key(error["loc"], error["input"])
        case "missing" if error["loc"][0] == "wall":
            return f"is missing: give the wall a name, its own or {listed(WALLS)}"
        case "missing":
            return _MISSING.get(error["loc"][-1], "is missing")
    said = worded(error)
    if error["loc"][:1] == ("wall",) and error["loc"][-1] == "diffusivity_cm2_s" and isinstance(error["input"], list):
        return f"{said}: give {_ALONG}"
    return said


def worded(error, model=None):
    """Our words for an error that pydantic finds in a `model`; those of our own validators stay as they are."""
    value = error["input"]
    match error["type"]:
        case "extra_forbidden":
            known = sorted(set(_keys_of(model)))
            return f"unknown key, {meant(error['loc'][-1], known, f'must be one of {listed(known)}')}"
        case "missing":
            return "is missing"
        case "literal_error":
            expected = error["ctx"]["expected"]
            if not isinstance(value, str):
                return f"must be {expected}, got {typed_text(value)}"
            close = near(value, re.findall(r"'([^']+)'", expected))
            return f"must be {expected}, got {quoted(value)}" + (f"; did you mean '{close}'?" if close else "")
        case "model_type" | "dict_type":
            return f"must be a table, got {typed_text(value)}"
        case "tuple_type":
            return f"must be a list, or tables in double brackets, got {typed_text(value)}"
        case "string_type":
            return f"must be a string, got {typed_text(value)}"
    return error["msg"]


def _keys_of(type_):
    """Keys of a model and of those in it."""
    if isinstance(type_, type) and issubclass(type_, BaseModel):
        for name, field in type_.model_fields.items():
            yield name
            yield from _keys_of(field.annotation)
    for part in get_args(type_):
        yield from _keys_of(part)


def _unknown_key(path, value):
    """What to do about a key or section that does not exist."""
    *parents, key = path
    what = "unknown section" if not parents and isinstance(value, dict | list) else "unknown key"
    known = list(SECTIONS[parents[0]].model_fields if parents else SECTIONS)
    anywhere = [each for section in SECTIONS.values() for each in section.model_fields]
    if key in anywhere:
        return f"{what}, it belongs in {_homes(key)}"
    if parents[:1] in ([], ["tubule"], ["wall"]) and any(part in str(key).lower() for part in _MORE):
        return (
            f"{what}: a tubule with a coating, a grain boundary or an anisotropic wall is drawn as [structure] {_IMAGE}"
        )
    if close := near(key, known):
        return f"{what}, did you mean '{close}'?"
    if close := near(key, anywhere):
        return f"{what}, did you mean '{close}' in {_homes(close)}?"
    return f"{what}, must be one of {listed(known)}"


def _homes(key):
    """Headers of the sections that have `key`."""
    names = [name for name, section in SECTIONS.items() if key in section.model_fields]
    return " or ".join(f"[[{name}]]" if name in TABLES else f"[{name}]" for name in names)
