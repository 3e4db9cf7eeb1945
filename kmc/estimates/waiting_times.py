"""Waiting times between events: a check of the clock on the run itself.

The kernel executes an event after a wait of mean 1/R, with R the total propensity of that moment.  A wait times R is
therefore exponential with mean one whatever the state is, and however R changes from event to event; a clock that
runs fast, or waits that are not exponential, show in the histogram.
"""

from dataclasses import dataclass

import numpy as np

from coble.kmc.estimates.estimate import Estimate

NUMBER = 20_000  # of waits: the mean to 0.7 %, in 0.05 s
EDGES = np.linspace(0.0, 8.0, 33)  # of the bins, in mean waits


@dataclass(frozen=True)
class Waits:
    """Waiting times, each in units of its mean 1/R.

    Attributes
    ----------
    counts : int array (len(EDGES) - 1,)
        Waits by bin.
    beyond : int
        Waits longer than the last edge.
    mean : Estimate
        To be 1.
    probability : float
        Of a sample as far from the exponential distribution as this one (Kolmogorov and Smirnov).
    mean_s : float
        Mean wait [s].
    """

    counts: np.ndarray
    beyond: int
    mean: Estimate
    probability: float
    mean_s: float

    @property
    def number(self):
        return int(self.counts.sum()) + self.beyond


def waiting_times(replica, number=NUMBER):
    """Run a replica event by event, and look at its clock.

    Parameters
    ----------
    replica : coble.kmc.kernel.segment.Replica
    number : int
        Of events.

    Returns
    -------
    Waits or None
        None where nothing can move.
    """
    kernel, waits, rates = replica.kernel, np.empty(number), np.empty(number)
    if not replica.event_rate:
        return None
    for event in range(number):
        rates[event], before = replica.event_rate, kernel.time
        kernel.advance(max_events=1)
        waits[event] = kernel.time - before
    return Waits(*_judged(waits * rates), float(waits.mean()))


def _judged(waits):
    """Histogram, mean and probability of waits that should be exponential with mean one."""
    from scipy.stats import kstest  # half a second, and only those pay who look at waits

    counts, _ = np.histogram(waits, EDGES)
    stderr = float(waits.std(ddof=1) / np.sqrt(len(waits)))
    mean = Estimate(float(waits.mean()), stderr, len(waits), "waits times the total propensity before them")
    return counts, int(len(waits) - counts.sum()), mean, float(kstest(waits, "expon").pvalue)
