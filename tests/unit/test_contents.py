"""One reader of result.json and campaign.json: versions, digests, and what is no result."""

import json

import pytest
from command import BAD_CASE, invoke

from coble.store.contents import OtherVersion, Unreadable, WrongKind, intact, read_content, sealed
from coble.store.status import state_of

CONTENT = {"kind": "plate", "schema": 1, "rows": (1.0, float("nan")), "by": {3: 1e-300}, "provenance": {"seed": 1}}


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
        ('{"kind": ["plate"]}', WrongKind, "kind must be one of"),
        ('{"kind": "plate"}', Unreadable, "has no schema"),
        ('{"kind": "plate", "schema": 0}', OtherVersion, "schema must be 1, got 0: made by another version"),
        ('{"kind": "plate", "schema": 2}', OtherVersion, "got 2"),
        ('{"kind": "plate", "schema": true}', OtherVersion, "got True"),
        ('{"kind": "plate", "schema": 1, "provenance": []}', Unreadable, "provenance must be an object"),
        ('{"kind": "campaign", "schema": 1}', Unreadable, "setup must be an object"),
    ],
)
def test_what_is_no_result_is_said(tmp_path, text, error, said):
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(error) as raised:
        read_content(tmp_path / "result.json")
    assert said in str(raised.value) and "result.json: " in str(raised.value)


def test_a_changed_number_is_told_once(tmp_path, caplog):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(sealed(CONTENT)))
    read_content(path)
    assert not caplog.messages
    path.write_text(path.read_text().replace("1e-300", "1e-200"))
    for _ in range(2):
        assert read_content(path)["by"]["3"] == 1e-200
    assert len(caplog.messages) == 1 and "result.json: was changed after it was written" in caplog.messages[0]
    assert "was changed after it was written" in state_of(tmp_path).detail


@pytest.mark.parametrize("schema", [0, 2])
def test_every_command_refuses_another_version(shares, here, schema):
    (here / "run").mkdir()
    content = json.loads((shares / "result.json").read_text()) | {"schema": schema}
    for name in ("case.toml", "result.h5"):
        (here / "run" / name).write_bytes((shares / name).read_bytes())
    (here / "run/result.json").write_text(json.dumps(content))
    for words in (("plot", "run"), ("report", "run"), ("movie", "run"), ("status", "run"), ("design", "--from", "run")):
        found = invoke(*words)
        assert found.exit_code == BAD_CASE and f"schema must be 1, got {schema}" in found.output, found.output
