"""`coble plate`, `strip` and `cycle`: files, conservation, cutting and going on, obstacles, messages."""

import json
from dataclasses import asdict

import ase.io
import numpy as np
import pytest
from cases import GROWS
from command import invoke

from coble import CaseError, parse_case
from coble.kinds.growth.result import FILES, as_dict, write
from coble.kinds.growth.setup import _reachable, prepare
from coble.kinds.growth.state.checkpoints import read_checkpoint, write_checkpoint
from coble.lattices import Region

SMALL = (
    GROWS
    + """\
depth_nm = 6.0
metal_to_nm = 2.0
until_front_nm = 3.0
records = 20
frames = 5
"""
)


def small(**growth):
    """The small case with other growth."""
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in growth.items())
    kept = [line for line in SMALL.splitlines() if line.partition(" = ")[0] not in growth]
    return "\n".join(kept) + "\n" + lines


def finished(text, seed=None):
    run = prepare(parse_case(text), seed)
    run.run()
    return run


@pytest.fixture(scope="module")
def plated():
    return finished(small())


def test_plating_reaches_its_end(plated):
    series = plated.series
    assert plated.reason == "tip reached until_front_nm = 3 nm"
    assert series.front_nm[-1] >= 3.0 and series.front_nm[0] == pytest.approx(2.0, abs=0.25)
    assert np.all(np.diff(series.time_s) > 0)
    assert series.inserted_minus_removed[-1] > 50


def test_atoms_are_conserved_in_every_record(plated):
    cycled = finished(small(cycles=3, until_front_nm=2.6, until_left_nm=1.2, max_events=3_000_000))
    stripped = finished(small(overpotential_V=-0.1, until_left_nm=1.3))
    for run in (plated, cycled, stripped):
        atoms = np.array(run.series.atoms)
        np.testing.assert_array_equal(atoms - atoms[0], run.series.inserted_minus_removed)
    assert cycled.reason == "events reached max_events = 3e+06" or cycled.half_cycles == 6
    assert cycled.half_cycles >= 2
    assert stripped.reason == "length of the metal fell to until_left_nm = 1.3 nm" and stripped.series.void_nm[-1] > 0.3


def test_the_same_seed_gives_the_same_run_and_another_does_not(plated):
    again, other = finished(small()), finished(small(), seed=2)
    assert asdict(again.series) == asdict(plated.series)
    assert asdict(other.series) != asdict(plated.series)


@pytest.mark.parametrize("looks", [1, 4, 9])
def test_a_run_that_was_cut_goes_on_bit_for_bit(tmp_path, plated, looks):
    first, seen = prepare(parse_case(small())), []

    def stop_after_some_looks():
        seen.append(None)
        return len(seen) >= looks

    first.run(stop_after_some_looks)
    assert not first.reason
    write_checkpoint(tmp_path, first)
    second = prepare(parse_case(small()))
    second.restore(*read_checkpoint(tmp_path))
    second.run()
    assert asdict(second.series) == asdict(plated.series)
    np.testing.assert_array_equal(second.growth.kernel.codes, plated.growth.kernel.codes)
    assert second.growth.kernel.n_event == plated.growth.kernel.n_event
    assert len(second.frames) == len(plated.frames)
    for mine, theirs in zip(second.frames, plated.frames, strict=True):
        np.testing.assert_array_equal(mine[1], theirs[1])


def test_a_checkpoint_of_another_case_is_refused(tmp_path):
    write_checkpoint(tmp_path, prepare(parse_case(small())))
    other = prepare(parse_case(small(overpotential_V=0.05)))
    with pytest.raises(ValueError, match="growth.overpotential_V was 0.1 when the run began, and is 0.05 now"):
        other.restore(*read_checkpoint(tmp_path))


def test_a_checkpoint_of_another_version_is_refused():
    run = prepare(parse_case(small()))
    arrays, plain = run.state()
    del arrays["kernel_codes"]
    with pytest.raises(ValueError, match="the checkpoint lacks 'codes': another version of Coble wrote it"):
        run.restore(arrays, plain)


def test_files(tmp_path, plated):
    content = write(tmp_path, plated, small(), ["coble", "plate"])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(set(FILES) - {"checkpoint.previous.h5"})
    stored = json.loads((tmp_path / "result.json").read_text())
    assert stored == json.loads(json.dumps(content)) and stored["kind"] == "growth" and stored["schema"] == 2
    series = stored["series"]
    lengths = {len(values) for name, values in series.items() if name != "current_A"}
    assert lengths | {len(values) for values in series["current_A"].values()} == {len(series["time_s"])}
    assert {"speed_nm_s", "b_nm2_s"} == set(stored["fit"])
    assert stored["crystal"]["in_largest_piece"] > 0.95
    assert sum(stored["crystal"]["first_neighbours"]) == plated.growth.occupied[plated.growth.metal].sum()
    assert len(stored["channel"]["z_nm"]) == len(stored["channel"]["potential_V"])
    assert stored["channel"]["potential_V"][0] > stored["channel"]["potential_V"][3]
    for name in ("front_nm", "void_nm"):
        np.testing.assert_allclose(np.mean(series[f"{name}_by_bore"], axis=1), series[name])
    assert stored["incubation_s"] == 0.0 and not any(series["atoms_outside"])
    assert stored["events"] == plated.growth.kernel.n_event
    assert "frozen" in stored["accelerated"]
    assert as_dict(prepare(parse_case(small(ahead_nm=0))))["accelerated"] is None
    frames = ase.io.read(tmp_path / "trajectory.extxyz", ":")
    assert len(frames) == len(plated.frames) >= 4
    assert [len(frame) for frame in frames] == [int(plated.occupied_in(n).sum()) for n in range(len(frames))]
    assert frames[0].info["time"] == 0.0 and set(frames[0].get_tags()) <= set(map(int, Region))
    assert frames[-1].pbc.tolist() == [False, False, False]


def test_ways_of_all_paths_add_up_to_where_the_atoms_are(plated):
    """Σ z at the end = Σ z at the start + all ways + heights, below 2.5 Å, at which atoms came in."""
    z = plated.growth.graph.z
    moved = z[plated.growth.occupied].sum() - z[plated.occupied_in(0)].sum()
    way = sum(values[-1] for values in plated.series.way_A.values())
    came = plated.series.inserted_minus_removed[-1]
    exchanges = plated.growth.kernel.exchanges.sum()
    assert -3 * np.sqrt(exchanges) < moved - way < 2.5 * came + 3 * np.sqrt(exchanges)
    assert abs(moved - way) < 0.2 * moved


def test_paths_that_are_switched_off_carry_nothing(plated):
    off = finished(small(without=["interface", "surface"], time_s=plated.series.time_s[-1]))
    hops = off.growth.hops()
    assert not {region for path in hops for region in path.split("|")} & {"interface", "surface"}
    assert off.series.inserted_minus_removed[-1] == 0 and off.reason.startswith("simulated time reached time_s = ")


SLIP = {"slip_1_s": 1e7, "without": ["interface", "surface"], "time_s": 1e-6, "until_front_nm": 5.9}


def test_slip_moves_plug_tip_and_markers_together():
    run = finished(small(**SLIP))
    slips = run.growth.slip.n_slip
    period = 0.35087 * 2**0.5
    assert 6 <= slips <= 9  # then the plug is at the closed end
    assert run.series.marker_displacement_nm[-1] == pytest.approx(slips * period, rel=1e-3)
    assert run.series.front_nm[-1] - run.series.front_nm[0] == pytest.approx(slips * period, abs=0.3)
    atoms = np.array(run.series.atoms)
    np.testing.assert_array_equal(atoms - atoms[0], run.series.inserted_minus_removed)
    kernel, sites = run.growth.kernel, run.growth.sites
    np.testing.assert_array_equal(kernel.kept_propensities(), kernel.propensities())
    awake = ~run.growth.frozen
    np.testing.assert_array_equal(kernel.codes[awake], sites.code(run.growth.occupied)[awake])


def test_slip_pulls_the_plug_back_but_not_across_a_void():
    pulled = finished(small(**SLIP | {"overpotential_V": -0.1, "metal_to_nm": 3.0, "until_left_nm": 0.8}))
    behind_void = finished(small(**SLIP | {"overpotential_V": -0.1, "metal_from_nm": 1.5, "metal_to_nm": 4.0}))
    assert pulled.growth.slip.n_slip >= 3 and pulled.series.inserted_minus_removed[-1] < -100
    assert pulled.series.front_nm[-1] < 1.6
    assert behind_void.growth.slip.n_slip == 0 and behind_void.growth.slip.next_s == np.inf
    assert behind_void.series.inserted_minus_removed[-1] == 0


def test_a_run_with_slip_goes_on_bit_for_bit(tmp_path):
    text = small(slip_1_s=1e6, until_front_nm=4.0)
    whole, first = finished(text), prepare(parse_case(text))
    looks = iter([False] * 6 + [True])
    first.run(lambda: next(looks))
    write_checkpoint(tmp_path, first)
    second = prepare(parse_case(text))
    second.restore(*read_checkpoint(tmp_path))
    second.run()
    assert not first.reason and asdict(second.series) == asdict(whole.series)


OBSTACLES = {"obstacle_fraction": 0.1, "obstacle_radius_nm": 0.6}


def test_obstacles_are_grown_round_and_everything_in_reach_is_filled():
    """A width W behind the tip more than 99 % of the sites in reach hold an atom; the particles have a channel."""
    text = small(until_front_nm=6.5, depth_nm=8.0, **OBSTACLES).replace("= 2.5", "= 3.0") + "[bonds]\nwetting = 0.5\n"
    free = prepare(parse_case(text.replace("obstacle_fraction = 0.1", ""))).growth.graph
    for seed in (1, 2):
        run = finished(text, seed)
        graph, content = run.growth.graph, as_dict(run)
        assert graph.n_site == pytest.approx(0.9 * free.n_site, rel=0.02)
        assert graph.count(Region.INTERFACE) > 1.1 * free.count(Region.INTERFACE)
        assert not graph.components().any()  # one piece
        assert run.reason == "tip reached until_front_nm = 6.5 nm" and content["crystal"]["in_largest_piece"] > 0.8
        assert content["filled_behind_tip"] > 0.99


def test_sites_that_obstacles_enclose_are_left_out():
    """A shell of obstacles round a few sites: they, and no others, go."""
    case = parse_case(small(**OBSTACLES))
    graph = prepare(parse_case(small())).growth.graph
    apart = np.linalg.norm(graph.positions - [0.0, 0.0, 30.0], axis=1)
    shelled = graph.subgraph((apart < 4.0) | (apart > 9.0))
    left = _reachable(shelled, case.growth)
    assert left.notes["sites_enclosed"] == np.count_nonzero(apart < 4.0) > 2
    assert left.n_site == np.count_nonzero(apart > 9.0)


@pytest.mark.parametrize(
    ("growth", "words"),
    [
        (
            {},
            "no path of free sites, in the bore, along its wall or through it, leads from the electrolyte to until_fr",
        ),
        ({"overpotential_V": -0.1, "metal_from_nm": 4.0, "metal_to_nm": 5.2}, "to the metal, which starts at"),
    ],
)
def test_obstacles_that_close_the_tubule_are_refused(growth, words):
    case = parse_case(small(until_front_nm=5.0, **OBSTACLES, **growth))
    graph = prepare(parse_case(small())).growth.graph
    plugged = graph.subgraph((graph.z < 25.0) | (graph.z > 32.0))
    with pytest.raises(ValueError, match=words) as caught:
        _reachable(plugged, case.growth)
    assert "obstacles close the tubule at 2.5 nm" in str(caught.value)


def test_command_writes_and_refuses_to_overwrite(tmp_path):
    case = tmp_path / "small.toml"
    case.write_text(small(until_front_nm=2.5))
    done = invoke("plate", case, "--out", tmp_path / "out")
    assert done.exit_code == 0 and "tip reached until_front_nm = 2.5 nm" in done.output
    again = invoke("plate", case, "--out", tmp_path / "out")
    assert again.exit_code == 3 and "already holds" in again.stderr
    missing = invoke("plate", "--resume", tmp_path / "out")
    assert missing.exit_code == 3 and "stopped: tip reached until_front_nm = 2.5 nm" in missing.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"insulator_nm": 6.0, "metal_from_nm": 5.9, "metal_to_nm": 5.91, "until_front_nm": 6.0},
            "no metal at the start",
        ),
        ({"depth_nm": 2.0}, "must be at most depth_nm = 2 nm"),
        ({"side": "outside"}, "needs free space round the tubule: give space_nm > 0, or leave it out, got outside"),
        ({"until_outside_atoms": 5}, "needs free space round the tubule"),
        ({"space_nm": 1.0, "slip_1_s": 1e6}, "must be 0 with space_nm > 0"),
        ({"metal_to_nm": 0, "overpotential_V": -0.1}, "from an empty bore nothing is stripped"),
    ],
)
def test_bad_cases_are_refused_before_anything_is_written(tmp_path, change, words):
    case = tmp_path / "small.toml"
    case.write_text(small(**change))
    done = invoke("plate", case, "--out", tmp_path / "out")
    assert done.exit_code == 3 and words in done.stderr and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("shape", "wall", "side", "words"),
    [
        ("slab", "inert", "inside", "must be 0 nm unless the shape is 'single', 'double' or 'triple'"),
        ("double", "inert", "outside", "must be 0 nm unless the shape is 'single' (side = 'outside')"),
        ("single", "LiC6", "inside", "must be 0 nm with a wall that takes metal"),
    ],
)
def test_free_space_needs_round_tubules_with_inert_walls(shape, wall, side, words):
    text = small(space_nm=1.0, side=side).replace("inert", wall).replace("[tubule]", f'[tubule]\nshape = "{shape}"')
    with pytest.raises(CaseError) as caught:
        parse_case(text)
    assert words in str(caught.value)


def test_two_walls_and_arguments_beside_resume_are_refused(tmp_path):
    two = tmp_path / "two.toml"
    two.write_text(small().replace('name = "inert"', 'name = "inert"\n[[wall]]\nname = "LiC6"'))
    assert "one wall, got 2" in invoke("plate", two).stderr
    refused = invoke("plate", two, "--resume", tmp_path)
    assert refused.exit_code == 2 and "give no case" in refused.stderr


def test_templates():
    assert "[growth]" in invoke("init", "plate", "-o", "-").output
    assert invoke("init", "nonsense").exit_code == 2


def test_power_law_slip_goes_at_the_speed_of_the_law():
    """A short plug under the full pressure of 3 mV; the number of slips is Poisson's, the rate falls as L^-n."""
    law = {"power_law_slip": True, "overpotential_V": 0.003, "time_s": 1e-6}
    run = finished(small(**SLIP | law | {"slip_1_s": 0}) + "[slip]\nexponent = 2.0\nprefactor_1_s = 5e11\n")
    slip = run.growth.slip
    assert slip.n_slip >= 2  # the first comes soon, and a plug that slips grows longer
    short, long = slip.rate(20.0), slip.rate(40.0)
    assert short / long == pytest.approx(4)
    radius, pressure = 1.25, 7417.5 * 0.003
    rate = 5e11 * np.exp(-0.383 / (8.617333e-5 * 300)) * (radius * pressure / (2 * 2.0)) ** 2
    assert short == pytest.approx(radius / 5 * 3**1.5 * rate / (0.35087 * 2**0.5), rel=2e-3)
    behind_void = finished(small(**SLIP | law | {"slip_1_s": 0, "metal_from_nm": 1.5, "metal_to_nm": 4.0}))
    assert behind_void.growth.slip.n_slip == 0


def test_a_schedule_of_overpotentials_is_followed_in_time(tmp_path):
    text = small(steps_V=[0.1, 0.0, -0.1], steps_s=[4e-7, 1e-7, 4e-7], records=90, until_front_nm=3.0)
    run = finished(text)
    time, volts = np.array(run.series.time_s), np.array(run.series.overpotential_V)
    assert run.reason == "the last of steps_V is done" and time[-1] == pytest.approx(9e-7)
    assert len(time) == 91
    # A record holds the overpotential up to then.
    assert set(volts[(time > 0) & (time < 3.9e-7)]) == {0.1} and set(volts[time > 5.1e-7]) == {-0.1}
    assert set(volts[(time > 4.1e-7) & (time < 4.9e-7)]) == {0.0}
    front = np.array(run.series.front_nm)
    assert front[40] - front[0] > 1 > abs(front[50] - front[40])  # at rest only what the channel held comes out
    assert run.series.inserted_minus_removed[40] > run.series.inserted_minus_removed[-1] + 30
    assert run.fit() == {"speed_nm_s": None, "b_nm2_s": None}
    first = prepare(parse_case(text))
    looks = iter([False] * 60 + [True])
    first.run(lambda: next(looks))
    write_checkpoint(tmp_path, first)
    second = prepare(parse_case(text))
    second.restore(*read_checkpoint(tmp_path))
    second.run()
    assert asdict(second.series) == asdict(run.series)


def test_bulk_alone_plates_where_metal_touches_the_electrolyte():
    """With a bulk that diffuses a thousand times faster than lithium's, or nothing would be seen in a second."""
    alone = {"without": ["interface", "surface"], "time_s": 4e-7, "overpotential_V": 0.05}
    fast = "[metal]\ndiffusivity_cm2_s = 4e-8\n"
    touching, apart = (finished(small(**alone, metal_touches_electrolyte=on) + fast) for on in (True, False))
    assert touching.series.inserted_minus_removed[-1] > 50
    assert touching.series.front_nm[-1] > touching.series.front_nm[0] + 0.3
    assert apart.series.inserted_minus_removed[-1] == 0
    paths = set(touching.growth.hops())
    assert not any("interface" in path or "bare" in path for path in paths) and "bulk" in paths


def test_markers_stay_while_the_void_grows_towards_them_and_then_are_gone():
    """Diffusion past a void does not move the plug: 0 to the last digit, and L² of the void straight in time."""
    run = finished(small(overpotential_V=-0.1, metal_from_nm=2.0, metal_to_nm=6.0, depth_nm=8.0, until_left_nm=0.8))
    moved, void = run.series.marker_displacement_nm, np.array(run.series.void_nm)
    early = int(np.argmax(void > 3.0))
    assert early > 12 and set(moved[:early]) == {0.0}
    assert moved[-1] is None
    time, grows = np.array(run.series.time_s), (void > 2.3) & (void < 4.5)
    assert (
        np.corrcoef(time[grows], void[grows] ** 2)[0, 1] ** 2 > 0.98
    )  # 4 nm of metal; 0.9995 in the case that is shipped


def test_the_law_is_that_of_the_cross_section_and_not_of_the_depth():
    """B = 4 D δ f / W for the whole bore, more by area / area of the metal sites."""
    runs = [prepare(parse_case(small(depth_nm=depth))) for depth in (4.0, 8.0)]
    rho = 1 / (1 + np.exp(-0.1 / runs[0].growth.model.kT_eV))
    for run in runs:
        assert run.law["b_continuum_nm2_s"] == pytest.approx(4 * 2e-7 * 1e14 * 0.2 * (rho - 0.5) / 0.25 / 2.5)
        assert run.law["b_nm2_s"] == pytest.approx(runs[0].law["b_nm2_s"], rel=1e-12)
