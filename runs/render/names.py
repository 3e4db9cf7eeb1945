"""What the paths are called in tables, figures and sentences."""

LABELS = {
    "bulk": "bulk",
    "interface": "interface",
    "wall": "wall",
    "surface": "surface",
    "metal surface": "metal surface",
}


LONGEST = 24  # letters of a name on an axis


def shortened(name):
    """A name that fits on an axis, its beginning left out."""
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"
