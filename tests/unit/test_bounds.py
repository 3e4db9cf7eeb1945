"""Where the network is an upper bound: what tables, checks, reports and maps say then, and where it is exact."""

import io
import json

import pytest
from checks import assert_within
from rich.console import Console, Group

import coble.kmc.estimates.measure
from coble import parse_case
from coble.kinds.campaign.mechanism_map import UNDECIDED, dominant_of
from coble.kinds.campaign.settings import FLOW
from coble.kinds.discriminate.pictures.shares import draw_shares
from coble.kinds.discriminate.result import as_dict
from coble.kinds.discriminate.run import discriminate
from coble.kinds.registry import kind_of
from coble.kinds.sensitivity.result import as_dict as of_sensitivity
from coble.kinds.sensitivity.run import sensitivities
from coble.kmc.estimates.estimate import Estimate
from coble.render import bounds
from coble.render.lights import compared
from coble.render.terminal import answer
from coble.reports.checks import checks_of

NARROW = """\
[tubule]
inner_width_nm = 4.0
wall_thickness_nm = 1.0
axis = "100"
[metal]
diffusivity_cm2_s = 1e-7
vacancy_fraction = {vacancies}
[[wall]]
name = "inert"
diffusivity_cm2_s = 0
concentration_cm3 = 0
"""
LOOSE, EXACT = (parse_case(NARROW.format(vacancies=vacancies)) for vacancies in (0.01, 0.5))
SAID = "upper bound here, not exact"


@pytest.fixture(scope="module")
def contents():
    """result.json of the narrow tubule, whose metal is 99 % full and whose interface half; and with half of both."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 20_000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 20_000)
        runs = ((LOOSE, 0.05), (EXACT, 0.02))
        return [as_dict(discriminate(case, quick=True, target_error=error)) for case, error in runs]


def printed_of(content, width=160):
    """What the terminal shows of a result, in one line."""
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(Group(*answer(kind_of(content), content)))
    return " ".join(console.export_text().split())


def test_bounds_of_a_narrow_tubule(contents):
    """Regions by themselves carry c D A: the rest, 16 % of the network, is due to bonds between them."""
    loose, exact = (content["walls"][0]["exact"] for content in contents)
    assert loose["regions_over_total"] == exact["regions_over_total"] == pytest.approx(0.8427, abs=1e-4)
    assert loose["total_lies_between"] == pytest.approx([loose["regions_over_total"], 1.0])
    assert exact["total_lies_between"] == [1.0, 1.0]  # occupancies are the same: the network is exact
    assert bounds.loose(loose) and not bounds.loose(exact)
    metal = [100 * end for end in bounds.share_ends(loose, "bulk")]
    assert metal == pytest.approx([68.06, 71.43], abs=0.005)  # 71.43 = c D A of the metal over both, by the formula
    assert bounds.share_ends(exact, "bulk") == (exact["shares"]["bulk"],) * 2


def test_with_one_occupancy_hops_give_the_network_and_not_the_regions_by_themselves(contents):
    wall = contents[1]["walls"][0]
    total, known = wall["total_conductance_S_m"], sum(wall["exact"]["conductance_S_m"].values())
    assert_within(total["value"], total["stderr"], known, at_most=0.05, scale=known)
    assert total["value"] / known - wall["exact"]["regions_over_total"] > 3 * total["stderr"] / known


def test_table_and_report_print_both_bounds(contents):
    for content, both in zip(contents, (True, False), strict=True):
        printed, kind = printed_of(content), kind_of(content)
        (paths, *knowledge) = kind.tables(content)
        (network,) = (table for table in kind.details(content) if table.title == "Network")
        assert [table.title for table in knowledge] == [
            "Key numbers of inert",
            "Shares over the ranges of unknown numbers",
        ]
        (metal,) = (row for row in paths.rows if row[0] == "bulk")
        assert metal[2] == ("68.06 to 71.43" if both else "68.06")
        assert (SAID in printed) == (SAID in paths.note) == both
        assert "84.27 % of the conductance is left" in printed
        assert all(" to " in row[3] for row in network.rows) == both


def test_a_run_is_judged_against_the_interval(contents):
    content = contents[0]
    known = {check.what.partition(",")[0]: check for check in checks_of(content)}
    name = "inert: conductance of all paths over the network's"
    for part, expected in ((1.05, 1.0), (0.9, 0.9), (0.8, 0.8427)):
        total = sum(content["walls"][0]["exact"]["conductance_S_m"].values())
        measured = Estimate(part * total, 0.01 * total, 40).as_dict()
        wall = content["walls"][0] | {"total_conductance_S_m": measured}
        (check,) = (c for c in checks_of(content | {"walls": [wall]}) if c.what.startswith(name))
        assert check.expected == pytest.approx(expected, abs=1e-4)
        assert check.sigmas == pytest.approx((part - expected) / 0.01, abs=0.02)
        assert "bounds 0.8427 to 1" in check.what
    assert "inert: share of the bulk" in known


def test_figure_shows_the_interval(contents):
    loose, exact = (draw_shares(content) for content in contents)
    labels = [[text.get_text() for text in figure.legends[0].get_texts()] for figure in (loose, exact)]
    assert any("bound" in label for label in labels[0]) and not any("bound" in label for label in labels[1])


def test_sensitivities_of_a_bound_say_so():
    for case, both in ((LOOSE, True), (EXACT, False)):
        content = of_sensitivity(sensitivities(case))
        assert content["total_lies_between"] == pytest.approx([0.8427, 1.0] if both else [1.0, 1.0], abs=1e-4)
        assert (SAID in printed_of(content)) == both


def test_a_map_names_a_path_only_where_both_bounds_do():
    point = {"exact": {"shares": {"bulk": 0.48, "interface": 0.52}, "formula": {"bulk": 0.55, "interface": 0.45}}}
    point |= {"estimates": {}}
    assert dominant_of(point) == "interface"  # written without bounds, by an earlier version
    point["exact"]["total_lies_between"] = [0.85, 1.0]
    assert dominant_of(point) == UNDECIDED and bounds.off_half(point["exact"]) == 0
    point["exact"]["total_lies_between"] = [0.995, 1.0]
    assert dominant_of(point) == "interface" and bounds.off_half(point["exact"]) == pytest.approx(0.02)


def test_exact_answer_of_a_point_has_its_bounds(tmp_path):
    from coble.kinds.campaign.replica import EXACT as NETWORK
    from coble.kinds.campaign.replica import Task, run

    for case, low in ((LOOSE, 0.8427), (EXACT, 1.0)):
        data = json.dumps(case.model_dump(mode="json", include=case.model_fields_set))
        task = Task(str(tmp_path / str(low)), "0" * 12, FLOW, data, NETWORK, 0, 0.0, "stop")
        assert run(task)["total_lies_between"] == pytest.approx([low, 1.0], abs=1e-4)


def test_numbers_as_small_as_conductances_are_compared():
    """10 standard errors apart, though both are nothing beside 1."""
    measured = {"value": 6e-17, "stderr": 1e-18, "n_eff": 100}
    assert compared("conductance", measured, 5e-17, "S·m").sigmas == pytest.approx(10)
    assert compared("nothing", {"value": 1e-20, "stderr": 0.0, "n_eff": 100}, 0.0).sigmas == 0
