"""Campaigns and single runs that are killed again and again, and go on every time.

`python benchmarks/kills.py [KILLS]`: a small campaign is run undisturbed; then another, in a process group that
is ended by SIGKILL at random moments, each time resumed by `coble resume`.  At the end every result of every replica
must be the same, byte for byte.  Half of the kills meet what flows, half metal that grows.

Then the same for single runs.  `coble plate` goes on from its checkpoint, which it keeps every third of a second here
instead of every minute; before the first one, and with `coble discriminate` always, the same --out is free again.  The
numbers of result.json must be those of the undisturbed run.  40 kills of each take some three minutes.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FLOW = """
case = "case.toml"
replicas = 3
events = 4e6
seed = 7
[[axis]]
key = "tubule.inner_width_nm"
values = [2.4, 3.0, 3.6, 4.2]
[[axis]]
key = "wall.name"
values = ["LiC6", "Li9Al4", "Li22Si5"]
"""
CASE = """
[tubule]
inner_width_nm = 3.0
wall_thickness_nm = 1.5
segment_nm = 3.0
[[wall]]
name = "LiC6"
"""
GROWTH = """
case = "case.toml"
replicas = 6
seed = 7
[[axis]]
key = "growth.overpotential_V"
values = [0.05, 0.1]
"""
GROWING = """
[tubule]
inner_width_nm = 2.4
wall_thickness_nm = 1.0
[[wall]]
name = "inert"
[growth]
depth_nm = 6.0
until_front_nm = 4.0
"""
SINGLE = {
    "discriminate": CASE.replace("3.0\nwall", "4.0\nwall") + "[run]\ntarget_error = 0.02\nmax_events = 4e6\n",
    "plate": GROWING.replace("= 6.0", "= 40.0").replace("= 4.0", "= 10.0"),
}
OFTEN = (
    "import coble.kinds.growth.run; coble.kinds.growth.run.CHECKPOINT_S = 0.3; from coble.cli.app import main; main()"
)
TIMES = {"seconds", "seconds_by_stage", "events_per_s", "provenance"}  # differ from run to run
COBLE = [sys.executable, "-m", "coble"]
SETS = {"flow": (FLOW, CASE), "growth": (GROWTH, GROWING)}


def files(folder):
    """Results of all replicas, bytes by path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.glob("points/*/*/result.json"))}


def disturbed(folder, kills, undisturbed_s, rng):
    """Run with kills at random moments; returns how many kills met a run, and how many could be resumed."""
    met = resumed = 0
    words = ["sweep", str(folder.parent / "campaign.toml"), "--out", str(folder)]
    while True:
        started = (folder / "campaign.json").exists()
        run = subprocess.Popen(
            COBLE + (["resume", str(folder)] if started else words) + ["--workers", "2"],
            cwd=folder.parent,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if met < kills:
            try:
                run.wait(rng.uniform(0.1, max(1.5, 3 * undisturbed_s / kills) + 1.0))
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
                met += 1
                resumed += 1  # taken back below if the next one cannot go on
                continue
        _, said = run.communicate()
        if run.returncode:
            print(said)
            return met, resumed - 1
        if met >= kills or run.returncode == 0:
            return met, resumed


def numbers(content):
    """A result without what depends on the machine, its load and the hour."""
    if isinstance(content, dict):
        return {key: numbers(value) for key, value in content.items() if key not in TIMES}
    return list(map(numbers, content)) if isinstance(content, list) else content


def _is_whole(folder):
    """Whether the numbers of a run are there; after them a kill leaves other files to a run with a checkpoint."""
    goes_on = (folder / "status.json").exists() and (folder / "checkpoint.h5").exists()
    return (folder / "result.json").exists() and not goes_on


def single(command, there, kills, undisturbed_s, rng):
    """One run with kills; returns how many kills met it, how many of them it went on from, and its numbers."""
    folder, met, resumed = there / f"{command}-{rng.random()}", 0, 0
    while not (done := _is_whole(folder)):
        going_on = (folder / "checkpoint.h5").exists()
        words = ["--resume", str(folder)] if going_on else [str(there / f"{command}.toml"), "--out", str(folder)]
        run = subprocess.Popen(
            [sys.executable, "-c", OFTEN, command, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            if met < kills:
                run.wait(rng.uniform(0.3, 1.2) * undisturbed_s)
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()
            met, resumed = met + 1, resumed + going_on
            continue
        if run.communicate() and run.returncode:
            raise SystemExit(f"{command} {' '.join(words)}: exit status {run.returncode}")
    return met, resumed, done and numbers(json.loads((folder / "result.json").read_text()))


def singles(kills, rng):
    """Kill single runs; returns whether any number differs."""
    failed = False
    for command, case in SINGLE.items():
        with tempfile.TemporaryDirectory() as there:
            there = Path(there)
            (there / f"{command}.toml").write_text(case)
            started = time.perf_counter()
            *_, calm = single(command, there, 0, 0.0, rng)
            seconds = time.perf_counter() - started
            met = resumed = runs = 0
            equal = True
            while met < kills // len(SINGLE):
                more, went_on, found = single(command, there, kills // len(SINGLE) - met, seconds, rng)
                met, resumed, runs = met + more, resumed + went_on, runs + 1
                equal &= found == calm
            print(
                f"{command}: undisturbed {seconds:.0f} s; {met} kills in {runs} runs, {resumed} of them of a run that "
                f"went on from a checkpoint; all results {'identical' if equal else 'DIFFER'}"
            )
            failed |= not equal
    return failed


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    rng, failed = random.Random(1), False
    for name, (campaign, case) in SETS.items():
        with tempfile.TemporaryDirectory() as there:
            there = Path(there)
            (there / "campaign.toml").write_text(campaign)
            (there / "case.toml").write_text(case)
            started = time.perf_counter()
            words = ["sweep", str(there / "campaign.toml"), "--out", str(there / "calm"), "--workers", "2"]
            subprocess.run(COBLE + words, cwd=there, check=True, capture_output=True)
            seconds = time.perf_counter() - started
            met = resumed = 0
            equal, round_ = True, 0
            while met < kills // len(SETS):
                folder = there / f"killed-{round_}"
                more, went_on = disturbed(folder, kills // len(SETS) - met, seconds, rng)
                met, resumed, round_ = met + more, resumed + went_on, round_ + 1
                equal &= files(folder) == files(there / "calm")
            n = len(files(there / "calm"))
            print(
                f"{name}: undisturbed {seconds:.0f} s; {met} kills in {round_} campaigns, {resumed} resumed; "
                f"{n} results {'identical' if equal else 'DIFFER'}"
            )
            failed |= not equal or resumed < met
    sys.exit(singles(kills, rng) or failed)


if __name__ == "__main__":
    main()
