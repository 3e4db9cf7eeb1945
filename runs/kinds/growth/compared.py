"""Several runs of growth side by side."""

from coble.render.numbers import number_of, plain
from coble.render.table import Table


def compared(results):
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


def compared_panel(ax, results):
    from coble.render.palette import SERIES

    for number, (name, content) in enumerate(results):
        series, style = content["series"], SERIES[number % len(SERIES)]
        squared = [length**2 for length in series["front_nm"]]
        ax.plot([t * 1e6 for t in series["time_s"]], squared, color=style.colour, linestyle=style.line, label=name)
    ax.set_xlabel("time [µs]")
    ax.set_ylabel("(position of the tip)² [nm²]")
    ax.legend(frameon=False, fontsize=9)
