"""Numbers of a case that are the same as another one: `{ same_as = "surface.diffusivity_cm2_s" }`."""

import re

from coble.inputs.defaults import diffusivity
from coble.inputs.files.faults import dotted, quoted
from coble.inputs.numbers.uncertain import Uncertain, ends_of
from coble.inputs.sections import SECTIONS
from coble.kmc.knowledge.priors import SameAs
from coble.kmc.rates.materials import METALS

_FROM_MATERIALS = {"diffusivity_cm2_s": "value_cm2_s", "activation_energy_eV": "activation_energy_eV"}


def tie(data):
    """The data of a case in which tied numbers have the value of those that they follow, and faults of the others.

    Parameters
    ----------
    data : dict
        What was given, by section; sections that are models were tied before.

    Returns
    -------
    (dict, list of (path, message))
        Numbers at fault are left out of the dict.
    """
    if not isinstance(data, dict):
        return data, []
    tied = list(_ties(data))
    if not tied:
        return data, []
    found = {
        name: [dict(each) if isinstance(each, dict) else each for each in section]
        if isinstance(section, list | tuple)
        else dict(section)
        if isinstance(section, dict)
        else section
        for name, section in data.items()
    }
    faults = []
    for path, table in tied:
        home, key = _at(found, path[:-1]), path[-1]
        other = _path_of(table["same_as"], found)
        if reason := _refused(path, other, table, found):
            faults.append((path, f"same_as: {reason}"))
            del home[key]
        else:
            value = _value_at(found, other)
            home[key] = Uncertain(value, SameAs(dotted(other), "as the case says", ends_of(value)))
    return found, faults


def _ties(data):
    """(path, table) of every number that is the same as another."""
    for name, section in data.items():
        several = isinstance(section, list | tuple)
        for number, each in enumerate(section if several else (section,)):
            if isinstance(each, dict):
                head = (name, number) if several else (name,)
                for key, value in each.items():
                    if isinstance(value, dict) and isinstance(value.get("same_as"), str) and set(value) <= _KEYS:
                        yield (*head, key), value


_KEYS = {"same_as", "source"}
_REQUIRED = {"wall": {"name": "wall"}, "region": {"name": "region"}, "barrier": {"between": ["here", "there"]}}


def _path_of(text, data):
    """Path of a dotted key, elements counted from 1; None for what is none."""
    match = re.fullmatch(r"(\w+)(?:\[(\d{1,6})\])?\.(\w+)", text.strip())
    if not match or match[1] not in SECTIONS or match[3] not in SECTIONS[match[1]].model_fields:
        return None
    if match[1] == "wall" or match[2]:
        number = int(match[2] or 1) - 1
        walls = data.get(match[1])
        there = isinstance(walls, list | tuple) and 0 <= number < len(walls)
        return (match[1], number, match[3]) if there else None
    return match[1], match[3]


def _unit(key):
    """The unit in which a key ends; the key itself where it has none."""
    found = re.search(r"_(cm2_s|cm3|1_s|[^_]+)$", key)
    return found[1] if found else key


def _refused(path, other, table, data):
    """Why a number cannot be the same as another; None when it can."""
    if other is None:
        return f"must name a number of the case, as 'surface.diffusivity_cm2_s', got {quoted(table['same_as'])}"
    if other == path:
        return "must name another number, got the number itself"
    if _unit(other[-1]) != _unit(path[-1]):
        return f"must name a number in the same unit, got {quoted(table['same_as'])}"
    value = _value_at(data, other)
    if isinstance(value, dict) or getattr(getattr(value, "prior", None), "key", None):
        return f"must name a number that is not tied itself, got {quoted(table['same_as'])}"
    if value is None:
        return f"must name a number that the case gives, got {quoted(table['same_as'])}"
    return None


def _at(data, path):
    """What stands at a path; an empty table for what does not."""
    for part in path:
        try:
            data = getattr(data, part) if isinstance(part, str) and not isinstance(data, dict) else data[part]
        except (KeyError, AttributeError, IndexError, TypeError):
            return {}
    return data


def _value_at(data, path):
    """Nominal value at a path: as given, else that of the material; None when nothing says; a table when it is tied."""
    section, key = _at(data, path[:-1]), path[-1]
    given = section.get(key) if isinstance(section, dict) else getattr(section, key, None)
    if isinstance(given, dict) and "same_as" not in given:
        return read_number(path[0], key, given)
    if given is not None or key not in _FROM_MATERIALS:
        return given
    species = _at(data, ("metal",))
    species = species.get("species", "Li") if isinstance(species, dict) else species.species
    try:
        made = section if not isinstance(section, dict) else SECTIONS[path[0]].model_validate(section)
        found = species in METALS and diffusivity(species, path[0], made)
    except ValueError:
        return None
    return getattr(found, _FROM_MATERIALS[key]) if found else None


def read_number(section, key, given):
    """What a key of a section makes of a table, an `Uncertain`; None when the table is at fault."""
    try:
        return getattr(SECTIONS[section].model_validate({**_REQUIRED.get(section, {}), key: given}), key)
    except ValueError:
        return None
