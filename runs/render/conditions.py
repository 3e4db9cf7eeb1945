"""The conditions of a result in one line: sizes, walls, temperature, overpotential and seed."""


def conditions_of(content):
    """`single, W = 100 nm, w = 10 nm; LiC6, Li9Al4; 300 K; seed 1`, from the resolved case; empty where there is none.

    Parameters
    ----------
    content : dict
        Of result.json, of any kind of run.
    """
    provenance = content.get("provenance") or {}
    case, settings = provenance.get("case") or {}, provenance.get("settings") or {}
    tubule, said = case.get("tubule"), []
    if tubule:
        width, wall = _number(tubule.get("inner_width_nm")), _number(tubule.get("wall_thickness_nm"))
        said.append(f"{tubule.get('shape')}, W = {width} nm, w = {wall} nm")
        said.append(", ".join(str(each.get("name")) for each in case.get("wall", ())))
    elif "structure" in case:
        said.append(f"structure {(case['structure'] or {}).get('file') or 'given'}")
    if temperature := _number((case.get("conditions") or {}).get("temperature_K")):
        said.append(f"{temperature} K")
    said += [f"{volts} V" for part in case.values() if (volts := _number(_of(part, "overpotential_V")))]
    seed = settings.get("seed", (case.get("run") or {}).get("seed"))
    if said and seed is not None:
        said.append(f"seed {seed}")
    return "; ".join(filter(None, said))


def _of(section, key):
    """The value of a key of a section of the case; None where there is none."""
    return section.get(key) if isinstance(section, dict) else None


def _number(value):
    """A number of a resolved case as a text, its stated value where it is a range; empty for none."""
    value = value.get("value") if isinstance(value, dict) else value
    return f"{value:g}" if isinstance(value, int | float) else ""
