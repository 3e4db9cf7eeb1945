"""How estimates settle: each of them from the first blocks, the first few more, and so on, with its 95 % interval."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from coble.kinds.growth.run import FIT_BLOCKS, law_applies, speed_and_b, steady
from coble.kmc.estimates.estimate import FEWEST_BLOCKS, ratio_estimate
from coble.kmc.estimates.measure import episode_mean, episode_ratio, lost_if_off
from coble.lattices import KINDS
from coble.render.names import LABELS
from coble.render.palette import STYLES
from coble.store.contents import read_content
from coble.store.files import RESULT
from coble.store.hdf5 import FAULTS, open_results

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
    time_s : float array (n,) or None
        Simulated time that was counted, all replicas together [s], where it is known.
    hops_per_s : float or None
        Hops that were counted in that time, on the average [1/s].
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
    time_s: np.ndarray | None = None
    hops_per_s: float | None = None


def series_of(folder, content=None, group="shares"):
    """Estimates of a result that have a record of their blocks.

    Parameters
    ----------
    folder : path-like
        Of `coble discriminate`, `plate` or `strip`.
    content : dict, optional
        Of its result.json.
    group : str
        One of `GROUPS`; where metal grows there is one only.

    Returns
    -------
    dict of str → list of Series
        By wall; by "growth" where metal grows.  Empty for a run without a law to follow, or without such estimates.

    Raises
    ------
    ValueError
        When result.h5 is missing or cannot be read.
    """
    content = content or read_content(Path(folder) / RESULT)
    if content["kind"] == "plate":
        found = _growth(content)
        return {"growth": [found]} if found and group == "shares" else {}
    path = Path(folder) / "result.h5"
    try:
        with open_results(path) as file:
            found = {wall["name"]: list(GROUPS[group](wall, file[wall["name"]])) for wall in content["walls"]}
    except FAULTS as error:
        raise ValueError(f"{path}: cannot be read ({error})") from None
    return {name: several for name, several in found.items() if several}


def _blocks(file):
    """Conductances of every replica's blocks, list of float arrays (n_block, kind) [Å/s]."""
    return [part["flux_conductance"][()] for name, part in file.items() if "replica_" in name]


def _paths(wall):
    return [(path, KINDS.index(path)) for path in STYLES if path in wall["paths"]]


def _shares(wall, file):
    """Shares of all paths, with which control converges (it differs by a number that is exact), and κ."""
    blocks = _blocks(file)
    for path, kind in _paths(wall):
        share = lambda some, kind=kind: episode_ratio([c[:, kind] for c in some], [c.sum(axis=1) for c in some])  # noqa: E731
        yield _series(blocks, share, f"share of the {LABELS[path]}", "", path, wall["exact"]["shares"][path])
    along_wall = lambda some: episode_mean([c.sum(axis=1) - c[:, KINDS.index("metal")] for c in some])  # noqa: E731
    end = along_wall(blocks).value
    if end:  # the blocks are in Å/s, κ in the unit of result.json
        to_mS_cm = wall["kappa_mS_cm"]["value"] / end
        kappa = lambda some: along_wall(some).scaled(to_mS_cm)  # noqa: E731
        yield _series(blocks, kappa, "κ", "mS/cm", None, wall["exact"]["kappa_mS_cm"])


def _conductances(wall, file):
    blocks = _blocks(file)
    for path, kind in _paths(wall):
        of_path = lambda some, kind=kind: episode_mean([c[:, kind] for c in some])  # noqa: E731
        end, known = of_path(blocks).value, wall["paths"][path]["conductance_S_m"]["value"]
        if end and known:
            scaled = lambda some, f=of_path, to_S_m=known / end: f(some).scaled(to_S_m)  # noqa: E731
            yield _series(blocks, scaled, LABELS[path], "S·m", path, None)


def _tracers(wall, file):
    """D* of every region against the groups of atoms that were followed; f and Haven ratio go as it."""
    for path, data in file.get("tracers", {}).items():
        whole = wall["tracer_cm2_s"][path]["value"]
        end = wall["correlation_factor"][path]["value"]
        walked = [np.stack(both, axis=1) for both in zip(*data[()], strict=True)]  # (n_group, 2) of every replica
        factor = lambda some: ratio_estimate([c[:, 0] for c in some], [c[:, 1] for c in some])  # noqa: E731
        diffusivity = lambda some, f=factor, to=whole / end: f(some).scaled(to)  # noqa: E731
        yield replace(
            _series(walked, diffusivity, f"D* of the {LABELS[path]}", "cm²/s", path, None), of="groups of atoms"
        )


def _off(wall, file):
    """Part of the current that is lost without each path, against the blocks of the run without it."""
    whole = episode_mean([c.sum(axis=1) for c in _blocks(file)])
    for path, replicas in file.get("off", {}).items():
        blocks = [series[()] for series in replicas.values()]
        lost = lambda some: lost_if_off(whole, episode_mean(some))  # noqa: E731
        yield _series(blocks, lost, f"lost without the {LABELS[path]}", "", path, None)


def _timed(group):
    """The series of a group of the driven segment, with the time and the hops that were counted."""

    def found(wall, file):
        block_s = wall["run"]["block_duration_s"]
        hops = sum(int(part["hops"][()].sum()) for name, part in file.items() if "replica_" in name)
        counted_s = block_s * wall["run"]["blocks"]
        for series in group(wall, file):
            yield replace(series, time_s=series.samples * block_s, hops_per_s=hops / counted_s if counted_s else None)

    return found


GROUPS = {"shares": _timed(_shares), "conductances": _timed(_conductances), "tracers": _tracers, "off": _off}


def _series(blocks, estimate, label, unit, path, exact):
    per_replica = min(map(len, blocks))
    fewest = min(per_replica, -(-FEWEST_BLOCKS // len(blocks)))
    counts = np.unique(np.geomspace(fewest, per_replica, POINTS).astype(int))
    found = [estimate([series[:count] for series in blocks]) for count in counts]
    return Series(label, unit, path, counts * len(blocks), "blocks", *_ends(found), exact, "exact (network)")


def _growth(content):
    """B of the law L² = L₀² + 2 B t over the first records; None where it is not followed."""
    growth = content["provenance"]["case"]["growth"]
    time, length = steady(growth, content["series"])
    if len(time) <= FIT_BLOCKS:
        return None
    counts = np.unique(np.linspace(FIT_BLOCKS + 1, len(time), POINTS).astype(int))
    found = [speed_and_b(time[:count], length[:count])[1] for count in counts]
    law = content["law"]["b_nm2_s"] if law_applies(growth) else None
    return Series("B", "nm²/s", "interface", counts, "records", *_ends(found), law, "of the channel's conductance")


def _ends(estimates):
    """Values, lower and upper ends of estimates."""
    return (np.array([getattr(each, name) for each in estimates]) for name in ("value", "low", "high"))
