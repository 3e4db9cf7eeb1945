"""Campaigns: what was damaged is named and made again; stop keys may change; nothing of the killed is left."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from cases import SEGMENT
from command import BAD_CASE, OK, invoke

from coble.kinds.campaign.replica import owner_of, read_part, save_part
from coble.kinds.campaign.run import STOP_KEYS, Changed, PointState, Sweep
from coble.kinds.campaign.settings import load_campaign
from coble.lattices import Region
from coble.store.contents import sealed
from coble.store.files import remove_parts
from coble.store.lock import locked

FLOW = """\
case = "case.toml"
replicas = 3
events = 1e5
seed = 3
[[axis]]
key = "wall.name"
values = ["LiC6", "Li22Si5"]
"""


@pytest.fixture
def folder(here):
    """A small campaign that is done."""
    return made(here)


def made(here, text=FLOW, name="c"):
    (here / "case.toml").write_text(SEGMENT)
    (here / "campaign.toml").write_text(text)
    found = invoke("sweep", here / "campaign.toml", "--out", here / name, "--workers", 1)
    assert found.exit_code == OK, found.output
    return here / name


def resumed(folder):
    found = invoke("resume", folder, "--workers", 1)
    assert found.exit_code == OK, found.output
    return found.stderr


def numbers(folder):
    """Everything that a campaign says, and the files of its replicas."""
    points = json.loads((folder / "campaign.json").read_text())["points"]
    return points, {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.glob("points/*/**/*.json"))}


def numbers_of_replica(change):
    """A damage that keeps valid JSON, and the digest that was there."""

    def damage(path):
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return damage


def times_8(content):
    content["conductance_A_s"][1] = [8 * value for value in content["conductance_A_s"][1]]


def not_a_number(content):
    content["conductance_A_s"][1][0] = float("nan")


def resealed(change):
    """A damage under a digest that fits: the numbers themselves are looked at, too."""

    def damage(content):
        change(content)
        content.update(sealed(content))

    return damage


def other_seed(content):
    content["of"]["seed"] = 4


DAMAGES = {
    "empty": lambda path: path.write_text(""),
    "{}": lambda path: path.write_text("{}"),
    "[]": lambda path: path.write_text("[]"),
    "cut": lambda path: path.write_text(path.read_text()[:200]),
    "deep": lambda path: path.write_text("[" * 100_000),
    "times 8": numbers_of_replica(times_8),
    "nan": numbers_of_replica(not_a_number),
    "a string": numbers_of_replica(lambda content: content.update(events="many")),
    "nan, resealed": numbers_of_replica(resealed(not_a_number)),
    "a string, resealed": numbers_of_replica(resealed(lambda content: content.update(events="many"))),
    "lacks rows, resealed": numbers_of_replica(resealed(lambda content: content.pop("conductance_A_s"))),
    "other seed, resealed": numbers_of_replica(resealed(other_seed)),
    "another replica's": lambda path: path.write_bytes((path.parent.parent / "0002/result.json").read_bytes()),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A small campaign that is done, made once: tests copy it."""
    import coble.kmc.estimates.measure

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 5000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 5000)
        here = tmp_path_factory.mktemp("campaign")
        (here / "case.toml").write_text(SEGMENT)
        (here / "campaign.toml").write_text(FLOW)
        job = Sweep(load_campaign(here / "campaign.toml"), here / "c")
        job.prepare()
        assert job.run(ThreadPoolExecutor(1), 4)
    return here / "c"


def copied(done, here):
    subprocess.run(["cp", "-r", str(done), str(here / "c")], check=True)
    return here / "c"


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_replica_is_named_set_aside_and_run_again(done, here, damage):
    folder, before = copied(done, here), numbers(done)
    path = sorted(folder.glob("points/*/0001/result.json"))[0]
    damage(path)
    said = resumed(folder)
    assert str(path) in said and "set aside and made again" in said
    after = numbers(folder)
    assert after == before and path.with_name("result.json.damaged").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["shares"].update(wall=0.9),
        lambda content: content.clear(),
        resealed(lambda content: content.update(shares={})),
        resealed(lambda content: content.update(of={"point": "another"})),
        resealed(lambda content: content.update(conductance_A_s="much")),
    ],
)
def test_a_damaged_exact_answer_is_made_again(done, here, change):
    folder, before = copied(done, here), numbers(done)
    path = sorted(folder.glob("points/*/exact.json"))[0]
    numbers_of_replica(change)(path)
    assert str(path) in resumed(folder)
    assert numbers(folder) == before


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"kind": "campaign", "schema": 2, "setup": {}}', '{"kind": "growth", "schema": 2}']
)
def test_a_damaged_index_is_set_aside_and_made_again(done, here, text):
    folder, before = copied(done, here), numbers(done)
    (folder / "campaign.json").write_text(text)
    assert "campaign.json: is damaged; it was set aside" in resumed(folder)
    assert numbers(folder) == before and (folder / "campaign.json.damaged").read_text() == text


def test_a_changed_number_in_the_index_is_no_number_of_the_campaign(done, here):
    folder, before = copied(done, here), numbers(done)
    index = json.loads((folder / "campaign.json").read_text())
    index["setup"]["seed"] = 4  # the digest does not fit: what it says is not believed
    index["points"][0]["estimates"] = {}
    (folder / "campaign.json").write_text(json.dumps(index))
    assert "is damaged" in resumed(folder) and numbers(folder) == before


def test_an_index_of_another_version_is_refused(done, here):
    folder = copied(done, here)
    index = json.loads((folder / "campaign.json").read_text()) | {"schema": 1}
    (folder / "campaign.json").write_text(json.dumps(index))
    found = invoke("resume", folder, "--workers", 1)
    assert found.exit_code == BAD_CASE and "schema must be 2, got 1: another version of Coble made it" in found.stderr


# ---- parts -------------------------------------------------------------------------------------------------

OWNER = owner_of("abc", 0, 1, 1e6) | {"first": 4}


@pytest.fixture
def part(tmp_path):
    found = {"rows": np.arange(16.0).reshape(4, len(Region)), "hops": np.ones((3, 2), int), "events": np.array(9)}
    save_part(tmp_path / "part", found, OWNER)
    return tmp_path / "part", found


def test_a_part_is_read_as_it_was_written(part):
    path, written = part
    found = read_part(path, 4, OWNER)
    assert found.keys() == written.keys() and all(np.array_equal(found[name], written[name]) for name in written)


def test_a_part_of_another_length_is_none(part):
    """The digest fits: only its length tells that it is not the four episodes that are wanted."""
    path, written = part
    for rows in (3, 5):
        save_part(path, written | {"rows": np.ones((rows, len(Region)))}, OWNER)
        assert read_part(path, 4, OWNER) is None
    assert read_part(path, 5, OWNER) is not None


@pytest.mark.parametrize("other", [{"replica": 1}, {"first": 0}, {"seed": 2}, {"point": "abe"}, {"events": 2e6}])
def test_a_part_of_another_place_is_none(part, other):
    assert read_part(part[0], 4, OWNER | other) is None


def test_a_part_with_any_changed_byte_is_none_or_the_same(part):
    path, written = part
    whole, refused = path.read_bytes(), 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        found = read_part(path, 4, OWNER)
        refused += found is None
        assert found is None or all(np.array_equal(found[name], written[name]) for name in written)
    assert refused > len(whole) / 14
    save_part(path, written | {"rows": np.full((4, len(Region)), np.nan)}, OWNER)
    assert read_part(path, 4, OWNER) is None


# ---- order -------------------------------------------------------------------------------------------------


def test_replicas_count_in_the_order_of_their_numbers_however_they_came():
    results = [{"replica": number} for number in range(4)]
    came = {2: results[2], 0: results[0], 3: results[3], 1: results[1]}
    assert PointState(None, came).in_order() == results
    del came[1]
    assert PointState(None, came).in_order() == results[:1]


# ---- going on with another aim -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("replicas = 2", "replicas = 4"),
        ("replicas = 4", "replicas = 2"),
        ("replicas = 3", "target_error = 0.03"),
        ("target_error = 0.1", "target_error = 0.03"),
        ("target_error = 0.03", "target_error = 0.1"),
        ("target_error = 0.001\nmost_replicas = 3", "target_error = 0.001\nmost_replicas = 5"),
    ],
)
def test_a_campaign_with_a_new_aim_is_as_one_that_had_it_from_the_start(here, first, then):
    folder = made(here, FLOW.replace("replicas = 3", first))
    text = (folder / "campaign.toml").read_text().replace(first, then)
    (folder / "campaign.toml").write_text(text)
    said = resumed(folder)
    key = next(a.split(" = ")[0] for a, b in zip(first.split("\n"), then.split("\n"), strict=True) if a != b)
    assert "The campaign is another than before" in said and f"{key}: was " in said
    fresh = made(here, text, "fresh")
    assert numbers(folder)[0] == numbers(fresh)[0]


def test_any_other_change_is_refused_with_the_key_and_both_values(done, here):
    folder = copied(done, here)
    for old, new, said in (
        ("seed = 3", "seed = 4", "seed: was 3, is now 4"),
        ("1e5", "2e5", "events: was 100000.0, is"),
    ):
        text = (folder / "campaign.toml").read_text()
        (folder / "campaign.toml").write_text(text.replace(old, new))
        found = invoke("resume", folder, "--workers", 1)
        assert found.exit_code == BAD_CASE and said in found.stderr
        (folder / "campaign.toml").write_text(text)


def test_who_joins_cannot_change_the_aim(done, here):
    folder = copied(done, here)
    text = (folder / "campaign.toml").read_text()
    (folder / "campaign.toml").write_text(text.replace("replicas = 3", "replicas = 4"))
    with pytest.raises(Changed, match="replicas: was 3, is now 4"):
        Sweep(load_campaign(folder / "campaign.toml", case_path=folder / "case.toml"), folder)


def test_stop_keys_are_keys_of_campaigns_and_cases():
    from coble.inputs.sections import GrowthSection
    from coble.kinds.campaign.settings import CampaignFile

    for key in STOP_KEYS:
        model = GrowthSection if key.startswith("growth.") else CampaignFile
        assert key.removeprefix("growth.") in model.model_fields, key


# ---- what the killed leave ---------------------------------------------------------------------------------


def gone():
    """Number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_next_command_removes_what_the_killed_have_left(done, here):
    folder, dead = copied(done, here), gone()
    point = next(folder.glob("points/*"))
    left = [folder / f".campaign.{dead}.part.json", point / f".exact.{dead}.part.json"]
    left += [point / f"0001/.part-000000.{dead}.part.npz", folder / f"stop-{os.uname().nodename}-{dead}"]
    kept = [folder / f".campaign.{os.getppid()}.part.json", folder / ".mine.part.json", folder / "stop-elsewhere-1"]
    for path in left + kept:
        path.write_text("half")
    (point / "0001/result.json").write_text("")
    resumed(folder)
    assert not [path for path in left if path.exists()] and all(path.exists() for path in kept)


def test_parts_of_a_run_are_removed_when_the_next_one_begins(tmp_path):
    from coble.store.status import StatusFile

    for name in (f".result.{gone()}.part.h5", f".case.{gone()}.part.toml", "result.part.h5"):
        (tmp_path / name).write_text("half")
    StatusFile(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["result.part.h5"]
    remove_parts(tmp_path / "nowhere")
    with locked(tmp_path):
        assert (tmp_path / "lock").exists()
