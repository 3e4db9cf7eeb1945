"""Tubules with a coating, a grain boundary or an anisotropic wall, against the continuum and against plain tubules."""

from math import pi

import pytest

import coble
from coble.kmc.constants import CM2_IN_A2, PER_CM3_IN_PER_A3
from coble.models.host import StructureHost

W, WALL, VOXEL = 16.0, 4.0, 0.5  # nm
NUMBERS = {  # D [cm²/s], c [cm⁻³]
    "bulk": (4e-11, 4.63e22),
    "grain": (4e-11, 4.63e22),
    "wall": (1e-8, 1.65e22),
    "coating": (1e-9, 2e22),
    "interface": (2e-7, 4.63e22),
    "boundary": (4e-7, 4.63e22),
}


def carried(name, area_A2):
    """c D A [Å/s]."""
    diffusivity, concentration = NUMBERS[name]
    return diffusivity * CM2_IN_A2 * concentration * PER_CM3_IN_PER_A3 * area_A2


def host(labels, interface, numbers=None, **tubule):
    """A tubule with labels 0 pore, 1 wall, 2 bulk and those given; sheets as (label, label, name)."""
    labels = {0: "pore", 1: "wall", 2: "bulk"} | labels
    names = {*labels.values(), *(name for *_, name in interface)} - {"pore"}
    values = NUMBERS | (numbers or {})
    return StructureHost(
        coble.Case(
            structure={
                "voxel_nm": VOXEL,
                "image": {"inner_width_nm": W, "wall_thickness_nm": WALL} | tubule,
                "labels": labels,
                "interface": [{"between": [a, b], "name": name} for a, b, name in interface],
            },
            region=[
                {"name": name, "diffusivity_cm2_s": values[name][0], "concentration_cm3": values[name][1]}
                for name in NUMBERS
                if name in names
            ],
        )
    )


def by_name(found, solution):
    return {found.graph.regions[kind]: value for kind, value in solution.path.items()}


@pytest.fixture(scope="module")
def plain():
    return host({}, [("bulk", "wall", "interface")]).solve()


def test_a_coating_is_a_path_of_its_own():
    """The interface is that of coating and metal, which is smaller."""
    thick = 2.0
    found = host({3: "coating"}, [("bulk", "coating", "interface")], coating_nm=thick)
    path, inner, outer = by_name(found, found.solve()), 5 * W - 10 * thick, 5 * W
    assert path["coating"] == pytest.approx(carried("coating", pi * (outer**2 - inner**2)), rel=0.05)  # 4 voxels thick
    assert path["bulk"] == pytest.approx(carried("bulk", pi * inner**2), rel=0.02)
    assert path["interface"] == pytest.approx(
        carried("interface", 2 * pi * inner * 2.0), rel=0.01
    )  # 12 voxels in radius
    assert path["wall"] == pytest.approx(carried("wall", pi * ((outer + 10 * WALL) ** 2 - outer**2)), rel=0.02)


def test_a_coating_of_the_walls_material_is_a_thicker_wall():
    """And with the interface left where the coating begins it is the plain tubule of the narrower bore."""
    wall = {"coating": NUMBERS["wall"]}
    coated = host({3: "coating"}, [("bulk", "coating", "interface")], wall, coating_nm=1.0).solve()
    narrow = host({}, [("bulk", "wall", "interface")], inner_width_nm=W - 2.0, wall_thickness_nm=WALL + 1.0).solve()
    assert coated.total == pytest.approx(narrow.total, rel=1e-6)


def test_a_grain_boundary_along_the_bore_carries_what_a_sheet_does(plain):
    found = host(
        {4: "grain"},
        [("bulk", "wall", "interface"), ("grain", "wall", "interface"), ("bulk", "grain", "boundary")],
        grain_boundary="along",
    )
    solution = found.solve()
    path = by_name(found, solution)
    assert path["boundary"] == pytest.approx(carried("boundary", 10 * W * 2.0), rel=1e-3)
    assert solution.total - path["boundary"] == pytest.approx(plain.total, rel=1e-4)


def test_a_grain_boundary_across_the_bore_changes_nothing_along_it(plain):
    """It has no thickness, so it is no resistance, and all of it has one potential in a tubule that is uniform."""
    found = host(
        {4: "grain"},
        [("bulk", "wall", "interface"), ("grain", "wall", "interface"), ("bulk", "grain", "boundary")],
        grain_boundary="across",
        length_nm=5.0,
    )
    solution = found.solve()
    path = by_name(found, solution)
    assert solution.total == pytest.approx(plain.total, rel=1e-4)
    assert abs(path["boundary"]) < 1e-4 * plain.total
    assert path["interface"] == pytest.approx(plain.path[2], rel=1e-4)


def test_a_grain_boundary_across_joins_the_wall_to_the_filling():
    """Between a good grain and a poor one it leads current from the whole bore to the wall: the total is larger."""
    numbers = {
        "wall": (1e-6, 4.63e22),
        "interface": (1e-9, 4.63e22),
        "bulk": (1e-7, 4.63e22),
        "grain": (1e-10, 4.63e22),
    }
    sheets = [("bulk", "wall", "interface"), ("grain", "wall", "interface")]
    sizes = {"grain_boundary": "across", "length_nm": 5.0}
    without = host({4: "grain"}, sheets, numbers, **sizes).solve()
    joined = host({4: "grain"}, [*sheets, ("bulk", "grain", "boundary")], numbers, **sizes).solve()
    assert joined.total > 1.0005 * without.total


def test_an_anisotropic_wall_conducts_along_the_axis_as_it_says(plain):
    """Planes along the tube: fast along the axis.  Planes across it: slow.  In a uniform tubule nothing goes across."""
    fast, slow = 1e-8, 1e-11
    sheets = [("bulk", "wall", "interface")]
    along = host({}, sheets, {"wall": ([fast, slow], 1.65e22)}).solve()
    across = host({}, sheets, {"wall": ([slow, fast], 1.65e22)}).solve()
    alike = host({}, sheets, {"wall": ([fast, fast], 1.65e22)}).solve()
    assert alike.total == pytest.approx(plain.total, rel=1e-9)
    assert along.total == pytest.approx(plain.total, rel=1e-5)
    assert across.path[0] == pytest.approx(plain.path[0] * slow / fast, rel=1e-4)
