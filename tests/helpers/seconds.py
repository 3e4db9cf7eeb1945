"""What every test costs, in CPU seconds, so that the cheap ones are the marker `quick` and the dearest files run first.

`pytest --record-seconds [TESTS...]` writes what it measures into `seconds.json` beside the tests, over what was there
of the same files.  Costs are those of a test function (the dearest of its parameters) and of the fixtures that are made
once.  Any test may be the first to need a fixture, so a test is quick when it is, and all its fixtures together are.
CPU seconds, children included, because a busy machine must not make a test slow.

What a module keeps is paid by the test that runs first, so that one which was cheap may be dear among quick ones alone:
`pytest -m quick --record-seconds` afterwards takes out those that are.

Keys are the room and the file's name, `unit/test_case.py::test_name`: files may move within a room.
"""

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest
import warm

RECORD = Path(__file__).parents[1] / "seconds.json"
QUICK_S = 0.03  # CPU seconds up to which a test is quick
SHARED_S = 0.3  # of all the fixtures that it shares with others
LEAST_S = 0.02  # not worth writing down


def read():
    """What was recorded: dict with `files`, whole seconds of each, and `tests` and `fixtures`, the dear ones."""
    try:
        return json.loads(RECORD.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"files": {}, "tests": {}, "fixtures": {}}


def file_of(nodeid):
    """Room and name of a test's file: tests/unit/any/test_case.py::test_x[1] → unit/test_case.py."""
    parts = nodeid.partition("::")[0].split("/")
    parts = parts[len(parts) - parts[::-1].index("tests") :] if "tests" in parts else parts
    return f"{parts[0]}/{parts[-1]}"


def test_of(item):
    return f"{file_of(item.nodeid)}::{item.originalname}"


def quick(item, record):
    """Is a test quick, with its fixtures?  Not when its file was never recorded."""
    fixtures = {fixture_of(definitions[-1]) for definitions in item._fixtureinfo.name2fixturedefs.values()}
    shared = sum(record["fixtures"].get(name, 0.0) for name in fixtures)
    own = record["tests"].get(test_of(item), 0.0)
    return file_of(item.nodeid) in record["files"] and own <= QUICK_S and shared <= SHARED_S


def fixture_of(definition):
    """A name for a fixture, by the function that makes it: that of a module is another one in each."""
    return f"{os.path.basename(definition.func.__code__.co_filename)}::{definition.argname}"


def _cpu():
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system + warm.cpu_seconds()


class Recorder:
    """Measures in the process that runs a test; reports carry the numbers to the one that writes them down."""

    def __init__(self):
        self.files, self.tests, self.fixtures = defaultdict(float), defaultdict(float), defaultdict(float)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        started = _cpu()
        try:
            return (yield)
        finally:
            if fixturedef.scope != "function":
                request.node.config.stash.setdefault(MADE, []).append((fixture_of(fixturedef), _cpu() - started))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        item.config.stash[MADE] = []
        item.stash[STARTED] = _cpu()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if call.when == "teardown":
            made = item.config.stash[MADE]
            report.user_properties.append(("seconds", [test_of(item), _cpu() - item.stash[STARTED], made]))
        return report

    def pytest_runtest_logreport(self, report):
        for name, measured in report.user_properties:
            if name == "seconds" and report.when == "teardown":
                test, seconds, made = measured
                self.files[file_of(report.nodeid)] += seconds
                self.tests[test] = max(self.tests[test], seconds - sum(taken for _, taken in made))
                for fixture, taken in made:
                    self.fixtures[fixture] = max(self.fixtures[fixture], taken)

    def pytest_sessionfinish(self, session, exitstatus):
        if hasattr(session.config, "workerinput") or exitstatus == pytest.ExitCode.INTERRUPTED:
            return  # the rest of a file that was cut would count as cheap
        alone = session.config.option.markexpr
        record = raised(read(), self.tests) if alone else joined(read(), self.files, self.tests, self.fixtures)
        RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def joined(old, files, tests, fixtures):
    """The record with new measurements; tests that were measured again, and files that are gone, are out of it."""
    there = {file_of(path.as_posix()) for path in RECORD.parent.rglob("test_*.py")}
    record = {
        "files": old["files"] | {name: round(s, 1) for name, s in files.items()},
        "tests": {name: s for name, s in old["tests"].items() if name.partition("::")[0] not in files}
        | {name: round(s, 2) for name, s in tests.items() if s > LEAST_S},
        "fixtures": old["fixtures"] | {name: round(s, 2) for name, s in fixtures.items() if s > LEAST_S},
    }
    for part in ("files", "tests"):
        record[part] = {name: s for name, s in record[part].items() if name.partition("::")[0] in there}
    return {part: dict(sorted(found.items())) for part, found in record.items()}


def raised(old, tests):
    """The record with the tests that were dear this time, among quick ones alone."""
    dear = {name: round(s, 2) for name, s in tests.items() if s > SHARED_S}
    return old | {"tests": dict(sorted((old["tests"] | dear).items()))}


STARTED, MADE = pytest.StashKey[float](), pytest.StashKey[list]()
