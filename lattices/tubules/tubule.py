"""Build the site graph of a tubule: metal and its interface shell in the bores, the Li sublattice in the wall.

The interface is the shell of bore sites that have a first or second neighbour position outside their bore: one
connected network for every axis ("all sites within 2 Å" falls into fragments).  Wall and shell are joined by
exchange edges between sites closer than a cut-off.
"""

from dataclasses import replace
from itertools import product
from math import ceil, lcm

import numpy as np

from coble.lattices.crystals import bcc
from coble.lattices.graph._rows import repeat_rows
from coble.lattices.graph.packing import pack, starts
from coble.lattices.graph.regions import Region
from coble.lattices.lattice import Lattice
from coble.lattices.tubules.columns import clip
from coble.lattices.tubules.commensurate import WALL_AXIS, axial_fit, fit_wall
from coble.lattices.tubules.exchange import exchange_edges, without_overlaps


def build_tubule(shape, metal, *, wall_density=0.0, filling="metal", segment=20.0):
    """Sites and edges of one period of a tubule.

    Parameters
    ----------
    shape : Shape
        The cross-section [Å].  A slab's width is rounded up to whole metal cells.
    metal : Crystal
        What fills the bore; its third cell edge is the tube axis.
    wall_density : float
        Li sites per volume of wall [Å⁻³]; 0 for a wall that takes no Li.
    filling : {"metal", "empty"}
        "empty" leaves only the shell of the bore, as SURFACE.
    segment : float
        Shortest period along the axis [Å].

    Returns
    -------
    Lattice

    Raises
    ------
    ValueError
        For an unknown filling, or when metal and wall have no common period.
    """
    if filling not in ("metal", "empty"):
        raise ValueError(f"filling must be 'metal' or 'empty', got {filling!r}")
    wall, reach, n_metal, n_wall = _along_axis(metal, wall_density, segment)
    length = n_metal * metal.lengths[2]
    if shape.name == "slab":
        shape = replace(shape, width=ceil(shape.width / metal.lengths[1] - 1e-9) * float(metal.lengths[1]))
    n_unit = lcm(n_metal * metal.planes, n_wall * wall.planes) if wall else n_metal * metal.planes

    blocks = [_bore(shape, metal, filling, n_metal, centre, i) for i, centre in enumerate(shape.centres)]
    if wall:
        strained, wrap = _fit(shape, wall, length, n_wall)
        blocks.append(_wall(shape, strained, wrap, n_wall))
    graph = _assemble(blocks, shape, length, n_unit, reach if wall else None)
    dropped = 0
    if wall:
        graph, dropped = without_overlaps(graph, shape.period)
    graph.notes.update(
        metal_cells=n_metal,
        wall_cells=n_wall if wall else 0,
        wall_axial_strain=float(strained.lengths[2] / wall.lengths[2] - 1) if wall else 0.0,
        wall_sites_dropped=dropped,
        shells=len(shape.centres) * (2 if shape.name == "slab" else 1),
    )
    return graph


def common_period(metal, wall_density, segment):
    """Period along the axis [Å] of the tubule that `build_tubule` makes of the same; raises what it raises."""
    _, _, n_metal, _ = _along_axis(metal, wall_density, segment)
    return n_metal * float(metal.lengths[2])


def _along_axis(metal, wall_density, segment):
    """The wall's own crystal or None, the longest bond [Å], and whole cells of metal and wall along the axis."""
    wall = bcc((2 / wall_density) ** (1 / 3), WALL_AXIS) if wall_density else None
    reach = max(crystal.lattice_constant * np.sqrt(3) / 2 for crystal in (metal, wall) if crystal)
    return wall, reach, *axial_fit(metal, wall or metal, segment, reach)


def build_box(crystal, cells):
    """A crystal periodic in all directions, every site METAL: for benchmarks and tests.

    Parameters
    ----------
    crystal : Crystal
    cells : (int, int, int)
        Whole cells along x, y and the axis.

    Raises
    ------
    ValueError
        For a box so short that a site would be its own neighbour.
    """
    nx, ny, nz = cells
    if np.any(np.array(cells) * crystal.lengths <= 1.01 * crystal.lattice_constant * np.sqrt(3) / 2):
        raise ValueError(f"cells {cells} make a box in which a site is its own neighbour")
    extent = ((0.0, nx * crystal.lengths[0]), (0.0, ny * crystal.lengths[1]))
    columns = clip(crystal, lambda x, y: np.ones(x.shape, bool), extent, nz, wrap=(nx, ny))
    kind = np.full(len(columns.plane), Region.BULK, dtype=np.uint8)
    block = _Block(columns, kind, 0, crystal.planes)
    graph = _assemble([block], None, nz * crystal.lengths[2], nz * crystal.planes, None)
    return replace(graph, cell=np.array([extent[0][1], extent[1][1], graph.length]))


class _Block:
    """Columns with what they are: region of each, bore number, planes per cell, axial units."""

    def __init__(self, columns, region, bore, planes):
        self.columns, self.region, self.bore, self.planes = columns, region, bore, planes

    def units_per_plane(self, n_unit):
        """Axial distance of two atomic planes, in units."""
        return n_unit // (self.columns.n_cells * self.planes)

    def heights(self, n_unit):
        """Axial position of every site in units, int array (n_site,), of as few bytes as hold it."""
        dtype = np.min_scalar_type(n_unit)
        step = self.units_per_plane(n_unit)
        first = (self.columns.plane * step).astype(dtype)
        return (first[:, None] + (np.arange(self.columns.n_cells) * self.planes * step).astype(dtype)).ravel()


def _bore(shape, metal, filling, n_cells, centre, number):
    """The metal of one bore, its shell marked; only the shell when the bore is empty."""
    half = shape.bore_extent
    extent = ((-half[0], half[0]), (-half[1], half[1]))
    if shape.name == "slab":
        wrap = (0, round(shape.width / metal.lengths[1]))
        columns = clip(metal, shape.in_bore, extent, n_cells, wrap=wrap, origin=(_centred(shape, metal, 0), 0.0))
    else:
        flat = shape.name == "square-array" and shape.pore == "polygonal"
        origin = (_centred(shape, metal, 0), _centred(shape, metal, 1)) if flat else (0.0, 0.0)
        columns = clip(metal, shape.in_bore, extent, n_cells, origin=origin)
    shell = Region.INTERFACE
    if filling == "empty":
        columns, shell = columns.select(columns.at_boundary), Region.SURFACE
    columns = replace(columns, xy=columns.xy + np.asarray(centre))
    kind = np.where(columns.at_boundary, shell, Region.BULK).astype(np.uint8)
    return _Block(columns, kind, number, metal.planes)


def _centred(shape, metal, dim):
    """Origin that puts as many planes between two flat walls as the width holds, symmetrically [Å]."""
    spacing = metal.lengths[dim] / len(np.unique(np.round(metal.basis[:, dim], 6)))
    return spacing / 2 if round(shape.inner_width / spacing) % 2 == 0 else 0.0


def _fit(shape, wall, length, n_wall):
    """The wall strained to the box; a slab's wall also holds a whole number of planes across it."""
    if shape.name != "slab":
        return fit_wall(wall, length, n_wall, shape.period)
    # Across the slab the wall is cut, not periodic, but its planes must fill w evenly: fit half cells to w.
    half = wall.stretched(wall.lengths * [0.5, 1, 1])
    strained, (n_planes, n_y) = fit_wall(half, length, n_wall, (shape.wall_thickness, shape.width))
    return strained.stretched(strained.lengths * [2, 1, 1]), (n_planes, n_y)


def _wall(shape, wall, wrap, n_cells):
    """The Li sublattice of the wall, placed so that its density comes out best."""
    (x_low, _), (y_low, _) = shape.wall_extent
    if shape.name == "slab":
        origin, wrap = (x_low + wall.lengths[0] / 4, y_low), (0, wrap[1])
    elif wrap[0]:
        origin = _best_origin(shape, wall, wrap, (x_low, y_low))
    else:
        origin = (0.0, 0.0)
    columns = clip(wall, shape.in_wall, shape.wall_extent, n_cells, wrap=wrap, origin=origin)
    return _Block(columns, np.full(len(columns.plane), Region.WALL, dtype=np.uint8), -1, wall.planes)


def _best_origin(shape, wall, wrap, corner):
    """Of 16 places of the wall's crystal in a periodic cell, the one whose site count is nearest to c × area.

    Walls a few lattice spacings thin hold one layer more or less depending on where the crystal starts.
    """
    wanted = shape.wall_area / (wall.lengths[0] * wall.lengths[1]) * len(wall.basis)
    best = None
    for shift in product((0.0, 0.125, 0.25, 0.375), repeat=2):
        origin = [edge + part * length for edge, part, length in zip(corner, shift, wall.lengths[:2], strict=True)]
        x = origin[0] + (np.arange(wrap[0])[:, None, None] + wall.basis[:, 0]) * wall.lengths[0]
        y = origin[1] + (np.arange(wrap[1])[None, :, None] + wall.basis[:, 1]) * wall.lengths[1]
        miss = abs(np.count_nonzero(shape.in_wall(x, y)) - wanted)
        if best is None or miss < best[0]:
            best = (miss, origin)
    return tuple(best[1])


def _assemble(blocks, shape, length, n_unit, exchange_reach):
    """Number the sites block by block and write all edges into compressed rows."""
    first_site = np.cumsum([0] + [block.columns.n_site for block in blocks])
    first_column = np.cumsum([0] + [len(block.columns.plane) for block in blocks])
    n_cells = np.concatenate([np.full(len(block.columns.plane), block.columns.n_cells) for block in blocks])
    numbers = np.arange(first_column[-1], dtype=np.min_scalar_type(int(first_column[-1])))
    graph = Lattice(
        xy=np.concatenate([block.columns.xy for block in blocks]),
        column=np.repeat(numbers, n_cells),
        height=np.concatenate([block.heights(n_unit) for block in blocks]),
        region=np.repeat(np.concatenate([block.region for block in blocks]), n_cells),
        bore=np.concatenate([np.full(block.columns.n_site, block.bore, dtype=np.int8) for block in blocks]),
        indptr=np.zeros(first_site[-1] + 1, dtype=np.uint32),
        edge=np.zeros(0, dtype=np.uint32),
        steps=np.zeros(1, dtype=np.int64),
        unit=length / n_unit,
        cell=np.array([(shape.period[0] if shape else 0) or 0.0, (shape.period[1] if shape else 0) or 0.0, length]),
        shape=shape,
    )
    per_column = [np.bincount(b.columns.source, minlength=len(b.columns.plane)).astype(np.uint8) for b in blocks]
    degree = lattice_degree = np.repeat(np.concatenate(per_column), n_cells)
    exchange = None
    if exchange_reach is not None:
        exchange = exchange_edges(graph, n_unit, exchange_reach)
        degree = lattice_degree + np.bincount(exchange[0], minlength=graph.n_site).astype(np.uint8)
    indptr = starts(degree)
    rises = [block.columns.rise * block.units_per_plane(n_unit) for block in blocks]
    found = np.concatenate([*rises, exchange[2]] if exchange else rises)
    steps = np.unique(np.concatenate([found, -found])).astype(np.int64)
    edge = np.empty(indptr[-1], dtype=np.uint32)
    for block, rise, start in zip(blocks, rises, first_site[:-1], strict=True):
        columns, step_class = block.columns, np.searchsorted(steps, rise).astype(np.uint32)
        bonds = columns.source, columns.target, columns.shift
        repeat_rows(indptr, edge, int(start), columns.n_cells, *bonds, step_class)
    if exchange:
        source, target, step = exchange  # sorted by source
        rank = np.arange(len(source)) - np.searchsorted(source, source)  # among those of the same site
        edge[indptr[source] + lattice_degree[source] + rank] = pack(target, np.searchsorted(steps, step))
    return replace(graph, indptr=indptr, edge=edge, steps=steps)
