"""Extended XYZ, fast: byte for byte what ASE writes while numbers fit into its columns.  Lengths in Å.

ASE formats atom by atom, 3.3 µs each.  Atoms of a lattice share their coordinates, so each different number is
formatted once and the rows are put together from those texts as arrays, a chunk at a time.

The format has traps: a text that looks like a number comes back as a number, some names are taken for results of a
calculator or for a selection of 8 bits (OVITO), integers have 32 bits, real numbers eight decimals.  What would not
come back as it is, is refused.
"""

import re

import numpy as np
from ase.calculators.calculator import all_properties
from ase.data import chemical_symbols
from ase.io.extxyz import key_val_str_to_dict, output_column_format

COLUMNS = ("symbols", "positions", "tags")
AT_ONCE = 1 << 18  # atoms whose rows are made at a time: some 50 MB
FORMATS = {"f": "%16.8f", "i": "%8d", "U": "%-2s", "b": " %.1s"}  # ASE's, by kind of dtype
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
TAKEN = {
    "selection",
    "Lattice",
    "Properties",
    "pbc",
    *all_properties,
    "charges",
    "magmoms",
    "energies",
    "forces",
    "stresses",
}
LEAST = 0.5e-8  # of a real number, beside 0
INT32 = np.iinfo(np.int32)
SYMBOLS = np.array(chemical_symbols)


def write_extxyz(path, images, columns=COLUMNS):
    """Write frames of atoms, which may differ in everything but their columns.

    Parameters
    ----------
    path : path-like
    images : iterable of ase.Atoms
    columns : sequence of str
        "symbols", "positions", "move_mask" (false for atoms that are fixed), and names of arrays with one number per
        atom.

    Raises
    ------
    ValueError
        For a name or a value that a reader would not give back as it is.
    """
    with open(path, "wb") as file:
        for atoms in images:
            arrays = {name: _array(atoms, name) for name in columns}
            file.write(f"{len(atoms)}\n{_comment(atoms, arrays)}\n".encode())
            file.writelines(in_rows(list(arrays.values())))


def _array(atoms, name):
    """The values of a column, integers as int32."""
    if name == "symbols":
        return SYMBOLS[atoms.numbers]
    if name == "positions":
        return atoms.positions
    if name == "move_mask":
        return _may_move(atoms)
    _refuse_name(name)
    array = atoms.arrays[name]
    if array.ndim != 1 or array.dtype.kind not in "iuf":
        raise ValueError(f"column {name}: must be one number per atom, got {array.dtype} of shape {array.shape}")
    if array.dtype.kind == "f":
        lost = (array != 0) & (np.abs(array) < LEAST)
        if lost.any():
            raise ValueError(
                f"column {name}: has eight decimals, {array[lost][0]:g} would be read back as 0: take the logarithm"
            )
        return array
    if len(array) and not INT32.min <= array.min() <= array.max() <= INT32.max:
        raise ValueError(f"column {name}: integers must fit into 32 bits, got {array.min()} to {array.max()}")
    return array.astype(np.int32)


def _may_move(atoms):
    """False for atoms that `ase.constraints.FixAtoms` holds, bool array."""
    free = np.ones(len(atoms), dtype=bool)
    for constraint in atoms.constraints:
        free[constraint.index] = False
    return free


def _comment(atoms, arrays):
    """The second line of a frame, as ASE composes it."""
    for key in atoms.info:
        _refuse_name(key)
    line = output_column_format(atoms, list(arrays), arrays)[0]
    back = key_val_str_to_dict(line)
    for key, value in atoms.info.items():
        there, here = np.asarray(back.get(key)), np.asarray(value)
        if there.dtype.kind != here.dtype.kind or not np.array_equal(there, here) or "\n" in str(value):
            raise ValueError(f"info {key}: {value!r} would not be read back as it is: put a word in front")
    return line


def _refuse_name(name):
    if not NAME.fullmatch(name) or name in TAKEN:
        raise ValueError(f"{name!r}: must be letters, digits and _, and none of the format's own names")


def in_rows(arrays):
    """Columns as text, one row per atom, some atoms at a time: bytes-like objects to write one after the other."""
    for first in range(0, len(arrays[0]), AT_ONCE):
        yield _rows([array[first : first + AT_ONCE] for array in arrays])


def _rows(arrays):
    """The rows of some atoms, as an array of fixed-width texts."""
    columns = [column for array in arrays for column in (array.T if array.ndim == 2 else [array])]
    texts = [_texts(column) for column in columns]
    ends = [b" "] * (len(texts) - 1) + [b"\n"]
    layout = [field for k, text in enumerate(texts) for field in ((f"text{k}", text.dtype), (f"end{k}", "S1"))]
    rows = np.empty(len(columns[0]), dtype=layout)
    for k, (text, end) in enumerate(zip(texts, ends, strict=True)):
        rows[f"text{k}"], rows[f"end{k}"] = text, end
    return rows


def _texts(values):
    """Each value as text of one width, bytes array."""
    distinct, which = np.unique(values, return_inverse=True)
    written = [FORMATS[values.dtype.kind] % value for value in distinct.tolist()]
    width = max(map(len, written))
    return np.array([text.rjust(width) for text in written], dtype="S")[which]
