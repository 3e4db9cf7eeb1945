"""Line numbers of the keys of a TOML text, which `tomllib` does not keep.

`key_lines` reads a text that `tomllib` has already accepted, statement by statement: a statement is as many
lines as `tomllib` needs to accept them alone.  Limits: keys inside an array or inline table of several lines
have the line where the element of the outermost array begins, and the time for such an array grows with the
square of its lines.
"""

import tomllib
from collections import Counter


def key_lines(text):
    """Line of every key, table header and array element of a valid TOML text.

    Parameters
    ----------
    text : str
        The TOML text.

    Returns
    -------
    dict of tuple to int
        Path, as pydantic writes it (names, and 0-based indices in arrays), to line number, from 1.  A table
        that several lines open (dotted keys, sub-tables) has the first of them.
    """
    lines = {}
    n_tables = Counter()  # path of an array of tables -> tables seen in it
    table = ()
    statement, first = "", 1
    for number, row in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        statement += row + "\n"
        data = _loads(statement)
        complete = data is not None
        if not complete:
            data = _loads(statement + "]")  # the elements so far of an array
        if data is None:
            continue  # in the middle of a value
        if statement.lstrip().startswith("["):
            table = _opened(data, n_tables)
            for length in range(1, len(table) + 1):
                lines.setdefault(table[:length], first)
        else:
            for path in _paths(data, table):
                lines.setdefault(path, first)
        first = number + 1
        if complete:
            statement = ""
    return lines


def line_of(path, lines):
    """Line of `path`, or of the innermost table around it that the text has; None when it has none."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _loads(text):
    """Data of a TOML text; None when it is not one."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _opened(data, n_tables):
    """Path of the table that a header opens, whose data alone is `data`; an array of tables means its last one."""
    path = ()
    while data:
        [(name, data)] = data.items()
        path = (*path, name)
        if isinstance(data, list):
            n_tables[path] += 1
            data = {}
        if path in n_tables:
            path = (*path, n_tables[path] - 1)
    return path


def _paths(value, path):
    """Paths of everything inside `value`, which is at `path`."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from _paths(member, (*path, key))
