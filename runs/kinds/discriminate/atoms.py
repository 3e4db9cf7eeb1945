"""How a page shows the atoms of a driven segment."""

from coble.kinds.kind import AtomsView


def cuts(content):
    """Nothing, a half, and ever narrower wedges."""
    width = content["provenance"]["case"]["tubule"]["inner_width_nm"]
    yield []
    yield ["y:0:"]
    shell = f"shell:{max(width / 2 - 6.0, 0):g}:"
    for angle in (90.0, 45.0, 30.0, 15.0, 8.0, 4.0, 2.0):
        yield [f"wedge:{-angle:g}:{angle:g}"]
        if width > 24:
            yield [shell, f"wedge:{-angle:g}:{angle:g}"]


def label(content, structure, number):
    """Of which wall, and at what time."""
    time = structure.times_s[number]
    said = f"{time * 1e6:.3g} µs" if time >= 1e-6 else f"{time * 1e9:.3g} ns"
    return f"{structure.wall}, end state, t = {said}"


def view():
    """The `AtomsView` of a driven segment."""
    return AtomsView(cuts, label, False, lambda content: content["walls"][-1]["run"]["sites"])
