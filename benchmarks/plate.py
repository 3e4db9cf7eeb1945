"""`coble plate` site by site, before a change and after it: `python benchmarks/plate.py --before ../before`.

Neither has cells or slower hops on the metal's surface.  Build the state before it in a checkout of its own:

    git worktree add ../before COMMIT && (cd ../before && python setup.py -q build_ext --inplace)

Both take turns, every run in a process of its own with a seed of its own.  Printed are events per second of the
processor, start-up, lattice, records and files included; then the median of the ratios of the turns.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from discriminate import HERE, runnable

CASE = """[tubule]
inner_width_nm = {width}
wall_thickness_nm = 1.0
[[wall]]
name = "inert"
[growth]
depth_nm = {depth}
metal_to_nm = {start}
until_front_nm = {end}
records = 100
frames = 0
"""
SITE_BY_SITE = 'graded = "off"\nsurface_slowing = 1.0\n'  # before 0.2 there was nothing else
WORKLOADS = {
    "W = 5 nm, 3 to 12 nm": {"width": 5.0, "start": 3.0, "end": 12.0, "depth": 20.0},
    "W = 10 nm, 3 to 6 nm": {"width": 10.0, "start": 3.0, "end": 6.0, "depth": 14.0},
}


def events_per_s(place, numbers, seed):
    """Run a case in an empty folder: events per CPU second."""
    words, house = place
    with TemporaryDirectory(prefix="coble-plate-") as folder:
        text = CASE.format(**numbers) + SITE_BY_SITE * ("-m" in words)
        (Path(folder) / "case.toml").write_text(text)
        command = [sys.executable, "-P", *words, "plate", "case.toml", "--seed", str(seed), "--out", "found"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(house)}
        )
        if ran.returncode:
            raise SystemExit(ran.stderr)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        events = json.loads((Path(folder) / "found" / "result.json").read_text())["events"]
    return events / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="another checkout, its kernel built in place")
    parser.add_argument("--only", nargs="+", default=[""], help="workloads whose names hold one of these words")
    parser.add_argument("--repeats", type=int, default=3, help="turns")
    options = parser.parse_args()
    checkouts = [options.before, HERE.parent] if options.before else [HERE.parent]
    with TemporaryDirectory(prefix="coble-houses-") as scratch:
        places = [runnable(checkout, Path(scratch) / f"house{k}") for k, checkout in enumerate(checkouts)]
        for name, numbers in WORKLOADS.items():
            if not any(word in name for word in options.only):
                continue
            turns = [[events_per_s(place, numbers, seed) for place in places] for seed in range(options.repeats)]
            line = "".join(f"{statistics.median(rates):12.3g}" for rates in zip(*turns, strict=True))
            if len(places) > 1:
                line += f"  × {statistics.median(new / old for old, new in turns):.2f}"
            print(f"{name:24}{line}", flush=True)


if __name__ == "__main__":
    main()
