"""Tubules that share a wall: strangers when it is inert, neighbours when it takes metal."""

from dataclasses import replace

import numpy as np
import pytest
from checks import assert_within, mean_and_error
from tubes import tube

from coble.kmc.growth.growth import Growth
from coble.lattices import Region

N_RUN = 10


def gains(small, seeds, until=1.5e-7):
    """Atoms that every bore has gained in runs from the same start, int array (n_run, n_bore), at 0.1 V."""
    found = []
    for seed in seeds:
        growth = small.growth(small.filled(0.0, 12.0, seed), seed, overpotential_V=0.1)
        start = growth.atoms_by_bore()
        growth.run(until)
        found.append(growth.atoms_by_bore() - start)
    return np.array(found)


@pytest.fixture(scope="module")
def one():
    """What a single tubule gains, int array (n_run,)."""
    return gains(tube(20.0, 60.0), range(N_RUN))[:, 0]


@pytest.fixture(scope="module")
def wider():
    """What a single tubule gains that is a little wider, in the mean."""
    return gains(tube(30.0, 60.0), range(4))[:, 0].mean()


@pytest.mark.parametrize(("name", "runs"), [("double", 8), ("triple", 6)])
def test_behind_an_inert_wall_the_currents_add(name, runs, one, wider):
    """Each of several tubules gains what a single one gains, and knows nothing of the others.

    Control: a single tubule that is a little wider gains so much more that the test would see it.
    """
    several = gains(tube(20.0, 60.0, shape=name), range(100, 100 + runs))
    (single, error), (each, other) = mean_and_error(one), mean_and_error(several.ravel())
    assert_within(each - single, np.hypot(error, other), 0.0, scale=single, at_most=0.05)
    total, spread = mean_and_error(several.sum(axis=1))
    n = several.shape[1]
    assert_within(total - n * single, np.hypot(spread, n * error), 0.0, scale=n * single, at_most=0.05)
    assert abs(wider - single) > 5 * np.hypot(error, other)


@pytest.mark.parametrize(("wall", "fed_through_it"), [(None, False), ("LiC6-optimistic", True)])
def test_a_wall_that_takes_metal_is_shared(wall, fed_through_it):
    """Only one of two tubules touches the electrolyte: the other grows if the wall between them lets atoms through."""
    small = tube(20.0, 60.0, wall=wall, thickness_A=6.0, shape="double")
    small = replace(small, root=small.root & (small.graph.bore == 0))
    gain = gains(small, range(4), until=3e-7)
    (first, _), (second, error) = (mean_and_error(found) for found in gain.T)
    assert first > 60
    if fed_through_it:
        assert second > 6 * error and second > 0.05 * first
    else:
        assert not gain[:, 1].any()


def test_every_bore_has_its_own_ends():
    small = tube(20.0, 60.0, shape="double")
    z, kind, bore = small.graph.z, small.graph.region, small.graph.bore
    reach = np.where(bore == 0, 20.0, 40.0)
    occupied = (kind == Region.BULK) & (z >= 10.0 * bore) & (z < reach)
    growth = small.growth(occupied, 1)
    assert isinstance(growth, Growth)
    np.testing.assert_allclose(growth.ends_by_bore_nm(), [[0.0, 2.0], [1.0, 4.0]], atol=0.26)
    np.testing.assert_allclose(growth.ends_nm(), growth.ends_by_bore_nm().mean(axis=0))
    assert growth.atoms_by_bore().tolist() == [np.count_nonzero(occupied & (bore == n)) for n in (0, 1)]
    assert growth.filled() == 1.0 and growth.atoms_outside() == 0
