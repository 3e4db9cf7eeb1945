"""Checks of rate control, made from the content of result.json alone."""

from coble.render.lights import compared, stated

ROUNDING = 1e-6  # of a sum that is exact


def checks(content):
    """The coefficients sum to what the rule says."""
    for what, rule in content["rule"].items():
        name, total = f"{what}: sum over the classes of hops", content["sum"][what]
        if rule is not None and not content["settings"]:
            yield stated(
                name, abs(total["value"] - rule) < ROUNDING, f"{round(total['value'], 9) + 0.0:.9f}, expected {rule:g}"
            )
        elif rule is not None:
            yield compared(name, total, rule)
