"""`coble doctor`, `coble schema`, help and completion."""

import csv
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from command import OK, invoke, testing

from coble.cli import app as cli
from coble.inputs.case import parse_case, shipped, templates
from coble.kinds.registry import kind_of
from coble.kinds.schemas import comments, schema_of
from coble.store import doctor

pytestmark = pytest.mark.usefixtures("here")

# --- doctor ---


def test_doctor_finds_this_installation_sound(here):
    found = invoke("doctor")
    assert found.exit_code == OK, found.stdout
    said = " ".join(found.stdout.split())
    for words in ("numpy good", "random numbers good", "twin good", "kernel good", "All that is needed is there"):
        assert words in said
    assert list(here.iterdir()) == [here / "case.toml"], "something was left behind"


@pytest.mark.parametrize("stream", doctor.FIRST_WORDS)
def test_known_words_are_those_of_numpys_own_tests(stream):
    path = Path(np.__file__).parent / f"random/tests/data/{stream.lower()}-testset-1.csv"
    if not path.exists():
        pytest.skip("NumPy without its tests")
    (_, seed), *rows = csv.reader(path.read_text().splitlines(), skipinitialspace=True)
    assert int(seed, 16) == doctor.SEED
    assert tuple(int(word, 16) for _, word in rows[:4]) == doctor.FIRST_WORDS[stream]


def test_doctor_sees_what_is_broken_and_says_what_to_do(here, monkeypatch):
    monkeypatch.setitem(doctor.FIRST_WORDS, "SFC64", (1, 2, 3, 4))
    monkeypatch.setattr(doctor, "requirements", lambda: {"numpy": "99.0", "no-such-package": "1.0"})
    monkeypatch.setattr("coble.kmc.kernel.reference.log", lambda x: 0.5)  # another clock
    found = invoke("doctor")
    assert found.exit_code == 1
    said = " ".join(found.stdout.split())
    for words in (
        "99.0 or newer is needed",
        "no-such-package broken",
        "NumPy draws other words",
        "other events than its",
    ):
        assert words in said
    assert "pip install --upgrade 'numpy>=99.0'" in said and "Something that is needed is broken" in said


def test_a_folder_that_cannot_be_written_is_broken(here):
    assert doctor._folder(here / "nowhere").state == "broken"


# --- schema ---


def keys(schema):
    """Every key that a schema describes, with its own schema: pairs (section, key), schema."""
    for name, part in [("", schema), *schema.get("$defs", {}).items()]:
        for key, each in part.get("properties", {}).items():
            yield (name, key), each


@pytest.mark.parametrize("kind", ["case", "targets", "rates", "campaign"])
def test_every_key_is_described_and_knows_no_null(kind):
    found = json.loads(invoke("schema", kind).stdout)
    described = dict(keys(found))
    assert len(described) > 8
    for path, each in described.items():
        assert each.get("description"), path
        assert "null" not in json.dumps(each), path


def test_units_of_a_result_are_described():
    """A number of a result has its unit in its key or in its description, [1] for pure ones."""
    pure = {"n_eff", "value", "stderr", "low", "high", "measured", "measured_error", "p_value", "degrees_of_freedom"}
    found = schema_of("result")
    for (name, key), each in keys(found):
        if each.get("type") == "number" and key not in pure:
            assert re.search(r"\[.+\]|in its unit|chi squared", each.get("description", "")), (name, key)


def test_ranges_and_defaults_are_those_that_are_checked():
    found = schema_of("case")
    tubule = found["$defs"]["TubuleSection"]["properties"]
    assert tubule["segment_nm"] | {"description": ""} == {
        "type": "number", "minimum": 0.1, "maximum": 1000.0, "default": 2.0, "description": "",
    }  # fmt: skip
    assert tubule["shape"]["enum"][:2] == ["slab", "single"]
    assert found["additionalProperties"] is False
    steps = found["$defs"]["GrowthSection"]["properties"]["steps_V"]
    assert steps["items"] == {"type": "number", "minimum": -1.0, "maximum": 1.0} and steps["maxItems"] == 10_000


def test_files_hold_what_their_schema_says():
    jsonschema = pytest.importorskip("jsonschema")
    case = jsonschema.Draft202012Validator(schema_of("case"))
    for name in shipped():
        case.validate(tomllib.loads(shipped(name).read_text()))
    for kind in ("targets", "rates", "campaign"):
        jsonschema.validate(tomllib.loads(templates()[kind].read_text()), schema_of(kind))
    for text in ("[tubule]\ninner_width = 3", "[growth]\noverpotential_V = 2.0", "[run]\nseed = 1.5", "wall = 3"):
        assert not case.is_valid(tomllib.loads(text)), text


def test_comments_are_read_with_the_lines_that_go_on():
    text = (
        '[a]  # all\nx = 1.0   # one,\n          # and two\n# y = 2   # three\n\n          # not this\n[[b]]\nz = "s"\n'
    )
    assert comments(text) == {("a",): "all", ("a", "x"): "one, and two", ("a", "y"): "three"}


GROWTH = '[tubule]\ninner_width_nm = 2.5\nwall_thickness_nm = 1.0\n[[wall]]\nname = "inert"\n[growth]\ndepth_nm = 6.0\n'
TARGETS = 'case = "case.toml"\nfree = ["interface"]\n[[target]]\nkind = "tracer_diffusivity"\nregion = "interface"\n'
ONE = "value = 2e-7\nerror = 0.5e-7\nunit = 'cm2/s'\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["discriminate", "case.toml"]),
        ("", ["discriminate", "case.toml", "--experiment", "void", "--quick"]),
        (GROWTH + "until_front_nm = 2.5\nframes = 0\n", ["plate", "mine.toml"]),
        (TARGETS + ONE, ["tune", "mine.toml"]),
        ("", ["sensitivity", "case.toml"]),
    ],
)
def test_results_are_laid_out_as_the_schema_says(here, text, words):
    (here / "case.toml").write_text((here / "case.toml").read_text() + "max_events = 2e5\n")
    (here / "mine.toml").write_text(text)
    assert invoke(*words, "--out", "o").exit_code == OK
    content = json.loads((here / "o/result.json").read_text())
    kind_of(content).checked(content)  # an unknown key would raise
    with pytest.raises(ValueError, match="surprise"):
        kind_of(content).checked(content | {"surprise": 1})


# --- help ---

COMMANDS = [function.__name__ for group in cli.COMMANDS.values() for function in group]


def test_help_lists_every_command_once_by_what_it_is_for(here):
    text = invoke("--help").stdout
    assert [text.index(f"{title}:") for title in cli.COMMANDS] == sorted(
        text.index(f"{title}:") for title in cli.COMMANDS
    )
    listed = re.findall(r"^  ([a-z]+)  +[A-Z]", text, re.MULTILINE)
    assert listed == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_teaches_with_examples_that_parse(here, command):
    text = invoke(command, "--help").stdout
    examples = re.findall(rf"^ +coble {command}\b.*", text, re.MULTILINE)
    assert examples and "Example" in text
    assert max(map(len, text.splitlines())) <= 80


# --- completion ---


def told_by(shell, line):
    """What a shell says in the environment when the last word of a line is to be completed."""
    told = {"_COBLE_COMPLETE": f"complete_{shell}", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    return told | {"_TYPER_COMPLETE_ARGS": line}


def completed(line):
    """What bash is offered."""
    return testing.CliRunner(env=told_by("bash", line)).invoke(cli.app, [], prog_name="coble").stdout.split()


def test_bash_completes_commands_cases_files_and_choices(here):
    (here / "strange.toml").touch()
    (here / "stuff").mkdir()
    assert completed("coble st") == ["strip", "status"]
    assert completed("coble plate st") == ["strip", "structure", "stuff/", "strange.toml"]
    assert completed("coble init tar") == ["targets"]
    assert completed("coble schema r") == ["rates", "result"]
    assert completed("coble sweep m") == ["mechanism-map", "mechanism-map-na"]
    assert completed("coble sweep str") == ["strange.toml"]


def test_zsh_is_told_the_same_by_a_process(here):
    told = os.environ | told_by("zsh", "coble plate st")
    found = subprocess.run([sys.executable, "-m", "coble"], env=told, capture_output=True, text=True)
    assert "strip" in found.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(here, shell):
    told = {"_COBLE_COMPLETE": f"source_{shell}"}
    text = subprocess.run([sys.executable, "-m", "coble"], env=os.environ | told, capture_output=True, text=True).stdout
    assert "_COBLE_COMPLETE=complete_" + shell in text and "coble" in text


def test_a_template_with_its_schema_line_is_a_case():
    assert parse_case("#:schema ./coble-case.json\n" + shipped("paper").read_text()) == parse_case("")
