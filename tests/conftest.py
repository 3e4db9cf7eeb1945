"""Which tests are quick, in which order files run, and small results that several test files read."""

import gc
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: every core has a worker of its own already
os.environ.pop("COLUMNS", None)  # what is printed has the width of a file, whatever terminal the tests run in
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):  # tests start many processes, which find what is compiled already
    sys.dont_write_bytecode = False

import pictures
import pytest
import seconds
from chromium import browser  # noqa: F401
from small_results import discriminated, plate, plated, shares  # noqa: F401


def pytest_addoption(parser):
    parser.addoption(
        "--record-seconds", action="store_true", help="write the CPU seconds of tests into tests/seconds.json"
    )
    parser.addoption(
        "--all-seeds", action="store_true", help="statistics over many seeds, as docs/validation.py runs them"
    )


@pytest.fixture(scope="session")
def seeds(request):
    """How many seeds a test of statistics takes: callable (few, many), many with --all-seeds."""
    whole = request.config.getoption("--all-seeds")
    return lambda few, many: many if whole else few


@pytest.fixture(scope="session", autouse=True)
def blank():
    with pictures.blank():
        yield


@pytest.fixture
def painted():
    """Figures are painted in this test: it looks at them, or at what goes wrong with them."""
    with pictures.painted():
        yield


def pytest_configure(config):
    gc.set_threshold(20_000, 20, 50)  # tests make much and keep little: looking for it took up to a tenth of the time
    if config.getoption("--record-seconds"):
        config.pluginmanager.register(seconds.Recorder())


def pytest_collection_modifyitems(items):
    """Mark the quick ones; the dearest files come first, so that no core waits for another in the end."""
    record = seconds.read()
    for item in items:
        if seconds.quick(item, record):
            item.add_marker("quick")
    items.sort(key=lambda item: -record["files"].get(seconds.file_of(item.nodeid), float("inf")))


def pytest_collection_finish():
    """The tests themselves, and what they import, stay: they need not be looked through for garbage."""
    gc.collect()
    gc.freeze()
