"""Random graphs with random whole-number tables, made to reach the kernels' corners."""

from copy import deepcopy

import numpy as np
from gas import KERNELS
from small_graphs import random_graph

from coble.kmc.kernel._kernel import BinKernel, GroupKernel, ScoreKernel
from coble.kmc.kernel.lowering import Tables, neighbours_of
from coble.kmc.kernel.reference import ReferenceBinKernel, ReferenceGroupKernel, ReferenceScoreKernel
from coble.lattices import UniformLattice

TWIN = dict(zip(KERNELS, (ReferenceBinKernel, ReferenceGroupKernel), strict=True)) | {ScoreKernel: ReferenceScoreKernel}
STREAMS = (np.random.PCG64DXSM, np.random.SFC64)
# Zeros, both sides of powers of two (where groups end), and rates 10 orders of magnitude apart.
PROPENSITIES = np.array([0, 0, 0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 1000, 1 << 20, (1 << 33) + 5], dtype=np.uint64)
# Bins draw again and again where the largest rate of a bin is far above the others: for them within a factor of 9.
CLOSER = [PROPENSITIES[PROPENSITIES < 10] * factor for factor in (np.uint64(1), np.uint64((1 << 40) + 3))]


def random_tables(rng, n_step, n_kind, n_path, unary=True, choice=PROPENSITIES):
    """rate, unary and path of random whole numbers; hops from odd to even codes only."""
    n_code = 2 * n_kind
    rate = np.zeros((n_step, n_code, n_code), dtype=np.uint64)
    rate[:, 1::2, 0::2] = rng.choice(choice, (n_step, n_kind, n_kind))
    own = rng.choice(choice, n_code) if unary else np.zeros(n_code, dtype=np.uint64)
    return rate, own, rng.integers(0, n_path, (n_code, n_code)).astype(np.uint8)


def arguments_for(lattice, codes, tables, n_path=3, quantum=1.0):
    """What the kernels and their twins take, up to the random stream."""
    whole = Tables(*tables, quantum, atoms_carry=True, n_path=n_path)
    return neighbours_of(lattice), np.asarray(codes, dtype=np.uint8), whole


def random_arguments(seed, which=GroupKernel, *, n_site=None, unary=None):
    """A random gas: 1 to 40 sites, 0 to 4 bonds per site, 1 to 4 kinds, 1 to 5 step classes; no unary for bins."""
    rng = np.random.default_rng(seed)
    n_site = int(rng.integers(1, 41)) if n_site is None else n_site
    n_step, n_kind, n_path = int(rng.choice([1, 3, 5])), int(rng.integers(1, 5)), 3
    steps = np.arange(n_step) - n_step // 2
    graph = random_graph(rng, n_site, int(rng.integers(0, 4 * n_site + 1)), steps, n_kind)
    has_unary = bool(rng.integers(2)) if unary is None else unary
    if which is BinKernel:
        tables = random_tables(rng, n_step, n_kind, n_path, False, CLOSER[seed % 2])
    else:
        tables = random_tables(rng, n_step, n_kind, n_path, has_unary)
    codes = 2 * graph.region + (rng.random(n_site) < rng.random())
    return arguments_for(graph, codes, tables, n_path, quantum=float(rng.uniform(0.1, 10)))


def random_uniform_lattice(rng):
    """Random offsets: 1, 2, 4 or 8 basis sites, 1 to 32 neighbours, 1 to 32 step classes; no site is its own.

    Even basis sites share their edges, and so do odd ones, each in an order of its own.  Every edge has its reverse:
    an even offset stands with its negative in the same list, an odd one with its negative in the other.
    """
    n_basis = int(rng.choice([1, 2, 4, 8]))
    n_site = n_basis * int(rng.integers(1, 20)) + n_basis
    n_step = int(rng.choice([1, 2, 3, 5, 31, 32]))
    steps = np.arange(n_step) - n_step // 2
    steps[steps >= 0] += n_step % 2 == 0
    pairs = []  # offset and class for even basis sites, offset and class for odd ones
    for _ in range(int(rng.integers(1, 17))):
        offset, step = int(rng.integers(1, n_site)), int(rng.integers(n_step))
        there, back = (offset, step), (-offset, n_step - 1 - step)
        if offset % 2 and n_basis > 1:
            pairs.append((there, back) if rng.integers(2) else (back, there))
        else:
            pairs += [(there, there), (back, back)]
    rows = np.array([[pair[b % 2] for pair in rng.permutation(pairs)] for b in range(n_basis)])
    offset, step_class = np.ascontiguousarray(rows[..., 0]), rows[..., 1].astype(np.uint8)
    return UniformLattice(n_site, offset, step_class, steps, 1.0, float(n_site))


def twins(arguments, seed, stream=np.random.PCG64DXSM, which=GroupKernel, **tracking):
    """The kernel and its plain Python twin on two copies of one random stream."""
    return which(*arguments, stream(seed), **tracking), TWIN[which](*arguments, stream(seed))


def state_of(kernel):
    """All that can be seen of a kernel, or of its twin, in plain lists; the coming random words included."""
    words = []
    if isinstance(kernel, tuple(TWIN.values())):
        propensities, codes = [kernel.propensity(site) for site in range(len(kernel.code))], list(kernel.code)
        total, n_event, stream = sum(propensities), len(kernel.events), kernel.word.__self__
        kept = kernel.kept if isinstance(kernel, ReferenceGroupKernel) else propensities
    else:
        propensities, codes = kernel.propensities().tolist(), kernel.codes.tolist()
        total, n_event, stream = kernel.total_propensity, kernel.n_event, kernel.bit_generator
        words = kernel.drawn_ahead.tolist()
        kept = kernel.kept_propensities().tolist() if isinstance(kernel, GroupKernel) else propensities
    return {
        "time": kernel.time,
        "codes": codes,
        "hops": kernel.hops.tolist(),
        "exchanges": kernel.exchanges.tolist(),
        "propensities": propensities,
        "kept": list(kept),
        "total": total,
        "events": n_event,
        "stream": words + deepcopy(stream).random_raw(100 - len(words)).tolist(),
    }


def from_scratch(graph, tables, codes):
    """Propensity of every site, by a sum over all edges."""
    source = graph.sources()
    can = (codes[source] & 1 == 1) & (codes[graph.target] & 1 == 0)
    total = tables.unary[codes].astype(np.uint64)
    chosen = tables.rate[graph.step_class[can], codes[source[can]], codes[graph.target[can]]]
    np.add.at(total, source[can], chosen)
    return total
