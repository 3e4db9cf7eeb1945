"""The record of what tests cost, from which the marker `quick` follows."""

from types import SimpleNamespace

import pytest
import seconds


@pytest.mark.parametrize(
    "where",
    [
        "tests/unit/test_case.py::test_x[1::2]",
        "tests/unit/inputs/test_case.py::test_x",
        "/somebody/tests/coble/tests/unit/test_case.py",
        "unit/test_case.py::test_x",
    ],
)
def test_files_are_known_by_room_and_name(where):
    assert seconds.file_of(where) == "unit/test_case.py"


def a_fixture():
    pass


def test_quick_is_what_is_cheap_with_all_its_fixtures():
    made = SimpleNamespace(func=a_fixture, argname="plate")
    item = SimpleNamespace(
        nodeid="tests/unit/test_case.py::test_x[1]",
        originalname="test_x",
        _fixtureinfo=SimpleNamespace(name2fixturedefs={"plate": [made]}),
    )

    def quick(own=0.0, shared=0.0, files=("unit/test_case.py",)):
        tests, fixtures = {"unit/test_case.py::test_x": own}, {"test_seconds.py::plate": shared}
        return seconds.quick(item, {"files": dict.fromkeys(files, 3.0), "tests": tests, "fixtures": fixtures})

    assert quick() and quick(own=seconds.QUICK_S, shared=seconds.SHARED_S)
    assert not quick(own=2 * seconds.QUICK_S)
    assert not quick(shared=2 * seconds.SHARED_S)
    assert not quick(files=()), "nobody knows"


def test_what_is_measured_again_takes_the_place_of_what_was():
    old = {
        "files": {"unit/test_case.py": 3.0, "unit/test_seconds.py": 1.0, "unit/test_gone.py": 1.0},
        "tests": {"unit/test_case.py::a": 0.5, "unit/test_seconds.py::b": 0.4, "unit/test_gone.py::c": 1.0},
        "fixtures": {"test_case.py::x": 0.3},
    }
    new = seconds.joined(
        old, {"unit/test_seconds.py": 0.2}, {"unit/test_seconds.py::d": 0.06, "unit/test_seconds.py::e": 0.01}, {}
    )
    assert new == {
        "files": {"unit/test_case.py": 3.0, "unit/test_seconds.py": 0.2},
        "tests": {"unit/test_case.py::a": 0.5, "unit/test_seconds.py::d": 0.06},
        "fixtures": {"test_case.py::x": 0.3},
    }


def test_a_quick_one_that_another_had_paid_for_is_none():
    old = {"files": {"unit/test_case.py": 3.0}, "tests": {"unit/test_case.py::b": 0.5}, "fixtures": {}}
    new = seconds.raised(old, {"unit/test_case.py::a": 2 * seconds.SHARED_S, "unit/test_case.py::c": seconds.QUICK_S})
    assert new == old | {"tests": {"unit/test_case.py::a": 2 * seconds.SHARED_S, "unit/test_case.py::b": 0.5}}


def test_recorded_files_are_there():
    there = {seconds.file_of(path.as_posix()) for path in seconds.RECORD.parent.rglob("test_*.py")}
    recorded = set(seconds.read()["files"])
    assert recorded and recorded <= there, "pytest --record-seconds forgets files that are gone"
