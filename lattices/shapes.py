"""Shapes: which region of the cross-section is a point in?

A shape is a cross-section perpendicular to the tube axis z; lengths in Å.  It says which bore, or the wall, holds
a point (x, y), and the exact areas and perimeter that the closed formulas need.  `W` is the inner width, `w` the
wall thickness.
"""

from dataclasses import dataclass, fields
from math import asin, pi, sqrt

import numpy as np


@dataclass(frozen=True)
class Shape:
    """A cross-section, per tubule or per repeat unit.

    Attributes
    ----------
    inner_width, wall_thickness : float
        W and w [Å].
    centres : tuple of (x, y)
        Centre of each bore [Å].
    period : tuple (float or None, float or None)
        Period across the axis along x and y [Å]; None where the shape ends.
    bore_area, wall_area : float
        [Å²], all bores together.
    perimeter : float
        Length of the wetted wall/metal boundary, all bores together [Å].
    """

    name = ""
    inner_width: float
    wall_thickness: float

    def in_bore(self, x, y):
        """True where (x, y), relative to the bore's own centre, lies in the bore."""
        raise NotImplementedError

    def in_wall(self, x, y):
        """True where (x, y) lies in the wall."""
        raise NotImplementedError

    @property
    def bore_extent(self):
        """Half widths (x, y) of a box around one bore, relative to its centre [Å]."""
        return (self.inner_width / 2, self.inner_width / 2)


@dataclass(frozen=True)
class Single(Shape):
    """One round tubule: the annulus W/2 < r < W/2 + w, wetted on its inner face; its outer face is bare."""

    name = "single"
    period = (None, None)

    @property
    def centres(self):
        return ((0.0, 0.0),)

    @property
    def outer_radius(self):
        """W/2 + w [Å]."""
        return self.inner_width / 2 + self.wall_thickness

    def in_bore(self, x, y):
        return x**2 + y**2 < (self.inner_width / 2) ** 2

    def in_wall(self, x, y):
        distance2 = np.min([(x - cx) ** 2 + (y - cy) ** 2 for cx, cy in self.centres], axis=0)
        return (distance2 >= (self.inner_width / 2) ** 2) & (distance2 < self.outer_radius**2)

    @property
    def wall_extent(self):
        reach = self.outer_radius
        return tuple((min(along) - reach, max(along) + reach) for along in zip(*self.centres, strict=True))

    @property
    def outline_area(self):
        """Bores and wall together [Å²]."""
        return pi * self.outer_radius**2

    @property
    def bore_area(self):
        return len(self.centres) * pi * self.inner_width**2 / 4

    @property
    def wall_area(self):
        return self.outline_area - self.bore_area

    @property
    def perimeter(self):
        return len(self.centres) * pi * self.inner_width


@dataclass(frozen=True)
class Double(Single):
    """Two round tubules side by side: their walls overlap, so that one thickness w is left between the bores."""

    name = "double"

    @property
    def pitch(self):
        """Distance of neighbouring centres [Å]."""
        return self.inner_width + self.wall_thickness

    @property
    def centres(self):
        return ((-self.pitch / 2, 0.0), (self.pitch / 2, 0.0))

    @property
    def overlap_area(self):
        """What two neighbouring discs of the outer radius share [Å²]."""
        half = self.pitch / 2
        return 2 * _segment(self.outer_radius, 2 * sqrt(self.outer_radius**2 - half**2))

    @property
    def outline_area(self):
        return 2 * pi * self.outer_radius**2 - self.overlap_area


@dataclass(frozen=True)
class Triple(Double):
    """Three round tubules in a triangle, one thickness w between any two bores; thin walls leave a gap between them."""

    name = "triple"

    @property
    def centres(self):
        below, above = -self.pitch / (2 * sqrt(3)), self.pitch / sqrt(3)
        return ((-self.pitch / 2, below), (self.pitch / 2, below), (0.0, above))

    @property
    def outline_area(self):
        radius, half = self.outer_radius, self.pitch / 2
        # Corners of what all three discs share: where two circles meet, as far inside the third as it reaches.
        corner = sqrt(radius**2 - half**2) - half / sqrt(3)
        shared = 0.0
        if corner > 0:
            side = sqrt(3) * corner
            shared = sqrt(3) / 4 * side**2 + 3 * _segment(radius, side)
        return 3 * pi * radius**2 - 3 * self.overlap_area + shared


def _segment(radius, chord):
    """Area between a chord of a circle and its shorter arc."""
    return radius**2 * asin(chord / (2 * radius)) - chord / 4 * sqrt(4 * radius**2 - chord**2)


@dataclass(frozen=True)
class Slab(Shape):
    """Flat walls of thickness w between metal layers of thickness W: eq. (3) of the paper holds exactly.

    Repeat unit: one metal layer (|x| < W/2) and one wall, wetted on both faces; periodic along x and y.
    """

    name = "slab"
    width: float = 50.0  # periodic width along y [Å]
    centres = ((0.0, 0.0),)

    @property
    def period(self):
        return (self.inner_width + self.wall_thickness, self.width)

    def in_bore(self, x, y):
        return np.abs(x) < self.inner_width / 2

    def in_wall(self, x, y):
        return (x >= self.inner_width / 2) & (x < self.inner_width / 2 + self.wall_thickness)

    @property
    def bore_extent(self):
        return (self.inner_width / 2, self.width / 2)

    @property
    def wall_extent(self):
        return ((self.inner_width / 2, self.inner_width / 2 + self.wall_thickness), (0.0, self.width))

    @property
    def bore_area(self):
        return self.inner_width * self.width

    @property
    def wall_area(self):
        return self.wall_thickness * self.width

    @property
    def perimeter(self):
        return 2 * self.width


@dataclass(frozen=True)
class _Array(Shape):
    """Bores in a periodic matrix; everything that is not bore is wall, shared by its neighbours."""

    pore: str = "polygonal"

    @property
    def pitch(self):
        return self.inner_width + self.wall_thickness

    @property
    def wall_extent(self):
        return tuple((-edge / 2, edge / 2) for edge in self.period)

    def in_wall(self, x, y):
        wall = np.ones(np.broadcast(x, y).shape, dtype=bool)
        for cx, cy in self.centres:
            for ix in (-1, 0, 1):
                for iy in (-1, 0, 1):
                    wall &= ~self.in_bore(x - cx - ix * self.period[0], y - cy - iy * self.period[1])
        return wall

    @property
    def wall_area(self):
        return self.period[0] * self.period[1] - self.bore_area

    def _in_circle(self, x, y):
        return x**2 + y**2 < (self.inner_width / 2) ** 2


@dataclass(frozen=True)
class SquareArray(_Array):
    """Bores on a square lattice of pitch W + w: square cells, or round pores."""

    name = "square-array"
    centres = ((0.0, 0.0),)

    @property
    def period(self):
        return (self.pitch, self.pitch)

    def in_bore(self, x, y):
        if self.pore == "round":
            return self._in_circle(x, y)
        half = self.inner_width / 2
        return (np.abs(x) < half) & (np.abs(y) < half)

    @property
    def bore_area(self):
        return pi * self.inner_width**2 / 4 if self.pore == "round" else self.inner_width**2

    @property
    def perimeter(self):
        return pi * self.inner_width if self.pore == "round" else 4 * self.inner_width


@dataclass(frozen=True)
class HexagonalArray(_Array):
    """Bores on a triangular lattice of pitch W + w: a honeycomb (W across flats), or round pores.

    The repeat unit is the rectangle of two tubules, pitch × √3 pitch.
    """

    name = "hexagonal-array"

    @property
    def period(self):
        return (self.pitch, sqrt(3) * self.pitch)

    @property
    def centres(self):
        return ((0.0, 0.0), (self.pitch / 2, sqrt(3) * self.pitch / 2))

    def in_bore(self, x, y):
        if self.pore == "round":
            return self._in_circle(x, y)
        half = self.inner_width / 2
        slanted = np.abs(x) / 2 + np.abs(y) * (sqrt(3) / 2)
        return (np.abs(x) < half) & (slanted < half)

    @property
    def bore_extent(self):
        return (self.inner_width / 2, self.inner_width / sqrt(3))

    @property
    def bore_area(self):
        one = pi / 4 if self.pore == "round" else sqrt(3) / 2
        return 2 * one * self.inner_width**2

    @property
    def perimeter(self):
        one = pi if self.pore == "round" else 2 * sqrt(3)
        return 2 * one * self.inner_width


SHAPES = {shape.name: shape for shape in (Slab, Single, Double, Triple, SquareArray, HexagonalArray)}


def make_shape(name, inner_width, wall_thickness, *, pore="polygonal", width=50.0):
    """A shape by name; lengths in Å.  `pore` is used by the arrays, `width` by the slab.

    Raises
    ------
    ValueError
        For an unknown shape or a pore that is neither "polygonal" nor "round".
    """
    if name not in SHAPES:
        raise ValueError(f"shape must be one of {', '.join(SHAPES)}, got {name!r}")
    if pore not in ("polygonal", "round"):
        raise ValueError(f"pore must be 'polygonal' or 'round', got {pore!r}")
    own = {field.name for field in fields(SHAPES[name])}
    used = {key: value for key, value in {"pore": pore, "width": width}.items() if key in own}
    return SHAPES[name](inner_width, wall_thickness, **used)
