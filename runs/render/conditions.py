"""The conditions of a result in one line: sizes, walls, temperature, overpotential and seed."""

from coble.render.names import shape_name
from coble.render.numbers import typeset


def conditions_of(content, varied=(), subject=""):
    """`single tubule, W = 100 nm, w = 10 nm; LiC6; 300 K; seed 1`, from the resolved case; empty where there is none.

    Parameters
    ----------
    content : dict
        Of result.json, of any kind of run.
    varied : dict of str → str, optional
        Values of the keys of the case that a campaign varies, in place of one number; empty for one that has no say.
    subject : str, optional
        What was simulated, where it is not the tubule or the structure of the case.
    """
    provenance = content.get("provenance") or {}
    case, settings = provenance.get("case") or {}, provenance.get("settings") or {}
    varied = dict(varied)
    tubule, said = case.get("tubule"), []
    if subject:
        said.append(subject)
    elif tubule:
        width, wall = (
            varied.get(f"tubule.{key}") or _number(tubule.get(key)) for key in ("inner_width_nm", "wall_thickness_nm")
        )
        said.append(f"{varied.get('tubule.shape') or shape_name(tubule.get('shape'))}, W = {width} nm, w = {wall} nm")
        said.append(varied.get("wall.name") or ", ".join(str(each.get("name")) for each in case.get("wall", ())))
    elif "structure" in case:
        said.append(varied.get("structure.image") or _structure(case["structure"] or {}))
    given = _number((case.get("conditions") or {}).get("temperature_K"))
    if temperature := varied.get("conditions.temperature_K") or given:
        said.append(f"{temperature} K")
    for name, section in case.items():
        volts = varied.get(f"{name}.overpotential_V", _number(_of(section, "overpotential_V")))
        said += [f"{volts} V"] if volts else []
    seed = settings.get("seed", (case.get("run") or {}).get("seed"))
    if said and seed is not None:
        said.append(f"seed {seed}")
    return typeset("; ".join(filter(None, said)))


def of_image(content):
    """Whether the sites are voxels of an image: their carriers are no atoms that could be followed."""
    return bool((content["provenance"]["case"].get("structure") or {}).get("image"))


def _structure(section):
    """`stack.npy, voxels of 0.5 nm`, or the file of the sites."""
    if image := section.get("image"):
        return f"{image}, voxels of {_number(section.get('voxel_nm'))} nm"
    return f"structure {section.get('file') or 'given'}"


def _of(section, key):
    """The value of a key of a section of the case; None where there is none."""
    return section.get(key) if isinstance(section, dict) else None


def _number(value):
    """A number of a resolved case as a text, its stated value where it is a range; empty for none."""
    value = value.get("value") if isinstance(value, dict) else value
    return f"{value:g}" if isinstance(value, int | float) else ""
