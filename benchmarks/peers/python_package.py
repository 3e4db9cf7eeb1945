"""Which Python has a package: the one named by an environment variable, else the one that runs the benchmark."""

import os
import subprocess
import sys

from workload import NotFound

ASK = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


def python_with(distribution, variable):
    """(Python, version) of an installed distribution.

    Raises
    ------
    NotFound
    """
    python = os.environ.get(variable, sys.executable)
    asked = subprocess.run([python, "-c", ASK, distribution], capture_output=True, text=True)
    if asked.returncode:
        raise NotFound(f"not installed (pip install {distribution}; {variable} may name another Python)")
    return python, asked.stdout.strip()
