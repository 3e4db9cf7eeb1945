"""`coble creep`: what it prints, writes and refuses."""

import json

import pytest
from command import BAD_CASE, INTERRUPTED, OK, invoke
from matplotlib.figure import Figure
from overlaps import faults

from coble.inputs.case import parse_case
from coble.kinds.creep.checks import checks
from coble.kinds.creep.figures import draw_creep, plot_crossover, plot_sizes, plot_tensions
from coble.kinds.creep.result import write
from coble.kinds.creep.run import creep
from coble.kinds.creep.words import subject
from coble.kinds.registry import kind_of
from coble.render.conditions import conditions_of
from coble.render.lights import AMBER, GREEN

SMALL = """\
[metal]
vacancy_fraction = 0.5
[creep]
grains_cells = [6, 12, 18]
tensions_MPa = [100.0, 200.0, 400.0]
[run]
target_error = 0.1
"""


@pytest.fixture
def small(here):
    (here / "small.toml").write_text(SMALL)
    return here


def test_writes_laws_that_its_points_give(small):
    found = invoke("creep", "small.toml", "--out", "out")
    assert found.exit_code == OK, found.output
    assert "interface: exponent of d" in found.output
    assert "5.25 µm" in found.output  # F_i D_i δ / (F_b D_b) of lithium
    content = json.loads((small / "out/result.json").read_text())
    assert (small / "out/case.toml").read_text() == SMALL
    assert (small / "out/creep.png").read_bytes().startswith(b"\x89PNG")
    assert kind_of(content).checked(content)["kind"] == "creep" and not content["interrupted"]
    assert invoke("plot", "out").exit_code == OK and (small / "out-plots/creep.png").exists()
    assert {name: len(points) for name, points in content["series"].items()} == {
        "interface": 3,
        "bulk": 3,
        "both": 3,
        "tensions": 3,
    }
    assert content["worst_sigmas"] < 4.5
    for name, theory in (("interface", -3), ("bulk", -2), ("tensions", 1)):
        law = content["exponents"][name]
        assert abs(law["measured"]["value"] - law["exact"]) < 4.5 * law["measured"]["stderr"]
        assert law["exact"] == pytest.approx(theory, abs=0.15)  # the smallest grain is 2 nm
    assert content["crossover_nm"]["exact"] == pytest.approx(6.0, rel=0.1)
    assert content["provenance"]["case"]["creep"]["grains_cells"] == [6, 12, 18]
    for plot, name, across, power in (
        (plot_sizes, "interface", "edge_nm", 0),
        (plot_crossover, "both", "edge_nm", 3),
        (plot_tensions, "tensions", "tension_MPa", 0),
    ):
        ax = Figure().subplots()
        assert plot(content, ax) is ax and "[" in ax.get_xlabel() and "[" in ax.get_ylabel()
        drawn = ax.get_lines()[0]  # the points of the first series
        series = content["series"][name]
        assert list(drawn.get_xdata()) == [point[across] for point in series]
        rates = [point["strain_rate_1_s"]["value"] * point["edge_nm"] ** power for point in series]
        assert list(drawn.get_ydata()) == pytest.approx(rates)


def test_rates_of_a_table_are_those_of_the_grains(small, monkeypatch):
    seen = []
    (small / "small.toml").write_text(SMALL + "[tubule]\ninner_width_nm = 5.0\n")  # the table of a small one
    monkeypatch.setattr("coble.kinds.creep.run.creep", lambda case, **_: seen.append(case))  # as stopped at once
    assert invoke("rates", "small.toml", "--out", "mine.toml").exit_code == OK
    text = (small / "mine.toml").read_text()
    head, _, rest = text.partition("[hop.bulk]")
    rate = next(line for line in rest.splitlines() if line.startswith("rate_1_s"))
    twice = f"rate_1_s = {2 * float(rate.split('=')[1].split('#')[0])!r}"
    (small / "twice.toml").write_text(head + "[hop.bulk]" + rest.replace(rate, twice, 1))
    for words in ((), ("--rates", "mine.toml"), ("--rates", "twice.toml")):
        assert invoke("creep", "small.toml", *words).exit_code == INTERRUPTED
    plain, same, fast = (case.metal_diffusivity.value_cm2_s for case in seen)
    assert same == pytest.approx(plain, rel=1e-5) and fast == pytest.approx(2 * plain, rel=1e-5)


def test_numbers_do_not_depend_on_workers_and_stopping_keeps_what_is_finished():
    case = parse_case(SMALL)
    lines = []
    one = creep(
        case,
        workers=1,
        target_error=0.2,
        report=lambda *said, **_: lines.append(said),
        should_stop=lambda: len(lines) >= 2,
    )
    assert one.interrupted and 2 <= len(lines) <= 3
    finished = [point for points in one.points.values() for point in points]
    whole = creep(case, workers=2, target_error=0.2)
    assert not whole.interrupted
    again = {point.load: point for points in whole.points.values() for point in points}
    assert 2 <= len(finished) < len(again)
    assert all(again[point.load] == point for point in finished)


def test_what_was_not_measured_is_not_drawn(small):
    points = {"edge_cells": 6, "edge_nm": 2.1, "tension_MPa": 100.0}
    case = parse_case(SMALL)
    none = creep(case, workers=1, should_stop=lambda: True)
    content = write(small, none, SMALL)
    assert none.interrupted and not (small / "creep.png").exists()
    assert conditions_of(content, subject=subject(content)).startswith("cubic grains of Li; 300 K")
    with pytest.raises(ValueError, match="before a grain was measured"):
        draw_creep(content)
    rate = {"value": 1.0, "stderr": 0.1, "low": 0.8, "high": 1.2}
    content["series"]["both"] = [points | {"strain_rate_1_s": rate, "exact_1_s": 1.0, "continuum_1_s": 1.1}]
    figure = draw_creep(content)
    assert [ax.get_title() for ax in figure.axes] == ["both paths, a faster bulk"] and faults(figure) == []


def test_different_occupancies_are_refused(small):
    (small / "small.toml").write_text(SMALL.replace("0.5", "0.01"))
    found = invoke("creep", "small.toml", "--out", "out")
    assert found.exit_code == BAD_CASE
    assert "metal.vacancy_fraction: must be 1 - interface.occupancy" in found.stderr
    assert not (small / "out").exists()


def test_grains_that_are_not_similar_are_refused(small):
    (small / "small.toml").write_text(SMALL.replace("12", "13"))
    found = invoke("creep", "small.toml")
    assert found.exit_code == BAD_CASE
    assert "small.toml:4: creep.grains_cells: must be a multiple of 6" in found.stderr


def test_an_error_larger_than_asked_passes_only_with_a_reason():
    rate = {"value": 1.0, "stderr": 0.27, "n_eff": 32.0}
    point = {"edge_nm": 4.0, "tension_MPa": 200.0, "strain_rate_1_s": rate, "exact_1_s": 1.0}
    content = {"series": {"bulk": [point]}, "exponents": {}, "crossover_nm": None}
    for asked, light, reason in ((0.3, GREEN, False), (0.2, GREEN, True), (0.1, AMBER, True)):
        content["provenance"] = {"settings": {"target_error": asked}}
        (found,) = (check for check in checks(content) if "requested accuracy" in check.what)
        assert (found.light, "follows from a forecast" in found.said) == (light, reason)
