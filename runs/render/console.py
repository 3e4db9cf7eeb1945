"""The console of every command: what is printed on it is text, never markup, and nothing that a terminal obeys."""

from rich.console import Console
from rich.text import Text

from coble.render.printable import printable


class _Terminal(Console):
    """A console that shows strings and texts as they are; a line break inside one is shown, too, and breaks nothing."""

    def __init__(self, **options):
        super().__init__(markup=False, emoji=False, **options)

    def render(self, renderable, options=None):
        if isinstance(renderable, str):
            renderable = printable(renderable)
        elif isinstance(renderable, Text) and not renderable.plain.isprintable():
            renderable = renderable.copy()
            renderable.plain = printable(renderable.plain)
        return super().render(renderable, options)


def terminal(error=False, width=None, file=None):
    """A console on standard output, standard error or a file; `width` in characters, None for that of the terminal."""
    return _Terminal(stderr=error, width=width, file=file)
