"""What the paths are called in tables, figures and sentences."""

LABELS = {
    "interface": "interface",
    "wall": "wall",
    "metal": "bulk metal",
    "surface": "free surface",
    "bulk": "bulk metal",
    "bare surface": "bare MIEC surface",
    "metal surface": "metal surface",
}
