"""One line of conditions, from the resolved case of a result."""

import pytest

from coble.kinds.creep.words import subject
from coble.render.conditions import conditions_of

TUBULE = {"shape": "single", "inner_width_nm": {"value": 100.0, "factor": 1.1}, "wall_thickness_nm": 10.0}
WALLS = [{"name": "LiC6"}, {"name": "Li9Al4"}]


@pytest.mark.parametrize(
    ("case", "settings", "line"),
    [
        (
            {"tubule": TUBULE, "wall": WALLS, "conditions": {"temperature_K": 300.0}},
            {"seed": 7},
            "single tubule, W = 100 nm, w = 10 nm; LiC6, Li9Al4; 300 K; seed 7",
        ),
        (
            {"tubule": TUBULE, "wall": WALLS[:1], "growth": {"overpotential_V": 0.1}, "run": {"seed": 1}},
            {},
            "single tubule, W = 100 nm, w = 10 nm; LiC6; 0.1 V; seed 1",
        ),
        (
            {"structure": {"file": "sites.extxyz"}, "conditions": {"temperature_K": 700}},
            {},
            "structure sites.extxyz; 700 K",
        ),
        ({"structure": {"image": "host.npy", "voxel_nm": 0.5}}, {}, "host.npy, voxels of 0.5 nm"),
        ({}, {"seed": 1}, ""),
    ],
)
def test_conditions(case, settings, line):
    assert conditions_of({"provenance": {"case": case, "settings": settings}}) == line


def test_a_result_without_provenance_has_none():
    assert conditions_of({}) == ""


def test_what_a_campaign_varies_is_not_given_as_one_number():
    case = {"tubule": TUBULE, "wall": WALLS, "experiment": {"overpotential_V": 0.05}}
    varied = {"tubule.inner_width_nm": "3, 5", "wall.name": "LiC6, Li9Al4, Li22Si5"}
    line = "single tubule, W = 3, 5 nm, w = 10 nm; LiC6, Li9Al4, Li22Si5"
    assert conditions_of({"provenance": {"case": case}}, varied | {"experiment.overpotential_V": ""}) == line
    varied["experiment.overpotential_V"] = "0.01, 0.02"
    assert conditions_of({"provenance": {"case": case}}, varied) == f"{line}; 0.01, 0.02 V"


def test_creep_is_of_grains_and_of_no_tubule():
    points = [{"edge_nm": edge, "tension_MPa": 200.0} for edge in (4.3862, 12.807)]
    case = {"tubule": {"shape": "single"}, "metal": {"species": "Li"}, "conditions": {"temperature_K": 300.0}}
    content = {"series": {"bulk": points}, "provenance": {"case": case, "settings": {"seed": 1}}}
    said = conditions_of(content, subject=subject(content))
    assert said == "cubic grains of Li, d = 4.39 to 12.8 nm, S = 200 MPa; 300 K; seed 1"
