"""Text on its way to a terminal: whatever it holds prints as text, on the line that it belongs to.

Names of files, folders and walls, results that others made, and messages about them may hold escape sequences and line
breaks.  A terminal obeys those: it changes its title, or shows a line that nobody wrote.  So everything that a command
says leaves through `say`, and tables and styles through `coble.render.console.terminal`.
"""

import os
import sys
from textwrap import fill
from unicodedata import category

from coble.render.numbers import short

WIDE = 80  # columns of what goes to a file: a log, a mail and a page of paper have so many
INDENT = 2  # of the later lines of a message


def printable(text):
    """`text` with everything that takes no ink and is no space as Python writes it: `\\x1b`, `\\n`, `\\u202e`.

    Printable text comes back unchanged, so it does no harm to call it twice.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or category(each) == "Zs" else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def lines_of(said):
    """Printable lines of a message: one of a string, whatever it holds; of an error that has `lines()`, those."""
    lines = said.lines() if hasattr(said, "lines") else [said]
    return [printable(str(line)) for line in lines]


def say(*messages, error=False):
    """Print messages, strings or exceptions, to standard output, or to standard error; see `lines_of`.

    On standard error they are wrapped to the width of the terminal, see `columns`, but for lines that quote a file.
    What names a file that was written stays in one line, for programs that read it.
    """
    for message in messages:
        for line in lines_of(message):
            if error and not line.startswith(" "):
                line = wrapped(short(line), INDENT, columns(sys.stderr))
            print(line, file=sys.stderr if error else sys.stdout)


def columns(stream):
    """Columns of what is printed to a stream: as many as `COLUMNS` says, else those of the terminal, in a file `WIDE`.

    Parameters
    ----------
    stream : text stream
        Standard output or error.

    Returns
    -------
    int
    """
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDE
    except (OSError, ValueError):  # no terminal, or closed
        return WIDE


def wrapped(line, indent=0, columns=WIDE):
    """A line as lines of at most so many columns, the later ones indented; a word that is longer stays whole."""
    return fill(line, columns, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
