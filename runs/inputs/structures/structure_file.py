"""The structure of a case: atoms that ASE reads, or a lattice that was made in Python.

Atoms that are handed over in Python are written as extended XYZ.  A lattice is written as its arrays (`.npz`), so that
edges, classes and regions come back in every digit.
"""

import io
import json
import warnings
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from coble.inputs.files.faults import listed, quoted, typed_text
from coble.inputs.files.given_files import GivenFile
from coble.lattices import Lattice

ATOMS, LATTICE = "structure.extxyz", "lattice.npz"  # what is made in Python is called so
ARRAYS = ("xy", "column", "height", "region", "bore", "indptr", "edge", "steps", "cell")
NOTE = "note "  # before the names of notes that are arrays
OPTIONAL = ("class_step", "reverse_class", "bond_class", "shift")


def as_given(value):
    """Atoms or a lattice as a `GivenFile`; anything else as it is."""
    if isinstance(value, Lattice):
        return GivenFile(LATTICE, lattice_bytes(value))
    if is_atoms(value):
        return GivenFile(ATOMS, atoms_bytes(value))
    return value


def is_atoms(value):
    """Whether it is an `ase.Atoms`, without importing ASE for one that is none."""
    return any(kind.__module__.split(".")[0] == "ase" and kind.__name__ == "Atoms" for kind in type(value).__mro__)


def is_lattice(file):
    """Whether a structure is a lattice: one of Python, or a file of its arrays."""
    return isinstance(file, Lattice) or (isinstance(file, str) and file.endswith(".npz"))


def atoms_bytes(atoms):
    """Atoms with their arrays as extended XYZ."""
    from ase.io import write

    plain = atoms.copy()
    plain.calc = None
    plain.constraints = []
    text = io.StringIO()
    write(text, plain, format="extxyz")
    return text.getvalue().encode()


def read_atoms(file):
    """The `ase.Atoms` of a `GivenFile`, of a trajectory the last.

    Raises
    ------
    ValueError
        With a sentence: when ASE cannot read it, or it holds no atoms.
    """
    from ase.io import read

    with TemporaryDirectory(prefix="coble-") as folder:
        path = Path(folder, Path(file).name)  # by its name ASE knows what it is
        path.write_bytes(file.content)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                atoms = read(path)
        except Exception as error:  # readers of dozens of formats raise anything
            said = " ".join(str(error).split()).replace(str(path), str(file)) or type(error).__name__
            raise ValueError(f"is no structure that ASE reads: {said[:200]}") from None
    if not len(atoms):
        raise ValueError("holds no atoms")
    return atoms


def lattice_bytes(lattice):
    """A lattice as the bytes of an .npz file."""
    plain = {
        "unit": float(lattice.unit),
        "regions": list(lattice.regions),
        "thin": list(lattice.thin),
        "notes": {key: _plain(value) for key, value in lattice.facts.items()},
        "frozen": None if lattice.frozen is None else atoms_bytes(lattice.frozen).decode(),
    }
    arrays = {name: getattr(lattice, name) for name in ARRAYS}
    arrays |= {name: value for name in OPTIONAL if (value := getattr(lattice, name)) is not None}
    arrays |= {NOTE + key: value for key, value in lattice.notes.items() if isinstance(value, np.ndarray)}
    held = io.BytesIO()
    np.savez(held, plain=np.array(json.dumps(plain)), **arrays)
    return held.getvalue()


def read_lattice(file):
    """The `Lattice` of a `GivenFile` that `lattice_bytes` made.

    Raises
    ------
    ValueError
        With a sentence, when it is none.
    """
    try:
        with np.load(io.BytesIO(file.content), allow_pickle=False) as held:
            arrays = {name: held[name] for name in (*ARRAYS, *OPTIONAL) if name in held}
            plain = json.loads(str(held["plain"]))
            notes = {name.removeprefix(NOTE): held[name] for name in held if name.startswith(NOTE)}
        known = {each.name for each in fields(Lattice)}
        frozen = plain["frozen"] and read_atoms(GivenFile(ATOMS, plain["frozen"].encode()))
        return Lattice(
            **{name: value for name, value in arrays.items() if name in known},
            unit=plain["unit"],
            regions=tuple(plain["regions"]),
            thin=tuple(plain.get("thin", ())),
            notes=plain["notes"] | notes,
            frozen=frozen,
        )
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"is no lattice that coble wrote: {error}") from None


def _plain(value):
    """A note as JSON holds it."""
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, str | int | float | bool | list | dict | tuple | None) else str(value)


def region_names(atoms, source):
    """Name of the region of every atom, list of str.

    Parameters
    ----------
    atoms : ase.Atoms
    source : str
        "tags", "symbols", the name of an array, or that of a region rule, see `coble.inputs.files.plugins`.

    Raises
    ------
    ValueError
        With a sentence, when there is no such thing.
    """
    from coble.inputs.files.plugins import region_rules

    rules = region_rules()
    if source in rules:
        values = np.asarray(rules[source](atoms))
        if values.shape != (len(atoms),):
            raise ValueError(f"the rule {quoted(source)} must give one region for each of {len(atoms)} atoms")
    elif source == "tags":
        values = atoms.get_tags()
    elif source == "symbols":
        values = np.array(atoms.get_chemical_symbols())
    elif source in atoms.arrays:
        values = atoms.arrays[source]
    else:
        known = [name for name in atoms.arrays if name not in ("numbers", "positions", "tags")]
        known = listed(["tags", "symbols", *known, *rules])
        raise ValueError(f"the structure has no array {quoted(source)}; there are {known}")
    if values.ndim != 1:
        raise ValueError(f"the array {quoted(source)} must have one value for each atom, got {values.shape[1]}")
    if values.dtype.kind == "f" and not np.array_equal(values, np.rint(values)):
        raise ValueError(f"the array {quoted(source)} must hold whole numbers or words, got {typed_text(values[0])}")
    if values.dtype.kind in "fb":
        values = values.astype(int)
    return [str(value) for value in values.tolist()]
