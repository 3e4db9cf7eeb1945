"""Shapes: the areas and perimeters they state against the regions they draw."""

import numpy as np
import pytest

from coble.lattices import SHAPES, make_shape

INTERFACE_WIDTH_A = 2.0
FINE = 1100  # pixels along the longer side
EVERY_SHAPE = [(name, "polygonal") for name in SHAPES] + [("square-array", "round"), ("hexagonal-array", "round")]


def pixels(shape):
    """Bore (bool), wall (bool) and pixel area [Å²] on a grid over one repeat unit, or round a shape that ends."""
    edges = [(-period / 2, period / 2) if period else shape.wall_extent[i] for i, period in enumerate(shape.period)]
    if shape.name == "slab":  # its repeat unit starts at the metal and ends behind the wall
        edges[0] = (-shape.inner_width / 2, shape.inner_width / 2 + shape.wall_thickness)
    size = max(high - low for low, high in edges) / FINE
    counts = [round((high - low) / size) for low, high in edges]
    axes = [low + (np.arange(n) + 0.5) * (high - low) / n for (low, high), n in zip(edges, counts, strict=True)]
    x, y = np.meshgrid(*axes, indexing="ij")
    area = np.prod([(high - low) / n for (low, high), n in zip(edges, counts, strict=True)])
    bore = np.zeros(x.shape, dtype=int)
    images = [[0] if not period else [-period, 0, period] for period in shape.period]
    for cx, cy in shape.centres:
        for ix in images[0]:
            for iy in images[1]:
                if shape.name == "slab" and (ix or iy):
                    continue
                bore += shape.in_bore(x - cx - ix, y - cy - iy)
    return bore, shape.in_wall(x, y), area


@pytest.mark.parametrize(("name", "pore"), EVERY_SHAPE)
def test_areas_by_counting_pixels(name, pore):
    shape = make_shape(name, 1000.0, 100.0, pore=pore)
    bore, wall, area = pixels(shape)
    assert bore.sum() * area == pytest.approx(shape.bore_area, rel=2e-3)
    assert wall.sum() * area == pytest.approx(shape.wall_area, rel=5e-3)


@pytest.mark.parametrize("name", ["double", "triple"])
@pytest.mark.parametrize("thickness", [100.0, 183.0, 184.0, 400.0])
def test_walls_of_tubules_side_by_side(name, thickness):
    """Thin walls leave a gap in the middle of three, thick ones overlap there."""
    shape = make_shape(name, 1000.0, thickness)
    bore, wall, area = pixels(shape)
    assert wall.sum() * area == pytest.approx(shape.wall_area, rel=2e-3)
    assert shape.in_wall(0.0, 0.0) == (name == "double" or thickness > 183.5)
    apart = np.linalg.norm(np.subtract(*np.array(shape.centres)[:2]))
    assert apart == pytest.approx(1000.0 + thickness)


@pytest.mark.parametrize(("name", "pore"), EVERY_SHAPE)
def test_no_point_is_in_two_regions(name, pore):
    bore, wall, _ = pixels(make_shape(name, 1000.0, 100.0, pore=pore))
    assert bore.max() == 1
    assert not ((bore > 0) & wall).any()
    if all(make_shape(name, 1000.0, 100.0).period):
        assert ((bore > 0) | wall).all()


@pytest.mark.parametrize(("name", "pore"), EVERY_SHAPE)
def test_perimeter_is_how_the_bore_grows(name, pore):
    """dA/dW = half of the perimeter, both sides moving outward by dW/2 (for a slab, and any tangential polygon)."""
    step = 1e-3
    areas = [make_shape(name, 1000.0 + change, 100.0, pore=pore).bore_area for change in (-step, step)]
    growth = (areas[1] - areas[0]) / (2 * step)
    assert make_shape(name, 1000.0, 100.0, pore=pore).perimeter == pytest.approx(2 * growth, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "pore", "ratio", "tolerance"),
    [
        ("slab", "polygonal", 0.0400, 1e-12),
        ("single", "polygonal", 0.01815, 3e-3),
        ("square-array", "polygonal", 0.03802, 3e-3),
        ("hexagonal-array", "polygonal", 0.03802, 3e-3),
        ("hexagonal-array", "round", 0.02389, 3e-3),
    ],
)
def test_interface_to_wall_area_of_the_paper_design(name, pore, ratio, tolerance):
    shape = make_shape(name, 1000.0, 100.0, pore=pore)
    assert shape.perimeter * INTERFACE_WIDTH_A / shape.wall_area == pytest.approx(ratio, rel=tolerance)


@pytest.mark.parametrize(
    ("name", "pore", "bore", "perimeter"),
    [
        ("slab", "polygonal", 200.0 * 50, 2 * 50),
        ("single", "polygonal", np.pi * 100**2, np.pi * 200),
        ("double", "polygonal", 2 * np.pi * 100**2, 2 * np.pi * 200),
        ("triple", "polygonal", 3 * np.pi * 100**2, 3 * np.pi * 200),
        ("square-array", "polygonal", 200.0**2, 800),
        ("square-array", "round", np.pi * 100**2, np.pi * 200),
        ("hexagonal-array", "polygonal", 2 * np.sqrt(3) / 2 * 200**2, 2 * 6 * 200 / np.sqrt(3)),
        ("hexagonal-array", "round", 2 * np.pi * 100**2, 2 * np.pi * 200),
    ],
)
def test_closed_forms(name, pore, bore, perimeter):
    shape = make_shape(name, 200.0, 100.0, pore=pore)
    assert (shape.bore_area, shape.perimeter) == pytest.approx((bore, perimeter))


@pytest.mark.parametrize(("name", "pore"), EVERY_SHAPE)
def test_extent_holds_the_bore(name, pore):
    shape = make_shape(name, 200.0, 100.0, pore=pore)
    angle = np.linspace(0, 2 * np.pi, 721)
    half = np.array(shape.bore_extent) + 1e-6
    for radius in np.linspace(0, 200, 81):
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        held = shape.in_bore(x, y) & (np.abs(y) <= half[1])  # a slab goes on along y
        assert (np.abs(x[held]) <= half[0]).all()
        if name != "slab":
            assert not shape.in_bore(x, y)[np.abs(y) > half[1]].any()


@pytest.mark.parametrize(
    ("name", "pore", "message"),
    [
        ("tube", "round", "must be one of slab, single, double, triple"),
        ("square-array", "oval", "pore must be 'polygonal' or"),
    ],
)
def test_refused_shapes(name, pore, message):
    with pytest.raises(ValueError, match=message):
        make_shape(name, 100.0, 10.0, pore=pore)
