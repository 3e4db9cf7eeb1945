"""Draws below numbers near 2^63, where words must be rejected: the kernel against its twin."""

import numpy as np
import pytest
from random_gases import STREAMS, arguments_for, state_of, twins
from small_graphs import chain


@pytest.mark.parametrize("stream", STREAMS)
def test_words_that_would_favour_some_sites_are_rejected(stream):
    """Three sites that toggle at 2^61 quanta: of 2^64 words a quarter is left over and drawn again."""
    rate = np.full(2, 1 << 61, dtype=np.uint64)
    tables = np.zeros((2, 2, 2), dtype=np.uint64), rate, np.zeros((2, 2), dtype=np.uint8)
    kernel, twin = twins(arguments_for(chain(3), [0, 1, 0], tables, 1), 7, stream)
    for _ in range(5):
        kernel.advance(max_events=40)
        twin.advance(max_events=40)
        assert state_of(kernel) == state_of(twin)
    assert kernel.n_event == 200
