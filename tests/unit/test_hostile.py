"""Files, names and values that nobody means: a sentence for each, nothing that a terminal obeys, and no traceback."""

import ast
import io
import json
import os
import time
from pathlib import Path

import pytest
from command import BAD_CASE, OK, USAGE, invoke, told
from rich.table import Table
from rich.text import Text

import coble
from coble.inputs.case import parse_case
from coble.inputs.files.faults import MOST_FAULTS, CaseError
from coble.inputs.files.reading import MOST_TEXT
from coble.inputs.files.toml_lines import KeyLines
from coble.render.console import terminal
from coble.render.printable import printable

pytestmark = pytest.mark.usefixtures("here")

SMALL = '[tubule]\ninner_width_nm = 3.0\nwall_thickness_nm = 1.5\n[[wall]]\nname = "inert"\n'
HUGE = "0x" + "f" * 400
RED = "\x1b[31mred"


def refused(*arguments):
    """What a command says when it refuses: printable lines, and a status for bad input."""
    found = invoke(*arguments)
    assert found.exit_code in (USAGE, BAD_CASE), (found.exit_code, found.output)
    assert found.stderr and all(map(str.isprintable, found.stderr.splitlines()))
    assert not any(word in found.stderr for word in ("Traceback", "Error(", "object has no", "empty sequence"))
    return found


# --- What a terminal obeys ---


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("W = 5 nm, κ 3·10⁻⁴", "W = 5 nm, κ 3·10⁻⁴"),
        ("no\u00a0break, thin\u2009space", "no\u00a0break, thin\u2009space"),
        (RED, "\\x1b[31mred"),
        ("a\nfake.toml: good, a case", "a\\nfake.toml: good, a case"),
        ("\r\t\x7f\x9b31m", "\\r\\t\\x7f\\x9b31m"),
        ("\u202ecod\u2028", "\\u202ecod\\u2028"),
        (os.fsdecode(b"\xff"), "\\udcff"),
        ("already \\x1b", "already \\x1b"),
    ],
)
def test_printable(text, shown):
    assert printable(text) == shown == printable(shown)


def test_a_console_prints_text_and_obeys_none_of_it():
    console = terminal(width=60)
    console.file = io.StringIO()
    table = Table(title="[bold]t[/x]\x1b[31m")
    table.add_column("h\x1b[2J")
    table.add_row("[red]a[/red]\n\x1b]0;x\x07")
    table.add_row(Text("b\nfake: good"))
    for each in ("plate[slow]", "a[/x]", ":smile:", f"x{RED}\nfake: good", Text(f"y{RED}\nfake: good"), table):
        console.print(each)
    text = console.file.getvalue()
    for shown in ("plate[slow]", "a[/x]", ":smile:", "[bold]t[/x]", "\\x1b[2J", "[red]a", "b\\nfake:"):
        assert shown in text, text
    assert "\x1b" not in text and "\x07" not in text
    assert not any(line.startswith("fake") for line in text.splitlines())


def test_every_command_prints_through_one_door():
    """No module of commands makes a console or prints by itself; what is left prints what the package has."""
    calls = set()
    package = Path(coble.__file__).parent
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(node, "func", None), "id", getattr(getattr(node, "func", None), "attr", ""))
            if isinstance(node, ast.Call) and (
                name == "echo" or name == "Console" or (name == "print" and isinstance(node.func, ast.Name))
            ):
                calls.add(path.relative_to(package).as_posix())
    assert calls <= {"render/printable.py", "console/common.py", "cli/app.py", "cli/start.py", "cli/tools.py"}


@pytest.mark.parametrize("name", ["a\nfake.toml: good, a case", RED, "[bold]", "a[/x]", os.fsdecode(b"\xff\xfe")])
def test_names_are_shown_and_not_obeyed(here, name):
    for command in ("check", "run", "plate", "tune", "sweep", "rates", "report", "export", "plot", "resume"):
        assert printable(name)[:3] in refused(command, name).stderr
    assert printable(name) in invoke("status", name).stdout
    assert "No such option: --a" in refused("discriminate", "--a" + name).stderr
    assert printable(name) in refused(name).stderr


def test_results_of_others_do_not_speak_for_us(here):
    folder = here / "r"
    folder.mkdir()
    content = {"kind": "discriminate", "schema": 2, "walls": [], "reason": f"done{RED}\nfake: done"}
    (folder / "result.json").write_text(json.dumps(content))
    out = invoke("status", "r").stdout
    assert out.isprintable() or set(c for c in out if not c.isprintable()) == {"\n"}
    assert not any(line.startswith("fake") for line in out.splitlines())


# --- What is no file to read ---


@pytest.mark.parametrize("command", ["check", "run", "plate", "discriminate", "tune", "sweep", "rates"])
def test_only_regular_files_of_a_bounded_size_are_read(here, command):
    os.mkfifo(here / "pipe.toml")
    (here / "large.toml").write_bytes(b"#" * (MOST_TEXT + 1))
    assert "pipe.toml: must be a file, got a pipe" in refused(command, "pipe.toml").stderr
    assert "/dev/zero: must be a file, got a device" in refused(command, "/dev/zero").stderr
    assert "large.toml: must have at most 2 MB, got 2 MB" in refused(command, "large.toml").stderr


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", "[]", '"x"', '{"kind": []}', "nan", "9" * 5000, "\x00"])
def test_results_that_are_none(here, text):
    folder = here / "r"
    folder.mkdir()
    (folder / "result.json").write_text(text)
    for command in ("report", "plot", "export"):
        refused(command, "r")
    assert invoke("status", "r").exit_code == BAD_CASE


def test_pipes_in_folders_are_not_waited_for(here):
    folder = here / "r"
    folder.mkdir()
    for name in ("result.json", "status.json", "campaign.json", "case.toml"):
        os.mkfifo(folder / name)
    assert invoke("status", "r").exit_code == BAD_CASE
    for arguments in (["report", "r"], ["plot", "r"], ["plate", "--resume", "r"], ["run", "--resume", "r"]):
        refused(*arguments)


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_folders_without_a_run_to_go_on_with(here, folder):
    (here / "empty").mkdir()
    for command in ("plate", "run"):
        found = refused(command, "--resume", folder)
        assert "init" not in found.stderr and found.stderr.startswith(f"{folder}: ")
        assert ("no such folder" if folder == "nowhere" else "holds no run") in found.stderr


def test_names_that_are_too_long(here):
    (here / "mine.toml").write_text(SMALL)
    long = "n" * 300
    for command in ("check", "run", "plate", "tune", "sweep", "rates", "report", "export", "plot", "movie", "resume"):
        refused(command, long)
    for arguments in (["plate", "mine.toml", "--out"], ["rates", "mine.toml", "--out"], ["init", "plate", "--out"]):
        refused(*arguments, long)
    refused("check", "mine.toml", "--rates", long)
    for key in ("case", "rates"):
        (here / "t.toml").write_text(f'{key} = "{long}"\nfree = ["interface"]\n')
        refused("check", "t.toml")


# --- Many faults, and where ---


def many(number):
    return "".join(f"k{i} = 1\n" for i in range(number))


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (many(100_000), "99,950"),
        ("temperature_K = 300.0\n[hop]\n" + many(20_000), ""),
        ("axis = []\n" + many(20_000), ""),
        ("".join(f"[[wall]]\nname = 'x{i}'\n" for i in range(2000)), "3,950"),
    ],
)
def test_no_more_faults_than_anybody_reads(here, text, more):
    (here / "many.toml").write_text(text)
    started = time.process_time()
    lines = told(refused("check", "many.toml"))
    assert time.process_time() - started < 20
    assert len(lines) == MOST_FAULTS + 1 and lines[-1].startswith("many.toml: and ") and more in lines[-1]


def test_as_many_faults_as_are_told_are_told(here):
    for number in (MOST_FAULTS, MOST_FAULTS + 1):
        with pytest.raises(CaseError) as caught:
            parse_case(many(number))
        assert len(caught.value.faults) == number and " more" not in str(caught.value)


@pytest.mark.parametrize("text", ["[" + "a." * 5_000 + "a]\n", "a = " + "[" * 5_000, "a = " + "{a=" * 5_000])
def test_tables_of_any_depth(here, text):
    (here / "deep.toml").write_text(text)
    for command in ("check", "plate", "tune", "sweep"):
        refused(command, "deep.toml")
    refused("check", "deep.toml", "--rates", "deep.toml")


def test_lines_are_found_in_a_time_that_grows_with_the_text():
    def seconds(number):
        started = time.process_time()
        lines = KeyLines("x = [\n" + "1,\n" * number + "]\n")
        assert lines["x", number - 1] == number + 1
        return time.process_time() - started

    # a hundred times where it is squared
    assert min(seconds(40_000) for _ in range(3)) < 30 * min(seconds(4_000) for _ in range(3))


def test_lines_are_not_sought_in_a_good_file(monkeypatch):
    monkeypatch.setattr("coble.inputs.files.toml_lines._Scan", None)
    assert parse_case("[growth]\nsteps_V = [" + "0.1,\n" * 9000 + "]\nsteps_s = [" + "1e-9,\n" * 9000 + "]\n").grows


@pytest.mark.parametrize(
    ("text", "row", "below"),
    [
        ("[tubule]\n\tinner_width_nm = -5\n", "     2 |  inner_width_nm = -5", "       |  ^"),
        ("a = [1, 2\n", "     1 | a = [1, 2", "       |          ^"),
        ("[run]\nx = '\x7f'\n", "     2 | x = '\\x7f'", "       |      ^"),
        ("wall = [{name = 'inert'}, {nam = 'b'}]", "     1 | wall = [{name = 'inert'}, {nam = 'b'}]", 28 * " " + "^"),
    ],
)
def test_a_fault_quotes_its_line_with_a_caret(here, text, row, below):
    (here / "bad.toml").write_text(text)
    lines = refused("check", "bad.toml").stderr.splitlines()
    assert row in lines and any(line.endswith(below[7:]) for line in lines if line.startswith("       | "))
    with pytest.raises(CaseError) as caught:
        parse_case("a = '" + "y" * 5000 + "'")
    assert max(map(len, caught.value.faults[0].quote)) < 90


# --- Values ---

VALUES = (
    "nan", "-nan", "inf", "-inf", "1e400", HUGE, "-" + "9" * 300, "9" * 5000, "true", "1979-05-27", "07:32:00",
    '""', '"5"', '"\\u0000"', '"\\u001b[31m"', "[]", "[[[]]]", "{}", "[{}]", "-0.0", "5e-324",
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "key",
    [
        "tubule.inner_width_nm", "tubule.shape", "conditions.temperature_K", "run.seed", "run.target_error", "wall",
        "growth.overpotential_V", "growth.steps_V", "experiment.which", "experiment.widths_nm", "creep.grains_cells",
        "design.depths_um", "interface.diffusivity_cm2_s",
    ],
)  # fmt: skip
def test_values_of_every_type_in_a_case(here, key, value):
    (here / "bad.toml").write_text(f"{key} = {value}\n")
    if (key, value) == ("run.seed", "-0.0") or (key, value) == ("wall", "[]"):  # 0, and the walls by default
        return
    refused("check", "bad.toml")


@pytest.mark.parametrize("value", VALUES)
def test_values_of_every_type_in_other_files(here, value):
    (here / "mine.toml").write_text(SMALL)
    target = 'kind = "diffusivity"\nregion = "interface"\nunit = "cm2/s"\nerror = 1e-8\n'
    for text in (
        f"temperature_K = {value}\n[hop.interface]\nrate_1_s = 1e9\n",
        f"temperature_K = 300.0\n[hop.interface]\nrate_1_s = {value}\n",
        f"temperature_K = 300.0\nhop = {value}\n",
        f'case = "mine.toml"\nfree = ["interface"]\n[[target]]\n{target}value = {value}\n',
        f'case = "mine.toml"\nfree = {value}\n[[target]]\n{target}value = 2e-7\n',
        f'case = {value}\nfree = ["interface"]\n[[target]]\n{target}value = 2e-7\n',
        f'case = "mine.toml"\nrates = {value}\nfree = ["interface"]\n[[target]]\n{target}value = 2e-7\n',
    ):
        if value == '""' and "rates = " in text:
            continue  # as if it were left out
        (here / "bad.toml").write_text(text)
        refused("check", "bad.toml")


@pytest.mark.parametrize(
    "name", ["a\\nb", "\\u001b[31m", "a/b", "..", " ", "", "x" * 65, "\U0001d400" * 64, "a\\u0000", "\\u202ea", "\\\\"]
)
def test_names_of_walls(here, name):
    (here / "bad.toml").write_text(f'[[wall]]\nname = "{name}"\nconcentration_cm3 = 0\n')
    assert "wall[1].name" in refused("check", "bad.toml").stderr


def test_walls_of_one_name(here):
    (here / "bad.toml").write_text(SMALL + '[[wall]]\nname = "inert"\n')
    assert "must differ from wall to wall" in refused("check", "bad.toml").stderr


# --- What check says is what a command does ---


def test_metal_and_wall_without_a_common_period(here):
    text = '[tubule]\ninner_width_nm = 8.0\nwall_thickness_nm = 3.0\naxis = "{}"\n[metal]\nspecies = "Na"\n[[wall]]\n'
    text += 'name = "X"\ndiffusivity_cm2_s = 1e-8\nconcentration_cm3 = 2e22\n'
    (here / "bad.toml").write_text(text.format("111"))
    for command in ("check", "discriminate", "run"):
        assert "have no common period from 2 nm up: take the axis '110' or '100'" in refused(command, "bad.toml").stderr
    (here / "good.toml").write_text(text.format("110"))
    assert invoke("check", "good.toml").exit_code == OK


def test_a_target_in_another_unit_and_a_rate_that_no_solid_has(here):
    (here / "mine.toml").write_text(SMALL)
    head = 'case = "mine.toml"\nfree = ["interface"]\n[[target]]\n'
    head += 'kind = "diffusivity"\nregion = "interface"\nunit = "cm2/s"\nerror = 1e-8\n'
    for value, status in (("18.0", BAD_CASE), ("2e-7", OK)):
        (here / "t.toml").write_text(f"{head}value = {value}\n")
        assert invoke("check", "t.toml").exit_code == status
    for rate, status in (("7.0", BAD_CASE), ("7e16", BAD_CASE), ("7e8", OK)):
        (here / "r.toml").write_text(f"temperature_K = 300.0\n[hop.interface]\nrate_1_s = {rate}\n")
        assert invoke("check", "r.toml").exit_code == status
    (here / "r.toml").write_text("temperature_K = 300.0\n[hop.bulk]\nrate_1_s = 7.0\n")
    assert (
        "hop.bulk.rate_1_s: makes metal.diffusivity_cm2_s" in refused("check", "mine.toml", "--rates", "r.toml").stderr
    )


def test_square_metres_taken_for_square_centimetres_are_warned_of(here):
    (here / "m2.toml").write_text(SMALL + "[interface]\ndiffusivity_cm2_s = 2e-11\n")
    found = invoke("check", "m2.toml")
    assert found.exit_code == OK
    assert "1×10⁴ times less than what was measured" in " ".join(found.stdout.split())


def test_seeds_have_one_range(here):
    for seed, good in ((2**63 - 1, True), (2**63, False), (-1, False)):
        for text in (f"[run]\nseed = {seed}\n", f'case = "plate"\nreplicas = 1\nseed = {seed}\n'):
            (here / "seed.toml").write_text(SMALL + text if text.startswith("[run]") else text)
            assert (invoke("check", "seed.toml").exit_code == OK) is good
        option = invoke("discriminate", "nowhere.toml", "--seed", seed)
        assert option.exit_code == (BAD_CASE if good else USAGE)
