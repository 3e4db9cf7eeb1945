"""Several experiments side by side."""

from coble.kinds.experiment.tables import label_of
from coble.render.table import Table


def compared(results):
    mechanisms = list(results[0][1]["probability"])
    rows = [
        [name, ", ".join(c["experiments"]), *(f"{c['probability'][m]:.3f}" for m in mechanisms)] for name, c in results
    ]
    return Table(
        "Probabilities", ["result", "experiments", *(label_of(results[0][1], m) for m in mechanisms)], rows, words=2
    )


def compared_panel(ax, results):
    from coble.render.palette import styles_of

    for row, (_, content) in enumerate(results):
        left = 0.0
        for mechanism, part in content["probability"].items():
            label = label_of(content, mechanism) if row == 0 else None
            ax.barh(-row, part, 0.6, left=left, color=styles_of(content["probability"])[mechanism].colour, label=label)
            left += part
    ax.set_yticks([-row for row in range(len(results))], [name for name, _ in results])
    ax.set_ylim(-max(len(results), 3) + 0.4, 0.6)
    ax.set_xlabel("probability")
    ax.set_xlim(0, 1)
    ax.legend(frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
