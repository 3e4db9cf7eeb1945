"""Table of a report: every path as a resistor.  Made from the content of result.json alone."""

from coble.render import bounds
from coble.render.names import LABELS
from coble.render.numbers import number_of, scientific
from coble.render.table import Table, columns_of, spread

M_PER_UM = 1e-6


def network_table(walls):
    """Resistance of every path, measured and exact, and what limits the current: `Table`.

    Parameters
    ----------
    walls : list of dict
        `walls` in the result.json of `coble discriminate`.
    """
    rows, numbers, ways = [], [], []
    for wall in walls:
        exact, cut = wall["exact"].get("conductance_S_m", {}), wall["limiting_cut"]
        for path, found in sorted(wall["paths"].items(), key=lambda item: -item[1]["share"]["value"]):
            measured, known = _resistance(found["conductance_S_m"]), _resistance_of(exact.get(path))
            limits, ends = cut.get(path, 0.0), bounds.conductance_ends(wall["exact"], path)
            shown = bounds.spelled(map(_resistance_of, ends), "{:.4g}") if known else number_of(known)
            rows.append([wall["name"], LABELS[path], scientific(measured), shown, f"{100 * limits:.1f}"])
            numbers.append([wall["name"], path, known, limits, *spread(measured)])
        through = (f"{' → '.join(r['regions'])} {100 * r['share']:.1f} %" for r in wall["routes"][:4])
        ways.append(f"{wall['name']}: {', '.join(through)}")
    return Table(
        "Network",
        ["wall", "path", "resistance [Ω/µm]", "exact [Ω/µm]", "part of the minimum cut [%]"],
        rows,
        words=2,
        note="Resistance per length of tubule or of a repeat unit: one over the conductance of the path, as it stands "
        "among the others.  The minimum cut is the cut of least conductance.  "
        f"Routes of the exact current: {'; '.join(ways)}.",
        name="network",
        numbers=(["wall", "path", "exact_ohm_um", "limiting_cut", *columns_of("resistance", "_ohm_um")], numbers),
    )


def _resistance_of(conductance_S_m):
    return M_PER_UM / conductance_S_m if conductance_S_m and conductance_S_m > 0 else None


def _resistance(conductance):
    """Of an estimate: the relative error stays, and the interval turns round."""
    value, low, high = (_resistance_of(conductance[key]) for key in ("value", "high", "low"))
    if value is None:
        return None
    stderr = conductance["stderr"]
    stderr = None if stderr is None else value * stderr / conductance["value"]
    return {"value": value, "stderr": stderr, "low": low, "high": high, "n_eff": conductance["n_eff"]}
