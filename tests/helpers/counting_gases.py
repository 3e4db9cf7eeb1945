"""Random gases whose codes count neighbours, with random whole-number tables."""

import numpy as np
from random_gases import PROPENSITIES
from small_graphs import random_graph

from coble.kmc.kernel.codes import Codes
from coble.kmc.kernel.lowering import NeighbourTable, Tables, neighbours_of


def random_second_shell(rng, n_site, n_bond):
    """Symmetric pairs in compressed rows; some sites have none."""
    pairs = rng.integers(0, n_site, (n_bond, 2)) if n_site > 1 else np.zeros((0, 2), dtype=int)
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    source, target = np.concatenate([pairs, pairs[:, ::-1]]).T
    order = np.argsort(source, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=n_site))])
    return indptr.astype(np.uint32), target[order].astype(np.uint32)


def count_beside(indptr, target, chosen):
    """Chosen neighbours of every site, one site at a time."""
    ends = zip(indptr[:-1].tolist(), indptr[1:].tolist(), strict=True)
    return np.array([int(chosen[target[a:b]].sum()) for a, b in ends], dtype=np.int64)


def random_counting_arguments(seed, n_site=None):
    """1 to 30 sites of 1 to 3 classes that count first and second neighbours, or one of them, or none.

    Returns
    -------
    arguments : tuple
        What the kernels take, up to the random stream.
    graph, codes, site_class
        To find the codes from scratch; see `codes_from_scratch`.
    """
    rng = np.random.default_rng(seed)
    chosen, n_class, n_step = int(rng.integers(1, 31)), int(rng.integers(1, 4)), int(rng.choice([1, 3, 5]))
    n_site = chosen if n_site is None else n_site
    graph = random_graph(rng, n_site, int(rng.integers(0, 3 * n_site)), np.arange(n_step) - n_step // 2, n_class)
    indptr, second = random_second_shell(rng, n_site, int(rng.integers(0, 2 * n_site)))
    table = neighbours_of(graph)
    neighbours = NeighbourTable(table.indptr, table.edge, indptr, second)
    widest = (int(np.diff(graph.indptr).max(initial=0)), int(np.diff(indptr).max(initial=0)))
    codes = Codes(*(rng.integers(0, 2, n_class) * most for most in widest), rng.integers(0, 2, n_class) == 1)
    n = codes.n_code
    rate = rng.choice(PROPENSITIES, (n_step if rng.integers(2) else 1, n, n))
    rate[:, ~codes.full], rate[:, :, codes.full] = 0, 0
    unary = rng.choice(PROPENSITIES, n) * np.uint64(rng.integers(2))
    path = rng.integers(0, 3, (n, n)).astype(np.uint8)
    quantum = float(rng.uniform(0.1, 10))
    tables = Tables(
        rate, unary, path, quantum, True, n_path=3, n_step=n_step, counted=codes.counted_codes, gain=codes.gain
    )
    occupied = rng.random(n_site) < rng.random()
    start = codes_from_scratch(neighbours, graph, codes, graph.region, occupied)
    return (neighbours, start, tables), graph, codes


def codes_from_scratch(neighbours, graph, codes, site_class, occupied):
    """Code of every site from who is where."""
    chosen = occupied & codes.counted[site_class]
    first = count_beside(graph.indptr, graph.target, chosen)
    second = count_beside(neighbours.second_indptr, neighbours.second, chosen)
    return codes.of(site_class, occupied, first, second)
