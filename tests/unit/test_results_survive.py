"""What was counted is kept: a broken backend, a full disk, three starts at once, signals, streams that are gone."""

import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
import warnings

import pytest
import warm
from command import BAD_CASE, INTERRUPTED, NUMERICAL, OK, invoke
from matplotlib.figure import Figure

from coble.console.common import output_folder, stop_flag
from coble.kinds.campaign import engines
from coble.kinds.growth.state import checkpoints
from coble.render.palette import names_as_text
from coble.reports.standing import state_of
from coble.store import files
from coble.store.contents import sealed
from coble.store.files import NotWritten, save
from coble.store.status import FILE

pytestmark = [
    pytest.mark.usefixtures("here"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals and limits are other things there"),
]

TINY = """\
[tubule]
inner_width_nm = 3.0
[[wall]]
name = "inert"
[growth]
depth_nm = 60.0
until_front_nm = 2.6
frames = 4
records = 20
"""
SLOW = TINY.replace("2.6", "50.0").replace("records = 20", "records = 2000")
GROWN = ["case.toml", "checkpoint.h5", "growth.png", "result.h5", "result.json", "trajectory.extxyz"]


def started(*words, **options):
    """`coble` as a process that starts from nothing."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.Popen([sys.executable, "-m", "coble", *map(str, words)], **(pipes | options))


def ended(process, seconds=60):
    """Exit status, standard output and standard error."""
    stdout, stderr = process.communicate(timeout=seconds)
    assert "Traceback" not in (stderr or "")
    return process.returncode, stdout, stderr


def wait_for(word, folder):
    """Until a status.json says it."""
    for _ in range(600):
        if word in state_of(folder).detail:
            return
        time.sleep(0.05)
    raise AssertionError(state_of(folder))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def tiny(here):
    (here / "tiny.toml").write_text(TINY)
    (here / "slow.toml").write_text(SLOW)
    return here


# --- Numbers first, pictures last ---


def full(path):
    path.write_text("half")
    raise OSError(28, "No space left on device")


def test_one_file_that_fails_takes_no_other_with_it(here):
    def cannot():
        raise ValueError("no such\nbackend")

    left_out = []
    with pytest.raises(NotWritten) as failed:
        save(here / "o", {"a": 1}, {"one.h5": full, "two.txt": "2"}, {"a.png": cannot, "b.png": Figure}, left_out)
    assert failed.value.missing == {"one.h5": "No space left on device"} and failed.value.content == sealed({"a": 1})
    assert "not written: one.h5 (No space left on device)" in str(failed.value)
    assert left_out == ["a.png (no such backend)"]
    assert names(here / "o") == ["b.png", "result.json", "two.txt"]  # and no half of one
    assert json.loads((here / "o/result.json").read_text()) == sealed({"a": 1})


def test_ctrl_c_while_files_are_written_says_which_are_missing(here):
    def interrupted(path):
        raise KeyboardInterrupt

    with pytest.raises(NotWritten) as failed:
        save(here / "o", {}, {"one.h5": interrupted, "two.txt": "2"}, {"b.png": Figure}, [])
    assert failed.value.missing == {"one.h5": "interrupted", "two.txt": "interrupted"}
    assert names(here / "o") == ["result.json"]


def test_a_picture_of_the_result_before_does_not_stay_beside_a_new_one(here):
    """Of a run that went on, and was stopped again while its files were written."""

    def interrupted(path):
        raise KeyboardInterrupt

    save(here / "o", {"a": 1}, {"one.txt": "1"}, {"b.png": Figure})
    assert (here / "o/b.png").exists()
    left_out = []
    with pytest.raises(NotWritten):
        save(here / "o", {"a": 2}, {"one.txt": interrupted}, {"b.png": Figure}, left_out)
    assert not (here / "o/b.png").exists() and left_out == ["b.png (interrupted)"]
    assert json.loads((here / "o/result.json").read_text())["a"] == 2


def test_without_a_list_pictures_that_are_left_out_are_warnings(here):
    with pytest.warns(UserWarning, match=r"left out: a.png \(KeyError 'x'\)"):
        save(here / "o", {}, {}, {"a.png": lambda: {}["x"]})


def test_a_picture_that_cannot_be_drawn_is_left_out_of_a_run(tiny, monkeypatch):
    def broken(content):
        raise ValueError("no backend")

    monkeypatch.setattr("coble.kinds.growth.figures.draw_growth", broken)
    found = invoke("plate", "tiny.toml", "--out", "o")
    assert found.exit_code == OK and "Left out: growth.png (no backend)" in found.stderr
    assert names(tiny / "o") == [name for name in GROWN if name != "growth.png"]
    assert state_of(tiny / "o").state == "done"


def test_a_backend_that_is_not_installed_does_not_matter(tiny):
    """A notebook's `!coble` has this in its environment, of a package that we need not have."""
    there = os.environ | {"MPLBACKEND": "module://not_installed.backend_inline"}
    status, stdout, _ = ended(started("plate", "tiny.toml", "--out", "o", env=there))
    assert status == OK and names(tiny / "o") == GROWN and "Written to o/" in stdout
    status, *_ = ended(started("plot", "o", "--what", "growth", env=there))
    assert status == OK and names(tiny / "o-plots") == ["growth.png"]


@pytest.mark.parametrize("name", ["TiN $5_kg$", "C $_$", "$", r"$\mathdefault{$"])
def test_a_dollar_in_a_name_starts_no_formula(here, name):
    figure = Figure()
    ax = figure.subplots()
    ax.set_title(name)
    ax.plot([1, 1e4], [1, 2], label=name)
    ax.set_xscale("log")
    ax.set_yticks([1, 2], [name, "b"])
    ax.legend()
    figure.suptitle(name)
    names_as_text(figure)
    figure.draw_without_rendering()
    assert ax.title.get_text() == name and not ax.title.get_parse_math()
    powers = [tick.label1 for tick in ax.xaxis.get_major_ticks()]
    assert all(label.get_parse_math() and r"\mathdefault{10^" in label.get_text() for label in powers)


def test_a_wall_may_be_called_by_a_dollar(here, painted):
    case = "[design]\nsamples = 1e3\ntubules = 1e5\n" + "".join(
        f'[[wall]]\nname = "{name}"\ndiffusivity_cm2_s = 1e-9\nconcentration_cm3 = 1e22\n'
        for name in ("TiN $5_kg$", "C $_$")
    )
    (here / "dollar.toml").write_text(case)
    found = invoke("design", "dollar.toml", "--out", "o")
    assert found.exit_code == OK and "Left out" not in found.stderr
    assert "TiN $5_kg$" in found.stdout and names(here / "o") == ["case.toml", "design.png", "result.json"]


# --- A full disk ---


@pytest.mark.parametrize(("kilobytes", "there"), [(70, ["case.toml", "result.json", FILE]), (1, [])])
def test_a_limit_on_files_is_named_with_what_is_missing(tiny, monkeypatch, kilobytes, there):
    """As with a quota: what fits is kept, the rest is named, and so it is in the folder's state."""
    (tiny / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tiny / "tmp"))
    run = warm.Run("plate", "tiny.toml", "--out", "o", most_bytes=kilobytes * 1024, painted=True)
    status, stdout, stderr = ended(run)
    assert status == NUMERICAL and "Stopped: tip reached until_front_nm = 2.6 nm." in stdout
    said = [line for line in stderr.splitlines() if "not written" in line]
    assert len(said) == 1 and said[0].startswith("o: not written: ") and "trajectory.extxyz" in said[0]
    assert set(there) <= set(names(tiny / "o")) and not list((tiny / "o").glob(".*part*"))
    state = state_of(tiny / "o")
    assert state.state == "incomplete" and "trajectory.extxyz" in state.detail and "dead" not in state.detail
    assert not names(tiny / "tmp")  # the copy was no better
    assert invoke("watch", "o").exit_code == NUMERICAL


def test_what_does_not_fit_is_kept_elsewhere(tiny, monkeypatch):
    def no_room(path, *_):
        if path.parent.name == "o":
            full(path)
        path.write_text("whole")

    (tiny / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tiny / "tmp"))
    monkeypatch.setattr("coble.kinds.growth.result._write_hdf5", no_room)
    found = invoke("plate", "tiny.toml", "--out", "o")
    (copy,) = (tiny / "tmp").iterdir()
    said = f"not written: result.h5 (No space left on device); a whole copy is in {copy}"
    assert found.exit_code == NUMERICAL and f"o: {said}" in found.stderr and said in state_of(tiny / "o").detail
    assert names(copy) == GROWN
    assert names(tiny / "o") == sorted({*GROWN, FILE} - {"result.h5"})


@pytest.mark.parametrize("name", ["checkpoint.h5", "case.toml"])
def test_a_disk_that_fills_up_meanwhile_takes_no_run_with_it(tiny, monkeypatch, name):
    """What the checkpoint needs beside it may be what does not fit; it is missing, and that is said."""
    write = files.whole

    def no_room(path, write_to):
        if path.parent.name == "o" and path.name == name:
            full(path)
        write(path, write_to)

    (tiny / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tiny / "tmp"))
    for module in (files, checkpoints):
        monkeypatch.setattr(module, "whole", no_room)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = invoke("plate", "tiny.toml", "--out", "o")
    (copy,) = (tiny / "tmp").iterdir()
    missing = ", ".join(dict.fromkeys(["checkpoint.h5", name]))
    said = f"not written: {missing} (No space left on device); a whole copy is in {copy}"
    assert found.exit_code == NUMERICAL and "Stopped: tip reached until_front_nm = 2.6 nm." in found.stdout
    assert "The run goes on." in found.stderr and f"o: {said}" in found.stderr and said in state_of(tiny / "o").detail
    assert {"result.json", "result.h5", "trajectory.extxyz"} <= set(names(tiny / "o"))
    assert "checkpoint.h5" in names(copy)


def test_a_kill_before_the_first_checkpoint_leaves_the_folder_free(tiny):
    (tiny / "o").mkdir()
    (tiny / "o/case.toml").write_text(TINY)
    assert "already holds case.toml" in invoke("plate", "tiny.toml", "--out", "o").stderr
    gone = {"stage": "plating", "host": platform.node(), "pid": 2**22 + 1, "pid_started": 1}
    (tiny / "o" / FILE).write_text(json.dumps(gone))
    assert invoke("plate", "tiny.toml", "--out", "o").exit_code == OK and set(GROWN) <= set(names(tiny / "o"))


def test_files_that_a_kill_left_missing_are_made_from_the_checkpoint(tiny):
    """The status says how to go on, and that works; a run of which nothing is missing is refused."""
    assert invoke("plate", "tiny.toml", "--out", "o").exit_code == OK
    before = json.loads((tiny / "o/result.json").read_text())
    assert "the run is done" in invoke("resume", "o").stderr
    (tiny / "o/result.h5").unlink()
    gone = {"stage": "writing", "host": platform.node(), "pid": 2**22 + 1, "pid_started": 1}
    (tiny / "o" / FILE).write_text(json.dumps(gone))
    found = state_of(tiny / "o")
    assert found.state == "dead" and found.advice == f"go on with: coble resume {tiny / 'o'}"
    assert invoke("resume", "o").exit_code == OK
    assert set(GROWN) <= set(names(tiny / "o"))
    after = json.loads((tiny / "o/result.json").read_text())
    assert all(after[key] == before[key] for key in ("events", "hops", "series", "reason"))


# --- Two runs in one folder ---


def test_of_three_starts_with_one_folder_one_runs_and_two_are_refused(tiny):
    runs = [warm.Run("plate", "tiny.toml", "--out", "sim", "--seed", seed) for seed in (1, 2, 3)]
    found = [ended(run) for run in runs]
    assert sorted(status for status, *_ in found) == [OK, BAD_CASE, BAD_CASE]
    refused = [stderr for status, _, stderr in found if status]
    assert all("--out sim" in stderr and stderr.count("\n") == 1 for stderr in refused)
    assert names(tiny / "sim") == GROWN
    seed = json.loads((tiny / "sim/result.json").read_text())["provenance"]["settings"]["seed"]
    assert [status for status, *_ in found][seed - 1] == OK


def test_numbered_folders_are_made_once(here):
    gate, found = threading.Barrier(8), []

    def take():
        gate.wait()
        found.append(output_folder(None, "case", ())[0])

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 8 and names(here / "coble-runs") == [f"case-{n}" for n in range(1, 9)]


def test_after_a_kill_in_the_first_minute_the_folder_is_free(tiny):
    run = warm.Run("plate", "slow.toml", "--out", "o")
    wait_for("plating", tiny / "o")
    refused = invoke("plate", "--resume", "o"), invoke("plate", "tiny.toml", "--out", "o")
    run.kill()
    run.communicate()
    assert [found.exit_code for found in refused] == [BAD_CASE, BAD_CASE]
    (tiny / f"o/.result.{run.pid}.part.h5").touch()  # as if killed while it wrote
    assert invoke("plate", "tiny.toml", "--out", "o").exit_code == OK
    assert names(tiny / "o") == GROWN


# --- Signals ---


@pytest.fixture
def handlers():
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_stops_and_may_come_twice(handlers, number):
    flag = stop_flag()
    os.kill(os.getpid(), number)
    os.kill(os.getpid(), number)  # a shell and the kernel both tell of a terminal that is gone
    assert flag.is_set()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_workers_leave_a_lost_connection_to_the_one_who_sends_tasks(handlers, monkeypatch):
    """A terminal that goes away tells every process of its group."""

    class Nobody:
        def recv_bytes(self):
            raise EOFError

    monkeypatch.setattr(engines, "_end_with_parent", lambda: None)  # this process is no worker
    engines._serve(Nobody())
    assert signal.getsignal(signal.SIGHUP) == signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_what_is_ignored_stays_ignored(handlers):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    flag = stop_flag()
    os.kill(os.getpid(), signal.SIGHUP)
    assert not flag.is_set()


def test_a_lost_connection_keeps_what_was_measured(tiny):
    run = warm.Run("plate", "slow.toml", "--out", "o")
    wait_for("plating", tiny / "o")
    run.stderr.close()  # the terminal is gone, too
    run.send_signal(signal.SIGHUP)
    with run.stdout:
        run.stdout.read()
    assert run.wait(60) == INTERRUPTED
    assert names(tiny / "o") == GROWN
    assert json.loads((tiny / "o/result.json").read_text())["interrupted"] is True


def test_a_run_that_is_stopped_before_its_first_numbers_says_so(here, monkeypatch):
    flag = threading.Event()
    flag.set()
    monkeypatch.setattr("coble.kinds.discriminate.command.stop_flag", lambda: flag)
    found = invoke("discriminate", "case.toml", "--out", "o")
    assert found.exit_code == INTERRUPTED and "before anything was measured" in found.stderr
    assert json.loads((here / "o/result.json").read_text())["walls"] == []


# --- Standard output ---


def shell(line):
    """Exit status and standard error of a line of sh."""
    line = line.replace("coble", f"{sys.executable} -m coble")
    found = subprocess.run(["bash", "-c", line], capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert "Traceback" not in found.stderr and "Exception ignored" not in found.stderr
    return found.returncode, found.stderr


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("coble check tiny.toml >&-", 0, ""),
        ("coble check tiny.toml >&- 2>&-", 0, ""),
        ("coble schema | head -1 >/dev/null; exit ${PIPESTATUS[0]}", 0, ""),
        ("coble schema >/dev/full", 6, "standard output: No space left on device"),
        ("coble schema >/dev/full 2>/dev/full", 6, ""),
        ("coble check missing.toml >/dev/full", 3, "missing.toml: no such file"),
    ],
)
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device")
def test_streams_that_are_closed_full_or_not_read(tiny, line, status, said):
    found, stderr = shell(line)
    assert found == status and said in stderr


def test_a_run_into_a_closed_pipe_is_whole(tiny):
    status, _ = shell("coble plate tiny.toml --out o 2>&1 >&- | true; exit ${PIPESTATUS[0]}")
    assert status == OK and names(tiny / "o") == GROWN


def test_nothing_is_warned_of(tiny):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert invoke("plate", "tiny.toml", "--out", "o").exit_code == OK
    assert names(tiny / "o") == GROWN


def test_content_of_another_layout_is_told_and_written(tmp_path):
    """A number that readers would refuse is not lost: the file is there, and a sentence says what is wrong with it."""
    from coble.store.files import save

    def check(content):
        raise ValueError("series: must be an object")

    left_out = []
    save(tmp_path, {"provenance": {}, "series": 5}, {}, (), left_out, check=check)
    assert left_out == ["the layout of result.json is not that of its kind (series: must be an object)"]
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["series"] == 5
