"""A campaign over many images: how shares scatter from one to the next."""

import numpy as np

from coble.render.names import spoken

KEY = "structure.image"


def of_images(content):
    """Points whose exact answer is known, in their order, if the campaign is over images alone; else an empty list."""
    return [point for point in content["points"] if point["exact"] and list(point["values"]) == [KEY]]


def scatter_of(points):
    """Mean, standard deviation, least and largest exact share of every path over some points, dict of str → tuple."""
    shares = {path: [point["exact"]["shares"].get(path, 0.0) for point in points] for path in paths_of(points)}
    return {path: (np.mean(each), np.std(each, ddof=1), min(each), max(each)) for path, each in shares.items()}


def paths_of(points):
    paths = dict.fromkeys(path for point in points for path in point["exact"]["shares"])
    return sorted(paths, key=lambda path: -sum(point["exact"]["shares"].get(path, 0.0) for point in points))


def sentences(content):
    """How exact shares scatter over the images of a campaign, list of str: none for fewer than two."""
    points = of_images(content)
    if len(points) < 2:
        return []
    each = ", ".join(
        f"{spoken(path)} {100 * mean:.1f} ± {100 * deviation:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
        for path, (mean, deviation, low, high) in scatter_of(points).items()
    )
    return [f"Exact shares over {len(points)} images, mean ± standard deviation between images: {each}."]
