"""How much of the whole is done, and when it will be."""

import io

import pytest
from rich.console import Console

from coble.console import progress
from coble.console.progress import Display, Live, Whole, fitting
from coble.kmc.estimates.measure import Progress

STAGES = ["building the graph", "calibrating and solving the network", "tracers in the bulk", "tracers in the wall"]
STAGES += ["driven segment", "switched off: the bulk", "switched off: the wall"]


def test_what_is_done_never_shrinks_and_halves_lie_between_walls():
    whole, done = Whole(["one", "two"], quick=False), []
    for wall in ("one", "two"):
        for number, stage in enumerate(STAGES):
            done.append(whole.at(wall, stage, 0.5))
            if number == 0 and wall == "two":
                assert done[-1] >= 0.5 > done[-2]
    assert done == sorted(done) and done[0] > 0 and done[-1] < 1


def test_time_left_is_that_of_the_rest_at_the_pace_so_far(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress, "perf_counter", lambda: now[0])
    heard = []
    with Live(None, listen=lambda stage, note, numbers: heard.append(numbers)) as display:
        now[0] = 130.0
        display.say("one", done=0.24)
        display.say("two", done=0.25)
        display.say("three", done=0.5, seconds_left=7.0)
    assert "seconds_left" not in heard[0]  # nothing is promised before a quarter is done
    assert heard[1]["seconds_left"] == pytest.approx(90.0)
    assert heard[2]["seconds_left"] == 7.0


def test_a_line_says_which_wall_of_how_many_and_how_much_of_the_whole(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress, "perf_counter", lambda: now[0])
    log = io.StringIO()
    with Display(Console(file=log, width=200)) as display:
        show = display.of(["LiC6", "Li9Al4"], quick=True)
        show("LiC6", "building the graph")
        now[0] = 40.0
        show("Li9Al4", "driven segment", Progress(5_000_000, 10.0, 0.02, 32, 0.01, 1e9))
    first, second = log.getvalue().splitlines()
    assert first == "wall 1 of 2, LiC6 · building the graph · 0 %"
    assert second == (
        "wall 2 of 2, Li9Al4 · driven segment · error 0.020 of 0.01 · 74 % · 5×10⁶ events · 500,000 events/s · "
        "14 s left of the whole"
    )


def test_a_wall_that_runs_beside_another_is_in_the_log_and_counts():
    log = io.StringIO()
    with Display(Console(file=log, width=200)) as display:
        show = display.of(["LiC6", "Li9Al4"], quick=True)
        show("LiC6", "building the graph")
        for _ in range(3):
            display.ahead("Li9Al4", "driven segment", Progress(5_000_000, 10.0, 0.02, 32, 0.01, 1e9))
        display.ahead("Li9Al4", "verdict: Li9Al4: undecided.")
        show("LiC6", "driven segment")
    first, beside, second = log.getvalue().splitlines()
    assert first == "wall 1 of 2, LiC6 · building the graph · 0 %"
    assert beside == "wall 2 of 2, Li9Al4 · driven segment · 24 %"  # 0.15 + 0.15 and a fourth of 0.7, of two walls
    assert second.startswith("wall 1 of 2, LiC6 · driven segment · 65 %")


@pytest.mark.parametrize("walls", [["LiC6"], ["LiC6", "Li9Al4"]])
def test_a_verdict_stays_where_others_follow(walls):
    log = io.StringIO()
    with Display(Console(file=log, width=20)) as display:
        display.of(walls, quick=True)("LiC6", "verdict: LiC6: the wall carries 90 % of the current.")
    assert log.getvalue() == "LiC6: the wall\n  carries 90 % of\n  the current.\n" * (len(walls) - 1)


def test_without_a_plan_a_line_is_of_its_stage():
    log = io.StringIO()
    with Display(Console(file=log, width=200)) as display:
        display.show("LiC6", "driven segment", Progress(100, 2.0, 0.02, 32, 0.01, 1e9))
    assert log.getvalue() == "LiC6 · driven segment · error 0.020 of 0.01 · 100 events · 50 events/s · 6 s left\n"


@pytest.mark.parametrize("width", [24, 40, 60, 78, 120])
def test_a_line_that_is_too_wide_keeps_the_part_and_the_time(width):
    numbers = {"done": 0.41, "simulated_s": 1.2e-5, "events": 5.3e7, "events_per_s": 2.1e6, "seconds_left": 40.0}
    line = fitting(width, "plating", "metal 0.0 to 13.1 nm", **numbers)
    assert len(line) <= max(width, len("… · 41 % · 40 s left of the whole"))
    assert line.endswith("40 s left of the whole") and "41 %" in line
    assert ("t = " in line, "events" in line, "million events/s" in line) == (width > 100, width > 100, width > 80)


def test_runs_of_an_experiment_count_alike():
    log = io.StringIO()
    with Display(Console(file=log, width=200)) as display:
        display.show("with a void", "wall", Progress(100, 2.0, 0.02, 32, 0.01, 1e9), run=(3, 10))
    assert log.getvalue().startswith("run 3 of 10, with a void · wall · error 0.020 of 0.01 · 22 %")
