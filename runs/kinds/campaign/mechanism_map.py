"""Which path dominates over width and temperature: a map from a campaign, in the spirit of Frost and Ashby's.

The exact network gives every point.  Where Monte Carlo ran, its verdict stands in the map instead, "undecided"
included, and boundaries (a path's share crosses one half) are found twice: between exact shares, and between measured
ones, with an error.  W* is the width at which bulk carries as much as the interface, 4 D_i δ / D by the formula:
from every measured point it follows as W × (interface / bulk), which does not depend on W.
"""

from dataclasses import dataclass
from math import hypot, log

import numpy as np

from coble.kmc.estimates.estimate import Estimate
from coble.kmc.estimates.verdict import dominant_path
from coble.render.bounds import share_ends

WIDTH, TEMPERATURE = "tubule.inner_width_nm", "conditions.temperature_K"
UNDECIDED = "undecided"
FEWEST = 5  # blocks or replicas, for an error to believe
SEEN = 4.0  # standard errors of 1/W* from which on it counts as seen


@dataclass(frozen=True)
class Crossing:
    """Where a path's share crosses one half between two neighbours of the grid.

    Attributes
    ----------
    path : str
    along : str
        "width" or "temperature": what differs between the two.
    at : float
        The other one [K or nm].
    value, stderr : float
        Of what differs, measured; of a width the standard error is that of its logarithm.
    exact : float
        The same between exact shares.
    """

    path: str
    along: str
    at: float
    value: float
    stderr: float
    exact: float

    @property
    def sigmas(self):
        """Measured less exact, in standard errors."""
        off = log(self.value / self.exact) if self.along == "width" else self.value - self.exact
        return off / self.stderr


@dataclass(frozen=True)
class Map:
    """The map of one wall.

    Attributes
    ----------
    name : str
    width_nm, temperature_K : float arrays (n_width,), (n_temperature,)
    exact : dict of path → float array (n_width, n_temperature)
        Shares; nan where they are not known yet.
    measured : dict of path → object array (n_width, n_temperature)
        Estimates, None where Monte Carlo did not run.
    dominant : object array (n_width, n_temperature)
        Path with more than half of the current: by Monte Carlo where it ran, else exactly; or "undecided".  None
        where nothing is known yet.
    crossings : list of Crossing
    equal_width : list of dict
        W*: `temperature_K`, `value_nm`, `stderr_nm`, `exact_nm`, `theory_nm` (4 D_i δ / D), `sigmas` (measured less
        exact in standard errors), one entry for each temperature at which a bulk current was seen.
    """

    name: str
    width_nm: np.ndarray
    temperature_K: np.ndarray
    exact: dict
    measured: dict
    dominant: np.ndarray
    crossings: list
    equal_width: list

    @property
    def simulated(self):
        """Where Monte Carlo ran, bool array (n_width, n_temperature)."""
        ran = [np.not_equal(shares, None) for shares in self.measured.values()]
        return np.any(ran, axis=0) if ran else np.zeros(self.dominant.shape, dtype=bool)


def is_map(content):
    """Whether a campaign is one over width and temperature."""
    keys = [axis["key"] for axis in content["setup"]["axis"]]
    return WIDTH in keys and TEMPERATURE in keys and set(keys) <= {WIDTH, TEMPERATURE, "wall.name", "metal.species"}


def mechanism_maps(content):
    """The maps of a campaign, one for each wall (and metal).

    Parameters
    ----------
    content : dict
        Of campaign.json.

    Returns
    -------
    list of Map

    Raises
    ------
    ValueError
        When the campaign varies other things than width and temperature.
    """
    if not is_map(content):
        raise ValueError(f"a map needs the axes {WIDTH} and {TEMPERATURE}, and no others but wall.name")
    by_name = {}
    for point in content["points"]:
        values = point["values"]
        name = " ".join(str(values[key]) for key in ("metal.species", "wall.name") if key in values)
        by_name.setdefault(name or content["base"]["wall"][0]["name"], {})[values[WIDTH], values[TEMPERATURE]] = point
    return [_map(name, points) for name, points in by_name.items()]


def _map(name, points):
    widths, temperatures = (np.array(sorted({key[i] for key in points})) for i in (0, 1))
    there = {key: point for key, point in points.items() if point["exact"]}
    paths = list(next(iter(there.values()))["exact"]["shares"]) if there else []
    shape = len(widths), len(temperatures)
    exact, formula = ({path: np.full(shape, np.nan) for path in paths} for _ in range(2))
    measured = {path: np.full(shape, None, dtype=object) for path in paths}
    dominant = np.full(shape, None, dtype=object)
    for (width, temperature), point in there.items():
        at = np.searchsorted(widths, width), np.searchsorted(temperatures, temperature)
        dominant[at] = dominant_of(point)
        for path in paths:
            exact[path][at] = point["exact"]["shares"].get(path, 0.0)
            formula[path][at] = point["exact"]["formula"].get(path, 0.0)
            measured[path][at] = share_of(point, path)
    crossings = [
        crossing for path in paths for crossing in _crossings(path, widths, temperatures, exact[path], measured[path])
    ]
    equal = _equal_widths(widths, temperatures, exact, formula, measured)
    return Map(name, widths, temperatures, exact, measured, dominant, crossings, equal)


def share_of(point, path):
    """Measured share of a path at a point of a campaign, an Estimate or None."""
    found = point["estimates"].get(f"share.{path}")
    if found is None or found["stderr"] is None:
        return None
    return Estimate(found["value"], found["stderr"], found["n_eff"] or np.inf, found["method"])


def few(estimate):
    """Whether an estimate, a dict, has an error that comes from too few blocks to be relied on."""
    return bool(estimate and estimate["stderr"] != 0 and (estimate["n_eff"] or np.inf) < FEWEST)


def dominant_of(point):
    """The path with more than half of the current, by Monte Carlo where it ran, else exactly; or "undecided".

    Errors from fewer than `FEWEST` blocks decide nothing.
    Where the network is a bound, it must be so at both ends of `coble.render.bounds.share_ends`.

    Parameters
    ----------
    point : dict
        Of campaign.json, with its `exact`.
    """
    exact, formula = point["exact"]["shares"], point["exact"]["formula"]  # a structure has no formula
    measured = {path: share_of(point, path) for path in exact}
    lattice = {path: abs(share - formula.get(path, 0.0)) for path, share in exact.items()} if formula else {}
    if any(few(point["estimates"].get(f"share.{path}")) for path in exact):
        return UNDECIDED
    if None in measured.values():
        leader = max(exact, key=exact.get)
        return leader if min(share_ends(point["exact"], leader)) > 0.5 else UNDECIDED
    found = dominant_path("", measured, lattice, {path: path for path in measured}).dominant
    return UNDECIDED if found is None else found


def _crossings(path, widths, temperatures, exact, measured):
    """All crossings of one path between neighbours of the grid that were both measured."""
    for j, temperature in enumerate(temperatures):
        for known, off, error in _half(np.log(widths), exact[:, j], measured[:, j]):
            yield Crossing(path, "width", temperature, float(np.exp(known + off)), error, float(np.exp(known)))
    for i, width in enumerate(widths):
        for known, off, error in _half(temperatures, exact[i], measured[i]):
            yield Crossing(path, "temperature", width, float(known + off), error, float(known))


def _half(x, exact, measured):
    """Where exact shares cross one half between neighbours, by how much the measured ones move that, and its error.

    The slope is that of the exact shares: that of measured ones is noise where the boundary runs along the grid.
    """
    for k in range(len(x) - 1):
        if measured[k] is None or measured[k + 1] is None or (exact[k] - 0.5) * (exact[k + 1] - 0.5) >= 0:
            continue
        per_share = (x[k + 1] - x[k]) / (exact[k + 1] - exact[k])
        part = (0.5 - exact[k]) / (exact[k + 1] - exact[k])
        higher = (1 - part) * (measured[k].value - exact[k]) + part * (measured[k + 1].value - exact[k + 1])
        error = hypot((1 - part) * measured[k].stderr, part * measured[k + 1].stderr)
        yield x[k] + part * (x[k + 1] - x[k]), -higher * per_share, error * abs(per_share)


def _equal_widths(widths, temperatures, exact, formula, measured):
    """W* at every temperature, from the mean of 1/W* = bulk / (interface W).

    Errors are worked out with the exact shares: noise must not decide what weighs more.  Shares add up to one, so what
    bulk gains the interface loses: the covariance of the two follows from the variance of the rest.
    """
    found = []
    if not {"interface", "bulk"} <= exact.keys():
        return found
    for j, temperature in enumerate(temperatures):
        there = [i for i in range(len(widths)) if measured["bulk"][i, j] is not None]
        if not there:
            continue
        shell, bulk = ([measured[path][i, j] for i in there] for path in ("interface", "bulk"))
        w = widths[there]
        inverse = np.array([b.value / s.value for b, s in zip(bulk, shell, strict=True)]) / w
        exact_bulk, exact_shell = exact["bulk"][there, j], exact["interface"][there, j]
        variance = {path: np.array([found[i, j].stderr for i in there]) ** 2 for path, found in measured.items()}
        of_bulk, of_shell = variance.pop("bulk"), variance.pop("interface")
        covariance = np.minimum(sum(variance.values()) - of_bulk - of_shell, 0) / 2  # errors from few blocks are rough
        relative = of_bulk / exact_bulk**2 + of_shell / exact_shell**2 - 2 * covariance / (exact_bulk * exact_shell)
        error = np.sqrt(relative) * exact_bulk / exact_shell / w
        weight = 1 / np.square(error)
        mean, stderr = float(np.average(inverse, weights=weight)), float(weight.sum() ** -0.5)
        known = float(np.average(exact_bulk / exact_shell / w, weights=weight))
        theory = float(np.average(formula["bulk"][there, j] / formula["interface"][there, j] / w, weights=weight))
        if mean > SEEN * stderr:
            found.append(
                {
                    "temperature_K": float(temperature),
                    "value_nm": 1 / mean,
                    "stderr_nm": stderr / mean**2,
                    "exact_nm": 1 / known,
                    "theory_nm": 1 / theory,
                    "sigmas": (known - mean) / stderr,  # of 1/W*, which is what was averaged
                }
            )
    return found
