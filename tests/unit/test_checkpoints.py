"""Checkpoints: whatever is wrong with one, a sentence and no other numbers; one that cannot be written; longer runs."""

import json
import os
import pickle
import shutil
from dataclasses import asdict

import h5py
import numpy as np
import pytest
from cases import GROWS
from command import invoke

from coble import parse_case
from coble.kinds.growth.setup import prepare
from coble.kinds.growth.state import checkpoints
from coble.kinds.growth.state.checkpoints import CHECKPOINT, PREVIOUS, Keeper, read_checkpoint, write_checkpoint
from coble.store.digests import digest_of
from coble.store.hdf5 import with_seal

TINY = GROWS + "depth_nm = 5.0\nmetal_to_nm = 1.5\nuntil_front_nm = 2.2\nrecords = 10\nframes = 3\n"
CASE = parse_case(TINY)


def stopping(after):
    looks = iter(range(10**6))
    return lambda: next(looks) >= after


@pytest.fixture(scope="module")
def whole():
    run = prepare(CASE)
    run.run()
    return run


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with a checkpoint of a run that was stopped, and what it holds."""
    folder, run = tmp_path_factory.mktemp("kept"), prepare(CASE)
    run.run(stopping(3))
    assert not run.reason
    write_checkpoint(folder, run)
    return folder, read_checkpoint(folder)


# ---- damages -----------------------------------------------------------------------------------------------

SIZE = 60_000  # about, of the file


def cut(n):
    return lambda data: data[: int(n * len(data))]


def flipped(part, bit=0):
    def damage(data):
        place = int(part * (len(data) - 1))
        return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]

    return damage


FILES = {
    "empty": lambda data: b"",
    "half": cut(0.5),
    "all but a byte": lambda data: data[:-1],
    "header alone": lambda data: data[:96],
    "no HDF5": lambda data: b"{}" * 1000,
    "zeros": lambda data: data[: len(data) // 2] + bytes(len(data) // 4) + data[3 * len(data) // 4 :],
    **{f"bit at {part:g}": flipped(part, k % 8) for k, part in enumerate(np.linspace(0.02, 0.98, 30))},
}


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_refused(tmp_path, kept, name):
    data = (kept[0] / CHECKPOINT).read_bytes()
    (tmp_path / CHECKPOINT).write_bytes(FILES[name](data))
    with pytest.raises(ValueError, match="cannot be read as a checkpoint") as caught:
        read_checkpoint(tmp_path)
    assert str(tmp_path / CHECKPOINT) in str(caught.value)


def set_in(name, change):
    def damage(arrays, plain):
        arrays[name] = change(arrays[name].copy())

    return damage


def put(name, place, value):
    def change(array):
        array.reshape(-1)[place] = value
        return array

    return set_in(name, change)


def said(key, value):
    def damage(arrays, plain):
        *above, last = key.split(".")
        for each in above:
            plain = plain[each]
        plain[last] = value(plain[last]) if callable(value) else value

    return damage


STATES = {
    "order out of range": put("kernel_order", 0, 2**31),
    "order twice": put("kernel_order", slice(None), 3),
    "order lacks one": set_in("kernel_order", lambda a: a[1:]),
    "codes out of range": put("kernel_codes", slice(None), 65535),
    "a bit of a code": set_in("kernel_codes", lambda a: a ^ (np.arange(len(a)) == 50).astype(a.dtype)),
    "another count": set_in("kernel_codes", lambda a: a + 2 * (np.arange(len(a)) == 50).astype(a.dtype)),
    "codes as floats": set_in("kernel_codes", lambda a: a.astype(float)),
    "codes too short": set_in("kernel_codes", lambda a: a[:-1]),
    "clock nan": put("kernel_clock", 0, np.nan),
    "clock negative": put("kernel_clock", 0, -1.0),
    "wait infinite": put("kernel_clock", 2, np.inf),
    "wait negative": put("kernel_clock", 2, -1e-6),
    "clock short": set_in("kernel_clock", lambda a: a[:2]),
    "events negative": put("kernel_numbers", 1, -5),
    "an event more": set_in("kernel_numbers", lambda a: a + np.array([0, 1, 0, 0])),
    "pending 7": put("kernel_numbers", 0, 7),
    "hops negative": put("kernel_hops", 0, -(2**40)),
    "exchanges of another size": set_in("kernel_exchanges", lambda a: a[:-1]),
    "a million words": set_in("kernel_drawn_ahead", lambda a: np.zeros(10**6, np.uint64)),
    "no words": set_in("kernel_drawn_ahead", lambda a: a[:0]),
    "random words short": set_in("random_words", lambda a: a[:2]),
    "random words as floats": set_in("random_words", lambda a: a.astype(float)),
    "a particle twice": put("kernel_tracked", 0, 5),
    "a particle that is none": put("kernel_tracked", 0, 2**32 - 1),
    "moved of another size": set_in("kernel_moved", lambda a: a[:-1]),
    "frames of another size": set_in("frames", lambda a: a[:, :-1]),
    "frozen as numbers": set_in("frozen", lambda a: a.astype(int)),
    "all frozen": put("frozen", slice(None), True),
    "step_s 0": said("step_s", 0.0),
    "step_s nan": said("step_s", float("nan")),
    "step_s a word": said("step_s", "1e-9"),
    "a short series": said("series.front_nm", lambda values: values[:-1]),
    "a series with nan": said("series.void_nm", lambda values: [float("nan"), *values[1:]]),
    "a series of words": said("series.atoms", lambda values: ["a"] * len(values)),
    "no series": said("series", {}),
    "times that fall": said("series.time_s", lambda values: values[::-1]),
    "records negative": said("n_record", -1),
    "more records": said("n_record", lambda n: n + 1),
    "frame at no record": said("frame_times_s", lambda values: [1e-20] * len(values)),
    "volts": said("overpotential_V", 0.7),
    "chunk negative": said("chunk_left", -1),
    "slip where there is none": said("slip", {"left": 1.0}),
    "reason none": said("reason", None),
    "case none": said("case", None),
    "case empty": said("case", {}),
    "another seed": said("seed", 5),
}


@pytest.mark.parametrize("name", STATES)
def test_a_state_that_cannot_be_is_refused_although_its_digest_is_right(kept, ready, name):
    arrays, plain = dict(kept[1][0]), json.loads(json.dumps(kept[1][1]))
    STATES[name](arrays, plain)
    with pytest.raises(ValueError) as caught:
        ready.restore(arrays, plain)
    assert "\n" not in str(caught.value) and len(str(caught.value)) > 20
    ready.growth.kernel.advance(max_events=1000)  # still a kernel
    np.testing.assert_array_equal(ready.growth.kernel.kept_propensities(), ready.growth.kernel.propensities())


@pytest.fixture(scope="module")
def ready():
    return prepare(CASE)


@pytest.mark.parametrize("kind", ["link", "external", "virtual", "chunked", "words"])
def test_nothing_but_arrays_in_the_file_itself_is_read(tmp_path, kept, kind):
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(800))
    image = tmp_path / "image.h5"
    image.write_bytes((kept[0] / CHECKPOINT).read_bytes())
    with h5py.File(image, "a") as file:
        del file["kernel_order"]
        if kind == "link":
            file["kernel_order"] = h5py.ExternalLink("other.h5", "/x")
        elif kind == "external":
            file.create_dataset("kernel_order", (100,), "u4", external=[(str(secret), 0, 800)])
        elif kind == "virtual":
            layout = h5py.VirtualLayout((100,), "u4")
            layout[:] = h5py.VirtualSource("other.h5", "x", (100,))
            file.create_virtual_dataset("kernel_order", layout)
        elif kind == "chunked":  # a kilobyte that says it is a terabyte
            file.create_dataset("kernel_order", (10**12,), "u1", chunks=(10**6,), compression="gzip")
        else:
            file["kernel_order"] = "abc"
    (tmp_path / CHECKPOINT).write_bytes(with_seal(image.read_bytes()))
    with pytest.raises(ValueError, match="cannot be read as a checkpoint.*kernel_order"):
        read_checkpoint(tmp_path)


# ---- the one before ----------------------------------------------------------------------------------------


def test_the_one_before_is_used_when_the_newest_is_bad(tmp_path, whole):
    run, sentences = prepare(CASE), []
    run.run(stopping(2))
    write_checkpoint(tmp_path, run)
    run.run(stopping(4))
    write_checkpoint(tmp_path, run)
    assert (tmp_path / PREVIOUS).exists()
    newest = tmp_path / CHECKPOINT
    newest.write_bytes(newest.read_bytes()[:-5000])
    again = prepare(CASE)
    again.restore(*read_checkpoint(tmp_path, sentences.append))
    assert len(sentences) == 1 and f"The run goes on from {PREVIOUS}, the one before." in sentences[0]
    assert not newest.exists() and (tmp_path / f"{CHECKPOINT}.damaged").exists()
    again.run()
    assert asdict(again.series) == asdict(whole.series)
    write_checkpoint(tmp_path, again)  # the good one before stays
    assert read_checkpoint(tmp_path)[1]["reason"] == whole.reason


def test_a_checkpoint_that_cannot_be_written_is_said_once_and_tried_again(tmp_path, monkeypatch, whole):
    sentences, tries = [], []
    monkeypatch.setattr("coble.kinds.growth.run.CHECKPOINT_S", 0.0)
    write = checkpoints.whole

    def full(path, save):
        tries.append(path)
        if len(tries) < 4:
            raise OSError(28, "No space left on device")
        write(path, save)

    monkeypatch.setattr(checkpoints, "whole", full)
    run = prepare(CASE)
    run.run(keep=Keeper(tmp_path, sentences.append))
    assert asdict(run.series) == asdict(whole.series) and len(tries) > 4
    assert len(sentences) == 2
    assert "cannot be written (No space left on device). The run goes on." in sentences[0]
    assert sentences[1].endswith("written.") and read_checkpoint(tmp_path)


def test_a_full_disk_leaves_no_part_and_the_checkpoint_that_was_there(tmp_path, kept, monkeypatch):
    shutil.copy(kept[0] / CHECKPOINT, tmp_path)

    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert not Keeper(tmp_path, lambda text: None)(prepare(CASE))
    monkeypatch.undo()
    assert sorted(path.name for path in tmp_path.iterdir()) in ([CHECKPOINT], [PREVIOUS])
    assert digest_of(*read_checkpoint(tmp_path, lambda text: None)) == digest_of(*kept[1])


# ---- longer runs -------------------------------------------------------------------------------------------


def changed(**growth):
    """The case with other keys in [growth]."""
    lines = [line for line in TINY.splitlines() if line.partition(" = ")[0] not in growth]
    return parse_case("\n".join([*lines, *(f"{key} = {json.dumps(value)}" for key, value in growth.items())]))


def end_of(run):
    kernel = run.growth.kernel
    return kernel.n_event, run.growth.hops(), kernel.codes.tolist(), run.reason, run.half_cycles


EXTENSIONS = {
    "tip": ({}, {"until_front_nm": 2.8}),
    "events": ({"max_events": 12_347}, {"max_events": 30_000}),
    "from events to tip": ({"max_events": 15_555}, {"max_events": 10**9}),
    "time": ({"time_s": 1e-8}, {"time_s": 2.55e-8}),
    "cycles": ({"cycles": 1, "until_left_nm": 1.0}, {"cycles": 2, "until_left_nm": 1.0}),
    "from plating to cycles": ({"until_left_nm": 1.0}, {"cycles": 1, "until_left_nm": 1.0}),
    "stripping": ({"overpotential_V": -0.1, "until_left_nm": 1.2}, {"overpotential_V": -0.1, "until_left_nm": 0.9}),
    "stripping, slower hops": tuple(
        {"overpotential_V": -0.1, "until_left_nm": left, "surface_slowing": "auto"} for left in (1.2, 0.9)
    ),
    "cycles, slower hops": tuple({"cycles": n, "until_left_nm": 1.0, "surface_slowing": "auto"} for n in (1, 2)),
}


@pytest.mark.parametrize("name", EXTENSIONS)
def test_a_run_that_is_extended_is_the_one_that_was_long_from_the_start(tmp_path, name):
    short, long = (changed(**growth) for growth in EXTENSIONS[name])
    run = prepare(short)
    run.run()
    assert run.reason
    write_checkpoint(tmp_path, run)
    extended, straight = prepare(long), prepare(long)
    extended.restore(*read_checkpoint(tmp_path))
    assert not extended.reason and extended.series.time_s == run.series.time_s
    extended.run()
    straight.run()
    assert end_of(extended) == end_of(straight)
    assert extended.growth.kernel.n_event > run.growth.kernel.n_event
    assert extended.growth.time == pytest.approx(straight.growth.time, rel=1e-12)
    n = run.n_record  # the record of the end that was is gone, and all others are at the same spacing
    assert extended.series.time_s[:n] == run.series.time_s[:n]
    np.testing.assert_allclose(np.diff(extended.series.time_s[: extended.n_record]), run.step_s, rtol=1e-9)


def test_events_end_at_their_limit():
    run = prepare(changed(max_events=12_345))
    run.run()
    assert run.growth.kernel.n_event == 12_345 and run.reason == "events reached max_events = 12345"


@pytest.mark.parametrize("after", [2, None])
def test_the_last_frame_and_the_last_record_are_the_end(after):
    for case in (CASE, changed(cycles=1, until_left_nm=1.0), changed(overpotential_V=-0.1)):
        run = prepare(case)
        run.run(stopping(after) if after else lambda: False)
        assert bool(run.reason) == (after is None)
        assert run.series.time_s[-1] == run.frames[-1][0] == run.growth.time
        assert run.series.atoms[-1] == run.occupied_in(-1).sum() == run.growth.n_atom
        assert len(set(run.series.time_s)) == len(run.series.time_s)
        times = [time for time, _ in run.frames]
        assert len(set(times)) == len(times)


def test_extending_at_the_command_line(tmp_path):
    folder, case = tmp_path / "out", tmp_path / "tiny.toml"
    case.write_text(TINY)
    assert invoke("plate", case, "--out", folder).exit_code == 0
    first = json.loads((folder / "result.json").read_text())
    done = invoke("plate", "--resume", folder)
    assert done.exit_code == 3 and "the run is done, stopped: tip reached until_front_nm = 2.2 nm" in done.stderr
    (folder / "case.toml").write_text(TINY.replace("depth_nm = 5.0", "depth_nm = 6.0"))
    other = invoke("plate", "--resume", folder)
    assert other.exit_code == 3 and "growth.depth_nm was 5.0 when the run began, and is 6.0 now" in other.stderr
    (folder / "case.toml").write_text(TINY.replace("= 2.2", "= 2.5"))
    longer = invoke("plate", "--resume", folder)
    assert longer.exit_code == 0, longer.output
    second = json.loads((folder / "result.json").read_text())
    assert second["reason"] == "tip reached until_front_nm = 2.5 nm" and second["events"] > first["events"]


# ---- in other processes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [TINY, TINY + "slip_1_s = 1e6\n"])
def test_a_run_can_be_pickled_and_goes_on(text):
    straight, run = prepare(parse_case(text)), prepare(parse_case(text))
    run.run(stopping(3))
    copy = pickle.loads(pickle.dumps(run))
    assert asdict(copy.series) == asdict(run.series) and copy.case == run.case
    for each in (straight, copy):
        each.run()
    assert end_of(copy) == end_of(straight) and asdict(copy.series) == asdict(straight.series)


@pytest.mark.parametrize("name", ["checkpoint.h5", "case.toml"])
def test_a_pipe_is_called_a_pipe(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "run/case.toml").write_text(f"{GROWS}depth_nm = 6.0\nmetal_to_nm = 2.0\nuntil_front_nm = 5.5\n")
    (tmp_path / "run/checkpoint.h5").touch()
    (tmp_path / "run" / name).unlink()
    os.mkfifo(tmp_path / "run" / name)
    found = invoke("resume", "run")
    assert found.exit_code == 3 and "must be a file, got a pipe" in " ".join(found.stderr.split()), found.stderr
