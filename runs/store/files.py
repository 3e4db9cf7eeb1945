"""Files that are written whole or not at all: beside their place, flushed to the disk, then moved there.

A result is written numbers first, pictures last: what goes wrong with one file takes no other with it.
"""

import json
import os
import re
import warnings
from functools import partial
from os.path import exists
from pathlib import Path

from coble.render.palette import DPI
from coble.store.contents import sealed, with_files
from coble.store.hdf5 import RESULT, made

CAMPAIGN = "campaign.json"
INTERRUPTED_WRITE = "interrupted"  # why a file is missing


class NotWritten(OSError):
    """Some files of a result could not be written; all others were, whole.

    Attributes
    ----------
    missing : dict of str → str
        Why, by file.
    content : dict
        Of result.json, whether it was written or not.
    """

    def __init__(self, folder, missing, content):
        super().__init__(f"{folder}: {not_written(missing)}")
        self.missing, self.content = missing, content


def not_written(missing):
    """`not written: result.h5 (No space left on device)`; `missing` is that of `NotWritten`."""
    by_reason = {}
    for name, why in missing.items():
        by_reason.setdefault(why, []).append(name)
    return "not written: " + "; ".join(f"{', '.join(names)} ({why})" for why, names in by_reason.items())


def reason(error):
    """Why a file could not be made, in a line."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED_WRITE
    said = " ".join(str(getattr(error, "strerror", None) or error).split())
    return said if said and isinstance(error, OSError | ValueError) else f"{type(error).__name__} {said}".strip()


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


def _text(path, text):
    path.write_text(text, encoding="utf-8")


def _json(content):
    return json.dumps(content, indent=1) + "\n"


def write_text(path, text):
    whole(path, partial(_text, text=text))


def write_json(path, content):
    write_text(path, _json(content))


def save(folder, content, files, pictures=(), left_out=None, missing=(), check=None):
    """Write a result: result.json, then the other files, and what is drawn last.

    A file that cannot be written does not stop the others; neither does a picture that cannot be drawn.  A picture of
    an earlier result does not stay beside this one.

    Parameters
    ----------
    folder : path-like
        Made when it is not there.
    content : dict
        Of result.json.
    files : dict of str → str, or callable (path)
        By name: its text, or what writes it.
    pictures : dict of str → callable
        By name: what draws it, a matplotlib figure.
    left_out : list, optional
        Takes a sentence for each picture that is not there; without it they are warnings.
    missing : dict of str → str
        What could not be written before, and why.
    check : callable (content), optional
        Raises ValueError for content that its readers would refuse.  It is written all the same, and told: no number
        is lost.

    Returns
    -------
    dict
        The content with its digest, see `coble.store.contents.sealed`.

    Raises
    ------
    NotWritten
        At the end, when a file other than a picture is missing.
    """
    folder, missing, stopped = Path(folder), dict(missing), None
    content = sealed(with_files(content, {name: text for name, text in files.items() if isinstance(text, str)}))
    folder.mkdir(parents=True, exist_ok=True)

    def tell(what):
        if left_out is None:
            warnings.warn(f"left out: {what}", stacklevel=4)
        else:
            left_out.append(what)

    try:
        (check or (lambda content: None))(content)
    except ValueError as error:
        tell(f"the layout of {RESULT} is not that of its kind ({reason(error)})")
    for name, write_to in {RESULT: _json(content), **files}.items():
        try:
            if stopped:
                raise stopped
            whole(folder / name, write_to if callable(write_to) else partial(_text, text=write_to))
        except (Exception, KeyboardInterrupt) as error:  # of whatever kind: the next file may be the one that matters
            missing[name] = reason(error)
            stopped = error if isinstance(error, KeyboardInterrupt) else None
    for name, draw in dict(pictures).items():
        try:
            if RESULT not in missing:
                (folder / name).unlink(missing_ok=True)  # of the result before this one
            if stopped:
                raise stopped
            write_figure(folder / name, draw())
        except (Exception, KeyboardInterrupt) as error:
            tell(f"{name} ({reason(error)})")
    if missing:
        raise NotWritten(folder, missing, content)
    return content


def write_figure(path, figure):
    """A matplotlib figure, in the format that the name says."""
    from coble.render.palette import lay_out

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a box in a title is no news for a terminal
        figure.set_dpi(DPI)  # letters are as wide as whole pixels
        lay_out(figure)
        whole(path, lambda part: figure.savefig(part, dpi=DPI, format=path.suffix[1:]))


def write_hdf5(path, fill):
    """Let `fill` write into an HDF5 file, `h5py.File`; see `coble.store.hdf5.made`."""
    path.write_bytes(made(path.name, fill))


def result_file(folder):
    """Path of what a folder holds: its result.json, or campaign.json where there are many results."""
    alone, many = Path(folder) / RESULT, Path(folder) / CAMPAIGN
    return many if exists(many) and not exists(alone) else alone


def existing(folder, files):
    """Files in `folder` that writing these there would overwrite."""
    return [folder / name for name in dict.fromkeys(files) if exists(folder / name)]
