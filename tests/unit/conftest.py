"""A folder of its own for tests of the command."""

import signal
from importlib import import_module

import pytest
from command import SMALL

import coble.kmc.estimates.measure


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Every test in a folder of its own, with short blocks; signal handlers as they were afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 5000)
    monkeypatch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 5000)
    monkeypatch.setattr(import_module("coble.kinds.discriminate.job"), "TRACER_HOPS", 1e5)
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGUSR1") if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in numbers}
    (tmp_path / "case.toml").write_text(SMALL)
    yield tmp_path
    for number, handler in handlers.items():
        signal.signal(number, handler)
