"""Values of the axes of a campaign as texts, for tables, sentences and figures."""

from coble.render.names import heading_of
from coble.render.numbers import rounded

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
