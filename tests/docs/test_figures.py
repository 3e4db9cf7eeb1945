"""Every figure has a title that says what was found, and no text lies on another or is cut off, by bounding boxes."""

import pytest
from matplotlib.figure import Figure
from overlaps import faults

import coble


@pytest.mark.parametrize("kind", ["plate", "shares"])
def test_no_text_of_a_figure_lies_on_another(kind, request):
    figures = coble.load(request.getfixturevalue(kind)).plot()
    assert len(figures) >= 3
    found = {name: faults(figure) for name, figure in figures.items()}
    assert not {name: said for name, said in found.items() if said}
    assert not [name for name, figure in figures.items() if not figure.get_suptitle()]


def test_texts_that_overlap_or_are_cut_off_are_seen():
    """The negative control."""
    figure = Figure(figsize=(3, 2))
    figure.text(0.5, 0.5, "one")
    figure.text(0.52, 0.5, "other")
    figure.text(0.95, 0.1, "a long one at the edge")
    assert faults(figure) == ["'one' on 'other'", "'a long one at the edge' is cut off"]
