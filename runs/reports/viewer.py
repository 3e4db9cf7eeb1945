"""The atoms of a result for the viewer of a report: cut down to what a page can hold, and packed.

Atoms sit on sites that do not move, so a position is stored once, as three 16-bit integers, and a frame is half a
byte per site: 0 where it is empty, else 1 + kind.  Lengths in Å.
"""

import gzip
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from coble.models.tubules.tubule import NM
from coble.render.names import LABELS
from coble.render.palette import GREY, hex_of, styles_of
from coble.structures.cuts import cut_of
from coble.structures.export import structure_of
from coble.structures.extxyz import write_extxyz

MOST_SITES = 20_000  # that a canvas turns smoothly
MOST_BYTES = 900_000  # of one structure, before base64 makes it a third longer
MOST_FRAMES = 40
MOST_KINDS = 15  # that half a byte holds besides empty
FINEST = 32_000  # units of a position, to either side of the middle
BYTES_PER_ATOM = 3  # of compressed extended XYZ, at least
ATOM_RADIUS_A = 1.35
BEYOND_NM = 2.0  # of the tip: farther ahead there are only atoms of the channel in equilibrium


@dataclass(frozen=True)
class Picture:
    """What the viewer needs.

    Attributes
    ----------
    data : dict
        For JSON: kinds, n, positions and states in base64, frames (their labels), angstrom (units per Å), ...
    cuts : list of str
        What was cut away, as `coble export --cut` takes it; empty when all is shown.
    numbers : list of int
        Which of the frames are shown.
    n_frame : int
        Frames of the whole result.
    last : list of ase.Atoms
        The last frame: all of it, and what the cuts leave.
    """

    data: dict
    cuts: list
    numbers: list
    n_frame: int
    last: list


def picture(folder, content, shown, most_bytes=MOST_BYTES):
    """The structure of a result, small enough for a page.

    Parameters
    ----------
    folder : path-like
        Of a result that has atoms.
    content : dict
        Of its result.json.
    shown : coble.kinds.kind.AtomsView
    most_bytes : int
        Of positions and states together.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        When the structure cannot be read, or no cut leaves few enough atoms.
    """
    structure = structure_of(folder)
    numbers = np.unique(np.linspace(0, structure.n_frame - 1, min(structure.n_frame, MOST_FRAMES)).round().astype(int))
    full = np.array([structure.occupied(number) for number in numbers])
    most = min(MOST_SITES, int(most_bytes / (6 + len(numbers) / 2)))
    ever = full.any(axis=0)
    for cuts in [*shown.cuts(content), *(_thinner(structure) if structure.is_own else ())]:
        taken = ever.copy()
        for cut in cuts:
            taken &= cut_of(cut)(structure)
        if 0 < taken.sum() <= most:
            break
    else:
        raise ValueError(f"{folder}: no cut leaves between 1 and {most:,} atoms to be shown")
    kinds = [structure.kind(number)[taken] for number in numbers]
    state = np.where(full[:, taken], 1 + np.array(kinds), 0).astype(np.uint8)
    positions, units = _quantised(structure.positions[taken])
    seen = np.unique(state[state > 0]) - 1
    number = np.minimum(np.searchsorted(seen, np.arange(len(structure.regions))), MOST_KINDS - 1)
    state = np.concatenate([[0], number + 1]).astype(np.uint8)[state]
    data = {
        "kinds": _legend(structure, content, seen),
        "n": int(taken.sum()),
        "positions": _text(positions.astype("<i2")),
        "states": _text(_nibbles(state.ravel())),
        "frames": [shown.label(content, structure, number) for number in numbers],
        "angstrom": units,
        "atom_radius": ATOM_RADIUS_A * units,
        "along": shown.along,
    }
    last = [structure.atoms(numbers[-1], each) for each in (full[-1], full[-1] & taken)]
    return Picture(data, cuts, numbers.tolist(), structure.n_frame, last)


def _thinner(structure):
    """Thinner and thinner slices of a structure of a user's own, across y."""
    low, high = structure.positions[:, 1].min() / NM, structure.positions[:, 1].max() / NM
    for part in (0.5, 0.25, 0.12, 0.06, 0.03, 0.015, 0.007):
        middle, half = (low + high) / 2, max((high - low) * part / 2, 0.1)
        yield [f"y:{middle - half:g}:{middle + half:g}"]


def _legend(structure, content, seen):
    """Label and colour of the regions that are seen; those that have no number of their own share the last."""
    there = [structure.regions[kind] for kind in np.unique(structure.site_kind)]
    given = content["walls"][-1].get("colours") if content.get("walls") else None
    styles = styles_of(dict.fromkeys((*there, *(structure.regions[kind] for kind in seen))), given)
    named = [(LABELS[structure.regions[kind]], hex_of(styles[structure.regions[kind]].colour)) for kind in seen]
    if len(named) <= MOST_KINDS:
        return named
    return [*named[: MOST_KINDS - 1], (f"{len(named) - MOST_KINDS + 1} other regions", hex_of(GREY))]


def structure_file(picture, most_bytes):
    """The last frame as compressed extended XYZ: all atoms when they fit, else those that are shown.

    Returns
    -------
    (bytes, str) or None
        The file and what is in it; None when even the part that is shown is too large.
    """
    for atoms, what in zip(picture.last, ("all atoms", "the atoms that are shown"), strict=True):
        if len(atoms) * BYTES_PER_ATOM > most_bytes:
            continue
        with TemporaryDirectory() as folder:
            path = Path(folder) / "last.extxyz"
            write_extxyz(path, [atoms])
            packed = gzip.compress(path.read_bytes(), mtime=0)
        if len(packed) <= most_bytes:
            return packed, f"{what} of the last frame, {len(atoms):,}"
    return None


def _quantised(positions):
    """Positions about their middle as integers, and how many of these units are one Å."""
    middle = (positions.max(axis=0) + positions.min(axis=0)) / 2
    units = FINEST / max(float(np.abs(positions - middle).max()), 1.0)
    return np.rint((positions - middle) * units), units


def _nibbles(values):
    """Two values below 16 to a byte, the first in the lower half."""
    padded = np.append(values, np.zeros(len(values) % 2, dtype=np.uint8))
    return padded[0::2] | padded[1::2] << 4


def _text(array):
    return b64encode(array.tobytes()).decode("ascii")
