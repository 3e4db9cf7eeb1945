"""Growth with the channel behind the tip in cells: atoms, restarts, mean currents, cycles, and what is refused."""

import json
import pickle
import re
from types import SimpleNamespace

import ase.io
import numpy as np
import pytest
from cases import GROWS
from tubes import A, tube

from coble import CaseError, parse_case
from coble.kinds.growth.law_terms import tip_potential_kT
from coble.kinds.growth.result import as_dict, write
from coble.kinds.growth.setup import prepare
from coble.kmc.growth.cells import ROOT_ROWS
from coble.kmc.growth.growth import filled_up_to, solid_up_to
from coble.kmc.growth.rows import FIRST_ROWS, Rows
from coble.kmc.rates.bonds import bond_tables
from coble.lattices import Region, bcc
from coble.structures.export import format_of, frames, write_structures

GRADED = (
    GROWS
    + """\
depth_nm = 16.0
metal_to_nm = 6.0
until_front_nm = 7.5
graded = "auto"
records = 20
frames = 4
"""
)


def stopped_after(text, events):
    """A run to its end, or cut after so many events."""
    run = prepare(parse_case(text))
    run.run(lambda: run.growth.kernel.n_event >= events)
    return run


def kept(run):
    """The state of a run as a checkpoint keeps it, its working time left out."""
    arrays, plain = run.state()
    return {name: np.array(array).tolist() for name, array in arrays.items()}, {**plain, "seconds": 0.0}


@pytest.fixture(scope="module")
def grown():
    return stopped_after(GRADED, np.inf)


def test_cells_follow_the_tip_and_hold_their_atoms(grown):
    growth = grown.growth
    graded, front = growth.graded, growth.ends_nm()[1]
    assert sum(graded.lengths) >= 4 and graded.lengths[0] == graded.lengths[-1] == FIRST_ROWS
    end, ahead = (row * graded.rows.period_A / 10 for row in graded.ends)
    assert front - 2.5 < end < front - 0.5
    assert front + 0.5 < ahead < front + 4.0 and graded.ahead[0] <= FIRST_ROWS
    for atoms, sites in zip(graded.atoms(growth.kernel), graded.sites, strict=True):
        assert 0 < atoms < len(sites)
    assert not growth.occupied[graded.inside()].any() and growth.frozen[graded.inside()].all()
    np.testing.assert_array_equal(np.sort(np.concatenate(graded.sites)), np.flatnonzero(graded.inside()))
    assert graded.crossings(growth.kernel) > 1000


def test_cells_end_where_the_bore_is_no_longer_filled():
    """A wall that wets well draws metal ahead of the tip, and the channel feeds it all along; cells would not."""
    growth = stopped_after(GRADED.replace("[growth]", "[bonds]\nwetting = 0.97\n[growth]"), np.inf).growth
    profile = growth.profile()
    filled, drawn = filled_up_to(growth, profile), solid_up_to(growth, profile)
    slack = FIRST_ROWS * growth.graded.rows.period_A
    assert drawn > filled + 20.0  # Å: where cells would end if they followed the metal's farthest atoms
    assert growth.graded.lengths and growth.graded.ends[0] * growth.graded.rows.period_A <= filled + slack


def test_no_atom_is_lost_or_made(grown):
    content = as_dict(grown)
    series = content["series"]
    np.testing.assert_array_equal(np.array(series["atoms"]) - series["atoms"][0], series["inserted_minus_removed"])
    assert series["inserted_minus_removed"][-1] > 50
    np.testing.assert_array_equal(np.sum(series["atoms_by_bore"], axis=1), series["atoms"])
    assert grown.reason == "tip reached until_front_nm = 7.5 nm"


def test_pictures_show_every_atom(grown):
    for number, (time, _) in enumerate(grown.frames):
        at = grown.series.time_s.index(time)
        assert grown.occupied_in(number).sum() == grown.series.atoms[at]


def test_atoms_of_cells_are_flagged_and_counted(grown, tmp_path):
    """In the file and what is exported from it: every atom of the cells, none of the others."""
    write(tmp_path, grown, "", pictures=False)
    last, growth = frames(tmp_path, "last")[0], grown.growth
    flagged = last.arrays["graded"] == 1
    assert flagged.sum() == sum(growth.graded.atoms(growth.kernel)) > 0 and not flagged.all()
    assert growth.graded.inside()[last.arrays["site"][flagged]].all()
    assert len(last) == grown.series.atoms[-1]
    first = frames(tmp_path, 0)[0]
    assert not first.arrays["graded"].any()
    write_structures(tmp_path / "a.xyz", [last], format_of("extxyz"))
    np.testing.assert_array_equal(ase.io.read(tmp_path / "a.xyz").arrays["graded"], last.arrays["graded"])
    write_structures(tmp_path / "a.dump", [last], format_of("lammps-dump-text"))
    head, *rows = (tmp_path / "a.dump").read_text().splitlines()[8:]
    assert head.endswith(" kind graded") and sum(int(row.split()[-1]) for row in rows) == flagged.sum()
    assert len(ase.io.read(tmp_path / "a.dump", format="lammps-dump-text")) == len(last)
    assert ase.io.read(tmp_path / "trajectory.extxyz", "-1").arrays["graded"].sum() == flagged.sum()


def test_the_way_of_the_atoms_is_what_moved_their_centre():
    """Atoms that cells take, hold and give count as in the middles of these; the change of Σ z is the way, exactly."""
    growth = prepare(parse_case(GRADED.replace("16.0", "32.0").replace("6.0", "24.0").replace("7.5", "26.0"))).growth
    graded, z = growth.graded, growth.graph.z
    growth.run(np.inf, max_events=20_000)

    def of_all():
        """Behind the tip and between the cells; where it is fine ahead nothing changes."""
        cells = zip(graded.atoms(growth.kernel), graded.sites[: len(graded.lengths)], strict=False)
        fine = growth.channel[z[growth.channel] < 240.0]
        return z[fine][growth.occupied[fine]].sum() + sum(atoms * z[sites].mean() for atoms, sites in cells)

    for tip_A in (180.0, 120.0, 100.0, 170.0, 232.0, 60.0):
        graded._at = None
        before, counted = of_all(), graded.way(growth.kernel)
        lengths, atoms = graded.lengths, graded.atoms(growth.kernel)
        n, last = len(lengths), int((tip_A - 10) / graded.rows.period_A)
        behind = graded._longer(growth, last, graded._shorter(growth, last, atoms[:n]))
        graded.install(growth, [*behind, *atoms[n:]])
        assert graded.lengths != lengths
        assert graded.way(growth.kernel) - counted == pytest.approx(of_all() - before, abs=1e-6)
        assert abs(of_all() - before) > 1.0


def test_the_profile_along_cells_is_no_staircase():
    """Cells on a line from 0.95 to 0.45 give that line back, and the tip's potential; every cell keeps its atoms."""
    growth = prepare(parse_case(GRADED.replace("16.0", "24.0").replace("6.0", "20.0").replace("7.5", "22.0"))).growth
    graded, graph, tip_A = growth.graded, growth.graph, 200.0
    graded.lengths = [2, 16, 8, 4, 2]
    line = 0.95 - 0.5 * graph.z / tip_A
    held = np.array([np.rint(line[sites].sum()) for sites in graded.sites])
    holding = lambda atoms: SimpleNamespace(cells=SimpleNamespace(atoms=atoms, role=np.zeros(len(atoms))))  # noqa: E731
    kernel = holding(held)
    rest = np.where(graded.inside(), 0.0, line)
    found = graded.profile(kernel, rest)
    for atoms, sites in zip(held, graded.sites, strict=True):
        assert found[sites].sum() == pytest.approx(atoms, rel=1e-12)
    inside = np.concatenate(graded.sites)
    np.testing.assert_allclose(found[inside], line[inside], atol=0.01)
    assert not found[~graded.inside()].any()

    z = np.floor(graph.z[growth.channel] / 10).astype(int)
    bins = np.bincount(z, (found + rest)[growth.channel]) / np.bincount(z)
    assert tip_potential_kT(np.array([tip_A / 10]), bins[None], 0.5) == pytest.approx(np.log(0.45 / 0.55), abs=0.02)

    full = graded.profile(holding(np.r_[held[0], [len(s) for s in graded.sites[1:]]]), rest)
    assert full.max() <= 1.0


def test_a_run_that_is_cut_goes_on_bit_for_bit(grown):
    for part in (0.3, 0.8):
        cut = stopped_after(GRADED, part * grown.growth.kernel.n_event)
        assert cut.growth.graded.lengths
        other = prepare(parse_case(GRADED))
        arrays, plain = cut.state()
        other.restore({name: np.array(value) for name, value in arrays.items()}, json.loads(json.dumps(plain)))
        other.run()
        assert kept(other) == kept(grown)


def test_cycles_take_the_cells_apart_and_make_them_again():
    text = GRADED.replace("7.5", "6.4") + "until_left_nm = 5.2\ncycles = 2\n"
    run = stopped_after(text, np.inf)
    assert run.reason == "all 2 cycles done"
    assert run.growth.graded.n_released > 3 and not run.growth.graded.lengths
    gained = np.array(run.series.atoms) - run.series.atoms[0]
    np.testing.assert_array_equal(gained, run.series.inserted_minus_removed)


def test_cells_ahead_make_way_and_come_back():
    """Wherever the tip goes, to the closed end and back: every row is fine or in one cell, and no atom is lost."""
    growth = prepare(parse_case(GRADED.replace("16.0", "24.0"))).growth
    graded, atoms = growth.graded, growth.n_atom
    growth.run(np.inf, max_events=1)
    for tip_A in (60.0, 71.0, 90.0, 91.0, 140.0, 80.0, 150.0, 233.0, 240.0, 60.0, 62.0):
        before = growth.n_atom
        graded.follow(growth, tip_A, tip_A)
        assert growth.n_atom == before
        cells = np.concatenate(graded.sites)
        assert len(np.unique(cells)) == len(cells) and growth.frozen[cells].all() and not growth.occupied[cells].any()
        np.testing.assert_array_equal(np.sort(cells), np.flatnonzero(graded.inside()))
        assert not growth.frozen[growth.channel[~graded.inside()[growth.channel]]].any()
        end, ahead = (row * graded.rows.period_A for row in graded.ends)
        assert end < tip_A
        if graded.ahead:
            assert tip_A + 5 <= ahead <= tip_A + 40 and graded.ahead[0] <= FIRST_ROWS
            assert all(b <= 2 * a for a, b in zip(graded.ahead[:-1], graded.ahead[1:], strict=True))
        growth.run(np.inf, max_events=200)
    assert growth.n_atom - atoms == growth.inserted_minus_removed


def test_constant_current_goes_with_cells():
    run = stopped_after(GRADED.replace("7.5", "6.6") + "current_pA = 30.0\n", np.inf)
    assert run.growth.graded.lengths and run.growth.kernel.n_event > 1e4
    gained = np.array(run.series.atoms) - run.series.atoms[0]
    np.testing.assert_array_equal(gained, run.series.inserted_minus_removed)


@pytest.mark.parametrize("width_A", [25.0, 40.0])
def test_the_mean_current_is_that_of_the_sites(width_A):
    """Between two planes at one potential each: exact far from them, and to 2e-4 a nanometre or two off."""
    graph = tube(width_A, 160.0).graph
    rows = Rows(graph, round(bcc(A, "110").lengths[2] / graph.unit))
    row, joint = rows.joints()
    half, whole = joint + row * FIRST_ROWS / 2, rows.resistance(30)
    for first, end, error in ((10, 20, 1e-6), (8, 21, 1e-5), (ROOT_ROWS, 26, 2e-4)):
        found = rows.resistance(30, (first, end, half, (end - first - FIRST_ROWS) * row))
        assert found == pytest.approx(whole, rel=error)
    # Away from its ends the channel has one resistance per row.
    assert rows.resistance(29) + row == pytest.approx(whole, rel=1e-9)


def test_sites_that_no_metal_touches_conduct_as_bare_ones():
    """Axis [111] at W = 3 nm: some sites of a covered channel have no metal within two shells.  Exact, from the network
    of all sites, with the rates of their kinds."""
    text = GRADED.replace("inner_width_nm = 2.5", 'inner_width_nm = 3.0\naxis = "111"').replace("16.0", "22.0")
    growth = prepare(parse_case(text)).growth
    graded, rates = growth.graded, growth.mobilities
    ratio = rates.surface / rates.interface
    bare = graded.rows.mobility != 1
    assert ratio > 3 and 0.05 < bare[graded.rows.sites[3]].mean() < 0.5
    np.testing.assert_allclose(graded.rows.mobility[bare], ratio)
    row, _ = graded.rows.joints()
    alike, _ = graded.rows.joints(covered=False)
    assert row < 0.95 * alike
    covered = prepare(parse_case(GRADED)).growth.graded.rows  # axis [110]: two such sites a row, which lead nowhere
    assert covered.joints() == pytest.approx(covered.joints(covered=False), rel=1e-12)
    # What the kernel's own rates between covered sites say.
    full = np.ones(growth.graph.n_site, dtype=bool)
    codes = growth.sites.code(full)
    empty = growth.sites.code(full & (growth.graph.region == Region.BULK))
    table = bond_tables(growth.sites, growth.model, rates)
    (a, b), (c, d) = (
        next(
            (i, j)
            for i in graded.rows.sites[3]
            for j in growth.graph.target[growth.graph.indptr[i] : growth.graph.indptr[i + 1]]
            if growth.graph.region[j] == Region.INTERFACE and bare[i] == bare[j] == wanted
        )
        for wanted in (False, True)
    )
    found = [table.rate[0][codes[i], empty[j]].astype(float) for i, j in ((a, b), (c, d))]
    assert found[1] / found[0] == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("obstacle_fraction = 0.2\n", 'growth.graded: must be "off" with obstacles'),
        ("metal_from_nm = 1.0\n", 'growth.graded: must be "off" with an empty stretch at the root'),
        ("slip_1_s = 1e4\n", 'growth.graded: must be "off" with slip'),
        ("without = ['interface']\n", "growth.graded: must be \"off\" with without = 'interface'"),
        ("without = ['surface']\n", "growth.graded: must be \"off\" with without = 'surface'"),
        ("[bonds]\nwetting = 1.0\n", 'growth.graded: must be "off" with wetting >= 1: a film of metal'),
        ("fine_nm = 0.2\n", "growth.fine_nm: must be between 1 and 100 nm"),
    ],
)
def test_what_cells_do_not_go_with_is_refused(keys, said):
    with pytest.raises(CaseError) as error:
        parse_case(GRADED + keys)
    assert said in str(error.value)


def test_a_wall_that_takes_metal_is_refused():
    with pytest.raises(CaseError, match="a wall that takes metal"):
        parse_case(GRADED.replace('name = "inert"', 'name = "LiC6"'))


def test_the_result_says_what_is_graded(grown):
    content = as_dict(grown)
    said = content["graded"]
    assert said["fine_nm"] == 1.0 and said["cells"] == len(grown.growth.graded.sites)
    assert said["to_nm"] < grown.growth.ends_nm()[1] < said["ahead_from_nm"]
    assert 0 < said["left_out"] < 0.002  # 4e-11 against 2e-7 cm²/s in a bore of 2.5 nm
    assert "from the tip the channel is in cells" in content["accelerated"]
    assert as_dict(prepare(parse_case(GRADED.replace('"auto"', '"off"'))))["graded"] is None


def test_metal_that_carries_too_much_is_refused():
    with pytest.raises(ValueError, match="cells leave out what the two exchange"):
        prepare(parse_case(GRADED + "[metal]\ndiffusivity_cm2_s = 5e-8\n"))


def test_a_tubule_too_short_for_cells_is_refused():
    with pytest.raises(ValueError, match="cells need a tubule of about 12 nm at least, and depth_nm = 9 is shorter"):
        prepare(parse_case(re.sub(r"depth_nm = \S+", "depth_nm = 9.0", GRADED)))


def test_cells_go_on_at_another_overpotential():
    """A change of the rates changes the quantum: the cells take the new one, and their atoms along."""
    text = GRADED.replace(
        "until_front_nm = 7.5\n", "until_front_nm = 15.0\nsteps_V = [0.1, 0.04, 0.1]\nsteps_s = [1e-7, 1e-7, 1e-7]\n"
    )
    run = stopped_after(text, np.inf)
    assert run.growth.graded.lengths and run.reason == "the last of steps_V is done"
    gained = np.array(run.series.atoms) - run.series.atoms[0]
    np.testing.assert_array_equal(gained, run.series.inserted_minus_removed)


def test_a_kernel_with_cells_can_be_pickled(grown):
    kernel = grown.growth.kernel
    other = pickle.loads(pickle.dumps(kernel))
    np.testing.assert_array_equal(other.cells.atoms, kernel.cells.atoms)
    other.advance(max_events=1000)
    assert other.n_event == kernel.n_event + 1000
