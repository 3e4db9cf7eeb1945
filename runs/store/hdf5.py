"""HDF5 files of ours, opened in one place: whole, of a version that is known, and with all their data inside.

An HDF5 file may say that its data lie elsewhere: in a raw file, behind a link into another file, or in a virtual
dataset made of others.  We write none of these, and a file from somebody else could so bring any file of its reader
into what is exported; all three are refused.

A seal (SHA-256 of all bytes before it) stands behind the end of the HDF5 data, where HDF5 does not look.  So damage is
told before the HDF5 library sees it.  Whoever changes the file with h5py cuts the seal off: it is read then, with a
sentence.
"""

import hashlib
import json
import logging
from contextlib import contextmanager
from pathlib import Path

from coble.inputs.files.reading import load_json

RESULT = "result.json"
SCHEMAS = (2,)  # versions that are read
FAULTS = (OSError, KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError, OverflowError)
"""What a damaged file may raise while it is read."""

MARK = b"coble sha256 "
SEAL_BYTES = len(MARK) + 64 + 1
CHUNK = 1 << 20


def made(name, fill):
    """The bytes of an HDF5 file with its seal; made in memory: HDF5 cannot close a file on a disk that is full.

    Parameters
    ----------
    name : str
        That HDF5 shows in its messages.
    fill : callable (h5py.File)
        Writes into it.
    """
    import h5py

    with h5py.File(name, "w", driver="core", backing_store=False, block_size=1 << 24) as file:
        fill(file)
        file.attrs["sealed"] = True
        file.flush()
        image = file.id.get_file_image()
    return with_seal(image)


def with_seal(image):
    """The bytes of an HDF5 file with their digest behind them; HDF5 reads them as if that were not there."""
    return image + MARK + hashlib.sha256(image).hexdigest().encode() + b"\n"


def without_seal(data):
    """The bytes of an HDF5 file before its seal; ValueError when they have none, or it is not theirs."""
    image = data[:-SEAL_BYTES]
    if data != with_seal(image):
        raise ValueError("its bytes are not those that were written, or another version of Coble wrote it")
    return image


def name_axes(data, *axes):
    """Give every axis of a dataset a dimension scale, without which xarray and netCDF do not open a file.

    Parameters
    ----------
    data : h5py.Dataset
    *axes : h5py.Dataset or str
        A scale; or the name of an axis that has no values, which the dataset's group gets unless it has it.
    """
    for dimension, size, axis in zip(data.dims, data.shape, axes, strict=False):  # no frames have no second axis
        if isinstance(axis, str):
            axis = data.parent[axis] if axis in data.parent else _bare_scale(data.parent, axis, size)
        dimension.attach_scale(axis)


def _bare_scale(group, name, size):
    """A scale without values: no byte of it is written, and netCDF takes this title for an axis alone."""
    scale = group.create_dataset(name, (size,), ">f4")
    scale.attrs["units"], scale.attrs["long_name"] = "1", f"number of the {name.replace('_', ' ')}, counted from 0"
    scale.make_scale(f"This is a netCDF dimension but not a netCDF variable.{size:10}")
    return scale


@contextmanager
def open_results(path):
    """Open an HDF5 file to read it, `h5py.File`.

    Raises
    ------
    FileNotFoundError
    OSError
        For a damaged file, one of an unknown version, one whose data lie in other files, or no HDF5 file at all.
    """
    import h5py

    path = Path(path)
    if path.exists() and not path.is_file():
        raise OSError("it is no regular file")
    has_seal = _check_seal(path)
    with h5py.File(path, "r") as file:
        _refuse_foreign(file)
        schema = file.attrs.get("schema", SCHEMAS[0])
        if schema not in SCHEMAS:
            raise OSError(f"schema must be {SCHEMAS[0]}, got {schema}: made by another version")
        if file.attrs.get("sealed", False) and not has_seal:
            message = "%s: was changed after it was written: it may not hold the run's numbers"
            logging.getLogger("coble").warning(message, path)
        if _is_strange(file.attrs.get("provenance"), path.with_name(RESULT)):
            logging.getLogger("coble").warning("%s: is another run's than the %s beside it", path, RESULT)
        yield file


def _is_strange(provenance, result):
    """Whether a provenance, as JSON, is of another run than the result.json of the same folder, if there is one."""
    try:
        here, there = json.loads(provenance), load_json(result)["provenance"]
        return any(here[key] != there[key] for key in ("case_digest", "settings", "written"))
    except (OSError, LookupError, TypeError, ValueError):  # what is damaged is told where it is read
        return False


def _check_seal(path):
    """Whether a file has a seal; OSError when that is not the digest of its bytes."""
    with open(path, "rb") as file:
        left = file.seek(0, 2) - SEAL_BYTES
        if left <= 0:
            return False
        file.seek(left)
        end = file.read()
        if not end.startswith(MARK):
            return False
        found = hashlib.sha256()
        file.seek(0)
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            found.update(chunk)
            left -= len(chunk)
    if end[len(MARK) : -1] != found.hexdigest().encode():
        raise OSError("it is damaged: its digest is not that of its content")
    return True


def _refuse_foreign(file):
    """OSError when any dataset, or link, of a file leads out of it."""
    import h5py

    waiting, seen = [file], set()
    while waiting:
        group = waiting.pop()
        address = h5py.h5o.get_info(group.id).addr
        if address in seen:  # groups may hold each other
            continue
        seen.add(address)
        for name in group:
            if isinstance(group.get(name, getlink=True), h5py.ExternalLink):
                raise OSError(f"'{name}' is a link into another file, which is not followed")
            member = group.get(name)
            if isinstance(member, h5py.Group):
                waiting.append(member)
            elif isinstance(member, h5py.Dataset) and (member.is_virtual or member.external):
                raise OSError(f"the data of '{name}' lie in another file, which is not read")
