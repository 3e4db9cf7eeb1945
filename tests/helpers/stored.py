"""Small results of every kind in folders, made by the command."""

import signal
from contextlib import contextmanager
from importlib import import_module

import pytest
from cases import GROWS, TRACER, TUBULE
from command import OK, invoke

import coble.kmc.estimates.measure

SHARES = """\
[tubule]
inner_width_nm = 5.0
wall_thickness_nm = 2.0
[[wall]]
name = "LiC6"
[[wall]]
name = '''{name}'''
concentration_cm3 = 5.3e22
diffusivity_cm2_s = 1e-11
[run]
target_error = 0.1
"""
PLATE = (
    GROWS
    + """\
depth_nm = 55.0
metal_to_nm = 2.0
until_front_nm = 4.0
overpotential_V = 0.3
records = 40
frames = 6
[run]
seed = 3
"""
)


@contextmanager
def quickly():
    """Short blocks, and signal handlers as they were afterwards."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 5000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 5000)
        patch.setattr(import_module("coble.kinds.discriminate.job"), "TRACER_HOPS", 1e5)
        yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _made(folder, text, *arguments, name="case.toml"):
    """Run a command on a file of this text; the folder of its results."""
    folder.mkdir(parents=True)
    (folder / name).write_text(text)
    with quickly():
        found = invoke(*(folder / word if word == name else word for word in arguments), "--out", folder / "run")
    assert found.exit_code == OK, found.stderr
    return folder / "run"


def shares(folder, name="Li22Si5-like"):
    """Of `coble discriminate`, two walls, the second of this name."""
    return _made(folder, SHARES.format(name=name), "discriminate", "case.toml", "--seed", 5)


def plate(folder):
    """Of `coble plate`."""
    return _made(folder, PLATE, "plate", "case.toml")


def experiment(folder):
    """Of `coble discriminate --experiment`."""
    return _made(folder, TUBULE, "discriminate", "case.toml", "--experiment", "void")


def tuning(folder):
    """Of `coble tune`."""
    folder.mkdir(parents=True)
    (folder / "tubule.toml").write_text(TUBULE)
    return _made(folder / "t", TRACER.replace("tubule", "../tubule"), "tune", "targets.toml", name="targets.toml")
