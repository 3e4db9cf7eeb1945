"""Numbers as texts: rounded to their error, with powers of ten and minus signs as they are printed."""

import re

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# A number with a power of ten, or what follows a bracket; not a part of the name of a file: a/1e3.toml, run-2e5.
POWER = re.compile(r"(?:(?<![\w./])(?<!\w-)(\d[\d.]*)|(?<=\)))e([+-]?)0*(\d+)(?!\.?\w)")


def with_error(estimate, scale=1.0):
    """value ± stderr, to two digits of the error; – for what was not measured."""
    if estimate is None or estimate["value"] is None:
        return "–"
    value, error = scale * estimate["value"], scale * (estimate["stderr"] or 0.0)
    if error == 0:
        return f"{value:.3g}"
    digits = 1 - _exponent(error)
    if digits > 6:
        return scientific({"value": value, "stderr": error})
    shown = max(0, digits)
    return f"{_fixed(round(value, digits), shown)} ± {round(error, digits):.{shown}f}"


def scientific(estimate):
    """(value ± stderr)e-16, to two digits of the error, three where the error is small or none."""
    if estimate is None or not estimate["value"]:
        return "–"
    value, error = estimate["value"], estimate["stderr"] or 0.0
    power = _exponent(max(abs(value), error))
    scale = 10.0**power
    digits = min(3, 1 - _exponent(error / scale)) if error else 3
    return f"({_fixed(value / scale, digits)} ± {error / scale:.{digits}f})e{power}"


def _fixed(value, digits):
    """With so many digits behind the point; 0 has no sign."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def noughts(estimates):
    """Which estimates are within two standard errors of 0, in a sentence; empty when none is.

    Parameters
    ----------
    estimates : dict of str → dict or None
        By name; `value` and `stderr` count.
    """
    names = [name for name, estimate in estimates.items() if is_nought(estimate)]
    return f"Consistent with 0: {listed(names)}." if names else ""


def is_nought(estimate):
    """Whether an estimate, dict or None, is within two standard errors of 0; not where it has no error."""
    return bool(estimate and estimate["stderr"]) and abs(estimate["value"]) <= 2 * estimate["stderr"]


def _exponent(x):
    return int(f"{x:e}".split("e")[1])


def typeset(text):
    """-1.2e-17 as −1.2×10⁻¹⁷."""
    raised = POWER.sub(lambda m: f"{m[1] or ''}×10{(m[2].strip('+') + m[3]).translate(RAISED)}", _without_none(text))
    return re.sub(r"(?<![\w-])-(?=[\d.])", "−", raised)


def short(text):
    """2.884e+06 as 2.884e6, as estimates with an error are written."""
    return POWER.sub(lambda m: f"{m[1] or ''}e{m[2].strip('+')}{m[3]}", _without_none(text))


def _without_none(text):
    """0.000e+00 as 0, and 2.5e+00 as 2.5: a power of ten that is none is left out."""
    return re.sub(r"(?<=[\d)])e[+-]?0+(?!\w)", "", re.sub(r"(?<![\w.])0(\.0*)?e[+-]?0+(?!\w)", "0", text))


def number_of(value):
    """Four digits, or all before the point up to a hundred thousand; – for None."""
    if value is None:
        return "–"
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e5 else f"{value:.4g}"


def rounded(value, digits):
    """With so many digits, as `number_of` writes it: 20 for 19.6 with one, not 2×10¹."""
    return number_of(float(f"{value:.{digits}g}"))


def interval(median, low, high):
    """`0.5 (0.05 to 0.95)`: every number to two digits, or to as many as show the width of the interval to two."""

    def shown(value):
        digits = 2 + _exponent(abs(value)) - _exponent(high - low) if value and high > low else 2
        return rounded(value, min(max(digits, 2), 4))

    return f"{shown(median)} ({shown(low)} to {shown(high)})"


def many(number):
    """A number of events."""
    return f"{number:.2e}" if number >= 10_000 else f"{number:,}"


def signed(number):
    """`+1,200`, `-1,200` or `0`."""
    return f"{number:+,}" if number else "0"


def power(value, digits=2):
    """With a power of ten."""
    return typeset(f"{value:.{digits}e}") if value else "0"


def plain(estimate):
    """value ± stderr, with a power of ten when it needs one."""
    value = estimate and estimate["value"]
    return (scientific if value and not 1e-3 < abs(value) < 1e5 else with_error)(estimate)


def duration(seconds):
    """A time in three digits, in s, ms, µs, ns or ps."""
    if not seconds:
        return "0 s"
    for scale, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")):
        if seconds >= 0.9995 * scale:  # rounds to 1
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e12:.3g} ps"


def counted(number, thing):
    """`1 replica`, `2 replicas`, `2 batches`."""
    ending = "es" if thing.endswith("ch") else "s"
    return f"{number:,} {thing}{ending * (number != 1)}"


def percentage_points(error):
    """An error of a share: `2 percentage points`, `1 percentage point`."""
    number = f"{100 * error:g}"
    return f"{number} percentage point{'s'[: number != '1']}"


def listed(names):
    """`a`, `a and b`, or `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
