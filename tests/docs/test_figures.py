"""Texts of a figure that lie on one another, or leave it, are found by their bounding boxes; see unit/test_face.py."""

from matplotlib.figure import Figure
from overlaps import faults


def test_texts_that_overlap_or_are_cut_off_are_seen():
    """The negative control."""
    figure = Figure(figsize=(3, 2))
    figure.text(0.5, 0.5, "one")
    figure.text(0.52, 0.5, "other")
    figure.text(0.95, 0.1, "a long one at the edge")
    assert faults(figure) == ["'one' on 'other'", "'a long one at the edge' is cut off"]
