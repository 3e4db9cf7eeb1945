"""Tables of rate control, made from the content of result.json alone."""

from coble.render import bounds
from coble.render.numbers import counted, is_nought, with_error
from coble.render.table import Table, columns_of, spread


def _numbers(content):
    rows = [
        [what, name, *spread(each), content["rule"][what]]
        for what, by_class in content["control"].items()
        for name, each in by_class.items()
    ]
    return ["result", "class", *columns_of("control", ""), "sum_by_rule"], rows


def tables(content):
    """Degree of rate control of every result by every class of hops: list of `Table`."""
    exact = not content["settings"]
    void = f", void fraction {content['void_fraction']:g}" if content["void_fraction"] else ""
    shown = [name for name in content["control"] if not name.startswith("share")]

    def cell(estimate):
        return f"{estimate['value']:+.4f}" if exact else with_error(estimate)

    rows = [[name, *(cell(content["control"][key][name]) for key in shown)] for name in content["classes"]]
    rows.append(["sum", *(cell(content["sum"][key]) for key in shown)])
    rules = (content["rule"][key] for key in shown)
    rows.append(["expected sum", *("–" if rule is None else f"{rule:+g}" for rule in rules)])
    none = sum(is_nought(content["control"][key][name]) for key in shown for name in content["classes"])
    notes = ["X: the result above a column.  k: all rates of the class together."]
    if none and not exact:
        notes.append(f"Consistent with 0: {none} of {counted(len(shown) * len(content['classes']), 'coefficient')}.")
    if exact and (said := bounds.said(content, "The coefficients are those of the network.")):
        notes.append(said)
    yield Table(
        f"Degree of rate control, d ln X / d ln k{void}, {'exact' if exact else 'from runs'}",
        ["class of hops", *shown],
        rows,
        note="  ".join(notes),
        name="sensitivity",
        numbers=_numbers(content),
    )
