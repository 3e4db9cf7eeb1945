"""All figures of shares: which there are, what each shows, and how it is made from the files of a result."""

from textwrap import fill

from coble.kinds.discriminate.convergence import figures as convergence
from coble.kinds.kind import AtomsView, NotHere
from coble.render.conditions import of_image
from coble.render.numbers import duration
from coble.structures.maps import read_maps

NARROW = 40  # letters of a title over a view from the side


def _shares(folder, content):
    from coble.kinds.discriminate.pictures.shares import draw_shares

    yield "shares", draw_shares(content)


def _knowledge(folder, content):
    from coble.kinds.discriminate.knowledge.figures import figures

    yield from figures(folder, content)


def _maps(folder, content):
    from coble.kinds.discriminate.pictures.shares import mostly, subject_of
    from coble.structures.map_figures import draw_maps

    found = read_maps(folder)
    case, walls = content["provenance"]["case"], [wall["name"] for wall in content["walls"]]
    for name in sorted(found, key=lambda name: walls.index(name) if name in walls else len(walls)):
        flows = [mostly([wall]) for wall in content["walls"] if wall["name"] == name] or [name]
        title = f"{flows[0]}\n{subject_of(content)}"
        if "tubule" in case:
            yield f"maps-{name}", draw_maps(found[name], title)
        else:
            structure = case["structure"]
            voxel_nm = structure.get("voxel_nm") if structure.get("image") else None
            yield (
                f"maps-{name}",
                draw_maps(found[name], title, False, pixel_nm=voxel_nm, names=across_of(structure)),
            )


def across_of(structure):
    """Names of the two axes across that of transport: of an image those of its file, else those of the lattice."""
    if not structure.get("image"):
        return "x", "y"
    from coble.models.structures.image import order_of

    return tuple("xyz"[number] for number in order_of(structure["axis"])[:2])


def _side(folder, content):
    from coble.render.palette import wall_styles
    from coble.structures.export import each_frame, structure_of
    from coble.structures.side_figures import SLAB_NM, close_up, draw_side, side_of

    wall = content["walls"][-1]
    if "tubule" not in content["provenance"]["case"]:
        (atoms,) = each_frame(folder, "last")
        seen = side_of(atoms, structure_of(folder).axis)
        yield "side", draw_side([seen], _titled(wall, "a slice"), styles=wall_styles(wall))
        return
    (atoms,) = each_frame(folder, "last", cuts=[f"slab:{SLAB_NM}"])
    name = atoms.info["wall"].removeprefix("wall-")
    (wall,) = (wall for wall in content["walls"] if wall["name"] == name)
    yield "side", draw_side([close_up(atoms)], _titled(wall, "edge of the bore"))


def _titled(wall, seen):
    """Where the current flows, and what is seen of the atoms, in lines that fit over a narrow figure."""
    from coble.kinds.discriminate.pictures.shares import mostly

    return f"{fill(mostly([wall]), NARROW)}\n{seen}, periods repeated"


def _routes(folder, content):
    from coble.kinds.discriminate.pictures.routes import draw_routes

    if any("network" not in wall for wall in content["walls"]):
        raise ValueError(f"{folder}: its result.json holds no currents between regions: run again")
    yield "routes", draw_routes(content)


def _waits(folder, content):
    from coble.kinds.discriminate.pictures.waits import draw_waits

    if not any(wall.get("waiting_times") for wall in content["walls"]):
        raise ValueError(f"{folder}: its result.json holds no waiting times: run again")
    yield "waits", draw_waits(content)


def _need_tracers(folder, content, key):
    """Refuse walls without tracers."""
    if any(wall.get(key) for wall in content["walls"]):
        return
    if of_image(content):
        raise NotHere(f"{folder}: tracers are not followed in images, whose carriers are no atoms")
    raise ValueError(f"{folder}: no tracers were followed: run without --quick")


def _tracers(folder, content):
    from coble.kinds.discriminate.pictures.tracers import draw_lags

    _need_tracers(folder, content, "tracer_lags")
    yield "tracers", draw_lags(content)


def _diffusivities(folder, content):
    from coble.kinds.discriminate.pictures.tracers import draw_diffusivities

    _need_tracers(folder, content, "tracer_cm2_s")
    yield "diffusivities", draw_diffusivities(content)


def _image(folder, content):
    from coble.kinds.discriminate.pictures.image import draw_image

    yield "image", draw_image(folder, content)


def _with_walls(draw):
    """The same figures, refused in one sentence when there is no wall yet."""

    def figures(folder, content):
        if not content["walls"]:
            raise ValueError(f"{folder}: was interrupted before its first wall: nothing to draw")
        yield from draw(folder, content)

    return figures


_DRAWN = {
    "shares": _shares,
    "knowledge": _knowledge,
    "maps": _maps,
    "side": _side,
    "routes": _routes,
    "convergence": convergence,
    "diffusivities": _diffusivities,
    "tracers": _tracers,
    "waits": _waits,
    "image": _image,
}
FIGURES = {name: _with_walls(draw) for name, draw in _DRAWN.items()}
CAPTIONS = {
    "shares": (
        "Share of each path",
        "Part of the current that every path carries: measured with its 95 % interval, exact solution of the same "
        "network, and the continuum formula. Light: 5 to 95 % over the ranges of unknown numbers, and median; P: "
        "probability that the path carries more than half.",
    ),
    "knowledge": (
        "Unknown numbers",
        "Distribution of every path's share over the ranges of unknown numbers. Lines: the exact share at the stated "
        "numbers. P: probability that the path carries more than half.",
    ),
    "maps": ("Cross-section", "Measured occupancy and hops, and the exact current, over the cross-section."),
    "side": ("From the side", "Atoms of a slice along the axis, coloured by their region."),
    "routes": ("Routes", "Exact current between the regions from one end to the other; the wider, the more."),
    "convergence": (
        "Convergence",
        "Every estimate against the simulated time, or the number of blocks, behind it, with its 95 % interval. "
        "Dashed: the exact value, where there is one.",
    ),
    "diffusivities": (
        "Diffusivities",
        "Diffusivity of every region by itself: as the case gives it, and what follows from squared displacements of "
        "tracers, with its 95 % interval. H: Haven ratio.",
    ),
    "tracers": (
        "Tracers",
        "Correlation factor of every region by itself, between neighbouring times of observation, with its 95 % "
        "interval. Lines: the last, from which the tracer diffusivity follows.",
    ),
    "waits": (
        "Waiting times",
        "Waits between events of the driven segment, each times the total propensity before it, with 95 % intervals, "
        "and the exponential distribution.",
    ),
    "image": (
        "Stack",
        "Labels and current in a plane along the axis and across the narrowest layer, with the minimum cut, and the "
        "driving energy that the current loses in each layer, by region. Red: the narrowest layer, where most is lost.",
    ),
}


def cuts(content):
    """Nothing, a half, and ever narrower wedges."""
    yield []
    if "tubule" not in content["provenance"]["case"]:
        return
    width = content["provenance"]["case"]["tubule"]["inner_width_nm"]
    yield ["y:0:"]
    shell = f"shell:{max(width / 2 - 6.0, 0):g}:"
    for angle in (90.0, 45.0, 30.0, 15.0, 8.0, 4.0, 2.0):
        yield [f"wedge:{-angle:g}:{angle:g}"]
        if width > 24:
            yield [shell, f"wedge:{-angle:g}:{angle:g}"]


def label(content, structure, number):
    """Of which wall, and at what time."""
    time = structure.times_s[number]
    return f"{structure.wall}, end state, t = {duration(time)}"


def view():
    """The `AtomsView` of a driven segment."""
    return AtomsView(cuts, label, False, lambda content: content["walls"][-1]["run"]["sites"])
