"""Figures and movies: that they show the numbers of the result, with units, in files that others open."""

import json
import re
import shutil
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import units
from ase import Atoms
from cases import GROWS
from command import BAD_CASE, OK, SMALL, USAGE, invoke
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

import coble
import coble.kmc.estimates.measure
from coble import parse_case
from coble.inputs.numbers.words import words_of
from coble.kinds.discriminate.convergence import _series, series_of
from coble.kinds.discriminate.knowledge.figures import plot_knowledge
from coble.kinds.discriminate.pictures.routes import plot_routes
from coble.kinds.discriminate.pictures.shares import RANGE, draw_shares, plot_shares
from coble.kinds.discriminate.pictures.tracers import plot_diffusivities, plot_lags
from coble.kinds.discriminate.pictures.waits import plot_waits
from coble.kinds.discriminate.result import write as write_discrimination
from coble.kinds.discriminate.run import discriminate
from coble.kinds.growth.convergence import series_of as growth_series_of
from coble.kinds.growth.figures import plot_currents, plot_front
from coble.kinds.growth.result import write as write_plating
from coble.kinds.growth.setup import prepare
from coble.kmc.estimates.measure import episode_mean
from coble.kmc.rates.bonds import PATHS
from coble.lattices import REGIONS, Region
from coble.render.convergence import Series, finding
from coble.render.convergence_figures import plot_convergence
from coble.render.names import LABELS
from coble.render.palette import STYLES
from coble.reports.movies import write_movie
from coble.reports.plots import figures_of, names_of
from coble.structures.export import frames, structure_of
from coble.structures.map_figures import PANELS, plot_map, plot_profile
from coble.structures.maps import profile_of, read_maps
from coble.structures.side_figures import plot_side, points_nm, side_of, wall_bands

PLATE = (
    GROWS
    + """\
depth_nm = 8.0
metal_to_nm = 2.0
until_front_nm = 5.5
overpotential_V = 0.3
records = 60
frames = 6
[run]
seed = 3
"""
)


@pytest.fixture(scope="module")
def shares(tmp_path_factory):
    """A folder of `coble discriminate`."""
    folder = tmp_path_factory.mktemp("shares") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 5000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 5000)
        result = discriminate(parse_case(SMALL), quick=True, target_error=0.2)
    write_discrimination(folder, result, SMALL, ["coble"])
    return folder


@pytest.fixture(scope="module")
def plate(tmp_path_factory):
    """A folder of `coble plate`."""
    folder = tmp_path_factory.mktemp("plate") / "run"
    run = prepare(parse_case(PLATE))
    run.run()
    write_plating(folder, run, PLATE, ["coble"])
    return folder


@pytest.fixture
def ax():
    return Figure().subplots()


def content_of(folder):
    return json.loads((folder / "result.json").read_text())


# --- One look ---


def test_every_path_has_a_look_and_a_name():
    content_names = {*PATHS, *REGIONS}
    assert content_names <= set(STYLES) and content_names <= set(LABELS)
    different = [STYLES[name] for name in PATHS]
    for look in ("colour", "line", "marker"):  # any of them alone tells the paths apart
        assert len({getattr(style, look) for style in different}) == len(PATHS)


def test_colours_stand_in_one_place():
    others = [path for path in Path(coble.__file__).parent.rglob("*.py") if path.name != "palette.py"]
    assert [path.name for path in others if re.search(r'"#[0-9A-Fa-f]{6}"', path.read_text())] == []


# --- What is drawn is what was found ---


def test_bars_are_the_shares(shares, ax):
    (wall,) = content_of(shares)["walls"]
    assert plot_shares(wall, ax) is ax
    known = wall["knowledge"]
    drawn = np.reshape([(bar.get_height(), bar.get_y()) for bar in ax.patches], (-1, 4, 2))
    medians = [line.get_ydata()[0] for line in ax.lines if np.ptp(line.get_xdata()) == pytest.approx(RANGE)]
    for path, bars, median in zip(("interface", "wall", "bulk"), drawn, medians, strict=True):
        wanted = wall["paths"][path]["share"]["value"], wall["exact"]["shares"][path], wall["formula"]["shares"][path]
        assert bars[:3].tolist() == [[pytest.approx(height), 0.0] for height in wanted]
        low, middle, high = known["shares"][path].values()
        assert bars[3].tolist() == pytest.approx([high - low, low]) and median == pytest.approx(middle)
    best, p = max(known["probability"].items(), key=lambda each: each[1])
    assert ax.get_title().endswith(f"\n{best} > half with P = {p:.2f}")


def test_bars_say_nothing_of_ranges_when_that_was_not_asked(shares, ax):
    content = content_of(shares)
    figure, plain = draw_shares(content), draw_shares(content | {"walls": [content["walls"][0] | {"knowledge": None}]})
    plot_shares(content["walls"][0] | {"knowledge": None}, ax)
    assert len(ax.patches) == 9 and "half" not in ax.get_title()
    for each, is_said in ((figure, True), (plain, False)):
        (legend,) = each.legends
        assert any("ranges" in text.get_text() for text in legend.get_texts()) == is_said
        assert (", at the stated numbers" in each.get_suptitle()) == is_said


def test_distributions_are_the_histograms_as_lines_over_a_light_fill(shares, ax):
    """So light that two that overlap are told apart; what decides is in the title, together with what is correlated."""
    (wall,) = content_of(shares)["walls"]
    plot_knowledge(wall, ax)
    known = wall["knowledge"]
    for number, path in enumerate(("interface", "wall", "bulk")):
        filled, line = ax.patches[2 * number : 2 * number + 2]
        counts = np.array(known["histogram"][path])
        assert filled.get_fill() and filled.get_alpha() < 0.2 and not line.get_fill() and line.get_alpha() is None
        for each in (filled, line):
            np.testing.assert_allclose(each.get_data().values, counts / counts.sum() * len(counts))
    name = words_of(known["decides"])[0]
    assert ax.get_title().endswith(f"\n{name} decides")
    other = {"together_with": ["wall.concentration_cm3"]}
    both = known | {"sobol": known["sobol"] | {known["decides"]: known["sobol"][known["decides"]] | other}}
    plot_knowledge(wall | {"knowledge": both}, ax)
    assert ax.get_title().endswith(f"\n{name} and concentration of the wall decide")


@pytest.mark.parametrize("what", PANELS)
def test_maps_show_every_column(shares, what, ax):
    (maps,) = read_maps(shares).values()
    (drawn,) = plot_map(maps, what, ax).collections
    values = getattr(maps, what)
    np.testing.assert_allclose(drawn.get_offsets() * 10, np.stack([maps.x_A, maps.y_A], 1), rtol=1e-5)
    lifted = np.where(values > 0, np.maximum(values, drawn.norm.vmin), drawn.norm.vmin / 10)  # zero is grey
    logarithmic = drawn.norm.vmin > 0
    np.testing.assert_allclose(drawn.get_array(), lifted if logarithmic else values, rtol=1e-6)
    assert drawn.norm.vmax >= values[maps.site_region != Region.BULK].mean()


def test_pixels_are_means_over_columns(shares, monkeypatch, ax):
    import coble.structures.map_figures

    (maps,) = read_maps(shares).values()
    monkeypatch.setattr(coble.structures.map_figures, "MANY", 10)
    (drawn,) = plot_map(maps, "occupancy", ax).collections
    pixels = drawn.get_array()
    assert (
        0.2 * len(maps.site_region) < pixels.count() <= len(maps.site_region)
    )  # those without a column are left white
    assert pixels.min() >= 0 and pixels.max() == pytest.approx(1, abs=1e-6)


def test_routes_carry_the_exact_shares(shares, ax):
    (wall,) = content_of(shares)["walls"]
    slabs = max(edge["to"][1] for edge in wall["network"])
    for slab in range(slabs):
        through = {e["from"][0]: e["current"] for e in wall["network"] if e["from"][1] == slab != e["to"][1]}
        for path, share in wall["exact"]["shares"].items():
            assert through.get(path, 0.0) == pytest.approx(share, abs=5e-3)  # exchange runs in small loops
    told = [text.get_text() for text in plot_routes(wall, ax).texts]
    along = {edge["from"][0]: edge["current"] for edge in wall["network"] if edge["from"] == ["interface", 0]}
    assert f"{100 * along['interface']:.1f} %" in told


def test_waits_are_those_of_the_result(shares, ax):
    (wall,) = content_of(shares)["walls"]
    measured, *_, law = plot_waits(wall, ax).lines
    found = wall["waiting_times"]
    assert sum(found["counts"]) + found["beyond"] == found["events"] == 20_000
    np.testing.assert_allclose(measured.get_ydata() * 20_000 * np.diff(found["edges"]), found["counts"])
    np.testing.assert_allclose(law.get_ydata(), np.exp(-law.get_xdata()))
    assert f"mean {found['times_total_propensity']['value']:.4f}" in ax.texts[0].get_text()


def test_estimates_end_where_the_result_is(shares, plate, ax):
    (wall,) = content_of(shares)["walls"]
    (several,) = series_of(shares).values()
    results = [wall["paths"][each.path]["share"] if each.path else wall["kappa_mS_cm"] for each in several]
    (growth,) = growth_series_of(plate, content_of(plate))["growth"]
    for series, wanted in zip([*several, growth], [*results, content_of(plate)["fit"]["b_nm2_s"]], strict=True):
        assert [series.value[-1], series.low[-1], series.high[-1]] == pytest.approx(
            [wanted[k] for k in ("value", "low", "high")]
        )
        assert (np.diff(series.samples) > 0).all() and len(series.samples) > 3
    assert several[0].samples[-1] == wall["run"]["blocks"]
    assert several[0].time_s[-1] == pytest.approx(wall["run"]["blocks"] * wall["run"]["block_duration_s"])
    assert growth.time_s is None and growth.hops_per_s is None
    counted = [path["hops"] for path in wall["paths"].values()]  # hops between two regions stand in both
    assert max(counted) < several[0].hops_per_s * several[0].time_s[-1] <= sum(counted)
    plot_convergence(several[0], ax)
    measured, exact = ax.lines
    (above,) = ax.child_axes
    ax.figure.draw_without_rendering()  # now its limits follow
    assert above.get_xlim() == pytest.approx([t * several[0].hops_per_s * 1e-12 for t in ax.get_xlim()])
    np.testing.assert_array_equal(measured.get_ydata(), several[0].value)
    assert set(exact.get_ydata()) == {wall["exact"]["shares"]["interface"]}


def test_fronts_and_currents_are_those_of_the_series(plate, ax):
    content = content_of(plate)
    tip = plot_front(content, ax).lines[0]
    np.testing.assert_allclose(tip.get_xdata() / 1e6, content["series"]["time_s"])
    np.testing.assert_allclose(tip.get_ydata(), content["series"]["front_nm"])
    lines = {line.get_label(): line for line in plot_currents(content, Figure().subplots()).lines}
    current = np.array(content["series"]["current_A"]["interface"])[1:]
    n = len(current) // 10 * 10
    assert lines["interface"].get_ydata().mean() == pytest.approx(current[:n].mean() * 1e12)


def test_a_profile_counts_the_atoms(plate, ax):
    profile, (atoms,) = profile_of(plate), frames(plate, "last")
    assert profile.time_s == atoms.info["time"]
    tip = content_of(plate)["series"]["front_nm"][-1]
    inner, behind = profile.r_nm[:-1] < 0.5, profile.z_nm[1:] < tip - 1.5
    assert np.nanmean(profile.occupancy[np.ix_(inner, behind)]) > 0.98
    assert np.nanmean(profile.occupancy[np.ix_(inner, profile.z_nm[:-1] > tip + 0.5)]) < 0.02
    plot_profile(profile, ax)
    assert ax.get_xlabel().endswith("[nm]") and ax.get_ylabel().endswith("[nm]")


def test_maps_stand_in_the_order_of_the_case(tmp_path, shares):
    content = content_of(shares)
    walls = [content["walls"][0] | {"name": name} for name in ("b", "a")]
    (tmp_path / "result.json").write_text(json.dumps(content | {"walls": walls}))
    (maps,) = read_maps(shares).values()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "coble.kinds.discriminate.figures.read_maps", lambda folder: dict.fromkeys(("a", "b", "unknown"), maps)
        )
        patch.setattr("coble.structures.map_figures.draw_maps", lambda maps, title: title)
        found = [name for name, _ in figures_of(str(tmp_path), ["maps"])]
    assert found == ["maps-b", "maps-a", "maps-unknown"]


# --- From the side ---


def test_the_middle_and_the_root_are_at_zero(shares, plate):
    for folder in (shares, plate):
        sites = structure_of(folder)
        every = sites.atoms(0, np.ones(sites.n_site, dtype=bool))
        np.testing.assert_allclose(points_nm(every), sites.positions / 10, atol=1e-9)
        (atoms,) = frames(folder, "last")
        np.testing.assert_allclose(points_nm(atoms), sites.positions[atoms.arrays["site"]] / 10, atol=1e-9)


def test_atoms_are_drawn_by_kind_the_near_ones_last(plate, ax):
    (atoms,) = frames(plate, "last", cuts=["slab:1.2"])
    (balls,) = plot_side(atoms, ax).collections
    points, kinds = points_nm(atoms), atoms.get_tags()
    order = np.argsort(-points[:, 1], kind="stable")
    np.testing.assert_allclose(balls.get_offsets(), points[order][:, [0, 2]])
    faces = balls.get_facecolors()[:, :3]
    front = points[order, 1] < points[:, 1].min() + 1e-6
    blue = front & (kinds[order] == Region.INTERFACE)
    assert blue.any() and np.allclose(faces[blue], to_rgb(STYLES["interface"].colour))
    grey = faces @ [0.299, 0.587, 0.114]
    darkest = {kind: grey[kinds[order] == kind].min() for kind in set(kinds.tolist())}
    assert darkest[Region.BULK] > darkest[Region.INTERFACE] + 0.2  # told apart without colours, too
    left, right = wall_bands(plate)
    assert left == pytest.approx([-2.25, -1.25, 0, 8], abs=0.2) and right == pytest.approx([1.25, 2.25, 0, 8], abs=0.2)


# --- Files ---


def test_every_estimate_converges_to_that_of_the_result(tmp_path, ax):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 5000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 5000)
        patch.setattr(import_module("coble.kinds.discriminate.job"), "TRACER_HOPS", 1e5)
        write_discrimination(tmp_path, discriminate(parse_case(SMALL), target_error=0.2), SMALL, ["coble"])
    (wall,) = content_of(tmp_path)["walls"]
    for group, stored in {
        "conductances": {LABELS[p]: each["conductance_S_m"] for p, each in wall["paths"].items()},
        "tracers": {f"D* of the {LABELS[p]}": each for p, each in wall["tracer_cm2_s"].items()},
        "off": {f"lost without the {LABELS[p]}": each["lost_if_off"] for p, each in wall["paths"].items()},
    }.items():
        (several,) = series_of(tmp_path, group=group).values()
        assert {each.label for each in several} == set(stored), group
        for each in several:
            last, known = (each.value[-1], each.low[-1], each.high[-1]), stored[each.label]
            np.testing.assert_allclose(last, [known["value"], known["low"], known["high"]], rtol=1e-9)
    plot_lags(wall, ax)
    for line, path in zip(ax.lines[3::4], ("interface", "wall", "bulk"), strict=True):
        assert set(line.get_ydata()) == {wall["correlation_factor"][path]["value"]}
    for matching in ("conductance", "tracer"):  # the bar is what was given
        ax.clear()
        plot_diffusivities(wall, ax, matching)
        single = [line for line in ax.lines if len(line.get_xdata()) == 1]
        bars = [line.get_xdata()[0] for line in single if line.get_marker() == "|" and line.get_color() == "black"]
        points = [line.get_xdata()[0] for line in single if line.get_marker() in "os^"]
        tracers, current = (points, bars) if matching == "conductance" else (bars, points)
        for path, one, other in zip(("bulk", "wall", "interface"), tracers, current, strict=True):
            assert one == wall["tracer_cm2_s"][path]["value"]
            assert other == pytest.approx(one / wall["haven_ratio"][path]["value"], rel=1e-12)
    names = [name for name, _ in figures_of(tmp_path, ["convergence"])]
    assert names == ["convergence", "convergence-conductances", "convergence-tracers", "convergence-off"]


def test_a_replica_without_blocks_is_left_out_of_convergence():
    """It was stopped before its first block."""
    blocks = np.random.default_rng(1).normal(1.0, 0.1, (20, 1))
    mean = lambda some: episode_mean([each[:, 0] for each in some])  # noqa: E731
    one, with_empty = (_series(given, mean, "", "", "wall", None) for given in ([blocks], [blocks[:0], blocks]))
    assert one.samples[-1] == 20
    np.testing.assert_array_equal(one.samples, with_empty.samples)
    np.testing.assert_array_equal(one.value, with_empty.value)


@pytest.mark.parametrize("format", ["png", "svg"])
def test_all_figures_of_a_result(shares, plate, painted, format, tmp_path):
    for folder in (shares, plate):
        out = tmp_path / folder.parent.name
        found = invoke("plot", folder, "--out", out, "--format", format)
        assert found.exit_code == OK, found.output
        names = {path.stem.partition("-")[0] for path in out.iterdir()}
        # A first look follows no tracers; a tubule is no image; at a given overpotential there is no voltage to see.
        assert names == set(names_of(content_of(folder))) - {"diffusivities", "tracers", "image", "voltage"}
        for path in out.iterdir():
            if format == "png":
                with Image.open(path) as image:
                    assert np.ptp(np.asarray(image.convert("L"))) > 100 and image.width > 500
            else:
                assert ElementTree.parse(path).getroot().tag.endswith("svg")
                assert path.stat().st_size < 700_000
        again = invoke("plot", folder, "--out", out, "--format", format)
        assert again.exit_code == BAD_CASE and "already holds" in again.stderr


def test_every_axis_says_its_unit(shares, plate):
    """Those of other kinds: test_face."""
    for folder in (shares, plate):
        for name, figure in figures_of(folder):
            assert units.missing(figure) == [], name


def test_requests_that_cannot_be_met(shares, plate, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words, status, says in (
        (("plot", "nowhere"), BAD_CASE, "nowhere: no such folder"),
        (("plot", shares, "--what", "growth"), USAGE, "there are shares, knowledge, maps"),
        (("plot", shares, "--format", "pdf"), USAGE, "must be png or svg"),
        (("movie", shares), BAD_CASE, "nothing moves"),
        (("movie", plate, "--out", "x.avi"), USAGE, "must end in .gif or .mp4"),
        (("movie", plate, "--frame", "a"), USAGE, "--frame"),
        (("movie", plate, "--frame", "90:95"), BAD_CASE, "there is no frame"),
    ):
        found = invoke(*words)
        assert found.exit_code == status and says in found.stderr, found.output
    assert list(tmp_path.iterdir()) == [] and not list(shares.glob("*plots*"))


def test_without_its_files_a_figure_is_left_out(shares, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    part = tmp_path / "part"
    part.mkdir()
    shutil.copy(shares / "result.json", part)
    found = invoke("plot", part)
    assert found.exit_code == OK and "Left out: maps" in found.stderr and "Left out: side" in found.stderr
    assert sorted(path.name for path in (tmp_path / "part-plots").iterdir()) == [
        "knowledge.png",
        "routes.png",
        "shares.png",
        "waits.png",
    ]
    assert [path.name for path in part.iterdir()] == ["result.json"]  # a result stays as its run left it
    found = invoke("plot", part, "--what", "convergence", "--out", tmp_path / "new")
    assert found.exit_code == BAD_CASE and "result.h5" in found.stderr and not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("change", "says"), [({"walls": []}, "before its first wall"), ({"kind": "other"}, "kind must be one of ")]
)
def test_a_result_without_figures_is_told(shares, tmp_path, monkeypatch, change, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "result.json").write_text(json.dumps(content_of(shares) | change))
    found = invoke("plot", tmp_path)
    assert found.exit_code == BAD_CASE and says in found.stderr and not list(tmp_path.glob("*plots*"))
    for damaged, command in (
        ("[1, 2", "plot"),
        ('{"kind": "growth"}', "plot"),
        ('{"kind": "growth"}', "movie"),
        ('{"kind": "growth", "schema": 2, "series": {}}', "plot"),
        ('{"kind": "tune"}', "plot"),
        ('{"kind": "sensitivity", "control": 3}', "plot"),
    ):
        (tmp_path / "result.json").write_text(damaged)
        found = invoke(command, tmp_path)
        assert "is damaged" in found.stderr and found.exit_code in (OK, BAD_CASE), found.output


def test_a_movie_moves(plate, tmp_path):
    path = tmp_path / "x.gif"
    number = write_movie(path, plate, fps=5)
    assert number == len(frames(plate)) and path.stat().st_size < 1e6
    with Image.open(path) as movie:
        assert movie.n_frames >= number and movie.info["loop"] == 0
        assert movie.info["duration"] == 200
        first = np.asarray(movie.convert("L")).astype(int)
        movie.seek(number - 1)
        last = np.asarray(movie.convert("L")).astype(int)
    assert (np.abs(first - last) > 60).mean() > 0.01
    assert list(tmp_path.iterdir()) == [path]


def test_a_movie_without_ffmpeg_says_so(plate, tmp_path, monkeypatch):
    monkeypatch.setattr("coble.reports.movies.FFMpegWriter.isAvailable", lambda: False)
    found = invoke("movie", plate, "--out", tmp_path / "x.mp4")
    assert found.exit_code == USAGE and "ffmpeg" in found.stderr and ".gif" in found.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_a_movie_through_ffmpeg(plate, tmp_path):
    write_movie(tmp_path / "x.mp4", plate, "::2")
    assert b"ftyp" in (tmp_path / "x.mp4").read_bytes()[:16]


def test_a_slice_of_a_structure_shows_thin_regions_that_are_not_in_its_middle():
    """A layer at a face that is parallel to the slice, and one at another face."""
    at = np.stack(np.meshgrid(*[np.arange(0.5, 40)] * 2, [0.5], indexing="ij"), -1).reshape(-1, 3) * 5.0
    tags = np.select([at[:, 0] > 195, at[:, 1] < 5], [2, 1])
    atoms = Atoms("X" * len(at), at, tags=tags, cell=[200, 200, 5], pbc=True)
    seen = side_of(atoms, 2)
    assert set(seen.get_tags()) == {0, 1, 2} and np.ptp(seen.positions[:, 1]) <= 12
    plain = side_of(Atoms("X" * len(at), at, cell=[200, 200, 5], pbc=True), 2)
    assert abs(plain.positions[:, :2].mean(axis=0) - 100).max() < 3  # else the middle


def test_convergence_says_how_well_it_converged():
    values, wide = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.5, 0.2])
    given = {"label": "x", "unit": "", "path": None, "samples": np.array([4, 8, 16]), "of": "blocks", "exact_name": "e"}
    one = Series(**given, value=values, low=values - wide, high=values + wide, exact=3.1)
    assert finding([one]).endswith("the last 95 % interval holds the dashed value")
    assert finding([one, replace(one, exact=2.0)]).endswith("1 of 2 last 95 % intervals hold the dashed value")
    without = replace(one, exact=None)
    assert finding([without]).endswith("the value at half the blocks is outside of the last 95 % interval")
    steady = replace(without, value=np.array([1.0, 3.0, 3.0]))
    assert finding([without, steady]).endswith("1 of 2 values at half the blocks lie in the last 95 % interval")


def test_a_single_point_is_a_bar_and_no_convergence():
    from coble.render.convergence import Series
    from coble.render.convergence_figures import draw_convergence

    ends = (np.array([value]) for value in (0.2, 0.1, 0.3))
    figure = draw_convergence({"A": [Series("share", "", "wall", np.array([8]), "blocks", *ends, 0.25, "exact")]})
    (ax,) = figure.axes
    assert ax.get_xlabel() == "from 8 blocks" and not len(ax.get_xticks())
    assert [bar.get_height() for bar in ax.patches] == [0.2]
    assert figure.get_suptitle().startswith("Too few blocks to show convergence")
