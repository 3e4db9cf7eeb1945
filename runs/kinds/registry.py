"""All kinds of run: those whose folders stand here, those of installed plug-ins, and those that a program registers.

Nothing outside this folder names a kind; who has a result, a case or a command asks here.
"""

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from os.path import exists, isdir
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
    """The `Kind` of the content of a result."""
    return kinds()[content["kind"]]


def read(folder, only=None, warn=True):
    """The content of the result in a folder, checked.

    Parameters
    ----------
    folder : path-like
        That a command has written.
    only : str, optional
        The kind that it must be of.
    warn : bool
        Whether to log a sentence when it was changed after it was written.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        With a sentence: when there is no result, it is damaged, of another kind or of another version.
    """
    from coble.store.contents import WrongKind, read_content
    from coble.store.files import result_file

    advice = "name a folder of results, as `coble discriminate`, `plate` or `sweep` write"
    if not isdir(folder):
        raise ValueError(f"{folder}: {'no folder' if exists(folder) else 'no such folder'}; {advice}")
    path = result_file(folder)
    known = {name: kind.version for name, kind in kinds().items() if only in (None, name)}
    try:
        content = read_content(path, known, warn)
    except FileNotFoundError:
        raise ValueError(f"{folder}: holds no result.json; {advice}") from None
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror or error})") from None
    except WrongKind as error:
        raise ValueError(f"{error}; {advice}") from None
    kind = kind_of(content)
    if kind.file != path.name:
        raise ValueError(f"{path}: is damaged, it holds a {kind.name}, whose file is called {kind.file}")
    try:
        return kind.checked(content)
    except ValueError as error:
        raise ValueError(f"{path}: is damaged, {error}") from None


def command_of(case):
    """The kind of run that a case asks for, and the command: (`Kind`, str)."""
    for kind in kinds().values():
        if command := kind.claims(case):
            return kind, command
    raise ValueError("no kind of run takes this case")


def own_sections():
    """Sections of a case that only some kinds of run have, tuple of str."""
    return tuple(dict.fromkeys(section for kind in kinds().values() for section in kind.sections))
