"""Checks of creep, made from the content of result.json alone."""

from coble.render.lights import AMBER, accurate, compared, stated
from coble.render.numbers import with_error

NEAR_LAW = 0.1  # by which an exponent may be off what theory says: grains of few cells are no continuum


def checks(content):
    """Every strain rate and law beside the network's, and the laws beside theory."""
    for name, points in content["series"].items():
        for point in points:
            what = f"{name}: strain rate, d = {point['edge_nm']:.2f} nm, {point['tension_MPa']:g} MPa"
            yield compared(what, point["strain_rate_1_s"], point["exact_1_s"], "1/s")
    asked = content["provenance"]["settings"].get("target_error")
    rates = [point["strain_rate_1_s"] for points in content["series"].values() for point in points]
    errors = [rate["stderr"] / abs(rate["value"]) for rate in rates if rate["value"] and rate["stderr"] is not None]
    if errors and asked:
        yield accurate("every strain rate has about the requested accuracy", max(errors), asked, "largest ")
    for name, law in content["exponents"].items():
        yield compared(f"{name}: exponent against the network's", law["measured"], law["exact"])
    for name, law in content["exponents"].items():
        said = f"{with_error(law['measured'])}, by theory {law['theory']:.3g}"
        off = abs(law["measured"]["value"] - law["theory"])
        yield stated(f"{name}: exponent within {NEAR_LAW:g} of theory", off < NEAR_LAW, said, AMBER)
    if content["crossover_nm"]:
        law = content["crossover_nm"]
        yield compared("size at which both paths are equal", law["measured"], law["exact"], "nm")
