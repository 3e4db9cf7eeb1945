"""Resistances of paths in a report: numbers that were worked out by hand, and paths that carry nothing."""

import pytest

from coble.kinds.discriminate.tables import network_table


def estimate(value, stderr=None):
    spread = (None, None) if stderr is None else (value - 1.96 * stderr, value + 1.96 * stderr)
    return {"value": value, "stderr": stderr, "low": spread[0], "high": spread[1], "n_eff": 40}


def wall(**conductances):
    paths = {
        name: {"share": {"value": found["value"]}, "conductance_S_m": found} for name, found in conductances.items()
    }
    return {
        "name": "LiC6",
        "paths": paths,
        "exact": {"conductance_S_m": {"interface": 2e-16, "wall": 1e-17}},
        "limiting_cut": {"interface": 0.75, "wall": 0.25},
        "routes": [{"regions": ["interface", "wall"], "share": 0.6}],
    }


def rows_of(table):
    headings, rows = table.numbers
    return {row[1]: dict(zip(headings, row, strict=True)) for row in rows}


def test_one_over_the_conductance():
    """2e-16 S·m is 5e15 Ω/m, 5e9 Ω/µm; 10 % of error stay 10 %, and the ends of the interval change places."""
    table = network_table([wall(wall=estimate(1e-17), interface=estimate(2e-16, 2e-17))])
    found = rows_of(table)
    assert list(found) == ["interface", "wall"]
    interface = found["interface"]
    assert interface["resistance_value_ohm_um"] == pytest.approx(5e9)
    assert interface["resistance_stderr_ohm_um"] == pytest.approx(5e8)
    assert interface["resistance_low_ohm_um"] == pytest.approx(5e9 / 1.196)
    assert interface["resistance_high_ohm_um"] == pytest.approx(5e9 / 0.804)
    assert interface["exact_ohm_um"] == pytest.approx(5e9) and interface["limiting_cut"] == 0.75
    assert found["wall"]["resistance_value_ohm_um"] == pytest.approx(1e11)
    assert found["wall"]["resistance_stderr_ohm_um"] is found["wall"]["resistance_low_ohm_um"] is None
    assert table.rows[0] == ["LiC6", "interface", "(5.00 ± 0.50)e9", "5e+09", "75.0"] and "60.0 %" in table.note


@pytest.mark.parametrize("nothing", [0.0, -1e-20])
def test_a_path_that_carries_nothing_has_no_resistance(nothing):
    found = network_table([wall(interface=estimate(2e-16), bulk=estimate(nothing, 1e-19))])
    assert found.rows[-1] == ["LiC6", "bulk", "–", "–", "0.0"]
    assert rows_of(found)["bulk"]["resistance_value_ohm_um"] is None
