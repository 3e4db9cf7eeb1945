"""A stack from the side: its labels in the middle, and what the current loses layer by layer."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from coble.inputs.given_files import read_given
from coble.inputs.image_file import read_labels
from coble.render.names import spoken

AXES = "xyz"


def draw_image(folder, content):
    """The labels of a stack in a plane through its middle, with the narrowest layer, `matplotlib.figure.Figure`.

    Parameters
    ----------
    folder : path-like
        Of a result of `coble discriminate` on an image.
    content : dict
        Of its result.json.

    Raises
    ------
    ValueError
        For a result without an image, and for a section, of which the map of the current says all.
    """
    structure = content["provenance"]["case"].get("structure", {})
    wall = content["walls"][0]
    found = wall["run"]["lattice"].get("narrowest")
    if "image" not in structure or found is None:
        raise ValueError(f"{folder}: has no stack of images: `coble plot --what maps` draws the current in a section")
    labels, axis = read_labels(read_given(structure["image"], Path(folder))), AXES.index(structure["axis"])
    across = (axis + 1) % 3
    plane = np.moveaxis(labels, (axis, across), (0, 1))[:, :, labels.shape[(axis + 2) % 3] // 2]
    edges = np.array(found["edges_nm"])
    high = plane.shape[0] * structure["voxel_nm"]
    figure = Figure(figsize=(7.6, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    wide = plane.shape[1] * structure["voxel_nm"]
    left.imshow(
        plane, origin="lower", extent=(0, wide, 0, high), cmap="Greys_r", interpolation="nearest", aspect="auto"
    )
    left.set(xlabel=f"{AXES[across]} [nm]", ylabel=f"{AXES[axis]} [nm]", title="labels, in the middle")
    middle, below = (edges[1:] + edges[:-1]) / 2, np.zeros(len(edges) - 1)
    for name, lost in found["lost"].items():
        part = 100 * np.array(lost)
        right.barh(middle, part, np.diff(edges), left=below, label=spoken(name))
        below += part
    narrow = middle[below.argmax()]
    for ax in (left, right):
        ax.axhline(narrow, color="tab:red", lw=1, label="narrowest" if ax is right else None)
    right.set(xlabel="lost there [% of the driving energy]", title=wall["name"], ylim=(0, high))
    right.legend()
    return figure
