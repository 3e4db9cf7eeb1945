"""The folders of a campaign: one per case and replica, so written that a kill at any moment loses nothing counted.

DIR/campaign.toml, case.toml           as given
DIR/stop-HOST-PID                      asks the tasks of one sweep to stop
DIR/campaign.json                      every point, its state and estimates: answers "what is done?" alone
DIR/points/DIGEST/case.json            the resolved case
DIR/points/DIGEST/exact.json           what the network says, where it was asked
DIR/points/DIGEST/REPLICA/part-N.npz   episodes that were counted; never changed once they are there
DIR/points/DIGEST/REPLICA/checkpoint.h5    of metal that grows; see `runs.plating_results`
DIR/points/DIGEST/REPLICA/result.json  written once, when the replica is complete
DIR/points/DIGEST/REPLICA/lock         who works on it: held as long as its process lives

Every file is written whole or not at all (`runs.files`).
"""

import json
import os
import platform
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = "lock"


class Busy(Exception):
    """Another worker has the replica."""


def read_json(path):
    """Content of a JSON file, or None when there is none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


@contextmanager
def locked(folder):
    """Hold a folder for this process.

    The lock is the operating system's: it ends with the process that holds it, however that ends, so a lock cannot be
    left behind.  The file names the holder for whoever wonders.

    Raises
    ------
    Busy
        When another process, or another task of this one, has it.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / LOCK
    lock = FileLock(file)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise Busy(f"{folder}: {_holder(file) or 'another process'} works on it") from None
    try:
        with suppress(OSError):  # a full disk is no reason not to hold it
            file.write_text(f"process {os.getpid()} on {platform.node()}\n", encoding="utf-8")
        yield
    finally:
        lock.release()


def _holder(file):
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # gone, or not to be read while it is held
        return ""


def differences(old, new, path=""):
    """Where two resolved cases differ: list of `key: old value, now new value`."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted(old.keys() | new.keys())
        return [line for key in keys for line in differences(old.get(key), new.get(key), f"{path}.{key}".lstrip("."))]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            line for n, (a, b) in enumerate(zip(old, new, strict=True), 1) for line in differences(a, b, f"{path}[{n}]")
        ]
    return [] if old == new else [f"{path}: was {old!r}, is now {new!r}"]


def point_folder(folder, digest):
    return Path(folder) / "points" / digest


def replica_folder(folder, digest, replica):
    return point_folder(folder, digest) / f"{replica:04d}"
