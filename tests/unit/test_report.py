"""`coble report`: what is on the page, that it is safe and whole, and what is refused."""

import gzip
import json
import re
import shlex
import shutil
from base64 import b64decode
from contextlib import contextmanager
from functools import partial

import ase.io
import numpy as np
import pictures
import pytest
import stored
from command import BAD_CASE, OK, invoke
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.text import Text
from report_page import Page

from coble.inputs.case import load_case
from coble.kinds.registry import kind_of
from coble.models.rates import rates_of
from coble.render.lights import AMBER, GREEN, GREY, RED, Check, chance, compared, light_of, overall, summary
from coble.render.names import LABELS
from coble.render.numbers import typeset, with_error
from coble.reports import figures
from coble.reports.again import follows
from coble.reports.checks import checks_of
from coble.reports.page import report
from coble.reports.viewer import picture
from coble.structures.export import frames

HOSTILE = """<img src=x onerror="document.title='hacked'"> & $x^ {{ 7*7 }}"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A small result of every kind."""
    base = tmp_path_factory.mktemp("results")
    made = (stored.shares, stored.plate, stored.experiment, stored.tuning)
    return {make.__name__: make(base / make.__name__) for make in made}


def seen(artist):
    """What tells a figure from another: its texts and its points.  Ticks follow from them, and take long to make."""
    if isinstance(artist, Axis):
        yield artist.get_label_text(), *getattr(artist.get_major_formatter(), "seq", ())
        return
    if isinstance(artist, Text):
        yield artist.get_text()
    elif isinstance(artist, Line2D):
        yield artist.get_xydata().tobytes()
    for part in artist.get_children():
        yield from seen(part)


@pytest.fixture(scope="module")
def in_folders(folders):
    """A context in which a figure of these results is made and painted once, whatever pages it is on."""
    known, of_folder, paint, make = {}, {}, (figures._svg, figures._raster), figures.figures_of

    def once(paint, figure):
        key = paint, *seen(figure)
        if key not in known:
            known[key] = paint(figure)
        return known[key]

    def made_once(folder, skipped):
        if folder not in of_folder:
            said = []
            of_folder[folder] = list(make(folder, said)), said
        found, said = of_folder[folder]
        skipped += said
        return found

    @contextmanager
    def painted():
        with pictures.painted(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(figures, "_svg", partial(once, paint[0]))
            patch.setattr(figures, "_raster", partial(once, paint[1]))
            patch.setattr(figures, "figures_of", made_once)
            yield

    return painted


@pytest.fixture(scope="module")
def pages(folders, in_folders):
    with in_folders():
        return {kind: report([folder]) for kind, folder in folders.items()}


def content_of(folder):
    return json.loads((folder / "result.json").read_text())


KINDS = ("shares", "plate", "experiment", "tuning")


@pytest.mark.parametrize("kind", KINDS)
def test_page_is_whole_and_loads_nothing(pages, kind):
    page = Page(pages[kind])
    page.check_whole()
    assert len(pages[kind].encode()) < 3_000_000
    assert "http:" not in pages[kind] and "https:" not in pages[kind]
    policies = [a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1 and policies[0].startswith("default-src 'none'")


@pytest.mark.parametrize("kind", KINDS)
def test_page_begins_with_the_verdict(folders, pages, kind):
    first, content = Page(pages[kind]).words[0], content_of(folders[kind])
    expected = {
        "shares": lambda: "Most of the current is carried by the interface in ",
        "plate": lambda: (
            f"Li grew from {content['series']['front_nm'][0]:.1f} to {content['series']['front_nm'][-1]:.1f} nm"
        ),
        "experiment": lambda: content["verdict"]["sentence"].partition(". ")[0],
        "tuning": lambda: content["words"][0].partition(".")[0],
    }
    assert first.startswith(expected[kind]())
    if kind == "tuning":
        assert all(name in first for name in content["rates"] if name not in content["unidentifiable"])


def test_numbers_are_those_of_the_result(folders, pages):
    page, content = Page(pages["shares"]), content_of(folders["shares"])
    for wall in content["walls"]:
        rows = {row["path"]: row for row in page.table(f"paths-{wall['name']}.csv")}
        assert set(rows) == set(wall["paths"])
        for path, found in wall["paths"].items():
            row = rows[path]
            assert float(row["exact_share"]) == wall["exact"]["shares"][path]
            assert float(row["formula_share"]) == wall["formula"]["shares"][path]
            assert int(row["hops"]) == found["hops"]
            for name, key in (("share", ""), ("conductance", "_S_m"), ("control", ""), ("lost_if_off", "")):
                for part in ("value", "stderr"):
                    assert float(row[f"{name}_{part}{key}"]) == found[name + key][part], (path, name)
            assert any(word.startswith(typeset(f"{100 * found['share']['value']:.1f}")[:-1]) for word in page.words)
        assert typeset(wall["verdict"]["sentence"]) in page.words
    assert json.loads(gzip.decompress(page.files["result.json.gz"])) == content


def test_every_series_of_growth_is_in_a_file(folders, pages):
    rows, series = Page(pages["plate"]).table("series.csv"), content_of(folders["plate"])["series"]
    assert [float(row["time_s"]) for row in rows] == series["time_s"]
    assert [float(row["front_nm"]) for row in rows] == series["front_nm"]
    assert [float(row["current_interface_A"]) for row in rows] == series["current_A"]["interface"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_on_the_page_repeats_the_run(folders, pages, kind, tmp_path, monkeypatch):
    """With nothing but the files in the page, and the targets' tubule: all numbers but times are the same."""
    page = Page(pages[kind])
    for name, data in page.files.items():
        if name.endswith(".toml"):
            (tmp_path / name).write_bytes(data)
    if kind == "tuning":
        (tmp_path / "targets.toml").write_text(stored.TRACER)
        (tmp_path / "tubule.toml").write_text(stored.TUBULE)
    command = next(word for word in page.words if word.startswith("coble ") and ".toml" in word)
    monkeypatch.chdir(tmp_path)
    with stored.quickly():
        assert invoke(*shlex.split(command)[1:], "--out", "again").exit_code == OK
    new, old = content_of(tmp_path / "again"), content_of(folders[kind])
    keys = {
        "shares": lambda c: [wall["paths"] for wall in c["walls"]],
        "plate": lambda c: (c["series"], c["hops"]),
        "experiment": lambda c: (c["observables"], c["probability"]),
        "tuning": lambda c: (c["rates"], c["residuals"]),
    }
    assert keys[kind](new) == keys[kind](old)


def test_rates_from_the_stored_calibration_are_those_of_the_network(folders, pages):
    case = load_case(folders["shares"] / "case.toml")
    rows = {(row["from"], row["to"]): row for row in Page(pages["shares"]).table("rates-LiC6.csv")}
    for name, hop in rates_of(case).hop.items():
        if name != "surface":  # a full bore has none
            ends = tuple(name.split("-")) if "-" in name else (name, name)
            assert float(rows[ends]["rate_1_s"]) == pytest.approx(hop.rate_1_s, rel=1e-3), name


# ---- what came from outside is text ------------------------------------------------------------------------------


def test_names_are_text_wherever_they_stand(folders, in_folders, tmp_path):
    """Figures in which no other name stands are those of other pages."""
    folder = tmp_path / "<script>alert(1)"
    shutil.copytree(folders["shares"], folder)
    content = content_of(folder)
    content["walls"][1]["name"] = HOSTILE
    content["provenance"]["host"] = "</pre><script>alert(2)</script>"
    content["provenance"]["case"]["wall"][1]["name"] = "</script><script>alert(3)</script>"
    (folder / "result.json").write_text(json.dumps(content))
    with in_folders():
        html = report([folder])
    page = Page(html)
    assert not page.unbalanced
    assert sum(tag == "script" for tag, _ in page.elements) == 2  # the viewer's data, and the viewer
    assert not page.all("onerror") and "x" not in page.all("src")
    assert any(HOSTILE in word for word in page.words)


# ---- atoms -------------------------------------------------------------------------------------------------------


def unpacked(data):
    """Positions [Å] about their middle, and 0 or 1 + kind for every frame and site."""
    positions = np.frombuffer(b64decode(data["positions"]), dtype="<i2").reshape(-1, 3) / data["angstrom"]
    packed = np.frombuffer(b64decode(data["states"]), dtype=np.uint8)
    states = np.stack([packed & 15, packed >> 4], axis=1).ravel()
    return positions, states[: data["n"] * len(data["frames"])].reshape(len(data["frames"]), data["n"])


@pytest.mark.parametrize("kind", ["plate", "shares"])
def test_atoms_of_the_view_are_those_of_the_export(folders, kind):
    content = content_of(folders[kind])
    found = picture(folders[kind], content, kind_of(content).atoms())
    positions, states = unpacked(found.data)
    exported = frames(folders[kind], ":", cuts=found.cuts)
    everything = np.concatenate([atoms.positions for atoms in exported])
    middle = (everything.max(axis=0) + everything.min(axis=0)) / 2
    names = [name for name, _ in found.data["kinds"]]
    for number, state in zip(found.numbers, states, strict=True):
        atoms = exported[number]
        assert (state > 0).sum() == len(atoms)
        order = np.lexsort(np.round(atoms.positions - middle, 2).T)
        mine = np.lexsort(np.round(positions[state > 0], 2).T)
        assert np.abs(positions[state > 0][mine] - (atoms.positions - middle)[order]).max() < 0.01
        labels = np.array(["bulk", "interface", "wall", "surface"])[atoms.get_tags()[order]]
        assert ([names[k] for k in state[state > 0][mine] - 1] == labels).all()
    assert found.numbers[-1] == found.n_frame - 1


def test_a_view_gets_smaller_when_there_is_little_room(folders):
    content = content_of(folders["shares"])
    shown = kind_of(content).atoms()
    whole, part = picture(folders["shares"], content, shown), picture(folders["shares"], content, shown, 8_000)
    assert part.cuts and part.data["n"] < whole.data["n"]
    assert len(part.data["positions"]) + len(part.data["states"]) < 1.34 * 8_000 + 8
    with pytest.raises(ValueError, match="no cut leaves between 1 and 15 atoms"):
        picture(folders["shares"], content, shown, 100)


def test_last_frame_inside_is_read_by_ase(folders, pages, tmp_path):
    (tmp_path / "last.extxyz").write_bytes(gzip.decompress(Page(pages["plate"]).files["last.extxyz.gz"]))
    inside, (last,) = ase.io.read(tmp_path / "last.extxyz"), frames(folders["plate"], "last")
    assert len(inside) == len(last) and (inside.get_tags() == last.get_tags()).all()


# ---- checks ------------------------------------------------------------------------------------------------------


def test_lights_by_standard_errors():
    assert [light_of(z) for z in (0.0, 1.99, -2.0, 2.99, 3.0, -40.0)] == [GREEN, GREEN, AMBER, AMBER, RED, RED]
    one = compared("x", {"value": 1.0, "stderr": 0.3}, 2.0, spread=0.4)
    assert one.sigmas == pytest.approx(-2.0) and one.light == AMBER
    assert compared("x", {"value": 1e-12, "stderr": 0.0}, 0.0).light == GREEN  # rounding
    assert compared("x", {"value": 0.1, "stderr": 0.0}, 0.0).light == RED
    assert compared("x", {"value": 0.1, "stderr": None}, 0.0).light == GREY
    assert compared("x", None, 0.0).light == GREY


def test_ambers_that_chance_explains_do_not_count():
    def comparisons(ambers, greens, *others):
        lights = [AMBER] * ambers + [GREEN] * greens + list(others)
        return [Check("", light, sigmas=0.0) for light in lights]

    assert overall(comparisons(1, 15)) == GREEN
    assert overall(comparisons(4, 12)) == AMBER
    assert overall(comparisons(0, 15, RED)) == RED
    assert overall([*comparisons(0, 15), Check("", AMBER, said="interrupted")]) == AMBER
    for sigmas, reds, light in ((3.1, 1, AMBER), (3.1, 2, RED), (6.0, 1, RED)):  # among 30
        assert overall([*comparisons(0, 30 - reds), *[Check("", RED, sigmas=sigmas)] * reds]) == light
    assert overall([*comparisons(0, 30), Check("", RED, said="an atom was lost")]) == RED
    assert summary(comparisons(1, 15)) == "15 of 16 comparisons within their 95 % limits"


def test_a_report_says_how_often_chance_puts_a_comparison_so_far_off():
    green, red = Check("", GREEN, sigmas=0.5), Check("", RED, sigmas=-3.1)
    assert chance([green] * 29) == ""
    said = chance([green] * 29 + [red])
    part = 1 - (1 - 0.0027) ** 30  # of 30, beyond three
    assert said.startswith("1 of 30 differs by more than three standard errors (at most 3.1).")
    assert float(re.search(r"probability of ([\d.]+);", said)[1]) == pytest.approx(part, rel=0.1)
    assert said.endswith(overall([green] * 29 + [red])) and said.endswith(AMBER)
    few = compared("x", {"value": 1.0, "stderr": 1.0, "n_eff": 5}, 4.1)
    assert few.light == AMBER and few.blocks == 5  # why 3.1 standard errors are not red
    assert compared("x", {"value": 1.0, "stderr": 1.0, "n_eff": 5}, 1.1).blocks is None


def test_few_blocks_make_large_differences_less_rare():
    """As rare as 2 and 3 are 2.08 and 3.26 with 31 degrees of freedom, 2.43 and 4.53 with 7, 13.97 with one."""
    assert [light_of(z, 32) for z in (2.05, 2.12, 3.2, 3.35)] == [GREEN, AMBER, AMBER, RED]
    assert light_of(10.0, 2) == GREEN and light_of(3.0, float("inf")) == RED
    few = compared("x", {"value": 4.1, "stderr": 1.0, "n_eff": 8.0}, 0.0)
    assert few.light == AMBER and few.sigmas == pytest.approx(4.1)


def test_walls_that_were_not_reached_are_named(folders):
    content = content_of(folders["shares"]) | {"interrupted": True}
    reached = [wall["name"] for wall in content["walls"]]
    more = [{"name": "Li9Al4"}, {"name": "Li22Si5"}]
    content["provenance"]["case"]["wall"] += more
    kind = kind_of(content)
    assert kind.said(content)[-1] == "Interrupted. Not reached: wall Li9Al4; wall Li22Si5."
    assert reached[0] in kind.headline(content) and "Interrupted" not in kind.headline(content)


def test_what_follows_from_an_axis_is_not_given_as_one_number():
    for axes, said in (
        ({"wall.name": "LiC6, Li9Al4"}, "varies with wall.name"),
        ({"conditions.temperature_K": "300, 400"}, "varies with temperature_K"),
        ({"metal.species": "Li, Na"}, "varies with metal.species"),
        ({"tubule.inner_width_nm": "3, 4"}, None),
    ):
        assert follows("wall", "diffusivity_cm2_s", axes) == said
        assert follows("wall", "vacancy_fraction", axes) is None


def test_a_wrong_number_is_seen(folders):
    content = content_of(folders["shares"])
    share = content["walls"][0]["paths"]["interface"]["share"]
    content["walls"][0]["exact"]["shares"]["interface"] = share["value"] + 4 * share["stderr"]
    (off,) = (check for check in checks_of(content) if check.light == RED)
    assert off.what == "LiC6: share of the interface" and off.sigmas == pytest.approx(-4)
    content = content_of(folders["plate"])
    content["series"]["inserted_minus_removed"][-1] += 1
    assert [check.what for check in checks_of(content) if check.light == RED] == ["no atom is lost or made"]


def test_a_clock_or_a_tracer_that_is_off_is_seen(folders):
    content = content_of(folders["shares"])
    wall = content["walls"][0]
    mean, lags = wall["waiting_times"]["times_total_propensity"], wall["tracer_lags"]["wall"]["correlation_factor"]
    of = lambda content: {c.what: c.light for c in checks_of(content) if c.what.startswith(f"{wall['name']}: ")}  # noqa: E731
    clock, tracer = (f"{wall['name']}: {what}" for what in (
        "mean wait × total propensity", "tracers of the wall, f before the time from which it is taken"
    ))  # fmt: skip
    assert of(content)[clock] != RED and of(content)[tracer] != RED
    mean["value"] = 1 + 5 * mean["stderr"]
    lags[-2]["value"] = lags[-1]["value"] + 5 * (lags[-1]["stderr"] + lags[-2]["stderr"])
    assert of(content)[clock] == of(content)[tracer] == RED
    # Metal and interface are the same behind every wall: they are judged once.
    judged = [check.what for check in checks_of(content) if "time from which" in check.what]
    assert len(judged) == 4 and sum("interface" in what for what in judged) == 1


def test_replicas_that_disagree_a_drift_and_unbalanced_rates_are_seen(folders):
    content = content_of(folders["shares"])
    wall = content["walls"][0]
    of = lambda content: {c.what.split(": ", 1)[1]: c.light for c in checks_of(content) if c.what.startswith("LiC6: ")}  # noqa: E731
    names = (
        "replicas agree",
        "the second half of the blocks is as the first",
        "rates of all pairs are in detailed balance",
    )
    assert wall["name"] == "LiC6" and {of(content)[name] for name in names} == {GREEN}
    wall["paths"]["wall"]["agreement"] = {"replicas": 1e-6, "halves": 1e-6}
    wall["run"]["imbalance"] = 1e-3
    assert {of(content)[name] for name in names} == {RED}


def test_flicker_is_seen(folders):
    content = content_of(folders["shares"])
    of = lambda content: {c.what: c for c in checks_of(content)}["events are not lost to flicker"]  # noqa: E731
    wall, details = content["walls"][0], kind_of(content).details(content)
    work = next(table for table in details if table.title == "Hops by path")
    assert of(content).light == GREEN and all(0.05 < each["value"] < 0.3 for each in wall["undone_hops"].values())
    shown = {row[1]: row[-1] for row in work.rows if row[0] == "LiC6"}
    assert shown == {LABELS[path]: with_error(each, 100) for path, each in wall["undone_hops"].items()}
    wall["undone_hops"]["interface"]["value"] = 0.99
    assert of(content).light == AMBER and "99.0 % of the hops are undone at once (interface)" in of(content).said


def test_random_numbers_that_fail_are_seen(folders):
    content = content_of(folders["shares"])
    what = "random numbers pass their self-test"
    assert {c.what: c.light for c in checks_of(content)}[what] == GREEN
    content["provenance"]["random"]["self_test"] = False
    assert {c.what: c.light for c in checks_of(content)}[what] == RED


def test_a_result_of_an_earlier_version_has_a_report(folders, tmp_path):
    """It has neither waiting times nor lags of tracers: no checks of them, no figures, and that is said."""
    shutil.copytree(folders["shares"], tmp_path / "run")
    content = content_of(tmp_path / "run")
    del content["provenance"]["random"]["self_test"]
    for wall in content["walls"]:
        del wall["waiting_times"], wall["tracer_lags"], wall["undone_hops"], wall["run"]["imbalance"]
        del wall["exact"]["conductance_S_m"]
        for path in wall["paths"].values():
            del path["agreement"]
    (tmp_path / "run/result.json").write_text(json.dumps(content))
    assert not [check for check in checks_of(content) if "wait" in check.what or "tracers" in check.what]
    words = " ".join(Page(report([str(tmp_path / "run")])).words)
    assert "Not drawn: waits: its result.json holds no waiting times" in words and "no tracers were followed" in words
    assert "stack of images" not in words  # a tubule never has that figure


def test_a_route_that_changes_often_is_shortened(folders):
    content = content_of(folders["shares"])
    content["walls"][0]["routes"] = [{"regions": ["wall", "interface"] * 5, "share": 0.25}]
    _, table, *_ = kind_of(content).tables(content)
    assert dict(table.rows)["routes"] == "wall → interface → wall → … (9 changes) 25.0 %"


def test_the_first_sentence_is_the_heading(folders, tmp_path):
    """What follows it stands below; columns without any number are left out."""
    shutil.copytree(folders["shares"], tmp_path / "run")
    content = content_of(tmp_path / "run")
    content["walls"] = content["walls"][:1]
    wall = content["walls"][0]
    wall["verdict"]["sentence"], wall["tracer_cm2_s"], wall["haven_ratio"] = "One. Two; three. Four.", {}, {}
    (tmp_path / "run/result.json").write_text(json.dumps(content))
    words = Page(report([tmp_path / "run"])).words
    assert words[0] == "One." and "Two; three. Four." in words
    assert "share [%]" in words and "D* [cm²/s]" not in words


# ---- several, and less than whole --------------------------------------------------------------------------------


def test_several_results_stand_side_by_side(folders, pages, in_folders):
    with in_folders():
        html = report(list(folders.values()))
    page = Page(html)
    assert not page.unbalanced and len(html.encode()) < 3_000_000
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    counts = re.findall(r"of (\d) (?:pass|are doubtful|fail)\b", page.words[0])
    assert page.words[0].startswith("4 results: checks of ") and sum(map(int, counts)) == 4
    for folder in folders.values():
        assert str(folder) in page.words  # all are called "run", so the whole path tells them apart
    for heading in ("Shares", "Growth", "Probabilities", "Rates that were found"):
        assert heading in page.words


def test_defaults_of_the_case_are_grey(pages):
    rows = pages["shares"].split('<div class="case">')[1].split("</div>")[0].split("<tr")
    grey = {row.split('scope="row">')[1].split("<")[0]: 'class="default"' in row for row in rows if "<th" in row}
    assert grey["temperature_K"] and grey["axis"]
    assert not grey["inner_width_nm"] and not grey["target_error"]


def test_a_changed_case_is_noticed(folders, tmp_path):
    shutil.copytree(folders["plate"], tmp_path / "run")
    text = (tmp_path / "run/case.toml").read_text()
    (tmp_path / "run/case.toml").write_text(text.replace("overpotential_V = 0.3", "overpotential_V = 0.2"))
    html = report([tmp_path / "run"])
    assert "case.toml is not the case of this result" in html and 'class="light amber big"' in html


def test_a_run_that_measured_nothing(folders, tmp_path):
    shutil.copytree(folders["shares"], tmp_path / "run")
    (tmp_path / "run/result.h5").unlink()
    content = content_of(tmp_path / "run") | {"walls": [], "interrupted": True}
    (tmp_path / "run/result.json").write_text(json.dumps(content))
    assert Page(report([tmp_path / "run"])).words[0] == "Interrupted before anything was measured."


# ---- the command -------------------------------------------------------------------------------------------------


def test_command_writes_a_file_and_refuses_to_overwrite_it(folders, here):
    found = invoke("report", folders["plate"], "-o", "mine.html")
    assert found.exit_code == OK and found.stdout.startswith("Written to mine.html: 1 result, 0.")
    before = (here / "mine.html").read_bytes()
    assert before.startswith(b"<!DOCTYPE html>")
    again = invoke("report", folders["plate"], "-o", "mine.html")
    assert again.exit_code == BAD_CASE and "exists; name another file" in again.stderr
    assert (here / "mine.html").read_bytes() == before
    assert invoke("report", folders["plate"], "-o", "no/mine.html").exit_code == BAD_CASE


def spoiled(text):
    content = json.loads(text)
    content["series"].pop("front_nm")
    return json.dumps(content)


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda text: text[: len(text) // 2], "is damaged, it cannot be read as JSON"),
        (
            lambda text: text.replace('"growth"', '"grows"', 1),
            "kind must be one of campaign, creep, design, diffuse, discriminate, experiment, growth, sensitivity, "
            "tune, got 'grows'",
        ),
        (lambda text: "[]", "got None"),
        (
            lambda text: text.replace('"schema": 2', '"schema": 9', 1),
            "schema must be 2, got 9: another version of Coble made it; run it again, or read it with that version",
        ),
        (lambda text: json.dumps(json.loads(text) | {"provenance": None}), "is damaged, provenance must be an object"),
        (spoiled, "is damaged, series.front_nm: Field required, got "),
    ],
)
def test_damaged_results_are_refused(folders, here, change, said):
    shutil.copytree(folders["plate"], here / "run")
    text = (here / "run/result.json").read_text()
    (here / "run/result.json").write_text(change(text))
    found = invoke("report", "run")
    assert found.exit_code == BAD_CASE and said in found.stderr and "run/result.json" in found.stderr
    assert not list(here.glob("*.html"))


def test_all_folders_that_hold_nothing_are_told_at_once(folders, here):
    (here / "empty").mkdir()
    found = invoke("report", "none", folders["plate"], "empty", "case.toml")
    assert found.exit_code == BAD_CASE
    assert [line.partition(";")[0] for line in found.stderr.splitlines()] == [
        "none: no such folder",
        "empty: holds no result.json",
        "case.toml: no folder",
    ]
    assert not list(here.glob("*.html"))
