"""One importable name: what lies in a user's folder under the names of our source folders disturbs nothing."""

import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest

OURS = ("kmc", "lattices", "runs")


@pytest.fixture
def folder(tmp_path):
    """A user's folder with kmc.py, lattices.py and runs/, none of which can be imported."""
    for name in ("kmc.py", "lattices.py", "runs/__init__.py", "runs/cases.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("raise ImportError('a file of the user')\n")
    return tmp_path


def outcome(folder, *words):
    """Output of Python in a folder, which it imports from first."""
    done = subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_other_name_is_installed():
    for name in OURS:
        found = find_spec(name)
        assert found is None or "coble" not in Path(found.origin or "coble").read_text(encoding="utf-8"), found
    assert find_spec("coble.kmc") and find_spec("coble.lattices")


def test_a_users_files_do_not_disturb_the_command(folder):
    assert outcome(folder, "-m", "coble", "--version").startswith("coble ")
    assert "All that is needed is there." in outcome(folder, "-m", "coble", "doctor")
    code = "import coble.cli.app, coble.kmc.kernel._kernel as kernel, coble.lattices; print(kernel.__name__)"
    assert outcome(folder, "-c", code) == "coble.kmc.kernel._kernel\n"


def test_ase_reads_results_beside_a_users_files(folder, shares):
    shutil.copy(shares / "result.h5", folder)
    code = "import ase.io; atoms = ase.io.read('result.h5'); print(len(atoms), *sorted(set(atoms.symbols)))"
    number, *symbols = outcome(folder, "-c", code).split()
    assert int(number) > 100 and "Li" in symbols


def test_the_entry_points_name_our_package():
    (ours,) = [point for point in entry_points(group="ase.ioformats") if point.name == "coble"]
    (command,) = [point for point in entry_points(group="console_scripts") if point.name == "coble"]
    assert {point.module.partition(".")[0] for point in (ours, command)} == {"coble"}
    assert callable(command.load()) and ours.load().desc
