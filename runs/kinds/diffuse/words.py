"""What diffuse says in words, made from the content of result.json alone."""

from coble.kinds.diffuse.axes import axis_text, principal_of
from coble.kmc.estimates.measure import INTERRUPTED
from coble.render.conditions import of_image
from coble.render.numbers import plain, typeset, with_error

ANISOTROPIC = 1.1  # ratio of D along two axes from which on it is said


def headline(content):
    points = content["temperatures"]
    if not points:
        return "Interrupted before a temperature was measured."
    point = points[-1]
    if of_image(content):
        together = plain(point["collective_mean_cm2_s"])
        return typeset(
            f"At {point['temperature_K']:g} K the carriers of the image together diffuse at {together} cm²/s."
        )
    said = f"At {point['temperature_K']:g} K a tracer diffuses at {plain(point['tracer_mean_cm2_s'])} cm²/s"
    if fit := content["arrhenius"]:
        said += f", with an activation energy of {with_error(fit['activation_energy_eV'])} eV"
    return typeset(f"{said}; the Haven ratio is {with_error(point['haven_ratio'])}.")


def sentences(content):
    """Correlation, directions, and what longer times say."""
    if content["temperatures"] and of_image(content):
        yield (
            "A voxel of an image is no site of an atom. Only the collective D_σ has a meaning here. The tracer's D*, "
            "the Haven ratio and the correlation factor depend on the size of voxels."
        )
    for point in content["temperatures"][-1:]:
        factor = point["correlation_factor"]
        yield typeset(
            f"The correlation factor at {point['temperature_K']:g} K is {with_error(factor)}: D* over that of "
            "uncorrelated hops."
        )
        along = {axis[0]: point["tracer_cm2_s"][axis]["value"] for axis in point["directions"]}
        by_axis = along
        if axes := principal_of(point):
            by_axis = {axis_text(axis): value for value, error, axis in axes["tracer"] if value > 2 * error}
        fast, slow = (chosen(by_axis, key=by_axis.get, default=None) for chosen in (max, min))
        if fast != slow and by_axis[slow] > 0 and by_axis[fast] / by_axis[slow] > ANISOTROPIC:
            yield f"Along {fast} the tracer diffuses {by_axis[fast] / by_axis[slow]:.3g} times as fast as along {slow}."
        if len(along) < 3:
            yield f"Nothing moves along {' and '.join(sorted(set('xyz') - set(along)))}."
    for point in content["temperatures"]:
        for which, settled in point["settled"].items():
            if not settled:
                yield (
                    f"At {point['temperature_K']:g} K the {which} diffusivity still changes at the longest time: hops "
                    "remember for longer than the windows of the run."
                )
    fit = content["arrhenius"]
    if fit and fit["p_value"] < 0.01:
        yield (
            f"One activation energy does not describe all temperatures: χ² is {fit['chi2']:.1f} with "
            f"{fit['degrees_of_freedom']} degrees of freedom."
        )


def unreached(content):
    """Temperatures that were not begun, and those without the requested accuracy."""
    case, points = content["provenance"]["case"], content["temperatures"]
    listed = case.get("diffuse", {}).get("temperatures_K", [])  # a case need not have the section
    asked = sorted(listed) or [case["conditions"]["temperature_K"]]
    for point in points:
        if point["reason"] == INTERRUPTED:
            yield f"{point['temperature_K']:g} K: the requested accuracy"
    yield from (f"{temperature:g} K" for temperature in asked[len(points) :])
