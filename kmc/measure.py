"""Measure a driven segment: run replicas block by block until every share is known well enough."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import inf
from time import perf_counter

import numpy as np

from kmc.estimates import Estimate, mean_estimate, ratio_estimate
from kmc.observables import hops_by_kind, path_conductance
from kmc.segment import Stopped
from lattices import Kind

BLOCK_EVENTS = 50_000  # expected events in a block
BURN_IN_BLOCKS = 4  # the field disturbs the equilibrium start for a few hops per carrier
ROUND_BLOCKS = 8  # per replica between looks at the error
FEWEST_IN_ALL = 64  # blocks before the error is believed

TARGET_MET = "target error met"
EVENT_LIMIT = "event limit reached"
INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Progress:
    """Where a measurement stands: events so far, seconds so far, largest standard error of a share, blocks."""

    n_event: int
    seconds: float
    worst_error: float
    n_block: int
    target_error: float
    max_events: float

    @property
    def events_per_second(self):
        return self.n_event / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self):
        """Estimated from error ∝ 1/√time, and from the event limit; inf while unknown."""
        if not self.n_event:
            return inf
        to_limit = max(0.0, self.max_events / self.n_event - 1)
        if self.worst_error < inf:
            to_limit = min(to_limit, max(0.0, (self.worst_error / self.target_error) ** 2 - 1))
        return self.seconds * to_limit


@dataclass
class Measurement:
    """Block series of the axial conductance of every path.

    Attributes
    ----------
    kinds : tuple of Kind
        The regions that are present.
    conductance : list of float arrays (n_block, 4)
        c D A by kind [Å/s], one array per replica.
    hops : int64 array (4,)
        Hops that touched each kind, in the blocks that count.
    block_duration : float
        [s]
    reason : str
        Why the run ended.
    """

    segment: object
    kinds: tuple
    conductance: list
    hops: np.ndarray
    block_duration: float
    n_event: int
    seconds: float
    reason: str
    replicas: list = field(repr=False)

    @property
    def total(self):
        """Axial conductance of all paths [Å/s]."""
        return mean_estimate([c.sum(axis=1) for c in self.conductance], "net displacement under the field")

    def path(self, kind):
        """Axial conductance of one path [Å/s]."""
        return mean_estimate([c[:, kind] for c in self.conductance], "net displacement under the field")

    def share(self, kind):
        """Part of the current that one path carries."""
        part = [c[:, kind] for c in self.conductance]
        return ratio_estimate(part, [c.sum(axis=1) for c in self.conductance], "net displacement, path over all")

    def shares(self):
        return {kind: self.share(kind) for kind in self.kinds}

    @property
    def worst_share_error(self):
        return max(self.share(kind).stderr for kind in self.kinds)

    @property
    def n_block(self):
        return sum(len(c) for c in self.conductance)


def measure(
    segment,
    *,
    seed,
    key=(),
    replicas=2,
    workers=1,
    target_error=0.01,
    max_events=inf,
    should_stop=lambda: False,
    report=lambda progress: None,
):
    """Run until every share has a standard error of at most `target_error`, or a limit is reached.

    Parameters
    ----------
    segment : Segment
    seed : int
    key : tuple of int
        Appended to the replica's number in the spawn key of its random stream.
    replicas, workers : int
        Independent copies, and threads that run them; the result does not depend on `workers`.
    target_error : float
        Absolute standard error of a share.
    max_events : float
        Limit on the events of all replicas together.
    should_stop : callable
        Looked at every few tenths of a second; when true, what was counted so far is returned.
    report : callable (Progress)

    Returns
    -------
    Measurement
    """
    started = perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        runners = list(pool.map(lambda i: segment.start(seed, (i, *key)), range(replicas)))
        kinds = tuple(kind for kind in Kind if segment.graph.count(kind))
        duration = BLOCK_EVENTS / runners[0].event_rate
        result = Measurement(
            segment, kinds, [np.zeros((0, len(Kind)))] * replicas, np.zeros(len(Kind), dtype=np.int64),
            duration, 0, 0.0, INTERRUPTED, runners,
        )  # fmt: skip
        first = True
        while not should_stop():
            burn_in = BURN_IN_BLOCKS if first else 0
            first = False
            rounds = pool.map(lambda r: _round(r, duration, burn_in, should_stop), runners)
            for i, blocks in enumerate(rounds):
                rows = [path_conductance(b.hops, b.duration, segment) for b in blocks]
                result.conductance[i] = np.concatenate([result.conductance[i], np.reshape(rows, (-1, len(Kind)))])
                result.hops += sum((hops_by_kind(b.hops) for b in blocks), np.zeros(len(Kind), dtype=np.int64))
            result.n_event = sum(r.kernel.n_event for r in runners)
            result.seconds = perf_counter() - started
            error = result.worst_share_error if result.n_block >= FEWEST_IN_ALL else inf
            report(Progress(result.n_event, result.seconds, error, result.n_block, target_error, max_events))
            if error <= target_error:
                result.reason = TARGET_MET
                break
            if result.n_event >= max_events:
                result.reason = EVENT_LIMIT
                break
        return result


def _round(replica, duration, burn_in, should_stop):
    """A few blocks of one replica; the ones that were complete when the stop flag was raised."""
    done = []
    try:
        for _ in range(burn_in):
            replica.run(duration, should_stop)
        for _ in range(ROUND_BLOCKS):
            done.append(replica.run(duration, should_stop))
    except Stopped:
        pass
    return done


def lost_if_off(whole, without):
    """Part of the current that is lost when a path is switched off: 1 - J_off / J, from two runs.

    Parameters
    ----------
    whole, without : Estimate
        Conductance with and without the path.
    """
    ratio = without.value / whole.value
    stderr = abs(ratio) * ((without.stderr / without.value) ** 2 + (whole.stderr / whole.value) ** 2) ** 0.5
    return Estimate(1 - ratio, stderr, min(whole.n_eff, without.n_eff), "a second run with the path switched off")
