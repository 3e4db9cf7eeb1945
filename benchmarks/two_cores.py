"""Two replicas at once, in two threads and in two processes, against one alone.

Efficiency: events per wall second of the two together over twice that of one alone.  One and two take turns, and the
medians are compared.  Other work on the machine takes wall time from the two before it takes it from the one; so the
same is given for events per CPU second, which feels only what the two take from each other (caches, memory), and the
part of the wall time in which a replica had its core.
"""

import multiprocessing
import statistics
from threading import Barrier, Thread
from time import perf_counter, thread_time

from cross_section import WALL, paper_segment
from endurance import uniform_gas

SIZE, PART = 10_000, 0.5  # of the uniform lattice: its codes and carriers fit into any cache


def work(kernel, seconds, start):
    """Advance a kernel as a replica does: (events, wall seconds, CPU seconds)."""
    from coble.kmc.kernel.segment import CHUNK_EVENTS

    kernel.advance(max_events=CHUNK_EVENTS)  # a forked process gets its own copy of what it writes to
    start.wait()
    before, wall, cpu = kernel.n_event, perf_counter(), thread_time()
    while perf_counter() < wall + seconds:
        kernel.advance(max_events=CHUNK_EVENTS)
    return kernel.n_event - before, perf_counter() - wall, thread_time() - cpu


def in_threads(kernels, seconds):
    start, found = Barrier(len(kernels)), []
    threads = [Thread(target=lambda k=kernel: found.append(work(k, seconds, start))) for kernel in kernels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def in_processes(kernels, seconds):
    """The processes share the lattice, as after a fork; each goes on from where its kernel stands here."""
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(len(kernels)), context.SimpleQueue()
    processes = [context.Process(target=lambda k=k: results.put(work(k, seconds, start))) for k in kernels]
    for process in processes:
        process.start()
    found = [results.get() for _ in processes]
    for process in processes:
        process.join()
    return found


def efficiency(run, kernels, seconds, repeats):
    """Medians over turns of one alone (either of the kernels), then both."""
    alone, both = [], []
    for _ in range(repeats):
        for kernel in kernels:
            alone += run([kernel], seconds)
            both.append(run(kernels, seconds))
    rate = statistics.median(events / wall for events, wall, _ in alone)
    rate_of_both = statistics.median(sum(events / wall for events, wall, _ in turn) for turn in both)
    cpu_rate = statistics.median(events / cpu for events, _, cpu in alone)
    cpu_rate_of_both = statistics.median(events / cpu for turn in both for events, _, cpu in turn)
    return {
        "events_per_s_alone": rate,
        "events_per_s_together": rate_of_both,
        "efficiency": rate_of_both / (2 * rate),
        "efficiency_by_cpu_time": cpu_rate_of_both / cpu_rate,
        "had_a_core_alone": statistics.median(cpu / wall for _, wall, cpu in alone),
        "had_a_core_together": statistics.median(cpu / wall for turn in both for _, wall, cpu in turn),
    }


def pairs():
    """Name → number of sites and two kernels."""
    kernels = [uniform_gas(SIZE, PART, seed=seed)[0] for seed in (1, 2)]
    yield f"uniform bcc, {PART:.0%}", kernels
    case, segment = paper_segment()
    yield f"the paper's cross-section, {WALL}", [segment.start(case.run.seed, (i, 0)).kernel for i in (0, 1)]


def two_cores(*, seconds=1.0, repeats=5, say):
    """All pairs in threads and in processes.

    Returns
    -------
    list of dict
        Plain numbers.
    """
    rows = []
    for name, kernels in pairs():
        for how, run in (("threads", in_threads), ("processes", in_processes)):
            say(f"two cores: {name}, {how}")
            found = efficiency(run, kernels, seconds, repeats)
            about = {"gas": name, "n_site": kernels[0].n_site, "kernel": type(kernels[0]).__name__, "two": how}
            rows.append(about | found)
    return rows
