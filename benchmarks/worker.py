"""One engine with one workload in a process of its own: build, then measure whenever the parent asks.

Started by run.py.  Replies are lines of JSON on the standard output; anything else that an engine prints is dropped.

An engine is a class with

`title`, `most_sites`
    Its name in the table, and the largest lattice that it is given.
`find()`
    (Python to run it with, version); raises `NotFound`.  Called in the parent, where the engine is not imported.
`prepare(scratch)`
    Imports and compiles whatever does not depend on the lattice.
`__init__(workload, scratch)`
    Builds the lattice and places the atoms.
`advance(n)`
    Executes about n hops; returns (hops, CPU seconds of the event loop, simulated time).
`build_seconds`, `peak_bytes`, `held_bytes`
    Optional: CPU time and memory, where the worker's own are not the engine's.
"""

import importlib
import json
import os
import sys
from time import process_time

from workload import Workload, peak_rss

WARM_UP = 0.3  # CPU seconds


def engine_class(name):
    """The class behind "module:Class"."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def warm_up(run):
    """Fill the caches; hops per CPU second, to choose how many to ask for."""
    n = 20
    while True:
        hops, seconds, _ = run.advance(n)
        if seconds > WARM_UP:
            return hops / seconds
        n = int(n * min(20.0, max(2.0, 1.5 * WARM_UP / max(seconds, 1e-3))))


def main():
    name, cells, filling, scratch = sys.argv[1:]
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def reply(**content):
        print(json.dumps(content), file=replies, flush=True)

    engine = engine_class(name)
    engine.prepare(scratch)
    imported = peak_rss()
    started = process_time()
    workload = Workload(int(cells), filling)
    run = engine(workload, scratch)
    build_seconds = getattr(run, "build_seconds", process_time() - started)
    per_second = warm_up(run)
    reply(
        build_cpu_s=build_seconds,
        peak_bytes=getattr(run, "peak_bytes", peak_rss() - imported),
        held_bytes=getattr(run, "held_bytes", None),
    )
    for line in sys.stdin:
        hops, seconds, time = run.advance(max(1, int(per_second * float(line))))
        reply(hops=hops, cpu_s=seconds, time=time)


if __name__ == "__main__":
    main()
