"""Imports run one way, room by room, and only the rooms of the kinds of run name a kind."""

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import coble
from coble.kinds.registry import kinds

ROOT = Path(__file__).parents[2]
SOURCES = {"coble.kmc": "kmc", "coble.lattices": "lattices", "coble": "runs"}
# From the ground up: a room imports those before it.  Kinds of run are rooms of their own, and so are those of kmc.
ROOMS = (
    *("coble.lattices", "coble.kmc", "coble.render", "coble.inputs", "coble.store", "coble.models"),
    *("coble.structures", "coble.console", "coble.kinds", "coble.reports", "coble.cli", "coble"),
)
IN_KMC = tuple(
    f"coble.kmc.{name}" for name in ("kernel", "network", "estimates", "knowledge", "rates", "growth", "devices")
)
# What stands there are names of sections of a case, and of files that a user writes; and the functions of the face.
OTHER_NAMES = ("inputs", "__init__.py", "verbs.py", "resumable.py")


@cache
def sources():
    """Dict of dotted name → path, of every module."""
    found = {}
    for name, folder in SOURCES.items():
        for path in sorted((ROOT / folder).rglob("*.py*")):
            if path.suffix in (".py", ".pyx", ".pxd", ".pyi"):
                parts = path.relative_to(ROOT / folder).with_suffix("").parts
                module = ".".join((name, *parts)).removesuffix(".__init__")
                found[module if path.suffix == ".py" else f"{module}{path.suffix}"] = path
    return found


@cache
def imported(text, compiled=False):
    """Dotted names that a text imports, with what it takes out of them; those for type checkers alone do not count."""
    if compiled:  # Cython's headers of imports, and `cimport` with the names of the source folders
        found = []
        for head, names in re.findall(r"^[ \t]*(?:from (\S+) )?c?import (.+)$", text, re.M):
            found += [head] if head else [name.split()[0] for name in names.split(",")]
        return [re.sub(r"^(kmc|lattices)(?=\.)", r"coble.\1", name) for name in found]
    tree, skipped, found = ast.parse(text), set(), []
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            skipped |= {id(inner) for statement in node.body for inner in ast.walk(statement)}
    for node in ast.walk(tree):
        if id(node) not in skipped and isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif id(node) not in skipped and isinstance(node, ast.ImportFrom):
            found += [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
    return found


@cache
def room_of(name, rooms=ROOMS):
    """The room of a dotted name; that of `coble.kinds.creep.run` is `coble.kinds`; None for what is not ours."""
    holding = [room for room in rooms if name == room or name.startswith(f"{room}.")]
    return max(holding, key=len, default=None)


def wrong(name, text, compiled=False, rooms=ROOMS):
    """Imports of a module that lead up, are relative, or use a source folder's name."""
    own = room_of(name, rooms)
    allowed = rooms[: rooms.index(own) + 1]
    return [
        target
        for target in imported(text, compiled)
        if target.split(".")[0] in ("", "kmc", "lattices", "runs") or room_of(target, rooms) not in (None, *allowed)
    ]


def test_every_room_has_a_place_in_the_order():
    folders = {f"coble.{path.name}" for path in (ROOT / "runs").iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(ROOMS) - {"coble", "coble.kmc", "coble.lattices"}
    assert {f"coble.kmc.{path.name}" for path in (ROOT / "kmc").iterdir() if (path / "__init__.py").is_file()} == {
        *IN_KMC
    }


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_what_is_below(room):
    modules = {name: path for name, path in sources().items() if room_of(name) == room}
    assert modules, f"no source of {room} beside the tests"
    for name, path in modules.items():
        assert wrong(name, path.read_text(encoding="utf-8"), path.suffix != ".py") == [], path


def test_rooms_of_kmc_import_only_what_is_below():
    for name, path in sources().items():
        if room_of(name, IN_KMC):
            assert wrong(name, path.read_text(encoding="utf-8"), path.suffix != ".py", IN_KMC) == [], path


def test_there_is_no_circle():
    modules = {name: path for name, path in sources().items() if path.suffix == ".py"}
    graph = {}
    for name, path in modules.items():
        targets = {
            next((part for part in (target, target.rpartition(".")[0]) if part in modules), None)
            for target in imported(path.read_text(encoding="utf-8"))
        }
        graph[name] = targets - {None, name}
    order = list(TopologicalSorter(graph).static_order())  # raises for a circle
    assert len(order) == len(modules)
    folders = {}
    for name, targets in graph.items():
        folders.setdefault(folder_of(name, modules), set()).update(folder_of(target, modules) for target in targets)
    order = list(TopologicalSorter({folder: targets - {folder} for folder, targets in folders.items()}).static_order())
    assert len(order) > 2 * len(ROOMS)


def folder_of(name, modules):
    """The folder that a module lies in; an `__init__.py`, which may hand out what lies below it, stands by itself."""
    return f"{name}.__init__" if modules[name].name == "__init__.py" else name.rpartition(".")[0]


def test_no_folder_is_a_corridor():
    """A newcomer reads the names of a folder in one look."""
    number = {}
    for path in sources().values():
        if path.suffix == ".py" and path.name != "__init__.py":
            number[path.parent] = number.get(path.parent, 0) + 1
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, path
    assert {str(folder.relative_to(ROOT)): count for folder, count in number.items() if count > 17} == {}


@pytest.mark.parametrize(
    "text",
    [
        "import kmc",
        "from kmc.rates.table import rate_table",
        "    from runs import case",
        "import os, coble.cli.app as n",
        "cimport coble.kinds.draws",
        "from coble import reports",
        "from coble.kinds.jobs cimport read_job",
        "from .. import kinds",
        "if TYPE_CHECKING:\n    import ast\nimport coble.kinds",
    ],
)
def test_planted_import_is_found(text):
    compiled = "cimport" in text
    assert wrong("coble.inputs.case", text if compiled else text.strip(), compiled)


@pytest.mark.parametrize(
    "text",
    [
        "import numpy",
        "# import kmc",
        "if TYPE_CHECKING:\n    from coble.kinds import registry",
        "from coble.kmc.rates import table",
        "from coble.inputs.files.reading import read_text",
    ],
)
def test_harmless_lines_are_passed(text):
    assert wrong("coble.inputs.case", text) == []


def test_no_room_bears_the_name_of_a_public_function():
    rooms = {name.split(".")[1] for name in ROOMS[:-1]}
    public = set(coble.__all__) | set(kinds()) | {name for kind in kinds().values() for name in kind.commands_by_name()}
    assert {"discriminate", "creep", "plate", "sweep"} <= public
    assert not rooms & public


def named_kinds(text):
    """Strings of a text that are the name of a kind, or of a command of one; `resume` is an option, too."""
    names = set(kinds()) | {name for kind in kinds().values() for name in kind.commands_by_name()} - {"resume"}
    return [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant) and node.value in names]


def test_only_their_own_rooms_name_kinds_of_run():
    elsewhere = [
        path for path in sources().values() if path.suffix == ".py" and ROOT / "runs/kinds" not in path.parents
    ]
    assert len(elsewhere) > 50
    named = {
        path.relative_to(ROOT).as_posix(): found
        for path in elsewhere
        if not {*path.relative_to(ROOT).parts} & {*OTHER_NAMES}
        and (found := named_kinds(path.read_text(encoding="utf-8")))
    }
    assert named == {}


def test_a_planted_name_of_a_kind_is_found():
    assert named_kinds('if kind == "creep":\n    run("plate")') == ["creep", "plate"]


def test_every_part_that_a_kind_names_is_there():
    """`late("module", "name")` imports when it is called; none of them leads nowhere."""
    calls = [
        [argument.value for argument in node.args]
        for name, path in sources().items()
        if name.startswith("coble.kinds.") and path.name == "__init__.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "late"
    ]
    assert len(calls) > 10 * (len(kinds()) - 1)
    missing = [(module, part) for module, part in calls if not hasattr(import_module(module), part)]
    assert missing == []
