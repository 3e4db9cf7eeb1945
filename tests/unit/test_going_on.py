"""One way to go on with a run, and one rule for what is made from a result."""

import json
import re
from os.path import basename

import pytest
from cases import GROWS
from command import BAD_CASE, OK, USAGE, invoke

from coble.store.files import RESULT

TINY = GROWS + "metal_to_nm = 2.0\nuntil_front_nm = 2.5\nrecords = 20\nframes = 3\n"
CAMPAIGN = """\
case = "case.toml"
replicas = 1
events = 1e5
[[axis]]
key = "tubule.inner_width_nm"
values = [3.0, 4.0]
"""

MADE = {"export": "grown.extxyz", "plot": "grown-plots", "movie": "grown.gif", "report": "grown.html"}


@pytest.fixture
def grown(here):
    """A folder of `coble plate`."""
    (here / "tiny.toml").write_text(TINY)
    assert invoke("plate", "tiny.toml", "--out", "grown").exit_code == OK
    return here / "grown"


@pytest.mark.parametrize("words", [("resume",), ("plate", "--resume"), ("run", "--resume")])
def test_growth_goes_on(grown, words):
    refused = invoke(*words, "grown")
    assert refused.exit_code == BAD_CASE and "the run is done" in refused.stderr
    (grown / "case.toml").write_text(TINY.replace("front_nm = 2.5", "front_nm = 3.0"))
    found = invoke(*words, "grown")
    assert found.exit_code == OK, found.output
    content = json.loads((grown / RESULT).read_text())
    assert content["reason"] == "tip reached until_front_nm = 3 nm"


@pytest.mark.parametrize("words", [("resume",), ("sweep", "--resume"), ("run", "--resume")])
def test_a_campaign_goes_on(here, words):
    (here / "many.toml").write_text(CAMPAIGN)
    assert invoke("sweep", "many.toml", "--out", "many", "--workers", 1).exit_code == OK
    text = (here / "many/campaign.toml").read_text()
    (here / "many/campaign.toml").write_text(text.replace("replicas = 1", "replicas = 2"))
    found = invoke(*words, "many", "--workers", 1)
    assert found.exit_code == OK, found.output
    points = json.loads((here / "many/campaign.json").read_text())["points"]
    assert [(point["state"], point["replicas"]) for point in points] == [("done", [0, 1])] * 2


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("resume", "nowhere"), BAD_CASE, "nowhere: no such folder"),
        (("resume", "."), USAGE, ".: is a run of `coble discriminate`, and only runs of cycle, "),
        (("resume", "."), USAGE, "start it again: coble discriminate case.toml --out ANOTHER"),
        (("sweep", "--resume", "."), BAD_CASE, ".: holds no campaign"),
        (("sweep", "many.toml", "--resume", "."), USAGE, "give no campaign and no --out"),
        (("sweep",), USAGE, "give a CAMPAIGN"),
    ],
)
def test_what_cannot_go_on(here, words, status, says):
    found = invoke(*words)
    assert found.exit_code == status and says in found.stderr, found.output


def test_options_of_a_sweep_mean_nothing_to_growth(grown):
    found = invoke("resume", "grown", "--engine", "pool")
    assert found.exit_code == USAGE and "--engine: means nothing to `coble plate`" in found.stderr


def test_what_is_made_from_a_result_is_named_after_it_and_leaves_it_alone(grown, here):
    before = {path.name: path.read_bytes() for path in grown.iterdir()}
    for command, made in MADE.items():
        found = invoke(command, "grown")
        assert found.exit_code == OK and re.match(rf"Written to {made}/?:", found.stdout), found.output
        assert (here / made).exists()
        again = invoke(command, "grown")
        if command == "report":  # a second one may be of other results, and has the next name
            assert again.exit_code == OK and (here / "grown-2.html").exists()
            continue
        assert (
            again.exit_code == BAD_CASE and f"--out {made}: " in again.stderr and "nothing was changed" in again.stderr
        )
    assert {path.name: path.read_bytes() for path in grown.iterdir()} == before


def test_several_results_have_a_report_of_no_one_name(grown, here):
    assert basename(grown) == "grown" and invoke("report", "grown", "grown").exit_code == OK
    assert (here / "report.html").exists() and not (here / "grown.html").exists()
