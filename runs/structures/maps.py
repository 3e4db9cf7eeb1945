"""Maps of a tubule's cross-section: what was measured and what is exact, column by column of sites.

A column is all sites above one another along the axis; the maps are means over it and over the end states of the
replicas.  They are small, so result.h5 keeps them: a group `maps` for each wall.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from coble.kmc.constants import ELEMENTARY_CHARGE_C
from coble.kmc.network.exact import axial_currents
from coble.models.tubules.tubule import NM
from coble.render.names import name_of
from coble.store.hdf5 import FAULTS, name_axes, open_results

GROUP = "maps"


@dataclass(frozen=True)
class Maps:
    """Numbers by column of sites, each an array (n_column,).

    Attributes
    ----------
    x_A, y_A : float32
        Where the columns stand [Å].
    site_region : uint8
        Index of a region: a `lattices.Region` in tubules.
    occupancy : float32
        Measured: part of the column's sites that hold an atom.
    hop_rate_1_s : float32
        Measured: rate at which a hop moves the site's carrier (atom or vacancy, the fewer) away, mean over the column
        [1/s per site].
    current_A : float32
        Exact: size of the axial current of the column at the field of the run [A]; a bond between two columns gives
        half of its current to each.
    """

    x_A: np.ndarray
    y_A: np.ndarray
    site_region: np.ndarray
    occupancy: np.ndarray
    hop_rate_1_s: np.ndarray
    current_A: np.ndarray


ABOUT = {
    "x_A": ("angstrom", "across the tubule"),
    "y_A": ("angstrom", "across the tubule"),
    "site_region": ("1", "region of a site: number in the scale region of the wall"),
    "occupancy": ("1", "measured, mean over the column in the end states of all replicas"),
    "hop_rate_1_s": ("1/s", "measured, hops that leave a site, mean over the column in the end states of all replicas"),
    "current_A": ("A", "exact, size of the axial current of the column at the field of the run"),
}


def maps_of(graph, solution, end_states, field_kT_per_A):
    """Maps of a segment that was run.

    Parameters
    ----------
    graph : Lattice
    solution : coble.kmc.network.exact.NetworkSolution
    end_states : list of EndState
        As many as there are; without any, what is measured is not a number.
    field_kT_per_A : float
        Of the run.

    Returns
    -------
    Maps
    """
    n_column = len(graph.xy)
    sites = np.bincount(graph.column, minlength=n_column)
    stands = sites > 0  # columns whose every site overlapped the metal are empty
    mean = lambda values: np.bincount(graph.column, values, n_column)[stands] / sites[stands]  # noqa: E731
    full = np.full((2, np.count_nonzero(stands)), np.nan)
    if end_states:
        full[0] = mean(sum(end.occupied.astype(np.float32) for end in end_states)) / len(end_states)
        full[1] = mean(sum(end.hop_rate_1_s for end in end_states)) / len(end_states)
    along = axial_currents(graph, solution)
    current = np.bincount(graph.column, along, n_column)[stands] / (2 * graph.length)
    region = np.zeros(n_column, dtype=np.uint8)
    region[graph.column] = graph.region
    single = lambda values: np.asarray(values, dtype=np.float32)  # noqa: E731
    return Maps(
        *map(single, graph.xy[stands].T),
        region[stands],
        *map(single, full),
        single(np.abs(current) * field_kT_per_A * ELEMENTARY_CHARGE_C),
    )


def write_maps(group, maps, field_kT_per_A):
    """Keep maps in the group of a wall of result.h5."""
    part = group.create_group(GROUP)
    part.attrs["field_kT_per_A"] = field_kT_per_A
    for name, (unit, long_name) in ABOUT.items():
        data = part.create_dataset(name, data=getattr(maps, name), compression="gzip", shuffle=True)
        data.attrs["units"], data.attrs["long_name"] = unit, long_name
        name_axes(data, "column")


def read_maps(folder):
    """The maps of every wall in a folder of `coble discriminate`, dict of name → Maps.

    Raises
    ------
    ValueError
        When there is no result.h5, or one without maps.
    """
    path = Path(folder) / "result.h5"
    try:
        with open_results(path) as file:
            walls = {name_of(link): group[GROUP] for link, group in file.items() if GROUP in group}
            found = {
                name: Maps(**{field.name: group[field.name][()] for field in fields(Maps)})
                for name, group in walls.items()
            }
    except FAULTS as error:
        raise ValueError(f"{path}: cannot be read ({error})") from None
    if not found:
        raise ValueError(f"{path}: holds no maps: written by an older version; run again")
    return found


# ---- a tubule with two ends ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Profile:
    """Occupancy against the distance from the axis and the distance from the root.

    Attributes
    ----------
    r_nm, z_nm : float arrays (n_r + 1,), (n_z + 1,)
        Edges of the bins [nm]; r is off the axis of the nearest bore.
    occupancy : float array (n_r, n_z)
        Part of the sites that hold an atom; not a number where there are none.
    time_s : float
    """

    r_nm: np.ndarray
    z_nm: np.ndarray
    occupancy: np.ndarray
    time_s: float


def profile_of(folder, frame="last", bin_nm=0.25):
    """The `Profile` of a frame of metal that grows or shrinks; ValueError when there is no such frame."""
    from coble.structures.cuts import off_axis_nm
    from coble.structures.export import slice_of, structure_of

    sites = structure_of(folder)
    numbers = range(sites.n_frame)[slice_of(frame)]
    if not numbers:
        raise ValueError(f"{folder}: there is no frame {frame}; it has {sites.n_frame}, the first is 0")
    full = sites.occupied(numbers[0])
    points = off_axis_nm(sites), sites.positions[:, 2] / NM
    edges = [np.arange(max(0.0, p.min() // bin_nm * bin_nm), p.max() + bin_nm, bin_nm) for p in points]
    count = lambda which: np.histogram2d(*(p[which] for p in points), bins=edges)[0]  # noqa: E731
    there, filled = count(np.ones_like(full)), count(full)
    return Profile(*edges, np.where(there, filled / np.maximum(there, 1), np.nan), float(sites.times_s[numbers[0]]))
