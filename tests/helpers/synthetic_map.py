"""A campaign over width and temperature whose shares are known in closed form."""

import numpy as np

WIDTHS, TEMPERATURES = np.geomspace(20, 400, 12), np.linspace(280, 440, 9)
NEAR, ERROR = 0.12, 0.01


def shares(width, temperature, faster=1.0):
    """Interface and wall go as the perimeter, bulk as the area; `faster` multiplies that of bulk metal."""
    interface = 4 * width * np.exp(-0.35 / 8.617e-5 * (1 / temperature - 1 / 300))
    wall = 2.8 * width * np.exp(-0.40 / 8.617e-5 * (1 / temperature - 1 / 300))
    bulk = faster * 4e-3 * width**2 * np.exp(-0.53 / 8.617e-5 * (1 / temperature - 1 / 300))
    total = interface + wall + bulk
    return {"bulk": bulk / total, "interface": interface / total, "wall": wall / total}


def content(seed=1, faster=1.0):
    """What campaign.json would hold, with noise of ERROR where Monte Carlo would run."""
    rng = np.random.default_rng(seed)
    points = []
    for width in WIDTHS:
        for temperature in TEMPERATURES:
            exact = shares(width, temperature)
            point = {"values": {"tubule.inner_width_nm": width, "conditions.temperature_K": temperature}}
            point |= {"exact": {"shares": exact, "formula": exact}, "estimates": {}}
            if abs(max(exact.values()) - 0.5) < NEAR:
                measured = shares(width, temperature, faster)
                point["estimates"] = {
                    f"share.{path}": {
                        "value": share + ERROR * rng.normal(),
                        "stderr": ERROR,
                        "n_eff": 40.0,
                        "method": "",
                    }
                    for path, share in measured.items()
                }
            points.append(point)
    axes = [{"key": "tubule.inner_width_nm"}, {"key": "conditions.temperature_K"}]
    return {"points": points, "setup": {"axis": axes}, "base": {"wall": [{"name": "any"}]}}
