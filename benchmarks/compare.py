"""The uniform lattice gas on every engine that is found, side by side.

For each filling and size all engines are built, each in a process of its own; then they take turns, so that a change
of the machine's mood touches them all.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from worker import engine_class
from workload import FILLINGS, NotFound, Workload, cells_for

OURS = ("uniform:Offsets", "uniform:Table", "floor:Floor")
PEERS = (
    "peers.kmos:Kmos",
    "peers.kmos:Kmcos",
    "peers.spparks:Spparks",
    "peers.lattice_mc:LatticeMC",
    "peers.kmcpy:KMCpy",
)


def look_for(engines):
    """Engines that are here, as dict of name → (Python, version), and dict of title → what is missing."""
    found, missing = {}, {}
    for name in engines:
        try:
            found[name] = engine_class(name).find()
        except NotFound as reason:
            missing[engine_class(name).title] = str(reason)
    return found, missing


class Worker:
    """A running engine."""

    def __init__(self, name, python, workload, scratch):
        self.title, self.built, self.turns = engine_class(name).title, None, []
        command = [python, str(Path(__file__).with_name("worker.py")), name]
        command += [str(workload.cells), workload.filling, scratch]
        self.complaints = TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, text=True
        )

    def reply(self):
        """The next line of the worker; raises RuntimeError when it has died."""
        line = self.process.stdout.readline()
        if not line:
            self.complaints.seek(0)
            last = self.complaints.read().strip().splitlines()[-1:] or ["no message"]
            raise RuntimeError(last[0][:300])
        return json.loads(line)

    def measure(self, seconds):
        print(seconds, file=self.process.stdin, flush=True)
        return self.reply()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.complaints.close()


def measure_case(workload, found, scratch, seconds, repeats, say):
    """Rows of one filling and size, and dict of title → why an engine gave up."""
    workers, rows, failed = [], [], {}

    def give_up(worker, reason):
        failed[worker.title] = f"gave up at {workload.n_site:,} sites, {workload.filling}: {reason}"
        worker.stop()

    for name, (python, _) in found.items():
        if workload.n_site > engine_class(name).most_sites:
            continue
        say(f"{workload.n_site:,} sites, {workload.filling}: building {engine_class(name).title}")
        worker = Worker(name, python, workload, scratch)
        try:
            worker.built = worker.reply()
            workers.append(worker)
        except RuntimeError as reason:
            give_up(worker, reason)
    for turn in range(repeats):
        say(f"{workload.n_site:,} sites, {workload.filling}: turn {turn + 1} of {repeats}")
        for worker in workers.copy():
            try:
                worker.turns.append(worker.measure(seconds))
            except (RuntimeError, BrokenPipeError) as reason:
                give_up(worker, reason)
                workers.remove(worker)
    for worker in workers:
        worker.stop()
        rows.append(_row(worker, workload))
    return rows, failed


def _row(worker, workload):
    rates = [turn["hops"] / turn["cpu_s"] for turn in worker.turns]
    per_time = sum(t["hops"] for t in worker.turns) / sum(t["time"] for t in worker.turns)
    held = worker.built["held_bytes"]
    return {
        "engine": worker.title,
        "filling": workload.filling,
        "n_site": workload.n_site,
        "hops_per_cpu_s": statistics.median(rates),
        "turns": rates,
        "n_hop": sum(turn["hops"] for turn in worker.turns),
        "build_cpu_s": worker.built["build_cpu_s"],
        "peak_bytes_per_site": worker.built["peak_bytes"] / workload.n_site,
        "held_bytes_per_site": held and held / workload.n_site,
        "hops_per_time_over_expected": per_time / workload.hops_per_time,
    }


def _same_work(row):
    """By which part the events per simulated time may differ from those expected: few carriers, few hops."""
    occupancy = FILLINGS[row["filling"]]
    carriers = row["n_site"] * min(occupancy, 1 - occupancy)
    return 0.02 + 4 / carriers**0.5 + 4 / row["n_hop"] ** 0.5


def compare(engines, sizes, fillings=tuple(FILLINGS), *, seconds, repeats, say):
    """Measure all cases.

    Parameters
    ----------
    engines : iterable of str
        "module:Class"; see worker.py.
    sizes : iterable of int
        Number of sites, roughly.
    fillings : iterable of str
    seconds : float
        CPU seconds of one turn.
    repeats : int
        Turns; the median counts.
    say : callable (str)

    Returns
    -------
    dict
        `rows`, `versions` and `missing`, all plain.
    """
    found, missing = look_for(engines)
    rows = []
    with TemporaryDirectory(prefix="coble-benchmark-") as scratch:
        for size in sizes:
            for filling in fillings:
                workload = Workload(cells_for(size), filling)
                more, failed = measure_case(workload, found, scratch, seconds, repeats, say)
                rows += more
                missing |= failed
    for row in rows:
        if abs(row["hops_per_time_over_expected"] - 1) > _same_work(row):
            say(f"{row['engine']}: {row['hops_per_time_over_expected']:.2f} of the expected events per time")
    versions = {engine_class(name).title: version for name, (_, version) in found.items()}
    return {"rows": rows, "versions": versions, "missing": missing}


def machine():
    """What the numbers depend on."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = "unknown"
    compiler = subprocess.run(["gcc", "--version"], capture_output=True, text=True).stdout.partition("\n")[0]
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "compiler": compiler,
        "python": sys.version.split()[0],
        "load_at_start": round(os.getloadavg()[0], 2),
    }
