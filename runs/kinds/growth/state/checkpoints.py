"""Checkpoints of a run in which metal grows: written whole, the one before kept, and checked before use.

checkpoint.h5 holds the arrays and the plain values of `coble.kinds.growth.run.Plating.state`, with a digest over all.
Behind the HDF5 file stands a digest of its bytes: HDF5's own reader may not end on a damaged file, and never sees one.
When it is damaged, checkpoint.previous.h5, a minute older, takes its place: the run goes on bit for bit from there.
"""

import json
import os
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np

from coble.inputs.files.reading import regular
from coble.store.digests import digest_of
from coble.store.files import reason, whole
from coble.store.hdf5 import made, without_seal

SCHEMA = 5  # since 4 slowing counts what the metal takes; since 5 cells are ahead of the tip, too
CHECKPOINT, PREVIOUS = "checkpoint.h5", "checkpoint.previous.h5"
KIND = "plate-checkpoint"


def write_checkpoint(folder, run):
    """Write everything that is needed to go on bit for bit; the checkpoint that was there stays as the previous one."""
    arrays, plain = run.state()
    image = Path(folder) / CHECKPOINT

    def fill(file):
        for name, value in arrays.items():
            file.create_dataset(name, data=value)
        file.create_dataset("plain", data=np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8))
        file.attrs["kind"], file.attrs["schema"] = KIND, SCHEMA
        file.attrs["sha256"] = digest_of(arrays, plain)

    content = made(CHECKPOINT, fill)

    def save(part):
        part.write_bytes(content)
        if image.exists():
            os.replace(image, image.with_name(PREVIOUS))

    whole(image, save)


class Keeper:
    """Writes the checkpoints of a run; one that cannot be written is said, and tried again at the next call.

    Parameters
    ----------
    folder : path-like
    say : callable (str)
    beside : callable
        Writes what else is needed to go on.

    Attributes
    ----------
    fault : str or None
        Why the last one could not be written.
    """

    def __init__(self, folder, say=warnings.warn, beside=lambda: None):
        self.folder, self.say, self.beside, self.fault = Path(folder), say, beside, None

    def __call__(self, run):
        """Write a checkpoint; returns whether that worked."""
        before, self.fault = self.fault, None
        try:
            self.beside()
            write_checkpoint(self.folder, run)
        except OSError as error:
            self.fault = reason(error)
            if not before:
                self.say(
                    f"{self.folder / CHECKPOINT}: cannot be written ({self.fault}). The run goes on. "
                    "It is tried again every minute and at the end."
                )
        else:
            if before:
                self.say(f"{self.folder / CHECKPOINT}: written.")
        return not self.fault


def has_checkpoint(folder):
    """Whether a folder holds something to go on from."""
    return any((Path(folder) / name).exists() for name in (CHECKPOINT, PREVIOUS))


def drop_checkpoints(folder):
    """Take the checkpoints away."""
    for name in (CHECKPOINT, PREVIOUS):
        (Path(folder) / name).unlink(missing_ok=True)


def set_aside(folder):
    """Rename what cannot be read, so that it is not taken for a checkpoint again."""
    for name in (CHECKPOINT, PREVIOUS):
        if (Path(folder) / name).exists():
            os.replace(Path(folder) / name, Path(folder) / f"{name}.damaged")


def read_checkpoint(folder, say=warnings.warn):
    """(arrays by name, plain values) of the newest checkpoint that is whole.

    When the newest is damaged it is set aside as checkpoint.h5.damaged, and `say` is given a sentence.

    Raises
    ------
    ValueError
        When there is none, or none that can be read.
    """
    newest, previous = (Path(folder) / name for name in (CHECKPOINT, PREVIOUS))
    if not has_checkpoint(folder):
        raise ValueError(f"{newest}: no such file; only a run that kept a checkpoint can go on")
    faults = []
    for path in (newest, previous):
        try:
            found = _read(path)
        except ValueError as error:
            faults.append(str(error))
            continue
        if faults and newest.exists():
            os.replace(newest, newest.with_name(f"{CHECKPOINT}.damaged"))
        if faults:
            say(f"{faults[0]}; it was set aside. The run goes on from {PREVIOUS}, the one before.")
        return found
    raise ValueError("; ".join(faults))


def _read(path):
    """What is in a checkpoint; `ValueError` says why it cannot be used."""
    import h5py

    try:
        regular(path)
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file") from None
    except OSError as error:
        raise ValueError(f"{path}: {reason(error)}") from None
    try:
        with h5py.File(BytesIO(without_seal(path.read_bytes()))) as file:
            kind, schema = file.attrs["kind"], int(file.attrs["schema"])
            if kind != KIND or schema != SCHEMA:
                raise ValueError(
                    f"another version of Coble wrote it, schema {schema} and not {SCHEMA}: go on with that version, or "
                    "start again in another folder"
                )
            arrays = {name: _array(file, name) for name in file}
            plain = json.loads(arrays.pop("plain").tobytes())
            digest = str(file.attrs["sha256"])
    except (OSError, LookupError, AttributeError, MemoryError, RuntimeError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read as a checkpoint ({error})") from None
    if digest_of(arrays, plain) != digest:
        raise ValueError(f"{path}: is damaged, its content does not have the digest that was written with it")
    return arrays, plain


def _array(file, name):
    """A dataset that lies in this file as it stands: nothing that leads to another file, and nothing blown up."""
    import h5py

    data = file[name] if isinstance(file.get(name, getlink=True), h5py.HardLink) else None
    if not isinstance(data, h5py.Dataset) or data.external or data.is_virtual or data.dtype.kind not in "biuf":
        raise ValueError(f"{name} is no array of numbers in the file itself")
    if data.chunks or data.id.get_storage_size() != data.nbytes:
        raise ValueError(f"{name} is not stored whole")
    return data[()]
