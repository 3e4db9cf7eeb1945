"""The group `structure` of a result.h5: every site of a result, and which of them are full, frame by frame.

Positions in Å, times in s.  ASE reads such a file (`coble.structures.ase_format`), and `coble export` makes other
files of it.
"""

import json
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from coble.inputs.faults import listed, quoted
from coble.kmc.rates.materials import METALS
from coble.lattices import REGIONS, SHAPES, Region, Shape
from coble.models.tubule import NM
from coble.store.hdf5 import FAULTS, name_axes, open_results

GROUP = "structure"
SIGNATURE = "coble structure"  # among the first bytes of the file, by which ASE tells it from other HDF5 files
VACUUM_A = 5.0  # beyond the outermost site where the box is open


@dataclass
class Structure:
    """All sites of a result, full and empty, and its frames.

    Attributes
    ----------
    positions : float array (n_site, 3)
        In the coordinates of the case [Å]: the middle of the cross-section, at the root, is 0.
    site_kind : uint8 array (n_site,)
        A `Region` for each site; where metal grows, the channel is INTERFACE.
    cell : float array (3,)
        Edges of the periodic box [Å]; 0 where it is open.
    shape : Shape
        The cross-section.
    wall : str
        Name of the wall.
    wall_A : (float, float)
        Where the wall begins and ends along the axis [Å].
    species : str
        Chemical symbol of the metal.
    info : dict
        Scalars that hold for all frames.
    times_s : list of float
    full : uint8 array (n_frame, ...)
        Which sites are full, packed into bits as by `numpy.packbits`.
    covered : uint8 array (n_frame, ...) or None
        Which sites have a first or second neighbour that holds metal, packed; None where no metal grows.
    host : Host or None
        Frozen atoms of the wall that the box has to hold, too.
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
        low, _ = self._ends
        return np.where(self.cell > 0, np.maximum(-low, 0.0), VACUUM_A - low)

    @property
    def box(self):
        """Edges of the box that holds all sites [Å], float array (3,); 10 Å of vacuum where it is open."""
        low, high = self._ends
        return np.where(self.cell > 0, self.cell, high - low + 2 * VACUUM_A)

    def atoms(self, frame, taken=None):
        """Sites of a frame as `ase.Atoms`.

        Parameters
        ----------
        frame : int
        taken : bool array (n_site,), optional
            Which sites; those that are full when left out.

        Returns
        -------
        ase.Atoms
            `tags` = kind, array `site` = number of the site, `info` with time [s] and where the origin of the case lies
            in the box [Å]; pbc along what is periodic.
        """
        from ase import Atoms

        taken = self.occupied(frame) if taken is None else taken
        number = np.flatnonzero(taken)
        found = Atoms(
            symbols=[self.species] * len(number),
            positions=self.positions[number] + self.shift,
            cell=self.box,
            pbc=self.cell > 0,
            tags=self.kind(frame)[number].astype(np.int32),
        )
        found.arrays["site"] = number.astype(np.int32)
        found.info = self.info | {"time": self.times_s[frame], "time_unit": "s", "frame": frame}
        found.info |= {"region_names": " ".join(REGIONS), "position_unit": "angstrom"}
        found.info |= {f"origin_{axis}_A": float(x) for axis, x in zip("xyz", self.shift, strict=True)}
        return found


# ---- of a result ---------------------------------------------------------------------------------------------


def structure_of_wall(result):
    """The end state of replica 0 of the last wall that was run, a `Structure`."""
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
    for name, unit, meaning, values, axes in (
        ("time", "s", "time of every frame", structure.times_s, ()),
        ("positions", "angstrom", "position of every site; 0 is the middle of the cross-section, at the root",
         structure.positions, ("site", "xyz")),
        ("kind", "1", f"region of every site: {', '.join(f'{k} {name}' for k, name in enumerate(REGIONS))}",
         structure.site_kind, ("site",)),
        ("occupied", "1", "which sites are full, frame by frame, packed into bits, the first site highest",
         structure.full, ("time", "byte")),
        ("covered", "1", "which sites have a first or second neighbour that holds metal, packed likewise",
         structure.covered, ("time", "byte")),
        ("cell", "angstrom", "edges of the periodic box, 0 where it is open", structure.cell, ("xyz",)),
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
    group.attrs["shape"] = json.dumps({"name": structure.shape.name} | asdict(structure.shape))


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
            n = len(values["kind"])
            if values["positions"].shape != (n, 3) or values["occupied"].shape != (len(values["time"]), -(-n // 8)):
                raise ValueError("its sites and frames do not belong together")
            if fault := _fault(group.attrs["species"], values, **plain):
                raise ValueError(fault)
            shape = SHAPES[plain["shape"].pop("name")](**plain["shape"])
            return Structure(
                values["positions"],
                values["kind"],
                values["cell"],
                shape,
                group.attrs["wall"],
                tuple(values["wall_span"].tolist()),
                group.attrs["species"],
                plain["info"],
                values["time"].tolist(),
                values["occupied"],
                values.get("covered"),
            )
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file or folder") from None
    except FAULTS as error:
        raise ValueError(f"{path}: cannot be read as a result with atoms: {error}") from None


def _fault(species, values, info, shape):
    """What is wrong with what a file says of its sites; None when nothing is."""
    if species not in METALS:
        return f"its species must be {listed(METALS)}, got {species!r}"
    if not isinstance(shape, dict) or shape.get("name") not in SHAPES:
        return f"the name of its shape must be {listed(SHAPES)}, got {quoted(shape)}"
    if not isinstance(info, dict):
        return f"its info must be an object, got {quoted(info)}"
    if not np.isin(values["kind"], list(map(int, Region))).all():
        return "some of its sites are of a kind that there is not"
    odd = [name for name in ("positions", "cell", "time") if not np.isfinite(values[name]).all()]
    return f"its {odd[0]} must be finite numbers" if odd else None
