"""Ctrl-C in the middle of a run: the event loop ends at once, on a large and slow lattice too, and all is kept."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Timer

import numpy as np
import pytest
from patience import patience

import coble.kmc.estimates.measure
from coble.console.common import stop_flag
from coble.kmc.estimates.measure import INTERRUPTED, measure
from coble.kmc.estimates.tracer import trace
from coble.kmc.kernel.segment import Segment, Stopped
from coble.kmc.network.continuum import RegionTransport
from coble.kmc.rates.table import rate_table
from coble.lattices import Region, bcc, build_box

SECONDS = 0.3  # from Ctrl-C to the end of the loop; 0.05 to 0.1 where nothing else runs
CELLS = (80, 80, 80)  # 1,024,000 sites, each with its list of neighbours: 0.4e6 to 1e6 events/s

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")


@pytest.fixture(scope="module")
def halves():
    """A box, one half of it a region of its own."""
    graph = build_box(bcc(1.0, "100"), CELLS)
    graph.region[graph.positions[:, 0] > np.median(graph.positions[:, 0])] = Region.INTERFACE
    return graph


@pytest.fixture(params=[(0.5, 0.5, "BinKernel"), (0.93, 0.02, "GroupKernel")], ids=["bins", "groups"])
def segment(halves, request):
    """Where most atoms stand in a dense region, bins would draw in vain too often."""
    metal, interface, kernel = request.param
    rates = rate_table({Region.BULK: 1.0, Region.INTERFACE: 0.01}, {Region.BULK: metal, Region.INTERFACE: interface})
    found = Segment(halves, rates, field_kT_per_A=0.05, tracked=True)
    assert type(found.start(1, (0, 0)).kernel).__name__ == kernel
    return found


@pytest.fixture
def ctrl_c():
    """The command's own stop flag, and a function that sends Ctrl-C later; the handlers as they were afterwards."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    flag, sent, timers = stop_flag(), [], []

    def send():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    def after(seconds):
        timers.append(Timer(seconds, send))
        timers[-1].start()

    yield flag.is_set, after, lambda: time.perf_counter() - sent[0]
    for timer in timers:
        timer.cancel()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_loop_ends_and_everything_is_kept(segment, ctrl_c):
    should_stop, after, since = ctrl_c
    replicas = [segment.start(1, (number, 0)) for number in range(2)]
    with ThreadPoolExecutor(2) as pool:
        after(0.5)
        jobs = [pool.submit(replica.run_events, 10**12, should_stop) for replica in replicas]
        for job in jobs:
            with pytest.raises(Stopped):
                job.result()
        seconds = since()
    assert seconds < SECONDS * patience()
    for replica in replicas:
        kernel = replica.kernel
        assert 0 < kernel.n_event == kernel.hops.sum()
        assert kernel.total_propensity == sum(kernel.propensities().tolist())
        assert replica.occupied.sum() == replica.started_on.sum()
        before = kernel.n_event
        replica.run_events(1000)  # and it goes on from there
        assert kernel.n_event == before + 1000


def test_measurement_ends_with_replicas_still_waiting(segment, ctrl_c, monkeypatch):
    """Those whose turn never came do not start any more."""
    monkeypatch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 20_000)
    monkeypatch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 20_000)
    monkeypatch.setattr(coble.kmc.estimates.measure, "ROUND_EPISODES", 1)
    should_stop, after, since = ctrl_c
    first = iter([0.05])  # seconds after the first replica is done, while others wait

    class Threads(ThreadPoolExecutor):
        def submit(self, *work):
            job = super().submit(*work)
            job.add_done_callback(lambda _: [after(seconds) for seconds in first])
            return job

    asked = {"seed": 1, "replicas": 50, "target_error": 1e-9}
    found = measure(segment, **asked, pool=Threads(2), should_stop=should_stop)
    seconds = since()
    assert seconds < SECONDS * patience()
    assert found.reason == INTERRUPTED
    assert found.n_block > 0
    assert found.hops_of(Region.BULK) > 0


def test_tracers_end_with_replicas_still_waiting(halves, ctrl_c):
    should_stop, after, since = ctrl_c
    region = RegionTransport(Region.BULK, 1e-8, 1.0, 1.0, 0.5)
    rates = rate_table({Region.BULK: 1.0}, {Region.BULK: 0.5})
    after(1.0)
    with pytest.raises(Stopped):
        trace(halves, region, rates, seed=1, replicas=50, workers=2, hops_per_atom=60.0, should_stop=should_stop)
    seconds = since()
    assert seconds < SECONDS * patience()
