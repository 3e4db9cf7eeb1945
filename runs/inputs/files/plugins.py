"""Plug-ins: shapes, region rules and mechanisms of the user's own, which the command line sees.

A plug-in is a Python file that a case names (`[plugins] files = ["mine.py"]`, relative to the case file), or an entry
point of an installed package.  Groups of entry points: "coble.shapes" (name → subclass of `coble.lattices.Shape`),
"coble.regions" (name → function of `ase.Atoms` that gives the region of every atom) and "coble.mechanisms" (name →
function from the bonds of all regions to those that conduct); kinds of run have "coble.kinds".

A file puts what it has into `SHAPES`, `REGION_RULES` and `MECHANISMS` of this module (`SHAPES` is that of
`coble.lattices`).  It is executed only where a case is run or checked, never where a result is looked at; see `asleep`.
"""

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from coble.inputs.files.faults import refusal
from coble.lattices import SHAPES

REGION_RULES = {}  # name → callable (ase.Atoms) → region of every atom
MECHANISMS = {}  # name → callable (dict of Region → float [1/s]) → dict of Region → float [1/s]
GROUPS = {"coble.shapes": SHAPES, "coble.regions": REGION_RULES, "coble.mechanisms": MECHANISMS}
_asleep = ContextVar("asleep", default=False)
_executed = {}  # (name, content) of a file → what it registered, by group


@contextmanager
def asleep():
    """No file is executed inside: for those who only look at results, which may come from anywhere."""
    token = _asleep.set(True)
    try:
        yield
    finally:
        _asleep.reset(token)


def are_asleep():
    """Whether files are not executed just now; names of shapes are then taken as they are."""
    return _asleep.get()


@cache
def load_entry_points():
    """Take up the plug-ins of installed packages, once in a process."""
    for group, registry in GROUPS.items():
        for point in entry_points(group=group):
            registry.setdefault(point.name, point.load())


def execute(file):
    """Execute a plug-in, once in a process, and take up what it registers.

    Parameters
    ----------
    file : GivenFile

    Raises
    ------
    pydantic_core.PydanticCustomError
        With the line of the file, when it fails.
    """
    if are_asleep():
        return
    key = (str(file), file.content)
    if key not in _executed:
        before = {group: dict(registry) for group, registry in GROUPS.items()}
        module = ModuleType(f"coble_plugin_{file.digest[:16]}")
        module.__file__ = str(file)
        sys.modules[module.__name__] = module  # dataclasses look there for annotations
        try:
            exec(compile(file.content, str(file), "exec"), vars(module))
        except Exception as error:  # anything may be wrong with somebody's own code
            raise refusal(f"{file}{_line_in(error, str(file))}: {type(error).__name__}: {error}") from error
        _executed[key] = {
            group: {name: each for name, each in registry.items() if before[group].get(name) is not each}
            for group, registry in GROUPS.items()
        }
    for group, found in _executed[key].items():
        GROUPS[group].update(found)


def _line_in(error, name):
    """`:LINE` of the file where an error came from; nothing when it came from elsewhere."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}" if error.lineno else ""
    line, trace = None, error.__traceback__
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == name else line
        trace = trace.tb_next
    return f":{line}" if line else ""


def region_rules():
    """All region rules by name, those of installed packages included."""
    load_entry_points()
    return REGION_RULES


def mechanisms():
    """All mechanisms of plug-ins by name, those of installed packages included."""
    load_entry_points()
    return MECHANISMS
