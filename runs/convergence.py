"""How estimates settle: each of them from the first blocks, the first few more, and so on, with its 95 % interval."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kmc.estimates import FEWEST_BLOCKS, mean_estimate, ratio_estimate
from lattices import KINDS
from runs.names import LABELS
from runs.palette import STYLES
from runs.plating import FIT_BLOCKS, speed_and_b, steady

POINTS = 40


@dataclass(frozen=True)
class Series:
    """An estimate against how much it is made from.

    Attributes
    ----------
    label, unit : str
    path : str or None
        The path that it belongs to.
    samples : int array (n,)
        Numbers of blocks, or of records, of which `of` is the name.
    value, low, high : float arrays (n,)
        Estimates and their 95 % intervals, in `unit`.
    exact : float or None
        What it should come to, called `exact_name`.
    """

    label: str
    unit: str
    path: str | None
    samples: np.ndarray
    of: str
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    exact: float | None
    exact_name: str


def series_of(folder, content=None):
    """Every estimate of a result that has a record of its blocks.

    Parameters
    ----------
    folder : path-like
        Of `coble discriminate`, `plate` or `strip`.
    content : dict, optional
        Of its result.json.

    Returns
    -------
    dict of str → list of Series
        By wall; by "growth" where metal grows.  Empty for a run without a law to follow.

    Raises
    ------
    ValueError
        When result.h5 is missing or cannot be read.
    """
    content = content or json.loads((Path(folder) / "result.json").read_text(encoding="utf-8"))
    if content["kind"] == "plate":
        found = _growth(content)
        return {"growth": [found]} if found else {}
    import h5py

    path = Path(folder) / "result.h5"
    try:
        with h5py.File(path) as file:
            blocks = {
                wall["name"]: [
                    part["flux_conductance"][()] for name, part in file[wall["name"]].items() if "replica_" in name
                ]
                for wall in content["walls"]
            }
    except (OSError, KeyError) as error:
        raise ValueError(f"{path}: cannot be read ({error})") from None
    return {wall["name"]: _wall(wall, blocks[wall["name"]]) for wall in content["walls"]}


def _wall(wall, blocks):
    """Shares of all paths, and κ; blocks are those of each replica, float arrays (n_block, kind) [Å/s]."""
    found = []
    for path in (path for path in STYLES if path in wall["paths"]):
        kind = KINDS.index(path)
        share = lambda some, kind=kind: ratio_estimate([c[:, kind] for c in some], [c.sum(axis=1) for c in some])  # noqa: E731
        found.append(_series(blocks, share, f"share of the {LABELS[path]}", "", path, wall["exact"]["shares"][path]))
    along_wall = lambda some: mean_estimate([c.sum(axis=1) - c[:, KINDS.index("metal")] for c in some])  # noqa: E731
    end = along_wall(blocks).value
    if end:  # the blocks are in Å/s, κ in the unit of result.json
        to_mS_cm = wall["kappa_mS_cm"]["value"] / end
        kappa = lambda some: along_wall(some).scaled(to_mS_cm)  # noqa: E731
        found.append(_series(blocks, kappa, "κ", "mS/cm", None, wall["exact"]["kappa_mS_cm"]))
    return found


def _series(blocks, estimate, label, unit, path, exact):
    per_replica = min(map(len, blocks))
    fewest = min(per_replica, -(-FEWEST_BLOCKS // len(blocks)))
    counts = np.unique(np.geomspace(fewest, per_replica, POINTS).astype(int))
    found = [estimate([series[:count] for series in blocks]) for count in counts]
    return Series(label, unit, path, counts * len(blocks), "blocks", *_ends(found), exact, "exact (network)")


def _growth(content):
    """B of the law L² = L₀² + 2 B t over the first records; None where it is not followed."""
    time, length = steady(content["provenance"]["case"]["growth"], content["series"])
    if len(time) <= FIT_BLOCKS:
        return None
    counts = np.unique(np.linspace(FIT_BLOCKS + 1, len(time), POINTS).astype(int))
    found = [speed_and_b(time[:count], length[:count])[1] for count in counts]
    law = content["law"]["b_nm2_s"]
    return Series("B", "nm²/s", "interface", counts, "records", *_ends(found), law, "of the channel's conductance")


def _ends(estimates):
    """Values, lower and upper ends of estimates."""
    return (np.array([getattr(each, name) for each in estimates]) for name in ("value", "low", "high"))
