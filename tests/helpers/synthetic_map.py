"""A campaign over width and temperature whose shares are known in closed form."""

import numpy as np

from coble.kmc.estimates.estimate import Estimate

WIDTHS, TEMPERATURES = np.geomspace(20, 400, 12), np.linspace(280, 440, 9)
NEAR, ERROR = 0.12, 0.01


def shares(width, temperature, faster=1.0, wall=True):
    """Interface and wall go as the perimeter, bulk as the area; `faster` multiplies that of bulk."""
    interface = 4 * width * np.exp(-0.35 / 8.617e-5 * (1 / temperature - 1 / 300))
    side = 2.8 * width * np.exp(-0.40 / 8.617e-5 * (1 / temperature - 1 / 300))
    bulk = faster * 4e-3 * width**2 * np.exp(-0.53 / 8.617e-5 * (1 / temperature - 1 / 300))
    current = {"bulk": bulk, "interface": interface} | ({"wall": side} if wall else {})
    return {path: each / sum(current.values()) for path, each in current.items()}


def content(seed=1, faster=1.0, wall=True):
    """What campaign.json would hold, with noise of ERROR where Monte Carlo would run."""
    rng = np.random.default_rng(seed)
    points = []
    for width in WIDTHS:
        for temperature in TEMPERATURES:
            exact = shares(width, temperature, wall=wall)
            point = {"values": {"tubule.inner_width_nm": width, "conditions.temperature_K": temperature}}
            point |= {"exact": {"shares": exact, "formula": exact}, "estimates": {}, "state": "done"}
            if abs(max(exact.values()) - 0.5) < NEAR:
                measured = shares(width, temperature, faster, wall)
                # Currents scatter independently; shares, which add up to one, do not.
                currents = {path: share + ERROR * rng.normal() for path, share in measured.items()}
                total = sum(currents.values())
                for path, current in currents.items():
                    stderr = ERROR * np.hypot(1 - measured[path], measured[path] * np.sqrt(len(measured) - 1))
                    point["estimates"][f"share.{path}"] = Estimate(current / total, stderr, 40.0).as_dict()
            points.append(point)
    axes = [{"key": "tubule.inner_width_nm"}, {"key": "conditions.temperature_K"}]
    return {"points": points, "setup": {"axis": axes}, "base": {"wall": [{"name": "any"}]}}
