"""Structures of a result, as `ase.Atoms` and as files for other programs.  Positions in Å, times in s.

The files of a result say where atoms are.  The sites on which they are follow from the case and its seed; they are made
again, and every atom has to lie on one of them.  So an export knows empty sites, too, and where the tubule's axis is.

>>> from runs.export import frames
>>> metal = frames("coble-runs/plate-1", "last", atoms=["metal"])[0]  # doctest: +SKIP
"""

import json
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from lattices import KINDS, Kind, SiteGraph, touching
from runs.case import load_case
from runs.cuts import cut_of
from runs.extxyz import COLUMNS, write_extxyz
from runs.plating_setup import sites_of
from runs.results import whole
from runs.tubules import atoms_of, graph_of

STRUCTURES = {"plate": "trajectory.extxyz", "discriminate": "snapshot.extxyz"}  # by kind of result
VACANCIES = "vacancies"
NEAR_A = 0.01  # an atom lies on a site: files have 8 decimals, sites are 1 Å apart at least
USUAL = ("extxyz", "traj", "lammps-data", "vasp", "cif", "db")
SERVERS = ("mysql", "postgresql")  # formats of ASE that are no files
ENDINGS = {"extxyz": "extxyz"}  # ASE's is xyz


# ---- what to take --------------------------------------------------------------------------------------------


def kinds_of(names):
    """What to take when these are named: `metal`, `interface`, ..., `vacancies`.

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
    known = (*KINDS, VACANCIES)
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            advice = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(known)}"
            raise ValueError(f"atoms {name!r}: unknown, {advice}")
    if not names:
        raise ValueError(f"atoms {names!r}: must be some of {', '.join(known)}")
    kinds = [KINDS.index(name) for name in names if name != VACANCIES]
    occupancies = [1] * bool(kinds) + [0] * (VACANCIES in names)
    return kinds or list(range(len(KINDS))), occupancies


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


# ---- where things are ----------------------------------------------------------------------------------------


@dataclass
class Sites:
    """All sites of a result, full and empty.

    Attributes
    ----------
    graph : SiteGraph
    species : str
    lattice_constant_A : float or None
        Of metal that grows: the channel is interface where metal covers it and surface where not.
    """

    graph: SiteGraph
    species: str
    lattice_constant_A: float | None

    @cached_property
    def every(self):
        """One atom on every site, in the box of the result's files, `ase.Atoms`."""
        found = atoms_of(self.graph, np.ones(self.graph.n_site, dtype=bool), self.species, {})
        found.arrays["site"] = np.arange(self.graph.n_site, dtype=np.int32)
        return found

    @cached_property
    def _tree(self):
        return cKDTree(self.every.positions, balanced_tree=False)  # balancing takes long with equal coordinates

    @cached_property
    def _metal_and_channel(self):
        """Metal sites and, one for each, a channel site among their first or second neighbours."""
        source, target = touching(self.graph, self.lattice_constant_A)
        both = (self.graph.kind[source] == Kind.METAL) & (self.graph.kind[target] == Kind.INTERFACE)
        return source[both], target[both]

    def occupied(self, positions):
        """Which sites atoms at these positions [Å] occupy, bool array (n_site,); ValueError when one lies on none."""
        distance, site = self._tree.query(positions)
        full = np.zeros(self.graph.n_site, dtype=bool)
        full[site] = True
        if (distance > NEAR_A).any() or full.sum() != len(positions):
            raise ValueError(
                "atoms do not lie on the sites of the case: files were changed, or made by another version"
            )
        return full

    def kind(self, full):
        """What every site is when these are full, uint8 array (n_site,)."""
        if self.lattice_constant_A is None:
            return self.graph.kind
        metal, channel = self._metal_and_channel
        found = np.where(self.graph.kind == Kind.INTERFACE, Kind.SURFACE, self.graph.kind).astype(np.uint8)
        found[channel[full[metal]]] = Kind.INTERFACE
        return found


def _result(folder):
    """Content of result.json, and the file of structures, of a result that has one."""
    path = Path(folder) / "result.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        kind = content["kind"]
    except (OSError, ValueError, KeyError, TypeError):
        raise ValueError(f"{folder}: holds no result.json of a run; name a folder that a command has written") from None
    if kind not in STRUCTURES:
        raise ValueError(f"{folder}: a result of kind {kind!r} holds no atoms, only {' and '.join(STRUCTURES)} do")
    file = Path(folder) / STRUCTURES[kind]
    if not file.exists():
        raise ValueError(f"{file}: no such file")
    return content, file


def _sites(folder, content, info):
    """The sites of a result whose frames have this info."""
    case = load_case(Path(folder) / "case.toml")
    try:
        if content["kind"] == "plate":
            _, graph = sites_of(case, content["provenance"]["settings"]["seed"])
            return Sites(graph, case.metal.species, case.metal_material.lattice_constant_A)
        (wall,) = (wall for wall in case.walls if f"wall-{wall.name}" == info["wall"])
        return Sites(graph_of(case, wall), case.metal.species, None)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{folder}: its sites cannot be made again: {error}") from None


def _images(path, which):
    """The frames of an extended XYZ file that are chosen, one at a time."""
    from ase.io import iread

    number = 0
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                if sum(1 for _ in islice(file, int(line) + 1)) < int(line) + 1:
                    raise ValueError("it ends in the middle of a frame")
                number += 1
        if range(number)[slice_of(which)]:
            yield from iread(path, slice_of(which), format="extxyz")
            return
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read as extended XYZ: {error}") from None
    raise ValueError(f"{path}: there is no frame {which}; it has {number}, the first is 0")


def each_state(folder, which=":"):
    """Every frame that is chosen as (`Sites`, which of them are full, the frame as `ase.Atoms`), one at a time."""
    content, path = _result(folder)
    sites = None
    for image in _images(path, which):
        sites = sites or _sites(folder, content, image.info)
        try:
            yield sites, sites.occupied(image.positions), image
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None


def each_frame(folder, which=":", *, atoms=KINDS, cuts=()):
    """The frames that `frames` returns, one at a time."""
    (kinds, occupancies), leaves = kinds_of(atoms), [cut_of(cut) for cut in cuts]
    inside = None
    for sites, full, image in each_state(folder, which):
        if inside is None:
            inside = np.ones(sites.graph.n_site, dtype=bool)
            for leave in leaves:
                inside &= leave(sites.graph)
        kind = sites.kind(full)
        taken = np.isin(full, occupancies) & np.isin(kind, kinds) & inside
        found = sites.every[taken]
        found.set_tags(kind[taken].astype(np.int32))
        found.info = dict(image.info)
        if 0 in occupancies:
            found.arrays["occupancy"] = full[taken].astype(np.int32)
            found.numbers[~full[taken]] = 0  # ASE's X
        yield found


def frames(folder, which=":", *, atoms=KINDS, cuts=()):
    """Structures of a result.

    Parameters
    ----------
    folder : path-like
        What `coble plate`, `strip`, `cycle` or `discriminate` has written.
    which : int or str
        A frame from 0, or from the end when negative; "A:B", "A:B:STEP", "last".
    atoms : sequence of str
        Of what: "metal", "interface", "wall", "surface"; "vacancies" adds the empty sites of these, or all by itself.
    cuts : sequence of str
        See `runs.cuts.CUTS`; what all of them leave is taken.

    Returns
    -------
    list of ase.Atoms
        Positions in Å in the box of the result; `tags` is the kind of site, of which info["region_names"] has the
        names.  Arrays: "site" is its number, the same in every frame; with vacancies "occupancy", 1 or 0, symbol X for
        0.  info has "time" [s] and what else is in the result's file.  pbc is True along what is periodic.

    Raises
    ------
    ValueError
        For names that do not exist, a folder without such a result, and frames that it has not.
    """
    return list(each_frame(folder, which, atoms=atoms, cuts=cuts))


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
    writable = {known: each for known, each in ioformats.items() if each.can_write and known not in SERVERS}
    if found and found.name in writable:
        return found
    close = get_close_matches(name, sorted(writable), n=3)
    what = "ASE only reads such files" if found and not found.can_write else "ASE writes no such files"
    near = f"did you mean {' or '.join(close)}? " if close else ""
    raise ValueError(f"format {name!r}: {what}; {near}The usual ones are {', '.join(USUAL)}")


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
        if format.name in ("db", "json"):
            return _write_database(part, images, format.name)
        several, options = list(images), {}
        if format.single and len(several) > 1:
            raise ValueError(f"{format.name}: holds one structure, got {len(several)}: take one frame")
        if format.name == "lammps-data":  # types in one order, whatever there is
            present = {symbol for atoms in several for symbol in atoms.symbols}
            options = {"specorder": sorted(present, key=lambda symbol: symbol == "X"), "masses": True}
        try:
            write(part, several[0] if format.single else several, format=format.name, **options)
        except (OSError, MemoryError):
            raise
        except Exception as error:  # dozens of writers, each with errors of its own
            message = str(error) or type(error).__name__
            raise ValueError(f"{format.name}: ASE cannot write these atoms to it: {message}") from None

    whole(Path(path), write_to)


def _write_extxyz(path, images):
    """Every frame with its arrays, a frame at a time."""
    images = iter(images)
    first = next(images)
    extra = [name for name in ("site", "occupancy") if name in first.arrays]
    write_extxyz(path, (atoms for some in ([first], images) for atoms in some), (*COLUMNS, *extra))


def _write_database(path, images, kind):
    """One row per frame: info as key-value pairs to search for, arrays as data."""
    from ase.db import connect

    with connect(path, type=kind, append=False) as base:
        for atoms in images:
            arrays = {name: atoms.arrays[name] for name in ("site", "occupancy") if name in atoms.arrays}
            base.write(atoms, key_value_pairs=atoms.info, data=arrays)
