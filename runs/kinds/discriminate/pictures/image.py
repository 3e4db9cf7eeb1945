"""A stack from the side and across its narrowest place: labels, current, minimum cut, and what is lost by layer."""

from pathlib import Path

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from coble.inputs.files.given_files import read_given
from coble.inputs.structures.image_file import read_labels
from coble.inputs.structures.image_sections import PORE
from coble.kinds.kind import NotHere
from coble.lattices.atoms.from_atoms import AXES
from coble.models.structures.image import order_of
from coble.render.names import spoken
from coble.render.palette import wall_styles

NARROW = {"color": "tab:red", "lw": 1.2, "ls": "--"}


def draw_image(folder, content):
    """A stack with the current through it and its minimum cut, `matplotlib.figure.Figure`.

    Parameters
    ----------
    folder : path-like
        Of a result of `coble discriminate` on an image.
    content : dict
        Of its result.json.

    Raises
    ------
    NotHere
        For a result without an image, and for a section, of which the map of the current says all.
    """
    structure = content["provenance"]["case"].get("structure", {})
    wall = content["walls"][0]
    found = wall["run"]["lattice"].get("narrowest")
    if "image" not in structure or found is None or "views" not in found:
        raise NotHere(f"{folder}: has no stack of images: `coble plot --what maps` draws the current in a section")
    order, voxel, views = order_of(structure["axis"]), structure["voxel_nm"], found["views"]
    labels = read_labels(read_given(structure["image"], Path(folder))).transpose(order)
    names = [AXES[k] for k in order]
    along, across, before = (np.array(views[key], dtype=float) for key in ("along", "across", "before"))
    mirrored = (structure["along_axis"] or "periodic") != "periodic"
    row = min(int(views["plane_nm"] / voxel), labels.shape[1] - 1)
    layer = min(int(found["at_nm"] / voxel), labels.shape[2] - 1)
    size = [each * voxel for each in labels.shape]
    strongest = np.percentile(np.concatenate([along[along > 0], across[across > 0], [1.0]]), 99.5)
    figure = Figure(figsize=(8.4, 7.2), layout="constrained")
    (side, flow), (section, lost) = figure.subplots(2, 2)
    colours, named = _colours(wall, structure)
    low, high = min(colours), max(colours)
    shades = ListedColormap([colours.get(value, "white") for value in range(low, high + 1)])
    shown = {"origin": "lower", "interpolation": "nearest", "aspect": "equal"}
    box, square = (0, size[0], 0, size[2]), (0, size[0], 0, size[1])
    side.imshow(labels[:, row].T, cmap=shades, vmin=low - 0.5, vmax=high + 0.5, extent=box, **shown)
    drawn = flow.imshow(np.ma.masked_equal(along.T, 0), cmap="magma", vmin=0, vmax=strongest, extent=box, **shown)
    section.imshow(np.ma.masked_equal(across.T, 0), cmap="magma", vmin=0, vmax=strongest, extent=square, **shown)
    there = labels[:, :, layer].T
    for value in colours:  # outlines of the labels over the current
        if (there == value).any() and (there != value).any():
            middles = [
                np.linspace(0, each, n + 1)[:-1] + each / n / 2 for each, n in zip(size, there.T.shape, strict=False)
            ]
            section.contour(*middles, there == value, levels=[0.5], colors="white", linewidths=0.5)
    for ax, colour in ((side, "black"), (flow, "white")):
        _draw_cut(ax, before, box, colour, None if mirrored else found["at_nm"])
        ax.axhline(found["at_nm"], **NARROW)
        ax.set(xlabel=f"{names[0]} [nm]", ylabel=f"{names[2]} [nm]", xlim=box[:2], ylim=box[2:])
    figure.colorbar(drawn, ax=[flow], label="current along the axis, over the mean")
    at = f"{names[1]} = {views['plane_nm']:.3g} nm"
    side.set_title(f"labels at {at}", fontsize=9)
    flow.set_title(f"current at {at}", fontsize=9)
    section.set_title(f"current at {names[2]} = {found['at_nm']:.3g} nm, the narrowest", fontsize=9)
    section.set(xlabel=f"{names[0]} [nm]", ylabel=f"{names[1]} [nm]")
    marks = [
        Line2D([], [], color="black", lw=1.6, label="minimum cut"),
        Line2D([], [], label="narrowest layer", **NARROW),
    ]
    figure.legend(handles=[*named, *marks], loc="outside upper center", ncols=min(6, len(named) + 2), fontsize=9)
    _draw_lost(lost, found, wall, names[2], size[2])
    return figure


def _colours(wall, structure):
    """Colour of every value of the image, and handles of the legend."""
    styles = wall_styles(wall)
    colours = {
        int(value): "white" if name == PORE or name not in styles else styles[name].colour
        for value, name in structure["labels"].items()
    }
    there = dict.fromkeys(name for name in structure["labels"].values() if name in styles)
    return colours, [Patch(color=styles[name].colour, label=spoken(name)) for name in there]


def _draw_cut(ax, before, box, colour, middle):
    """The line between what lies before the minimum cut and what lies behind it; pixels without sites have none.

    A periodic stack is opened half a period away from its narrowest place, `middle` [nm].
    """
    n_x, n_z = before.shape
    high, first = box[3], 0
    if middle is not None:
        first = round((middle / high - 0.5) % 1 * n_z) % n_z
        before = np.roll(before, -first, axis=1)
    full = np.isfinite(before)
    if n_x < 2 or n_z < 2 or not full.any():
        return
    x = (np.arange(n_x) + 0.5) * box[1] / n_x
    z = (np.arange(n_z) + 0.5 + first) * high / n_z
    for period in (0, -high) if first else (0,):
        ax.contour(x, z + period, np.ma.masked_where(~full, before).T, levels=[0.5], colors=colour, linewidths=1.6)


def _draw_lost(ax, found, wall, axis, high):
    """Bars of what is lost by layer and region."""
    edges, styles = np.array(found["edges_nm"]), wall_styles(wall)
    middle, below = (edges[1:] + edges[:-1]) / 2, np.zeros(len(edges) - 1)
    mean = 1 / len(middle)
    for name, lost in found["lost"].items():
        part = np.array(lost) / mean
        ax.barh(middle, part, np.diff(edges), left=below, color=styles[name].colour, label=spoken(name))
        below += part
    ax.axhline(found["at_nm"], **NARROW)
    ax.axvline(1, color="0.5", lw=0.8)
    ax.set(xlabel="driving energy lost by layer, over the mean", ylabel=f"{axis} [nm]", ylim=(0, high))
    ax.set_title(wall["name"], fontsize=9)
    ax.legend(fontsize=8)
