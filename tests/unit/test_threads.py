"""Kernels in threads, which run without the GIL, do the events that they do alone.

On a free-threaded Python nothing else holds them apart either: run this file there before the kernel's declaration
`freethreading_compatible` is believed.  With a GIL it tests the event loop alone.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from gas import KERNELS, gas
from small_graphs import ring

N_THREAD, N_CALL, N_EVENT = 4, 50, 500


@pytest.mark.parametrize("which", KERNELS)
def test_threads_that_share_tables_do_what_one_does(which):
    shared = gas(ring(60), 1.0)

    def run(seed):
        kernel = shared.kernel([1, 0, 0] * 20, seed, which=which)
        for _ in range(N_CALL):  # in and out of the loop, where threads change places
            kernel.advance(max_events=N_EVENT)
        return kernel.time, kernel.n_event, kernel.codes.tolist(), kernel.hops.tolist()

    alone = [run(seed) for seed in range(N_THREAD)]
    with ThreadPoolExecutor(N_THREAD) as threads:
        together = list(threads.map(run, range(N_THREAD)))
    assert together == alone
    assert [events for _, events, *_ in alone] == [N_CALL * N_EVENT] * N_THREAD
    assert len({time for time, *_ in alone}) == N_THREAD, "seeds gave the same trajectory"


@pytest.mark.parametrize("which", KERNELS)
def test_kernels_on_one_stream_take_turns(which):
    """The lock of the bit generator is held while a kernel draws: no word is drawn twice, none is lost."""
    stream = np.random.SFC64(3)
    arguments = gas(ring(60), 1.0).arguments([1, 0, 0] * 20)
    kernels = [which(*arguments, stream) for _ in range(N_THREAD)]
    with ThreadPoolExecutor(N_THREAD) as threads:
        list(threads.map(lambda kernel: kernel.advance(max_events=N_EVENT), kernels))
    assert [kernel.n_event for kernel in kernels] == [N_EVENT] * N_THREAD
