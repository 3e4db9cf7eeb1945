"""Case files: what to simulate, read from TOML, checked, and resolved to physics.

A case has a tubule, a temperature, a metal, its interface and surface, one or more walls, and how to
run.  Every key is optional and every default is the paper's (Chen 2020); measured numbers come from
`coble.kmc.rates.materials`.  Keys carry their unit (`inner_width_nm`).  All faults of a file are reported together,
each with its line.

`Case` holds what was asked; its properties (`walls`, `metal_diffusivity`, ...) give the physics that follows.
"""

import json
import re
import tomllib
from collections.abc import Sequence
from hashlib import sha256
from math import inf
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator
from pydantic_core import InitErrorDetails

from coble.inputs.case_checks import cross_faults
from coble.inputs.defaults import default_walls, diffusivity, wall_concentration_cm3
from coble.inputs.file_kinds import mistaken
from coble.inputs.files.faults import MOST_FAULTS, CaseError, Fault, fault_in, more_text, quoted_line, refusal
from coble.inputs.files.given_files import kept_names
from coble.inputs.files.reading import Refused, read_bytes
from coble.inputs.files.toml_lines import KeyLines, line_of
from coble.inputs.key_faults import key_faults, worded
from coble.inputs.numbers.uncertain import given_priors
from coble.inputs.sections import ARRAYS, SECTIONS, Sections, WallSection
from coble.inputs.structures.checks import OF_STRUCTURES, OF_TUBULES
from coble.inputs.structures.image_sections import IMAGE_KEYS
from coble.inputs.structures.structure_file import is_atoms
from coble.inputs.ties import tie
from coble.kmc.rates.materials import METALS, Diffusivity, Metal, Wall
from coble.lattices import Lattice

PACKAGE = Path(__file__).parents[1]
CASES, TEMPLATES = PACKAGE / "cases", PACKAGE / "templates"
# The commented case file with every default: `coble init` writes it.
PAPER_TOML = CASES / "paper.toml"
# Sections of a case that only some kinds of run use.
FILE_KEYS = ("file", "image")  # of sections that name where sites or bonds come from
GROWTH, EXPERIMENT, CREEP, DESIGN = ("bonds", "growth", "slip"), ("slip", "experiment"), ("creep",), ("design",)


def shipped(name=None):
    """Path of the built-in case file of a name, or None; without a name, all names."""
    found = {path.stem: path for path in CASES.glob("*.toml")}
    return sorted(found) if name is None else found.get(name)


def templates():
    """Paths of all files to start from, by name: the built-in cases, a target file, a rate table."""
    return {
        **{name: shipped(name) for name in shipped()},
        **{path.stem: path for path in sorted(TEMPLATES.glob("*.toml"))},
    }


class Case(Sections):
    """What to simulate: sections as in a case file, each with the paper's defaults.

    `Case(tubule={"inner_width_nm": 20})` runs the same checks as a file; `wall` is never empty afterwards.
    Faults raise pydantic's `ValidationError`; `load_case` and `parse_case` turn them into `CaseError`.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _collect_faults(cls, data, handler):
        """Check key by key and between keys, report all together, and fill in the default walls."""
        if not isinstance(data, dict):
            return handler(data)
        data = _plain(data)
        data, untied = tie(data)
        faults = untied + key_faults(data, handler)
        faults += cross_faults(data, {path for path, _ in faults})
        if len(faults) > MOST_FAULTS + 1:
            faults[MOST_FAULTS:] = [((), more_text(len(faults) - MOST_FAULTS))]
        if faults:
            errors = [InitErrorDetails(type=refusal(text), loc=path, input=None) for path, text in faults]
            raise ValidationError.from_exception_data(cls.__name__, errors)
        case = handler(data)
        if case.wall or case.has_structure:
            return case
        return handler({**data, "wall": [WallSection(name=name) for name in default_walls(case.metal.species)]})

    @property
    def grows(self) -> bool:
        """Whether metal grows or shrinks: the case has a section [growth]."""
        return "growth" in self.model_fields_set

    @property
    def has_structure(self) -> bool:
        """Whether the sites are those of a structure of the user's own: the case has a section [structure]."""
        return self.structure.given is not None

    @property
    def has_image(self) -> bool:
        """Whether the sites are voxels of an image."""
        return self.structure.image is not None

    @property
    def metal_material(self) -> Metal:
        """The tabulated `coble.kmc.rates.materials.Metal`; diffusivities of this case are the properties below."""
        return METALS[self.metal.species]

    @property
    def walls(self) -> tuple[Wall, ...]:
        """`coble.kmc.rates.materials.Wall` of every section in `wall`, in their order."""
        return tuple(map(self._wall, self.wall))

    def _wall(self, section):
        """Wall of one section: its own numbers first, then those known by its name."""
        concentration = wall_concentration_cm3(self.metal.species, section)
        found = diffusivity(self.metal.species, "wall", section) if concentration else None
        return Wall(section.name, concentration, found)

    @property
    def metal_diffusivity(self) -> Diffusivity:
        """Self-diffusion in the metal (`coble.kmc.rates.materials.Diffusivity`)."""
        return diffusivity(self.metal.species, "metal", self.metal)

    @property
    def interface_diffusivity(self) -> Diffusivity:
        """Diffusion along the interface of metal and wall (`coble.kmc.rates.materials.Diffusivity`)."""
        return diffusivity(self.metal.species, "interface", self.interface)

    @property
    def surface_diffusivity(self) -> Diffusivity:
        """Diffusion along the surface (`coble.kmc.rates.materials.Diffusivity`)."""
        return diffusivity(self.metal.species, "surface", self.surface)

    @property
    def interface_concentration_cm3(self) -> float:
        """Atoms per volume of the interface [cm⁻³]: as given, else that of the metal."""
        given = self.interface.concentration_cm3
        return self.metal_material.concentration_cm3 if given is None else given

    @property
    def surface_concentration_cm3(self) -> float:
        """Atoms per volume of the surface [cm⁻³]: as given, or the coverage times that of the metal."""
        given, coverage = self.surface.concentration_cm3, self.surface.coverage
        return (
            self.metal_material.concentration_cm3 * (1.0 if coverage is None else coverage) if given is None else given
        )

    @property
    def asked(self) -> set[str]:
        """Names of the sections that the file has, set of str."""
        return self.model_fields_set

    def resolved(self, used: Sequence[str] = ()) -> dict[str, Any]:
        """Everything that the run follows from, with defaults filled in, as a dict that JSON can hold.

        `used` names the sections that only some kinds of run have: `GROWTH`, `EXPERIMENT`, `CREEP` or `DESIGN`.

        Sections and keys are those of the case file, without the ones that this shape does not use.
        `diffusivity_cm2_s` is the value at the temperature of the case; `reference_cm2_s` and `reference_K`
        say what it was carried from, and `source` who measured it.
        """
        if self.has_structure:
            return self._resolved_structure(used)
        temperature_K = self.conditions.temperature_K
        metal = self.metal_material
        return {
            **self._plugins_in_use(),
            "tubule": self._tubule_in_use(),
            "conditions": self.conditions.model_dump(),
            "metal": {
                "species": metal.species,
                "lattice_constant_angstrom": metal.lattice_constant_A,
                "concentration_cm3": metal.concentration_cm3,
                "melting_K": metal.melting_K,
                "vacancy_fraction": self.metal.vacancy_fraction,
                **_described(self.metal_diffusivity, temperature_K),
            },
            "interface": {
                "width_angstrom": self.interface.width_angstrom,
                "occupancy": self.interface.occupancy,
                "concentration_cm3": self.interface_concentration_cm3,
                **_described(self.interface_diffusivity, temperature_K),
            },
            "surface": {**self._bare_density(), **_described(self.surface_diffusivity, temperature_K)},
            "exchange": self.exchange.model_dump(),
            "wall": [
                {
                    "name": wall.name,
                    "concentration_cm3": wall.concentration_cm3,
                    **section.model_dump(include={"vacancy_fraction", "ocv_V", "lithiation"}),
                    **_described(wall.diffusivity, temperature_K),
                }
                for wall, section in zip(self.walls, self.wall, strict=True)
            ],
            **{name: getattr(self, name).model_dump() for name in used},
            **given_priors(self),
            "run": self.run.model_dump(),
        }

    def _resolved_structure(self, used):
        """`resolved` of a case on a structure: files by their names beside a result, and the digests of their content.

        Sections that only some kinds have are there when the case has them, so that looking for one does no harm.
        """
        names = kept_names(self)
        unused = () if self.has_image else {"concentration_cm3"}

        def held(section, key="file"):
            path, unused = (section, key), IMAGE_KEYS if key == "file" else ()
            found = getattr(self, section).model_dump(exclude={"file", "image", *unused})
            return {key: names[path], "sha256": getattr(getattr(self, section), key).digest, **found}

        return {
            **self._plugins_in_use(),
            "structure": held("structure", "image" if self.has_image else "file"),
            "conditions": self.conditions.model_dump(),
            "region": [region.model_dump(exclude=unused) for region in self.region],
            "barrier": [rule.model_dump() for rule in self.barrier],
            **({"barriers": held("barriers")} if self.barriers.file is not None else {}),
            **given_priors(self),
            **{name: getattr(self, name).model_dump() for name in used if name in self.asked},
            "run": self.run.model_dump(),
        }

    def _bare_density(self):
        """Atoms per volume of the surface; nothing where they are the metal's, because none is given."""
        given = {self.surface.concentration_cm3, self.surface.coverage} - {None}
        return {"concentration_cm3": float(self.surface_concentration_cm3)} if given else {}

    def _plugins_in_use(self):
        """Names and digests of the case's plug-ins; nothing where it has none."""
        names = kept_names(self)
        files = [
            {"file": names["plugins", "files", index], "sha256": file.digest}
            for index, file in enumerate(self.plugins.files)
        ]
        return {"plugins": {"files": files}} if files else {}

    def _tubule_in_use(self):
        """The keys of the tubule that its shape uses."""
        used = {"pore": self.tubule.shape in ARRAYS, "slab_width_nm": self.tubule.shape == "slab"}
        return self.tubule.model_dump(exclude={key for key in used if not used[key]})

    def digest(self, used: Sequence[str] = ()) -> str:
        """16 hex digits of the SHA-256 of `resolved(used)`: equal for equal cases, on every machine.

        Numbers enter with 12 digits, because the last digit of an exponential depends on the C library.
        """
        rounded = json.loads(json.dumps(self.resolved(used)), parse_float=lambda text: f"{float(text):.12g}")
        return sha256(json.dumps(rounded, sort_keys=True).encode()).hexdigest()[:16]


def _plain(data):
    """The data of a case without what only Python has: atoms or a lattice as [structure], and sections of a dump."""
    if is_atoms(data.get("structure")) or isinstance(data.get("structure"), Lattice):
        data = {**data, "structure": {"file": data["structure"]}}
    if not set(SECTIONS) <= set(data):
        return data
    # A whole dump has sections that were never given: those of a structure where there is none, or of a tubule.
    given = {name for name in ("structure", "barriers") if any(dict(data[name]).get(k) is not None for k in FILE_KEYS)}
    unused = OF_STRUCTURES if "structure" not in given else OF_TUBULES | ({"barriers"} - given)
    return {name: section for name, section in data.items() if name not in unused}


def _described(found, temperature_K):
    """A diffusivity for `Case.resolved`; nothing where nothing diffuses."""
    if found is None:
        return {}
    return {
        "diffusivity_cm2_s": found.at(temperature_K),
        "activation_energy_eV": found.activation_energy_eV,
        "reference_cm2_s": found.value_cm2_s,
        "reference_K": found.at_K,
        "source": found.source,
    }


# --- Reading ---


def paper_case() -> Case:
    """The paper's case: one tubule, W = 100 nm, w = 10 nm, 300 K, Li, and its four walls."""
    return Case()


def load_case(path: str | PathLike[str]) -> Case:
    """Read and check a case file.

    Parameters
    ----------
    path : str or path-like
        A TOML file, in UTF-8.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        With every fault of the file, each with its line.
    """
    return parse_case(read_text(path, "`coble init` writes one to start from"), str(path))


def read_text(path, advice):
    """Text of a TOML file; a `CaseError` says what is wrong with it, and `advice` what to do when there is none."""
    name = str(path)
    try:
        content = read_bytes(path)
    except FileNotFoundError:
        raise _file_error(name, f"no such file; {advice}") from None
    except Refused as error:
        raise _file_error(name, error.strerror) from None
    except OSError as error:
        raise _file_error(name, f"cannot be read: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig")  # some editors put a byte-order mark in front
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"must be UTF-8 text, got the byte {content[error.start]:#04x}"
        raise _file_error(name, message, line) from None


def parse_case(text: str, name: str = "<text>") -> Case:
    """Check the text of a case file.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        Name of the file, for messages.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        With every fault of the text, each with its line.
    """
    return parse_as(Case, text, name)


def parse_as(model, text, name):
    """Check the text of a TOML file against a pydantic model; a `CaseError` has every fault with its line."""
    data, lines = parse_toml(text, name)
    if another := mistaken(data, model.model_fields):
        raise _file_error(name, another)
    try:
        return model.model_validate(data, context={"folder": Path(name).parent})
    except ValidationError as error:
        faults = error.errors(include_url=False)
    for found in faults:
        found["loc"] = tuple(part for part in found["loc"] if part != "[key]")  # pydantic's word for a key of a table
    faults.sort(key=lambda found: line_of(found["loc"], lines) or inf)
    told = [fault_in(name, lines, found["loc"], worded(found, model)) for found in faults[: MOST_FAULTS + 1]]
    raise CaseError(told, len(faults) - len(told))


def parse_toml(text, name):
    """Data of a TOML text, and the lines of its keys; a `CaseError` says why it is none."""
    try:
        return tomllib.loads(text), KeyLines(text)
    except RecursionError:
        raise _file_error(name, "must not nest hundreds of arrays or tables") from None
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        found = re.match(r"line (\d+), column (\d+)", place)  # or "end of document)"
        rows = text.rstrip().split("\n")
        line, column = (int(found[1]), int(found[2]) - 1) if found else (len(rows), len(rows[-1]))
        quote = quoted_line(text, line, column)
        comma = re.search(r"=\s*([-+]?\d+),(\d+)\s*(?:#|$)", rows[line - 1]) if line <= len(rows) else None
        hint = f"; write {comma[1]}.{comma[2]}" if comma else ""
        raise CaseError([Fault(name, line, "", f"must be TOML: {message}{hint}", quote)]) from None
    except ValueError:  # Python's own limit on reading integers
        raise _file_error(name, "must not have integers of thousands of digits") from None


def _file_error(name, message, line=None):
    """The error of a file with one fault, which is not that of a key."""
    return CaseError([Fault(name, line, "", message)])
