"""An empty tubule: when the first metal forms, and that a wall which metal wets needs no waiting."""

import numpy as np
from checks import assert_within, mean_and_error

from coble import parse_case
from coble.kinds.growth.run import NUCLEUS
from coble.kinds.growth.setup import prepare
from coble.lattices import Region

EMPTY = """
[tubule]
inner_width_nm = 2.5
wall_thickness_nm = 1.0
[[wall]]
name = "inert"
[bonds]
wetting = {wetting}
[growth]
depth_nm = 5.0
metal_to_nm = 0
overpotential_V = 0.1
until_front_nm = 1.0
time_s = 1e-6
records = {records}
frames = 0
"""


def empty(wetting, seed, records=1000):
    run = prepare(parse_case(EMPTY.format(wetting=wetting, records=records)), seed)
    assert not run.growth.occupied[run.growth.metal].any() and run.series.front_nm == [0.0]
    assert not run.growth.frozen.any()  # nothing has formed whose current the rest of the channel could be ahead of
    run.run()
    return run


def test_a_wall_that_metal_wets_needs_no_waiting():
    """Incubation times fall with the wetting; against a wall that metal shuns nothing forms in all of the run.

    There the channel has long been at the electrolyte's potential: the barrier, and not the way, keeps the metal out.
    """
    shunned = [empty(0.25, seed, 20) for seed in range(2)]
    for run in shunned:
        assert run.incubation_s is None and run.reason.startswith("simulated time reached time_s")
        assert run.growth.largest_piece() < NUCLEUS and run.series.front_nm[-1] == 0.0
    # The channel follows the electrolyte within a microsecond: the ends of two runs are two samples.
    channel = shunned[0].growth.graph.region == Region.INTERFACE
    there = np.mean([run.growth.occupied[channel].mean() for run in shunned])
    wanted = 1 / (1 + np.exp(-0.1 / shunned[0].growth.model.kT_eV))
    assert_within(there, np.sqrt(wanted * (1 - wanted) / (2 * channel.sum())), wanted, at_most=0.01)
    times = {
        wetting: mean_and_error([np.log(empty(wetting, seed, records).incubation_s) for seed in range(5)])
        for wetting, records in ((0.5, 200), (0.8, 1000), (1.2, 1000))  # an incubation takes 40, 20 and 2 of them
    }
    for low, high, factor in ((0.8, 0.5, 3), (1.2, 0.8, 3)):
        (early, error), (late, other) = times[low], times[high]
        assert np.hypot(error, other) < 0.5
        assert late - early > np.log(factor) + 3 * np.hypot(error, other)
