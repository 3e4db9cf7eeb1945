"""Line numbers of the keys of a TOML text, which `tomllib` does not keep.

`key_lines` reads a text that `tomllib` has already accepted, so it looks for structure only: keys, table
headers, arrays and inline tables.  It checks nothing and understands no values.  A text that is not TOML
gives nonsense or an exception.
"""

import re
import tomllib
from bisect import bisect_left

# Three quotes end a multi-line string, and up to two more quotes before them belong to its content.
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?""""{0,2}' r"|'''.*?''''{0,2}" r'|"(?:\\.|[^"\\])*"' r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")  # spaces included: "1979-05-27 07:32:00" is one value
_BLANK = re.compile(r"(?:\s|#[^\n]*)*")  # also newlines and comments
_SPACE = re.compile(r"[ \t]*")


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
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


def line_of(path, lines):
    """Line of `path`, or of the innermost table around it that the text has; None when it has none."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


class _Scanner:
    """One pass over the text; `position` is the next character, `lines` what was found so far."""

    def __init__(self, text):
        self.text = text
        self.position = 0
        self.lines = {}
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._n_tables = {}  # path of an array of tables -> tables seen in it

    def document(self):
        """Table headers and `key = value` lines to the end of the text."""
        table = ()
        self._skip(_BLANK)
        while self.position < len(self.text):
            if self._next_is("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self):
        """Read `[a.b]` or `[[a.b]]`; return the path of the table that it opens."""
        line = self._line()
        brackets = "[[" if self._next_is("[[") else "["
        self.position += len(brackets)
        *parents, last = self._dotted_key()
        self.position += len(brackets)
        path = self._enter((), parents, line)
        path = (*path, last)
        self.lines.setdefault(path, line)
        if brackets == "[[":
            index = self._n_tables.get(path, 0)
            self._n_tables[path] = index + 1
            path = (*path, index)
            self.lines[path] = line
        return path

    def _enter(self, path, names, line):
        """Go down `names` from `path`; an array of tables means the last table that it has."""
        for name in names:
            path = (*path, name)
            self.lines.setdefault(path, line)
            if path in self._n_tables:
                path = (*path, self._n_tables[path] - 1)
        return path

    def _pair(self, table):
        """Read `key = value` or `a.b = value` inside `table`."""
        line = self._line()
        path = table
        for name in self._dotted_key():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self.position += 1  # the "="
        self._skip(_SPACE)
        self._value(path)

    def _dotted_key(self):
        """Names of `a."b".c`, and the blanks around them."""
        names = []
        while True:
            self._skip(_SPACE)
            names.append(self._name())
            self._skip(_SPACE)
            if not self._next_is("."):
                return names
            self.position += 1

    def _name(self):
        """One name of a key, bare or quoted."""
        if self._next_is(('"', "'")):
            return tomllib.loads("name = " + self._skip(_STRING))["name"]  # it knows the escapes
        return self._skip(_BARE_KEY)

    def _value(self, path):
        """Go past a value; the keys and elements in it are those of `path`."""
        if self._next_is("["):
            self._array(path)
        elif self._next_is("{"):
            self._inline_table(path)
        else:
            self._skip(_STRING if self._next_is(('"', "'")) else _BARE_VALUE)

    def _array(self, path):
        for index in self._members("]"):
            self.lines[(*path, index)] = self._line()
            self._value((*path, index))

    def _inline_table(self, path):
        for _ in self._members("}"):
            self._pair(path)

    def _members(self, closing):
        """Stop at each of the members between brackets, count them, and go past the closing bracket."""
        index = 0
        self.position += 1
        self._skip(_BLANK)
        while not self._next_is(closing):
            yield index
            index += 1
            self._skip(_BLANK)
            if self._next_is(","):
                self.position += 1
                self._skip(_BLANK)
        self.position += 1

    def _next_is(self, what):
        return self.text.startswith(what, self.position)

    def _skip(self, pattern):
        """Go past `pattern`, which must be next, and return its text."""
        match = pattern.match(self.text, self.position)
        self.position = match.end()
        return match.group()

    def _line(self):
        """Number of the line at `position`, from 1."""
        return bisect_left(self._newlines, self.position) + 1
