"""Conductances for a design: by the formula, or as `coble discriminate` measured them.

Both come as properties that do not depend on the tubule's size: the wall's conductivity, and the interface's
conductance per wetted length.  So what was measured on a small tubule designs a large one.
"""

from dataclasses import dataclass
from math import inf
from pathlib import Path

from coble.inputs.case import CaseError
from coble.inputs.files.faults import Fault, listed
from coble.kinds.discriminate import KIND as DISCRIMINATE
from coble.kmc.devices.cell import sheet_mS_nm_cm
from coble.kmc.estimates.estimate import Estimate, exactly
from coble.kmc.network.continuum import conductivity_mS_cm, siemens_metre
from coble.lattices import Region, make_shape
from coble.models.tubules.tubule import NM, regions, shape_of
from coble.store.contents import FAULTS, Unreadable, WrongKind, read_content
from coble.store.files import RESULT


@dataclass(frozen=True)
class Paths:
    """What leads along a tubule with one wall.

    Attributes
    ----------
    wall : str
        Name of the wall.
    wall_mS_cm : Estimate
        Its conductivity, eq. (2) [mS/cm]; 0 when it takes no metal.
    sheet : Estimate
        The interface's conductance per wetted length [mS/cm·nm].
    source : str
    """

    wall: str
    wall_mS_cm: Estimate
    sheet: Estimate
    source: str


def by_formula(case):
    """`Paths` of every wall of a case from its diffusivities: σ = (e² / k_B T) c D."""
    shape, temperature, found = shape_of(case), case.conditions.temperature_K, []
    for wall, section in zip(case.walls, case.wall, strict=True):
        parts = regions(case, wall, section, shape)
        conductance = {kind: siemens_metre(part.flux_conductance, temperature) for kind, part in parts.items()}
        through = conductivity_mS_cm(conductance[Region.WALL], shape.wall_area) if Region.WALL in parts else 0.0
        sheet = sheet_mS_nm_cm(conductance[Region.INTERFACE], shape.perimeter)
        found.append(Paths(wall.name, exactly(through, "formula"), exactly(sheet, "formula"), "formula"))
    return tuple(found)


def read_result(folder):
    """The content of the result.json of `coble discriminate` in a folder.

    Raises
    ------
    CaseError
        When there is none that can be used.
    """
    path = Path(folder) / RESULT
    try:
        content = DISCRIMINATE.checked(read_content(path, {DISCRIMINATE.name: DISCRIMINATE.version}))
        tubule = content["provenance"]["case"]["tubule"]
        empty = tubule["filling"] != "metal"
    except FileNotFoundError:
        raise _refused(path, "no such file; name a folder that `coble discriminate` wrote") from None
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from None
    except WrongKind as error:
        raise _refused(path, f"must be a result of `coble discriminate`, got one of kind {error.kind!r}") from None
    except Unreadable as error:
        raise _refused(path, f"{error.reason}; it must be JSON that `coble discriminate` wrote") from None
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(path, f"is damaged, or made by another version ({error})") from None
    if empty:
        raise _refused(path, "must have metal in the bore: a tip is fed along the interface, and this is a surface")
    return content


def measured(case, content, folder):
    """`Paths` of every wall of a case as they were measured.

    Parameters
    ----------
    case : Case
    content : dict
        Of `read_result`.
    folder : str or path-like
        For messages.

    Raises
    ------
    CaseError
        When walls of the case were not measured, or under other conditions.
    """
    path = Path(folder) / RESULT
    try:
        return _measured(case, content, folder, path)
    except CaseError:
        raise
    except FAULTS as error:
        raise _refused(path, f"is damaged, or made by another version ({error!r})") from None


def _measured(case, content, folder, path):
    faults = []
    before = content["provenance"]["case"]
    for what, here, there in (
        ("conditions.temperature_K", case.conditions.temperature_K, before["conditions"]["temperature_K"]),
        ("metal.species", case.metal.species, before["metal"]["species"]),
    ):
        if here != there:
            faults.append(f"{what} must be that of the case, {here}, got {there}: conductances cannot be carried over")
    walls = {wall["name"]: wall for wall in content["walls"]}
    for wall in case.walls:
        if wall.name not in walls:
            faults.append(f"has no wall '{wall.name}', but {listed(walls, 'and') or 'none'}")
        elif any(each["conductance_S_m"]["stderr"] is None for each in walls[wall.name]["paths"].values()):
            faults.append(f"wall '{wall.name}' was measured too briefly to have errors: run it longer")
    if faults:
        raise CaseError([Fault(str(path), None, "", message) for message in faults])
    tubule = before["tubule"]
    shape = make_shape(
        tubule["shape"],
        tubule["inner_width_nm"] * NM,
        tubule["wall_thickness_nm"] * NM,
        pore=tubule.get("pore", "polygonal"),
        width=tubule.get("slab_width_nm", 5.0) * NM,
    )
    return tuple(_paths(walls[wall.name], shape, str(folder)) for wall in case.walls)


def _paths(wall, shape, folder):
    """`Paths` of one wall of a result."""
    found = {name: _estimate(path["conductance_S_m"]) for name, path in wall["paths"].items()}
    per_area, per_length = conductivity_mS_cm(1.0, shape.wall_area), sheet_mS_nm_cm(1.0, shape.perimeter)
    through = found["wall"].scaled(per_area) if "wall" in found else exactly(0.0)
    return Paths(wall["name"], through, found["interface"].scaled(per_length), f"measured, {folder}")


def _estimate(given):
    """An estimate as it was written."""
    n_eff = inf if given["n_eff"] is None else given["n_eff"]
    return Estimate(given["value"], given["stderr"], n_eff, given["method"])


def _refused(path, message):
    return CaseError([Fault(str(path), None, "", message)])
