"""A ninth kind of run is one file and no other edit: the coin of tests/helpers gets all that the others have."""

import json
import os
import subprocess
import sys
from importlib import reload
from pathlib import Path

import coin
import numpy as np
import pytest
from command import BAD_CASE, OK, invoke

import coble.cli.app
from coble.kinds.registry import kinds, read, register, unregister
from coble.kinds.schemas import schema_of
from coble.reports.standing import state_of
from coble.store.status import DONE

CASE = "[growth]\nrecords = 100\n"
CAMPAIGN = """\
case = "case.toml"
kind = "coin"
replicas = 3
[[axis]]
key = "growth.records"
values = [50, 100]
"""


@pytest.fixture
def coins(tmp_path, monkeypatch):
    """A folder with a case, in a process that knows the kind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.toml").write_text(CASE)
    (tmp_path / "campaign.toml").write_text(CAMPAIGN)
    register(coin.KIND)
    reload(coble.cli.app)
    yield tmp_path
    unregister("coin")
    reload(coble.cli.app)


@pytest.fixture
def thrown(coins):
    """A result of it."""
    assert invoke("coin", "case.toml", "--out", "run").exit_code == OK
    return coins / "run"


def test_it_takes_forty_lines_or_so():
    code = [line for line in Path(coin.__file__).read_text(encoding="utf-8").splitlines() if line.strip()]
    assert 40 <= len([line for line in code if not line.startswith(("import", "from"))]) <= 50


def test_it_has_a_command_with_help_and_an_answer(coins):
    assert "Throw a coin." in invoke("--help").output
    found = invoke("coin", "case.toml", "--out", "run")
    assert found.exit_code == OK
    assert "of 100 throws showed heads." in found.output and "Written to run/: case.toml, result.json" in found.output
    assert invoke("coin", "case.toml", "--out", "run").exit_code == BAD_CASE  # there is a result


def test_its_result_is_read_and_checked(thrown):
    heads = np.random.default_rng(1).integers(0, 2, 100).tolist()
    assert read(thrown)["heads"] == heads
    content = json.loads((thrown / "result.json").read_text())
    (thrown / "result.json").write_text(json.dumps(content | {"heads": ["edge"]}))
    with pytest.raises(ValueError, match="is damaged, heads.0: Input should be a valid integer.*got 'edge'"):
        read(thrown)


def test_it_has_a_status(thrown):
    found = state_of(thrown)
    assert found.state == DONE and found.detail.startswith("coin, 100 events")
    assert "coin, 100 events" in invoke("status", "run").output


def test_it_has_a_plot(thrown, painted):
    assert invoke("plot", "run", "--what", "throws").exit_code == OK
    assert [path.name for path in Path().rglob("*throws*")] == ["throws.png"]
    found = invoke("plot", "run", "--what", "shares")
    assert found.exit_code != OK and "there are throws" in found.stderr


def test_it_has_a_report(thrown):
    assert invoke("report", "run", "-o", "report.html").exit_code == OK
    page = Path("report.html").read_text(encoding="utf-8")
    for said in ("throws showed heads", "heads that were seen so far", "a coin has two sides", "coble coin case.toml"):
        assert said in page


def test_it_has_a_schema(coins):
    found = schema_of("result")
    assert set(kinds()) == set(found["discriminator"]["mapping"])
    assert found["$defs"]["Coin"]["properties"]["heads"]["description"] == "whether each throw showed heads"
    unregister("coin")
    assert "Coin" not in schema_of("result")["$defs"]


def test_it_has_the_face(thrown):
    found = coble.load(thrown)
    assert found.kind == "coin" and found.headline == "50 of 100 throws showed heads."
    assert list(found.tables) == ["throws"] and "throws showed heads" in repr(found)
    assert found.to_pandas("throws").shape == (1, 2)
    assert found.plot("throws").axes[0].lines[0].get_ydata()[-1] == 50
    assert "throws showed heads" in found._repr_html_()


def test_it_runs_in_campaigns(coins):
    assert invoke("check", "campaign.toml").exit_code == OK
    assert invoke("sweep", "campaign.toml", "--out", "many", "--engine", "process").exit_code == OK
    points = read("many")["points"]
    assert [(point["values"], point["events"]) for point in points] == [
        ({"growth.records": 50}, 150),
        ({"growth.records": 100}, 300),
    ]
    for point in points:
        n, heads = point["values"]["growth.records"], point["estimates"]["heads"]
        assert heads["value"] == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(3 * n)) and 0 < heads["stderr"] < 0.5


def test_a_campaign_of_an_unknown_kind_is_refused(coins):
    Path("campaign.toml").write_text(CAMPAIGN.replace('"coin"', '"dice"'))
    found = invoke("check", "campaign.toml")
    assert (
        found.exit_code == BAD_CASE
        and "must be a kind of run that gives replicas ('diffuse' or 'coin'), got 'dice'" in found.stderr
    )


def test_an_installed_plug_in_is_found(tmp_path):
    """By its entry point, in other processes: the command's own and those of its workers."""
    (tmp_path / "coin.py").write_text(Path(coin.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    about = tmp_path / "coin-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: coin\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[coble.kinds]\ncoin = coin:KIND\n")
    (tmp_path / "case.toml").write_text(CASE)
    (tmp_path / "campaign.toml").write_text(CAMPAIGN)
    there = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    for words in (("coin", "case.toml", "--out", "run"), ("sweep", "campaign.toml", "--workers", "2", "--out", "many")):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "coble", *words],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, there))},
            capture_output=True,
            text=True,
        )
        assert done.returncode == OK, done.stderr
    assert json.loads((tmp_path / "run/result.json").read_text())["kind"] == "coin"
    points = json.loads((tmp_path / "many/campaign.json").read_text())["points"]
    assert [point["events"] for point in points] == [150, 300]


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(ValueError, match="is built in"):
        register(kinds()["creep"])
