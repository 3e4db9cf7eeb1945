"""Instructions per event, counted by valgrind: on a busy machine they tell what a clock cannot.

Two runs of the same lattice that differ in their number of events; the difference is the events' own.
"""

import os
import re
import shutil
import subprocess
import sys

from workload import FILLINGS, Workload, cells_for

FEWER, MORE = 20_000, 220_000
SIZES = (10**4, 10**5, 10**6, 10**7)


def available():
    return shutil.which("valgrind") is not None


def _count(cells, filling, events):
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}", sys.executable, __file__]
    command += [str(cells), filling, str(events)]
    environment = os.environ | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if not found:
        raise RuntimeError(f"valgrind said: {done.stderr[-400:]}")
    return int(found[1]), done.stdout.strip() == "True"


def instructions(sizes=SIZES, fillings=tuple(FILLINGS), *, say):
    """Rows of filling, n_site, whether the kernel looks ahead, and instructions per event."""
    rows = []
    for filling in fillings:
        for size in sizes:
            cells = cells_for(size)
            say(f"instructions: {size:,} sites, {filling}")
            counts = [_count(cells, filling, events) for events in (FEWER, MORE)]
            per_event = (counts[1][0] - counts[0][0]) / (MORE - FEWER)
            row = {"filling": filling, "n_site": 2 * cells**3, "looks_ahead": counts[0][1]}
            rows.append(row | {"instructions_per_event": per_event})
    return rows


def main():
    from uniform import Offsets

    cells, filling, events = sys.argv[1:]
    run = Offsets(Workload(int(cells), filling))
    run.advance(int(events))
    print(run.kernel.looks_ahead)


if __name__ == "__main__":
    main()
