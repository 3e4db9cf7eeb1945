"""Words that readers should not meet are in no page, message, docstring or help."""

import subprocess
import sys
from pathlib import Path

import pytest
from pages import ROOT

CHECK = ROOT / ".ci/words"


def words():
    """The module of the check."""
    space = {"__name__": "words", "__file__": str(CHECK)}
    exec(compile(CHECK.read_text(encoding="utf-8"), str(CHECK), "exec"), space)
    return space


def test_no_banned_words():
    assert words()["faults"]() == []


@pytest.mark.parametrize(
    ("text", "instead"),
    [("# The cases that come along.", "built-in"), ('"""Stopped: the tip is there."""', "until_front_nm")],
)
def test_a_banned_phrase_is_found_with_its_line_and_what_to_write(tmp_path, text, instead):
    """The negative control."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / "runs").mkdir()
    (tmp_path / ".ci/words").write_text(CHECK.read_text(encoding="utf-8"), encoding="utf-8")
    Path(tmp_path / "runs/one.py").write_text(f"\n{text}\n", encoding="utf-8")
    done = subprocess.run([sys.executable, tmp_path / ".ci/words"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout.startswith("runs/one.py:2: ") and instead in done.stdout


def test_the_readme_is_short_and_has_the_test_command():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.split()) <= 700
    assert "<!-- test command -->" in text
