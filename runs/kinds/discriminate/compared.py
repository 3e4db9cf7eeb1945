"""Several results with shares side by side."""

from coble.render.names import LABELS, shortened
from coble.render.numbers import with_error
from coble.render.table import Table


def compared(results):
    walls = [(name, wall) for name, content in results for wall in content["walls"]]
    paths = [path for path in ("interface", "wall", "bulk", "surface") if any(path in w["paths"] for _, w in walls)]
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


def compared_panel(ax, results):
    from coble.render.names import LABELS
    from coble.render.palette import STYLES, arms

    rows = [(f"{name}: {shortened(wall['name'])}", wall) for name, content in results for wall in content["walls"]]
    labelled = set()
    for row, (_, wall) in enumerate(rows):
        for path, found in wall["paths"].items():
            share, style = found["share"], STYLES[path]
            label = None if path in labelled else LABELS[path]
            labelled.add(path)
            ax.errorbar(
                share["value"],
                -row,
                xerr=arms([share]),
                color=style.colour,
                marker=style.marker,
                capsize=3,
                linestyle="",
                label=label,
            )
            ax.plot(wall["exact"]["shares"][path], -row, marker="|", markersize=16, color=style.colour)
    ax.axvline(0.5, color="0.6", linewidth=0.8, linestyle="--")
    ax.set_yticks([-row for row in range(len(rows))], [name for name, _ in rows])
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(-max(len(rows), 3) + 0.4, 0.6)
    ax.set_xlabel("share of the current (bar: exact)")
    ax.legend(frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)
