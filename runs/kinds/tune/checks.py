"""Checks of a tuning, made from the content of result.json alone."""

from math import hypot

from coble.kinds.discriminate.checks import UNLIKELY
from coble.render.lights import AMBER, Check, light_of, stated


def checks(content):
    for each in content["residuals"]:
        yield Check(
            each["target"],
            light_of(each["sigmas"]),
            each["model"]["value"],
            each["measured"],
            hypot(each["model"]["stderr"] or 0.0, each["measured_error"]),
            each["sigmas"],
            each["unit"] or "1",
        )
    unknown = content["unidentifiable"]
    yield stated("converged", content["converged"], f"after {len(content['chi2_by_batch'])} batches", AMBER)
    yield stated(
        "the targets determine every free rate",
        not unknown,
        f"not identifiable: {', '.join(unknown)}" if unknown else "yes",
        AMBER,
    )
    p = content["p_value"]
    if p is not None:
        yield stated(
            "the targets agree with each other and the model", p > UNLIKELY, f"probability of so large a χ²: {p:.2g}"
        )
