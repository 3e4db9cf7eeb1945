"""HDF5 files are opened in one place: whole, of a known version, and with all their data inside."""

import shutil

import h5py
import numpy as np
import pytest
from command import BAD_CASE, invoke

from coble.store.hdf5 import SEAL_BYTES, made, open_results, with_seal, without_seal

SECRET = b"user = me, password = 12345678!!"


def external(file, secret):
    file.create_dataset("x", (4,), "f8", external=[(str(secret), 0, len(SECRET))])


def link(file, secret):
    file["x"] = h5py.ExternalLink(str(secret), "/x")


def deep_link(file, secret):
    file.create_group("a/b")["x"] = h5py.ExternalLink(str(secret), "/x")


def virtual(file, secret):
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource(str(secret), "x", (4,))
    file.create_virtual_dataset("x", layout)


@pytest.mark.parametrize("foreign", [external, link, deep_link, virtual])
def test_data_in_other_files_are_refused(tmp_path, foreign):
    (tmp_path / "secret").write_bytes(SECRET)
    with h5py.File(tmp_path / "result.h5", "w") as file:
        file["inside"] = np.arange(3)
        foreign(file, tmp_path / "secret")
    with pytest.raises(OSError, match="another file"), open_results(tmp_path / "result.h5"):
        pass


@pytest.mark.parametrize("command", ["export", "movie", "plot", "report"])
def test_no_command_brings_in_a_foreign_file(plate, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(plate, "run")
    (tmp_path / "secret").write_bytes(SECRET * 100)
    with h5py.File("run/result.h5", "r+") as file:
        n = len(file["structure/positions"])
        del file["structure/positions"]
        file.create_dataset("structure/positions", (n, 3), "f8", external=[(str(tmp_path / "secret"), 0, 24 * n)])
    found = invoke(command, "run", "--out", {"plot": "out", "movie": "a.gif"}.get(command, "a.xyz"))
    text = found.output + "".join(path.read_text(errors="replace") for path in tmp_path.glob("a.*"))
    assert "lie in another file" in text and (command in ("plot", "report") or found.exit_code == BAD_CASE)


def test_groups_that_hold_each_other_are_no_endless_way(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["g/x"] = 1
        file["g/again"] = file["g"]
    with open_results(tmp_path / "a.h5") as file:
        assert file["g/again/again/x"][()] == 1


@pytest.mark.parametrize("schema", [0, 1, 3, 99])
def test_another_version_is_refused(tmp_path, schema):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["schema"] = schema
    with pytest.raises(OSError, match=f"schema must be 2, got {schema}"), open_results(tmp_path / "a.h5"):
        pass


def test_a_seal_tells_every_changed_byte_and_h5py_reads_the_file(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes(made("a.h5", lambda file: file.create_dataset("x", data=np.arange(100.0))))
    with open_results(path) as sealed, h5py.File(path) as plain:
        assert sealed["x"][7] == plain["x"][7] == 7
    whole = path.read_bytes()
    for place in range(0, len(whole) - SEAL_BYTES, 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(OSError, match="is damaged"), open_results(path):
            pass


def test_whoever_changes_a_file_with_h5py_takes_its_seal_off_and_that_is_told(tmp_path, caplog):
    path = tmp_path / "a.h5"
    path.write_bytes(made("a.h5", lambda file: file.create_dataset("x", data=np.arange(100.0))))
    with h5py.File(path, "r+") as file:
        file["x"][7] = -1
    with open_results(path) as file:
        assert file["x"][7] == -1
    assert len(caplog.messages) == 1 and "a.h5: was changed after it was written" in caplog.messages[0]


def test_a_seal_comes_off_and_one_that_is_missing_or_not_theirs_is_told():
    assert without_seal(with_seal(b"image")) == b"image"
    for data in (b"image", b"", with_seal(b"image") + b"x", with_seal(b"image")[:-1], b"I" + with_seal(b"image")[1:]):
        with pytest.raises(ValueError, match="its bytes are not those that were written"):
            without_seal(data)


def test_only_regular_files_are_opened(tmp_path):
    with pytest.raises(OSError, match="regular"), open_results(tmp_path):
        pass
    with pytest.raises(FileNotFoundError), open_results(tmp_path / "none"):
        pass
