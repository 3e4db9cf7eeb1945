"""What a report needs so that its run can be made again: case, provenance, command, and the files inside."""

import gzip
import json
import shlex
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

from coble.inputs.case import Case
from coble.inputs.defaults import known_walls
from coble.kinds.registry import kind_of, own_sections
from coble.render.numbers import typeset

LARGE = 200_000  # bytes of a CSV from which on it is packed


def used(content):
    """Sections of the case that only such results have; see `Case.resolved`."""
    return tuple(name for name in own_sections() if name in content["provenance"]["case"])


def sections(content):
    """The case as (section, list of (key, value, whether it is the default)); what a campaign varies is said to be."""
    axes = kind_of(content).varied(content)
    resolved = content["provenance"]["case"]
    if "structure" in resolved:
        return _of_structure(resolved, axes)
    species = resolved["metal"]["species"]
    known = known_walls(species)
    same = Case(metal={"species": species}, wall=[{"name": w["name"]} for w in resolved["wall"] if w["name"] in known])
    default = json.loads(json.dumps(same.resolved(used(content))))
    walls = {wall["name"]: wall for wall in default.pop("wall")}
    sections = []
    for name, values in resolved.items():
        for each in values if isinstance(values, list) else [values]:
            wall = name == "wall"
            usual = walls.get(each["name"], {}) if wall else default.get(name, {})
            rows = []
            for key, value in each.items():
                said = axes.get(f"{name}.{key}") or follows(name, key, axes) or _value(value)
                rows.append((key, said, usual.get(key, ...) == value))
            sections.append((f"wall {each['name']}" if wall else name, rows))
    return sections


def _of_structure(resolved, axes):
    """`sections` of a case on a structure; there is no default but that of how to run."""
    default, found = json.loads(json.dumps(Case().resolved())), []
    for name, values in resolved.items():
        for each in values if isinstance(values, list) else [values]:
            rows = [
                (key, axes.get(f"{name}.{key}") or _value(value), default.get(name, {}).get(key, ...) == value)
                for key, value in each.items()
                if value is not None
            ]
            found.append((f"{name} {each['name']}" if name == "region" else name, rows))
    return found


def kept(content):
    """Names of the files beside a result that its case names, list of str."""
    resolved = content["provenance"]["case"]
    held = [resolved[name] for name in ("structure", "barriers") if name in resolved]
    held += resolved.get("plugins", {}).get("files", [])
    return [each.get("file") or each["image"] for each in held]


OF_MATERIALS = {"concentration_cm3", "lattice_constant_angstrom", "melting_K", "diffusivity_cm2_s", "reference_cm2_s",
                "reference_K", "activation_energy_eV", "source"}  # fmt: skip


def follows(section, key, axes):
    """What to say of a number that follows from an axis of a campaign; None of one that does not."""
    if section == "wall" and key in OF_MATERIALS and "wall.name" in axes:
        return "varies with wall.name"
    if key in OF_MATERIALS and "metal.species" in axes:
        return "varies with metal.species"
    if key == "diffusivity_cm2_s" and "conditions.temperature_K" in axes:
        return "varies with temperature_K"
    return None


def _value(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return typeset(f"{value:.6g}")
    return "–" if value is None else str(value)


def provenance_rows(content):
    found = content["provenance"]
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    settings = ", ".join(f"{key} {_value(value)}" for key, value in found["settings"].items())
    random = found["random"]
    return [
        ("written", found["written"]),
        ("called as", " ".join(["coble", *found["command"][1:]])),
        ("settings", settings),
        ("random numbers", f"{random['generator']}, seed {random['seed']}; {random['streams']}"),
        ("case digest", found["case_digest"]),
        ("versions", versions),
        ("machine", f"{found['host']}, {found['platform']}"),
    ]


def command(content, rates):
    """The command that makes the result again from the files in the report.

    Parameters
    ----------
    content : dict
    rates : bool
        Whether a rate table stands beside the case.
    """
    kind = kind_of(content)
    words = list(kind.again(content))
    if kind.own_options:
        return shlex.join(["coble", *words])
    settings, run = content["provenance"]["settings"], content["provenance"]["case"]["run"]
    if settings["seed"] != run["seed"]:
        words += ["--seed", f"{settings['seed']}"]
    if settings.get("replicas", run["replicas"]) != run["replicas"]:
        words += ["--replicas", f"{settings['replicas']}"]
    if settings.get("quick"):
        words.append("--quick")
    expected = max(run["target_error"], 0.03 if settings.get("quick") else 0.0)
    if "--error" not in words and settings.get("target_error", expected) != expected:
        words += ["--target-error", f"{settings['target_error']:g}"]
    if rates:
        words += ["--rates", "rates.toml"]
    return shlex.join(["coble", *words])


# ---- files inside ------------------------------------------------------------------------------------------------


def downloads(folder, content, tables, structure):
    """Files inside the report: (name, what it is, size, data URI)."""
    files = []
    for name in (*kind_of(content).inputs, *kept(content)):
        with suppress(OSError):
            text = (folder / Path(name).name).read_bytes()
            name = kind_of(content).input_name(content, name)
            said = "what the run was made from" if name != "rates.toml" else "rate table"
            if len(text) < LARGE:
                files.append((name, said, text, "toml"))
            else:
                files.append((f"{name}.gz", said, gzip.compress(text, mtime=0), "gz"))
    for table in tables:
        if table is not None and table.name:
            data, name = table.csv().encode(), f"{table.name}.csv"
            files.append(
                (name, table.title, data, "csv")
                if len(data) < LARGE
                else (f"{name}.gz", table.title, gzip.compress(data, mtime=0), "gz")
            )
    text = (json.dumps(content, indent=1) + "\n").encode()
    files.append((f"{kind_of(content).file}.gz", "everything that was measured", gzip.compress(text, mtime=0), "gz"))
    if structure:
        files.append(("last.extxyz.gz", f"{structure[1]}, for ASE and OVITO", structure[0], "gz"))
    return [
        (name, what, _size(data), f"data:{MEDIA[kind]};base64,{b64encode(data).decode()}")
        for name, what, data, kind in files
    ]


MEDIA = {"csv": "text/csv;charset=utf-8", "toml": "text/plain;charset=utf-8", "gz": "application/gzip"}


def _size(data):
    return f"{len(data) / 1000:.1f} kB" if len(data) < 1e5 else f"{len(data) / 1000:.0f} kB"
