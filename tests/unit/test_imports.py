"""Imports run one way: lattices ← kmc ← runs."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {"lattices": {"kmc", "runs"}, "kmc": {"runs"}}


def forbidden_imports(text, package):
    """Import lines of a .py, .pyx or .pxd text that lead to a room above; those for type checkers may."""
    found, type_only = [], None
    for line in text.splitlines():
        words, indent = line.split(), len(line) - len(line.lstrip())
        if not words:
            continue
        if type_only is not None and indent <= type_only:
            type_only = None
        if line.strip().startswith(("if TYPE_CHECKING:", "if typing.TYPE_CHECKING:")):
            type_only = indent
        if words[0] not in ("import", "from", "cimport") or len(words) < 2 or type_only is not None:
            continue
        rooms = words[1:2] if words[0] == "from" else " ".join(words[1:]).split(",")
        found += [line.strip() for room in rooms if room.strip().split(".")[0] in FORBIDDEN[package]]
    return found


@pytest.mark.parametrize("package", FORBIDDEN)
def test_rooms_import_only_what_is_below(package):
    files = [path for path in (ROOT / package).rglob("*") if path.suffix in (".py", ".pyx", ".pxd", ".pyi")]
    assert files, f"no source of {package} beside the tests"
    for path in files:
        assert forbidden_imports(path.read_text(encoding="utf-8"), package) == [], path


@pytest.mark.parametrize(
    "text",
    [
        "import kmc",
        "from coble.kmc.rates.table import rate_table",
        "    from runs import case",
        "import os, coble.kmc.network.exact as n",
        "cimport coble.kmc.kernel.draws",
        "if TYPE_CHECKING:\n    import ast\nimport kmc",
    ],
)
def test_planted_import_is_found(text):
    assert forbidden_imports(text, "lattices")


@pytest.mark.parametrize("text", ["import numpy", "# import kmc", "if TYPE_CHECKING:\n    from kmc import rates"])
def test_harmless_lines_are_passed(text):
    assert forbidden_imports(text, "lattices") == []
