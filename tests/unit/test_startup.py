"""The command starts fast: what it imports, and the CPU time of its help."""

import os
import subprocess
import sys

import pytest

HEAVY = ("numpy", "scipy", "matplotlib", "ase", "h5py", "networkx", "jinja2", "pydantic", "coble.kmc.kernel._kernel")


def test_nothing_heavy_is_imported_before_a_command_needs_it():
    code = f"import sys, coble.cli.app; print([name for name in {HEAVY} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_a_run_imports_only_what_every_run_needs():
    """Each of these takes a fifth of a second to a second; what needs it imports it."""
    rare = ("scipy.stats", "scipy.optimize", "scipy.ndimage", "scipy.interpolate", "ase", "matplotlib")
    code = f"import sys, coble.kinds.discriminate.run; print([name for name in {rare} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_who_reads_a_case_imports_no_part_of_scipy():
    """They take longer than all the rest; `coble check`, `schema` and `init` have no use for most of them."""
    parts = ("scipy.sparse", "scipy.special", "scipy.spatial", "scipy.linalg")
    read = "from coble.inputs.case import load_case, shipped; load_case(shipped('plate'))"
    code = f"import sys; {read}; print([name for name in {parts} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="no way to tell the time of one child")
def test_help_takes_little_time():
    """0.4 s are promised; CPU time counts, so that a busy machine does not matter, and the best of three."""

    def seconds():
        process = subprocess.Popen([sys.executable, "-m", "coble", "--help"], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return used.ru_utime + used.ru_stime

    assert min(seconds() for _ in range(3)) < 0.4
