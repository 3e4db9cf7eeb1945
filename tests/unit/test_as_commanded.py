"""The face takes the options that the command takes: NumPy's numbers, too, and none out of its bounds."""

import json

import numpy as np
import pytest
from cases import GROWS

import coble
from coble import CaseError
from coble.as_commanded import _bounds

SMALL = GROWS + "depth_nm = 6.0\nuntil_front_nm = 2.5\nrecords = 10\nframes = 0\n"


def test_numbers_of_numpy_are_numbers(tmp_path):
    case = coble.parse_case(SMALL)
    found = coble.plate(case, seed=np.int64(3), progress=False)
    found.save(tmp_path / "kept")
    assert json.loads((tmp_path / "kept" / "result.json").read_text())["provenance"]["random"]["seed"] == 3


@pytest.mark.parametrize(
    ("verb", "options", "said"),
    [
        (coble.discriminate, {"replicas": -1}, "replicas must be a number, at least 1 and at most 1000, got -1"),
        (coble.discriminate, {"target_error": 0}, "target_error must be a number, at least 0.0001 and at most 0.2"),
        (coble.discriminate, {"target_error": float("nan")}, "got nan"),
        (coble.experiment, {"target_error": 9.0}, "got 9.0"),
        (coble.discriminate, {"workers": 0}, "workers must be a number, at least 1, got 0"),
        (coble.sensitivity, {"void_fraction": 2}, "void_fraction must be a number, at least 0 and at most 0.99, got 2"),
        (coble.sensitivity, {"runs": 0}, "runs must be a number"),
        (coble.sensitivity, {"error": -1}, "error must be a number"),
        (coble.plate, {"seed": -3}, "seed must be a number, at least 0"),
        (coble.sweep, {"workers": 0}, "workers must be a number"),
    ],
)
def test_what_the_command_refuses_is_refused(verb, options, said):
    with pytest.raises(CaseError) as refused:
        verb("plate", **options)
    assert said in str(refused.value)


def test_bounds_are_those_of_the_command():
    assert _bounds("coble.kinds.discriminate.command", "discriminate")["replicas"] == (1, 1000)
