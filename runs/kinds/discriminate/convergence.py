"""How estimates settle: each of them from the first blocks, the first few more, and so on, with its 95 % interval."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from coble.kinds.registry import read
from coble.kmc.estimates.estimate import FEWEST_BLOCKS, ratio_estimate
from coble.kmc.estimates.measure import episode_mean, episode_ratio
from coble.kmc.estimates.switched_off import lost_if_off
from coble.render.bounds import loose
from coble.render.convergence import POINTS, Series, ends
from coble.render.names import LABELS, link_of, name_of, phrase
from coble.render.palette import wall_styles
from coble.store.hdf5 import FAULTS, open_results


def series_of(folder, content=None, group="shares"):
    """Estimates of a result that have a record of their blocks.

    Parameters
    ----------
    folder : path-like
        Of `coble discriminate`.
    content : dict, optional
        Of its result.json.
    group : str
        One of `GROUPS`.

    Returns
    -------
    dict of str → list of Series
        By wall.  Empty without such estimates.

    Raises
    ------
    ValueError
        When result.h5 is missing or cannot be read.
    """
    content = content or read(folder)
    path = Path(folder) / "result.h5"
    try:
        with open_results(path) as file:
            found = {wall["name"]: _coloured(wall, group, file[link_of(wall["name"])]) for wall in content["walls"]}
    except FAULTS as error:
        raise ValueError(f"{path}: cannot be read ({error})") from None
    return {name: several for name, several in found.items() if several}


def _coloured(wall, group, file):
    styles = wall_styles(wall)
    return [replace(series, style=styles.get(series.path)) for series in GROUPS[group](wall, file)]


def _blocks(file, which="flux_conductance"):
    """Conductances of every replica's blocks, list of float arrays (n_block, n_region) [Å/s]."""
    return [part[which][()] for name, part in file.items() if "replica_" in name]


def _paths(wall, file):
    """Names of the paths, and the number of each among the regions."""
    names = [name.decode() for name in file["region"][()]]
    return [(path, names.index(path)) for path in wall_styles(wall)]


def _shares(wall, file):
    """Shares of all paths, with which control converges (it differs by a number that is exact), and κ."""
    blocks = _blocks(file)
    for path, kind in _paths(wall, file):
        share = lambda some, kind=kind: episode_ratio([c[:, kind] for c in some], [c.sum(axis=1) for c in some])  # noqa: E731
        found = _series(blocks, share, f"share of {phrase(path)}", "", path, wall["exact"]["shares"][path])
        yield _named(found, wall["exact"])
    if not wall["kappa_mS_cm"]:
        return
    bulk = dict(_paths(wall, file)).get("bulk")
    along_wall = lambda some: episode_mean(  # noqa: E731
        [c.sum(axis=1) - (0.0 if bulk is None else c[:, bulk]) for c in some]
    )
    end = along_wall(blocks).value
    if end:  # the blocks are in Å/s, κ in the unit of result.json
        to_mS_cm = wall["kappa_mS_cm"]["value"] / end
        kappa = lambda some: along_wall(some).scaled(to_mS_cm)  # noqa: E731
        yield _named(
            _series(blocks, kappa, "conductivity κ", "mS/cm", None, wall["exact"]["kappa_mS_cm"]), wall["exact"]
        )


def _conductances(wall, file):
    blocks = _blocks(file)
    for path, kind in _paths(wall, file):
        of_path = lambda some, kind=kind: episode_mean([c[:, kind] for c in some])  # noqa: E731
        end, known = of_path(blocks).value, wall["paths"][path]["conductance_S_m"]["value"]
        if end and known:
            scaled = lambda some, f=of_path, to_S_m=known / end: f(some).scaled(to_S_m)  # noqa: E731
            yield _series(blocks, scaled, LABELS[path], "S·m", path, None)


def _tracers(wall, file):
    """D* of every region against the groups of atoms that were followed; f and Haven ratio go as it."""
    for path, tracer in wall["tracer_cm2_s"].items():
        data = file[f"tracers/{link_of(path)}"]
        whole = tracer["value"]
        end = wall["correlation_factor"][path]["value"]
        walked = [np.stack(both, axis=1) for both in zip(*data[()], strict=True)]  # (n_group, 2) of every replica
        factor = lambda some: ratio_estimate([c[:, 0] for c in some], [c[:, 1] for c in some])  # noqa: E731
        diffusivity = lambda some, f=factor, to=whole / end: f(some).scaled(to)  # noqa: E731
        yield replace(_series(walked, diffusivity, f"D* of {phrase(path)}", "cm²/s", path, None), of="groups of atoms")


def _off(wall, file):
    """Part of the current that is lost without each path, against the blocks of the run without it."""
    totals = ([c.sum(axis=1) for c in _blocks(file, which)] for which in ("flux_conductance", "expected_conductance"))
    whole = min(map(episode_mean, totals), key=lambda total: total.stderr)
    for link, replicas in file.get("off", {}).items():
        path = name_of(link)
        blocks = [series[()] for name, series in replicas.items() if "replica_" in name]  # beside scales of axes
        lost = lambda some: lost_if_off(whole, episode_mean(some))  # noqa: E731
        yield _series(blocks, lost, f"lost without {phrase(path)}", "", path, None)


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
    blocks = [series for series in blocks if len(series)]  # others were stopped before their first block
    per_replica = min(map(len, blocks))
    fewest = min(per_replica, -(-FEWEST_BLOCKS // len(blocks)))
    counts = np.unique(np.geomspace(fewest, per_replica, POINTS).astype(int))
    found = [estimate([series[:count] for series in blocks]) for count in counts]
    return Series(label, unit, path, counts * len(blocks), "blocks", *ends(found), exact, "exact (network)")


def _named(series, exact):
    """The series, its line called what it is: exact, or an upper bound of the total (`coble.render.bounds`)."""
    return replace(series, exact_name="network (bound)") if loose(exact) else series


def figures(folder, content):
    """A figure for every group of estimates: pairs of name and Figure."""
    from coble.render.convergence_figures import draw_convergence

    for group in GROUPS:
        if found := series_of(folder, content, group):
            name = "convergence" if group == "shares" else f"convergence-{group}"
            yield name, draw_convergence(found)
