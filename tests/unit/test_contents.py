"""One reader of result.json and campaign.json: versions, digests, and what is no result."""

import json
import os
import shutil

import pytest
from command import BAD_CASE, invoke

from coble.kinds.registry import kinds, read
from coble.reports.standing import state_of
from coble.store.contents import (
    OtherVersion,
    Unreadable,
    WrongKind,
    intact,
    read_content,
    sealed,
    strangers,
    with_files,
)

VERSIONS = {name: kind.version for name, kind in kinds().items()}
CONTENT = {"kind": "growth", "schema": 2, "rows": (1.0, float("nan")), "by": {3: 1e-300}, "provenance": {"seed": 1}}


def test_a_digest_covers_all_and_survives_the_file(tmp_path):
    content = json.loads(json.dumps(sealed(CONTENT)))
    assert intact(content) and set(content) == set(CONTENT)
    assert intact(json.loads(json.dumps(sealed({"rows": [1]}))))
    for change in ({"rows": [1.0, 8.0]}, {"provenance": content["provenance"] | {"seed": 2}}, {"more": None}):
        assert intact(content | change) is False
    assert intact({"rows": [1]}) is None
    assert intact(sealed(sealed(CONTENT)))


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("{", Unreadable, "cannot be read as JSON"),
        ("[" * 100_000, Unreadable, "cannot be read as JSON"),
        ("[]", WrongKind, "got None"),
        ('{"kind": ["growth"]}', WrongKind, "kind must be one of"),
        ('{"kind": "growth"}', Unreadable, "has no schema"),
        ('{"kind": "growth", "schema": 0}', OtherVersion, "schema must be 2, got 0: another version of Coble made it"),
        ('{"kind": "growth", "schema": 1}', OtherVersion, "got 1"),
        ('{"kind": "growth", "schema": true}', OtherVersion, "got True"),
        ('{"kind": "growth", "schema": 2, "provenance": []}', Unreadable, "provenance must be an object"),
    ],
)
def test_what_is_no_result_is_said(tmp_path, text, error, said):
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(error) as raised:
        read_content(tmp_path / "result.json", VERSIONS)
    assert said in str(raised.value) and "result.json: " in str(raised.value)


def test_a_changed_number_is_told_once(tmp_path, caplog):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(sealed(CONTENT)))
    read_content(path, VERSIONS)
    assert not caplog.messages
    path.write_text(path.read_text().replace("1e-300", "1e-200"))
    for _ in range(2):
        assert read_content(path, VERSIONS)["by"]["3"] == 1e-200
    assert len(caplog.messages) == 1 and "result.json: was changed after it was written" in caplog.messages[0]
    assert "was changed after it was written" in state_of(tmp_path).detail


def test_a_whole_result_of_another_run_is_told(shares, plate, tmp_path, caplog):
    folder = shutil.copytree(shares, tmp_path / "mine")
    read(folder)
    assert not caplog.messages and "another" not in state_of(folder).detail
    shutil.copy(plate / "result.json", folder)
    said = "result.json: is another run's than case.toml beside it, or that was changed"
    read(folder)
    assert caplog.messages == [f"{folder}/{said}"]
    assert said.replace(":", "") in state_of(folder).detail
    (folder / "case.toml").unlink()  # a result that was taken out of its folder
    assert "another" not in state_of(folder).detail


def test_a_campaign_is_no_result_json_nor_a_result_a_campaign_json(plate, tmp_path):
    folder = shutil.copytree(plate, tmp_path / "mine")
    os.replace(folder / "result.json", folder / "campaign.json")
    with pytest.raises(
        ValueError, match="campaign.json: is damaged, it holds a growth, whose file is called result.json"
    ):
        read(folder)
    assert state_of(folder).state != "done" and "campaign.json is damaged" in state_of(folder).detail


def test_files_that_were_exchanged_are_named_and_damaged_digests_are_no_trouble(tmp_path):
    content = with_files(CONTENT, {"case.toml": "a = 1\n", "rates.toml": b"b = 2\n", "gone.toml": ""})
    (tmp_path / "case.toml").write_text("a = 1\n")
    (tmp_path / "rates.toml").write_text("b = 2\n")
    assert strangers(content, tmp_path) == []
    (tmp_path / "case.toml").write_text("a = 3\n")
    assert strangers(content, tmp_path) == ["case.toml"]
    (tmp_path / "rates.toml").write_text("")
    assert strangers(content, tmp_path) == ["case.toml", "rates.toml"]
    for told in ({"case.toml": 1}, {"case.toml": None}, {"gone.toml": ""}, {"../case.toml\0": "", "": "", "..": ""}):
        assert strangers({"provenance": {"beside": told}}, tmp_path) == ["case.toml"]
    for told in ([], None, "text", {}):
        assert strangers({"provenance": {"beside": told}}, tmp_path) == []
    assert strangers({"provenance": 3}, tmp_path) == strangers({}, tmp_path) == []
    assert with_files({"rows": []}, {"case.toml": ""}) == {"rows": []}


@pytest.mark.parametrize("setup", [{}, {"setup": []}, {"setup": None}])
def test_a_campaign_without_a_setup_is_damaged(tmp_path, setup):
    (tmp_path / "campaign.json").write_text(json.dumps({"kind": "campaign", "schema": 2, "name": "widths"} | setup))
    with pytest.raises(ValueError, match=r"campaign\.json: is damaged, setup: "):
        read(tmp_path)


@pytest.mark.parametrize("schema", [0, 1])
def test_every_command_refuses_another_version(shares, here, schema):
    (here / "run").mkdir()
    content = json.loads((shares / "result.json").read_text()) | {"schema": schema}
    for name in ("case.toml", "result.h5"):
        (here / "run" / name).write_bytes((shares / name).read_bytes())
    (here / "run/result.json").write_text(json.dumps(content))
    for words in (("plot", "run"), ("report", "run"), ("movie", "run"), ("status", "run"), ("design", "--from", "run")):
        found = invoke(*words)
        assert found.exit_code == BAD_CASE, found.output
        assert f"schema must be 2, got {schema}" in found.stdout + found.stderr
