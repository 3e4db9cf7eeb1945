"""Files that are written whole or not at all: beside their place, flushed to the disk, then moved there."""

import json
import os
import re
import warnings
from os.path import exists
from pathlib import Path

from runs.palette import DPI

RESULT, CAMPAIGN = "result.json", "campaign.json"


def whole(path, write_to):
    """Let `write_to` write a file under a temporary name, and move it into place.

    A reader never sees half of it, and what was there stays until the new one is on the disk.  The temporary name has
    the same ending: many writers go by it.
    """
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        write_to(part)
        with open(part, "rb") as written:
            os.fsync(written.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def remove_parts(folder):
    """Remove the temporary files that `whole` left in a folder when its process was killed."""
    for part in Path(folder).glob(".*.part*"):
        found = re.fullmatch(r"\..+\.(\d+)\.part(\.[^.]+)?", part.name)
        if found and not is_alive(int(found[1])):
            part.unlink(missing_ok=True)


def is_alive(process):
    """Whether there is a process of this number on this machine."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        pass
    return True


def write_text(path, text):
    whole(path, lambda part: part.write_text(text, encoding="utf-8"))


def write_json(path, content):
    write_text(path, json.dumps(content, indent=1) + "\n")


def write_figure(path, figure):
    """A matplotlib figure, in the format that the name says."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a box in a title is no news for a terminal
        whole(path, lambda part: figure.savefig(part, dpi=DPI, format=path.suffix[1:]))


def result_file(folder):
    """Path of what a folder holds: its result.json, or campaign.json where there are many results."""
    alone, many = Path(folder) / RESULT, Path(folder) / CAMPAIGN
    return many if exists(many) and not exists(alone) else alone


def existing(folder, files):
    """Files in `folder` that writing these there would overwrite."""
    return [folder / name for name in files if exists(folder / name)]
