"""Which texts of a figure lie on one another, or leave it, by their bounding boxes; the figure is painted for it."""

import io
from itertools import combinations

import pytest
from matplotlib.text import Annotation, Text

from coble.render.palette import lay_out

SLACK = 1.5  # pixels that boxes may share: those of letters have an edge


def boxes(figure):
    """Texts that are drawn, as (text, bounding box in pixels)."""
    drawn, draw = [], Text.draw
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", lambda text, *given: drawn.append(text) or draw(text, *given))
        lay_out(figure)
        figure.savefig(io.BytesIO(), dpi=figure.dpi)
    texts = {id(t): t for t in drawn if t.get_text().strip() and not isinstance(t, Annotation)}
    return [(text.get_text(), text.get_window_extent()) for text in texts.values()]


def faults(figure):
    """Pairs of texts whose boxes overlap, and texts that are cut off at an edge, list of str."""
    found, whole = boxes(figure), figure.bbox
    said = [
        f"{one!r} on {other!r}"
        for (one, a), (other, b) in combinations(found, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > SLACK and min(a.y1, b.y1) - max(a.y0, b.y0) > SLACK
    ]
    return said + [
        f"{words!r} is cut off"
        for words, box in found
        if min(box.x0 - whole.x0, whole.x1 - box.x1, box.y0 - whole.y0, whole.y1 - box.y1) < -SLACK
    ]
