"""Built-in tubules with more in them, drawn as labelled voxels: a coating between wall and metal, a grain boundary.

A grain boundary is where two labels of the same metal meet: BULK and GRAIN.
"""

import numpy as np

from coble.lattices.shapes import make_shape

PORE, WALL, BULK, COATING, GRAIN = range(5)
LABELS = ("pore", "wall", "bulk", "coating", "grain")
BOUNDARIES = ("along", "across")  # of grains: plane with the axis in it, or across it
MARGIN = 2  # voxels round a tubule that ends
OFF = 0.01  # of a period that whole voxels may miss


def tubule_labels(
    shape, inner_width_A, wall_A, voxel_A, *, coating_A=0.0, grain_boundary=None, length_A=None, pore="polygonal"
):
    """A tubule as an image.

    Parameters
    ----------
    shape : str
        Of `coble.lattices.shapes.SHAPES`.
    inner_width_A, wall_A : float
        W and w [Å]; the coating lies inside of W.
    voxel_A : float
    coating_A : float
        Thickness of the coating [Å].
    grain_boundary : {"along", "across"}, optional
        "along": the plane x = 0 through every bore.  "across": planes in the middle and at the ends of the period.
    length_A : float, optional
        Of a period with boundaries across [Å]; default W.
    pore : str
        Of arrays.

    Returns
    -------
    uint8 array (nx, ny) or, with boundaries across, (nx, ny, nz)
        PORE, WALL, BULK, COATING, GRAIN.

    Raises
    ------
    ValueError
        For an unknown shape or boundary, a coating that fills the bore, and a period that voxels do not divide.
    """
    if grain_boundary is not None and grain_boundary not in BOUNDARIES:
        raise ValueError(f"grain_boundary must be {' or '.join(map(repr, BOUNDARIES))}, got {grain_boundary!r}")
    if not 0 <= 2 * coating_A < inner_width_A:
        raise ValueError(f"a coating of {coating_A / 10:g} nm fills a bore of {inner_width_A / 10:g} nm")
    outer = make_shape(shape, inner_width_A, wall_A, pore=pore, width=wall_A)
    inner = make_shape(shape, inner_width_A - 2 * coating_A, wall_A + 2 * coating_A, pore=pore, width=wall_A)
    x, y = (
        _middles(low, high, period, voxel_A) for (low, high), period in zip(_extent(outer), outer.period, strict=True)
    )
    x, y = x[:, None], y[None, :]
    labels = np.where(outer.in_wall(x, y), WALL, PORE) * np.ones((x.size, y.size), dtype=np.uint8)
    for cx, cy in outer.centres:
        for move_x in _images(outer.period[0]):
            for move_y in _images(outer.period[1]):
                u, v = x - cx - move_x, y - cy - move_y
                here = outer.in_bore(u, v)
                metal = np.where((u > 0) & (grain_boundary == "along"), GRAIN, BULK)
                labels = np.where(here, np.where(inner.in_bore(u, v), metal, COATING), labels)
    labels = labels.astype(np.uint8)
    if grain_boundary != "across":
        return labels
    half = max(2, round((length_A or inner_width_A) / voxel_A / 2))
    stack = np.repeat(labels[:, :, None], 2 * half, axis=2)
    stack[:, :, half:][stack[:, :, half:] == BULK] = GRAIN
    return stack


def _extent(shape):
    """Edges of the image along x and y [Å]: whole periods, or the tubule."""
    found = []
    for (low, high), period in zip(shape.wall_extent, shape.period, strict=True):
        found.append((low, high) if period is None else (-period / 2, period / 2))
    return found


def _images(period):
    return (0.0,) if period is None else (-period, 0.0, period)


def _middles(low, high, period, voxel_A):
    """Middles of the voxels [Å]: those of a period are stretched by what whole voxels miss."""
    n = round((high - low) / voxel_A) if period else int(np.ceil((high - low) / voxel_A)) + 2 * MARGIN
    if period:
        if n < 3 or abs(n * voxel_A / period - 1) > OFF:
            good = period / max(3, n)
            raise ValueError(
                f"voxels of {voxel_A / 10:g} nm do not divide the period of {period / 10:g} nm: {good / 10:.4g} nm "
                "would do"
            )
        return low + (np.arange(n) + 0.5) * (high - low) / n
    return (low + high) / 2 + (np.arange(n) + 0.5 - n / 2) * voxel_A
