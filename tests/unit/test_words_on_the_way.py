"""Standard input, names that were meant, and widths of tables in a file."""

import pytest
import typer
from command import BAD_CASE, OK, USAGE, invoke, unwrapped
from pydantic import TypeAdapter
from typer.testing import CliRunner

from coble.cli import app as cli
from coble.console.common import out_console, output_folder
from coble.console.outputs import free
from coble.kinds.growth.words import _beside
from coble.kinds.registry import kinds
from coble.kmc.estimates.estimate import Estimate
from coble.render.meant import meant
from coble.render.names import heading_of
from coble.render.printable import WIDE
from coble.render.table import Table
from coble.render.terminal import answer
from coble.store.schema import of


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(text):
    """`coble check -` of a text."""
    return CliRunner().invoke(cli.app, ["check", "-"], input=text)


def test_standard_input_is_checked_and_leaves_no_file(here):
    found = check("[tubule]\ninner_width_nm = 3\nwall_thickness_nm = 1\n")
    assert found.exit_code == OK, found.output
    assert "good, a case" in found.stdout and list(here.iterdir()) == []
    assert "coble discriminate FILE" in found.stdout and "standard-input.toml " not in found.stdout


@pytest.mark.parametrize("text", ["", " \n"])
def test_empty_standard_input_is_no_case(here, text):
    found = check(text)
    assert found.exit_code == BAD_CASE and found.stderr.startswith("standard-input.toml: is empty: ")
    assert found.stdout == "" and list(here.iterdir()) == []


def test_a_fault_in_standard_input_has_its_line(here):
    found = check("[tubule]\ninner_width = 3\n")
    assert found.exit_code == BAD_CASE and list(here.iterdir()) == []
    assert "standard-input.toml:2: tubule.inner_width: unknown key, did you mean 'inner_width_nm'?" in unwrapped(
        found.stderr
    )


def test_a_wall_that_was_meant():
    found = check('[[wall]]\nname = "LiC7"\n')
    assert found.exit_code == BAD_CASE and "did you mean 'LiC6'? If not, give it in cm-3" in found.stderr


def test_standard_input_replaces_no_file(here):
    (here / "standard-input.toml").write_text("mine")
    found = check("[tubule]")
    assert found.exit_code == BAD_CASE and "exists" in found.stderr.lower()
    assert found.stderr.startswith("standard-input.toml: cannot be written")
    assert (here / "standard-input.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["plate", "plaet"], BAD_CASE, "did you mean 'plate'?"),
        (["init", "targest"], USAGE, "did you mean 'targets'?"),
        (["discrimnate"], USAGE, "Did you mean 'discriminate'?"),
        (["schema", "cas"], USAGE, "KIND cas: did you mean 'case'?"),
        (["sweep", "mechanism-mpa"], BAD_CASE, "no such file; did you mean 'mechanism-map'?"),
        (["discriminate", "--experiment", "viod"], USAGE, "--experiment viod: did you mean 'void'?"),
        (["discriminate", "--experiment", "void", "--observed", "void_rato=1+-1"], BAD_CASE, "mean 'void_ratio'?"),
        (["plate", "zzz"], BAD_CASE, "no such file"),
    ],
)
def test_what_was_meant(words, status, said):
    found = invoke(*words)
    assert found.exit_code == status and said in found.stderr


def test_all_names_are_listed_where_none_is_close():
    assert meant("zzz", ["plate", "strip"]) == "there are plate, strip"


def test_a_word_of_a_name_is_enough():
    assert meant("cutoff", ["axis", "bond_cutoff_angstrom"]) == "did you mean 'bond_cutoff_angstrom'?"


def test_a_result_says_which_region_was_meant():
    found = TypeAdapter(of(dict[str, int], "")).validate_python({"interface": 1})
    with pytest.raises(KeyError, match="no 'interfce'; did you mean 'interface'?"):
        found["interfce"]


@pytest.mark.parametrize(("asked", "width"), [("80", 80), ("200", 200), ("", WIDE), ("wide", WIDE), ("0", WIDE)])
def test_a_table_in_a_file_is_as_wide_as_columns_says(monkeypatch, asked, width):
    monkeypatch.setenv("COLUMNS", asked)
    assert out_console().width == width


def test_only_the_titles_of_folded_tables_are_printed(capsys):
    class Kind:
        said = staticmethod(lambda content: [])
        tables = staticmethod(
            lambda content: [Table("One", ["a"], [["x"]]), Table("Two, long", ["b"], [["y"]], name="t")]
        )
        headline = staticmethod(lambda content: "Done.")

    console = out_console()
    for each in answer(Kind, {}, ("t",), "--all"):
        console.print(each)
    printed = capsys.readouterr().out
    assert "x" in printed and "y\n" not in printed and "Not printed (--all prints all): Two." in printed


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("tubule.inner_width_nm", "inner width W [nm]"),
        ("wall.diffusivity_cm2_s", "wall diffusivity [cm²/s]"),
        ("interface.occupancy", "interface occupancy"),
    ],
)
def test_a_key_on_an_axis_has_words_and_a_unit(key, heading):
    assert heading_of(key) == heading


def test_default_names_do_not_collide(tmp_path):
    found = [free(tmp_path / "mine.html")]
    for _ in range(2):
        found[-1].touch()
        found.append(free(tmp_path / "mine.html"))
    assert [path.name for path in found] == ["mine.html", "mine-2.html", "mine-3.html"]


def test_a_folder_that_is_shared_may_have_a_run_in_it(tmp_path, monkeypatch):
    monkeypatch.setattr("coble.store.status.running", lambda folder: "starting (process 1, written 1 s ago)")
    assert output_folder(tmp_path, "sweep", (), shared=True) == (tmp_path, [])
    with pytest.raises(typer.Exit):
        output_folder(tmp_path, "sweep", ())


@pytest.mark.parametrize("kind", [kind for kind in kinds().values() if kind.called], ids=lambda kind: kind.name)
def test_a_kind_that_is_no_command_is_answered_with_its_command(kind):
    found = invoke(kind.name)
    assert found.exit_code == USAGE and f"It is: {kind.called}" in found.stderr
    assert kind.called.split()[1].rstrip(",") in {function.__name__ for function in sum(cli.COMMANDS.values(), [])}


def test_every_kind_is_a_command_or_says_which():
    commands = {function.__name__ for function in sum(cli.COMMANDS.values(), [])}
    assert {kind.name for kind in kinds().values() if not kind.called} <= commands


def test_the_channels_law_is_named_as_such_where_the_wall_carries():
    shares = {"interface": Estimate(0.6, 0.01, 50), "wall": Estimate(0.38, 0.01, 50), "bulk": Estimate(0.02, 0.001, 50)}
    assert _beside(shares) == " That law is of the channel alone; the wall carries current beside it."
    assert _beside(shares | {"wall": Estimate(0.1, 0.08, 50)}) == ""
