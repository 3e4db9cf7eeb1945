"""Figures of a report that hold pixels: they take the colours of the page as the others do."""

import io
from base64 import b64decode

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from coble.reports import figures


def test_atoms_are_pixels_on_the_colour_of_the_page(painted):
    figure = Figure(figsize=(4, 3))
    ax = figure.subplots()
    ax.scatter(*np.random.default_rng(1).random((2, 20_000)), s=0.5, color="#0072B2", rasterized=True)
    ax.set_title("atoms")
    markup = figures.drawn("x", figure, "", "")["markup"]
    assert markup.startswith("<svg") and "--grey-" in markup  # text and axes are of the page
    (image,) = (found[2] for found in figures.IMAGE.finditer(markup))
    with Image.open(io.BytesIO(b64decode(image))) as picture:
        assert picture.mode == "P"
        alpha = np.asarray(picture.convert("RGBA"))[..., 3]
    assert alpha.min() == 0 and alpha.max() >= 254  # of 255, in 256 colours and degrees of transparency
