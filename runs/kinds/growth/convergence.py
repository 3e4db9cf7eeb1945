"""How B of the law of growth settles with the records of a run."""

import numpy as np

from coble.kinds.growth.run import FIT_BLOCKS, law_applies, speed_and_b, steady
from coble.render.convergence import POINTS, Series, ends


def _b_of_law(content):
    """B of the law L² = L₀² + 2 B t over the first records; None where it is not followed."""
    growth = content["provenance"]["case"]["growth"]
    time, length = steady(growth, content["series"])
    if len(time) <= FIT_BLOCKS:
        return None
    counts = np.unique(np.linspace(FIT_BLOCKS + 1, len(time), POINTS).astype(int))
    found = [speed_and_b(time[:count], length[:count])[1] for count in counts]
    law = content["law"]["b_nm2_s"] if law_applies(growth) else None
    return Series("B", "nm²/s", "interface", counts, "records", *ends(found), law, "of the channel's conductance")


def series_of(folder, content):
    """B of the law, dict of "growth" → [Series]; empty for a run without a law to follow."""
    found = _b_of_law(content)
    return {"growth": [found]} if found else {}


def figures(folder, content):
    """The figure of convergence: a pair of name and Figure."""
    from coble.render.convergence_figures import draw_convergence

    if not (found := series_of(folder, content)):
        raise ValueError(f"{folder}: follows no law of growth, or is too short: nothing to converge")
    yield "convergence", draw_convergence(found)
