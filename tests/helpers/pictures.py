"""Figures are made in every test, and painted for those that look at them: painting takes longer than most runs."""

from contextlib import contextmanager

import coble.reports.figures as figures
import coble.store.files as files

WRITE_FIGURE, DRAWN = files.write_figure, figures.drawn
BLANK = {".png": b"\x89PNG", ".svg": b"<svg></svg>"}


def _write(path, figure):
    files.whole(path, lambda part: part.write_bytes(BLANK[path.suffix]))


def not_drawn(name, figure, title, said):
    """What stands on a page in place of a figure."""
    return {"markup": "<svg></svg>", "width": 1, "title": title, "said": said}


@contextmanager
def _with(write_figure, drawn):
    before = files.write_figure, figures.drawn
    files.write_figure, figures.drawn = write_figure, drawn
    try:
        yield
    finally:
        files.write_figure, figures.drawn = before


def blank():
    """Neither figures beside results nor those of reports are painted: a context."""
    return _with(_write, not_drawn)


def painted():
    """All are, as for users: a context."""
    return _with(WRITE_FIGURE, DRAWN)
