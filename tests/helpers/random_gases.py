"""Random graphs with random whole-number tables, made to reach the kernel's corners."""

import numpy as np
from small_graphs import random_graph

from kmc import _kernel
from kmc.lowering import pack_edges
from kmc.reference import ReferenceKernel

STREAMS = (np.random.PCG64DXSM, np.random.SFC64)
# Zeros, both sides of powers of two (where groups end), and rates 10 orders of magnitude apart.
PROPENSITIES = np.array([0, 0, 0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 1000, 1 << 20, (1 << 33) + 5], dtype=np.uint64)


def random_tables(rng, n_step, n_kind, n_path, unary=True):
    """rate, unary and path of random whole numbers; hops from odd to even codes only."""
    n_code = 2 * n_kind
    rate = np.zeros((n_step, n_code, n_code), dtype=np.uint64)
    rate[:, 1::2, 0::2] = rng.choice(PROPENSITIES, (n_step, n_kind, n_kind))
    own = rng.choice(PROPENSITIES, n_code) if unary else np.zeros(n_code, dtype=np.uint64)
    return rate, own, rng.integers(0, n_path, (n_code, n_code)).astype(np.uint8)


def arguments_for(graph, codes, tables, n_path=3, quantum=1.0):
    """What `Kernel` and `ReferenceKernel` take, up to the random stream."""
    rate, unary, path = tables
    codes = np.asarray(codes, dtype=np.uint8)
    return graph.indptr.astype(np.uint32), pack_edges(graph), codes, rate, unary, path, n_path, quantum


def random_arguments(seed, *, n_site=None, unary=None):
    """A random gas: 1 to 40 sites, 0 to 4 bonds per site, 1 to 4 kinds, 1 to 5 step classes."""
    rng = np.random.default_rng(seed)
    n_site = int(rng.integers(1, 41)) if n_site is None else n_site
    n_step, n_kind, n_path = int(rng.choice([1, 3, 5])), int(rng.integers(1, 5)), 3
    steps = np.arange(n_step) - n_step // 2
    graph = random_graph(rng, n_site, int(rng.integers(0, 4 * n_site + 1)), steps, n_kind)
    tables = random_tables(rng, n_step, n_kind, n_path, bool(rng.integers(2)) if unary is None else unary)
    codes = 2 * graph.kind + (rng.random(n_site) < rng.random())
    return arguments_for(graph, codes, tables, n_path, quantum=float(rng.uniform(0.1, 10)))


def twins(arguments, seed, stream=np.random.PCG64DXSM, **tracking):
    """The kernel and its plain Python twin on two copies of one random stream."""
    return _kernel.Kernel(*arguments, stream(seed), **tracking), ReferenceKernel(*arguments, stream(seed))


def state_of(kernel):
    """All that can be seen of a kernel, or of its twin, in plain lists."""
    if isinstance(kernel, ReferenceKernel):
        propensities, total, codes, n_event = kernel.kept, sum(kernel.kept), kernel.code, len(kernel.events)
    else:
        propensities, total, n_event = kernel.propensities().tolist(), kernel.total_propensity, kernel.n_event
        codes = kernel.codes.tolist()
    return {
        "time": kernel.time,
        "codes": codes,
        "hops": kernel.hops.tolist(),
        "exchanges": kernel.exchanges.tolist(),
        "propensities": propensities,
        "total": total,
        "events": n_event,
    }
