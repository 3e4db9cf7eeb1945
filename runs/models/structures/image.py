"""From a case with an image to physics: its lattice, and the rates of all hops.

A voxel of a region conducts c D times its edge from face to face, a sheet c D δ per square, with c mobile atoms per
volume.  So rates need no calibration: a region that fills a prism conducts c D A on the lattice, too.
"""

from dataclasses import replace
from time import perf_counter

import numpy as np

from coble.inputs.files.faults import listed
from coble.inputs.structures.image_file import read_labels
from coble.inputs.structures.image_sections import MOST_LABEL, PORE, sheets_of
from coble.kmc.constants import BOLTZMANN_EV_K, CM2_IN_A2, PER_CM3_IN_PER_A3
from coble.kmc.rates.class_rates import ClassRates
from coble.kmc.rates.own_rates import OwnRates
from coble.lattices.atoms.from_atoms import AXES
from coble.lattices.graph.percolation import break_of, clusters, percolating_parts
from coble.lattices.images.image import SMOOTH, Sheet, image_lattice, sides_of
from coble.lattices.images.surface_mesh import surface_mesh
from coble.models.structures.diffusivities import diffusivities
from coble.models.structures.fault import KEPT, StructureFault, at
from coble.models.tubules.tubule import memory_bytes

LAYERS = 4  # of a section: as few as make a period
OCCUPANCY = 0.5  # where mobility of the exclusion gas is largest
SPECIES = "Li"  # what sites are called in exports
BYTES = 1000  # a voxel takes in a run of two replicas, measured on stacks of two phases of 64 and 96 voxels a side
MOST_TOLD = 4  # values of an image that a sentence names
WIDE = 2  # widths of a sheet that a region beside it must be thick: half a width lies in it
ROUGH = 0.02  # error of a sheet's area that is told
_kept = {}  # what says all of a lattice → (ImageLattice, seconds)


def labels_of(case):
    """The labels as they are computed with: the axis of transport last, as long as a period, int array (nx, ny, nz).

    Raises
    ------
    StructureFault
        For an image that cannot be read, has no such axis, or labels that the case does not have.
    """
    found = case.structure
    with at("structure", "image"):
        labels = read_labels(found.image)
    if labels.ndim == 2:
        if found.axis != "z":
            raise StructureFault(
                ("structure", "axis"),
                f"must be 'z' for a section, which has x and y alone, got '{found.axis}': it is extruded along z",
            )
        labels = np.repeat(labels[:, :, None], found.layers or LAYERS, axis=2)
    elif found.layers is not None:
        raise StructureFault(("structure", "layers"), "must be left out: a stack has its own number of layers")
    _compare(labels, found.labels)
    labels = labels.transpose(order_of(found.axis))
    if (found.along_axis or "periodic") == "periodic":
        return labels
    # between its mirror images a stack conducts as between two reservoirs: the planes of mirrors have one potential
    return np.concatenate([labels, labels[:, :, ::-1]], axis=2)


def order_of(axis):
    """Numbers of the image's axes in the order of the lattice, whose last is `axis`, that of transport."""
    return [(AXES.index(axis) + k) % 3 for k in (1, 2, 0)]


def _compare(labels, names):
    """Refuse values without a label, and labels that are nowhere."""
    values, counts = np.unique(labels, return_counts=True)
    known = {int(value) for value in names}
    unknown = [(int(value), int(count)) for value, count in zip(values, counts, strict=True) if value not in known]
    if unknown:
        told = ", ".join(f"{value} (in {count:,} voxels)" for value, count in unknown[:MOST_TOLD])
        more = f"; {len(unknown) - MOST_TOLD} more are not named" if len(unknown) > MOST_TOLD else ""
        raise StructureFault(
            ("structure", "labels"),
            f"must name every value of the image, also {told}{more}; what holds nothing is '{PORE}'",
        )
    for value, name in names.items():
        if int(value) not in values:
            there = listed(map(str, values[:20].tolist()), "and")
            raise StructureFault(
                ("structure", "labels"), f"{value} = '{name}' is nowhere in the image, which has {there}"
            )


def _image(case):
    """The `ImageLattice` of a case, its facts in the notes, and the seconds it took."""
    start = perf_counter()
    found = case.structure
    stack = labels_of(case)
    empty = _empty(case)
    solid = [name for name in dict.fromkeys(found.labels.values()) if name not in empty]
    names = [*solid, *dict.fromkeys(each["name"] for each in sheets_of(found))]
    number = {name: index for index, name in enumerate([*names, *empty])}  # what is empty is no region
    meant = np.zeros(MOST_LABEL + 1, dtype=np.int8)
    for value, name in found.labels.items():
        meant[int(value)] = number[name]
    stack = meant[stack]
    put = _sheets(sheets_of(found), number)
    around = found.across == "periodic"
    sides = (around, around, True)
    voxel_A = found.voxel_nm * 10
    _refuse_too_large(stack, found.voxel_nm)
    try:
        made = image_lattice(stack, {number[name]: number[name] for name in solid}, tuple(names), put, voxel_A, sides)
    except ValueError as error:
        raise StructureFault(("structure", "voxel_nm" if "sites" in str(error) else "image"), str(error)) from None
    lattice = made.lattice
    facts = []
    for sheet, of in zip(put, made.sheets, strict=True):
        wide = surface_mesh(*sides_of(stack, sheet), sides, 2 * SMOOTH).area * voxel_A**2
        facts.append({"name": names[sheet.region], **of, "area_error": abs(wide / of["area_A2"] - 1)})
    notes = {
        "voxel_nm": found.voxel_nm,
        "voxels": list(stack.shape),
        "along_axis": found.along_axis or "periodic",
        "across": found.across or "open",
        "sheets": facts,
        "percolating": percolating_parts(lattice),
        **_frame(lattice, found.axis, sides, stack.shape, voxel_A),
    }
    if not any(notes["percolating"].values()) and not clusters(lattice).percolates.any():
        raise StructureFault(("structure", "image"), f"nothing goes through along {found.axis}: {break_of(lattice)}")
    return replace(made, lattice=replace(lattice, notes=notes)), perf_counter() - start


def _sheets(given, number):
    """The `Sheet` of every name; pairs of one name that share a label are one surface, smooth where the others meet."""
    found = {}
    for each in given:
        found.setdefault(each["name"], []).append({number[name] for name in each["between"]})
    put = []
    for name, pairs in found.items():
        shared = set.intersection(*pairs)
        if len(pairs) > 1 and len(shared) == 1:
            put.append(Sheet(number[name], tuple(shared), tuple(sorted(set.union(*pairs) - shared))))
        else:
            put += [Sheet(number[name], *sorted(pair)) for pair in pairs]
    return put


def _empty(case):
    """Names of what holds no mobile atoms, tuple of str."""
    return PORE, *(region.name for region in case.region if region.concentration_cm3 == 0)


def _refuse_too_large(stack, voxel_nm):
    """Say which voxel would do where memory does not hold the lattice while it is made."""
    wanted, there = stack.size * BYTES, memory_bytes()
    if wanted > there:
        coarser = voxel_nm * (wanted / there) ** (1 / 3) * 1.01
        raise StructureFault(
            ("structure", "voxel_nm"),
            f"{stack.size:,} voxels need about {wanted / 2**30:.0f} GiB and there are {there / 2**30:.0f}: voxels of "
            f"{coarser:.2g} nm would do",
        )


def _frame(lattice, axis, sides, shape, voxel_A):
    """Notes with which `coble.lattices.atoms.from_atoms.given_positions` goes back to the axes of the image."""
    order = order_of(axis)
    back = np.argsort(order)
    return {
        "axis": axis,
        "cell": np.diag(np.array(shape)[back] * voxel_A).tolist(),
        "pbc": np.array(sides)[back].tolist(),
        "rotation": np.eye(3)[order].tolist(),
        "offset_A": 0.0,
        "cells_moved": np.zeros(lattice.n_site, dtype=np.int8),
        "symbols": np.full(lattice.n_site, SPECIES),
    }


def built_image(case):
    """The `ImageLattice` of a case with an image, and the seconds that it took.

    Raises
    ------
    StructureFault
    """
    key = (case.structure.image.digest, repr(case.structure.model_dump(exclude={"image"})), _empty(case))
    if key not in _kept:
        _kept[key] = _image(case)
        while len(_kept) > KEPT:
            _kept.pop(next(iter(_kept)), None)
    return _kept[key]


def transport_of(case, temperature_K=None):
    """c D of every region along the axis and across it, with a sheet's width, dict of name → (float, float) [1/(Å s)].

    Of a sheet it is c D δ [1/s].
    """
    temperature_K = temperature_K or case.conditions.temperature_K
    widths = {each["name"]: each["width_angstrom"] for each in sheets_of(case.structure)}
    found = {}
    for number, region in enumerate(case.region):
        if not region.concentration_cm3:
            continue
        values = diffusivities(region, temperature_K, ("region", number))
        scale = region.concentration_cm3 * PER_CM3_IN_PER_A3 * CM2_IN_A2 * widths.get(region.name, 1.0)
        found[region.name] = (values[0] * scale, values[-1] * scale)
    return found


def image_rates(case, temperature_K=None):
    """Lattice and rates of a case with an image, in detailed balance: `coble.kmc.rates.own_rates.OwnRates`.

    Raises
    ------
    StructureFault
    """
    temperature_K = temperature_K or case.conditions.temperature_K
    made, _ = built_image(case)
    lattice = made.lattice
    regions = list(lattice.regions)
    transport = transport_of(case, temperature_K)
    voxel_A = case.structure.voxel_nm * 10
    sheet = np.array([name in {s["name"] for s in sheets_of(case.structure)} for name in regions])
    level = np.array([transport[name] for name in regions]).T * np.where(sheet, 1.0, voxel_A)  # along, across [1/s]
    here, there = made.lattice.class_regions.T
    along, across = (_joined(each, sheet)[here, there] for each in level)
    conductance = made.weight * np.where(made.axial, along, across)
    x = np.full(len(regions), OCCUPANCY)
    for region in case.region:
        if region.occupancy is not None and region.name in regions:
            x[regions.index(region.name)] = region.occupancy
    energy = BOLTZMANN_EV_K * temperature_K * np.log((1 - x) / x)
    rates = ClassRates(conductance / (x[here] * (1 - x[there])), x[lattice.region])
    return OwnRates(
        lattice, rates, (energy - energy.min())[lattice.region], np.zeros(lattice.n_site, dtype=np.int64), 0.0, 0.0
    )


def _joined(level, sheet):
    """Conductance of a bond of weight 1 between each pair of regions: of two voxels in series, or of the voxel."""
    a, b = level[:, None], level[None, :]
    total = a + b
    series = np.where(total > 0, 2 * a * b / np.where(total > 0, total, 1.0), 0.0)
    return np.where(sheet[:, None] & ~sheet[None, :], b, np.where(sheet[None, :] & ~sheet[:, None], a, series))


def formula_of(case):
    """Shares of a section by the continuum, c D A of each region, dict of int → float; None for a stack and for sites.

    The areas are those of the voxels, the interface's length that of its smooth line.
    """
    if not case.has_image or case.structure.layers is None and read_labels(case.structure.image).ndim != 2:
        return None
    made, _ = built_image(case)
    transport = transport_of(case)
    carries = {k: transport[name][0] * made.extent[k] for k, name in enumerate(made.lattice.regions)}
    return {k: value / sum(carries.values()) for k, value in carries.items()}


def _wide(case, made):
    """Sentences on sheets that are wide beside the regions they part: a sheet takes no room from its neighbours."""
    extent = dict(zip(made.lattice.regions, made.extent.tolist(), strict=True))
    pairs, widths = {}, {}
    for each in sheets_of(case.structure):
        pairs.setdefault(each["name"], []).append(set(each["between"]))
        widths[each["name"]] = each["width_angstrom"]
    for name, several in pairs.items():
        shared = set.intersection(*several)
        sides = [{side} for side in sorted(shared)] + [set.union(*several) - shared]
        for side in sides if name in extent else ():  # a side of several labels, as two grains, is one
            behind = sum(extent.get(region, 0.0) for region in side)
            if 0 < behind < WIDE * widths[name] * extent[name]:
                thick = behind / extent[name]
                part = min(100, 50 * widths[name] / thick)
                yield (
                    f"'{name}' is {widths[name]:g} Å wide (width_angstrom), and beside it "
                    f"{listed(sorted(side), 'and')} is {thick:.3g} Å thick on average (volume over area). "
                    "A sheet takes no room from its neighbours: "
                    f"{part:.2g} % of this region is counted twice."
                )


def image_warnings(case):
    """What a user should know of an image before a run, list of str."""
    made = built_image(case)[0]
    notes, found = made.lattice.notes, list(_wide(case, made))
    for sheet in notes["sheets"]:
        if sheet["area_error"] > ROUGH:
            found.append(
                f"The voxels are large for the curvature of '{sheet['name']}'. Its area is uncertain by about "
                f"{100 * sheet['area_error']:.2g} %. Smaller voxels reduce this error."
            )
    for name, part in notes["percolating"].items():
        if 0 < part < 1:  # none at all is said of every structure
            found.append(
                f"{100 * part:.3g} % of the sites of '{name}' lie on paths of this region that percolate along "
                f"{notes['axis']}. The rest carries only current that enters from other regions."
            )
    return found
