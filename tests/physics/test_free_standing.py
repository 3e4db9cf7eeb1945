"""Tubules in free space: the bore fills before it overflows, and metal films the outer surface if it wets it."""

import numpy as np
from checks import assert_within, mean_and_error

from coble import parse_case
from coble.kinds.growth.setup import prepare

CASE = """
[tubule]
inner_width_nm = {width}
wall_thickness_nm = 0.5
[[wall]]
name = "inert"
[interface]
occupancy = {occupancy}
[bonds]
wetting = {wetting}
[growth]
depth_nm = {depth}
overpotential_V = {volts}
until_front_nm = {depth}
space_nm = 1.0
side = "{side}"
until_outside_atoms = {outside}
{more}
frames = 0
"""


def standing(seed, more="", **keys):
    keys = {"width": 2.0, "occupancy": 0.5, "wetting": 0.7, "depth": 4.0, "side": "inside", "outside": 0} | keys
    return prepare(parse_case(CASE.format(more=more, **keys)), seed)


def test_the_bore_is_full_before_metal_comes_out():
    """At 0.3 V: until the tip is at the mouth lone atoms only are outside; what comes then hangs on to the metal."""
    for seed in range(2):
        run = standing(seed, volts=0.3, outside=60)
        run.run()
        front, outside = np.array(run.series.front_nm), np.array(run.series.atoms_outside)
        assert run.reason == "atoms outside reached until_outside_atoms = 60" and outside[-1] >= 60
        out = np.argmax(outside >= 30)
        assert front[out] > 0.97 * 4.0 and run.series.filled[out] > 0.99
        assert outside[front < 3.0].max() < 25
        assert run.growth.largest_piece() > 0.85 * run.growth.occupied[run.growth.metal].sum()
        atoms = np.array(run.series.atoms)
        np.testing.assert_array_equal(atoms - atoms[0], run.series.inserted_minus_removed)
        assert run.fit()["b_nm2_s"] is None or run.fit()["b_nm2_s"].value > 0


def reach(wetting, times, n_run, volts):
    """How far the first layer outside reaches at some times [nm], float array (n_run, n_time), and where it started."""
    found = []
    for seed in range(n_run):
        run = standing(
            seed, "time_s = 1e-6", volts=volts, wetting=wetting, width=2.0, depth=14.0, side="outside", occupancy=0.05
        )
        start, row = run.series.front_nm[0], []
        for time in times:
            while run.growth.time < time:
                run.growth.run(min(time, run.growth.time + 2e-9))  # frozen sites wake between two calls
            row.append(run.growth.ends_nm()[1])
        found.append(row)
    return np.array(found), start


def test_a_film_spreads_where_metal_wets_the_wall_and_only_there():
    """At coexistence nothing but the wall's pull is there: a collar stays one below χ = 1, and becomes a film above."""
    grown = {}
    for wetting in (0.5, 0.8, 1.2):
        fronts, start = reach(wetting, [1.5e-7], 3, 0.0)
        grown[wetting], error = mean_and_error(fronts[:, 0] - start)
        assert error < 0.3
    assert grown[0.5] < 0.4 and grown[0.8] < 0.8
    assert grown[1.2] > 2.0, grown


def test_the_film_spreads_as_the_square_root_of_time():
    """L² grows as fast between t and 4 t as between 4 t and 9 t; control: L itself does not."""
    times = 2e-8 * np.array([1, 4, 9])
    fronts, _ = reach(1.2, times, 6, 0.05)
    square, plain = (np.diff(fronts**power, axis=1) / np.diff(times) for power in (2, 1))
    ratio, error = mean_and_error(np.log(square[:, 1] / square[:, 0]))
    assert_within(ratio, error, 0.0, scale=1.0, at_most=0.15)
    ratio, error = mean_and_error(np.log(plain[:, 1] / plain[:, 0]))
    assert ratio < -3 * error
