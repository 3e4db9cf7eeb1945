"""Digests of what is stored: every bit counts, the order does not."""

import json

import numpy as np
import pytest

from coble.store.digests import digest_of

ARRAYS = {"a": np.arange(6, dtype=np.uint16).reshape(2, 3), "b": np.zeros(0)}
PLAIN = {"time_s": 0.1 + 0.2, "name": "Li₉Al₄", "list": [1, None, True]}


def test_order_and_a_way_through_json_change_nothing():
    turned = dict(reversed(ARRAYS.items())), json.loads(json.dumps(dict(reversed(PLAIN.items()))))
    assert digest_of(*turned) == digest_of(ARRAYS, PLAIN)
    assert len(digest_of({}, {})) == 64
    assert digest_of({"a": ARRAYS["a"].T.copy().T}, {}) == digest_of({"a": ARRAYS["a"]}, {})


@pytest.mark.parametrize(
    ("arrays", "plain"),
    [
        (ARRAYS | {"a": ARRAYS["a"] ^ np.uint16(1)}, PLAIN),
        (ARRAYS | {"a": ARRAYS["a"].astype(np.int16)}, PLAIN),
        (ARRAYS | {"a": ARRAYS["a"].reshape(3, 2)}, PLAIN),
        ({"a": ARRAYS["a"]}, PLAIN),
        (ARRAYS | {"c": ARRAYS["b"]}, PLAIN),
        (ARRAYS, PLAIN | {"time_s": 0.3}),
        (ARRAYS, PLAIN | {"list": [1, None, False]}),
    ],
)
def test_every_change_changes_the_digest(arrays, plain):
    assert digest_of(arrays, plain) != digest_of(ARRAYS, PLAIN)
