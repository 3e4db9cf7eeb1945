"""What a report says of `sensitivity`, `creep` and `design`: their tables on the terminal, and what can be checked.

Made from the content of result.json alone.
"""

from rich.console import Group
from rich.table import Table as Printed

from coble.kinds.design.tables import design_tables
from coble.render.lights import AMBER, compared, stated
from coble.render.table import Table, columns_of, many, power, spread, typeset
from coble.render.terminal import Fitted, creep_table, sensitivity_table, with_error

PRINTED = {"sensitivity": sensitivity_table, "creep": creep_table, "design": design_tables}
LEAST = 0.05  # coefficient of a class that is named
ROUNDING = 1e-6  # of a sum that is exact
NEARLY = 1.5  # times the error that was asked: runs are as long as a forecast says, and errors have errors
NEAR_LAW = 0.1  # by which an exponent may be off what theory says: grains of few cells are no continuum


def printed(content):
    """What the command prints, taken apart.

    Returns
    -------
    tables : list of Table
    sentences : list of str
        Those that belong to no table.
    """
    tables, said = [], []
    for each in _flat(PRINTED[content["kind"]](content)):
        if isinstance(each, Printed):
            tables.append(_table(each, f"{content['kind']}-{len(tables) + 1}"))
        elif str(each).strip() and "dim" in str(each.style) and tables:
            tables[-1].note = typeset(f"{tables[-1].note}  {each}".strip())
        else:
            said += [typeset(line) for line in str(each).splitlines() if line.strip()]
    return tables, said


def _flat(each):
    if isinstance(each, Group):
        for part in each.renderables:
            yield from _flat(part)
    else:
        yield each.table if isinstance(each, Fitted) else each


def _table(each, name):
    """A table of the terminal as one of a report."""
    rows = list(zip(*([_cell(str(cell)) for cell in column.cells] for column in each.columns), strict=True))
    words = 1
    while words < len(each.columns) and each.columns[words].justify == "left":
        words += 1
    title = str(each.title or "laws").strip()
    return Table(
        title[0].upper() + title[1:], [str(c.header) for c in each.columns], list(map(list, rows)), words, name=name
    )


def _cell(text):
    """With its indentation, which a page would leave out."""
    return text.replace("  ", "\u2003") if text.startswith(" ") else text


def tables(content):
    """Tables of the command, those that have them with the numbers unrounded: list of `Table`."""
    found, _ = printed(content)
    if content["kind"] in NUMBERS:
        found[0].name, found[0].numbers = content["kind"], NUMBERS[content["kind"]](content)
    return found


def _sensitivity_numbers(content):
    rows = [
        [what, name, *spread(each), content["rule"][what]]
        for what, by_class in content["control"].items()
        for name, each in by_class.items()
    ]
    return ["result", "class", *columns_of("control", ""), "sum_by_rule"], rows


def _creep_numbers(content):
    keys = ("edge_nm", "tension_MPa", "exact_1_s", "continuum_1_s", "sites", "events")
    rows = [
        [name, *(point[key] for key in keys), *spread(point["strain_rate_1_s"])]
        for name, points in content["series"].items()
        for point in points
    ]
    return ["series", *keys, *columns_of("strain_rate", "_1_s")], rows


NUMBERS = {"sensitivity": _sensitivity_numbers, "creep": _creep_numbers}


# ---- words -------------------------------------------------------------------------------------------------------


def sentences(content):
    """What the command prints besides its tables."""
    return printed(content)[1]


def sensitivity_headline(content):
    what, by_class = next(iter(content["control"].items()))
    there = [(name, each) for name, each in by_class.items() if each["value"] is not None]
    counts = [(n, e) for n, e in there if abs(e["value"]) > max(LEAST, 2 * (e["stderr"] or 0))]
    parts = [
        f"{name.replace('-', '–')} ({with_error(each) if each['stderr'] else format(each['value'], '+.2f')})"
        for name, each in sorted(counts, key=lambda x: -abs(x[1]["value"]))
    ]
    if not parts:
        return f"No class of hops controls the {what} beyond the errors."
    return f"The {what} is controlled by hops of {_listed(parts)}, as d ln X / d ln k."


def _listed(names):
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def creep_headline(content):
    laws, words = content["exponents"], []
    for name, where in (("interface", "along the interface"), ("bulk", "through the metal")):
        if name in laws:
            words.append(f"as grain size to the power of {with_error(laws[name]['measured'])} {where}")
    if "tensions" in laws:
        words.append(f"as tension to that of {with_error(laws['tensions']['measured'])}")
    if not words:
        return "Interrupted before an exponent of creep could be found."
    return typeset(f"Strain rate goes {_listed(words)}.")


def design_headline(content):
    setup = content["provenance"]["case"]["design"]
    names = {True: [], False: []}
    for wall in content["walls"]:
        names[wall["needed_V"]["value"] <= setup["overpotential_V"]].append(wall["name"])
    what = f"{setup['current_mA_cm2']:g} mA/cm² at {1e3 * setup['overpotential_V']:g} mV"
    what += f" through {setup['depth_um']:g} µm"
    does, not_ = (_listed(each) if each else "" for each in (names[True], names[False]))
    if not does:
        return f"None of the walls carries {what}: {not_}."
    return f"{what} are carried with {does}{f', not with {not_}' if not_ else ''}."


# ---- checks and work ---------------------------------------------------------------------------------------------


def sensitivity_checks(content):
    """The coefficients sum to what the rule says."""
    for what, rule in content["rule"].items():
        name, total = f"{what}: sum over the classes of hops", content["sum"][what]
        if rule is not None and not content["settings"]:
            yield stated(
                name, abs(total["value"] - rule) < ROUNDING, f"{round(total['value'], 9) + 0.0:.9f}, by rule {rule:g}"
            )
        elif rule is not None:
            yield compared(name, total, rule)


def creep_checks(content):
    """Every strain rate and law beside the network's, and the laws beside theory."""
    for name, points in content["series"].items():
        for point in points:
            what = f"{name}: strain rate, d = {point['edge_nm']:.2f} nm, {point['tension_MPa']:g} MPa"
            yield compared(what, point["strain_rate_1_s"], point["exact_1_s"], "1/s")
    asked = content["provenance"]["settings"].get("target_error")
    rates = [point["strain_rate_1_s"] for points in content["series"].values() for point in points]
    errors = [rate["stderr"] / abs(rate["value"]) for rate in rates if rate["value"] and rate["stderr"] is not None]
    if errors and asked:
        said = f"largest relative standard error {max(errors):.2g}, asked {asked:g}"
        yield stated("every strain rate is about as exact as was asked", max(errors) < NEARLY * asked, said, AMBER)
    for name, law in content["exponents"].items():
        yield compared(f"{name}: exponent against the network's", law["measured"], law["exact"])
    for name, law in content["exponents"].items():
        said = f"{with_error(law['measured'])}, by theory {law['theory']:.3g}"
        off = abs(law["measured"]["value"] - law["theory"])
        yield stated(f"{name}: exponent within {NEAR_LAW:g} of theory", off < NEAR_LAW, said, AMBER)
    if content["crossover_nm"]:
        law = content["crossover_nm"]
        yield compared("size at which both paths are equal", law["measured"], law["exact"], "nm")


def design_checks(content):
    """What sampled tubules hold is what the integral over them says; they are the same for all walls."""
    if not content["walls"]:
        return
    both = [(wall["matrix"]["sampled"]["state_of_charge"], wall["matrix"]) for wall in content["walls"]]
    mean = {part: _mean([sampled[part] for sampled, _ in both]) for part in ("value", "stderr")}
    expected = sum(matrix["state_of_charge"] for _, matrix in both) / len(both)
    yield compared("state of charge of the sampled tubules against the integral over them", mean, expected)


def _mean(values):
    return None if None in values else sum(values) / len(values)


def creep_work(content):
    """Where the events went."""
    events = {name: sum(point["events"] for point in points) for name, points in content["series"].items()}
    total = sum(events.values())
    yield Table(
        "Events by series",
        ["series", "grains", "events"],
        [[name, f"{len(content['series'][name])}", many(number)] for name, number in events.items()],
        parts=[number / total if total else 0.0 for number in events.values()],
        note=f"{power(total)} events in {content['seconds']:.1f} s.",
    )
