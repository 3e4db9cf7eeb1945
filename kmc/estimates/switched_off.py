"""The current that is left when a path is switched off, from the rates of all hops instead of their counts.

The mean of the rates is that of the hops without the scatter of counting.  In the paper's tubules 8 blocks give the
current to 0.1 to 0.3 %, counted blocks of five times the events to 2 to 3 %.  So such a run is short, and most of it is
settling.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.measure import FEWEST_BLOCKS, PathSeries, begun, looks
from coble.kmc.kernel.observables import path_conductance
from coble.kmc.kernel.segment import Stopped

BLOCKS = 8  # of all replicas together, at least
MANY = 2000  # carriers; of fewer, the scatter between blocks is larger and blocks cost less: `FEWEST_BLOCKS`
LOOKS, MOST = 20_000, 100  # at the rates in every block, times the number of carriers, and of all; at least 4
FINE = 0.01  # target error that needs so many; the looser it is, the fewer
PAUSE = 0.05  # of the burn-in, between looks


def expected_series(
    segment, *, seed, key=(), replicas=2, workers=1, pool=None, target_error=FINE, should_stop=lambda: False
):
    """Axial conductance of every path, block by block, from the rates of all hops.

    Parameters
    ----------
    segment : Segment
    seed : int
    key : tuple of int
        Episode e of replica i draws from the stream with spawn key `(i, e, *key)`.
    replicas, workers : int
        Independent sequences of episodes, and threads; the result does not depend on `workers`.
    pool : concurrent.futures.Executor, optional
        Of threads, in place of so many of its own.
    target_error : float
        Of shares; the error of the current stays well below it.
    should_stop : callable

    Returns
    -------
    PathSeries or None
        None when it was stopped.
    """
    graph, kinds = segment.graph, segment.graph.present
    blocks, fine = BLOCKS if segment.mean_carriers > MANY else FEWEST_BLOCKS, min(FINE / target_error, 1)
    times = looks(segment, LOOKS * fine**2, 4, MOST * fine)
    per_replica = max(2, -(-blocks // replicas))
    burn_in, _, ready = begun(segment, seed, key)
    if not burn_in:
        return PathSeries(kinds, [np.zeros((per_replica, graph.n_region))] * replicas)

    def block(number):
        if should_stop():  # before a start, which takes a tenth of a second on 10⁶ sites
            raise Stopped
        gas = ready.pop(number, None) or segment.start(seed, (*number, *key))
        gas.run(burn_in, should_stop)
        return path_conductance(gas.run(times * PAUSE * burn_in, should_stop, times).rates, 1.0, segment)

    numbers = [(replica, episode) for replica in range(replicas) for episode in range(per_replica)]
    with pool or ThreadPoolExecutor(workers) as threads:
        try:
            rows = np.array(list(threads.map(block, numbers)))
        except Stopped:
            return None
    return PathSeries(kinds, list(rows.reshape(replicas, per_replica, -1)))


def lost_if_off(whole, without):
    """Part of the current that is lost when a path is switched off: 1 - J_off / J, from two runs.

    Parameters
    ----------
    whole, without : Estimate
        Conductance with and without the path.
    """
    ratio = without.value / whole.value
    stderr = np.hypot(without.stderr, ratio * whole.stderr) / abs(whole.value)
    return Estimate(1 - ratio, float(stderr), min(whole.n_eff, without.n_eff), "a run with the path switched off")
