"""`coble discriminate` as users run it, before a change and after it: `python benchmarks/discriminate.py`.

Build the state before it in a checkout of its own, and let both take turns:

    git worktree add ../before COMMIT && (cd ../before && python setup.py -q build_ext --inplace)
    python benchmarks/discriminate.py --before ../before

Every run is a process of its own, start-up and files included.  Printed are seconds of wall clock and of processors,
seconds until the first wall is done, the peak of memory, and the largest standard error of a share, which is to be the
same; then ratios, medians over turns.  Wall clock means something on a quiet machine alone: the load is printed, too.
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
from threading import Thread
from time import perf_counter

from kernels import house_of

HERE = Path(__file__).resolve().parent
COLUMNS = {"wall clock [s]": "wall", "CPU [s]": "cpu", "first verdict [s]": "first", "peak [GB]": "peak"}
SMALL = '[tubule]\ninner_width_nm = 3.0\nwall_thickness_nm = 1.5\n[[wall]]\nname = "LiC6"\n'
WORKLOADS = {
    "the paper's case": [],
    "a 3 nm case, --quick": ["small.toml", "--quick"],
    "a 3 nm case, error 0.05": ["small.toml", "--target-error", "0.05"],
}


def runnable(checkout, folder):
    """What runs `coble` of a checkout: words of a command, and the folder to import from."""
    if (checkout / "runs" / "kinds").is_dir():
        return ["-m", "coble"], house_of(checkout, folder)
    folder.mkdir()  # before 0.2 the package was three
    for name in ("runs", "kmc", "lattices"):
        (folder / name).symlink_to((checkout / name).resolve())
    return ["-c", "from runs.cli import main; main()"], folder


def run(words, house, arguments):
    """Run it in a process that has no other child, so that what its children used is what it used; a dict."""
    command = [
        sys.executable,
        __file__,
        "--one",
        json.dumps([sys.executable, "-P", *words, "discriminate", *arguments]),
    ]
    found = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(house)}, check=True
    )
    return json.loads(found.stdout)


def one(command):
    """Run a command in an empty folder and print what it took."""
    with TemporaryDirectory(prefix="coble-discriminate-") as folder:
        (Path(folder) / "small.toml").write_text(SMALL)
        began, heard = perf_counter(), []
        with subprocess.Popen(
            [*command, "--out", "found"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder
        ) as child:
            reader = Thread(target=lambda: heard.extend((perf_counter() - began, line) for line in child.stderr))
            reader.start()
            child.wait()
            reader.join()
        seconds = perf_counter() - began
        if child.returncode:
            raise SystemExit("".join(line for _, line in heard))
        walls = json.loads((Path(folder) / "found" / "result.json").read_text())["walls"]
    second = f"{walls[1]['name']}: " if len(walls) > 1 else None  # a line about it: the first wall is done
    first = next((when for when, line in heard if second and second in line), seconds)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    error = max(path["share"]["stderr"] for wall in walls for path in wall["paths"].values())
    taken = {"wall": seconds, "cpu": used.ru_utime + used.ru_stime, "first": first, "peak": used.ru_maxrss / 1e6}
    print(json.dumps(taken | {"error": error}))


def compared(name, arguments, places, repeats):
    """Run one workload in all places in turns, and print it."""
    print(f"{name} (load {os.getloadavg()[0]:.1f})")
    print(f"{'':10}" + "".join(f"{title:>20}" for title in COLUMNS) + f"{'largest error':>20}")
    turns = []
    for _ in range(repeats):
        turns.append([run(words, house, arguments) for words, house in places])
        for label, found in zip(("before", "after")[-len(places) :], turns[-1], strict=True):
            print(
                f"{label:10}" + "".join(f"{found[key]:20.2f}" for key in COLUMNS.values()) + f"{found['error']:20.4f}"
            )
    if len(places) > 1:
        ratios = [statistics.median(old[key] / new[key] for old, new in turns) for key in COLUMNS.values()]
        print(f"{'ratio':10}" + "".join(f"{ratio:20.2f}" for ratio in ratios))
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="another checkout, its kernel built in place")
    parser.add_argument("--only", nargs="+", default=[""], help="workloads whose names hold one of these words")
    parser.add_argument("--repeats", type=int, default=1, help="turns")
    parser.add_argument("--one", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one)
        return
    checkouts = [options.before, HERE.parent] if options.before else [HERE.parent]
    with TemporaryDirectory(prefix="coble-houses-") as scratch:
        places = [runnable(checkout, Path(scratch) / f"house{k}") for k, checkout in enumerate(checkouts)]
        for name, arguments in WORKLOADS.items():
            if any(word in name for word in options.only):
                compared(name, arguments, places, options.repeats)


if __name__ == "__main__":
    main()
