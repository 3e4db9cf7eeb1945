"""Campaigns: the same numbers from every engine and after every kill; target errors; what goes wrong in one point."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
import warm
from cases import SEGMENT

from coble.inputs.rate_table import INSIDE
from coble.kinds.campaign.engines import DaskExecutor, engine
from coble.kinds.campaign.replica import _place
from coble.kinds.campaign.run import Changed, EngineLost, Sweep
from coble.kinds.campaign.settings import load_campaign
from coble.kmc.network import exact as network
from coble.lattices import Region

FLOW = """\
case = "case.toml"
replicas = 2
events = 3e5
seed = 3
[[axis]]
key = "wall.name"
values = ["LiC6", "Li22Si5"]
"""
LONGER = FLOW.replace("3e5", "1e6")  # long enough to be disturbed
GROWING = """\
[tubule]
inner_width_nm = 2.0
wall_thickness_nm = 0.8
[[wall]]
name = "inert"
[growth]
depth_nm = 4.5
until_front_nm = 2.8
records = 60
"""
GROWTH = """\
case = "case.toml"
replicas = 2
[[axis]]
key = "growth.overpotential_V"
values = [0.05, 0.1]
"""


@pytest.fixture
def campaign(tmp_path):
    def made(text=FLOW, case=SEGMENT):
        (tmp_path / "case.toml").write_text(case)
        (tmp_path / "campaign.toml").write_text(text)
        return load_campaign(tmp_path / "campaign.toml")

    return made


def results(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.glob("points/*/*/result.json"))}


def swept(campaign, folder, executor, **options):
    job = Sweep(campaign, folder)
    job.prepare()
    return job, job.run(executor, 4, **options)


@pytest.fixture(scope="module")
def pool():
    """Two processes, which take as long to start as a campaign takes."""
    with engine("pool", 2) as executor:
        yield executor


@pytest.fixture(scope="module")
def undisturbed():
    """Results by what was asked for."""
    return {}


@pytest.fixture
def calm(campaign, tmp_path, undisturbed):
    """Results of an undisturbed run in this process; its files are there to be run again."""

    def made(*texts):
        found, texts = campaign(*texts), texts + (FLOW, SEGMENT)[len(texts) :]
        if texts not in undisturbed:
            _, complete = swept(found, tmp_path / "calm", ThreadPoolExecutor(1))
            assert complete
            undisturbed[texts] = results(tmp_path / "calm")
        return undisturbed[texts]

    return made


@pytest.mark.parametrize("texts", [(FLOW, SEGMENT), (GROWTH, GROWING)], ids=["flow", "growth"])
def test_every_engine_gives_the_same_numbers(campaign, calm, pool, tmp_path, texts):
    expected = calm(*texts)
    assert len(expected) == 4
    job, complete = swept(campaign(*texts), tmp_path / "pool", pool)
    assert complete and results(tmp_path / "pool") == expected
    index = json.loads((tmp_path / "pool/campaign.json").read_text())
    assert index["counts"] == {"done": 2, "begun": 0, "waiting": 0, "failed": 0}
    for point in index["points"]:
        main = point["estimates"]["share.interface" if texts[0] == FLOW else "mean_speed_nm_s"]
        assert point["replicas"] == [0, 1] and main["stderr"] > 0 and "incubation_s" not in point["estimates"]


def test_shares_agree_with_the_exact_network(campaign, pool, tmp_path, seeds):
    target = seeds(0.0015, 0.0008)
    text = FLOW.replace("replicas = 2", f"target_error = {target}").replace('"Li22Si5"', '"Li9Al4"')
    job, complete = swept(campaign(text), tmp_path / "c", pool)
    assert complete
    for state in job.states.values():
        shares = {k: e for k, e in state.estimates("flow").items() if k.startswith("share")}
        assert len(state.replicas) > 2 and max(e.stderr for e in shares.values()) <= target
        place = _place(state.point.data)
        exact = network.solve(place.graph, place.bonds, place.between).shares
        for name, kind in INSIDE.items():
            if kind in exact:
                assert abs(shares[f"share.{name}"].sigmas_from(exact[kind])) < 4, (name, shares)
                assert state.exact["shares"][name] == pytest.approx(exact[kind])
        assert Region.INTERFACE in exact
        # With twice the wall's current it would not agree.
        assert abs(shares["share.wall"].sigmas_from(2 * exact[Region.WALL])) > 4


@pytest.mark.parametrize("texts", [(LONGER, SEGMENT), (GROWTH, GROWING)], ids=["flow", "growth"])
def test_killed_and_resumed_is_the_same(campaign, calm, tmp_path, monkeypatch, texts):
    expected = calm(*texts)
    campaign(*texts)
    folder, words = tmp_path / "killed", ["sweep", str(tmp_path / "campaign.toml"), "--out", str(tmp_path / "killed")]
    monkeypatch.chdir(tmp_path)
    killed = 0
    for moment in (0.3, 1.2, 2.0):  # its workers take a second to start
        run = warm.Run(*words, "--workers", 2, alone=True)
        time.sleep(moment)
        deadline = time.monotonic() + 60  # on a busy machine the start alone takes longer than that
        while moment == 2.0 and not (folder / "campaign.json").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
            killed += 1
        run.communicate()
        if (folder / "campaign.json").exists():
            words = ["resume", str(folder)]
    assert killed > 1 and (folder / "campaign.json").exists()  # it had begun; the last time it may have been done
    job, complete = swept(load_campaign(tmp_path / "campaign.toml"), folder, ThreadPoolExecutor(1))
    assert complete and results(folder) == expected


def test_asked_to_stop_it_keeps_what_it_has_and_goes_on(campaign, calm, pool, tmp_path):
    expected, looks = calm(), iter(range(1000))
    job, complete = swept(campaign(), tmp_path / "c", pool, should_stop=lambda: next(looks) > 0)
    assert not complete and not list((tmp_path / "c").glob("stop*"))
    job, complete = swept(campaign(), tmp_path / "c", pool)
    assert complete and results(tmp_path / "c") == expected


def test_a_damaged_part_or_checkpoint_is_made_again(campaign, calm, tmp_path):
    expected = calm()
    folder = tmp_path / "c/points"
    for name in expected:
        replica = folder.parent / name
        replica.parent.mkdir(parents=True)
        (replica.parent / "part-000000.npz").write_bytes(b"PK\x03\x04 not what it seems")
    job, complete = swept(campaign(), tmp_path / "c", ThreadPoolExecutor(1))
    assert complete and results(tmp_path / "c") == expected


def test_a_damaged_checkpoint_is_set_aside(campaign, calm, tmp_path):
    expected = calm(GROWTH, GROWING)
    first = (tmp_path / "c" / next(iter(expected))).parent
    first.mkdir(parents=True)
    (first / "checkpoint.h5").write_bytes(b"\x89HDF\r\n\x1a\n and nothing else")
    job, complete = swept(campaign(GROWTH, GROWING), tmp_path / "c", ThreadPoolExecutor(1))
    assert complete and results(tmp_path / "c") == expected
    assert (first / "checkpoint.h5.damaged").exists() and "set aside" in (first / "note.txt").read_text()


def test_another_case_in_the_folder_is_refused_with_the_difference(campaign, tmp_path):
    swept(campaign(FLOW.replace("replicas = 2", "replicas = 1")), tmp_path / "c", ThreadPoolExecutor(1))
    with pytest.raises(Changed, match="tubule.wall_thickness_nm: was 1.0, is now 2.0"):
        Sweep(campaign(FLOW.replace("replicas = 2", "replicas = 1"), SEGMENT.replace("= 1.0", "= 2.0")), tmp_path / "c")
    with pytest.raises(Changed, match="replicas: was 1, is now 2"):
        Sweep(campaign(), tmp_path / "c")


def test_a_point_that_fails_does_not_stop_the_others(campaign, tmp_path):
    found = campaign()
    for number in range(2):  # a file where the folder of a replica should be
        broken = tmp_path / "c/points" / found.points[0].digest
        broken.mkdir(parents=True, exist_ok=True)
        (broken / f"{number:04d}").write_text("in the way")
    job, complete = swept(found, tmp_path / "c", ThreadPoolExecutor(1))
    assert complete and job.counts() == {"done": 1, "begun": 0, "waiting": 0, "failed": 1}
    index = json.loads((tmp_path / "c/campaign.json").read_text())
    assert "FileExistsError" in index["points"][0]["error"] or "NotADirectory" in index["points"][0]["error"]
    for number in range(2):
        (broken / f"{number:04d}").unlink()
    job, complete = swept(found, tmp_path / "c", ThreadPoolExecutor(1))
    assert complete and job.counts()["done"] == 2


@pytest.fixture(scope="module")
def cluster():
    """Dask with two workers; a test that closes it must be the last one."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as found:
        yield found


def test_dask_gives_the_same_numbers_though_a_worker_is_killed(campaign, calm, cluster, tmp_path):
    expected = calm(LONGER)
    with cluster.get_client() as client:
        pids = list(client.run(os.getpid).values())
        killed = []

        def kill_one(sweep):
            if not killed and sweep.seconds > 0.3:
                killed.append(os.kill(pids[0], signal.SIGKILL))

        job, complete = swept(campaign(LONGER), tmp_path / "c", DaskExecutor(client), report=kill_one)
        assert complete and killed and pids[0] not in client.run(os.getpid).values()
    assert results(tmp_path / "c") == expected and np.all([s.complete for s in job.states.values()])


def test_a_scheduler_that_vanishes_loses_nothing(campaign, calm, cluster, tmp_path):
    expected = calm(LONGER)
    client = cluster.get_client()
    gone = []

    def pull_the_plug(sweep):
        if not gone and sweep.seconds > 0.3:
            gone.append(client.close())
            cluster.close()

    with pytest.raises(EngineLost, match="the engine is gone"):
        swept(campaign(LONGER), tmp_path / "c", DaskExecutor(client), report=pull_the_plug)
    assert json.loads((tmp_path / "c/campaign.json").read_text())["counts"]["failed"] == 0
    job, complete = swept(campaign(LONGER), tmp_path / "c", ThreadPoolExecutor(1))
    assert complete and results(tmp_path / "c") == expected


def test_a_full_disk_fails_one_point_and_not_the_others(campaign, calm, tmp_path, monkeypatch):
    import coble.kinds.campaign.replica

    expected, found = calm(), campaign()
    full, write = found.points[0].digest, coble.kinds.campaign.replica.write_json

    def no_space(path, content):
        if full in str(path) and path.name == "result.json":
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(coble.kinds.campaign.replica, "write_json", no_space)
    job, complete = swept(found, tmp_path / "c", ThreadPoolExecutor(1))
    assert complete and job.counts()["failed"] == 1 and "No space left" in job.states[full].error
    monkeypatch.undo()
    job, complete = swept(found, tmp_path / "c", ThreadPoolExecutor(1))
    assert complete and results(tmp_path / "c") == expected


def test_two_sweeps_share_a_campaign_and_run_nothing_twice(campaign, calm, tmp_path, monkeypatch):
    expected = calm()
    monkeypatch.chdir(tmp_path)
    words = ["sweep", tmp_path / "campaign.toml", "--out", tmp_path / "c", "--join", "--workers", 1]
    both = [warm.Run(*words) for _ in range(2)]
    for each in both:
        said, faults = each.communicate(timeout=120)
        assert each.returncode == 0 and "All 2 points are done" in said, faults
    assert results(tmp_path / "c") == expected
    counts = json.loads((tmp_path / "c/campaign.json").read_text())["counts"]
    assert counts == {"done": 2, "begun": 0, "waiting": 0, "failed": 0}
    holders = {path.read_text() for path in (tmp_path / "c").glob("points/*/*/lock")}
    assert len(holders) <= 2 and all("process" in holder for holder in holders)
