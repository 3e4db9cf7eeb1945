"""What creep says in words, made from the content of result.json alone."""

from coble.render.numbers import counted, listed, typeset, with_error


def headline(content):
    laws, words = content["exponents"], []
    for name, where in (("interface", "along the interface"), ("bulk", "through the bulk")):
        if name in laws:
            words.append(f"{with_error(laws[name]['measured'])} {where}")
    said = [f"Exponent of the grain size: {listed(words)}."] if words else []
    if "tensions" in laws:
        said.append(f"Exponent of the tension: {with_error(laws['tensions']['measured'])}.")
    if not said:
        return "Interrupted before an exponent of creep could be found."
    return typeset(" ".join(said))


def subject(content):
    """`cubic grains of Li, d = 2.28 to 12.8 nm, S = 20 to 200 MPa`; sizes and tensions are those that were measured."""
    points = [point for points in content["series"].values() for point in points]
    said = [f"cubic grains of {content['provenance']['case']['metal']['species']}"]
    if points:
        edges, tensions = ([point[key] for point in points] for key in ("edge_nm", "tension_MPa"))
        said += [f"d = {_ends(edges)} nm", f"S = {_ends(tensions)} MPa"]
    return ", ".join(said)


def _ends(values):
    """`2.28 to 12.8`, or the one value there is."""
    low, high = (f"{chosen(values):.3g}" for chosen in (min, max))
    return low if low == high else f"{low} to {high}"


def unreached(content):
    """How many grains of each series are missing."""
    setup = content["provenance"]["case"]["creep"]
    for name, points in content["series"].items():
        asked = len(setup["tensions_MPa"] if name == "tensions" else setup["grains_cells"])
        if len(points) < asked:
            yield f"{asked - len(points)} of {counted(asked, 'grain')} of the series {name}"
