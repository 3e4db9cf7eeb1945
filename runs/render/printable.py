"""Text on its way to a terminal: whatever it holds prints as text, on the line that it belongs to.

Names of files, folders and walls, results that others made, and messages about them may hold escape sequences and line
breaks.  A terminal obeys those: it changes its title, or shows a line that nobody wrote.  So everything that a command
says leaves through `say`, and tables and styles through `coble.render.console.terminal`.
"""

import sys
from textwrap import fill
from unicodedata import category

WIDE = 80  # columns of a table that goes to a file: a log, a mail and a page of paper have so many


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
    """Print messages, strings or exceptions, to standard output, or to standard error; see `lines_of`."""
    for message in messages:
        for line in lines_of(message):
            print(line, file=sys.stderr if error else sys.stdout)


def wrapped(line, indent=0, columns=WIDE):
    """A line as lines of at most so many columns, the later ones indented; a word that is longer stays whole."""
    return fill(line, columns, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
