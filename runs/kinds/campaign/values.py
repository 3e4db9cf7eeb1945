"""Values of the axes of a campaign as texts, for tables, sentences and figures."""

from coble.render.names import heading_of
from coble.render.numbers import counted, rounded

DIGITS = {"log": 3, "linear": 4}  # of values that were spaced; those that somebody listed are shown as they are


def shown(content, key, value):
    """A value of an axis: `5.04` of 5.03968 on a logarithmic one.

    Parameters
    ----------
    content : dict
        Of campaign.json.
    key : str
        Of the axis.
    value : float or str
    """
    (axis,) = (axis for axis in content["setup"]["axis"] if axis["key"] == key)
    if isinstance(value, float) and axis["values"] is None:
        return rounded(value, DIGITS[axis["spacing"]])
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def worded(content, values):
    """Values with their names and units: `wall = LiC6, inner width W = 20 nm`.

    Parameters
    ----------
    content : dict
    values : dict of str → float or str
        By key, as of a point.
    """
    parts = []
    for key, value in values.items():
        name, _, unit = heading_of(key).partition(" [")
        parts.append(f"{name} = {shown(content, key, value)} {unit.rstrip(']')}".strip())
    return ", ".join(parts)


def spelled(several):
    """`key = value` of the first of several points, and how many more there are."""
    more = f" and {counted(len(several) - 1, 'further point')}" if len(several) > 1 else ""
    return ", ".join(f"{key} = {value!r}" for key, value in several[0].items()) + more
