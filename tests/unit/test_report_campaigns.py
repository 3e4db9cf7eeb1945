"""`coble report` of campaigns, and of sensitivity, creep and design."""

import gzip
import json
import shlex

import numpy as np
import pictures
import pytest
import stored
from cases import SEGMENT
from command import BAD_CASE, OK, invoke
from report_page import Page
from synthetic_map import content as map_content
from synthetic_map import shares

from coble.inputs.case import parse_case
from coble.kinds.campaign.mechanism_map import UNDECIDED, dominant_of, mechanism_maps
from coble.kinds.campaign.run import Sweep
from coble.kinds.campaign.settings import load_campaign
from coble.kinds.campaign.tables import headline
from coble.kinds.campaign.tables import tables as tables_of
from coble.kinds.campaign.values import shown, worded
from coble.kinds.creep.result import write as write_creep
from coble.kinds.creep.run import CreepResult, Law, Load, Point
from coble.kinds.registry import kind_of
from coble.kmc.estimates.estimate import Estimate
from coble.render.lights import AMBER, GREEN, RED, overall
from coble.render.numbers import typeset
from coble.reports.checks import checks_of
from coble.reports.page import report

CAMPAIGN = """\
case = "tubule.toml"
replicas = 2
events = 3e5
seed = 3
[[axis]]
key = "tubule.inner_width_nm"
values = [2.0, 2.4]
"""
MAP = """\
case = "tubule.toml"
target_error = 0.02
near = 0.12
[[axis]]
key = "tubule.inner_width_nm"
low = 20.0
high = 400.0
points = 2
spacing = "log"
[[axis]]
key = "conditions.temperature_K"
values = [280.0, 440.0]
"""
CREEP = """\
[metal]
vacancy_fraction = 0.5
[creep]
grains_cells = [6, 12, 18]
tensions_MPa = [100.0, 200.0, 400.0]
"""
DESIGN = """\
[[wall]]
name = "Li22Si5"
[design]
samples = 2e4
depth_um = 60.0
"""
RUNS = {
    "campaign": ("sweep", CAMPAIGN, ("--workers", 1)),
    "sensitivity": ("sensitivity", SEGMENT, ("--void-fraction", 0.25)),
    "design": ("design", DESIGN, ("--seed", 7)),
}


def content_of(folder):
    return json.loads(next(folder.glob("[rc]*.json")).read_text())


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    base, made = tmp_path_factory.mktemp("runs"), {}
    (base / "tubule.toml").write_text(SEGMENT)
    for kind, (command, text, options) in RUNS.items():
        (base / f"{kind}.toml").write_text(text)
        made[kind] = base / kind
        with stored.quickly():
            found = invoke(command, base / f"{kind}.toml", *options, "--out", made[kind])
        assert found.exit_code == OK, found.stderr
    made["creep"] = base / "creep"
    write_creep(made["creep"], creep_result(), CREEP, ["coble", "creep"])
    return made


def creep_result():
    """Strain rates off the network's by at most one standard error, as d^-3, d^-2 and S."""

    def point(series, cells, tension_MPa, exact):
        off = 0.02 * (-1) ** (cells // 6)
        rate = Estimate(exact * (1 + off), 0.03 * exact, 40.0)
        return Point(Load(series, cells, tension_MPa), 0.351 * cells, 1.0, rate, exact, exact, 90, 90, 400, 50_000)

    def law(value):
        return Law(Estimate(value + 0.04, 0.05, 9.0), value, float(round(value)))

    sizes = {"interface": -3, "bulk": -2, "both": -2.5}
    points = {name: [point(name, n, 200.0, 1e6 * n**power) for n in (6, 12, 18)] for name, power in sizes.items()}
    points["tensions"] = [point("tensions", 6, tension, 5e3 * tension) for tension in (100.0, 200.0, 400.0)]
    laws = {"interface": law(-3.02), "bulk": law(-2.01), "tensions": law(0.99)}
    settings = {"seed": 1, "replicas": 2, "target_error": 0.03}
    return CreepResult(parse_case(CREEP), settings, points, laws, law(6.0), 5250.0, {}, False, 2.5)


@pytest.fixture(scope="module")
def pages(folders):
    with pictures.painted():
        return {kind: Page(report([folder])) for kind, folder in folders.items()}


@pytest.fixture
def a_map(here):
    """A folder of the synthetic map, as another seed and a faster bulk make it."""

    def made(**changes):
        (here / "tubule.toml").write_text(SEGMENT.replace('"LiC6"', '"LiC6"\nactivation_energy_eV = 0.4'))
        (here / "map.toml").write_text(MAP)
        folder = here / "map"
        job = Sweep(load_campaign(here / "map.toml"), folder)
        job.prepare()
        index = job.content()
        index["points"] = [
            point
            | {"id": f"{i}", "state": "done", "replicas": [0, 1] if point["estimates"] else []}
            | {"events": 6_000_000 if point["estimates"] else 0, "error": None}
            for i, point in enumerate(map_content(**changes)["points"])
        ]
        index["counts"] = {"done": len(index["points"]), "begun": 0, "waiting": 0, "failed": 0}
        (folder / "campaign.json").write_text(json.dumps(index))
        return folder, index

    return made


@pytest.mark.parametrize("kind", [*RUNS, "creep"])
def test_page_is_whole_and_holds_all_numbers(folders, pages, kind):
    page, content = pages[kind], content_of(folders[kind])
    page.check_whole()
    name = "campaign" if kind == "campaign" else "result"
    assert json.loads(gzip.decompress(page.files[f"{name}.json.gz"])) == content
    assert any(tag == "svg" or a.get("class") == "raster" for tag, a in page.elements)
    assert all(check.light != RED for check in checks_of(content))


@pytest.mark.parametrize("kind", ["campaign", "sensitivity"])
def test_the_command_on_the_page_repeats_the_run(folders, pages, kind, here):
    for name, data in pages[kind].files.items():
        if name.endswith(".toml"):
            (here / name).write_bytes(data)
    command = next(word for word in pages[kind].words if word.startswith("coble ") and ".toml" in word)
    alone = ("--workers", 1) if kind == "campaign" else ()  # a pool takes a second to start
    with stored.quickly():
        assert invoke(*shlex.split(command)[1:], *alone, "--out", "again").exit_code == OK
    keys = {"campaign": "points", "sensitivity": "control"}
    assert content_of(here / "again")[keys[kind]] == content_of(folders[kind])[keys[kind]]


@pytest.mark.parametrize("kind", ["sensitivity", "creep", "design"])
def test_everything_that_the_command_prints_is_on_the_page(folders, pages, kind):
    content = content_of(folders[kind])
    tables, said = (list(part(content)) for part in (kind_of(content).tables, kind_of(content).sentences))
    assert tables and all(typeset(" ".join(sentence.split())) in pages[kind].words for sentence in said)
    for table in tables:
        assert all(len(row) == len(table.headings) for row in table.rows)
        for cell in (cell.strip() for row in table.shown for cell in row if cell.strip()):
            assert cell in pages[kind].words, cell


# ---- campaigns ---------------------------------------------------------------------------------------------------


def test_points_of_a_campaign_are_in_a_file(folders, pages):
    content = content_of(folders["campaign"])
    rows = pages["campaign"].table("points.csv")
    assert [float(row["tubule.inner_width_nm"]) for row in rows] == [2.0, 2.4]
    for row, point in zip(rows, content["points"], strict=True):
        assert row["id"] == point["id"] and int(row["replicas"]) == 2 and int(row["events"]) == point["events"]
        for path, exact in point["exact"]["shares"].items():
            found = point["estimates"][f"share.{path}"]
            assert float(row[f"exact.{path}"]) == exact
            assert float(row[f"share.{path}_value"]) == found["value"]
            assert float(row[f"share.{path}_stderr"]) == found["stderr"]
    assert pages["campaign"].words[0] == "All 2 points are done: the interface leads at every point."
    for done, said in enumerate(("", ": the interface leads at 1 of 2 points")):  # no leader before a point is done
        points = [point | {"state": "done" if n < done else "begun"} for n, point in enumerate(content["points"])]
        counts = {"done": done, "begun": 2 - done}
        left = content | {"points": points, "counts": counts}
        assert headline(left) == f"{done} of 2 points are done, {2 - done} begun{said}."


def test_a_map_is_shown_with_equal_widths_boundaries_and_every_point(a_map, painted):
    folder, content = a_map()
    text = report([folder])
    page, (found,) = Page(text), mechanism_maps(content)
    page.check_whole()
    for row, each in zip(page.table("equal-widths.csv"), found.equal_width, strict=True):
        assert {key: float(row[key]) for key in each} == each
        interface, bulk = (shares(100.0, each["temperature_K"])[path] for path in ("interface", "bulk"))
        assert float(row["theory_nm"]) == pytest.approx(100 * interface / bulk)
    assert len(page.table("boundaries.csv")) == len(found.crossings) > 5
    assert len(page.table("points.csv")) == len(content["points"]) == 108
    assert "<summary>Points <small>(108 rows)" in text  # folded up
    counts = {path: int((found.dominant == path).sum()) for path in ("interface", "bulk")}
    most, least = sorted(counts, key=counts.get, reverse=True)
    assert f"the {most} leads at {counts[most]} of 108 points, the {least} at {counts[least]}" in page.words[0]


def test_checks_of_a_map_see_a_faster_bulk(a_map):
    lights = [overall([c for c in checks_of(a_map(seed=seed)[1]) if c.sigmas is not None]) for seed in range(5)]
    assert lights.count(GREEN) >= 4 and RED not in lights
    worst = {check.what.partition(":")[0]: check for check in checks_of(a_map(faster=1.5)[1])}
    for what in ("largest share against the exact network", "W* against the exact network"):
        assert worst[what].light == RED and worst[what].measured > 1.5
    assert worst["the largest deviation of a share is no larger than chance gives"].light == RED


def test_errors_from_few_blocks_are_no_alarm(a_map):
    """Shares with errors from six blocks each, as Student's distribution has it."""
    _, content = a_map()
    rng, lights = np.random.default_rng(2), []
    for _ in range(8):
        for point in content["points"]:
            for path, found in ((path, point["estimates"].get(f"share.{path}")) for path in point["exact"]["shares"]):
                if found:
                    sample = rng.normal(point["exact"]["shares"][path], 0.02, size=6)
                    found |= {"value": sample.mean(), "stderr": sample.std(ddof=1) / 6**0.5, "n_eff": 6.0}
        lights += [check.light for check in checks_of(content) if check.what.startswith(("largest", "the largest"))]
    assert len(lights) == 16 and lights.count(GREEN) >= 12 and lights.count(RED) <= 1


def test_errors_from_fewer_blocks_than_five_decide_nothing(a_map):
    _, content = a_map()
    (before,) = mechanism_maps(content)
    point = next(each for each in content["points"] if each["estimates"] and dominant_of(each) == "interface")
    for n_eff, decided in ((5.0, True), (4.0, False)):
        point["estimates"] = {name: each | {"n_eff": n_eff} for name, each in point["estimates"].items()}
        for each in point["estimates"].values():
            each["stderr"] = 1e-6  # however small
        assert (dominant_of(point) == "interface") == decided
        (*_, table) = tables_of(content)
        marked = sum("*" in cell for row in table.rows for cell in row)
        assert marked == (0 if decided else len(point["estimates"]))
        assert ("* From 4 blocks: error bar not reliable." in table.note) != decided
    (after,) = mechanism_maps(content)
    assert (after.dominant == UNDECIDED).sum() == (before.dominant == UNDECIDED).sum() + 1


def test_a_campaign_that_is_not_done(a_map, painted):
    folder, content = a_map()
    content["counts"] |= {"done": 106, "waiting": 1, "failed": 1}
    content["points"][0] |= {"state": "waiting", "exact": None, "estimates": {}, "replicas": []}
    content["points"][1] |= {"state": "failed", "error": "OSError: <b>no space</b>"}
    (folder / "campaign.json").write_text(json.dumps(content))
    text = report([folder])
    page = Page(text)
    page.check_whole()
    assert page.words[0].startswith("106 of 108 points are done, 1 waiting, 1 failed: ")
    assert any("<b>no space</b>" in word for word in page.words) and "<b>no space" not in text
    lights = {check.what: check.light for check in checks_of(content)}
    assert lights["every point is done"] == AMBER and lights["no point failed"] == RED
    said = " ".join(invoke("status", "map").stdout.split())  # of lines that are wrapped
    assert "interrupted" in said and "106 of 108 points, 1 waiting, 1 failed, " in said
    assert "OSError" in said and "coble resume map" in said


def test_a_changed_campaign_is_noticed(a_map):
    folder, _ = a_map()
    text = (folder / "campaign.toml").read_text()
    (folder / "campaign.toml").write_text(text.replace("0.02", "0.01"))
    assert "target_error: was 0.02, is now 0.01" in report([folder])


def test_going_on_keeps_the_name_and_adds_the_seconds(here):
    (here / "tubule.toml").write_text(SEGMENT)
    (here / "widths.toml").write_text(CAMPAIGN)
    Sweep(load_campaign(here / "widths.toml"), here / "c").prepare()
    index = content_of(here / "c") | {"seconds": 50.0}
    (here / "c/campaign.json").write_text(json.dumps(index))
    (here / "c/case.toml").write_text(SEGMENT)
    job = Sweep(load_campaign(here / "c/campaign.toml", case_path=here / "c/case.toml"), here / "c")
    job.seconds = 2.0
    assert job.content()["name"] == "widths" and job.content()["seconds"] == 52.0


def test_a_damaged_campaign_is_refused(a_map):
    folder, content = a_map()
    content["points"][0].pop("estimates")
    (folder / "campaign.json").write_text(json.dumps(content))
    found = invoke("report", "map")
    said = "campaign.json: is damaged, points.0.estimates: Field required"
    assert found.exit_code == BAD_CASE and said in found.stderr


# ---- the others --------------------------------------------------------------------------------------------------


def test_sums_of_rate_control_are_checked(folders):
    content = content_of(folders["sensitivity"])
    assert {check.light for check in checks_of(content)} == {GREEN}
    content["sum"]["total current"]["value"] += 1e-3
    assert [check.what for check in checks_of(content) if check.light == RED] == [
        "total current: sum over the classes of hops"
    ]


def test_rate_control_is_in_a_file_unrounded(folders, pages):
    content = content_of(folders["sensitivity"])
    for row in pages["sensitivity"].table("sensitivity.csv"):
        assert float(row["control_value"]) == content["control"][row["result"]][row["class"]]["value"]
    assert "total current is controlled by hops of interface (+" in pages["sensitivity"].words[0]


def test_a_wrong_strain_rate_is_seen(folders, pages):
    content = content_of(folders["creep"])
    assert pages["creep"].words[0].startswith("Exponent of the grain size: −")
    rates = {(row["series"], float(row["edge_nm"])): row for row in pages["creep"].table("creep.csv")}
    point = content["series"]["bulk"][1]
    rate = point["strain_rate_1_s"]
    assert float(rates["bulk", point["edge_nm"]]["strain_rate_value_1_s"]) == rate["value"]
    point["exact_1_s"] = rate["value"] + 5 * rate["stderr"]
    (off,) = (check for check in checks_of(content) if check.light == RED)
    assert off.what.startswith("bulk: strain rate, d = 4.21 nm") and off.sigmas == pytest.approx(-5)


def test_a_design_says_which_walls_do(folders, pages):
    assert pages["design"].words[0] == "No wall carries 3 mA/cm² at 50 mV through 60 µm: Li22Si5."
    content = content_of(folders["design"])
    better = content["walls"][0] | {"name": "better", "needed_V": {"value": 0.049}}
    content["walls"].append(better)
    headline = kind_of(content).headline(content)
    assert headline == "better carries 3 mA/cm² at 50 mV through 60 µm. Li22Si5 does not."


def test_values_of_axes_are_shown_with_their_names_and_few_digits():
    axes = [
        {"key": "tubule.inner_width_nm", "values": None, "spacing": "log"},
        {"key": "conditions.temperature_K", "values": [312.345], "spacing": "linear"},
        {"key": "wall.name", "values": ["LiC6"], "spacing": "linear"},
    ]
    content = {"setup": {"axis": axes}}
    values = {"tubule.inner_width_nm": 5.03968, "conditions.temperature_K": 312.345, "wall.name": "LiC6"}
    assert worded(content, values) == "inner width W = 5.04 nm, temperature = 312.345 K, wall = LiC6"
    assert shown(content, "tubule.inner_width_nm", 1259.921) == "1260"
