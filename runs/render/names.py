"""What the paths are called in tables, figures, sentences and files.

A region of a structure may have any name: a number, words with spaces, signs that mean something to a file.
"""

from urllib.parse import unquote


class _Labels(dict):
    """Labels by name; a region of a structure has its name."""

    def __missing__(self, name):
        return name


LABELS = _Labels(
    {
        "bulk": "bulk",
        "interface": "interface",
        "wall": "wall",
        "surface": "surface",
        "metal surface": "metal surface",
        "none": "no path",
        "none of these": "another mechanism",
    }
)


LONGEST = 24  # letters of a name on an axis


def shortened(name):
    """A name that fits on an axis, its beginning left out."""
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"


def shape_name(shape):
    """What a shape of a case is called: `single tubule` for `single`, `square array` for `square-array`."""
    return f"{shape} tubule" if shape in ("single", "double", "triple") else str(shape).replace("-", " ")


def first_of(walls):
    """That the first of several walls is taken, and how to take another: sentences; empty for a single wall.

    Parameters
    ----------
    walls : sequence of str
        Names of all walls of a case.
    """
    if len(walls) == 1:
        return ""
    return f"  {walls[0]} is the first of {len(walls)} walls.  For another one put its [[wall]] first in the case."


def spoken(name):
    """A name behind "the" in a sentence: a plain word by itself, others as `region 0`."""
    return name if name.isalpha() else f"region {name}"


def phrase(name):
    """A path in a sentence: `the wall`, of a region with a name of its own `region slow`."""
    return f"the {LABELS[name]}" if name in LABELS else f"region {name}"


def link_of(name):
    """The name of a group of an HDF5 file for anything with a name, to which "/" and "." are paths."""
    if not name.strip("."):
        return name.replace(".", "%2E")
    return name.replace("%", "%25").replace("/", "%2F")


def name_of(link):
    """The name that `link_of` made a link of."""
    return unquote(link)


UNITS = {
    "nm": "nm",
    "um": "µm",
    "K": "K",
    "V": "V",
    "eV": "eV",
    "MPa": "MPa",
    "cm2_s": "cm²/s",
    "cm3": "cm⁻³",
    "mA_cm2": "mA/cm²",
    "mAh_cm2": "mAh/cm²",
    "ohm_cm2": "Ω cm²",
    "kT": "k_BT",
    "1_s": "1/s",
}
KNOWN = {
    "tubule.inner_width_nm": "inner width W [nm]",
    "tubule.wall_thickness_nm": "wall thickness w [nm]",
    "conditions.temperature_K": "temperature [K]",
    "wall.name": "wall",
    "structure.image": "image",
}


def heading_of(key):
    """What a key of a case is called on an axis: `wall.diffusivity_cm2_s` is `wall diffusivity [cm²/s]`."""
    if key in KNOWN:
        return KNOWN[key]
    section, _, name = key.rpartition(".")
    unit = max((unit for unit in UNITS if name.endswith(f"_{unit}")), key=len, default="")
    words = " ".join([*section.split("."), *name.removesuffix(f"_{unit}").split("_")]).strip()
    return f"{words} [{UNITS[unit]}]" if unit else words
