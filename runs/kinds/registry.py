"""All kinds of run: those whose folders stand here, those of installed plug-ins, and those that a program registers.

Nothing outside this folder names a kind; who has a result, a case or a command asks here.
"""

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

import coble.kinds

ENTRY_POINTS = "coble.kinds"  # of other distributions: each leads to a `Kind`
_registered = {}


@cache
def _found():
    """Kinds by name, those of the package first."""
    names = sorted(module.name for module in iter_modules(coble.kinds.__path__) if module.ispkg)
    kinds = [import_module(f"coble.kinds.{name}").KIND for name in names]
    kinds += [point.load() for point in entry_points(group=ENTRY_POINTS)]
    return {kind.name: kind for kind in kinds}


def kinds():
    """Dict of name → `Kind`."""
    return _found() | _registered


def register(kind):
    """Add a kind of one's own for this process; returns it."""
    if kind.name in _found():
        raise ValueError(f"kind {kind.name!r} is built in; take another name")
    _registered[kind.name] = kind
    return kind


def unregister(name):
    """Take back what `register` added."""
    _registered.pop(name, None)


def kind_of(content):
    """The `Kind` of a result.

    Raises
    ------
    ValueError
        When there is none of that name, or its layout has another version.
    """
    name = content.get("kind") if isinstance(content, dict) else None
    if not isinstance(name, str) or name not in kinds():
        raise ValueError(f"kind must be one of {', '.join(kinds())}, got {name!r}")
    kind = kinds()[name]
    if content.get("schema") != kind.version:
        raise ValueError(
            f"schema must be {kind.version}, got {content.get('schema')!r}: another version of Coble made it; run it "
            "again, or read it with that version"
        )
    return kind


def command_of(case):
    """The kind of run that a case asks for, and the command: (`Kind`, str)."""
    for kind in kinds().values():
        if command := kind.claims(case):
            return kind, command
    raise ValueError("no kind of run takes this case")
