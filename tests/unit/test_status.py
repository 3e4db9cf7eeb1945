"""Where a run stands: status.json, `coble status`, `coble watch`, and lines of progress."""

import io
import json
import os
import platform
import re
import subprocess
import sys
import time

import pytest
import warm
from command import BAD_CASE, INTERRUPTED, NUMERICAL, OK, invoke, unwrapped
from rich.console import Console

from coble.console import progress
from coble.console.progress import Live
from coble.kmc.estimates.measure import Progress
from coble.reports.standing import state_of
from coble.store.status import FILE, StatusFile, span

pytestmark = pytest.mark.usefixtures("here")

SLOW = """\
[tubule]
inner_width_nm = 3.0
wall_thickness_nm = 1.0
[[wall]]
name = "inert"
[growth]
depth_nm = 60.0
until_front_nm = 50.0
"""


def gone():
    """Number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def told(folder, **changes):
    """A status.json in a new folder, with other entries."""
    folder.mkdir(exist_ok=True)
    StatusFile(folder).tell("plating", "metal 0.0 to 3.0 nm", simulated_s=1e-6, events=5000, events_per_s=1e6)
    content = json.loads((folder / FILE).read_text()) | changes
    (folder / FILE).write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "running"),
        ({"pid_started": 1}, "dead"),  # another process has the number now
        ({"host": "elsewhere"}, "running"),
        ({"host": "elsewhere", "written": "2020-01-01T00:00:00+00:00"}, "silent"),
        ({"written": "nonsense", "events": "many", "pid": None}, "dead"),
    ],
)
def test_state_while_a_status_is_there(here, changes, state):
    assert state_of(told(here / "run", **changes)).state == state


def test_a_process_that_is_gone_is_dead_and_may_go_on(here):
    folder = told(here / "run", pid=gone())
    assert state_of(folder).state == "dead" and "--out" in state_of(folder).advice
    (folder / "checkpoint.h5").touch()
    assert f"coble resume {folder}" in state_of(folder).advice


@pytest.mark.parametrize(
    ("name", "text", "state"),
    [
        ("result.json", '{"kind": "growth", "interrupted": false}', "done"),
        ("result.json", '{"kind": "growth", "interrupted": true}', "interrupted"),
        ("checkpoint.h5", "", "interrupted"),
        ("result.json", '{"kind": "design", "seconds": 3, "walls": [{"name": "LiC6"}]}', "done"),
        ("result.json", "[1, 2", "no run"),
        ("result.json", '{"kind": "discriminate", "run": 5}', "no run"),
        ("result.json", '{"kind": "growth", "provenance": null}', "no run"),
        ("campaign.json", '{"kind": "campaign", "counts": {"done": "many"}, "points": [{}]}', "no run"),
        ("notes.txt", "mine", "no run"),
    ],
)
def test_state_without_a_status(here, name, text, state):
    (here / "run").mkdir()
    (here / "run" / name).write_text(text)
    assert state_of(here / "run").state == state
    assert ("damaged" in state_of(here / "run").detail) == (state == "no run" and name != "notes.txt")


@pytest.mark.parametrize("text", ["", "[]", '"x"', "{}", '{"points": "a"}'])
def test_a_campaign_whose_summary_is_damaged_goes_on_as_resume_does(here, text):
    (here / "run").mkdir()
    (here / "run/campaign.toml").write_text('case = "case.toml"\n')
    (here / "run/campaign.json").write_text(text)
    found = state_of(here / "run")
    assert (
        found.state == "interrupted" and "coble resume" in found.advice and "its campaign.toml is there" in found.detail
    )


def test_an_interrupted_run_says_how_many_walls_it_has(here):
    run = {"events": 10, "seconds": 2.0, "seconds_by_stage": {"graph": 50.0, "driven": 10.0}}
    case = {"wall": [{"name": "LiC6"}, {"name": "Li9Al4"}]}
    content = {"kind": "discriminate", "interrupted": True, "walls": [{"name": "LiC6", "run": run}]}
    (here / "run").mkdir()
    (here / "run/result.json").write_text(json.dumps(content | {"provenance": {"case": case}}))
    detail = state_of(here / "run").detail
    assert "1 of 2 walls" in detail and "took 60 s" in detail  # all stages, not the driven segment alone


def test_status_shows_every_folder_and_its_state(here):
    told(here / "on")
    told(here / "off", pid=gone())
    found = invoke("status", "on", "off")
    assert found.exit_code == OK
    assert all(len(line) <= 80 for line in found.stdout.splitlines())
    on, off = (" ".join(each.split()) for each in re.split("\n(?=off)", found.stdout))  # lines are wrapped
    assert on.split()[:2] == ["on", "running"] and off.split()[:2] == ["off", "dead"]
    assert (
        "metal 0.0 to 3.0 nm, t = 1×10⁻⁶ s, 5000 events, 1.0 million events/s" in on and f"process {os.getpid()}" in on
    )
    assert invoke("status", "on", "nowhere").exit_code == BAD_CASE
    assert invoke("status").exit_code == BAD_CASE  # no coble-runs/ here


@pytest.mark.parametrize(
    ("result", "status"),
    [(None, BAD_CASE), ('{"kind": "growth", "interrupted": true}', INTERRUPTED), ('{"kind": "growth"}', OK)],
)
def test_watch_ends_with_the_run_and_says_how(here, result, status):
    (here / "run").mkdir()
    if result:
        (here / "run/result.json").write_text(result)
    assert invoke("watch", "run").exit_code == status


def test_watch_of_a_dead_run(here):
    told(here / "run", pid=gone())
    found = invoke("watch", "run")
    assert found.exit_code == NUMERICAL and "is gone" in found.stdout


def test_a_folder_in_use_is_refused_and_a_stale_status_is_not(here):
    told(here / "run")
    for words in (["discriminate", "case.toml", "--out", "run"], ["plate", "--resume", "run"]):
        found = invoke(*words)
        assert found.exit_code == BAD_CASE and "a run is going on there" in found.stderr
    told(here / "run", pid=gone())
    assert invoke("discriminate", "case.toml", "--out", "run", "--quick", "--target-error", 0.2).exit_code == OK
    assert not (here / "run" / FILE).exists()
    assert invoke("status", "run").stdout.split()[:2] == ["run", "done"]


def test_a_killed_run_is_dead(here):
    """A real one, seen by another process while it runs, and after SIGKILL."""
    (here / "slow.toml").write_text(SLOW)
    run = warm.Run("plate", "slow.toml", "--out", "run")
    try:
        for _ in range(1200):  # on a busy machine the start alone takes a minute
            if " events" in (state := state_of(here / "run")).detail:  # the first report comes before any
                break
            time.sleep(0.1)
        assert state.state == "running" and "plating" in state.detail and f"process {run.pid}" in state.detail
        content = json.loads((here / "run" / FILE).read_text())
        assert content["host"] == platform.node() and content["events"] > 0 and content["simulated_s"] > 0
    finally:
        run.kill()
        run.communicate()
    assert state_of(here / "run").state == "dead"


def test_a_log_has_a_line_per_stage_and_interval_and_no_codes(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress, "perf_counter", lambda: now[0])
    log = io.StringIO()
    with Live(Console(file=log, width=60)) as display:
        for second in range(100):
            now[0] = float(second)
            display.say("one" if second < 70 else "two", "a note " * 20, events=second)
    assert all(len(line) <= 60 for line in log.getvalue().splitlines())
    lines = unwrapped(log.getvalue()).splitlines()
    assert [line.split(" · ")[0] for line in lines] == ["one", "one", "one", "two"]  # at 0, 30, 60 and 70 s
    assert "\x1b" not in log.getvalue()


def test_time_left_of_a_run_to_an_event_limit_without_a_target_error():
    """As with a path switched off: on a terminal this ended every run of `coble discriminate` without --quick."""
    at = Progress(n_event=100, seconds=2.0, worst_error=0.1, n_block=32, target_error=0.0, max_events=400)
    assert at.seconds_left == 6.0


def test_a_full_disk_does_not_stop_a_run(here):
    file = StatusFile(here / "no-such-folder")
    file.tell("one")
    file.remove()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "less than a second"), (1, "1 s"), (119, "119 s"), (150, "2.5 min"), (7200, "2.0 h"), (1e6, "12 days")],
)
def test_spans_of_time(seconds, text):
    assert span(seconds) == text


def test_a_run_with_the_checkpoint_before_the_newest_alone_can_go_on(tmp_path):
    """A kill between the two moves of a checkpoint leaves the one before."""
    (tmp_path / "checkpoint.previous.h5").write_bytes(b"")
    found = state_of(tmp_path)
    assert found.state == "interrupted" and found.advice == f"go on with: coble resume {tmp_path}"
