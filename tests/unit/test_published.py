"""Walls with their real crystals: what was published, and how it is fitted into a tubule."""

import re

import ase.io
import numpy as np
import pytest
from command import OK, invoke
from scipy.spatial import cKDTree

from coble.inputs.case import parse_case
from coble.kmc.constants import PER_CM3_IN_PER_A3
from coble.kmc.rates.materials import WALLS
from coble.lattices import PUBLISHED, Region, bcc, build_tubule, make_shape
from coble.models.tubules.tubule import NM, graph_of
from coble.structures.crystal_fit import fitting_segment
from coble.structures.export import VACANCIES, frames, structure_of
from coble.structures.structure_file import Structure
from coble.structures.wall_crystal import CASE, CLEAR_A, FITS, along, crystal_name, described, wall_crystal

ATOMS_PER_CELL = {"LiC6": {"Li": 1, "C": 6}, "Li9Al4": {"Li": 18, "Al": 8}, "Li22Si5": {"Li": 352, "Si": 80}}
VOLUME_A3 = {"LiC6": 59.48, "Li9Al4": 445.8, "Li22Si5": 6591.8}
NEAREST_A = {("LiC6", "C", "C"): 1.435, ("LiC6", "Li", "C"): 2.35, ("Li9Al4", "Al", "Al"): 2.71,
             ("Li22Si5", "Si", "Si"): 4.41, ("Li22Si5", "Li", "Si"): 2.63}  # fmt: skip


# --- As published ---


@pytest.mark.parametrize("name", PUBLISHED)
def test_composition_and_volume(name):
    atoms = PUBLISHED[name].atoms()
    assert atoms.symbols.formula.count() == ATOMS_PER_CELL[name]
    assert atoms.get_volume() == pytest.approx(VOLUME_A3[name], rel=1e-3)


@pytest.mark.parametrize("name", PUBLISHED)
def test_lithium_is_as_dense_as_the_model_has_it(name):
    atoms = PUBLISHED[name].atoms()
    density = (atoms.symbols == "Li").sum() / atoms.get_volume() / PER_CM3_IN_PER_A3
    assert density == pytest.approx(WALLS[name].concentration_cm3, rel=0.02)


@pytest.mark.parametrize(("name", "one", "other"), NEAREST_A)
def test_nearest_neighbours(name, one, other):
    atoms = PUBLISHED[name].atoms()
    apart = atoms.get_all_distances(mic=True)[np.ix_(atoms.symbols == one, atoms.symbols == other)]
    assert apart[apart > 0.1].min() == pytest.approx(NEAREST_A[name, one, other], abs=0.02)
    assert PUBLISHED[name].nearest_A() > 1.4


def test_silicon_has_as_many_neighbours_as_it_is_said_to_have():
    """13 and 14 of lithium round the lone atoms of Li17Ge4 and Li17Si4 (Zeilinger, Faessler, Dalton Trans. 43 (2014)),
    14 with the sites filled that these leave empty."""
    atoms = PUBLISHED["Li22Si5"].atoms()
    near = atoms.get_all_distances(mic=True)[np.ix_(atoms.symbols == "Si", atoms.symbols == "Li")] < 3.5
    assert set(near.sum(axis=1)) == {14}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of spglib, about its own errors
@pytest.mark.parametrize("name", PUBLISHED)
def test_space_group(name):
    spglib = pytest.importorskip("spglib")
    atoms = PUBLISHED[name].atoms()
    cell = (atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers)
    assert spglib.get_symmetry_dataset(cell, symprec=1e-3).number == PUBLISHED[name].spacegroup


@pytest.mark.parametrize("name", PUBLISHED)
def test_axes_are_lattice_vectors(name):
    atoms = PUBLISHED[name].atoms()
    for axis in PUBLISHED[name].axes:
        moved = (atoms.get_scaled_positions() + axis) % 1
        apart = moved[:, None] - atoms.get_scaled_positions()
        same = np.abs(apart - np.rint(apart)).max(axis=2) < 1e-6
        assert same.sum(axis=1).tolist() == [1] * len(atoms)
        assert (atoms.numbers[same.argmax(axis=1)] == atoms.numbers).all()


# --- In a tubule ---


def tubule(name="single", length=40.0, open_ends=False, **shape):
    """The sites of a tubule, all full."""
    graph = build_tubule(make_shape(name, 30.0, 20.0, **shape), bcc(3.509), wall_density=0.0165, segment=length)
    span = (0.0, graph.length)
    graph = graph.opened() if open_ends else graph
    bits = np.packbits(np.ones((1, graph.n_site), dtype=bool), axis=1)
    return Structure(graph.positions, graph.region, graph.cell, graph.shape, "LiC6", span, "Li", {}, [0.0], bits)


def folded(points, box):
    """Points moved into a box, of which edges that are 0 are open."""
    box = np.asarray(box)
    found = np.where(box > 0, points % np.where(box > 0, box, 1.0), points)
    return np.where((box > 0) & (found >= box), 0.0, found)


@pytest.mark.parametrize("name", PUBLISHED)
def test_density_in_the_wall(name):
    sites = tubule()
    host, cell = wall_crystal(sites, name), PUBLISHED[name].atoms()
    r = np.linalg.norm(host.positions[:, :2], axis=1)
    inner = (r > 19) & (r < 34)  # away from both faces
    density = inner.sum() / (np.pi * (34**2 - 19**2) * sites.cell[2])
    strain = host.info["wall_strain"]
    assert density == pytest.approx(len(cell) / cell.get_volume() / (1 + strain), rel=0.03)
    for symbol, n in ATOMS_PER_CELL[name].items():
        assert (host.symbols[inner] == symbol).mean() == pytest.approx(n / len(cell), abs=0.02)


@pytest.mark.parametrize("shape", ["single", "slab", "square-array", "double"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_no_two_atoms_overlap_nor_an_atom_and_a_site(name, shape):
    sites = tubule(shape)
    host = wall_crystal(sites, name)
    x, y, z = host.positions.T
    assert sites.shape.in_wall(x, y).all() and z.min() > -1e-5 and z.max() < sites.cell[2]
    box, apart = sites.cell, PUBLISHED[name].nearest_A()
    points = [folded(p, box) for p in (host.positions, sites.positions)]
    distance, _ = cKDTree(points[0], boxsize=box).query(points[0], k=2)
    least = 0.8 if any(sites.shape.period) else min(1.0, 1 + host.info["wall_strain"])
    assert distance[:, 1].min() > least * apart - 1e-3
    bore = sites.site_kind != Region.WALL
    distance, _ = cKDTree(points[1][bore], boxsize=box).query(points[0])
    assert distance.min() >= CLEAR_A


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_crystal_goes_on_across_the_period(name):
    """A step along its axis leads from every atom to one alike, and the last step back into the box."""
    sites = tubule(length=40.0)
    host, published = wall_crystal(sites, name), PUBLISHED[name]
    axis = [float(x) for x in host.info["wall_axis"].split("_")[1:]]
    length, period = np.linalg.norm(axis @ published.atoms().cell[:]), sites.cell[2]
    n = round(period / length)
    assert host.info["wall_strain"] == pytest.approx(period / n / length - 1) and abs(period / n / length - 1) < 0.05
    r = np.linalg.norm(host.positions[:, :2], axis=1)
    inner = (r > 18) & (r < 34)
    box = [0, 0, period]
    tree = cKDTree(folded(host.positions, box), boxsize=box)
    distance, there = tree.query(folded(host.positions[inner] + [0, 0, period / n], box))
    assert distance.max() < 1e-6 and (host.symbols[there] == host.symbols[inner]).all()


def test_strain_and_choice_of_axis():
    """The shortest axis within 2 %: 4.305 Å for LiC6; a straight tubule with ends has none."""
    sites = tubule(length=38.0)
    sites.cell = np.array([0.0, 0.0, 9 * 4.305 * 1.01])
    host = wall_crystal(sites, "LiC6")
    assert host.info["wall_axis"] == "axis_1_0_0" and host.info["wall_strain"] == pytest.approx(0.01)
    assert "[1 0 0] along the tubule, strained by +1.0% along it; no atom within 2 Å of a site" in described(host.info)
    sites.cell = np.array([0.0, 0.0, 6.5 * 4.305])  # neither 6 nor 7; 4 of the other axis, a √3, do better
    found = wall_crystal(sites, "LiC6").info
    assert found["wall_axis"] == "axis_1_-1_0" and found["wall_strain"] == pytest.approx(6.5 / (4 * 3**0.5) - 1)
    ends = wall_crystal(tubule(open_ends=True), "LiC6").info
    assert "wall_strain" not in ends and "not strained: the tubule has ends" in described(ends)


@pytest.mark.parametrize("name", ["LiC6", "Li22Si5"])
def test_the_period_that_is_advised_fits_and_no_shorter_one_does(name):
    def made(segment_nm):
        """The case, its period [nm] and the strain of the crystal with a segment."""
        text = f"[tubule]\ninner_width_nm = 2.0\nwall_thickness_nm = 1.0\nsegment_nm = {segment_nm}\n"
        case = parse_case(f"{text}[[wall]]\nname = '{name}'\n")
        length = graph_of(case, case.walls[0]).length
        return case, length / NM, along(PUBLISHED[name].axes, PUBLISHED[name].atoms().cell[:], length)[1]

    case, period_nm, strain = made(2.0)
    advised_nm, promised = fitting_segment(case.resolved(), name, name)
    assert made(advised_nm)[2] == pytest.approx(promised) and abs(promised) <= FITS
    shorter = 0
    while period_nm < advised_nm:
        assert abs(strain) > FITS
        shorter += 1
        _, period_nm, strain = made(period_nm + 0.01)
    assert shorter > 0


def test_layers_of_carbon_lie_along_the_tubule():
    host = wall_crystal(tubule(), "LiC6")
    carbon = host.positions[host.symbols == "C"]
    heights = np.unique(np.round(carbon[:, 1], 4))
    np.testing.assert_allclose(np.diff(heights), 3.706, atol=1e-3)


# --- Exported ---


def test_frozen_atoms_instead_of_the_walls_sites(plate, tmp_path):
    plain, decorated = frames(plate), frames(plate, wall=CASE)
    sites = structure_of(plate)
    for one, other in zip(plain, decorated, strict=True):
        fixed = np.zeros(len(other), dtype=bool)
        fixed[other.constraints[0].index] = True
        bore = one[one.get_tags() != Region.WALL]
        np.testing.assert_array_equal(other.arrays["site"][~fixed], bore.arrays["site"])
        apart = other.positions[~fixed] - bore.positions
        np.testing.assert_allclose(apart, apart[:1].repeat(len(apart), 0), atol=1e-9)
        assert set(other.get_tags()[fixed]) == {Region.WALL} and set(other.symbols[fixed]) == {"Li", "C"}
        np.testing.assert_array_equal(other.arrays["site"][fixed], sites.n_site + np.arange(fixed.sum()))
        np.testing.assert_array_equal(other.positions[fixed], decorated[0].positions[-fixed.sum() :])
        inside = (other.positions >= 0) & (other.positions <= other.cell.lengths())
        assert inside.all() and other.info["wall_crystal"] == "LiC6"
    ase.io.write(tmp_path / "a.poscar", decorated[-1], format="vasp")
    assert len(ase.io.read(tmp_path / "a.poscar").constraints[0].index) == fixed.sum()


def test_cut_and_vacancies_with_a_crystal(shares):
    (atoms,) = frames(shares, atoms=["bulk", VACANCIES], cuts=["x:0:"], wall="Li22Si5")
    (whole,) = frames(shares, atoms=["bulk", VACANCIES], wall="Li22Si5")
    host = atoms.get_tags() == Region.WALL
    assert 0.4 < host.sum() / (whole.get_tags() == Region.WALL).sum() < 0.6
    assert (atoms.arrays["occupancy"][host] == 1).all() and (atoms.positions[:, 0] >= whole.cell[0, 0] / 2 - 1).all()
    np.testing.assert_array_equal(atoms.cell, whole.cell)


def test_command(shares, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = invoke("export", shares, "--wall-crystal", "case", "--out", "a.extxyz")
    assert found.exit_code == OK and max(map(len, found.stdout.splitlines())) <= 80
    said = " ".join(found.stdout.splitlines()[1:])
    assert re.fullmatch(
        r"Wall: LiC6, \[1 0 0\] along the tubule, [^.]*(\.\d[^.]*)*"
        r" With segment_nm = \d\.\d\d in the case it would be [+-][01]\.\d%\.",
        said,
    ), said
    atoms = ase.io.read("a.extxyz")
    (made,) = frames(shares, wall="LiC6")
    np.testing.assert_array_equal(atoms.constraints[0].index, made.constraints[0].index)
    assert atoms.info == made.info and (atoms.symbols == made.symbols).all()


def test_names():
    assert crystal_name(CASE, "LiC6-optimistic") == "LiC6" and crystal_name("Li9Al4", "inert") == "Li9Al4"
    with pytest.raises(ValueError, match="there are LiC6, Li9Al4, Li22Si5"):
        crystal_name(CASE, "inert")
    with pytest.raises(ValueError, match="'LiC7': unknown; did you mean 'LiC6'"):
        crystal_name("LiC7", "LiC6")
