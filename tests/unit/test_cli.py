"""The command: exit statuses, messages, and what is written or not."""

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from importlib import import_module
from importlib.metadata import version

import pytest
import warm
from command import BAD_CASE, INTERRUPTED, NUMERICAL, OK, SMALL, USAGE, invoke, told
from patience import patience

from coble import paper_case, parse_case
from coble.cli.app import in_words
from coble.kinds.discriminate.result import FILES
from coble.kmc.network.exact import NotConverged
from coble.render.numbers import typeset

pytestmark = pytest.mark.usefixtures("here")
QUICK = ["--quick", "--target-error", "0.2"]


def assert_one_line_per_fault(found, *starts):
    """Nothing but the faults on stderr, in order, each maybe with the line that has it, and nothing on stdout."""
    lines = told(found)
    assert len(lines) == len(starts), found.stderr
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith(start), line
    assert found.stdout == "" and "Traceback" not in found.stderr


# --- A run ---


def test_run_writes_every_file_and_shows_a_table(here):
    found = invoke("discriminate", "case.toml", "--out", "new/run")
    assert found.exit_code == OK
    assert sorted(path.name for path in (here / "new/run").iterdir()) == sorted(FILES)
    for word in ("LiC6", "interface", "exact", "formula", "mS/cm", "calibration", "Written to new/run"):
        assert word in found.stdout, word
    content = json.loads((here / "new/run/result.json").read_text())
    assert typeset(content["walls"][0]["verdict"]["sentence"]) in " ".join(found.stdout.split())
    assert (here / "new/run/case.toml").read_text() == SMALL


def test_options_are_heard(here):
    options = ["--seed", 7, "--replicas", 3, "--workers", 1, "--target-error", 0.2, "--quick"]
    found = invoke("discriminate", "case.toml", "--out", "o", *options)
    assert found.exit_code == OK
    content = json.loads((here / "o/result.json").read_text())
    settings = content["provenance"]["settings"]
    expected = {"seed": 7, "replicas": 3, "target_error": 0.2, "quick": True}
    assert {key: settings[key] for key in expected} == expected
    assert content["walls"][0]["tracer_cm2_s"] == {}


def test_folders_count_up_when_none_is_named(here):
    for number in (1, 2):
        assert invoke("discriminate", "case.toml", *QUICK).exit_code == OK
        assert (here / f"coble-runs/case-{number}/result.json").exists()


def test_same_seed_same_file(here):
    contents = []
    for folder in ("a", "b"):
        assert invoke("discriminate", "case.toml", *QUICK, "--out", folder, "--seed", 3).exit_code == OK
        contents.append(json.loads((here / folder / "result.json").read_text())["walls"][0]["paths"])
    assert contents[0] == contents[1]


# --- Bad case files: 3, all faults, nothing written ---


def test_every_fault_on_a_line_of_its_own(here):
    (here / "bad.toml").write_text(
        '[tubule]\nshape = "singel"\ninner_width = 20\n[metal]\ndiffusivity_cm2_s = -1\n'
        "[conditions]\ntemperature_K = 25\n[run]\nseed = 1.5\n"
    )
    found = invoke("discriminate", "bad.toml", "--out", "o")
    assert found.exit_code == BAD_CASE
    places = (
        "2: tubule.shape: ", "3: tubule.inner_width: ", "5: metal.diffusivity_cm2_s: ",
        "7: conditions.temperature_K: ", "9: run.seed: ",
    )  # fmt: skip
    assert_one_line_per_fault(found, *(f"bad.toml:{place}" for place in places))
    assert "did you mean 'inner_width_nm'?" in found.stderr
    assert not (here / "o").exists()


@pytest.mark.parametrize(
    "text",
    [
        "[tubule]\ninner_width_nm = 1.0",  # under three lattice constants
        "[tubule]\nwall_thickness_nm = 0.3",
        "[interface]\ndiffusivity_cm2_s = 2e-15",
        "[interface]\ndiffusivity_cm2_s = 20.0",
        "[metal]\ndiffusivity_cm2_s = 0",
        "[metal]\ndiffusivity_cm2_s = nan",
        '[tubule]\ninner_width_nm = "20"',
        "[tubule]\ninner_width_nm = 100e8",
        '[[wall]]\nname = "unknown"',
        "[tubule",
        "[run]\nreplicas = 0",
    ],
)
def test_bad_input(here, text):
    (here / "bad.toml").write_text(text + "\n")
    found = invoke("discriminate", "bad.toml", "--out", "o")
    assert found.exit_code == BAD_CASE
    assert all(line.startswith("bad.toml:") for line in told(found)) and found.stderr
    assert found.stdout == "" and not (here / "o").exists()


@pytest.mark.parametrize("name", ["missing.toml", "folder"])
def test_case_that_is_no_file(here, name):
    (here / "folder").mkdir()
    found = invoke("discriminate", name, "--out", "o")
    assert found.exit_code == BAD_CASE
    assert_one_line_per_fault(found, f"{name}: ")
    assert not (here / "o").exists()


def test_case_that_is_not_text(here):
    (here / "bad.toml").write_bytes(b"[tubule]\n\xff\xfe\x00")
    found = invoke("discriminate", "bad.toml", "--out", "o")
    assert found.exit_code == BAD_CASE
    assert_one_line_per_fault(found, "bad.toml:2: ")


# --- Output folders: 3 ---


@pytest.mark.parametrize("out", ["taken", "taken/inside", "taken/deep/inside", "x" * 300])
def test_folder_that_cannot_be_made(here, out):
    (here / "taken").write_text("a file\n")
    found = invoke("discriminate", "case.toml", "--out", out)
    assert found.exit_code == BAD_CASE
    assert_one_line_per_fault(found, f"--out {out}: ")
    assert (here / "taken").read_text() == "a file\n"
    assert sorted(path.name for path in here.iterdir()) == ["case.toml", "taken"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is read-only for this user")
def test_folder_without_permission(here):
    (here / "closed").mkdir(mode=0o500)
    found = invoke("discriminate", "case.toml", "--out", "closed/o")
    assert found.exit_code == BAD_CASE
    assert_one_line_per_fault(found, "--out closed/o: ")


@pytest.mark.parametrize("name", FILES)
def test_existing_results_are_not_touched(here, name):
    (here / "o").mkdir()
    (here / "o" / name).write_text("precious")
    found = invoke("discriminate", "case.toml", "--out", "o")
    assert found.exit_code == BAD_CASE
    assert_one_line_per_fault(found, "--out o: already holds")
    assert name in found.stderr
    assert [path.name for path in (here / "o").iterdir()] == [name]
    assert (here / "o" / name).read_text() == "precious"


def test_folder_with_other_files_is_welcome(here):
    (here / "o").mkdir()
    (here / "o/notes.txt").write_text("mine")
    assert invoke("discriminate", "case.toml", "--out", "o", *QUICK).exit_code == OK
    assert (here / "o/notes.txt").read_text() == "mine"


# --- Usage: 2 ---


@pytest.mark.parametrize(
    "line",
    [
        "discriminate --no-such-option",
        "discriminate case.toml second.toml",
        "discriminat case.toml",
        "discriminate case.toml --seed -1",
        "discriminate case.toml --seed two",
        "discriminate case.toml --replicas 0",
        "discriminate case.toml --workers 0",
        "discriminate case.toml --target-error 0",
        "discriminate case.toml --target-error nan",
        "discriminate case.toml --target-error 0.5",
        "discriminate case.toml --out",
    ],
)
def test_usage_errors(here, line):
    found = invoke(*line.split())
    assert found.exit_code == USAGE
    assert "Traceback" not in found.output
    assert [path.name for path in here.iterdir()] == ["case.toml"]


# --- Numerical failure: 5 ---


def test_rates_too_far_apart(here):
    """An interface 10¹¹ times faster than the wall, with few atoms in the one and many vacancies in the other."""
    (here / "far.toml").write_text(
        "[tubule]\ninner_width_nm = 5\nwall_thickness_nm = 2\n"
        "[interface]\ndiffusivity_cm2_s = 1e-3\noccupancy = 0.01\n"
        '[[wall]]\nname = "slow"\ndiffusivity_cm2_s = 1e-14\nconcentration_cm3 = 5e22\nvacancy_fraction = 0.5\n'
    )
    found = invoke("discriminate", "far.toml", "--out", "o", "--quick")
    assert found.exit_code == NUMERICAL
    for words in ("far.toml: wall 'slow': a rate of ", "(hops in the wall)", "(hops in the interface)", "orders of"):
        assert words in found.stderr
    assert "Traceback" not in found.stderr and found.stdout == ""
    assert not (here / "o").exists()


@pytest.mark.parametrize("metal", [1e-14, 3e-13])
def test_rates_too_far_apart_behind_the_second_wall_are_refused_before_the_first_is_run(here, monkeypatch, metal):
    """Far beyond the limit, and just beyond it."""
    (here / "far.toml").write_text(
        "[tubule]\ninner_width_nm = 60\nwall_thickness_nm = 4\n"
        f'[metal]\ndiffusivity_cm2_s = {metal}\n[[wall]]\nname = "LiC6"\n'
        '[[wall]]\nname = "fast"\ndiffusivity_cm2_s = 1e-4\nconcentration_cm3 = 4e22\n'
    )
    monkeypatch.setattr(
        import_module("coble.kinds.discriminate.job").Job, "run", lambda *_: pytest.fail("a wall was run")
    )
    found = invoke("discriminate", "far.toml", "--out", "o")
    assert found.exit_code == NUMERICAL
    assert "far.toml: wall 'fast': a rate of " in found.stderr and "(hops in the wall)" in found.stderr
    assert not (here / "o").exists()


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (NotConverged("conjugate gradients"), NUMERICAL, "numerical failure: conjugate gradients"),
        (MemoryError(), NUMERICAL, "numerical failure: not enough memory"),
        (ZeroDivisionError("division"), NUMERICAL, "numerical failure: division"),
        (ValueError("no connected path"), BAD_CASE, "case.toml: no connected path"),
    ],
)
def test_failures_of_the_run_have_a_status_and_leave_nothing(here, monkeypatch, error, status, said):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(import_module("coble.models.host"), "graph_of", fail)
    found = invoke("discriminate", "case.toml", "--out", "new/o")
    assert found.exit_code == status
    assert said in found.stderr and "Traceback" not in found.stderr
    assert sorted(path.name for path in here.iterdir()) == ["case.toml"], "an empty folder was left behind"


# --- Other commands ---


def test_version():
    found = invoke("--version")
    assert found.exit_code == OK, found.output
    assert found.stdout.strip() == f"coble {version('coble')}"


def test_init_writes_the_case_of_the_paper():
    found = invoke("init", "-o", "-")
    assert found.exit_code == OK
    assert set(tomllib.loads(found.stdout)) == {
        "tubule",
        "conditions",
        "metal",
        "interface",
        "surface",
        "exchange",
        "wall",
        "run",
    }
    assert parse_case(found.stdout) == paper_case()


@pytest.mark.parametrize("arguments", [["--help"], ["discriminate", "--help"]])
def test_help(arguments):
    found = invoke(*arguments)
    assert found.exit_code == OK and "Usage" in found.stdout
    if len(arguments) > 1:
        for option in ("--out", "--seed", "--replicas", "--workers", "--target-error", "--quick"):
            assert option in found.stdout


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("--workers <int range>", "--workers <whole number>"),
        ("--temperature <float range>", "--temperature <number>"),
        ("--what <list[str]>", "--what <text>"),
        ("CASE <list[Path]>", "CASE <path>"),
        ("--out <path>", "--out <path>"),
        ("--quick", "--quick"),
    ],
)
def test_types_are_plain_words(typed, plain):
    assert in_words(typed) == plain


# --- As a process ---


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, encoding="utf-8", **options
    )


def test_module_is_the_command(here):
    found = python("-m", "coble", "--help")
    assert found.returncode == OK and "discriminate" in found.stdout
    bad = python("-m", "coble", "discriminate", "missing.toml", "--out", "o")
    assert bad.returncode == BAD_CASE and bad.stderr.startswith("missing.toml: ") and not (here / "o").exists()


def interrupted(case, wait_for, after, out):
    """Start a run, send Ctrl-C `after` seconds after `wait_for` was on stderr; the process and its seconds to end."""
    process = warm.Run("discriminate", case, "--out", out, painted=True)
    seen = []
    try:
        for line in process.stderr:
            seen.append(line)
            if wait_for in line:
                break
        time.sleep(after)
        assert process.poll() is None, f"the run ended before Ctrl-C: {seen}"
        process.send_signal(signal.SIGINT)
        sent = time.perf_counter()
        _, rest = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    return process.returncode, "".join(seen) + rest, time.perf_counter() - sent


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
def test_ctrl_c_keeps_what_was_measured(here):
    (here / "long.toml").write_text(
        "[tubule]\ninner_width_nm = 8.0\nwall_thickness_nm = 4.0\n"
        '[[wall]]\nname = "LiC6"\n[[wall]]\nname = "Li9Al4"\n[run]\ntarget_error = 1e-4\n'
    )
    status, stderr, seconds = interrupted("long.toml", "driven segment", 1.5, "o")
    assert status == INTERRUPTED, stderr
    assert seconds < 4 * patience()  # 2 on a machine with nothing else to do; a second of it is the figure
    assert "Traceback" not in stderr
    content = json.loads((here / "o/result.json").read_text())
    assert content["interrupted"] is True
    wall, *begun = content["walls"]  # the second has begun where a core had nothing else to do
    assert wall["name"] == "LiC6" and wall["run"]["reason"] == "interrupted" and wall["run"]["blocks"] > 0
    assert [each["name"] for each in begun] in ([], ["Li9Al4"])
    for path in wall["paths"].values():
        assert set(path["share"]) >= {"value", "stderr", "low", "high", "n_eff"}
        assert path["lost_if_off"] is None
    assert sorted(path.name for path in (here / "o").iterdir()) == sorted(FILES)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
def test_ctrl_c_is_heard_while_tracers_run(here):
    """Tracers of a wide tubule take seconds."""
    (here / "wide.toml").write_text('[tubule]\ninner_width_nm = 50.0\n[[wall]]\nname = "Li22Si5"\n')
    status, stderr, seconds = interrupted("wide.toml", "tracers in the bulk", 0.2, "o")
    assert status == INTERRUPTED and "Traceback" not in stderr
    assert json.loads((here / "o/result.json").read_text())["interrupted"] is True
    assert seconds < 4 * patience(), f"{seconds:.1f} s from Ctrl-C to the end"
