"""The event loops on what users run, before a change of the kernel and after it: `python benchmarks/kernels.py`.

Three minutes, for a change of the kernel: build the state before it in a checkout of its own,

    git worktree add ../before COMMIT && (cd ../before && python setup.py -q build_ext --inplace)
    python benchmarks/kernels.py --before ../before

Both kernels get the same arrays and the same random stream in processes of their own, and take turns, so that a change
of the machine's mood touches both.  Printed are events per CPU second, their ratio (median over turns), and whether
the trajectories are the same bit for bit.  Workloads on wide edges are those before them on another kind of edge.
"""

import argparse
import hashlib
import json
import os
import pickle
import statistics
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

HERE = Path(__file__).resolve().parent
CELLS = 79  # of bcc along every edge: 10⁶ sites
WALLS = ("LiC6", "LiC6-optimistic", "Li9Al4", "Li22Si5")
WARM_UP = 300_000  # events


# ---- what is run: dicts of arrays, which a kernel of any commit takes ---------------------------------------------


def inputs(kernel, neighbours, codes, tables, **tracking):
    """One workload as plain arrays; without the name of a kernel each commit takes the one it would."""
    edges = {f.name: value for f in fields(neighbours) if (value := getattr(neighbours, f.name)) is not None}
    return {"kernel": kernel, "edges": edges, "codes": codes, "tables": dict(vars(tables)), "tracking": tracking}


def of_segment(segment):
    """What the first replica of a segment runs."""
    replica = segment.start(1, (0, 0))
    tracking = {}
    if segment.tracked:
        steps = segment.graph.steps * segment.tables.atom_direction
        tracking = {"step_of_particle": steps, "carrier_is_particle": segment.tables.atoms_carry}
    kernel = replica.kernel
    return inputs(None, segment.neighbours, kernel.codes, segment.tables, **tracking)


def uniform(build, filling):
    """A bcc lattice gas, its neighbours by offset (`uniform_lattice`) or in a table (`build_box`)."""
    import numpy as np

    from coble import lattices
    from coble.kmc.kernel.segment import Segment
    from coble.kmc.rates.table import RateTable
    from coble.lattices import Region

    rates = RateTable(np.ones((len(Region),) * 2), np.full(len(Region), filling))
    return of_segment(Segment(getattr(lattices, build)(lattices.bcc(1.0, "100"), (CELLS,) * 3), rates))


def cross_section(wall):
    """The driven segment of the paper's tubule."""
    from cross_section import paper_segment

    return of_segment(paper_segment(wall)[1])


def tracers(wall, region):
    """Tracked particles in one region of the paper's tubule."""
    from cross_section import paper_segment

    from coble.kmc.kernel.segment import Segment
    from coble.lattices import Region

    segment = paper_segment(wall)[1]
    keep = segment.graph.region == Region[region]
    return of_segment(Segment(segment.graph.subgraph(keep), segment.rates.kept(keep), tracked=True))


def metal_tip():
    """A half-filled tubule with bonds."""
    from metal_tip import tip, tip_tables

    sites, occupied = tip()
    return inputs("GroupKernel", sites.neighbours, sites.code(occupied), tip_tables(sites))


def growing_tip(width_nm):
    """A plug that grows in a tubule as `coble plate` has it, atoms followed, with neither cells nor slower hops."""
    import numpy as np
    from graded_growth import started

    growth = started(width_nm, 8.0, 11.0, "site by site", 1).growth
    growth.run(np.inf, max_events=WARM_UP)
    tracking = {"step_of_particle": growth.graph.steps, "carrier_is_particle": True}
    kernel = growth.kernel
    return inputs("GroupKernel", growth.sites.neighbours, kernel.codes, growth._tables(), **tracking)


def widened(narrow, own):
    """The same gas on wide edges: a class for each pair of regions and step, or one for each edge (`own`)."""
    import numpy as np

    indptr, edge, tables = narrow["edges"]["indptr"], narrow["edges"]["edge"], narrow["tables"]
    target, step = edge & ((1 << 27) - 1), edge >> 27
    source, region = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)), narrow["codes"] // 2
    last, n = int(step.max()), 1 + int(region.max())
    keys = (region[source].astype(np.int64) * n + region[target]) * (last + 1) + step
    backs = (region[target].astype(np.int64) * n + region[source]) * (last + 1) + last - step
    if own:
        ends = ((keys, source, target), (backs, target, source))
        keys, backs = ((key * len(indptr) + a) * len(indptr) + b for key, a, b in ends)
    known, first, bond_class = np.unique(keys, return_index=True, return_inverse=True)
    here, there, along = 2 * region[source[first]] + 1, 2 * region[target[first]], step[first]
    wide = {
        "edge": target.astype(np.uint32),
        "bond_class": bond_class.astype(np.uint32),
        "reverse_class": np.searchsorted(known, backs[first]),
    }
    rate = tables["rate"][along if len(tables["rate"]) > 1 else 0, here, there]
    tables = tables | {"rate": rate, "path": tables["path"][here, there], "n_step": len(known)}
    return narrow | {"kernel": "GroupKernel", "edges": {"indptr": indptr, **wide}, "tables": tables}


WORKLOADS = {  # name → what makes its inputs
    "gas by offsets, 1 % vacancies": lambda: uniform("uniform_lattice", 0.99),
    "gas by offsets, 50 %": lambda: uniform("uniform_lattice", 0.5),
    "gas through a table, 1 % vacancies": lambda: uniform("build_box", 0.99),
    "gas through a table, 50 %": lambda: uniform("build_box", 0.5),
    "tracers, metal": lambda: tracers("Li9Al4", "BULK"),
    "tracers, wall": lambda: tracers("Li9Al4", "WALL"),
    "metal tip": metal_tip,
    "growing metal, 5 nm": lambda: growing_tip(5.0),
    "growing metal, 10 nm": lambda: growing_tip(10.0),
    "growing metal, 30 nm": lambda: growing_tip(30.0),
} | {f"cross-section, {wall}": lambda wall=wall: cross_section(wall) for wall in WALLS}
WIDE = "cross-section, Li9Al4"  # on wide edges, too
WIDENED = {f"{WIDE}, wide, by regions": False, f"{WIDE}, wide, a class for each edge": True}


# ---- who runs it --------------------------------------------------------------------------------------------------


def house_of(checkout, folder):
    """A folder with the package of a checkout as it is installed, made of links."""
    (folder / "coble").mkdir(parents=True)
    for path in [*(checkout / "runs").iterdir(), checkout / "kmc", checkout / "lattices"]:
        (folder / "coble" / path.name).symlink_to(path.resolve())
    return folder


class Worker:
    """A kernel in a process of its own."""

    def __init__(self, house, path):
        environment = os.environ | {"PYTHONPATH": str(house), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-P", __file__, "--work", str(path)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.built = self.reply()

    def reply(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the worker died; what it said stands above")
        return json.loads(line)

    def turn(self, events):
        print(events, file=self.process.stdin, flush=True)
        return self.reply()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def work(path):
    """The worker's side."""
    import numpy as np

    from coble.kmc.kernel import _kernel
    from coble.kmc.kernel.lowering import NeighbourOffsets, NeighbourTable, Tables
    from coble.kmc.kernel.segment import LEAST_ACCEPTANCE

    with open(path, "rb") as file:
        found = pickle.load(file)
    edges = NeighbourOffsets if "offset" in found["edges"] else NeighbourTable
    arguments = edges(**found["edges"]), found["codes"], Tables(**found["tables"]), np.random.SFC64(1)
    name = found["kernel"] or "BinKernel"
    kernel = getattr(_kernel, name)(*arguments, **found["tracking"])
    if found["kernel"] is None and kernel.acceptance < LEAST_ACCEPTANCE:
        name = "GroupKernel"
        kernel = _kernel.GroupKernel(*arguments, **found["tracking"])
    started = process_time()
    kernel.advance(max_events=WARM_UP)
    print(json.dumps({"events_per_s": WARM_UP / (process_time() - started)}), flush=True)
    for line in sys.stdin:
        before, started = kernel.n_event, process_time()
        kernel.advance(max_events=int(line))
        rate = (kernel.n_event - before) / (process_time() - started)
        seen = [kernel.codes, kernel.hops, np.array([kernel.time]), kernel.displacements, kernel.squared_steps]
        digest = hashlib.sha256(b"".join(a.tobytes() for a in seen if a is not None)).hexdigest()
        print(json.dumps({"events_per_s": rate, "digest": digest, "bytes": kernel.nbytes()}), flush=True)


def measured(name, path, houses, options):
    """One line: events per CPU second of every kernel, the ratio, and whether they did the same."""
    workers = [Worker(house, path) for house in houses]
    events = int(options.seconds * max(worker.built["events_per_s"] for worker in workers))
    turns = [[worker.turn(events) for worker in workers] for _ in range(options.repeats)]
    for worker in workers:
        worker.stop()
    rates = [statistics.median(turn[w]["events_per_s"] for turn in turns) for w in range(len(workers))]
    line = f"{name:58}" + "".join(f"{rate / 1e6:8.2f}e6" for rate in rates)
    if len(workers) == 2:
        ratio = statistics.median(after["events_per_s"] / before["events_per_s"] for before, after in turns)
        same = all(before["digest"] == after["digest"] for before, after in turns)
        line += f"  × {ratio:.3f}  {'same trajectory' if same else 'OTHER TRAJECTORY'}"
    print(line + f"  {turns[-1][-1]['bytes'] / 1e6:.1f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="a checkout with another kernel, built in place")
    parser.add_argument("--only", nargs="+", default=[""], help="workloads whose names hold one of these words")
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU seconds of one turn")
    parser.add_argument("--repeats", type=int, default=5, help="turns")
    parser.add_argument("--keep", type=Path, help="folder for the inputs of the workloads, to be used again")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work)
        return
    with TemporaryDirectory(prefix="coble-kernels-") as scratch:
        kept = options.keep or Path(scratch)
        kept.mkdir(exist_ok=True)
        checkouts = [options.before, HERE.parent] if options.before else [HERE.parent]
        houses = [house_of(checkout, Path(scratch) / f"house{k}") for k, checkout in enumerate(checkouts)]

        def made(name, make):
            path = kept / f"{name.replace(' ', '_').replace('%', '')}.pickle"
            if not path.exists():
                path.write_bytes(pickle.dumps(make()))
            return path

        for name, make in WORKLOADS.items():
            if any(word in name for word in options.only):
                measured(name, made(name, make), houses, options)
        for name, own in WIDENED.items():
            if any(word in name for word in options.only):
                narrow = made(WIDE, WORKLOADS[WIDE])
                path = made(name, lambda own=own, narrow=narrow: widened(pickle.loads(narrow.read_bytes()), own))
                measured(name, path, houses[-1:], options)


if __name__ == "__main__":
    main()
