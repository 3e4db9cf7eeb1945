"""What is needed to make a result again."""

import platform
import sys
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

from coble.lattices import Region
from coble.store.doctor import GOOD, random_numbers

PACKAGES = ("coble", "numpy", "scipy", "networkx", "ase", "h5py", "pydantic", "matplotlib")


def provenance(case, settings, streams, command=None, *, used=()):
    """The `provenance` of result.json.

    Parameters
    ----------
    case : Case
    settings : dict
        What the run was told besides the case; `seed` is in it.
    streams : str
        How random streams follow from the seed.
    command : list of str, optional
        Command line that made the result; default that of this process.
    used : tuple of str
        Sections of the case that only such runs have; see `Case.resolved`.
    """
    return {
        "command": list(sys.argv if command is None else command),
        "case": case.resolved(used),
        "case_digest": case.digest(used),
        "settings": settings,
        "random": {
            "generator": "SFC64",
            "seed": settings["seed"],
            "streams": streams,
            "self_test": _self_test(),
            "kinds": {kind.name.lower(): int(kind) for kind in Region},
        },
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        "host": platform.node(),
        "platform": platform.platform(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


@cache
def _self_test():
    """Whether the kernel draws the random numbers that it should; 50 ms, once in a process."""
    return random_numbers().state == GOOD


def _version(package):
    try:
        return version(package)
    except ImportError:
        return "not installed"
