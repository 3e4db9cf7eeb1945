"""The rate table of known bonds, by hand."""

import pytest
from cases import TUBULE

from coble import parse_case
from coble.inputs.rate_table import RateFile
from coble.lattices import Region
from coble.models.rates import case_with, rates_from, rates_of


def test_rates_are_bonds_over_the_chance_that_a_hop_is_open():
    bonds = {Region.BULK: 1e6, Region.INTERFACE: 3e6, Region.WALL: 6e6}
    x = {Region.BULK: 0.5, Region.INTERFACE: 0.4, Region.WALL: 0.9}
    hop = rates_from(parse_case(TUBULE), bonds, x).hop
    assert hop["interface"].rate_1_s == pytest.approx(3e6 / (0.4 * 0.6))
    assert hop["wall"].rate_1_s == pytest.approx(6e6 / (0.9 * 0.1))
    assert hop["interface-wall"].rate_1_s == pytest.approx(4e6 / (0.4 * 0.1))
    assert hop["interface-wall"].reverse_rate_1_s == pytest.approx(4e6 / (0.9 * 0.6))
    assert hop["interface-bulk"].rate_1_s == pytest.approx(1.5e6 / (0.4 * 0.5))


def test_a_case_that_takes_a_table_has_its_rates():
    """Those between two regions, too, whose harmonic mean is another one at the new rates inside."""
    case = parse_case(TUBULE)
    before = rates_of(case)
    factors = {"interface": 3.0, "wall": 0.5, "interface-wall": 7.0}
    wanted = {name: factor * before.hop[name].rate_1_s for name, factor in factors.items()}
    hop = {name: {"rate_1_s": rate} for name, rate in wanted.items()}
    found = rates_of(case_with(case, RateFile.model_validate({"temperature_K": before.temperature_K, "hop": hop})))
    assert {name: found.hop[name].rate_1_s for name in wanted} == pytest.approx(wanted, rel=1e-6)
    assert found.hop["bulk"].rate_1_s == pytest.approx(before.hop["bulk"].rate_1_s)
