"""The lattice of a case with [structure]; what is wrong is a `StructureFault` that knows the key of the case."""

from functools import lru_cache
from time import perf_counter

import numpy as np

from coble.inputs.files.faults import listed
from coble.inputs.structures.neb_table import read_neb_table
from coble.inputs.structures.structure_file import is_lattice, read_atoms, read_lattice, region_names
from coble.lattices import Lattice
from coble.models.structures.fault import KEPT, StructureFault, at
from coble.models.structures.image import built_image

# ---- the lattice -------------------------------------------------------------------------------------------------


def lattice_of(case):
    """The lattice of a case with [structure].

    Parameters
    ----------
    case : Case

    Returns
    -------
    Lattice

    Raises
    ------
    StructureFault
        For atoms, regions or bonds that make no lattice.
    CaseError
        For a faulty table of [barriers], with its lines.
    """
    return built(case)[0]


def built(case):
    """The lattice, the `NebTable` of a case or None, and the seconds that they took."""
    if case.has_image:
        made, seconds = built_image(case)
        return made.lattice, None, seconds
    cutoff = case.structure.bond_cutoff_angstrom
    pairs = tuple(cutoff.items()) if isinstance(cutoff, dict) else cutoff
    found = case.structure
    return _cached(found.file, found.file.content, found.axis, found.regions, found.mobile, pairs, *_table_key(case))


def _table_key(case):
    file = case.barriers.file
    return (None, b"", None) if file is None else (file, file.content, case.barriers.prefactor_1_s)


@lru_cache(maxsize=KEPT)
def _cached(file, content, axis, regions, mobile, cutoff, table_file, table_content, prefactor_1_s):
    """As `built`; the contents are there to tell files of one name apart."""
    start = perf_counter()
    if is_lattice(file):
        with at("structure", "file"):
            lattice = read_lattice(file)
            _refuse_own_images(lattice)
        table = table_file and read_neb_table(table_file, lattice.n_site, prefactor_1_s)
        return lattice, table, perf_counter() - start
    with at("structure", "file"):
        atoms = read_atoms(file)
    with at("structure", "regions"):
        names = np.array(region_names(atoms, regions))
    frozen = None
    if mobile:
        moves = np.isin(atoms.get_chemical_symbols(), mobile)
        if not moves.any():
            there = sorted(set(atoms.get_chemical_symbols()))
            raise StructureFault(
                ("structure", "mobile"), f"no atom is {listed(mobile)}: there are {listed(there, 'and')}"
            )
        frozen = None if moves.all() else atoms[~moves]
        atoms, names = atoms[moves], names[moves]
    table = table_file and read_neb_table(table_file, len(atoms), prefactor_1_s)
    cutoff = dict(cutoff) if isinstance(cutoff, tuple) else cutoff
    try:
        lattice = Lattice.from_atoms(atoms, cutoff, names, axis, bonds=table.bonds if table else None, frozen=frozen)
    except ValueError as error:
        raise StructureFault(_key_of(str(error), table), str(error)) from None
    with at(*(("barriers", "file") if table else ("structure", "file"))):
        _refuse_own_images(lattice)
    return lattice, table, perf_counter() - start


def seconds_to_build(case):
    """How long it took to make the lattice of a case [s]."""
    return built(case)[2]


def _refuse_own_images(lattice):
    """Raise ValueError where a site is bound to its own image, which is full whenever the site is."""
    source = lattice.sources()
    own = np.flatnonzero(source == lattice.target)
    if not len(own):
        return
    crossed = np.array([[0, 0, 1]]) if lattice.shift is None else lattice.shift[own]
    first = "xyz".index(lattice.notes.get("axis", "z")) + 1
    along = sorted("abc"[(first + k) % 3] for k in np.flatnonzero(crossed.any(axis=0)))
    raise ValueError(
        f"site {source[own[0]]} is bound to its own image in the next cell, which is full whenever the site is: "
        f"nothing could hop there; repeat the cell along {listed(along, 'and')} ({len(own) // 2:,} such bonds)"
    )


def _key_of(message, table):
    """The key of the case that a sentence of `Lattice.from_atoms` is about."""
    first = message.split(":")[0].split(" ")[0]
    if first in ("regions", "axis"):
        return "structure", first
    if "overlap" in message or message.startswith(("the structure", "the cell")):
        return "structure", "axis" if "is open along" in message else "file"
    return ("barriers", "file") if table else ("structure", "bond_cutoff_angstrom")
