"""Files from outside: regular ones of a bounded size are read, so that no pipe waits and no device goes on for ever."""

import errno
import json
import os
import stat

MOST_TEXT = 2_000_000  # bytes of a file that people write; the longest that is of use has a tenth
MOST_JSON = 500_000_000  # bytes of a result; a campaign of 100,000 points has about a hundred million


class Refused(OSError):
    """No regular file, or too large a one; `strerror` says what it must be."""


def read_bytes(path, most=MOST_TEXT):
    """Content of a regular file of at most `most` bytes.

    Raises
    ------
    OSError
        When it cannot be read; a `Refused` when it is no such file.
    """
    try:
        found = regular(path)
        with open(path, "rb") as file:
            content = file.read(most + 1)
    except ValueError:  # Python's word for a name that no system call takes
        raise Refused(errno.EINVAL, "must have a name without a null byte", str(path)) from None
    if len(content) > most:
        size = max(found.st_size, len(content)) / 1e6
        raise Refused(errno.EFBIG, f"must have at most {most / 1e6:g} MB, got {size:.4g} MB", str(path))
    return content


def regular(path):
    """What the system says of a regular file, `os.stat_result`; for anything else `OSError`, as `read_bytes`."""
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise Refused(errno.EINVAL, f"must be a file, got {_called(found.st_mode)}", str(path))
    return found


def load_json(path):
    """What a JSON file holds.

    Raises
    ------
    OSError
        When it cannot be read.
    ValueError
        When it is not JSON.
    """
    try:
        return json.loads(read_bytes(path, MOST_JSON).decode("utf-8"))
    except RecursionError:
        raise ValueError("its arrays or objects are nested too deep") from None


def _called(mode):
    """What kind of thing a path leads to, when it is no regular file."""
    kinds = {stat.S_ISDIR: "a directory", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    return next((name for is_one, name in kinds.items() if is_one(mode)), "a device")
