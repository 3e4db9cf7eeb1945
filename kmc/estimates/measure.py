"""Measure a driven segment: run replicas until every share is known well enough.

A replica is a sequence of episodes.  Each starts afresh from equilibrium, every region holding its own number of
atoms, runs until the field's local disturbance has settled, and is then counted: one block.  Blocks are independent
by construction.  One long run would not do: atoms pass between regions so slowly that the number of vacancies in
a wall (±3 % in 2 nm of LiC6) drifts for longer than a run lasts, unseen by any test on its blocks; standard errors
were 1.3 to 1.9 times too small.

A run that stops when its error is small enough stops a little too early when chance made the error small.  Its first
look is after 32 blocks, so that costs 1 to 2 % of the error bar (`benchmarks/error_bars.py`).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from math import ceil, inf
from time import perf_counter

import numpy as np

from coble.kmc.estimates.estimate import mean_estimate, ratio_estimate, same_mean
from coble.kmc.kernel.observables import hops_by_region, path_conductance
from coble.kmc.kernel.segment import Stopped

BURN_IN_EVENTS = 150_000  # expected events before counting, at most
BLOCK_EVENTS = 150_000  # expected events in a block, at most: on more than ten times as many sites, a tenth of them
EPISODE_EVENTS = BURN_IN_EVENTS + BLOCK_EVENTS
# Of each carrier, in both: with 10 in place of 30, total and shares still are those of 100 within 0.6 %, their errors.
CARRIER_EVENTS = 30
LEAST_EVENTS = 3000  # 1.5 ms: fewer would cost more in starting them
LOOKS = 2000  # at the rates of all hops in every block, times the number of carriers; at least one, at most 16
GROWING = 8  # a look at the error for every so many blocks of a replica, so that looks do not outgrow the run
ROUND_EPISODES = 4  # per replica between looks at the error
TRIES = 10  # episodes that are looked at before a segment counts as frozen
FEWEST_BLOCKS = 32  # before the error is believed

episode_mean = partial(mean_estimate, independent=True)
episode_ratio = partial(ratio_estimate, independent=True)

TARGET_MET = "target error met"
EVENT_LIMIT = "event limit reached"
INTERRUPTED = "interrupted"
FROZEN = "nothing can move"


@dataclass(frozen=True)
class Progress:
    """Where a measurement stands: events so far, seconds so far, the error that is to fall, blocks."""

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
        """Estimated from error ∝ 1/√time, and from the event limit; inf while the error is unknown."""
        if not self.n_event or (self.target_error and self.worst_error == inf):
            return inf
        to_limit = max(0.0, self.max_events / self.n_event - 1)
        if self.target_error:
            to_limit = min(to_limit, max(0.0, (self.worst_error / self.target_error) ** 2 - 1))
        return self.seconds * to_limit


@dataclass
class PathSeries:
    """Block series of the axial conductance of every path, and what follows from them.

    Attributes
    ----------
    kinds : tuple of int
        The regions that are present.
    conductance : list of float arrays (n_block, n_region)
        c D A by region [Å/s], one array per replica.
    """

    kinds: tuple
    conductance: list

    @property
    def total(self):
        """Axial conductance of all paths [Å/s]."""
        return episode_mean([c.sum(axis=1) for c in self.conductance], "net displacement under the field")

    def path(self, kind):
        """Axial conductance of one path [Å/s]."""
        return episode_mean([c[:, kind] for c in self.conductance], "net displacement under the field")

    def share(self, kind):
        """Part of the current that one path carries."""
        part = [c[:, kind] for c in self.conductance]
        return episode_ratio(part, [c.sum(axis=1) for c in self.conductance], "net displacement, path over all")

    def shares(self):
        return {kind: self.share(kind) for kind in self.kinds}

    def agreement(self, kind):
        """Whether the blocks of one path's share agree with each other, and stay as they are: two probabilities.

        Returns
        -------
        replicas, halves : float
            Of so large a difference between the replicas, and between first and second half of all of them; nan for
            what cannot be told.
        """
        share = self.share(kind).value
        apart = [c[:, kind] - share * c.sum(axis=1) for c in self.conductance]
        halves = [np.concatenate(part) for part in zip(*(np.array_split(each, 2) for each in apart), strict=True)]
        return same_mean(apart), same_mean(halves)

    @property
    def worst_share_error(self):
        return max(self.share(kind).stderr for kind in self.kinds)

    @property
    def n_block(self):
        return sum(len(c) for c in self.conductance)


@dataclass
class Measurement(PathSeries):
    """What was measured in a driven segment.

    Attributes
    ----------
    segment : Segment
    hops : list of int64 arrays (n_path, n_step)
        Carrier hops in the blocks, by path class and step class, one array per replica.
    expected : PathSeries
        From the rates of all hops in each block, in place of those counted; empty unless asked for.
    block_duration : float
        [s]
    n_event : int
        Of all replicas, those before counting began included.
    reason : str
        Why the run ended.
    end_states : list of EndState or None
        The last complete episode of each replica.
    """

    segment: object
    hops: list
    block_duration: float
    n_event: int
    seconds: float
    reason: str
    end_states: list = field(repr=False)
    expected: PathSeries = field(repr=False)

    def add(self, replica, blocks, n_event, end):
        """Take in what one replica did in a round."""
        _append(self, replica, [path_conductance(b.hops, b.duration, self.segment) for b in blocks])
        _append(
            self.expected,
            replica,
            [path_conductance(b.rates, 1.0, self.segment) for b in blocks if b.rates is not None],
        )
        self.hops[replica] = self.hops[replica] + sum(b.hops for b in blocks)
        self.n_event += n_event
        self.end_states[replica] = end or self.end_states[replica]

    def hops_of(self, kind):
        """Hops that touched a region, those between two regions counted in both."""
        return int(hops_by_region(sum(self.hops), self.segment.graph)[kind])


def _append(series, replica, rows):
    """More blocks of a replica."""
    known = series.conductance[replica]
    series.conductance[replica] = np.concatenate([known, np.reshape(rows, (-1, known.shape[1]))])


def measure(
    segment,
    *,
    seed,
    key=(),
    replicas=2,
    workers=1,
    pool=None,
    target_error=0.01,
    error_of=lambda found: found.worst_share_error,
    max_events=inf,
    expected=False,
    should_stop=lambda: False,
    report=lambda progress: None,
):
    """Run until the error is at most `target_error`, or a limit is reached.

    Parameters
    ----------
    segment : Segment
    seed : int
    key : tuple of int
        Episode e of replica i draws from the stream with spawn key `(i, e, *key)`.
    replicas, workers : int
        Independent sequences of episodes, and threads that run them; the result does not depend on `workers`.
    pool : concurrent.futures.Executor, optional
        Of threads, in place of so many of its own.
    target_error : float
    error_of : callable (Measurement)
        The error that is to fall to the target: the largest standard error of a share, unless given.
    max_events : float
        Limit on the events of all replicas together.  It is kept in whole episodes, see `episode_events`: every
        replica runs at least one, and no other is begun once the limit is reached.
    expected : bool
        Look at the rates of all hops in every block, too.
    should_stop : callable
        Looked at every few hundredths of a second; when true, what was counted so far is returned.
    report : callable (Progress)

    Returns
    -------
    Measurement
    """
    started = perf_counter()
    graph = segment.graph
    kinds = graph.present
    burn_in, duration, ready = begun(segment, seed, key)
    episode = sum(episode_events(segment))
    nothing = np.zeros((0, graph.n_region))
    result = Measurement(
        segment=segment,
        kinds=kinds,
        conductance=[nothing] * replicas,
        expected=PathSeries(kinds, [nothing] * replicas),
        hops=[np.zeros((segment.tables.n_path, graph.n_class), dtype=np.int64)] * replicas,
        block_duration=duration,
        n_event=0,
        seconds=0.0,
        reason=INTERRUPTED,
        end_states=[None] * replicas,
    )
    if not duration:  # as in a bore so narrow that its core holds no vacancy, when its shell is switched off
        result.conductance = [np.zeros((FEWEST_BLOCKS, graph.n_region))] * replicas
        result.expected = PathSeries(kinds, list(result.conductance))
        result.reason = FROZEN
        return result
    with pool or ThreadPoolExecutor(workers) as threads:
        first = 0
        while not should_stop():
            left = (max_events - result.n_event) / (replicas * episode)
            numbers = range(first, first + max(1, ceil(min(left, max(ROUND_EPISODES, first // GROWING)))))
            jobs = [
                threads.submit(
                    episodes, segment, seed, i, numbers, key, burn_in, duration, should_stop, expected, ready
                )
                for i in range(replicas)
            ]
            for i, job in enumerate(jobs):
                result.add(i, *job.result())
            first = numbers.stop
            result.seconds = perf_counter() - started
            error = error_of(result) if result.n_block >= FEWEST_BLOCKS else inf
            report(Progress(result.n_event, result.seconds, error, result.n_block, target_error, max_events))
            if error <= target_error:
                result.reason = TARGET_MET
                break
            if result.n_event >= max_events:
                result.reason = EVENT_LIMIT
                break
    return result


def durations(segment, seed, key=()):
    """Simulated time of the burn-in and of a block [s]; zeros where nothing can move."""
    return begun(segment, seed, key)[:2]


def begun(segment, seed, key=()):
    """The same, and the start of the episode that told them: a dict of (replica, episode) → Replica.

    So few vacancies may belong into a region that some episodes have none: the first that can move sets the times.
    """
    burn_in, block = episode_events(segment)
    for episode in range(TRIES):
        replica = segment.start(seed, (0, episode, *key))
        if rate := replica.event_rate:
            return burn_in / rate, block / rate, {(0, episode): replica}
    return 0.0, 0.0, {}


def episode_events(segment):
    """Expected events of a burn-in and of a block: so many for each carrier, within limits."""
    events = max(CARRIER_EVENTS * segment.mean_carriers, LEAST_EVENTS)
    most = max(BLOCK_EVENTS, segment.graph.n_site // 10)  # 10⁷ sites take 6 s to start, and 10⁶ events one
    return min(BURN_IN_EVENTS, events), min(most, events)


def looks(segment, enough, fewest, most):
    """How many looks at the rates of all hops: so many that `enough` carriers are seen, within limits."""
    return int(min(max(enough / max(segment.mean_carriers, 1), fewest), most))


def episodes(segment, seed, replica, numbers, key, burn_in, duration, should_stop, expected=False, ready=None):
    """Some episodes of one replica.

    Parameters
    ----------
    segment : Segment
    seed, replica : int
    numbers : iterable of int
        Episode e draws from the stream with spawn key `(replica, e, *key)`.
    key : tuple of int
    burn_in, duration : float
        See `durations` [s].
    should_stop : callable
    expected : bool
        See `measure`.
    ready : dict, optional
        What `begun` returned of these episodes; what is used is taken out of it.

    Returns
    -------
    blocks : list of Block
        Those that were complete when the stop flag was raised.
    n_event : int
    end : EndState or None
        Of the last complete episode.
    """
    blocks, n_event, end, ready = [], 0, None, {} if ready is None else ready
    for number in numbers:
        if should_stop():  # before a start, which takes a tenth of a second on 10⁶ sites
            break
        gas = ready.pop((replica, number), None) or segment.start(seed, (replica, number, *key))
        try:
            gas.run(burn_in, should_stop)
            blocks.append(gas.run(duration, should_stop, looks(segment, LOOKS, 1, 16) if expected else 0))
        except Stopped:
            break
        finally:
            n_event += gas.kernel.n_event
        end = gas
    return blocks, n_event, end and end.end()  # here, beside other replicas: a millisecond for each 10⁴ sites
