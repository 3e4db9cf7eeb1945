"""Traffic lights: a comparison is green within two standard errors, amber within three and red beyond.

One in twenty lies beyond two by chance; so several are judged together.
"""

from dataclasses import dataclass
from math import hypot, inf, isfinite

from scipy.special import bdtrc, ndtr, stdtrit

GREEN, AMBER, RED, GREY = "green", "amber", "red", "grey"
WORST = (GREY, GREEN, AMBER, RED)  # the later, the worse
NEARLY = 1.5  # times the error that was asked: runs are as long as a forecast says, and errors have errors
AMBER_FROM, RED_FROM = 2.0, 3.0  # standard errors
RARE = 0.05  # so many ambers are no chance when their probability is below this


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
    blocks : float or None
        Independent samples behind the error, where they are so few that the light is milder for it.
    """

    what: str
    light: str
    measured: float | None = None
    expected: float | None = None
    stderr: float | None = None
    sigmas: float | None = None
    unit: str = ""
    said: str = ""
    blocks: float | None = None

    @property
    def rounded(self):
        """Both values of a comparison, 0 for one that is nothing beside the other and the error."""
        least = 1e-9 * max(abs(self.measured), abs(self.expected), self.stderr)
        return [0.0 if abs(value) < least else value for value in (self.measured, self.expected)]


def light_of(sigmas, blocks=None):
    """The light of a difference in standard errors; of an error from few blocks, as rare a difference is larger."""
    amber, red = AMBER_FROM, RED_FROM
    if blocks and isfinite(blocks):
        amber, red = (float(-stdtrit(max(blocks - 1, 1), ndtr(-limit))) for limit in (amber, red))
    return GREEN if abs(sigmas) < amber else AMBER if abs(sigmas) < red else RED


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
    if abs(difference) <= 1e-9 * max(abs(value), abs(expected), stderr or 1e-3):
        sigmas = 0.0
    else:
        sigmas = difference / stderr if stderr else inf
    light, blocks = light_of(sigmas, estimate.get("n_eff")), estimate.get("n_eff")
    few = blocks if light != light_of(sigmas) else None
    return Check(what, light, value, expected, stderr, sigmas, unit, blocks=few)


def stated(what, holds, said, otherwise=RED):
    """Something that has to be so."""
    return Check(what, GREEN if holds else otherwise, said=said)


def overall(checks):
    """One light for all: the worst; what chance gives so often among so many counts as the light below."""
    compare = [check for check in checks if check.sigmas is not None]

    def by_chance(lights, limit):
        number = sum(check.light in lights for check in compare)
        return float(bdtrc(number - 1, len(compare), 2 * ndtr(-limit))) > RARE

    counts = {AMBER: GREEN} if by_chance((AMBER, RED), AMBER_FROM) else {}
    if by_chance((RED,), RED_FROM):
        counts[RED] = AMBER

    def light(check):
        """A red so far off that chance does not reach it among so many stays one."""
        rare = check.light == RED and check.sigmas is not None and 2 * ndtr(-abs(check.sigmas)) * len(compare) < RARE
        return check.light if check.sigmas is None or rare else counts.get(check.light, check.light)

    return max(map(light, checks), key=WORST.index, default=GREY)


def summary(checks):
    """The checks in one sentence."""
    compare = [check for check in checks if check.sigmas is not None]
    within = sum(check.light == GREEN for check in compare)
    rest = [check for check in checks if check.sigmas is None and check.light != GREY]
    hold = sum(check.light == GREEN for check in rest)
    parts = []
    if compare:
        parts.append(f"{within} of {len(compare)} comparisons within their 95 % limits")
    if rest:
        parts.append(f"{hold} of {len(rest)} conditions hold")
    skipped = sum(check.light == GREY for check in checks)
    if skipped:
        parts.append(f"{skipped} could not be checked")
    return ", ".join(parts)


def accurate(what, worst, asked, which=""):
    """Whether a relative standard error is about the one that was asked; `which` says of what it is the error."""
    said = f"{which}relative standard error {worst:.2g}, asked {asked:g}"
    if worst > asked:
        said += f"; up to {NEARLY:g} times passes: the length of a run follows from a forecast"
    return stated(what, worst < NEARLY * asked, said, AMBER)


def chance(checks):
    """How often chance puts so many comparisons so far off, a sentence; empty where none is beyond two."""
    compare = [check for check in checks if check.sigmas is not None]
    lights = {check.light for check in compare}
    if not lights & {AMBER, RED}:
        return ""
    limit, word, far = (RED_FROM, "three", (RED,)) if RED in lights else (AMBER_FROM, "two", (AMBER,))
    off = [abs(check.sigmas) for check in compare if check.light in far]
    probability = float(bdtrc(len(off) - 1, len(compare), 2 * ndtr(-limit)))
    differ = "differs" if len(off) == 1 else "differ"
    return (
        f"{len(off)} of {len(compare)} {differ} by more than {word} standard errors (at most {max(off):.1f}). Chance "
        f"alone does that among {len(compare)} with a probability of {probability:.1g}; all comparisons together are "
        f"{overall(compare)}"
    )


def together(what, sigmas):
    """Many comparisons as one: the root mean square of their differences in standard errors, and how sure that is.

    Parameters
    ----------
    what : str
    sigmas : sequence of float
        Independent ones, normal deviates.
    """
    n = len(sigmas)
    if not n:
        return Check(what, GREY, said="none was measured")
    rms = (sum(z * z for z in sigmas) / n) ** 0.5
    return compared(f"{what}: root mean square of {n}", {"value": rms, "stderr": (2 * n) ** -0.5}, 1.0, "σ")
