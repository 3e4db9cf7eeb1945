"""Checks of experiments, made from the content of result.json alone."""

from coble.render import bounds
from coble.render.lights import compared, stated
from coble.render.names import LABELS


def checks(content):
    for each in content["observables"]:
        for mechanism, predicted in each["predicted"].items():
            if predicted is not None:
                what = f"{each['label']}, {LABELS.get(mechanism, mechanism)} alone"
                yield compared(what, predicted, each["exact"][mechanism], each["unit"] or "1")
    for condition, measured in (content["speeds_nm_s"].get("seen") or {}).items():
        ends = bounds.speed_ends(measured)
        yield bounds.within(f"speed as observed, {condition}", measured["measured"], ends, "nm/s")
    total = sum(content["probability"].values())
    yield stated("probabilities sum to 1", abs(total - 1) < 1e-6, f"{total:.9g}")
