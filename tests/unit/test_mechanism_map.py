"""The mechanism map of a campaign whose shares are known in closed form."""

import numpy as np
import pytest
from synthetic_map import ERROR, NEAR, TEMPERATURES, WIDTHS, content, shares

from coble.kinds.campaign.map_figures import draw_mechanism_maps
from coble.kinds.campaign.mechanism_map import UNDECIDED, is_map, mechanism_maps


def test_exact_shares_rule_where_nothing_was_run_and_verdicts_where_it_was():
    (found,) = mechanism_maps(content())
    assert found.name == "any" and found.dominant.shape == (12, 9)
    for i, width in enumerate(WIDTHS):
        for j, temperature in enumerate(TEMPERATURES):
            exact = shares(width, temperature)
            leader = max(exact, key=exact.get)
            if abs(exact[leader] - 0.5) >= min(NEAR, 4 * ERROR):
                assert found.dominant[i, j] == (leader if exact[leader] > 0.5 else UNDECIDED)
    assert (found.dominant == UNDECIDED).any() and (found.dominant == "interface").any()
    assert (found.dominant == "bulk").any()


def test_boundaries_agree_with_the_exact_ones_within_their_bands():
    crossings = [c for seed in range(12) for c in mechanism_maps(content(seed))[0].crossings]
    assert {c.along for c in crossings} == {"width", "temperature"} and {c.path for c in crossings} >= {"bulk"}
    z = np.array([c.sigmas for c in crossings])
    assert len(z) > 100 and 0.8 < np.sqrt(np.mean(z**2)) < 1.2
    errors = [c.stderr for c in crossings if c.along == "width"]  # wide where a boundary runs along the grid
    assert np.min(errors) < 0.05 and np.median(errors) < 0.2


@pytest.mark.parametrize("wall", [True, False])
def test_width_at_which_bulk_and_interface_are_equal(wall):
    """Between two paths alone the errors of the shares are one and the same: what bulk gains the interface loses."""
    z = []
    for seed in range(40):
        for each in mechanism_maps(content(seed, wall=wall))[0].equal_width:
            interface, bulk = (shares(100.0, each["temperature_K"])[path] for path in ("interface", "bulk"))
            assert each["exact_nm"] == pytest.approx(100 * interface / bulk)
            z.append(each["sigmas"])
    assert len(z) > 200 and 0.9 < np.sqrt(np.mean(np.square(z))) < 1.1
    assert abs(np.mean(z)) < 4 / np.sqrt(len(z))


def test_a_doubled_rate_is_noticed():
    (found,) = mechanism_maps(content(1, faster=2.0))
    best = min(found.equal_width, key=lambda each: each["stderr_nm"] / each["value_nm"])
    assert best["value_nm"] == pytest.approx(best["exact_nm"] / 2, rel=0.2)
    assert best["exact_nm"] - best["value_nm"] > 4 * best["stderr_nm"]


def test_what_is_no_map_is_refused():
    other = content()
    other["setup"]["axis"] = [{"key": "tubule.inner_width_nm"}]
    assert not is_map(other)
    with pytest.raises(ValueError, match="needs the axes"):
        mechanism_maps(other)


def test_points_that_are_not_there_yet_stay_blank():
    whole, part = content(), content()
    left = [number for number in range(len(part["points"])) if number % 5 == 0]
    for number in left:
        part["points"][number] |= {"exact": None, "estimates": {}}
    (all_of_it,), (found,) = mechanism_maps(whole), mechanism_maps(part)
    blank = np.equal(found.dominant, None)
    assert np.flatnonzero(blank).tolist() == left and not (found.simulated & blank).any()
    assert (found.dominant == all_of_it.dominant)[~blank].all() and np.isnan(found.exact["bulk"][blank]).all()
    known = {(c.path, c.along, c.at, c.value) for c in all_of_it.crossings}
    assert (
        0 < len(found.crossings) < len(known) and {(c.path, c.along, c.at, c.value) for c in found.crossings} <= known
    )
    figure = draw_mechanism_maps(part | {"base": part["base"] | {"metal": {"species": "Li"}}})
    assert f"{len(left)} of 108 points are not there yet" in figure.get_suptitle()
    for point in part["points"]:
        point |= {"exact": None, "estimates": {}}
    (nothing,) = mechanism_maps(part)
    assert np.equal(nothing.dominant, None).all() and not nothing.crossings and not nothing.equal_width
    draw_mechanism_maps(part | {"base": part["base"] | {"metal": {"species": "Li"}}})


def test_a_legend_has_what_is_drawn_and_no_more():
    part = content()
    part["base"]["metal"] = {"species": "Li"}

    def labels():
        return [text.get_text() for text in draw_mechanism_maps(part).legends[0].get_texts()]

    assert {"exact: interface ½", "exact: bulk ½", "measured: share ½, 95 %"} < set(labels())
    assert {f"measured: {path}" for path in ("interface", "bulk", UNDECIDED)} < set(labels())
    assert len(set(labels())) == len(labels())
    for point in part["points"]:
        point |= {"estimates": {}, "exact": point["exact"] | {"shares": {"interface": 0.9, "bulk": 0.06, "wall": 0.04}}}
    assert labels() == ["interface"]


@pytest.mark.parametrize("there", [40, 0])
def test_title_of_an_unfinished_map_fits_and_counts_what_is_missing(there):
    part = content()
    part["base"]["metal"] = {"species": "Li"}
    for point in part["points"][there:]:
        point |= {"exact": None, "estimates": {}}
    figure = draw_mechanism_maps(part)
    figure.draw_without_rendering()
    title = figure._suptitle
    assert f"{108 - there} of 108 points are not there yet" in title.get_text()
    extent = title.get_window_extent()
    assert extent.x0 >= 0 and extent.x1 <= figure.bbox.width
