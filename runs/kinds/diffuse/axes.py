"""Principal axes of tensors of diffusion, made from the content of result.json alone."""

from coble.kmc.estimates.tensors import COMPONENTS, principal

OFF = 0.01  # of the largest component of the lone carrier's exact tensor, from which on the axes are not x, y and z
PARTS = ("value", "stderr")  # of an estimate
ALONG = 0.999  # component of a unit vector from which on it lies along x, y or z


def principal_of(point):
    """Principal values and axes of D* and D_σ at a temperature, where they are not along x, y and z.

    Parameters
    ----------
    point : dict
        Of `temperatures` in result.json.

    Returns
    -------
    dict of str → list of (float, float, float array (3,))
        "tracer" and "collective": value and standard error [cm²/s] and axis, the largest first; empty where x, y and z
        are the principal axes.
    """
    lone = point["lone_carrier_cm2_s"]
    if max(abs(lone[name]) for name in ("xy", "xz", "yz")) <= OFF * max(map(abs, lone.values())):
        return {}
    return {
        which: principal(*([point[f"{which}_cm2_s"][name][part] or 0.0 for name in COMPONENTS] for part in PARTS))
        for which in ("tracer", "collective")
    }


def axis_text(axis):
    """`z`, or `(0.71, 0.00, 0.71)`."""
    for name, part in zip("xyz", axis, strict=True):
        if part > ALONG:
            return name
    return f"({', '.join(f'{part + 0.0:.2f}' for part in axis)})".replace("-0.00", "0.00")
