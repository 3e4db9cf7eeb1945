"""Tables of a report: several results side by side.  Made from the content of their result.json alone."""

from coble.render.names import LABELS
from coble.render.table import Table, number_of, plain
from coble.render.terminal import with_error


def compared_tables(results):
    """Several results in one table for each kind of them.

    Parameters
    ----------
    results : list of (name, content)

    Yields
    ------
    Table
    """
    for kind, table in COMPARED.items():
        if of_kind := [(name, content) for name, content in results if content["kind"] == kind]:
            yield table(of_kind)


def _walls(results):
    walls = [(name, wall) for name, content in results for wall in content["walls"]]
    paths = [path for path in ("interface", "wall", "metal", "surface") if any(path in w["paths"] for _, w in walls)]
    rows = []
    for name, wall in walls:
        shares = (wall["paths"].get(path) for path in paths)
        dominant = wall["verdict"]["dominant"]
        kappa, run = with_error(wall["kappa_mS_cm"]), wall["run"]
        cells = ["–" if each is None else with_error(each["share"], 100) for each in shares]
        speed = f"{run['events'] / max(run['seconds'], 1e-9):.2e}"
        verdict = LABELS[dominant] if dominant else "undecided"
        rows.append([name, wall["name"], verdict, *cells, kappa, speed])
    headings = [f"{LABELS[path]} [%]" for path in paths]
    return Table("Shares", ["result", "wall", "dominant", *headings, "κ [mS/cm]", "events/s"], rows, words=3)


def _growths(results):
    columns = {
        "W [nm]": lambda c: f"{c['provenance']['case']['tubule']['inner_width_nm']:g}",
        "U [V]": lambda c: f"{c['provenance']['case']['growth']['overpotential_V']:g}",
        "tip [nm]": lambda c: f"{c['series']['front_nm'][0]:.1f} to {c['series']['front_nm'][-1]:.1f}",
        "time [µs]": lambda c: f"{c['series']['time_s'][-1] * 1e6:.3g}",
        "speed [nm/s]": lambda c: plain(c["fit"]["speed_nm_s"]),
        "B [nm²/s]": lambda c: plain(c["fit"]["b_nm2_s"]),
        "law's B [nm²/s]": lambda c: number_of(c["law"]["b_nm2_s"]),
        "events/s": lambda c: f"{c['events_per_s']:.2e}",
    }
    rows = [[name, *(cell(content) for cell in columns.values())] for name, content in results]
    return Table("Growth", ["result", *columns], rows)


def _experiments(results):
    mechanisms = list(results[0][1]["probability"])
    rows = [
        [name, ", ".join(c["experiments"]), *(f"{c['probability'][m]:.3f}" for m in mechanisms)] for name, c in results
    ]
    return Table("Probabilities", ["result", "experiments", *(LABELS.get(m, m) for m in mechanisms)], rows, words=2)


def _tunings(results):
    names = list(dict.fromkeys(rate for _, c in results for rate in c["rates"]))
    rows = [[name, *(_found_rate(c["rates"].get(rate)) for rate in names)] for name, c in results]
    return Table("Rates that were found", ["result", *(f"{rate} [1/s]" for rate in names)], rows)


def _found_rate(rate):
    return "not identifiable" if rate and rate["ln_rate_stderr"] is None else plain(rate)


COMPARED = {"discriminate": _walls, "plate": _growths, "experiment": _experiments, "tune": _tunings}
