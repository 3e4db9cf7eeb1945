"""The table of docs/validation.md is that of docs/validation.py, and the script catches what tests compare."""

import re
import runpy
from types import SimpleNamespace

import pytest
from pages import ROOT


@pytest.fixture(scope="module")
def script():
    return SimpleNamespace(**runpy.run_path(str(ROOT / "docs" / "validation.py")))


def test_every_oracle_has_its_tests_and_its_row(script):
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    rows = {tuple(cell.strip() for cell in line.split("|")[1:4]) for line in page.splitlines() if line.startswith("| ")}
    figures = {(what, against): measured for what, against, measured in rows}
    for oracle in sum(script.ORACLES.values(), ()):
        assert figures[oracle.what, oracle.against], oracle.what
        for file, name in oracle.tests:
            text = (ROOT / "tests" / file).read_text(encoding="utf-8")
            assert name is None or f"\ndef {name}(" in text, f"{file} has no {name}"


def test_tests_that_the_page_cites_are_there():
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    cited = set(re.findall(r"`((?:physics|acceptance|unit|twin|clients)/\w+\.py)`", page))
    assert cited and all((ROOT / "tests" / file).exists() for file in cited)
    scripts = re.findall(r"python ((?:benchmarks|docs)/\w+\.py)", page)
    assert scripts and all((ROOT / file).exists() for file in scripts)


def test_error_bars_of_the_page_mean_what_they_say(script):
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    lines = page.partition(script.BARS)[2].partition(script.END)[0].split("\n")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if re.match(r"\| \d", line)]
    assert [row[0] for row in rows] == ["150,000", "150,000", "1,000", "1,000", "1,000"]
    for _, blocks, runs, inside, rms, student in rows:
        assert int(runs) >= 400 and float(inside.split()[0]) == pytest.approx(95, abs=2)
        value, error = (float(number) for number in rms.split(" ± "))
        assert abs(value - float(student)) <= 3 * error
        freedom = int(blocks.split(",")[0]) - 1
        assert float(student) == pytest.approx((freedom / (freedom - 2)) ** 0.5, abs=0.005)


def test_one_comparison_is_not_a_worst_of_several(script):
    assert script.Comparisons(passed=1).figures() == "1 case agrees"
    one = script.Comparisons(passed=1, equal=[(1.0, 1.0, 1e-9)])
    assert one.figures().endswith("allowed 1e-09")
    two = script.Comparisons(passed=1, equal=[(1.0, 1.0, 1e-9)] * 2)
    assert two.figures().endswith("allowed 1e-09; the worst of 2 comparisons")


def test_a_part_of_the_page_is_written_between_its_marks(script):
    text = f"a\n{script.BEGIN}old\n{script.END}b\n{script.BARS}older\n{script.END}c\n"
    written = script.between(script.BARS, text, ["new"])
    assert written == f"a\n{script.BEGIN}old\n{script.END}b\n{script.BARS}new\n\n{script.END}c\n"


def test_comparisons_are_read_from_assertions(script):
    recorder = script.Recorder()
    recorder.now = script.Comparisons(passed=1)
    for line in ("np.float64(0.7271) == 0.7272 ± 5.0e-04\n +  where ...", "3.1e-14 < 1e-12", "'a' == 'a'", "7 == 7"):
        recorder.pytest_assertion_pass(None, 1, "", line)
    assert recorder.now.equal == [(0.7271, 0.7272, 5e-4)]
    assert recorder.now.below == [(3.1e-14, 1e-12)]
    recorder.now.measured.append((1.98, 0.02, 2.0))
    assert recorder.now.figures().startswith("1.98 ± 0.02 against 2; 1 comparison within 1.0 σ; 0.7271 against 0.7272")
