"""The console of every command: what is printed on it is text, never markup, and nothing that a terminal obeys."""

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from coble.render.printable import printable


class _Terminal(Console):
    """A console that shows strings and texts as they are; a line break inside one is shown, too, and breaks nothing.

    In files and pipes no line ends with blanks, with which tables and paragraphs are filled up.
    """

    def __init__(self, **options):
        super().__init__(markup=False, emoji=False, **options)

    def render(self, renderable, options=None):
        if isinstance(renderable, str):
            renderable = printable(renderable)
        elif isinstance(renderable, Text) and not renderable.plain.isprintable():
            renderable = renderable.copy()
            renderable.plain = printable(renderable.plain)
        found = super().render(renderable, options)
        return found if self.is_terminal else _stripped(found)


def _stripped(segments):
    """Segments of rich without the blanks at the ends of lines."""
    held = []  # blanks, until something follows them on their line
    for segment in segments:
        text, style, control = segment
        if control:
            yield segment
            continue
        for line in text.splitlines(keepends=True):
            kept = line.rstrip(" \n")
            if kept:
                yield from held
                held = []
                yield Segment(kept, style)
            if line.endswith("\n"):
                held = []
                yield Segment("\n", style)
            elif len(kept) < len(line):
                held.append(Segment(line[len(kept) :], style))
    yield from held


def terminal(error=False, width=None, file=None):
    """A console on standard output, standard error or a file; `width` in characters, None for that of the terminal."""
    return _Terminal(stderr=error, width=width, file=file)
