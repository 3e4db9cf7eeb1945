"""Checks of a result: what was measured beside what is exact, and what has to be so, each with a traffic light.

A comparison is green within two standard errors, amber within three and red beyond; one in twenty lies beyond two by
chance.  Made from the content of result.json alone.
"""

from dataclasses import dataclass, replace
from math import hypot, inf

from scipy.stats import binom, norm

from runs.names import LABELS

GREEN, AMBER, RED, GREY = "green", "amber", "red", "grey"
WORST = (GREY, GREEN, AMBER, RED)  # the later, the worse
AMBER_FROM, RED_FROM = 2.0, 3.0  # standard errors
RARE = 0.05  # so many ambers are no chance when their probability is below this
LAW = 0.10  # part by which the law of growth may be off: docs/growth.md


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes
    ----------
    what : str
    light : str
        green, amber, red, or grey for what could not be checked.
    measured, expected, stderr, sigmas : float or None
        Of a comparison: both values, the standard error of their difference, and that difference over it.
    unit : str
    said : str
        Of a check that compares nothing: what was found.
    """

    what: str
    light: str
    measured: float | None = None
    expected: float | None = None
    stderr: float | None = None
    sigmas: float | None = None
    unit: str = ""
    said: str = ""

    @property
    def rounded(self):
        """Both values of a comparison, 0 for one that is nothing beside the other and the error."""
        least = 1e-9 * max(abs(self.measured), abs(self.expected), self.stderr)
        return [0.0 if abs(value) < least else value for value in (self.measured, self.expected)]


def light_of(sigmas):
    """The light of a difference in standard errors."""
    return GREEN if abs(sigmas) < AMBER_FROM else AMBER if abs(sigmas) < RED_FROM else RED


def compared(what, estimate, expected, unit="", spread=0.0):
    """A measured number against what it should be.

    Parameters
    ----------
    what : str
    estimate : dict or None
        value and stderr, as in result.json.
    expected : float or None
    unit : str
    spread : float
        Standard error of `expected`.
    """
    if estimate is None or estimate["value"] is None or expected is None:
        return Check(what, GREY, unit=unit, said="was not measured")
    value, stderr = estimate["value"], estimate["stderr"]
    if stderr is None:
        return Check(what, GREY, value, expected, unit=unit, said="too few blocks for an error")
    stderr = hypot(stderr, spread)
    difference = value - expected
    if abs(difference) <= 1e-9 * max(abs(value), abs(expected), 1e-3):
        sigmas = 0.0
    else:
        sigmas = difference / stderr if stderr else inf
    return Check(what, light_of(sigmas), value, expected, stderr, sigmas, unit)


def stated(what, holds, said, otherwise=RED):
    """Something that has to be so."""
    return Check(what, GREEN if holds else otherwise, said=said)


def overall(checks):
    """One light for all: the worst, but amber comparisons count only when chance would not give so many."""
    compare = [check for check in checks if check.sigmas is not None]
    beyond = sum(check.light != GREEN for check in compare)
    by_chance = float(binom.sf(beyond - 1, len(compare), 2 * norm.sf(AMBER_FROM))) > RARE
    lights = [GREEN if check.light == AMBER and check in compare and by_chance else check.light for check in checks]
    return max(lights, key=WORST.index, default=GREY)


def summary(checks):
    """The checks in one sentence."""
    compare = [check for check in checks if check.sigmas is not None]
    within = sum(check.light == GREEN for check in compare)
    rest = [check for check in checks if check.sigmas is None and check.light != GREY]
    hold = sum(check.light == GREEN for check in rest)
    parts = []
    if compare:
        parts.append(f"{within} of {len(compare)} comparisons within two standard errors")
    if rest:
        parts.append(f"{hold} of {len(rest)} conditions hold")
    skipped = sum(check.light == GREY for check in checks)
    if skipped:
        parts.append(f"{skipped} could not be checked")
    return ", ".join(parts)


def checks_of(content):
    """All checks of a result, list of `Check`."""
    return [
        stated(
            "the run came to its end",
            not content["interrupted"],
            "interrupted: what is here was measured until then" if content["interrupted"] else "yes",
            AMBER,
        ),
        *CHECKS[content["kind"]](content),
    ]


def _discriminate(content):
    target = content["provenance"]["settings"]["target_error"]
    for wall in content["walls"]:
        name = wall["name"]
        for path, found in wall["paths"].items():
            yield compared(f"{name}: share of the {LABELS[path]}", found["share"], wall["exact"]["shares"][path], "1")
        yield compared(f"{name}: κ of wall and interface", wall["kappa_mS_cm"], wall["exact"]["kappa_mS_cm"], "mS/cm")
        total = sum(path["share"]["value"] for path in wall["paths"].values())
        yield stated(f"{name}: shares sum to 1", abs(total - 1) < 1e-6, f"{total:.9g}")
        control = sum(path["control"]["value"] for path in wall["paths"].values())
        yield stated(f"{name}: control coefficients sum to 1", abs(control - 1) < 1e-3, f"{control:.6g}")
        errors = [path["share"]["stderr"] for path in wall["paths"].values()]
        known = all(error is not None for error in errors)
        yield stated(
            f"{name}: every share is as exact as was asked",
            known and max(errors) <= target * 1.0001,
            f"largest standard error {max(errors):.2g}, asked {target:g}" if known else "too few blocks",
            AMBER,
        )
        correlated = [path for path, found in wall["paths"].items() if "correlated" in found["share"]["method"]]
        yield stated(
            f"{name}: blocks are independent",
            not correlated,
            f"not those of {', '.join(LABELS[path] for path in correlated)}: errors are too small"
            if correlated
            else "no correlation between neighbouring blocks",
            AMBER,
        )


def _plate(content):
    series, law = content["series"], content["law"]
    gained, given = series["atoms"][-1] - series["atoms"][0], series["inserted_minus_removed"][-1]
    yield stated("no atom is lost or made", gained == given, f"the tubule gained {gained:+,}, it was given {given:+,}")
    b, what = content["fit"]["b_nm2_s"], "B of L² = L₀² + 2Bt against the channel's conductance, a law good to 10 %"
    if b and series["overpotential_V"][0] > 0:
        found = compared(what, b, law["b_nm2_s"], "nm²/s", spread=LAW * law["b_nm2_s"])
        # The law knows no capillarity: narrow tubules are off it for good reasons.
        yield replace(found, light=AMBER) if found.light == RED else found
    elif b:
        yield Check(what, GREY, unit="nm²/s", said="the metal's own surface slows stripping, which the law leaves out")
    piece = content["crystal"]["in_largest_piece"]
    if any(content["crystal"]["first_neighbours"]):
        yield stated("the metal is one piece", piece > 0.95, f"{piece:.1%} of its atoms are in the largest", AMBER)
    dropped = content["run"]["hops_dropped_below_1_s"]
    fastest = max(content["run"]["mobilities_1_s"].values())
    yield stated(
        "hops that were left out are too slow to matter",
        dropped < 1e-6 * fastest,
        f"those below {dropped:.2g} 1/s, the fastest path has {fastest:.2g} 1/s",
        AMBER,
    )


def _experiment(content):
    for each in content["observables"]:
        for mechanism, predicted in each["predicted"].items():
            if predicted is not None:
                what = f"{each['label']}, {LABELS.get(mechanism, mechanism)} alone"
                yield compared(what, predicted, each["exact"][mechanism], each["unit"] or "1")
    for condition, measured in (content["speeds_nm_s"].get("seen") or {}).items():
        yield compared(f"speed as observed, {condition}", measured["measured"], measured["exact"], "nm/s")
    total = sum(content["probability"].values())
    yield stated("probabilities sum to 1", abs(total - 1) < 1e-6, f"{total:.9g}")


def _tune(content):
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
    yield stated("converged", content["converged"], f"{content['batches']} batches", AMBER)
    yield stated(
        "the targets determine every free rate",
        not unknown,
        f"nothing is known of {', '.join(unknown)}" if unknown else "yes",
        AMBER,
    )
    p = content["p_value"]
    if p is not None:
        yield stated(
            "the targets agree with each other and the model", p > 1e-4, f"probability of so large a χ²: {p:.2g}"
        )


CHECKS = {"discriminate": _discriminate, "plate": _plate, "experiment": _experiment, "tune": _tune}
