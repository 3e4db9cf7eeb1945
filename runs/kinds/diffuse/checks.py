"""Checks of diffuse, made from the content of result.json alone."""

from coble.render.lights import AMBER, accurate, compared, stated
from coble.render.numbers import plain

SIGMAS = 4.0  # by which a bound may be passed
COMPONENTS = ("xx", "yy", "zz", "xy", "xz", "yz")
EXACT = {"tracer": "D* against the exact one of this box", "collective": "D_σ against the exact one of this box"}


def checks(content):
    """Both tensors beside what is exact, and within what bounds them."""
    asked = content["provenance"]["settings"]["target_error"]
    for point in content["temperatures"]:
        at = f"{point['temperature_K']:g} K: "
        for which, what in EXACT.items():
            measured, exact = point[f"{which}_cm2_s"], point[f"exact_{which}_cm2_s"]
            for component in COMPONENTS if exact else ():
                if measured[component]["stderr"] != 0 or exact[component] != 0:
                    yield compared(f"{at}{what}, {component}", measured[component], exact[component], "cm²/s")
        yield _bounded(point, at)
        for which, settled in point["settled"].items():
            said = "longer times agree" if settled else "it still changes at the longest time"
            yield stated(f"{at}{which} diffusivity has settled", settled, said, AMBER)
        errors = [point[f"{which}_mean_cm2_s"] for which in EXACT]
        worst = max((e["stderr"] / abs(e["value"]) for e in errors if e["value"] and e["stderr"]), default=0.0)
        yield accurate(f"{at}about the requested accuracy", worst, asked)
    if fit := content["arrhenius"]:
        said = f"χ² = {fit['chi2']:.1f}, {fit['degrees_of_freedom']} degrees of freedom, p = {fit['p_value']:.2g}"
        yield stated("one activation energy fits the tracer", fit["p_value"] > 1e-3, said, AMBER)


def _bounded(point, at):
    """The network bounds D_σ of an endless crystal; a box of few carriers, which block each other less, comes nearer
    to what as many lone ones would do."""
    measured, count = point["collective_mean_cm2_s"], len(point["directions"])
    mean = lambda key: sum(point[key][axis] for axis in point["directions"]) / count  # noqa: E731
    endless = mean("network_cm2_s") * point["sites"] / (point["sites"] - 1)
    bound = max(endless, mean("lone_carrier_cm2_s") * point["carriers"] / point["atoms"])
    holds = measured["value"] - SIGMAS * (measured["stderr"] or 0.0) <= bound * (1 + 1e-9)
    said = f"{plain(measured)}, at most {bound:.4e} cm²/s"
    return stated(f"{at}D_σ is not above what bounds it", holds, said)
