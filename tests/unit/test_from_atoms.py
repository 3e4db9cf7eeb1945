"""Lattices from atoms: coordination numbers, ASE's neighbours, closed loops, the built-in tubule, and bad input."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene, make_supercell
from ase.neighborlist import natural_cutoffs, neighbor_list

import coble
from coble.kmc.network.exact import solve
from coble.lattices import Region, bcc, build_tubule, footprint, given_positions, make_shape
from coble.lattices.atoms.bonds import pairs_within

FROM = coble.Lattice.from_atoms
LITHIUM_A = (2 * 21.6) ** (1 / 3)


def honeycomb():
    sheet = graphene(a=2.46, vacuum=5.0)
    sheet.pbc = (True, True, False)
    return sheet


def triclinic(seed, n=6, longest=6.0, pbc=True):
    rng = np.random.default_rng(seed)
    cell = np.diag(rng.uniform(3.5, longest, 3)) + np.tril(rng.uniform(-2.5, 2.5, (3, 3)), -1)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    positions = []
    while len(positions) < n:  # no two closer than 0.8 Å, images included
        new = Atoms("X", scaled_positions=[rng.uniform(-1.5, 1.5, 3)], cell=cell, pbc=pbc)
        both = Atoms("X" * (len(positions) + 1), positions=[*positions, new.positions[0]], cell=cell, pbc=pbc)
        if not len(neighbor_list("i", both, 0.8)):
            positions.append(new.positions[0])
    return Atoms(f"Li{n}", positions=np.array(positions) @ turn, cell=cell @ turn, pbc=pbc)


def edges_of(lattice):
    """Source, target and hop vector of every edge, in the frame of the atoms."""
    turn = np.array(lattice.notes["rotation"])
    return np.column_stack([lattice.sources(), lattice.target, lattice.hop_vectors_A @ turn])


# --- Crystals ---

CUBIC = bulk("Cu", "fcc", a=3.6, cubic=True)
IDEAL = {"crystalstructure": "hcp", "a": 3.2, "c": 3.2 * np.sqrt(8 / 3)}
SKEW = [[1, 2, 0], [0, 1, 3], [0, 0, 1]]
CRYSTALS = {
    "sc": (bulk("Po", "sc", a=3.0), bulk("Po", "sc", a=3.0), 3.01, 6),
    "bcc": (bulk("Li", "bcc", a=3.5), bulk("Li", "bcc", a=3.5, cubic=True), 3.1, 8),
    "fcc": (bulk("Cu", "fcc", a=3.6), CUBIC, 2.6, 12),
    "fcc with second neighbours": (bulk("Cu", "fcc", a=3.6), CUBIC, 3.6, 18),
    "hcp": (bulk("Mg", **IDEAL), bulk("Mg", **IDEAL, orthorhombic=True), 3.25, 12),
    "diamond": (bulk("C", "diamond", a=3.57), bulk("C", "diamond", a=3.57, cubic=True), 1.6, 4),
    "skew primitive": (make_supercell(bulk("Cu", "fcc", a=3.6), SKEW), CUBIC, 2.6, 12),
}


@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize("name", CRYSTALS)
def test_primitive_and_conventional_cells_have_the_coordination_of_the_crystal(name, axis):
    primitive, conventional, cutoff, degree = CRYSTALS[name]
    for atoms in (primitive, conventional, conventional * (2, 3, 2)):
        lattice = FROM(atoms, cutoff, axis=axis)
        assert (np.diff(lattice.indptr) == degree).all()
        assert lattice.faults() == []
        assert lattice.most_neighbours == degree and not lattice.wide
        # hops add up to nothing over a site of a crystal, and their squares to the same in each cell
        np.testing.assert_allclose(lattice.hop_vectors_A.sum(axis=0), 0, atol=1e-9)
        square = (lattice.hop_vectors_A**2).sum() / lattice.n_site
        assert square == pytest.approx((FROM(primitive, cutoff).hop_vectors_A ** 2).sum() / len(primitive), rel=1e-9)


def test_a_sheet_that_is_open_across_the_axis():
    for axis in "xy":
        lattice = FROM(honeycomb(), 1.5, axis=axis)
        assert (np.diff(lattice.indptr) == 3).all() and lattice.faults() == []
        assert lattice.length == pytest.approx(2.46 * np.sqrt(3) / 2)
        assert np.count_nonzero(np.linalg.norm(lattice.vectors, axis=1)) == 2
        np.testing.assert_allclose(np.linalg.norm(lattice.hop_vectors_A, axis=1), 2.46 / np.sqrt(3), rtol=1e-9)


def test_a_wire_runs_along_its_own_period():
    wire = Atoms("Li", positions=[[1, 2, 3]], cell=[[9, 0, 0], [0, 9, 0], [1.0, 2.0, 2.0]], pbc=(False, False, True))
    lattice = FROM(wire, 3.1)
    assert lattice.length == pytest.approx(3.0)
    np.testing.assert_allclose(lattice.steps_A, [-3, 3], atol=1e-9)
    np.testing.assert_allclose(given_positions(lattice), wire.positions, atol=1e-9)


def test_noise_of_a_file_adds_no_steps():
    atoms = bulk("Cu", "fcc", a=3.6, cubic=True) * (4, 4, 4)
    atoms.positions += [0.0, 0.0, 1.234]
    clean = FROM(atoms, 2.8)
    assert len(clean.steps) == 3 and not clean.wide
    for noise in (1e-12, 1e-7, 4e-4):
        noisy = atoms.copy()
        noisy.positions += np.random.default_rng(3).uniform(-noise, noise, (len(atoms), 3))
        lattice = FROM(noisy, 2.8)
        np.testing.assert_array_equal(lattice.steps, clean.steps)
        assert (np.diff(lattice.indptr) == 12).all() and lattice.faults() == []
        assert np.abs(given_positions(lattice) - noisy.positions).max() < max(2 * noise, 1e-6)


def test_planes_off_any_grid_repeat_with_the_cell():
    cell = Atoms("Li4", cell=[3, 3, 11.0], pbc=True, positions=[(0, 0, z) for z in (0.1, 3.0317, 5.5772, 8.2491)])
    steps = [FROM(cell * (1, 1, n), 3.1).steps_A for n in (1, 2, 7, 17)]
    for repeated in steps[1:]:
        np.testing.assert_allclose(repeated, steps[0], atol=2e-4)
    expected = np.array([3.0317 - 0.1, 5.5772 - 3.0317, 8.2491 - 5.5772, 11.1 - 8.2491, 0])
    np.testing.assert_allclose(steps[0], np.sort([*expected[:4], *-expected]), atol=2e-4)


def test_noise_in_planes_off_any_grid_adds_no_steps():
    z = np.random.default_rng(1).uniform(0.2, 1.8, 7) + 2 * np.arange(7)
    clean = Atoms("Li7", cell=[3, 3, 14.0], pbc=True, positions=np.column_stack([0 * z, 0 * z, z])) * (3, 3, 1)
    noisy = clean.copy()
    noisy.positions[:, 2] += np.random.default_rng(2).uniform(-3e-4, 3e-4, len(noisy))
    expected, found = FROM(clean, 3.7), FROM(noisy, 3.7)
    assert len(found.steps) == len(expected.steps) and found.faults() == []
    np.testing.assert_allclose(found.steps_A, expected.steps_A, atol=1e-3)


# --- Any cell ---


def assert_same_bonds(found, expected):
    """Rows of source, target and vector, in any order."""
    assert len(found) == len(expected)
    for a, b in {(int(a), int(b)) for a, b in np.concatenate([found, expected])[:, :2]}:
        mine, theirs = (rows[(rows[:, 0] == a) & (rows[:, 1] == b), 2:] for rows in (found, expected))
        away = np.linalg.norm(mine[:, None] - theirs, axis=2)
        assert len(mine) == len(theirs) and (away.min(axis=1) < 2e-3).all() and (away.min(axis=0) < 2e-3).all()


@pytest.mark.parametrize("cutoff", [2.9, 7.0])
@pytest.mark.parametrize("pbc", [(True, True, True), (True, False, True), (False, False, True), (False, False, False)])
@pytest.mark.parametrize("seed", range(4))
def test_pairs_are_those_of_ase(seed, pbc, cutoff):
    """Positions outside the cell, a cut-off longer than the cell, sites bound to their own images, open sides."""
    atoms = triclinic(seed, pbc=pbc)
    cell, periodic = np.asarray(atoms.cell), np.array(pbc)
    source, target, shift, distance = pairs_within(atoms.positions, cell, periodic, cutoff)
    vector = atoms.positions[target] + shift @ cell - atoms.positions[source]
    np.testing.assert_allclose(np.linalg.norm(vector, axis=1), distance, atol=1e-9)
    once = np.column_stack([source, target, vector])
    back = np.column_stack([target, source, -vector])
    assert_same_bonds(np.concatenate([once, back]), np.column_stack(neighbor_list("ijD", atoms, cutoff)))


@pytest.mark.parametrize("seed", range(12))
def test_edges_are_the_bonds_of_ase(seed):
    atoms = triclinic(seed)
    lattice = FROM(atoms, 4.3, axis="xyz"[seed % 3])
    assert_same_bonds(edges_of(lattice), np.column_stack(neighbor_list("ijD", atoms, 4.3)))
    assert lattice.faults() == []
    np.testing.assert_allclose(given_positions(lattice), atoms.positions, atol=1e-3)


@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize("seed", range(5))
def test_steps_round_any_closed_walk_add_up_to_the_cells_it_crosses(seed, axis):
    lattice = FROM(triclinic(seed, n=8), 3.9, axis=axis)
    assert (lattice.height.astype(int) >= 0).all() and lattice.z.max() < lattice.length
    rng = np.random.default_rng(seed)
    steps, period = lattice.steps[lattice.step_class], round(lattice.length / lattice.unit)
    vectors, target = lattice.hop_vectors_A, lattice.target
    closed = 0
    for _ in range(60):
        start = site = int(rng.integers(lattice.n_site))
        climbed, cells, vector = 0, np.zeros(3, dtype=int), np.zeros(3)
        for _ in range(40):
            edge = int(rng.integers(lattice.indptr[site], lattice.indptr[site + 1]))
            climbed, cells = climbed + steps[edge], cells + lattice.shift[edge]
            vector, site = vector + vectors[edge], int(target[edge])
            if site == start:
                closed += 1
                assert climbed == cells[2] * period
                np.testing.assert_allclose(vector, cells @ lattice.vectors, atol=1e-9)
    assert closed > 60


@pytest.mark.parametrize("axis", "xyz")
def test_the_axis_is_normal_to_the_other_two_vectors(axis):
    atoms = triclinic(2)
    lattice = FROM(atoms, 4.0, axis=axis)
    k = "xyz".index(axis)
    others = np.delete(np.asarray(atoms.cell), k, axis=0)
    turn = np.array(lattice.notes["rotation"])
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1)
    np.testing.assert_allclose(others @ turn[2], 0, atol=1e-9)
    assert lattice.length == pytest.approx(atoms.get_volume() / np.linalg.norm(np.cross(*others)))
    np.testing.assert_allclose(
        lattice.vectors, np.asarray(atoms.cell)[[(k + m) % 3 for m in (1, 2, 0)]] @ turn.T, atol=1e-9
    )


@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize("cell", [[[0, 4, 0], [4, 0, 0], [0.5, 0, 5]], [[4, 0, 0], [0, 4, 0], [0.5, 0.3, -5]]])
def test_left_handed_cells_and_such_that_point_down(cell, axis):
    atoms = Atoms("Li3", scaled_positions=[(0, 0, 0), (0.5, 0.5, 0.2), (0.1, 0.6, 0.7)], cell=cell, pbc=True)
    lattice = FROM(atoms, 4.2, axis=axis)
    assert lattice.faults() == [] and lattice.length > 0
    assert np.linalg.det(lattice.notes["rotation"]) == pytest.approx(1)
    assert_same_bonds(edges_of(lattice), np.column_stack(neighbor_list("ijD", atoms, 4.2)))
    np.testing.assert_allclose(given_positions(lattice), atoms.positions, atol=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_repeating_a_cell_adds_no_steps(seed):
    atoms = triclinic(seed)
    once, often = FROM(atoms, 4.3), FROM(atoms * (2, 3, 5), 4.3)
    np.testing.assert_allclose(often.steps_A, once.steps_A, atol=1e-4)
    assert often.n_edge == 30 * once.n_edge


def test_positions_stay_where_they_are_when_the_axis_is_z():
    atoms = bulk("Cu", "fcc", a=3.6, cubic=True) * 2
    atoms.positions[:, 0] += 50  # another cell across the axis
    lattice = FROM(atoms, 2.8)
    np.testing.assert_allclose(lattice.positions, atoms.positions, atol=1e-9)
    assert lattice.notes["rotation"] == np.eye(3).tolist()


def test_disorder_makes_a_wide_lattice_whose_classes_fix_both_regions():
    atoms = bulk("Cu", "fcc", a=3.6, cubic=True) * 4
    atoms.rattle(0.1, seed=1)
    atoms.set_tags(np.arange(len(atoms)) % 3)
    lattice = FROM(atoms, 3.0, regions="tags")
    assert lattice.wide and lattice.faults() == [] and lattice.n_class > 32
    key = np.column_stack([lattice.step_class, lattice.region[lattice.sources()], lattice.region[lattice.target]])
    assert (
        len(np.unique(key, axis=0))
        == len(np.unique(np.column_stack([key, lattice.classes]), axis=0))
        == lattice.n_class
    )
    length = np.linalg.norm(lattice.hop_vectors_A, axis=1)
    np.testing.assert_allclose(np.sort(length), np.sort(neighbor_list("d", atoms, 3.0)), atol=2e-3)
    told = footprint(lattice)
    assert told["sites"] == len(atoms) and told["bonds"] * 2 == lattice.n_edge and told["wide"]
    assert told["bytes"] > 4 * lattice.n_edge


# --- Regions, cut-offs, what sites hold ---


def rocksalt():
    atoms = bulk("NaCl", "rocksalt", a=5.6, cubic=True)
    atoms.set_tags(atoms.numbers == 11)
    return atoms


def test_regions_in_five_ways():
    atoms = rocksalt()
    sodium = np.flatnonzero(atoms.numbers == 11)
    by = {
        "tags": "tags",
        "values": np.where(atoms.numbers == 11, "b", "a"),
        "symbols": "symbols",
        "indices": {"other": np.setdiff1d(np.arange(8), sodium), "Na": sodium.tolist()},
        "mask": {"other": atoms.numbers != 11, "Na": atoms.numbers == 11},
        "names": {0: "other", 1: "Na"},
    }
    names = [("0", "1"), ("a", "b"), ("Cl", "Na"), ("other", "Na"), ("other", "Na"), ("other", "Na")]
    for regions, expected in zip(by.values(), names, strict=True):
        lattice = FROM(atoms, 2.9, regions=regions)
        assert lattice.regions == expected and lattice.region.dtype == np.uint8
        np.testing.assert_array_equal(np.flatnonzero(lattice.region == 1), sodium)
    assert FROM(atoms, 2.9).regions == ("bulk",)


@pytest.mark.parametrize("pair", ["a-b-c", "c-a-b", ("a-b", "c")])
def test_cutoff_per_pair_of_regions(pair):
    """Rock salt: 6 unlike neighbours at 2.8 Å, 12 like ones at 3.96 Å; a name may hold a hyphen."""
    regions = np.where(rocksalt().numbers == 11, "a-b", "c")
    lattice = FROM(rocksalt() * 2, {pair: 2.9, "c-c": 4.0}, regions=np.tile(regions, 8))
    degree = np.diff(lattice.indptr)
    assert lattice.regions == ("a-b", "c")
    assert (degree[lattice.region == 0] == 6).all() and (degree[lattice.region == 1] == 18).all()


def test_natural_cutoffs_are_those_of_ase():
    atoms = bulk("NaCl", "rocksalt", a=5.2, cubic=True) * 2
    lattice = FROM(atoms, "natural")
    assert (np.diff(lattice.indptr) == 6).all()
    assert lattice.n_edge == len(neighbor_list("i", atoms, natural_cutoffs(atoms)))


def test_a_bond_as_long_as_the_cutoff_counts_for_all_alike():
    atoms = bulk("Li", "bcc", a=3.51, cubic=True) * 5
    assert (np.diff(FROM(atoms, 3.51 * np.sqrt(3) / 2).indptr) == 8).all()


def test_empty_sites_and_frozen_atoms_are_kept():
    atoms = rocksalt() * 2
    still = atoms.numbers == 17
    empty = np.flatnonzero(~still)[[5, 13]]
    atoms.numbers[empty[0]] = 0
    atoms.new_array("still", still)
    atoms.new_array("occupancy", np.where(np.arange(len(atoms)) == empty[1], 0.0, 1.0))
    values = np.where(atoms.positions[:, 2] > 4, "up", "down")
    by_name, by_mask = (FROM(atoms, 4.0, frozen=given, regions=values) for given in ("still", still))
    apart = FROM(atoms[~still], 4.0, frozen=atoms[still], regions=values[~still])
    for lattice in (by_name, by_mask, apart):
        assert lattice.n_site == 32 and len(lattice.frozen) == 32
        np.testing.assert_array_equal(lattice.region, (atoms.positions[~still, 2] > 4).astype(int))
        np.testing.assert_array_equal(lattice.edge, apart.edge)
        np.testing.assert_allclose(given_positions(lattice), atoms.positions[~still], atol=1e-9)
        np.testing.assert_array_equal(np.flatnonzero(~lattice.notes["occupied"]), [5, 13])
    np.testing.assert_array_equal(by_mask.notes["atoms"], np.flatnonzero(~still))
    half = by_mask.subgraph(by_mask.region == 0)
    assert len(half.notes["occupied"]) == half.n_site and set(half.facts) < set(half.notes)
    np.testing.assert_allclose(given_positions(half), atoms.positions[~still][by_mask.region == 0], atol=1e-9)


# --- A list of bonds; the built-in tubule ---


def as_list(graph):
    """Bonds of a tubule, each once: nearest images across it, steps along it."""
    source, target = graph.sources().astype(int), graph.target.astype(int)
    step = graph.steps[graph.step_class]
    between = graph.positions[target] - graph.positions[source]
    cells = np.zeros((graph.n_edge, 3), dtype=int)
    for k in np.flatnonzero(graph.cell[:2]):
        cells[:, k] = -np.round(between[:, k] / graph.cell[k])
    cells[:, 2] = np.round((step * graph.unit - between[:, 2]) / graph.length)
    once = np.arange(graph.n_edge) < graph.reverse_edges()
    return np.column_stack([source, target, cells])[once]


@pytest.mark.parametrize(("name", "axis"), [("single", "110"), ("hexagonal-array", "111"), ("slab", "100")])
def test_the_built_in_tubule_through_from_atoms(name, axis):
    graph = build_tubule(make_shape(name, 24.0, 12.0), bcc(LITHIUM_A, axis), wall_density=0.04)
    atoms = Atoms(f"Li{graph.n_site}", positions=graph.positions, cell=graph.cell, pbc=graph.cell > 0)
    names = {region.name.lower(): np.flatnonzero(graph.region == region) for region in Region}
    again = FROM(atoms, bonds=as_list(graph), regions=names)
    assert again.regions == graph.regions and again.faults() == []
    np.testing.assert_array_equal(again.region, graph.region)
    np.testing.assert_allclose(again.positions, graph.positions, atol=1e-9)
    np.testing.assert_allclose(again.steps_A, graph.steps_A, atol=1e-9)
    mine, theirs = (
        np.unique(np.column_stack([each.sources(), each.target, each.step_class]), axis=0) for each in (again, graph)
    )
    np.testing.assert_array_equal(mine, theirs)
    assert again.n_edge == graph.n_edge
    by_kind = {Region.BULK: 1.0, Region.INTERFACE: 40.0, Region.WALL: 3.0}
    expected, found = solve(graph, by_kind), solve(again, by_kind)
    assert found.total == pytest.approx(expected.total, rel=1e-9)
    for kind in by_kind:
        assert found.path[kind] == pytest.approx(expected.path[kind], rel=1e-9)


def test_bonds_between_the_same_sites_through_different_images_stay_apart():
    pair = Atoms("Li2", positions=[[0, 0, 0], [0, 0, 2]], cell=[3, 3, 4], pbc=True)
    lattice = FROM(pair, bonds=[(0, 1, (0, 0, 0)), (1, 0, (0, 0, 1)), (0, 0, (1, 0, 0)), (1, 1, [0, -1, 0])])
    assert lattice.n_edge == 8 and lattice.faults() == []
    assert sorted(lattice.steps_A[lattice.step_class].tolist()) == pytest.approx([-2, -2, 0, 0, 0, 0, 2, 2])
    np.testing.assert_array_equal(lattice.reverse_edges()[lattice.reverse_edges()], np.arange(8))
    as_array = FROM(pair, bonds=np.array([[0, 1, 0, 0, 0], [1, 0, 0, 0, 1], [0, 0, 1, 0, 0], [1, 1, 0, 1, 0]]))
    np.testing.assert_array_equal(lattice.edge, as_array.edge)


# --- Bad input: one clear sentence each ---


def chain(positions=(0.0, 2.0, 4.0), pbc=(False, False, True), length=6.0):
    return Atoms(f"Li{len(positions)}", [(0, 0, z) for z in positions], cell=[9, 9, length], pbc=pbc)


RING = [(0, 1, (0, 0, 0)), (1, 2, (0, 0, 0)), (2, 0, (0, 0, 1))]
OPEN = (False, False, False)
FLAT_CELL = Atoms("Li", cell=[[3, 0, 0], [1, 0, 0], [0, 0, 3]], pbc=True)
CUT = {"regions": ["a", "b", "b"]}


@pytest.mark.parametrize(
    ("atoms", "more", "words"),
    [
        (chain(), {}, "give either a cutoff or a list of bonds"),
        (chain(), {"cutoff": 3, "bonds": RING}, "not both"),
        (chain(), {"cutoff": -1}, "cutoff: a positive length"),
        (chain(), {"cutoff": "far"}, "'far' is none"),
        (chain(), {"cutoff": {"a-q": 3}, **CUT}, "no region is called 'q'; regions are a, b"),
        (chain(), {"cutoff": {"q": 3}, **CUT}, "not two regions"),
        (chain(), {"cutoff": {"a-b": 3, "b-a": 2}, **CUT}, "the pair b-a stands twice"),
        (chain(), {"cutoff": 3, "axis": "w"}, "axis: one of 'x', 'y', 'z'"),
        (chain(pbc=OPEN), {"cutoff": 3}, "open along z: the transport axis must be periodic"),
        (chain(), {"cutoff": 3, "axis": "x"}, "open along x"),
        (FLAT_CELL, {"cutoff": 3.5}, "the cell has no volume"),
        (chain(length=0.0), {"cutoff": 3}, "the cell has no volume"),
        (chain((0, 2, np.nan)), {"cutoff": 3}, "site 2: its position is not finite"),
        (chain(())[:0], {"cutoff": 3}, "has no atoms"),
        (chain((0, 2, 2.1, 4)), {"cutoff": 3}, r"sites 1 and 2 overlap: they are 0.1 Å apart"),
        (chain((0, 2, 4, 5.9)), {"bonds": RING}, r"sites \d and \d overlap: they are 0.1 Å apart"),
        (chain((0,), length=0.3), {"cutoff": 1}, "site 0 overlaps with its own periodic image"),
        (chain(), {"cutoff": 1.9}, r"3 sites have no bond \(0, 1, 2\)"),
        (chain((0, 2, 4, 7), length=10), {"cutoff": 2.5}, "site 3 has no bond"),
        (chain((0, 2, 4), length=8), {"cutoff": 2.5}, "crosses the cell along z: it breaks between z = 4 and 8 Å"),
        (chain((1.1, 3.1, 5.2, 7.2), length=8.1), {"cutoff": 2.05}, "between z = 3.1 and 5.2 Å"),
        (chain((0, 2, 4, 7, 9), length=12), {"cutoff": 2.5}, "between z = 4 and 7 Å and at 1 more place"),
        (chain(), {"bonds": [*RING, (1, 0, (0, 0, 0))]}, "bonds 0 and 3 are the same, sites 0 and 1"),
        (chain(), {"bonds": [*RING, (1, 1, (0, 0, 1)), (1, 1, (0, 0, -1))]}, "bonds 3 and 4 are the same"),
        (chain(), {"bonds": [*RING, (0, 3, (0, 0, 0))]}, "bond 3: site 3 does not exist; sites are 0 to 2"),
        (chain(), {"bonds": [*RING, (-1, 0, (0, 0, 0))]}, "bond 3: site -1 does not exist"),
        (chain(), {"bonds": [*RING, (0, 0, (0, 0, 0))]}, "bond 3: site 0 is bound to itself"),
        (chain(), {"bonds": [*RING, (0, 1, (1, 0, 0))]}, "bond 3: it crosses a side of the cell that is open"),
        (chain(), {"bonds": [*RING, (0, 1)]}, "bond 3: .site, site, "),
        (chain(), {"bonds": [*RING, (0, 1.5, (0, 0, 0))]}, "bond 3: sites and shifts are whole numbers"),
        (chain(), {"cutoff": 3, "regions": "phase"}, "no array 'phase'"),
        (chain(), {"cutoff": 3, "regions": ["a", "b"]}, r"one value per site is wanted, shape \(3,\), got \(2,\)"),
        (chain(), {"cutoff": 3, "regions": {"a": [0], "b": [1]}}, "site 2 is in no region"),
        (chain(), {"cutoff": 3, "regions": {"a": [0, 1], "b": [1, 2]}}, "site 1 is in a and in b"),
        (chain(), {"cutoff": 3, "regions": {"a": [0, 1, 3]}}, "regions: a: site 3 does not exist"),
        (chain(), {"cutoff": 3, "regions": {1: "a"}}, "site 0 has tag 0, which has no name"),
        (chain(np.arange(23) * 2.0, length=46), {"cutoff": 3, "regions": np.arange(23)}, "at most 22, got 23"),
        (chain(), {"cutoff": 3, "frozen": [True]}, "frozen: Atoms, the name of an array, or 3 values"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_sentence(atoms, more, words):
    with pytest.raises(ValueError, match=words) as error:
        FROM(atoms, **more)
    assert "\n" not in str(error.value)


def test_twenty_two_regions_are_taken():
    lattice = FROM(chain(np.arange(22) * 2.0, length=44), 3.0, regions=np.arange(22))
    assert lattice.regions == tuple(map(str, range(22)))


def test_the_name_of_a_file_is_no_atoms():
    with pytest.raises(ValueError, match=r"an ase\.Atoms is wanted, as ase\.io\.read gives it, got 'POSCAR'"):
        FROM("POSCAR", cutoff=2.6)
