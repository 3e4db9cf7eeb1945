"""The group `structure` of a result.h5: every site of a result, and which of them are full, frame by frame.

Positions in Å, times in s.  ASE reads such a file (`coble.structures.ase_format`), and `coble export` makes other
files of it.  Sites are those of a tubule, or of a structure of a user's own, which keeps its cell and its positions.
"""

import json
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from coble.lattices import REGIONS, SHAPES, Region, Shape
from coble.models.tubules.tubule import NM
from coble.store.hdf5 import FAULTS, name_axes, open_results
from coble.structures.site_checks import fault_of
from coble.structures.wall_crystal import Host

GROUP = "structure"
SIGNATURE = "coble structure"  # among the first bytes of the file, by which ASE tells it from other HDF5 files
VACUUM_A = 5.0  # beyond the outermost site where the box is open
FROZEN = "frozen"  # what atoms are called that do not move, and belong to no region


@dataclass
class Structure:
    """All sites of a result, full and empty, and its frames.

    Attributes
    ----------
    positions : float array (n_site, 3)
        In the coordinates of the case [Å]: the middle of the cross-section, at the root, is 0.
    site_kind : uint8 array (n_site,)
        Index of each site into `regions`: a `Region` in tubules; where metal grows, the channel is INTERFACE.
    cell : float array (3,) or (3, 3)
        Edges of the periodic box [Å], 0 where it is open; of a user's structure its three vectors, one a row.
    shape : Shape or None
        The cross-section of a tubule.
    wall : str
        Name of the wall, or of the structure.
    wall_A : (float, float)
        Where the wall begins and ends along the axis [Å].
    species : str
        Chemical symbol of the metal; "" where `numbers` has those of all sites.
    info : dict
        Scalars that hold for all frames.
    times_s : list of float
    full : uint8 array (n_frame, ...)
        Which sites are full, packed into bits as by `numpy.packbits`.
    covered : uint8 array (n_frame, ...) or None
        Which sites have a first or second neighbour that holds metal, packed; None where no metal grows.
    graded : uint8 array (n_frame, ...) or None
        Which sites are in cells that hold their atoms together, packed; there as many as there are, at random.
    host : Host or None
        Frozen atoms of the wall that the box has to hold, too; or those of a user's structure.
    regions : tuple of str
    numbers : uint8 array (n_site,) or None
        Atomic number of what each site holds when it is full.
    pbc : bool array (3,) or None
        Along which vectors of the cell a user's structure is periodic.
    axis : int
        The vector of the cell along which the current flows.
    """

    positions: np.ndarray
    site_kind: np.ndarray
    cell: np.ndarray
    shape: Shape
    wall: str
    wall_A: tuple
    species: str
    info: dict
    times_s: list
    full: np.ndarray
    covered: np.ndarray | None = None
    host: object = None
    regions: tuple = REGIONS
    numbers: np.ndarray | None = None
    pbc: np.ndarray | None = None
    axis: int = 2
    graded: np.ndarray | None = None

    @property
    def is_own(self):
        """Whether it is a structure of a user's own, not a tubule."""
        return self.shape is None

    @property
    def n_site(self):
        return len(self.site_kind)

    @property
    def n_frame(self):
        return len(self.times_s)

    def occupied(self, frame):
        """Which sites are full, bool array (n_site,)."""
        return self._unpacked(self.full[frame])

    def kind(self, frame):
        """What every site is in a frame, uint8 array (n_site,): the channel is SURFACE where no metal is beside it."""
        if self.covered is None:
            return self.site_kind
        bare = (self.site_kind == Region.INTERFACE) & ~self._unpacked(self.covered[frame])
        return np.where(bare, Region.SURFACE, self.site_kind).astype(np.uint8)

    def _unpacked(self, bits):
        return np.unpackbits(bits, count=self.n_site).astype(bool)

    @cached_property
    def _ends(self):
        """Lowest and highest coordinates of all sites and of the host [Å]."""
        parts = [self.positions] + ([self.host.positions] if self.host else [])
        return np.min([p.min(axis=0) for p in parts if len(p)], axis=0), np.max(
            [p.max(axis=0) for p in parts if len(p)], axis=0
        )

    @property
    def shift(self):
        """What is added to a position in the coordinates of the case to get that in the box [Å], float array (3,)."""
        if self.is_own:
            return np.zeros(3)
        low, _ = self._ends
        return np.where(self.cell > 0, np.maximum(-low, 0.0), VACUUM_A - low)

    @property
    def box(self):
        """Edges of the box that holds all sites [Å], float array (3,); 10 Å of vacuum where it is open.

        Of a user's structure its own cell, float array (3, 3).
        """
        if self.is_own:
            return self.cell
        low, high = self._ends
        return np.where(self.cell > 0, self.cell, high - low + 2 * VACUUM_A)

    def atoms(self, frame, taken=None):
        """Sites of a frame as `ase.Atoms`.

        Parameters
        ----------
        frame : int
        taken : bool array (n_site,), optional
            Which sites; those that are full when left out, with the frozen atoms of a user's structure.

        Returns
        -------
        ase.Atoms
            `tags` = kind, array `site` = number of the site, `info` with time [s] and where the origin of the case lies
            in the box [Å]; pbc along what is periodic.  Array `graded`, where there are cells: 1 for sites in them.
        """
        from ase import Atoms

        everything = taken is None
        number = np.flatnonzero(self.occupied(frame) if everything else taken)
        found = Atoms(
            symbols=[self.species] * len(number) if self.numbers is None else self.numbers[number],
            positions=self.positions[number] + self.shift,
            cell=self.box,
            pbc=self.cell > 0 if self.pbc is None else self.pbc,
            tags=self.kind(frame)[number].astype(np.int32),
        )
        found.arrays["site"] = number.astype(np.int32)
        if self.graded is not None:
            found.arrays["graded"] = self._unpacked(self.graded[frame])[number].astype(np.int32)
        found.info = self.info | {"time": self.times_s[frame], "time_unit": "s", "frame": frame}
        found.info |= {"region_names": joined(self.regions), "position_unit": "angstrom"}
        found.info |= {f"origin_{axis}_A": float(x) for axis, x in zip("xyz", self.shift, strict=True)}
        return self.with_host(found, self.host) if everything and self.is_own and self.host else found

    def with_host(self, atoms, host):
        """The atoms, and frozen ones, whose numbers follow on those of the sites; those of no region have tag -1."""
        from ase import Atoms
        from ase.constraints import FixAtoms

        n, tag = len(host.symbols), -1 if self.is_own else int(Region.WALL)
        frozen = Atoms(symbols=host.symbols, positions=host.positions + self.shift, tags=np.full(n, tag))
        frozen.arrays["site"] = np.arange(self.n_site, self.n_site + n, dtype=np.int32)
        if "occupancy" in atoms.arrays:
            frozen.arrays["occupancy"] = np.ones(n, dtype=np.int32)
        found = atoms + frozen
        found.info = atoms.info | host.info
        found.set_constraint(FixAtoms(np.arange(len(atoms), len(found))))
        return found


def joined(regions):
    """Names of regions as one text: with blanks between those of tubules, as a list of JSON for others.

    In a list quotes stand as ' and backslashes as /, which readers of extended XYZ would lose.
    """
    if tuple(regions) == REGIONS:
        return " ".join(regions)
    plain = [name.translate({34: "'", 92: "/"}) for name in regions]
    return json.dumps(plain, ensure_ascii=False)


def parted(text):
    """The names of regions in a text of `joined`, list of str."""
    return json.loads(text) if text.startswith("[") else text.split()


# ---- of a result ---------------------------------------------------------------------------------------------


def structure_of_wall(result):
    """The end state of replica 0 of the last wall that was run, a `Structure`; of a tubule."""
    wall = result.walls[-1]
    end = wall.measurement.end_states[0]
    span = (0.0, wall.graph.length)
    frames = [(end.time_s, np.packbits(end.occupied))]
    return _structure(wall.graph, wall.name, span, result.case.metal.species, {"replica": 0}, frames)


def structure_of_growth(run):
    """All frames of a run in which metal grows or shrinks, a `Structure`."""
    graph, sites, setup = run.growth.graph, run.growth.sites, run.case.growth
    span = (setup.insulator_nm * NM, setup.depth_nm * NM)
    found = _structure(graph, run.case.walls[0].name, span, run.case.metal.species, {}, run.frames)
    codes = [sites.code(found.occupied(frame)) for frame in range(found.n_frame)]
    beside = [np.packbits((sites.codes.first[code] + sites.codes.second[code]) > 0) for code in codes]
    found.covered = np.array(beside, dtype=np.uint8)
    if run.growth.graded:
        cells = [np.packbits(run.growth.graded.inside(ends)) for ends in run.graded_ends]
        found.graded = np.array(cells, dtype=np.uint8)
    return found


def _structure(graph, wall, span, species, info, frames):
    times, bits = [time for time, _ in frames], np.array([each for _, each in frames], dtype=np.uint8)
    info = {"wall": f"wall-{wall}", **info}  # a word in front: names may look like numbers
    return Structure(graph.positions, graph.region, graph.cell, graph.shape, wall, span, species, info, times, bits)


# ---- in a file -----------------------------------------------------------------------------------------------


def write_structure(file, structure, inside=""):
    """Write a structure into the group `structure` of an HDF5 file, or of a group in it, before anything else is.

    The attribute `structure` of the file says where it is.
    """
    file.attrs["signature"] = np.bytes_(SIGNATURE)
    file.attrs["structure"] = f"{inside}/{GROUP}"
    group = file.create_group(file.attrs["structure"])
    packed = {"compression": "gzip", "compression_opts": 1, "shuffle": True}  # 10⁶ sites: 1.9 MB, 0.1 s
    frozen_numbers, frozen_positions = _frozen(structure)
    names = ", ".join(f"{k} {name}" for k, name in enumerate(structure.regions))
    for name, unit, meaning, values, axes in (
        ("time", "s", "time of every frame", structure.times_s, ()),
        ("positions", "angstrom", "position of every site; 0 is the middle of the cross-section, at the root",
         structure.positions, ("site", "xyz")),
        ("site_region", "1", f"region of every site: {names}", structure.site_kind, ("site",)),
        ("occupied", "1", "which sites are full, frame by frame, packed into bits, the first site highest",
         structure.full, ("time", "byte")),
        ("covered", "1", "which sites have a first or second neighbour that holds metal, packed likewise",
         structure.covered, ("time", "byte")),
        ("graded", "1", "which sites are in cells, whose atoms are shown at random, packed likewise",
         structure.graded, ("time", "byte")),
        ("cell", "angstrom", "edges of the periodic box, 0 where it is open; or its vectors, one a row",
         structure.cell, ("xyz",) if structure.cell.ndim == 1 else ("vector", "xyz")),
        ("number", "1", "atomic number of what every site holds when it is full", structure.numbers, ("site",)),
        ("periodic", "1", "along which vectors of the cell it is periodic",
         None if structure.pbc is None else structure.pbc.astype(np.uint8), ("vector",)),
        ("frozen_number", "1", "atomic number of every atom that does not move", frozen_numbers, ("frozen",)),
        ("frozen_positions", "angstrom", "position of every atom that does not move", frozen_positions,
         ("frozen", "xyz")),
        ("wall_span", "angstrom", "where the wall begins and ends along the axis", structure.wall_A, ("end",)),
    ):  # fmt: skip
        if values is None:
            continue
        values = np.asarray(values)
        data = group.create_dataset(name, data=values, **(packed if values.size > 1000 else {}))
        data.attrs["units"], data.attrs["long_name"] = unit, meaning
        name_axes(data, *axes) if axes else data.make_scale(name)
    group.attrs["species"], group.attrs["wall"] = structure.species, structure.wall
    group.attrs["info"] = json.dumps(structure.info)
    shape = None if structure.is_own else {"name": structure.shape.name} | asdict(structure.shape)
    group.attrs["shape"] = json.dumps(shape)
    if structure.is_own:
        group.attrs["regions"], group.attrs["axis"] = json.dumps(list(structure.regions)), structure.axis


def _frozen(structure):
    """Atomic numbers and positions of the frozen atoms of a user's structure, or None twice."""
    if not (structure.is_own and structure.host):
        return None, None
    from ase.symbols import symbols2numbers

    return np.array(symbols2numbers(structure.host.symbols), dtype=np.uint8), structure.host.positions


def read_structure(path):
    """The structure in a result.h5.

    Raises
    ------
    ValueError
        For a file that cannot be read, or holds none.
    """
    try:
        with open_results(path) as file:
            if "structure" not in file.attrs:
                raise ValueError("it holds no atoms")
            group = file[file.attrs["structure"]]
            values = {name: group[name][()] for name in group}
            plain = {name: json.loads(group.attrs[name]) for name in ("info", "shape")}
            n = len(values["site_region"])
            if values["positions"].shape != (n, 3) or values["occupied"].shape != (len(values["time"]), -(-n // 8)):
                raise ValueError("its sites and frames do not belong together")
            regions = tuple(json.loads(group.attrs["regions"])) if plain["shape"] is None else REGIONS
            if fault := fault_of(group.attrs["species"], values, regions, **plain):
                raise ValueError(fault)
            shape = plain["shape"] and SHAPES[plain["shape"].pop("name")](**plain["shape"])
            return Structure(
                values["positions"],
                values["site_region"],
                values["cell"],
                shape,
                group.attrs["wall"],
                tuple(values["wall_span"].tolist()),
                group.attrs["species"],
                plain["info"],
                values["time"].tolist(),
                values["occupied"],
                values.get("covered"),
                graded=values.get("graded"),
                **({} if shape else _own_parts(values, regions, int(group.attrs["axis"]))),
            )
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file or folder") from None
    except FAULTS as error:
        why = "it is no HDF5 file; name a folder of results" if "signature" in str(error) else error
        raise ValueError(f"{path}: cannot be read as a result with atoms: {why}") from None


def frozen_host(numbers, positions):
    """Frozen atoms of a user's structure as a `Host`."""
    from ase.data import chemical_symbols

    return Host(np.array(chemical_symbols)[np.asarray(numbers, dtype=int)], np.asarray(positions), None, None, {})


def _own_parts(values, regions, axis):
    """What else a file has of a user's structure, keywords of `Structure`."""
    host = frozen_host(values["frozen_number"], values["frozen_positions"]) if "frozen_number" in values else None
    return {
        "regions": regions,
        "numbers": values["number"],
        "pbc": values["periodic"].astype(bool),
        "axis": axis,
        "host": host,
    }
