"""Structures of a result, as `ase.Atoms` and as files for other programs.  Positions in Å, times in s.

All of it comes from the sites and frames in result.h5; nothing is run or built again.

>>> from coble.structures.export import frames
>>> metal = frames("coble-runs/plate-1", "last", atoms=["bulk"])[0]  # doctest: +SKIP
"""

import json
from os.path import exists, isdir
from pathlib import Path

import numpy as np

from coble.lattices import REGIONS, Region
from coble.render.meant import meant
from coble.store.files import whole
from coble.store.hdf5 import FAULTS, open_results
from coble.structures.cuts import cut_of
from coble.structures.extxyz import COLUMNS, write_extxyz
from coble.structures.lammps_dump import write_dump
from coble.structures.species_blocks import GROUPED, in_blocks, name_sites
from coble.structures.structure_file import FROZEN, read_structure
from coble.structures.wall_crystal import crystal_name, wall_crystal

FILE = "result.h5"
VACANCIES = "vacancies"
ARRAYS = ("site", "occupancy", "graded")  # one number per atom, written where the format can
USUAL = ("extxyz", "traj", "lammps-data", "lammps-dump-text", "vasp", "cif", "db")
SERVERS = ("mysql", "postgresql")  # formats of ASE that are no files
OURS = ("extxyz", "lammps-dump-text")  # that are not written by ASE
ENDINGS = {"extxyz": "extxyz", "lammps-dump-text": "dump"}  # ASE's are xyz and lammpstrj
BY_ENDING = {  # where ASE means something else, or nothing
    "extxyz": "extxyz",
    "xyz": "extxyz",
    "dump": "lammps-dump-text",
    "lammpstrj": "lammps-dump-text",
    "data": "lammps-data",
    "lmp": "lammps-data",
}


# ---- what to take --------------------------------------------------------------------------------------------


def kinds_of(names, regions=REGIONS):
    """What to take when these are named: `metal`, `interface`, ..., `vacancies`.

    Parameters
    ----------
    names : sequence of str
    regions : tuple of str
        Names of the regions of the sites.

    Returns
    -------
    kinds : list of int
        Kinds of sites; all of them when only vacancies are named.
    occupancies : list of int
        1 for the full ones of them, 0 for the empty ones.

    Raises
    ------
    ValueError
        For another name, or none.
    """
    known = (*regions, VACANCIES)
    for name in names:
        if name not in known:
            raise ValueError(f"atoms {name!r}: unknown, {meant(name, known)}")
    if not names:
        raise ValueError(f"atoms {names!r}: must be some of {', '.join(known)}")
    kinds = [regions.index(name) for name in names if name in regions]
    occupancies = [1] * bool(kinds) + [0] * (VACANCIES in names and VACANCIES not in regions)
    return kinds or list(range(len(regions))), occupancies


def refuse_unknown(result, names):
    """Raise ValueError for names that `frames` does not take for a result; a tubule's where it cannot be read."""
    try:
        structure = structure_of(result)
    except ValueError:
        kinds_of(names)
        return
    _chosen(structure, names)


def slice_of(text):
    """Frames by a number, `A:B`, `A:B:STEP` or `last`, counted from 0, or from the end when negative.

    Raises
    ------
    ValueError
        For another text.
    """
    if text == "last":
        return slice(-1, None)
    try:
        words = [int(word) if word else None for word in str(text).split(":")]
    except ValueError:
        words = []
    if len(words) == 1 and words[0] is not None:
        return slice(words[0], words[0] + 1 or None)
    if len(words) not in (2, 3) or (len(words) == 3 and words[2] is not None and words[2] < 1):
        raise ValueError(f"frame {text!r}: must be a number, A:B, A:B:STEP or last")
    return slice(*words)


# ---- frames --------------------------------------------------------------------------------------------------


def structure_of(result):
    """The sites and frames of a result, a `Structure`; `result` is its folder, or a result.h5."""
    return read_structure(_file_of(result))


def case_of(result):
    """The case of a result as it was resolved, a dict as in the provenance of result.json."""
    path = _file_of(result)
    try:
        with open_results(path) as file:
            return json.loads(file.attrs["provenance"])["case"]
    except FAULTS as error:
        raise ValueError(f"{path}: cannot be read ({error})") from None


def _file_of(result):
    path = Path(result)
    if isdir(path) and not exists(path / FILE):
        raise ValueError(
            f"{result}: holds no {FILE}; name a folder that plate, strip, cycle or discriminate has written"
        )
    return path / FILE if isdir(path) else path


def each_frame(result, which=":", *, atoms=None, cuts=(), fixed_n=False, wall=None):
    """The frames that `frames` returns, one at a time."""
    leaves, structure = [cut_of(cut) for cut in cuts], structure_of(result)
    (kinds, occupancies), frozen = _chosen(structure, atoms)
    numbers = range(structure.n_frame)[slice_of(which)]
    if not numbers:
        raise ValueError(f"{result}: there is no frame {which}; it has {structure.n_frame}, the first is 0")
    host = structure.host if frozen else None
    if wall is not None:
        if structure.is_own:
            raise ValueError(f"wall {wall!r}: must be left out: a structure of your own has no wall")
        host = structure.host = wall_crystal(structure, crystal_name(wall, structure.wall))
        kinds = [kind for kind in kinds if kind != Region.WALL]
    host = host and host.where(_inside(host, leaves))
    inside = _inside(structure, leaves)

    def taken_in(number):
        return inside & np.isin(structure.occupied(number), occupancies) & np.isin(structure.kind(number), kinds)

    slots = np.any([taken_in(number) for number in numbers], axis=0) if fixed_n else None
    for number in numbers:
        taken, full = taken_in(number), structure.occupied(number)
        found = structure.atoms(number, taken if slots is None else slots)
        if fixed_n or 0 in occupancies:
            there = (taken & full)[found.arrays["site"]]
            found.arrays["occupancy"] = there.astype(np.int32)
            found.numbers[~there] = 0  # ASE's X
        yield found if host is None else structure.with_host(found, host)


def _chosen(structure, names):
    """What `kinds_of` says of the names, and whether frozen atoms are among them; without names all atoms are."""
    has_frozen = structure.is_own and structure.host is not None and FROZEN not in structure.regions
    if names is None:
        return kinds_of(structure.regions, structure.regions), has_frozen
    frozen = has_frozen and FROZEN in names
    if frozen and set(names) == {FROZEN}:
        return ([], []), True
    return kinds_of([name for name in names if not (frozen and name == FROZEN)], structure.regions), frozen


def _inside(sites, leaves):
    """What all cuts leave of some sites, bool array."""
    inside = np.ones(len(sites.positions), dtype=bool)
    for leave in leaves:
        inside &= leave(sites)
    return inside


def frames(result, which=":", *, atoms=None, cuts=(), fixed_n=False, wall=None):
    """Structures of a result.

    Parameters
    ----------
    result : path-like
        Folder that `coble plate`, `strip`, `cycle` or `discriminate` has written, or a result.h5.
    which : int or str
        A frame from 0, or from the end when negative; "A:B", "A:B:STEP", "last".
    atoms : sequence of str, optional
        Of which regions, all unless given: "bulk", "interface", "wall", "surface" of a tubule, those of a structure;
        "vacancies" adds the empty sites of these, or all by itself; "frozen" those atoms of a structure.
    cuts : sequence of str
        See `coble.structures.cuts.CUTS`; what all of them leave is taken.
    fixed_n : bool
        Every frame holds the same sites in the same order: those that are taken in any of the frames; where one is
        not, its symbol is X.
    wall : str, optional
        A crystal of `lattices.PUBLISHED`, or "case" for that of the case's wall: its atoms, frozen, instead of the
        wall's sites in the model.

    Returns
    -------
    list of ase.Atoms
        Positions in Å in the box of the result, of a structure in its own cell; `tags` is the kind of site, of which
        info["region_names"] has the names, -1 for frozen atoms.  Arrays: "site" is its number, the same in every
        frame; with vacancies, or when fixed_n, "occupancy", 1 or 0, symbol X for 0; of a graded channel "graded", 1 for
        atoms that cells hold, which are shown at random in their cell.  info has "time" [s] and what else
        is in the result.  pbc is True along what is periodic.

    Raises
    ------
    ValueError
        For names that do not exist, a folder without such a result, and frames that it has not.
    """
    return list(each_frame(result, which, atoms=atoms, cuts=cuts, fixed_n=fixed_n, wall=wall))


# ---- files ---------------------------------------------------------------------------------------------------


def format_of(name):
    """ASE's format of this name or file ending, `ase.io.formats.IOFormat`.

    Raises
    ------
    ValueError
        When ASE writes none; with the near ones.
    """
    from ase.io.formats import extension2format, ioformats

    found = ioformats.get(name) or extension2format.get(name)
    writable = {
        known: each for known, each in ioformats.items() if (each.can_write or known in OURS) and known not in SERVERS
    }
    if found and found.name in writable:
        return found
    from difflib import get_close_matches

    close = get_close_matches(name, sorted(writable), n=3)
    what = "ASE only reads such files" if found and not found.can_write else "ASE writes no such files"
    near = f"did you mean {' or '.join(close)}? " if close else ""
    raise ValueError(f"format {name!r}: {what}; {near}The usual ones are {', '.join(USUAL)}")


def format_for(path):
    """ASE's format of a file by its name: a.xyz is extended XYZ, a.dump and a.data are LAMMPS's, POSCAR is VASP's.

    Raises
    ------
    ValueError
        When no format has such a name.
    """
    from ase.io.formats import ioformats

    path = Path(path)
    ending = path.suffix[1:].lower()
    named = (name for name, each in ioformats.items() if each.match_name(path.name))
    try:
        return format_of(BY_ENDING.get(ending) or next(named, ending))
    except ValueError:
        has = f"no format ends in .{ending}" if ending else "has no ending, which would say the format"
        raise ValueError(f"{path}: {has}; the usual formats are {', '.join(USUAL)}") from None


def ending_of(format):
    """The usual ending of a file of an ASE format."""
    return ENDINGS.get(format.name) or (*format.extensions, format.name)[0]


def write_structures(path, images, format):
    """Write structures to a file, whole or not at all.

    Parameters
    ----------
    path : path-like
    images : iterable of ase.Atoms
    format : ase.io.formats.IOFormat
        See `format_of`.

    Raises
    ------
    ValueError
        When the format cannot hold these structures.
    """
    from ase.io import write

    def write_to(part):
        if format.name == "extxyz":
            return _write_extxyz(part, images)
        if format.name == "lammps-dump-text":
            return write_dump(part, images)
        if format.name in ("db", "json"):
            return _write_database(part, images, format.name)
        several, options = [in_blocks(atoms) if format.name in GROUPED else atoms for atoms in images], {}
        if format.single and len(several) > 1:
            raise ValueError(f"{format.name}: holds one structure, got {len(several)}: take one frame")
        if format.name == "lammps-data":  # types in one order, whatever there is
            present = {symbol for atoms in several for symbol in atoms.symbols}
            options = {"specorder": sorted(present, key=lambda symbol: (symbol == "X", symbol)), "masses": True}
            options |= {"atom_style": "atomic", "units": "metal"}
        try:
            write(part, several[0] if format.single else several, format=format.name, **options)
        except (OSError, MemoryError):
            raise
        except Exception as error:  # dozens of writers, each with errors of its own
            raise ValueError(f"{format.name}: ASE cannot write these atoms to it: {error!r}") from None
        if format.name == "vasp" and "site" in several[0].arrays:
            name_sites(part, several[0])

    whole(Path(path), write_to)


def _write_extxyz(path, images):
    """Every frame with its arrays, a frame at a time."""
    images = iter(images)
    first = next(images)
    extra = [name for name in ARRAYS if name in first.arrays] + ["move_mask"] * bool(first.constraints)
    write_extxyz(path, (atoms for some in ([first], images) for atoms in some), (*COLUMNS, *extra))


def _write_database(path, images, kind):
    """One row per frame: info as key-value pairs to search for, arrays as data."""
    from ase.db import connect

    with connect(path, type=kind, append=False) as base:
        for atoms in images:
            arrays = {name: atoms.arrays[name] for name in ARRAYS if name in atoms.arrays}
            base.write(atoms, key_value_pairs=atoms.info, data=arrays)
