"""A case that was made in Python as the text of a case file."""

import json
from typing import Any

from coble.inputs.numbers.uncertain import Uncertain, table_of
from coble.inputs.sections import Sections


def case_text(case: Sections) -> str:
    """The text of a case file that `coble.inputs.case.load_case` reads as an equal case.

    Parameters
    ----------
    case : Case

    Returns
    -------
    str
        TOML, with the keys that were given; all others have their defaults.
    """
    lines = []
    for name, section in case.model_dump(exclude_unset=True, exclude_none=True).items():
        several = not isinstance(section, dict)
        for each in section if several else (section,):
            lines.append(f"[[{name}]]" if several else f"[{name}]")
            lines += [f"{key} = {_value(value)}" for key, value in each.items()]
            lines.append("")
    return "\n".join(lines)


def _value(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Uncertain):
        return f"{{ {', '.join(f'{key} = {_value(part)}' for key, part in table_of(value).items())} }}"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{json.dumps(key)} = {_value(part)}' for key, part in value.items())} }}"
    if isinstance(value, float):
        return repr(float(value))
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
