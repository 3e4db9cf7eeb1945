"""Figures draw the 95 % intervals of the tables, from Student's t, and laws only where they hold."""

from math import inf

import numpy as np
import pytest
from matplotlib.figure import Figure

from coble.kinds.creep.figures import plot_tensions
from coble.kinds.discriminate.pictures.shares import plot_shares
from coble.kinds.discriminate.pictures.tracers import plot_diffusivities, plot_lags
from coble.kinds.experiment.figures import plot_prediction
from coble.kinds.growth.figures import plot_front
from coble.kinds.growth.run import law_applies
from coble.kinds.sensitivity.figures import plot_sensitivity
from coble.kmc.estimates.estimate import Estimate, exactly
from coble.render.palette import arms
from coble.reports.compare import compared_figure

FEW = Estimate(0.4, 0.1, 4).as_dict()  # of four samples: 3.182 standard errors to either side, not 1.96
LOW, HIGH = 0.4 - 0.31824, 0.4 + 0.31824


def bars(ax):
    """Ends of every error bar on some axes, pairs."""
    found = []
    for container in ax.containers:
        of = getattr(container, "errorbar", container)  # of bars with errors
        for lines in getattr(of, "lines", (0, 0, ()))[2]:
            for segment in lines.get_segments():
                across = np.ptp(segment, axis=0).argmax()
                found.append(tuple(np.sort(segment[:, across])))
    return found


def axes():
    return Figure().subplots()


def wall(estimate):
    shares = {"interface": 0.5}
    return {
        "name": "LiC6",
        "paths": {"interface": {"share": estimate}},
        "exact": {"shares": shares},
        "formula": {"shares": shares},
        "verdict": {"dominant": None},
        "tracer_lags": {"interface": {"hops_per_atom": [1.0, 2.0], "correlation_factor": [estimate, estimate]}},
        "tracer_cm2_s": {"interface": {"value": 0.8}},
        "haven_ratio": {"interface": estimate},
    }


def test_arms_reach_from_the_value_to_the_ends():
    unknown = Estimate(0.4, 0.1, 1).as_dict()  # of one sample
    found = arms([FEW, exactly(2.0).as_dict(), unknown], [1.0, 1.0, 5.0])
    np.testing.assert_allclose(found, [[0.31824, 0, 0]] * 2, atol=1e-4)
    np.testing.assert_allclose(arms([FEW], 3.0), [[0.95473]] * 2, atol=1e-4)


def predicted(ax):
    observable = {"predicted": {"interface": FEW}, "exact": {"interface": None}, "observed": None}
    return plot_prediction(observable | {"label": "v", "unit": "", "resolution": 0.0}, ax)


def crept(ax):
    point = {"tension_MPa": 1.0, "edge_nm": 5.0, "strain_rate_1_s": FEW, "exact_1_s": 0.4, "continuum_1_s": 0.4}
    return plot_tensions({"series": {"tensions": [point]}, "exponents": {}}, ax)


def controlled(ax):
    content = {"control": {"total current": {"wall": FEW}}, "classes": ["wall"], "settings": {"runs": 4}}
    return plot_sensitivity(content, ax)


@pytest.mark.parametrize(
    "draw",
    [
        predicted,
        crept,
        controlled,
        lambda ax: plot_shares(wall(FEW), ax),
        lambda ax: plot_lags(wall(FEW), ax),
        lambda ax: compared_figure([("a", {"kind": "discriminate", "walls": [wall(FEW)]})]).axes[0],
    ],
)
def test_bars_end_where_the_interval_of_the_table_does(draw):
    found = bars(draw(axes()))
    assert found
    np.testing.assert_allclose(found, [(LOW, HIGH)] * len(found), atol=1e-4)


def test_the_interval_of_a_diffusivity_is_that_of_its_haven_ratio():
    """Both have the same relative error; with D of the current measured it is D*/H = 2."""
    for matching, value in (("conductance", 0.8), ("tracer", 2.0)):
        ((low, high),) = bars(plot_diffusivities(wall(FEW), axes(), matching))
        assert (low, high) == pytest.approx((value * LOW / 0.4, value * HIGH / 0.4), rel=1e-3)


def test_the_band_of_an_observation_has_its_interval_and_the_resolution():
    observable = {"predicted": {}, "exact": {}, "label": "v", "unit": "", "resolution": 0.1}
    for seen, half in ((FEW, 0.31824), (Estimate(0.4, 0.1, inf).as_dict(), 0.196)):
        ax = plot_prediction(observable | {"observed": seen}, axes())
        (band,) = ax.patches
        wide = np.hypot(half, 0.196)
        assert (band.get_x(), band.get_width()) == pytest.approx((0.4 - wide, 2 * wide), abs=1e-3)


@pytest.mark.parametrize(
    ("changed", "applies"),
    [
        ({}, True),
        ({"overpotential_V": -0.1}, False),
        ({"cycles": 3}, False),
        ({"steps_V": [0.1, 0.2]}, False),
        ({"metal_to_nm": 0.0}, False),
    ],
)
def test_the_law_is_drawn_where_it_applies(changed, applies):
    growth = {"overpotential_V": 0.1, "cycles": 0, "steps_V": None, "metal_to_nm": 2.0, "space_nm": 0.0} | changed
    series = {"time_s": [0.0, 1e-6], "front_nm": [2.0, 3.0], "void_nm": [0.0, 0.0], "front_nm_by_bore": [[2.0], [3.0]]}
    case = {"growth": growth | {"side": "inside"}}
    content = {"series": series, "law": {"b_nm2_s": 1e6}, "incubation_s": None, "provenance": {"case": case}}
    labels = plot_front(content, axes()).get_legend_handles_labels()[1]
    assert law_applies(growth) is applies
    assert any("L²" in label for label in labels) is applies
