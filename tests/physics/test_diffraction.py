"""Metal that has grown, as an export gives it, diffracts as one crystal of bcc lithium.

The structure factor |Σ exp(i q·r)|²/N², which is 1 for a perfect crystal at its reflections, straight from positions.
"""

import ase.io
import numpy as np
import pytest
from ase import Atoms
from command import OK, invoke
from scipy.optimize import minimize

from coble import parse_case
from coble.kinds.growth.result import write
from coble.kinds.growth.setup import prepare

D110_A = 2.481  # a/√2 with a = 3.509 Å, from Ω = 21.6 Å³
STRONG = 0.5  # of the structure factor of a perfect crystal
APART = np.cos(np.radians(15))  # of two directions that are one reflection

CASE = """\
[tubule]
inner_width_nm = 3.0
wall_thickness_nm = 1.0
axis = "{axis}"
[[wall]]
name = "inert"
[growth]
depth_nm = 12.0
metal_to_nm = 2.0
until_front_nm = 6.0
overpotential_V = 0.2
frames = 4
"""


def strength(positions, q):
    """Structure factor at each q (n, 3) [1/Å], 1 for a perfect crystal at a reflection."""
    return np.abs(np.exp(1j * positions @ np.atleast_2d(q).T).mean(axis=0)) ** 2


def on_a_sphere(n):
    """Directions that cover a half sphere evenly, array (n, 3): a Fibonacci spiral."""
    z = (np.arange(n) + 0.5) / n
    angle = np.pi * (1 + 5**0.5) * np.arange(n)
    return np.stack([np.sqrt(1 - z**2) * np.cos(angle), np.sqrt(1 - z**2) * np.sin(angle), z], axis=1)


def reflections(positions):
    """Strong reflections with |q| near 2π/d of {110}, array (n, 3) [1/Å], one of each ±q."""
    positions = positions - positions.mean(axis=0)
    q = on_a_sphere(4000) * 2 * np.pi / D110_A
    found, left = [], np.concatenate([strength(positions, part) for part in np.array_split(q, 8)])
    while left.max() > STRONG / 2:  # the grid is 2° wide, a peak some 5°
        best = minimize(lambda k: -strength(positions, k)[0], q[left.argmax()], method="Nelder-Mead").x
        cosine = np.abs(q @ best) / np.linalg.norm(q, axis=1) / np.linalg.norm(best)
        left = np.where((cosine > APART) | (np.arange(len(q)) == left.argmax()), 0.0, left)
        if strength(positions, best)[0] > STRONG:
            found.append(best)
    return np.array(found).reshape(-1, 3)


def angles(q):
    """Angles between the lines along all pairs of q [degrees], 0 to 90, ascending."""
    unit = q / np.linalg.norm(q, axis=1)[:, None]
    return np.sort(np.degrees(np.arccos(np.minimum(np.abs(unit @ unit.T)[np.triu_indices(len(q), 1)], 1.0))))


@pytest.fixture(scope="module")
def seen(grown):
    """Its strong reflections, array (n, 3) [1/Å]."""
    return reflections(grown[1].positions)


@pytest.fixture(scope="module", params=["110", "111"])
def grown(request, tmp_path_factory):
    """Metal between its start and its tip, through the command and the file: it was not there at the beginning."""
    text = CASE.format(axis=request.param)
    run = prepare(parse_case(text))
    run.run()
    folder = tmp_path_factory.mktemp("grown")
    write(folder / "run", run, text, ["coble"])
    out = folder / "metal.extxyz"
    found = invoke("export", folder / "run", "--atoms", "bulk", "--cut", "z:2.2:5.8", "--out", out)
    assert found.exit_code == OK, found.output
    return request.param, ase.io.read(out)


def test_planes_across_the_axis(grown):
    """On [110] the planes across the axis are {110} themselves; on [111] none of {110} is."""
    axis, metal = grown
    assert len(metal) > 500
    spacing = np.linspace(2.2, 2.8, 6001)
    along = np.zeros((len(spacing), 3))
    along[:, 2] = 2 * np.pi / spacing
    found = strength(metal.positions, along)
    if axis == "110":
        assert spacing[found.argmax()] == pytest.approx(D110_A, abs=0.005)
        assert found.max() > 0.95
    else:
        assert found.max() < 0.1


def test_one_grain_with_every_110_reflection(grown, seen):
    (_, metal), q = grown, seen
    np.testing.assert_allclose(2 * np.pi / np.linalg.norm(q, axis=1), D110_A, atol=0.005)
    np.testing.assert_allclose(angles(q), [60] * 12 + [90] * 3, atol=0.5)  # of ⟨110⟩ in a cubic crystal
    assert min(strength(metal.positions, k)[0] for k in q) > 0.9


def test_zone_of_111(grown, seen):
    """Three lines of {110} reflections, 60° apart, in the plane across each of four directions, one an axis [111]."""
    (axis, _), q = grown, seen
    unit = q / np.linalg.norm(q, axis=1)[:, None]
    i, j = np.triu_indices(len(unit), 1)
    normal = np.cross(unit[i], unit[j])
    normal = normal[np.abs(np.linalg.norm(normal, axis=1) - np.sqrt(0.75)) < 0.01] / np.sqrt(0.75)
    zones = [unit[np.abs(unit @ n) < 0.01] for n in normal]
    assert {len(zone) for zone in zones} == {3} and len(zones) == 4 * 3  # each seen from three pairs
    for zone in zones:
        np.testing.assert_allclose(angles(zone), 60, atol=0.5)
    assert (np.abs(normal[:, 2]) > 0.9999).any() == (axis == "111")


def test_two_grains_do_not_pass():
    """Negative control: a crystal of which the upper half is turned by 20°."""
    cells = np.stack(np.meshgrid(*[np.arange(-3, 3)] * 3), axis=-1).reshape(-1, 1, 3) + [[[0, 0, 0], [0.5, 0.5, 0.5]]]
    metal = Atoms("Li432", positions=cells.reshape(-1, 3) * D110_A * 2**0.5)
    upper = metal.positions[:, 2] > 0
    assert len(reflections(metal.positions)) == 6
    part = metal[upper]
    part.rotate(20, "z")
    metal.positions[upper] = part.positions
    assert len(reflections(metal.positions)) < 6
