"""Numbers as texts: rounded to their error, with powers of ten and minus signs as they are printed."""

import re

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def with_error(estimate, scale=1.0):
    """value ± stderr, to two digits of the error; – for what was not measured."""
    if estimate is None or estimate["value"] is None:
        return "–"
    value, error = scale * estimate["value"], scale * (estimate["stderr"] or 0.0)
    if error == 0:
        return f"{value:.3g}"
    digits = max(0, 1 - _exponent(error))
    if digits > 6:
        return f"{value:.2e} ± {error:.1e}"
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def scientific(estimate):
    """(v ± e)e-16"""
    if estimate is None or not estimate["value"]:
        return "–"
    power = _exponent(abs(estimate["value"]))
    scale = 10.0**power
    return f"({estimate['value'] / scale:.3f} ± {(estimate['stderr'] or 0) / scale:.3f})e{power}"


def _exponent(x):
    return int(f"{x:e}".split("e")[1])


def typeset(text):
    """-1.2e-17 as −1.2×10⁻¹⁷."""
    raised = re.sub(r"(?<=[\d)])e([+-]?)0*(\d+)", lambda m: f"×10{(m[1].strip('+') + m[2]).translate(RAISED)}", text)
    return re.sub(r"(?<![\w-])-(?=[\d.])", "−", raised)


def number_of(value):
    """Four digits, – for None."""
    return "–" if value is None else f"{value:.4g}"


def many(number):
    """A number of events."""
    return f"{number:.2e}" if number >= 10_000 else f"{number:,}"


def power(value, digits=2):
    """With a power of ten."""
    return typeset(f"{value:.{digits}e}")


def plain(estimate):
    """value ± stderr, with a power of ten when it needs one."""
    value = estimate and estimate["value"]
    return (scientific if value and not 1e-3 < abs(value) < 1e5 else with_error)(estimate)


def listed(names):
    """`a`, `a and b`, or `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
