"""Plug-ins: shapes, region rules and mechanisms of a user's own, from a file of the case or from an entry point."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.io import write
from command import BAD_CASE, OK, invoke

import coble
from coble.inputs.case import Case, CaseError, load_case
from coble.inputs.files import plugins
from coble.lattices import SHAPES
from coble.models.structures.lattice import lattice_of
from coble.models.tubules.experiment_tubule import mechanisms, truths

SQUARE = """
from __future__ import annotations

from dataclasses import dataclass
import numpy as np
from coble.inputs.files.plugins import MECHANISMS, REGION_RULES
from coble.lattices import SHAPES, Region
from coble.lattices.shapes import Single

@dataclass(frozen=True)
class Box(Single):
    name = "box"

SHAPES["box"] = Box
MECHANISMS["blocked"] = lambda bonds: {r: bonds[r] for r in (Region.BULK, Region.WALL) if r in bonds}
REGION_RULES["halves"] = lambda atoms: np.where(atoms.positions[:, 0] > 5, "right", "left")
"""
CASE = """\
[plugins]
files = ["mine.py"]
[tubule]
shape = "box"
inner_width_nm = 3.0
wall_thickness_nm = 1.5
[[wall]]
name = "LiC6"
[run]
target_error = 0.2
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a plug-in; what it registers is taken back."""
    monkeypatch.chdir(tmp_path)
    before = {group: dict(registry) for group, registry in plugins.GROUPS.items()}
    monkeypatch.setattr(plugins, "_executed", {})
    Path("mine.py").write_text(SQUARE)
    Path("case.toml").write_text(CASE)
    yield tmp_path
    for group, registry in plugins.GROUPS.items():
        registry.clear()
        registry.update(before[group])
    plugins.load_entry_points.cache_clear()


def fault_of(text):
    Path("case.toml").write_text(text)
    with pytest.raises(CaseError) as caught:
        load_case("case.toml")
    return [(fault.line, fault.key, fault.message) for fault in caught.value.faults]


def test_a_shape_of_a_file_is_seen_by_the_command_line(here):
    found = invoke("check", "case.toml")
    assert found.exit_code == OK, found.stderr
    assert "box, W = 3 nm" in found.stdout


def test_a_result_keeps_the_file_and_is_looked_at_without_executing_it(here):
    first = coble.discriminate("case.toml", quick=True)
    assert (first.folder / "mine.py").read_text() == SQUARE
    case = load_case("case.toml")
    assert first.content["provenance"]["case"]["plugins"]["files"][0]["sha256"] == case.plugins.files[0].digest
    (first.folder / "mine.py").write_text(SQUARE + "\nraise SystemExit\n")
    del SHAPES["box"]
    assert first.case.tubule.shape == "box"
    assert "box" not in SHAPES


def test_the_digest_follows_the_content_of_a_plug_in(here):
    first = load_case("case.toml").digest()
    Path("mine.py").write_text(SQUARE + "# other\n")
    assert load_case("case.toml").digest() != first


def test_a_mechanism_is_among_those_that_are_told_apart(here):
    assert "blocked" not in mechanisms()
    load_case("case.toml")
    assert "blocked" in mechanisms() and "blocked" in truths()


def test_a_region_rule_says_which_site_is_where(here):
    write("sites.extxyz", bulk("Cu", a=3.6, cubic=True).repeat(3))
    case = Case(
        plugins={"files": ["mine.py"]},
        structure={"file": "sites.extxyz", "regions": "halves", "bond_cutoff_angstrom": 2.7},
    )
    lattice = lattice_of(case)
    assert lattice.regions == ("left", "right")
    np.testing.assert_array_equal(lattice.region == 1, lattice.positions[:, 0] > 5)


def test_a_rule_must_speak_of_every_atom(here):
    Path("mine.py").write_text(
        'from coble.inputs.files.plugins import REGION_RULES\nREGION_RULES["one"] = lambda atoms: [1]\n'
    )
    write("sites.extxyz", bulk("Cu", a=3.6, cubic=True).repeat(3))
    case = Case(
        plugins={"files": ["mine.py"]},
        structure={"file": "sites.extxyz", "regions": "one", "bond_cutoff_angstrom": 2.7},
    )
    with pytest.raises(
        ValueError, match="structure.regions: the rule 'one' must give one region for each of 108 atoms"
    ):
        lattice_of(case)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("x = 1\ny = 1 / 0\n", "mine.py:2: ZeroDivisionError"),
        ("x = (\n", "mine.py:1: SyntaxError"),
        ("import none_such\n", "mine.py:1: ModuleNotFoundError"),
    ],
)
def test_a_plug_in_that_fails_is_named_with_its_line(here, content, part):
    Path("mine.py").write_text(content)
    faults = fault_of(CASE)
    assert (faults[0][0], faults[0][1]) == (2, "plugins.files")
    assert part in faults[0][2]


def test_names_of_files_are_checked(here):
    assert "no such file" in fault_of(CASE.replace("mine", "none"))[0][2]
    assert "must be a list" in fault_of(CASE.replace('["mine.py"]', '"mine.py"'))[0][2]
    assert invoke("check", "case.toml").exit_code == BAD_CASE


def test_two_cases_with_shapes_of_one_name_have_each_its_own(here):
    first = load_case("case.toml")
    box = SHAPES["box"]
    Path("mine.py").write_text(SQUARE + "# another class of the same name\n")
    load_case("case.toml")
    assert SHAPES["box"] is not box
    assert Case(**first.model_dump()) == first
    assert SHAPES["box"] is box


def test_an_entry_point_is_a_plug_in(here, monkeypatch):
    Path("installed.py").write_text(SQUARE.split("SHAPES[")[0] + "\ndef rule(atoms):\n    return atoms.numbers\n")
    monkeypatch.syspath_prepend(str(here))
    points = {
        "coble.shapes": [EntryPoint("crate", "installed:Box", "coble.shapes")],
        "coble.regions": [EntryPoint("by_element", "installed:rule", "coble.regions")],
    }
    monkeypatch.setattr(plugins, "entry_points", lambda group: points.get(group, []))
    plugins.load_entry_points.cache_clear()
    assert Case(tubule={"shape": "crate"}).tubule.shape == "crate"
    assert "by_element" in plugins.region_rules()
    del sys.modules["installed"]
