"""Where the keys of a TOML text stand, which `tomllib` does not keep.

The text, which `tomllib` has accepted, is scanned once from its beginning to its end, and only when somebody asks.
Limit: keys and elements more than `DEEPEST` levels down, which no file of ours has, are not listed; `nearest` gives the
table round them.
"""

import re
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from functools import cached_property

DEEPEST = 8
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")  # between statements, and inside arrays
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_NAME = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_STRING = re.compile(r'''"""(?:[^\\]|\\[\s\S])*?"{3,5}|\'\'\'[\s\S]*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''')
_BARE = re.compile(r"[^,\]}#\n]*")  # numbers, booleans, dates


class KeyLines(Mapping):
    """Line of every key, table header and array element of a TOML text that `tomllib` accepts.

    A mapping of paths, as pydantic writes them (names, and 0-based indices in arrays), to line numbers from 1.  A table
    that several lines open (dotted keys, sub-tables) has the first of them.
    """

    def __init__(self, text):
        self.text = text

    @cached_property
    def _starts(self):
        """Path to where in the text it begins."""
        return _Scan(self.text).starts

    @cached_property
    def _breaks(self):
        """Where the lines of the text begin."""
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def __getitem__(self, path):
        return bisect_right(self._breaks, self._starts[path])

    def __iter__(self):
        return iter(self._starts)

    def __len__(self):
        return len(self._starts)

    def column(self, path):
        """Where `path` begins in its line, from 0."""
        return self._starts[path] - self._breaks[self[path] - 1]

    def nearest(self, path):
        """`path`, or the innermost table round it that the text has; None when it has none."""
        return next((path[:length] for length in range(len(path), 0, -1) if path[:length] in self._starts), None)


def line_of(path, lines):
    """Line of `path`, or of the innermost table round it that the text has; None when it has none."""
    found = lines.nearest(path)
    return None if found is None else lines[found]


class _Scan:
    """One pass through a valid TOML text; `starts` has where each path begins."""

    def __init__(self, text):
        self.text, self.starts = text, {}
        n_tables = Counter()  # path of an array of tables -> tables seen in it
        table, at = (), self._gap(0)
        while at < len(text):
            if text[at] == "[":
                table, at = self._header(at, n_tables)
            else:
                at = self._pair(at, table)
            at = self._gap(at)

    def _gap(self, at):
        return _GAP.match(self.text, at).end()

    def _note(self, path, at):
        if len(path) <= DEEPEST:
            self.starts.setdefault(path, at)

    def _names(self, at):
        """The first names of a dotted key, and where it ends."""
        names = []
        while True:
            found = _NAME.match(self.text, at)
            if len(names) <= DEEPEST:  # one more than is noted tells that it is too deep
                names.append(_plain(found[0]))
            dot = _DOT.match(self.text, found.end())
            if not dot:
                return names, found.end()
            at = dot.end()

    def _header(self, at, n_tables):
        """Path of the table that a header opens, where an array of tables means its last one; and its end."""
        brackets = 2 if self.text.startswith("[[", at) else 1
        names, end = self._names(self._gap(at + brackets))
        path = ()
        for number, name in enumerate(names, 1):
            path = (*path, name)
            if brackets == 2 and number == len(names):
                n_tables[path] += 1
            self._note(path, at)
            if path in n_tables:
                path = (*path, n_tables[path] - 1)
                self._note(path, at)
        return path, self._gap(end) + brackets

    def _pair(self, at, table):
        """Note a key and what is in its value; where it ends."""
        names, end = self._names(at)
        for number in range(1, len(names) + 1):
            self._note((*table, *names[:number]), at)
        return self._value(self._gap(self._gap(end) + 1), (*table, *names))  # after the "="

    def _value(self, at, path):
        """Note what is in the value that begins here; where it ends."""
        first = self.text[at]
        if first in "\"'":
            return _STRING.match(self.text, at).end()
        if first not in "[{":
            return _BARE.match(self.text, at).end()
        number, at = 0, self._gap(at + 1)
        while self.text[at] not in "]}":
            if first == "[":
                self._note((*path, number), at)
                at = self._value(at, (*path, number) if len(path) <= DEEPEST else path)
            else:
                at = self._pair(at, path)
            number, at = number + 1, self._gap(at)
            if self.text[at] == ",":
                at = self._gap(at + 1)
        return at + 1


def _plain(name):
    """A key without its quotes."""
    return tomllib.loads(f"key = {name}")["key"] if name[0] == '"' else name.strip("'")
