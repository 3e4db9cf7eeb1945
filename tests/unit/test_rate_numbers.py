"""The rate table of known bonds, by hand."""

import pytest
from cases import TUBULE

from coble import parse_case
from coble.lattices import Region
from coble.models.rates import rates_from


def test_rates_are_bonds_over_the_chance_that_a_hop_is_open():
    bonds = {Region.BULK: 1e6, Region.INTERFACE: 3e6, Region.WALL: 6e6}
    x = {Region.BULK: 0.5, Region.INTERFACE: 0.4, Region.WALL: 0.9}
    hop = rates_from(parse_case(TUBULE), bonds, x).hop
    assert hop["interface"].rate_1_s == pytest.approx(3e6 / (0.4 * 0.6))
    assert hop["wall"].rate_1_s == pytest.approx(6e6 / (0.9 * 0.1))
    assert hop["interface-wall"].rate_1_s == pytest.approx(4e6 / (0.4 * 0.1))
    assert hop["interface-wall"].reverse_rate_1_s == pytest.approx(4e6 / (0.9 * 0.6))
    assert hop["interface-bulk"].rate_1_s == pytest.approx(1.5e6 / (0.4 * 0.5))
