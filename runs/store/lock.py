"""One process at a time in a folder: a lock of the operating system, which ends with its holder."""

import os
import platform
from contextlib import contextmanager, suppress

LOCK = "lock"


class Busy(Exception):
    """Another worker has the replica."""


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
