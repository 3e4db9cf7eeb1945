"""Tables on terminals of all widths."""

import io

import pytest
from rich.console import Console, Group

from coble import parse_case
from coble.kinds.kind import Kind
from coble.models.rate_rows import rates_table
from coble.models.rates import rates_of
from coble.render.console import terminal
from coble.render.numbers import duration, short
from coble.render.table import Table
from coble.render.terminal import Printed, answer

SMALL = '[tubule]\ninner_width_nm = 4.0\nwall_thickness_nm = 2.0\n[[wall]]\nname = "LiC6"\n'


@pytest.fixture(scope="module")
def table():
    case = parse_case(SMALL)
    return Printed(rates_table(case, rates_of(case), "every class"))


@pytest.mark.parametrize("width", [60, 80, 140, 200])
def test_nothing_is_cut_and_units_are_there(table, width):
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    text = console.file.getvalue()
    assert "…" not in text and max(map(len, text.splitlines())) <= width
    for heading in ("rate [1/s]", "barrier [eV]", "D [cm²/s]", "conductance [S·m]"):
        assert heading in text
    assert "2.000e-7" in text  # D of the interface, the paper's
    side_by_side = any("rate [1/s]" in line and "conductance [S·m]" in line for line in text.splitlines())
    assert side_by_side == (width >= 140)


def test_lines_in_files_end_without_blanks():
    """Nothing else changes: the text is that of a plain console without what fills its lines."""
    table = Table("A title", ["path", "share [%]", ""], [["bulk", "1.0", "a note"], ["interface", "99.0 ± 0.1", ""]], 1)
    found = []
    for console in (terminal(width=40, file=io.StringIO()), Console(file=io.StringIO(), width=40, markup=False)):
        console.print(Printed(table), "A sentence of more than forty columns, that is wrapped here.", highlight=False)
        console.print("as it is:  ", end="")
        found.append(console.file.getvalue())
    stripped, filled = found
    assert [line.rstrip() for line in filled.splitlines()][:-1] == stripped.splitlines()[:-1]
    assert filled != stripped and stripped.endswith("as it is:  ")


def test_powers_of_ten_are_written_in_one_way():
    assert [
        short(text) for text in ("2.884e+06", "(2.3 ± 0.6)e6", "1e-07 to 3e-10", "-1.0e+12", "0e+00", "2.5e+00")
    ] == [
        "2.884e6",
        "(2.3 ± 0.6)e6",
        "1e-7 to 3e-10",
        "-1.0e12",
        "0",
        "2.5",
    ]


PROSE = Table(
    "Numbers",
    ["number", "paper", "ours", "note"],
    [["thinnest wall of LiC6 [nm]", "10", "13.3", "0.117 was rounded to 0.1, and " + "w / (w + W) = 0.1 is 11.1 nm"]],
    name="numbers",
)


def printed(table, width):
    console = terminal(file=io.StringIO(), width=width)
    console.print(Printed(table), highlight=False)
    return console.file.getvalue().splitlines()


def test_sentences_that_do_not_fit_beside_go_below_their_row():
    assert printed(PROSE, 60) == [
        "Numbers",
        "number                      paper  ours",
        "thinnest wall of LiC6 [nm]     10  13.3",
        "    0.117 was rounded to 0.1, and w / (w + W) = 0.1 is 11.1",
        "    nm",
    ]
    assert printed(PROSE, 40)[1:3] == ["number thinnest wall of LiC6 [nm]", "  paper  10"]


def test_a_terminal_gets_the_first_rows_of_a_very_long_table():
    """A map of 800 points was 5,600 lines."""
    table = Table("Points", ["W [nm]", "share [%]"], [[f"{n}", "50"] for n in range(800)])
    kind = Kind("toy", "a toy", 1, dict, tables=lambda content: [table])
    console = terminal(file=io.StringIO(), width=80)
    console.print(Group(*answer(kind, {"interrupted": False})), highlight=False)
    lines = console.file.getvalue().splitlines()
    assert lines[41].split() == ["39", "50"]
    assert lines[42] == "760 further rows are not printed. `coble report` shows them."


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0, "0 s"), (1.407e-3, "1.41 ms"), (9.996e-7, "1 µs"), (2.05e-8, "20.5 ns"), (3e-11, "30 ps"), (12.0, "12 s")],
)
def test_times_have_the_unit_of_their_size(seconds, said):
    assert duration(seconds) == said
