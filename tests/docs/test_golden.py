"""What every command prints, at 80 columns, is what stands in tests/golden: one file each, for a reviewer to read.

Times, speeds, memory and versions are replaced by #.  After a change of wording:

    COBLE_WRITE_GOLDEN=1 pytest -n 0 tests/docs/test_golden.py
"""

import os
import re
from pathlib import Path

import pytest
import typer
from cases import GROWS, OWN_WALL, TRACER, TWO_WALLS
from command import invoke

from coble.cli import app as cli
from coble.inputs.case import shipped

GOLDEN = Path(__file__).parent.parent / "golden"
GROUP = typer.main.get_command(cli.app)
CASES = {
    "small.toml": TWO_WALLS,
    "grow.toml": f"""\
{GROWS}depth_nm = 6.0
metal_to_nm = 2.0
until_front_nm = 2.5
overpotential_V = 0.3
records = 20
frames = 2
""",
    "widths.toml": """\
case = "one.toml"
replicas = 1
events = 1e5
near = 0.4
[[axis]]
key = "conditions.temperature_K"
values = [300.0, 320.0]
""",
    "one.toml": OWN_WALL,
    "bad.toml": """\
[tubule]
inner_width = 3
wall_thickness_nm = -1
[[wall]]
name = "LiC7"
""",
}
CASES["strip.toml"] = (
    CASES["grow.toml"].replace("V = 0.3", "V = -0.3").replace("until_front_nm = 2.5", "until_left_nm = 1")
)
CASES["cycle.toml"] = CASES["grow.toml"].replace("records = 20", "until_left_nm = 1.5\ncycles = 1\nrecords = 20")
CASES["targets.toml"] = TRACER.replace("tubule", "one")
CASES["creep.toml"] = """\
[metal]
vacancy_fraction = 0.5
[creep]
grains_cells = [6, 12, 18]
tensions_MPa = [100.0, 200.0, 400.0]
"""
CASES["design.toml"] = shipped("design").read_text(encoding="utf-8").replace("samples = 1e7", "samples = 1e5")
COMMANDS = {  # golden file → words of the command, in this order, in one folder
    "check": ["check", "small.toml"],
    "check-campaign": ["check", "widths.toml"],
    "check-bad": ["check", "bad.toml"],
    "discriminate": ["discriminate", "small.toml", "--quick", "--seed", "1", "--out", "small"],
    "discriminate-next": ["discriminate", "small.toml", "--next"],
    "plate": ["plate", "grow.toml", "--out", "grow"],
    "sweep": ["sweep", "widths.toml", "--engine", "process", "--out", "widths"],
    "design": ["design", "design.toml", "--out", "cell"],
    "rates": ["rates", "one.toml"],
    "status": ["status", "small", "grow", "widths"],
    "export": ["export", "grow"],
    "plot": ["plot", "small", "--what", "shares"],
    "movie": ["movie", "grow"],
    "report": ["report", "small"],
    "structure": ["init", "structure"],
    "check-structure": ["check", "structure.toml"],
    "strip": ["strip", "strip.toml", "--out", "strip"],
    "cycle": ["cycle", "cycle.toml", "--out", "cycle"],
    "tune": ["tune", "targets.toml", "--out", "tune"],
    "sensitivity": ["sensitivity", "one.toml"],
    "creep": ["creep", "creep.toml", "--target-error", "0.2", "--out", "creep"],
    "diffuse": ["diffuse", "structure.toml", "--target-error", "0.2", "--out", "diffuse"],
    "discriminate-structure": ["discriminate", "structure.toml", "--quick", "--target-error", "0.2", "--out", "sites"],
    "discriminate-experiment": [
        *("discriminate", "one.toml", "--experiment", "void", "--target-error", "0.2", "--out", "experiment"),
        *("--observed", "void_ratio=1.4+-0.2"),
    ],
    "watch": ["watch", "grow"],
    "resume": ["resume", "grow"],
    "init-list": ["init", "--list"],
    "taken": ["discriminate", "small.toml", "--quick", "--out", "small"],
    "unknown-command": ["discrimnate"],
    "unknown-case": ["plate", "plaet"],
    "out-of-range": ["diffuse", "structure.toml", "--target-error", "0.5"],
}
CHANGES = [  # what depends on the machine, the hour or the version
    (r"took less than a second", "took # s"),
    (r"(?<![\de.⁻-])\d[\d.,]* (?:ms|s|min|h|days)\b(?= (?:at|left|for|\(|ago|on)|[,;.)]|$)", "# s"),
    (r"[\d.]+ MiB of lattice", "# MiB of lattice"),
    (r"(?<=1 result, )[\d.]+ MB", "# MB"),
    (r"Usage: root", "Usage: coble"),
    (r"Try 'root", "Try 'coble"),
    (r"[\d.e+]+×10[⁰-⁹²³¹]+ per second", "# per second"),
    (r"[\d.,e+]+(?:×10[⁰-⁹²³¹]+)?(?: million)? events/s", "# events/s"),
    (r"at most [\d.]+ of \d+ GiB", "at most # of # GiB"),
    (r"process \d+", "process #"),
    (r"\d{4}-\d\d-\d\dT[\d:+]+", "# (date)"),
    (r"coble \d+\.\d+\.\d+\S*", "coble #"),
]


def printed(words):
    """What a command prints, standard output first, without what depends on the machine."""
    with pytest.MonkeyPatch.context() as patch:
        if words[0] == "status":  # its lines break where times have other digits elsewhere
            patch.setenv("COLUMNS", "999")
        found = invoke(*words, as_printed=True)
    text = found.stdout + "".join(f"! {line}\n" for line in told_of(found.stderr))
    for pattern, instead in CHANGES:
        text = re.sub(pattern, instead, text, flags=re.M)
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join([f"$ coble {' '.join(words)}", *lines, f"[exit status {found.exit_code}]", ""])


def told_of(stderr):
    """Lines of standard error without progress, which depends on the clock, and may be wrapped."""
    progress = r"^(?:[a-z]+ \d+ of |plating|stripping|cycling|campaign ·|sites ·).*\n(?:  \S.*\n)*"
    return re.sub(progress, "", stderr, flags=re.M).splitlines()


def compare(name, text):
    """Compare with the golden file, or write it."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("COBLE_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"no {path.name}: COBLE_WRITE_GOLDEN=1 writes it"
    assert text == path.read_text(encoding="utf-8"), f"{path.name}: COBLE_WRITE_GOLDEN=1 writes what is printed now"


@pytest.fixture(scope="module")
def prints(tmp_path_factory):
    """What every command prints, made in one folder: dict of name → text."""
    folder, here = tmp_path_factory.mktemp("golden"), Path.cwd()
    for name, text in CASES.items():
        (folder / name).write_text(text, encoding="utf-8")
    before = {name: os.environ.get(name) for name in ("COLUMNS", "NO_COLOR")}
    os.environ |= {"COLUMNS": "80", "NO_COLOR": "1"}
    os.chdir(folder)
    try:
        yield {name: printed(words) for name, words in COMMANDS.items()}
    finally:
        os.chdir(here)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_what_was_reviewed(name, prints):
    compare(name, prints[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_lines_have_80_columns(name, prints):
    """For those of status see `printed`."""
    lines = [line.removeprefix("! ") for line in prints[name].splitlines()[1:]]
    wide = [line for line in lines if len(line) > 80]
    assert wide == [] or name == "status"


def test_a_design_fits_60_lines_in_a_file(prints):
    *lines, _ = prints["design"].splitlines()[1:]
    assert len(lines) <= 60


@pytest.mark.parametrize("name", ["check", "rates", "discriminate-next"])
def test_a_file_has_the_same_lines_as_a_terminal_of_80_columns(name, prints, monkeypatch):
    monkeypatch.delenv("COLUMNS")
    assert printed(COMMANDS[name]) == prints[name]


@pytest.mark.parametrize("name", GROUP.commands)
def test_help(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    compare(f"help-{name}", printed([name, "--help"]))


def test_every_command_that_prints_a_result_has_a_golden_file():
    assert {words[0] for words in COMMANDS.values()} >= {"check", "discriminate", "plate", "sweep", "design", "status"}
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(COMMANDS) | {f"help-{name}" for name in GROUP.commands}
