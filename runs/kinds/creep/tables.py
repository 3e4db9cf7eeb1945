"""Tables of creep, made from the content of result.json alone."""

from coble.render.numbers import many, power, scientific, with_error
from coble.render.table import Table, columns_of, spread

LABELS = {"interface": "interface: exponent of d", "bulk": "bulk: exponent of d", "tensions": "exponent of S"}


def details(content):
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


def _numbers(content):
    keys = ("edge_nm", "tension_MPa", "exact_1_s", "continuum_1_s", "sites", "events")
    rows = [
        [name, *(point[key] for key in keys), *spread(point["strain_rate_1_s"])]
        for name, points in content["series"].items()
        for point in points
    ]
    return ["series", *keys, *columns_of("strain_rate", "_1_s")], rows


def tables(content):
    """Strain rates beside the network's and the continuum's, and the laws that they follow: list of `Table`."""
    rows = []
    for name, points in content["series"].items():
        for point in points:
            rate = point["strain_rate_1_s"]
            rows.append(
                [
                    name if point is points[0] else "",
                    f"{point['edge_nm']:.2f}",
                    f"{point['tension_MPa']:g}",
                    scientific(rate),
                    f"{point['exact_1_s']:.3e}",
                    f"{(rate['value'] - point['exact_1_s']) / rate['stderr']:+.1f}",
                    f"{point['continuum_1_s']:.3e}",
                    f"{point['events']:.1e}",
                ]
            )
    yield Table(
        "Strain rate of grains of size d under the tension S",
        ["series", "d [nm]", "S [MPa]", "measured [1/s]", "exact [1/s]", "off by [σ]", "continuum [1/s]", "events"],
        rows,
        name="creep",
        numbers=_numbers(content),
        wide=("continuum [1/s]", "events"),
    )
    laws = [(LABELS[name], law) for name, law in content["exponents"].items()]
    if content["crossover_nm"]:
        laws.append(("d*, interface = bulk [nm]", content["crossover_nm"]))
    yield Table(
        "Laws",
        ["law", "measured", "exact", "theory"],
        [[label, with_error(law["measured"]), f"{law['exact']:.3f}", f"{law['theory']:.3f}"] for label, law in laws],
        note=f"With the metal's own bulk diffusivity d* is {content['own_crossover_nm'] / 1000:.3g} µm, by theory.",
        name="laws",
    )


def effort(content):
    """(events, seconds) of all grains."""
    return sum(point["events"] for points in content["series"].values() for point in points), content["seconds"]
