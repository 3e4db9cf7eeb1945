"""Long runs: what is kept must be what can be found from scratch, and the clock must be the sum of its waits.

`rebuilt`
    After 10^8 events, propensities and their sum as the kernels keep them, against a sum over all edges.
`marathon`
    10^10 events in one run: the sum again, and the clock against the exact mean rate of the lattice gas.
`clock`
    A lone walker, whose waits can be drawn a second time from a copy of the random stream and added up exactly:
    from zero, and after a first wait so long that the clock has only some five binary digits left for a later one.
"""

from itertools import chain
from math import fsum, ulp
from time import process_time

import numpy as np
from workload import cells_for

PIECE = 1_000_000  # events or waits at a time
SPREAD = 1e5  # of the rates in two regions
LONG_WAIT = 2.0**-48  # rate of the walker's first hop; it hops at rate 1 afterwards
STREAM = 2  # seed of the lone walker


def propensities_by_hand(graph, tables, codes):
    """Propensity of every site, uint64 array (n_site,): a sum over all edges, without the kernel."""
    source = graph.sources()
    open_ = (codes[source] & 1 == 1) & (codes[graph.target] & 1 == 0)
    found = tables.unary[codes].astype(np.uint64)
    rate = tables.rate[graph.step_class[open_], codes[source[open_]], codes[graph.target[open_]]]
    np.add.at(found, source[open_], rate)
    return found


def kept_is_rebuilt(kernel, graph, tables):
    """Whether every whole number that the kernel keeps equals the one found from its codes."""
    by_hand = propensities_by_hand(graph, tables, kernel.codes)
    same = kernel.total_propensity == sum(by_hand.tolist())
    if hasattr(kernel, "kept_propensities"):
        same &= bool((kernel.kept_propensities() == by_hand).all())
    return same


def uniform_gas(n_site, part, seed=1):
    """A kernel on bins with part of its sites occupied, the same lattice as a graph, and its tables."""
    from coble.kmc.kernel._kernel import BinKernel
    from coble.kmc.kernel.lowering import initial_codes, kernel_tables, neighbours_of
    from coble.kmc.rates.table import RateTable
    from coble.lattices import Region, bcc, uniform_lattice

    lattice = uniform_lattice(bcc(1.0, "100"), (cells_for(n_site),) * 3)
    n_atom = round(part * lattice.n_site)
    occupied = np.random.default_rng(seed).permutation(lattice.n_site) < n_atom
    tables = kernel_tables(lattice, RateTable(np.ones((len(Region),) * 2), np.full(len(Region), part)), n_atom)
    codes = initial_codes(lattice, occupied, tables)
    return BinKernel(neighbours_of(lattice), codes, tables, np.random.SFC64(seed)), lattice.graph(), tables


def two_regions(n_site):
    """A kernel on groups: half of a bcc box conducts `SPREAD` times worse than the other half; with a field."""
    from coble.kmc.kernel._kernel import GroupKernel
    from coble.kmc.kernel.lowering import initial_codes, kernel_tables, neighbours_of
    from coble.kmc.rates.table import rate_table
    from coble.lattices import Region, bcc, build_box

    graph = build_box(bcc(1.0, "100"), (cells_for(n_site),) * 3)
    graph.region[:] = np.where(graph.positions[:, 0] < np.median(graph.positions[:, 0]), Region.BULK, Region.INTERFACE)
    rates = rate_table({Region.BULK: 1.0, Region.INTERFACE: SPREAD}, {Region.BULK: 0.5, Region.INTERFACE: 0.5})
    occupied = np.random.default_rng(1).random(graph.n_site) < 0.5
    tables = kernel_tables(graph, rates, int(occupied.sum()), field_kT_per_A=0.1)
    codes = initial_codes(graph, occupied, tables)
    return GroupKernel(neighbours_of(graph), codes, tables, np.random.SFC64(1)), graph, tables


def rebuilt(n_event, n_site=100_000):
    """Both kernels after `n_event` events."""
    rows = []
    for name, (kernel, graph, tables) in {
        "uniform bcc, 50 %": uniform_gas(n_site, 0.5),
        f"two regions, rates 1 to {SPREAD:.0e}": two_regions(n_site),
    }.items():
        for _ in range(n_event // PIECE):
            kernel.advance(max_events=PIECE)
        rows.append(
            {
                "gas": name,
                "kernel": type(kernel).__name__,
                "n_site": graph.n_site,
                "n_event": kernel.n_event,
                "kept_is_rebuilt": kept_is_rebuilt(kernel, graph, tables),
            }
        )
    return rows


def marathon(n_event, n_site=10_000, *, say=lambda text: None):
    """One dilute gas for `n_event` events.

    In equilibrium every arrangement of n carriers on N sites is equally likely, so that events come at the mean rate
    8 n (N - n) / (N - 1): a check from outside the program.  The noise is that of the pieces' durations.
    """
    kernel, graph, tables = uniform_gas(n_site, 0.01)
    n_carrier = int((kernel.codes & 1).sum())
    mean_rate = 8.0 * n_carrier * (graph.n_site - n_carrier) / (graph.n_site - 1)
    durations, same, started = [], True, process_time()
    for number in range(n_event // PIECE):
        before = kernel.time
        kernel.advance(max_events=PIECE)
        durations.append(kernel.time - before)
        if number % 1000 == 999:
            same &= kept_is_rebuilt(kernel, graph, tables)
            say(f"marathon: {kernel.n_event:.1e} events")
    seconds = process_time() - started
    error = float(np.std(durations, ddof=1)) * len(durations) ** 0.5
    return {
        "n_site": graph.n_site,
        "n_carrier": n_carrier,
        "n_event": kernel.n_event,
        "cpu_s": seconds,
        "events_per_cpu_s": kernel.n_event / seconds,
        "kept_is_rebuilt": bool(same and kept_is_rebuilt(kernel, graph, tables)),
        "time": kernel.time,
        "expected_time": kernel.n_event / mean_rate,
        "sigmas": (kernel.time - kernel.n_event / mean_rate) / error,
        "relative_error_of_mean": error / kernel.time,
    }


def lone_walker(first_rate):
    """One carrier that leaves its site at `first_rate`, for good, and then walks a ring at rate 1 in all.

    Every rate is a power of two times the quantum, so no draw is ever rejected: each event takes two words of the
    stream, the first of them for the wait.
    """
    from coble.kmc.kernel._kernel import GroupKernel
    from coble.kmc.kernel.lowering import NeighbourTable, whole_tables

    n = 64
    ring = [[(i + 1) % n, (i - 1) % n] for i in range(n)]
    rows = [*([*row, n] if i == 0 else row for i, row in enumerate(ring)), [0]]  # site n is where it starts
    edge = np.array(list(chain(*rows)), dtype=np.uint32)
    indptr = np.cumsum([0, *map(len, rows)]).astype(np.uint32)
    codes = np.zeros(n + 1, dtype=np.uint8)
    codes[n] = 3
    rate = np.zeros((1, 4, 4))
    rate[0, 1, 0], rate[0, 3, 0] = 0.5, first_rate  # ring to ring, start to ring; none from ring to start
    tables = whole_tables(rate, np.zeros(4), np.zeros((4, 4), dtype=np.uint8), 1, 3, True)
    return GroupKernel(NeighbourTable(indptr, edge), codes, tables, np.random.SFC64(STREAM))


def clock(n_event, first_rate=1.0):
    """The clock of a lone walker after `n_event` events against the exactly rounded sum of the same waits.

    `naive` is a clock that adds the same waits one after the other.
    """
    kernel = lone_walker(first_rate)
    words = np.random.SFC64(STREAM).random_raw
    naive, first = 0.0, None

    def waits():
        nonlocal naive, first
        for done in range(0, n_event, PIECE):
            number = min(PIECE, n_event - done)
            kernel.advance(max_events=number)
            wait = -np.log(1.0 - (words(2 * number)[::2] >> np.uint64(11)) * 2.0**-53)
            if first is None:
                wait[0] /= first_rate
                first = float(wait[0])
            naive = float(np.add.accumulate(np.append(naive, wait))[-1])
            yield wait.tolist()

    exact = fsum(chain.from_iterable(waits()))
    later = n_event - 1
    return {
        "n_event": kernel.n_event,
        "first_wait": first,
        "time": kernel.time,
        "exact_time": exact,
        "error_in_last_digits": (kernel.time - exact) / ulp(exact),
        "naive_error_in_last_digits": (naive - exact) / ulp(exact),
        "sigmas_of_later_waits": (exact - first - later) / later**0.5,
    }


def endurance(*, events=10**8, marathon_events=10**10, say):
    """Everything above.

    Returns
    -------
    dict
        Plain numbers.
    """
    say(f"endurance: both kernels, {events:.0e} events each")
    found = {"rebuilt": rebuilt(events)}
    say("endurance: the clock of a lone walker")
    found["clock"] = clock(10 * events)
    found["clock_after_a_long_wait"] = clock(events, LONG_WAIT)
    say(f"endurance: {marathon_events:.0e} events, about {marathon_events / 1e7 / 60:.0f} minutes")
    found["marathon"] = marathon(marathon_events, say=say)
    return found
