"""Checks of experiments, made from the content of result.json alone."""

from coble.render import bounds
from coble.render.lights import AMBER, compared, stated
from coble.render.names import LABELS

FEWEST = 50  # samples, for probabilities that are good to 0.07


def checks(content):
    for each in content["observables"]:
        for mechanism, predicted in each["predicted"].items():
            if predicted is not None:
                what = f"{each['label']}, {LABELS.get(mechanism, mechanism)} alone"
                yield compared(what, predicted, each["exact"][mechanism], each["unit"] or "1")
    for condition, measured in (content["speeds_nm_s"].get("seen") or {}).items():
        ends = bounds.speed_ends(measured)
        yield bounds.within(f"speed as observed, {condition}", measured["measured"], ends, "nm/s")
    if after := content.get("posterior"):
        number = after["samples"]
        said = f"{number:.0f}; probabilities of paths are good to {min(0.5 * number**-0.5, 0.5):.2f}"
        yield stated("samples of the prior that count after the observations", number >= FEWEST, said, AMBER)
    total = sum(content["probability"].values())
    yield stated("probabilities sum to 1", abs(total - 1) < 1e-6, f"{total:.9g}")
