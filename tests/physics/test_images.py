"""Labelled images against closed forms, the continuum and independent solvers."""

from math import pi

import numpy as np
import pytest
from cut_elements import cut_elements
from images import (
    INNER,
    OUTER,
    finite_volumes,
    gyroid,
    gyroid_level,
    necked_exact,
    necked_tube,
    noise,
    sampled,
    solved,
    waves,
)

import coble
from coble.kmc.network.coarse_space import FEWEST_SITES
from coble.kmc.network.exact import potentials
from coble.lattices.graph.soundness import faults
from coble.lattices.images.surface_mesh import surface_mesh
from coble.lattices.shapes import make_shape

WIDTH_NM, WALL_NM = 30.0, 6.0
SHAPES = {
    "circle": ("single", "polygonal"),
    "square": ("square-array", "polygonal"),
    "honeycomb": ("hexagonal-array", "polygonal"),
}
REGIONS = [
    {"name": "bulk", "diffusivity_cm2_s": 4e-11, "concentration_cm3": 4.63e22},
    {"name": "wall", "diffusivity_cm2_s": 1e-8, "concentration_cm3": 1.65e22},
    {"name": "interface", "diffusivity_cm2_s": 2e-7, "concentration_cm3": 4.63e22},
]


def section(shape, voxel):
    """A built-in shape as an image of about this voxel [Å]: labels 0 pore, 1 wall, 2 bulk, and how far it is off."""
    (x_low, x_high), (y_low, y_high) = shape.wall_extent
    n = [int(round((high - low) / voxel)) for low, high in ((x_low, x_high), (y_low, y_high))]
    x = x_low + (np.arange(n[0])[:, None] + 0.5) * (x_high - x_low) / n[0]
    y = y_low + (np.arange(n[1])[None, :] + 0.5) * (y_high - y_low) / n[1]
    bore = np.zeros(tuple(n), dtype=bool)
    wide, high = ((0, 0) if edge is None else (-edge, 0, edge) for edge in shape.period)
    for cx, cy in shape.centres:
        for move_x in wide:
            for move_y in high:
                bore |= shape.in_bore(x - cx - move_x, y - cy - move_y)
    return np.where(bore, 2, np.where(shape.in_wall(x, y) & ~bore, 1, 0))


def case_of(labels, voxel_nm, across="open", **run):
    return coble.Case(
        structure={
            "image": labels.astype(np.uint8),
            "voxel_nm": voxel_nm,
            "across": across,
            "labels": {int(v): ("pore", "wall", "bulk")[v] for v in np.unique(labels)},
            "interface": {"between": ["bulk", "wall"]},
        },
        region=REGIONS,
        run=run,
    )


def continuum(shape):
    """c D A of every region of a built-in shape, by name, in units in which the interface's is D c delta perimeter."""
    areas = {"bulk": shape.bore_area, "wall": shape.wall_area, "interface": 2.0 * shape.perimeter}
    carries = {r["name"]: r["diffusivity_cm2_s"] * r["concentration_cm3"] * areas[r["name"]] for r in REGIONS}
    return sum(carries.values()), {name: value / sum(carries.values()) for name, value in carries.items()}


def off(name, voxel_nm):
    """Errors of an image of a built-in shape: of the total, and the largest of a share."""
    from coble.kmc.constants import CM2_IN_A2, PER_CM3_IN_PER_A3
    from coble.models.host import StructureHost

    kind, pore = SHAPES[name]
    shape = make_shape(kind, 10 * WIDTH_NM, 10 * WALL_NM, pore=pore)
    labels = section(shape, 10 * voxel_nm)
    host = StructureHost(case_of(labels, voxel_nm, "open" if shape.period[0] is None else "periodic"))
    solution, (total, shares) = host.solve(), continuum(shape)
    found = dict(zip(host.graph.regions, (solution.shares[k] for k in range(3)), strict=True))
    assert host.formula == pytest.approx(solution.shares, abs=2e-3)  # c D A of what was measured in the image
    error = solution.total / (total * CM2_IN_A2 * PER_CM3_IN_PER_A3) - 1
    return error, max(abs(found[each] - shares[each]) for each in shares)


@pytest.mark.parametrize("name", SHAPES)
def test_sections_against_the_built_in_shapes(name):
    """Fine voxels: total within 1 %, shares within 0.01; coarse ones are worse, but not much."""
    fine, coarse = off(name, 0.25), off(name, 1.0)
    assert abs(fine[0]) < 0.01
    assert fine[1] < 0.01
    assert abs(fine[0]) < max(abs(coarse[0]), 0.003)
    assert abs(coarse[0]) < 0.06


@pytest.mark.parametrize(("radius", "within"), [(10, 0.02), (20, 4e-3), (40, 3e-3)])
def test_circles_have_their_length(radius, within):
    """Faces overstate it by 27 %, as 4/π says; the smooth line has it wherever the middle lies between the voxels."""
    x = np.arange(2 * radius + 8) + 0.5 - radius - 4
    for middle in ((0, 0), (0.5, 0.5), (0.13, -0.27), (0.25, 0.5)):
        disc = np.hypot(x[:, None] - middle[0], x[None, :] - middle[1]) < radius
        disc = np.repeat(disc[:, :, None], 3, axis=2)
        mesh = surface_mesh(disc, ~disc, (False, False, True))
        assert mesh.area / 3 == pytest.approx(2 * pi * radius, rel=within)
        assert mesh.faces / mesh.area == pytest.approx(4 / pi, rel=0.05)
        assert mesh.clipped < 1e-9


@pytest.mark.parametrize(("wide", "long"), [(24, 72), (24, 24), (30, 50)])
def test_slanted_planes_conduct_as_planes(wide, long):
    """A sheet at an angle to the axis conducts cos of it per width: both its area and its path are right."""
    x, _, z = np.meshgrid(np.arange(wide) + 0.5, np.arange(4), np.arange(long) + 0.5, indexing="ij")
    labels = np.where((x + z * wide / long) % wide < wide / 2, INNER, OUTER)
    made, found = solved(labels, 1e-9, 1e-9, 1.0, periodic=(True, True, True))
    assert found.total / (2 * 4) == pytest.approx(1 / np.sqrt(1 + (wide / long) ** 2), rel=3e-3)
    assert faults(made.lattice) == []


def test_a_minimal_surface_conducts_two_thirds_of_its_area():
    """On a minimal surface heights are harmonic; the gyroid is isotropic, so it conducts 2/3 of its area, 3.0915 a²."""
    n = 20
    made, found = solved(gyroid(n), 1e-9, 1e-9, 1.0, periodic=(True, True, True))
    assert made.sheets[0]["area_A2"] == pytest.approx(3.0915 * n**2, rel=0.02)
    assert found.total == pytest.approx(2 / 3 * 3.0915 * n, rel=0.02)
    assert made.sheets[0]["negative_weights"] < 0.01


def cross_of_bars():
    labels = np.full((12, 12, 12), OUTER)
    labels[4:8, 4:8] = INNER
    labels[4:8, 4:6, 5:8] = OUTER
    return labels


@pytest.mark.parametrize("labels", [noise(16), cross_of_bars(), gyroid(16)], ids=["noise", "constriction", "gyroid"])
def test_without_a_sheet_it_is_finite_volumes_on_the_voxels(labels):
    made, found = solved(labels, 20.0, 1.0, 0.0, periodic=(True, True, True))
    assert found.total == pytest.approx(finite_volumes(np.where(labels == INNER, 20.0, 1.0)), rel=1e-3)
    assert faults(made.lattice) == []


@pytest.mark.parametrize("level", [waves(), gyroid_level], ids=["noise", "gyroid"])
def test_two_phases_with_a_sheet_against_finite_elements_that_follow_it(level):
    """Elements of 8 and 16 a side, extrapolated; images of 16 and 24 voxels a side: the finer, the nearer."""
    conduct = {"inner": 1.0, "outer": 5.0, "sheet": 10.0}
    (coarse, _), (fine, shares) = (cut_elements(level, n, 24.0, **conduct) for n in (8, 16))
    exact = fine - (coarse - fine) / 3  # the error goes with the square of an element
    assert fine == pytest.approx(exact, rel=0.01)  # converged
    errors = []
    for n in (16, 24):
        labels = np.where(sampled(level, n) > 0, INNER, OUTER)
        _, found = solved(labels, *conduct.values(), voxel=24 / n, periodic=(True, True, True))
        errors.append(abs(found.total / exact - 1))
        assert list(found.shares.values()) == pytest.approx(list(shares.values()), abs=0.01)
    assert errors[0] < 0.03
    assert errors[1] < max(0.002, 0.6 * errors[0])


def test_a_coarse_grid_changes_no_potential():
    """Of 30,000 sites: what the coarse grid finds is what the diagonal alone finds."""
    made, found = solved(noise(29), 1.0, 200.0, 1000.0, periodic=(True, True, True))
    assert made.lattice.n_site > FEWEST_SITES
    conductance = found.conductance
    alone, with_grid = (potentials(made.lattice, conductance, coarse=coarse) for coarse in (False, True))
    assert np.abs((alone - alone.mean()) - (with_grid - with_grid.mean())).max() < 1e-3 * np.ptp(alone)


@pytest.mark.parametrize("sheet", [2.0, 10.0, 50.0])
def test_a_tube_with_a_neck_against_finite_elements(sheet):
    """Wall, filling and interface in series and in parallel; the elements follow the interface."""
    size = (8, 12, 32, 4)
    total, shares = necked_exact(*size, inner=1.0, wall=3.0, sheet=sheet)
    finer, _ = necked_exact(*size, inner=1.0, wall=3.0, sheet=sheet, n_r=48, n_z=192)
    assert total == pytest.approx(finer, rel=2e-3)  # the elements are fine enough
    _, found = solved(necked_tube(*size), 1.0, 3.0, sheet)
    assert found.total == pytest.approx(total, rel=0.03)
    assert list(found.shares.values()) == pytest.approx(list(shares.values()), abs=0.01)


@pytest.mark.parametrize("stack", [False, True], ids=["section", "stack"])
def test_hops_agree_with_the_exact_network(stack):
    labels = section(make_shape("single", 60.0, 20.0), 5.0)
    if stack:
        z = np.arange(8)
        labels = np.where(labels[:, :, None] * np.ones(8, int) == 2, np.where(z < 4, 2, 1), labels[:, :, None])
        labels[9:11, 9:11] = 2
    field = 0.3 if stack else 1.0  # stronger ones bias a stack, whose response is then not linear
    case = case_of(labels, 0.5, field_kT=field, target_error=0.005, max_events=8_000_000, seed=4)
    found = coble.discriminate(case, quick=True, knowledge=False, target_error=0.004)["image"]
    exact, total = sum(found.exact.conductance_S_m.values()), found.total_conductance_S_m
    assert total.stderr < 0.02 * exact
    assert abs(total.value - exact) < 3 * total.stderr
    for name, path in found.paths.items():
        assert abs(path.share.value - found.exact.shares[name]) < 3 * path.share.stderr
        assert path.share.stderr < 0.02
